//! Updates: stored as they came before Telegram is told that they arrived, and served one transaction each.

use std::time::Duration;

use rei_domain::ids::UpdateId;
use rei_storage::inbox::{self, InboxRow, Taken};
use rei_storage::ledger::LedgerError;
use rei_storage::{Bell, BookError, Listener};
use rei_telegram::{Incoming, PreCheckout};
use serde::Deserialize;

use crate::admin::alert;
use crate::desk::Desk;
use crate::payments::precheckout;
use crate::{CrashPoint, House};

/// Failures of a handler before its update is set aside.
const HANDLER_TRIES_MAX: i64 = 5;
const HANDLER_PAUSE_MAX: Duration = Duration::from_secs(30);

/// Each question before a payment has a lane of its own, below every chat's: a busy chat delays none.
const CHECKOUT_LANES: i64 = -(1 << 60);

/// Why a body is not an update.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// Not a JSON object with a whole `update_id`.
    #[error("the body is not an update")]
    NotAnUpdate,
    /// It could not be stored: Telegram must bring it again.
    #[error("the update could not be stored")]
    NotStored(#[from] BookError),
}

/// An update that waits to be served.
pub type Waiting = InboxRow;

/// Hears when an update was stored.
pub type Arrivals = Listener;

/// Who serves an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// It is dealt with: served, served before, or noted as failed.
    Here,
    /// Another process serves its chat at this moment, and will come to it.
    Elsewhere,
}

#[derive(Deserialize)]
struct Head {
    update_id: i64,
}

/// Stores updates, each once; returns how many were new. Answered only when they are on disk.
///
/// # Errors
/// [`AcceptError`] when nothing was stored.
pub async fn accept(house: &House, raws: Vec<String>) -> Result<usize, AcceptError> {
    let now = house.now();
    let mut updates = Vec::with_capacity(raws.len());
    let mut checkouts = Vec::new();
    for raw in raws {
        let head: Head = serde_json::from_str(&raw).map_err(|_| AcceptError::NotAnUpdate)?;
        // Below zero stands what happens inside the house; nobody outside may pretend to be it.
        if head.update_id < 0 || crate::happenings::read(&raw).is_some() {
            return Err(AcceptError::NotAnUpdate);
        }
        let incoming = rei_telegram::decode(&raw);
        metrics::counter!("updates_total", "kind" => incoming.kind().to_owned()).increment(1);
        let id = UpdateId(head.update_id);
        let lane = match incoming {
            Incoming::PreCheckout(query) => {
                checkouts.push((id, query));
                CHECKOUT_LANES.saturating_sub(head.update_id)
            }
            incoming => incoming.lane().0,
        };
        updates.push((id, lane, raw));
    }
    let stored = house
        .book
        .write(move |tx| {
            let mut stored = 0;
            for (update_id, lane, raw) in &updates {
                stored += usize::from(inbox::store(tx, *update_id, *lane, raw, now)?);
            }
            Ok::<_, BookError>(stored)
        })
        .await?;
    CrashPoint::UpdateStored.reached();
    for (id, query) in checkouts {
        answer_checkout(house, id, query).await;
    }
    Ok(stored)
}

/// Answers a payment's question ahead of everything that waits: Telegram gives it ten seconds. What fails here is tried
/// again in the question's own lane, like any update; whoever comes second finds it done.
async fn answer_checkout(house: &House, id: UpdateId, query: PreCheckout) {
    let (rules, now) = (house.clone(), house.now());
    let answered = house.book.write_urgent(move |tx| {
        if inbox::done(tx, id)? {
            precheckout(tx, &rules, &query, now)?;
        }
        Ok::<_, BookError>(())
    });
    if let Err(error) = answered.await {
        tracing::error!(update.id = id.0, %error, "a checkout could not be answered at once");
    }
}

/// Hears from now on when an update was stored by this process, or by another that has nobody to serve it.
pub fn arrivals(house: &House) -> Arrivals {
    house.book.listen(Bell::Inbox)
}

/// Tells another process that more may wait than this one has places for.
pub fn tell_others(house: &House) {
    house.book.ring_others(&Bell::Inbox);
}

/// The first waiting update of each chat.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub async fn waiting(house: &House, limit: usize) -> Result<Vec<Waiting>, BookError> {
    let (now, limit) = (house.now(), i64::try_from(limit).unwrap_or(i64::MAX));
    house.book.read(move |tx| inbox::waiting(tx, now, limit)).await
}

/// The next update of a chat, if it may be served by now.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub async fn next_of_lane(house: &House, lane: i64) -> Result<Option<Waiting>, BookError> {
    let now = house.now();
    house.book.read(move |tx| inbox::next_of_lane(tx, lane, now)).await
}

/// Serves one update: `serve` and the mark that it is done commit together. An update that somebody else has
/// served is left alone, and so is one whose chat is being served elsewhere; one whose serving failed is tried again
/// later and set aside in the end.
///
/// # Errors
/// [`BookError`] when not even the failure could be recorded.
pub async fn serve<F>(house: &House, update: Waiting, serve: F) -> Result<Served, BookError>
where
    F: Fn(&mut Desk<'_, '_>, &str) -> Result<(), LedgerError> + Send + 'static,
{
    let now = house.now();
    let (rules, id, lane, raw) = (house.clone(), update.update_id, update.lane, update.raw);
    let served = house
        .book
        .write(move |tx| {
            let taken = inbox::take(tx, id, lane)?;
            let mut desk = Desk::new(tx, &rules, now);
            if taken == Taken::Mine {
                serve(&mut desk, &raw)?;
            }
            Ok((taken, desk.has_placed()))
        })
        .await;
    match served {
        Ok((Taken::Elsewhere, _)) => return Ok(Served::Elsewhere),
        Ok((_, true)) => CrashPoint::OrderPlaced.reached(),
        Ok((_, false)) => {}
        // The update has failed at nothing, and would wait for the book once more to say so.
        Err(LedgerError::Book(error)) if error.is_outage() => return Err(error),
        Err(error) => failed(house, id, lane, &error).await?,
    }
    Ok(Served::Here)
}

async fn failed(
    house: &House,
    id: UpdateId,
    lane: i64,
    error: &LedgerError,
) -> Result<(), BookError> {
    tracing::error!(update.id = id.0, lane, error = %chain(error), "an update could not be served");
    metrics::counter!("updates_failed_total").increment(1);
    let now = house.now();
    let due_at = now.plus(house.chance.up_to(HANDLER_PAUSE_MAX).min(HANDLER_PAUSE_MAX));
    let (rules, why) = (house.clone(), chain(error));
    house
        .book
        .write(move |tx| {
            let parked = inbox::failed(tx, id, &why, due_at, HANDLER_TRIES_MAX)?;
            if parked {
                alert::parked(tx, &rules, id.0, &why, now)?;
            }
            Ok(())
        })
        .await
}

/// An error with its causes on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
