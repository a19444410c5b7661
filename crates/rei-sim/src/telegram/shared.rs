//! What the server, the deliveries and the handles share: the world behind one lock, the clock, the bells.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};

use super::state::World;
use crate::common::clock::SimClock;

/// Shared by everything that belongs to one simulator.
pub(crate) struct Shared {
    pub token: String,
    pub clock: SimClock,
    /// Sends webhook deliveries.
    pub client: reqwest::Client,
    world: Mutex<World>,
    /// The revision of the newest change of any message.
    pub changes: watch::Sender<u64>,
    /// Rings for a waiting `getUpdates`.
    pub arrived: Notify,
    /// Rings for the webhook.
    pub deliverable: Notify,
    pub stopping: watch::Sender<bool>,
}

impl Shared {
    pub fn new(token: String, clock: SimClock, world: World) -> Self {
        Self {
            token,
            clock,
            client: crate::common::client::client(),
            world: Mutex::new(world),
            changes: watch::Sender::new(0),
            arrived: Notify::new(),
            deliverable: Notify::new(),
            stopping: watch::Sender::new(false),
        }
    }

    /// Does something to the world at the present time, and rings whoever waits for what it did.
    pub fn with<T>(&self, work: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.lock();
        world.now_ms = self.clock.now_ms();
        let result = work(&mut world);
        let fresh = std::mem::take(&mut world.updates.fresh);
        let revision = world.revision;
        // Whoever only looks must not touch the bell: it may be asked from inside a wait on it.
        let changed = revision != std::mem::replace(&mut world.told, revision);
        drop(world);
        if fresh {
            self.arrived.notify_waiters();
            self.deliverable.notify_one();
        }
        if changed {
            // Two calls may come here in another order than they left the lock: the number only grows.
            self.changes.send_if_modified(|seen| {
                let grown = revision > *seen;
                *seen = revision.max(*seen);
                grown
            });
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
