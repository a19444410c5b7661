use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use rei_domain::catalog::Slot;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::*;
use crate::gemini::carriage::load;
use crate::in_base64::PIECE_BYTES;
use crate::provider::{FormerTurn, InputContent, InputFile};

fn request() -> SubmitRequest {
    SubmitRequest {
        key: "k-1".to_owned(),
        model: "gemini-3-pro-image".to_owned(),
        prompt: "make the cup \"red\"".to_owned(),
        aspect_ratio: Some("16:9".to_owned()),
        size: Some("2K".to_owned()),
        ..SubmitRequest::default()
    }
}

fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("it takes bytes");
    file
}

fn input(file: &NamedTempFile) -> InputFile {
    let size_bytes = file.as_file().metadata().expect("it is there").len();
    InputFile {
        slot: Slot::Reference,
        mime: "image/png".to_owned(),
        content: InputContent::File { path: file.path().to_owned(), size_bytes },
        former_turn: None,
    }
}

fn json(request: &SubmitRequest, uris: &[&str]) -> Result<Vec<u8>, Rejection> {
    let load = load(request).expect("all are files");
    let uris: Vec<String> = uris.iter().map(|&uri| uri.to_owned()).collect();
    body(request, &load, &uris).map_err(|refused| refused.rejection)
}

fn written(request: &SubmitRequest, uris: &[&str]) -> Value {
    serde_json::from_slice(&json(request, uris).expect("it is written")).expect("it is JSON")
}

#[test]
fn words_and_files_are_written_as_the_reference_says() {
    let (first, second) = (file(b"\x89PNG\xff\xfe"), file(b"b"));
    let inputs = vec![input(&first), input(&second)];
    let expected = json!({
        "contents": [{"role": "user", "parts": [
            {"text": "make the cup \"red\""},
            {"inlineData": {"mimeType": "image/png", "data": "iVBOR//+"}},
            {"inlineData": {"mimeType": "image/png", "data": "Yg=="}}]}],
        "generationConfig": {
            "responseModalities": ["TEXT", "IMAGE"],
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}}});
    assert_eq!(written(&SubmitRequest { inputs, ..request() }, &[]), expected);
}

#[test]
fn what_was_not_chosen_is_left_out() {
    let request = SubmitRequest { aspect_ratio: None, size: None, image_only: true, ..request() };
    let expected = json!({
        "contents": [{"role": "user", "parts": [{"text": "make the cup \"red\""}]}],
        "generationConfig": {"responseModalities": ["IMAGE"]}});
    assert_eq!(written(&request, &[]), expected);
}

#[test]
fn a_former_turn_stands_before_the_new_one() {
    let (first, second) = (file(b"a"), file(b"b"));
    let turn = |thought_signature: Option<&str>| FormerTurn {
        prompt: "a cup".to_owned(),
        thought_signature: thought_signature.map(str::to_owned),
    };
    let asked = |signature| SubmitRequest {
        inputs: vec![
            input(&second),
            InputFile { former_turn: Some(turn(signature)), ..input(&first) },
        ],
        ..request()
    };
    let picture = |data: &str| json!({"inlineData": {"mimeType": "image/png", "data": data}});
    let mut of_model = picture("YQ==");
    of_model["thoughtSignature"] = json!("c2ln");
    let user = |parts: Value| json!({"role": "user", "parts": parts});
    let expected = json!([
        user(json!([{"text": "a cup"}])),
        {"role": "model", "parts": [of_model]},
        user(json!([{"text": "make the cup \"red\""}, picture("Yg==")])),
    ]);
    assert_eq!(written(&asked(Some("c2ln")), &[])["contents"], expected);
    let unsigned = written(&asked(None), &[]);
    assert_eq!(unsigned["contents"][1]["parts"], json!([picture("YQ==")]));
}

#[test]
fn a_file_that_went_ahead_is_named_in_its_place() {
    let (small, large) = (file(b"a"), file(&vec![7; 14_000_001]));
    let inputs = vec![input(&small), input(&large), input(&small)];
    let body = written(&SubmitRequest { inputs, ..request() }, &["https://h/v1beta/files/x"]);
    let inline = json!({"inlineData": {"mimeType": "image/png", "data": "YQ=="}});
    let named =
        json!({"fileData": {"mimeType": "image/png", "fileUri": "https://h/v1beta/files/x"}});
    let expected = json!([{"text": "make the cup \"red\""}, inline, named, inline]);
    assert_eq!(body["contents"][0]["parts"], expected);
}

#[test]
fn fixed_fields_of_the_row_have_their_places_and_others_are_a_mistake() {
    let with = |name: &str, value: Extra| SubmitRequest {
        extras: BTreeMap::from([(name.to_owned(), value)]),
        ..request()
    };
    let text = |text: &str| Extra::Text(text.to_owned());
    let body = written(&with("thinkingLevel", text("HIGH")), &[]);
    let thinking = &body["generationConfig"]["thinkingConfig"];
    assert_eq!(thinking, &json!({"thinkingLevel": "HIGH"}));
    assert_eq!(written(&with("serviceTier", text("priority")), &[])["serviceTier"], "priority");
    for wrong in [with("thinkingLevel", Extra::Number(1)), with("seed", Extra::Number(1))] {
        assert_eq!(json(&wrong, &[]), Err(Rejection::owner_fault("extra-unknown")));
    }
}

#[test]
fn a_retry_carries_the_same_bytes() {
    let file = file(b"abc");
    let request = SubmitRequest { inputs: vec![input(&file)], ..request() };
    assert_eq!(json(&request, &[]), json(&request, &[]));
}

#[test]
fn the_largest_load_fits_and_endless_words_do_not() {
    let file = file(&vec![0xff; 7_000_000]);
    let prompt = "\u{1}".repeat(8_000);
    let whole = SubmitRequest { inputs: vec![input(&file), input(&file)], prompt, ..request() };
    assert!(json(&whole, &[]).expect("it fits").len() < REQUEST_MAX_BYTES);
    for count in [20_000_001, 19_999_990] {
        let endless = SubmitRequest { prompt: "a".repeat(count), ..request() };
        let too_large = Rejection::user_fault("request-too-large", Reason::BadInput);
        assert_eq!(json(&endless, &[]), Err(too_large));
    }
}

#[test]
fn a_file_that_is_gone_or_of_another_length_is_our_fault() {
    let gone = {
        let file = file(b"abc");
        input(&file)
    };
    let kept = file(b"abc");
    let resized = |size_bytes| {
        let content = InputContent::File { path: kept.path().to_owned(), size_bytes };
        InputFile { content, ..input(&kept) }
    };
    for input in [gone, resized(2), resized(4), resized(0)] {
        let request = SubmitRequest { inputs: vec![input], ..request() };
        assert_eq!(json(&request, &[]), Err(Rejection::owner_fault("input-unreadable")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_file_arrives_as_it_is(
        seed: u8, length in prop_oneof![0..10_usize, PIECE_BYTES - 4..PIECE_BYTES + 4, 0..200_000_usize],
    ) {
        let bytes: Vec<u8> = (0..length).map(|at| (at.wrapping_mul(31) as u8) ^ seed).collect();
        let file = file(&bytes);
        let body = written(&SubmitRequest { inputs: vec![input(&file)], ..request() }, &[]);
        let data = body["contents"][0]["parts"][1]["inlineData"]["data"].as_str();
        prop_assert_eq!(data.map(|data| STANDARD.decode(data)), Some(Ok(bytes)));
    }
}
