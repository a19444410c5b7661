//! One update from the raw JSON to its effects, inside the transaction that marks it as done.

use rei_app::happenings::{self, Happening};
use rei_app::{Desk, Guest, HistoryFilter, LedgerError, Visitor};
use rei_conversation::{
    Action, BriefInput, Event, FileProblem, HISTORY_PAGE, HistoryFilter as Shown, OrderBrief,
    Session, World, decide,
};
use rei_domain::catalog::Catalog;
use rei_domain::ids::{ChatId, CustomerId, MessageId};

use crate::BotIdentity;
use crate::effects::carry_out;
use crate::translate::{Person, Said, translate};

/// Effects may ask the application, whose answers lead to further effects; more rounds than this are a bug.
const ROUNDS_MAX: usize = 4;

/// Why an update could not be handled.
pub type HandleError = LedgerError;

/// Handles one raw update, or something that happened inside the house and was left in the same box.
///
/// # Errors
/// [`HandleError`]: the transaction is given up and the update tried again.
pub fn handle(desk: &mut Desk<'_, '_>, raw: &str, bot: &BotIdentity) -> Result<(), HandleError> {
    if let Some((customer, happening)) = happenings::read(raw) {
        return match desk.guest(customer)? {
            Some(guest) => match happened(desk, customer, happening)? {
                Some(event) => answer(desk, &guest, ChatId(customer.0), event, bot),
                None => Ok(()),
            },
            None => Ok(()),
        };
    }
    match translate(rei_telegram::decode(raw), bot) {
        Said::Privately { person, event } => {
            let guest = meet(desk, &person)?;
            answer(desk, &guest, ChatId(person.id.0), *event, bot)
        }
        Said::InGroup { chat, person } => {
            let guest = meet(desk, &person)?;
            answer(desk, &guest, chat, Event::InGroup, bot)
        }
        Said::Checkout(query) => Ok(desk.precheckout(&query).map(|_| ())?),
        Said::StarsPaid { person, payment } => {
            meet(desk, &person)?;
            desk.stars_paid(person.id, &payment).map(|_| ())
        }
        Said::StarsRefunded(payment) => desk.stars_refunded(&payment),
        Said::Blocked(customer) => Ok(desk.blocked(customer)?),
        Said::Nothing => Ok(()),
    }
}

fn meet(desk: &mut Desk<'_, '_>, person: &Person) -> Result<Guest, HandleError> {
    desk.meet(Visitor {
        id: person.id,
        name: &person.name,
        username: person.username.as_deref(),
        language: person.language.as_deref(),
    })
}

fn answer(
    desk: &mut Desk<'_, '_>,
    guest: &Guest,
    chat: ChatId,
    event: Event,
    bot: &BotIdentity,
) -> Result<(), HandleError> {
    let catalog = desk.house().catalog.current();
    let mut session = Session::from_json(&guest.session);
    let bot_link = format!("https://t.me/{}?start=pay", bot.username);
    let mut events = vec![event];
    for _ in 0..ROUNDS_MAX {
        let mut answers = Vec::new();
        for event in events {
            let effects = {
                let chance = desk.house().chance.clone();
                let world = world(desk, guest, chat, &catalog, &event, bot, chance.as_ref())?;
                let decision = decide(&world, session, event);
                session = decision.session;
                decision.effects
            };
            for effect in effects {
                answers.extend(carry_out(desk, guest, chat, &catalog, &bot_link, effect)?);
            }
        }
        if answers.is_empty() {
            break;
        }
        events = answers.into_iter().map(Event::Answered).collect();
    }
    desk.save_session(guest.id, &session.to_json())?;
    Ok(())
}

