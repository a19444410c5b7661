//! Redis as the product meets it: real servers, two processes, and everything that can go wrong.

mod bells;
mod connecting;
mod limits;
mod log;
mod losing;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rei_domain::chance::SeededChance;
use rei_domain::shared::{Bucket, Limits};
use rei_redis::testing::RedisServer;
use rei_redis::{ConnectError, Redis, RedisOptions};

/// Nothing that must happen takes so long, even on a busy machine.
const SOON: Duration = Duration::from_secs(20);

fn options() -> RedisOptions {
    static SEED: AtomicU64 = AtomicU64::new(1);
    let chance = Arc::new(SeededChance::new(SEED.fetch_add(1, Ordering::Relaxed)));
    RedisOptions { namespace: "7".to_owned(), chance }
}

async fn process_at(url: &str) -> Result<Redis, ConnectError> {
    Redis::connect(&url.into(), options()).await
}

async fn process(server: &RedisServer) -> Redis {
    process_at(&server.url()).await.expect("the server answers")
}

/// Two processes that know of each other.
async fn two_processes(server: &RedisServer) -> (Redis, Redis) {
    let (first, second) = (process(server).await, process(server).await);
    until("both know of each other", || first.processes() == 2 && second.processes() == 2).await;
    (first, second)
}

/// Waits until it holds.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let all = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(SOON, all).await.unwrap_or_else(|_| panic!("never came true: {what}"));
}

fn bucket(name: &str, refill: Duration, burst: u32, takes: u32) -> Bucket {
    Bucket { name: name.to_owned(), refill, burst, takes }
}
