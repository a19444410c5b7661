//! Results on their way to the chat, part by part; a part that arrived moves the order on.

use rei_domain::catalog::{Choices, Kind, Model};
use rei_domain::clock::Timestamp;
use rei_domain::ids::{ChatId, CustomerId, MessageId, OrderId};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderEvent;
use rei_storage::ledger::LedgerError;
use rei_storage::orders::{self, ItemRow, ItemState, OrderRow};
use rei_storage::outbox::OutboxClass;
use rei_storage::{BookError, Tx};
use rei_texts::{Lang, Text};

use crate::House;
use crate::chats::{Buttons, Outgoing, Target, put};
use crate::wallet::reader_of;

/// A picture as Telegram shows it: `preview:<number of the thing>`.
pub const PART_PREVIEW: &str = "preview";
/// A file as the provider made it: `original:<number of the thing>`.
pub const PART_ORIGINAL: &str = "original";

/// Puts results on their way: first what can be looked at, then the original files.
pub(super) fn deliver(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    items: &[ItemRow],
    caption: &str,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let lang = reader_of(tx, row.customer)?;
    let made = i64::try_from(items.len()).unwrap_or(i64::MAX);
    for (index, item) in items.iter().enumerate() {
        let words = match index {
            0 => caption.to_owned(),
            _ => Text::ResultOneOf { no: item.no, made, number: row.number }.html(lang),
        };
        let buttons = buttons(house, row, item, lang);
        match item.length_ms {
            Some(length_ms) => {
                let video = video(row, item, length_ms, words, buttons);
                send(tx, row, &video, PART_ORIGINAL, item.no, now)?;
            }
            None => {
                let blob =
                    item.preview.clone().or_else(|| item.artifact.clone()).unwrap_or_default();
                let photo = Outgoing::Photo { blob, caption: words, buttons };
                send(tx, row, &photo, PART_PREVIEW, item.no, now)?;
            }
        }
    }
    for item in items.iter().filter(|item| item.length_ms.is_none()) {
        send(tx, row, &document(row, item, lang), PART_ORIGINAL, item.no, now)?;
    }
    Ok(())
}

/// The originals of an order once more, because the customer asks; `false` when there are none.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub fn send_original(
    tx: &mut Tx<'_>,
    customer: CustomerId,
    order: OrderId,
    now: Timestamp,
) -> Result<bool, BookError> {
    let Some(row) = orders::find(tx, order)?.filter(|row| row.customer == customer) else {
        return Ok(false);
    };
    let lang = reader_of(tx, customer)?;
    let items = orders::items_of(tx, order)?;
    let stored: Vec<ItemRow> =
        items.into_iter().filter(|item| item.state == ItemState::Stored).collect();
    for item in &stored {
        // Asked for again, it is an answer; the delivery itself has its own rows.
        put(tx, customer, OutboxClass::Answer, &document(&row, item, lang), None, None, now)?;
    }
    Ok(!stored.is_empty())
}

/// A line that follows a result.
pub(super) fn note(
    tx: &mut Tx<'_>,
    row: &OrderRow,
    html: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    let outgoing =
        Outgoing::Text { html: html.to_owned(), buttons: Buttons::None, target: Target::New };
    put(tx, row.customer, OutboxClass::Result, &outgoing, None, None, now)
}

fn send(
    tx: &mut Tx<'_>,
    row: &OrderRow,
    outgoing: &Outgoing,
    part: &str,
    item: i64,
    now: Timestamp,
) -> Result<(), BookError> {
    let delivery = Some((row.id, format!("{part}:{item}")));
    put(tx, row.customer, OutboxClass::Result, outgoing, None, delivery, now)
}

fn video(
    row: &OrderRow,
    item: &ItemRow,
    length_ms: i64,
    caption: String,
    buttons: Buttons,
) -> Outgoing {
    let side = |px: Option<i64>| px.and_then(|px| u32::try_from(px).ok());
    Outgoing::Video {
        blob: item.artifact.clone().unwrap_or_default(),
        cover: item.preview.clone(),
        duration_s: u32::try_from((length_ms + 500) / 1000).unwrap_or(0),
        width: side(item.width),
        height: side(item.height),
        number: row.number,
        caption,
        buttons,
    }
}

