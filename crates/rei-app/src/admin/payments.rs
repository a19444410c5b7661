//! `/payments`, `/payment`, `/recheck`, `/reconcile`, `/suspense`: payments as admins see them, and what the payment
//! systems are asked about them.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::payment::PaymentState;
use rei_storage::payments as rows;
use rei_texts::AdminText;

use super::change::Change;
use super::pages::into_rows;
use super::refund;
use super::role::Permission;
use super::talk::{Button, Reply, Stop, Talk};
use super::words::{Words, day, number};
use crate::payments::{ask_reconcile, payment_card, payments_list, recheck, suspense_list};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Payments that have a button under the list.
const BUTTONS_MAX: usize = 20;

/// A payment's number as people write it: `77`, `P77`, `#77`, `№77`.
pub(super) fn payment_number(word: &str) -> Option<i64> {
    number(word.trim_start_matches(['P', 'p', '#', '\u{2116}']))
}

/// Takes the next word as a payment's number.
pub(super) fn named(words: &mut Words<'_>) -> Result<i64, Stop> {
    let word = words.needed()?;
    payment_number(word).ok_or_else(|| words.usage())
}

/// The latest payments, after those that wait for a person.
pub(super) fn payments(talk: &mut Talk<'_, '_>) -> Result<Reply, Stop> {
    talk.permit(Permission::SeeMoney)?;
    let (html, numbers) = payments_list(talk.tx, talk.caller.lang)?;
    let mut buttons: Vec<Vec<Button>> = Vec::new();
    for number in numbers.into_iter().take(BUTTONS_MAX) {
        into_rows(&mut buttons, number_button(talk, number));
    }
    buttons.push(vec![talk.button(AdminText::MenuSuspense {}, "suspense", 0, None)]);
    Ok(Reply::new(html).with(buttons))
}

/// Everything about one payment.
pub(super) fn payment(talk: &mut Talk<'_, '_>, number: i64) -> Result<Reply, Stop> {
    talk.permit(Permission::SeeMoney)?;
    let none = || Stop::no(AdminText::NoSuchPayment { number });
    let row = rows::find_number(talk.tx, number)?.ok_or_else(none)?;
    let html = payment_card(talk.tx, number, talk.caller.lang)?.ok_or_else(none)?;
    let may = |permission| talk.caller.role.may(permission);
    let mut work = Vec::new();
    if may(Permission::ResolvePayments) {
        work.push(talk.button(AdminText::ButtonRecheck {}, "recheck", number, None));
    }
    let is_left = row.state == PaymentState::Paid && row.refunded < row.amount;
    if may(Permission::RefundPayments) && is_left {
        work.push(talk.button(AdminText::ButtonRefund {}, "payback", number, None));
    }
    let rest = vec![
        talk.button(AdminText::ButtonCard {}, "user", row.customer, None),
        talk.button(AdminText::ButtonRefresh {}, "pay", number, None),
    ];
    Ok(Reply::new(html).with(vec![work, rest]))
}

/// Has a payment asked about at once.
pub(super) fn recheck_now(talk: &mut Talk<'_, '_>, number: i64) -> Result<Reply, Stop> {
    talk.permit(Permission::ResolvePayments)?;
    let row = recheck(talk.tx, talk.house, number, talk.now)?;
    let row = row.ok_or(Stop::no(AdminText::NoSuchPayment { number }))?;
    let asked = AdminText::RecheckAsked { number, state: row.state.as_str().to_owned() };
    Ok(Reply::new(talk.html(asked)).with(vec![vec![number_button(talk, number)]]))
}

/// Has a day compared with the payment systems: the one that is named, or the last that is over.
pub(super) fn reconcile(talk: &mut Talk<'_, '_>, args: &str) -> Result<Reply, Stop> {
    talk.permit(Permission::ResolvePayments)?;
    let bad = || Stop::no(AdminText::BadPastDay { date: args.chars().take(40).collect() });
    let day = match args {
        "" => day_of(talk.now.minus(DAY)),
        word => day(word).filter(|day| *day <= talk.now).ok_or_else(bad)?,
    };
    let text = match ask_reconcile(talk.tx, talk.house, day, talk.caller.id, talk.now)? {
        true => AdminText::ReconcileAsked { date: day.date_utc() },
        false => AdminText::ReconcileNobody {},
    };
    Ok(Reply::new(talk.html(text)))
}

/// Money that is nobody's, and how it is decided about.
pub(super) fn suspense(talk: &mut Talk<'_, '_>) -> Result<Reply, Stop> {
    talk.permit(Permission::SeeMoney)?;
    let mut html = suspense_list(talk.tx, talk.caller.lang)?;
    let is_any = !rows::open_suspense(talk.tx, 1)?.is_empty();
    if is_any && talk.caller.role.may(Permission::ResolvePayments) {
        html.push('\n');
        html.push_str(&talk.html(AdminText::SuspenseHow {}));
    }
    Ok(Reply::new(html))
}

/// The change behind the button that gives all of a payment back, and the reason that stands for a press.
pub(super) fn payback(talk: &mut Talk<'_, '_>, number: i64) -> Result<(Change, String), Stop> {
    Ok((refund::of_payment(talk, number, None)?, format!("/payment {number}")))
}

fn number_button(talk: &Talk<'_, '_>, number: i64) -> Button {
    talk.button(AdminText::ButtonPayment { number }, "pay", number, None)
}

/// The beginning of the day in UTC.
fn day_of(at: Timestamp) -> Timestamp {
    let day_ms = i64::try_from(DAY.as_millis()).unwrap_or(i64::MAX);
    Timestamp(at.millis() - at.millis().rem_euclid(day_ms))
}
