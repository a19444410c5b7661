//! A part of a result reached the chat: the order moves on.

use rei_domain::clock::Timestamp;
use rei_domain::ids::OrderId;
use rei_domain::order::OrderEvent;
use rei_storage::{BookError, Tx, orders};

/// The picture as Telegram shows it.
pub const PART_PREVIEW: &str = "preview";
/// The file as the provider made it.
pub const PART_ORIGINAL: &str = "original";

/// Notes that a part arrived, in the transaction that closes its outbox row. An order that was given for
/// nothing is final already and stays so.
pub fn part_sent(
    tx: &mut Tx<'_>,
    order: OrderId,
    part: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    let Some(row) = orders::find(tx, order)? else { return Ok(()) };
    let event =
        if part == PART_ORIGINAL { OrderEvent::Delivered } else { OrderEvent::PartDelivered };
    if let Ok(next) = row.state.next(event) {
        orders::move_state(tx, order, row.state, next, None, now)?;
    }
    Ok(())
}
