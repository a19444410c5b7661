//! `/admin_refund`: the price of an order goes back into the pockets it came from, or a payment goes back to its card.

use rei_domain::ids::{CustomerId, OrderId};
use rei_domain::ledger::{Account, Actor, IdempotencyKey, Money, Phase, Pocket, TransferKind};
use rei_domain::money::Kopecks;
use rei_domain::payment::PaymentState;
use rei_storage::ledger::{self, LedgerError, NewTransfer};
use rei_storage::orders::OrderRow;
use rei_storage::{BookError, Tx, admins, payments};
use rei_texts::{AdminText, Lang};
use serde::{Deserialize, Serialize};

use super::change::{Change, Made, Warrant};
use super::role::Permission;
use super::talk::{Stop, Talk};
use super::words::{Words, looks_like_sum, number, sum};
use crate::payments::{RefundStarted, RefundUnasked, refund};
use crate::wallet::wallet_of;

/// The price of an order, all or a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RefundOrder {
    pub(super) order: OrderId,
    pub(super) number: i64,
    pub(super) customer: CustomerId,
    pub(super) sum: Kopecks,
}

/// A payment, all that is left of it or a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RefundPayment {
    pub(super) number: i64,
    pub(super) customer: CustomerId,
    pub(super) sum: Kopecks,
}

/// What an order has been charged and not given back yet, by pocket.
#[derive(Clone, Debug)]
struct Left {
    cash: Kopecks,
    bonus: Kopecks,
    charged: Kopecks,
    /// Who earned it; none while nothing was charged.
    earned_by: Option<Account>,
}

/// Reads `JOB [SUM] reason` or `P<payment> [SUM] reason`.
pub(super) fn read(talk: &mut Talk<'_, '_>, args: &str) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "refund");
    let what = words.needed()?;
    let named_sum = match words.peek().filter(|word| looks_like_sum(word)) {
        Some(word) => {
            let _ = words.next();
            Some(sum(word)?)
        }
        None => None,
    };
    let reason = words.needed_reason()?;
    let payment = what.strip_prefix(['P', 'p']).and_then(number);
    if payment.is_some() {
        talk.permit(Permission::RefundPayments)?;
    }
    let change = match payment {
        Some(number) => of_payment(talk, number, named_sum)?,
        None => of_order(talk, order_number(what).ok_or_else(|| words.usage())?, named_sum)?,
    };
    Ok((change, reason))
}

/// An order's number as people write it: `1234`, `#1234`, `№1234`, or the number for support, `J-1234-A7`.
pub(super) fn order_number(word: &str) -> Option<i64> {
    let word = word.trim_start_matches(['#', '\u{2116}']);
    match word.strip_prefix("J-").or_else(|| word.strip_prefix("j-")) {
        Some(support) => number(support.split('-').next()?),
        None => number(word),
    }
}

/// The order with this number.
pub(super) fn order_of(talk: &mut Talk<'_, '_>, number: i64) -> Result<OrderRow, Stop> {
    admins::find_number(talk.tx, number)?.ok_or(Stop::no(AdminText::NoSuchOrder { number }))
}

fn of_order(
    talk: &mut Talk<'_, '_>,
    number: i64,
    named_sum: Option<Kopecks>,
) -> Result<Change, Stop> {
    let row = order_of(talk, number)?;
    let left = left_of(talk.tx, row.id)?;
    if left.earned_by.is_none() {
        return Err(Stop::no(match row.state.holds_money() {
            true => AdminText::RefundOnHold { number },
            false => AdminText::RefundNeverCharged { number },
        }));
    }
    let sum = named_sum.unwrap_or(left.total());
    left.check(number, sum)?;
    let customer = row.customer;
    Ok(Change::RefundOrder(RefundOrder { order: row.id, number, customer, sum }))
}

pub(super) fn of_payment(
    talk: &mut Talk<'_, '_>,
    number: i64,
    named_sum: Option<Kopecks>,
) -> Result<Change, Stop> {
    let row = payments::find_number(talk.tx, number)?;
    let row = row.ok_or(Stop::no(AdminText::NoSuchPayment { number }))?;
    if row.state != PaymentState::Paid {
        return Err(Stop::no(AdminText::RefundNotPaid { number }));
    }
    let left = row.refunded.missing_to(row.amount);
    let sum = named_sum.unwrap_or(left);
    if sum > left || !left.is_positive() {
        return Err(Stop::no(AdminText::RefundTooMuch { number, sum, left }));
    }
    Ok(Change::RefundPayment(RefundPayment { number, customer: row.customer, sum }))
}

impl RefundOrder {
    pub(super) fn preview(
        &self,
        talk: &mut Talk<'_, '_>,
        reason: &str,
        lang: Lang,
    ) -> Result<String, Stop> {
        let left = left_of(talk.tx, self.order)?;
        left.check(self.number, self.sum)?;
        let (cash, bonus) = left.parts(self.sum);
        let text = AdminText::PreviewRefund {
            number: self.number,
            id: self.customer.0,
            name: super::card::name_of(talk.tx, self.customer)?,
            sum: self.sum,
            cash,
            bonus,
            charged: left.charged,
            reason: reason.to_owned(),
        };
        Ok(text.html(lang))
    }

