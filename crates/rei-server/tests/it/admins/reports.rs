//! Figures, files, and what customers read about their own money.

use rei_storage::testing::EngineKind;
use rstest::rstest;

use super::{audit, does};
use crate::app::{Person, TestApp, flat};
use crate::shortcuts::{asks_for, known, owner};
use crate::till::{empty_wallets, tops_up};

/// The words of the newest file that came.
async fn file_of(app: &TestApp, person: &Person) -> (String, String) {
    let shown = person.sees_document().await.document.expect("it has a file");
    let bytes = app.stage.telegram.file(&shown.file_id).expect("it was uploaded");
    let words = String::from_utf8(bytes.to_vec()).expect("a CSV is text");
    (shown.file_name.unwrap_or_default(), words)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_figures_come_with_a_chart(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 100).await;
    asks_for(&anna, "кот").await;
    anna.sees("списано 50 ₽").await;
    app.settled().await;
    boss.says("/stats day");
    let figures = boss.sees("Сводка").await;
    let said = flat(&figures.text);
    for words in [
        "Выручка (деньги покупателей): 50 ₽",
        "Средний чек: 100 ₽",
        "nano-banana-pro: 100",
        "1 платёж",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let chart = boss.sees_photo().await;
    let photo = chart.photo.expect("it is a picture");
    let bytes = app.stage.telegram.file(&photo).expect("it was uploaded");
    assert!(bytes.starts_with(b"\x89PNG"), "the chart is a PNG");
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_owner_takes_the_book_out_as_files_and_the_audit_knows_it(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 100).await;
    asks_for(&anna, "кот").await;
    anna.sees("списано 50 ₽").await;
    app.settled().await;
    let today = app.house().await.now().date_utc();
    let [day, month, year] =
        today.split('.').collect::<Vec<_>>().try_into().expect("a day has three parts");
    let today = format!("{year}-{month}-{day}");
    for (what, words) in [("ledger", "topup"), ("payments", "yookassa"), ("jobs", "delivered")] {
        boss.says(&format!("/export {what} {today} {today}"));
        boss.sees("Готовлю файл").await;
        let (name, csv) = file_of(&app, &boss).await;
        assert_eq!(name, format!("{what}-{today}-{today}.csv"));
        assert!(csv.contains(words), "{csv}");
    }
    app.settled().await;
    let rows = audit(&app).await;
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert!(rows.iter().all(|row| row.action.detail.contains("sha256=")));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_reads_a_statement_in_pages_and_as_a_file(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let boss = owner(&app).await;
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 100).await;
    asks_for(&anna, "кот").await;
    anna.sees("списано 50 ₽").await;
    for number in 1..=12 {
        does(&boss, &format!("/add 42 {number} подарок {number}"), "Зачислить").await;
        boss.sees(&format!("Зачислено {number} ₽")).await;
    }
    app.settled().await;
    anna.says("/statement");
    let newest = anna.sees("Выписка").await;
    assert!(flat(&newest.text).contains("+12 ₽ · начислено поддержкой: подарок 12"), "{newest:?}");
    anna.taps("Раньше").await;
    let older = anna.sees("страница 2").await;
    let said = flat(&older.text);
    assert!(
        said.contains("удержано за заказ №1") && said.contains("пополнение картой, платёж №1"),
        "{said}"
    );
    anna.taps("Скачать CSV").await;
    let (name, csv) = file_of(&app, &anna).await;
    assert!(name.starts_with("statement-") && name.ends_with(".csv"), "{name}");
    assert_eq!(
        csv.lines().count(),
        1 + 15,
        "a head, 12 presents, a top-up, a hold, a charge: {csv}"
    );
    assert!(csv.contains("пополнение картой, платёж №1"), "{csv}");
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_asks_why_an_order_was_charged(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, empty_wallets).await;
    let anna = known(&app, 42, "Анна").await;
    tops_up(&app, &anna, 100).await;
    asks_for(&anna, "кот").await;
    anna.sees("списано 50 ₽").await;
    app.settled().await;
    anna.says("/history");
    anna.sees("№1").await;
    anna.taps("❔ №1").await;
    let why = flat(&anna.sees("За что списано: заказ №1").await.text);
    for words in ["Цена 50 ₽ показана вам до заказа", "Списано 50 ₽", "когда результат был готов"]
    {
        assert!(why.contains(words), "{why}");
    }
    app.finish().await;
}
