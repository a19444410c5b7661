//! The process is killed at every named point of a payment's path and started again: the payment is credited once, and
//! YooKassa has one.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use rei_app::{BookError, CrashPoint, wallet_of};
use rei_domain::clock::Timestamp;
use rei_domain::money::Kopecks;
use rei_domain::payment::PaymentState;
use rei_sim::yookassa::{PaymentStatus, YooKassaSim};
use rei_storage::testing::EngineKind;
use rei_storage::{Book, inbox, jobs, ledger, outbox, payments};
use rstest::rstest;
use tokio::task::JoinSet;

use crate::aftermath::the_audit_agrees;
use crate::app::Person;
use crate::till::{in_the_book, taps_sum};
use crate::world::{PATIENCE, World};

const SIGKILL: i32 = 9;

/// Where a payment can be hit.
pub const PAYMENT_POINTS: [CrashPoint; 6] = [
    CrashPoint::PaymentStored,
    CrashPoint::PaymentOpened,
    CrashPoint::PaymentLinked,
    CrashPoint::NoticeStored,
    CrashPoint::PaymentRead,
    CrashPoint::PaymentSettled,
];

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_point_of_a_payment_neither_loses_nor_doubles_it(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let mut survivals = JoinSet::new();
    for point in PAYMENT_POINTS {
        survivals.spawn(a_payment_survives(engine, point));
    }
    while let Some(survived) = survivals.join_next().await {
        survived.expect("the payment survives the crash");
    }
}

async fn a_payment_survives(engine: EngineKind, point: CrashPoint) {
    let at = point.name();
    let mut world = World::start(engine).await;
    world.set("TERMS_VERSION", "0");
    let yookassa = world.take_payments().await;
    let anna = world.person(42, "Анна");

    // The process dies over the request to pay, or over the report that it was paid.
    let is_before_paying = matches!(
        point,
        CrashPoint::PaymentStored | CrashPoint::PaymentOpened | CrashPoint::PaymentLinked
    );
    let mut doomed = world.spawn("doomed", &["serve"], &[("REI_CRASH_AT", at)]);
    anna.says("/pay");
    world.sees(&anna, "Пополнить баланс").await;
    taps_sum(&anna, 500);
    if !is_before_paying {
        world.sees(&anna, "Счёт №").await;
        pays(&yookassa);
    }
    let died = doomed.ended(PATIENCE).await;
    assert_eq!(died.signal(), Some(SIGKILL), "{at}: {}", doomed.said());

    let again = world.spawn("again", &["serve"], &[]);
    if is_before_paying {
        world.sees(&anna, "Счёт №").await;
        pays(&yookassa);
    }
    world.sees(&anna, "Зачислено 500 ₽").await;
    let book = world.book().await;
    is_credited_once(&book, &yookassa, &anna, at).await;
    told_once(&anna, at);

    let stopped = again.stop().await;
    assert!(stopped.success(), "{at}: {stopped}");
    the_audit_agrees(&world).await;
}

fn pays(yookassa: &YooKassaSim) {
    let made = yookassa.payments();
    assert_eq!(made.len(), 1, "one press made several payments");
    yookassa.pay(&made[0].id).expect("it can be paid");
}

async fn is_credited_once(book: &Book, yookassa: &YooKassaSim, anna: &Person, at: &str) {
    at_rest(book, at).await;
    let id = anna.id;
    let looked = book.read(move |tx| {
        let rows = payments::of_customer(tx, id, 10)?;
        Ok::<_, BookError>((wallet_of(tx, id)?, rows, ledger::audit(tx)?))
    });
    let (wallet, rows, report) = looked.await.expect("the book is readable");
    assert_eq!((wallet.free(), wallet.held), (Kopecks::from_rubles(500), Kopecks::ZERO), "{at}");
    assert_eq!(rows.len(), 1, "{at}: {rows:?}");
    assert_eq!(rows[0].state, PaymentState::Paid, "{at}");

    let made = yookassa.payments();
    assert_eq!(made.len(), 1, "{at}: {made:?}");
    assert_eq!(made[0].status, PaymentStatus::Succeeded, "{at}");
    let asked = yookassa.calls().creates();
    let asked: BTreeSet<_> = asked.iter().map(|it| (&it.idempotence_key, &it.body)).collect();
    assert_eq!(asked.len(), 1, "{at}: it was asked for in several ways");

    assert!(report.is_sound(), "{at}: the audit found {:?}", report.findings);
    assert!(report.trial.is_zero(), "{at}");
    let here = in_the_book(book).await;
    assert_eq!(here, yookassa.totals().net_kopecks, "{at}: the book and YooKassa differ");
    let open = book.read(|tx| ledger::open_holds_older_than(tx, Timestamp(i64::MAX), 10)).await;
    assert_eq!(open.expect("the book is readable"), [], "{at}: a hold is open");
}

/// A crash after the credit does not have it told twice: what was told is in the book with the credit.
fn told_once(anna: &Person, at: &str) {
    let messages = anna.user.messages();
    let told = messages.iter().filter(|it| crate::app::flat(&it.text).contains("Зачислено 500 ₽"));
    assert_eq!(told.count(), 1, "{at}: she was told of it several times");
}

/// Waits until nothing waits or runs.
async fn at_rest(book: &Book, at: &str) {
    let step = Duration::from_millis(250);
    let mut seen = [0; 3];
    for _ in 0..PATIENCE.as_millis() / step.as_millis() {
        tokio::time::sleep(step).await;
        let live = book.read(|tx| {
            let waiting = [inbox::count_waiting(tx)?, jobs::count_live(tx)?];
            Ok::<_, BookError>([waiting[0], waiting[1], outbox::count_live(tx)?])
        });
        seen = live.await.expect("the book is readable");
        if seen == [0; 3] {
            return;
        }
    }
    panic!("{at}: still not at rest: {seen:?}");
}
