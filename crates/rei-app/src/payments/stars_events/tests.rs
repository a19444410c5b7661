//! What Telegram says, and what the book makes of it.

use std::sync::Arc;
use std::time::Duration;

use rei_domain::ids::{CustomerId, UpdateId};
use rei_domain::money::Kopecks;
use rei_domain::payment::PaymentState;
use rei_sim::telegram::{CheckoutState, Fault, FaultKind};
use rei_storage::admins::{self, BanRow};
use rei_storage::payments::{self, PaymentRow};
use rei_storage::{inbox, outbox};
use rei_telegram::{Payment, PreCheckout, User};

use super::super::stars::stage::{ANNA, BORIS, Stage, UNIT};
use super::super::{Settled, refund};
use super::{Checkout, CheckoutRefusal, precheckout, stars_paid};
use crate::House;
use crate::payments::Payments;

fn query(payer: CustomerId, payload: &str, currency: &str, stars: i64) -> PreCheckout {
    let from = User {
        id: payer,
        is_bot: false,
        first_name: "x".to_owned(),
        last_name: None,
        username: None,
        language_code: Some("en".to_owned()),
    };
    PreCheckout {
        id: "9".to_owned(),
        from,
        currency: currency.to_owned(),
        total_amount: stars,
        invoice_payload: payload.to_owned(),
    }
}

fn payment(charge: &str, payload: &str, currency: &str, stars: i64) -> Payment {
    Payment {
        currency: currency.to_owned(),
        total_amount: stars,
        invoice_payload: payload.to_owned(),
        telegram_charge_id: charge.to_owned(),
    }
}

fn payload(row: &PaymentRow) -> String {
    format!("{}:{}", row.id, row.amount.get())
}

/// The answer, and the words that go out with it.
async fn asks(stage: &Stage, house: &House, query: PreCheckout) -> (&'static str, String) {
    let (house, now) = (house.clone(), stage.now());
    let (checkout, sent) = stage
        .write(move |tx, _| {
            let checkout = precheckout(tx, &house, &query, now)?;
            Ok((checkout, outbox::recent(tx, 1)?.remove(0)))
        })
        .await;
    let (class, state, _, row) = sent;
    assert_eq!((class.as_str(), state.as_str()), ("press", "ready"));
    let row: serde_json::Value = serde_json::from_str(&row).expect("json");
    let words = row["refusal"].as_str().unwrap_or_default().to_owned();
    match checkout {
        Checkout::Allowed => ("allowed", words),
        Checkout::Refused(why) => (why.as_str(), words),
    }
}

#[tokio::test]
async fn a_payment_goes_on_only_when_everything_fits() {
    let stage = Stage::start().await;
    let (row, _) = stage.opens(50).await;
    let (paid, link) = stage.opens(60).await;
    let charge = stage.pays(&link).await;
    stage.looks(&paid).await;
    assert!(!charge.is_empty());
    let (late, _) = stage.opens(70).await;
    let (id, now) = (late.id, stage.now());
    stage
        .write(move |tx, _| Ok(payments::close(tx, id, PaymentState::Cancelled, "late", now)?))
        .await;
    let rows = [
        ("fits", query(ANNA, &payload(&row), "XTR", 50), "allowed", ""),
        ("unknown", query(ANNA, "p_1", "XTR", 50), "not_yours", "Неоплаченных счетов нет."),
        ("Boris pays", query(BORIS, &payload(&row), "XTR", 50), "not_yours", "There are no unpaid"),
        ("stranger", query(CustomerId(99), &payload(&row), "XTR", 50), "not_yours", "There are no"),
        ("fewer", query(ANNA, &payload(&row), "XTR", 49), "other_sum", "не оплачен"),
        ("rubles", query(ANNA, &payload(&row), "RUB", 50), "other_sum", "не оплачен"),
        ("again", query(ANNA, &payload(&paid), "XTR", 60), "paid", "уже оплачен"),
        ("late", query(ANNA, &payload(&late), "XTR", 70), "closed", "время на оплату вышло"),
    ];
    for (what, query, answer, words) in rows {
        let (said, why) = asks(&stage, &stage.house, query).await;
        assert_eq!(said, answer, "{what}");
        assert!(why.contains(words) && why.is_empty() == words.is_empty(), "{what}: {why}");
        assert!(why.chars().count() <= 200, "{what}: {why}");
    }
    let mut closed = stage.house.clone();
    let rails = closed.payments.rails.clone();
    closed.payments = Arc::new(Payments { closed_rails: rails, ..Payments::default() });
    let (said, why) = asks(&stage, &closed, query(ANNA, &payload(&row), "XTR", 50)).await;
    assert_eq!((said, why.as_str()), ("off", "Этот способ оплаты сейчас закрыт."));
    let ban = BanRow {
        customer: ANNA,
        reason: "спам".to_owned(),
        until: None,
        banned_by: BORIS,
        at: stage.now(),
    };
    stage.write(move |tx, _| Ok(admins::ban(tx, &ban)?)).await;
    let (said, why) = asks(&stage, &stage.house, query(ANNA, &payload(&row), "XTR", 50)).await;
    assert!(said == "banned" && why.contains("спам") && !why.contains('<'), "{said}: {why}");
}

