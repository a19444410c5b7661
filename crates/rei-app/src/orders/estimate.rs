//! When an order will be there, from what is measured: how long the latest ones of its row took, and how fast its
//! queue moves. Nothing is measured of a row that is hardly sold: then the catalogue tells.

use rei_domain::clock::Timestamp;
use rei_domain::ids::JobId;
use rei_domain::order::{OrderState, Wait};
use rei_storage::orders::{self, NewOrder, OrderRow};
use rei_storage::{BookError, Tx, jobs};

use super::queues::has_places;
use crate::House;

/// The latest orders of a row that are looked at.
const LATEST: i64 = 50;
/// Fewer than this tell nothing.
const LATEST_MIN: usize = 10;
/// A queue place beyond this is told as this: counting further would cost more than it says.
const AHEAD_COUNTED_MAX: i64 = 1_000;

/// How long things of one row take once they have begun, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Usual {
    /// Half of them take no longer.
    pub half_s: u32,
    /// Nine of ten take no longer.
    pub most_s: u32,
}

/// How long things of this row take.
///
/// # Errors
/// [`BookError`] when the book can't be read; so do the others.
pub(super) fn usual(tx: &mut Tx<'_>, house: &House, sku: &str) -> Result<Usual, BookError> {
    let latest = orders::latest_made_ms(tx, sku, LATEST)?;
    if let Some(measured) = measured(latest) {
        return Ok(measured);
    }
    let catalog = house.catalog.current();
    let [half_s, most_s] = catalog.model(sku).map_or([0, 0], |model| model.typical_s);
    Ok(Usual { half_s, most_s })
}

/// Where an order stands.
///
/// # Errors
/// As [`usual`].
pub(crate) fn wait_of(
    tx: &mut Tx<'_>,
    house: &House,
    row: &OrderRow,
    now: Timestamp,
) -> Result<Wait, BookError> {
    if row.state == OrderState::Queued {
        let (ahead, seconds) = of_waiting(tx, house, row.job, &row.queue, &row.sku)?;
        return Ok(Wait { ahead: Some(ahead), seconds: Some(seconds) });
    }
    let usual = usual(tx, house, &row.sku)?;
    let begun = orders::attempts_of(tx, row.id)?.last().map_or(row.state_at, |it| it.started_at);
    let passed_s = now.since(begun).as_secs();
    let left_s = |of: u32| u64::from(of).saturating_sub(passed_s);
    let seconds =
        (left_s(usual.most_s) > 0).then(|| told(left_s(usual.half_s), left_s(usual.most_s)));
    Ok(Wait { ahead: None, seconds })
}

/// How many jobs stand before a new order's, and in how many seconds it is there.
///
/// # Errors
/// As [`usual`].
pub(super) fn of_new(
    tx: &mut Tx<'_>,
    house: &House,
    new: &NewOrder,
) -> Result<(i64, [u32; 2]), BookError> {
    of_waiting(tx, house, new.job, &new.queue, &new.sku)
}

fn of_waiting(
    tx: &mut Tx<'_>,
    house: &House,
    job: JobId,
    queue: &str,
    sku: &str,
) -> Result<(i64, [u32; 2]), BookError> {
    let usual = usual(tx, house, sku)?;
    let ahead = jobs::place_in_queue(tx, job, AHEAD_COUNTED_MAX)?;
    let start_s = start_s(tx, house, queue, ahead, usual)?;
    let seconds = told(start_s + u64::from(usual.half_s), start_s + u64::from(usual.most_s));
    Ok((ahead, seconds))
}

/// In how many whole minutes a full queue has room again: a tenth of it is through.
///
/// # Errors
/// As [`usual`].
pub(super) fn room_in_minutes(
    tx: &mut Tx<'_>,
    house: &House,
    queue: &str,
    sku: &str,
    waiting: i64,
) -> Result<i64, BookError> {
    const MINUTES_MAX: i64 = 60;
    let usual = usual(tx, house, sku)?;
    let places = match has_places(queue) {
        true => i64::try_from(house.policy.queues.places).unwrap_or(i64::MAX),
        false => places_of(tx, house, queue)?.all,
    };
    let seconds = through_s(waiting / 10 + 1, places, usual);
    Ok(i64::try_from(seconds.div_ceil(60)).unwrap_or(MINUTES_MAX).clamp(1, MINUTES_MAX))
}

