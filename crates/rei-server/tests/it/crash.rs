//! The process is killed at every named point of an order's path, started again, and in the end the order
//! is delivered and paid once, or given back once.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use rei_app::{BookError, CrashPoint, wallet_of};
use rei_domain::clock::Timestamp;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_sim::gemini::Behaviour;
use rei_sim::telegram::{Fault, FaultKind};
use rei_storage::testing::EngineKind;
use rei_storage::{Book, inbox, jobs, ledger, orders, outbox};
use rstest::rstest;
use tokio::task::JoinSet;

use crate::aftermath::the_audit_agrees;
use crate::app::Person;
use crate::crash_payments::PAYMENT_POINTS;
use crate::receipts::OFFSET_POINTS;
use crate::world::{PATIENCE, World};

const SIGKILL: i32 = 9;

/// Where a picture's order can be hit: it never becomes a task.
const PICTURE_POINTS: [CrashPoint; 9] = [
    CrashPoint::UpdateStored,
    CrashPoint::OrderPlaced,
    CrashPoint::AttemptStored,
    CrashPoint::ProviderAnswered,
    CrashPoint::ArtifactStored,
    CrashPoint::PriceCaptured,
    CrashPoint::PreviewSent,
    CrashPoint::OriginalSent,
    CrashPoint::RefusalReceived,
];
/// Where a video's order goes another way than a picture's.
const VIDEO_POINTS: [CrashPoint; 5] = [
    CrashPoint::AttemptStored,
    CrashPoint::TaskAccepted,
    CrashPoint::TaskStored,
    CrashPoint::ArtifactStored,
    CrashPoint::PriceCaptured,
];

/// How many times processes die at a named point, on each engine.
pub fn named_points() -> usize {
    PICTURE_POINTS.len() + VIDEO_POINTS.len() + PAYMENT_POINTS.len() + OFFSET_POINTS.len()
}

