//! The outbox: every call that has to reach a chat, written in the transaction that makes it necessary.
//!
//! Within a chat rows are sent in their order; a press is answered past the queue. What a row says is
//! JSON that only the sender reads.

use rei_domain::clock::Timestamp;
use rei_domain::ids::{ChatId, MessageId, OrderId};

use crate::{Bell, BookError, Row, Tx, Value, params, statements};

/// How a row may be treated when its outcome stays unknown, and who goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxClass {
    /// The answer to a press: past the queue, at most once, worthless after seconds.
    Press,
    /// The answer to something the customer did: at least once.
    Answer,
    /// A result or money: at least once.
    Result,
    /// News that nobody waits for: at most once, after everything else.
    Notice,
}

/// A call to be made.
#[derive(Clone, Debug)]
pub struct NewOutbox {
    /// Where it goes.
    pub chat: ChatId,
    /// How it is treated.
    pub class: OutboxClass,
    /// What it says, for the sender.
    pub payload: String,
    /// The name under which later screens find the message.
    pub slot: Option<String>,
    /// The order whose delivery it is, with the part it delivers.
    pub delivery: Option<(OrderId, String)>,
}

/// A row that the sender holds.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    /// Its place in the order of all rows.
    pub ord: i64,
    /// Where it goes.
    pub chat: ChatId,
    /// How it is treated.
    pub class: OutboxClass,
    /// What it says.
    pub payload: String,
    /// The name under which later screens find the message.
    pub slot: Option<String>,
    /// The order whose delivery it is.
    pub order: Option<OrderId>,
    /// The part of the delivery.
    pub part: Option<String>,
    /// Tries so far, this one included. Whoever takes the row over has more, and so the word of whoever lost it
    /// counts no more.
    pub attempts: i64,
    /// When it was written.
    pub created_at: Timestamp,
    /// Until then nobody else takes it.
    pub lease_until: Timestamp,
    /// The message now shown in the slot.
    pub slot_message: Option<MessageId>,
}

impl OutboxClass {
    /// The word under which the book stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Press => "press",
            Self::Answer => "answer",
            Self::Result => "result",
            Self::Notice => "notice",
        }
    }

    fn from_word(word: &str) -> Self {
        match word {
            "press" => Self::Press,
            "answer" => Self::Answer,
            "result" => Self::Result,
            _ => Self::Notice,
        }
    }
}