#[tokio::test]
async fn a_checkout_is_answered_although_its_chat_is_stuck() {
    let stage = Stage::start().await;
    let (_, link) = stage.opens(50).await;
    // Nobody serves chats, and Anna's has been waiting since she said hello.
    stage.anna.says("и ещё вопрос").expect("she can write");
    stage.pays(&link).await;
}

#[tokio::test]
async fn a_checkout_survives_a_restart_between_storing_and_answering() {
    let stage = Stage::start().await;
    let (row, link) = stage.opens(50).await;
    let asked = stage.anna.pays_link(&link).expect("an invoice");
    // As it stands after the process died: stored in its own lane, unanswered.
    let raw = serde_json::json!({"update_id": 77, "pre_checkout_query": {
        "id": asked, "from": {"id": 7, "is_bot": false, "first_name": "Анна"}, "currency": "XTR",
        "total_amount": 50, "invoice_payload": payload(&row)}});
    let (raw, now) = (raw.to_string(), stage.now());
    stage.write(move |tx, _| Ok(inbox::store(tx, UpdateId(77), -77, &raw, now)?)).await;
    stage.advance(Duration::from_secs(8));
    stage.serve().await;
    stage.sender.drain().await.expect("the book answers");
    assert!(matches!(stage.anna.checkout(&asked), Some(CheckoutState::Paid { .. })));
    // The same question comes again, as it does after a lost 200.
    stage.receive().await;
    stage.serve().await;
    stage.sender.drain().await.expect("the book answers");
    assert_eq!(stage.balance(ANNA).await, row.amount);
    assert_eq!(stage.sim.violations(), []);
}

#[tokio::test]
async fn an_answer_whose_fate_is_unknown_is_given_again() {
    let stage = Stage::start().await;
    for kind in [FaultKind::CutAfter, FaultKind::CutBefore, FaultKind::BadGateway] {
        let (_, link) = stage.opens(50).await;
        let asked = stage.anna.pays_link(&link).expect("an invoice");
        stage.sim.fault(Fault::next(kind.clone()).on("answerPreCheckoutQuery"));
        stage.receive().await;
        stage.sender.drain().await.expect("the book answers");
        stage.advance(Duration::from_secs(3));
        stage.sender.drain().await.expect("the book answers");
        let state = stage.anna.checkout(&asked);
        assert!(matches!(state, Some(CheckoutState::Paid { .. })), "{kind:?}: {state:?}");
        stage.receive().await;
        stage.serve().await;
    }
}

#[tokio::test]
async fn a_refused_checkout_shows_the_reason() {
    let stage = Stage::start().await;
    let (_, link) = stage.opens(50).await;
    let asked = stage.boris.pays_link(&link).expect("an invoice");
    stage.receive().await;
    stage.sender.drain().await.expect("the book answers");
    let message = "There are no unpaid bills.".to_owned();
    assert_eq!(stage.boris.checkout(&asked), Some(CheckoutState::Refused { message }));
}

async fn came(stage: &Stage, payer: CustomerId, payment: Payment) -> Settled {
    let now = stage.now();
    stage.write(move |tx, house| stars_paid(tx, house, payer, &payment, now)).await
}

#[tokio::test]
async fn stars_without_a_payment_wait_in_suspense_and_the_owner_hears_of_it() {
    let stage = Stage::start().await;
    let (row, _) = stage.opens(50).await;
    for _ in 0..2 {
        let settled = came(&stage, ANNA, payment("stx1", "p_1", "XTR", 10)).await;
        assert_eq!(settled, Settled::Review);
    }
    let sum = Kopecks::new(UNIT.get() * 10);
    assert_eq!(stage.suspense().await, [("stx1".to_owned(), sum, "payload: 10 XTR".to_owned())]);
    let alert = stage.alert().await;
    assert!(alert.contains("stx1"), "{alert}");
    assert_eq!(stage.balance(ANNA).await, Kopecks::ZERO);
    assert_eq!(stage.row(&row).await.state, PaymentState::Waiting);
}

