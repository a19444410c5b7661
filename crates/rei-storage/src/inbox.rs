//! The inbox: every update as it came, stored before it is answered or confirmed, handled once.

use rei_domain::clock::Timestamp;
use rei_domain::ids::UpdateId;

use crate::{Bell, BookError, Tx, params, statements};

/// An update that waits for its handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxRow {
    /// Telegram's id of the update.
    pub update_id: UpdateId,
    /// Updates of one lane are handled one after the other.
    pub lane: i64,
    /// The JSON as it came.
    pub raw: String,
    /// How often its handler has failed.
    pub attempts: i64,
    /// When it came.
    pub received_at: Timestamp,
}

/// What became of an attempt to serve an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is served in this transaction.
    Mine,
    /// It was served already.
    Before,
    /// Another process serves its lane at this moment, and will come to it.
    Elsewhere,
}

statements! {
    pub STORE = "
insert into inbox (update_id, lane, raw, due_at, received_at)
values (:update_id, :lane, :raw, :now, :now)
on conflict (update_id) do nothing";

    // The oldest update of each lane, and only that one: what follows waits for it.
    pub WAITING = "
select i.update_id, i.lane, i.raw, i.attempts, i.received_at
  from inbox i
 where i.state = 'new'
   and i.due_at <= :now
   and i.update_id = (select min(f.update_id) from inbox f where f.lane = i.lane and f.state = 'new')
 order by i.update_id
 limit :limit";

    pub NEXT_OF_LANE = "
select update_id, lane, raw, attempts, received_at, due_at
  from inbox
 where lane = :lane and state = 'new'
 order by update_id
 limit 1";

    // On SQLite nobody else writes. On PostgreSQL the lane is held until the transaction ends; 73 is the class of
    // these locks and of no others.
    pub TAKE = {
        sqlite: "
update inbox
   set state = 'done', error = null
 where update_id = :update_id and lane = :lane and state = 'new'
returning 1 as free, 1 as taken",
        postgres: "
with lane as materialized (
       select pg_try_advisory_xact_lock(73, hashint8(:lane)) as free),
     taken as (
       update inbox
          set state = 'done', error = null
         from lane
        where lane.free and update_id = :update_id and inbox.lane = :lane and state = 'new'
       returning 1 as one)
select cast(case when free then 1 else 0 end as bigint) as free, (select count(*) from taken) as taken
  from lane",
    };

    pub DONE = "update inbox set state = 'done', error = null where update_id = :update_id and state = 'new'";

    pub FAILED = "
update inbox
   set attempts = attempts + 1,
       due_at = :due_at,
       error = :error,
       state = case when attempts + 1 >= :attempts_max then 'parked' else 'new' end
 where update_id = :update_id and state = 'new'
returning state";

    pub CLEAN = "
delete from inbox
 where update_id in (
       select update_id from inbox
        where state <> 'new' and received_at < :before
        order by received_at
        limit :limit)";

    pub COUNT_WAITING = "select count(*) as waiting from inbox where state = 'new'";
}

/// Stores an update unless it is known; `true` when it is new. Rings the inbox bell.
pub fn store(
    tx: &mut Tx<'_>,
    update_id: UpdateId,
    lane: i64,
    raw: &str,
    now: Timestamp,
) -> Result<bool, BookError> {
    let stored = tx.execute(
        &STORE,
        &params! { ":update_id" => update_id, ":lane" => lane, ":raw" => raw, ":now" => now },
    )?;
    if stored > 0 {
        tx.ring(Bell::Inbox);
    }
    Ok(stored > 0)
}

/// Where the ids of what happens inside the house begin: far below every id of Telegram's.
const HAPPENING_FIRST: i64 = -(1 << 62);
/// Room between two milliseconds for what happens within one.
const HAPPENINGS_EACH_MS: i64 = 1 << 16;

/// Stores what happened inside the house and concerns a chat: it is handled in the chat's lane like an update. Its
/// id is negative, so that it is never taken for one of Telegram's, and rises with time.
pub fn happened(
    tx: &mut Tx<'_>,
    lane: i64,
    raw: &str,
    salt: u16,
    now: Timestamp,
) -> Result<(), BookError> {
    let first = HAPPENING_FIRST + now.millis().saturating_mul(HAPPENINGS_EACH_MS) + i64::from(salt);
    for id in first.. {
        if store(tx, UpdateId(id), lane, raw, now)? {
            break;
        }
    }
    Ok(())
}

/// The first waiting update of each lane, oldest first.
pub fn waiting(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<Vec<InboxRow>, BookError> {
    let rows = tx.query(&WAITING, &params! { ":now" => now, ":limit" => limit })?;
    rows.iter().map(read).collect()
}

/// The next update of a lane if it may be handled by now.
pub fn next_of_lane(
    tx: &mut Tx<'_>,
    lane: i64,
    now: Timestamp,
) -> Result<Option<InboxRow>, BookError> {
    let Some(row) = tx.query_opt(&NEXT_OF_LANE, &params! { ":lane" => lane })? else {
        return Ok(None);
    };
    if row.int("due_at")? > now.millis() {
        return Ok(None);
    }
    read(&row).map(Some)
}

/// Marks an update as handled, in the transaction of its effects, while nobody else handles one of its lane.
pub fn take(tx: &mut Tx<'_>, update_id: UpdateId, lane: i64) -> Result<Taken, BookError> {
    let params = params! { ":update_id" => update_id, ":lane" => lane };
    let Some(row) = tx.query_opt(&TAKE, &params)? else { return Ok(Taken::Before) };
    Ok(match (row.int("free")?, row.int("taken")?) {
        (0, _) => Taken::Elsewhere,
        (_, 0) => Taken::Before,
        _ => Taken::Mine,
    })
}

/// Marks an update as handled that waits for no other; `false` when somebody was faster.
pub fn done(tx: &mut Tx<'_>, update_id: UpdateId) -> Result<bool, BookError> {
    Ok(tx.execute(&DONE, &params! { ":update_id" => update_id })? > 0)
}

/// Notes that the handler failed; after `attempts_max` failures the update is parked and `true` returned.
pub fn failed(
    tx: &mut Tx<'_>,
    update_id: UpdateId,
    error: &str,
    due_at: Timestamp,
    attempts_max: i64,
) -> Result<bool, BookError> {
    let row = tx.query_opt(
        &FAILED,
        &params! {
            ":update_id" => update_id, ":error" => error, ":due_at" => due_at, ":attempts_max" => attempts_max
        },
    )?;
    match row {
        Some(row) => Ok(row.text("state")? == "parked"),
        None => Ok(false),
    }
}

/// Deletes handled updates that came before `before`, at most `limit`; returns how many.
pub fn clean(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, BookError> {
    tx.execute(&CLEAN, &params! { ":before" => before, ":limit" => limit })
}

/// How many updates wait.
pub fn count_waiting(tx: &mut Tx<'_>) -> Result<i64, BookError> {
    tx.query_one(&COUNT_WAITING, &params! {})?.int("waiting")
}

fn read(row: &crate::Row) -> Result<InboxRow, BookError> {
    Ok(InboxRow {
        update_id: UpdateId(row.int("update_id")?),
        lane: row.int("lane")?,
        raw: row.text("raw")?,
        attempts: row.int("attempts")?,
        received_at: Timestamp(row.int("received_at")?),
    })
}
