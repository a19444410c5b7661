//! The page's own files, embedded in the binary, and what protects them.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::SharedSite;

/// The page loads from itself alone but for the simulated payment page, and no script or style stands in its HTML.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; \
                      connect-src 'self'; frame-src 'self' http://127.0.0.1:*; form-action 'none'; base-uri 'none'; frame-ancestors 'self'";

macro_rules! asset {
    ($name:literal) => {
        ($name, include_str!(concat!("../page/", $name)))
    };
}

const FILES: [(&str, &str); 13] = [
    asset!("index.html"),
    asset!("returned.html"),
    asset!("style.css"),
    asset!("favicon.svg"),
    asset!("app.js"),
    asset!("api.js"),
    asset!("chat.js"),
    asset!("checkout.js"),
    asset!("composer.js"),
    asset!("dom.js"),
    asset!("panel.js"),
    asset!("text.js"),
    asset!("words.js"),
];

pub(super) fn routes() -> Router<SharedSite> {
    FILES.iter().fold(Router::new(), |router, (name, text)| {
        let path = if *name == "index.html" { "/".to_owned() } else { format!("/{name}") };
        router.route(&path, get(async || ([(header::CONTENT_TYPE, kind(name))], *text)))
    })
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    }
}

/// Refuses what another site's page sends here, and tells the browser what this page may do.
pub(super) async fn protect(request: Request, next: Next) -> Response {
    if is_foreign(request.headers()) {
        return (StatusCode::FORBIDDEN, "this came from another site").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
    response
}

/// Browsers name the page's site in `Origin`; programs name none.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => origin.split_once("://").is_none_or(|(_, from)| from != host),
        (Some(_), None) => true,
        (None, _) => false,
    }
}
