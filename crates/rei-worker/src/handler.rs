//! What each kind of job means.

use futures::future::BoxFuture;
use rei_app::admin::files::{self as reports, REPORT_JOB};
use rei_app::files::{self, TAKE_JOB};
use rei_app::happenings::{self, WAKE_JOB};
use rei_app::orders::{self, FETCH_JOB, SUBMIT_JOB};
use rei_app::payments::{
    self, LOOK_JOB, OFFSET_JOB, OPEN_JOB, RECONCILE_JOB, REFUND_JOB, REFUND_SEEN_JOB, SWEEP_JOB,
};
use rei_app::{BookError, House};
use rei_queue::{Claim, Handler, Verdict};

/// Runs the jobs of orders, of chats and of payments.
pub struct HouseJobs {
    house: House,
}

impl HouseJobs {
    pub(crate) fn new(house: House) -> Self {
        Self { house }
    }
}

impl Handler for HouseJobs {
    fn run(&self, claim: Claim) -> BoxFuture<'_, Verdict> {
        Box::pin(async move {
            let house = &self.house;
            let done = match claim.kind.as_str() {
                SUBMIT_JOB => orders::submit(house, claim).await,
                FETCH_JOB => orders::fetch(house, claim).await,
                TAKE_JOB => files::take(house, claim).await,
                WAKE_JOB => happenings::wake(house, claim).await,
                OPEN_JOB => payments::open(house, claim).await,
                LOOK_JOB => payments::look(house, claim).await,
                REFUND_JOB => payments::send_refund(house, claim).await,
                REFUND_SEEN_JOB => payments::refund_seen(house, claim).await,
                OFFSET_JOB => payments::send_offset(house, claim).await,
                SWEEP_JOB => payments::sweep(house, claim).await,
                RECONCILE_JOB => payments::run_reconcile(house, claim).await,
                REPORT_JOB => reports::make(house, claim).await,
                other => Ok(Verdict::Discard(format!("nobody knows jobs of the kind {other}"))),
            };
            done.unwrap_or_else(|error| Verdict::Retry(format!("the book refused: {error}")))
        })
    }

    fn poisoned(
        &self,
        tx: &mut rei_app::Tx<'_>,
        claim: &Claim,
        error: &str,
    ) -> Result<(), BookError> {
        let (house, subject) = (&self.house, &claim.subject);
        match claim.kind.as_str() {
            TAKE_JOB => files::poisoned(tx, house, subject),
            REPORT_JOB => reports::poisoned(tx, subject, house.now()),
            // What a payment system could not be asked about, the next sweep takes up again.
            WAKE_JOB | OPEN_JOB | LOOK_JOB | REFUND_JOB | REFUND_SEEN_JOB | OFFSET_JOB
            | SWEEP_JOB | RECONCILE_JOB => Ok(()),
            kind => orders::poisoned(tx, house, subject, kind, claim.attempts_made, error),
        }
    }
}
