//! Customers' files for providers that fetch their input themselves, when there is no bucket to fetch it from.
//!
//! One token opens one file for a while. Nothing is listed, nothing else can be reached, and no token gets into a log.

use std::path::{Path as FilePath, PathBuf};

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RANGE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use rei_app::files::{LinkedFile, open_link};
use tower_http::services::ServeFile;

use crate::Web;

/// Where files are served, under the owner's public address.
pub const FILES_PATH: &str = "/files/{token}";
/// 32 random bytes in base64url without padding.
const TOKEN_LETTERS: usize = 43;
/// When the book can't be read, the provider may come again after this long.
const COME_AGAIN_S: &str = "5";
/// What is read from the disk at once; the HTTP server holds up to 16 of them for a slow reader.
const READ_BYTES: usize = 32 * 1024;
/// Neither a proxy on the way nor the provider's may keep what a customer sent.
const NOT_KEPT: HeaderValue = HeaderValue::from_static("private, no-store");
/// The type is right, and no guess may replace it.
const NOT_GUESSED: HeaderValue = HeaderValue::from_static("nosniff");

/// Serves the file that a token stands for.
pub(crate) async fn serve(
    State(web): State<Web>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    if !is_token(&token) {
        return refuse("malformed", StatusCode::NOT_FOUND);
    }
    match open_link(&web.house, &token).await {
        Ok(Some(LinkedFile { path, mime })) => serve_file(path, mime, request).await,
        Ok(None) => refuse("unknown", StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::error!(%error, "nobody could look up which file a link stands for");
            let mut response = refuse("not looked up", StatusCode::SERVICE_UNAVAILABLE);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(COME_AGAIN_S));
            response
        }
    }
}

/// Serves one file, whole or in part, and nothing beside it.
async fn serve_file(path: PathBuf, mime: &'static str, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return refuse("wrong method", StatusCode::METHOD_NOT_ALLOWED);
    }
    if !is_file(&path).await {
        // Swept while its link was still good: the job behind it is over.
        return refuse("gone", StatusCode::NOT_FOUND);
    }
    let mut service =
        ServeFile::new(&path).ignore_multi_range_requests(true).with_buf_chunk_size(READ_BYTES);
    let Ok(served) = service.try_call(plain(&request)).await else {
        return refuse("not read", StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut response = served.map(Body::new);
    let headers = response.headers_mut();
    // The name's ending says nothing: the type is what the file was found to be.
    if headers.contains_key(CONTENT_TYPE) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(mime));
    }
    headers.insert(CACHE_CONTROL, NOT_KEPT);
    headers.insert(X_CONTENT_TYPE_OPTIONS, NOT_GUESSED);
    count("served");
    response
}

/// Only what matters here: the method and the range. What is never kept needs no conditions.
fn plain(request: &Request) -> Request {
    let mut plain = Request::new(Body::empty());
    *plain.method_mut() = request.method().clone();
    if let Some(range) = request.headers().get(RANGE) {
        plain.headers_mut().insert(RANGE, range.clone());
    }
    plain
}

/// An answer without a body: it tells a stranger nothing.
fn refuse(verdict: &'static str, status: StatusCode) -> Response {
    count(verdict);
    (status, [(CACHE_CONTROL, NOT_KEPT)]).into_response()
}

fn count(verdict: &'static str) {
    metrics::counter!("file_links_total", "verdict" => verdict).increment(1);
}

/// Whether a text can be a token at all: strangers' guesses must not cost a look into the book.
fn is_token(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() == TOKEN_LETTERS && text.bytes().all(is_letter)
}

async fn is_file(path: &FilePath) -> bool {
    tokio::fs::metadata(path).await.is_ok_and(|metadata| metadata.is_file())
}

#[cfg(test)]
mod tests {
    use axum::http::header::{
        ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, HeaderName, IF_MODIFIED_SINCE,
    };
    use tempfile::TempDir;

    use super::*;

    const VIDEO: &[u8] = b"0123456789";

    struct Answer {
        status: StatusCode,
        response: axum::http::response::Parts,
        body: Vec<u8>,
    }

    impl Answer {
        fn header(&self, name: HeaderName) -> Option<&str> {
            self.response.headers.get(name).map(|value| value.to_str().expect("a text"))
        }
    }

