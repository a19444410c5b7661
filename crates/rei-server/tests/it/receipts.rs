//! The second receipt of a prepayment, from the charge for an order to the register, by the real client.

use rei_domain::money::Kopecks;
use rei_sim::yookassa::{CallKind, Fault, FaultKind, SimReceipt};
use rei_storage::payments::{self, OffsetRow, OffsetState};
use rei_storage::testing::EngineKind;
use rstest::rstest;
use serde_json::json;

use crate::app::{Person, TestApp};
use crate::shortcuts::{asks_for, known};
use crate::till::{newest, tops_up, with};

#[cfg(feature = "crash-points")]
pub use deaths::OFFSET_POINTS;

const PREPAYMENT: &[(&str, &str)] = &[
    ("RECEIPTS", "yookassa"),
    ("RECEIPTS_VAT_CODE", "1"),
    ("RECEIPTS_MODE", "full_prepayment"),
    ("TERMS_VERSION", "0"),
];

/// The first top-up, which asks for an e-mail.
async fn pays_first(app: &TestApp, anna: &Person) {
    anna.says("/pay");
    anna.taps("500 ₽").await;
    anna.sees("Куда прислать чек?").await;
    anna.says("anna@example.com");
    anna.sees("Счёт №").await;
    app.stage.yookassa.pay(&newest(app).id).expect("it can be paid");
    anna.sees("Зачислено 500 ₽").await;
}

async fn offsets(app: &TestApp, person: &Person) -> Vec<OffsetRow> {
    let (house, id) = (app.house().await, person.id);
    let rows = house.book.read(move |tx| payments::offsets_of_customer(tx, id, 100)).await;
    rows.expect("the book is readable")
}

async fn until_all(app: &TestApp, person: &Person, count: usize, state: OffsetState) {
    app.until("the offset receipts", || async {
        let rows = offsets(app, person).await;
        rows.len() == count && rows.iter().all(|row| row.state == state)
    })
    .await;
}

