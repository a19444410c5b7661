//! The body of `:generateContent`: exactly the fields that the API takes, since an unknown one is refused.

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Serialize, Serializer};

use crate::provider::SubmitRequest;
use crate::rejection::{Reason, Rejection};

/// The largest request, in bytes of JSON. Google raised its own limit to 100 MB, but not on every route.
const REQUEST_MAX_BYTES: usize = 20_000_000;

const WORDS_AND_PICTURES: &[&str] = &["TEXT", "IMAGE"];
const PICTURES_ALONE: &[&str] = &["IMAGE"];

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    contents: [Content<'a>; 1],
    generation_config: GenerationConfig<'a>,
}

#[derive(Serialize)]
struct Content<'a> {
    role: &'static str,
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Part<'a> {
    Text(&'a str),
    InlineData(InlineData<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InlineData<'a> {
    mime_type: &'a str,
    #[serde(serialize_with = "in_base64")]
    data: &'a Bytes,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig<'a> {
    response_modalities: &'static [&'static str],
    #[serde(skip_serializing_if = "ImageConfig::says_nothing")]
    image_config: ImageConfig<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ImageConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    aspect_ratio: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_size: Option<&'a str>,
}

impl ImageConfig<'_> {
    const fn says_nothing(&self) -> bool {
        self.aspect_ratio.is_none() && self.image_size.is_none()
    }
}

/// Writes the request's JSON; the same request always gives the same bytes.
///
/// # Errors
/// A rejection when it would be larger than the API takes.
pub(super) fn body(request: &SubmitRequest) -> Result<Vec<u8>, Rejection> {
    let inputs: usize = request.inputs.iter().map(|input| input.bytes.len()).sum();
    let at_least = inputs / 3 * 4 + request.prompt.len();
    if at_least > REQUEST_MAX_BYTES {
        return Err(too_large());
    }
    let inputs = request
        .inputs
        .iter()
        .map(|input| Part::InlineData(InlineData { mime_type: &input.mime, data: &input.bytes }));
    let parts = std::iter::once(Part::Text(&request.prompt)).chain(inputs).collect();
    let body = Body {
        contents: [Content { role: "user", parts }],
        generation_config: GenerationConfig {
            response_modalities: if request.image_only {
                PICTURES_ALONE
            } else {
                WORDS_AND_PICTURES
            },
            image_config: ImageConfig {
                aspect_ratio: request.aspect_ratio.as_deref(),
                image_size: request.image_size.as_deref(),
            },
        },
    };
    let mut json = Vec::with_capacity(at_least + 1024);
    serde_json::to_writer(&mut json, &body)
        .map_err(|_| Rejection::owner_fault("request-unwritable"))?;
    if json.len() > REQUEST_MAX_BYTES { Err(too_large()) } else { Ok(json) }
}

fn too_large() -> Rejection {
    Rejection::user_fault("request-too-large", Reason::BadInput)
}

/// Straight into the JSON, without a copy in between.
fn in_base64<S: Serializer>(data: &&Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Base64Display::new(data, &STANDARD))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::provider::InputFile;

    fn request() -> SubmitRequest {
        SubmitRequest {
            key: "k-1".to_owned(),
            model: "gemini-3-pro-image".to_owned(),
            prompt: "make the cup \"red\"".to_owned(),
            aspect_ratio: Some("16:9".to_owned()),
            image_size: Some("2K".to_owned()),
            inputs: Vec::new(),
            image_only: false,
        }
    }

    fn written(request: &SubmitRequest) -> Value {
        serde_json::from_slice(&body(request).expect("it fits")).expect("it is JSON")
    }

    #[test]
    fn words_and_a_file_are_written_as_the_reference_says() {
        let bytes = Bytes::from_static(b"\x89PNG\xff\xfe");
        let input = InputFile { bytes, mime: "image/png".to_owned() };
        let request = SubmitRequest { inputs: vec![input], ..request() };
        let expected = json!({
            "contents": [{"role": "user", "parts": [
                {"text": "make the cup \"red\""},
                {"inlineData": {"mimeType": "image/png", "data": "iVBOR//+"}}]}],
            "generationConfig": {
                "responseModalities": ["TEXT", "IMAGE"],
                "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}}});
        assert_eq!(written(&request), expected);
    }

    #[test]
    fn what_was_not_chosen_is_left_out() {
        let request =
            SubmitRequest { aspect_ratio: None, image_size: None, image_only: true, ..request() };
        let expected = json!({
            "contents": [{"role": "user", "parts": [{"text": "make the cup \"red\""}]}],
            "generationConfig": {"responseModalities": ["IMAGE"]}});
        assert_eq!(written(&request), expected);
    }

    #[test]
    fn a_retry_carries_the_same_bytes() {
        assert_eq!(body(&request()), body(&request()));
    }

    #[test]
    fn a_request_over_the_limit_is_not_sent() {
        let input = InputFile { bytes: vec![0; 15_000_001].into(), mime: "image/png".to_owned() };
        let rejection =
            body(&SubmitRequest { inputs: vec![input], ..request() }).expect_err("too large");
        assert_eq!(
            (rejection.code.as_str(), rejection.reason),
            ("request-too-large", Reason::BadInput)
        );
    }
}
