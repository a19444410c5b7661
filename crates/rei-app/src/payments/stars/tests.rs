//! The rail against Telegram in small.

use std::time::Duration;

use rei_domain::ids::RefundId;
use rei_domain::money::Kopecks;
use rei_domain::payment::PaymentState;
use rei_sim::telegram::{CheckoutState, Fault, FaultKind};
use rei_storage::payments::{PaymentRow, RefundRow};
use rei_telegram::AnswerPreCheckoutQuery;

use super::super::{
    Ask, Looked, Movement, MovementKind, Paid, PaymentRail, RailError, RefundAsk, RefundLooked,
    RefundUnasked, Settled,
};
use super::StarsRail;
use super::stage::{ANNA, Stage, UNIT, rules};

const HOUR: Duration = Duration::from_secs(3600);

fn asked(row: &PaymentRow, request: Vec<u8>) -> RefundRow {
    RefundRow {
        id: RefundId::from_slice(&[7; 16]).expect("an id"),
        number: 1,
        payment: row.id,
        amount: row.amount,
        state: rei_domain::payment::RefundState::Asked,
        origin: "ours".to_owned(),
        reason: None,
        memo: None,
        key: "k".to_owned(),
        request: Some(request),
        provider_id: None,
        hold: None,
        created_at: row.created_at,
        sent_at: None,
    }
}

fn refund_request(
    rail: &StarsRail,
    row: &PaymentRow,
    amount: Kopecks,
) -> Result<Vec<u8>, RefundUnasked> {
    let id = RefundId::from_slice(&[7; 16]).expect("an id");
    rail.refund_request(&RefundAsk { id, payment: row, amount, description: "x", email: None })
}

#[tokio::test]
async fn an_invoice_has_no_name_until_it_is_paid_and_then_the_charges() {
    let stage = Stage::start().await;
    let (row, link) = stage.opens(100).await;
    assert_eq!((row.state, row.provider_id.as_deref()), (PaymentState::Waiting, None));
    assert_eq!((row.units, row.amount), (Some(100), Kopecks::from_rubles(130)));
    let seen = stage.anna.sees_invoice(&link).expect("an invoice");
    assert_eq!((seen.total, seen.currency.as_str()), (100, "XTR"));
    assert!(seen.title.starts_with("Пополнение баланса"), "{}", seen.title);
    assert_eq!(stage.looks(&row).await, Settled::Waits);
    let charge = stage.pays(&link).await;
    let looked = stage.rail.look(&row, None).await.expect("a list");
    let paid = Paid { provider_id: charge.clone(), amount: row.amount, fee: None, receipt: None };
    assert_eq!(looked, Looked::Paid(paid));
    assert_eq!(stage.looks(&row).await, Settled::Credited);
    let row = stage.row(&row).await;
    assert_eq!((row.state, row.provider_id), (PaymentState::Paid, Some(charge)));
    assert_eq!(stage.sim.violations(), []);
}

#[tokio::test]
async fn p4_the_message_twice_the_button_and_the_list_credit_once() {
    let stage = Stage::start().await;
    let (row, link) = stage.opens(100).await;
    stage.sim.duplicate_updates(2);
    stage.pays(&link).await;
    stage.receive().await;
    stage.serve().await;
    assert_eq!(stage.balance(ANNA).await, row.amount);
    assert_eq!(stage.looks(&row).await, Settled::CreditedBefore);
    stage.serve().await;
    assert_eq!(stage.balance(ANNA).await, row.amount);
    assert_eq!(stage.suspense().await, []);
}

#[tokio::test]
async fn p7_a_lost_message_is_made_up_by_the_list() {
    let stage = Stage::start().await;
    let (row, link) = stage.opens(50).await;
    // Paid, and the message stays at Telegram.
    stage.pays(&link).await;
    assert_eq!(stage.looks(&row).await, Settled::Credited);
    stage.receive().await;
    stage.serve().await;
    assert_eq!(stage.balance(ANNA).await, row.amount);
}

