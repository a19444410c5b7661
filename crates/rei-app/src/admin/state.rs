//! `/health`, `/queues`, `/config`, `/version`: how the house is.

use rei_storage::{inbox, jobs, ledger, outbox};
use rei_texts::AdminText;

use super::role::Permission;
use super::talk::{Reply, Stop, Talk, joined};
use crate::UploadMethod;

/// The version of the program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The state of the parts, one line each.
pub(super) fn health(talk: &mut Talk<'_, '_>) -> Result<Reply, Stop> {
    talk.permit(Permission::Look)?;
    let balanced = ledger::trial_balance(talk.tx)?.is_zero();
    let depths = jobs::depths(talk.tx)?;
    let of_state = |wanted: &str| -> i64 {
        depths.iter().filter(|depth| depth.state == wanted).map(|depth| depth.jobs).sum()
    };
    let catalog = talk.house.catalog.current();
    let on_sale = i64::try_from(catalog.on_sale().count()).unwrap_or(i64::MAX);
    let set_aside = catalog.broken.len() + catalog.unserved.len();
    let (outbox, inbox) = (outbox::count_live(talk.tx)?, inbox::count_waiting(talk.tx)?);
    let mut lines = vec![talk.html(AdminText::Health {
        version: VERSION.to_owned(),
        balanced: if balanced { "yes" } else { "no" }.to_owned(),
        waiting: of_state("ready") + of_state("scheduled"),
        running: of_state("running"),
        dead: of_state("dead"),
        outbox,
        inbox,
        models: on_sale,
        aside: i64::try_from(set_aside).unwrap_or(i64::MAX),
    })];
    let paused = talk.house.catalog.paused();
    for provider in talk.house.providers.iter() {
        let state = match () {
            () if paused.contains(provider.name()) => "paused",
            () if provider.availability().is_down() => "down",
            () => "up",
        };
        let name = provider.name().to_owned();
        lines.push(talk.html(AdminText::HealthProvider { name, state: state.to_owned() }));
    }
    if let Some(words) = super::maintenance(talk.tx)? {
        let words = words.unwrap_or_default();
        lines.push(talk.html(AdminText::HealthMaintenance { words }));
    }
    Ok(Reply::new(joined(&lines)))
}

/// How full each queue is, and how long its oldest job has waited.
pub(super) fn queues(talk: &mut Talk<'_, '_>) -> Result<Reply, Stop> {
    talk.permit(Permission::Look)?;
    let depths = jobs::depths(talk.tx)?;
    if depths.is_empty() {
        return Ok(Reply::new(talk.html(AdminText::QueuesEmpty {})));
    }
    let mut lines = vec![talk.html(AdminText::QueuesHead {})];
    for depth in depths {
        let age = talk.now.since(depth.oldest_due_at).as_secs();
        lines.push(talk.html(AdminText::QueueLine {
            queue: depth.queue,
            state: depth.state,
            jobs: depth.jobs,
            age: i64::try_from(age).unwrap_or(i64::MAX),
        }));
    }
    let paused = jobs::paused(talk.tx)?;
    if !paused.is_empty() {
        lines.push(talk.html(AdminText::QueuesPaused { names: paused.join(", ") }));
    }
    Ok(Reply::new(joined(&lines)))
}

/// The settings that count, by their names. Secrets are told as set or not.
pub(super) fn config(talk: &mut Talk<'_, '_>) -> Result<Reply, Stop> {
    talk.permit(Permission::SeeAudit)?;
    let (policy, files) = (&talk.house.policy, &talk.house.files);
    let sum = |sum: Option<rei_domain::money::Kopecks>| {
        sum.map_or_else(|| "-".to_owned(), |sum| sum.to_string())
    };
    let seconds = |time: std::time::Duration| format!("{} s", time.as_secs());
    let set = |is_set: bool| if is_set { "***" } else { "-" }.to_owned();
    let rows = [
        ("ADMIN_IDS", policy.admins.len().to_string()),
        ("active_orders_max", policy.active_orders_max.to_string()),
        ("KLING_CONCURRENCY", policy.queues.places.to_string()),
        (
            "QUEUE_MAX",
            policy.queues.waiting_max.map_or_else(|| "-".to_owned(), |max| max.to_string()),
        ),
        ("welcome_gift", policy.welcome_gift.to_string()),
        ("approval_limit", sum(policy.approval_limit)),
        ("retry.attempts", policy.retry.attempts.to_string()),
        ("polling.first", seconds(policy.polling.first)),
        ("mismatch_refund_percent", policy.mismatch_refund_percent.to_string()),
        ("result_kept", seconds(policy.result_kept)),
        (
            "FILE_UPLOAD_METHOD",
            match files.method {
                UploadMethod::Multipart => "multipart".to_owned(),
                UploadMethod::S3 => "s3".to_owned(),
            },
        ),
        ("PUBLIC_BASE_URL", files.public_base_url.clone().unwrap_or_else(|| "-".to_owned())),
        ("KLING_WEBHOOK_SECRET", set(files.callback_secret.is_some())),
        ("catalog.version", talk.house.catalog.current().version.clone()),
    ];
    let mut lines = vec![talk.html(AdminText::ConfigHead {})];
    for (name, value) in rows {
        lines.push(talk.html(AdminText::ConfigLine { name: name.to_owned(), value }));
    }
    Ok(Reply::new(joined(&lines)))
}

/// Which program this is.
pub(super) fn version(talk: &mut Talk<'_, '_>) -> Result<Reply, Stop> {
    talk.permit(Permission::Look)?;
    let catalog = talk.house.catalog.current().version.clone();
    Ok(Reply::new(talk.html(AdminText::Version { version: VERSION.to_owned(), catalog })))
}
