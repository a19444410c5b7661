use std::fs::{File, FileTimes};
use std::time::{Duration, UNIX_EPOCH};

use futures::{StreamExt, stream};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;

use super::*;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\na picture";
/// Later than every file of a test.
const FAR: Timestamp = Timestamp(i64::MAX);

fn store() -> (TempDir, BlobStore) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = BlobStore::open(folder.path().join("blobs")).expect("a store");
    (folder, store)
}

fn pieces(parts: &[&'static [u8]]) -> impl Stream<Item = Result<Bytes, io::Error>> + use<> {
    let parts: Vec<_> = parts.iter().map(|part| Ok(Bytes::from_static(part))).collect();
    stream::iter(parts)
}

fn drafts(store: &BlobStore) -> Vec<PathBuf> {
    let entries = fs::read_dir(store.root.join("tmp")).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn age(path: &Path, at: Timestamp) {
    let millis = u64::try_from(at.millis()).expect("after 1970");
    let times = FileTimes::new().set_modified(UNIX_EPOCH + Duration::from_millis(millis));
    File::options().write(true).open(path).expect("a file").set_times(times).expect("times");
}

#[tokio::test]
async fn what_was_put_comes_back() {
    let (_folder, store) = store();
    let key = store.put_bytes(Bytes::from_static(PNG), MediaType::Png).await.expect("stored");
    assert_eq!(key.media(), MediaType::Png);
    assert_eq!(store.get(&key).await.expect("read"), PNG);
    assert!(store.exists(&key).await.expect("asked"));
    let (mut file, size_bytes) = store.open_file(&key).await.expect("opened");
    let mut read = Vec::new();
    file.read_to_end(&mut read).await.expect("read");
    assert_eq!((read.as_slice(), size_bytes), (PNG, 17));
    assert!(drafts(&store).is_empty());
}

#[tokio::test]
async fn a_stream_and_the_same_bytes_are_one_file() {
    let (_folder, store) = store();
    let (head, tail) = PNG.split_at(3);
    let stored = store.put_stream(pieces(&[head, b"", tail]), 17).await.expect("stored");
    let key = store.put_bytes(Bytes::from_static(PNG), MediaType::Png).await.expect("stored");
    assert_eq!(stored, Stored { key, size_bytes: 17 });
    assert_eq!(store.list(FAR, None, 9).await.expect("listed").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_may_store_the_same_at_once() {
    let (_folder, store) = store();
    let puts = (0..32).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.put_bytes(Bytes::from_static(PNG), MediaType::Png).await })
    });
    for put in futures::future::join_all(puts).await {
        let key = put.expect("no panic").expect("stored");
        assert_eq!(store.get(&key).await.expect("read"), PNG);
    }
    assert_eq!(store.list(FAR, None, 9).await.expect("listed").len(), 1);
    assert!(drafts(&store).is_empty());
}

#[tokio::test]
async fn a_stream_that_is_not_kept_leaves_nothing() {
    let (_folder, store) = store();
    let too_large = store.put_stream(pieces(&[PNG, PNG]), 33).await;
    assert!(matches!(too_large, Err(BlobError::TooLarge(33))), "{too_large:?}");
    let unknown = store.put_stream(pieces(&[b"<html>"]), 99).await;
    assert!(matches!(unknown, Err(BlobError::UnknownMedia)), "{unknown:?}");
    let empty = store.put_stream(pieces(&[]), 99).await;
    assert!(matches!(empty, Err(BlobError::UnknownMedia)), "{empty:?}");
    let torn = stream::iter([Ok(Bytes::from_static(PNG)), Err(io::Error::other("reset"))]);
    let torn = store.put_stream(torn, 99).await;
    assert!(matches!(torn, Err(BlobError::Source(_))), "{torn:?}");
    assert!(drafts(&store).is_empty());
    assert!(store.list(FAR, None, 9).await.expect("listed").is_empty());
}

