//! YooKassa's notifications: who knocks is judged before the body is read, then the report goes into the book and is
//! answered. No call leaves from here, and the address, which is a secret, gets into no log and no row.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use rei_app::payments::{Admitted, Knock, NOTICE_BODY_MAX_BYTES, Taken, YooKassaRail, admit, take};

use crate::Web;
use crate::bucket::Bucket;
use crate::headers;

/// Where YooKassa brings notifications, under the owner's public address.
const NOTICE_PATH: &str = "/webhooks/yookassa/{kid}/{tag}";
/// Where a relay brings them when its signature alone counts.
const RELAY_PATH: &str = "/webhooks/yookassa";
const RELAY_HEADER: &str = "x-webhook-signature";
const FORWARDED_HEADER: &str = "x-forwarded-for";
/// A body that takes longer comes from nobody who means it.
const BODY_WITHIN: Duration = Duration::from_secs(5);
/// YooKassa is to be answered within a second; a book that takes longer is told again.
const STORED_WITHIN: Duration = Duration::from_millis(800);
/// When a report can't be stored, YooKassa brings it again after this long at the earliest.
const BRING_AGAIN_S: &str = "5";
/// Reports at the right address that turned out to be nobody's: so many at once, and so many a second after that.
const STRANGE_AT_ONCE: u32 = 60;
const STRANGE_PER_SECOND: u32 = 2;

/// The door of one shop.
#[derive(Clone)]
struct Door {
    web: Web,
    rail: Arc<YooKassaRail>,
    strange: Arc<Bucket>,
}

/// The routes; none when nothing comes from YooKassa.
pub(crate) fn routes(web: &Web) -> Option<Router<Web>> {
    let rail = Arc::clone(web.house.payments.yookassa.as_ref()?);
    let strange = Arc::new(Bucket::new(STRANGE_AT_ONCE, STRANGE_PER_SECOND, web.house.now()));
    let door = Door { web: web.clone(), rail, strange };
    let router =
        Router::new().route(NOTICE_PATH, post(at_address)).route(RELAY_PATH, post(by_relay));
    Some(router.with_state(door))
}

async fn at_address(
    State(door): State<Door>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    path: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let Ok(Path((kid, tag))) = path else { return refuse("no address", StatusCode::NOT_FOUND) };
    door.answer(&kid, &tag, peer.ip(), request).await
}

/// Without an address only a relay's signature lets in, and only where the owner said so.
async fn by_relay(
    State(door): State<Door>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    door.answer("", "", peer.ip(), request).await
}

impl Door {
    async fn answer(&self, kid: &str, tag: &str, peer: IpAddr, request: Request) -> Response {
        let given = request.headers().clone();
        let forwarded = texts(&given, FORWARDED_HEADER);
        let signature = given.get(RELAY_HEADER).and_then(|value| value.to_str().ok());
        let knock = Knock { kid, tag, peer, forwarded: &forwarded, signature };
        let sender = match admit(&self.rail, &knock) {
            Admitted::Yes(sender) => sender,
            Admitted::NoSuchAddress => return refuse("no address", StatusCode::NOT_FOUND),
            Admitted::WrongSender(sender) => {
                tracing::warn!(%sender, "a report came from an address that is not YooKassa's");
                return refuse("wrong sender", StatusCode::FORBIDDEN);
            }
        };
        // A flood at the right address means that the address leaked: it must not fill the book.
        if !self.strange.has_room(self.web.house.now()) {
            return again("flood", StatusCode::TOO_MANY_REQUESTS);
        }
        let body = match read(request).await {
            Ok(body) => body,
            Err(response) => {
                self.was_strange();
                return response;
            }
        };
        let kept = headers::kept(&given, tag);
        let taking = take(&self.web.house, &self.rail, &knock, sender, kept, &body);
        match tokio::time::timeout(STORED_WITHIN, taking).await {
            Ok(Ok(taken)) => self.taken(taken),
            Ok(Err(error)) => {
                tracing::error!(%error, "a report about a payment could not be stored");
                again("not stored", StatusCode::SERVICE_UNAVAILABLE)
            }
            Err(_) => {
                tracing::error!("a report about a payment was not stored in time");
                again("late", StatusCode::SERVICE_UNAVAILABLE)
            }
        }
    }

