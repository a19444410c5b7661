//! What the operator sees of the API: counters, durations, and one line when its health changes. Failed calls are
//! logged by whoever handles them.

use std::time::Duration;

use crate::client::CallError;

/// Counts one call that was let out, or held.
pub(crate) fn called(call: &'static str, error: Option<&CallError>, took: Duration) {
    let outcome = error.map_or("done", CallError::kind);
    metrics::counter!("yookassa_calls_total", "call" => call, "outcome" => outcome).increment(1);
    metrics::histogram!("yookassa_call_seconds", "call" => call).record(took.as_secs_f64());
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match error {
        None => tracing::debug!(call, duration_ms, "yookassa answered"),
        Some(error) => {
            tracing::debug!(call, outcome, duration_ms, %error, "yookassa brought no object");
        }
    }
}

/// The API failed too often.
pub(crate) fn resting() {
    metrics::gauge!("yookassa_breaker_open").set(1.0);
    tracing::warn!("yookassa failed too often and is left alone for a while");
}

/// The API does not accept our key.
pub(crate) fn locked(error: Option<&CallError>) {
    metrics::gauge!("yookassa_breaker_open").set(1.0);
    let complaint = error.and_then(CallError::complaint).map(ToString::to_string);
    tracing::error!(
        complaint,
        "yookassa does not accept the shop id with this key; nobody can pay until the owner mends it"
    );
}

/// The trial call went well.
pub(crate) fn works_again() {
    metrics::gauge!("yookassa_breaker_open").set(0.0);
    tracing::info!("yookassa works again");
}
