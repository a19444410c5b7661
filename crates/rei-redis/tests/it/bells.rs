//! Wake-ups between processes.

use std::time::Duration;

use rei_domain::shared::{Bells, Ear, Limits};
use rei_redis::testing::RedisServer;
use tokio::time::{Instant, timeout};

use crate::{SOON, process, two_processes, until};

/// Long enough to be sure that nothing comes, short enough to wait for.
const SILENCE: Duration = Duration::from_millis(400);

async fn hears(ear: &mut Box<dyn Ear>) -> bool {
    timeout(SOON, ear.rung()).await.is_ok()
}

async fn stays_silent(ear: &mut Box<dyn Ear>) -> bool {
    timeout(SILENCE, ear.rung()).await.is_err()
}

/// Takes in what rang while an ear was being set up.
async fn settle(ear: &mut Box<dyn Ear>) {
    while !stays_silent(ear).await {}
}

#[tokio::test]
async fn a_ring_reaches_exactly_one_of_two_listeners() {
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    let (mut one, mut other) = (first.listen("jobs"), second.listen("jobs"));
    tokio::join!(settle(&mut one), settle(&mut other));
    for _ in 0..5 {
        first.ring("jobs");
        let heard = tokio::join!(async { timeout(SILENCE * 2, one.rung()).await.is_ok() }, async {
            timeout(SILENCE * 2, other.rung()).await.is_ok()
        },);
        assert!(heard.0 != heard.1, "{heard:?}");
    }
}

#[tokio::test]
async fn two_rings_reach_both_listeners() {
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    let (mut one, mut other) = (first.listen("jobs"), second.listen("jobs"));
    tokio::join!(settle(&mut one), settle(&mut other));
    // The pause keeps them from becoming one.
    let rings = async {
        first.ring("jobs");
        tokio::time::sleep(Duration::from_millis(100)).await;
        second.ring("jobs");
    };
    let (one, other, ()) = tokio::join!(hears(&mut one), hears(&mut other), rings);
    assert!(one && other);
}

#[tokio::test]
async fn a_ring_taken_in_vain_is_passed_on() {
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    let (mut busy, mut idle) = (first.listen("jobs"), second.listen("jobs"));
    // The first is still reading when nobody awaits it any more.
    settle(&mut busy).await;
    first.ring("jobs");
    tokio::time::sleep(SILENCE).await;
    assert!(hears(&mut idle).await);
    assert!(stays_silent(&mut busy).await, "there was one ring");
}

#[tokio::test]
async fn many_rings_at_once_are_few_wake_ups() {
    let server = RedisServer::start();
    let first = process(&server).await;
    for _ in 0..1_000 {
        first.ring("jobs");
    }
    let mut ear = first.listen("jobs");
    let mut heard = 0;
    while !stays_silent(&mut ear).await {
        heard += 1;
    }
    assert!((1..=33).contains(&heard), "{heard}");
}

#[tokio::test]
async fn bells_of_other_names_and_other_houses_are_not_heard() {
    let server = RedisServer::start();
    let first = process(&server).await;
    let other_house = rei_redis::RedisOptions { namespace: "8".to_owned(), ..crate::options() };
    let other_house = rei_redis::Redis::connect(&server.url().as_str().into(), other_house).await;
    let other_house = other_house.expect("the server answers");
    let mut ear = first.listen("jobs");
    settle(&mut ear).await;
    first.ring("payments");
    other_house.ring("jobs");
    assert!(stays_silent(&mut ear).await);
    assert_eq!(first.processes(), 1);
}

#[tokio::test]
async fn bells_ring_again_after_redis_was_emptied() {
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    let mut ear = second.listen("jobs");
    settle(&mut ear).await;
    server.flush();
    first.ring("jobs");
    assert!(hears(&mut ear).await);
}

#[tokio::test]
async fn bells_ring_again_after_redis_was_restarted() {
    let mut server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    let mut ear = second.listen("jobs");
    settle(&mut ear).await;
    server.stop();
    until("the loss is noticed", || !first.is_up()).await;
    first.ring("jobs");
    assert!(stays_silent(&mut ear).await);
    server.restart();
    // The ring of before is not forgotten.
    assert!(hears(&mut ear).await);
}

#[tokio::test]
async fn an_idle_listener_wakes_within_milliseconds() {
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    let mut ear = second.listen("jobs");
    settle(&mut ear).await;
    let mut took = Vec::new();
    for _ in 0..200 {
        let (rung_at, heard_at) = tokio::join!(
            async {
                tokio::time::sleep(Duration::from_millis(3)).await;
                first.ring("jobs");
                Instant::now()
            },
            async {
                assert!(hears(&mut ear).await);
                Instant::now()
            },
        );
        took.push(heard_at.saturating_duration_since(rung_at));
    }
    took.sort();
    println!("ring to wake-up: p50 {:?}, p99 {:?}, max {:?}", took[100], took[198], took[199]);
    assert!(took[100] < Duration::from_millis(250), "{took:?}");
}
