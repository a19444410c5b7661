//! Promises about those who run the bot, kept by the whole product in the chat: every command answers, every change is
//! asked for, shown and confirmed, and customers see what came of it.

mod decisions;
mod people;
mod presents;
mod refunds;
mod reports;

use std::collections::BTreeSet;

use rei_app::admin;
use rei_domain::money::Kopecks;
use rei_storage::admins::{self, ActionRow};
use rei_storage::ledger;
use rei_storage::testing::EngineKind;
use rstest::rstest;
use serde_json::json;

use crate::app::{Person, TestApp};
use crate::shortcuts::{asks_for, known, owner};
use crate::till::{empty_wallets, suspense, tops_up};

/// Says a changing command, sees what it would do, and confirms it; what comes from then on is news.
pub async fn does(admin: &Person, words: &str, preview: &str) {
    admin.says(words);
    admin.sees(preview).await;
    admin.taps("Подтвердить").await;
}

/// Makes somebody an admin.
async fn grants(boss: &Person, to: &Person, role: &str) {
    does(boss, &format!("/grant_role {} {role}", to.id), "→").await;
    boss.sees(&format!("теперь {role}")).await;
}

/// What a customer can spend of cash and of bonus, in rubles.
async fn pockets(app: &TestApp, person: &Person) -> [i64; 2] {
    let id = person.id;
    let wallet = app.house().await.book.read(move |tx| ledger::balances(tx, id)).await;
    let wallet = wallet.expect("the book is readable");
    [wallet.cash.free.get() / 100, wallet.bonus.free.get() / 100]
}

/// What admins did, the oldest first.
async fn audit(app: &TestApp) -> Vec<ActionRow> {
    let rows = app.house().await.book.read(|tx| admins::actions(tx, None, 0, 100)).await;
    let mut rows = rows.expect("the book is readable");
    rows.reverse();
    rows
}

/// The words for what admins did, the oldest first.
async fn deeds(app: &TestApp) -> Vec<String> {
    audit(app).await.into_iter().map(|row| row.action.action).collect()
}

/// Money comes to our shop that nobody asked for, and is found; its name at YooKassa.
async fn nobodys_money(app: &TestApp, boss: &Person, rubles: i64) -> String {
    let id = app.stage.yookassa.foreign_payment(rubles * 100, None);
    // What is only a moment old may be on its way to the book by itself.
    let aged = app.stage.yookassa.alter(&id, |payment| payment.created_ms -= 180_000);
    aged.expect("it can be changed");
    boss.begin();
    let house = app.house().await;
    let is_found = || async {
        // A sweep that was under way before has not seen it.
        rei_app::payments::enqueue_sweep(&house).await.expect("the sweep is asked for");
        suspense(&house).await == Kopecks::from_rubles(rubles)
    };
    app.until("money that is nobody's", is_found).await;
    boss.sees("Пришли деньги без хозяина").await;
    app.settled().await;
    id
}

/// She has a name behind an @ from her next message on.
async fn is_called(app: &TestApp, person: &Person, username: &str) {
    let message = person.user.says("/start").expect("the message is taken");
    let mut api = person.user.message(message).expect("it was sent").api;
    api["from"]["username"] = json!(username);
    api["message_id"] = json!(message + 1_000_000);
    app.stage.telegram.inject_update(json!({ "message": api }));
    let house = app.house().await;
    let name = username.to_owned();
    let is_known = || async {
        let name = name.clone();
        let found = house.book.read(move |tx| admins::find_username(tx, &name)).await;
        found.expect("the book is readable") == Some(person.id)
    };
    app.until("a customer with a name", is_known).await;
}

