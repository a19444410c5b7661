//! Files by id, from memory and from a folder, as Telegram's reference wants them.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart};
use axum::http::Request;
use rei_domain::ids::{ChatId, MessageId};
use rei_telegram::{
    CallError, EditMessageMedia, InlineButton, InlineKeyboard, InputFile, InputMedia, MediaKind,
    ParseMode, ReplyParameters, SendDocument, SendMediaGroup, SendOptions, SendPhoto, SendVideo,
};
use serde_json::{Value, json};

use crate::server::{Asked, Server, said};

/// A part of a form: its name, file name, type and bytes.
#[derive(Debug, PartialEq)]
struct Part {
    name: String,
    file_name: Option<String>,
    mime_type: Option<String>,
    bytes: Vec<u8>,
}

async fn parts(asked: &Asked) -> Vec<Part> {
    let request = Request::builder()
        .header("content-type", asked.header("content-type"))
        .body(Body::from(asked.body.clone()))
        .expect("a request");
    let mut form = Multipart::from_request(request, &()).await.expect("a form");
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await.expect("a part") {
        parts.push(Part {
            name: field.name().expect("a name").to_owned(),
            file_name: field.file_name().map(str::to_owned),
            mime_type: field.content_type().map(str::to_owned),
            bytes: field.bytes().await.expect("its bytes").to_vec(),
        });
    }
    parts
}

fn text(name: &str, value: &str) -> Part {
    Part { name: name.to_owned(), file_name: None, mime_type: None, bytes: value.into() }
}

fn file(name: &str, file_name: &str, mime_type: &str, bytes: &[u8]) -> Part {
    Part {
        name: name.to_owned(),
        file_name: Some(file_name.to_owned()),
        mime_type: Some(mime_type.to_owned()),
        bytes: bytes.to_vec(),
    }
}

fn photo(photo: InputFile) -> SendPhoto {
    SendPhoto {
        chat_id: ChatId(42),
        photo,
        caption: Some("<b>Готово</b>".to_owned()),
        parse_mode: Some(ParseMode::Html),
        options: SendOptions::default(),
    }
}

