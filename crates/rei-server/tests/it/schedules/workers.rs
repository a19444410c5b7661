//! Workers as in the product, whose process may die at any wait of any job.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use futures::future::{BoxFuture, poll_fn};
use rei_app::payments::{
    self, LOOK_JOB, OFFSET_JOB, OPEN_JOB, PAYMENTS_QUEUE, RECONCILE_JOB, REFUND_JOB,
    REFUND_SEEN_JOB, SWEEP_JOB,
};
use rei_app::{BookError, House, Tx};
use rei_queue::{Claim, Handler, Runner, RunnerOptions, Verdict};

use super::draw::Draws;

/// Jobs at the same time, as in the product.
const AT_ONCE: usize = 4;
/// More waits than this no job has before it is nearly done.
const WAITS_MAX: u64 = 9;

/// Decides which jobs die, and where.
pub struct Cuts {
    draws: Mutex<Draws>,
    /// How many in a hundred.
    often: u64,
}

/// After how many looks at it a job ends without a word; at once, or when it would go on.
#[derive(Clone, Copy)]
struct Cut {
    looks: u64,
    is_at_once: bool,
}

struct Mortal {
    house: House,
    cuts: Arc<Cuts>,
}

/// A worker of the payments' queue. Two of them are two processes.
pub fn worker(house: &House, name: &str, cuts: &Arc<Cuts>) -> Runner<impl Handler> {
    let options = RunnerOptions::new(name.to_owned(), PAYMENTS_QUEUE, AT_ONCE);
    let handler = Arc::new(Mortal { house: house.clone(), cuts: Arc::clone(cuts) });
    Runner::new(house.book.clone(), house.clock.clone(), house.chance.clone(), options, handler)
}

impl Cuts {
    pub fn new(seed: u64, often: u64) -> Arc<Self> {
        Arc::new(Self { draws: Mutex::new(Draws::of(seed)), often })
    }

    fn next(&self) -> Option<Cut> {
        let draws = self.draws.lock().unwrap_or_else(PoisonError::into_inner);
        let cut = Cut { looks: draws.below(WAITS_MAX), is_at_once: draws.percent(50) };
        draws.percent(self.often).then_some(cut)
    }
}

impl Cut {
    /// The future's end, or nothing: then it is gone, with whatever it was waiting for still under way.
    async fn of<F: Future>(self, work: F) -> Option<F::Output> {
        let mut work = pin!(work);
        let mut left = self.looks;
        poll_fn(|context| {
            if left == 0 {
                return Poll::Ready(None);
            }
            left -= 1;
            match work.as_mut().poll(context) {
                Poll::Ready(output) => Poll::Ready(Some(output)),
                Poll::Pending if left == 0 && self.is_at_once => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }
}

impl Handler for Mortal {
    fn run(&self, claim: Claim) -> BoxFuture<'_, Verdict> {
        let cut = self.cuts.next();
        Box::pin(async move {
            let work = perform(&self.house, claim);
            match cut {
                None => work.await,
                // The runner then leaves the job as it is, as it would be left by a process that died: its lease ends.
                Some(cut) => cut.of(work).await.unwrap_or(Verdict::Finished),
            }
        })
    }

    fn poisoned(&self, _: &mut Tx<'_>, _: &Claim, _: &str) -> Result<(), BookError> {
        Ok(())
    }
}

async fn perform(house: &House, claim: Claim) -> Verdict {
    let done = match claim.kind.as_str() {
        OPEN_JOB => payments::open(house, claim).await,
        LOOK_JOB => payments::look(house, claim).await,
        REFUND_JOB => payments::send_refund(house, claim).await,
        REFUND_SEEN_JOB => payments::refund_seen(house, claim).await,
        OFFSET_JOB => payments::send_offset(house, claim).await,
        SWEEP_JOB => payments::sweep(house, claim).await,
        RECONCILE_JOB => payments::run_reconcile(house, claim).await,
        other => panic!("nobody knows jobs of the kind {other}"),
    };
    done.unwrap_or_else(|error| Verdict::Retry(format!("the book refused: {error}")))
}
