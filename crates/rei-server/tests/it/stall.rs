//! A process that stood still past its leases and goes on can't write what is no longer its own: money moves once, and
//! messages come as often as the outbox allows.

use std::time::Duration;

use rei_app::{BookError, HistoryFilter, wallet_of};
use rei_domain::ledger::Phase;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_sim::gemini::Behaviour;
use rei_sim::telegram::{Fault, FaultKind, SimMessage};
use rei_storage::testing::EngineKind;
use rei_storage::{Book, ledger, orders};
use rstest::rstest;
use tokio::time::Instant;

use crate::aftermath::the_audit_agrees;
use crate::app::Person;
use crate::roles::{freeze, migrated};
use crate::world::{ADMIN, PATIENCE, Process, World, answers};

/// How long a call takes in whose middle a process is frozen.
const CALL: Duration = Duration::from_secs(3);
/// What was on its way when a process went on has shown itself by then.
const AFTERWARDS: Duration = Duration::from_secs(8);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// What a worker says when its write is refused.
const REFUSED: &str = "the job was taken over by another worker";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stalled_until_another_had_done_its_job_changes_nothing(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let house = a_worker_stalls(engine).await;
    let Stalling { world, book, anna, stalled, .. } = &house;

    let other = world.spawn("other", &["worker"], &[]);
    world.sees(anna, "списано 50 ₽ · баланс 50 ₽").await;
    world.sees(anna, "Оригинал").await;
    assert_eq!(world.gemini.generate_calls().len(), 2);

    stalled.thaw().await;
    tokio::time::sleep(AFTERWARDS).await;
    paid_once(book, anna).await;
    assert_eq!(count(anna, |message| message.photo.is_some()), 1, "previews");
    assert_eq!(count(anna, |message| message.document.is_some()), 1, "originals");
    assert_eq!(world.gemini.generate_calls().len(), 2, "it was asked for a third time");
    house.ends(other).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stalled_past_its_lease_can_not_write(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let house = a_worker_stalls(engine).await;
    let Stalling { world, book, anna, stalled, .. } = &house;
    // The other one is still at it when the first goes on.
    world.gemini.next(Behaviour::Slow { ms: ms(CALL * 5) });

    let other = world.spawn("other", &["worker"], &[]);
    until("the other call", || world.gemini.generate_calls().len() == 2).await;
    stalled.thaw().await;
    until("a refusal", || stalled.said().contains(REFUSED)).await;
    assert_eq!(count(anna, |message| message.photo.is_some()), 0, "it delivered");
    world.sees(anna, "списано 50 ₽ · баланс 50 ₽").await;
    world.sees(anna, "Оригинал").await;
    paid_once(book, anna).await;
    assert_eq!(count(anna, |message| message.photo.is_some()), 1, "previews");
    assert_eq!(count(anna, |message| message.document.is_some()), 1, "originals");
    assert_eq!(world.gemini.generate_calls().len(), 2, "it was asked for a third time");
    house.ends(other).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_stalled_in_the_middle_doubles_a_result_once_and_nothing_else(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let house = with_a_door(engine).await;
    let Stalling { world, book, anna, stalled, .. } = &house;
    let slow = Fault::next(FaultKind::slow(CALL)).on("sendPhoto");
    world.telegram.fault(slow);
    orders_a_cat(world, anna).await;
    until("the preview", || count(anna, |message| message.photo.is_some()) == 1).await;
    freeze(stalled, book).await;

    let other = world.spawn("other", &["bot"], &[]);
    // The lease of the preview ends first: within a chat nothing overtakes.
    world.sees(anna, "Оригинал").await;
    stalled.thaw().await;
    tokio::time::sleep(AFTERWARDS).await;
    paid_once(book, anna).await;
    assert_eq!(count(anna, |message| message.photo.is_some()), 2, "a result is sent again");
    assert_eq!(count(anna, |message| message.document.is_some()), 1, "originals");

    // Both serve on.
    orders_a_cat(world, anna).await;
    world.sees(anna, "баланс 0 ₽").await;
    until("the second original", || count(anna, |message| message.document.is_some()) == 2).await;
    assert_eq!(count(anna, |message| message.photo.is_some()), 3, "previews");
    house.ends(other).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_stalled_in_an_answer_to_a_press_has_it_given_once(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let house = with_a_door(engine).await;
    let Stalling { world, book, anna, stalled, .. } = &house;
    let owner = world.person(ADMIN, "Владелец");
    until("the owner's press", || owner.user.callback_answers().len() == 1).await;
    let before = world.telegram.call_count("answerCallbackQuery");
    let answered = || world.telegram.call_count("answerCallbackQuery") - before;
    world.telegram.fault(Fault::next(FaultKind::slow(CALL)).on("answerCallbackQuery"));
    orders_a_cat(world, anna).await;
    until("the answer to the press", || answered() == 1).await;
    freeze(stalled, book).await;

    let other = world.spawn("other", &["bot"], &[]);
    world.sees(anna, "Оригинал").await;
    stalled.thaw().await;
    tokio::time::sleep(AFTERWARDS).await;
    paid_once(book, anna).await;
    assert_eq!(answered(), 1, "a press is answered at most once");
    house.ends(other).await;
}

/// A house in which one process stands still.
struct Stalling {
    world: World,
    book: Book,
    anna: Person,
    /// The processes that never do.
    steady: Vec<Process>,
    stalled: Process,
}

/// A worker stands still in the middle of the call for Anna's picture.
async fn a_worker_stalls(engine: EngineKind) -> Stalling {
    let world = World::start(engine).await;
    // A bot alone can't sell; it is never frozen here.
    let steady = vec![world.spawn("bot", &["bot"], &[])];
    let stalled = world.spawn("stalled", &["worker", "--no-scheduler"], &[]);
    let book = migrated(&world).await;
    let anna = world.person(42, "Анна");
    world.greets_and_gets(&anna, 100).await;
    world.gemini.next(Behaviour::Slow { ms: ms(CALL) });
    orders_a_cat(&world, &anna).await;
    until("the call", || world.gemini.generate_calls().len() == 1).await;
    freeze(&stalled, &book).await;
    Stalling { world, book, anna, steady, stalled }
}

/// Updates come in by the door, and a bot that is to stand still sends.
async fn with_a_door(engine: EngineKind) -> Stalling {
    let mut world = World::start(engine).await;
    world.use_webhook();
    let web = world.spawn("web", &["web"], &[]);
    answers(world.door(), "/readyz").await;
    let worker = world.spawn("worker", &["worker"], &[]);
    let stalled = world.spawn("stalled", &["bot"], &[]);
    let book = migrated(&world).await;
    let anna = world.person(42, "Анна");
    world.greets_and_gets(&anna, 100).await;
    Stalling { world, book, anna, steady: vec![web, worker], stalled }
}

impl Stalling {
    /// Everything ends well, and the book is sound.
    async fn ends(self, other: Process) {
        for process in self.steady.into_iter().chain([self.stalled, other]) {
            let said = process.said_last();
            assert!(process.stop().await.success(), "{said}");
        }
        the_audit_agrees(&self.world).await;
        assert_eq!(self.world.telegram.violations(), []);
    }
}

async fn orders_a_cat(world: &World, anna: &Person) {
    anna.says("кот в скафандре");
    world.sees(anna, "Цена: 50 ₽").await;
    anna.taps("Создать за 50 ₽").await;
}

/// The only order is delivered and was charged once.
async fn paid_once(book: &Book, anna: &Person) {
    let id = anna.id;
    let asked = Instant::now();
    loop {
        let looked = book.read(move |tx| {
            let rows = orders::history(tx, id, HistoryFilter::All, 0, 10)?;
            let transfers = ledger::statement(tx, id, None, 100)?.transfers;
            Ok::<_, BookError>((wallet_of(tx, id)?, rows, transfers))
        });
        let (wallet, rows, transfers) = looked.await.expect("the book is readable");
        let states: Vec<_> = rows.iter().map(|row| row.state).collect();
        // What reached the chat is noted a moment later.
        if states == [OrderState::Delivering] && asked.elapsed() < PATIENCE {
            tokio::time::sleep(LOOK_EVERY).await;
            continue;
        }
        assert_eq!(states, [OrderState::Delivered]);
        let captures = transfers.iter().filter(|it| it.phase == Phase::Capture).count();
        assert_eq!(captures, 1);
        assert_eq!((wallet.free(), wallet.held), (Kopecks::from_rubles(50), Kopecks::ZERO));
        return;
    }
}

fn count(person: &Person, wanted: impl Fn(&SimMessage) -> bool) -> usize {
    person.user.messages().iter().filter(|message| wanted(message)).count()
}

async fn until(what: &str, check: impl Fn() -> bool) {
    let asked = Instant::now();
    while !check() {
        assert!(asked.elapsed() < PATIENCE, "{what} did not happen within {PATIENCE:?}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