#[tokio::test]
async fn an_endless_stream_of_something_else_is_cut_short() {
    let (_folder, store) = store();
    let endless = stream::repeat_with(|| Ok::<_, io::Error>(Bytes::from_static(&[b'x'; 1024])));
    let refused = store.put_stream(endless, u64::MAX).await;
    assert!(matches!(refused, Err(BlobError::UnknownMedia)), "{refused:?}");
}

#[tokio::test]
async fn a_put_that_is_given_up_leaves_nothing() {
    let (_folder, store) = store();
    let endless = pieces(&[PNG]).chain(stream::pending());
    let given_up =
        tokio::time::timeout(Duration::from_millis(50), store.put_stream(endless, 99)).await;
    assert!(given_up.is_err());
    // The writer notices on its own thread.
    for _ in 0..500 {
        if drafts(&store).is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the draft is still there");
}

#[tokio::test]
async fn what_a_crash_left_is_never_visible_and_is_swept() {
    let (_folder, store) = store();
    let old = store.root.join("tmp").join("1-0.part");
    let young = store.root.join("tmp").join(format!("{}-0.part", std::process::id()));
    fs::write(&old, PNG).expect("written");
    fs::write(&young, PNG).expect("written");
    let now = Timestamp(1_800_000_000_000);
    age(&old, now.minus(Duration::from_secs(3601)));
    age(&young, now.minus(Duration::from_secs(3599)));
    assert!(store.list(FAR, None, 9).await.expect("listed").is_empty());
    // A new process may have the number of the dead one; its drafts get other names.
    store.put_bytes(Bytes::from_static(PNG), MediaType::Png).await.expect("stored");
    assert_eq!(store.sweep_leftovers(now).await.expect("swept"), 1);
    assert_eq!(drafts(&store), [young]);
}

#[tokio::test]
async fn a_file_that_is_gone_is_not_found() {
    let (_folder, store) = store();
    let key = store.put_bytes(Bytes::from_static(PNG), MediaType::Png).await.expect("stored");
    assert!(store.delete(&key).await.expect("deleted"));
    assert!(!store.delete(&key).await.expect("deleted"));
    assert!(!store.exists(&key).await.expect("asked"));
    assert!(matches!(store.get(&key).await, Err(BlobError::NotFound(_))));
    assert!(matches!(store.open_file(&key).await, Err(BlobError::NotFound(_))));
}

#[tokio::test]
async fn a_damaged_file_is_not_handed_out_and_storing_it_again_mends_it() {
    let (_folder, store) = store();
    let key = store.put_bytes(Bytes::from_static(PNG), MediaType::Png).await.expect("stored");
    fs::write(key.path(&store.root), b"\x89PNG\r\n\x1a\na forgery").expect("written");
    assert!(matches!(store.get(&key).await, Err(BlobError::Damaged(_))));
    store.put_bytes(Bytes::from_static(PNG), MediaType::Png).await.expect("stored");
    assert_eq!(store.get(&key).await.expect("read"), PNG);
}

#[tokio::test]
async fn pages_cover_every_old_file_once() {
    let (_folder, store) = store();
    let mut keys = Vec::new();
    for number in 0..40_u8 {
        let key =
            store.put_bytes(Bytes::from(vec![number]), MediaType::Jpeg).await.expect("stored");
        age(&key.path(&store.root), Timestamp(i64::from(number) * 1000));
        keys.push((key, i64::from(number) * 1000));
    }
    fs::write(store.root.join("README"), "strange").expect("written");
    fs::write(keys[0].0.shard(&store.root).join("strange"), "strange").expect("written");
    let mut listed = Vec::new();
    let mut after = None;
    loop {
        let page = store.list(Timestamp(30_000), after.clone(), 7).await.expect("listed");
        let is_last = page.len() < 7;
        after = page.last().map(|entry| entry.key.clone());
        listed.extend(page.into_iter().map(|entry| (entry.key, entry.stored_at.millis())));
        if is_last {
            break;
        }
    }
    let mut expected: Vec<_> = keys.into_iter().filter(|(_, at)| *at < 30_000).collect();
    expected.sort();
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn room_on_the_disk_is_known() {
    let (_folder, store) = store();
    assert!(!store.has_room(u64::MAX).await.expect("asked"));
}
