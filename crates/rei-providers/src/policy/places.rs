//! Places for calls at the same time: of this process, and of all processes together.

use std::sync::Arc;
use std::time::Duration;

use rei_domain::shared::{Known, Place, SharedLimits};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A place that was not given back is free after this long; no call takes longer.
const PLACE_WITHIN: Duration = Duration::from_secs(15 * 60);

pub(super) struct Places {
    name: String,
    here: Arc<Semaphore>,
    here_max: usize,
    /// What all processes together may have; none: only each by itself is limited.
    total: Option<u32>,
    limits: SharedLimits,
}

/// A place that was taken; free again when dropped.
pub(super) struct Taken {
    _here: OwnedSemaphorePermit,
    _everywhere: Option<Place>,
}

impl Places {
    pub(super) fn new(
        name: String,
        here_max: usize,
        total: Option<u32>,
        limits: SharedLimits,
    ) -> Self {
        let here_max = here_max.clamp(1, Semaphore::MAX_PERMITS);
        let total = total.map(|total| total.max(1));
        Self { name, here: Arc::new(Semaphore::new(here_max)), here_max, total, limits }
    }

    /// A place, if one is free at once.
    pub(super) async fn take(&self) -> Option<Taken> {
        let here = Arc::clone(&self.here).try_acquire_owned().ok()?;
        let Some(total) = self.total else {
            return Some(Taken { _here: here, _everywhere: None });
        };
        let share = usize::try_from(self.limits.share(total)).unwrap_or(usize::MAX);
        let everywhere = match self.limits.place(&self.name, total, PLACE_WITHIN).await {
            Known::Yes(place) => Some(place?),
            Known::No if self.in_use() <= share => None,
            Known::No => return None,
        };
        Some(Taken { _here: here, _everywhere: everywhere })
    }

    /// The one just taken is counted.
    fn in_use(&self) -> usize {
        self.here_max - self.here.available_permits()
    }
}

#[cfg(test)]
mod tests {
    use rei_domain::shared::Alone;

    use super::*;
    use crate::policy::testing::Lonely;

    #[tokio::test]
    async fn without_a_word_of_the_others_a_process_keeps_to_its_share() {
        let places = Places::new("p".to_owned(), 9, Some(4), Arc::new(Lonely { processes: 2 }));
        let taken = [places.take().await.expect("one"), places.take().await.expect("two")];
        assert!(places.take().await.is_none());
        drop(taken);
        assert!(places.take().await.is_some());
    }

    #[tokio::test]
    async fn one_place_is_left_to_each_process_however_many_there_are() {
        let places = Places::new("p".to_owned(), 9, Some(2), Arc::new(Lonely { processes: 7 }));
        let _one = places.take().await.expect("one");
        assert!(places.take().await.is_none());
    }

    #[tokio::test]
    async fn a_process_alone_has_the_total_for_itself() {
        let places = Places::new("p".to_owned(), 9, Some(2), Arc::new(Alone));
        let _taken = [places.take().await.expect("one"), places.take().await.expect("two")];
        assert!(places.take().await.is_none());
    }
}
