//! The job that makes a picture: an attempt with its key is stored, the provider is called, the answer is
//! settled. Each step is a transaction of its own, and each can be taken up again after a crash.

use std::time::Duration;

use rei_domain::catalog::Choices;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{AttemptId, OrderId};
use rei_domain::order::{OrderEvent, OrderState};
use rei_providers::{Artifact, Availability, Reason, Rejection, Submission, SubmitRequest};
use rei_queue::{Claim, Verdict};
use rei_storage::ledger::LedgerError;
use rei_storage::orders::{self, AttemptRow, OrderRow};
use rei_storage::{Tx, jobs};

use super::give_back::{GiveBack, Why, give_back};
use super::settle::{self, Stored};
use super::{reject, status};
use crate::{CrashPoint, House, pictures};

/// The kind of the job.
pub const SUBMIT_JOB: &str = "order.submit";

/// Unknown outcomes of one order before its money goes back: one repeat, at the owner's cost.
const UNKNOWN_MAX: usize = 2;

/// A provider that is down is not asked more often than this.
const PUT_OFF_MIN: Duration = Duration::from_secs(1);

/// What to do after the first transaction.
enum Begun {
    /// The order is over or somebody else's: nothing is left to do.
    Nothing,
    /// Call the provider.
    Call(Box<Call>),
}

#[derive(Clone)]
struct Call {
    order: OrderRow,
    attempt: AttemptId,
    key: String,
    image_only: bool,
}

/// Runs the job of an order to the end of one attempt.
///
/// # Errors
/// [`LedgerError`] when the book can't be used; the job is then tried again by the queue.
pub async fn submit(house: &House, claim: Claim) -> Result<Verdict, LedgerError> {
    let Some(order) = OrderId::from_short(&claim.subject) else {
        return Ok(Verdict::discard("the job names no order"));
    };
    if let Some(Availability::Down { retry_after }) = availability(house, order).await? {
        return put_off(house, &claim, retry_after).await;
    }
    let call = match begin(house, &claim, order).await? {
        Begun::Nothing => return Ok(Verdict::Finished),
        Begun::Call(call) => *call,
    };
    CrashPoint::AttemptStored.reached();
    let Some(provider) = house.provider(&call.order.provider) else {
        let rejection = Rejection::owner_fault("no-such-provider");
        return reject::reject(house, &claim, &call.order, call.attempt, rejection).await;
    };
    let submission = provider.submit(&request(&call)).await;
    match submission {
        Submission::Done(done) => {
            CrashPoint::ProviderAnswered.reached();
            finish(house, &claim, &call, done.artifacts).await
        }
        Submission::Accepted { .. } => {
            let rejection = Rejection::owner_fault("unexpected-task");
            reject::reject(house, &claim, &call.order, call.attempt, rejection).await
        }
        Submission::Rejected(rejection) => {
            CrashPoint::RefusalReceived.reached();
            reject::reject(house, &claim, &call.order, call.attempt, rejection).await
        }
    }
}

/// How the order's provider is; none when there is no such order or provider.
async fn availability(house: &House, order: OrderId) -> Result<Option<Availability>, LedgerError> {
    let row = house.book.read(move |tx| orders::find(tx, order)).await?;
    let waits = row.filter(|row| row.state == OrderState::Queued && row.deadline_at > house.now());
    Ok(waits.and_then(|row| house.provider(&row.provider).map(|provider| provider.availability())))
}

/// The provider is known to refuse calls: the job waits without an attempt.
async fn put_off(house: &House, claim: &Claim, after: Duration) -> Result<Verdict, LedgerError> {
    let due_at = house.now().plus(after.max(PUT_OFF_MIN));
    let claim = claim.clone();
    house.book.write(move |tx| jobs::snooze(tx, &claim, due_at)).await?;
    Ok(Verdict::Finished)
}

/// Stores the attempt with its key, or finds that there is nothing to do.
async fn begin(house: &House, claim: &Claim, order: OrderId) -> Result<Begun, LedgerError> {
    let now = house.now();
    let (rules, claim) = (house.clone(), claim.clone());
    let attempt = AttemptId::new(now, house.chance.as_ref());
    house
        .book
        .write(move |tx| {
            if jobs::guard(tx, &claim)?.is_err() {
                return Ok(Begun::Nothing);
            }
            let Some(row) = orders::find(tx, order)? else {
                jobs::done(tx, &claim, now)?;
                return Ok(Begun::Nothing);
            };
            if !row.state.holds_money() {
                jobs::done(tx, &claim, now)?;
                return Ok(Begun::Nothing);
            }
            begin_attempt(tx, &rules, &claim, row, attempt, now)
        })
        .await
}

