//! Processes are killed at random while customers order and pay, and start again. In the end nothing is lost and nothing
//! is doubled.
//!
//! `REI_KILLS` says how many times on each engine, `REI_KILLS_SEED` repeats the choices of an earlier run: whom to kill
//! and when, and what the customers do. What a process is at when it dies also depends on the machine.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rei_sim::gemini::GeminiSim;
use rei_sim::kling::{KlingSim, Latency, StageLatency};
use rei_storage::testing::EngineKind;
use rstest::rstest;
use tokio::time::Instant;

use crate::aftermath::{comes_to_rest, the_audit_agrees};
use crate::crowd::{Crowd, GIFT_RUBLES};
use crate::fleet::{ALONE, Fleet, MANY};
use crate::world::World;

/// Kills on each engine, unless `REI_KILLS` says otherwise.
const KILLS: u64 = 100;
/// The pause before each.
const PAUSE_MS: std::ops::Range<u64> = 200..1_500;
const CUSTOMERS: u32 = 16;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn kills_at_random_under_load_lose_and_double_nothing(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let kills = number("REI_KILLS").unwrap_or(KILLS);
    let seed = number("REI_KILLS_SEED").unwrap_or_else(|| rand::rng().random());
    println!("{kills} kills on {engine:?}; again with REI_KILLS={kills} REI_KILLS_SEED={seed}");
    let mut world = World::start(engine).await;
    let yookassa = world.open_wide(GIFT_RUBLES).await;
    takes_its_time(&world.gemini, &world.kling);
    // A process that polled and was killed keeps the others from it until its lease ends: nobody would come in.
    world.use_webhook();
    let (parts, _redis) = match engine {
        EngineKind::Sqlite => (ALONE, None),
        EngineKind::Postgres => (MANY, Some(world.share_redis().await)),
    };
    let mut fleet = Fleet::start(&world, parts).await;
    let began = Instant::now();
    let mut crowd = Crowd::gathers(&world, &yookassa, CUSTOMERS, seed).await;

    let mut dice = StdRng::seed_from_u64(seed);
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_millis(dice.random_range(PAUSE_MS))).await;
        fleet.kills(dice.random_range(0..fleet.size()), &world).await;
    }
    let killed_for = began.elapsed();

    let (done, aftermath) = comes_to_rest(&world, &yookassa, &fleet, &mut crowd).await;
    let outcome = aftermath.is_sound().await;
    fleet.stops().await;
    the_audit_agrees(&world).await;
    println!(
        "{kills} kills on {engine:?} and {} more at named points: {done} things done, {outcome:?}; killed for {killed_for:?}, at rest \
         after {:?}",
        named_points(),
        began.elapsed()
    );
}

/// Long enough for a kill to come in the middle.
pub fn takes_its_time(gemini: &GeminiSim, kling: &KlingSim) {
    gemini.set_latency(Duration::from_millis(30), Duration::from_millis(700));
    kling.set_latency(StageLatency {
        submitted: Latency { min_ms: 100, max_ms: 500 },
        processing: Latency { min_ms: 300, max_ms: 1_500 },
    });
}

/// The kills of the tests beside this one.
#[cfg(feature = "crash-points")]
fn named_points() -> usize {
    crate::crash::named_points()
}

#[cfg(not(feature = "crash-points"))]
fn named_points() -> usize {
    0
}

pub fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}
