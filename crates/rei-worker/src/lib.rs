//! The workers' door: jobs become use cases, and the scheduler's tasks are run.

mod groups;
mod handler;
mod tasks;

use std::sync::Arc;

use rei_app::House;
use rei_app::happenings::CHATS_QUEUE;
use rei_app::orders::PROVIDER_QUEUE;
use rei_app::payments::PAYMENTS_QUEUE;
use rei_queue::{Runner, RunnerOptions, Scheduler};

pub use groups::Groups;
pub use handler::HouseJobs;
pub use tasks::{HouseTasks, TaskPolls};

/// A worker of the common queue of providers that has not begun; [`Groups`] are those of all others.
pub fn worker(house: &House, name: String, concurrency: usize) -> Runner<HouseJobs> {
    let options = RunnerOptions::new(name, PROVIDER_QUEUE, concurrency);
    runner(house, options)
}

/// A worker of the chats' queue that has not begun: it fetches what customers send, and reminds conversations.
pub fn chats(house: &House, name: String) -> Runner<HouseJobs> {
    /// Small work that waits for Telegram: files of one customer must not wait for those of another.
    const AT_ONCE: usize = 16;
    runner(house, RunnerOptions::new(name, CHATS_QUEUE, AT_ONCE))
}

/// A worker of the payments' queue that has not begun: whatever is asked of payment systems.
pub fn payments(house: &House, name: String) -> Runner<HouseJobs> {
    /// A payment system that hangs takes these places and nobody else's.
    const AT_ONCE: usize = 4;
    runner(house, RunnerOptions::new(name, PAYMENTS_QUEUE, AT_ONCE))
}

/// As [`worker`], with all options.
pub fn runner(house: &House, options: RunnerOptions) -> Runner<HouseJobs> {
    let handler = Arc::new(HouseJobs::new(house.clone()));
    Runner::new(house.book.clone(), house.clock.clone(), house.chance.clone(), options, handler)
}

/// The scheduler of this process; it works only while no other process does.
pub fn scheduler(house: &House, holder: String) -> Scheduler<HouseTasks> {
    Scheduler::new(house.book.clone(), house.clock.clone(), holder, HouseTasks::new(house.clone()))
}

/// Asks providers about their tasks; like the scheduler, it works only while no other process does. It has a role of its
/// own, so that a provider that is slow to answer delays nothing else.
pub fn poller(house: &House, holder: String) -> Scheduler<TaskPolls> {
    let polls = TaskPolls::new(house.clone());
    Scheduler::new(house.book.clone(), house.clock.clone(), holder, polls).in_role("poller")
}
