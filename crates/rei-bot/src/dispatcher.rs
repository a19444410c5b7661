//! Hands waiting updates to their handlers: chats side by side, within a chat one after the other.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rei_app::{BookError, House, updates};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::{BotIdentity, handle};

/// How the dispatcher works.
#[derive(Clone, Copy, Debug)]
pub struct DispatcherOptions {
    /// Chats served at the same time.
    pub concurrency: usize,
    /// How long the inbox is left alone when nobody rings.
    pub poll: Duration,
    /// How long handlers under way may take after the dispatcher was told to stop.
    pub stop_within: Duration,
}

impl Default for DispatcherOptions {
    fn default() -> Self {
        Self {
            concurrency: 128,
            poll: Duration::from_millis(500),
            stop_within: Duration::from_secs(10),
        }
    }
}

/// Hands waiting updates to their handlers.
#[derive(Clone)]
pub struct Dispatcher {
    house: House,
    bot: Arc<BotIdentity>,
    options: DispatcherOptions,
    /// Chats that are being served by this process.
    busy: Arc<Mutex<HashSet<i64>>>,
}

impl Dispatcher {
    /// A dispatcher that has not begun.
    pub fn new(house: House, bot: BotIdentity, options: DispatcherOptions) -> Self {
        Self { house, bot: Arc::new(bot), options, busy: Arc::default() }
    }

    /// Serves until `stop` turns true, then lets handlers under way end.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut arrivals = updates::arrivals(&self.house);
        let places = Arc::new(Semaphore::new(self.options.concurrency));
        let mut handlers = JoinSet::new();
        while !*stop.borrow() {
            arrivals.borrow_and_update();
            self.start_lanes(&places, &mut handlers).await;
            tokio::select! {
                _ = stop.changed() => {}
                _ = arrivals.changed() => {}
                () = tokio::time::sleep(self.options.poll) => {}
            }
            while handlers.try_join_next().is_some() {}
        }
        let ending = async { while handlers.join_next().await.is_some() {} };
        if tokio::time::timeout(self.options.stop_within, ending).await.is_err() {
            tracing::warn!(
                "handlers were still busy at the end; their updates are served after the next start"
            );
        }
    }

    /// Serves everything that waits, then returns: for tests and scripts.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub async fn drain(&self) -> Result<usize, BookError> {
        let mut served = 0;
        loop {
            let waiting = updates::waiting(&self.house, self.options.concurrency).await?;
            if waiting.is_empty() {
                return Ok(served);
            }
            for update in waiting {
                self.serve(update).await?;
                served += 1;
            }
        }
    }

    async fn start_lanes(&self, places: &Arc<Semaphore>, handlers: &mut JoinSet<()>) {
        let waiting = match updates::waiting(&self.house, self.options.concurrency * 2).await {
            Ok(waiting) => waiting,
            Err(error) => return tracing::error!(%error, "the inbox can't be read"),
        };
        for update in waiting {
            let Ok(place) = Arc::clone(places).try_acquire_owned() else { return };
            if !self.busy().insert(update.lane) {
                continue;
            }
            let dispatcher = self.clone();
            handlers.spawn(async move {
                let lane = update.lane;
                dispatcher.serve_lane(update).await;
                dispatcher.busy().remove(&lane);
                drop(place);
            });
        }
    }

    /// Serves a chat until nothing of it waits.
    async fn serve_lane(&self, first: updates::Waiting) {
        let lane = first.lane;
        let mut next = Some(first);
        while let Some(update) = next {
            let served = self.serve(update).await;
            if let Err(error) = served {
                return tracing::error!(%error, lane, "a chat can't be served now");
            }
            next = match updates::next_of_lane(&self.house, lane).await {
                Ok(next) => next,
                Err(error) => return tracing::error!(%error, lane, "the inbox can't be read"),
            };
        }
    }

    async fn serve(&self, update: updates::Waiting) -> Result<(), BookError> {
        let bot = Arc::clone(&self.bot);
        updates::serve(&self.house, update, move |desk, raw| handle(desk, raw, &bot)).await
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, HashSet<i64>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
