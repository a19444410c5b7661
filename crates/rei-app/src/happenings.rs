//! What happens inside the house and concerns a chat: it goes through the inbox like an update, so that a chat's affairs
//! are handled one after the other, and each once.

use std::time::Duration;

use rei_domain::catalog::Measured;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, JobId, PaymentId, QuoteId, UploadId};
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_queue::{Claim, NewJob, Verdict};
use rei_storage::{BookError, Tx, inbox, jobs};
use serde::{Deserialize, Serialize};

use crate::files::FileProblem;
use crate::{House, LedgerError};

/// The queue of small work for chats: files to fetch, reminders.
pub const CHATS_QUEUE: &str = "chats";
/// The kind of the job that reminds a conversation.
pub const WAKE_JOB: &str = "chat.wake";
/// A reminder further ahead than this is a bug.
const WAKE_MAX: Duration = Duration::from_secs(24 * 3600);

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// A customer's file is here.
    FileTaken {
        /// The file.
        upload: UploadId,
        /// What was found in it.
        measured: Measured,
    },
    /// A customer's file can't be used.
    FileRefused {
        /// The file.
        upload: UploadId,
        /// Why.
        problem: FileProblem,
    },
    /// A payment can be made: its link is there.
    PaymentReady {
        /// The payment.
        payment: PaymentId,
    },
    /// A payment could not be opened, or was closed unpaid.
    PaymentFailed {
        /// The payment.
        payment: PaymentId,
        /// Whether it is tried further.
        will_retry: bool,
    },
    /// The customer asked, and a payment is not made yet.
    PaymentPending {
        /// The payment.
        payment: PaymentId,
    },
    /// A payment was credited.
    Paid {
        /// The payment.
        payment: PaymentId,
        /// What was given along with it.
        bonus: Kopecks,
        /// The kept order from which it was started.
        held: Option<QuoteId>,
    },
    /// Money went back to where it was paid from.
    Refunded {
        /// How much.
        sum: Kopecks,
        /// Which way.
        rail: Rail,
        /// Whether it went past us.
        foreign: bool,
        /// What the customer owes now, when the wallet could not pay it.
        debt: Option<Kopecks>,
    },
    /// Money that was to go back did not, and is in the wallet again.
    RefundFailed {
        /// How much.
        sum: Kopecks,
    },
    /// A moment has come that the conversation asked to be told of.
    Woken {
        /// Its own words.
        what: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    rei: Inner,
}

#[derive(Serialize, Deserialize)]
struct Inner {
    customer: CustomerId,
    happening: Happening,
}

/// Stores that something happened, in the transaction in which it did.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn put(
    tx: &mut Tx<'_>,
    house: &House,
    customer: CustomerId,
    happening: &Happening,
    now: Timestamp,
) -> Result<(), BookError> {
    let envelope = Envelope { rei: Inner { customer, happening: happening.clone() } };
    let raw = serde_json::to_string(&envelope).expect("a happening has only plain fields");
    let mut salt = [0; 2];
    house.chance.fill(&mut salt);
    inbox::happened(tx, customer.0, &raw, u16::from_le_bytes(salt), now)
}

/// Reads what [`put`] stored; `None` for an update of Telegram's. [`crate::updates::accept`] takes nothing from outside
/// that looks like it.
pub fn read(raw: &str) -> Option<(CustomerId, Happening)> {
    // Nearly every row is an update: don't parse it twice.
    if !raw.starts_with(r#"{"rei":"#) {
        return None;
    }
    let envelope: Envelope = serde_json::from_str(raw).ok()?;
    Some((envelope.rei.customer, envelope.rei.happening))
}

/// Has the conversation told when a moment has come.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn wake_at(
    tx: &mut Tx<'_>,
    house: &House,
    customer: CustomerId,
    at: Timestamp,
    what: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    let at = if at.since(now) > WAKE_MAX { now.plus(WAKE_MAX) } else { at };
    let id = JobId::new(now, house.chance.as_ref());
    let job = NewJob::new(id, CHATS_QUEUE, WAKE_JOB, format!("{customer}:{what}")).due_at(at);
    jobs::enqueue(tx, &job, now)?;
    Ok(())
}

/// The moment has come.
///
/// # Errors
/// [`LedgerError`] when the book can't be used; the job is then tried again by the queue.
pub async fn wake(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let Some((customer, what)) = claim.subject.split_once(':') else {
        return Ok(Verdict::discard("the job names no chat"));
    };
    let Ok(customer) = customer.parse().map(CustomerId) else {
        return Ok(Verdict::discard("the job names no chat"));
    };
    let happening = Happening::Woken { what: what.to_owned() };
    let now = house.now();
    let rules = house.clone();
    house
        .book
        .write(move |tx| {
            if jobs::guard(tx, &claim)?.is_err() {
                return Ok(());
            }
            put(tx, &rules, customer, &happening, now)?;
            Ok::<_, LedgerError>(jobs::done(tx, &claim, now)?)
        })
        .await?;
    Ok(Verdict::Finished)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_read_and_an_update_is_not() {
        let happening = Happening::Woken { what: "album:7".to_owned() };
        let envelope =
            Envelope { rei: Inner { customer: CustomerId(42), happening: happening.clone() } };
        let raw = serde_json::to_string(&envelope).expect("it is plain");
        assert_eq!(read(&raw), Some((CustomerId(42), happening)));
        assert_eq!(read(r#"{"update_id":1,"message":{}}"#), None);
    }
}
