//! The workers' door: jobs become use cases, and the scheduler's tasks are run.

mod handler;
mod tasks;

use std::sync::Arc;

use rei_app::House;
use rei_app::orders::PROVIDER_QUEUE;
use rei_queue::{Runner, RunnerOptions, Scheduler};

pub use handler::OrderJobs;
pub use tasks::HouseTasks;

/// A worker of the providers' queue that has not begun.
pub fn worker(house: &House, name: String, concurrency: usize) -> Runner<OrderJobs> {
    let options = RunnerOptions::new(name, PROVIDER_QUEUE, concurrency);
    runner(house, options)
}

/// As [`worker`], with all options.
pub fn runner(house: &House, options: RunnerOptions) -> Runner<OrderJobs> {
    let handler = Arc::new(OrderJobs::new(house.clone()));
    Runner::new(house.book.clone(), house.clock.clone(), house.chance.clone(), options, handler)
}

/// The scheduler of this process; it works only while no other process does.
pub fn scheduler(house: &House, holder: String) -> Scheduler<HouseTasks> {
    Scheduler::new(house.book.clone(), house.clock.clone(), holder, HouseTasks::new(house.clone()))
}
