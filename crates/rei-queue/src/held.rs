//! The claims that a runner holds, for heartbeats and for handing back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rei_domain::ids::JobId;
use rei_storage::jobs::Claim;

/// Claims by job, in one order: heartbeats of several processes then lock their rows in the same order.
#[derive(Clone, Default)]
pub(crate) struct Held(Arc<Mutex<BTreeMap<JobId, Claim>>>);

impl Held {
    pub(crate) fn add(&self, claim: &Claim) {
        self.lock().insert(claim.job, claim.clone());
    }

    /// Removes this claim, but not a later one of the same job.
    pub(crate) fn remove(&self, claim: &Claim) {
        let mut held = self.lock();
        if held.get(&claim.job).is_some_and(|found| found.fence == claim.fence) {
            held.remove(&claim.job);
        }
    }

    pub(crate) fn all(&self) -> Vec<Claim> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<JobId, Claim>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
