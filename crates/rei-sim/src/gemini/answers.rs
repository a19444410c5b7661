//! Successful answers, whole and damaged, in the form of `GenerateContentResponse`.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use super::ask::Ask;
use super::contents;
use super::refusals::answer;

const JSON: &str = "application/json; charset=UTF-8";
const THOUGHT_TOKENS: u32 = 210;
/// Filler of huge bodies, sent again and again.
static FILLER: [u8; 64 * 1024] = [b'A'; 64 * 1024];

/// The texts of one answer that depend on nothing but its number.
pub struct Answers<'a> {
    /// What was asked.
    pub ask: &'a Ask,
    /// From 1.
    pub number: u64,
}

impl Answers<'_> {
    /// `STOP` with a picture, after drafts if there are any.
    pub fn picture(&self, drafts: Vec<Value>, mime: &str, data: &str) -> Value {
        let mut part = json!({"inlineData": {"mimeType": mime, "data": data}});
        if self.ask.model.signs {
            part["thoughtSignature"] = contents::signature(self.number, data).into();
        }
        let mut parts = drafts;
        parts.push(part);
        self.candidate(json!({"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}), true)
    }

    /// `STOP` with words only.
    pub fn words(&self, text: &str) -> Value {
        let content = json!({"role": "model", "parts": [{"text": text}]});
        self.candidate(json!({"content": content, "finishReason": "STOP", "index": 0}), false)
    }

    /// A candidate without content.
    pub fn finish(&self, reason: &str) -> Value {
        let message = format!("Simulated: the model stopped with {reason}.");
        self.candidate(json!({"finishReason": reason, "finishMessage": message, "index": 0}), false)
    }

    /// No candidates, because of the prompt.
    pub fn blocked(&self, reason: &str) -> Value {
        let mut body = self.empty();
        body["promptFeedback"] = json!({"blockReason": reason});
        body
    }

    /// Neither candidates nor feedback.
    pub fn empty(&self) -> Value {
        let prompt = self.prompt_tokens();
        json!({
            "usageMetadata": {"promptTokenCount": prompt, "totalTokenCount": prompt},
            "modelVersion": self.ask.model.id,
            "responseId": format!("sim-{}", self.number),
        })
    }

    fn candidate(&self, candidate: Value, with_picture: bool) -> Value {
        let prompt = self.prompt_tokens();
        let output = if with_picture { self.ask.model.output_tokens(&self.ask.size) } else { 0 };
        let mut body = self.empty();
        body["candidates"] = json!([candidate]);
        body["usageMetadata"] = json!({
            "promptTokenCount": prompt,
            "candidatesTokenCount": output,
            "thoughtsTokenCount": THOUGHT_TOKENS,
            "totalTokenCount": prompt + output + THOUGHT_TOKENS,
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": output}],
        });
        body
    }

    fn prompt_tokens(&self) -> u32 {
        let words =
            u32::try_from(self.ask.contents.prompt.chars().count() / 4 + 1).unwrap_or(u32::MAX);
        let pictures = u32::try_from(self.ask.contents.pictures.len()).unwrap_or(u32::MAX);
        words.saturating_add(pictures.saturating_mul(self.ask.model.input_picture_tokens))
    }
}

/// A part of thinking: a remark and a draft picture.
pub fn drafts(mime: &str, data: &str) -> Vec<Value> {
    vec![
        json!({"text": "Simulated thinking: first a draft.", "thought": true}),
        json!({"inlineData": {"mimeType": mime, "data": data}, "thought": true}),
    ]
}

/// 200 with this body.
pub fn whole(body: &Value) -> Response {
    answer(200, JSON, body.to_string())
}

/// 200 whose JSON ends early.
pub fn truncated(body: &Value) -> Response {
    let text = body.to_string();
    answer(200, JSON, text.as_bytes()[..text.len() / 2].to_vec())
}

/// 200 whose connection breaks after half of the body.
pub fn broken(body: &Value) -> Response {
    let text = Bytes::from(body.to_string());
    let half = text.slice(..text.len() / 2);
    let loss = stream::once(async {
        // Gives way once, so that the first half leaves before the line breaks.
        tokio::task::yield_now().await;
        Err(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "the simulator cut the line"))
    });
    answer(200, JSON, Body::from_stream(stream::once(async { Ok(half) }).chain(loss)))
}

/// 200 with about this many bytes of one base64 string.
pub fn huge(bytes: u64) -> Response {
    let head = Bytes::from_static(br#"{"candidates":[{"content":{"role":"model","parts":[{"inlineData":{"mimeType":"image/png","data":""#);
    let tail = Bytes::from_static(br#""}}]},"finishReason":"STOP","index":0}]}"#);
    let times = usize::try_from(bytes / FILLER.len() as u64).unwrap_or(usize::MAX);
    let filler = std::iter::repeat_n(Bytes::from_static(&FILLER), times);
    let pieces = std::iter::once(head).chain(filler).chain(std::iter::once(tail));
    answer(
        200,
        JSON,
        Body::from_stream(stream::iter(pieces.map(Ok::<_, std::convert::Infallible>))),
    )
}
