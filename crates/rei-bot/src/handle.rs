//! One update from the raw JSON to its effects, inside the transaction that marks it as done.

use rei_app::{Desk, Guest, LedgerError};
use rei_conversation::{Action, Event, OrderBrief, Session, World, decide};
use rei_domain::catalog::Catalog;
use rei_domain::ids::ChatId;

use crate::BotIdentity;
use crate::effects::carry_out;
use crate::translate::{Person, Said, translate};

/// Orders on a page of the history, as the conversation shows them.
const HISTORY_PAGE: usize = 5;
/// Effects may ask the application, whose answers lead to further effects; more rounds than this are a bug.
const ROUNDS_MAX: usize = 4;

/// Why an update could not be handled.
pub type HandleError = LedgerError;

/// Handles one raw update.
///
/// # Errors
/// [`HandleError`]: the transaction is given up and the update tried again.
pub fn handle(desk: &mut Desk<'_, '_>, raw: &str, bot: &BotIdentity) -> Result<(), HandleError> {
    match translate(rei_telegram::decode(raw), bot) {
        Said::Privately { person, event } => answer(desk, &person, ChatId(person.id.0), event, bot),
        Said::InGroup { chat, person } => answer(desk, &person, chat, Event::InGroup, bot),
        Said::Blocked(customer) => Ok(desk.blocked(customer)?),
        Said::Nothing => Ok(()),
    }
}

fn answer(
    desk: &mut Desk<'_, '_>,
    person: &Person,
    chat: ChatId,
    event: Event,
    bot: &BotIdentity,
) -> Result<(), HandleError> {
    let guest = desk.meet(person.id, &person.name, person.language.as_deref())?;
    let catalog = desk.house().catalog.current();
    let mut session = Session::from_json(&guest.session);
    let mut events = vec![event];
    for _ in 0..ROUNDS_MAX {
        let mut answers = Vec::new();
        for event in events {
            let effects = {
                let chance = desk.house().chance.clone();
                let world = world(desk, &guest, &catalog, &event, bot, chance.as_ref())?;
                let decision = decide(&world, session, event);
                session = decision.session;
                decision.effects
            };
            for effect in effects {
                answers.extend(carry_out(desk, &guest, chat, &catalog, effect)?);
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
        Some(Action::History(page)) => Some(*page),
        Some(Action::Support) => Some(0),
        Some(_) => None,
        None => matches!(event, Event::Typed(_)).then_some(0),
    };
    let active = match event {
        Event::Typed(_) | Event::Pressed(_) => desk.active_orders(guest.id)?,
        _ => Vec::new(),
    };
    let history = match page {
        Some(page) => desk.history(guest.id, page, HISTORY_PAGE)?,
        None => Vec::new(),
    };
    let named_order = match action.and_then(|action| action.order()) {
        Some(order) => desk.own_order(guest.id, order)?.map(brief),
        None => None,
    };
    let house = desk.house();
    Ok(World {
        now: desk.now(),
        chance,
        bot_username: &bot.username,
        catalog,
        customer: rei_conversation::Customer {
            id: guest.id,
            lang: guest.lang,
            admin: guest.admin,
            cash: guest.wallet.cash,
            bonus: guest.wallet.bonus,
            held: guest.wallet.held,
        },
        active: active.into_iter().map(brief).collect(),
        history: history.into_iter().map(brief).collect(),
        provider_down: house.pictures_unavailable(),
        active_orders_max: house.policy.active_orders_max,
        named_order,
    })
}

fn brief(line: rei_app::OrderLine) -> OrderBrief {
    OrderBrief {
        id: line.id,
        number: line.number,
        state: line.state,
        price: line.price,
        prompt: line.prompt,
        choices: line.choices,
        placed_at: line.placed_at,
    }
}
