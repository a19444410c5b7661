//! What is told to Redis without waiting: places given back, silences, circuits opened and closed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::Shared;
use crate::limits::scripts;
use crate::link::Unanswered;

/// Errands that wait while Redis is lost; more are forgotten, since all of them expire anyway.
const WAITING_MAX: usize = 1_024;
/// An errand that Redis does not do while it does everything else is given up.
const TRIES_MAX: u32 = 3;

#[derive(Debug)]
pub(crate) enum Errand {
    /// A lease is not needed any more.
    GiveBack { places: String, lease: String },
    /// Nothing is taken from a bucket until then.
    Silence { bucket: String, until: Instant },
    /// A circuit rests until then.
    Open { circuit: String, until: Instant },
    /// A circuit works again.
    Close { circuit: String },
}

/// Where errands are left.
pub(crate) struct Errands(mpsc::Sender<Errand>);

impl Errands {
    pub(crate) fn leave(&self, errand: Errand) {
        if self.0.try_send(errand).is_err() {
            metrics::counter!("redis_errands_forgotten_total").increment(1);
        }
    }
}

pub(crate) fn queue() -> (Errands, mpsc::Receiver<Errand>) {
    let (sender, receiver) = mpsc::channel(WAITING_MAX);
    (Errands(sender), receiver)
}

/// Does them one after the other, in the order in which they were left. Runs until aborted.
pub(crate) async fn run(shared: Arc<Shared>, mut errands: mpsc::Receiver<Errand>) {
    while let Some(errand) = errands.recv().await {
        for _ in 0..TRIES_MAX {
            shared.link.up().await;
            if go(&shared, &errand).await.is_ok() {
                break;
            }
        }
    }
}

async fn go(shared: &Shared, errand: &Errand) -> Result<(), Unanswered> {
    let (names, link) = (&shared.names, &shared.link);
    match errand {
        Errand::GiveBack { places, lease } => {
            link.ask(redis::cmd("ZREM").arg(places).arg(lease)).await
        }
        Errand::Silence { bucket, until } => {
            let Some(left_ms) = left_ms(*until) else { return Ok(()) };
            link.run(scripts::SILENCE.key(names.silence(bucket)).arg(left_ms)).await
        }
        Errand::Open { circuit, until } => {
            let left_ms = left_ms(*until).unwrap_or_default();
            let (circuits, trial) = (names.circuits(), names.trial(circuit));
            link.run(scripts::OPEN.key(circuits).key(trial).arg(circuit).arg(left_ms)).await
        }
        Errand::Close { circuit } => {
            let (circuits, trial) = (names.circuits(), names.trial(circuit));
            link.run(scripts::CLOSE.key(circuits).key(trial).arg(circuit)).await
        }
    }
}

/// `None` when that moment is over.
fn left_ms(until: Instant) -> Option<u64> {
    let left = until.saturating_duration_since(Instant::now());
    let left_ms = left.saturating_add(Duration::from_micros(999)).as_millis();
    (!left.is_zero()).then(|| u64::try_from(left_ms).unwrap_or(u64::MAX))
}
