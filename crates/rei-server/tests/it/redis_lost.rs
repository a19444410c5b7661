//! Redis is emptied, restarted, frozen and gone while customers order and pay: a fleet goes on more slowly, loses nothing,
//! and says so once.

use std::time::Duration;

use rei_storage::testing::EngineKind;

use crate::aftermath::{comes_to_rest, the_audit_agrees};
use crate::crowd::{Crowd, GIFT_RUBLES};
use crate::fleet::{Fleet, MANY};
use crate::kills::takes_its_time;
use crate::world::World;

/// How long each trouble lasts, and the calm after it.
const TROUBLE: Duration = Duration::from_secs(6);
const CUSTOMERS: u32 = 10;
const SEED: u64 = 20_261_127;
/// A restart, a freeze and an absence.
const LOSSES: usize = 3;
/// What a process says when it is without Redis.
const LOST: &str = "redis is lost";

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_without_redis_for_a_while_delivers_everything() {
    let mut world = World::start(EngineKind::Postgres).await;
    let yookassa = world.open_wide(GIFT_RUBLES).await;
    world.use_webhook();
    takes_its_time(&world.gemini, &world.kling);
    let mut redis = world.share_redis().await;
    let fleet = Fleet::start(&world, MANY).await;
    let mut crowd = Crowd::gathers(&world, &yookassa, CUSTOMERS, SEED).await;
    tokio::time::sleep(TROUBLE).await;

    redis.flush();
    tokio::time::sleep(TROUBLE).await;
    redis.restart();
    tokio::time::sleep(TROUBLE).await;
    redis.pause();
    tokio::time::sleep(TROUBLE).await;
    redis.resume();
    tokio::time::sleep(TROUBLE).await;
    redis.stop();
    tokio::time::sleep(TROUBLE).await;
    redis.restart();
    tokio::time::sleep(TROUBLE).await;

    let (done, aftermath) = comes_to_rest(&world, &yookassa, &fleet, &mut crowd).await;
    let outcome = aftermath.is_sound().await;
    assert_eq!(outcome.doubled, 0, "of {done} things, {outcome:?}");
    for (name, _) in MANY {
        let said = fleet.process(name).said();
        let told = said.matches(LOST).count();
        assert!((1..=LOSSES).contains(&told), "{name} says it {told} times: {said}");
    }
    fleet.stops().await;
    the_audit_agrees(&world).await;
}
