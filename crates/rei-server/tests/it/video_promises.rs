//! Promises about videos, kept by the whole product: J1 to J6, J8 and J12 where a task at the provider is part of them.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use rei_app::orders::{self as use_cases, CancelOutcome, expire_overdue, poll_due};
use rei_domain::ids::CustomerId;
use rei_domain::ledger::{Account, Expense, Money, Phase};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState::{self, Delivered};
use rei_server::commands::demo::StageOptions;
use rei_sim::kling::{Behaviour, CallbackFault, Latency, ResultFault, StageLatency};
use rei_storage::testing::EngineKind;
use rei_storage::{customers, ledger};
use rstest::rstest;
use serde_json::json;

use crate::app::{Person, Shape, TestApp};
use crate::shortcuts::{
    CATALOG, creates_for, fault, filming, filming_gift, films, key_of, known, orders_of,
    place_video, quick, states_of, transfers, until_newest_is,
};
use crate::world::http;

/// A worker's death is noticed when its lease ends; nothing of this takes longer.
const AFTER_A_LEASE: Duration = Duration::from_secs(60);
/// Long enough for the poller to have looked at the book.
const TWO_LOOKS: Duration = Duration::from_millis(2_200);
const SECRET: &str = "whsec_cmVpLWJvdC10ZXN0LXdlYmhvb2stc2VjcmV0LTAwMDE=";

/// Nobody asks by himself for as long as a test takes: only a report makes it happen.
fn patient(options: &mut StageOptions) {
    quick(options);
    options.settings.push(("KLING_POLL_INTERVAL".to_owned(), "300".to_owned()));
}

/// Videos must be there within three seconds.
fn hasty(options: &mut StageOptions) {
    filming(options);
    let path = options.folder.join("catalog.toml");
    let hasty = CATALOG.replace("deadline_s = 86400", "deadline_s = 3");
    std::fs::write(&path, hasty).expect("the folder can be written");
    options.settings.push(("CATALOG_PATH".to_owned(), path.display().to_string()));
}

/// Sends a report that Kling never sent; the door's answer.
async fn reports(app: &TestApp, head: &str, body: &str) -> u16 {
    let address = app.stage.product().await.address.expect("the door is open").to_string();
    http(&address, "POST", "/webhooks/kling", head, body).await.0
}

/// What a thief would like us to believe of the only task.
fn tempting(app: &TestApp, prompt: &str) -> String {
    let create = creates_for(app, prompt).remove(0);
    let output =
        json!({"type": "video", "url": "http://127.0.0.1:9/stolen.mp4", "duration": "5.0"});
    json!({
        "id": create.task_id, "external_id": create.external_id,
        "status": "succeeded", "message": "", "outputs": [output],
    })
    .to_string()
}

