//! Payments in Stars from the wish to the comparison, with the jobs that do it.

use std::sync::Arc;
use std::time::Duration;

use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::payment::PaymentState;
use rei_sim::telegram::{CheckoutState, Fault, FaultKind};

use super::super::{PaymentRail, Payments, enqueue_reconcile, enqueue_sweep, reconcile, refund};
use super::stage::{ANNA, BORIS, Stage};

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

/// What the payment system has more than the book, with what it was compared of.
async fn compared(stage: &Stage) -> (i64, Vec<String>, i64) {
    let rail: &dyn PaymentRail = stage.rail.as_ref();
    let (from, upto) = (stage.now().minus(24 * HOUR), stage.now());
    let compared = reconcile(&stage.house, rail, from, upto).await.expect("both can be read");
    let findings = compared.findings.iter().map(|finding| format!("{finding:?}")).collect();
    (compared.difference.get(), findings, compared.count)
}

async fn sweeps(stage: &Stage) {
    enqueue_sweep(&stage.house).await.expect("the book works");
    stage.runs().await;
}

#[tokio::test]
async fn a_payment_goes_its_way_and_the_books_agree() {
    let stage = Stage::start().await;
    let row = stage.wishes(100).await;
    assert_eq!(stage.runs().await, ["payment.open"]);
    let link = stage.row(&row).await.link.expect("a link");
    stage.pays(&link).await;
    stage.receive().await;
    stage.serve().await;
    assert_eq!(stage.balance(ANNA).await, row.amount);
    stage.advance(HOUR);
    stage.runs().await;
    assert_eq!(compared(&stage).await, (0, vec![], 1));
}

#[tokio::test]
async fn a_lost_message_is_found_by_the_watch() {
    let stage = Stage::start().await;
    let row = stage.wishes(100).await;
    stage.runs().await;
    let link = stage.row(&row).await.link.expect("a link");
    stage.pays(&link).await;
    stage.advance(MINUTE);
    assert_eq!(stage.runs().await, ["payment.look"]);
    assert_eq!(stage.balance(ANNA).await, row.amount);
}

#[tokio::test]
async fn what_nobody_told_us_is_found_by_the_sweep() {
    let stage = Stage::start().await;
    let row = stage.wishes(100).await;
    stage.runs().await;
    let link = stage.row(&row).await.link.expect("a link");
    // Paid twice, over two devices at once; no message arrives, and the second one is nobody's.
    let first = stage.anna.pays_link(&link).expect("an invoice");
    let second = stage.anna.pays_link(&link).expect("an invoice");
    stage.receive().await;
    stage.sender.drain().await.expect("the book answers");
    for query in [&first, &second] {
        assert!(matches!(stage.anna.checkout(query), Some(CheckoutState::Paid { .. })));
    }
    for _ in 0..3 {
        stage.advance(15 * MINUTE);
        sweeps(&stage).await;
    }
    assert_eq!(stage.balance(ANNA).await, row.amount);
    assert_eq!(stage.suspense().await.len(), 1);
    assert_eq!(compared(&stage).await, (0, vec![], 2));
}

#[tokio::test]
async fn our_refund_goes_out_once_whatever_gets_lost() {
    let stage = Stage::start().await;
    let row = stage.wishes(100).await;
    stage.runs().await;
    let link = stage.row(&row).await.link.expect("a link");
    stage.pays(&link).await;
    stage.receive().await;
    stage.serve().await;
    let (number, now) = (stage.row(&row).await.number, stage.now());
    stage.write(move |tx, house| refund(tx, house, number, None, BORIS, "asked", now)).await;
    stage.sim.fault(Fault::next(FaultKind::CutAfter).on("refundStarPayment"));
    stage.runs().await;
    // Telegram's message is here before our own job knows.
    stage.receive().await;
    stage.serve().await;
    for _ in 0..4 {
        stage.advance(15 * MINUTE);
        sweeps(&stage).await;
    }
    let row = stage.row(&row).await;
    assert_eq!((row.state, row.refunded), (PaymentState::Paid, row.amount));
    assert_eq!(stage.balance(ANNA).await, Kopecks::ZERO);
    assert_eq!(stage.sim.star_balance(), 0);
    assert_eq!(compared(&stage).await, (0, vec![], 2));
}

