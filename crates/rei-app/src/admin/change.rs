//! Everything that an admin can change, as a value: kept between the preview and the confirmation, carried out once,
//! taken back where that is possible. What each change is stands in its own file.

use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;
use rei_texts::{AdminText, Lang};
use serde::{Deserialize, Serialize};

use super::ban::{Ban, KeptBan, Unban};
use super::chargeback::Chargeback;
use super::grant::Grant;
use super::jobs::{CancelOrder, Requeue};
use super::money::{Leg, MoveMoney};
use super::price::SetPrices;
use super::promo::{EndPromo, NewPromo};
use super::refund::{RefundOrder, RefundPayment};
use super::role::Permission;
use super::suspense::{Assign, SentBack};
use super::switch::TurnSwitch;
use super::talk::{Stop, Talk};
use super::{ban, grant, money, price, promo, switch};

/// A change that an admin asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(super) enum Change {
    Money(MoveMoney),
    RefundOrder(RefundOrder),
    RefundPayment(RefundPayment),
    Assign(Assign),
    SentBack(SentBack),
    Chargeback(Chargeback),
    NewPromo(NewPromo),
    EndPromo(EndPromo),
    Ban(Ban),
    Unban(Unban),
    Prices(SetPrices),
    Switch(TurnSwitch),
    CancelOrder(CancelOrder),
    Requeue(Requeue),
    Grant(Grant),
}

/// The way back from a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "back", rename_all = "snake_case")]
pub(super) enum Undo {
    Money { customer: CustomerId, legs: Vec<Leg> },
    Ban { customer: CustomerId, before: Option<KeptBan> },
    Prices { numbers: Vec<i64> },
    NewPromo { code: String },
    Switch { name: String, value: String, words: String },
    Grant { customer: CustomerId, before: Option<String> },
}

/// In whose name a change is carried out.
#[derive(Clone, Debug)]
pub(super) struct Warrant {
    /// Who asked for it.
    pub(super) actor: CustomerId,
    /// Names the change for ever; begins the keys of its transfers.
    pub(super) key: String,
    /// Why.
    pub(super) reason: String,
}

/// What a change came to.
#[derive(Clone, Debug)]
pub(super) struct Made {
    /// What the admin is told.
    pub(super) said: AdminText,
    /// What there was before, for the audit.
    pub(super) was: String,
    /// What there is now, for the audit.
    pub(super) became: String,
    /// How to take it back; none where that can't be done.
    pub(super) undo: Option<Undo>,
}

impl Change {
    /// What the admin's role must allow.
    pub(super) const fn permission(&self) -> Permission {
        match self {
            Self::Money(_) => Permission::MoveMoney,
            Self::RefundOrder(_) => Permission::RefundOrders,
            Self::RefundPayment(_) => Permission::RefundPayments,
            Self::Assign(_) | Self::SentBack(_) => Permission::ResolvePayments,
            Self::Chargeback(_) => Permission::ResolvePayments,
            Self::NewPromo(_) | Self::EndPromo(_) => Permission::SetPromos,
            Self::Ban(_) | Self::Unban(_) => Permission::Ban,
            Self::Prices(_) => Permission::SetPrices,
            Self::Switch(_) => Permission::TurnSwitches,
            Self::CancelOrder(_) | Self::Requeue(_) => Permission::RunJobs,
            Self::Grant(_) => Permission::GrantRoles,
        }
    }

    /// How much money it moves: above a limit a second admin must approve.
    pub(super) const fn sum(&self) -> Option<Kopecks> {
        match self {
            Self::Money(it) => Some(it.sum),
            Self::RefundOrder(it) => Some(it.sum),
            Self::RefundPayment(it) => Some(it.sum),
            Self::Assign(it) => Some(it.sum),
            Self::SentBack(it) => Some(it.sum),
            Self::Chargeback(it) => Some(it.sum),
            Self::NewPromo(_) | Self::EndPromo(_) => None,
            Self::Ban(_) | Self::Unban(_) | Self::Prices(_) | Self::Switch(_) => None,
            Self::CancelOrder(_) | Self::Requeue(_) | Self::Grant(_) => None,
        }
    }

