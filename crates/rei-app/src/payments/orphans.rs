//! What a payment system names and the book can't take: noted once, so that the owners hear of it once.

use rei_domain::clock::Timestamp;
use rei_domain::ids::NoticeId;
use rei_domain::ledger::Rail;
use rei_storage::payments::{self, NewNotice};
use rei_storage::{BookError, Tx};

use super::alerts;
use crate::House;

/// Who says so: no report came, the payment system was asked.
const PEER: &str = "asked";

/// Something that the book can't take.
#[derive(Clone, Copy, Debug)]
pub(super) enum Orphan<'a> {
    /// A refund of a payment that nobody knows.
    Refund {
        /// The payment system's name for it.
        id: &'a str,
        /// The payment system's name for the payment.
        payment: &'a str,
    },
    /// A payment that is not ours and not in rubles.
    Payment {
        /// The payment system's name for it.
        id: &'a str,
    },
}

/// Notes it; only the first time anybody is told.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub(super) fn note_orphan(
    tx: &mut Tx<'_>,
    house: &House,
    rail: Rail,
    orphan: Orphan<'_>,
    now: Timestamp,
) -> Result<bool, BookError> {
    let (event, id) = match orphan {
        Orphan::Refund { id, .. } => ("refund.orphan", id),
        Orphan::Payment { id } => ("payment.orphan", id),
    };
    let notice = NewNotice {
        id: NoticeId::new(now, house.chance.as_ref()),
        rail,
        event: event.to_owned(),
        object_id: id.to_owned(),
        // Only what was proved takes the place of its event, and the payment system's own answer is proof.
        verdict: "verified",
        payment: None,
        raw: Vec::new(),
        headers: "{}".to_owned(),
        peer: PEER.to_owned(),
    };
    if payments::note_notice(tx, &notice, now)?.deliveries > 1 {
        return Ok(false);
    }
    match orphan {
        Orphan::Refund { id, payment } => alerts::orphan_refund(tx, house, id, payment, now)?,
        Orphan::Payment { id } => alerts::notice_foreign(tx, house, id, now)?,
    }
    Ok(true)
}
