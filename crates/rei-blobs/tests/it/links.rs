//! Links that a provider reads a file by.

use std::time::Duration;

use rei_blobs::BlobError;
use rei_blobs::media::MediaType;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};

use crate::server::{Machine, Server, picture};

const HOUR: Duration = Duration::from_secs(3600);

async fn status(link: &str) -> u16 {
    stranger().get(link).send().await.expect("an answer").status().as_u16()
}

fn stranger() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client")
}

#[tokio::test]
async fn a_stranger_reads_the_file_by_its_link() {
    let server = Server::start().await;
    let machine = server.machine();
    // One goes up at once, the other in parts: both know what they are.
    for (size_bytes, media, mime) in
        [(3000, MediaType::Mp4, "video/mp4"), (6_000_000, MediaType::Mov, "video/quicktime")]
    {
        let bytes = picture(size_bytes);
        let key = machine.store.put_bytes(bytes.clone().into(), media).await.expect("stored");
        let link = machine.store.link(&key, HOUR).await.expect("asked").expect("a link");
        assert!(link.contains("X-Amz-Expires=3600"), "{link}");
        let answer = stranger().get(&link).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()[CONTENT_TYPE], mime);
        assert_eq!(answer.headers()[CONTENT_LENGTH], size_bytes.to_string());
        assert!(answer.bytes().await.expect("a body") == bytes);
    }
}

#[tokio::test]
async fn a_link_that_was_changed_or_is_over_opens_nothing() {
    let server = Server::start().await;
    let machine = server.machine();
    let one = machine.store.put_bytes(picture(100).into(), MediaType::Png).await.expect("stored");
    let two = machine.store.put_bytes(picture(101).into(), MediaType::Png).await.expect("stored");
    let link = machine.store.link(&one, HOUR).await.expect("asked").expect("a link");
    for changed in [
        link.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200"),
        link.replace(one.as_str(), two.as_str()),
        link[..link.len() - 1].to_owned(),
        link.split_once('?').expect("a signature").0.to_owned(),
    ] {
        let status = status(&changed).await;
        assert!(matches!(status, 400 | 403 | 404), "{status} {changed}");
    }
    assert_eq!(status(&link).await, 200);
    let short = machine.store.link(&one, Duration::ZERO).await.expect("asked").expect("a link");
    assert!(short.contains("X-Amz-Expires=1&"), "{short}");
    tokio::time::sleep(Duration::from_millis(2100)).await;
    assert_eq!(status(&short).await, 403);
}

#[tokio::test]
async fn links_hold_as_long_as_the_settings_say_and_seven_days_at_most() {
    let server = Server::start().await;
    let day = 24 * HOUR;
    let machine =
        Machine::new(rei_blobs::BucketOptions { presigned_url_expiry: day, ..server.options() });
    let key = machine.store.put_bytes(picture(100).into(), MediaType::Png).await.expect("stored");
    for (asked, given) in [(HOUR, 86_400), (2 * day, 172_800), (30 * day, 604_800)] {
        let link = machine.store.link(&key, asked).await.expect("asked").expect("a link");
        assert!(link.contains(&format!("X-Amz-Expires={given}&")), "{link}");
    }
}

#[tokio::test]
async fn no_link_is_given_away_that_does_not_work() {
    let server = Server::start().await;
    let machine = server.machine();
    let key = machine.store.put_bytes(picture(100).into(), MediaType::Png).await.expect("stored");
    assert_eq!(machine.alone().link(&key, HOUR).await.expect("asked"), None);
    // Somebody has put it there without saying what it is.
    let attributes = std::fs::read_dir(server.object(&key).ancestors().nth(5).expect("a root"));
    for entry in attributes.expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            std::fs::remove_file(path).expect("removed");
        }
    }
    let refused = machine.store.link(&key, HOUR).await.expect_err("a wrong type").to_string();
    assert!(refused.contains("something else than image/png"), "{refused}");
    // It is in the folder still, so it goes up again.
    std::fs::remove_file(server.object(&key)).expect("removed");
    let link = machine.store.link(&key, HOUR).await.expect("asked").expect("a link");
    assert_eq!(status(&link).await, 200);
    machine.store.delete(&key).await.expect("deleted");
    assert!(matches!(machine.store.link(&key, HOUR).await, Err(BlobError::NotFound(_))));
}
