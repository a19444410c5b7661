//! Promises about money, kept by the whole product: M1, M3, M4, M5, M10, M11.

use std::collections::BTreeSet;

use futures::future::join_all;
use rei_app::orders::{self as use_cases, GiveBack, PlaceOutcome, Why};
use rei_domain::ledger::{Actor, Phase, TransferKind};
use rei_domain::money::Kopecks;
use rei_domain::order::{OrderEvent, OrderState};
use rei_sim::gemini::Behaviour;
use rei_storage::ledger::{self, LedgerError};
use rei_storage::orders;
use rstest::rstest;
use serde_json::json;

use crate::app::{Shape, TestApp, flat};
use crate::shortcuts::{
    asks_for, calls_for, confirm, fault, gift, known, offer, orders_of, owner, place, quick,
    states_of, transfers,
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn m1_of_many_orders_at_once_only_those_win_that_can_be_paid(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let anna = known(&app, 42, "Анна").await;
    let house = app.house().await;
    let quotes = (0..20).map(|number| offer(&house, &format!("кот {number}")));
    let outcomes = join_all(quotes.map(|quote| confirm(&house, &anna, quote))).await;
    let placed = outcomes.iter().filter(|it| matches!(it, PlaceOutcome::Placed { .. })).count();
    assert_eq!(placed, 6, "300 ₽ pay six pictures of 50 ₽: {outcomes:?}");
    for outcome in outcomes {
        if let PlaceOutcome::NotEnough { free } = outcome {
            assert_eq!(free, Kopecks::ZERO);
        }
    }
    app.settled().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Delivered; 6]);
    assert_eq!(app.balance(&anna).await, Kopecks::ZERO);
    assert_eq!(app.stage.gemini.images_made(), 6);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn m1_one_offer_confirmed_many_times_at_once_is_one_order(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let anna = known(&app, 42, "Анна").await;
    let house = app.house().await;
    let quote = offer(&house, "кот");
    let outcomes = join_all((0..20).map(|_| confirm(&house, &anna, quote.clone()))).await;
    let before = outcomes.iter().filter(|it| **it == PlaceOutcome::PlacedBefore).count();
    assert_eq!(before, 19, "{outcomes:?}");
    app.settled().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Delivered]);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(250));
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn m3_with_money_for_one_of_two_orders_one_is_delivered(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, gift(50)).await;
    let anna = known(&app, 42, "Анна").await;
    let house = app.house().await;
    let two = ["кот", "пёс"].map(|prompt| confirm(&house, &anna, offer(&house, prompt)));
    let outcomes = join_all(two).await;
    let placed = outcomes.iter().filter(|it| matches!(it, PlaceOutcome::Placed { .. })).count();
    assert_eq!(placed, 1, "{outcomes:?}");
    app.settled().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Delivered]);
    assert_eq!(app.stage.gemini.images_made(), 1);
    assert_eq!(app.balance(&anna).await, Kopecks::ZERO);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn m4_a_failure_settled_many_times_gives_back_once(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let anna = known(&app, 42, "Анна").await;
    fault(&app, "kill-worker").await;
    let house = app.house().await;
    let order = place(&house, &anna, "кот").await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(250));
    let settled = join_all((0..5).map(|_| {
        let (rules, now) = (house.clone(), house.now());
        house.book.write(move |tx| {
            let row = orders::find(tx, order)?.expect("it was placed");
            let failed = GiveBack { event: OrderEvent::Failed, why: Why::Overloaded };
            use_cases::give_back(tx, &rules, &row, &failed, "TEST", now)
        })
    }));
    let gave_back = settled.await.into_iter().map(|it| it.expect("the book takes it"));
    assert_eq!(gave_back.filter(|gave| *gave).count(), 1);
    // Even a caller that does not look at the order's state moves the money once.
    for _ in 0..5 {
        let now = house.now();
        let voided = house
            .book
            .write(move |tx| ledger::void_order(tx, order, Actor::System, now).map(|_| ()))
            .await;
        assert!(matches!(voided, Ok(()) | Err(LedgerError::AlreadyResolved { .. })), "{voided:?}");
    }
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    assert_eq!(transfers(&house, &anna, Phase::Void).await.len(), 1);
    fault(&app, "start-worker").await;
    app.settled().await;
    assert_eq!(calls_for(&app, "кот"), 0, "an order that is over is not drawn");
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn m5_every_end_of_an_order_charges_or_gives_back(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.gemini.when_prompt_contains("плохой", Behaviour::blocked("SAFETY"));
    app.stage
        .gemini
        .when_prompt_contains("сломанный", Behaviour::finish("MALFORMED_FUNCTION_CALL"));
    fault(&app, "kill-worker").await;
    let house = app.house().await;
    for prompt in ["хороший кот", "плохой кот", "сломанный кот"] {
        place(&house, &anna, prompt).await;
    }
    let unwanted = place(&house, &anna, "лишний кот").await;
    let late = place(&house, &anna, "поздний кот").await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(50));
    let (rules, customer, now) = (house.clone(), anna.id, house.now());
    let ended = house.book.write(move |tx| {
        use_cases::cancel(tx, customer, unwanted, now)?;
        let row = orders::find(tx, late)?.expect("it was placed");
        let passed = GiveBack { event: OrderEvent::DeadlinePassed, why: Why::Late };
        use_cases::give_back(tx, &rules, &row, &passed, "deadline", now)
    });
    assert!(ended.await.expect("the book takes it"));
    fault(&app, "start-worker").await;
    boss.sees("отклоняет наши запросы").await;
    app.settled().await;
    let ends: BTreeSet<_> =
        orders_of(&house, &anna).await.iter().map(|row| row.state.as_str()).collect();
    assert_eq!(ends, BTreeSet::from(["cancelled", "delivered", "expired", "failed", "refused"]));
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(250));
    assert_eq!(transfers(&house, &anna, Phase::Capture).await.len(), 1);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn m10_an_owner_is_told_why_a_sum_is_refused(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let junk = [
        "-1",
        "0",
        "0,00",
        "1e9",
        "10,555",
        "9223372036854775807",
        "99999999999",
        "٣",
        "сто",
        "+5",
    ];
    for sum in junk {
        boss.says(&format!("/add 42 {sum} подарок"));
        boss.sees(&format!("Сумма «{sum}» не подходит")).await;
    }
    for (words, answer) in [
        ("/add", "Формат: /add"),
        ("/add 42", "Формат: /add"),
        ("/add кот 100 подарок", "Формат: /add"),
        ("/add 42 100", "Назовите причину"),
        ("/add 43 100 подарок", "Покупателя 43 нет в базе"),
    ] {
        boss.says(words);
        boss.sees(answer).await;
    }
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    boss.says("/add 42 10,50 подарок");
    boss.sees("Баланс: 300 ₽ → 310,50 ₽").await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300), "nothing moves unconfirmed");
    boss.taps("Подтвердить").await;
    boss.sees("Зачислено 10,50 ₽ покупателю 42").await;
    anna.sees("Вам зачислено 10,50 ₽: подарок").await;
    assert_eq!(app.balance(&anna).await, Kopecks::new(31_050));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn m11_a_command_that_is_brought_again_credits_once(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let grants = async || {
        let house = app.house().await;
        let mut posted = transfers(&house, &anna, Phase::Post).await;
        posted.retain(|transfer| transfer.kind == TransferKind::Grant);
        posted.len()
    };
    app.settled().await;
    app.stage.telegram.duplicate_updates(1);
    boss.begin();
    let message = boss.user.says("/add 42 100 подарок").expect("the message is taken");
    boss.sees("Баланс: 300 ₽ → 400 ₽").await;
    let confirm = boss.user.messages().into_iter().rev().find_map(|shown| {
        let button = shown.buttons.iter().flatten().find(|it| it.text.contains("Подтвердить"))?;
        Some((shown.id, button.value.clone()?))
    });
    let (shown, data) = confirm.expect("the button is there");
    for _ in 0..5 {
        boss.user.taps_data(shown, &data).expect("the press is taken");
    }
    boss.sees("Зачислено 100 ₽ покупателю 42").await;
    app.settled().await;
    assert_eq!(grants().await, 1, "the same update twice");
    // The same message under another update's number.
    boss.begin();
    let api = boss.user.message(message).expect("it was sent").api;
    app.stage.telegram.inject_update(json!({ "message": api }));
    boss.sees("Эта команда уже выполнена").await;
    assert_eq!(grants().await, 1, "the same message twice");
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(400));
    // Another message with the same words is another wish.
    boss.says("/add 42 100 подарок");
    boss.sees("Баланс: 400 ₽ → 500 ₽").await;
    boss.taps("Подтвердить").await;
    boss.sees("Зачислено 100 ₽ покупателю 42").await;
    assert_eq!(grants().await, 2);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(500));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn m11_strangers_do_not_learn_that_owners_have_commands(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let anna = known(&app, 42, "Анна").await;
    for words in ["/add 42 100 подарок", "/stats", "/trial"] {
        anna.says(words);
        let answer = anna.sees("Такой команды нет").await;
        assert!(!flat(&answer.text).contains("Зачислено"));
    }
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    asks_for(&anna, "кот в скафандре").await;
    anna.sees("списано 50 ₽ · баланс 250 ₽").await;
    app.finish().await;
}
