//! Traces to an OpenTelemetry collector: OTLP over HTTP, batched on a thread of its own, redacted like the log.

use std::borrow::Cow;
use std::time::Duration;

use opentelemetry::trace::Status;
use opentelemetry::{KeyValue, StringValue, Value};
use opentelemetry_otlp::{ExporterBuildError, Protocol, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};

use super::redact::Redactor;

/// How long one batch may take to send; a slow collector costs spans, never the bot's time.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// The name under which a collector files our traces.
pub const SERVICE_NAME: &str = "rei-bot";

/// A provider of tracers that sends to the collector at `endpoint` (without `/v1/traces`).
///
/// # Errors
/// When the endpoint cannot be used or the client cannot be built.
pub fn provider(
    endpoint: &str,
    redactor: Redactor,
) -> Result<SdkTracerProvider, ExporterBuildError> {
    // Somebody may have chosen a provider of cryptography already; either serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let inner = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{endpoint}/v1/traces"))
        .with_protocol(Protocol::HttpBinary)
        .with_timeout(EXPORT_TIMEOUT)
        .build()?;
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource =
        Resource::builder().with_service_name(SERVICE_NAME).with_attribute(version).build();
    let exporter = RedactingExporter { inner, redactor };
    Ok(SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build())
}

/// An exporter that replaces secrets in the texts of a span before it leaves.
#[derive(Debug)]
struct RedactingExporter<E> {
    inner: E,
    redactor: Redactor,
}

impl<E: SpanExporter> SpanExporter for RedactingExporter<E> {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        for span in &mut batch {
            clean(&self.redactor, span);
        }
        self.inner.export(batch).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

fn clean(redactor: &Redactor, span: &mut SpanData) {
    span.name = Cow::Owned(redactor.redact_text(&span.name));
    clean_all(redactor, &mut span.attributes);
    for event in &mut span.events.events {
        event.name = Cow::Owned(redactor.redact_text(&event.name));
        clean_all(redactor, &mut event.attributes);
    }
    if let Status::Error { description } = &mut span.status {
        *description = Cow::Owned(redactor.redact_text(description));
    }
}

fn clean_all(redactor: &Redactor, attributes: &mut [KeyValue]) {
    for attribute in attributes {
        if let Value::String(text) = &attribute.value {
            attribute.value = Value::String(StringValue::from(redactor.redact_text(text.as_str())));
        }
    }
}
