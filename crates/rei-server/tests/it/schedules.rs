//! Thousands of random schedules of payments: wishes, lost answers, reports that come twice, late, forged or never,
//! settlers beside each other, refunds, and processes that die between any two commits. When everything has healed,
//! each paid payment is credited once, no unpaid one ever, and the payment system's total is the book's.
//!
//! A seed decides about everything that is done and when; how threads interleave what is done at the same moment, and
//! at which of its waits a job dies, also depends on the machine.

mod bank;
mod checks;
mod deeds;
pub mod draw;
mod heal;
mod strangers;
mod workers;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use rei_storage::testing::EngineKind;
use rstest::rstest;

use bank::{Bank, Session};
use draw::{Deed, Plan, Step};

/// How many schedules are played on each engine, unless `REI_SCHEDULES` says otherwise.
const SCHEDULES: u64 = 1_000;
/// Each engine's schedules are played by so many tests side by side.
const PARTS: u64 = 4;
/// Schedules that one book serves, one after the other: a fresh one costs more than a schedule.
const PER_BOOK: usize = 50;

#[rstest]
#[tokio::test]
async fn each_paid_payment_is_credited_once_whatever_happens(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
    #[values(0, 1, 2, 3)] part: u64,
) {
    let seeds = seeds(part);
    let mut failed = Vec::new();
    for some in seeds.chunks(PER_BOOK) {
        let bank = Bank::open(engine).await;
        for &seed in some {
            if let Err(why) = survives(&bank, seed).await {
                failed.push(seed);
                tell(seed, &why);
                // What went wrong in this book would go on to be found in it.
                break;
            }
        }
    }
    assert!(failed.is_empty(), "schedules that went wrong: {failed:?}");
}

/// A lost answer leaves a payment without the payment system's name, which others may then claim.
#[rstest]
#[case::another_site_writes_the_order_s_id(Deed::Foreign { rubles: 100, claims: Some(1) })]
#[case::a_report_names_another_customer_s_payment(Deed::Forge { how: 5, which: 1 })]
#[tokio::test]
async fn nobody_else_s_payment_takes_the_place_of_one_whose_answer_was_lost(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
    #[case] claim: Deed,
) {
    let step = |deed| Step { deeds: vec![deed], pause: Duration::from_secs(3) };
    let wish = |customer| step(Deed::Wish { customer, rubles: 500 });
    let steps = vec![
        // The first customer's payment is made and credited; the second's answer is lost, again and again.
        wish(0),
        step(Deed::Work),
        step(Deed::Pay(0)),
        step(Deed::Work),
        step(Deed::Fault { how: 1, on: 0, skip: 0, times: 50 }),
        wish(1),
        step(Deed::Work),
        step(claim),
        step(Deed::Sweep),
        step(Deed::Work),
        step(Deed::Pay(0)),
    ];
    let plan = Plan { seed: 0, customers: 2, cuts: 0, steps, releases: true };
    let bank = Bank::open(engine).await;
    assert_eq!(plays(&bank, &plan).await, Vec::<String>::new());
}

/// The seeds that this test plays.
fn seeds(part: u64) -> Vec<u64> {
    let number = |name| {
        let text = std::env::var(name).ok()?;
        Some(text.parse::<u64>().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
    };
    match number("REI_SCHEDULE_SEED") {
        Some(seed) if seed % PARTS == part => vec![seed],
        Some(_) => Vec::new(),
        None => {
            let count = number("REI_SCHEDULES").unwrap_or(SCHEDULES);
            (0..count).filter(|seed| seed % PARTS == part).collect()
        }
    }
}

/// Plays one schedule to its end and looks at what is left.
async fn survives(bank: &Bank, seed: u64) -> Result<(), String> {
    let plan = Plan::of(seed);
    let found = match AssertUnwindSafe(plays(bank, &plan)).catch_unwind().await {
        Ok(found) => found,
        Err(panic) => vec![words(panic.as_ref())],
    };
    match found.is_empty() {
        true => Ok(()),
        false => Err(format!("{}\n{plan}", found.join("\n"))),
    }
}

/// Plays a schedule, lets everything heal, and says what does not hold then.
async fn plays(bank: &Bank, plan: &Plan) -> Vec<String> {
    let session = Session::begin(bank, plan).await;
    for step in &plan.steps {
        session.takes(step).await;
    }
    session.heals(plan).await;
    session.complaints().await
}

/// Says what went wrong and how it is played again.
fn tell(seed: u64, why: &str) {
    let test = std::thread::current().name().unwrap_or("schedules::").to_owned();
    eprintln!("schedule {seed} went wrong:\n{why}\nto play it again:");
    eprintln!("REI_SCHEDULE_SEED={seed} cargo test -p rei-server --test it -- --exact {test}\n");
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    format!("a panic: {}", text.unwrap_or("without words"))
}
