//! Every way a wire can break, and whether something may have been sent.

use std::time::Duration;

use rei_providers::kling::KlingOptions;
use rei_providers::{Class, Reason, Submission};

use super::server::{
    Server, client, declined, good, hasty, nobody, options, raw, rejection_at, taken,
};

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
async fn calls_go_through_the_proxy() {
    // A proxy for plain http is a server that is asked for whole addresses.
    let proxy = Server::json(200, good(taken("893"))).await;
    let nobody = nobody();
    let proxied = KlingOptions {
        proxy: Some(format!("http://{}", proxy.address).into()),
        ..options(nobody.address)
    };
    assert!(matches!(client(proxied).submit().await, Submission::Accepted { .. }));
    let uri = proxy.seen().remove(0).uri;
    assert_eq!(uri, format!("http://{}/text-to-video/kling-3.0", nobody.address));
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_leaves_the_outcome_unknown() {
    let torn = format!("{HEAD}{{\"code\":0,");
    for answer in ["", "HTTP/1.1 200 OK\r\ncontent-", torn.as_str()] {
        let address = raw(answer.as_bytes().to_vec(), Duration::ZERO).await;
        let rejection = rejection_at(address).await;
        let outcome = (rejection.class, rejection.reason, rejection.code.as_str());
        assert_eq!(outcome, (Class::Unknown, Reason::Overloaded, "unanswered"), "{answer}");
    }
}

#[tokio::test]
async fn json_that_ends_early_leaves_the_outcome_unknown() {
    let address = raw(
        b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{\"code\":0,\"data\":{\"i".to_vec(),
        Duration::ZERO,
    );
    let rejection = rejection_at(address.await).await;
    assert_eq!((rejection.class, rejection.code.as_str()), (Class::Unknown, "answer-unreadable"));
}

#[tokio::test]
async fn a_silent_server_leaves_the_outcome_unknown() {
    let silent = raw(Vec::new(), Duration::from_secs(60)).await;
    let client = client(hasty(silent));
    assert_eq!(client.rejection().await.class, Class::Unknown);
    // A question may be asked again.
    let rejection = declined(client.lookup().await);
    assert!(matches!(rejection.class, Class::Retry { at_most: 1.. }), "{rejection:?}");
}
