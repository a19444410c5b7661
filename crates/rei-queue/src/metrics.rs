//! What the queue tells the operator's graphs.

use std::time::Duration;

use metrics::{counter, histogram};
use rei_domain::clock::Timestamp;
use rei_storage::jobs::Claim;

/// How a claim ended, as graphs name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The handler ended the job itself.
    Finished,
    /// It is tried again.
    Retry,
    /// It waits, at no cost.
    Snoozed,
    /// It is dead.
    Dead,
    /// Another worker has it now.
    Lost,
    /// The worker stopped and gave it back.
    HandedBack,
}

impl Ended {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Retry => "retry",
            Self::Snoozed => "snoozed",
            Self::Dead => "dead",
            Self::Lost => "lost",
            Self::HandedBack => "handed_back",
        }
    }
}

pub(crate) fn claimed(claim: &Claim, now: Timestamp) {
    counter!("jobs_claimed_total", "kind" => claim.kind.clone()).increment(1);
    let waited = now.since(claim.due_at);
    histogram!("job_wait_seconds", "kind" => claim.kind.clone()).record(waited.as_secs_f64());
}

pub(crate) fn ended(claim: &Claim, how: Ended, took: Duration) {
    counter!("jobs_ended_total", "kind" => claim.kind.clone(), "how" => how.as_str()).increment(1);
    histogram!("job_run_seconds", "kind" => claim.kind.clone()).record(took.as_secs_f64());
}
