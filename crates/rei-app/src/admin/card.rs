//! `/users`, `/admin_user`: customers in a list, and one with everything about him.

use std::time::Duration;

use rei_domain::ids::CustomerId;
use rei_storage::admins::{self, Card, PersonRow};
use rei_storage::{BookError, Tx, ledger};
use rei_texts::AdminText;

use super::ban::until_words;
use super::pages;
use super::role::{Permission, Role, role_of};
use super::talk::{Button, Reply, Stop, Talk, joined};
use super::words::{moment, number};

/// Customers of one page.
const PAGE: i64 = 10;
/// What the lists call new and active.
const RECENT: Duration = Duration::from_secs(24 * 3600);
/// Names of people are shown up to this length.
const NAME_CHARS_MAX: usize = 40;
/// Lists that have a name; any other word looks for people.
const FILTERS: [&str; 7] = ["all", "new", "active", "paying", "banned", "blocked", "frozen"];
/// A filter in a button is cut to this, so that the data stays short.
const FILTER_BYTES_MAX: usize = 24;

/// Customers of a filter, or whose name has these letters in it.
pub(super) fn users(talk: &mut Talk<'_, '_>, filter: &str, page: i64) -> Result<Reply, Stop> {
    talk.permit(Permission::Look)?;
    let filter = if filter.is_empty() { "all" } else { filter };
    if let Some(id) = number(filter).map(CustomerId)
        && let Some(card) = admins::card(talk.tx, id)?
    {
        return shown(talk, &card);
    }
    let rows = (page * PAGE, PAGE + 1);
    let people = if FILTERS.contains(&filter) {
        admins::people(talk.tx, filter, rows, talk.now.minus(RECENT), talk.now)?
    } else {
        admins::people_named(talk.tx, filter.trim_start_matches('@'), rows)?
    };
    if people.is_empty() {
        return Err(Stop::no(AdminText::UsersEmpty { filter: filter.to_owned() }));
    }
    let mut lines = vec![talk.html(AdminText::UsersHead { filter: filter.to_owned() })];
    let mut buttons: Vec<Vec<Button>> = Vec::new();
    let size = usize::try_from(PAGE).unwrap_or(0);
    for person in people.iter().take(size) {
        lines.push(talk.html(line(person)));
        let label = AdminText::ButtonPerson { id: person.id.0, name: named(&person.name, None) };
        let button = talk.button(label, "user", person.id, None);
        match buttons.last_mut() {
            Some(row) if row.len() < 2 => row.push(button),
            _ => buttons.push(vec![button]),
        }
    }
    if filter.len() <= FILTER_BYTES_MAX && !filter.contains([':', '.']) {
        buttons.push(pages::turns(talk, "users", "0", page, people.len() > size, Some(filter)));
    }
    Ok(Reply::new(joined(&lines)).with(buttons))
}

/// Everything about one customer.
pub(super) fn user(talk: &mut Talk<'_, '_>, id: CustomerId) -> Result<Reply, Stop> {
    talk.permit(Permission::Look)?;
    let card = admins::card(talk.tx, id)?;
    let card = card.ok_or(Stop::no(AdminText::UnknownCustomer { id: id.to_string() }))?;
    shown(talk, &card)
}

/// The name of somebody for a preview: as Telegram shows it, with the @name.
pub(super) fn name_of(tx: &mut Tx<'_>, id: CustomerId) -> Result<String, BookError> {
    let card = admins::card(tx, id)?;
    Ok(card.map_or_else(|| "—".to_owned(), |card| named(&card.name, card.username.as_deref())))
}