// SQLite takes a partial index only for a condition that repeats the index's own: hence `state in (…)` beside
// `state = …`.
statements! {
    pub PUT = "
insert into outbox (chat, class, payload, slot, order_id, part, state, due_at, created_at)
values (:chat, :class, :payload, :slot, :order_id, :part, :state, :now, :now)";

    // An unsent screen of the same slot has been overtaken: only the newest is worth sending.
    pub OVERTAKE = "
update outbox
   set state = 'dropped', error = 'overtaken'
 where chat = :chat and slot = :slot and state = 'ready' and class <> 'result'
   and state in ('ready', 'sending')";

    pub ANYTHING_DUE = "select 1 as due from outbox
 where state = 'ready' and due_at <= :now and state in ('ready', 'sending')
 limit 1";

    pub CLAIM = {
        sqlite: "
update outbox
   set state = 'sending', attempts = attempts + 1, lease_until = :lease_until
 where ord in (
       select o.ord
         from outbox o
        where o.state = 'ready'
          and o.state in ('ready', 'sending')
          and o.due_at <= :now
          and (o.class = 'press' or not exists (
               select 1 from outbox e
                where e.chat = o.chat and e.ord < o.ord and e.class <> 'press'
                  and e.state in ('ready', 'sending')))
        order by case o.class when 'press' then 0 when 'answer' then 1 when 'result' then 2 else 3 end, o.ord
        limit :limit)
returning ord, chat, class, payload, slot, order_id, part, attempts, created_at, lease_until,
          (select s.message_id from slot_message s where s.chat = outbox.chat and s.slot = outbox.slot) as slot_message",
        postgres: "
with next as (
       select o.ord
         from outbox o
        where o.state = 'ready'
          and o.state in ('ready', 'sending')
          and o.due_at <= :now
          and (o.class = 'press' or not exists (
               select 1 from outbox e
                where e.chat = o.chat and e.ord < o.ord and e.class <> 'press'
                  and e.state in ('ready', 'sending')))
        order by case o.class when 'press' then 0 when 'answer' then 1 when 'result' then 2 else 3 end, o.ord
        limit :limit
          for update of o skip locked)
update outbox
   set state = 'sending', attempts = attempts + 1, lease_until = :lease_until
  from next
 where outbox.ord = next.ord
returning outbox.ord, chat, class, payload, slot, order_id, part, attempts, created_at, lease_until,
          (select s.message_id from slot_message s where s.chat = outbox.chat and s.slot = outbox.slot) as slot_message"
    };

    // The chat's first row, if it may go by now: what stands before it is neither waiting nor under way.
    pub CLAIM_NEXT_OF_CHAT = "
update outbox
   set state = 'sending', attempts = attempts + 1, lease_until = :lease_until
 where ord = (
       select o.ord
         from outbox o
        where o.chat = :chat and o.class <> 'press' and o.state in ('ready', 'sending')
        order by o.ord
        limit 1)
   and state = 'ready' and due_at <= :now
returning ord, chat, class, payload, slot, order_id, part, attempts, created_at, lease_until,
          (select s.message_id from slot_message s where s.chat = outbox.chat and s.slot = outbox.slot) as slot_message";

    pub RENEW = "
update outbox
   set lease_until = :lease_until
 where ord = :ord and attempts = :attempts and state = 'sending'";

    pub SENT = "
update outbox
   set state = 'sent', message_id = :message_id, error = null
 where ord = :ord and attempts = :attempts and state = 'sending'";

    pub AGAIN = "
update outbox
   set state = 'ready', due_at = :due_at, error = :error,
       attempts = attempts - :give_back
 where ord = :ord and attempts = :attempts and state = 'sending'";

    pub END = "
update outbox
   set state = :state, error = :error
 where ord = :ord and attempts = :attempts and state = 'sending'";

    // The sender died while sending. Results and answers are sent again, anything else may have arrived.
    pub RECOVER = "
update outbox
   set state = case when class in ('result', 'answer') then 'ready' else 'dropped' end,
       error = 'the sender stopped while sending'
 where state = 'sending' and lease_until < :now and state in ('ready', 'sending')
returning ord";

    pub SET_SLOT = "
insert into slot_message (chat, slot, message_id)
values (:chat, :slot, :message_id)
on conflict (chat, slot) do update set message_id = excluded.message_id";

    pub FORGET_SLOT = "delete from slot_message where chat = :chat and slot = :slot";

    pub HOLD_BACK = "
update outbox
   set state = case class when 'result' then 'waiting' else 'dropped' end, error = 'the chat is gone'
 where chat = :chat and state in ('ready', 'sending')";

    pub HAND_OVER = "
update outbox
   set state = 'ready', due_at = :now, attempts = 0, created_at = :now, error = null
 where chat = :chat and state = 'waiting'";

    pub CLEAN = "
delete from outbox
 where ord in (
       select ord from outbox
        where state in ('sent', 'dropped') and created_at < :before
        order by created_at
        limit :limit)";

    pub EXPIRE_WAITING = "
update outbox
   set state = 'dropped', error = 'waited too long'
 where state = 'waiting' and created_at < :before";

    pub COUNT_LIVE = "select count(*) as live from outbox where state in ('ready', 'sending')";

    pub RECENT = "
select ord, chat, class, payload, slot, order_id, part, attempts, created_at, state, error
  from outbox
 order by ord desc
 limit :limit";
}

