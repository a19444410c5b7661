//! In which queue an order waits, and how many of a queue may be at the provider at once.
//!
//! A model whose provider counts what runs at once has a queue of its own, so that a full one stops only itself.

use rei_domain::catalog::{Catalog, Model};
use rei_queue::Claim;
use rei_storage::jobs::{self, Priority};
use rei_storage::orders::{self, OrderRow};
use rei_storage::{Bell, BookError, Tx};

use super::PROVIDER_QUEUE;
use crate::House;

/// The queue in which orders of this row wait.
pub fn queue_of(model: &Model) -> String {
    model.concurrency_group().map_or_else(|| PROVIDER_QUEUE.to_owned(), group_queue)
}

/// The queues of the catalogue that have places at a provider, by name.
pub fn queues_with_places(catalog: &Catalog) -> Vec<String> {
    catalog.concurrency_groups().into_iter().map(group_queue).collect()
}

/// Whether a queue has places at a provider: all but the common one.
pub fn has_places(queue: &str) -> bool {
    queue.strip_prefix(PROVIDER_QUEUE).is_some_and(|rest| rest.starts_with('/'))
}

fn group_queue(group: &str) -> String {
    format!("{PROVIDER_QUEUE}/{group}")
}

/// How many more jobs of a queue may be claimed now. Asked where no other claim of this queue can come in between.
///
/// Jobs that have their place already, and wait only for a worker, go before all others ([`Priority::Begun`]), so each
/// of them is allowed beyond the places that are free.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub fn places_left(tx: &mut Tx<'_>, house: &House, queue: &str) -> Result<usize, BookError> {
    let places = i64::try_from(house.policy.queues.places).unwrap_or(i64::MAX);
    let taken = orders::places_taken(tx, queue)?;
    let left = places.saturating_sub(taken.taken).max(0).saturating_add(taken.begun);
    Ok(usize::try_from(left).unwrap_or(0))
}

/// The queues in which anything waits or runs.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub async fn live_queues(house: &House) -> Result<Vec<String>, BookError> {
    let depths = house.book.read(jobs::depths).await?;
    let mut queues: Vec<String> =
        depths.into_iter().filter(|depth| depth.state != "dead").map(|depth| depth.queue).collect();
    queues.dedup();
    Ok(queues)
}

/// Measures the places for `/metrics`.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub async fn measure_places(house: &House) -> Result<(), BookError> {
    let queues = queues_with_places(&house.catalog.current());
    let counted = house.book.read(move |tx| {
        let taken = |queue: &String| Ok((queue.clone(), orders::places_taken(tx, queue)?.taken));
        queues.iter().map(taken).collect::<Result<Vec<_>, BookError>>()
    });
    for (queue, taken) in counted.await? {
        metrics::gauge!("provider_places_taken", "queue" => queue).set(taken as f64);
    }
    Ok(())
}

/// The order takes a place, or is about to: its job goes before those that have none.
pub(super) fn has_begun(tx: &mut Tx<'_>, claim: &Claim, row: &OrderRow) -> Result<(), BookError> {
    if has_places(&row.queue) { jobs::set_priority(tx, claim, Priority::Begun) } else { Ok(()) }
}

/// The provider has nothing of the order: it waits for a place like all others.
pub(super) fn gives_way(tx: &mut Tx<'_>, claim: &Claim, row: &OrderRow) -> Result<(), BookError> {
    if has_places(&row.queue) { jobs::set_priority(tx, claim, Priority::Ordinary) } else { Ok(()) }
}

/// The order's place is free: whoever waits for one may start at once.
pub(super) fn place_is_free(tx: &mut Tx<'_>, row: &OrderRow) {
    if has_places(&row.queue) {
        tx.ring(Bell::jobs(&row.queue));
    }
}
