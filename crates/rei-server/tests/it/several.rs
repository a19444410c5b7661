//! Several pictures in one order: each is asked for by itself, what arrives is charged, the rest goes back.

use std::time::Duration;

use rei_app::orders::{PlaceOutcome, expire_overdue};
use rei_domain::ids::OrderId;
use rei_domain::ledger::Phase;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_sim::gemini::{Behaviour, ServiceError};
use rei_storage::orders::{self, ItemState};
use rei_storage::testing::EngineKind;
use rstest::rstest;

use crate::app::{Person, TestApp};
use crate::shortcuts::{
    calls_for, confirm, fault, gift, known, offer, orders_of, other_catalog, states_of, transfers,
};

/// A worker's death is noticed when its lease ends; nothing of this takes longer.
const AFTER_A_LEASE: Duration = Duration::from_secs(60);

/// Places an order of four pictures, without a chat.
async fn place_four(app: &TestApp, person: &Person, prompt: &str) -> OrderId {
    let house = app.house().await;
    let catalog = house.catalog.current();
    let mut quote = offer(&house, prompt);
    quote.choices.count = 4;
    let model = catalog.model(&quote.choices.sku).expect("it is sold");
    let priced = catalog.price(model, &quote.choices, None).expect("it has a price");
    (quote.price, quote.cost) = (priced.sale, priced.cost);
    match confirm(&house, person, quote).await {
        PlaceOutcome::Placed { order, .. } => order,
        other => panic!("`{prompt}` was not placed: {other:?}"),
    }
}

/// How many things of the order are stored.
async fn stored(app: &TestApp, order: OrderId) -> usize {
    let house = app.house().await;
    let items = house.book.read(move |tx| orders::items_of(tx, order)).await;
    let items = items.expect("the book is readable");
    items.iter().filter(|item| item.state == ItemState::Stored).count()
}

/// How many previews and originals the person has got.
fn results(person: &Person) -> (usize, usize) {
    let messages = person.user.messages();
    let photos = messages.iter().filter(|message| message.photo.is_some()).count();
    (photos, messages.iter().filter(|message| message.document.is_some()).count())
}

