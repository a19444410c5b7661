//! What admins did, one row for each change: who, what, why, before and after.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;

use crate::{BookError, Row, Tx, params, statements};

/// A change that is being made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAction {
    /// Names the change for ever.
    pub key: String,
    /// Who made it.
    pub actor: CustomerId,
    /// What was done, in one word.
    pub action: String,
    /// A customer's number, or another name of what was changed.
    pub subject: String,
    /// The command as it was typed.
    pub detail: String,
    /// Why.
    pub reason: String,
    /// What there was before.
    pub was: String,
    /// What there is now.
    pub became: String,
    /// The second admin, where there had to be one.
    pub approved_by: Option<CustomerId>,
}

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRow {
    /// The change.
    pub action: NewAction,
    /// When.
    pub at: Timestamp,
}

statements! {
    pub RECORD = "
insert into admin_action (key, actor, action, subject, detail, at, reason, was, became, approved_by)
values (:key, :actor, :action, :subject, :detail, :now, :reason, :was, :became, :approved_by)
on conflict (key) do nothing";

    pub LIST = "
select key, actor, action, subject, detail, at, reason, was, became, approved_by
  from admin_action
 order by at desc, key desc
 limit :limit offset :skip";

    pub LIST_OF = "
select key, actor, action, subject, detail, at, reason, was, became, approved_by
  from admin_action
 where subject = :subject or actor = :actor
 order by at desc, key desc
 limit :limit offset :skip";
}

/// Records a change in the transaction that makes it; `false` when this key was recorded before.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do the others.
pub fn record(tx: &mut Tx<'_>, new: &NewAction, now: Timestamp) -> Result<bool, BookError> {
    let recorded = tx.execute(
        &RECORD,
        &params! {
            ":key" => new.key.as_str(),
            ":actor" => new.actor,
            ":action" => new.action.as_str(),
            ":subject" => new.subject.as_str(),
            ":detail" => new.detail.as_str(),
            ":now" => now,
            ":reason" => new.reason.as_str(),
            ":was" => new.was.as_str(),
            ":became" => new.became.as_str(),
            ":approved_by" => new.approved_by,
        },
    )?;
    Ok(recorded > 0)
}

/// Changes, newest first: all, or those made by somebody or to somebody.
///
/// # Errors
/// As [`record`].
pub fn actions(
    tx: &mut Tx<'_>,
    of: Option<CustomerId>,
    skip: i64,
    limit: i64,
) -> Result<Vec<ActionRow>, BookError> {
    let rows = match of {
        None => tx.query(&LIST, &params! { ":skip" => skip, ":limit" => limit })?,
        Some(id) => tx.query(
            &LIST_OF,
            &params! {
                ":subject" => id.to_string(), ":actor" => id, ":skip" => skip, ":limit" => limit
            },
        )?,
    };
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<ActionRow, BookError> {
    Ok(ActionRow {
        action: NewAction {
            key: row.text("key")?,
            actor: CustomerId(row.int("actor")?),
            action: row.text("action")?,
            subject: row.text("subject")?,
            detail: row.text("detail")?,
            reason: row.text("reason")?,
            was: row.text("was")?,
            became: row.text("became")?,
            approved_by: row.opt_int("approved_by")?.map(CustomerId),
        },
        at: Timestamp(row.int("at")?),
    })
}
