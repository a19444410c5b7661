//! What YooKassa reports: five layers of proof, raw bytes in the book, and a job that asks. Nothing is credited here and
//! no call leaves from here.

use std::net::IpAddr;

use rei_domain::clock::Timestamp;
use rei_domain::ids::{NoticeId, PaymentId};
use rei_domain::ledger::Rail;
use rei_queue::NewJob;
use rei_storage::payments::{self, NewNotice, PaymentRow};
use rei_storage::{BookError, Tx, jobs};
use rei_yookassa::notice::Notice;

use super::yookassa::{SenderCheck, YooKassaRail};
use super::{PAYMENTS_QUEUE, REFUND_SEEN_JOB, alerts, job_id, look};
use crate::{CrashPoint, House};

/// The longest body that is read, in bytes.
pub const NOTICE_BODY_MAX_BYTES: usize = 256 * 1024;

/// Somebody at the door with a report, before its body is read.
#[derive(Clone, Copy, Debug)]
pub struct Knock<'a> {
    /// The key's name in the address.
    pub kid: &'a str,
    /// The tag in the address.
    pub tag: &'a str,
    /// Whether the address has both; a relay may use a shorter one.
    pub peer: IpAddr,
    /// All `X-Forwarded-For` values, as they came.
    pub forwarded: &'a [&'a str],
    /// `X-Webhook-Signature`.
    pub signature: Option<&'a str>,
}

/// Who is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// The body may be read; the sender as far as he is known.
    Yes(IpAddr),
    /// There is no such address.
    NoSuchAddress,
    /// The address is right and the sender is not YooKassa.
    WrongSender(IpAddr),
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is in the book and is being looked into.
    Stored,
    /// It is in the book; nothing of ours is concerned, or it lacks our signature.
    Foreign,
    /// A relay's signature is missing or wrong.
    Unsigned,
    /// It is no report.
    Unreadable,
}

/// Layers 1 and 4: the unguessable address and the sender's.
pub fn admit(rail: &YooKassaRail, knock: &Knock<'_>) -> Admitted {
    if !rail.address_fits(knock.kid, knock.tag) {
        return Admitted::NoSuchAddress;
    }
    let sender = rail.sender(knock.peer, knock.forwarded);
    match rail.sender_check() {
        SenderCheck::Off => {}
        _ if sender.is_some_and(|sender| rail.is_yookassa(sender)) => {}
        SenderCheck::Enforce => return Admitted::WrongSender(sender.unwrap_or(knock.peer)),
        SenderCheck::Log => {
            tracing::warn!(sender = ?sender, "a report does not come from an address of YooKassa's");
            metrics::counter!("payment_notices_strange_sender_total").increment(1);
        }
    }
    Admitted::Yes(sender.unwrap_or(knock.peer))
}

/// Layers 2 and 3, then the book: a report with our signature has its payment looked at, any other is kept and named to
/// the owners.
///
/// # Errors
/// [`BookError`] when it could not be stored: it must come again.
pub async fn take(
    house: &House,
    rail: &YooKassaRail,
    knock: &Knock<'_>,
    sender: IpAddr,
    headers: String,
    body: &[u8],
) -> Result<Taken, BookError> {
    let now = house.now();
    if !rail.relay_fits(knock.signature, body, now) {
        return Ok(Taken::Unsigned);
    }
    let Ok(notice) = Notice::parse(body) else {
        let rules = house.clone();
        house.book.write(move |tx| alerts::notice_unreadable(tx, &rules, now)).await?;
        return Ok(Taken::Unreadable);
    };
    let rules = house.clone();
    let new = NewNotice {
        id: NoticeId::new(now, house.chance.as_ref()),
        rail: Rail::YooKassa,
        event: notice.event.as_str().to_owned(),
        object_id: notice.object.clone(),
        verdict: "foreign",
        payment: None,
        raw: body.to_vec(),
        headers,
        peer: sender.to_string(),
    };
    let signer = rail.signer().clone();
    let taken = house
        .book
        .write(move |tx| {
            let row = ours(tx, &notice)?;
            let is_signed = row.as_ref().is_some_and(|row| signer.fits(row, &notice));
            store(tx, &rules, new.clone(), &notice, row.as_ref(), is_signed, now)
        })
        .await?;
    CrashPoint::NoticeStored.reached();
    Ok(taken)
}

/// The payment of ours that a report is about: by the order that it names, or else by its own name.
fn ours(tx: &mut Tx<'_>, notice: &Notice) -> Result<Option<PaymentRow>, BookError> {
    if notice.event.is_about_payment() {
        let named = notice.metadata.get("order_id").and_then(|id| id.parse::<PaymentId>().ok());
        return match named {
            Some(id) => payments::find(tx, id),
            None => Ok(None),
        };
    }
    match &notice.payment {
        Some(payment) => payments::find_by_provider(tx, Rail::YooKassa, payment.as_str()),
        None => Ok(None),
    }
}

fn store(
    tx: &mut Tx<'_>,
    house: &House,
    mut new: NewNotice,
    notice: &Notice,
    row: Option<&PaymentRow>,
    is_signed: bool,
    now: Timestamp,
) -> Result<Taken, BookError> {
    // A refund may be made by hand and then carries nothing of ours; it belongs to us by its payment.
    let is_refund = notice.event.is_about_refund();
    let row = row.filter(|_| is_signed || is_refund);
    let object = new.object_id.clone();
    if row.is_some() {
        new.verdict = "verified";
        new.payment = row.map(|row| row.id);
    }
    let noticed = payments::note_notice(tx, &new, now)?;
    let Some(row) = row else {
        if notice.event.is_about_payment() {
            alerts::notice_foreign(tx, house, &object, now)?;
        }
        return Ok(Taken::Foreign);
    };
    if is_refund {
        let job = NewJob::new(job_id(house, now), PAYMENTS_QUEUE, REFUND_SEEN_JOB, object.clone())
            .fair_to(row.customer)
            .unique(format!("refund-seen:{object}:{}", noticed.deliveries));
        jobs::enqueue(tx, &job, now)?;
    } else {
        look::hint(tx, house, row, Some(&object), noticed.deliveries, now)?;
    }
    Ok(Taken::Stored)
}
