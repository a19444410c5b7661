//! Promo codes that an admin makes and customers use, and the bonus of a first top-up.

use rstest::rstest;

use super::{deeds, does, pockets};
use crate::app::{Shape, TestApp};
use crate::shortcuts::{asks_for, known, owner, was_told};
use crate::till::{empty_wallets, tops_up, with};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn m12_a_code_for_one_is_got_by_one_however_many_try(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, empty_wallets).await;
    let boss = owner(&app).await;
    let mut people = Vec::new();
    for number in 0..8 {
        people.push(known(&app, 42 + number, "Гость").await);
    }
    does(&boss, "/promo_new FIRST 50 x1", "использован 0 из 1").await;
    boss.sees("Промокод FIRST создан").await;
    for person in &people {
        person.says("/promo first");
    }
    for person in &people {
        person.sees("ромокод").await;
    }
    app.settled().await;
    let mut given = 0;
    for person in &people {
        let [cash, bonus] = pockets(&app, person).await;
        assert_eq!(cash, 0, "a present is no cash");
        given += bonus;
        let winner = was_told(&app, person, "Промокод принят");
        assert_eq!(winner, bonus == 50, "who is told so has got it");
    }
    assert_eq!(given, 50);
    boss.says("/promos");
    boss.sees("использован 1 из 1 · на одного: 1 · закончился").await;
    assert_eq!(deeds(&app).await, ["promo_new"]);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn m12_one_customer_uses_a_code_once_and_orders_with_it(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    does(&boss, "/promo_new summer 60 new", "только новым").await;
    boss.sees("Промокод SUMMER создан").await;
    for _ in 0..10 {
        anna.user.says("/promo SUMMER").expect("the message is taken");
    }
    anna.sees("Промокод принят: 60 ₽ бонусом").await;
    anna.sees("Вы уже использовали этот промокод").await;
    app.settled().await;
    assert_eq!(pockets(&app, &anna).await, [0, 60]);
    asks_for(&anna, "кот").await;
    anna.sees("списано 50 ₽ · баланс 10 ₽").await;
    does(&boss, "/promo_off SUMMER", "Выключить промокод").await;
    boss.sees("Промокод SUMMER выключен").await;
    let boris = known(&app, 43, "Борис").await;
    boris.says("/promo SUMMER");
    boris.sees("Срок этого промокода вышел").await;
    assert_eq!(deeds(&app).await, ["promo_new", "promo_off"]);
    // Only cash is revenue.
    boss.says("/stats day");
    boss.sees("Выручка (деньги покупателей): 0 ₽").await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn m13_the_first_top_up_brings_a_bonus_and_a_refund_takes_it_back(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let settings = &[("FIRST_TOPUP_BONUS_PERCENT", "20"), ("FIRST_TOPUP_BONUS_MAX", "50")];
    let app = TestApp::start_with(shape, with(settings)).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 200).await;
    anna.sees("И 40 ₽ бонусом за первое пополнение").await;
    assert_eq!(pockets(&app, &anna).await, [200, 40]);
    tops_up(&app, &anna, 100).await;
    app.settled().await;
    assert_eq!(pockets(&app, &anna).await, [300, 40], "only the first brings one");
    does(&boss, "/admin_refund P1 просьба", "Возврат платежа №1: 200 ₽").await;
    anna.sees("Возвращаем 200 ₽").await;
    app.settled().await;
    assert_eq!(pockets(&app, &anna).await, [100, 0]);
    app.finish().await;
}
