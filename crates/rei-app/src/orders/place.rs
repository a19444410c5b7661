//! Placing an order: the hold, the job and the order itself, in one transaction or not at all.

use rei_domain::catalog::{Catalog, Kind, Model};
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, JobId, OrderId, TransferId};
use rei_domain::ledger::{Account, Actor, Sale, TransferKind};
use rei_domain::money::Kopecks;
use rei_domain::quote::Quote;
use rei_queue::NewJob;
use rei_storage::ledger::{self, LedgerError, NewSplitHold};
use rei_storage::orders::{self, NewOrder};
use rei_storage::{BookError, Tx, jobs, uploads};

use super::SUBMIT_JOB;
use super::estimate;
use super::queues::queue_of;
use crate::House;
use crate::admin::{ban_of, maintenance};

/// The longest a hold may live beyond its order's deadline before the ledger's sweep would name it.
const HOLD_SLACK: std::time::Duration = std::time::Duration::from_secs(24 * 3600);
/// How an attempt to place an order ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceOutcome {
    /// The price is on hold and the job waits.
    Placed {
        /// The new order.
        order: OrderId,
        /// Its number for people.
        number: i64,
        /// How many jobs stand before it.
        ahead: i64,
        /// In how many seconds it is there, from and to.
        seconds: [u32; 2],
    },
    /// Too many orders wait already; nothing happened.
    Busy {
        /// In how many minutes there is room again.
        minutes: i64,
    },
    /// This offer was confirmed before; nothing happened.
    PlacedBefore,
    /// The wallet can't pay it; nothing happened.
    NotEnough {
        /// What can be spent.
        free: Kopecks,
    },
    /// The model left the catalogue; nothing happened.
    NotOnSale,
    /// A file that goes into it is no longer kept; nothing happened.
    FilesGone,
    /// The wallet was overdrawn by money that went back past us; nothing happened.
    Frozen {
        /// What is owed.
        debt: Kopecks,
    },
    /// The customer may not buy; nothing happened.
    Banned {
        /// Why.
        reason: String,
    },
    /// The owner takes no orders for now; nothing happened.
    Maintenance {
        /// What the owner says about it.
        text: Option<String>,
    },
}

/// Places the order of a confirmed offer.
///
/// # Errors
/// [`LedgerError`] for anything but an empty wallet; the caller's transaction must then be given up.
pub fn place(
    tx: &mut Tx<'_>,
    house: &House,
    catalog: &Catalog,
    customer: CustomerId,
    quote: &Quote,
    now: Timestamp,
) -> Result<PlaceOutcome, LedgerError> {
    // Confirmations of one offer take turns, in whatever processes they run.
    ledger::lock_wallet(tx, customer)?;
    if orders::find_by_quote(tx, quote.id)?.is_some() {
        return Ok(PlaceOutcome::PlacedBefore);
    }
    if let Some(ban) = ban_of(tx, customer, now)? {
        return Ok(PlaceOutcome::Banned { reason: ban.reason });
    }
    if let Some(text) = maintenance(tx)? {
        return Ok(PlaceOutcome::Maintenance { text });
    }
    let Some(model) = catalog.model(&quote.choices.sku).filter(|model| model.enabled) else {
        return Ok(PlaceOutcome::NotOnSale);
    };
    if !files_are_kept(tx, customer, quote)? {
        return Ok(PlaceOutcome::FilesGone);
    }
    let queue = queue_of(model);
    if let Some(minutes) = full_for(tx, house, &queue, &model.sku)? {
        return Ok(PlaceOutcome::Busy { minutes });
    }
    let order = OrderId::new(now, house.chance.as_ref());
    let job = JobId::new(now, house.chance.as_ref());
    let deadline_at = now.plus(model.deadline());
    let hold = ledger::hold_split(
        tx,
        &NewSplitHold {
            customer,
            order,
            credit: Account::Revenue(sale(model.kind)),
            kind: TransferKind::Order,
            amount: quote.price,
            first: house.policy.pockets,
            expires_at: deadline_at.plus(HOLD_SLACK),
            actor: Actor::Customer,
            at: now,
        },
    );
    let hold = match hold {
        Ok(hold) => hold,
        Err(LedgerError::NotEnough { free, .. }) => return Ok(PlaceOutcome::NotEnough { free }),
        Err(LedgerError::Frozen) => {
            let free = ledger::balances(tx, customer)?.cash.free;
            return Ok(PlaceOutcome::Frozen { debt: free.missing_to(Kopecks::ZERO) });
        }
        Err(error) => return Err(error),
    };
    jobs::enqueue(tx, &submit_job(job, &queue, order, customer), now)?;
    let ids = Ids { order, customer, job, queue, hold: hold.id().0 };
    let new = frozen(&ids, quote, model, deadline_at);
    let number = orders::create(tx, &new, now)?;
    for no in 1..=new.items {
        orders::open_item(tx, order, no)?;
    }
    for (input, no) in quote.inputs.iter().zip(1..) {
        orders::add_input(tx, order, no, input.slot, input.upload)?;
        uploads::used(tx, input.upload, now)?;
    }
    let (ahead, seconds) = estimate::of_new(tx, house, &new)?;
    Ok(PlaceOutcome::Placed { order, number, ahead, seconds })
}

