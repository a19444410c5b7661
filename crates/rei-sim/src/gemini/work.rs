//! What happens to a request that passed the checks: latency, then the behaviour that was arranged for it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::stream;
use serde_json::Value;

use super::answers::{self, Answers};
use super::ask::Ask;
use super::behaviour::Behaviour;
use super::pictures::PictureFormat;
use super::refusals::{Refusal, html};
use super::{Latency, SharedState};
use crate::common::server::Line;

/// Into how many pieces a slow body is cut.
const SLOW_PIECES: u32 = 16;
/// A picture that is no picture.
const JUNK: &[u8] = b"simulated junk, not a picture";

/// Answers call `call`.
pub async fn answer(state: &SharedState, line: &Line, ask: Ask, call: u64) -> Response {
    let behaviour = state.plan.take(&ask.contents.prompt);
    state.calls.amend(call, |call| call.behaviour = Some(behaviour.clone()));
    // What is refused at the door costs no time; what is drawn does.
    match behaviour {
        Behaviour::Error { error } => {
            return Refusal::arranged(error, ask.model.id).into_response();
        }
        Behaviour::Quota { retry_after_ms, limit_zero } => {
            return Refusal::quota(
                retry_after_ms.map(Duration::from_millis),
                limit_zero,
                ask.model.id,
            )
            .into_response();
        }
        Behaviour::Html { code } => return html(code),
        Behaviour::Hang => return std::future::pending().await,
        Behaviour::CutBefore => {
            line.cut();
            return html(500);
        }
        Behaviour::HugeBody { bytes } => return answers::huge(bytes),
        Behaviour::Slow { ms } => state.clock.sleep(Duration::from_millis(ms)).await,
        _ => state.clock.sleep(pick(state.latency(), call)).await,
    }
    draw(state, line, &ask, call, behaviour).await
}

async fn draw(
    state: &SharedState,
    line: &Line,
    ask: &Ask,
    call: u64,
    behaviour: Behaviour,
) -> Response {
    let answers = Answers { ask, number: call };
    match behaviour {
        Behaviour::TextOnly { text } => return answers::whole(&answers.words(&text)),
        Behaviour::PromptBlocked { reason } => return answers::whole(&answers.blocked(&reason)),
        Behaviour::Finish { reason } => return answers::whole(&answers.finish(&reason)),
        Behaviour::Empty => return answers::whole(&answers.empty()),
        Behaviour::RefuseFormerTurn if ask.contents.turns > 1 => {
            return answers::whole(&answers.finish("MISSING_THOUGHT_SIGNATURE"));
        }
        _ if !ask.wants_picture => {
            return answers::whole(&answers.words("Simulated: you asked for words only."));
        }
        _ => {}
    }
    let format =
        if behaviour == Behaviour::Jpeg { PictureFormat::Jpeg } else { PictureFormat::Png };
    let data = picture(state, ask, format, &behaviour).await;
    state.images_made.fetch_add(1, Ordering::Relaxed);
    let drafts = match behaviour {
        Behaviour::DraftThenImage => answers::drafts(format.mime(), &draft(state, ask).await),
        _ => Vec::new(),
    };
    let body = answers.picture(drafts, format.mime(), &data);
    match behaviour {
        Behaviour::CutAfter => {
            line.cut();
            html(500)
        }
        Behaviour::CutInBody => answers::broken(&body),
        Behaviour::TruncatedJson => answers::truncated(&body),
        Behaviour::SlowBody { ms } => slowly(state, &body, Duration::from_millis(ms)),
        _ => answers::whole(&body),
    }
}

async fn picture(
    state: &SharedState,
    ask: &Ask,
    format: PictureFormat,
    behaviour: &Behaviour,
) -> Arc<str> {
    match behaviour {
        Behaviour::NotAPicture => STANDARD.encode(JUNK).into(),
        Behaviour::NotBase64 => "simulated, not base64!".into(),
        Behaviour::WrongRatio => {
            let ratio = if ask.ratio == "16:9" { "1:1" } else { "16:9" };
            state.pictures.make(&with_ratio(ask, ratio), format).await
        }
        Behaviour::TornPicture => {
            let whole = state.pictures.make(ask, format).await;
            // Base64 may be cut at every fourth character.
            whole.get(..whole.len() / 8 * 4).unwrap_or_default().into()
        }
        _ => state.pictures.make(ask, format).await,
    }
}

async fn draft(state: &SharedState, ask: &Ask) -> Arc<str> {
    let mut draft = ask.clone();
    draft.contents.prompt.insert_str(0, "DRAFT: ");
    draft.size = "512".to_owned();
    state.pictures.make(&draft, PictureFormat::Png).await
}

fn with_ratio(ask: &Ask, ratio: &str) -> Ask {
    Ask { ratio: ratio.to_owned(), ..ask.clone() }
}

fn slowly(state: &SharedState, body: &Value, time: Duration) -> Response {
    let text = Bytes::from(body.to_string());
    let piece = text.len().div_ceil(SLOW_PIECES as usize).max(1);
    let pieces: Vec<Bytes> = (0..text.len())
        .step_by(piece)
        .map(|at| text.slice(at..(at + piece).min(text.len())))
        .collect();
    let clock = state.clock.clone();
    let trickle =
        stream::unfold((pieces.into_iter(), clock), move |(mut pieces, clock)| async move {
            let piece = pieces.next()?;
            clock.sleep(time / SLOW_PIECES).await;
            Some((Ok::<_, std::convert::Infallible>(piece), (pieces, clock)))
        });
    super::refusals::answer(200, "application/json; charset=UTF-8", Body::from_stream(trickle))
}

/// A moment between the two ends, another for each call, the same in each run.
fn pick(latency: Latency, call: u64) -> Duration {
    let span = latency.max_ms.saturating_sub(latency.min_ms);
    let share = call.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    Duration::from_millis(latency.min_ms + share * span / (u64::from(u32::MAX) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latency_stays_between_its_ends_and_varies() {
        let latency = Latency { min_ms: 2_000, max_ms: 4_000 };
        let picked: Vec<_> = (1..50).map(|call| pick(latency, call).as_millis()).collect();
        assert!(picked.iter().all(|ms| (2_000..=4_000).contains(ms)), "{picked:?}");
        assert!(picked.iter().max() > picked.iter().min());
        assert_eq!(pick(Latency::default(), 7), Duration::ZERO);
    }
}
