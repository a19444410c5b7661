//! The body of `:generateContent`: exactly the fields that the API takes, since an unknown one is refused.
//!
//! Files go from the disk into the JSON piece by piece: their bytes and their base64 are never in memory together.
//! What a call holds is the JSON alone, and the limit of [`carriage`](super::carriage) bounds it to 20 MB, however
//! many files of whatever size the customer sent.

use std::collections::BTreeMap;

use rei_domain::catalog::Extra;
use serde::Serialize;

use super::Refused;
use super::carriage::{Load, LocalFile};
use crate::in_base64::InBase64;
use crate::provider::SubmitRequest;
use crate::rejection::{Reason, Rejection};

/// The largest request, in bytes of JSON. Google raised its own limit to 100 MB, but not on every route.
const REQUEST_MAX_BYTES: usize = 20_000_000;
/// The JSON around words and files, generously.
const FRAME_BYTES: usize = 4096;

const WORDS_AND_PICTURES: &[&str] = &["TEXT", "IMAGE"];
const PICTURES_ALONE: &[&str] = &["IMAGE"];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    contents: Vec<Content<'a>>,
    generation_config: GenerationConfig<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'a str>,
}

#[derive(Serialize)]
struct Content<'a> {
    role: &'static str,
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase", untagged)]
enum Part<'a> {
    Text {
        text: &'a str,
    },
    #[serde(rename_all = "camelCase")]
    Inline {
        inline_data: InlineData<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        thought_signature: Option<&'a str>,
    },
    #[serde(rename_all = "camelCase")]
    Uploaded {
        file_data: FileData<'a>,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InlineData<'a> {
    mime_type: &'a str,
    data: InBase64<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileData<'a> {
    mime_type: &'a str,
    file_uri: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig<'a> {
    response_modalities: &'static [&'static str],
    #[serde(skip_serializing_if = "ImageConfig::says_nothing")]
    image_config: ImageConfig<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<ThinkingConfig<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImageConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    aspect_ratio: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_size: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ThinkingConfig<'a> {
    thinking_level: &'a str,
}

impl ImageConfig<'_> {
    const fn says_nothing(&self) -> bool {
        self.aspect_ratio.is_none() && self.image_size.is_none()
    }
}

/// Writes the request's JSON; the same request always gives the same bytes. `uris` are those of the files that went
/// ahead, in their order. Reads the disk, so it may block.
///
/// # Errors
/// A file that cannot be read, a fixed field that the API does not know, or words too long for any request.
pub(super) fn body(
    request: &SubmitRequest,
    load: &Load,
    uris: &[String],
) -> Result<Vec<u8>, Refused> {
    let [thinking_level, service_tier] = extras(&request.extras)?;
    let body = Body {
        contents: contents(&request.prompt, load, uris),
        generation_config: GenerationConfig {
            response_modalities: if request.image_only {
                PICTURES_ALONE
            } else {
                WORDS_AND_PICTURES
            },
            image_config: ImageConfig {
                aspect_ratio: request.aspect_ratio.as_deref(),
                image_size: request.size.as_deref(),
            },
            thinking_config: thinking_level.map(|thinking_level| ThinkingConfig { thinking_level }),
        },
        service_tier,
    };
    // Reserved once, so that the JSON is not moved about while it grows.
    let files = usize::try_from(load.inline_bytes()).unwrap_or(usize::MAX);
    let at_least = files.div_ceil(3).saturating_mul(4) + request.prompt.len();
    if at_least > REQUEST_MAX_BYTES {
        return Err(too_large());
    }
    let mut json = Vec::with_capacity(at_least + FRAME_BYTES);
    // Only the disk can fail: memory takes every JSON.
    serde_json::to_writer(&mut json, &body).map_err(|error| Refused {
        rejection: Rejection::owner_fault("input-unreadable"),
        said: error.to_string(),
    })?;
    if json.len() > REQUEST_MAX_BYTES { Err(too_large()) } else { Ok(json) }
}

/// One turn, or three when the picture to change is the model's own.
fn contents<'a>(prompt: &'a str, load: &'a Load, uris: &'a [String]) -> Vec<Content<'a>> {
    let mut uris = uris.iter();
    let files = load.files.iter().map(|file| {
        let uri = if file.goes_ahead { uris.next() } else { None };
        uri.map_or_else(|| inline(file, None), |uri| uploaded(file, uri))
    });
    let parts = std::iter::once(Part::Text { text: prompt }).chain(files).collect();
    let mut contents = Vec::new();
    if let Some(former) = &load.former {
        let text = Part::Text { text: &former.prompt };
        let picture = inline(&former.picture, former.signature.as_deref());
        contents.push(Content { role: "user", parts: vec![text] });
        contents.push(Content { role: "model", parts: vec![picture] });
    }
    contents.push(Content { role: "user", parts });
    contents
}

fn inline<'a>(file: &'a LocalFile, thought_signature: Option<&'a str>) -> Part<'a> {
    let inline_data =
        InlineData { mime_type: &file.mime, data: InBase64::of(&file.path, file.size_bytes) };
    Part::Inline { inline_data, thought_signature }
}

fn uploaded<'a>(file: &'a LocalFile, uri: &'a str) -> Part<'a> {
    Part::Uploaded { file_data: FileData { mime_type: &file.mime, file_uri: uri } }
}

/// The catalogue row's fixed fields that this API knows: the level of thinking and the tier of service.
fn extras(extras: &BTreeMap<String, Extra>) -> Result<[Option<&str>; 2], Rejection> {
    let mut known = [None, None];
    for (name, value) in extras {
        match (name.as_str(), value) {
            ("thinkingLevel", Extra::Text(level)) => known[0] = Some(level.as_str()),
            ("serviceTier", Extra::Text(tier)) => known[1] = Some(tier.as_str()),
            _ => return Err(Rejection::owner_fault("extra-unknown")),
        }
    }
    Ok(known)
}

fn too_large() -> Refused {
    Rejection::user_fault("request-too-large", Reason::BadInput).into()
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
