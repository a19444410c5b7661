//! The conversation's effects, carried out at the desk.

use rei_app::admin::Caller;
use rei_app::chats::{Buttons, Target};
use rei_app::orders::{CancelOutcome, PlaceOutcome};
use rei_app::payments::{Opening, Wish};
use rei_app::{Desk, Guest, LedgerError};
use rei_conversation::{AppAnswer, Effect, Keyboard, Leads, OrderRefusal, Place, Screen, Slot};
use rei_domain::catalog::Catalog;
use rei_domain::ids::ChatId;

use crate::money::{not_opened, payment, promo, statement_screen};

/// Carries one effect out; the application's answer, if the conversation waits for one.
pub(crate) fn carry_out(
    desk: &mut Desk<'_, '_>,
    guest: &Guest,
    chat: ChatId,
    catalog: &Catalog,
    bot_link: &str,
    effect: Effect,
) -> Result<Option<AppAnswer>, LedgerError> {
    match effect {
        Effect::AnswerPress { query, text } => desk.answer_press(chat, query, text)?,
        Effect::Show { screen, place, slot } => show(desk, chat, screen, place, slot)?,
        Effect::PlaceOrder { quote, place } => {
            let outcome = desk.place(guest.id, &quote, catalog)?;
            return Ok(Some(match outcome {
                PlaceOutcome::Placed { order, number, ahead, seconds } => {
                    let price = quote.price;
                    AppAnswer::Placed { order, number, price, ahead, seconds, place }
                }
                PlaceOutcome::PlacedBefore => AppAnswer::PlacedBefore,
                PlaceOutcome::NotEnough { free } => {
                    AppAnswer::NotEnough { free, price: quote.price, place }
                }
                PlaceOutcome::NotOnSale => AppAnswer::NotOnSale,
                PlaceOutcome::FilesGone => AppAnswer::FilesGone,
                PlaceOutcome::Frozen { debt } => {
                    AppAnswer::OrderRefused(OrderRefusal::Frozen { debt })
                }
                PlaceOutcome::Banned { reason } => {
                    AppAnswer::OrderRefused(OrderRefusal::Banned { reason })
                }
                PlaceOutcome::Maintenance { text } => {
                    AppAnswer::OrderRefused(OrderRefusal::Maintenance { text })
                }
                PlaceOutcome::Busy { minutes } => {
                    AppAnswer::OrderRefused(OrderRefusal::Busy { minutes })
                }
            }));
        }
        Effect::AskWaits { place } => {
            return Ok(Some(AppAnswer::Waits { waits: desk.waits(guest.id)?, place }));
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
        Effect::OpenPayment { sum, rail, held, place } => {
            let wish = Wish { amount: sum, rail, quote: held, return_url: bot_link };
            return Ok(Some(match desk.open_payment(guest.id, &wish)? {
                Opening::Stored(row) => {
                    AppAnswer::PaymentOpened { payment: payment((*row).into()), place, held }
                }
                Opening::Refused(refusal) => {
                    AppAnswer::PaymentRefused { why: not_opened(refusal), place }
                }
            }));
        }
        Effect::CheckPayment { payment: id } => {
            let row = desk.check_payment(guest.id, id)?;
            return Ok(row.map(|row| AppAnswer::PaymentChecking { payment: payment(row) }));
        }
        Effect::SaveEmail { email } => desk.save_email(guest.id, email.as_deref())?,
        Effect::AcceptTerms { version } => desk.accept_terms(guest.id, version)?,
        Effect::UsePromo { code } => {
            return Ok(Some(AppAnswer::Promo(promo(desk.use_promo(guest.id, &code)?))));
        }
        Effect::ShowStatement { page, place } => {
            let shown = desk.statement(guest.id, guest.lang, page)?;
            let screen = statement_screen(shown, page, guest.lang);
            show(desk, chat, screen, place, None)?;
        }
        Effect::SendStatementFile => desk.send_statement_file(guest.id)?,
        Effect::ShowWhy { order } => {
            if let Some(html) = desk.why(guest.id, order, guest.lang)? {
                say(desk, chat, html)?;
            }
        }
        Effect::Admin { name, args, message, reply } => {
            let Some(caller) = caller(guest) else { return Ok(None) };
            let reply = desk.admin_command(&caller, &name, &args, message, reply)?;
            desk.show(chat, reply.html, reply.buttons, Target::New, None)?;
        }
        Effect::AdminButton { act, id, arg, place, query } => {
            let Some(caller) = caller(guest) else {
                desk.answer_press(chat, query, None)?;
                return Ok(None);
            };
            let reply = desk.admin_button(&caller, &act, &id, arg.as_deref())?;
            desk.answer_press(chat, query, reply.toast)?;
            if !reply.html.is_empty() {
                desk.show(chat, reply.html, reply.buttons, target(place), None)?;
            }
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
                    row.into_iter().map(|button| (button.label, leads_to(button.leads))).collect()
                })
                .collect(),
        ),
    };
    let status_of = slot.map(|Slot::Order(order)| order);
    Ok(desk.show(chat, screen.html, buttons, target(place), status_of)?)
}

const fn target(place: Place) -> Target {
    match place {
        Place::New => Target::New,
        Place::Edit(message) => Target::Edit(message),
    }
}

fn leads_to(leads: Leads) -> String {
    match leads {
        Leads::Do(action) => action.data(),
        Leads::Open(address) => address,
    }
}

fn caller(guest: &Guest) -> Option<Caller> {
    guest.role.map(|role| Caller { id: guest.id, role, lang: guest.lang })
}