struct Ids {
    order: OrderId,
    customer: CustomerId,
    job: JobId,
    queue: String,
    hold: TransferId,
}

/// The order with everything of the offer and the catalogue's row that it depends on from now on.
fn frozen(ids: &Ids, quote: &Quote, model: &Model, deadline_at: Timestamp) -> NewOrder {
    NewOrder {
        id: ids.order,
        customer: ids.customer,
        quote: quote.id,
        hold: ids.hold,
        job: ids.job,
        queue: ids.queue.clone(),
        sku: model.sku.clone(),
        kind: model.kind.as_str().to_owned(),
        provider: model.provider.clone(),
        model: model.model.clone(),
        model_legacy: model.model_legacy.clone(),
        extras: serde_json::to_string(&model.extras).expect("extras have only plain fields"),
        prompt: quote.prompt.clone(),
        choices: serde_json::to_string(&quote.choices).expect("choices have only plain fields"),
        items: if model.kind.is_video() { 1 } else { i64::from(quote.choices.count.max(1)) },
        length_ms: quote.length_ms.and_then(|ms| i64::try_from(ms).ok()),
        price: quote.price,
        cost: quote.cost,
        catalog_version: quote.catalog_version.clone(),
        deadline_at,
    }
}

/// Whether every file of the offer is the customer's and still there.
fn files_are_kept(tx: &mut Tx<'_>, customer: CustomerId, quote: &Quote) -> Result<bool, BookError> {
    for input in &quote.inputs {
        let found = uploads::find(tx, input.upload)?;
        if !found.is_some_and(|upload| upload.ready && upload.customer == customer) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// For how many minutes a queue takes no more orders; none when it does.
fn full_for(
    tx: &mut Tx<'_>,
    house: &House,
    queue: &str,
    sku: &str,
) -> Result<Option<i64>, BookError> {
    let Some(waiting_max) = house.policy.queues.waiting_max else { return Ok(None) };
    let waiting_max = i64::try_from(waiting_max).unwrap_or(i64::MAX);
    if orders::count_waiting(tx, queue, waiting_max)? < waiting_max {
        return Ok(None);
    }
    metrics::counter!("orders_refused_total", "reason" => "queue-full").increment(1);
    estimate::room_in_minutes(tx, house, queue, sku, waiting_max).map(Some)
}

fn submit_job(id: JobId, queue: &str, order: OrderId, customer: CustomerId) -> NewJob {
    NewJob::new(id, queue, SUBMIT_JOB, order.to_short()).fair_to(customer)
}

pub(crate) const fn sale(kind: Kind) -> Sale {
    if kind.is_video() { Sale::Video } else { Sale::Image }
}
