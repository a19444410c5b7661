//! Jobs: enqueued in the transaction that makes them necessary, claimed with a lease and a fence.
//!
//! Knows rows and turns; back-off and what a job means are said by its callers.

mod claim;
mod control;
mod ends;
mod enqueue;
mod lists;
mod periodic;
mod rows;

pub use claim::{anything_due, claim, extend, guard};
pub use control::{cancel_ready, clean, pause, paused, revive};
pub use ends::{Failed, done, fail, hand_back, poison, snooze};
pub use enqueue::{NewJob, enqueue};
pub use lists::{JobLine, QueueDepth, count_live, depths, list, next_due, place_in_queue, show};
pub use periodic::{Role, due_tasks, release_lease, role, set_due, take_lease};
pub use rows::{Claim, LeaseLost};

use crate::Sql;

/// The statements of this folder.
pub(crate) fn all() -> impl Iterator<Item = &'static Sql> {
    [claim::ALL, control::ALL, ends::ALL, enqueue::ALL, lists::ALL, periodic::ALL]
        .into_iter()
        .flatten()
        .copied()
}

#[cfg(test)]
mod tests;