#[tokio::test]
async fn a_lost_link_is_asked_for_again_and_both_links_pay_one_payment() {
    let stage = Stage::start().await;
    let row = stage.wishes(50).await;
    stage.sim.fault(Fault::next(FaultKind::CutAfter).on("createInvoiceLink"));
    let lost = stage.rail.open(&row).await;
    assert!(matches!(lost, Err(RailError::Again { .. })), "{lost:?}");
    let Ok(Looked::Waiting { provider_id: None, link: Some(link) }) = stage.rail.open(&row).await
    else {
        panic!("the second time a link comes")
    };
    stage.pays(&link).await;
    assert_eq!(stage.looks(&row).await, Settled::Credited);
}

#[tokio::test]
async fn a_flood_waits_as_long_as_telegram_asks() {
    let stage = Stage::start().await;
    let row = stage.wishes(50).await;
    stage.sim.fault(Fault::next(FaultKind::TooManyRequests { retry_after: 7 }));
    let Err(RailError::Again { after, .. }) = stage.rail.open(&row).await else {
        panic!("it is asked again")
    };
    assert_eq!(after, Some(Duration::from_secs(7)));
    let description = "Bad Request: CURRENCY_TOTAL_AMOUNT_INVALID".to_owned();
    stage.sim.fault(Fault::next(FaultKind::Error { code: 400, description }));
    let refused = stage.rail.open(&row).await;
    assert!(matches!(refused, Err(RailError::Refused { owner: true, .. })), "{refused:?}");
}

#[tokio::test]
async fn an_invoice_that_nobody_pays_is_closed_after_an_hour() {
    let stage = Stage::start().await;
    let (row, _) = stage.opens(50).await;
    stage.advance(HOUR);
    assert_eq!(stage.looks(&row).await, Settled::Waits);
    stage.advance(Duration::from_secs(1));
    assert_eq!(stage.looks(&row).await, Settled::Closed);
    let row = stage.row(&row).await;
    assert_eq!(row.reason.as_deref(), Some("expired_on_confirmation"));
}

#[tokio::test]
async fn p6_stars_that_come_after_the_end_are_credited() {
    let stage = Stage::start().await;
    let (row, link) = stage.opens(50).await;
    let query = stage.anna.pays_link(&link).expect("an invoice");
    stage.advance(Duration::from_secs(9));
    let yes = AnswerPreCheckoutQuery {
        pre_checkout_query_id: query.clone(),
        ok: true,
        error_message: None,
    };
    stage.client.answer_pre_checkout_query(&yes).await.expect("in time");
    assert!(matches!(stage.anna.checkout(&query), Some(CheckoutState::Paid { .. })));
    let closed = Looked::Closed { provider_id: None, reason: "expired_on_confirmation".to_owned() };
    let (id, now) = (row.id, stage.now());
    let settled =
        stage.write(move |tx, house| super::super::settle(tx, house, id, &closed, now)).await;
    assert_eq!(settled, Settled::Closed);
    stage.receive().await;
    stage.serve().await;
    assert_eq!(stage.balance(ANNA).await, row.amount);
}

#[tokio::test]
async fn stars_go_back_whole_and_once() {
    let stage = Stage::start().await;
    let (row, link) = stage.opens(100).await;
    let charge = stage.pays(&link).await;
    assert_eq!(stage.looks(&row).await, Settled::Credited);
    let row = stage.row(&row).await;
    let part = refund_request(&stage.rail, &row, UNIT);
    assert_eq!(part, Err(RefundUnasked::OnlyWhole), "a part can't go back");
    let request = refund_request(&stage.rail, &row, row.amount).expect("the whole can");
    let refund = asked(&row, request);
    let missing = stage.rail.look_at_refund(&row, &refund).await;
    assert_eq!(missing, Ok(RefundLooked::Missing));
    stage.sim.fault(Fault::next(FaultKind::CutAfter).on("refundStarPayment"));
    let lost = stage.rail.refund(&row, &refund).await;
    assert!(matches!(lost, Err(RailError::Again { .. })), "{lost:?}");
    let sent = RefundLooked::Succeeded { provider_id: charge.clone() };
    assert_eq!(stage.rail.look_at_refund(&row, &refund).await, Ok(sent.clone()));
    assert_eq!(stage.rail.refund(&row, &refund).await, Ok(sent));
    assert_eq!(stage.sim.star_balance(), 0);
    assert_eq!(stage.rail.balance().await, Ok(0));
    let found = stage.rail.find_refund(&charge).await.expect("a list").expect("it is there");
    assert_eq!(found.amount, Some(row.amount));
}

