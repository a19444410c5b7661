//! `/grant_role`, `/roles`: who helps to run the bot. Owners hear of every change.

use rei_domain::ids::CustomerId;
use rei_storage::admins;
use rei_texts::{AdminText, Lang};
use serde::{Deserialize, Serialize};

use super::alert;
use super::change::{Change, Made, Undo, Warrant};
use super::role::{Permission, Role, role_of};
use super::talk::{Reply, Stop, Talk, joined};
use super::words::{Words, moment};

/// The word that takes a role away.
const NONE: &str = "none";
/// Roles shown in one list.
const ROLES_SHOWN: i64 = 50;

/// Somebody gets a role, or loses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grant {
    pub(super) customer: CustomerId,
    pub(super) role: Option<Role>,
}

/// Reads `ID role [reason]`.
pub(super) fn read(talk: &mut Talk<'_, '_>, args: &str) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "grant_role");
    let customer = words.person(talk.tx)?;
    let word = words.needed()?.to_lowercase();
    let role = match Role::from_word(&word) {
        None if word != NONE => return Err(words.usage()),
        role => role,
    };
    Ok((Change::Grant(Grant { customer, role }), words.reason()))
}

impl Grant {
    pub(super) fn preview(
        &self,
        talk: &mut Talk<'_, '_>,
        reason: &str,
        lang: Lang,
    ) -> Result<String, Stop> {
        let before = self.check(talk)?;
        let text = AdminText::PreviewGrant {
            id: self.customer.0,
            name: super::card::name_of(talk.tx, self.customer)?,
            before: word(before).to_owned(),
            after: word(self.role).to_owned(),
            reason: reason.to_owned(),
        };
        Ok(text.html(lang))
    }

    pub(super) fn carry_out(
        &self,
        talk: &mut Talk<'_, '_>,
        warrant: &Warrant,
    ) -> Result<Made, Stop> {
        let before = self.check(talk)?;
        set(talk, self.customer, self.role, warrant)?;
        let customer = self.customer;
        Ok(Made {
            said: AdminText::Granted { id: customer.0, role: word(self.role).to_owned() },
            was: word(before).to_owned(),
            became: word(self.role).to_owned(),
            undo: Some(Undo::Grant {
                customer,
                before: before.map(|role| role.as_str().to_owned()),
            }),
        })
    }

    /// What the person is now. The owners of the settings can't be changed here.
    fn check(&self, talk: &mut Talk<'_, '_>) -> Result<Option<Role>, Stop> {
        if talk.house.policy.admins.contains(&self.customer) {
            return Err(Stop::no(AdminText::GrantOwner { id: self.customer.0 }));
        }
        Ok(role_of(talk.tx, talk.house, self.customer)?)
    }
}

/// Gives the role back that was there before.
pub(super) fn restore(
    talk: &mut Talk<'_, '_>,
    customer: CustomerId,
    before: Option<&str>,
    warrant: &Warrant,
) -> Result<(), Stop> {
    set(talk, customer, before.and_then(Role::from_word), warrant)
}

/// The list of roles.
pub(super) fn roles(talk: &mut Talk<'_, '_>) -> Result<Reply, Stop> {
    talk.permit(Permission::SeeAudit)?;
    let mut lines = vec![talk.html(AdminText::RolesHead {})];
    for owner in talk.house.policy.admins.clone() {
        let name = super::card::name_of(talk.tx, owner)?;
        lines.push(talk.html(AdminText::RoleOwner { id: owner.0, name }));
    }
    for row in admins::roles(talk.tx, ROLES_SHOWN)? {
        let name = super::card::name_of(talk.tx, row.customer)?;
        lines.push(talk.html(AdminText::RoleLine {
            id: row.customer.0,
            name,
            role: row.role,
            by: row.granted_by.0,
            moment: moment(row.at),
        }));
    }
    Ok(Reply::new(joined(&lines)))
}

fn set(
    talk: &mut Talk<'_, '_>,
    customer: CustomerId,
    role: Option<Role>,
    warrant: &Warrant,
) -> Result<(), Stop> {
    match role {
        Some(role) => {
            admins::set_role(talk.tx, customer, role.as_str(), warrant.actor, talk.now)?;
        }
        None => {
            admins::drop_role(talk.tx, customer)?;
        }
    }
    let news = AdminText::AlertRole {
        id: customer.0,
        name: super::card::name_of(talk.tx, customer)?,
        role: word(role).to_owned(),
        by: warrant.actor.0,
    };
    alert::send(talk.tx, talk.house, &news, talk.now)?;
    Ok(())
}

const fn word(role: Option<Role>) -> &'static str {
    match role {
        Some(role) => role.as_str(),
        None => NONE,
    }
}
