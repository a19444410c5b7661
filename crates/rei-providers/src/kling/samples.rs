//! Requests that several tests start from.

use rei_domain::catalog::{Extra, Slot};

use crate::provider::{InputContent, InputFile, SubmitRequest};

pub(super) fn request(model: &str, inputs: Vec<InputFile>) -> SubmitRequest {
    SubmitRequest {
        key: "job-42".to_owned(),
        model: model.to_owned(),
        prompt: "make it night".to_owned(),
        size: Some("720p".to_owned()),
        inputs,
        callback_url: Some("https://bot.example/kling/cb".to_owned()),
        ..SubmitRequest::default()
    }
}

pub(super) fn link(slot: Slot, name: &str) -> InputFile {
    let mime = if slot.is_video() { "video/mp4" } else { "image/png" };
    let content = InputContent::Url(format!("https://files.example/{name}?sig=x"));
    InputFile { slot, mime: mime.to_owned(), content, former_turn: None }
}

pub(super) fn with(
    request: SubmitRequest,
    seconds: Option<u32>,
    sound: Option<&str>,
    ratio: Option<&str>,
) -> SubmitRequest {
    let owned = |text: &str| text.to_owned();
    SubmitRequest { seconds, sound: sound.map(owned), aspect_ratio: ratio.map(owned), ..request }
}

pub(super) fn extra(mut request: SubmitRequest, name: &str, extra: Extra) -> SubmitRequest {
    request.extras.insert(name.to_owned(), extra);
    request
}