    /// One word for the audit.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Money(it) => it.how.word(),
            Self::RefundOrder(_) => "refund",
            Self::RefundPayment(_) => "refund_payment",
            Self::Assign(_) => "assign",
            Self::SentBack(_) => "return",
            Self::Chargeback(_) => "chargeback",
            Self::NewPromo(_) => "promo_new",
            Self::EndPromo(_) => "promo_off",
            Self::Ban(_) => "ban",
            Self::Unban(_) => "unban",
            Self::Prices(_) => "price",
            Self::Switch(_) => "switch",
            Self::CancelOrder(_) => "cancel_order",
            Self::Requeue(_) => "requeue",
            Self::Grant(_) => "grant_role",
        }
    }

    /// Whom or what it is about: a customer's number where there is one.
    pub(super) fn subject(&self) -> String {
        match self {
            Self::Money(it) => it.customer.to_string(),
            Self::RefundOrder(it) => it.customer.to_string(),
            Self::RefundPayment(it) => it.customer.to_string(),
            Self::Assign(it) => it.customer.to_string(),
            Self::SentBack(it) => it.payment.clone(),
            Self::Chargeback(it) => it.customer.to_string(),
            Self::NewPromo(it) => it.code.clone(),
            Self::EndPromo(it) => it.code.clone(),
            Self::Ban(it) => it.customer.to_string(),
            Self::Unban(it) => it.customer.to_string(),
            Self::Prices(it) => it.subject(),
            Self::Switch(it) => it.name.clone(),
            Self::CancelOrder(it) => it.customer.to_string(),
            Self::Requeue(it) => it.subject(),
            Self::Grant(it) => it.customer.to_string(),
        }
    }

    /// What would happen, in words, or why it can't.
    pub(super) fn preview(
        &self,
        talk: &mut Talk<'_, '_>,
        reason: &str,
        lang: Lang,
    ) -> Result<String, Stop> {
        match self {
            Self::Money(it) => it.preview(talk, reason, lang),
            Self::RefundOrder(it) => it.preview(talk, reason, lang),
            Self::RefundPayment(it) => it.preview(talk, reason, lang),
            Self::Assign(it) => it.preview(talk, reason, lang),
            Self::SentBack(it) => it.preview(talk, reason, lang),
            Self::Chargeback(it) => it.preview(talk, reason, lang),
            Self::NewPromo(it) => it.preview(talk, lang),
            Self::EndPromo(it) => it.preview(talk, lang),
            Self::Ban(it) => it.preview(talk, reason, lang),
            Self::Unban(it) => it.preview(talk, reason, lang),
            Self::Prices(it) => it.preview(talk, reason, lang),
            Self::Switch(it) => it.preview(talk, lang),
            Self::CancelOrder(it) => it.preview(talk, lang),
            Self::Requeue(it) => it.preview(talk, lang),
            Self::Grant(it) => it.preview(talk, reason, lang),
        }
    }

    /// Why it should be confirmed twice; none for most.
    pub(super) fn doubt(&self, talk: &Talk<'_, '_>) -> Option<AdminText> {
        match self {
            Self::Prices(it) => it.doubt(talk),
            _ => None,
        }
    }

    /// Does it. Stops before anything is written, or does all of it.
    pub(super) fn carry_out(
        &self,
        talk: &mut Talk<'_, '_>,
        warrant: &Warrant,
    ) -> Result<Made, Stop> {
        match self {
            Self::Money(it) => it.carry_out(talk, warrant),
            Self::RefundOrder(it) => it.carry_out(talk, warrant),
            Self::RefundPayment(it) => it.carry_out(talk, warrant),
            Self::Assign(it) => it.carry_out(talk, warrant),
            Self::SentBack(it) => it.carry_out(talk, warrant),
            Self::Chargeback(it) => it.carry_out(talk, warrant),
            Self::NewPromo(it) => it.carry_out(talk, warrant),
            Self::EndPromo(it) => it.carry_out(talk),
            Self::Ban(it) => it.carry_out(talk, warrant),
            Self::Unban(it) => it.carry_out(talk, warrant),
            Self::Prices(it) => it.carry_out(talk, warrant),
            Self::Switch(it) => it.carry_out(talk),
            Self::CancelOrder(it) => it.carry_out(talk, warrant),
            Self::Requeue(it) => it.carry_out(talk),
            Self::Grant(it) => it.carry_out(talk, warrant),
        }
    }
}

impl Undo {
    /// Takes the change back. Stops before anything is written, or does all of it.
    pub(super) fn carry_out(&self, talk: &mut Talk<'_, '_>, warrant: &Warrant) -> Result<(), Stop> {
        match self {
            Self::Money { customer, legs } => money::take_back(talk, *customer, legs, warrant),
            Self::Ban { customer, before } => ban::restore(talk, *customer, before.as_ref()),
            Self::Prices { numbers } => price::withdraw(talk, numbers),
            Self::NewPromo { code } => promo::end(talk, code),
            Self::Switch { name, value, words } => switch::turn(talk, name, value, words),
            Self::Grant { customer, before } => {
                grant::restore(talk, *customer, before.as_deref(), warrant)
            }
        }
    }
}
