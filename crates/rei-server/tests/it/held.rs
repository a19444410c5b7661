//! The held order: kept for a day with its price, paid for exactly, continued by itself; P11 and P12 in the whole
//! product.

use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_storage::testing::EngineKind;
use rstest::rstest;

use crate::app::{Person, Shape, TestApp};
use crate::shortcuts::{known, owner, states_of};
use crate::till::{asks_to_pay, empty_wallets, pays_after_terms, silence, tops_up};

/// Orders a picture with too little money and pays what is missing.
async fn pays_what_is_missing(app: &TestApp, person: &Person, button: &str, rubles: i64) -> String {
    let before = app.stage.yookassa.payments().len();
    person.taps(button).await;
    let payment = pays_after_terms(app, person, before).await;
    assert_eq!(payment.amount.kopecks, rubles * 100, "{payment:?}");
    payment.id
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_held_order_goes_on_by_itself_when_its_payment_comes(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("кот в скафандре");
    anna.taps("Создать за 50 ₽").await;
    anna.sees("Не хватает 50 ₽").await;
    anna.sees("Заказ сохранён на 24 часа").await;
    let payment = pays_what_is_missing(&app, &anna, "Оплатить ровно 50 ₽", 50).await;
    // The process ends and starts again between the two.
    app.stage.restart().await.expect("it starts again");
    app.stage.yookassa.pay(&payment).expect("it can be paid");
    anna.sees("Зачислено 50 ₽").await;
    anna.sees("списано 50 ₽ · баланс 0 ₽").await;
    app.settled().await;
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Delivered]);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn p11_what_is_missing_is_rounded_up_to_the_least_that_can_be_paid(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, |options| {
        empty_wallets(options);
        options.gift = Kopecks::from_rubles(47);
    })
    .await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("кот");
    anna.taps("Создать за 50 ₽").await;
    anna.sees("Не хватает 3 ₽").await;
    let payment = pays_what_is_missing(&app, &anna, "Оплатить 10 ₽", 10).await;
    app.stage.yookassa.pay(&payment).expect("it can be paid");
    anna.sees("списано 50 ₽ · баланс 7 ₽").await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn p12_a_plain_top_up_only_offers_the_held_order(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("кот");
    anna.taps("Создать за 50 ₽").await;
    anna.sees("Не хватает 50 ₽").await;
    tops_up(&app, &anna, 100).await;
    anna.sees("У вас отложен заказ").await;
    app.settled().await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(100), "nothing ran by itself");
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, []);
    anna.taps("Создать за 50 ₽").await;
    anna.sees("списано 50 ₽ · баланс 50 ₽").await;
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_held_order_is_run_once_however_often_the_payment_is_told(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let settings = rei_sim::yookassa::NoticeSettings {
        copies: 5,
        ..rei_sim::yookassa::NoticeSettings::default()
    };
    app.stage.yookassa.set_notices(settings);
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 100).await;
    anna.says("/video кот бежит по снегу");
    anna.taps("Создать за 100 ₽").await;
    anna.sees_video().await;
    anna.says("кот");
    anna.taps("Создать за 50 ₽").await;
    anna.sees("Не хватает 50 ₽").await;
    let payment = pays_what_is_missing(&app, &anna, "Оплатить ровно 50 ₽", 50).await;
    app.stage.yookassa.pay(&payment).expect("it can be paid");
    for _ in 0..5 {
        anna.user.taps("Проверить оплату").ok();
    }
    anna.sees("списано 50 ₽ · баланс 0 ₽").await;
    app.settled().await;
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Delivered; 2]);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_held_order_whose_price_rose_asks_first(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("кот");
    anna.taps("Создать за 50 ₽").await;
    anna.sees("Не хватает 50 ₽").await;
    let payment = pays_what_is_missing(&app, &anna, "Оплатить ровно 50 ₽", 50).await;
    boss.says("/price_nanobanana 60");
    boss.taps("Подтвердить").await;
    boss.sees("Цены изменены").await;
    app.stage.yookassa.pay(&payment).expect("it can be paid");
    anna.sees("Цена выросла: 60 ₽ вместо 50 ₽").await;
    app.settled().await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(50));
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, []);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_exact_payment_is_credited_even_if_the_order_was_dropped(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("кот");
    anna.taps("Создать за 50 ₽").await;
    anna.sees("Не хватает 50 ₽").await;
    let payment = pays_what_is_missing(&app, &anna, "Оплатить ровно 50 ₽", 50).await;
    anna.says("/balance");
    anna.taps("Отложенный заказ").await;
    anna.taps("Отменить заказ").await;
    anna.sees("Отложенный заказ отменён").await;
    app.stage.yookassa.pay(&payment).expect("it can be paid");
    anna.sees("Зачислено 50 ₽").await;
    app.settled().await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(50));
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, []);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn p10_an_open_payment_of_the_same_sum_serves_the_latest_purpose(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    let plain = asks_to_pay(&app, &anna, 100).await;
    anna.says("/video кот бежит");
    anna.taps("Создать за 100 ₽").await;
    anna.sees("Не хватает 100 ₽").await;
    anna.taps("Оплатить ровно 100 ₽").await;
    anna.sees("Счёт №1").await;
    assert_eq!(app.stage.yookassa.payments().len(), 1, "one open payment of one sum");
    app.stage.yookassa.pay(&plain.id).expect("it can be paid");
    anna.sees("Запускаю отложенный заказ").await;
    anna.sees_video().await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_button_finds_a_payment_of_which_nobody_told(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    silence(&app);
    let anna = known(&app, 42, "Анна").await;
    let payment = asks_to_pay(&app, &anna, 500).await;
    anna.taps("Проверить оплату").await;
    anna.sees("пока не оплачен").await;
    app.stage.yookassa.pay(&payment.id).expect("it can be paid");
    anna.taps("Проверить оплату").await;
    anna.sees("Зачислено 500 ₽").await;
    app.finish().await;
}
