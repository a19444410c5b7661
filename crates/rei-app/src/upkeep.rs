//! What has to be done from time to time, whoever runs the scheduler.

use std::time::Duration;

use rei_blobs::{BlobError, BlobKey};
use rei_domain::clock::Timestamp;
use rei_storage::ledger::{self, AuditReport, LedgerError};
use rei_storage::{BookError, inbox, jobs, links, orders, outbox, payments, uploads};

use crate::House;
use crate::admin::alert;
use crate::orders::{expire_overdue, measure_places};

/// Handled updates are kept this long: Telegram may bring an id again within 48 hours.
const INBOX_KEPT: Duration = Duration::from_secs(72 * 3600);
const OUTBOX_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
const JOBS_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// What payment systems reported is kept for as long as a customer may dispute a payment.
const NOTICES_KEPT: Duration = Duration::from_secs(400 * 24 * 3600);
/// Results can be sent again for this long after they were made.
const RESULTS_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
/// A customer's file is kept for this long after it was last used.
const UPLOADS_KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// What nothing in the book names is an accident, and goes after this long.
const STRAY_KEPT: Duration = Duration::from_secs(2 * 24 * 3600);
/// With a bucket, files that nobody used on this machine for this long are let go of here.
const CACHE_KEPT: Duration = Duration::from_secs(24 * 3600);
const BLOBS_LISTED: usize = 500;
/// Rows deleted in one transaction, so that nobody waits long for the writer.
const CLEAN_MAX: i64 = 2_000;
/// Batches of one run; what is left comes next time.
const BATCHES_MAX: usize = 50;

/// Gives back orders whose deadline passed.
///
/// # Errors
/// [`LedgerError`] of the first order that could not be given back.
pub async fn expire(house: &House) -> Result<(), LedgerError> {
    match expire_overdue(house).await? {
        0 => {}
        expired => tracing::warn!(expired, "orders ran out of time and were given back"),
    }
    Ok(())
}

/// Adds settled transfers to the checkpoints and seals them.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub async fn seal(house: &House) -> Result<(), BookError> {
    let now = house.now();
    house.book.write(|tx| ledger::settle(tx).map(|_| ())).await?;
    for _ in 0..BATCHES_MAX {
        if !house.book.write(ledger::checkpoint).await? {
            break;
        }
    }
    for _ in 0..BATCHES_MAX {
        if house.book.write(move |tx| ledger::seal(tx, now)).await?.is_none() {
            break;
        }
    }
    Ok(())
}

/// Checks the latest transfers; differences alert the owners.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub async fn audit_tail(house: &House) -> Result<(), BookError> {
    let report = house.book.read(ledger::audit_tail).await?;
    report_audit(house, report).await
}

/// Checks the whole book; differences alert the owners.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub async fn audit(house: &House) -> Result<(), BookError> {
    let report = house.book.read(ledger::audit).await?;
    report_audit(house, report).await
}

async fn report_audit(house: &House, report: AuditReport) -> Result<(), BookError> {
    metrics::gauge!("ledger_findings").set(if report.is_sound() { 0.0 } else { 1.0 });
    if report.is_sound() {
        tracing::info!(transfers = report.transfers, seals = report.seals, "the book is sound");
        return Ok(());
    }
    let (rules, now, findings) = (house.clone(), house.now(), named(&report));
    house.book.write(move |tx| alert::audit(tx, &rules, &findings, now)).await
}

fn named(report: &AuditReport) -> String {
    const NAMED_MAX: usize = 5;
    let named: Vec<String> =
        report.findings.kept.iter().take(NAMED_MAX).map(ToString::to_string).collect();
    format!("{}: {}", report.findings.count, named.join("; "))
}

/// Deletes what is over and old: updates, messages, jobs.
///
/// # Errors
/// [`BookError`] when the book can't be used.
pub async fn clean(house: &House) -> Result<(), BookError> {
    let now = house.now();
    let kept = house.policy.result_kept;
    house.book.write(move |tx| outbox::expire_waiting(tx, now.minus(kept)).map(|_| ())).await?;
    for _ in 0..BATCHES_MAX {
        let deleted = house
            .book
            .write(move |tx| {
                let updates = inbox::clean(tx, now.minus(INBOX_KEPT), CLEAN_MAX)?;
                let messages = outbox::clean(tx, now.minus(OUTBOX_KEPT), CLEAN_MAX)?;
                let jobs = jobs::clean(tx, now.minus(JOBS_KEPT), CLEAN_MAX)?;
                let links = links::clean(tx, now, CLEAN_MAX)?;
                let files = uploads::expire(tx, now.minus(UPLOADS_KEPT), CLEAN_MAX)?;
                let notices = payments::clean_notices(tx, now.minus(NOTICES_KEPT), CLEAN_MAX)?;
                Ok::<_, BookError>(updates + messages + jobs + links + files + notices)
            })
            .await?;
        if deleted == 0 {
            break;
        }
    }
    Ok(())
}

/// Deletes half-written files, results that were made long ago, and customers' files that nobody uses any more.
///
/// # Errors
/// [`BlobError`] when the folder or the bucket can't be used.
pub async fn clean_blobs(house: &House) -> Result<(), BlobError> {
    let now = house.now();
    house.blobs.sweep_leftovers(now).await?;
    house.blobs.sweep_cache(now.minus(CACHE_KEPT)).await?;
    let mut after = None;
    for _ in 0..BATCHES_MAX {
        let old = house.blobs.list(now.minus(STRAY_KEPT), after.clone(), BLOBS_LISTED).await?;
        for entry in &old {
            if !is_needed(house, &entry.key, now.minus(RESULTS_KEPT)).await {
                house.blobs.delete(&entry.key).await?;
            }
        }
        match old.last() {
            Some(last) => after = Some(last.key.clone()),
            None => break,
        }
    }
    Ok(())
}

/// Whether the book names a file that is still to be had; when in doubt, yes.
async fn is_needed(house: &House, key: &BlobKey, since: Timestamp) -> bool {
    let blob = key.as_str().to_owned();
    house.book.read(move |tx| orders::needs_blob(tx, &blob, since)).await.unwrap_or(true)
}

/// Measures the queue for `/metrics`.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub async fn measure(house: &House) -> Result<(), BookError> {
    let now = house.now();
    let (depths, live, waiting, offsets) = house
        .book
        .read(|tx| {
            Ok::<_, BookError>((
                jobs::depths(tx)?,
                outbox::count_live(tx)?,
                inbox::count_waiting(tx)?,
                payments::count_open_offsets(tx)?,
            ))
        })
        .await?;
    for depth in depths {
        let labels = [("queue", depth.queue), ("state", depth.state)];
        metrics::gauge!("queue_jobs", &labels).set(depth.jobs as f64);
        metrics::gauge!("queue_oldest_age_seconds", &labels)
            .set(now.since(depth.oldest_due_at).as_secs_f64());
    }
    metrics::gauge!("outbox_live").set(live as f64);
    metrics::gauge!("inbox_waiting").set(waiting as f64);
    metrics::gauge!("offset_receipts_open").set(offsets as f64);
    measure_places(house).await
}

/// Takes over what other processes have switched off or on.
///
/// # Errors
/// [`BookError`] when the book can't be read.
pub async fn refresh_catalog(house: &House) -> Result<(), BookError> {
    let catalog = house.catalog.clone();
    let now = house.now();
    house.book.read(move |tx| catalog.refresh_at(tx, now)).await
}
