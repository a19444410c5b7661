//! Which message shows which result, so that a reply to it means that result.

use rei_domain::ids::{ChatId, MessageId, OrderId};

use super::read_id;
use crate::{BookError, Tx, params, statements};

statements! {
    pub SHOW = "
insert into shown_result (chat, message_id, order_id, item)
values (:chat, :message_id, :order_id, :item)
on conflict (chat, message_id) do nothing";

    pub FIND = "
select order_id, item from shown_result where chat = :chat and message_id = :message_id";
}

/// Notes that a message shows a result.
pub fn result_shown(
    tx: &mut Tx<'_>,
    chat: ChatId,
    message: MessageId,
    order: OrderId,
    item: i64,
) -> Result<(), BookError> {
    tx.execute(
        &SHOW,
        &params! { ":chat" => chat, ":message_id" => message, ":order_id" => order, ":item" => item },
    )?;
    Ok(())
}

/// The result that a message shows: the order, and the number of the thing from 1.
pub fn shown_result(
    tx: &mut Tx<'_>,
    chat: ChatId,
    message: MessageId,
) -> Result<Option<(OrderId, i64)>, BookError> {
    let row = tx.query_opt(&FIND, &params! { ":chat" => chat, ":message_id" => message })?;
    row.map(|row| Ok((read_id(&row, "order_id")?, row.int("item")?))).transpose()
}
