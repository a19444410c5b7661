//! What the conversation may know about the world: read by the door before each decision.

use rei_domain::catalog::{Catalog, Choices, Kind, Model};
use rei_domain::chance::Chance;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OrderId, QuoteId};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_texts::Lang;

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
    /// Whether the provider's circuit breaker refuses calls right now.
    pub provider_down: bool,
    /// How many orders one customer may have at work.
    pub active_orders_max: usize,
    /// The order that a button names, if it belongs to this customer.
    pub named_order: Option<OrderBrief>,
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
    /// Money that can be spent, without bonus.
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
}

impl World<'_> {
    /// The model of these choices while it is on sale, else the default one.
    pub(crate) fn model_for(&self, choices: Option<&Choices>) -> Option<&Model> {
        choices
            .and_then(|choices| self.catalog.model(&choices.sku))
            .filter(|model| model.enabled)
            .or_else(|| self.catalog.default_model(Kind::Image))
    }

    /// How many pictures of the default kind the customer can pay for.
    pub(crate) fn affordable(&self, free: Kopecks) -> i64 {
        let price = self
            .catalog
            .default_model(Kind::Image)
            .and_then(|model| model.price_row(&model.default_size));
        price.map_or(0, |row| free.get().checked_div(row.sale.get()).unwrap_or(0).max(0))
    }

    /// A new quote id.
    pub(crate) fn quote_id(&self) -> QuoteId {
        QuoteId::new(self.now, self.chance)
    }
}
