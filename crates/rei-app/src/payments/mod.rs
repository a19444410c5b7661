//! Money from outside: payments are stored, asked for, looked at and settled; refunds, reports, reconciliation.
//!
//! No call to a payment system is made in a chat's turn or in a report's: both leave jobs in a queue of their own.

mod alerts;
mod by_hand;
mod compare;
mod look;
mod notice;
mod offsets;
mod open;
mod orphans;
mod rail;
mod receipts;
mod reconcile;
mod refund;
mod refund_look;
mod seen;
mod settle;
mod stars;
mod stars_events;
mod stars_invoice;
mod stars_list;
mod sweep;
#[cfg(test)]
mod tests;
mod till;
mod yookassa;

use std::sync::Arc;

use rei_domain::clock::Timestamp;
use rei_domain::ids::JobId;
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::payment::RailRules;

pub use by_hand::{
    Decided, assign_suspense, payment_card, payments_list, recheck, return_suspense, suspense_list,
};
pub use compare::{Difference, Finding, What};
pub use look::look;
pub use notice::{Admitted, Knock, NOTICE_BODY_MAX_BYTES, Taken, admit, take};
pub(crate) use offsets::owed;
pub use offsets::send_offset;
pub use open::{Opening, Refusal, Wish, check, open, open_payment};
pub use rail::{
    Ask, Looked, Movement, MovementKind, OffsetAsk, OffsetLooked, Paid, PaymentRail, RailError,
    Receipts, RefundAsk, RefundLooked, RefundUnasked,
};
pub use reconcile::{
    Compared, ReconcileError, ask_reconcile, enqueue_reconcile, reconcile, run_reconcile,
};
pub use refund::{RefundStarted, refund};
pub use refund_look::{RefundEnded, end_refund, send_refund};
pub use seen::{ChargedBack, chargeback, refund_seen};
pub use settle::{Settled, settle};
pub use stars::StarsRail;
pub use stars_events::{Bill, Checkout, CheckoutRefusal, precheckout, stars_paid, stars_refunded};
pub use sweep::{enqueue_sweep, sweep};
pub use till::{PaymentLine, TillView, till};
pub use yookassa::{ReceiptRules, SenderCheck, YooKassaRail, YooKassaRules};

use rei_queue::{Claim, Verdict};
use rei_storage::ledger::LedgerError;
use rei_storage::{BookError, Tx, jobs};

use crate::House;

/// The queue of calls to payment systems. Their slowness delays nothing else.
pub const PAYMENTS_QUEUE: &str = "payments";
/// Asks the payment system to open a payment.
pub const OPEN_JOB: &str = "payment.open";
/// Looks into a refund that was reported.
pub const REFUND_SEEN_JOB: &str = "refund.seen";
/// Asks the payment system to send money back, then how that stands.
pub const REFUND_JOB: &str = "refund.send";
/// Sends the second receipt of a prepayment.
pub const OFFSET_JOB: &str = "receipt.offset";
/// Compares a payment system's lists of the last day with the book.
pub const SWEEP_JOB: &str = "payments.sweep";
/// Compares the book with a payment system and reports.
pub const RECONCILE_JOB: &str = "payments.reconcile";
/// Asks how a payment stands.
pub const LOOK_JOB: &str = "payment.look";

/// The ways to pay and the owner's rules for them.
#[derive(Clone, Default)]
pub struct Payments {
    /// The ways to pay, in the order in which they are offered.
    pub rails: Vec<Arc<dyn PaymentRail>>,
    /// Ways that are offered no more; what was begun over them is brought to its end.
    pub closed_rails: Vec<Arc<dyn PaymentRail>>,
    /// The one whose reports come over the web.
    pub yookassa: Option<Arc<YooKassaRail>>,
    /// Sums that are offered.
    pub amounts: Vec<Kopecks>,
    /// How many payments a customer may start in an hour.
    pub new_per_hour: i64,
    /// Whether a receipt needs the customer's e-mail.
    pub wants_email: bool,
    /// The version of the terms that must be accepted; 0 for none.
    pub terms_version: u32,
    /// Whom customers may write to.
    pub support: Option<String>,
}

impl Payments {
    /// The rail of this kind, when customers may pay by it.
    pub fn open_rail(&self, rail: Rail) -> Option<&Arc<dyn PaymentRail>> {
        self.rails.iter().find(|open| open.rules().rail == rail)
    }

    /// The rail of this kind, offered or not.
    pub fn rail(&self, rail: Rail) -> Option<&Arc<dyn PaymentRail>> {
        self.known_rails().find(|known| known.rules().rail == rail)
    }

    /// Every rail, offered or not.
    pub fn known_rails(&self) -> impl Iterator<Item = &Arc<dyn PaymentRail>> {
        self.rails.iter().chain(&self.closed_rails)
    }

    /// The limits of the ways to pay, in the order in which they are offered.
    pub fn rules(&self) -> Vec<RailRules> {
        self.rails.iter().map(|rail| rail.rules()).collect()
    }
}

/// Why a job of a way to pay waits that another process has.
pub(crate) const CLOSED_HERE: &str = "this way to pay is closed in this process";

/// Does a job's last work and ends the job, in one transaction of whoever still has it.
async fn end_with(
    house: &House,
    claim: Claim,
    work: impl Fn(&mut Tx<'_>, &House, Timestamp) -> Result<(), LedgerError> + Send + 'static,
) -> Result<Verdict, LedgerError> {
    let (now, rules) = (house.now(), house.clone());
    house
        .book
        .write(move |tx| {
            jobs::guard(tx, &claim)?.map_err(|_| BookError::LeaseLost)?;
            work(tx, &rules, now)?;
            Ok::<_, LedgerError>(jobs::done(tx, &claim, now)?)
        })
        .await?;
    Ok(Verdict::Finished)
}

fn job_id(house: &House, now: Timestamp) -> JobId {
    JobId::new(now, house.chance.as_ref())
}