/// Reads the facts that this event may need.
fn world<'a>(
    desk: &mut Desk<'_, '_>,
    guest: &Guest,
    chat: ChatId,
    catalog: &'a Catalog,
    event: &Event,
    bot: &'a BotIdentity,
    chance: &'a dyn rei_domain::chance::Chance,
) -> Result<World<'a>, HandleError> {
    let action = match event {
        Event::Pressed(press) => Action::parse(&press.data),
        _ => None,
    };
    let page = match &action {
        Some(Action::History(shown, page)) => Some((filter(*shown), *page)),
        Some(Action::Support) => Some((HistoryFilter::All, 0)),
        Some(_) => None,
        None => matches!(event, Event::Typed(_)).then_some((HistoryFilter::All, 0)),
    };
    let history = match page {
        Some((filter, page)) => desk.history(guest.id, filter, page, HISTORY_PAGE)?,
        None => Vec::new(),
    };
    let named_payment = match action.as_ref().and_then(Action::payment) {
        Some(payment) => desk.own_payment(guest.id, payment)?,
        None => None,
    };
    let till = crate::money::till(desk.till(guest.id)?, guest.wallet.frozen, named_payment);
    let named_order = match action.and_then(|action| action.order()) {
        Some(order) => desk.own_order(guest.id, order)?.map(brief),
        None => None,
    };
    let replied = match replied_message(event) {
        Some(message) => desk.replied_result(chat, message)?,
        None => None,
    };
    let active = desk.active_orders(guest.id)?;
    let down = desk.providers_down();
    let house = desk.house();
    Ok(World {
        now: desk.now(),
        chance,
        bot_username: &bot.username,
        catalog,
        customer: rei_conversation::Customer {
            id: guest.id,
            lang: guest.lang,
            admin: guest.role.is_some(),
            cash: guest.wallet.cash,
            bonus: guest.wallet.bonus,
            held: guest.wallet.held,
        },
        active: active.into_iter().map(brief).collect(),
        history: history.into_iter().map(brief).collect(),
        down,
        active_orders_max: house.policy.active_orders_max,
        named_order,
        replied,
        till,
    })
}

/// The message that this one answers.
fn replied_message(event: &Event) -> Option<MessageId> {
    let origin = match event {
        Event::Typed(typed) => &typed.origin,
        Event::Sent { origin, .. } => origin,
        _ => return None,
    };
    origin.reply.as_ref()?.message
}

const fn filter(shown: Shown) -> HistoryFilter {
    match shown {
        Shown::All => HistoryFilter::All,
        Shown::Images => HistoryFilter::Images,
        Shown::Videos => HistoryFilter::Videos,
        Shown::Favourites => HistoryFilter::Favourites,
    }
}

/// What happened, with what the book knows of it now; `None` for something that is gone.
fn happened(
    desk: &mut Desk<'_, '_>,
    customer: CustomerId,
    happening: Happening,
) -> Result<Option<Event>, HandleError> {
    let mut brief = |id| -> Result<_, HandleError> {
        Ok(desk.own_payment(customer, id)?.map(crate::money::payment))
    };
    Ok(match happening {
        Happening::FileTaken { upload, measured } => Some(Event::FileTaken { upload, measured }),
        Happening::FileRefused { upload, problem } => {
            Some(Event::FileRefused { upload, problem: file_problem(problem) })
        }
        Happening::Woken { what } => Some(Event::Woken { what }),
        Happening::PaymentReady { payment } => {
            brief(payment)?.map(|payment| Event::PaymentReady { payment })
        }
        Happening::PaymentFailed { payment, will_retry } => {
            brief(payment)?.map(|payment| Event::PaymentFailed { payment, will_retry })
        }
        Happening::PaymentPending { payment } => {
            brief(payment)?.map(|payment| Event::PaymentPending { payment })
        }
        Happening::Paid { payment, bonus, held } => {
            brief(payment)?.map(|payment| Event::Paid { payment, bonus, held })
        }
        Happening::Refunded { sum, rail, foreign, debt } => {
            Some(Event::Refunded { sum, rail, foreign, debt })
        }
        Happening::RefundFailed { sum } => Some(Event::RefundFailed { sum }),
    })
}

const fn file_problem(problem: rei_app::files::FileProblem) -> FileProblem {
    use rei_app::files::FileProblem as Found;
    match problem {
        Found::TooBig { bytes_max } => FileProblem::TooBig { bytes_max },
        Found::NotMedia => FileProblem::NotMedia,
        Found::Heic => FileProblem::Heic,
        Found::Broken => FileProblem::Broken,
        Found::Gone => FileProblem::Gone,
        Found::Busy => FileProblem::Busy,
    }
}

fn brief(line: rei_app::OrderLine) -> OrderBrief {
    let inputs = line.inputs.into_iter().map(|input| BriefInput {
        slot: input.slot,
        upload: input.upload,
        measured: input.measured,
    });
    OrderBrief {
        id: line.id,
        number: line.number,
        state: line.state,
        price: line.price,
        prompt: line.prompt,
        choices: line.choices,
        placed_at: line.placed_at,
        kind: line.kind,
        favourite: line.favourite,
        has_result: line.has_result,
        inputs: inputs.collect(),
    }
}