/// Puts a call on its way. Screens of the same slot that nobody has seen yet are dropped in its favour.
/// A chat that blocked the bot gets only results, and those wait.
pub fn put(
    tx: &mut Tx<'_>,
    new: &NewOutbox,
    blocked: bool,
    now: Timestamp,
) -> Result<(), BookError> {
    if let Some(slot) = &new.slot {
        tx.execute(&OVERTAKE, &params! { ":chat" => new.chat, ":slot" => slot.as_str() })?;
    }
    let state = match (blocked, new.class) {
        (false, _) => "ready",
        (true, OutboxClass::Result) => "waiting",
        (true, _) => "dropped",
    };
    let order_id = new.delivery.as_ref().map(|(order, _)| *order);
    tx.execute(
        &PUT,
        &params! {
            ":chat" => new.chat,
            ":class" => new.class.as_str(),
            ":payload" => new.payload.as_str(),
            ":slot" => new.slot.as_deref(),
            ":order_id" => order_id.map_or(Value::Null, Value::from),
            ":part" => new.delivery.as_ref().map(|(_, part)| part.as_str()),
            ":state" => state,
            ":now" => now,
        },
    )?;
    tx.ring(Bell::Outbox);
    Ok(())
}

/// Whether any row may be sent by now.
pub fn anything_due(tx: &mut Tx<'_>, now: Timestamp) -> Result<bool, BookError> {
    Ok(tx.query_opt(&ANYTHING_DUE, &params! { ":now" => now })?.is_some())
}

/// Takes rows to send: presses first, then the first row of each chat. When that fills the sender and more are due, the
/// outbox's bell is rung for the next one.
pub fn claim(
    tx: &mut Tx<'_>,
    now: Timestamp,
    lease_until: Timestamp,
    limit: i64,
) -> Result<Vec<OutboxRow>, BookError> {
    let rows = tx.query(
        &CLAIM,
        &params! { ":now" => now, ":lease_until" => lease_until, ":limit" => limit },
    )?;
    let mut rows: Vec<OutboxRow> = rows.iter().map(read).collect::<Result<_, _>>()?;
    if i64::try_from(rows.len()) == Ok(limit) && anything_due(tx, now)? {
        tx.ring(Bell::Outbox);
    }
    rows.sort_by_key(|row| row.ord);
    Ok(rows)
}

