//! What Telegram says about Stars by itself: may a payment go on, Stars came, Stars went back.
//!
//! Telegram's updates reach us over a channel of our own, so what they say is true; whose money it is, the book decides.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{ChatId, CustomerId};
use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::payment::{PaymentState, RefundState};
use rei_storage::ledger::LedgerError;
use rei_storage::outbox::{self, NewOutbox, OutboxClass};
use rei_storage::payments::{self, PaymentRow};
use rei_storage::{BookError, Tx};
use rei_telegram::{Payment, PreCheckout, STARS, limits};
use rei_texts::{Lang, MoneyText};

use super::alerts;
use super::rail::Looked;
use super::seen::{foreign_refund, look_into};
use super::settle::{Settled, settle, unknown_money};
use super::stars_invoice::{Came, booked_as, judge, payment_of};
use crate::admin::ban_of;
use crate::chats::Outgoing;
use crate::wallet::reader_of;
use crate::{Desk, House};

/// The longest reason for a no, in UTF-16 units; Telegram shows it in a small box.
const REASON_MAX: usize = 200;
/// The word whose text says that the time to pay is over.
const TOO_LATE: &str = "expired_on_confirmation";
/// The word whose text says no more than that it did not work.
const UNFIT: &str = "unfit";

/// What a question before a payment was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checkout {
    /// It may go on.
    Allowed,
    /// It may not.
    Refused(CheckoutRefusal),
}

/// Why a payment may not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckoutRefusal {
    /// Stars are not taken any more.
    Off,
    /// There is no such payment, or it is somebody else's: which, is nobody's business.
    NotYours,
    /// It was made for another sum.
    OtherSum(Bill),
    /// It is paid.
    Paid,
    /// It was closed, or waits for a person.
    Closed(Bill),
    /// The customer may not buy.
    Banned(String),
}

/// A payment as its payer knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bill {
    /// Its number for people.
    pub number: i64,
    /// What is credited.
    pub sum: Kopecks,
}

impl CheckoutRefusal {
    const fn as_str(&self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::NotYours => "not_yours",
            Self::OtherSum(_) => "other_sum",
            Self::Paid => "paid",
            Self::Closed(_) => "closed",
            Self::Banned(_) => "banned",
        }
    }
}

impl Desk<'_, '_> {
    /// Answers whether a payment may go on: [`precheckout`].
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub fn precheckout(&mut self, query: &PreCheckout) -> Result<Checkout, BookError> {
        precheckout(self.tx, self.house, query, self.now)
    }

    /// Books Stars that came: [`stars_paid`].
    ///
    /// # Errors
    /// [`LedgerError`] when the book refuses.
    pub fn stars_paid(
        &mut self,
        payer: CustomerId,
        payment: &Payment,
    ) -> Result<Settled, LedgerError> {
        stars_paid(self.tx, self.house, payer, payment, self.now)
    }

    /// Books Stars that went back: [`stars_refunded`].
    ///
    /// # Errors
    /// [`LedgerError`] when the book refuses.
    pub fn stars_refunded(&mut self, payment: &Payment) -> Result<(), LedgerError> {
        stars_refunded(self.tx, self.house, payment, self.now)
    }
}

/// Answers whether a payment may go on; due within 10 s. Nothing is reserved and nothing credited, so the same question
/// may be answered again.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn precheckout(
    tx: &mut Tx<'_>,
    house: &House,
    query: &PreCheckout,
    now: Timestamp,
) -> Result<Checkout, BookError> {
    let checkout = decide(tx, house, query, now)?;
    let (answer, refusal) = match &checkout {
        Checkout::Allowed => ("allowed", None),
        Checkout::Refused(why) => {
            let words = reason(house, reader(tx, query)?, query.from.id, why);
            (why.as_str(), Some(limits::clip(&words, REASON_MAX)))
        }
    };
    metrics::counter!("checkouts_total", "answer" => answer).increment(1);
    let outgoing = Outgoing::AnswerPreCheckout { query: query.id.clone(), refusal };
    let payload = serde_json::to_string(&outgoing).expect("an answer has only plain fields");
    let chat = ChatId(query.from.id.0);
    let new = NewOutbox { chat, class: OutboxClass::Press, payload, slot: None, delivery: None };
    // Not a message: also somebody who blocked the bot waits for it.
    outbox::put(tx, &new, false, now)?;
    Ok(checkout)
}

fn decide(
    tx: &mut Tx<'_>,
    house: &House,
    query: &PreCheckout,
    now: Timestamp,
) -> Result<Checkout, BookError> {
    use CheckoutRefusal as R;
    let refused = |why| Ok(Checkout::Refused(why));
    if house.payments.open_rail(Rail::Stars).is_none() {
        return refused(R::Off);
    }
    let row = ours(tx, &query.invoice_payload)?.filter(|row| row.customer == query.from.id);
    let Some(row) = row else { return refused(R::NotYours) };
    let bill = Bill { number: row.number, sum: row.amount };
    if query.currency != STARS || row.units != Some(query.total_amount) {
        return refused(R::OtherSum(bill));
    }
    match row.state {
        PaymentState::Preparing | PaymentState::Waiting => {}
        PaymentState::Paid => return refused(R::Paid),
        PaymentState::Cancelled | PaymentState::Review => return refused(R::Closed(bill)),
    }
    match ban_of(tx, row.customer, now)? {
        Some(ban) => refused(R::Banned(ban.reason)),
        None => Ok(Checkout::Allowed),
    }
}