#[tokio::test]
async fn stars_given_back_past_us_are_found_without_a_message() {
    let stage = Stage::start().await;
    let row = stage.wishes(100).await;
    stage.runs().await;
    let link = stage.row(&row).await.link.expect("a link");
    let charge = stage.pays(&link).await;
    stage.receive().await;
    stage.serve().await;
    stage.advance(HOUR);
    stage.sim.gives_stars_back(&charge).expect("it was paid");
    for _ in 0..3 {
        stage.advance(15 * MINUTE);
        sweeps(&stage).await;
    }
    assert_eq!(stage.row(&row).await.refunded, row.amount);
    assert_eq!(compared(&stage).await, (0, vec![], 2));
    // The message comes late and takes nothing more.
    stage.receive().await;
    stage.serve().await;
    assert_eq!(stage.balance(ANNA).await, Kopecks::ZERO);
    assert_eq!(compared(&stage).await, (0, vec![], 2));
}

#[tokio::test]
async fn unknown_stars_that_go_back_leave_suspense() {
    let stage = Stage::start().await;
    let row = stage.wishes(100).await;
    stage.runs().await;
    let link = stage.row(&row).await.link.expect("a link");
    let first = stage.anna.pays_link(&link).expect("an invoice");
    let second = stage.anna.pays_link(&link).expect("an invoice");
    stage.receive().await;
    stage.sender.drain().await.expect("the book answers");
    stage.receive().await;
    stage.serve().await;
    assert!(matches!(stage.anna.checkout(&first), Some(CheckoutState::Paid { .. })));
    let unknown = stage.suspense().await;
    assert_eq!(unknown.len(), 1);
    assert!(matches!(stage.anna.checkout(&second), Some(CheckoutState::Paid { .. })));
    stage.sim.gives_stars_back(&unknown[0].0).expect("it was paid");
    stage.receive().await;
    stage.serve().await;
    stage.runs().await;
    assert_eq!(stage.suspense().await, []);
    assert_eq!(stage.balance(ANNA).await, row.amount);
    stage.advance(HOUR);
    stage.runs().await;
    assert_eq!(compared(&stage).await, (0, vec![], 3));
}

#[tokio::test]
async fn an_invoice_that_is_not_paid_ends_by_itself() {
    let stage = Stage::start().await;
    let row = stage.wishes(100).await;
    for _ in 0..8 {
        stage.runs().await;
        stage.advance(15 * MINUTE);
    }
    stage.runs().await;
    let row = stage.row(&row).await;
    assert_eq!(row.state, PaymentState::Cancelled);
    stage.advance(24 * HOUR);
    assert_eq!(stage.runs().await, Vec::<String>::new(), "nobody asks any more");
}

#[tokio::test]
async fn what_was_begun_before_stars_were_switched_off_is_followed() {
    let mut stage = Stage::start().await;
    let row = stage.wishes(100).await;
    stage.runs().await;
    let link = stage.row(&row).await.link.expect("a link");
    let charge = stage.pays(&link).await;
    let closed_rails = stage.house.payments.rails.clone();
    stage.house.payments = Arc::new(Payments { closed_rails, ..Payments::default() });
    // Its message never came.
    stage.advance(MINUTE);
    assert_eq!(stage.runs().await, ["payment.look"]);
    assert_eq!(stage.balance(ANNA).await, row.amount);
    stage.advance(HOUR);
    assert_eq!(compared(&stage).await, (0, vec![], 1));
    stage.sim.gives_stars_back(&charge).expect("it was paid");
    for _ in 0..3 {
        stage.advance(15 * MINUTE);
        sweeps(&stage).await;
    }
    assert_eq!(stage.row(&row).await.refunded, row.amount);
}

#[tokio::test]
async fn stars_that_nobody_ever_used_are_not_asked_about() {
    let mut stage = Stage::start().await;
    let closed_rails = stage.house.payments.rails.clone();
    stage.house.payments = Arc::new(Payments { closed_rails, ..Payments::default() });
    enqueue_sweep(&stage.house).await.expect("the book works");
    enqueue_reconcile(&stage.house, Rail::Stars).await.expect("the book works");
    assert_eq!(stage.runs().await, Vec::<String>::new());
}