fn begin_attempt(
    tx: &mut Tx<'_>,
    house: &House,
    claim: &Claim,
    mut row: OrderRow,
    attempt: AttemptId,
    now: Timestamp,
) -> Result<Begun, LedgerError> {
    let attempts = close_lost_attempt(tx, &mut row, now)?;
    let unknown =
        attempts.iter().filter(|attempt| attempt.outcome.as_deref() == Some("unknown")).count();
    let ended = if now >= row.deadline_at {
        Some((GiveBack { event: OrderEvent::DeadlinePassed, why: Why::Late }, "deadline"))
    } else if unknown >= UNKNOWN_MAX {
        Some((GiveBack { event: OrderEvent::Failed, why: Why::Overloaded }, "no answer"))
    } else {
        None
    };
    if let Some((give, reason)) = ended {
        give_back(tx, house, &row, &give, reason, now)?;
        jobs::done(tx, claim, now)?;
        return Ok(Begun::Nothing);
    }
    let Ok(next) = row.state.next(OrderEvent::Started) else {
        jobs::done(tx, claim, now)?;
        return Ok(Begun::Nothing);
    };
    if !orders::move_state(tx, row.id, row.state, next, None, now)? {
        // The customer cancelled in this very moment.
        jobs::done(tx, claim, now)?;
        return Ok(Begun::Nothing);
    }
    row.state = next;
    let no = i64::try_from(attempts.len()).unwrap_or(i64::MAX) + 1;
    let key = format!("{}-{no}", row.id.to_short());
    orders::start_attempt(tx, attempt, row.id, no, &key, now)?;
    if no == 1 {
        status::working(tx, house, &row, now)?;
    }
    let image_only =
        attempts.iter().any(|attempt| attempt.code.as_deref() == Some(Reason::NO_IMAGE_CODE));
    Ok(Begun::Call(Box::new(Call { order: row, attempt, key, image_only })))
}

/// An attempt that is still open belongs to a worker that died in the middle of its call: what came of it is
/// unknown. The order becomes `Unknown`, from where it may be started once more.
fn close_lost_attempt(
    tx: &mut Tx<'_>,
    row: &mut OrderRow,
    now: Timestamp,
) -> Result<Vec<AttemptRow>, LedgerError> {
    let mut attempts = orders::attempts_of(tx, row.id)?;
    for attempt in attempts.iter_mut().filter(|attempt| !attempt.ended) {
        orders::end_attempt(tx, attempt.id, "unknown", Some("worker-lost"), now)?;
        attempt.outcome = Some("unknown".to_owned());
        attempt.ended = true;
    }
    if row.state == OrderState::Submitting {
        let next = row.state.next(OrderEvent::Unanswered).unwrap_or(row.state);
        orders::move_state(tx, row.id, row.state, next, None, now)?;
        row.state = next;
    }
    Ok(attempts)
}

fn request(call: &Call) -> SubmitRequest {
    let choices: Option<Choices> = serde_json::from_str(&call.order.choices).ok();
    SubmitRequest {
        key: call.key.clone(),
        model: call.order.model.clone(),
        prompt: call.order.prompt.clone(),
        aspect_ratio: choices.as_ref().map(|choices| choices.ratio.clone()),
        image_size: choices.map(|choices| choices.size),
        inputs: Vec::new(),
        image_only: call.image_only,
    }
}

/// Verifies and stores the picture, then captures the price.
async fn finish(
    house: &House,
    claim: &Claim,
    call: &Call,
    artifacts: Vec<Artifact>,
) -> Result<Verdict, LedgerError> {
    let Some(artifact) = artifacts.into_iter().next() else {
        let rejection = Rejection::retry("no-artifact", 1);
        return reject::reject(house, claim, &call.order, call.attempt, rejection).await;
    };
    let ratio = serde_json::from_str::<Choices>(&call.order.choices)
        .map_or_else(|_| String::new(), |c| c.ratio);
    let bytes = artifact.bytes;
    let looked_at = bytes.clone();
    let place = house.decoding.clone().acquire_owned().await;
    let verified = tokio::task::spawn_blocking(move || {
        let _place = place;
        pictures::verify(&looked_at, &ratio)
    })
    .await;
    let verified = match verified {
        Ok(Ok(verified)) => verified,
        Ok(Err(error)) => {
            tracing::warn!(order.id = %call.order.id, %error, "the provider's result can't be sold");
            let rejection = Rejection::retry("broken-picture", 1);
            return reject::reject(house, claim, &call.order, call.attempt, rejection).await;
        }
        Err(_) => return Ok(Verdict::retry("checking the picture panicked")),
    };
    if !verified.ratio_as_ordered {
        tracing::warn!(order.id = %call.order.id, "the picture has another ratio than ordered");
        metrics::counter!("pictures_ratio_mismatch_total").increment(1);
    }
    let original = house.blobs.put_bytes(bytes, verified.media).await;
    let preview =
        house.blobs.put_bytes(verified.preview.clone(), rei_blobs::media::MediaType::Jpeg).await;
    let (original, preview) = match (original, preview) {
        (Ok(original), Ok(preview)) => (original, preview),
        (Err(error), _) | (_, Err(error)) => {
            // Nothing is charged until the picture is safe; the same answer can't be had again for free.
            tracing::error!(order.id = %call.order.id, %error, "the picture could not be stored");
            let rejection = Rejection::retry("storage-failed", 3);
            return reject::reject(house, claim, &call.order, call.attempt, rejection).await;
        }
    };
    CrashPoint::ArtifactStored.reached();
    let stored = Stored { attempt: call.attempt, original, preview };
    settle::settle(house, claim, call.order.id, stored).await?;
    CrashPoint::PriceCaptured.reached();
    Ok(Verdict::Finished)
}
