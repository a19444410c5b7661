//! What the operator sees of the calls: counters, durations, and a log line for our own bugs.

use std::time::Duration;

use crate::error::CallError;
use crate::redact;

/// Counts one call with its outcome; a malformed call is also logged, with parameter names only.
pub(crate) fn called<T>(
    method: &'static str,
    parameters: &[String],
    outcome: &Result<T, CallError>,
    took: Duration,
) {
    let class = outcome.as_ref().err().map_or("ok", CallError::class);
    metrics::counter!("telegram_calls_total", "method" => method, "class" => class).increment(1);
    metrics::histogram!("telegram_call_seconds", "method" => method).record(took.as_secs_f64());
    match outcome {
        Err(CallError::Flood { retry_after }) => {
            metrics::counter!("telegram_flood_seconds_total", "method" => method)
                .increment(*retry_after);
        }
        Err(CallError::OurBug { description }) => {
            tracing::error!(
                telegram.method = method,
                telegram.parameters = parameters.join(" "),
                telegram.description = description,
                "Telegram refused a call as malformed; this is a bug of ours"
            );
        }
        _ => {}
    }
}

/// Counts a refusal whose words the table of classes does not know.
pub(crate) fn unmatched(status: u16, description: &str) {
    metrics::counter!(
        "telegram_unmatched_errors_total",
        "status" => status.to_string(),
        "description" => redact::label(description),
    )
    .increment(1);
}

/// Counts an item of `getUpdates` that has no usable `update_id`.
pub(crate) fn broken_update() {
    metrics::counter!("telegram_broken_updates_total").increment(1);
    tracing::warn!("Telegram sent an update without an id; it is skipped");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex};

    use metrics::{
        Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
    };

    use super::*;

    /// Counters by name and labels.
    #[derive(Default)]
    struct Counters(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

    impl Recorder for Counters {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
            let name = format!("{}{}", key.name(), labels.collect::<String>());
            let mut counters = self.0.lock().expect("a lock");
            Counter::from_arc(counters.entry(name).or_default().clone())
        }

        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }

        fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::noop()
        }
    }

    fn counted(work: impl FnOnce()) -> Vec<(String, u64)> {
        let counters = Counters::default();
        metrics::with_local_recorder(&counters, work);
        let counters = counters.0.into_inner().expect("a lock");
        counters.into_iter().map(|(name, count)| (name, count.load(Ordering::SeqCst))).collect()
    }

    #[test]
    fn calls_are_counted_by_method_and_class_and_floods_by_their_seconds() {
        let took = Duration::from_millis(5);
        let counters = counted(|| {
            called("sendMessage", &[], &Ok(()), took);
            called("sendMessage", &[], &Ok(()), took);
            called::<()>("sendMessage", &[], &Err(CallError::Flood { retry_after: 245 }), took);
        });
        let expected = [
            ("telegram_calls_total method=sendMessage class=flood".to_owned(), 1),
            ("telegram_calls_total method=sendMessage class=ok".to_owned(), 2),
            ("telegram_flood_seconds_total method=sendMessage".to_owned(), 245),
        ];
        assert_eq!(counters, expected);
    }

    #[test]
    fn words_that_no_rule_knows_are_counted_without_their_numbers() {
        let counters = counted(|| {
            for number in [1, 22, 333] {
                unmatched(400, &format!("Bad Request: NEW_TROUBLE_{number} with \"кот\""));
            }
        });
        let name = "telegram_unmatched_errors_total status=400 \
                    description=bad request: new_trouble_# with _";
        assert_eq!(counters, [(name.to_owned(), 3)]);
    }
}