fn shown(talk: &mut Talk<'_, '_>, card: &Card) -> Result<Reply, Stop> {
    let wallet = ledger::balances(talk.tx, card.id)?;
    let role = role_of(talk.tx, talk.house, card.id)?;
    let ban = admins::ban_of(talk.tx, card.id, talk.now)?;
    let mut lines = vec![
        talk.html(AdminText::CardHead {
            id: card.id.0,
            name: named(&card.name, card.username.as_deref()),
            lang: card.lang.clone().unwrap_or_else(|| "—".to_owned()),
            since: card.created_at.date_utc(),
            seen: moment(card.seen_at),
        }),
        talk.html(AdminText::CardMoney {
            cash: wallet.cash.free,
            bonus: wallet.bonus.free,
            held: wallet.on_hold(),
        }),
        talk.html(AdminText::CardOrders {
            orders: card.orders,
            delivered: card.delivered,
            active: card.active,
            spent: card.spent,
            payments: card.payments,
            paid: card.paid,
        }),
    ];
    if let Some(role) = role {
        lines.push(talk.html(AdminText::CardRole { role: role.as_str().to_owned() }));
    }
    if wallet.frozen {
        lines.push(talk.html(AdminText::CardFrozen {}));
    }
    if card.blocked {
        lines.push(talk.html(AdminText::CardBlocked {}));
    }
    if let Some(ban) = &ban {
        let until = until_words(ban.until, talk.caller.lang);
        lines.push(talk.html(AdminText::CardBanned { until, reason: ban.reason.clone() }));
    }
    for consent in admins::consents(talk.tx, card.id)? {
        lines.push(talk.html(AdminText::CardConsent {
            subject: consent.subject,
            version: consent.version,
            moment: moment(consent.at),
        }));
    }
    let buttons = card_buttons(talk, card.id, role, ban.is_some());
    Ok(Reply::new(joined(&lines)).with(buttons))
}

/// What the caller's role allows to do with this customer.
fn card_buttons(
    talk: &Talk<'_, '_>,
    id: CustomerId,
    role: Option<Role>,
    banned: bool,
) -> Vec<Vec<Button>> {
    let may = |permission| talk.caller.role.may(permission);
    let mut money = Vec::new();
    if may(Permission::MoveMoney) {
        money.push(talk.button(AdminText::ButtonAdd {}, "how", id, Some("add")));
        money.push(talk.button(AdminText::ButtonSub {}, "how", id, Some("sub")));
    }
    let mut lists = vec![talk.button(AdminText::ButtonOrders {}, "of", id, None)];
    if may(Permission::SeeMoney) {
        lists.push(talk.button(AdminText::ButtonLedger {}, "ledger", id, Some("0")));
    }
    if may(Permission::SeeAudit) {
        lists.push(talk.button(AdminText::ButtonAudit {}, "audit", id, Some("0")));
    }
    let mut ban = Vec::new();
    if may(Permission::Ban) && role.is_none() {
        ban.push(match banned {
            true => talk.button(AdminText::ButtonUnban { id: id.0 }, "unban", id, None),
            false => talk.button(AdminText::ButtonBan {}, "how", id, Some("ban")),
        });
    }
    vec![money, lists, ban]
}

/// How to write a command about this customer, to be copied with a touch.
pub(super) fn how_to(talk: &Talk<'_, '_>, id: CustomerId, command: &str) -> Result<Reply, Stop> {
    let command = match command {
        "add" | "sub" | "ban" => command.to_owned(),
        _ => return Err(Stop::toast(AdminText::UnknownButton {})),
    };
    Ok(Reply::new(talk.html(AdminText::HowTo { command, id: id.0 })))
}

fn line(person: &PersonRow) -> AdminText {
    AdminText::UserLine {
        id: person.id.0,
        name: named(&person.name, person.username.as_deref()),
        balance: person.free,
        seen: moment(person.seen_at),
        mark: if person.blocked { " · 🚫" } else { "" }.to_owned(),
    }
}

fn named(name: &str, username: Option<&str>) -> String {
    let name = rei_texts::shorten(name, NAME_CHARS_MAX);
    match username {
        Some(username) => format!("{name} @{username}"),
        None => name,
    }
}
