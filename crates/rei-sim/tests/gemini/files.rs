//! The Files API.

use std::time::Duration;

use rei_sim::common::clock::SimClock;

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
