//! Orders: their rows, their states, and the attempts at providers.
//!
//! A state moves by one guarded statement that names the state it leaves, so of two movers one wins.

mod attempts;
mod inputs;
mod items;
mod lists;
mod places;
mod shown;
mod tasks;

pub use attempts::{
    AttemptRow, NewAttempt, attempt_absent, attempt_taken, attempts_of, end_attempt,
    reopen_attempt, start_attempt,
};
pub use inputs::{InputRow, add_input, inputs_of, set_input_link};
pub use items::{
    ItemRow, ItemState, StoredItem, fail_item, items_of, needs_blob, open_item, store_item,
};
pub use lists::{HistoryFilter, active, history, overdue, recent, set_favourite};
pub use places::{PlacesTaken, count_waiting, latest_made_ms, places_taken};
pub use shown::{result_shown, shown_result};
pub use tasks::{
    NewTask, TaskRow, due_tasks, end_task, follows_task, hurry_task, poll_later, start_task,
    task_was_shown,
};

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, JobId, OrderId, QuoteId, TransferId};
use rei_domain::money::{Kopecks, MicroUsd};
use rei_domain::order::OrderState;

use crate::{BookError, Row, Sql, Tx, params, statements};

/// What an order starts with.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// Its id.
    pub id: OrderId,
    /// Whose it is.
    pub customer: CustomerId,
    /// The offer it confirms; an offer becomes one order at most.
    pub quote: QuoteId,
    /// The hold on its price. There is no order without one.
    pub hold: TransferId,
    /// The job that makes it.
    pub job: JobId,
    /// The queue in which that job waits.
    pub queue: String,
    /// The catalogue's key.
    pub sku: String,
    /// `image`.
    pub kind: String,
    /// The provider's name.
    pub provider: String,
    /// The provider's model id.
    pub model: String,
    /// What to make.
    pub prompt: String,
    /// What was chosen, as JSON.
    pub choices: String,
    /// How many things it makes.
    pub items: i64,
    /// The model's name in the provider's older API.
    pub model_legacy: Option<String>,
    /// Fixed fields of the request, as JSON.
    pub extras: String,
    /// The length of the clip that the price follows from, in milliseconds.
    pub length_ms: Option<i64>,
    /// The frozen price.
    pub price: Kopecks,
    /// The frozen provider's price.
    pub cost: MicroUsd,
    /// The catalogue that named them.
    pub catalog_version: String,
    /// After this moment the money goes back.
    pub deadline_at: Timestamp,
}

/// An order as the book knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// Its number, for people.
    pub number: i64,
    /// Its id.
    pub id: OrderId,
    /// Whose it is.
    pub customer: CustomerId,
    /// The offer it confirmed.
    pub quote: QuoteId,
    /// The job that makes it.
    pub job: JobId,
    /// The queue in which that job waits.
    pub queue: String,
    /// The catalogue's key.
    pub sku: String,
    /// `image`.
    pub kind: String,
    /// The provider's name.
    pub provider: String,
    /// The provider's model id.
    pub model: String,
    /// What to make.
    pub prompt: String,
    /// What was chosen, as JSON.
    pub choices: String,
    /// The frozen price.
    pub price: Kopecks,
    /// The frozen provider's price.
    pub cost: MicroUsd,
    /// Where it stands.
    pub state: OrderState,
    /// Why it ended as it did, in the provider's word.
    pub reason: Option<String>,
    /// After this moment the money goes back.
    pub deadline_at: Timestamp,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it last moved.
    pub state_at: Timestamp,
    /// The key of the original in the blob storage.
    pub artifact: Option<String>,
    /// The key of the preview in the blob storage.
    pub preview: Option<String>,
    /// How many things it makes.
    pub items: i64,
    /// Whether the customer marked it.
    pub favourite: bool,
    /// The model's name in the provider's older API.
    pub model_legacy: Option<String>,
    /// Fixed fields of the request, as JSON.
    pub extras: String,
    /// The length of the clip that the price follows from, in milliseconds.
    pub length_ms: Option<i64>,
    /// What was captured in the end.
    pub charged: Option<Kopecks>,
}

statements! {
    pub CREATE = "
insert into orders (
       id, customer, quote_id, hold_id, job_id, queue, sku, kind, provider, model, prompt, choices,
       items, model_legacy, extras, length_ms, price, cost, catalog_version, state, deadline_at, placed_at,
       state_at)
values (:id, :customer, :quote_id, :hold_id, :job_id, :queue, :sku, :kind, :provider, :model, :prompt, :choices,
       :items, :model_legacy, :extras, :length_ms, :price, :cost, :catalog_version, 'queued', :deadline_at, :now,
       :now)
returning number";

    pub FIND = "
select number, id, customer, quote_id, job_id, queue, sku, kind, provider, model, prompt, choices, price, cost,
       state, reason, deadline_at, placed_at, state_at, artifact, preview, items, favourite, model_legacy, extras,
       length_ms, charged
  from orders
 where id = :id";

    pub FIND_BY_QUOTE = "select id from orders where quote_id = :quote_id";

    pub MOVE = "
update orders
   set state = :to_state, state_at = :now, reason = coalesce(:reason, reason)
 where id = :id and state = :from_state";

    // A present that came late says nothing about how long such things take.
    pub STORE = "
update orders
   set state = :to_state, state_at = :now, artifact = :artifact, charged = :charged,
       made_ms = case when cast(:charged as bigint) is null then null
                      else cast(:now as bigint)
                         - (select min(a.started_at) from attempt a
                             where a.order_id = orders.id and a.outcome = 'done')
                 end
 where id = :id and state = :from_state";
}

