//! Roles, a second admin's yes, and bans.

use rei_domain::order::OrderState;
use rei_storage::testing::EngineKind;
use rstest::rstest;

use super::{audit, deeds, does, grants, pockets};
use crate::app::{TestApp, flat};
use crate::shortcuts::{asks_for, gift, known, owner, quick, states_of, was_told};
use crate::till::{empty_wallets, with};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_sum_above_the_limit_waits_for_a_second_admin(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, with(&[("ADMIN_APPROVAL_LIMIT", "1000")])).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let boris = known(&app, 43, "Борис").await;
    does(&boss, "/add 42 1500 подарок", "понадобится второй админ").await;
    boss.sees("второго админа нет").await;
    grants(&boss, &boris, "finance").await;
    // What is not above it needs nobody else.
    does(&boss, "/add 42 1000 подарок", "0 ₽ → 1000 ₽").await;
    boss.sees("Зачислено 1000 ₽ покупателю 42").await;
    boris.begin();
    does(&boss, "/add 42 1500 премия", "понадобится второй админ").await;
    boss.sees("ждём второго админа").await;
    let asked = boris.sees("Нужно ваше одобрение").await;
    assert!(flat(&asked.text).contains("1000 ₽ → 2500 ₽"), "{}", asked.text);
    assert_eq!(pockets(&app, &anna).await, [1000, 0]);
    boris.taps("Одобрить").await;
    boss.sees("Одобрено админом 43").await;
    anna.sees("Вам зачислено 1500 ₽: премия").await;
    // A no is a no.
    boris.begin();
    does(&boss, "/sub 42 2000 ошибка", "понадобится второй админ").await;
    boss.sees("ждём второго админа").await;
    boris.sees("Списать").await;
    boris.taps("Отклонить").await;
    boss.sees("Отклонено админом 43").await;
    assert_eq!(pockets(&app, &anna).await, [2500, 0]);
    let rows = audit(&app).await;
    let last = &rows.last().expect("there are rows").action;
    assert_eq!((last.action.as_str(), last.approved_by), ("add", Some(boris.id)));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn support_can_help_but_not_move_money(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, gift(100)).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    let boris = known(&app, 43, "Борис").await;
    boris.says("/admin");
    boris.sees("Такой команды нет").await;
    grants(&boss, &boris, "support").await;
    for words in [
        "/add 42 100 подарок",
        "/sub 42 100 ошибка",
        "/admin_adjust 42 -1 сверка",
        "/admin_refund P1 просьба",
        "/assign p-1 42 квитанция",
        "/return p-1 чужое",
        "/chargeback 1 письмо",
        "/recheck 1",
        "/reconcile",
        "/price_nanobanana 1",
        "/promo_new MINE 500",
        "/grant_role 43 owner",
        "/export ledger 2026-07-01 2026-07-31",
        "/maintenance on",
        "/audit",
    ] {
        boris.says(words);
        let answer = boris.sees("").await;
        let said = flat(&answer.text);
        // A payment that isn't there is said before anybody asks what may be done with it.
        assert!(
            said.contains("этого не позволяет") || said.contains("Платежа №1 нет"),
            "{words}: {said}"
        );
    }
    asks_for(&anna, "кот").await;
    anna.sees("списано 50 ₽").await;
    does(&boris, "/admin_refund 1 брак", "Возврат за заказ №1: 50 ₽").await;
    anna.sees("Вам вернули 50 ₽ за заказ №1: брак").await;
    does(&boris, "/ban 42 1d грубость", "Заблокировать").await;
    boris.sees("Покупатель 42 заблокирован").await;
    // A role that is gone does nothing any more, not even with a button that is left.
    boris.says("/unban 42 ошибка");
    boris.sees("Разблокировать").await;
    does(&boss, "/grant_role 43 none", "support → none").await;
    boss.sees("теперь none").await;
    boris.taps("Подтвердить").await;
    app.settled().await;
    assert_eq!(deeds(&app).await, ["grant_role", "refund", "ban", "grant_role"]);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_banned_customer_is_told_why_once_and_can_neither_order_nor_pay(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("кот");
    anna.sees("Цена: 50 ₽").await;
    does(&boss, "/ban 42 7d спам", "На балансе 300 ₽").await;
    boss.sees("Покупатель 42 заблокирован").await;
    let told = anna.sees("Ваш доступ к заказам закрыт").await;
    assert!(flat(&told.text).contains("Причина: спам"), "{}", told.text);
    // An offer made before is not taken either.
    anna.taps("Создать за 50 ₽").await;
    anna.sees("Заказы и пополнение для вас закрыты. Причина: спам").await;
    anna.says("/pay");
    anna.sees("Заказы и пополнение для вас закрыты").await;
    anna.says("/balance");
    anna.sees("300 ₽").await;
    anna.says("/paysupport");
    anna.sees("Вопрос по оплате").await;
    app.settled().await;
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, []);
    assert_eq!(app.stage.yookassa.payments().len(), 0);
    let told =
        anna.user.messages().into_iter().filter(|it| it.text.contains("Ваш доступ к заказам"));
    assert_eq!(told.count(), 1);
    boss.says("/bans");
    boss.sees("42 (Анна)").await;
    boss.taps("Разблокировать 42").await;
    boss.sees("Разблокировать").await;
    boss.taps("Подтвердить").await;
    anna.sees("Доступ к заказам снова открыт").await;
    asks_for(&anna, "пёс").await;
    anna.sees("списано 50 ₽ · баланс 250 ₽").await;
    app.settled().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Delivered]);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_can_be_undone_with_its_button(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    does(&boss, "/add 42 100 подарок", "0 ₽ → 100 ₽").await;
    boss.sees("Зачислено 100 ₽ покупателю 42").await;
    boss.taps("Отменить действие").await;
    boss.sees("Действие отменено").await;
    anna.sees("Зачисление 100 ₽ отменено").await;
    assert_eq!(pockets(&app, &anna).await, [0, 0]);
    assert_eq!(deeds(&app).await, ["add", "undo"]);
    // Nothing is done when the admin thinks better of it.
    boss.says("/add 42 100 подарок");
    boss.sees("0 ₽ → 100 ₽").await;
    boss.taps("✖️ Отмена").await;
    boss.sees("ничего не сделано").await;
    app.settled().await;
    assert!(was_told(&app, &anna, "Вам зачислено 100 ₽"));
    assert_eq!(pockets(&app, &anna).await, [0, 0]);
    app.finish().await;
}
