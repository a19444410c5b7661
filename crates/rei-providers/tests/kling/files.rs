//! Downloads: from anybody, with no key, never more than allowed.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::{StreamExt, stream};
use rei_providers::kling::KlingOptions;
use rei_providers::{AskError, Class, Provider, Rejection, RemoteFile};

use super::server::{Client, Server, client, declined, hasty, nobody, options, page, raw};

fn video() -> Vec<u8> {
    (0..300_000_u32).map(|i| (i / 3).to_le_bytes()[0]).collect()
}

async fn served() -> Server {
    Server::answering(|_| page(200, "video/mp4", video())).await
}

fn at(address: SocketAddr) -> RemoteFile {
    RemoteFile { url: format!("http://{address}/v.mp4?sign=SECRET"), duration_ms: None }
}

/// The whole file, or the first trouble on the way.
async fn read(client: &Client, file: &RemoteFile) -> Result<Vec<u8>, Rejection> {
    let mut pieces = match client.kling.fetch(file).await {
        Ok(pieces) => pieces,
        Err(AskError::Rejected(rejection)) => return Err(rejection),
        Err(AskError::NotSupported) => panic!("it can fetch"),
    };
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) => bytes.extend_from_slice(&piece),
            Err(rejection) => {
                assert!(pieces.next().await.is_none(), "nothing comes after a trouble");
                return Err(rejection);
            }
        }
    }
    Ok(bytes)
}

async fn trouble(options: KlingOptions, file: &RemoteFile) -> Rejection {
    read(&client(options), file).await.expect_err("no file")
}

fn redirect(to: String) -> impl Fn(&super::server::Seen) -> Response + Send + Sync {
    move |_| {
        let mut response = page(302, "text/plain", "");
        response.headers_mut().insert("location", to.parse().expect("a header"));
        response
    }
}

#[tokio::test]
async fn a_file_arrives_whole_and_nobody_saw_our_key() {
    let server = served().await;
    let bytes = read(&client(options(nobody().address)), &at(server.address)).await;
    assert!(bytes == Ok(video()));
    let seen = server.seen();
    assert_eq!((seen[0].method.as_str(), seen[0].uri.as_str()), ("GET", "/v.mp4?sign=SECRET"));
    assert_eq!(seen[0].authorization, None);
}

#[tokio::test]
async fn a_link_that_is_refused_once_works_on_the_next_try() {
    let tries = AtomicUsize::new(0);
    let server = Server::answering(move |_| match tries.fetch_add(1, Ordering::SeqCst) {
        0 => page(403, "application/xml", "<Error/>"),
        _ => page(200, "video/mp4", video()),
    })
    .await;
    let client = client(options(server.address));
    let rejection = read(&client, &at(server.address)).await.expect_err("refused");
    assert_eq!(
        (rejection.class, rejection.code.as_str()),
        (Class::Retry { at_most: u32::MAX }, "FILE_HTTP_403")
    );
    assert!(read(&client, &at(server.address)).await == Ok(video()));
}

#[tokio::test]
async fn other_statuses_are_worth_another_try_too() {
    for status in [304, 400, 404, 410, 429, 500, 503] {
        let server = Server::answering(move |_| page(status, "text/plain", "no")).await;
        let rejection = trouble(options(server.address), &at(server.address)).await;
        assert!(matches!(rejection.class, Class::Retry { at_most: 1.. }), "{status}");
    }
}

#[tokio::test]
async fn a_file_that_is_cut_ends_in_a_trouble() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\nfirst bytes";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n";
    for answer in [head, chunked] {
        let address = raw(answer.into(), Duration::ZERO).await;
        assert_eq!(trouble(options(address), &at(address)).await.code, "file-cut");
    }
    let empty = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec(), Duration::ZERO).await;
    assert_eq!(trouble(options(empty), &at(empty)).await.code, "file-empty");
}

#[tokio::test]
async fn a_file_that_stalls_is_given_up() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\nfirst bytes";
    let stalled = raw(head.into(), Duration::from_secs(60)).await;
    assert_eq!(trouble(hasty(stalled), &at(stalled)).await.code, "file-stalled");
    let silent = raw(Vec::new(), Duration::from_secs(60)).await;
    assert_eq!(trouble(hasty(silent), &at(silent)).await.code, "file-unanswered");
}

#[tokio::test]
async fn a_file_over_the_limit_is_not_read_to_its_end() {
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 1048577\r\n\r\n";
    let announced = raw(announced.into(), Duration::from_secs(60)).await;
    let rejection = trouble(options(announced), &at(announced)).await;
    assert_eq!(
        (rejection.class, rejection.code.as_str()),
        (Class::OwnerFault { pause: false }, "file-too-large")
    );
    // Without a length, in pieces that never end.
    let endless = Server::answering(|_| {
        let piece = || Some((Ok::<_, std::io::Error>(Bytes::from(vec![b'v'; 65_536])), ()));
        page(
            200,
            "video/mp4",
            Body::from_stream(stream::unfold((), move |()| async move { piece() })),
        )
    })
    .await;
    assert_eq!(
        trouble(options(endless.address), &at(endless.address)).await.code,
        "file-too-large"
    );
}

#[tokio::test]
async fn a_redirect_is_followed_without_anybodys_password() {
    let server = served().await;
    let to = format!("http://user:pass-word@{}/moved.mp4", server.address);
    let first = Server::answering(redirect(to)).await;
    let bytes = read(&client(options(first.address)), &at(first.address)).await;
    assert!(bytes == Ok(video()));
    let seen = server.seen();
    assert_eq!((seen[0].uri.as_str(), &seen[0].authorization), ("/moved.mp4", &None));
    assert_eq!(first.seen()[0].authorization, None);
}

#[tokio::test]
async fn redirects_end_after_three_and_stay_on_the_web() {
    let circle = Server::answering(redirect("/again.mp4".to_owned())).await;
    let rejection = trouble(options(circle.address), &at(circle.address)).await;
    assert_eq!(rejection.code, "file-redirects");
    assert_eq!(circle.seen().len(), 4, "the first address and three more");
    for to in ["file:///etc/passwd", "ftp://h/v.mp4", "http://"] {
        let astray = Server::answering(redirect(to.to_owned())).await;
        let rejection = trouble(options(astray.address), &at(astray.address)).await;
        assert_eq!(rejection.code, "file-redirect", "{to}");
    }
}

#[tokio::test]
async fn downloads_go_through_the_proxy() {
    let proxy = served().await;
    let nobody = nobody();
    let proxied = KlingOptions {
        proxy: Some(format!("http://{}", proxy.address).into()),
        ..options(nobody.address)
    };
    assert!(read(&client(proxied), &at(nobody.address)).await == Ok(video()));
    assert!(proxy.seen()[0].uri.starts_with("http://"));
}

#[tokio::test]
async fn an_address_that_is_none_is_a_trouble_and_not_a_panic() {
    let client = client(options(nobody().address));
    for url in ["", "v.mp4", "file:///etc/passwd"] {
        let file = RemoteFile { url: url.to_owned(), duration_ms: None };
        assert_eq!(declined(client.kling.fetch(&file).await).code, "file-address");
    }
}
