//! The queue's policy: who claims how much, how long a claim lives, how failures wait, and who runs the
//! scheduler. Has never heard of an order; what a job means is said by its handler.

mod backoff;
mod held;
mod metrics;
mod options;
mod runner;
mod scheduler;

pub use backoff::Backoff;
pub use options::{Handler, Places, RunnerOptions, Verdict};
pub use rei_storage::jobs::{Claim, LeaseLost, NewJob};
pub use runner::Runner;
pub use scheduler::{Periodic, SCHEDULER_ROLE, Scheduler, Tasks};
