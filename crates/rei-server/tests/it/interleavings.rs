//! Thousands of interleavings of the whole house: customers, payments, faults of everybody outside, updates that come
//! twice and in any order, deaths between any two commits, leases that end too early, clocks that jump. In one thread
//! and on one clock, so that a seed decides about everything: it is played again exactly.

mod checks;
mod faults;
mod hall;
mod heal;
mod people;
mod play;
mod provider;
mod stage;
mod work;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use futures::FutureExt;
use rei_storage::testing::EngineKind;
use rstest::rstest;

use play::Play;

/// How many schedules are played on each engine, unless `REI_SCHEDULES` says otherwise.
const ON_SQLITE: u64 = 2_000;
const ON_POSTGRES: u64 = 100;
/// Seeds that are played side by side, each in a thread of its own.
const THREADS: usize = 2;
/// After so many a fault is known well enough.
const FAILURES_MAX: usize = 5;
/// Schedules that never come here prove nothing about it.
const REACHED: [&str; 12] = [
    "death",
    "edit delivered",
    "image cancelled",
    "image delivered",
    "image expired",
    "image failed",
    "image refused",
    "text_video delivered",
    "text_video gifted",
    "text_video refused",
    "payment Cancelled",
    "payment Paid",
];
/// Seeds that are played twice.
const TWICE: u64 = 20;

#[rstest]
#[case::sqlite(EngineKind::Sqlite, ON_SQLITE)]
#[case::postgres(EngineKind::Postgres, ON_POSTGRES)]
fn whatever_happens_and_whoever_dies_the_house_comes_to_rest_with_everything_in_order(
    #[case] engine: EngineKind,
    #[case] usual: u64,
) {
    let seeds = match number("REI_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("REI_SCHEDULES").unwrap_or(usual),
    };
    let (next, failed) = (AtomicU64::new(seeds.start), Mutex::new(Vec::new()));
    let reached: Mutex<BTreeMap<String, u64>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    let failures = failed.lock().unwrap_or_else(PoisonError::into_inner).len();
                    if seed >= seeds.end || failures >= FAILURES_MAX {
                        return;
                    }
                    let played = play(engine, seed);
                    let mut reached = reached.lock().unwrap_or_else(PoisonError::into_inner);
                    for (name, count) in &played.ends {
                        *reached.entry(name.clone()).or_default() += count;
                    }
                    if !played.wrong.is_empty() || number("REI_SEED").is_some() {
                        tell(engine, seed, &played);
                    }
                    if !played.wrong.is_empty() {
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(seed);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    let reached = reached.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("what schedules came to: {reached:?}");
    assert!(failed.is_empty(), "schedules that went wrong: {failed:?}");
    let is_whole = seeds.end - seeds.start >= usual;
    let missed: Vec<&str> =
        REACHED.into_iter().filter(|it| is_whole && !reached.contains_key(*it)).collect();
    assert!(missed.is_empty(), "no schedule came to {missed:?}");
}

#[test]
fn a_seed_is_played_again_step_by_step() {
    for seed in 0..TWICE {
        let (first, second) = (play(EngineKind::Sqlite, seed), play(EngineKind::Sqlite, seed));
        let differ = first.told.iter().zip(&second.told).position(|(one, other)| one != other);
        if let Some(at) = differ {
            let from = at.saturating_sub(5);
            panic!(
                "seed {seed} went two ways at {at}:\n{:#?}\n{:#?}",
                &first.told[from..=at],
                &second.told[from..=at]
            );
        }
        assert_eq!(first.told.len(), second.told.len(), "seed {seed} ended in two ways");
    }
}

/// A schedule that was played to its end.
struct Played {
    /// The steps, and for a seed that went well what it led to.
    told: Vec<String>,
    /// What does not hold.
    wrong: Vec<String>,
    /// How things ended, by name.
    ends: BTreeMap<String, u64>,
}

/// Plays a seed in a thread of its own, with one more for what blocks.
fn play(engine: EngineKind, seed: u64) -> Played {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // One thing after the other, so that a seed decides about their order as well.
        .max_blocking_threads(1)
        .build()
        .expect("a runtime can be made");
    runtime.block_on(async {
        let mut play = Play::begin(engine, seed).await;
        let ended = AssertUnwindSafe(async {
            play.plays().await;
            play.stage.heals().await;
            play.complaints().await
        });
        let (wrong, outcome) = match ended.catch_unwind().await {
            Ok(wrong) => (wrong, play.outcome().await),
            Err(panic) => (vec![words(panic.as_ref())], Vec::new()),
        };
        let told = play.trace.iter().cloned().chain(outcome).collect();
        Played { told, wrong, ends: play.ends().await }
    })
}

/// Says what went wrong, what happened before, and how it is played again.
fn tell(engine: EngineKind, seed: u64, played: &Played) {
    let case = match engine {
        EngineKind::Sqlite => "case_1_sqlite",
        EngineKind::Postgres => "case_2_postgres",
    };
    eprintln!("schedule {seed}:\n{}", played.told.join("\n"));
    if !played.wrong.is_empty() {
        eprintln!("schedule {seed} went wrong:\n{}", played.wrong.join("\n"));
    }
    eprintln!("to play it again:");
    eprintln!("REI_SEED={seed} cargo xtask test comes_to_rest_with_everything_in_order::{case}\n");
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("a panic: {}", text.unwrap_or("without words"))
}