    /// The ending is wrong on purpose.
    fn video() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("video.html");
        std::fs::write(&path, VIDEO).expect("written");
        std::fs::write(folder.path().join("other.mp4"), "another customer's").expect("written");
        (folder, path)
    }

    async fn ask(path: &FilePath, method: Method, headers: &[(HeaderName, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri("/files/../other.mp4");
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = serve_file(path.to_path_buf(), "video/mp4", request).await;
        let (response, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 1024).await.expect("a body").to_vec();
        Answer { status: response.status, response, body }
    }

    #[tokio::test]
    async fn a_file_is_served_whole_and_kept_by_nobody() {
        let (_folder, path) = video();
        let conditions = [(IF_MODIFIED_SINCE, "Fri, 01 Jan 2100 00:00:00 GMT")];
        let answer = ask(&path, Method::GET, &conditions).await;
        assert_eq!((answer.status, answer.body.as_slice()), (StatusCode::OK, VIDEO));
        assert_eq!(answer.header(CONTENT_TYPE), Some("video/mp4"));
        assert_eq!(answer.header(CONTENT_LENGTH), Some("10"));
        assert_eq!(answer.header(ACCEPT_RANGES), Some("bytes"));
        assert_eq!(answer.header(CACHE_CONTROL), Some("private, no-store"));
        assert_eq!(answer.header(X_CONTENT_TYPE_OPTIONS), Some("nosniff"));
    }

    #[tokio::test]
    async fn head_tells_the_same_without_the_file() {
        let (_folder, path) = video();
        let answer = ask(&path, Method::HEAD, &[]).await;
        assert_eq!((answer.status, answer.body.as_slice()), (StatusCode::OK, b"".as_slice()));
        assert_eq!(answer.header(CONTENT_TYPE), Some("video/mp4"));
        assert_eq!(answer.header(CONTENT_LENGTH), Some("10"));
        assert_eq!(answer.header(CACHE_CONTROL), Some("private, no-store"));
    }

    #[tokio::test]
    async fn a_part_is_served_when_a_part_is_asked_for() {
        let (_folder, path) = video();
        let check = async |range: &str, body: &str, named: &str| {
            let answer = ask(&path, Method::GET, &[(RANGE, range)]).await;
            assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
            assert_eq!(answer.body, body.as_bytes(), "{range}");
            assert_eq!(answer.header(CONTENT_RANGE), Some(named), "{range}");
            assert_eq!(answer.header(CONTENT_LENGTH), Some(body.len().to_string().as_str()));
            assert_eq!(answer.header(CONTENT_TYPE), Some("video/mp4"), "{range}");
            assert_eq!(answer.header(CACHE_CONTROL), Some("private, no-store"), "{range}");
        };
        check("bytes=0-3", "0123", "bytes 0-3/10").await;
        check("bytes=7-", "789", "bytes 7-9/10").await;
        check("bytes=-2", "89", "bytes 8-9/10").await;
        check("bytes=8-99", "89", "bytes 8-9/10").await;
    }

    #[tokio::test]
    async fn a_part_that_does_not_exist_is_refused_and_many_parts_are_the_whole() {
        let (_folder, path) = video();
        let beyond = ask(&path, Method::GET, &[(RANGE, "bytes=10-")]).await;
        assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(beyond.header(CONTENT_RANGE), Some("bytes */10"));
        assert_eq!(beyond.header(CACHE_CONTROL), Some("private, no-store"));
        assert!(beyond.body.is_empty());
        let many = ask(&path, Method::GET, &[(RANGE, "bytes=0-1,4-5")]).await;
        assert_eq!((many.status, many.body.as_slice()), (StatusCode::OK, VIDEO));
    }

    #[tokio::test]
    async fn nothing_but_a_file_is_served_and_nothing_is_taken() {
        let (folder, path) = video();
        for missing in [folder.path(), &folder.path().join("none")] {
            let answer = ask(missing, Method::GET, &[]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
            assert!(answer.body.is_empty());
        }
        let answer = ask(&path, Method::POST, &[]).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(answer.body.is_empty());
    }

    #[test]
    fn only_43_letters_of_base64url_are_a_token() {
        assert!(is_token(&"aZ0-_".repeat(9)[..43]));
        for wrong in
            ["", &"a".repeat(42), &"a".repeat(44), &"é".repeat(21), &"a/.".repeat(15)[..43]]
        {
            assert!(!is_token(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_refusal_says_nothing() {
        let response = refuse("unknown", StatusCode::NOT_FOUND);
        assert_eq!(response.headers().len(), 1, "{:?}", response.headers());
    }
}
