//! Who among the admins may do what: one table, and where somebody's role comes from.

use rei_domain::ids::CustomerId;
use rei_storage::{BookError, Tx, admins};
use serde::{Deserialize, Serialize};

use crate::House;

/// What somebody is to the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May do everything.
    Owner,
    /// Looks after money and prices.
    Finance,
    /// Helps customers with their orders.
    Support,
    /// Looks on.
    Viewer,
}

/// What can be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See customers, orders, models, bans and the state of the house.
    Look,
    /// See transfers, payments, the trial balance and the figures.
    SeeMoney,
    /// See what admins did, the roles and the settings.
    SeeAudit,
    /// Credit, debit and correct wallets.
    MoveMoney,
    /// Give back the price of an order.
    RefundOrders,
    /// Send money back to a card.
    RefundPayments,
    /// Decide about payments that don't fit, reconcile, enter chargebacks.
    ResolvePayments,
    /// Say the second yes to a large change.
    Approve,
    /// Stop orders and give jobs another try.
    RunJobs,
    /// Ban customers and let them in again.
    Ban,
    /// Set prices.
    SetPrices,
    /// Make and end promo codes.
    SetPromos,
    /// Take models, providers or the whole house off sale.
    TurnSwitches,
    /// Make others admins.
    GrantRoles,
    /// Take lists out of the house as files.
    Export,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 15] = [
        Self::Look,
        Self::SeeMoney,
        Self::SeeAudit,
        Self::MoveMoney,
        Self::RefundOrders,
        Self::RefundPayments,
        Self::ResolvePayments,
        Self::Approve,
        Self::RunJobs,
        Self::Ban,
        Self::SetPrices,
        Self::SetPromos,
        Self::TurnSwitches,
        Self::GrantRoles,
        Self::Export,
    ];
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Finance, Self::Support, Self::Viewer];

    /// Whether this role is allowed that.
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Owner => true,
            Self::Finance => match permission {
                P::Look | P::SeeMoney | P::SeeAudit | P::MoveMoney | P::RefundOrders => true,
                P::RefundPayments | P::ResolvePayments | P::Approve | P::SetPrices => true,
                P::SetPromos | P::Export => true,
                P::RunJobs | P::Ban | P::TurnSwitches | P::GrantRoles => false,
            },
            Self::Support => match permission {
                P::Look | P::SeeMoney | P::RefundOrders | P::RunJobs | P::Ban => true,
                P::SeeAudit | P::MoveMoney | P::RefundPayments | P::ResolvePayments => false,
                P::Approve | P::SetPrices | P::SetPromos | P::TurnSwitches => false,
                P::GrantRoles | P::Export => false,
            },
            Self::Viewer => match permission {
                P::Look | P::SeeMoney => true,
                P::SeeAudit | P::MoveMoney | P::RefundOrders | P::RefundPayments => false,
                P::ResolvePayments | P::Approve | P::RunJobs | P::Ban | P::SetPrices => false,
                P::SetPromos | P::TurnSwitches | P::GrantRoles | P::Export => false,
            },
        }
    }

    /// The word under which the book stores it, and that admins type.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Finance => "finance",
            Self::Support => "support",
            Self::Viewer => "viewer",
        }
    }

    /// Reads the word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// What this person is to the house; `None` for a customer like any other. The owners of the settings stay owners,
/// whatever the book says.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn role_of(tx: &mut Tx<'_>, house: &House, id: CustomerId) -> Result<Option<Role>, BookError> {
    if house.policy.admins.contains(&id) {
        return Ok(Some(Role::Owner));
    }
    Ok(admins::role_of(tx, id)?.as_deref().and_then(Role::from_word))
}

/// Everybody who is one of these, the owners of the settings first.
pub(super) fn everybody(
    tx: &mut Tx<'_>,
    house: &House,
    wanted: impl Fn(Role) -> bool,
) -> Result<Vec<CustomerId>, BookError> {
    /// More helpers than any shop has.
    const ROLES_MAX: i64 = 100;
    let mut found: Vec<CustomerId> = Vec::new();
    if wanted(Role::Owner) {
        found.extend(&house.policy.admins);
    }
    for row in admins::roles(tx, ROLES_MAX)? {
        let fits = Role::from_word(&row.role).is_some_and(&wanted);
        if fits && !found.contains(&row.customer) && !house.policy.admins.contains(&row.customer) {
            found.push(row.customer);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A role that gains or loses a permission shows here.
    #[test]
    fn every_role_answers_every_permission() {
        let mut table = String::from("                  owner    finance  support  viewer\n");
        for permission in Permission::ALL {
            let mut row = format!("{:<18}", format!("{permission:?}"));
            for role in Role::ALL {
                row.push_str(if role.may(permission) { "yes      " } else { "-        " });
            }
            table.push_str(row.trim_end());
            table.push('\n');
        }
        assert_eq!(table, TABLE);
    }

    const TABLE: &str = "                  owner    finance  support  viewer
Look              yes      yes      yes      yes
SeeMoney          yes      yes      yes      yes
SeeAudit          yes      yes      -        -
MoveMoney         yes      yes      -        -
RefundOrders      yes      yes      yes      -
RefundPayments    yes      yes      -        -
ResolvePayments   yes      yes      -        -
Approve           yes      yes      -        -
RunJobs           yes      -        yes      -
Ban               yes      -        yes      -
SetPrices         yes      yes      -        -
SetPromos         yes      yes      -        -
TurnSwitches      yes      -        -        -
GrantRoles        yes      -        -        -
Export            yes      yes      -        -
";

    #[test]
    fn words_come_back_as_roles() {
        for role in Role::ALL {
            assert_eq!(Role::from_word(role.as_str()), Some(role));
        }
        assert_eq!(Role::from_word("marketer"), None);
    }
}