/// The payment of ours over this rail that a payload names.
fn ours(tx: &mut Tx<'_>, payload: &str) -> Result<Option<PaymentRow>, BookError> {
    let Some(id) = payment_of(payload) else { return Ok(None) };
    Ok(payments::find(tx, id)?.filter(|row| row.rail == Rail::Stars))
}

fn reader(tx: &mut Tx<'_>, query: &PreCheckout) -> Result<Lang, BookError> {
    if rei_storage::customers::find(tx, query.from.id)?.is_some() {
        return reader_of(tx, query.from.id);
    }
    Ok(Lang::from_telegram(query.from.language_code.as_deref()))
}

fn reason(house: &House, lang: Lang, payer: CustomerId, why: &CheckoutRefusal) -> String {
    let failed = |bill: &Bill, word: &str| {
        let reason = MoneyText::PayReason { reason: word.to_owned() }.plain(lang);
        MoneyText::PayFailed { number: bill.number, sum: bill.sum, reason }.plain(lang)
    };
    match why {
        CheckoutRefusal::Off => MoneyText::PayRailOff {}.plain(lang),
        CheckoutRefusal::NotYours => MoneyText::PayNoneOpen {}.plain(lang),
        CheckoutRefusal::OtherSum(bill) => failed(bill, UNFIT),
        CheckoutRefusal::Paid => MoneyText::PayToastPaid {}.plain(lang),
        CheckoutRefusal::Closed(bill) => failed(bill, TOO_LATE),
        CheckoutRefusal::Banned(reason) => {
            let support = house.payments.support.clone().unwrap_or_else(|| "none".to_owned());
            let reason = reason.clone();
            let text = MoneyText::Banned { reason, support, id: payer.0 };
            rei_telegram::html::visible_text(&text.html(lang))
        }
    }
}

/// Books Stars that came. What fits no payment of ours waits in suspense for a person; nothing is dropped.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn stars_paid(
    tx: &mut Tx<'_>,
    house: &House,
    payer: CustomerId,
    payment: &Payment,
    now: Timestamp,
) -> Result<Settled, LedgerError> {
    let came = Came {
        payer: Some(payer),
        currency: &payment.currency,
        stars: payment.total_amount,
        charge: &payment.telegram_charge_id,
    };
    let Some(row) = ours(tx, &payment.invoice_payload)? else {
        let unit = house.payments.rail(Rail::Stars).and_then(|rail| rail.rules().unit);
        return nobodys(tx, house, &came, booked_as(unit, &came), "payload", now);
    };
    let row = payments::lock(tx, row.id)?.unwrap_or(row);
    let looked = judge(&row, &came);
    // The row has its money; these Stars are others and must not pass for the same.
    let is_other = row.provider_id.as_deref().is_some_and(|name| name != came.charge);
    if let (Looked::Differs { amount, why, .. }, true) = (&looked, is_other) {
        return nobodys(tx, house, &came, *amount, why, now);
    }
    settle(tx, house, row.id, &looked, now)
}

fn nobodys(
    tx: &mut Tx<'_>,
    house: &House,
    came: &Came<'_>,
    amount: Option<Kopecks>,
    why: &str,
    now: Timestamp,
) -> Result<Settled, LedgerError> {
    let (stars, currency) = (came.stars, came.currency);
    tracing::error!(charge = came.charge, stars, currency, why, "money came that is nobody's");
    let note = format!("{why}: {stars} {currency}");
    match amount {
        Some(amount) => {
            unknown_money(tx, house, Rail::Stars, came.charge, amount, &note, now)?;
        }
        // Another currency has no rate: the owners are told, and the book can hold nothing.
        None => alerts::unknown_money(tx, house, came.charge, Kopecks::ZERO, &note, now)?,
    }
    Ok(Settled::Review)
}

/// Books Stars that went back. A refund of ours is ended by its own job; one made past us is booked here; for anything
/// less plain Telegram's list is read.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn stars_refunded(
    tx: &mut Tx<'_>,
    house: &House,
    payment: &Payment,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let charge = &payment.telegram_charge_id;
    if payments::find_refund_by_provider(tx, Rail::Stars, charge)?.is_some() {
        return Ok(());
    }
    let row = match payments::find_by_provider(tx, Rail::Stars, charge)? {
        Some(row) => payments::lock(tx, row.id)?,
        None => None,
    };
    let is_whole = |row: &PaymentRow| row.units == Some(payment.total_amount);
    let plain = row.filter(|row| row.state == PaymentState::Paid && is_whole(row));
    let Some(row) = plain else {
        look_into(tx, house, Rail::Stars, charge, now)?;
        return Ok(());
    };
    let refunds = payments::refunds_of(tx, row.id)?;
    if refunds.iter().any(|refund| refund.state == RefundState::Asked) {
        look_into(tx, house, Rail::Stars, charge, now)?;
        return Ok(());
    }
    foreign_refund(tx, house, &row, charge, row.amount, now)?;
    Ok(())
}

#[cfg(test)]
mod tests;