/// The sums that were taken for good.
async fn charged(app: &TestApp, person: &Person) -> i64 {
    let captures = transfers(&app.house().await, person, Phase::Capture).await;
    let rubles = |transfer: &rei_domain::ledger::Transfer| match transfer.amount {
        rei_domain::ledger::Money::Rub(sum) => sum.get(),
        rei_domain::ledger::Money::Usd(_) => 0,
    };
    captures.iter().map(rubles).sum::<i64>() / 100
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn four_pictures_are_four_requests_and_four_results(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, gift(300)).await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("кот на окне");
    anna.sees("Цена: 50 ₽").await;
    anna.taps("⚙️ Настроить").await;
    anna.sees("Настройка заказа").await;
    anna.taps("Штук: 1").await;
    anna.sees("Сколько картинок?").await;
    anna.taps("· 200 ₽").await;
    anna.sees("Цена: 200 ₽").await;
    anna.taps("Создать за 200 ₽").await;
    anna.sees("списано 200 ₽ · баланс 100 ₽").await;
    for line in ["2 из 4 · задача №1", "3 из 4 · задача №1", "4 из 4 · задача №1"]
    {
        anna.sees(line).await;
    }
    app.settled().await;
    assert_eq!(calls_for(&app, "кот на окне"), 4);
    assert_eq!(results(&anna), (4, 4));
    assert_eq!(charged(&app, &anna).await, 200);
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Delivered]);
    let names: Vec<String> = anna
        .user
        .messages()
        .into_iter()
        .filter_map(|message| message.document?.file_name)
        .collect();
    assert_eq!(names, ["rei-1-1.png", "rei-1-2.png", "rei-1-3.png", "rei-1-4.png"]);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn half_refused_is_half_charged(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, gift(300)).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.gemini.next_n(2, Behaviour::finish("IMAGE_SAFETY"));
    place_four(&app, &anna, "кот на окне").await;
    anna.sees("списано 100 ₽ · баланс 200 ₽").await;
    anna.sees("Получилось 2 из 4. 100 ₽ вернулись на баланс").await;
    app.settled().await;
    assert_eq!(calls_for(&app, "кот на окне"), 4, "what was refused is not asked again");
    assert_eq!(results(&anna), (2, 2));
    assert_eq!(charged(&app, &anna).await, 100);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(200));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn all_refused_costs_nothing(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, gift(300)).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.gemini.always(Behaviour::finish("IMAGE_SAFETY"));
    place_four(&app, &anna, "кот на окне").await;
    anna.sees("отклонил запрос по правилам безопасности. Деньги возвращены: 200 ₽").await;
    app.settled().await;
    assert_eq!(calls_for(&app, "кот на окне"), 4);
    assert_eq!((results(&anna), charged(&app, &anna).await), ((0, 0), 0));
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Refused]);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn only_what_failed_is_asked_again(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, gift(300)).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.gemini.next(Behaviour::error(ServiceError::Internal));
    place_four(&app, &anna, "кот на окне").await;
    anna.sees("списано 200 ₽").await;
    app.settled().await;
    assert_eq!(calls_for(&app, "кот на окне"), 5);
    assert_eq!(app.stage.gemini.images_made(), 4);
    assert_eq!(results(&anna), (4, 4));
    assert_eq!(charged(&app, &anna).await, 200);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_only_what_is_missing_is_asked_again(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, gift(300)).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.gemini.next_n(2, Behaviour::Image);
    app.stage.gemini.next_n(2, Behaviour::Slow { ms: 120_000 });
    let order = place_four(&app, &anna, "кот на окне").await;
    let two_are_there =
        || async { stored(&app, order).await == 2 && calls_for(&app, "кот на окне") == 4 };
    app.until("two pictures", two_are_there).await;
    fault(&app, "kill-worker").await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(100), "all four are on hold");
    fault(&app, "start-worker").await;
    let paid = anna.user.waits_for(0, AFTER_A_LEASE, |message| {
        crate::app::flat(&message.text).contains("списано 200 ₽")
    });
    paid.await.expect("the order is taken up again");
    app.settled().await;
    assert_eq!(calls_for(&app, "кот на окне"), 6);
    assert_eq!(results(&anna), (4, 4));
    assert_eq!(charged(&app, &anna).await, 200);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn at_the_deadline_what_is_there_is_charged_and_what_comes_later_is_a_gift(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, |options| {
        gift(300)(options);
        other_catalog(options, |shipped| shipped.replace("deadline_s = 900", "deadline_s = 2"));
    })
    .await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.gemini.next_n(2, Behaviour::Image);
    app.stage.gemini.next_n(2, Behaviour::Slow { ms: 6_000 });
    let order = place_four(&app, &anna, "кот на окне").await;
    app.until("two pictures", || async { stored(&app, order).await == 2 }).await;
    let house = app.house().await;
    let row = orders_of(&house, &anna).await.remove(0);
    app.until("the deadline", || async { house.now() > row.deadline_at }).await;
    // The scheduler does this every few seconds; whoever is first, it happens once.
    expire_overdue(&house).await.expect("the book takes it");
    anna.sees("списано 100 ₽ · баланс 200 ₽").await;
    anna.sees("Получилось 2 из 4. 100 ₽ вернулись на баланс").await;
    anna.sees("Он ваш бесплатно").await;
    app.settled().await;
    assert_eq!(results(&anna), (4, 4));
    assert_eq!(calls_for(&app, "кот на окне"), 4);
    assert_eq!(charged(&app, &anna).await, 100);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(200));
    assert_eq!(stored(&app, order).await, 4);
    drop(house);
    app.finish().await;
}
