//! The money goes back: the state, the ledger and the customer's message in one transaction.

use rei_domain::clock::Timestamp;
use rei_domain::ledger::Actor;
use rei_domain::money::Kopecks;
use rei_domain::order::{MoneyMove, OrderEvent, support_number};
use rei_providers::Reason;
use rei_storage::Tx;
use rei_storage::ledger::{self, LedgerError};
use rei_storage::orders::{self, OrderRow};
use rei_storage::outbox::OutboxClass;
use rei_texts::{Lang, Text};

use super::queues::place_is_free;
use crate::House;
use crate::chats::{Buttons, Outgoing, Target, order_slot, put};
use crate::wallet::{reader_of, wallet_of};

/// Why an order ends without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GiveBack {
    /// What happened to the order.
    pub event: OrderEvent,
    /// What the customer is told.
    pub why: Why,
}

/// What the customer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The provider's reason concerns the prompt.
    Provider(Reason),
    /// The provider is overloaded or broken.
    Overloaded,
    /// Our settings or our code are wrong.
    OurFault,
    /// The deadline passed.
    Late,
}

/// Releases the order's hold and tells the customer; `false` when the order was over before.
///
/// # Errors
/// [`LedgerError`] when the book refuses; the caller's transaction must then be given up.
pub fn give_back(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    give: &GiveBack,
    reason: &str,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let Ok(next) = row.state.next(give.event) else { return Ok(false) };
    debug_assert_eq!(next.money_on_entry(), MoneyMove::Release, "{next} does not give back");
    if !orders::move_state(tx, row.id, row.state, next, Some(reason), now)? {
        return Ok(false);
    }
    if give.why == Why::Late {
        ledger::expire_order(tx, row.id, Actor::System, now)?;
    } else {
        ledger::void_order(tx, row.id, Actor::System, now)?;
    }
    place_is_free(tx, row);
    tell(tx, house, row, give.why, now)?;
    metrics::counter!("orders_ended_total", "state" => next.as_str()).increment(1);
    tracing::info!(order.id = %row.id, order.number = row.number, reason, "an order was given back as {next}");
    Ok(true)
}

fn tell(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    why: Why,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let lang = reader_of(tx, row.customer)?;
    let balance = wallet_of(tx, row.customer)?.free();
    let support = support_number(row.number, row.id);
    let html = words(why, row.price, balance, support).html(lang);
    let buttons = buttons(house, row, why, lang);
    let outgoing = Outgoing::Text { html, buttons, target: Target::Slot };
    put(tx, row.customer, OutboxClass::Result, &outgoing, Some(order_slot(row.id)), None, now)?;
    Ok(())
}

fn words(why: Why, price: Kopecks, balance: Kopecks, support: String) -> Text {
    match why {
        Why::Provider(Reason::Moderation) => Text::Refused { price, balance, support },
        Why::Provider(Reason::Recitation) => Text::RefusedSimilar { price, balance, support },
        Why::Provider(Reason::Language) => Text::RefusedLanguage { price, balance, support },
        Why::Provider(Reason::NoImage) => Text::RefusedWords { price, balance, support },
        Why::Provider(Reason::BadInput) => Text::RefusedInput { price, balance, support },
        Why::Provider(_) | Why::Overloaded => Text::Failed { price, balance, support },
        Why::OurFault => Text::FailedOurs { price, balance, support },
        Why::Late => Text::Expired { price, balance, support },
    }
}

/// What can be done next: the same again, other words, or support.
fn buttons(house: &House, row: &OrderRow, why: Why, lang: Lang) -> Buttons {
    let again = format!("v1:again:{}", row.id.to_short());
    let button = |text: Text, data: &str| (text.plain(lang), data.to_owned());
    let support = button(Text::ButtonSupport {}, "v1:support:-");
    let sold = house.catalog.current().model(&row.sku).is_some_and(|model| model.enabled);
    let rewrite = format!("v1:rewrite:{}", row.id.to_short());
    let first = match why {
        Why::Provider(reason) if reason.is_refusal() && sold => {
            button(Text::ButtonRewrite {}, &rewrite)
        }
        _ if sold => button(Text::ButtonRetry {}, &again),
        _ => button(Text::ButtonImage {}, "v1:draft:-"),
    };
    Buttons::Inline(vec![vec![first], vec![support]])
}
