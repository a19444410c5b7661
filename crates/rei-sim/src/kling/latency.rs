//! How long things take, on the simulator's clock.

use serde::{Deserialize, Serialize};

/// A time between these two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// Milliseconds.
    pub min_ms: u64,
    /// Milliseconds.
    pub max_ms: u64,
}

/// How long a task stands in each stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageLatency {
    /// From `submitted` to `processing`.
    pub submitted: Latency,
    /// From `processing` to the end.
    pub processing: Latency,
}

impl Latency {
    /// Always the same time.
    pub fn exactly(ms: u64) -> Self {
        Self { min_ms: ms, max_ms: ms }
    }

    /// A moment between the two ends, another for each number, the same in each run.
    pub(super) fn pick(self, number: u64) -> i64 {
        let span = self.max_ms.saturating_sub(self.min_ms);
        let share = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let ms = self.min_ms + share * span / (u64::from(u32::MAX) + 1);
        i64::try_from(ms).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latency_stays_between_its_ends_and_varies() {
        let latency = Latency { min_ms: 2_000, max_ms: 4_000 };
        let picked: Vec<_> = (1..50).map(|number| latency.pick(number)).collect();
        assert!(picked.iter().all(|ms| (2_000..=4_000).contains(ms)), "{picked:?}");
        assert!(picked.iter().max() > picked.iter().min());
        assert_eq!((Latency::default().pick(7), Latency::exactly(5).pick(7)), (0, 5));
    }
}
