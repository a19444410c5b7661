//! The Files API.

use std::time::Duration;

use rei_sim::common::clock::SimClock;
use rei_sim::gemini::{ServiceError, UploadBehaviour};

use super::*;

/// Begins an upload and returns the address of its session.
async fn begin(sim: &GeminiSim, length: usize) -> String {
    let request = client()
        .post(format!("{}/upload/v1beta/files", sim.base_url()))
        .header("x-goog-api-key", KEY)
        .header("X-Goog-Upload-Protocol", "resumable")
        .header("X-Goog-Upload-Command", "start")
        .header("X-Goog-Upload-Header-Content-Length", length)
        .header("X-Goog-Upload-Header-Content-Type", "image/png");
    let response =
        request.json(&json!({"file": {"display_name": "in.png"}})).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    response.headers()["x-goog-upload-url"].to_str().expect("text").to_owned()
}

async fn put(url: &str, offset: usize, command: &str, bytes: &[u8]) -> Response {
    let request = client()
        .post(url)
        .header("x-goog-api-key", KEY)
        .header("X-Goog-Upload-Offset", offset)
        .header("X-Goog-Upload-Command", command);
    request.body(bytes.to_vec()).send().await.expect("an answer")
}

#[tokio::test]
async fn a_file_is_uploaded_in_parts_used_and_forgotten_after_two_days() {
    let clock = SimClock::manual(0);
    let options = GeminiOptions { clock: clock.clone(), ..GeminiOptions::default() };
    let sim = GeminiSim::start(options).await.expect("a free port");
    let bytes = png();
    let url = begin(&sim, bytes.len()).await;
    let response = put(&url, 0, "upload", &bytes[..100]).await;
    assert_eq!(response.headers()["x-goog-upload-status"], "active");
    let response = put(&url, 100, "upload, finalize", &bytes[100..]).await;
    assert_eq!(response.headers()["x-goog-upload-status"], "final");
    let file = response.json::<Value>().await.expect("JSON")["file"].clone();
    assert_eq!(
        (&file["state"], &file["sizeBytes"]),
        (&json!("ACTIVE"), &json!(bytes.len().to_string()))
    );
    assert_eq!(file["expirationTime"], "1970-01-03T00:00:00Z");

    let body = json!({"contents": [{"parts": [
        {"text": "ночь"},
        {"fileData": {"mimeType": "image/png", "fileUri": file["uri"]}},
    ]}]});
    let (status, answer) = ask_json(&sim, &body).await;
    assert_eq!((status, picture_size(&parts(&answer)[0])), (200, (1376, 768)));

    let name = file["name"].as_str().expect("a name");
    let get = async || {
        let request =
            client().get(format!("{}/v1beta/{name}", sim.base_url())).header("x-goog-api-key", KEY);
        request.send().await.expect("an answer").status()
    };
    assert_eq!(get().await, 200);
    clock.advance(Duration::from_secs(48 * 3_600));
    assert_eq!(get().await, 404);
    assert_eq!(ask(&sim, &body).await.status(), 404);
}

#[tokio::test]
async fn an_upload_that_breaks_the_protocol_is_refused() {
    let sim = start().await;
    let url = begin(&sim, 10).await;
    for (offset, command, bytes) in
        [(3, "upload", b"abc".as_slice()), (0, "upload, finalize", b"abc"), (0, "finish", b"abc")]
    {
        assert_eq!(put(&url, offset, command, bytes).await.status(), 400, "{command}");
    }
    assert_eq!(
        put(&format!("{}/upload/v1beta/files?upload_id=x", sim.base_url()), 0, "upload", b"a")
            .await
            .status(),
        404
    );
    assert_eq!(sim.violations().len(), 4);
}

/// Uploads a picture in one part and returns the file as the service shows it.
async fn uploaded(sim: &GeminiSim) -> Value {
    let bytes = png();
    let url = begin(sim, bytes.len()).await;
    let response = put(&url, 0, "upload, finalize", &bytes).await;
    response.json::<Value>().await.expect("JSON")["file"].clone()
}

async fn asked_about(sim: &GeminiSim, file: &Value) -> Value {
    let name = file["name"].as_str().expect("a name");
    let request =
        client().get(format!("{}/v1beta/{name}", sim.base_url())).header("x-goog-api-key", KEY);
    request.send().await.expect("an answer").json().await.expect("JSON")
}

fn naming(uri: &Value) -> Value {
    let file = json!({"fileData": {"mimeType": "image/png", "fileUri": uri}});
    json!({"contents": [{"parts": [{"text": "ночь"}, file]}]})
}

#[tokio::test]
async fn a_file_that_is_looked_at_cannot_be_used_until_it_is_active() {
    let sim = start().await;
    sim.next_upload(UploadBehaviour::Processing { polls: 2 });
    let file = uploaded(&sim).await;
    assert_eq!(file["state"], "PROCESSING");
    let (status, body) = ask_json(&sim, &naming(&file["uri"])).await;
    assert_eq!((status, &body["error"]["status"]), (400, &json!("FAILED_PRECONDITION")));
    for state in ["PROCESSING", "PROCESSING", "ACTIVE", "ACTIVE"] {
        assert_eq!(asked_about(&sim, &file).await["state"], state);
    }
    assert_eq!(ask(&sim, &naming(&file["uri"])).await.status(), 200);
    let call = sim.generate_calls().pop().expect("a call");
    assert_eq!((call.inputs, call.inputs_by_file, call.turns), (1, 1, 1));
    assert_eq!(sim.violations().len(), 1);
}

#[tokio::test]
async fn a_file_that_failed_says_so_and_is_of_no_use() {
    let sim = start().await;
    sim.next_upload(UploadBehaviour::Failed);
    let file = uploaded(&sim).await;
    assert_eq!(file["state"], "FAILED");
    assert!(asked_about(&sim, &file).await["error"]["message"].is_string());
    assert_eq!(ask(&sim, &naming(&file["uri"])).await.status(), 400);
}

#[tokio::test]
async fn an_upload_may_be_cut_once_or_refused() {
    let sim = start().await;
    sim.next_upload(UploadBehaviour::Cut);
    sim.next_upload(UploadBehaviour::Error { error: ServiceError::Unavailable });
    let bytes = png();
    let url = begin(&sim, bytes.len()).await;
    let send = async || {
        let request = client()
            .post(&url)
            .header("x-goog-api-key", KEY)
            .header("X-Goog-Upload-Offset", 0)
            .header("X-Goog-Upload-Command", "upload, finalize");
        request.body(bytes.clone()).send().await
    };
    assert!(send().await.is_err());
    assert_eq!(send().await.expect("an answer").status(), 200);
    let request = client()
        .post(format!("{}/upload/v1beta/files", sim.base_url()))
        .header("x-goog-api-key", KEY)
        .header("X-Goog-Upload-Protocol", "resumable")
        .header("X-Goog-Upload-Command", "start")
        .header("X-Goog-Upload-Header-Content-Length", 3)
        .header("X-Goog-Upload-Header-Content-Type", "image/png")
        .json(&json!({"file": {}}));
    assert_eq!(request.send().await.expect("an answer").status(), 503);
    assert_eq!(sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn only_files_that_were_uploaded_here_can_be_named() {
    let sim = start().await;
    let foreign = start().await;
    let uri = uploaded(&foreign).await["uri"].clone();
    for uri in [uri, json!("https://example.org/cat.png"), json!("")] {
        assert_eq!(ask(&sim, &naming(&uri)).await.status(), 404, "{uri}");
    }
}
