//! Fetching files: streamed, bounded, and never a word about where from.

use rei_telegram::DownloadError;
use rei_telegram::limits::DOWNLOAD_MAX_BYTES;
use serde_json::json;
use tokio::io::AsyncWriteExt;

use crate::server::{Server, TOKEN, answer_raw, client, ok, plain, raw, read_request, said};

#[tokio::test]
async fn a_file_is_asked_for_and_fetched() {
    let (server, client) = Server::answering(|asked| match asked.method() {
        "getFile" => ok(&json!({"file_id": "f", "file_path": "photos/file 1.jpg", "file_size": 3})),
        _ => plain(200, "abc"),
    })
    .await;
    let file = client.get_file("f").await.expect("a path");
    assert_eq!((file.file_path.as_str(), file.size_bytes), ("photos/file 1.jpg", Some(3)));
    let bytes = client.download_bytes(&file.file_path, DOWNLOAD_MAX_BYTES).await.expect("bytes");
    assert_eq!(bytes.as_ref(), b"abc");
    let asked = server.asked();
    assert_eq!(asked[0].json(), json!({"file_id": "f"}));
    assert_eq!(asked[1].http_method, "GET");
    assert_eq!(asked[1].path, format!("/file/bot{TOKEN}/photos/file%201.jpg"));
}

#[tokio::test]
async fn a_file_is_written_to_disk_as_it_comes() {
    let body = "x".repeat(3_000_000);
    let (_server, client) = Server::answering(move |_| plain(200, body.clone())).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("file");
    let mut file = tokio::fs::File::create(&path).await.expect("a file");
    let size = client.download_file("a/b", DOWNLOAD_MAX_BYTES, &mut file).await.expect("bytes");
    assert_eq!(size, 3_000_000);
    assert_eq!(std::fs::metadata(&path).expect("a file").len(), 3_000_000);
}

#[tokio::test]
async fn a_file_over_the_limit_is_given_up_announced_or_not() {
    let (_server, announced) = Server::answering(|_| plain(200, "x".repeat(101))).await;
    let error = announced.download_bytes("a", 100).await.expect_err("too big");
    assert!(matches!(error, DownloadError::TooBig { limit: 100 }), "{error:?}");
    let base_url = raw(|mut stream| async move {
        read_request(&mut stream).await;
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await.expect("written");
        while stream.write_all(b"10\r\n0123456789abcdef\r\n").await.is_ok() {}
    })
    .await;
    let error = client(&base_url).download_bytes("a", 100).await.expect_err("too big");
    assert!(matches!(error, DownloadError::TooBig { limit: 100 }), "{error:?}");
}

#[tokio::test]
async fn an_old_link_asks_for_a_new_one() {
    let (server, client) = Server::answering(|_| {
        plain(404, r#"{"ok":false,"error_code":404,"description":"Not Found"}"#)
    })
    .await;
    let error = client.download_bytes("a/b", 100).await.expect_err("gone");
    assert!(matches!(error, DownloadError::LinkGone), "{error:?}");
    let outside = client.download_bytes("../botX/getMe", 100).await.expect_err("refused");
    assert!(matches!(outside, DownloadError::LinkGone));
    assert_eq!(server.asked().len(), 1, "a path that leads out is never asked for");
}

#[tokio::test]
async fn a_download_that_breaks_says_nothing_secret() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nabc";
    let base_url = raw(|stream| answer_raw(stream, cut)).await;
    let error = client(&base_url).download_bytes("a", 1000).await.expect_err("cut");
    assert!(matches!(error, DownloadError::Call(_)), "{error:?}");
    said(&error);
    let (_server, client) = Server::answering(|_| plain(502, "<html>")).await;
    said(&client.download_bytes("a", 1000).await.expect_err("trouble"));
}