/// The half and the nine tenths of what was measured; `None` when that is too little.
fn measured(mut latest_ms: Vec<i64>) -> Option<Usual> {
    if latest_ms.len() < LATEST_MIN {
        return None;
    }
    latest_ms.sort_unstable();
    let at = |tenths: usize| {
        let ms = latest_ms[(latest_ms.len() * tenths / 10).min(latest_ms.len() - 1)];
        let ms = u64::try_from(ms).unwrap_or(0);
        u32::try_from(ms.div_ceil(1_000)).unwrap_or(u32::MAX).max(1)
    };
    Some(Usual { half_s: at(5), most_s: at(9) })
}

/// How many of a queue may be at work at once, and how many more than now.
struct Places {
    all: i64,
    free: i64,
}

/// A queue without places of its own has those of the workers. All of them are busy while something waits, so that
/// the running jobs are counted, in whatever processes they run.
fn places_of(tx: &mut Tx<'_>, house: &House, queue: &str) -> Result<Places, BookError> {
    let rules = &house.policy.queues;
    let count = |places: usize| i64::try_from(places).unwrap_or(i64::MAX);
    let (all, taken) = if has_places(queue) {
        (count(rules.places), orders::places_taken(tx, queue)?.taken)
    } else {
        let running = jobs::count_running(tx, queue)?;
        (count(rules.workers).max(running), running)
    };
    Ok(Places { all: all.max(1), free: (all - taken).max(0) })
}

/// In how many seconds the next job after so many others begins.
fn start_s(
    tx: &mut Tx<'_>,
    house: &House,
    queue: &str,
    ahead: i64,
    usual: Usual,
) -> Result<u64, BookError> {
    let places = places_of(tx, house, queue)?;
    let before = (ahead + 1 - places.free).max(0);
    Ok(through_s(before, places.all, usual))
}

/// How long so many jobs take on so many places.
fn through_s(jobs: i64, places: i64, usual: Usual) -> u64 {
    let (jobs, places) = (jobs.unsigned_abs(), places.unsigned_abs().max(1));
    jobs.saturating_mul(u64::from(usual.half_s)) / places
}

/// As people would say it: no shorter than a second, and never from and to the same.
fn told(from_s: u64, to_s: u64) -> [u32; 2] {
    /// From this long on nobody counts single seconds.
    const COARSE_FROM_S: u64 = 20;
    const COARSE_S: u64 = 5;
    let from = if from_s < COARSE_FROM_S { from_s } else { from_s / COARSE_S * COARSE_S }.max(1);
    let to = if to_s < COARSE_FROM_S { to_s } else { to_s.div_ceil(COARSE_S) * COARSE_S };
    [from, to.max(from + 1)].map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_counts_once_there_is_enough_of_it() {
        assert_eq!(measured(vec![30_000; LATEST_MIN - 1]), None);
        assert_eq!(measured(vec![30_000; 10]), Some(Usual { half_s: 30, most_s: 30 }));
        let spread = (1..=50).rev().map(|second| second * 1_000).collect();
        assert_eq!(measured(spread), Some(Usual { half_s: 26, most_s: 46 }));
        assert_eq!(measured(vec![-5; 10]), Some(Usual { half_s: 1, most_s: 1 }));
    }

    #[test]
    fn a_queue_is_as_fast_as_its_places() {
        let usual = Usual { half_s: 60, most_s: 120 };
        assert_eq!(through_s(10, 5, usual), 120);
        assert_eq!(through_s(0, 5, usual), 0);
        assert_eq!(through_s(3, 0, usual), 180);
    }

    #[test]
    fn a_wait_is_told_as_people_would() {
        assert_eq!(told(0, 0), [1, 2]);
        assert_eq!(told(7, 12), [7, 12]);
        assert_eq!(told(20, 40), [20, 40]);
        assert_eq!(told(63, 181), [60, 185]);
        assert_eq!(told(40, 40), [40, 41]);
    }
}
