use rei_domain::catalog::Extra;
use serde_json::json;

use super::super::samples::{extra, link, request, with};
use super::*;

fn written(request: SubmitRequest, model: &str) -> Value {
    let request = SubmitRequest { model_legacy: Some(model.to_owned()), ..request };
    let (endpoint, _model) = Endpoint::of(&request.model).expect("an endpoint");
    let json = body(&request, endpoint).expect("it is written");
    serde_json::from_slice(&json).expect("it is JSON")
}

#[test]
fn words_become_a_video() {
    let request = request("text-to-video/kling-3.0", Vec::new());
    let request = with(request, Some(5), Some("native"), Some("9:16"));
    let request = extra(request, "multi_shot", Extra::Switch(false));
    let expected = json!({
        "model_name": "kling-v3", "prompt": "make it night", "duration": "5", "mode": "std",
        "aspect_ratio": "9:16", "sound": "on", "multi_shot": false, "external_task_id": "job-42",
        "callback_url": "https://bot.example/kling/cb"});
    assert_eq!(written(request, "kling-v3"), expected);
}

#[test]
fn pictures_become_a_video() {
    let inputs = vec![link(Slot::FirstFrame, "a.png"), link(Slot::LastFrame, "b.png")];
    let request = request("image-to-video/kling-2.5-turbo", inputs);
    let mut request = with(request, Some(10), None, Some("1:1"));
    request.size = Some("1080p".to_owned());
    request.callback_url = None;
    let expected = json!({
        "model_name": "kling-v2-5-turbo", "prompt": "make it night", "duration": "10",
        "mode": "pro", "external_task_id": "job-42",
        "image": "https://files.example/a.png?sig=x",
        "image_tail": "https://files.example/b.png?sig=x"});
    assert_eq!(written(request, "kling-v2-5-turbo"), expected);
}

#[test]
fn a_clip_is_changed() {
    let inputs = vec![link(Slot::BaseVideo, "in.mp4"), link(Slot::Reference, "a.png")];
    let request = request("omni-video/kling-3.0-omni", inputs);
    let mut request = with(request, Some(5), Some("original"), None);
    request.size = Some("4k".to_owned());
    let body = written(request, "kling-v3-omni");
    assert_eq!(body["prompt"], "<<<video_1>>> make it night");
    assert_eq!(body["mode"], "4k");
    assert_eq!(body["image_list"], json!([{"image_url": "https://files.example/a.png?sig=x"}]));
    let video = json!([{"video_url": "https://files.example/in.mp4?sig=x", "refer_type": "base",
                        "keep_original_sound": "yes"}]);
    assert_eq!(body["video_list"], video);
    assert!(body.get("duration").is_none() && body.get("sound").is_none(), "{body}");
}

#[test]
fn a_clip_is_borrowed_from_in_silence() {
    let inputs = vec![link(Slot::FeatureVideo, "in.mp4"), link(Slot::FirstFrame, "a.png")];
    let request = request("omni-video/kling-o1", inputs);
    let body = written(with(request, None, Some("off"), None), "kling-video-o1");
    let picture =
        json!([{"image_url": "https://files.example/a.png?sig=x", "type": "first_frame"}]);
    assert_eq!(body["image_list"], picture);
    assert_eq!(body["video_list"][0]["refer_type"], "feature");
    assert_eq!(body["video_list"][0]["keep_original_sound"], "no");
}

#[test]
fn a_person_moves_as_in_a_clip() {
    let inputs = vec![link(Slot::MotionImage, "a.png"), link(Slot::MotionVideo, "in.mp4")];
    let request = with(request("motion-control/kling-3.0", inputs), None, Some("original"), None);
    let request = extra(request, "character_orientation", Extra::Text("video".to_owned()));
    let expected = json!({
        "model_name": "kling-v3", "prompt": "make it night", "mode": "std",
        "character_orientation": "video", "keep_original_sound": "yes",
        "image_url": "https://files.example/a.png?sig=x",
        "video_url": "https://files.example/in.mp4?sig=x",
        "external_task_id": "job-42", "callback_url": "https://bot.example/kling/cb"});
    assert_eq!(written(request, "kling-v3"), expected);
}

#[test]
fn what_this_generation_does_not_have_is_the_owners_to_mend() {
    let code = |request| body(&request, Endpoint::TextToVideo).expect_err("refused").code;
    let turbo = request("text-to-video/kling-3.0-turbo", Vec::new());
    assert_eq!(code(turbo), "no-legacy-model");
    let odd = SubmitRequest {
        model_legacy: Some("kling-v3".to_owned()),
        size: Some("8k".to_owned()),
        ..request("text-to-video/kling-3.0", Vec::new())
    };
    assert_eq!(code(odd), "size-unknown");
}

#[test]
fn a_task_carries_its_endpoint() {
    let task = task_ref(Endpoint::TextToVideo, "893");
    assert_eq!(task, TaskRef("text2video/893".to_owned()));
    assert_eq!(parts(&task), Some((Endpoint::TextToVideo, "893")));
    for new in ["893", "x/893"] {
        assert_eq!(parts(&TaskRef(new.to_owned())), None, "{new}");
    }
}
