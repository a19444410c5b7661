//! Listening: a task with a connection of its own that reads only while somebody awaits a ring.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::streams::StreamReadReply;
use redis::{Cmd, RedisError};
use rei_domain::shared::{Ear, Later};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::{BY, CONSUMER, GROUP, ringer};
use crate::Shared;
use crate::connect::Connection;

/// One read waits so long inside Redis.
const READ_FOR: Duration = Duration::from_secs(5);
/// A read that says nothing for so long has lost its server.
const READ_WITHIN: Duration = Duration::from_secs(8);
/// Making the group is one short command.
const GROUP_WITHIN: Duration = Duration::from_secs(2);
/// The pause after a read that failed: waking is worth no storm.
const AGAIN_AFTER: Duration = Duration::from_millis(250);

/// One listener of a bell.
pub(super) struct RedisEar {
    post: Arc<Post>,
    reader: JoinHandle<()>,
}

/// Between the reader and whoever awaits.
struct Post {
    shared: Arc<Shared>,
    bell: String,
    slot: Mutex<Slot>,
    /// Tells the reader that somebody awaits.
    awaited: Notify,
    /// Tells whoever awaits that it rang.
    rung: Notify,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// Nobody awaits.
    Idle,
    /// Somebody does.
    Awaited,
    /// It rang, and nobody took it in yet.
    Rung,
}

impl RedisEar {
    pub(super) fn new(shared: &Arc<Shared>, bell: &str) -> Self {
        let post = Arc::new(Post {
            shared: Arc::clone(shared),
            bell: bell.to_owned(),
            slot: Mutex::new(Slot::Idle),
            awaited: Notify::new(),
            rung: Notify::new(),
        });
        let reader = shared.runtime.spawn(read(Arc::clone(&post)));
        Self { post, reader }
    }
}

impl Ear for RedisEar {
    fn rung(&mut self) -> Later<'_, ()> {
        Box::pin(async {
            let waiting = Waiting::begin(&self.post);
            while !waiting.take() {
                self.post.rung.notified().await;
            }
        })
    }
}

impl Drop for RedisEar {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// Somebody who awaits; dropped, nobody does.
struct Waiting<'a>(&'a Post);

impl<'a> Waiting<'a> {
    fn begin(post: &'a Post) -> Self {
        *post.slot() = Slot::Awaited;
        post.awaited.notify_one();
        Self(post)
    }

    /// Takes a ring in.
    fn take(&self) -> bool {
        let mut slot = self.0.slot();
        let is_rung = *slot == Slot::Rung;
        if is_rung {
            *slot = Slot::Idle;
        }
        is_rung
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let slot = std::mem::replace(&mut *self.0.slot(), Slot::Idle);
        if slot == Slot::Rung {
            self.0.pass_on();
        }
    }
}

impl Post {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        // A plain value: a panic elsewhere cannot leave it half changed.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_awaited(&self) -> bool {
        *self.slot() == Slot::Awaited
    }

    /// Hands a ring to whoever awaits; `false` when nobody does.
    fn hand_over(&self) -> bool {
        let mut slot = self.slot();
        if *slot != Slot::Awaited {
            return false;
        }
        *slot = Slot::Rung;
        self.rung.notify_one();
        true
    }

    /// Somebody else may be idle.
    fn pass_on(&self) {
        ringer::ring(&self.shared, &self.bell);
    }

    /// Hands a ring over, or passes it on. Our own ring was heard in this process without Redis, so it is passed on
    /// only when there are others.
    fn rang(&self, by_us: bool) {
        let is_known_to_all = by_us && self.shared.processes.count(true) == 1;
        if !self.hand_over() && !is_known_to_all {
            self.pass_on();
        }
    }
}

/// Runs until aborted.
async fn read(post: Arc<Post>) {
    let mut connection = None;
    loop {
        while !post.is_awaited() {
            post.awaited.notified().await;
        }
        let Some(reading) = connection.take() else {
            post.shared.link.up().await;
            match post.shared.connector.open().await {
                Ok(opened) => connection = Some(opened),
                Err(error) => {
                    tracing::debug!(%error, bell = post.bell, "the ear has no connection");
                    tokio::time::sleep(AGAIN_AFTER).await;
                }
            }
            continue;
        };
        match read_once(&post, &reading).await {
            Ok(Some(by_us)) => post.rang(by_us),
            Ok(None) => {}
            Err(Trouble::NoGroup) if make_group(&post, &reading).await => {}
            Err(_) => {
                // The next turn opens a new connection.
                tokio::time::sleep(AGAIN_AFTER).await;
                continue;
            }
        }
        connection = Some(reading);
    }
}

/// Why a read brought nothing.
enum Trouble {
    /// The group is not there: Redis is new or was emptied.
    NoGroup,
    /// Anything else.
    Lost,
}

/// One read; `Some` says whether the ring came from this process.
async fn read_once(post: &Post, connection: &Connection) -> Result<Option<bool>, Trouble> {
    let mut read = redis::cmd("XREADGROUP");
    read.arg("GROUP").arg(GROUP).arg(CONSUMER).arg("COUNT").arg(1).arg("NOACK");
    read.arg("BLOCK").arg(u64::try_from(READ_FOR.as_millis()).unwrap_or(u64::MAX));
    read.arg("STREAMS").arg(post.shared.names.bell(&post.bell)).arg(">");
    let reply: Option<StreamReadReply> = within(READ_WITHIN, connection, &read).await?;
    let first = reply.and_then(|reply| reply.keys.into_iter().next());
    let first = first.and_then(|key| key.ids.into_iter().next());
    Ok(first.map(|ring| {
        let by: Option<String> = ring.get(BY);
        by.as_deref() == Some(post.shared.names.process())
    }))
}

/// Makes the group, and the stream with it; rings that came before are heard.
async fn make_group(post: &Post, connection: &Connection) -> bool {
    let mut create = redis::cmd("XGROUP");
    create.arg("CREATE").arg(post.shared.names.bell(&post.bell)).arg(GROUP).arg(0).arg("MKSTREAM");
    // Somebody else may have been faster.
    within::<String>(GROUP_WITHIN, connection, &create).await.is_ok()
}

async fn within<T: redis::FromRedisValue>(
    bound: Duration,
    connection: &Connection,
    command: &Cmd,
) -> Result<T, Trouble> {
    let mut connection = connection.inner.clone();
    let answer: Result<T, RedisError> =
        tokio::time::timeout(bound, command.query_async(&mut connection))
            .await
            .map_err(|_| Trouble::Lost)?;
    answer.map_err(|error| match error.code() {
        Some("NOGROUP" | "UNBLOCKED") => Trouble::NoGroup,
        _ => Trouble::Lost,
    })
}