fn document(row: &OrderRow, item: &ItemRow, lang: Lang) -> Outgoing {
    let blob = item.artifact.clone().unwrap_or_default();
    let extension = blob.rsplit('.').next().unwrap_or("png");
    let file_name = match row.items {
        1 => format!("rei-{}.{extension}", row.number),
        _ => format!("rei-{}-{}.{extension}", row.number, item.no),
    };
    Outgoing::Document {
        file_name,
        caption: Text::ResultOriginal { number: row.number }.html(lang),
        number: row.number,
        blob,
    }
}

/// What can be done with a result.
fn buttons(house: &House, row: &OrderRow, item: &ItemRow, lang: Lang) -> Buttons {
    let catalog = house.catalog.current();
    let order = row.id.to_short();
    let button = |text: Text, data: String| (text.plain(lang), data);
    let of_item = |act: &str| format!("v1:{act}:{order}:{}", item.no);
    let of_order = |act: &str| format!("v1:{act}:{order}");
    let price = |model: &Model, choices: &Choices| {
        let length_ms = row.length_ms.and_then(|ms| u64::try_from(ms).ok());
        catalog.price(model, choices, length_ms).map(|priced| priced.sale)
    };
    let default_price = |kind: Kind| -> Option<Kopecks> {
        let model = catalog.default_model(kind)?;
        price(model, &model.default_choices())
    };
    let mut first = Vec::new();
    let sold = catalog.model(&row.sku).filter(|model| model.enabled);
    let choices: Option<Choices> = serde_json::from_str(&row.choices).ok();
    if let (Some(model), Some(choices)) = (sold, &choices)
        && let Some(price) = price(model, &model.fit(choices))
    {
        first.push(button(Text::ResultButtonAgain { price }, of_order("again")));
    }
    let mut second = Vec::new();
    if item.length_ms.is_none() {
        if default_price(Kind::Edit).is_some() {
            first.push(button(Text::ResultButtonRedo {}, of_item("redo")));
        }
        if let Some(price) = choices.as_ref().and_then(|choices| upscale_price(house, row, choices))
        {
            second.push(button(Text::ResultButtonUpscale { price }, of_item("upscale")));
        }
        if let Some(price) = default_price(Kind::ImageVideo) {
            second.push(button(Text::ResultButtonAnimate { price }, of_item("animate")));
        }
    }
    let third = vec![
        button(Text::ResultButtonOriginal {}, of_order("original")),
        button(Text::ResultButtonStar {}, of_order("star")),
        button(Text::ResultButtonRewrite {}, of_order("rewrite")),
    ];
    Buttons::Inline([first, second, third].into_iter().filter(|row| !row.is_empty()).collect())
}

/// What the same picture in the next larger size costs; `None` when there is none.
fn upscale_price(house: &House, row: &OrderRow, choices: &Choices) -> Option<Kopecks> {
    let catalog = house.catalog.current();
    let model = catalog.of_kind(Kind::Edit).find(|model| model.model == row.model)?;
    let sizes = model.sizes();
    let now = sizes.iter().position(|size| *size == choices.size)?;
    let larger = (*sizes.get(now + 1)?).to_owned();
    let wanted = Choices { size: larger, ..model.default_choices() };
    catalog.price(model, &model.fit(&wanted), None).map(|priced| priced.sale)
}

/// Notes that a part arrived, in the transaction that closes its outbox row: a reply to the message means the result.
/// The last original is the end of the delivery. An order that was given for nothing is final already and stays so.
pub fn part_sent(
    tx: &mut Tx<'_>,
    chat: ChatId,
    message: Option<MessageId>,
    order: OrderId,
    part: &str,
    now: Timestamp,
) -> Result<(), BookError> {
    let Some(row) = orders::find(tx, order)? else { return Ok(()) };
    let (kind, item) = part.split_once(':').unwrap_or((part, "1"));
    let item: i64 = item.parse().unwrap_or(1);
    if let Some(message) = message {
        orders::result_shown(tx, chat, message, order, item)?;
    }
    let items = orders::items_of(tx, order)?;
    let last =
        items.iter().filter(|item| item.state == ItemState::Stored).map(|item| item.no).max();
    let all = kind == PART_ORIGINAL && last.is_none_or(|last| last == item);
    let event = if all { OrderEvent::Delivered } else { OrderEvent::PartDelivered };
    if let Ok(next) = row.state.next(event) {
        orders::move_state(tx, order, row.state, next, None, now)?;
    }
    Ok(())
}
