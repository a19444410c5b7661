//! How long a failed job waits: exponential with full jitter.

use std::time::Duration;

use rei_domain::chance::Chance;

/// The waits between tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The longest first wait; each further try doubles it.
    pub base: Duration,
    /// No wait is longer.
    pub max: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: Duration::from_secs(2), max: Duration::from_secs(120) }
    }
}

impl Backoff {
    /// The wait after this many failed tries: anything from nothing to the doubled limit.
    pub fn wait(&self, attempts_made: i64, chance: &dyn Chance) -> Duration {
        let exponent = u32::try_from(attempts_made.saturating_sub(1).clamp(0, 20)).unwrap_or(0);
        chance.up_to(self.base.saturating_mul(1 << exponent).min(self.max))
    }
}

#[cfg(test)]
mod tests {
    use rei_domain::chance::SeededChance;

    use super::*;

    #[test]
    fn waits_double_up_to_a_limit_and_vary() {
        let backoff = Backoff { base: Duration::from_secs(1), max: Duration::from_secs(10) };
        let chance = SeededChance::new(1);
        for attempts in 1..40 {
            let limit = Duration::from_secs(1 << (attempts - 1).min(10)).min(backoff.max);
            let waits: Vec<_> = (0..20).map(|_| backoff.wait(attempts, &chance)).collect();
            assert!(waits.iter().all(|wait| *wait <= limit));
            assert!(waits.iter().any(|wait| *wait != waits[0]), "there is no jitter");
        }
    }
}
