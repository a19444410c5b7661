//! Pictures that are changed: files inside the request, and conversations that go on.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rei_domain::catalog::Slot;
use rei_providers::{
    Class, FormerTurn, InputContent, InputFile, Provider, Reason, Rejection, Submission,
    SubmitRequest,
};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::server::{PNG, PROMPT, Server, client, options, picture, request};

const FORMER: &str = "a former secret";

fn input() -> (NamedTempFile, InputFile) {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(PNG).expect("it takes bytes");
    let content = InputContent::File { path: file.path().to_owned(), size_bytes: PNG.len() as u64 };
    let mime = "image/png".to_owned();
    (file, InputFile { slot: Slot::Reference, mime, content, former_turn: None })
}

/// Asks for a change of a picture, going on from its turn or not.
async fn edit(server: &Server, goes_on: bool) -> Submission {
    let (_file, input) = input();
    let former_turn = goes_on.then(|| FormerTurn {
        prompt: FORMER.to_owned(),
        thought_signature: Some("c2ln".to_owned()),
    });
    let inputs = vec![InputFile { former_turn, ..input }];
    let request = SubmitRequest { inputs, aspect_ratio: None, ..request() };
    client(options(server.address)).gemini.submit(&request).await
}

#[tokio::test]
async fn a_file_travels_inside_the_request_and_the_ratio_may_follow_it() {
    let server = Server::json(200, picture()).await;
    assert!(matches!(edit(&server, false).await, Submission::Done(_)));
    let inline = json!({"inlineData": {"mimeType": "image/png", "data": STANDARD.encode(PNG)}});
    let body = &server.seen()[0].body;
    let expected = json!([{"role": "user", "parts": [{"text": PROMPT}, inline]}]);
    assert_eq!(body["contents"], expected);
    assert_eq!(body["generationConfig"]["imageConfig"], json!({"imageSize": "4K"}));
}

#[tokio::test]
async fn a_conversation_goes_on_with_the_signature_it_was_given() {
    let mut answer = picture();
    answer["candidates"][0]["content"]["parts"][1]["thoughtSignature"] = json!("bmV3");
    let server = Server::json(200, answer).await;
    let Submission::Done(done) = edit(&server, true).await else { panic!("no picture") };
    assert_eq!(done.thought_signature.as_deref(), Some("bmV3"));
    let data = STANDARD.encode(PNG);
    let expected = json!([
        {"role": "user", "parts": [{"text": FORMER}]},
        {"role": "model", "parts": [
            {"inlineData": {"mimeType": "image/png", "data": data}, "thoughtSignature": "c2ln"}]},
        {"role": "user", "parts": [{"text": PROMPT}]}]);
    assert_eq!(server.seen()[0].body["contents"], expected);
}

#[tokio::test]
async fn a_signature_that_is_not_taken_leads_to_a_plain_edit() {
    let message = "Image part is missing a thought_signature.";
    let refusal = json!({"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": message}});
    let finish = json!({"candidates": [{"finishReason": "MISSING_THOUGHT_SIGNATURE"}]});
    let again = Rejection::no_result(Reason::NO_SIGNATURE_CODE, 1);
    for (status, body) in [(400, refusal), (200, finish)] {
        let server = Server::json(status, body).await;
        assert_eq!(edit(&server, true).await, Submission::Rejected(again.clone()));
        // A plain edit that is answered so is a mistake, and is not repeated.
        let Submission::Rejected(plain) = edit(&server, false).await else { panic!("rejected") };
        assert!(!matches!(plain.class, Class::Retry { .. }), "{plain:?}");
        assert_ne!(plain.code, Reason::NO_SIGNATURE_CODE);
    }
}

#[tokio::test]
async fn a_link_is_not_sent_anywhere() {
    let server = Server::json(200, picture()).await;
    let (_file, input) = input();
    let content = InputContent::Url("https://bucket/secret".to_owned());
    let request = SubmitRequest { inputs: vec![InputFile { content, ..input }], ..request() };
    let submission = client(options(server.address)).gemini.submit(&request).await;
    assert_eq!(submission, Submission::Rejected(Rejection::owner_fault("input-by-link")));
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_body_that_is_too_large_all_the_same_is_not_repeated() {
    let server = Server::json(413, Value::Null).await;
    let Submission::Rejected(rejection) = edit(&server, false).await else { panic!("rejected") };
    assert_eq!((rejection.class, rejection.reason), (Class::UserFault, Reason::BadInput));
}