#[tokio::test]
async fn what_moved_adds_up_also_after_the_rate_was_changed() {
    let stage = Stage::start().await;
    let from = stage.now();
    let (first, link) = stage.opens(100).await;
    let kept = stage.pays(&link).await;
    stage.advance(HOUR);
    let (_, link) = stage.opens(40).await;
    let returned = stage.pays(&link).await;
    stage.advance(HOUR);
    let upto = stage.now();
    stage.sim.gives_stars_back(&returned).expect("it was paid");
    let clock = std::sync::Arc::clone(&stage.house.clock);
    let client = std::sync::Arc::clone(&stage.client);
    let rail = StarsRail::new(client, rules(Kopecks::new(500)), true, clock);
    let moved = rail.movements(from, upto).await.expect("a list");
    let sums: Vec<_> = moved.iter().map(|it| it.amount.map(Kopecks::get)).collect();
    assert_eq!(sums, [Some(13_000), Some(5_200)]);
    let MovementKind::Payment { provider_id, ours } = &moved[0].kind else { panic!("it came") };
    assert_eq!((provider_id, ours), (&kept, &Some(first.id)));
    let later = rail.movements(upto, upto.plus(HOUR)).await.expect("a list");
    let [Movement { kind: MovementKind::Refund { provider_id, payment, ours }, amount, .. }] =
        later.as_slice()
    else {
        panic!("one went: {later:?}")
    };
    assert_eq!((provider_id, payment, ours), (&returned, &returned, &None));
    assert_eq!(*amount, Some(Kopecks::from_rubles(52)));
}

#[tokio::test]
async fn a_long_list_is_not_read_from_its_beginning() {
    let stage = Stage::start().await;
    let (_, link) = stage.opens(1).await;
    for _ in 0..350 {
        let query = stage.anna.pays_link(&link).expect("an invoice");
        let yes =
            AnswerPreCheckoutQuery { pre_checkout_query_id: query, ok: true, error_message: None };
        stage.client.answer_pre_checkout_query(&yes).await.expect("in time");
        stage.advance(Duration::from_secs(60));
    }
    let asked = || stage.sim.call_count("getStarTransactions");
    for minutes in [1, 50, 200, 349, 350] {
        let from = stage.now().minus(Duration::from_secs(60 * minutes));
        let before = asked();
        let moved = stage.rail.movements(from, stage.now()).await.expect("a list");
        assert_eq!(moved.len() as u64, minutes, "of the last {minutes} minutes");
        assert!(asked() - before <= 10, "{} questions", asked() - before);
    }
    let row = stage.wishes(2).await;
    let before = asked();
    assert_eq!(stage.rail.look(&row, None).await, Ok(Looked::Missing));
    assert!(asked() - before <= 4, "places that were seen are remembered");
}

#[test]
fn an_invoice_asks_for_whole_stars_and_fits_telegrams_limits() {
    use super::super::stars_invoice::{amount_of, invoice, payment_of};
    let id = rei_domain::ids::PaymentId::from_slice(&[9; 16]).expect("an id");
    let words = "Пополнение ".repeat(40);
    let ask = |amount, units, description| Ask {
        id,
        customer: ANNA,
        amount: Kopecks::new(amount),
        units,
        description,
        return_url: "",
        email: None,
    };
    let made = invoice(&ask(260, Some(2), &words), UNIT).expect("two Stars");
    assert_eq!((made.title.chars().count(), made.description.chars().count()), (32, 255));
    assert!(made.payload.len() <= 128, "{}", made.payload);
    assert_eq!(payment_of(&made.payload), Some(id));
    assert_eq!(amount_of(&made.payload), Some(Kopecks::new(260)));
    assert_eq!(payment_of(&id.to_string()), Some(id));
    for (payload, why) in [("", "empty"), ("p_1", "another's"), (":260", "no id")] {
        assert_eq!((payment_of(payload), amount_of(payload)), (None, None), "{why}");
    }
    assert!(invoice(&ask(261, Some(2), "x"), UNIT).is_err(), "not whole");
    assert!(invoice(&ask(260, None, "x"), UNIT).is_err(), "no number of Stars");
    assert!(invoice(&ask(260, Some(2), ""), UNIT).is_err(), "no words");
}
