//! Logs, traces and metrics of the process. Started once, first thing after the settings; flushed when its guard goes.
//!
//! Secrets are replaced in everything that leaves here. What is worth a line is decided where it happens, not here.

mod redact;
mod traces;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::ExporterBuildError;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

pub use redact::{Redacting, RedactingWriter, Redactor};

use crate::settings::{Log, LogFormat, Settings};

/// Upper bounds of all histograms of durations: from an answer within a millisecond to a video of ten minutes.
const SECONDS_BUCKETS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
    120.0, 300.0, 600.0,
];

/// How often histograms are folded, so that they do not grow while nobody scrapes.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// Keeps logs, traces and metrics going; sends what is left when dropped.
#[derive(Debug)]
pub struct Guard {
    /// Renders the metrics for `/metrics`.
    pub metrics: PrometheusHandle,
    /// For secrets made at run time, and for texts that are printed past the log.
    pub redactor: Redactor,
    traces: Option<SdkTracerProvider>,
    /// The upkeep thread ends when this goes.
    _upkeep: Sender<()>,
}

/// Why observability could not start.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// It was started before in this process.
    #[error("logging was already started in this process")]
    Subscriber(#[from] tracing_subscriber::util::TryInitError),
    /// The same, for metrics.
    #[error("metrics were already started in this process")]
    Metrics(#[from] BuildError),
    /// The collector's address cannot be used.
    #[error("traces cannot be sent to the OpenTelemetry collector")]
    Traces(#[from] ExporterBuildError),
    /// The system has no thread left.
    #[error("the upkeep thread of the metrics did not start")]
    Upkeep(#[from] std::io::Error),
}

/// Starts logs on standard error, traces if a collector is set, and metrics.
///
/// # Errors
/// [`InitError`]; nothing else of the program should start then.
pub fn init(settings: &Settings) -> Result<Guard, InitError> {
    let redactor = Redactor::new(&settings.secrets());
    let traces = match &settings.log.otlp_endpoint {
        Some(endpoint) => Some(traces::provider(endpoint, redactor.clone())?),
        None => None,
    };
    let colours = std::io::stderr().is_terminal();
    subscriber(&settings.log, redactor.clone(), traces.as_ref(), std::io::stderr, colours)
        .try_init()?;
    log_panics();
    let metrics = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS_BUCKETS)?
        .install_recorder()?;
    metrics::gauge!("rei_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    let upkeep = start_upkeep(metrics.clone())?;
    Ok(Guard { metrics, redactor, traces, _upkeep: upkeep })
}

/// Sends panics through the log, whose writer redacts them; the default hook would print past it.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let backtrace = Backtrace::capture();
        match backtrace.status() {
            BacktraceStatus::Captured => {
                tracing::error!(%panic, %backtrace, "a panic, which is a bug of ours")
            }
            _ => tracing::error!(%panic, "a panic, which is a bug of ours"),
        }
    }));
}

/// The subscriber over any writer.
fn subscriber<W>(
    log: &Log,
    redactor: Redactor,
    traces: Option<&SdkTracerProvider>,
    writer: W,
    colours: bool,
) -> impl Subscriber + Send + Sync + use<W>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let writer = Redacting::new(redactor, writer);
    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = vec![match log.format {
        LogFormat::Text => fmt::layer().with_writer(writer).with_ansi(colours).boxed(),
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_writer(writer).boxed(),
    }];
    if let Some(provider) = traces {
        // The exporter's own client must not be traced: each batch would make the next one.
        let ours = filter_fn(|metadata| metadata.target().starts_with("rei"));
        let layer =
            tracing_opentelemetry::layer().with_tracer(provider.tracer(traces::SERVICE_NAME));
        layers.push(layer.with_filter(ours).boxed());
    }
    // Settings have parsed the same text before.
    tracing_subscriber::registry().with(layers).with(EnvFilter::new(&log.filter))
}

fn start_upkeep(metrics: PrometheusHandle) -> std::io::Result<Sender<()>> {
    let (alive, ended) = mpsc::channel::<()>();
    thread::Builder::new().name("metrics-upkeep".to_owned()).spawn(move || {
        while ended.recv_timeout(UPKEEP_INTERVAL) == Err(RecvTimeoutError::Timeout) {
            metrics.run_upkeep();
        }
    })?;
    Ok(alive)
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(traces) = self.traces.take()
            && let Err(error) = traces.shutdown()
        {
            tracing::warn!(%error, "the last traces did not reach the collector");
        }
    }
}

#[cfg(test)]
mod tests;
