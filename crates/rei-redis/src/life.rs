//! The background task that keeps the link alive: a heartbeat that tells the others that we live and brings back what
//! they know, and new connections when it fails.

use std::sync::Arc;
use std::time::Duration;

use redis::RedisError;
use rei_domain::chance::Chance;

use crate::Shared;
use crate::connect::{ConnectError, Connection};
use crate::limits::scripts;

/// How often this process shows that it lives and reads what the others have opened.
const BEAT_EVERY: Duration = Duration::from_millis(500);
/// A server that does not answer a heartbeat for so long is lost.
const BEAT_WITHIN: Duration = Duration::from_secs(2);
/// The first pause before a new connection, doubled up to the longest; each by chance up to that.
const PAUSE: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// Even chance does not make a process ask more often than this.
const PAUSE_MIN: Duration = Duration::from_millis(50);

/// Runs until aborted.
pub(crate) async fn live(shared: Arc<Shared>) {
    let mut connection = shared.link.first();
    let mut was_up = connection.is_some();
    show(was_up);
    loop {
        let connected = match connection.take() {
            Some(connection) => connection,
            None => reconnected(&shared).await,
        };
        if !was_up {
            metrics::counter!("redis_reconnects_total").increment(1);
            show(true);
            tracing::info!("redis is there: rings are heard and limits are shared");
        }
        shared.link.connected(connected.clone());
        let why = beat_until_lost(&shared, connected).await;
        shared.link.lost();
        show(false);
        was_up = false;
        tracing::warn!(
            why,
            "redis is lost; until it is back work is found by looking, and each process keeps limits of its own"
        );
    }
}

/// Says why it ended.
async fn beat_until_lost(shared: &Shared, connection: Connection) -> String {
    loop {
        match tokio::time::timeout(BEAT_WITHIN, beat(shared, &connection)).await {
            // It was only slow, if anybody doubted it.
            Ok(Ok(())) if !shared.link.is_up() => shared.link.connected(connection.clone()),
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error.to_string(),
            Err(_) => return "no answer in time".to_owned(),
        }
        tokio::select! {
            () = tokio::time::sleep(BEAT_EVERY) => {}
            () = shared.link.doubted() => {}
        }
    }
}

/// Tells that this process lives, and learns who else does and which circuits are open.
async fn beat(shared: &Shared, connection: &Connection) -> Result<(), RedisError> {
    let asked_at = tokio::time::Instant::now();
    let told: Vec<String> = scripts::BEAT
        .key(shared.names.processes())
        .key(shared.names.circuits())
        .arg(shared.names.process())
        .arg(scripts::ALIVE_FOR.as_millis().to_string())
        .invoke_async(&mut connection.inner.clone())
        .await?;
    let mut told = told.into_iter();
    let processes = told.next().and_then(|count| count.parse().ok()).unwrap_or(1);
    shared.processes.heard(processes);
    let mut open = Vec::new();
    while let (Some(circuit), Some(left_ms)) = (told.next(), told.next()) {
        let left = Duration::from_millis(left_ms.parse().unwrap_or_default());
        open.push((circuit, left));
    }
    shared.circuits.heard(open, asked_at);
    Ok(())
}

async fn reconnected(shared: &Shared) -> Connection {
    let mut pause = PAUSE;
    let mut complained = false;
    loop {
        tokio::time::sleep(jittered(pause, &*shared.chance)).await;
        pause = (pause * 2).min(PAUSE_MAX);
        let error = match shared.connector.open().await {
            Ok(connection) => {
                match tokio::time::timeout(BEAT_WITHIN, beat(shared, &connection)).await {
                    Ok(Ok(())) => return connection,
                    Ok(Err(error)) => ConnectError::Unreachable(error.to_string()),
                    Err(_) => ConnectError::Unreachable("no answer in time".to_owned()),
                }
            }
            Err(error) => error,
        };
        tracing::debug!(%error, "redis is still lost");
        // This does not mend itself, so the owner is told; once for each loss.
        if !complained && !matches!(error, ConnectError::Unreachable(_)) {
            complained = true;
            tracing::error!(%error, "redis is there and of no use");
        }
    }
}

fn jittered(pause: Duration, chance: &dyn Chance) -> Duration {
    chance.up_to(pause).max(PAUSE_MIN)
}

fn show(is_up: bool) {
    metrics::gauge!("redis_up").set(if is_up { 1.0 } else { 0.0 });
}