fn handed_over(receipts: &[SimReceipt]) -> Vec<String> {
    let sum = |it: &SimReceipt| it.request["settlements"][0]["amount"]["value"].to_string();
    receipts.iter().map(sum).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_prepaid_is_receipted_again_when_the_order_is_charged_for(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, with(PREPAYMENT)).await;
    let shop = &app.stage.yookassa;
    shop.demand_receipts(true);
    let anna = known(&app, 42, "Анна").await;
    pays_first(&app, &anna).await;
    let create = shop.calls().creates().remove(0).text();
    assert!(create.contains(r#""payment_mode":"full_prepayment""#), "{create}");

    // The answer is lost twice; the register takes its time.
    let lost = FaultKind::Reset { committed: true };
    shop.fault(Fault::next(lost).on(CallKind::CreateReceipt).times(2));
    asks_for(&anna, "кот").await;
    anna.sees("списано 50 ₽").await;
    until_all(&app, &anna, 1, OffsetState::Sent).await;
    let asked = shop.calls().of(CallKind::CreateReceipt);
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|it| it.body == asked[0].body));
    assert!(asked.iter().all(|it| it.idempotence_key == asked[0].idempotence_key));
    let receipts = shop.receipts();
    assert_eq!(handed_over(&receipts), [r#""50.00""#]);
    let receipt = &receipts[0];
    assert_eq!(receipt.payment_id.as_deref(), Some(newest(&app).id.as_str()));
    assert_eq!(receipt.request["settlements"][0]["type"], "prepayment");
    assert_eq!(receipt.request["items"][0]["payment_mode"], "full_payment");
    assert_eq!(receipt.request["customer"], json!({"email": "anna@example.com"}));

    // Registered at once, and over two payments: 450 ₽ are left of the first.
    shop.register_receipts_at_once(true);
    asks_for(&anna, "пёс").await;
    anna.sees("списано 50 ₽").await;
    app.until("a second receipt", || async { shop.receipts().len() == 2 }).await;
    app.settled().await;
    let rows = offsets(&app, &anna).await;
    assert_eq!(rows.iter().map(|row| row.amount).sum::<Kopecks>(), Kopecks::from_rubles(100));
    assert!(rows.iter().all(|row| row.request.is_none() == (row.state == OffsetState::Succeeded)));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_in_full_gets_one_receipt(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, with(&PREPAYMENT[..2])).await;
    let anna = known(&app, 42, "Анна").await;
    let house = app.house().await;
    let id = anna.id;
    let saved = house.book.write(move |tx| {
        payments::save_email(tx, id, Some("anna@example.com"), rei_domain::clock::Timestamp(1))
    });
    saved.await.expect("the book works");
    drop(house);
    tops_up(&app, &anna, 500).await;
    asks_for(&anna, "кот").await;
    anna.sees("списано 50 ₽").await;
    app.settled().await;
    assert_eq!(offsets(&app, &anna).await, []);
    assert_eq!(app.stage.yookassa.receipts(), []);
    app.finish().await;
}

#[cfg(feature = "crash-points")]
mod deaths {
    use std::os::unix::process::ExitStatusExt;
    use std::time::Duration;

    use rei_app::CrashPoint;
    use rei_sim::yookassa::YooKassaSim;
    use rei_storage::Book;
    use rei_storage::ledger;
    use tokio::task::JoinSet;

    use super::*;
    use crate::till::taps_sum;
    use crate::world::{PATIENCE, World};

    const SIGKILL: i32 = 9;

    /// Where an offset receipt can be hit.
    pub const OFFSET_POINTS: [CrashPoint; 2] = [CrashPoint::OffsetStored, CrashPoint::OffsetSent];

    #[rstest]
    #[tokio::test(flavor = "multi_thread")]
    async fn a_crash_around_an_offset_receipt_neither_loses_nor_doubles_it(
        #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
    ) {
        let mut survivals = JoinSet::new();
        for point in OFFSET_POINTS {
            survivals.spawn(a_receipt_survives(engine, point));
        }
        while let Some(survived) = survivals.join_next().await {
            survived.expect("the receipt survives the crash");
        }
    }

    async fn a_receipt_survives(engine: EngineKind, point: CrashPoint) {
        let at = point.name();
        let mut world = World::start(engine).await;
        let yookassa = world.take_payments().await;
        for (name, value) in PREPAYMENT {
            world.set(name, value);
        }
        yookassa.register_receipts_at_once(true);
        let anna = world.person(42, "Анна");
        let mut doomed = world.spawn("doomed", &["serve"], &[("REI_CRASH_AT", at)]);
        anna.says("/pay");
        world.sees(&anna, "Пополнить баланс").await;
        taps_sum(&anna, 500);
        world.sees(&anna, "Куда прислать чек?").await;
        anna.says("anna@example.com");
        world.sees(&anna, "Счёт №").await;
        yookassa.pay(&yookassa.payments()[0].id).expect("it can be paid");
        world.sees(&anna, "Зачислено 500 ₽").await;
        anna.says("кот");
        world.sees(&anna, "Цена: 50 ₽").await;
        anna.taps("Создать за 50 ₽").await;
        let died = doomed.ended(PATIENCE).await;
        assert_eq!(died.signal(), Some(SIGKILL), "{at}: {}", doomed.said());

        let again = world.spawn("again", &["serve"], &[]);
        let book = world.book().await;
        is_registered(&book, &anna, at).await;
        one_receipt(&yookassa, at);
        let report = book.read(ledger::audit).await.expect("the book is readable");
        assert!(report.is_sound(), "{at}: the audit found {:?}", report.findings);
        let stopped = again.stop().await;
        assert!(stopped.success(), "{at}: {stopped}");
    }

    async fn is_registered(book: &Book, anna: &Person, at: &str) {
        let step = Duration::from_millis(250);
        let id = anna.id;
        for _ in 0..PATIENCE.as_millis() / step.as_millis() {
            tokio::time::sleep(step).await;
            let rows = book.read(move |tx| payments::offsets_of_customer(tx, id, 10));
            let rows = rows.await.expect("the book is readable");
            assert!(rows.len() <= 1, "{at}: {rows:?}");
            if rows.iter().any(|row| row.state == OffsetState::Succeeded) {
                return;
            }
        }
        panic!("{at}: the receipt is not registered");
    }

    fn one_receipt(yookassa: &YooKassaSim, at: &str) {
        assert_eq!(handed_over(&yookassa.receipts()), [r#""50.00""#], "{at}");
        let asked = yookassa.calls().of(CallKind::CreateReceipt);
        assert!(asked.iter().all(|it| it.body == asked[0].body), "{at}: with other bytes");
        let keys = asked.iter().all(|it| it.idempotence_key == asked[0].idempotence_key);
        assert!(keys, "{at}: with another key");
    }
}
