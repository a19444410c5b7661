//! What the conversation may know about the world: read by the door before each decision.

use std::collections::BTreeSet;

use rei_domain::catalog::{Catalog, Choices, Kind, Measured, Model, Slot};
use rei_domain::chance::Chance;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OrderId, QuoteId, UploadId};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_texts::Lang;

use crate::till::Till;

/// The facts for one decision.
pub struct World<'a> {
    /// The moment of the decision.
    pub now: Timestamp,
    /// Where new quote ids come from.
    pub chance: &'a dyn Chance,
    /// The bot's name without `@`.
    pub bot_username: &'a str,
    /// What is sold.
    pub catalog: &'a Catalog,
    /// Who is talking.
    pub customer: Customer,
    /// Orders that are not over, oldest first.
    pub active: Vec<OrderBrief>,
    /// Latest orders of any state, newest first; a page, filled only when the event may ask for it.
    pub history: Vec<OrderBrief>,
    /// The providers that take no orders right now: their circuit breaker is open, or their sales are paused.
    pub down: BTreeSet<String>,
    /// How many orders one customer may have at work.
    pub active_orders_max: usize,
    /// The order that a button names, if it belongs to this customer.
    pub named_order: Option<OrderBrief>,
    /// The result that the message replied to shows: its order and its number from 1.
    pub replied: Option<(OrderId, u32)>,
    /// What is known about paying.
    pub till: Till,
}

/// Who is talking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// The Telegram user's number.
    pub id: CustomerId,
    /// The language to answer in.
    pub lang: Lang,
    /// Whether the settings name this user as an owner.
    pub admin: bool,
    /// Money that can be spent, without bonus; below zero it is a debt.
    pub cash: Kopecks,
    /// Bonus that can be spent.
    pub bonus: Kopecks,
    /// What waits on hold in orders.
    pub held: Kopecks,
}

impl Customer {
    /// All that can be spent.
    pub fn free(&self) -> Kopecks {
        self.cash.checked_add(self.bonus).unwrap_or(self.cash)
    }
}

/// An order in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderBrief {
    /// Its id, for buttons.
    pub id: OrderId,
    /// Its number, for people.
    pub number: i64,
    /// Where it stands.
    pub state: OrderState,
    /// Its frozen price.
    pub price: Kopecks,
    /// What was asked for.
    pub prompt: String,
    /// What was chosen.
    pub choices: Choices,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// What it makes.
    pub kind: Kind,
    /// Whether the customer marked it.
    pub favourite: bool,
    /// Whether anything was made.
    pub has_result: bool,
    /// The customer's files that went in.
    pub inputs: Vec<BriefInput>,
}

/// A file that went into an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BriefInput {
    /// What it was for.
    pub slot: Slot,
    /// The file.
    pub upload: UploadId,
    /// What was found in it.
    pub measured: Measured,
}

impl World<'_> {
    /// How many of the default choice of a kind the customer can pay for.
    pub(crate) fn affordable(&self, kind: Kind, free: Kopecks) -> i64 {
        let price = self.catalog.default_model(kind).and_then(|model| {
            self.catalog.price(model, &model.default_choices(), shortest_clip(model))
        });
        price.map_or(0, |priced| free.get().checked_div(priced.sale.get()).unwrap_or(0).max(0))
    }

    /// Whether something of a kind is on sale.
    pub(crate) fn sells(&self, kind: Kind) -> bool {
        self.catalog.default_model(kind).is_some()
    }

    /// Whether everything of these kinds that is on sale comes from providers that take no orders right now.
    pub(crate) fn all_down(&self, videos: bool) -> bool {
        let mut rows =
            self.catalog.on_sale().filter(|model| model.kind.is_video() == videos).peekable();
        rows.peek().is_some() && rows.all(|model| self.down.contains(&model.provider))
    }

    /// A new quote id.
    pub(crate) fn quote_id(&self) -> QuoteId {
        QuoteId::new(self.now, self.chance)
    }

    /// A new name for a file.
    pub(crate) fn upload_id(&self) -> UploadId {
        UploadId::new(self.now, self.chance)
    }
}

/// The shortest clip that a row takes, where its price follows from the clip's length.
pub(crate) fn shortest_clip(model: &Model) -> Option<u64> {
    let clip = model.inputs.iter().find(|input| input.slot.is_video())?;
    Some(clip.length_ms.map_or(1_000, |[shortest, _]| shortest))
}
