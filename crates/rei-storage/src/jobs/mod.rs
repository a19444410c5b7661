//! Jobs: enqueued in the transaction that makes them necessary, claimed with a lease and a fence.
//!
//! Knows rows and turns; back-off and what a job means are said by its callers.

mod claim;
mod control;
mod ends;
mod enqueue;
#[cfg(any(test, feature = "testing"))]
mod filling;
#[cfg(any(test, feature = "testing"))]
mod holder;
mod lists;
mod periodic;
mod priority;
mod rows;

pub use claim::{anything_due, claim, claim_within, extend, guard};
pub use control::{cancel_ready, clean, pause, paused, revive};
pub use ends::{Failed, done, fail, hand_back, poison, snooze};
pub use enqueue::{NewJob, enqueue};
#[cfg(any(test, feature = "testing"))]
pub use filling::{analyze, fill_finished};
#[cfg(any(test, feature = "testing"))]
pub use holder::{Holder, holder};
pub use lists::{
    JobLine, QueueDepth, count_live, count_running, depths, list, next_due, place_in_queue, show,
};
pub use periodic::{Role, due_tasks, release_lease, role, set_due, take_lease};
pub use priority::{Priority, set_priority};
pub use rows::{Claim, LeaseLost};

use crate::Sql;

/// The statements of this folder.
pub(crate) fn all() -> impl Iterator<Item = &'static Sql> {
    [claim::ALL, control::ALL, ends::ALL, enqueue::ALL, lists::ALL, periodic::ALL, priority::ALL]
        .into_iter()
        .chain(FOR_TESTS.iter().copied())
        .flatten()
        .copied()
}

#[cfg(any(test, feature = "testing"))]
const FOR_TESTS: &[&[&Sql]] = &[filling::ALL, holder::ALL];
#[cfg(not(any(test, feature = "testing")))]
const FOR_TESTS: &[&[&Sql]] = &[];

#[cfg(test)]
mod tests;
