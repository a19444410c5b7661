//! What payment systems reported, as it came.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{NoticeId, PaymentId};
use rei_domain::ledger::Rail;

use crate::{BookError, Tx, params, statements};

/// A report that was just received.
#[derive(Clone, Debug)]
pub struct NewNotice {
    /// Its id.
    pub id: NoticeId,
    /// Who reports.
    pub rail: Rail,
    /// What happened, in the payment system's word.
    pub event: String,
    /// To what.
    pub object_id: String,
    /// Whether it carries our signature: `verified`, `foreign` (authentic address, no signature of ours), `unverified`.
    pub verdict: &'static str,
    /// The payment it belongs to.
    pub payment: Option<PaymentId>,
    /// The body, byte for byte.
    pub raw: Vec<u8>,
    /// Headers without secrets, as JSON.
    pub headers: String,
    /// Who sent it.
    pub peer: String,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noticed {
    /// How often this event has been reported, this time included.
    pub deliveries: i64,
}

statements! {
    pub STORE = "
insert into payment_notice (id, rail, event, object_id, verdict, payment_id, raw, headers, peer, received_at, last_at)
values (:id, :rail, :event, :object_id, :verdict, :payment_id, :raw, :headers, :peer, :now, :now)
on conflict (rail, event, object_id) where verdict = 'verified' do update
   set deliveries = payment_notice.deliveries + 1, last_at = excluded.last_at
returning deliveries";

    pub CLEAN = "
delete from payment_notice
 where id in (select id from payment_notice where received_at < :before order by received_at limit :limit)";
}

/// Stores a report; a repeated authentic one is counted.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn note_notice(tx: &mut Tx<'_>, new: &NewNotice, now: Timestamp) -> Result<Noticed, BookError> {
    let row = tx.query_one(
        &STORE,
        &params! {
            ":id" => new.id,
            ":rail" => new.rail.as_str(),
            ":event" => new.event.as_str(),
            ":object_id" => new.object_id.as_str(),
            ":verdict" => new.verdict,
            ":payment_id" => new.payment,
            ":raw" => new.raw.as_slice(),
            ":headers" => new.headers.as_str(),
            ":peer" => new.peer.as_str(),
            ":now" => now,
        },
    )?;
    Ok(Noticed { deliveries: row.int("deliveries")? })
}

/// Deletes reports that came before `before`, at most `limit`; returns how many.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn clean_notices(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, BookError> {
    tx.execute(&CLEAN, &params! { ":before" => before, ":limit" => limit })
}
