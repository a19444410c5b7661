//! Every way a wire can break, and whether something may have been sent.

use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::stream;
use rei_providers::gemini::GeminiOptions;
use rei_providers::policy::WireLimits;
use rei_providers::{Class, Reason, Submission};

use super::server::{PNG, Server, client, hasty, nobody, options, picture, raw, rejection_at};

const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n";

#[tokio::test]
async fn nobody_listens_so_nothing_was_sent() {
    let nobody = nobody();
    let rejection = rejection_at(nobody.address).await;
    assert!(matches!(rejection.class, Class::Retry { at_most: 1.. }), "{rejection:?}");
    assert_eq!(rejection.code, "unreachable");
}

#[tokio::test]
async fn a_proxy_that_is_away_means_that_nothing_was_sent() {
    let server = Server::json(200, picture()).await;
    for scheme in ["http", "socks5"] {
        let nobody = nobody();
        let proxy = format!("{scheme}://user:pw@{}", nobody.address);
        let options = GeminiOptions { proxy: Some(proxy.into()), ..options(server.address) };
        assert_eq!(client(options).rejection().await.code, "unreachable", "{scheme}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn calls_go_through_the_proxy() {
    // A proxy for plain http is a server that is asked for whole addresses.
    let proxy = Server::json(200, picture()).await;
    let nobody = nobody();
    let address = nobody.address;
    let proxied = GeminiOptions {
        proxy: Some(format!("http://{}", proxy.address).into()),
        ..options(address)
    };
    assert!(matches!(client(proxied).submit().await, Submission::Done(_)));
    let uri = proxy.seen().remove(0).uri;
    assert!(uri.starts_with(&format!("http://{address}/v1beta/")), "{uri}");
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_leaves_the_outcome_unknown() {
    let rejection = rejection_at(raw(Vec::new(), Duration::ZERO).await).await;
    assert_eq!((rejection.class, rejection.reason), (Class::Unknown, Reason::Overloaded));
    let torn_head = raw(b"HTTP/1.1 200 OK\r\ncontent-".to_vec(), Duration::ZERO).await;
    assert_eq!(rejection_at(torn_head).await.class, Class::Unknown);
}

#[tokio::test]
async fn an_answer_that_breaks_in_the_middle_leaves_the_outcome_unknown() {
    let torn = format!("{HEAD}{{\"candidates\":[");
    assert_eq!(
        rejection_at(raw(torn.into_bytes(), Duration::ZERO).await).await.class,
        Class::Unknown
    );
}

#[tokio::test]
async fn json_that_ends_early_leaves_the_outcome_unknown() {
    let whole = picture().to_string();
    let server = Server::text(200, "application/json", whole[..whole.len() - 9].to_owned()).await;
    let rejection = rejection_at(server.address).await;
    assert_eq!((rejection.class, rejection.code.as_str()), (Class::Unknown, "answer-unreadable"));
}

#[tokio::test]
async fn a_silent_server_leaves_the_outcome_unknown() {
    let silent = raw(Vec::new(), Duration::from_secs(60)).await;
    assert_eq!(client(hasty(silent)).rejection().await.code, "unanswered");
}

#[tokio::test]
async fn a_body_slower_than_the_deadline_leaves_the_outcome_unknown() {
    let slow = raw(HEAD.as_bytes().to_vec(), Duration::from_secs(60)).await;
    assert_eq!(client(hasty(slow)).rejection().await.class, Class::Unknown);
}

#[tokio::test]
async fn a_refusal_counts_even_when_its_body_breaks() {
    let head =
        "HTTP/1.1 503 Service Unavailable\r\nretry-after: 7\r\ncontent-length: 900\r\n\r\n{\"er";
    let rejection = rejection_at(raw(head.into(), Duration::ZERO).await).await;
    assert_eq!(rejection.class, Class::Queue);
    assert_eq!(rejection.retry_after, Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_read_to_its_end() {
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
    let rejection = rejection_at(raw(announced.into(), Duration::from_secs(60)).await).await;
    assert_eq!((rejection.class, rejection.code.as_str()), (Class::Unknown, "answer-too-large"));
    // Without a length, in pieces that never end.
    let endless = Server::answering(|| {
        let piece = || Some((Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 65_536])), ()));
        Response::new(Body::from_stream(stream::unfold((), move |()| async move { piece() })))
    });
    assert_eq!(rejection_at(endless.await.address).await.code, "answer-too-large");
}

#[tokio::test]
async fn a_slow_answer_within_the_deadline_is_read() {
    let server = Server::answering(|| {
        let text = picture().to_string().into_bytes();
        let pieces: Vec<Bytes> = text.chunks(100).map(Bytes::copy_from_slice).collect();
        let pieces = stream::unfold(pieces.into_iter(), |mut pieces| async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let piece = pieces.next()?;
            Some((Ok::<_, std::io::Error>(piece), pieces))
        });
        Response::new(Body::from_stream(pieces))
    });
    let Submission::Done(done) = client(options(server.await.address)).submit().await else {
        panic!("no picture")
    };
    assert_eq!(done.artifacts[0].bytes, PNG);
}

#[tokio::test]
async fn a_large_picture_arrives_whole() {
    use base64::Engine;
    let bytes: Vec<u8> =
        PNG.iter().copied().chain((0..6_000_000_u32).map(|i| i.to_le_bytes()[0])).collect();
    let mut answer = picture();
    let data = base64::engine::general_purpose::STANDARD.encode(&bytes);
    answer["candidates"][0]["content"]["parts"][1]["inlineData"]["data"] = data.into();
    let server = Server::json(200, answer).await;
    let options = GeminiOptions { wire: WireLimits::default(), ..options(server.address) };
    let Submission::Done(done) = client(options).submit().await else { panic!("no picture") };
    assert!(done.artifacts[0].bytes == bytes);
}