#[tokio::test]
async fn another_sum_or_another_payer_waits_for_a_person() {
    let stage = Stage::start().await;
    let (row, _) = stage.opens(50).await;
    let settled = came(&stage, ANNA, payment("stx1", &payload(&row), "XTR", 49)).await;
    assert_eq!(settled, Settled::Review);
    let (other, _) = stage.opens(60).await;
    let settled = came(&stage, BORIS, payment("stx2", &payload(&other), "XTR", 60)).await;
    assert_eq!(settled, Settled::Review);
    let sums: Vec<_> = stage.suspense().await.into_iter().map(|(id, sum, _)| (id, sum)).collect();
    let expected = [("stx1", UNIT.get() * 49), ("stx2", UNIT.get() * 60)];
    assert_eq!(sums, expected.map(|(id, sum)| (id.to_owned(), Kopecks::new(sum))));
    for row in [&row, &other] {
        assert_eq!(stage.row(row).await.state, PaymentState::Review);
    }
    assert_eq!(stage.balance(ANNA).await, Kopecks::ZERO);
    assert_eq!(stage.balance(BORIS).await, Kopecks::ZERO);
}

#[tokio::test]
async fn p19_a_second_charge_for_one_payment_is_not_lost() {
    let stage = Stage::start().await;
    let (row, _) = stage.opens(50).await;
    assert_eq!(
        came(&stage, ANNA, payment("stx1", &payload(&row), "XTR", 50)).await,
        Settled::Credited
    );
    came(&stage, ANNA, payment("stx2", &payload(&row), "XTR", 50)).await;
    came(&stage, ANNA, payment("stx3", &payload(&row), "XTR", 49)).await;
    came(&stage, BORIS, payment("stx4", &payload(&row), "XTR", 50)).await;
    let ids: Vec<_> = stage.suspense().await.into_iter().map(|(id, ..)| id).collect();
    assert_eq!(ids, ["stx2", "stx3", "stx4"]);
    assert_eq!(stage.balance(ANNA).await, row.amount);
}

#[tokio::test]
async fn another_currency_is_told_to_the_owner() {
    let stage = Stage::start().await;
    let settled = came(&stage, ANNA, payment("c1", "p_1", "RUB", 100)).await;
    assert_eq!(settled, Settled::Review);
    assert_eq!(stage.suspense().await, []);
    let alert = stage.alert().await;
    assert!(alert.contains("100 RUB"), "{alert}");
}

#[tokio::test]
async fn stars_given_back_past_us_leave_the_wallet_once() {
    let stage = Stage::start().await;
    let (row, link) = stage.opens(50).await;
    let charge = stage.pays(&link).await;
    stage.receive().await;
    stage.serve().await;
    assert_eq!(stage.balance(ANNA).await, row.amount);
    stage.sim.duplicate_updates(1);
    stage.sim.gives_stars_back(&charge).expect("it was paid");
    stage.receive().await;
    stage.serve().await;
    assert_eq!(stage.balance(ANNA).await, Kopecks::ZERO);
    assert_eq!(stage.row(&row).await.refunded, row.amount);
    let now = stage.now();
    let again = payment(&charge, &payload(&row), "XTR", 50);
    stage.write(move |tx, house| super::stars_refunded(tx, house, &again, now)).await;
    assert_eq!(stage.balance(ANNA).await, Kopecks::ZERO);
}

#[tokio::test]
async fn the_message_of_our_own_refund_takes_nothing_more() {
    let stage = Stage::start().await;
    let (row, link) = stage.opens(50).await;
    let charge = stage.pays(&link).await;
    stage.receive().await;
    stage.serve().await;
    let (number, now) = (stage.row(&row).await.number, stage.now());
    stage.write(move |tx, house| refund(tx, house, number, None, BORIS, "asked", now)).await;
    // On hold; Telegram is asked, its answer is lost, and its message is here first.
    assert_eq!(stage.balance(ANNA).await, Kopecks::ZERO);
    stage.sim.gives_stars_back(&charge).expect("it was paid");
    stage.receive().await;
    stage.serve().await;
    let row = stage.row(&row).await;
    assert_eq!(row.refunded, Kopecks::ZERO, "its own job ends it");
    assert_eq!(stage.balance(ANNA).await, Kopecks::ZERO);
}

#[test]
fn a_reason_has_a_word_for_the_metric() {
    assert_eq!(CheckoutRefusal::Off.as_str(), "off");
    assert_eq!(CheckoutRefusal::Banned(String::new()).as_str(), "banned");
}
