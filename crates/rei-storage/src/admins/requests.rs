//! Changes that were shown and wait for a yes. Each step is one guarded statement that names the state it leaves, so
//! of two presses one wins.

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;

use crate::{BookError, Row, Tx, params, statements};

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// Shown to who asked, who has not confirmed it yet.
    Asked,
    /// Confirmed by who asked; waits for another admin.
    Second,
    /// Carried out.
    Done,
    /// Cancelled, declined or impossible.
    Dropped,
    /// Carried out and taken back.
    Undone,
}

impl RequestState {
    const ALL: [Self; 5] = [Self::Asked, Self::Second, Self::Done, Self::Dropped, Self::Undone];

    /// The word under which the book stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Second => "second",
            Self::Done => "done",
            Self::Dropped => "dropped",
            Self::Undone => "undone",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A change that is to be shown.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// Who asks.
    pub actor: CustomerId,
    /// Names the asking for ever: `<actor>:<message>`.
    pub key: String,
    /// The command as it was typed.
    pub said: String,
    /// What is to be changed, as JSON.
    pub change: String,
    /// Why.
    pub reason: String,
    /// After this moment it can't be confirmed.
    pub expires_at: Timestamp,
}

/// A request as the book knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRow {
    /// Its number, which its buttons carry.
    pub number: i64,
    /// Who asked.
    pub actor: CustomerId,
    /// The name of the asking.
    pub key: String,
    /// The command as it was typed.
    pub said: String,
    /// What is to be changed, as JSON.
    pub change: String,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub state: RequestState,
    /// Who said the last word.
    pub decided_by: Option<CustomerId>,
    /// How to take it back, as JSON.
    pub undo: Option<String>,
    /// After this moment it can't be confirmed.
    pub expires_at: Timestamp,
    /// When it last moved.
    pub state_at: Timestamp,
}

statements! {
    // No row back: this message has asked already.
    pub ASK = "
insert into admin_request (actor, command_key, said, change, reason, expires_at, created_at, state_at)
values (:actor, :key, :said, :change, :reason, :expires_at, :now, :now)
on conflict (command_key) do nothing
returning number";

    pub FIND = "
select number, actor, command_key, said, change, reason, state, decided_by, undo, expires_at, state_at
  from admin_request
 where number = :number";

    pub OF_KEY = "
select number, actor, command_key, said, change, reason, state, decided_by, undo, expires_at, state_at
  from admin_request
 where command_key = :key";

    // No row changed: somebody decided before.
    pub DECIDE = "
update admin_request
   set state = :to_state, decided_by = :by, state_at = :now
 where number = :number and state = :from_state";

    pub POSTPONE = "
update admin_request
   set state = 'second', expires_at = :expires_at, state_at = :now
 where number = :number and state = 'asked'";

    pub KEEP_UNDO = "
update admin_request
   set undo = :undo
 where number = :number and state = 'done'";
}

/// Stores a request; `None` when the same message has asked before.
///
/// # Errors
/// [`BookError`] when the book can't be used; so do the others.
pub fn ask(tx: &mut Tx<'_>, new: &NewRequest, now: Timestamp) -> Result<Option<i64>, BookError> {
    let row = tx.query_opt(
        &ASK,
        &params! {
            ":actor" => new.actor,
            ":key" => new.key.as_str(),
            ":said" => new.said.as_str(),
            ":change" => new.change.as_str(),
            ":reason" => new.reason.as_str(),
            ":expires_at" => new.expires_at,
            ":now" => now,
        },
    )?;
    row.map(|row| row.int("number")).transpose()
}

/// The request with this number.
///
/// # Errors
/// As [`ask`].
pub fn find_request(tx: &mut Tx<'_>, number: i64) -> Result<Option<RequestRow>, BookError> {
    tx.query_opt(&FIND, &params! { ":number" => number })?.as_ref().map(read).transpose()
}

/// The request that this message made.
///
/// # Errors
/// As [`ask`].
pub fn request_of_key(tx: &mut Tx<'_>, key: &str) -> Result<Option<RequestRow>, BookError> {
    tx.query_opt(&OF_KEY, &params! { ":key" => key })?.as_ref().map(read).transpose()
}

/// Moves a request on; `false` when it was no longer where the caller saw it.
///
/// # Errors
/// As [`ask`].
pub fn decide(
    tx: &mut Tx<'_>,
    row: &RequestRow,
    to: RequestState,
    by: CustomerId,
    now: Timestamp,
) -> Result<bool, BookError> {
    let decided = tx.execute(
        &DECIDE,
        &params! {
            ":number" => row.number,
            ":from_state" => row.state.as_str(),
            ":to_state" => to.as_str(),
            ":by" => by,
            ":now" => now,
        },
    )?;
    Ok(decided > 0)
}

/// Hands a request to a second admin; `false` when it was decided before.
///
/// # Errors
/// As [`ask`].
pub fn postpone(
    tx: &mut Tx<'_>,
    number: i64,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<bool, BookError> {
    let params = params! { ":number" => number, ":expires_at" => expires_at, ":now" => now };
    Ok(tx.execute(&POSTPONE, &params)? > 0)
}

/// Keeps how a change that was carried out can be taken back.
///
/// # Errors
/// As [`ask`].
pub fn keep_undo(tx: &mut Tx<'_>, number: i64, undo: &str) -> Result<(), BookError> {
    tx.execute(&KEEP_UNDO, &params! { ":number" => number, ":undo" => undo })?;
    Ok(())
}

fn read(row: &Row) -> Result<RequestRow, BookError> {
    Ok(RequestRow {
        number: row.int("number")?,
        actor: CustomerId(row.int("actor")?),
        key: row.text("command_key")?,
        said: row.text("said")?,
        change: row.text("change")?,
        reason: row.text("reason")?,
        state: RequestState::from_word(&row.text("state")?)
            .ok_or_else(|| BookError::unreadable("state"))?,
        decided_by: row.opt_int("decided_by")?.map(CustomerId),
        undo: row.opt_text("undo")?,
        expires_at: Timestamp(row.int("expires_at")?),
        state_at: Timestamp(row.int("state_at")?),
    })
}
