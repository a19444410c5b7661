//! `/ban`, `/unban`, `/bans`: who may not buy. The customer is told once, with the reason.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_storage::admins::{self, BanRow};
use rei_storage::{BookError, Tx};
use rei_texts::{AdminText, Lang};
use serde::{Deserialize, Serialize};

use super::change::{Change, Made, Undo, Warrant};
use super::role::{Permission, role_of};
use super::talk::{Reply, Stop, Talk, joined};
use super::words::{Words, moment, term_ms};
use crate::wallet::{reader_of, wallet_of};

/// Bans of one page.
const PAGE: i64 = 10;

/// A ban as those hear it who are about to sell something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BanNotice {
    /// Why, in words that the customer may read.
    pub reason: String,
    /// Until when; none: until it is lifted.
    pub until: Option<Timestamp>,
}

/// The ban that holds for the customer now.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn ban_of(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    now: Timestamp,
) -> Result<Option<BanNotice>, BookError> {
    let row = admins::ban_of(tx, customer, now)?;
    Ok(row.map(|row| BanNotice { reason: row.reason, until: row.until }))
}

/// Somebody may not buy from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ban {
    pub(super) customer: CustomerId,
    pub(super) term_ms: Option<i64>,
}

/// Somebody may buy again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unban {
    pub(super) customer: CustomerId,
}

/// A ban that was there before another change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeptBan {
    reason: String,
    until: Option<Timestamp>,
    banned_by: CustomerId,
    at: Timestamp,
}

/// Reads `ID [term] reason`.
pub(super) fn read_ban(talk: &mut Talk<'_, '_>, args: &str) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "ban");
    let customer = words.person(talk.tx)?;
    let term_ms = words.peek().and_then(term_ms);
    if term_ms.is_some() {
        let _ = words.next();
    }
    let reason = words.needed_reason()?;
    Ok((Change::Ban(Ban { customer, term_ms }), reason))
}

/// Reads `ID [reason]`.
pub(super) fn read_unban(talk: &mut Talk<'_, '_>, args: &str) -> Result<(Change, String), Stop> {
    let mut words = Words::of(args, "unban");
    let customer = words.person(talk.tx)?;
    Ok((Change::Unban(Unban { customer }), words.reason()))
}

impl Ban {
    pub(super) fn preview(
        &self,
        talk: &mut Talk<'_, '_>,
        reason: &str,
        lang: Lang,
    ) -> Result<String, Stop> {
        self.check(talk)?;
        let text = AdminText::PreviewBan {
            id: self.customer.0,
            name: super::card::name_of(talk.tx, self.customer)?,
            until: until_words(self.until(talk.now), lang),
            balance: wallet_of(talk.tx, self.customer)?.free(),
            reason: reason.to_owned(),
        };
        Ok(text.html(lang))
    }

    pub(super) fn carry_out(
        &self,
        talk: &mut Talk<'_, '_>,
        warrant: &Warrant,
    ) -> Result<Made, Stop> {
        self.check(talk)?;
        let before = admins::ban_of(talk.tx, self.customer, talk.now)?;
        let until = self.until(talk.now);
        let (customer, reason) = (self.customer, warrant.reason.clone());
        let banned_by = warrant.actor;
        let row = BanRow { customer, reason: reason.clone(), until, banned_by, at: talk.now };
        admins::ban(talk.tx, &row)?;
        let lang = reader_of(talk.tx, customer)?;
        let balance = wallet_of(talk.tx, customer)?.free();
        let words = until_words(until, lang);
        let news = AdminText::CustomerBanned { reason, until: words, balance };
        talk.tell(customer, &news, |_| Vec::new())?;
        Ok(Made {
            said: AdminText::Banned { id: customer.0, until: until_words(until, talk.caller.lang) },
            was: before.as_ref().map(noted).unwrap_or_default(),
            became: noted(&row),
            undo: Some(Undo::Ban { customer, before: before.map(KeptBan::from) }),
        })
    }

    /// Who has a role keeps it until an owner takes it away; then he can be banned like anybody.
    fn check(&self, talk: &mut Talk<'_, '_>) -> Result<(), Stop> {
        match role_of(talk.tx, talk.house, self.customer)? {
            Some(_) => Err(Stop::no(AdminText::BanAdmin { id: self.customer.0 })),
            None => Ok(()),
        }
    }

    fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let term = self.term_ms.and_then(|ms| u64::try_from(ms).ok());
        term.map(|ms| now.plus(Duration::from_millis(ms)))
    }
}

impl Unban {
    pub(super) fn preview(
        &self,
        talk: &mut Talk<'_, '_>,
        reason: &str,
        lang: Lang,
    ) -> Result<String, Stop> {
        let row = self.row(talk)?;
        let text = AdminText::PreviewUnban {
            id: self.customer.0,
            name: super::card::name_of(talk.tx, self.customer)?,
            banned_for: row.reason,
            reason: reason.to_owned(),
        };
        Ok(text.html(lang))
    }

    pub(super) fn carry_out(
        &self,
        talk: &mut Talk<'_, '_>,
        _warrant: &Warrant,
    ) -> Result<Made, Stop> {
        let row = self.row(talk)?;
        admins::unban(talk.tx, self.customer)?;
        talk.tell(self.customer, &AdminText::CustomerUnbanned {}, |_| Vec::new())?;
        let customer = self.customer;
        Ok(Made {
            said: AdminText::Unbanned { id: customer.0 },
            was: noted(&row),
            became: String::new(),
            undo: Some(Undo::Ban { customer, before: Some(KeptBan::from(row)) }),
        })
    }

    fn row(&self, talk: &mut Talk<'_, '_>) -> Result<BanRow, Stop> {
        let row = admins::ban_of(talk.tx, self.customer, talk.now)?;
        row.ok_or(Stop::no(AdminText::NotBanned { id: self.customer.0 }))
    }
}

/// Puts the ban back that was there before, or lifts the one that is there.
pub(super) fn restore(
    talk: &mut Talk<'_, '_>,
    customer: CustomerId,
    before: Option<&KeptBan>,
) -> Result<(), Stop> {
    match before {
        Some(kept) => {
            let row = BanRow {
                customer,
                reason: kept.reason.clone(),
                until: kept.until,
                banned_by: kept.banned_by,
                at: kept.at,
            };
            admins::ban(talk.tx, &row)?;
        }
        None => {
            admins::unban(talk.tx, customer)?;
            talk.tell(customer, &AdminText::CustomerUnbanned {}, |_| Vec::new())?;
        }
    }
    Ok(())
}

/// The list of bans.
pub(super) fn bans(talk: &mut Talk<'_, '_>, page: i64) -> Result<Reply, Stop> {
    talk.permit(Permission::Look)?;
    let rows = admins::bans(talk.tx, page * PAGE, PAGE + 1, talk.now)?;
    if rows.is_empty() {
        return Ok(Reply::new(talk.html(AdminText::BansEmpty {})));
    }
    let shown = rows.iter().take(usize::try_from(PAGE).unwrap_or(0));
    let mut lines = vec![talk.html(AdminText::BansHead {})];
    let mut buttons = Vec::new();
    for row in shown {
        let (id, lang) = (row.customer.0, talk.caller.lang);
        let name = super::card::name_of(talk.tx, row.customer)?;
        lines.push(talk.html(AdminText::BanLine {
            id,
            name,
            until: until_words(row.until, lang),
            reason: rei_texts::shorten(&row.reason, 80),
        }));
        if talk.caller.role.may(Permission::Ban) {
            buttons.push(vec![talk.button(AdminText::ButtonUnban { id }, "unban", id, None)]);
        }
    }
    let more = rows.len() > usize::try_from(PAGE).unwrap_or(0);
    buttons.push(super::pages::turns(talk, "bans", "0", page, more, None));
    Ok(Reply::new(joined(&lines)).with(buttons))
}

/// Until when, in words.
pub(super) fn until_words(until: Option<Timestamp>, lang: Lang) -> String {
    match until {
        Some(until) => AdminText::Until { moment: moment(until) }.plain(lang),
        None => AdminText::UntilLifted {}.plain(lang),
    }
}

fn noted(row: &BanRow) -> String {
    let until = row.until.map_or_else(|| "for ever".to_owned(), moment);
    format!("{until}: {}", row.reason)
}

impl From<BanRow> for KeptBan {
    fn from(row: BanRow) -> Self {
        Self { reason: row.reason, until: row.until, banned_by: row.banned_by, at: row.at }
    }
}