    pub(super) fn carry_out(
        &self,
        talk: &mut Talk<'_, '_>,
        warrant: &Warrant,
    ) -> Result<Made, Stop> {
        // Refunds of one order take turns here, in whatever processes they run.
        ledger::lock_wallet(talk.tx, self.customer)?;
        let left = left_of(talk.tx, self.order)?;
        left.check(self.number, self.sum)?;
        let Some(earned_by) = left.earned_by.clone() else {
            return Err(Stop::no(AdminText::RefundNeverCharged { number: self.number }));
        };
        let (cash, bonus) = left.parts(self.sum);
        for (pocket, sum) in [(Pocket::Cash, cash), (Pocket::Bonus, bonus)] {
            if sum.is_positive() {
                self.post(talk, earned_by.clone(), pocket, sum, warrant)?;
            }
        }
        let balance = wallet_of(talk.tx, self.customer)?.free();
        let (sum, number) = (self.sum, self.number);
        let reason = warrant.reason.clone();
        let news = AdminText::CustomerRefunded { sum, number, reason, balance };
        talk.tell(self.customer, &news, |_| Vec::new())?;
        Ok(Made {
            said: AdminText::Refunded { sum, number, id: self.customer.0, balance },
            was: left.total().to_string(),
            became: sum.missing_to(left.total()).to_string(),
            undo: None,
        })
    }

    fn post(
        &self,
        talk: &mut Talk<'_, '_>,
        earned_by: Account,
        pocket: Pocket,
        sum: Kopecks,
        warrant: &Warrant,
    ) -> Result<(), LedgerError> {
        let key = format!("admin:{}:{}", warrant.key, pocket.as_str());
        ledger::post(
            talk.tx,
            &NewTransfer {
                kind: TransferKind::Refund,
                debit: earned_by,
                credit: Account::Customer(self.customer, pocket),
                amount: Money::Rub(sum),
                key: IdempotencyKey::new(key)?,
                order: Some(self.order),
                payment: None,
                actor: Actor::Admin(warrant.actor),
                memo: Some(warrant.reason.clone()),
                at: talk.now,
            },
        )?;
        Ok(())
    }
}

impl RefundPayment {
    pub(super) fn preview(
        &self,
        talk: &mut Talk<'_, '_>,
        reason: &str,
        lang: Lang,
    ) -> Result<String, Stop> {
        let text = AdminText::PreviewRefundPayment {
            number: self.number,
            id: self.customer.0,
            name: super::card::name_of(talk.tx, self.customer)?,
            sum: self.sum,
            reason: reason.to_owned(),
        };
        Ok(text.html(lang))
    }

    pub(super) fn carry_out(
        &self,
        talk: &mut Talk<'_, '_>,
        warrant: &Warrant,
    ) -> Result<Made, Stop> {
        let (sum, number) = (self.sum, self.number);
        let (actor, reason) = (warrant.actor, warrant.reason.as_str());
        let started = refund(talk.tx, talk.house, number, Some(sum), actor, reason, talk.now)?;
        Err(Stop::no(match started {
            RefundStarted::Asked { refund, sum } => {
                return Ok(Made {
                    said: AdminText::RefundAsked { refund, sum, number },
                    was: String::new(),
                    became: format!("refund {refund}: {sum}"),
                    undo: None,
                });
            }
            RefundStarted::NoSuchPayment => AdminText::NoSuchPayment { number },
            RefundStarted::NotPaid => AdminText::RefundNotPaid { number },
            RefundStarted::TooMuch { left } => AdminText::RefundTooMuch { number, sum, left },
            RefundStarted::Unspent { free } => AdminText::RefundUnspent { number, sum, free },
            RefundStarted::Closed => {
                AdminText::RefundNotPossible { number, why: "closed".to_owned() }
            }
            RefundStarted::Unasked(why) => {
                AdminText::RefundNotPossible { number, why: unasked(&why).to_owned() }
            }
        }))
    }
}

/// The word of the texts for it.
const fn unasked(why: &RefundUnasked) -> &'static str {
    match why {
        RefundUnasked::OnlyWhole => "whole",
        RefundUnasked::Unnamed => "unnamed",
        RefundUnasked::Receipt(_) => "receipt",
        RefundUnasked::Unwritable(_) => "other",
    }
}

impl Left {
    fn total(&self) -> Kopecks {
        [self.cash, self.bonus].into_iter().sum()
    }

    fn check(&self, number: i64, sum: Kopecks) -> Result<(), Stop> {
        let left = self.total();
        if sum > left || !sum.is_positive() {
            return Err(Stop::no(AdminText::RefundTooMuch { number, sum, left }));
        }
        Ok(())
    }

    /// A part of the price goes back as a smaller charge would have been taken: bonus pays first, so own money is
    /// what comes back first.
    fn parts(&self, sum: Kopecks) -> (Kopecks, Kopecks) {
        let cash = sum.min(self.cash);
        (cash, cash.missing_to(sum))
    }
}

fn left_of(tx: &mut Tx<'_>, order: OrderId) -> Result<Left, BookError> {
    let mut left =
        Left { cash: Kopecks::ZERO, bonus: Kopecks::ZERO, charged: Kopecks::ZERO, earned_by: None };
    for leg in admins::legs_of_order(tx, order)? {
        let (pocket, sum) = match leg.phase {
            Phase::Capture => {
                left.charged = [left.charged, leg.amount].into_iter().sum();
                left.earned_by = Some(leg.credit);
                (leg.debit.pocket(), leg.amount.get())
            }
            Phase::Post => (leg.credit.pocket(), -leg.amount.get()),
            Phase::Hold | Phase::Void | Phase::Expire => continue,
        };
        let slot = match pocket {
            Some(Pocket::Bonus) => &mut left.bonus,
            _ => &mut left.cash,
        };
        *slot = Kopecks::new(slot.get() + sum);
    }
    Ok(left)
}