#[test]
fn every_point_is_hit_by_some_order() {
    let hit = [&PICTURE_POINTS[..], &VIDEO_POINTS, &PAYMENT_POINTS, &OFFSET_POINTS].concat();
    let missed: Vec<CrashPoint> =
        CrashPoint::ALL.into_iter().filter(|point| !hit.contains(point)).collect();
    assert_eq!(missed, [], "nobody dies there");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_at_any_point_costs_nobody_a_kopeck(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let mut survivals = JoinSet::new();
    for point in PICTURE_POINTS {
        survivals.spawn(a_picture_survives(engine, point));
    }
    for point in VIDEO_POINTS {
        survivals.spawn(a_video_survives(engine, point));
    }
    while let Some(survived) = survivals.join_next().await {
        survived.expect("the order survives the crash");
    }
}

async fn a_picture_survives(engine: EngineKind, point: CrashPoint) {
    let at = point.name();
    let refuses = point == CrashPoint::RefusalReceived;
    let world = World::start(engine).await;
    if refuses {
        world.gemini.always(Behaviour::finish("IMAGE_SAFETY"));
    }
    let anna = world.person(42, "Анна");
    let (state, left) = crashes(&world, &anna, point, "кот в скафандре", "50 ₽").await;
    let wanted = if refuses { OrderState::Refused } else { OrderState::Delivered };
    assert_eq!(state, wanted, "{at}");
    let paid = if refuses { 0 } else { 50 };
    assert_eq!(left, Kopecks::from_rubles(100 - paid), "{at}");

    let shown = anna.user.messages();
    let photos = shown.iter().filter(|message| message.photo.is_some()).count();
    let files = shown.iter().filter(|message| message.document.is_some()).count();
    let (photos_max, files_max) = match point {
        CrashPoint::RefusalReceived => (0, 0),
        CrashPoint::PreviewSent => (2, 1),
        CrashPoint::OriginalSent => (1, 2),
        _ => (1, 1),
    };
    let least = usize::from(!refuses);
    assert!((least..=photos_max).contains(&photos), "{at}: {photos} previews");
    assert!((least..=files_max).contains(&files), "{at}: {files} originals");
}

async fn a_video_survives(engine: EngineKind, point: CrashPoint) {
    let at = point.name();
    let mut world = World::start(engine).await;
    world.sell_videos();
    let anna = world.person(42, "Анна");
    let (state, left) = crashes(&world, &anna, point, "/video кот на скейте", "100 ₽").await;
    assert_eq!(state, OrderState::Delivered, "{at}");
    assert_eq!(left, Kopecks::ZERO, "{at}");
    let shown = anna.user.messages();
    let videos = shown.iter().filter(|message| message.video.is_some()).count();
    assert_eq!(videos, 1, "{at}");
    assert_eq!(world.kling.creates_total(), 1, "{at}: it was asked for twice");
    assert_eq!(world.kling.violations(), Vec::<String>::new(), "{at}");
}

/// Orders, crashes there, starts again; where the order stands at rest, and what can be spent then. The book is sound.
async fn crashes(
    world: &World,
    anna: &Person,
    point: CrashPoint,
    words: &str,
    price: &str,
) -> (OrderState, Kopecks) {
    let at = point.name();
    let calm = world.spawn("calm", &["serve"], &[]);
    world.greets_and_gets(anna, 100).await;
    anna.says(words);
    world.sees(anna, &format!("Цена: {price}")).await;
    let stopped = calm.stop().await;
    assert!(stopped.success(), "{at}: {stopped}");

    if point == CrashPoint::PriceCaptured {
        // Its sender is quick, and might have begun to deliver before it dies.
        for method in ["sendPhoto", "sendVideo"] {
            let silence = FaultKind::TooManyRequests { retry_after: 1 };
            world.telegram.fault(Fault::next(silence).on(method));
        }
    }
    let mut doomed = world.spawn("doomed", &["serve"], &[("REI_CRASH_AT", at)]);
    anna.taps(&format!("Создать за {price}")).await;
    let died = doomed.ended(PATIENCE).await;
    assert_eq!(died.signal(), Some(SIGKILL), "{at}: {}", doomed.said());

    let again = world.spawn("again", &["serve"], &[]);
    let book = world.book().await;
    let state = at_rest(&book, at).await;
    let id = anna.id;
    let left = book.read(move |tx| wallet_of(tx, id)).await.expect("the book is readable");
    assert_eq!(left.held, Kopecks::ZERO, "{at}");

    let report = book.read(ledger::audit).await.expect("the book is readable");
    assert!(report.is_sound(), "{at}: the audit found {:?}", report.findings);
    assert!(report.trial.is_zero(), "{at}");
    let open = book.read(|tx| ledger::open_holds_older_than(tx, Timestamp(i64::MAX), 10)).await;
    assert_eq!(open.expect("the book is readable"), [], "{at}: a hold is open");
    let stopped = again.stop().await;
    assert!(stopped.success(), "{at}: {stopped}");
    the_audit_agrees(world).await;
    (state, left.free())
}

/// Waits until nothing waits or runs, and says how the only order ended.
async fn at_rest(book: &Book, at: &str) -> OrderState {
    let step = Duration::from_millis(250);
    let mut seen = String::new();
    for _ in 0..PATIENCE.as_millis() / step.as_millis() {
        tokio::time::sleep(step).await;
        let looked = book.read(|tx| {
            let live = [inbox::count_waiting(tx)?, jobs::count_live(tx)?, outbox::count_live(tx)?];
            Ok::<_, BookError>((live, orders::recent(tx, 10)?))
        });
        let (live, found) = looked.await.expect("the book is readable");
        assert!(found.len() <= 1, "{at}: one press made {} orders", found.len());
        seen = format!("{live:?}, {:?}", found.first().map(|order| order.state));
        match found.first() {
            Some(order) if live == [0; 3] && order.state.is_final() => return order.state,
            _ => {}
        }
    }
    panic!("{at}: still not at rest: {seen}");
}
