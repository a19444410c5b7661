//! Limits that two processes keep together.

use std::sync::Arc;
use std::time::Duration;

use rei_domain::breaker::{BreakerPolicy, Change, Health, Leave};
use rei_domain::circuit::Circuit;
use rei_domain::clock::{Clock, SharedClock, Timestamp};
use rei_domain::shared::{Known, Limits, Place};
use rei_redis::Redis;
use rei_redis::testing::RedisServer;
use tokio::time::Instant;

use crate::{bucket, process, two_processes, until};

const HOUR: Duration = Duration::from_secs(3_600);

async fn place(process: &Redis, places: u32, within: Duration) -> Option<Place> {
    match process.place("gemini", places, within).await {
        Known::Yes(place) => place,
        Known::No => panic!("redis answers"),
    }
}

async fn taken(process: &Redis, places: u32) -> bool {
    place(process, places, HOUR).await.is_none()
}

#[tokio::test]
async fn places_are_counted_over_all_processes() {
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    let one = place(&first, 2, HOUR).await.expect("free");
    let two = place(&second, 2, HOUR).await.expect("free");
    assert!(taken(&first, 2).await && taken(&second, 2).await);
    drop(one);
    let start = Instant::now();
    let three = loop {
        if let Some(place) = place(&second, 2, HOUR).await {
            break place;
        }
        assert!(start.elapsed() < crate::SOON, "a dropped place is free again");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert!(taken(&first, 2).await);
    drop((two, three));
}

#[tokio::test]
async fn a_place_is_free_after_its_time_even_if_nobody_gives_it_back() {
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    std::mem::forget(place(&first, 1, Duration::from_millis(300)).await.expect("free"));
    assert!(taken(&second, 1).await);
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(!taken(&second, 1).await);
}

#[tokio::test]
async fn the_place_of_a_dead_process_is_free_when_its_silence_is_noticed() {
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    std::mem::forget(place(&first, 1, HOUR).await.expect("free"));
    // It goes without giving anything back.
    drop(first);
    assert!(taken(&second, 1).await, "for ten seconds it may only be slow");
    until("the silence is noticed", || second.processes() == 1).await;
    assert!(!taken(&second, 1).await);
}

#[tokio::test]
async fn a_process_that_says_goodbye_is_not_waited_for() {
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    std::mem::forget(place(&first, 1, HOUR).await.expect("free"));
    first.leave().await;
    assert!(!taken(&second, 1).await);
}

#[tokio::test]
async fn a_bucket_is_one_bucket_for_all() {
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    let chat = [bucket("chat", HOUR, 3, 1)];
    assert_eq!(first.admit(&chat).await, Known::Yes(Ok(())));
    assert_eq!(second.admit(&chat).await, Known::Yes(Ok(())));
    assert_eq!(first.admit(&chat).await, Known::Yes(Ok(())));
    let Known::Yes(Err(wait)) = second.admit(&chat).await else { panic!("it is empty") };
    assert!(wait > HOUR - Duration::from_secs(60) && wait <= HOUR, "{wait:?}");
}

#[tokio::test]
async fn a_bucket_refills_with_time() {
    let server = RedisServer::start();
    let first = process(&server).await;
    let quick = [bucket("quick", Duration::from_millis(200), 1, 1)];
    assert_eq!(first.admit(&quick).await, Known::Yes(Ok(())));
    let Known::Yes(Err(wait)) = first.admit(&quick).await else { panic!("it is empty") };
    assert!(wait <= Duration::from_millis(200), "{wait:?}");
    tokio::time::sleep(wait).await;
    assert_eq!(first.admit(&quick).await, Known::Yes(Ok(())));
}

#[tokio::test]
async fn all_buckets_give_or_none_does() {
    let server = RedisServer::start();
    let first = process(&server).await;
    let empty = bucket("empty", HOUR, 1, 1);
    let full = bucket("full", HOUR, 1, 1);
    assert_eq!(first.admit(std::slice::from_ref(&empty)).await, Known::Yes(Ok(())));
    let both = [full.clone(), empty];
    assert!(matches!(first.admit(&both).await, Known::Yes(Err(_))));
    assert_eq!(first.admit(&[full]).await, Known::Yes(Ok(())), "nothing was taken from it");
}

#[tokio::test]
async fn a_silence_holds_for_all_and_a_longer_one_stays() {
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    first.silence("bot", HOUR);
    let ask = [bucket("bot", HOUR, 1, 0)];
    let start = Instant::now();
    while second.admit(&ask).await == Known::Yes(Ok(())) {
        assert!(start.elapsed() < crate::SOON, "the silence is heard");
    }
    second.silence("bot", Duration::from_secs(1));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let Known::Yes(Err(wait)) = first.admit(&ask).await else { panic!("it is silent") };
    assert!(wait > HOUR / 2, "{wait:?}");
}

#[tokio::test]
async fn an_open_circuit_is_seen_by_the_others_within_a_second() {
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    first.open("provider:gemini", Duration::from_secs(60));
    assert!(first.open_for("provider:gemini").is_some(), "by itself at once");
    let start = Instant::now();
    until("the other sees it open", || second.open_for("provider:gemini").is_some()).await;
    println!("open seen after {:?}", start.elapsed());
    let left = second.open_for("provider:gemini").expect("open");
    assert!(left <= Duration::from_secs(60) && left > Duration::from_secs(30), "{left:?}");
    assert_eq!(second.open_for("provider:kling"), None);
    second.close("provider:gemini");
    until("the first sees it closed", || first.open_for("provider:gemini").is_none()).await;
}

#[tokio::test]
async fn one_process_makes_the_trial() {
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    assert_eq!(first.trial("c", HOUR).await, Known::Yes(true));
    assert_eq!(second.trial("c", HOUR).await, Known::Yes(false));
    // Its trial failed: the next rest ends with a trial of anybody.
    first.open("c", Duration::from_millis(1));
    let start = Instant::now();
    while second.trial("c", HOUR).await != Known::Yes(true) {
        assert!(start.elapsed() < crate::SOON, "another trial may be made");
    }
    // Given up without an end.
    second.open("c", Duration::ZERO);
    let start = Instant::now();
    while first.trial("c", HOUR).await != Known::Yes(true) {
        assert!(start.elapsed() < crate::SOON, "another trial may be made");
    }
}

/// Real time, as Redis has it.
struct Watch(Instant);

impl Clock for Watch {
    fn now(&self) -> Timestamp {
        Timestamp(0).plus(self.0.elapsed())
    }
}

#[tokio::test]
async fn a_breaker_that_one_process_opens_holds_the_other_and_one_of_them_tries() {
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    let rest = Duration::from_secs(2);
    let policy = BreakerPolicy { rest, rest_max: rest, lock: rest, ..BreakerPolicy::default() };
    let clock: SharedClock = Arc::new(Watch(Instant::now()));
    let circuit =
        |limits: Redis| Circuit::new("provider:gemini", policy, clock.clone(), Arc::new(limits));
    let (first, second) = (circuit(first), circuit(second));
    let leave = first.enter().await.expect("closed");
    assert_eq!(first.leave(leave, Health::Locked), Change::Locked);
    until("the other hears it", || second.rest().is_some_and(|rest| rest.is_locked)).await;
    assert!(second.enter().await.is_err());
    until("the rest is over", || first.rest().is_none() && second.rest().is_none()).await;
    let trials = tokio::join!(first.enter(), second.enter());
    let (tries, waits) = match trials {
        (Ok(Leave::Trial), Err(_)) => (first, second),
        (Err(_), Ok(Leave::Trial)) => (second, first),
        other => panic!("one trial: {other:?}"),
    };
    assert_eq!(tries.leave(Leave::Trial, Health::Well), Change::Closed);
    until("the other may call again", || waits.rest().is_none()).await;
    assert!(waits.enter().await.is_ok());
}
