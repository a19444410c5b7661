//! The cleaner's view of a bucket, and the copies on this machine.

use bytes::Bytes;
use rei_blobs::BlobKey;
use rei_blobs::media::MediaType;
use rei_domain::clock::Timestamp;

use crate::server::{Machine, Server, age, picture};

/// Later than every file of a test.
const FAR: Timestamp = Timestamp(i64::MAX);

async fn put(machine: &Machine, number: u8) -> BlobKey {
    let bytes = Bytes::from(vec![number; 10]);
    machine.store.put_bytes(bytes, MediaType::Jpeg).await.expect("stored")
}

async fn listed(machine: &Machine, before: Timestamp, limit: usize) -> Vec<(BlobKey, i64)> {
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = machine.store.list(before, after, limit).await.expect("listed");
        let is_last = page.len() < limit;
        after = page.last().map(|entry| entry.key.clone());
        listed.extend(page.into_iter().map(|entry| (entry.key, entry.stored_at.millis())));
        if is_last {
            return listed;
        }
    }
}

#[tokio::test]
async fn pages_of_a_bucket_cover_every_old_file_once() {
    let server = Server::start().await;
    let (first, second) = (server.machine(), server.machine());
    let mut expected = Vec::new();
    for number in 0..25_u8 {
        let key = put(&first, number).await;
        age(&server.object(&key), u64::from(number) * 1000);
        if number < 20 {
            expected.push((key, i64::from(number) * 1000));
        }
    }
    std::fs::write(server.object(&expected[0].0).with_file_name("strange"), "x").expect("written");
    expected.sort();
    assert_eq!(listed(&second, Timestamp(20_000), 7).await, expected);
    assert_eq!(listed(&second, Timestamp(20_000), 20).await, expected);
    // The machine that stored them has young copies; they change nothing.
    assert_eq!(listed(&first, Timestamp(20_000), 7).await, expected);
    for (key, _) in &expected {
        assert!(second.store.delete(key).await.expect("deleted"));
    }
    assert_eq!(listed(&second, FAR, 7).await.len(), 5);
}

#[tokio::test]
async fn files_that_only_the_folder_has_are_listed_too() {
    let server = Server::start().await;
    let machine = server.machine();
    // Stored before there was a bucket.
    let old = machine.alone();
    let mut expected = Vec::new();
    for number in 0..10_u8 {
        let key = old.put_bytes(Bytes::from(vec![number; 10]), MediaType::Jpeg).await;
        expected.push(key.expect("stored"));
    }
    for number in 10..20_u8 {
        expected.push(put(&machine, number).await);
    }
    expected.sort();
    for limit in [3, 20, 100] {
        let keys: Vec<_> =
            listed(&machine, FAR, limit).await.into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, expected, "{limit}");
    }
    // An old copy of a file that was stored again elsewhere is none of the cleaner's.
    let young = put(&machine, 42).await;
    age(&machine.store.path_of(&young).await.expect("a path"), 1000);
    assert!(listed(&machine, Timestamp(2000), 9).await.is_empty());
}

#[tokio::test]
async fn old_copies_go_and_are_fetched_again_when_needed() {
    let server = Server::start().await;
    let machine = server.machine();
    let (old, young) = (put(&machine, 1).await, put(&machine, 2).await);
    let only_here = machine.alone().put_bytes(picture(50).into(), MediaType::Png).await;
    let only_here = only_here.expect("stored");
    for key in [&old, &only_here] {
        age(&machine.store.path_of(key).await.expect("a path"), 1000);
    }
    assert_eq!(machine.alone().sweep_cache(FAR).await.expect("swept"), 0);
    assert_eq!(machine.store.sweep_cache(Timestamp(2000)).await.expect("swept"), 1);
    let mut left = machine.files();
    left.sort();
    let mut expected = [young.as_str(), only_here.as_str()];
    expected.sort_unstable();
    assert_eq!(left, expected);
    assert_eq!(machine.store.get(&old).await.expect("read"), [1; 10].as_slice());
}