/// How many videos Telegram was handed for this person.
fn videos_sent(app: &TestApp, person: &Person) -> usize {
    let calls = app.stage.telegram.calls();
    let sent = calls.iter().filter(|call| call.method == "sendVideo");
    sent.filter(|call| call.chat_id == Some(person.user.id())).count()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j1_a_report_without_the_right_signature_changes_nothing(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, |options| {
        patient(options);
        options.webhook_secret = Some(SECRET.to_owned());
        options.settings.push(("KLING_WEBHOOK_SECRET".to_owned(), SECRET.to_owned()));
    })
    .await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.kling.always(Behaviour::stuck());
    films(&anna, "кот на скейте").await;
    until_newest_is(&app, &anna, OrderState::Running).await;
    // A report that the work has begun may come before the task is known, or after.
    tokio::time::sleep(TWO_LOOKS).await;
    let before = app.stage.kling.polls_total();
    let body = tempting(&app, "кот на скейте");
    let now_s = app.house().await.now().0 / 1_000;
    let signed = format!("webhook-id: evt-1\r\nwebhook-timestamp: {now_s}\r\n");
    for head in [
        String::new(),
        signed.clone(),
        format!("{signed}webhook-signature: v1,AAAA\r\n"),
        format!("{signed}webhook-signature: v1,oCg8QSxm6jx1B3/8zp4xgcmXYxdrAbXV9isZbomf11Y=\r\n"),
        "webhook-id: evt-1\r\nwebhook-timestamp: 0\r\nwebhook-signature: v1,AAAA\r\n".to_owned(),
    ] {
        assert_eq!(reports(&app, &head, &body).await, 401, "{head}");
    }
    tokio::time::sleep(TWO_LOOKS).await;
    assert_eq!(app.stage.kling.polls_total(), before, "nobody even asked");
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Running]);

    // The provider's own word is signed, and makes us ask at once.
    let key = key_of(&app, "кот на скейте").await;
    assert!(app.stage.kling.finish(&key));
    anna.sees_video().await;
    assert!(app.stage.kling.callbacks().iter().all(|sent| sent.status == Some(200)));
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j1_a_report_that_nobody_signs_only_makes_us_ask(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, patient).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.kling.always(Behaviour::stuck());
    films(&anna, "кот на скейте").await;
    until_newest_is(&app, &anna, OrderState::Running).await;
    tokio::time::sleep(TWO_LOOKS).await;
    let before = app.stage.kling.polls_total();
    let strangers = json!({"id": "1", "status": "failed", "message": "risk control"}).to_string();
    assert_eq!(reports(&app, "", &strangers).await, 200, "a stranger learns nothing");
    assert_eq!(reports(&app, "", "кот").await, 400);
    assert_eq!(reports(&app, "", &"7".repeat(70_000)).await, 413);
    tokio::time::sleep(TWO_LOOKS).await;
    assert_eq!(app.stage.kling.polls_total(), before, "none of these is about a task of ours");

    let body = tempting(&app, "кот на скейте");
    assert_eq!(reports(&app, "", &body).await, 200);
    app.until("the question", || async { app.stage.kling.polls_total() == before + 1 }).await;
    tokio::time::sleep(TWO_LOOKS).await;
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Running], "its word is not believed");
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(200));

    assert!(app.stage.kling.finish(&key_of(&app, "кот на скейте").await));
    anna.sees_video().await;
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j2_many_reports_and_many_questions_deliver_and_charge_once(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, filming_gift(1_000)).await;
    let house = app.house().await;
    // Some are told too early, some at the very moment.
    app.stage.kling.set_latency(StageLatency {
        submitted: Latency::default(),
        processing: Latency::exactly(1_500),
    });
    let mut people = Vec::new();
    for (number, fault) in [
        (42, CallbackFault::Repeated),
        (43, CallbackFault::OutOfOrder),
        (44, CallbackFault::None),
        (45, CallbackFault::Repeated),
    ] {
        let person = known(&app, number, "Анна").await;
        let prompt = format!("кот-{number}-");
        app.stage.kling.when_prompt_contains(&prompt, Behaviour::callbacks(fault));
        films(&person, &prompt).await;
        until_taken(&app, &prompt).await;
        people.push((person, prompt));
    }
    let mut storm = Vec::new();
    for (_, prompt) in &people {
        let body = tempting(&app, prompt);
        for _ in 0..5 {
            let (app, house, body) = (&app, &house, body.clone());
            storm.push(async move {
                assert_eq!(reports(app, "", &body).await, 200);
                poll_due(house).await.expect("the book takes it");
            });
        }
    }
    join_all(storm).await;
    for (person, prompt) in &people {
        person.sees_video().await;
        until_newest_is(&app, person, Delivered).await;
        assert_eq!(transfers(&house, person, Phase::Capture).await.len(), 1, "{prompt}");
        assert_eq!(app.balance(person).await, Kopecks::from_rubles(900), "{prompt}");
    }
    app.settled().await;
    for (person, prompt) in &people {
        assert_eq!(videos_sent(&app, person), 1, "{prompt}");
        assert_eq!(creates_for(&app, prompt).len(), 1, "{prompt}");
    }
    drop(house);
    app.finish().await;
}

