//! The conversation's effects, carried out at the desk.

use rei_app::chats::{Buttons, Target};
use rei_app::orders::{CancelOutcome, PlaceOutcome};
use rei_app::{Desk, Guest, LedgerError};
use rei_conversation::{AppAnswer, Effect, Keyboard, Place, Screen, Slot};
use rei_domain::catalog::Catalog;
use rei_domain::ids::ChatId;

use crate::replies;

/// Carries one effect out; the application's answer, if the conversation waits for one.
pub(crate) fn carry_out(
    desk: &mut Desk<'_, '_>,
    guest: &Guest,
    chat: ChatId,
    catalog: &Catalog,
    effect: Effect,
) -> Result<Option<AppAnswer>, LedgerError> {
    match effect {
        Effect::AnswerPress { query, text } => desk.answer_press(chat, query, text)?,
        Effect::Show { screen, place, slot } => show(desk, chat, screen, place, slot)?,
        Effect::PlaceOrder { quote, place } => {
            let outcome = desk.place(guest.id, &quote, catalog)?;
            return Ok(Some(match outcome {
                PlaceOutcome::Placed { order, number, ahead } => {
                    AppAnswer::Placed { order, number, price: quote.price, ahead, place }
                }
                PlaceOutcome::PlacedBefore => AppAnswer::PlacedBefore,
                PlaceOutcome::NotEnough { free } => {
                    AppAnswer::NotEnough { free, price: quote.price, place }
                }
                PlaceOutcome::NotOnSale => AppAnswer::NotOnSale,
                PlaceOutcome::FilesGone => AppAnswer::FilesGone,
            }));
        }
        Effect::CancelOrder { order, place } => {
            let outcome = desk.cancel(guest.id, order)?;
            return Ok(Some(match outcome {
                CancelOutcome::Cancelled { number, price } => {
                    AppAnswer::Cancelled { number, price, free: desk.free(guest.id)?, order, place }
                }
                CancelOutcome::TooLate => AppAnswer::CancelTooLate,
                CancelOutcome::Finished | CancelOutcome::NotYours => AppAnswer::CancelFinished,
            }));
        }
        Effect::TakeFile { upload, file, .. } => {
            desk.take_file(guest.id, upload, &file.file_id, file.unique_id.as_deref())?;
        }
        Effect::UseResult { order, item } => {
            return Ok(Some(match desk.use_result(guest.id, order, item)? {
                Some((upload, measured)) => AppAnswer::ResultReady { upload, measured },
                None => AppAnswer::ResultGone,
            }));
        }
        Effect::WakeAt { at, what } => desk.wake_at(guest.id, at, &what)?,
        Effect::SendOriginal { order } => {
            let sent = desk.send_original(guest.id, order)?;
            return Ok((!sent).then_some(AppAnswer::OriginalGone));
        }
        Effect::SetFavourite { order, on } => {
            desk.set_favourite(guest.id, order, on)?;
        }
        Effect::SetLanguage(lang) => desk.set_language(guest.id, lang)?,
        Effect::DeliverWaiting => {
            desk.hand_over(guest.id)?;
        }
        Effect::ShowStatement => {
            let html = desk.statement(guest.id, guest.lang)?;
            say(desk, chat, html)?;
        }
        Effect::AdminAdd { args, message } => {
            let outcome = desk.admin_add(guest.id, message, &args)?;
            say(desk, chat, replies::added(outcome).html(guest.lang))?;
        }
        Effect::AdminStats => {
            let stats = desk.stats()?;
            say(desk, chat, replies::stats(&stats).html(guest.lang))?;
        }
        Effect::AdminTrial => {
            let stats = desk.stats()?;
            say(desk, chat, replies::trial(&stats, guest.lang))?;
        }
    }
    Ok(None)
}

fn say(desk: &mut Desk<'_, '_>, chat: ChatId, html: String) -> Result<(), LedgerError> {
    Ok(desk.show(chat, html, Buttons::None, Target::New, None)?)
}

fn show(
    desk: &mut Desk<'_, '_>,
    chat: ChatId,
    screen: Screen,
    place: Place,
    slot: Option<Slot>,
) -> Result<(), LedgerError> {
    let buttons = match screen.keyboard {
        Keyboard::None => Buttons::None,
        Keyboard::Main(rows) => Buttons::Main(rows),
        Keyboard::Inline(rows) => Buttons::Inline(
            rows.into_iter()
                .map(|row| {
                    row.into_iter().map(|button| (button.label, button.action.data())).collect()
                })
                .collect(),
        ),
    };
    let target = match place {
        Place::New => Target::New,
        Place::Edit(message) => Target::Edit(message),
    };
    let status_of = slot.map(|Slot::Order(order)| order);
    Ok(desk.show(chat, screen.html, buttons, target, status_of)?)
}
