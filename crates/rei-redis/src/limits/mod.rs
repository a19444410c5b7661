//! The limits that all processes keep together. Redis's own clock is the only one that counts.

mod circuits;
mod places;
mod processes;
pub(crate) mod scripts;

use std::sync::Arc;
use std::time::Duration;

use rei_domain::shared::{Bucket, Known, Later, Limits, Place};
use tokio::time::Instant;

use crate::Redis;
use crate::errands::Errand;

pub(crate) use circuits::Circuits;
pub(crate) use places::Leases;
pub(crate) use processes::Processes;

impl Limits for Redis {
    fn place<'a>(
        &'a self,
        name: &'a str,
        places: u32,
        within: Duration,
    ) -> Later<'a, Known<Option<Place>>> {
        Box::pin(places::take(Arc::clone(&self.shared), name, places, within))
    }

    fn admit<'a>(&'a self, buckets: &'a [Bucket]) -> Later<'a, Known<Result<(), Duration>>> {
        Box::pin(async move {
            let names = &self.shared.names;
            let mut script = scripts::ADMIT.prepare_invoke();
            for bucket in buckets {
                script.key(names.bucket(&bucket.name)).key(names.silence(&bucket.name));
                script.arg(micros(bucket.refill)).arg(bucket.burst).arg(bucket.takes);
            }
            match self.shared.link.run::<u64>(&script).await {
                Ok(0) => Known::Yes(Ok(())),
                Ok(wait_us) => Known::Yes(Err(Duration::from_micros(wait_us))),
                Err(_) => Known::No,
            }
        })
    }

    fn silence(&self, bucket: &str, length: Duration) {
        let until = Instant::now() + length;
        self.shared.errands.leave(Errand::Silence { bucket: bucket.to_owned(), until });
    }

    fn open_for(&self, circuit: &str) -> Option<Duration> {
        self.shared.circuits.open_for(circuit)
    }

    fn open(&self, circuit: &str, length: Duration) {
        let until = Instant::now() + length;
        self.shared.circuits.open(circuit, until);
        self.shared.errands.leave(Errand::Open { circuit: circuit.to_owned(), until });
    }

    fn close(&self, circuit: &str) {
        self.shared.circuits.close(circuit);
        self.shared.errands.leave(Errand::Close { circuit: circuit.to_owned() });
    }

    fn trial<'a>(&'a self, circuit: &'a str, within: Duration) -> Later<'a, Known<bool>> {
        Box::pin(async move {
            let names = &self.shared.names;
            let mut script = scripts::TRIAL.prepare_invoke();
            script.key(names.circuits()).key(names.trial(circuit));
            script.arg(circuit).arg(names.process()).arg(millis(within));
            self.shared.link.run(&script).await.map_or(Known::No, Known::Yes)
        })
    }

    fn processes(&self) -> u32 {
        self.shared.processes.count(self.shared.link.is_up())
    }
}

/// Redis takes no zero for a time to live.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
