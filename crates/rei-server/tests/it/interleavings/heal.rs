//! After the schedule everything heals: nothing fails any more, clocks are right, everybody comes back, and time passes
//! until nobody has anything left to do.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rei_app::BookError;
use rei_storage::{inbox, jobs, orders, outbox};

use super::stage::Stage;
use super::work::{Errand, runs};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
/// The pauses of the first rounds; later ones last an hour.
const PAUSES_S: [u64; 10] = [30, 1, 1, 5, 5, 30, 30, 60, 300, 1_200];
/// A day for the slowest order, three for a task that nobody waits for, and a bit.
const ROUNDS_MAX: usize = 100;
/// Rounds after the last order: payments are looked at once more by the sweep.
const SWEEPS: usize = 2;
/// Within a round one thing leads to another, so often at most.
const ECHOES_MAX: usize = 40;

/// What is left to do.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    updates: i64,
    messages: i64,
    jobs: i64,
    orders: usize,
}

impl Stage {
    pub async fn heals(&self) {
        self.telegram.clear_faults();
        self.gemini.clear();
        self.kling.clear();
        self.yookassa.clear_faults();
        self.skew.store(0, Ordering::SeqCst);
        for person in &self.people {
            let _was_there = person.user.unblocks_bot();
            person.user.says("/start").expect("he is there");
        }
        self.collects();
        let mut quiet = 0;
        for round in 0..ROUNDS_MAX {
            let pause = PAUSES_S.get(round).map_or(HOUR, |seconds| Duration::from_secs(*seconds));
            self.passes(pause).await;
            self.does_everything(round).await;
            match self.left().await {
                Left { updates: 0, messages: 0, jobs: 0, orders: 0 } => quiet += 1,
                _ => quiet = 0,
            }
            if quiet > SWEEPS && round >= PAUSES_S.len() {
                return;
            }
        }
        panic!("no rest within days: {:?}", self.left().await);
    }

    /// Does whatever is to be done right now, and what comes of it.
    pub async fn does_everything(&self, round: usize) {
        self.does(Errand::Task("expire")).await;
        if round + 2 >= PAUSES_S.len() {
            self.does(Errand::Task("sweep")).await;
            self.does(Errand::Task("seal")).await;
        }
        for _ in 0..ECHOES_MAX {
            let before = self.left().await;
            let waiting = self.post.lock().expect("nobody panics with it").waiting.clone();
            if !waiting.is_empty() {
                self.does(Errand::Deliver(waiting)).await;
                self.post.lock().expect("nobody panics with it").waiting.clear();
            }
            self.does(Errand::Recover).await;
            self.does(Errand::Serve).await;
            self.does(Errand::Poll).await;
            for queue in self.queues().await {
                self.does(Errand::Work(queue)).await;
            }
            self.does(Errand::Send).await;
            if self.left().await == before {
                return;
            }
            self.passes(SECOND).await;
        }
    }

    async fn does(&self, errand: Errand) {
        let name = errand.name();
        let done = runs(&self.house, 0, errand).await;
        done.unwrap_or_else(|error| panic!("{name} at the end: {error}"));
    }

    async fn left(&self) -> Left {
        let counted = self.house.book.read(|tx| {
            let all = orders::recent(tx, 500)?;
            Ok::<_, BookError>(Left {
                updates: inbox::count_waiting(tx)?,
                messages: outbox::count_live(tx)?,
                jobs: jobs::count_live(tx)?,
                orders: all.iter().filter(|order| order.state.holds_money()).count(),
            })
        });
        counted.await.expect("the book is readable")
    }
}
