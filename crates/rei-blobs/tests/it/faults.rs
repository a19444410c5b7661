//! A bucket that is down, and settings that are wrong.

use rei_blobs::media::MediaType;
use rei_blobs::{BlobError, BucketOptions};

use crate::server::{Machine, Server, picture};

#[tokio::test]
async fn a_bucket_that_works_passes_its_check_and_keeps_nothing_of_it() {
    let server = Server::start().await;
    let machine = server.machine();
    machine.store.check().await.expect("a bucket that works");
    machine.alone().check().await.expect("a folder that works");
    assert!(machine.files().is_empty());
    let left = server.leftovers();
    assert!(left.iter().all(|name| name.starts_with('.')), "{left:?}");
}

#[tokio::test]
async fn wrong_settings_are_told_in_words() {
    let server = Server::start().await;
    let check = async |change: fn(&mut BucketOptions), words: &str| {
        let mut options = server.options();
        change(&mut options);
        let machine = Machine::new(options);
        let error = machine.store.check().await.expect_err(words);
        assert!(matches!(error, BlobError::BucketRefused(_)), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
        let put = machine.store.put_bytes(picture(100).into(), MediaType::Png).await;
        assert!(matches!(put, Err(BlobError::BucketRefused(_))), "{put:?}");
        assert!(machine.files().is_empty());
    };
    check(|o| o.secret_key = "wrong".into(), "the secret key is wrong").await;
    check(|o| o.access_key = "AKIAOTHER".into(), "it does not know this access key").await;
    check(|o| o.bucket = "dogs".to_owned(), "there is no such bucket").await;
}

#[tokio::test]
async fn a_bucket_that_cannot_be_reached_is_down() {
    let server = Server::start().await;
    let machine = server.machine();
    drop(server);
    let error = machine.store.check().await.expect_err("nobody there");
    assert!(matches!(error, BlobError::BucketDown(_)), "{error:?}");
    assert!(error.to_string().contains("no connection"), "{error}");
}

#[tokio::test]
async fn a_bucket_that_breaks_in_the_middle_leaves_nothing_half_stored() {
    let server = Server::start().await;
    let machine = server.machine();
    let bytes = picture(12 * 1024 * 1024);
    // The connection breaks while the file is being sent.
    server.break_after(0);
    let put = machine.store.put_bytes(bytes.clone().into(), MediaType::Png).await;
    assert!(matches!(put, Err(BlobError::BucketDown(_))), "{put:?}");
    assert!(machine.files().is_empty(), "{:?}", machine.files());
    let other = server.machine();
    server.heal();
    assert!(
        other
            .store
            .list(rei_domain::clock::Timestamp(i64::MAX), None, 9)
            .await
            .expect("listed")
            .is_empty()
    );
    // It heals, and the same file goes through.
    let key = machine.store.put_bytes(bytes.clone().into(), MediaType::Png).await.expect("stored");
    assert!(other.store.get(&key).await.expect("read") == bytes);
    // Down again: what is here is served, what is not is an error that is not "never stored".
    server.break_after(0);
    assert!(machine.store.get(&key).await.expect("read") == bytes);
    let third = server.machine();
    assert!(matches!(third.store.get(&key).await, Err(BlobError::BucketDown(_))));
    assert!(matches!(third.store.exists(&key).await, Err(BlobError::BucketDown(_))));
    assert!(matches!(machine.store.delete(&key).await, Err(BlobError::BucketDown(_))));
    assert!(machine.store.exists(&key).await.expect("asked"));
}
