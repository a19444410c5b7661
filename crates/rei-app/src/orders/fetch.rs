//! The job that brings a finished video home: a fresh address, the bytes straight into our storage, a look at what
//! they are, and only then the price.

use std::time::Duration;

use rei_blobs::{BlobError, BlobKey};
use rei_domain::catalog::{Choices, Kind};
use rei_domain::ids::{AttemptId, OrderId};
use rei_media::{MediaError, VerifiedVideo};
use rei_providers::{AskError, Rejection, RemoteFile, TaskRef, TaskState};
use rei_queue::{Claim, Verdict};
use rei_storage::ledger::LedgerError;
use rei_storage::orders::{self, ItemRow, ItemState, OrderRow, StoredItem};
use rei_storage::{Tx, jobs};

use super::{settle, tasks};
use crate::admin::alert;
use crate::{CrashPoint, House};

/// The kind of the job.
pub const FETCH_JOB: &str = "order.fetch";

/// A result larger than this is not taken.
const RESULT_MAX_BYTES: u64 = 1024 * 1024 * 1024;
const PAUSE_MIN: Duration = Duration::from_secs(2);
const PAUSE_MAX: Duration = Duration::from_secs(120);

/// Why a video is not there yet.
enum Missing {
    /// It may be had later.
    Later(String),
    /// It came, and is not what it should be: once more may heal it.
    Broken(String),
    /// It will never be what was ordered.
    Useless(Rejection),
}

/// Fetches the video of an order.
///
/// # Errors
/// [`LedgerError`] when the book can't be used; the job is then tried again by the queue.
pub async fn fetch(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let Some(order) = OrderId::from_short(&claim.subject) else {
        return Ok(Verdict::discard("the job names no order"));
    };
    let Some(row) = house.book.read(move |tx| orders::find(tx, order)).await? else {
        return Ok(Verdict::discard("there is no such order"));
    };
    let Some((attempt, task)) = tasks::task_of(house, order).await? else {
        return Ok(Verdict::discard("the order has no task that is open"));
    };
    match bring(house, &row, &task).await {
        Ok(stored) => {
            CrashPoint::ArtifactStored.reached();
            keep(house, claim, order, attempt, stored).await
        }
        Err(Missing::Later(_)) if house.now().since(row.placed_at) > tasks::FOLLOWED_MAX => {
            Ok(Verdict::discard("nobody waits for this result any more"))
        }
        Err(Missing::Later(why)) => {
            tracing::warn!(order.id = %order, why, "a finished video can't be fetched yet");
            let waited = house.now().since(row.state_at);
            Ok(Verdict::Snooze((waited / 4).clamp(PAUSE_MIN, PAUSE_MAX)))
        }
        Err(Missing::Broken(why)) => Ok(Verdict::Retry(why)),
        Err(Missing::Useless(rejection)) => {
            useless(house, claim, order, attempt, rejection).await?;
            Ok(Verdict::Finished)
        }
    }
}

async fn bring(house: &House, row: &OrderRow, task: &TaskRef) -> Result<StoredItem, Missing> {
    let provider = house
        .provider(&row.provider)
        .ok_or_else(|| Missing::Later("the provider is not set up".to_owned()))?;
    let file = fresh_address(provider.poll(std::slice::from_ref(task)).await, task)?;
    let pieces = provider.fetch(&file).await.map_err(not_sent)?;
    let pieces = futures::StreamExt::map(pieces, |piece| {
        piece.map_err(|rejection| format!("the download broke off ({})", rejection.code))
    });
    let stored = house.blobs.put_stream(pieces, RESULT_MAX_BYTES).await.map_err(not_stored)?;
    let path = house.blobs.path_of(&stored.key).await.map_err(not_stored)?;
    let ordered_ms = ordered_length(row);
    let place = house.decoding.clone().acquire_owned().await;
    let verified = tokio::task::spawn_blocking(move || {
        let _place = place;
        rei_media::verify_video(&path, ordered_ms)
    })
    .await
    .map_err(|error| Missing::Broken(format!("checking the video panicked: {error}")))?
    .map_err(unfit)?;
    let cover = cover(house, &verified).await?;
    Ok(StoredItem {
        artifact: stored.key.as_str().to_owned(),
        preview: cover.map(|key| key.as_str().to_owned()),
        width: verified.width,
        height: verified.height,
        length_ms: Some(verified.length_ms),
        thought_signature: None,
        as_ordered: true,
    })
}

