//! Hands waiting updates to their handlers: chats side by side, within a chat one after the other.
//!
//! Several processes may do so on one book: a chat that another one serves at this moment is left to it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rei_app::updates::Served;
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
    /// Chats that are being served by this process, and whether more of them may have come since.
    busy: Arc<Mutex<HashMap<i64, More>>>,
}

/// Whether a chat's handler looks once more before it ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum More {
    /// Something of the chat was seen waiting while it was served.
    MayWait,
    None,
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
            arrivals.forget();
            self.start_lanes(&places, &mut handlers).await;
            tokio::select! {
                _ = stop.changed() => {}
                () = arrivals.rung(), if places.available_permits() > 0 => {}
                Some(_) = handlers.join_next(), if places.available_permits() == 0 => {}
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
            let before = served;
            for update in waiting {
                served += usize::from(self.serve(update).await? == Served::Here);
            }
            if served == before {
                return Ok(served);
            }
        }
    }

    async fn start_lanes(&self, places: &Arc<Semaphore>, handlers: &mut JoinSet<()>) {
        let waiting = match updates::waiting(&self.house, self.options.concurrency * 2).await {
            Ok(waiting) => waiting,
            Err(error) if error.is_told() => return,
            Err(error) => return tracing::error!(%error, "the inbox can't be read"),
        };
        let mut started = 0;
        for update in waiting {
            let place = match self.busy().entry(update.lane) {
                Entry::Occupied(mut serving) => {
                    serving.insert(More::MayWait);
                    continue;
                }
                Entry::Vacant(free) => {
                    let Ok(place) = Arc::clone(places).try_acquire_owned() else { break };
                    free.insert(More::None);
                    place
                }
            };
            started += 1;
            let dispatcher = self.clone();
            handlers.spawn(async move {
                dispatcher.serve_lane(update).await;
                drop(place);
            });
        }
        if started > 0 && places.available_permits() == 0 {
            updates::tell_others(&self.house);
        }
    }

    /// Serves a chat until nothing of it waits, or another process serves it.
    async fn serve_lane(&self, first: updates::Waiting) {
        let lane = first.lane;
        let mut next = Some(first);
        while let Some(update) = next {
            match self.serve(update).await {
                Ok(Served::Here) => {}
                Ok(Served::Elsewhere) => break,
                Err(error) => {
                    if !error.is_told() {
                        tracing::error!(%error, lane, "a chat can't be served now");
                    }
                    break;
                }
            }
            next = self.next_of(lane).await;
            while next.is_none() {
                if self.leave(lane) {
                    return;
                }
                next = self.next_of(lane).await;
            }
        }
        self.busy().remove(&lane);
    }

    /// Leaves a chat; `false` when something of it was seen waiting since it was looked at last.
    fn leave(&self, lane: i64) -> bool {
        let mut busy = self.busy();
        let left = busy.remove(&lane) != Some(More::MayWait);
        if !left {
            busy.insert(lane, More::None);
        }
        left
    }

    async fn next_of(&self, lane: i64) -> Option<updates::Waiting> {
        updates::next_of_lane(&self.house, lane).await.unwrap_or_else(|error| {
            if !error.is_told() {
                tracing::error!(%error, lane, "the inbox can't be read");
            }
            None
        })
    }

    async fn serve(&self, update: updates::Waiting) -> Result<Served, BookError> {
        let bot = Arc::clone(&self.bot);
        updates::serve(&self.house, update, move |desk, raw| handle(desk, raw, &bot)).await
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, HashMap<i64, More>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