#[tokio::test]
async fn a_photo_from_memory_travels_in_the_part_of_its_name() {
    let sent = json!({"message_id": 5, "chat": {"id": 42}, "photo": [{"file_id": "p1"}]});
    let (server, client) = Server::with_result(sent).await;
    let button = InlineButton::callback("Ещё", "v1:again:-").expect("a button");
    let request = SendPhoto {
        options: SendOptions {
            disable_notification: true,
            reply_parameters: Some(ReplyParameters::to(MessageId(3))),
            reply_markup: Some(InlineKeyboard { inline_keyboard: vec![vec![button]] }.into()),
            ..SendOptions::default()
        },
        ..photo(InputFile::from_bytes("кот.jpg", "image/jpeg", &b"JPEG"[..]))
    };
    let sent = client.send_photo(&request).await.expect("sent");
    assert_eq!(sent.file_id(), Some("p1"));
    let asked = server.asked_once();
    assert_eq!(asked.method(), "sendPhoto");
    assert!(!asked.header("content-length").is_empty(), "the size is said before");
    let mut parts = parts(&asked).await;
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(
        parts,
        [
            text("caption", "<b>Готово</b>"),
            text("chat_id", "42"),
            text("disable_notification", "true"),
            text("parse_mode", "HTML"),
            file("photo", "кот.jpg", "image/jpeg", b"JPEG"),
            text(
                "reply_markup",
                r#"{"inline_keyboard":[[{"callback_data":"v1:again:-","text":"Ещё"}]]}"#
            ),
            text("reply_parameters", r#"{"allow_sending_without_reply":true,"message_id":3}"#),
        ]
    );
}

#[tokio::test]
async fn a_document_is_streamed_from_its_folder() {
    let (server, client) = Server::with_result(json!({"message_id": 6})).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("blob");
    let bytes: Vec<u8> = (0..300_000_u32).map(|number| number as u8).collect();
    std::fs::write(&path, &bytes).expect("a file");
    let request = SendDocument {
        chat_id: ChatId(42),
        document: InputFile::from_path("rei-1.png", "image/png", &path),
        caption: None,
        parse_mode: None,
        disable_content_type_detection: true,
        options: SendOptions::default(),
    };
    client.send_document(&request).await.expect("sent");
    let asked = server.asked_once();
    assert!(!asked.header("content-length").is_empty(), "the size is said before");
    let mut parts = parts(&asked).await;
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(
        parts,
        [
            text("chat_id", "42"),
            text("disable_content_type_detection", "true"),
            file("document", "rei-1.png", "image/png", &bytes),
        ]
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_read_was_not_sent() {
    let (server, client) = Server::with_result(json!({})).await;
    let missing = InputFile::from_path("a.png", "image/png", "/nowhere/PLANTED/a.png");
    let error = client.send_photo(&photo(missing)).await.expect_err("unreadable");
    assert!(matches!(error, CallError::NotSent(_)), "{error:?}");
    said(&error);
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_known_file_is_sent_by_its_id_without_a_form() {
    let (server, client) = Server::with_result(json!({"message_id": 7})).await;
    client.send_photo(&photo(InputFile::id("p1"))).await.expect("sent");
    assert_eq!(
        server.asked_once().json(),
        json!({"chat_id": 42, "photo": "p1", "caption": "<b>Готово</b>", "parse_mode": "HTML"})
    );
}

#[tokio::test]
async fn a_video_brings_its_cover_along() {
    let (server, client) = Server::with_result(json!({"message_id": 8})).await;
    let request = SendVideo {
        chat_id: ChatId(42),
        video: InputFile::from_bytes("a.mp4", "video/mp4", &b"MP4"[..]),
        duration_s: Some(5),
        width: Some(1280),
        height: Some(720),
        supports_streaming: true,
        cover: Some(InputFile::from_bytes("c.jpg", "image/jpeg", &b"JPEG"[..])),
        caption: None,
        parse_mode: None,
        options: SendOptions::default(),
    };
    client.send_video(&request).await.expect("sent");
    let mut parts = parts(&server.asked_once()).await;
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(
        parts,
        [
            text("chat_id", "42"),
            text("cover", "attach://cover_file"),
            file("cover_file", "c.jpg", "image/jpeg", b"JPEG"),
            text("duration", "5"),
            text("height", "720"),
            text("supports_streaming", "true"),
            file("video", "a.mp4", "video/mp4", b"MP4"),
            text("width", "1280"),
        ]
    );
}

fn media(file: InputFile) -> InputMedia {
    InputMedia { kind: MediaKind::Photo, media: file, caption: None, parse_mode: None }
}

#[tokio::test]
async fn an_album_names_its_parts_and_carries_no_buttons() {
    let (server, client) = Server::with_result(json!([{"message_id": 1}, {"message_id": 2}])).await;
    let request = SendMediaGroup {
        chat_id: ChatId(42),
        media: vec![
            media(InputFile::id("p1")),
            media(InputFile::from_bytes("b.jpg", "image/jpeg", &b"B"[..])),
        ],
        options: SendOptions {
            reply_markup: Some(InlineKeyboard::default().into()),
            ..SendOptions::default()
        },
    };
    let sent = client.send_media_group(&request).await.expect("sent");
    assert_eq!(sent.len(), 2);
    let mut parts = parts(&server.asked_once()).await;
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
    assert_eq!(names, ["chat_id", "media", "media1"]);
    let listed: Value = serde_json::from_slice(&parts[1].bytes).expect("json");
    assert_eq!(
        listed,
        json!([{"type": "photo", "media": "p1"}, {"type": "photo", "media": "attach://media1"}])
    );
    let lone = SendMediaGroup { media: request.media[..1].to_vec(), ..request };
    assert_eq!(client.send_media_group(&lone).await.expect_err("refused").class(), "our_bug");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_status_becomes_the_picture() {
    let (server, client) = Server::with_result(json!(true)).await;
    let request = EditMessageMedia {
        chat_id: ChatId(42),
        message_id: MessageId(9),
        media: InputMedia {
            caption: Some("Готово".to_owned()),
            ..media(InputFile::from_bytes("a.jpg", "image/jpeg", &b"A"[..]))
        },
        reply_markup: None,
    };
    let edited = client.edit_message_media(&request).await.expect("edited");
    assert_eq!(edited.message_id, Some(MessageId(9)));
    let mut parts = parts(&server.asked_once()).await;
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(
        parts,
        [
            text("chat_id", "42"),
            text("media", r#"{"caption":"Готово","media":"attach://media0","type":"photo"}"#),
            file("media0", "a.jpg", "image/jpeg", b"A"),
            text("message_id", "9"),
        ]
    );
}
