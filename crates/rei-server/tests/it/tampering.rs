//! Whoever writes to the database past the program, with the triggers out of the way, is found: `rei audit` names the row
//! and what is wrong with it. Every table and column that money depends on is changed once, on both engines.

mod cases;

use rei_app::BookError;
use rei_domain::ids::CustomerId;
use rei_domain::ledger::{Account, Actor, IdempotencyKey, Money, NewTransfer, Rail, TransferKind};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_sim::gemini::Behaviour;
use rei_sim::yookassa::RefundMode;
use rei_storage::ledger::{self, LedgerError};
use rei_storage::testing::EngineKind;
use rei_storage::{Book, Sql, jobs, payments};
use rstest::rstest;

use crate::admins::does;
use crate::app::TestApp;
use crate::shortcuts::{asks_for, known, owner, place, until_newest_is};
use crate::till::{tops_up, with};

use cases::{CASES, Case};

/// What came of a change by hand; it is rolled back in any case.
#[derive(Debug)]
enum Tampered {
    Found { row: i64, findings: Vec<String> },
    Book(BookError),
}

impl From<BookError> for Tampered {
    fn from(error: BookError) -> Self {
        Self::Book(error)
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_row_that_is_changed_by_hand_is_found_and_named(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let settings = &[("FIRST_TOPUP_BONUS_PERCENT", "20"), ("FIRST_TOPUP_BONUS_MAX", "50")];
    let app = TestApp::start_with(engine, with(settings)).await;
    let book = everything_happens(&app).await;
    let sound = book.read(ledger::audit).await.expect("the book is readable");
    assert_eq!(sound.findings.kept, [], "nobody has changed anything yet");
    let mut missed = Vec::new();
    for case in CASES {
        match tamper(&book, engine, case).await {
            Tampered::Found { row, findings } => {
                let wanted = case.finds.replace("{n}", &row.to_string());
                if !findings.iter().any(|finding| finding.contains(&wanted)) {
                    missed
                        .push(format!("{}\n   wanted `{wanted}`, found {findings:?}", case.change));
                }
            }
            Tampered::Book(error) => missed.push(format!("{}\n   {error}", case.change)),
        }
    }
    assert!(missed.is_empty(), "{} are not found:\n{}", missed.len(), missed.join("\n"));
    let sound = book.read(ledger::audit).await.expect("the book is readable");
    assert_eq!(sound.findings.kept, [], "every change was rolled back");
    drop(book);
    app.stage.stop().await;
}

/// Changes a row with nothing in the way, audits, and takes it back.
async fn tamper(book: &Book, engine: EngineKind, case: &Case) -> Tampered {
    let row: &'static Sql = Box::leak(Box::new(Sql::shared(case.row)));
    let change = case.change.to_owned();
    let free_hand = match engine {
        EngineKind::Sqlite => {
            "pragma defer_foreign_keys = 1; pragma ignore_check_constraints = 1;
             drop trigger transfer_refuses_update; drop trigger transfer_refuses_delete;
             drop trigger ledger_seal_refuses_update; drop trigger ledger_seal_refuses_delete"
        }
        EngineKind::Postgres => {
            "set local session_replication_role = replica;
             alter table payment drop constraint payment_rail_known"
        }
    };
    let tried = book.write(move |tx| {
        let row = tx.query_one(row, &[])?.int("n")?;
        tx.execute_text(free_hand)?;
        tx.execute_text(&change.replace("{n}", &row.to_string()))?;
        let report = ledger::audit(tx)?;
        // Of what is undone at the end this alone stays.
        if engine == EngineKind::Sqlite {
            tx.execute_text("pragma ignore_check_constraints = 0")?;
        }
        let findings = report.findings.kept.iter().map(ToString::to_string).collect();
        Err::<(), _>(Tampered::Found { row, findings })
    });
    tried.await.expect_err("it is rolled back")
}

/// A bit of all that can happen to money, most of it sealed and checkpointed, some of it not yet.
async fn everything_happens(app: &TestApp) -> Book {
    let house = app.house().await;
    let book = house.book.clone();
    let boss = owner(app).await;
    let anna = known(app, 42, "Анна").await;
    // A first top-up with its bonus, an order from both pockets, one that is refused, one that is refunded.
    let first = tops_up(app, &anna, 200).await;
    asks_for(&anna, "кот").await;
    until_newest_is(app, &anna, OrderState::Delivered).await;
    app.stage.gemini.when_prompt_contains("нельзя", Behaviour::finish("IMAGE_SAFETY"));
    asks_for(&anna, "нельзя").await;
    until_newest_is(app, &anna, OrderState::Refused).await;
    asks_for(&anna, "пёс").await;
    until_newest_is(app, &anna, OrderState::Delivered).await;
    does(&boss, "/admin_refund 3 брак", "Возврат").await;
    boss.sees("Возвращено 50 ₽ за заказ №3").await;
    seal(&book, &app.house().await).await;

    // A code, money that nobody knows, some of it given to Anna, a refund past us, refunds of ours.
    does(&boss, "/promo_new SUMMER 60", "промокод").await;
    boss.sees("Промокод SUMMER создан").await;
    anna.says("/promo SUMMER");
    anna.sees("Промокод принят").await;
    for (name, kopecks) in [("stray-1", 700), ("stray-2", 900)] {
        stray_money(&book, &house, name, Kopecks::new(kopecks)).await;
    }
    let now = house.now();
    let given = book.write(move |tx| {
        rei_app::payments::assign_suspense(
            tx,
            "stray-2",
            CustomerId(42),
            CustomerId(1),
            "hers",
            now,
        )
    });
    given.await.expect("the book takes it");
    tops_up(app, &anna, 500).await;
    app.stage.yookassa.refund_by_hand(&first.id, 1_000).expect("it can be refunded");
    anna.sees("10 ₽").await;
    does(&boss, "/admin_refund P2 50 просьба", "Возврат платежа №2").await;
    anna.sees("Возвращаем 50 ₽").await;
    app.settled().await;
    seal(&book, &house).await;

    // Still open: a refund that YooKassa thinks about, and an order that nobody takes.
    app.stage.yookassa.set_refund_mode(RefundMode::Held);
    does(&boss, "/admin_refund P2 20 просьба", "Возврат платежа №2").await;
    boss.sees("начат").await;
    app.until("the refund", || async { app.stage.yookassa.refunds().len() > 2 }).await;
    book.write(|tx| jobs::pause(tx, "providers", true)).await.expect("it pauses");
    place(&house, &anna, "кот в очереди").await;
    book
}

async fn stray_money(book: &Book, house: &rei_app::House, name: &'static str, amount: Kopecks) {
    let now = house.now();
    let came = book.write(move |tx| {
        payments::suspend(tx, Rail::YooKassa, name, amount, "nobody knows", now)?;
        let transfer = NewTransfer {
            kind: TransferKind::Unknown,
            debit: Account::Clearing(Rail::YooKassa),
            credit: Account::Suspense,
            amount: Money::Rub(amount),
            key: IdempotencyKey::new(format!("yookassa:{name}:unknown"))?,
            order: None,
            payment: None,
            actor: Actor::System,
            memo: None,
            at: now,
        };
        ledger::post(tx, &transfer)?;
        Ok::<_, LedgerError>(())
    });
    came.await.expect("the book takes it");
}

async fn seal(book: &Book, house: &rei_app::House) {
    let now = house.now();
    book.write(ledger::settle).await.expect("it settles");
    while book.write(ledger::checkpoint).await.expect("it adds up") {}
    while book.write(move |tx| ledger::seal(tx, now)).await.expect("it seals").is_some() {}
}
