//! The answer of `:generateContent`: finds the picture in it, or says why there is none.
//!
//! Tolerant: unknown fields are skipped, and a small field of an odd type counts as absent. The base64 of a picture
//! is decoded straight out of the answer; it is never copied.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Refused, finish};
use crate::provider::{Artifact, Done, Usage};
use crate::rejection::Rejection;

/// Standard base64, with or without its closing signs.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reply<'a> {
    #[serde(default, borrow)]
    candidates: Option<Vec<Candidate<'a>>>,
    #[serde(default)]
    prompt_feedback: Option<PromptFeedback>,
    #[serde(default, deserialize_with = "lenient")]
    usage_metadata: UsageMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate<'a> {
    #[serde(default, borrow)]
    content: Option<Content<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    finish_reason: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    finish_message: Option<String>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(default, borrow)]
    parts: Option<Vec<Part<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part<'a> {
    #[serde(default, borrow)]
    inline_data: Option<InlineData<'a>>,
    #[serde(default, deserialize_with = "lenient")]
    thought: bool,
    #[serde(default, deserialize_with = "lenient")]
    thought_signature: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InlineData<'a> {
    #[serde(default, deserialize_with = "lenient")]
    mime_type: String,
    #[serde(default, borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptFeedback {
    #[serde(default, deserialize_with = "lenient")]
    block_reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UsageMetadata {
    #[serde(default, deserialize_with = "lenient")]
    prompt_token_count: u64,
    #[serde(default, deserialize_with = "lenient")]
    candidates_token_count: u64,
    #[serde(default, deserialize_with = "lenient")]
    thoughts_token_count: u64,
    #[serde(default, deserialize_with = "lenient")]
    candidates_tokens_details: Vec<TokensDetail>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TokensDetail {
    #[serde(default, deserialize_with = "lenient")]
    modality: String,
    #[serde(default, deserialize_with = "lenient")]
    token_count: u64,
}

/// Reads the body of a successful answer.
///
/// # Errors
/// Why there is no picture, with what the provider said about it.
pub(super) fn read(body: &[u8]) -> Result<Done, Refused> {
    let refused = |rejection, said: String| Refused { rejection, said };
    let reply: Reply<'_> = serde_json::from_slice(body).map_err(|error| {
        // Torn or foreign: the picture may have been made and billed.
        let said = format!("{} bytes that are no answer: {error}", body.len());
        refused(Rejection::unknown("answer-unreadable"), said)
    })?;
    let candidate = reply.candidates.unwrap_or_default().into_iter().next();
    let blocked = reply.prompt_feedback.and_then(|feedback| feedback.block_reason);
    let blocked = blocked.filter(|word| !word.is_empty() && word != "BLOCK_REASON_UNSPECIFIED");
    let Some(candidate) = candidate else {
        return Err(match blocked {
            Some(word) => refused(finish::blocked(&word), "the prompt was blocked".to_owned()),
            None => refused(Rejection::no_result("NO_CANDIDATES", 1), String::new()),
        });
    };
    let word = candidate.finish_reason.as_deref();
    if ended_well(word)
        && let Some(picture) = picture(candidate.content)
    {
        let usage = usage(&reply.usage_metadata);
        return done(&picture, usage)
            .ok_or_else(|| refused(Rejection::no_result("BROKEN_BASE64", 1), String::new()));
    }
    let said = candidate.finish_message.unwrap_or_default();
    Err(match blocked {
        Some(word) => refused(finish::blocked(&word), said),
        None => refused(finish::finished(word), said),
    })
}

/// Whether a picture beside this word is a success. Any other word means that something went wrong, and the table
/// says what.
fn ended_well(word: Option<&str>) -> bool {
    matches!(word, None | Some("" | "STOP" | "FINISH_REASON_UNSPECIFIED"))
}

/// A picture still in base64.
struct Picture<'a> {
    mime: String,
    base64: &'a RawValue,
    signature: Option<String>,
}

/// The last picture that is not a draft of the model's thinking.
fn picture(content: Option<Content<'_>>) -> Option<Picture<'_>> {
    let parts = content?.parts?;
    parts.into_iter().rev().filter(|part| !part.thought).find_map(|part| {
        let inline = part.inline_data?;
        let base64 = inline.data.filter(|data| data.get().starts_with('"'))?;
        Some(Picture { mime: inline.mime_type, base64, signature: part.thought_signature })
    })
}

/// `None` when the base64 is broken or empty.
fn done(picture: &Picture<'_>, usage: Usage) -> Option<Done> {
    let bytes = decoded(picture.base64).filter(|bytes| !bytes.is_empty())?;
    let mime = mime_of(&bytes).map_or_else(|| picture.mime.clone(), str::to_owned);
    Some(Done {
        artifacts: vec![Artifact { bytes, mime }],
        usage,
        thought_signature: picture.signature.clone(),
    })
}

/// Decodes a JSON string of base64, in place of it unless it was escaped (some gateways write `\/`).
fn decoded(quoted: &RawValue) -> Option<Bytes> {
    let plain = quoted.get().strip_prefix('"')?.strip_suffix('"')?;
    let bytes = if plain.contains('\\') {
        BASE64.decode(serde_json::from_str::<String>(quoted.get()).ok()?)
    } else {
        BASE64.decode(plain)
    };
    bytes.ok().map(Bytes::from)
}

/// What a picture is by its first bytes; the provider's own word is not always right.
fn mime_of(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

fn usage(metadata: &UsageMetadata) -> Usage {
    let pictures = metadata.candidates_tokens_details.iter().filter(|it| it.modality == "IMAGE");
    Usage {
        input_tokens: metadata.prompt_token_count,
        output_tokens: metadata.candidates_token_count,
        image_tokens: pictures.map(|it| it.token_count).fold(0, u64::saturating_add),
        thought_tokens: metadata.thoughts_token_count,
    }
}

/// A small field: of an odd type it counts as absent.
fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let raw = <&RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(raw.get()).unwrap_or_default())
}

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;
