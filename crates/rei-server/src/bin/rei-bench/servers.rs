//! The servers beside the product, each started when it is first needed.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;
use rei_redis::testing::RedisServer;
use rei_storage::testing::{PostgresServer, fresh_database};

use crate::system;

/// A server that somebody else runs: its disk is measured, not ours.
const GIVEN: &str = "REI_TEST_POSTGRES";

static NUMBER: AtomicU64 = AtomicU64::new(1);

/// PostgreSQL and Redis; stopped at the end.
#[derive(Default)]
pub(crate) struct Servers {
    postgres: Option<PostgresServer>,
    redis: Option<RedisServer>,
}

impl Servers {
    /// The address of an empty database, on a server that keeps what it has committed.
    pub(crate) fn database(&mut self) -> anyhow::Result<String> {
        tokio::task::block_in_place(|| {
            if std::env::var_os(GIVEN).is_some() {
                return Ok(fresh_database());
            }
            let server = self.postgres.get_or_insert_with(PostgresServer::start_durable);
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            Ok(server.database(&format!("bench_{number}")))
        })
    }

    /// The address of an empty Redis.
    pub(crate) fn redis(&mut self) -> anyhow::Result<String> {
        tokio::task::block_in_place(|| {
            let server = self.redis.get_or_insert_with(RedisServer::start);
            server.flush();
            Ok(server.url())
        })
    }

    /// CPU time of both, in milliseconds; none when neither is ours.
    pub(crate) fn cpu_ms(&self) -> Option<f64> {
        let ours: Vec<u32> =
            ["postgres", "redis-server"].into_iter().flat_map(system::children_named).collect();
        (!ours.is_empty()).then(|| ours.into_iter().map(system::cpu_ms_below).sum())
    }
}

impl Drop for Servers {
    /// Nothing of its disk is needed any more, so nobody waits until all of it is written.
    fn drop(&mut self) {
        if let Some(server) = &mut self.postgres {
            server.stop_at_once();
        }
    }
}

/// The path within the address of an SQLite book.
pub(crate) fn path_of(url: &str) -> anyhow::Result<&str> {
    url.strip_prefix("sqlite://").context("this is no SQLite book")
}
