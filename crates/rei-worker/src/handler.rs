//! What each kind of job means.

use futures::future::BoxFuture;
use rei_app::orders::{self, SUBMIT_JOB};
use rei_app::{BookError, House};
use rei_queue::{Claim, Handler, Verdict};

/// Runs the jobs of orders.
pub struct OrderJobs {
    house: House,
}

impl OrderJobs {
    pub(crate) fn new(house: House) -> Self {
        Self { house }
    }
}

impl Handler for OrderJobs {
    fn run(&self, claim: Claim) -> BoxFuture<'_, Verdict> {
        Box::pin(async move {
            match claim.kind.as_str() {
                SUBMIT_JOB => orders::submit(&self.house, claim)
                    .await
                    .unwrap_or_else(|error| Verdict::Retry(format!("the book refused: {error}"))),
                other => Verdict::Discard(format!("nobody knows jobs of the kind {other}")),
            }
        })
    }

    fn poisoned(
        &self,
        tx: &mut rei_app::Tx<'_>,
        claim: &Claim,
        error: &str,
    ) -> Result<(), BookError> {
        orders::poisoned(tx, &self.house, &claim.subject, &claim.kind, claim.attempts_made, error)
    }
}
