use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::rejection::{Class, Reason};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0rest";
const WEBP: &[u8] = b"RIFF\x04\x00\x00\x00WEBPVP8 ";

fn image(bytes: &[u8]) -> Value {
    json!({"inlineData": {"mimeType": "image/png", "data": STANDARD.encode(bytes)}})
}

fn thought(mut part: Value) -> Value {
    part["thought"] = json!(true);
    part
}

fn stopped(parts: Value) -> Value {
    json!({"candidates": [{"index": 0, "finishReason": "STOP", "content": {"role": "model", "parts": parts}}]})
}

fn done(reply: &Value) -> Done {
    read(reply.to_string().as_bytes()).unwrap_or_else(|refused| panic!("{:?}", refused.rejection))
}

fn refused(reply: &Value) -> Rejection {
    read(reply.to_string().as_bytes()).map(|_| ()).expect_err("refused").rejection
}

#[test]
fn the_example_of_the_reference_is_read_whole() {
    let reply = json!({"candidates": [{"index": 0, "finishReason": "STOP",
           "content": {"role": "model", "parts": [
             {"text": "planning", "thought": true},
             {"inlineData": {"mimeType": "image/png", "data": "ZHJhZnQ="}, "thought": true},
             {"inlineData": {"mimeType": "image/png", "data": "ZmluYWw="}, "thoughtSignature": "c2ln"}]}}],
         "usageMetadata": {"promptTokenCount": 570, "candidatesTokenCount": 1120, "thoughtsTokenCount": 210,
             "totalTokenCount": 1900,
             "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 20}, {"modality": "IMAGE", "tokenCount": 1100}]},
         "modelVersion": "gemini-3-pro-image", "responseId": "r1"});
    let expected = Done {
        artifacts: vec![Artifact {
            bytes: Bytes::from_static(b"final"),
            mime: "image/png".to_owned(),
        }],
        usage: Usage {
            input_tokens: 570,
            output_tokens: 1120,
            image_tokens: 1100,
            thought_tokens: 210,
        },
        thought_signature: Some("c2ln".to_owned()),
    };
    assert_eq!(done(&reply), expected);
}

#[test]
fn the_last_picture_that_is_no_draft_wins() {
    let parts = json!([image(b"first"), {"text": "and"}, image(b"second"), thought(image(b"draft")), {"text": "!"}]);
    assert_eq!(done(&stopped(parts)).artifacts[0].bytes, "second");
}

#[test]
fn a_draft_alone_is_no_picture() {
    let rejection = refused(&stopped(json!([thought(image(b"draft"))])));
    assert_eq!(
        (rejection.code.as_str(), rejection.reason),
        (Reason::NO_IMAGE_CODE, Reason::NoImage)
    );
}

#[test]
fn the_first_bytes_say_what_a_picture_is() {
    let mime = |bytes| done(&stopped(json!([image(bytes)]))).artifacts[0].mime.clone();
    assert_eq!(mime(PNG), "image/png");
    assert_eq!(mime(JPEG), "image/jpeg");
    assert_eq!(mime(WEBP), "image/webp");
    assert_eq!(mime(b"something"), "image/png", "unknown bytes keep the provider's word");
}

#[test]
fn a_picture_without_a_finish_reason_is_a_picture() {
    let reply = json!({"candidates": [{"content": {"parts": [image(PNG)]}}]});
    assert_eq!(done(&reply).artifacts[0].bytes, PNG);
}

#[test]
fn answers_without_a_picture_are_told_apart() {
    let once = Class::Retry { at_most: 1 };
    let rows = [
        (stopped(json!([{"text": "I cannot draw this"}])), once, "STOP_WITHOUT_IMAGE"),
        (stopped(json!([])), once, "STOP_WITHOUT_IMAGE"),
        (json!({"candidates": [{"finishReason": "STOP"}]}), once, "STOP_WITHOUT_IMAGE"),
        (
            json!({"candidates": [{"finishReason": "STOP", "content": {"role": "model"}}]}),
            once,
            "STOP_WITHOUT_IMAGE",
        ),
        (json!({"candidates": [{}]}), once, "STOP_WITHOUT_IMAGE"),
        (json!({"candidates": [{"finishReason": "NO_IMAGE", "content": {}}]}), once, "NO_IMAGE"),
        (
            json!({"candidates": [{"finishReason": "IMAGE_SAFETY"}]}),
            Class::UserFault,
            "IMAGE_SAFETY",
        ),
        (json!({"candidates": []}), once, "NO_CANDIDATES"),
        (json!({"candidates": null}), once, "NO_CANDIDATES"),
        (json!({}), once, "NO_CANDIDATES"),
        (json!({"promptFeedback": {"blockReason": "SAFETY"}}), Class::UserFault, "PROMPT_SAFETY"),
        (
            json!({"promptFeedback": {"blockReason": "OTHER"}, "candidates": []}),
            Class::UserFault,
            "PROMPT_OTHER",
        ),
        (
            json!({"promptFeedback": {"blockReason": "BLOCKLIST"}, "candidates": [{"finishReason": "OTHER"}]}),
            Class::UserFault,
            "PROMPT_BLOCKLIST",
        ),
        (
            json!({"promptFeedback": {"blockReason": "BLOCK_REASON_UNSPECIFIED"}}),
            once,
            "NO_CANDIDATES",
        ),
        (json!({"promptFeedback": {}}), once, "NO_CANDIDATES"),
    ];
    for (reply, class, code) in rows {
        let rejection = refused(&reply);
        assert_eq!((rejection.class, rejection.code.as_str()), (class, code), "{reply}");
    }
}

#[test]
fn every_word_of_the_tables_is_read_out_of_an_answer() {
    let reasons = [
        "NO_IMAGE",
        "IMAGE_OTHER",
        "OTHER",
        "MALFORMED_RESPONSE",
        "MAX_TOKENS",
        "SAFETY",
        "IMAGE_SAFETY",
        "PROHIBITED_CONTENT",
        "IMAGE_PROHIBITED_CONTENT",
        "BLOCKLIST",
        "SPII",
        "RECITATION",
        "IMAGE_RECITATION",
        "LANGUAGE",
        "MISSING_THOUGHT_SIGNATURE",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MALFORMED_FUNCTION_CALL",
        "CONTINUATION",
        "ESCALATION",
        "PUP_LIMITED_DISABLED",
        "MODEL_ARMOR",
        "A_WORD_OF_NEXT_YEAR",
    ];
    for word in reasons {
        let bare = json!({"candidates": [{"finishReason": word, "finishMessage": "m"}]});
        assert_eq!(refused(&bare), finish::finished(Some(word)), "{word}");
        // A picture beside such a word is not a success.
        let mut beside = stopped(json!([image(PNG)]));
        beside["candidates"][0]["finishReason"] = json!(word);
        assert_eq!(refused(&beside), finish::finished(Some(word)), "{word}");
    }
    for word in ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"]
        .into_iter()
        .chain(["MODEL_ARMOR", "JAILBREAK", "A_WORD_OF_NEXT_YEAR"])
    {
        let blocked = json!({"promptFeedback": {"blockReason": word}});
        assert_eq!(refused(&blocked), finish::blocked(word), "{word}");
        assert_eq!(refused(&blocked).class, Class::UserFault, "{word}");
    }
}

#[test]
fn the_signature_is_that_of_the_picture_that_counts() {
    let signed = |bytes, signature: &str| {
        let mut part = image(bytes);
        part["thoughtSignature"] = json!(signature);
        part
    };
    let words = json!({"text": "here", "thoughtSignature": "of-words"});
    let parts = json!([
        words,
        signed(PNG, "of-first"),
        signed(JPEG, "of-last"),
        thought(signed(PNG, "of-draft"))
    ]);
    assert_eq!(done(&stopped(parts)).thought_signature.as_deref(), Some("of-last"));
    assert_eq!(done(&stopped(json!([words, image(PNG)]))).thought_signature, None);
}

#[test]
fn a_picture_beside_a_safety_word_is_not_sold() {
    let mut reply = stopped(json!([image(PNG)]));
    reply["candidates"][0]["finishReason"] = json!("IMAGE_SAFETY");
    assert_eq!(refused(&reply).class, Class::UserFault);
}

#[test]
fn broken_base64_is_tried_once_more() {
    for data in [json!("!!!"), json!(""), json!("Zm lu")] {
        let reply = stopped(json!([{"inlineData": {"mimeType": "image/png", "data": data}}]));
        assert_eq!(refused(&reply).code, "BROKEN_BASE64", "{data}");
    }
    let odd = stopped(json!([{"inlineData": {"mimeType": "image/png", "data": 7}}]));
    assert_eq!(refused(&odd).code, Reason::NO_IMAGE_CODE);
}

#[test]
fn escaped_and_unpadded_base64_is_read() {
    let body = r#"{"candidates":[{"content":{"parts":[{"inlineData":{"data":"\/\/8"}}]}}]}"#;
    let done = read(body.as_bytes()).map_err(|refused| refused.rejection).expect("a picture");
    assert_eq!(done.artifacts[0].bytes.as_ref(), [0xff, 0xff]);
}

#[test]
fn odd_types_of_small_fields_do_not_lose_the_picture() {
    let mut reply = stopped(json!([image(PNG)]));
    reply["usageMetadata"] = json!({"promptTokenCount": "many", "candidatesTokensDetails": {"a": 1}, "thoughtsTokenCount": -1});
    reply["candidates"][0]["finishMessage"] = json!({"nested": true});
    reply["candidates"][0]["content"]["parts"][0]["thought"] = json!("no");
    reply["somethingNew"] = json!([1, 2, 3]);
    assert_eq!(done(&reply).artifacts[0].bytes, PNG);
    reply["usageMetadata"] = json!("free");
    assert_eq!(done(&reply).usage, Usage::default());
}

#[test]
fn a_torn_or_foreign_answer_leaves_the_outcome_unknown() {
    let whole = stopped(json!([image(PNG)])).to_string();
    for body in [&whole[..whole.len() / 2], "", "<html>welcome</html>", "null", "[]x"] {
        let refused = read(body.as_bytes()).map(|_| ()).expect_err("refused");
        assert_eq!(refused.rejection.class, Class::Unknown, "{body}");
    }
}

proptest! {
    #[test]
    fn any_bytes_give_an_outcome(body: Vec<u8>) {
        let _ = read(&body).map_err(|refused| refused.rejection);
    }

    #[test]
    fn any_picture_comes_back_as_it_was_sent(bytes in proptest::collection::vec(any::<u8>(), 1..200)) {
        let done = done(&stopped(json!([image(&bytes)])));
        prop_assert_eq!(done.artifacts[0].bytes.as_ref(), &bytes[..]);
    }
}