/// Each command as an owner writes it and what the answer says. `{money}` is the name of money that is nobody's.
const ANSWERS: &[(&str, &str)] = &[
    // Dashboard.
    ("/admin", "роль owner"),
    ("/stats", "Выручка"),
    ("/stats week", "Средний чек"),
    ("/stats month", "Выручка на активного"),
    ("/stats 2026-07-01 2026-07-31", "2026-07-01"),
    ("/stats junk", "Формат: /stats"),
    // Users.
    ("/users", "Покупатели"),
    ("/users paying", "Анна"),
    ("/users Анна", "Анна"),
    ("/admin_user 42", "Анна @anna_k"),
    ("/admin_user @Anna_K", "Свои 450 ₽"),
    ("/user 42", "Платежей 1 на 500 ₽"),
    ("/admin_user", "Формат: /admin_user"),
    // Money.
    ("/add 42 10,50 подарок", "Баланс: 450 ₽ → 460,50 ₽"),
    ("/sub 42 100 ошибка", "Баланс: 450 ₽ → 350 ₽"),
    ("/admin_adjust 42 -10,50 сверка", "Баланс: 450 ₽ → 439,50 ₽"),
    ("/adjust 42 +1 сверка", "Баланс: 450 ₽ → 451 ₽"),
    ("/admin_refund 1 брак", "Возврат за заказ №1: 50 ₽"),
    ("/refund 1 10 брак", "Возврат за заказ №1: 10 ₽"),
    ("/admin_refund P1 100 просьба", "Возврат платежа №1: 100 ₽"),
    ("/ledger 42", "topup"),
    ("/trial", "Сходится: разница 0"),
    // Jobs.
    ("/admin_jobs", "Заказов нет (active)"),
    ("/admin_jobs all", "№1"),
    ("/admin_job 1", "capture 50 ₽"),
    ("/admin_cancel_job 1", "Заказ №1 уже завершён"),
    ("/requeue 1", "Заказ №1 уже завершён"),
    ("/stuck", "Ничего не застряло"),
    // Payments.
    ("/payments", "№1 · 500 ₽"),
    ("/payment 1", "Возвращено 0 ₽, можно вернуть ещё 500 ₽"),
    ("/recheck 1", "уже зачислен"),
    ("/reconcile", "Сверяю"),
    ("/suspense", "{money}"),
    ("/assign {money} 42 квитанция", "Отдать деньги без хозяина: 700 ₽"),
    ("/return {money} чужое", "это только записывается"),
    ("/chargeback 1 письмо банка", "Свои деньги: 450 ₽ → −50 ₽"),
    // Prices.
    ("/prices", "NanoBanana"),
    ("/price", "выберите модель"),
    ("/price nano-banana-pro 2K 55", "50 ₽ → 55 ₽"),
    ("/price_nanobanana 55", "Новые цены"),
    ("/price_kling 120", "Новые цены"),
    ("/models", "nano-banana-pro"),
    ("/flag kling-26 off", "Переключатель"),
    ("/provider kling pause", "Переключатель"),
    ("/maintenance on Вернёмся в 15:00", "Вернёмся в 15:00"),
    // Presents.
    ("/promos", "Промокодов пока нет"),
    ("/promo_new SUMMER 50 x100", "использован 0 из 100"),
    ("/promo_off SUMMER", "Промокода SUMMER нет"),
    // Bans and roles.
    ("/ban 42 7d спам", "Причина (её увидит покупатель): спам"),
    ("/unban 42", "Покупатель 42 не заблокирован"),
    ("/bans", "Заблокированных нет"),
    ("/grant_role 42 support", "none → support"),
    ("/roles", "owner, из настроек"),
    // Health and audit.
    ("/audit", "Журнал пуст"),
    ("/health", "сходится"),
    ("/doctor", "в порядке"),
    ("/queues", "Очеред"),
    ("/config", "ADMIN_IDS"),
    ("/version", "РЭИ-бот"),
    ("/export", "Формат: /export"),
];

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_command_answers_the_owner_and_changes_nothing_unconfirmed(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 500).await;
    asks_for(&anna, "кот").await;
    anna.sees("списано 50 ₽").await;
    is_called(&app, &anna, "Anna_K").await;
    let money = nobodys_money(&app, &boss, 700).await;
    for (command, answer) in ANSWERS {
        boss.says(&command.replace("{money}", &money));
        boss.sees(&answer.replace("{money}", &money)).await;
    }
    app.settled().await;
    let house = app.house().await;
    assert_eq!(pockets(&app, &anna).await, [450, 0]);
    assert_eq!(suspense(&house).await, Kopecks::from_rubles(700));
    assert_eq!(audit(&app).await, []);
    let tried: BTreeSet<&str> = ANSWERS
        .iter()
        .filter_map(|(command, _)| command.split(' ').next()?.strip_prefix('/'))
        .collect();
    let untried: Vec<_> = admin::COMMANDS.iter().filter(|name| !tried.contains(**name)).collect();
    assert!(untried.is_empty(), "nobody has tried {untried:?}");
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_menu_leads_to_every_list(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 500).await;
    for (button, answer) in [
        ("📊 Сводка", "Выручка"),
        ("⚖️ Ведомость", "Сходится: разница 0"),
        ("💳 Платежи", "№1 · 500 ₽"),
        ("❓ Без хозяина", "Денег без хозяина нет"),
        ("👥 Люди", "Покупатели"),
        ("🚫 Баны", "Заблокированных нет"),
        ("🗂 Заказы", "Заказов нет"),
        ("🧱 Застряло", "Ничего не застряло"),
        ("🎛 Модели", "nano-banana-pro"),
        ("🏷 Цены", "выберите модель"),
        ("🩺 Состояние", "сходится"),
        ("⏳ Очереди", "Очеред"),
        ("📜 Журнал", "Журнал пуст"),
        ("🔑 Роли", "owner, из настроек"),
    ] {
        boss.says("/admin");
        boss.sees("роль owner").await;
        boss.taps(button).await;
        boss.sees(answer).await;
    }
    app.finish().await;
}