/// Where the result is right now: addresses run out, so the one of the last question isn't kept.
fn fresh_address(
    asked: Result<std::collections::BTreeMap<TaskRef, TaskState>, AskError>,
    task: &TaskRef,
) -> Result<RemoteFile, Missing> {
    let mut states = asked.map_err(|error| Missing::Later(error.to_string()))?;
    match states.remove(task) {
        Some(TaskState::Succeeded(files)) => files
            .into_iter()
            .next()
            .ok_or_else(|| Missing::Useless(Rejection::no_result("no-video", 0))),
        Some(TaskState::Failed(rejection)) => Err(Missing::Useless(rejection)),
        Some(TaskState::Running) | None => {
            Err(Missing::Later("the provider has taken its word back".to_owned()))
        }
    }
}

/// Only a file that is too large will never be sent.
fn not_sent(error: AskError) -> Missing {
    match error {
        AskError::Rejected(rejection) if rejection.class.is_for_the_owner() => too_large(),
        other => Missing::Later(other.to_string()),
    }
}

fn too_large() -> Missing {
    Missing::Useless(Rejection::no_result("result-too-large", 0))
}

fn not_stored(error: BlobError) -> Missing {
    match error {
        BlobError::UnknownMedia => Missing::Broken("the result is no video".to_owned()),
        BlobError::TooLarge(_) => too_large(),
        other => Missing::Later(format!("{other}")),
    }
}

fn unfit(error: MediaError) -> Missing {
    match error {
        MediaError::WrongLength { found_ms, ordered_ms } => {
            tracing::warn!(found_ms, ordered_ms, "a video has another length than ordered");
            Missing::Useless(Rejection::no_result("wrong-length", 0))
        }
        other => Missing::Broken(other.to_string()),
    }
}

/// How long the result must be; `None` where the provider itself decides.
fn ordered_length(row: &OrderRow) -> Option<u64> {
    let choices: Option<Choices> = serde_json::from_str(&row.choices).ok();
    let chosen = choices.map(|choices| u64::from(choices.seconds) * 1000).filter(|ms| *ms > 0);
    match Kind::from_word(&row.kind) {
        Some(Kind::Motion) => None,
        _ => chosen.or_else(|| row.length_ms.and_then(|ms| u64::try_from(ms).ok())),
    }
}

async fn cover(house: &House, verified: &VerifiedVideo) -> Result<Option<BlobKey>, Missing> {
    let Some(jpeg) = verified.cover.clone() else { return Ok(None) };
    let stored = house.blobs.put_bytes(jpeg, rei_blobs::media::MediaType::Jpeg).await;
    stored.map(Some).map_err(not_stored)
}

/// The video is safe: the price is captured and the delivery put on its way.
async fn keep(
    house: &House,
    claim: Claim,
    order: OrderId,
    attempt: AttemptId,
    stored: StoredItem,
) -> Result<Verdict, LedgerError> {
    /// Orders that go to providers with tasks make one thing.
    const ONLY_ITEM: i64 = 1;
    let now = house.now();
    let rules = house.clone();
    house
        .book
        .write(move |tx| {
            let Some(row) = orders::find(tx, order)? else { return Ok(()) };
            if jobs::guard(tx, &claim)?.is_err() {
                return Ok(());
            }
            orders::store_item(tx, order, ONLY_ITEM, &stored)?;
            orders::end_attempt(tx, attempt, "done", None, now)?;
            if row.state.holds_money() {
                let items = stored_items(tx, order)?;
                settle::capture(tx, &rules, &row, &items, now)?;
            } else {
                settle::give_late(tx, &rules, &row, &[ONLY_ITEM], now)?;
            }
            Ok::<_, LedgerError>(jobs::done(tx, &claim, now)?)
        })
        .await?;
    CrashPoint::PriceCaptured.reached();
    Ok(Verdict::Finished)
}

fn stored_items(tx: &mut Tx<'_>, order: OrderId) -> Result<Vec<ItemRow>, LedgerError> {
    let items = orders::items_of(tx, order)?;
    Ok(items.into_iter().filter(|item| item.state == ItemState::Stored).collect())
}

/// There will be no video that can be sold: the money goes back, and the owner hears of it.
async fn useless(
    house: &House,
    claim: Claim,
    order: OrderId,
    attempt: AttemptId,
    rejection: Rejection,
) -> Result<(), LedgerError> {
    let now = house.now();
    let rules = house.clone();
    house
        .book
        .write(move |tx| {
            let Some(row) = orders::find(tx, order)? else { return Ok(()) };
            if jobs::guard(tx, &claim)?.is_err() {
                return Ok(());
            }
            orders::end_attempt(tx, attempt, "rejected", Some(&rejection.code), now)?;
            if row.state.holds_money() {
                tasks::give_up(tx, &rules, &row, &rejection, now)?;
                alert::result(tx, &rules, &row, &rejection.code, now)?;
            }
            Ok::<_, LedgerError>(jobs::done(tx, &claim, now)?)
        })
        .await
}
