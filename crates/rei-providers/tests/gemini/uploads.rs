//! Files that are too large for a request: uploaded before it, in parts, on the host of the settings alone.

use std::io::Write;
use std::time::Duration;

use rei_domain::catalog::Slot;
use rei_providers::gemini::GeminiOptions;
use rei_providers::{
    Class, InputContent, InputFile, Provider, Reason, Rejection, Submission, SubmitRequest,
};
use serde_json::json;
use tempfile::NamedTempFile;

use super::files_api::{Fault, FilesApi};
use super::server::{Client, PROMPT, client, hasty, options, raw, request};

/// Over the limit of what travels inside: two parts, the second one shorter.
const LARGE_BYTES: usize = 14_000_001;
const PART_BYTES: usize = 8 * 1024 * 1024;

fn file(bytes: &[u8]) -> (NamedTempFile, InputFile) {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("it takes bytes");
    let content =
        InputContent::File { path: file.path().to_owned(), size_bytes: bytes.len() as u64 };
    let mime = "image/png".to_owned();
    (file, InputFile { slot: Slot::Reference, mime, content, former_turn: None })
}

fn large() -> Vec<u8> {
    (0..LARGE_BYTES).map(|at| (at / 251) as u8 ^ at as u8).collect()
}

async fn submit(client: &Client, inputs: Vec<InputFile>) -> Submission {
    client.gemini.submit(&SubmitRequest { inputs, ..request() }).await
}

/// The rejection of a request with one large file.
async fn rejection(options: GeminiOptions) -> Rejection {
    let (_file, input) = file(&large());
    match submit(&client(options), vec![input]).await {
        Submission::Rejected(rejection) => rejection,
        other => panic!("{other:?}"),
    }
}

async fn rejection_of(fault: Fault) -> (Rejection, usize) {
    let server = FilesApi::start(fault).await;
    let rejection = rejection(options(server.address)).await;
    (rejection, server.arrived().asked.len())
}

#[tokio::test]
async fn a_large_file_goes_ahead_in_parts_and_small_ones_travel_inside() {
    let server = FilesApi::start(Fault::None).await;
    let bytes = large();
    let ((_first, small), (_second, large)) = (file(b"small"), file(&bytes));
    let done = submit(&client(options(server.address)), vec![small, large]).await;
    assert!(matches!(done, Submission::Done(_)), "{done:?}");
    let arrived = server.arrived();
    assert_eq!(arrived.announced, [(LARGE_BYTES.to_string(), "image/png".to_owned())]);
    let parts = [
        (PART_BYTES, "upload".to_owned()),
        (LARGE_BYTES - PART_BYTES, "upload, finalize".to_owned()),
    ];
    assert_eq!(arrived.parts, parts);
    assert!(arrived.bytes == bytes, "the parts are not the file");
    assert_eq!(arrived.polls, 0);
    let uri = format!("http://{}/v1beta/files/abc", server.address);
    let expected = json!([
        {"text": PROMPT},
        {"inlineData": {"mimeType": "image/png", "data": "c21hbGw="}},
        {"fileData": {"mimeType": "image/png", "fileUri": uri}}]);
    assert_eq!(arrived.asked[0]["contents"][0]["parts"], expected);
}

#[tokio::test]
async fn a_session_at_another_host_is_used_at_ours() {
    let google = "https://generativelanguage.googleapis.com";
    let server = FilesApi::naming(Fault::None, Some(google)).await;
    let (_file, input) = file(&large());
    let done = submit(&client(options(server.address)), vec![input]).await;
    assert!(matches!(done, Submission::Done(_)), "{done:?}");
    let part = &server.arrived().asked[0]["contents"][0]["parts"][1];
    // The name of a file is Google's own, wherever it was uploaded through.
    assert_eq!(part["fileData"]["fileUri"], format!("{google}/v1beta/files/abc"));
}

#[tokio::test]
async fn a_file_that_is_looked_at_is_waited_for() {
    let server = FilesApi::start(Fault::Processing { polls: 3 }).await;
    let (_file, input) = file(&large());
    let done = submit(&client(options(server.address)), vec![input]).await;
    assert!(matches!(done, Submission::Done(_)), "{done:?}");
    assert_eq!((server.arrived().polls, server.arrived().asked.len()), (3, 1));
}

#[tokio::test]
async fn nothing_is_asked_of_the_model_while_a_file_is_looked_at() {
    let server = FilesApi::start(Fault::Processing { polls: usize::MAX }).await;
    let (_file, input) = file(&large());
    let client = client(options(server.address));
    let waiting = submit(&client, vec![input]);
    let given_up = tokio::time::timeout(Duration::from_millis(900), waiting).await;
    assert!(given_up.is_err());
    let arrived = server.arrived();
    assert!(arrived.polls >= 2 && arrived.asked.is_empty(), "{} polls", arrived.polls);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_the_customers_to_change() {
    let (rejection, asked) = rejection_of(Fault::Failed).await;
    assert_eq!(rejection, Rejection::user_fault("FILE_FAILED", Reason::BadInput));
    assert_eq!(asked, 0);
}

#[tokio::test]
async fn whatever_is_lost_in_an_upload_is_tried_again_because_nothing_was_billed() {
    for fault in [
        Fault::NoSession { status: 500 },
        Fault::NoSession { status: 499 },
        Fault::NoPart { status: 404 },
        Fault::NoPart { status: 502 },
        Fault::OutOfStep,
        Fault::NoFile,
    ] {
        let (rejection, asked) = rejection_of(fault).await;
        assert!(
            matches!(rejection.class, Class::Retry { at_most: 1.. }),
            "{fault:?} {rejection:?}"
        );
        assert_eq!(asked, 0, "{fault:?}");
    }
    let cut = raw(Vec::new(), Duration::ZERO).await;
    assert!(matches!(rejection(options(cut)).await.class, Class::Retry { at_most: 1.. }));
    let silent = raw(Vec::new(), Duration::from_secs(60)).await;
    assert_eq!(rejection(hasty(silent)).await.code, "upload-unanswered");
}

#[tokio::test]
async fn refusals_of_an_upload_keep_their_meaning() {
    let refused = async |status| rejection_of(Fault::NoSession { status }).await.0.class;
    assert_eq!(refused(503).await, Class::Queue);
    assert_eq!(refused(429).await, Class::Queue);
    assert_eq!(refused(403).await, Class::OwnerFault { pause: true });
    assert_eq!(refused(413).await, Class::UserFault);
    // A gateway without uploads stops the orders that need them, not all of them.
    assert_eq!(refused(404).await, Class::OwnerFault { pause: false });
    let (rejection, _) = rejection_of(Fault::NoAddress).await;
    assert_eq!(rejection, Rejection::owner_fault("upload-without-session"));
}

#[tokio::test]
async fn a_file_that_expired_does_not_take_the_model_off_sale() {
    let (rejection, asked) = rejection_of(Fault::FileLost).await;
    assert_eq!(
        (rejection.code.as_str(), rejection.class),
        ("FILE_LOST", Class::Retry { at_most: 1 })
    );
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn a_file_of_another_length_is_not_uploaded() {
    let server = FilesApi::start(Fault::None).await;
    let (kept, input) = file(b"short");
    let content =
        InputContent::File { path: kept.path().to_owned(), size_bytes: LARGE_BYTES as u64 };
    let input = InputFile { content, ..input };
    let rejected = submit(&client(options(server.address)), vec![input]).await;
    assert_eq!(rejected, Submission::Rejected(Rejection::owner_fault("input-unreadable")));
    assert!(server.arrived().announced.is_empty());
}
