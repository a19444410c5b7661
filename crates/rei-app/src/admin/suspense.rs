//! `/assign`, `/return`: what becomes of money that is nobody's. Neither can be taken back: the payment system's name
//! for the money is used up.

use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;
use rei_storage::payments::{self, SuspenseRow};
use rei_texts::{AdminText, Lang};
use serde::{Deserialize, Serialize};

use super::change::{Change, Made, Warrant};
use super::talk::{Stop, Talk};
use super::words::Words;
use crate::payments::{Decided, assign_suspense, return_suspense};
use crate::wallet::wallet_of;

/// Of a name that nobody knows, so much is said again.
const NAME_CHARS_SHOWN: usize = 60;

/// Money that is to be a customer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Assign {
    pub(super) payment: String,
    pub(super) customer: CustomerId,
    pub(super) sum: Kopecks,
}

/// Money that an admin has sent back himself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SentBack {
    pub(super) payment: String,
    pub(super) sum: Kopecks,
}

/// Reads `PROVIDER_ID CUSTOMER reason`.
pub(super) fn read_assign(talk: &mut Talk<'_, '_>, args: &str) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "assign");
    let payment = words.needed()?;
    if words.peek().is_none() {
        return Err(words.usage());
    }
    let money = open_money(talk, payment)?;
    let customer = words.person(talk.tx)?;
    let assign = Assign { payment: money.provider_id, customer, sum: money.amount };
    Ok((Change::Assign(assign), words.needed_reason()?))
}

/// Reads `PROVIDER_ID reason`.
pub(super) fn read_return(talk: &mut Talk<'_, '_>, args: &str) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "return");
    let money = open_money(talk, words.needed()?)?;
    let sent_back = SentBack { payment: money.provider_id, sum: money.amount };
    Ok((Change::SentBack(sent_back), words.needed_reason()?))
}

impl Assign {
    pub(super) fn preview(
        &self,
        talk: &mut Talk<'_, '_>,
        reason: &str,
        lang: Lang,
    ) -> Result<String, Stop> {
        let money = open_money(talk, &self.payment)?;
        let text = AdminText::PreviewAssign {
            sum: money.amount,
            payment: self.payment.clone(),
            id: self.customer.0,
            name: super::card::name_of(talk.tx, self.customer)?,
            reason: reason.to_owned(),
        };
        Ok(text.html(lang))
    }

    pub(super) fn carry_out(
        &self,
        talk: &mut Talk<'_, '_>,
        warrant: &Warrant,
    ) -> Result<Made, Stop> {
        let (customer, actor) = (self.customer, warrant.actor);
        let decided =
            assign_suspense(talk.tx, &self.payment, customer, actor, &warrant.reason, talk.now)?;
        let sum = done(decided, &self.payment, customer)?;
        let balance = wallet_of(talk.tx, customer)?.free();
        Ok(Made {
            said: AdminText::Assigned { sum, id: customer.0, balance },
            was: format!("suspense {sum}"),
            became: format!("customer {customer}"),
            undo: None,
        })
    }
}

impl SentBack {
    pub(super) fn preview(
        &self,
        talk: &mut Talk<'_, '_>,
        reason: &str,
        lang: Lang,
    ) -> Result<String, Stop> {
        let money = open_money(talk, &self.payment)?;
        let text = AdminText::PreviewReturn {
            sum: money.amount,
            payment: self.payment.clone(),
            reason: reason.to_owned(),
        };
        Ok(text.html(lang))
    }

    pub(super) fn carry_out(
        &self,
        talk: &mut Talk<'_, '_>,
        warrant: &Warrant,
    ) -> Result<Made, Stop> {
        let decided =
            return_suspense(talk.tx, &self.payment, warrant.actor, &warrant.reason, talk.now)?;
        let sum = done(decided, &self.payment, CustomerId(0))?;
        Ok(Made {
            said: AdminText::Returned { sum, payment: self.payment.clone() },
            was: format!("suspense {sum}"),
            became: "returned".to_owned(),
            undo: None,
        })
    }
}

/// The money of this name, if nobody has decided about it.
fn open_money(talk: &mut Talk<'_, '_>, payment: &str) -> Result<SuspenseRow, Stop> {
    let unknown = || {
        let id = payment.chars().take(NAME_CHARS_SHOWN).collect();
        Stop::no(AdminText::NoSuchSuspense { id })
    };
    let money = payments::suspense_named(talk.tx, payment)?.ok_or_else(unknown)?;
    if money.state != "open" {
        let (id, state) = (money.provider_id, money.state);
        return Err(Stop::no(AdminText::SuspenseBefore { id, state }));
    }
    Ok(money)
}

fn done(decided: Decided, payment: &str, customer: CustomerId) -> Result<Kopecks, Stop> {
    let id = payment.to_owned();
    Err(Stop::no(match decided {
        Decided::Done { sum } => return Ok(sum),
        Decided::Before { state } => AdminText::SuspenseBefore { id, state },
        Decided::NoSuchMoney => AdminText::NoSuchSuspense { id },
        Decided::NoSuchCustomer => AdminText::UnknownCustomer { id: customer.to_string() },
    }))
}