    fn taken(&self, taken: Taken) -> Response {
        if taken != Taken::Stored {
            self.was_strange();
        }
        match taken {
            Taken::Stored => refuse("stored", StatusCode::OK),
            Taken::Foreign => refuse("foreign", StatusCode::OK),
            Taken::Unsigned => refuse("unsigned", StatusCode::UNAUTHORIZED),
            Taken::Unreadable => refuse("unreadable", StatusCode::BAD_REQUEST),
        }
    }

    fn was_strange(&self) {
        self.strange.take(self.web.house.now());
    }
}

/// The whole body, within its bounds of size and time.
async fn read(mut request: Request) -> Result<Bytes, Response> {
    DefaultBodyLimit::max(NOTICE_BODY_MAX_BYTES).apply(&mut request);
    match tokio::time::timeout(BODY_WITHIN, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(rejection)) => {
            let status = rejection.into_response().status();
            let is_large = status == StatusCode::PAYLOAD_TOO_LARGE;
            Err(refuse(if is_large { "too large" } else { "broken off" }, status))
        }
        Err(_) => Err(refuse("slow", StatusCode::REQUEST_TIMEOUT)),
    }
}

/// The values of a header in the order of its lines. What is no text stays as something that is no address.
fn texts<'h>(headers: &'h HeaderMap, name: &str) -> Vec<&'h str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("?")).collect()
}

/// An answer that tells nobody anything; YooKassa looks at the status alone.
fn refuse(verdict: &'static str, status: StatusCode) -> Response {
    metrics::counter!("payment_notices_total", "verdict" => verdict).increment(1);
    (status, [(CACHE_CONTROL, HeaderValue::from_static("no-store"))]).into_response()
}

fn again(verdict: &'static str, status: StatusCode) -> Response {
    let mut response = refuse(verdict, status);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(BRING_AGAIN_S));
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn every_line_of_a_header_is_read_in_its_order() {
        let mut headers = HeaderMap::new();
        headers.append(FORWARDED_HEADER, HeaderValue::from_static("1.1.1.1, 2.2.2.2"));
        headers.append(FORWARDED_HEADER, HeaderValue::from_bytes(b"\xff").expect("opaque"));
        headers.append(FORWARDED_HEADER, HeaderValue::from_static("3.3.3.3"));
        assert_eq!(texts(&headers, FORWARDED_HEADER), ["1.1.1.1, 2.2.2.2", "?", "3.3.3.3"]);
        assert!(texts(&headers, RELAY_HEADER).is_empty());
    }

    #[test]
    fn an_answer_has_no_body_and_is_kept_by_nobody() {
        let response = again("late", StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        assert_eq!(response.headers()[RETRY_AFTER], "5");
        assert_eq!(response.headers().len(), 2, "{:?}", response.headers());
    }

    #[tokio::test]
    async fn a_body_is_read_to_its_bound_and_no_further() {
        for (bytes, status) in [
            (NOTICE_BODY_MAX_BYTES, StatusCode::OK),
            (NOTICE_BODY_MAX_BYTES + 1, StatusCode::PAYLOAD_TOO_LARGE),
        ] {
            // A stream has no length that could be refused beforehand, as chunked bodies don't.
            let piece = Ok::<_, std::io::Error>(Bytes::from(vec![b' '; bytes]));
            let body = Body::from_stream(futures::stream::iter([piece]));
            let request = Request::post("/").body(body).expect("a request");
            let read = read(request).await;
            let answer = read.map_or_else(|response| response.status(), |_| StatusCode::OK);
            assert_eq!(answer, status, "{bytes}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let body = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
        let request = Request::post("/").body(body).expect("a request");
        let response = read(request).await.expect_err("it never ends");
        assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    }
}
