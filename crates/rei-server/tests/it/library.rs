//! What the customer finds again: the history with its pages, filters and repeats, the orders at work, and what was
//! chosen before.

use std::sync::Arc;
use std::time::Duration;

use rei_app::{House, upkeep};
use rei_domain::clock::ManualClock;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_sim::telegram::SimMessage;
use rei_storage::testing::EngineKind;
use rstest::rstest;

use crate::app::{Person, TestApp, flat};
use crate::props::{photo, pictures_in};
use crate::shortcuts::{asks_for, fault, gift, known, orders_of, place, quick, states_of};

const MONTH: Duration = Duration::from_secs(31 * 24 * 3_600);

/// The numbers of the orders that a page lists.
fn listed(page: &SimMessage) -> Vec<u32> {
    let numbers = page.text.lines().filter_map(|line| line.split_once('№'));
    let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
    numbers.filter_map(|(_, rest)| digits(rest).parse().ok()).collect()
}

/// Presses a button of the open page and waits for its next state.
async fn turns(person: &Person, page: &SimMessage, label: &str) -> SimMessage {
    let mut buttons = page.buttons.iter().flatten();
    let button = buttons.rfind(|button| flat(&button.text).contains(label));
    let data = button.and_then(|button| button.value.clone());
    let data = data.unwrap_or_else(|| panic!("no `{label}` in {:?}", page.labels()));
    person.begin();
    person.user.taps_data(page.id, &data).expect("the press is taken");
    person.sees("История").await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_history_has_pages_and_filters(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, gift(1_000)).await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("/history");
    anna.sees("Здесь появятся ваши картинки и видео").await;
    let house = app.house().await;
    for number in 1..=6 {
        place(&house, &anna, &format!("кот {number}")).await;
        app.settled().await;
    }
    anna.says("/video кот бежит");
    anna.taps("Создать за 100 ₽").await;
    anna.sees_video().await;
    app.settled().await;

    anna.says("/history");
    let first = anna.sees("История").await;
    assert_eq!(listed(&first), [7, 6, 5, 4, 3]);
    let second = turns(&anna, &first, "Раньше").await;
    assert_eq!(listed(&second), [2, 1]);
    let back = turns(&anna, &second, "Позже").await;
    assert_eq!(listed(&back), [7, 6, 5, 4, 3]);
    let videos = turns(&anna, &back, "🎬").await;
    assert_eq!(listed(&videos), [7]);
    let pictures = turns(&anna, &videos, "🎨").await;
    assert_eq!(listed(&pictures), [6, 5, 4, 3, 2]);
    let stars = turns(&anna, &pictures, "★").await;
    assert!(flat(&stars.text).contains("Здесь пока пусто"), "{}", stars.text);

    let star = anna.user.messages().into_iter().filter(|it| it.photo.is_some()).nth(2);
    let star = star.expect("the third picture");
    let button = star.buttons.iter().flatten().find(|button| button.text.contains('⭐'));
    let data = button.and_then(|button| button.value.clone()).expect("it has a star");
    anna.user.taps_data(star.id, &data).expect("the press is taken");
    let starred = || async { orders_of(&house, &anna).await.iter().any(|order| order.favourite) };
    app.until("the star", starred).await;
    anna.says("/history");
    let all = anna.sees("★ №3").await;
    let stars = turns(&anna, &all, "★").await;
    assert_eq!(listed(&stars), [3]);
    // Once more takes it away.
    anna.user.taps_data(star.id, &data).expect("the press is taken");
    let cleared = || async { orders_of(&house, &anna).await.iter().all(|order| !order.favourite) };
    app.until("the end of the star", cleared).await;
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_customers_history_can_not_be_reached(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let (anna, boris) = (known(&app, 42, "Анна").await, known(&app, 43, "Борис").await);
    asks_for(&anna, "кот на окне").await;
    anna.sees_document().await;
    app.settled().await;
    let shown = anna.user.messages().into_iter().find(|message| message.photo.is_some());
    let shown = shown.expect("the result");
    let calls = app.stage.gemini.generate_calls().len();
    for data in shown.buttons.iter().flatten().filter_map(|button| button.value.clone()) {
        let before = boris.user.callback_answers().len();
        boris.user.taps_data(shown.id, &data).expect("the press is taken");
        app.until("an answer", || async { boris.user.callback_answers().len() > before }).await;
        let answer = format!("{:?}", boris.user.callback_answers().last());
        assert!(answer.contains("Эта кнопка не ваша"), "{data}: {answer}");
    }
    app.settled().await;
    assert!(boris.user.messages().iter().all(|it| it.photo.is_none() && it.document.is_none()));
    assert_eq!(app.stage.gemini.generate_calls().len(), calls);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_takes_the_same_files_while_they_are_kept(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, gift(1_000)).await;
    let anna = known(&app, 42, "Анна").await;
    let before = photo("дом");
    anna.sends_photo(&before, "добавь снег");
    anna.sees("изменение фото").await;
    anna.taps("Создать за 50 ₽").await;
    anna.sees_document().await;
    app.settled().await;

    anna.says("/history");
    anna.sees("История").await;
    anna.taps("🔁 №1 · 50 ₽").await;
    let offer = anna.sees("изменение фото").await;
    assert!(flat(&offer.text).contains("«добавь снег»"), "{}", offer.text);
    anna.taps("Создать за 50 ₽").await;
    anna.sees_document().await;
    app.settled().await;
    let calls = app.stage.gemini.generate_calls();
    assert_eq!(calls.len(), 2);
    assert!(calls.iter().all(|call| pictures_in(call) == [before.clone()]));

    anna.says("/repeat");
    anna.sees("изменение фото").await;
    // A month later its files are gone, with an offer still open and without one.
    let house = app.house().await;
    let clock = Arc::new(ManualClock::at(house.now().plus(MONTH)));
    upkeep::clean(&House { clock, ..house.clone() }).await.expect("the book takes it");
    anna.taps("Создать за 50 ₽").await;
    anna.sees("Файлы для этого заказа больше не хранятся").await;
    anna.says("/repeat");
    anna.sees("Файлы для этого заказа больше не хранятся").await;
    // The words were kept: a photo is all that is missing.
    anna.sends_photo(&photo("лес"), "");
    let offer = anna.sees("изменение фото").await;
    assert!(flat(&offer.text).contains("«добавь снег»"), "{}", offer.text);
    app.settled().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Delivered; 2]);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(900));
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn orders_at_work_are_listed_and_can_be_cancelled(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("/jobs");
    anna.sees("Активных задач нет").await;
    fault(&app, "kill-worker").await;
    let house = app.house().await;
    for prompt in ["кот на окне", "пёс на окне"] {
        place(&house, &anna, prompt).await;
    }
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(200));
    anna.says("/jobs");
    let jobs = flat(&anna.sees("Ваши задачи").await.text);
    for line in ["№1 · в очереди · 50 ₽ · «кот на окне»", "№2 · в очереди · 50 ₽ · «пёс на окне»"]
    {
        assert!(jobs.contains(line), "{jobs}");
    }
    anna.taps("Отменить №2").await;
    anna.sees("Задача №2 отменена. 50 ₽ снова на балансе (250 ₽)").await;
    fault(&app, "start-worker").await;
    anna.sees_document().await;
    app.settled().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Delivered, OrderState::Cancelled]);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(250));
    anna.says("/jobs");
    anna.sees("Активных задач нет").await;
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn choices_are_remembered_for_each_kind_of_order(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, gift(1_000)).await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("кот на окне");
    anna.sees("Цена: 50 ₽").await;
    anna.taps("⚙️ Настроить").await;
    anna.sees("Настройка заказа").await;
    anna.taps("Размер: 2K").await;
    anna.sees("Выберите размер").await;
    anna.taps("4K · 90 ₽").await;
    anna.sees("Цена: 90 ₽").await;

    anna.says("/video кот бежит");
    anna.sees("Цена: 100 ₽").await;
    anna.taps("⚙️ Настроить").await;
    anna.sees("Настройка заказа").await;
    anna.taps("Формат: 16:9").await;
    anna.sees("Выберите формат").await;
    anna.taps("9:16").await;
    let offer = anna.sees("Проверьте заказ").await;
    assert!(flat(&offer.text).contains("9:16"), "{}", offer.text);

    // Each kind has its own, and an edit is not a new picture.
    anna.says("/image пёс на окне");
    anna.sees("Цена: 90 ₽").await;
    anna.says("/video пёс бежит");
    let offer = anna.sees("Проверьте заказ").await;
    assert!(flat(&offer.text).contains("9:16"), "{}", offer.text);
    anna.sends_photo(&photo("дом"), "добавь снег");
    anna.sees("Цена: 50 ₽").await;
    anna.says("/settings");
    let settings = flat(&anna.sees("Настройки").await.text);
    assert!(settings.contains("1:1 · 4K"), "{settings}");
    app.finish().await;
}