/// Takes the next row of a chat right after the one before it, for the sender that has just sent that one.
pub fn claim_next_of_chat(
    tx: &mut Tx<'_>,
    chat: ChatId,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<OutboxRow>, BookError> {
    let params = params! { ":chat" => chat, ":now" => now, ":lease_until" => lease_until };
    tx.query_opt(&CLAIM_NEXT_OF_CHAT, &params)?.as_ref().map(read).transpose()
}

/// Keeps a row whose call is still under way; `false` when another sender has taken it over.
pub fn renew(
    tx: &mut Tx<'_>,
    ord: i64,
    attempts: i64,
    lease_until: Timestamp,
) -> Result<bool, BookError> {
    let params = params! { ":ord" => ord, ":attempts" => attempts, ":lease_until" => lease_until };
    Ok(tx.execute(&RENEW, &params)? > 0)
}

/// Notes that a row arrived, and which message now shows its slot; `false`, and nothing is noted, when another sender
/// has taken it over. The caller goes on with the chat's next row ([`claim_next_of_chat`]) or rings for whoever does.
pub fn sent(
    tx: &mut Tx<'_>,
    row: &OutboxRow,
    message: Option<MessageId>,
) -> Result<bool, BookError> {
    let message_id = message.map_or(Value::Null, |message| Value::Int(message.0));
    let params =
        params! { ":ord" => row.ord, ":attempts" => row.attempts, ":message_id" => message_id };
    if tx.execute(&SENT, &params)? == 0 {
        return Ok(false);
    }
    if let (Some(slot), Some(message)) = (&row.slot, message) {
        set_slot(tx, row.chat, slot, message)?;
    }
    Ok(true)
}

/// Lets a row try again later; `costs_a_try` is false when the delay was not the row's fault.
pub fn again(
    tx: &mut Tx<'_>,
    row: &OutboxRow,
    due_at: Timestamp,
    error: &str,
    costs_a_try: bool,
) -> Result<(), BookError> {
    let give_back = i64::from(!costs_a_try);
    tx.execute(
        &AGAIN,
        &params! {
            ":ord" => row.ord, ":attempts" => row.attempts, ":due_at" => due_at, ":error" => error,
            ":give_back" => give_back
        },
    )?;
    Ok(())
}

/// Ends a row that is not worth sending any more.
pub fn dropped(tx: &mut Tx<'_>, row: &OutboxRow, error: &str) -> Result<(), BookError> {
    end(tx, row, "dropped", error)
}

/// Sets a row aside for a person to look at.
pub fn parked(tx: &mut Tx<'_>, row: &OutboxRow, error: &str) -> Result<(), BookError> {
    end(tx, row, "parked", error)
}

fn end(tx: &mut Tx<'_>, row: &OutboxRow, state: &str, error: &str) -> Result<(), BookError> {
    tx.execute(
        &END,
        &params! { ":ord" => row.ord, ":attempts" => row.attempts, ":state" => state, ":error" => error },
    )?;
    tx.ring(Bell::Outbox);
    Ok(())
}

/// Frees rows of a sender that died; returns how many.
pub fn recover(tx: &mut Tx<'_>, now: Timestamp) -> Result<usize, BookError> {
    let freed = tx.query(&RECOVER, &params! { ":now" => now })?.len();
    if freed > 0 {
        tx.ring(Bell::Outbox);
    }
    Ok(freed)
}

/// Names the message that shows a slot.
pub fn set_slot(
    tx: &mut Tx<'_>,
    chat: ChatId,
    slot: &str,
    message: MessageId,
) -> Result<(), BookError> {
    tx.execute(
        &SET_SLOT,
        &params! { ":chat" => chat, ":slot" => slot, ":message_id" => message.0 },
    )?;
    Ok(())
}

/// Forgets the message of a slot: it can't be edited any more.
pub fn forget_slot(tx: &mut Tx<'_>, chat: ChatId, slot: &str) -> Result<(), BookError> {
    tx.execute(&FORGET_SLOT, &params! { ":chat" => chat, ":slot" => slot })?;
    Ok(())
}

/// The chat can't be reached: results wait for its return, the rest is dropped.
pub fn hold_back(tx: &mut Tx<'_>, chat: ChatId) -> Result<(), BookError> {
    tx.execute(&HOLD_BACK, &params! { ":chat" => chat })?;
    Ok(())
}

/// The chat is back: sends what waited; returns how many rows.
pub fn hand_over(tx: &mut Tx<'_>, chat: ChatId, now: Timestamp) -> Result<u64, BookError> {
    let rows = tx.execute(&HAND_OVER, &params! { ":chat" => chat, ":now" => now })?;
    if rows > 0 {
        tx.ring(Bell::Outbox);
    }
    Ok(rows)
}

/// Drops results that waited since before `before`; returns how many.
pub fn expire_waiting(tx: &mut Tx<'_>, before: Timestamp) -> Result<u64, BookError> {
    tx.execute(&EXPIRE_WAITING, &params! { ":before" => before })
}

/// Deletes finished rows written before `before`, at most `limit`; returns how many.
pub fn clean(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<u64, BookError> {
    tx.execute(&CLEAN, &params! { ":before" => before, ":limit" => limit })
}

/// How many rows are on their way.
pub fn count_live(tx: &mut Tx<'_>) -> Result<i64, BookError> {
    tx.query_one(&COUNT_LIVE, &params! {})?.int("live")
}

/// The newest rows as (class, state, attempts, payload), for the owner's eyes.
pub fn recent(
    tx: &mut Tx<'_>,
    limit: i64,
) -> Result<Vec<(String, String, i64, String)>, BookError> {
    let rows = tx.query(&RECENT, &params! { ":limit" => limit })?;
    rows.iter()
        .map(|row| {
            Ok((row.text("class")?, row.text("state")?, row.int("attempts")?, row.text("payload")?))
        })
        .collect()
}

fn read(row: &Row) -> Result<OutboxRow, BookError> {
    Ok(OutboxRow {
        ord: row.int("ord")?,
        chat: ChatId(row.int("chat")?),
        class: OutboxClass::from_word(&row.text("class")?),
        payload: row.text("payload")?,
        slot: row.opt_text("slot")?,
        order: row.opt_blob("order_id")?.and_then(|bytes| OrderId::from_slice(&bytes)),
        part: row.opt_text("part")?,
        attempts: row.int("attempts")?,
        created_at: Timestamp(row.int("created_at")?),
        lease_until: Timestamp(row.int("lease_until")?),
        slot_message: row.opt_int("slot_message")?.map(MessageId),
    })
}
