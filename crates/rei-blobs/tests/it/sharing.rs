//! What one machine stores, every machine reads.

use std::io;

use futures::stream;
use rei_blobs::BlobError;
use rei_blobs::media::MediaType;
use tokio::io::AsyncReadExt;

use crate::server::{Server, picture};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_second_machine_reads_what_the_first_stored() {
    let server = Server::start().await;
    let (first, second) = (server.machine(), server.machine());
    let bytes = picture(3000);
    let key = first.store.put_bytes(bytes.clone().into(), MediaType::Png).await.expect("stored");
    assert!(second.store.exists(&key).await.expect("asked"));
    assert!(second.files().is_empty(), "asking fetches nothing");
    assert_eq!(second.store.get(&key).await.expect("read"), bytes);
    let (mut file, size_bytes) = second.store.open_file(&key).await.expect("opened");
    let mut read = Vec::new();
    file.read_to_end(&mut read).await.expect("read");
    assert_eq!((read, size_bytes), (bytes, 3000));
    // It is on the second machine from now on.
    server.break_after(0);
    assert!(second.store.path_of(&key).await.expect("a path").is_file());
    assert_eq!(second.files(), [key.as_str()]);
}

#[tokio::test]
async fn a_long_stream_goes_up_and_comes_down_whole() {
    let server = Server::start().await;
    let (first, second) = (server.machine(), server.machine());
    for size_bytes in [20 * MIB + 17, 5 * MIB, 5 * MIB - 1] {
        let bytes = picture(size_bytes);
        let pieces: Vec<_> = bytes
            .chunks(100_000)
            .map(|piece| Ok::<_, io::Error>(bytes::Bytes::copy_from_slice(piece)))
            .collect();
        let stored = first.store.put_stream(stream::iter(pieces), u64::MAX).await.expect("stored");
        assert_eq!(stored.size_bytes, size_bytes as u64);
        assert_eq!(std::fs::read(server.object(&stored.key)).expect("an object"), bytes);
        assert!(second.store.get(&stored.key).await.expect("read") == bytes);
    }
}

#[tokio::test]
async fn a_removed_file_is_gone_from_the_bucket_too() {
    let server = Server::start().await;
    let (first, second) = (server.machine(), server.machine());
    let key = first.store.put_bytes(picture(100).into(), MediaType::Png).await.expect("stored");
    assert!(second.store.delete(&key).await.expect("deleted"));
    assert!(!second.store.delete(&key).await.expect("deleted"));
    assert!(!second.store.exists(&key).await.expect("asked"));
    assert!(matches!(second.store.get(&key).await, Err(BlobError::NotFound(_))));
    assert!(matches!(second.store.path_of(&key).await, Err(BlobError::NotFound(_))));
    assert!(!server.object(&key).exists());
}

#[tokio::test]
async fn what_a_damaged_bucket_gives_is_not_kept() {
    let server = Server::start().await;
    let (first, second) = (server.machine(), server.machine());
    let bytes = picture(100);
    let key = first.store.put_bytes(bytes.clone().into(), MediaType::Png).await.expect("stored");
    std::fs::write(server.object(&key), picture(99)).expect("written");
    assert!(matches!(second.store.get(&key).await, Err(BlobError::Damaged(_))));
    assert!(second.files().is_empty());
    // Storing it again mends it, and a damaged copy is fetched anew.
    first.store.put_bytes(bytes.clone().into(), MediaType::Png).await.expect("stored");
    let path = second.store.path_of(&key).await.expect("a path");
    std::fs::write(path, picture(99)).expect("written");
    assert_eq!(second.store.get(&key).await.expect("read"), bytes);
}
