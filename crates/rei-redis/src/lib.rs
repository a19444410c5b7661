//! Redis: the bells that other machines hear, and the clock-face that all processes read their limits from.
//!
//! Nothing here is the truth. A Redis that is stopped, paused, emptied or out of reach costs time: every question is
//! answered with [`Known::No`] within [`ANSWER_WITHIN`], rings are not heard, and the callers go by the book and by
//! limits of their own. One Redis server (or Valkey) is meant, not a cluster.
//!
//! [`Known::No`]: rei_domain::shared::Known::No

mod address;
mod bells;
mod connect;
mod errands;
mod life;
mod limits;
mod link;
mod names;
#[cfg(feature = "testing")]
pub mod testing;

use std::fmt;
use std::sync::Arc;

use rei_domain::chance::SharedChance;
use secrecy::SecretString;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

pub use connect::{ConnectError, OLDEST};
pub use link::ANSWER_WITHIN;

use crate::bells::Ringers;
use crate::connect::Connector;
use crate::errands::Errands;
use crate::limits::{Circuits, Leases, Processes};
use crate::link::Link;
use crate::names::Names;

/// What a process tells of itself.
#[derive(Clone)]
pub struct RedisOptions {
    /// What keeps two houses on one Redis apart: the bot's id, such as `123456`.
    pub namespace: String,
    /// Where the process's name and the jitter of new connections come from.
    pub chance: SharedChance,
}

impl fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisOptions").field("namespace", &self.namespace).finish_non_exhaustive()
    }
}

/// One process's way to Redis. Dropping it ends its background tasks; [`Redis::leave`] says goodbye before.
pub struct Redis {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

/// What the background tasks, ears and places work with.
struct Shared {
    names: Names,
    connector: Connector,
    link: Link,
    circuits: Circuits,
    processes: Processes,
    leases: Leases,
    errands: Errands,
    ringers: Ringers,
    /// Rings come from threads that know no runtime.
    runtime: Handle,
    chance: SharedChance,
}

impl Redis {
    /// Connects, and stays connected from then on.
    ///
    /// # Errors
    /// [`ConnectError`] says what to mend.
    pub async fn connect(url: &SecretString, options: RedisOptions) -> Result<Self, ConnectError> {
        let connector = Connector::new(url)?;
        let connection = connector.open().await?;
        Ok(Self::start(connector, Some(connection), options))
    }

    /// The same, but a Redis that is out of reach right now is joined as soon as it can be.
    ///
    /// # Errors
    /// [`ConnectError`], except [`ConnectError::Unreachable`].
    pub async fn connect_or_later(
        url: &SecretString,
        options: RedisOptions,
    ) -> Result<Self, ConnectError> {
        let connector = Connector::new(url)?;
        let connection = match connector.open().await {
            Ok(connection) => Some(connection),
            Err(error @ ConnectError::Unreachable(_)) => {
                tracing::warn!(
                    %error,
                    "redis is out of reach; until it is back work is found by looking, and each process keeps limits of its own"
                );
                None
            }
            Err(error) => return Err(error),
        };
        Ok(Self::start(connector, connection, options))
    }

    fn start(
        connector: Connector,
        connection: Option<connect::Connection>,
        options: RedisOptions,
    ) -> Self {
        let names = Names::new(&options.namespace, &*options.chance);
        let (errands, errands_to_run) = errands::queue();
        let shared = Arc::new(Shared {
            names,
            connector,
            link: Link::new(),
            circuits: Circuits::default(),
            processes: Processes::default(),
            leases: Leases::default(),
            errands,
            ringers: Ringers::default(),
            runtime: Handle::current(),
            chance: options.chance,
        });
        if let Some(connection) = connection {
            // Usable from the first moment; the background task takes over from here.
            shared.link.connected(connection);
        }
        let tasks = vec![
            tokio::spawn(life::live(Arc::clone(&shared))),
            tokio::spawn(errands::run(Arc::clone(&shared), errands_to_run)),
        ];
        Self { shared, tasks }
    }

    /// The version that the server told; empty while it is out of reach, or when it does not tell.
    pub fn server_version(&self) -> String {
        self.shared.link.version()
    }

    /// Whether Redis answers right now.
    pub fn is_up(&self) -> bool {
        self.shared.link.is_up()
    }

    /// Tells the others that this process goes, so that they need not find out. Waits no longer than one answer.
    pub async fn leave(&self) {
        for task in &self.tasks {
            task.abort();
        }
        let names = &self.shared.names;
        let mut goodbye = redis::cmd("ZREM");
        goodbye.arg(names.processes()).arg(names.process());
        // Without an answer it is found out by the silence.
        let _ = self.shared.link.ask::<()>(&goodbye).await;
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        self.shared.ringers.stop();
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("is_up", &self.is_up()).finish_non_exhaustive()
    }
}