/// The statements of this folder.
pub(crate) fn all() -> impl Iterator<Item = &'static Sql> {
    [ALL, attempts::ALL, inputs::ALL, items::ALL, lists::ALL, places::ALL, shown::ALL, tasks::ALL]
        .into_iter()
        .flatten()
        .copied()
}

/// Writes a new order, `queued`; returns its number.
pub fn create(tx: &mut Tx<'_>, new: &NewOrder, now: Timestamp) -> Result<i64, BookError> {
    tx.query_one(
        &CREATE,
        &params! {
            ":id" => new.id,
            ":customer" => new.customer,
            ":quote_id" => new.quote,
            ":hold_id" => new.hold,
            ":job_id" => new.job,
            ":queue" => new.queue.as_str(),
            ":sku" => new.sku.as_str(),
            ":kind" => new.kind.as_str(),
            ":provider" => new.provider.as_str(),
            ":model" => new.model.as_str(),
            ":prompt" => new.prompt.as_str(),
            ":choices" => new.choices.as_str(),
            ":items" => new.items,
            ":model_legacy" => new.model_legacy.as_deref(),
            ":extras" => new.extras.as_str(),
            ":length_ms" => new.length_ms,
            ":price" => new.price,
            ":cost" => new.cost,
            ":catalog_version" => new.catalog_version.as_str(),
            ":deadline_at" => new.deadline_at,
            ":now" => now,
        },
    )?
    .int("number")
}

/// The order with this id.
pub fn find(tx: &mut Tx<'_>, id: OrderId) -> Result<Option<OrderRow>, BookError> {
    tx.query_opt(&FIND, &params! { ":id" => id })?.as_ref().map(read).transpose()
}

/// The order that confirmed this offer, if any.
pub fn find_by_quote(tx: &mut Tx<'_>, quote: QuoteId) -> Result<Option<OrderId>, BookError> {
    let row = tx.query_opt(&FIND_BY_QUOTE, &params! { ":quote_id" => quote })?;
    row.map(|row| read_id(&row, "id")).transpose()
}

/// Moves an order from one state to another; `false` when it was no longer where the caller saw it.
pub fn move_state(
    tx: &mut Tx<'_>,
    id: OrderId,
    from: OrderState,
    to: OrderState,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<bool, BookError> {
    let moved = tx.execute(
        &MOVE,
        &params! {
            ":id" => id,
            ":from_state" => from.as_str(),
            ":to_state" => to.as_str(),
            ":reason" => reason,
            ":now" => now,
        },
    )?;
    Ok(moved > 0)
}

/// Moves an order on, names its first stored result and what was charged, and remembers how long it took to make since
/// the first call that brought something; `false` when it was no longer where the caller saw it.
pub fn move_with_result(
    tx: &mut Tx<'_>,
    id: OrderId,
    from: OrderState,
    to: OrderState,
    artifact: &str,
    charged: Option<Kopecks>,
    now: Timestamp,
) -> Result<bool, BookError> {
    let moved = tx.execute(
        &STORE,
        &params! {
            ":id" => id,
            ":from_state" => from.as_str(),
            ":to_state" => to.as_str(),
            ":artifact" => artifact,
            ":charged" => charged,
            ":now" => now,
        },
    )?;
    Ok(moved > 0)
}

pub(crate) fn read_id(row: &Row, column: &str) -> Result<OrderId, BookError> {
    OrderId::from_slice(&row.blob(column)?).ok_or_else(|| BookError::unreadable(column))
}

pub(crate) fn read(row: &Row) -> Result<OrderRow, BookError> {
    let id_of = |column: &str| row.blob(column);
    Ok(OrderRow {
        number: row.int("number")?,
        id: read_id(row, "id")?,
        customer: CustomerId(row.int("customer")?),
        quote: QuoteId::from_slice(&id_of("quote_id")?)
            .ok_or_else(|| BookError::unreadable("quote_id"))?,
        job: JobId::from_slice(&id_of("job_id")?).ok_or_else(|| BookError::unreadable("job_id"))?,
        queue: row.text("queue")?,
        sku: row.text("sku")?,
        kind: row.text("kind")?,
        provider: row.text("provider")?,
        model: row.text("model")?,
        prompt: row.text("prompt")?,
        choices: row.text("choices")?,
        price: Kopecks::new(row.int("price")?),
        cost: MicroUsd(row.int("cost")?),
        state: OrderState::from_word(&row.text("state")?)
            .ok_or_else(|| BookError::unreadable("state"))?,
        reason: row.opt_text("reason")?,
        deadline_at: Timestamp(row.int("deadline_at")?),
        placed_at: Timestamp(row.int("placed_at")?),
        state_at: Timestamp(row.int("state_at")?),
        artifact: row.opt_text("artifact")?,
        preview: row.opt_text("preview")?,
        items: row.int("items")?,
        favourite: row.int("favourite")? != 0,
        model_legacy: row.opt_text("model_legacy")?,
        extras: row.text("extras")?,
        length_ms: row.opt_int("length_ms")?,
        charged: row.opt_int("charged")?.map(Kopecks::new),
    })
}
