//! `/audit`: what admins did, newest first.

use rei_domain::ids::CustomerId;
use rei_storage::admins::{self, ActionRow};
use rei_texts::AdminText;

use super::pages;
use super::role::Permission;
use super::talk::{Reply, Stop, Talk, joined};
use super::words::moment;

/// Rows of one page.
const PAGE: i64 = 8;

/// A page of the audit: of everything, or of what somebody did and what was done to him.
pub(super) fn audit(
    talk: &mut Talk<'_, '_>,
    of: Option<CustomerId>,
    page: i64,
) -> Result<Reply, Stop> {
    talk.permit(Permission::SeeAudit)?;
    let rows = admins::actions(talk.tx, of, page * PAGE, PAGE + 1)?;
    if rows.is_empty() {
        return Err(Stop::no(AdminText::AuditEmpty {}));
    }
    let size = usize::try_from(PAGE).unwrap_or(0);
    let mut lines = vec![talk.html(AdminText::AuditHead {})];
    lines.extend(rows.iter().take(size).map(|row| line(talk, row)));
    let id = of.map_or_else(|| "0".to_owned(), |id| id.to_string());
    let turns = pages::turns(talk, "audit", &id, page, rows.len() > size, None);
    Ok(Reply::new(joined(&lines)).with(vec![turns]))
}

fn line(talk: &Talk<'_, '_>, row: &ActionRow) -> String {
    let action = &row.action;
    let mut line = talk.html(AdminText::AuditLine {
        moment: moment(row.at),
        actor: action.actor.0,
        action: action.action.clone(),
        subject: action.subject.clone(),
        detail: rei_texts::shorten(&action.detail, 120),
    });
    if !action.was.is_empty() || !action.became.is_empty() {
        line.push('\n');
        line.push_str(&talk.html(AdminText::AuditChange {
            was: rei_texts::shorten(&action.was, 100),
            became: rei_texts::shorten(&action.became, 100),
        }));
    }
    if let Some(second) = action.approved_by {
        line.push('\n');
        line.push_str(&talk.html(AdminText::AuditApproved { id: second.0 }));
    }
    line
}
