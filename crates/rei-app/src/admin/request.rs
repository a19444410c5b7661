//! The way of every change: permission → reason → preview → confirmation → change and audit row in one transaction →
//! undo. A message asks once however often it comes, and of many presses one acts.

use std::time::Duration;

use rei_domain::ids::{CustomerId, MessageId};
use rei_domain::money::Kopecks;
use rei_storage::admins::{self, NewAction, NewRequest, RequestRow, RequestState};
use rei_storage::ledger::LedgerError;
use rei_texts::{AdminText, Lang};

use super::change::{Change, Undo, Warrant};
use super::role::{Permission, everybody, role_of};
use super::talk::{Button, Reply, Stop, Talk, button};

/// A preview can be confirmed for this long.
const CONFIRM_WITHIN: Duration = Duration::from_secs(15 * 60);
/// A second admin may take this long.
const APPROVE_WITHIN: Duration = Duration::from_secs(24 * 3600);
/// A change can be taken back by its button for this long.
const UNDO_WITHIN: Duration = Duration::from_secs(7 * 24 * 3600);

/// Where a change was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin<'f> {
    /// In a message, which asks once however often it comes.
    Message(MessageId, &'f str),
    /// With a button on a card; what came of it still has to be confirmed.
    Press(&'f str),
}

/// The answer to a message that has asked before; `None` for a new one.
pub(super) fn asked_before(
    talk: &mut Talk<'_, '_>,
    message: MessageId,
    said: &str,
) -> Result<Option<Reply>, Stop> {
    let Some(row) = admins::request_of_key(talk.tx, &key_of(talk.caller.id, message))? else {
        return Ok(None);
    };
    if row.said != said {
        return Err(Stop::no(AdminText::OtherContents { said: row.said }));
    }
    match row.state {
        RequestState::Asked if talk.now < row.expires_at => {
            let change = change_of(&row)?;
            shown(talk, row.number, &change, &row.reason).map(Some)
        }
        _ => Err(Stop::no(how_it_stands(talk, &row))),
    }
}

/// Shows what would happen and keeps it until it is confirmed.
pub(super) fn ask(
    talk: &mut Talk<'_, '_>,
    from: Origin<'_>,
    change: &Change,
    reason: String,
) -> Result<Reply, Stop> {
    talk.permit(change.permission())?;
    // What can't be done is said before anything is kept.
    change.preview(talk, &reason, talk.caller.lang)?;
    let (key, said) = match from {
        Origin::Message(message, said) => (key_of(talk.caller.id, message), said.to_owned()),
        Origin::Press(said) => {
            let mut chance = [0; 8];
            talk.house.chance.fill(&mut chance);
            let press = u64::from_le_bytes(chance);
            (format!("{}:press-{press:016x}", talk.caller.id), said.to_owned())
        }
    };
    let new = NewRequest {
        actor: talk.caller.id,
        key,
        said,
        change: serde_json::to_string(change).expect("a change has only plain fields"),
        reason,
        expires_at: talk.now.plus(CONFIRM_WITHIN),
    };
    let number = admins::ask(talk.tx, &new, talk.now)?;
    let number = number.ok_or(LedgerError::Broken("a message asked twice in one moment"))?;
    shown(talk, number, change, &new.reason)
}

/// The first yes; `sure` is the second one of a change that needs two of the same admin.
pub(super) fn confirm(talk: &mut Talk<'_, '_>, number: i64, sure: bool) -> Result<Reply, Stop> {
    let row = own(talk, number)?;
    if row.state != RequestState::Asked {
        return Err(Stop::no(how_it_stands(talk, &row)));
    }
    if talk.now >= row.expires_at {
        return Err(Stop::no(AdminText::Expired { said: row.said }));
    }
    let change = change_of(&row)?;
    talk.permit(change.permission())?;
    if !sure && let Some(doubt) = change.doubt(talk) {
        let yes = talk.button(AdminText::ButtonSure {}, "sure", number, None);
        let no = talk.button(AdminText::ButtonCancel {}, "no", number, None);
        return Ok(Reply::new(talk.html(doubt)).with(vec![vec![yes], vec![no]]));
    }
    if needs_second(talk, &change) {
        return hand_over(talk, &row, &change);
    }
    let done = execute(talk, &row, &change, None)?;
    Ok(Reply::new(talk.html(done)).with(undo_row(talk, number)?))
}

/// The admin who asked thinks better of it.
pub(super) fn cancel(talk: &mut Talk<'_, '_>, number: i64) -> Result<Reply, Stop> {
    let row = own(talk, number)?;
    let open = matches!(row.state, RequestState::Asked | RequestState::Second);
    if !open || !admins::decide(talk.tx, &row, RequestState::Dropped, talk.caller.id, talk.now)? {
        return Err(Stop::no(how_it_stands(talk, &row)));
    }
    Ok(Reply::new(talk.html(AdminText::Cancelled { said: row.said })))
}

/// The second admin's yes. Both hear what came of it.
pub(super) fn approve(talk: &mut Talk<'_, '_>, number: i64) -> Result<Reply, Stop> {
    let row = for_second(talk, number)?;
    let change = change_of(&row)?;
    let asker = role_of(talk.tx, talk.house, row.actor)?;
    if !asker.is_some_and(|role| role.may(change.permission())) {
        admins::decide(talk.tx, &row, RequestState::Dropped, talk.caller.id, talk.now)?;
        return Err(Stop::no(AdminText::AskerMayNot { said: row.said, id: row.actor.0 }));
    }
    match execute(talk, &row, &change, Some(talk.caller.id)) {
        Ok(done) => {
            let news = AdminText::Approved { said: row.said, by: talk.caller.id.0 };
            let undoable = undo_row(talk, number)?;
            let undo = |lang: Lang| match undoable.is_empty() {
                true => Vec::new(),
                false => vec![vec![undo_button(lang, number)]],
            };
            talk.tell(row.actor, &news, undo)?;
            Ok(Reply::new(talk.html(done)).with(undoable))
        }
        Err(Stop::No(why)) => {
            talk.tell(row.actor, why.as_ref(), |_| Vec::new())?;
            Err(Stop::No(why))
        }
        Err(stop) => Err(stop),
    }
}

/// The second admin's no. Both hear it.
pub(super) fn decline(talk: &mut Talk<'_, '_>, number: i64) -> Result<Reply, Stop> {
    let row = for_second(talk, number)?;
    if !admins::decide(talk.tx, &row, RequestState::Dropped, talk.caller.id, talk.now)? {
        return Err(Stop::no(how_it_stands(talk, &row)));
    }
    let news = AdminText::Declined { said: row.said, by: talk.caller.id.0 };
    talk.tell(row.actor, &news, |_| Vec::new())?;
    Ok(Reply::new(talk.html(news)))
}

/// Takes a change back.
pub(super) fn undo(talk: &mut Talk<'_, '_>, number: i64) -> Result<Reply, Stop> {
    let row = found(talk, number)?;
    let change = change_of(&row)?;
    if talk.permit(change.permission()).is_err() {
        return Err(Stop::toast(AdminText::NotYours {}));
    }
    let back = match (&row.undo, row.state) {
        (Some(undo), RequestState::Done) => undo,
        _ => return Err(Stop::no(how_it_stands(talk, &row))),
    };
    if talk.now >= row.state_at.plus(UNDO_WITHIN) {
        return Err(Stop::no(AdminText::UndoTooLate { said: row.said }));
    }
    let back: Undo = serde_json::from_str(back).map_err(|_| unreadable("undo"))?;
    if !admins::decide(talk.tx, &row, RequestState::Undone, talk.caller.id, talk.now)? {
        return Err(Stop::no(how_it_stands(talk, &row)));
    }
    let warrant = Warrant {
        actor: talk.caller.id,
        key: format!("{}:undo", row.key),
        reason: row.reason.clone(),
    };
    if let Err(stop) = back.carry_out(talk, &warrant) {
        let undone = RequestRow { state: RequestState::Undone, ..row };
        admins::decide(talk.tx, &undone, RequestState::Done, talk.caller.id, talk.now)?;
        return Err(stop);
    }
    let action = NewAction {
        key: warrant.key,
        actor: talk.caller.id,
        action: "undo".to_owned(),
        subject: change.subject(),
        detail: row.said.clone(),
        reason: row.reason,
        was: change.word().to_owned(),
        became: String::new(),
        approved_by: None,
    };
    record(talk, &action)?;
    Ok(Reply::new(talk.html(AdminText::Undone { said: row.said })))
}

/// Carries a request out: the state first, so that of two presses one goes on; then the change and its audit row.
fn execute(
    talk: &mut Talk<'_, '_>,
    row: &RequestRow,
    change: &Change,
    approved_by: Option<CustomerId>,
) -> Result<AdminText, Stop> {
    let by = talk.caller.id;
    if !admins::decide(talk.tx, row, RequestState::Done, by, talk.now)? {
        return Err(Stop::no(how_it_stands(talk, row)));
    }
    let warrant = Warrant { actor: row.actor, key: row.key.clone(), reason: row.reason.clone() };
    let made = match change.carry_out(talk, &warrant) {
        Ok(made) => made,
        Err(stop) => {
            let done = RequestRow { state: RequestState::Done, ..row.clone() };
            admins::decide(talk.tx, &done, RequestState::Dropped, by, talk.now)?;
            return Err(stop);
        }
    };
    if let Some(undo) = &made.undo {
        let undo = serde_json::to_string(undo).expect("a way back has only plain fields");
        admins::keep_undo(talk.tx, row.number, &undo)?;
    }
    let action = NewAction {
        key: row.key.clone(),
        actor: row.actor,
        action: change.word().to_owned(),
        subject: change.subject(),
        detail: row.said.clone(),
        reason: row.reason.clone(),
        was: made.was,
        became: made.became,
        approved_by,
    };
    record(talk, &action)?;
    tracing::info!(admin.id = %row.actor, action = change.word(), "an admin changed something");
    Ok(made.said)
}

/// One audit row for each change; a key that names another change already stops everything.
fn record(talk: &mut Talk<'_, '_>, action: &NewAction) -> Result<(), Stop> {
    if admins::record(talk.tx, action, talk.now)? {
        return Ok(());
    }
    Err(Stop::Book(LedgerError::KeyConflict { key: action.key.clone() }))
}

fn needs_second(talk: &Talk<'_, '_>, change: &Change) -> bool {
    let limit = talk.house.policy.approval_limit;
    let above = |sum: Kopecks| limit.is_some_and(|limit| sum > limit);
    change.sum().is_some_and(above)
}

/// Shows the change to everybody who may approve it.
fn hand_over(talk: &mut Talk<'_, '_>, row: &RequestRow, change: &Change) -> Result<Reply, Stop> {
    let mut others = everybody(talk.tx, talk.house, |role| role.may(Permission::Approve))?;
    others.retain(|other| *other != row.actor);
    if others.is_empty() {
        return Err(Stop::no(AdminText::NobodyApproves {}));
    }
    // What has become impossible by now is said before anybody is bothered.
    change.preview(talk, &row.reason, talk.caller.lang)?;
    if !admins::postpone(talk.tx, row.number, talk.now.plus(APPROVE_WITHIN), talk.now)? {
        return Err(Stop::no(how_it_stands(talk, row)));
    }
    for other in others {
        let lang = crate::wallet::reader_of(talk.tx, other)?;
        let what = change.preview(talk, &row.reason, lang)?;
        let head = AdminText::ApproveHead { by: row.actor.0 }.html(lang);
        let buttons = vec![vec![
            button(&AdminText::ButtonApprove {}, lang, "yes", row.number, None),
            button(&AdminText::ButtonDecline {}, lang, "nay", row.number, None),
        ]];
        talk.send(other, format!("{head}\n{what}"), buttons)?;
    }
    let cancel = talk.button(AdminText::ButtonCancel {}, "no", row.number, None);
    Ok(Reply::new(talk.html(AdminText::Waits { said: row.said.clone() })).with(vec![vec![cancel]]))
}

/// The preview with its buttons.
fn shown(
    talk: &mut Talk<'_, '_>,
    number: i64,
    change: &Change,
    reason: &str,
) -> Result<Reply, Stop> {
    let mut html = change.preview(talk, reason, talk.caller.lang)?;
    if needs_second(talk, change) {
        html.push('\n');
        html.push_str(&talk.html(AdminText::NeedsSecond {}));
    }
    let yes = talk.button(AdminText::ButtonConfirm {}, "ok", number, None);
    let no = talk.button(AdminText::ButtonCancel {}, "no", number, None);
    Ok(Reply::new(html).with(vec![vec![yes, no]]))
}

fn undo_row(talk: &mut Talk<'_, '_>, number: i64) -> Result<Vec<Vec<Button>>, Stop> {
    let row = found(talk, number)?;
    let button = undo_button(talk.caller.lang, number);
    Ok(if row.undo.is_some() { vec![vec![button]] } else { Vec::new() })
}

fn undo_button(lang: Lang, number: i64) -> Button {
    button(&AdminText::ButtonUndo {}, lang, "undo", number, None)
}

fn key_of(actor: CustomerId, message: MessageId) -> String {
    format!("{actor}:{message}")
}

fn found(talk: &mut Talk<'_, '_>, number: i64) -> Result<RequestRow, Stop> {
    admins::find_request(talk.tx, number)?.ok_or(Stop::no(AdminText::NoSuchRequest {}))
}

/// A request of the caller's own; nobody else confirms or cancels it.
fn own(talk: &mut Talk<'_, '_>, number: i64) -> Result<RequestRow, Stop> {
    let row = found(talk, number)?;
    if row.actor != talk.caller.id {
        return Err(Stop::toast(AdminText::NotYours {}));
    }
    Ok(row)
}

/// A request that waits for a second admin, if the caller can be that.
fn for_second(talk: &mut Talk<'_, '_>, number: i64) -> Result<RequestRow, Stop> {
    let row = found(talk, number)?;
    if talk.permit(Permission::Approve).is_err() {
        return Err(Stop::toast(AdminText::NotYours {}));
    }
    if row.actor == talk.caller.id {
        return Err(Stop::toast(AdminText::NotSelf {}));
    }
    if row.state != RequestState::Second {
        return Err(Stop::no(how_it_stands(talk, &row)));
    }
    if talk.now >= row.expires_at {
        return Err(Stop::no(AdminText::Expired { said: row.said }));
    }
    Ok(row)
}

/// Why nothing more happens with a request.
fn how_it_stands(talk: &Talk<'_, '_>, row: &RequestRow) -> AdminText {
    let said = row.said.clone();
    match row.state {
        RequestState::Asked | RequestState::Second if talk.now >= row.expires_at => {
            AdminText::Expired { said }
        }
        RequestState::Second => AdminText::Waits { said },
        RequestState::Asked | RequestState::Done => AdminText::DoneBefore { said },
        RequestState::Dropped => AdminText::Dropped { said },
        RequestState::Undone => AdminText::Undone { said },
    }
}

fn change_of(row: &RequestRow) -> Result<Change, Stop> {
    serde_json::from_str(&row.change).map_err(|_| unreadable("change"))
}

fn unreadable(column: &str) -> Stop {
    let column = column.to_owned();
    Stop::Book(LedgerError::Book(rei_storage::BookError::Unreadable { column }))
}
