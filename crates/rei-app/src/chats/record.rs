//! What becomes of a row after its call, in one transaction with what that means for the order.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_storage::outbox::{self, OutboxClass, OutboxRow};
use rei_storage::{Bell, BookError, Tx, customers};

use super::send::Sent;
use crate::House;
use crate::orders::part_sent;

/// Tries before a row is set aside.
const TRIES_MAX: i64 = 8;
const PAUSE_MIN: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// While Telegram refuses the token there is no hurry.
const MISCONFIGURED_PAUSE: Duration = Duration::from_secs(30);
/// A status that would come later than this says nothing any more.
const STATUS_WORTH: Duration = Duration::from_secs(60);

/// Records how the call ended. After a message that arrived, the next one of its chat is taken along until `next_until`
/// (none: not at all), which saves a look at the whole outbox and a transaction for each.
pub(super) async fn record(
    house: &House,
    row: &OutboxRow,
    sent: Sent,
    now: Timestamp,
    next_until: Option<Timestamp>,
) -> Result<Option<OutboxRow>, BookError> {
    let pause = back_off(house, row.attempts);
    let row = row.clone();
    house
        .book
        .write(move |tx| {
            record_in(tx, &row, &sent, pause, now)?;
            if !matches!(sent, Sent::Done { .. }) || row.class == OutboxClass::Press {
                return Ok(None);
            }
            match next_until {
                Some(until) => outbox::claim_next_of_chat(tx, row.chat, now, until),
                None => {
                    tx.ring(Bell::Outbox);
                    Ok(None)
                }
            }
        })
        .await
}

fn record_in(
    tx: &mut Tx<'_>,
    row: &OutboxRow,
    sent: &Sent,
    pause: Duration,
    now: Timestamp,
) -> Result<(), BookError> {
    match sent {
        Sent::Done { message } => {
            // Whoever has taken the row over says what becomes of it.
            if !outbox::sent(tx, row, *message)? {
                return Ok(());
            }
            if let (Some(order), Some(part)) = (row.order, &row.part) {
                part_sent(tx, row.chat, *message, order, part, now)?;
            }
            Ok(())
        }
        Sent::NotYet { at, why } => outbox::again(tx, row, *at, why, false),
        Sent::Flood { after } if row.class == OutboxClass::Notice && *after > STATUS_WORTH => {
            outbox::dropped(tx, row, "flood")
        }
        Sent::Flood { after } => outbox::again(tx, row, now.plus(*after), "flood", false),
        Sent::ChatGone => {
            let customer = CustomerId(row.chat.0);
            customers::set_blocked(tx, customer, true)?;
            outbox::hold_back(tx, row.chat)
        }
        Sent::Misconfigured(why) => {
            outbox::again(tx, row, now.plus(MISCONFIGURED_PAUSE), why, false)
        }
        Sent::Lost { why, may_have_happened } => {
            // A doubled answer costs a glance, a lost one costs the customer's next step.
            let at_most_once = matches!(row.class, OutboxClass::Press | OutboxClass::Notice);
            if *may_have_happened && at_most_once {
                return outbox::dropped(tx, row, why);
            }
            if row.attempts >= TRIES_MAX {
                tracing::error!(
                    outbox.ord = row.ord,
                    why,
                    "a message could not be sent and is set aside"
                );
                return outbox::parked(tx, row, why);
            }
            outbox::again(tx, row, now.plus(pause), why, true)
        }
        Sent::Refused(why) => {
            tracing::error!(outbox.ord = row.ord, why, "Telegram refused a message as malformed");
            outbox::parked(tx, row, why)
        }
    }
}

/// Exponential with full jitter, never under a second.
fn back_off(house: &House, attempts: i64) -> Duration {
    let exponent = u32::try_from(attempts.clamp(0, 6)).unwrap_or(0);
    let limit = PAUSE_MIN.saturating_mul(1 << exponent).min(PAUSE_MAX);
    PAUSE_MIN.max(house.chance.up_to(limit))
}
