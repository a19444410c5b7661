//! What comes again and again, and how often.

use std::error::Error;
use std::time::Duration;

use futures::future::BoxFuture;
use rei_app::{House, payments, presents, upkeep};
use rei_domain::ledger::Rail;
use rei_queue::{Periodic, Tasks};

const TASKS: [Periodic; 10] = [
    Periodic { name: "expire", every: Duration::from_secs(5) },
    Periodic { name: "measure", every: Duration::from_secs(10) },
    Periodic { name: "seal", every: Duration::from_secs(60) },
    Periodic { name: "audit-tail", every: Duration::from_secs(600) },
    Periodic { name: "payments-sweep", every: Duration::from_secs(15 * 60) },
    Periodic { name: "payments-reconcile", every: Duration::from_secs(24 * 3_600) },
    Periodic { name: "stars-reconcile", every: Duration::from_secs(3_600) },
    Periodic { name: "clean", every: Duration::from_secs(3_600) },
    Periodic { name: "clean-blobs", every: Duration::from_secs(3_600) },
    Periodic { name: "audit", every: Duration::from_secs(24 * 3_600) },
];

/// The house's periodic tasks.
pub struct HouseTasks {
    house: House,
}

impl HouseTasks {
    pub(crate) fn new(house: House) -> Self {
        Self { house }
    }
}

impl Tasks for HouseTasks {
    fn tasks(&self) -> &[Periodic] {
        &TASKS
    }

    fn run<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>> {
        Box::pin(async move {
            let house = &self.house;
            match name {
                "expire" => upkeep::expire(house).await?,
                "measure" => upkeep::measure(house).await?,
                "seal" => upkeep::seal(house).await?,
                "audit-tail" => upkeep::audit_tail(house).await?,
                "payments-sweep" => {
                    payments::enqueue_sweep(house).await?;
                    presents::collect_owed_bonus(&house.book, house.now()).await?;
                }
                "payments-reconcile" => {
                    payments::enqueue_reconcile(house, Rail::YooKassa).await?;
                }
                "stars-reconcile" => payments::enqueue_reconcile(house, Rail::Stars).await?,
                "clean" => upkeep::clean(house).await?,
                "clean-blobs" => upkeep::clean_blobs(house).await?,
                "audit" => upkeep::audit(house).await?,
                other => return Err(format!("there is no task {other}").into()),
            }
            Ok(())
        })
    }
}

/// The questions to providers about their tasks.
pub struct TaskPolls {
    house: House,
}

impl TaskPolls {
    pub(crate) fn new(house: House) -> Self {
        Self { house }
    }
}

impl Tasks for TaskPolls {
    fn tasks(&self) -> &[Periodic] {
        const POLL: [Periodic; 1] = [Periodic { name: "poll", every: Duration::from_millis(500) }];
        &POLL
    }

    fn run<'a>(
        &'a self,
        _name: &'a str,
    ) -> BoxFuture<'a, Result<(), Box<dyn Error + Send + Sync>>> {
        Box::pin(async move {
            rei_app::orders::poll_due(&self.house).await?;
            Ok(())
        })
    }
}