/// Waits until Kling has the task of this prompt.
async fn until_taken(app: &TestApp, prompt: &str) {
    let taken = || async { creates_for(app, prompt).iter().any(|call| call.task_id.is_some()) };
    app.until("the task", taken).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j4_a_video_after_the_deadline_is_a_gift(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, hasty).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.kling.always(Behaviour::stuck());
    films(&anna, "кот на скейте").await;
    until_newest_is(&app, &anna, OrderState::Running).await;
    let house = app.house().await;
    let row = orders_of(&house, &anna).await.remove(0);
    app.until("the deadline", || async { house.now() > row.deadline_at }).await;
    // The scheduler does this every few seconds; whoever is first, it happens once.
    expire_overdue(&house).await.expect("the book takes it");
    anna.sees("сервис не ответил вовремя. 100 ₽ уже вернулись на баланс (300 ₽)").await;
    until_newest_is(&app, &anna, OrderState::Expired).await;

    assert!(app.stage.kling.finish(&key_of(&app, "кот на скейте").await));
    let gift = anna.sees_video().await;
    assert!(gift.text.contains("Он ваш бесплатно"), "{}", gift.text);
    app.settled().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Gifted]);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    assert_eq!(transfers(&house, &anna, Phase::Capture).await, []);
    let loss = house
        .book
        .read(|tx| ledger::account_balance(tx, &Account::Expense(Expense::LateLoss)))
        .await;
    assert_eq!(loss.expect("the book is readable"), Money::Usd(row.cost));
    assert_eq!((videos_sent(&app, &anna), creates_for(&app, "кот на скейте").len()), (1, 1));
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j4_a_lost_call_is_looked_for_after_the_deadline_too(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, hasty).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.kling.next(Behaviour::error_after(5000));
    films(&anna, "кот на скейте").await;
    until_newest_is(&app, &anna, OrderState::Unknown).await;
    app.stage.kling.down(true);
    anna.sees("сервис не ответил вовремя. 100 ₽ уже вернулись на баланс (300 ₽)").await;
    app.stage.kling.down(false);
    let gift = anna.sees_video().await;
    assert!(gift.text.contains("Он ваш бесплатно"), "{}", gift.text);
    until_newest_is(&app, &anna, OrderState::Gifted).await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    assert_eq!((videos_sent(&app, &anna), creates_for(&app, "кот на скейте").len()), (1, 1));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_finished_video_that_never_can_be_fetched_is_given_back_at_the_deadline(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, hasty).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.kling.always(Behaviour::result(ResultFault::Gone));
    films(&anna, "кот на скейте").await;
    until_newest_is(&app, &anna, OrderState::Fetching).await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(200), "it may come yet");
    anna.sees("сервис не ответил вовремя. 100 ₽ уже вернулись на баланс (300 ₽)").await;
    until_newest_is(&app, &anna, OrderState::Expired).await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    assert_eq!(videos_sent(&app, &anna), 0);
    // It is looked for still, in case that it turns up: there is no rest to wait for.
    app.stage.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j5_a_killed_worker_loses_no_video_in_whatever_state_it_is(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, filming).await;
    let kling = &app.stage.kling;
    kling.when_prompt_contains("заснят", Behaviour::Slow { ms: 120_000 });
    kling.when_prompt_contains("бежит", Behaviour::stuck());
    kling.when_prompt_contains("везут", Behaviour::result(ResultFault::Slow { ms: 5_000 }));
    let house = app.house().await;
    let mut people = Vec::new();
    for (number, prompt, state) in [
        (43, "кот бежит", OrderState::Running),
        (44, "кота везут", OrderState::Fetching),
        (45, "кот заснят", OrderState::Submitting),
        (46, "кот пропал", OrderState::Unknown),
    ] {
        if state == OrderState::Unknown {
            app.stage.kling.next(Behaviour::error(5000));
        }
        let person = known(&app, number, "Анна").await;
        films(&person, prompt).await;
        until_newest_is(&app, &person, state).await;
        people.push((person, prompt));
    }
    until_taken(&app, "кот заснят").await;
    fault(&app, "kill-worker").await;
    let anna = known(&app, 42, "Анна").await;
    films(&anna, "кот ждёт").await;
    anna.sees("100 ₽ удержано").await;
    people.push((anna, "кот ждёт"));
    let found: Vec<_> = join_all(people.iter().map(|(person, _)| states_of(&house, person))).await;
    use OrderState::{Fetching, Queued, Running, Submitting, Unknown};
    assert_eq!(found.concat(), [Running, Fetching, Submitting, Unknown, Queued]);
    fault(&app, "start-worker").await;
    assert!(app.stage.kling.finish(&key_of(&app, "кот бежит").await));

    let all = async {
        for (person, _) in &people {
            while states_of(&house, person).await != [Delivered] {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    };
    tokio::time::timeout(AFTER_A_LEASE, all).await.expect("every order is taken up again");
    for (person, prompt) in &people {
        let lost = usize::from(*prompt == "кот пропал");
        assert_eq!(creates_for(&app, prompt).len(), 1 + lost, "{prompt}");
        assert_eq!(transfers(&house, person, Phase::Capture).await.len(), 1, "{prompt}");
        assert_eq!(app.balance(person).await, Kopecks::from_rubles(200), "{prompt}");
        assert_eq!(videos_sent(&app, person), 1, "{prompt}");
    }
    assert_eq!(app.stage.kling.tasks_made(), 5, "nothing is made twice");
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j6_a_refusal_in_the_middle_of_the_work_ends_the_order_at_once(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, patient).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.kling.always(Behaviour::stuck());
    films(&anna, "кот на скейте").await;
    anna.sees("снимаю…").await;
    until_newest_is(&app, &anna, OrderState::Running).await;
    assert!(app.stage.kling.fail(&key_of(&app, "кот на скейте").await, "risk control"));
    let told = anna.sees("отклонил запрос по правилам безопасности").await;
    assert!(told.labels().iter().any(|label| label.contains("Изменить описание")));
    until_newest_is(&app, &anna, OrderState::Refused).await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    assert_eq!(creates_for(&app, "кот на скейте").len(), 1, "a refused prompt is not sent again");
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j8_who_blocks_the_bot_finds_the_video_when_he_is_back(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, filming).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.kling.always(Behaviour::stuck());
    films(&anna, "кот на скейте").await;
    anna.sees("снимаю…").await;
    anna.user.blocks_bot().expect("she can");
    let house = app.house().await;
    let blocked = || async {
        let row = house.book.read(|tx| customers::find(tx, CustomerId(42))).await;
        row.expect("the book is readable").is_some_and(|row| row.blocked)
    };
    app.until("the block", blocked).await;
    assert!(app.stage.kling.finish(&key_of(&app, "кот на скейте").await));
    until_newest_is(&app, &anna, OrderState::Ready).await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(200), "it is made and paid");
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(videos_sent(&app, &anna), 0, "nothing is sent to a chat that is gone");

    anna.begin();
    anna.user.unblocks_bot().expect("she can");
    anna.sees_video().await;
    until_newest_is(&app, &anna, Delivered).await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(200));
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j12_between_a_customer_and_a_worker_exactly_one_wins_a_video(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    const ROUNDS: u64 = 40;
    let app = TestApp::start_with(shape, filming_gift(5_000)).await;
    let anna = known(&app, 42, "Анна").await;
    let house = app.house().await;
    let mut cancelled = Vec::new();
    for round in 0..ROUNDS {
        let prompt = format!("кот-{round}-");
        let order = place_video(&house, &anna, &prompt).await;
        // Sometimes the customer is at once there, sometimes a little later.
        tokio::time::sleep(Duration::from_micros(round % 8 * 500)).await;
        let (customer, now) = (anna.id, house.now());
        let outcome = house.book.write(move |tx| use_cases::cancel(tx, customer, order, now)).await;
        match outcome.expect("the book takes it") {
            CancelOutcome::Cancelled { .. } => cancelled.push(order),
            CancelOutcome::TooLate | CancelOutcome::Finished => {}
            CancelOutcome::NotYours => panic!("it is hers"),
        }
    }
    app.settled().await;
    let rows = orders_of(&house, &anna).await;
    for row in &rows {
        let stopped = cancelled.contains(&row.id);
        let wanted = if stopped { OrderState::Cancelled } else { Delivered };
        assert_eq!(row.state, wanted, "{}", row.prompt);
        assert_eq!(creates_for(&app, &row.prompt).len(), usize::from(!stopped), "{}", row.prompt);
    }
    let delivered = rows.len() - cancelled.len();
    assert_eq!(transfers(&house, &anna, Phase::Capture).await.len(), delivered);
    let spent = 100 * i64::try_from(delivered).expect("it is small");
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(5_000 - spent));
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn many_tasks_are_asked_about_twenty_at_a_time_until_each_is_done(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    const TASKS: usize = 25;
    let app = TestApp::start_with(engine, |options| {
        filming_gift(500)(options);
        options.settings.push(("KLING_CONCURRENCY".to_owned(), TASKS.to_string()));
    })
    .await;
    app.stage.kling.always(Behaviour::stuck());
    let house = app.house().await;
    let mut people = Vec::new();
    for number in 0..5 {
        let person = known(&app, 42 + number, "Анна").await;
        for order in 0..5 {
            place_video(&house, &person, &format!("кот-{number}-{order}-")).await;
        }
        people.push(person);
    }
    let full = || async { app.stage.kling.polls().iter().any(|poll| poll.ids.len() == 20) };
    app.until("a full question", full).await;
    let asked = || async {
        let polls = app.stage.kling.polls();
        polls.iter().flat_map(|poll| &poll.ids).collect::<BTreeSet<_>>().len() == TASKS
    };
    app.until("a question about each", asked).await;
    assert!(app.stage.kling.polls().iter().all(|poll| poll.ids.len() <= 20));
    // Questions that fail in any way are asked again.
    for trouble in [
        Behaviour::error(5000),
        Behaviour::error(1302),
        Behaviour::Html { status: 502, created: false },
        Behaviour::TruncatedJson,
        Behaviour::Cut { created: false },
        Behaviour::Hidden { polls: 1 },
    ] {
        app.stage.kling.next_poll(trouble);
    }
    for create in app.stage.kling.creates() {
        assert!(app.stage.kling.finish(&create.external_id.expect("it has one")));
    }
    app.settled().await;
    for person in &people {
        assert_eq!(states_of(&house, person).await, [Delivered; 5]);
        assert_eq!(app.balance(person).await, Kopecks::ZERO);
    }
    assert_eq!(app.stage.kling.creates_total(), 25);
    drop(house);
    app.finish().await;
}
