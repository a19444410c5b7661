//! `/chargeback`: a bank took a payment back, and payment systems tell of that by letter. The wallet pays even what it
//! does not have.

use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;
use rei_domain::payment::PaymentState;
use rei_storage::{ledger, payments};
use rei_texts::{AdminText, Lang};
use serde::{Deserialize, Serialize};

use super::change::{Change, Made, Warrant};
use super::payments::named;
use super::talk::{Stop, Talk};
use super::words::Words;
use crate::payments::{ChargedBack, chargeback};

/// A payment that a bank took back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Chargeback {
    pub(super) number: i64,
    pub(super) customer: CustomerId,
    pub(super) sum: Kopecks,
}

/// Reads `N reason`.
pub(super) fn read(talk: &mut Talk<'_, '_>, args: &str) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "chargeback");
    let number = named(&mut words)?;
    let reason = words.needed_reason()?;
    let row = payments::find_number(talk.tx, number)?;
    let row = row.ok_or(Stop::no(AdminText::NoSuchPayment { number }))?;
    let sum = row.refunded.missing_to(row.amount);
    Ok((Change::Chargeback(Chargeback { number, customer: row.customer, sum }), reason))
}

impl Chargeback {
    pub(super) fn preview(
        &self,
        talk: &mut Talk<'_, '_>,
        reason: &str,
        lang: Lang,
    ) -> Result<String, Stop> {
        let number = self.number;
        let row = payments::find_number(talk.tx, number)?;
        let row = row.ok_or(Stop::no(AdminText::NoSuchPayment { number }))?;
        let refunds = payments::refunds_of(talk.tx, row.id)?;
        if row.state != PaymentState::Paid {
            return Err(Stop::no(AdminText::ChargebackNotPaid { number }));
        }
        if refunds.iter().any(|refund| refund.origin == "chargeback") {
            return Err(Stop::no(AdminText::ChargebackBefore { number }));
        }
        let sum = row.refunded.missing_to(row.amount);
        if !sum.is_positive() {
            return Err(Stop::no(AdminText::ChargebackNothingLeft { number }));
        }
        let before = ledger::balances(talk.tx, self.customer)?.cash.free;
        let text = AdminText::PreviewChargeback {
            number,
            sum,
            id: self.customer.0,
            name: super::card::name_of(talk.tx, self.customer)?,
            before,
            after: before.checked_sub(sum).unwrap_or(before),
            reason: reason.to_owned(),
        };
        Ok(text.html(lang))
    }

    pub(super) fn carry_out(
        &self,
        talk: &mut Talk<'_, '_>,
        warrant: &Warrant,
    ) -> Result<Made, Stop> {
        let (number, id) = (self.number, self.customer.0);
        let (actor, reason) = (warrant.actor, warrant.reason.as_str());
        let done = chargeback(talk.tx, talk.house, number, actor, reason, talk.now)?;
        Err(Stop::no(match done {
            ChargedBack::Done { sum, debt } => {
                let frozen = if debt.is_some() { "yes" } else { "no" }.to_owned();
                let debt = debt.unwrap_or_default();
                return Ok(Made {
                    said: AdminText::ChargedBack { number, sum, id, debt, frozen },
                    was: String::new(),
                    became: format!("{sum}, debt {debt}"),
                    undo: None,
                });
            }
            ChargedBack::Before => AdminText::ChargebackBefore { number },
            ChargedBack::NoSuchPayment => AdminText::NoSuchPayment { number },
            ChargedBack::NotPaid => AdminText::ChargebackNotPaid { number },
            ChargedBack::NothingLeft => AdminText::ChargebackNothingLeft { number },
        }))
    }
}
