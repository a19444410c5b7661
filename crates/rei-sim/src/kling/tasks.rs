//! The tasks and how they stand, which follows from the clock alone: nothing has to run for a task to go on.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use super::behaviour::{CallbackFault, ResultFault};
use super::order::Order;
use super::work::Worked;

/// How long a query waits for a clip that should be ready; afterwards it is told `processing`.
const WORK_WAIT: Duration = Duration::from_secs(2);

/// A task.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) id: String,
    pub(super) external_id: Option<String>,
    /// Without its inputs.
    pub(super) order: Order,
    pub(super) is_legacy: bool,
    pub(super) created_ms: i64,
    pub(super) processing_ms: i64,
    /// None: only by hand.
    pub(super) ends_ms: Option<i64>,
    /// It ends so, whatever its work comes to.
    pub(super) fails: Option<String>,
    pub(super) result_fault: Option<ResultFault>,
    pub(super) callback_fault: Option<CallbackFault>,
    /// How many more queries do not see it.
    pub(super) hidden: AtomicU32,
    /// How often its file was asked for.
    pub(super) downloads: AtomicU32,
    pub(super) work: watch::Receiver<Option<Worked>>,
    pub(super) ended: Mutex<Option<Ended>>,
    /// Rung when it is ended by hand.
    pub(super) rung: Notify,
}

/// An end that was made by hand.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    at_ms: i64,
    reason: Option<String>,
}

/// How a task stands, and since when.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) stage: Stage,
    pub(super) since_ms: i64,
}

#[derive(Clone, Debug)]
pub(super) enum Stage {
    Submitted,
    Processing,
    Succeeded(super::work::Made),
    Failed(String),
}

impl Stage {
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Succeeded(_) | Self::Failed(_))
    }
}

impl Task {
    /// How it stands at a moment.
    pub(super) async fn seen(&self, now_ms: i64) -> Seen {
        let ended = self.lock().clone();
        let due_ms = ended.as_ref().map(|ended| ended.at_ms).or(self.ends_ms);
        let Some(due_ms) = due_ms.filter(|due_ms| *due_ms <= now_ms) else {
            let processing = Seen { stage: Stage::Processing, since_ms: self.processing_ms };
            let submitted = Seen { stage: Stage::Submitted, since_ms: self.created_ms };
            return if now_ms < self.processing_ms { submitted } else { processing };
        };
        let reason = match ended {
            Some(ended) => ended.reason,
            None => self.fails.clone(),
        };
        let stage = match reason {
            Some(reason) => Stage::Failed(reason),
            None => self.outcome().await,
        };
        let since_ms = if stage.is_final() { due_ms } else { self.processing_ms };
        Seen { stage, since_ms }
    }

    async fn outcome(&self) -> Stage {
        let mut work = self.work.clone();
        let worked = tokio::time::timeout(WORK_WAIT, work.wait_for(Option::is_some)).await;
        match worked.as_ref().map(|worked| worked.as_deref()) {
            Ok(Ok(Some(Ok(made)))) => Stage::Succeeded(made.clone()),
            Ok(Ok(Some(Err(reason)))) => Stage::Failed(reason.clone()),
            _ => Stage::Processing,
        }
    }

    /// Ends it now; a reason makes it a failure. False: it has ended before.
    pub(super) fn end(&self, at_ms: i64, reason: Option<String>) -> bool {
        let mut ended = self.lock();
        if ended.is_some() || self.ends_ms.is_some_and(|ends_ms| ends_ms <= at_ms) {
            return false;
        }
        *ended = Some(Ended { at_ms, reason });
        self.rung.notify_one();
        true
    }

    /// Whether this query does not see it.
    pub(super) fn hides(&self) -> bool {
        let less = |left: u32| left.checked_sub(1);
        self.hidden.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
    }

    /// Whether it is over at a moment, and its place is free.
    fn is_over(&self, now_ms: i64) -> bool {
        let by_hand = self.lock().as_ref().is_some_and(|ended| ended.at_ms <= now_ms);
        by_hand || self.ends_ms.is_some_and(|ends_ms| ends_ms <= now_ms)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Ended>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All tasks, by both kinds of ids; the oldest are forgotten.
#[derive(Debug)]
pub(super) struct Book {
    keep_max: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    by_id: HashMap<String, Arc<Task>>,
    by_external_id: HashMap<String, Arc<Task>>,
    age: VecDeque<String>,
    /// By the model's version: what was not over at the last look, and the most of it at any moment.
    at_once: BTreeMap<&'static str, (Vec<Arc<Task>>, usize)>,
}

impl Book {
    pub(super) fn new(keep_max: usize) -> Self {
        Self { keep_max: keep_max.max(1), kept: Mutex::default() }
    }

    /// Adds a task, unless its external id is taken.
    pub(super) fn add(&self, task: &Arc<Task>) -> bool {
        let mut kept = self.lock();
        if let Some(external_id) = &task.external_id {
            if kept.by_external_id.contains_key(external_id) {
                return false;
            }
            kept.by_external_id.insert(external_id.clone(), Arc::clone(task));
        }
        let (running, most) = kept.at_once.entry(task.order.model.id).or_default();
        running.retain(|running| !running.is_over(task.created_ms));
        running.push(Arc::clone(task));
        *most = (*most).max(running.len());
        kept.by_id.insert(task.id.clone(), Arc::clone(task));
        kept.age.push_back(task.id.clone());
        if kept.age.len() > self.keep_max {
            let oldest = kept.age.pop_front().and_then(|id| kept.by_id.remove(&id));
            if let Some(external_id) = oldest.as_ref().and_then(|task| task.external_id.as_ref()) {
                kept.by_external_id.remove(external_id);
            }
        }
        true
    }

    /// The most tasks of each model's version that there were at once.
    pub(super) fn most_at_once(&self) -> BTreeMap<&'static str, usize> {
        self.lock().at_once.iter().map(|(model, (_, most))| (*model, *most)).collect()
    }

    pub(super) fn by_id(&self, id: &str) -> Option<Arc<Task>> {
        self.lock().by_id.get(id).cloned()
    }

    pub(super) fn by_external_id(&self, id: &str) -> Option<Arc<Task>> {
        self.lock().by_external_id.get(id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
