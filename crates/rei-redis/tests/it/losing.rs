//! Losing Redis in every way: nothing waits, nothing breaks, the log says it once.

use std::time::Duration;

use rei_domain::shared::{Known, Limits};
use rei_redis::testing::RedisServer;
use rei_redis::{ANSWER_WITHIN, ConnectError, Redis};
use tokio::time::Instant;

use crate::log::Log;
use crate::{bucket, options, process_at, two_processes, until};

/// The bound of an answer, and what a busy machine adds.
const AT_MOST: Duration = Duration::from_millis(1_500);
const HOUR: Duration = Duration::from_secs(3_600);

async fn knows_nothing(process: &Redis) -> bool {
    let buckets = [bucket("b", HOUR, 1, 1)];
    let answers = (
        matches!(process.place("p", 1, HOUR).await, Known::No),
        process.admit(&buckets).await == Known::No,
        process.trial("c", HOUR).await == Known::No,
    );
    answers == (true, true, true)
}

#[tokio::test]
async fn a_frozen_redis_is_given_up_quickly_and_said_once() {
    let (log, _guard) = Log::listen();
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    server.pause();
    let start = Instant::now();
    assert!(knows_nothing(&first).await);
    assert!(start.elapsed() < AT_MOST, "{:?}", start.elapsed());
    // Only the first question waited.
    let start = Instant::now();
    for _ in 0..200 {
        assert!(knows_nothing(&first).await);
    }
    assert!(start.elapsed() < ANSWER_WITHIN * 5, "{:?}", start.elapsed());
    until("both have noticed", || log.count("redis is lost") == 2).await;
    assert!(knows_nothing(&first).await && knows_nothing(&second).await);
    assert_eq!(first.processes(), 2, "the other is believed to be there");
    tokio::time::sleep(Duration::from_secs(1)).await;
    server.resume();
    until("both are back", || first.is_up() && second.is_up()).await;
    assert_eq!((log.count("redis is lost"), log.count("redis is there")), (2, 2));
    assert!(matches!(first.trial("c2", HOUR).await, Known::Yes(true)));
}

#[tokio::test]
async fn a_stopped_redis_is_joined_again_and_limits_are_shared_anew() {
    let (log, _guard) = Log::listen();
    let mut server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    server.stop();
    until("the loss is noticed", || !first.is_up() && !second.is_up()).await;
    assert!(knows_nothing(&first).await);
    // Told while nobody hears it.
    first.open("provider:gemini", HOUR);
    server.restart();
    until("both are back", || first.processes() == 2 && second.processes() == 2).await;
    until("the opening is told", || second.open_for("provider:gemini").is_some()).await;
    assert_eq!((log.count("redis is lost"), log.count("redis is there")), (2, 2));
}

#[tokio::test]
async fn an_emptied_redis_is_filled_again_without_a_word() {
    let (log, _guard) = Log::listen();
    let server = RedisServer::start();
    let (first, second) = two_processes(&server).await;
    assert_eq!(first.admit(&[bucket("b", HOUR, 1, 1)]).await, Known::Yes(Ok(())));
    server.flush();
    // The scripts are gone, too.
    server.say("SCRIPT FLUSH");
    assert_eq!(second.admit(&[bucket("b", HOUR, 1, 1)]).await, Known::Yes(Ok(())));
    until("both are counted", || first.processes() == 2 && second.processes() == 2).await;
    assert_eq!(log.count("redis is lost"), 0);
}

#[tokio::test]
async fn a_redis_that_takes_no_writes_is_as_good_as_lost() {
    let (log, _guard) = Log::listen();
    let server = RedisServer::start();
    let (first, _second) = two_processes(&server).await;
    // A replica of nobody.
    server.say("REPLICAOF 127.0.0.1 1");
    until("the loss is noticed", || !first.is_up()).await;
    assert!(knows_nothing(&first).await);
    server.say("REPLICAOF NO ONE");
    until("it is back", || first.is_up()).await;
    assert!(log.count("redis is lost") <= 2);
}

#[tokio::test]
async fn a_redis_that_was_never_there_is_joined_when_it_comes() {
    let (log, _guard) = Log::listen();
    let mut server = RedisServer::start();
    let url = server.url();
    server.stop();
    assert!(matches!(process_at(&url).await, Err(ConnectError::Unreachable(_))));
    let late = Redis::connect_or_later(&url.as_str().into(), options()).await.expect("later");
    assert!(knows_nothing(&late).await);
    assert_eq!((late.processes(), late.is_up()), (1, false));
    assert_eq!(log.count("redis is out of reach"), 1);
    server.restart();
    until("it joins", || late.is_up()).await;
    assert_eq!(late.admit(&[bucket("b", HOUR, 1, 1)]).await, Known::Yes(Ok(())));
    assert_eq!((log.count("redis is lost"), log.count("redis is there")), (0, 1));
}
