//! `/doctor`: what is not in order, a line for each with what to do about it. Looks at the book and at what this process
//! knows of the providers; asks nobody outside.

use std::time::Duration;

use rei_queue::SCHEDULER_ROLE;
use rei_storage::jobs::{self, Role as Lease};
use rei_storage::{BookError, admins, inbox, ledger, payments};
use rei_texts::AdminText;

use super::orders_page::STUCK_AFTER;
use super::role::Permission;
use super::talk::{Reply, Stop, Talk, joined};
use crate::orders::{has_places, places_left};

/// What waits longer than this has nobody who takes it, or too few.
const WAITED_MAX: Duration = Duration::from_secs(10 * 60);
/// Nobody counts further than this.
const COUNTED_MAX: i64 = 1_000;
/// No process has this name: whoever has a role is another one.
const NOBODY: &str = "";

/// Everything that is not in order.
pub(super) fn doctor(talk: &mut Talk<'_, '_>) -> Result<Reply, Stop> {
    talk.permit(Permission::SeeMoney)?;
    let mut found = Vec::new();
    match ledger::trial_balance(talk.tx) {
        Ok(trial) if trial.is_zero() => {}
        // Somebody wrote by hand: the audit names the row, and the other parts are still worth a look.
        Ok(_) | Err(BookError::Unreadable { .. }) => found.push(AdminText::DoctorBook {}),
        Err(error) => return Err(error.into()),
    }
    found.extend(processes(talk)?);
    found.extend(queues(talk)?);
    found.extend(orders(talk)?);
    found.extend(money(talk)?);
    found.extend(shop(talk)?);
    if found.is_empty() {
        return Ok(Reply::new(talk.html(AdminText::DoctorHealthy {})));
    }
    let mut lines = vec![talk.html(AdminText::DoctorHead {})];
    lines.extend(found.into_iter().map(|it| talk.html(it)));
    Ok(Reply::new(joined(&lines)))
}

/// The periodic work and the updates, which some process must be at.
fn processes(talk: &mut Talk<'_, '_>) -> Result<Vec<AdminText>, Stop> {
    let mut found = Vec::new();
    if jobs::role(talk.tx, SCHEDULER_ROLE, NOBODY, talk.now)? == Lease::Free {
        found.push(AdminText::DoctorScheduler {});
    }
    let updates = inbox::count_waiting(talk.tx)?;
    if updates > COUNTED_MAX {
        found.push(AdminText::DoctorUpdates { updates });
    }
    Ok(found)
}

fn queues(talk: &mut Talk<'_, '_>) -> Result<Vec<AdminText>, Stop> {
    let paused = jobs::paused(talk.tx)?;
    let depths = jobs::depths(talk.tx)?;
    let mut found = Vec::new();
    for depth in depths.iter().filter(|it| it.state == "ready" && !paused.contains(&it.queue)) {
        let waited = talk.now.since(depth.oldest_due_at);
        if waited <= WAITED_MAX {
            continue;
        }
        let queue = depth.queue.clone();
        let runs = depths.iter().any(|it| it.state == "running" && it.queue == queue);
        let is_busy =
            runs || (has_places(&queue) && places_left(talk.tx, talk.house, &queue)? == 0);
        found.push(AdminText::DoctorQueue {
            queue,
            jobs: depth.jobs,
            minutes: i64::try_from(waited.as_secs() / 60).unwrap_or(i64::MAX),
            why: if is_busy { "busy" } else { "nobody" }.to_owned(),
        });
    }
    if !paused.is_empty() {
        found.push(AdminText::DoctorPaused { names: paused.join(", ") });
    }
    let dead: i64 = depths.iter().filter(|it| it.state == "dead").map(|it| it.jobs).sum();
    if dead > 0 {
        found.push(AdminText::DoctorDead { jobs: dead });
    }
    Ok(found)
}

fn orders(talk: &mut Talk<'_, '_>) -> Result<Vec<AdminText>, Stop> {
    let before = talk.now.minus(STUCK_AFTER);
    let orders = count(&admins::stuck_orders(talk.tx, before, talk.now, COUNTED_MAX)?);
    let limit = usize::try_from(COUNTED_MAX).unwrap_or(usize::MAX);
    let holds = count(&ledger::open_holds_older_than(talk.tx, talk.now, limit)?);
    let is_any = orders > 0 || holds > 0;
    Ok(is_any.then_some(AdminText::DoctorStuck { orders, holds }).into_iter().collect())
}

fn money(talk: &mut Talk<'_, '_>) -> Result<Vec<AdminText>, Stop> {
    let mut found = Vec::new();
    let review = count(&payments::review(talk.tx, COUNTED_MAX)?);
    if review > 0 {
        found.push(AdminText::DoctorReview { payments: review });
    }
    let suspense = count(&payments::open_suspense(talk.tx, COUNTED_MAX)?);
    if suspense > 0 {
        found.push(AdminText::DoctorSuspense { sums: suspense });
    }
    Ok(found)
}

/// What is kept from being sold.
fn shop(talk: &mut Talk<'_, '_>) -> Result<Vec<AdminText>, Stop> {
    let paused = talk.house.catalog.paused();
    let down = talk.house.providers_down().into_iter().filter(|name| !paused.contains(name));
    let mut found: Vec<_> = down.map(|name| AdminText::DoctorDown { name }).collect();
    found.extend(paused.iter().map(|name| AdminText::DoctorHalted { name: name.clone() }));
    let broken = count(&talk.house.catalog.current().broken);
    if broken > 0 {
        found.push(AdminText::DoctorBroken { rows: broken });
    }
    if super::maintenance(talk.tx)?.is_some() {
        found.push(AdminText::DoctorClosed {});
    }
    Ok(found)
}

fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}
