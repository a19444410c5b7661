use serde_json::json;

use super::super::samples::{extra, link, request, with};
use super::*;

fn written(request: &SubmitRequest) -> Value {
    let (endpoint, _model) = Endpoint::of(&request.model).expect("an endpoint");
    let json = body(request, endpoint).expect("it is written");
    serde_json::from_slice(&json).expect("it is JSON")
}

fn options() -> Value {
    json!({"external_task_id": "job-42", "callback_url": "https://bot.example/kling/cb"})
}

#[test]
fn words_become_a_video_as_the_reference_says() {
    let request = request("text-to-video/kling-3.0", Vec::new());
    let request = with(request, Some(5), Some("native"), Some("9:16"));
    let request = extra(request, "multi_shot", Extra::Switch(false));
    let expected = json!({
        "prompt": "make it night",
        "settings": {"resolution": "720p", "duration": 5, "aspect_ratio": "9:16",
                     "audio": "native", "multi_shot": false},
        "options": options()});
    assert_eq!(written(&request), expected);
}

#[test]
fn what_was_not_chosen_is_left_out() {
    let request = SubmitRequest {
        size: None,
        callback_url: None,
        ..request("text-to-video/kling-3.0-turbo", Vec::new())
    };
    let expected = json!({"prompt": "make it night", "options": {"external_task_id": "job-42"}});
    assert_eq!(written(&request), expected);
}

#[test]
fn pictures_become_a_video_without_a_ratio() {
    let inputs = vec![link(Slot::FirstFrame, "a.png"), link(Slot::LastFrame, "b.png")];
    let request = with(request("image-to-video/kling-3.0", inputs), Some(10), None, Some("1:1"));
    let expected = json!({
        "contents": [
            {"type": "prompt", "text": "make it night"},
            {"type": "first_frame", "url": "https://files.example/a.png?sig=x"},
            {"type": "last_frame", "url": "https://files.example/b.png?sig=x"}],
        "settings": {"resolution": "720p", "duration": 10},
        "options": options()});
    assert_eq!(written(&request), expected);
}

#[test]
fn a_picture_needs_no_words() {
    let inputs = vec![link(Slot::FirstFrame, "a.png")];
    let request = SubmitRequest {
        prompt: String::new(),
        ..request("image-to-video/kling-3.0-turbo", inputs)
    };
    let expected = json!([{"type": "first_frame", "url": "https://files.example/a.png?sig=x"}]);
    assert_eq!(written(&request)["contents"], expected);
}

#[test]
fn a_clip_is_changed_as_the_facts_sheet_shows() {
    let inputs = vec![link(Slot::BaseVideo, "in.mp4")];
    let request = request("omni-video/kling-3.0-omni", inputs);
    let request = with(request, Some(5), Some("original"), Some("1:1"));
    let request = extra(request, "multi_shot", Extra::Switch(false));
    let expected = json!({
        "contents": [
            {"type": "prompt", "text": "@video_1 make it night"},
            {"type": "base_video", "url": "https://files.example/in.mp4?sig=x", "id": "video_1"}],
        "settings": {"resolution": "720p", "audio": "original", "multi_shot": false},
        "options": options()});
    assert_eq!(written(&request), expected);
}

#[test]
fn a_clip_is_borrowed_from_with_pictures_beside_it() {
    let inputs = vec![
        link(Slot::FeatureVideo, "in.mp4"),
        link(Slot::Reference, "a.png"),
        link(Slot::Reference, "b.png"),
    ];
    let mut request = request("omni-video/kling-3.0-omni", inputs);
    request.prompt = "@image_2 runs as in @video_1".to_owned();
    let request = with(request, None, Some("off"), None);
    let request = extra(request, "multi_shot", Extra::Switch(true));
    let expected = json!({
        "contents": [
            {"type": "prompt", "text": "@image_2 runs as in @video_1"},
            {"type": "feature_video", "url": "https://files.example/in.mp4?sig=x", "id": "video_1"},
            {"type": "refer_image", "url": "https://files.example/a.png?sig=x", "id": "image_1"},
            {"type": "refer_image", "url": "https://files.example/b.png?sig=x", "id": "image_2"}],
        "settings": {"resolution": "720p", "audio": "off", "multi_shot": true},
        "options": options()});
    assert_eq!(written(&request), expected);
}

#[test]
fn pictures_alone_have_the_ratio_that_is_insisted_on() {
    let ratio = |chosen, inputs| {
        let request = with(request("omni-video/kling-o1", inputs), Some(5), None, chosen);
        written(&request)["settings"]["aspect_ratio"].clone()
    };
    assert_eq!(ratio(None, vec![link(Slot::Reference, "a.png")]), "16:9");
    assert_eq!(ratio(Some("1:1"), vec![link(Slot::Reference, "a.png")]), "1:1");
    assert_eq!(ratio(Some("1:1"), vec![link(Slot::FirstFrame, "a.png")]), Value::Null);
}

#[test]
fn a_person_moves_as_in_a_clip() {
    let inputs = vec![link(Slot::MotionImage, "a.png"), link(Slot::MotionVideo, "in.mp4")];
    let request = request("motion-control/kling-3.0", inputs);
    let request = with(request, Some(5), Some("original"), Some("1:1"));
    let request = extra(request, "character_orientation", Extra::Text("video".to_owned()));
    let expected = json!({
        "contents": [
            {"type": "prompt", "text": "make it night"},
            {"type": "image", "url": "https://files.example/a.png?sig=x"},
            {"type": "video", "url": "https://files.example/in.mp4?sig=x"}],
        "settings": {"resolution": "720p", "audio": "original", "character_orientation": "video"},
        "options": options()});
    assert_eq!(written(&request), expected);
}

#[test]
fn a_retry_carries_the_same_bytes() {
    let inputs = vec![link(Slot::BaseVideo, "in.mp4")];
    let request = request("omni-video/kling-o1", inputs);
    let request = with(request, None, Some("off"), None);
    let request = extra(request, "multi_shot", Extra::Switch(false));
    let bytes = body(&request, Endpoint::OmniVideo);
    assert_eq!(bytes, body(&request.clone(), Endpoint::OmniVideo));
    assert!(bytes.is_ok());
}
