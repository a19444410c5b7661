//! What the operator sees of outside calls: counters, durations, and one line for each that went wrong.

use std::time::Duration;

use crate::provider::{Submission, SubmitRequest, Usage};
use crate::rejection::Rejection;

/// Counts one submitted piece of work.
pub(crate) fn submitted(
    provider: &'static str,
    request: &SubmitRequest,
    submission: &Submission,
    took: Duration,
) {
    let outcome = match submission {
        Submission::Accepted { .. } => "accepted",
        Submission::Done(_) => "done",
        Submission::Rejected(rejection) => rejection.class.as_str(),
    };
    let model = request.model.clone();
    metrics::counter!(
        "provider_calls_total", "provider" => provider, "model" => model.clone(), "outcome" => outcome
    )
    .increment(1);
    metrics::histogram!("provider_call_seconds", "provider" => provider, "model" => model.clone())
        .record(took.as_secs_f64());
    match submission {
        Submission::Accepted { .. } => {}
        Submission::Done(done) => tokens(provider, model, done.usage),
        Submission::Rejected(rejection) => {
            metrics::counter!(
                "provider_rejections_total", "provider" => provider, "code" => rejection.code.clone()
            )
            .increment(1);
        }
    }
}

/// Notes a rejection with what the provider said about it; the caller has taken secrets and prompts out.
pub(crate) fn rejected(
    provider: &'static str,
    request: &SubmitRequest,
    rejection: &Rejection,
    said: &str,
) {
    let (class, code) = (rejection.class.as_str(), rejection.code.as_str());
    let (model, key) = (request.model.as_str(), request.key.as_str());
    if rejection.class.is_for_the_owner() {
        tracing::error!(
            provider,
            model,
            attempt.key = key,
            class,
            code,
            said,
            "the provider declined our request"
        );
    } else {
        tracing::warn!(
            provider,
            model,
            attempt.key = key,
            class,
            code,
            said,
            "the provider brought no result"
        );
    }
}

/// Notes a question that was not answered; the caller has taken secrets out. Questions are repeated, so it is no
/// more than a warning.
pub(crate) fn unanswered(provider: &'static str, question: &'static str, code: &str, said: &str) {
    metrics::counter!(
        "provider_questions_unanswered_total",
        "provider" => provider, "question" => question, "code" => code.to_owned()
    )
    .increment(1);
    tracing::warn!(provider, question, code, said, "the provider did not answer a question");
}

/// Notes a task that the provider gave up.
pub(crate) fn task_failed(provider: &'static str, task: &str, rejection: &Rejection) {
    let (class, code) = (rejection.class.as_str(), rejection.code.as_str());
    metrics::counter!("provider_rejections_total", "provider" => provider, "code" => code.to_owned())
        .increment(1);
    tracing::warn!(provider, task, class, code, "the provider gave a task up");
}

/// Shows whether the breaker lets calls through.
pub(crate) fn breaker(provider: &'static str, open: bool) {
    metrics::gauge!("provider_breaker_open", "provider" => provider).set(if open {
        1.0
    } else {
        0.0
    });
    if open {
        tracing::warn!(provider, "the provider failed too often and is left alone for a while");
    } else {
        tracing::info!(provider, "the provider works again");
    }
}

fn tokens(provider: &'static str, model: String, usage: Usage) {
    let kinds = [
        ("input", usage.input_tokens),
        ("output", usage.output_tokens.saturating_sub(usage.image_tokens)),
        ("image", usage.image_tokens),
        ("thought", usage.thought_tokens),
    ];
    for (kind, count) in kinds {
        metrics::counter!(
            "provider_tokens_total", "provider" => provider, "model" => model.clone(), "kind" => kind
        )
        .increment(count);
    }
}
