//! What the owners hear about payments.

use rei_domain::clock::Timestamp;
use rei_domain::money::Kopecks;
use rei_storage::{BookError, Tx};
use rei_texts::{AdminText, Message};

use crate::House;
use crate::admin::alert::send;

/// A payment came that does not fit.
pub(super) fn review(
    tx: &mut Tx<'_>,
    house: &House,
    number: i64,
    sum: Kopecks,
    why: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    let text = AdminText::AlertPaymentReview { number, sum, reason: why.to_owned() };
    send(tx, house, &text, now)
}

/// A payment can't be opened, and only the owner can mend it.
pub(super) fn refused(
    tx: &mut Tx<'_>,
    house: &House,
    number: i64,
    why: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    send(tx, house, &AdminText::AlertPaymentRefused { number, reason: why.to_owned() }, now)
}

/// Money came that is nobody's.
pub(super) fn unknown_money(
    tx: &mut Tx<'_>,
    house: &House,
    provider_id: &str,
    sum: Kopecks,
    why: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    let (id, reason) = (provider_id.to_owned(), why.to_owned());
    send(tx, house, &AdminText::AlertUnknownMoney { sum, id, reason }, now)
}

/// A receipt was refused, or is on its way for days.
pub(super) fn receipt(
    tx: &mut Tx<'_>,
    house: &House,
    number: i64,
    now: Timestamp,
) -> Result<(), BookError> {
    send(tx, house, &AdminText::AlertReceipt { number }, now)
}

/// The second receipt of a prepayment can't be sent, or was not registered.
pub(super) fn offset(
    tx: &mut Tx<'_>,
    house: &House,
    number: i64,
    order: i64,
    sum: Kopecks,
    why: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    let text = AdminText::AlertOffset { number, order, sum, reason: why.to_owned() };
    send(tx, house, &text, now)
}

/// A report about a payment lacks our signature.
pub(super) fn notice_foreign(
    tx: &mut Tx<'_>,
    house: &House,
    object: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    send(tx, house, &AdminText::AlertNoticeForeign { id: object.to_owned() }, now)
}

/// What came to the address of reports is none.
pub(super) fn notice_unreadable(
    tx: &mut Tx<'_>,
    house: &House,
    now: Timestamp,
) -> Result<(), BookError> {
    send(tx, house, &AdminText::AlertNoticeUnreadable {}, now)
}

/// Money went back past us.
pub(super) fn foreign_refund(
    tx: &mut Tx<'_>,
    house: &House,
    number: i64,
    sum: Kopecks,
    debt: Kopecks,
    now: Timestamp,
) -> Result<(), BookError> {
    send(tx, house, &AdminText::AlertForeignRefund { number, sum, debt }, now)
}

/// Money went back of a payment that nobody knows.
pub(super) fn orphan_refund(
    tx: &mut Tx<'_>,
    house: &House,
    refund: &str,
    payment: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    let (id, payment) = (refund.to_owned(), payment.to_owned());
    send(tx, house, &AdminText::AlertOrphanRefund { id, payment }, now)
}

/// Money that was nobody's went back.
pub(super) fn suspense_refund(
    tx: &mut Tx<'_>,
    house: &House,
    sum: Kopecks,
    payment: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    send(tx, house, &AdminText::AlertSuspenseRefund { sum, payment: payment.to_owned() }, now)
}

/// The payment system refused to send money back.
pub(super) fn refund_failed(
    tx: &mut Tx<'_>,
    house: &House,
    number: i64,
    sum: Kopecks,
    why: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    send(tx, house, &AdminText::AlertRefundFailed { number, sum, reason: why.to_owned() }, now)
}

/// The book and the payment system do not agree.
pub(super) fn reconciliation(
    tx: &mut Tx<'_>,
    house: &House,
    report: &impl Message,
    now: Timestamp,
) -> Result<(), BookError> {
    send(tx, house, report, now)
}
