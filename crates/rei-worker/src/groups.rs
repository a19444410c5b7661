//! Workers of the queues whose models share places at a provider: one for each queue, so that a full one stops only
//! itself. The places are counted in the book, so all processes keep to them together.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rei_app::orders::{has_places, live_queues, places_left, queues_with_places};
use rei_app::{House, Tx};
use rei_queue::{Places, Runner, RunnerOptions};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::{HouseJobs, runner};

/// How often the book is looked at for queues that this process's catalogue doesn't have: a row was renamed or removed
/// while its orders waited, or another process sells it already.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// The workers of all queues with places.
pub struct Groups {
    house: House,
    name: String,
    concurrency: usize,
}

impl Groups {
    /// Workers that have not begun; `concurrency` jobs at once in each queue.
    pub fn new(house: &House, name: String, concurrency: usize) -> Self {
        Self { house: house.clone(), name, concurrency }
    }

    /// Works until `stop` turns true or its sender is gone; then as [`Runner::run`].
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut served = BTreeSet::new();
        // In a set, so that they end with this future, however that ends.
        let mut runners = JoinSet::new();
        let mut wanted = queues_with_places(self.house.catalog.current().as_ref());
        while !*stop.borrow() {
            for queue in wanted {
                if served.insert(queue.clone()) {
                    runners.spawn(self.worker(&queue).run(stop.clone()));
                }
            }
            tokio::select! {
                changed = stop.changed() => if changed.is_err() { break },
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            wanted = self.in_the_book().await;
        }
        while runners.join_next().await.is_some() {}
    }

    /// The worker of one queue.
    pub fn worker(&self, queue: &str) -> Runner<HouseJobs> {
        let options = RunnerOptions::new(self.name.clone(), queue, self.concurrency);
        runner(&self.house, RunnerOptions { places: Some(places(&self.house, queue)), ..options })
    }

    async fn in_the_book(&self) -> Vec<String> {
        match live_queues(&self.house).await {
            Ok(queues) => queues.into_iter().filter(|queue| has_places(queue)).collect(),
            Err(error) => {
                if !error.is_told() {
                    tracing::error!(%error, "the queues can't be read");
                }
                Vec::new()
            }
        }
    }
}

fn places(house: &House, queue: &str) -> Places {
    let (house, queue) = (house.clone(), queue.to_owned());
    Arc::new(move |tx: &mut Tx<'_>| places_left(tx, &house, &queue))
}
