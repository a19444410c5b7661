//! Uploads, albums, downloads.

use std::time::Duration;

use bytes::Bytes;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::telegram::FileKind;
use crate::telegram::testing::{Answer, Stage, jpeg, png};

async fn upload(
    stage: &Stage,
    method: &str,
    field: &'static str,
    name: &str,
    bytes: Bytes,
) -> Answer {
    let part = Part::stream(bytes).file_name(name.to_owned());
    let form = Form::new().text("chat_id", "7").part(field, part);
    stage.ask(stage.http.post(stage.url(method)).multipart(form)).await
}

#[tokio::test]
async fn a_photo_has_sizes_and_its_id_can_be_sent_again() {
    let stage = Stage::start().await;
    let sent = upload(&stage, "sendPhoto", "photo", "a.jpg", jpeg(1000, 500)).await.result();
    let sizes = sent["photo"].as_array().expect("sizes");
    let widths: Vec<&Value> = sizes.iter().map(|size| &size["width"]).collect();
    assert_eq!(widths, [90, 320, 800, 1000]);
    let whole = &sizes[3]["file_id"];
    let again = json!({"chat_id": 7, "photo": whole, "caption": "снова"});
    let again = stage.call("sendPhoto", again).await.result();
    assert_eq!(again["photo"], sent["photo"]);
    let wrong = json!({"chat_id": 7, "video": whole});
    let refused = stage.call("sendVideo", wrong).await.refused(400);
    assert_eq!(refused, "Bad Request: can't use file of type photo as video");
}

#[tokio::test]
async fn a_part_may_bear_any_name_that_is_attached() {
    let stage = Stage::start().await;
    let part = || Part::stream(png(20, 20)).file_name("x.png");
    let form =
        Form::new().text("chat_id", "7").text("photo", "attach://file0").part("file0", part());
    stage.ask(stage.http.post(stage.url("sendPhoto")).multipart(form)).await.result();
    let form = Form::new().text("chat_id", "7").part("photo", part()).part("extra", part());
    stage.ask(stage.http.post(stage.url("sendPhoto")).multipart(form)).await.refused(400);
    assert_eq!(stage.only_violation(), "Bad Request: unknown parameter \"extra\"");
    let missing = json!({"chat_id": 7, "photo": "attach://nothing"});
    stage.call("sendPhoto", missing).await.refused(400);
}

#[tokio::test]
async fn photos_that_telegram_does_not_take() {
    let stage = Stage::start().await;
    let photo =
        async |name: &str, bytes: Bytes| upload(&stage, "sendPhoto", "photo", name, bytes).await;
    for (name, bytes, words) in [
        ("a.png", png(9_900, 101), "PHOTO_INVALID_DIMENSIONS"),
        ("a.png", png(2_001, 100), "PHOTO_INVALID_DIMENSIONS"),
        ("a.jpg", Bytes::from_static(b"no picture"), "IMAGE_PROCESS_FAILED"),
        ("a.txt", png(10, 10), "PHOTO_EXT_INVALID"),
    ] {
        assert_eq!(photo(name, bytes).await.refused(400), format!("Bad Request: {words}"));
    }
    let mut large = png(10, 10).to_vec();
    large.resize(10 * 1024 * 1024 + 1, 0);
    let refused = photo("a.png", large.into()).await.refused(400);
    assert!(refused.contains("is too big for a photo"), "{refused}");
    assert!(stage.sim.violations().is_empty(), "a bot may try");
    let refused = photo("a.png", Bytes::new()).await.refused(400);
    assert_eq!(refused, "Bad Request: File must be non-empty");
    let by_url = json!({"chat_id": 7, "photo": "https://example.org/a.jpg"});
    stage.call("sendPhoto", by_url).await.refused(400);
    assert_eq!(stage.sim.take_violations().len(), 2);
    let unknown = json!({"chat_id": 7, "photo": "AgACunknown"});
    let refused = stage.call("sendPhoto", unknown).await.refused(400);
    assert_eq!(refused, "Bad Request: wrong file_id or the file is temporarily unavailable");
}

#[tokio::test]
async fn a_file_over_50_mb_is_413() {
    let stage = Stage::start().await;
    let large = Bytes::from(vec![1; 50 * 1024 * 1024 + 1]);
    let refused = upload(&stage, "sendDocument", "document", "a.bin", large).await.refused(413);
    assert_eq!(refused, "Request Entity Too Large");
}

#[tokio::test]
async fn a_video_has_what_was_said_of_it() {
    let stage = Stage::start().await;
    let part = |bytes: &'static [u8], name: &str| Part::bytes(bytes).file_name(name.to_owned());
    let thumbnail = Part::stream(jpeg(320, 180)).file_name("t.jpg");
    let form = Form::new()
        .text("chat_id", "7")
        .text("duration", "5")
        .text("width", "1280")
        .text("height", "720")
        .text("supports_streaming", "true")
        .part("thumbnail", thumbnail)
        .part("cover", Part::stream(png(640, 360)).file_name("c.png"))
        .part("video", part(b"....ftypisom", "v.mp4").mime_str("video/mp4").expect("a type"));
    let sent = stage.ask(stage.http.post(stage.url("sendVideo")).multipart(form)).await.result();
    let video = &sent["video"];
    assert_eq!(
        (&video["duration"], &video["width"], &video["height"]),
        (&json!(5), &json!(1280), &json!(720))
    );
    assert_eq!(video["mime_type"], "video/mp4");
    assert_eq!(
        (&video["thumbnail"]["width"], &video["cover"][0]["width"]),
        (&json!(320), &json!(640))
    );
    let seen = stage.anna.last_bot_message().and_then(|message| message.video).expect("a video");
    assert_eq!((seen.width, seen.height, seen.duration_s), (1280, 720, 5));
    let kept = |id: Option<String>| stage.sim.file(&id.expect("an id")).expect("kept");
    assert_eq!(kept(seen.thumbnail), jpeg(320, 180));
    assert_eq!(kept(seen.cover), png(640, 360));
    let again = json!({"chat_id": 7, "video": seen.file_id});
    let again = stage.call("sendVideo", again).await.result();
    assert_eq!(again["video"]["thumbnail"], video["thumbnail"]);
    let form = Form::new()
        .text("chat_id", "7")
        .part("thumbnail", Part::stream(jpeg(640, 360)).file_name("t.jpg"))
        .part("video", part(b"....ftypisom", "v.mp4"));
    stage.ask(stage.http.post(stage.url("sendVideo")).multipart(form)).await.refused(400);
}

#[tokio::test]
async fn an_album_has_2_to_10_parts_and_no_keyboard() {
    let stage = Stage::start().await;
    let album = async |count: usize, extra: Option<(&'static str, &'static str)>| {
        let items: Vec<Value> = (0..count)
            .map(|n| json!({"type": "photo", "media": format!("attach://p{n}"), "caption": format!("№{n}")}))
            .collect();
        let mut form = Form::new().text("chat_id", "7").text("media", json!(items).to_string());
        for n in 0..count {
            form = form.part(format!("p{n}"), Part::stream(png(20, 20)).file_name("p.png"));
        }
        if let Some((name, value)) = extra {
            form = form.text(name, value);
        }
        stage.ask(stage.http.post(stage.url("sendMediaGroup")).multipart(form)).await
    };
    let sent = album(3, None).await.result();
    let sent = sent.as_array().expect("messages");
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|message| message["media_group_id"] == sent[0]["media_group_id"]));
    assert_eq!(stage.sim.max_calls_per_second_per_chat(), 3, "an album counts as its parts");
    for count in [1, 11] {
        album(count, None).await.refused(400);
        stage.only_violation();
    }
    album(2, Some(("reply_markup", "{\"inline_keyboard\":[]}"))).await.refused(400);
    assert_eq!(stage.only_violation(), "Bad Request: unknown parameter \"reply_markup\"");
    let mixed = json!({"chat_id": 7, "media": [{"type": "photo", "media": "a"}, {"type": "document", "media": "b"}]});
    stage.call("sendMediaGroup", mixed).await.refused(400);
    let id = &sent[0]["message_id"];
    let keyboard = json!({"inline_keyboard": [[{"text": "x", "callback_data": "a"}]]});
    let edit = json!({"chat_id": 7, "message_id": id, "reply_markup": keyboard});
    stage.call("editMessageReplyMarkup", edit).await.refused(400);
    let document = stage.sim.add_file(FileKind::Document, png(9, 9), Some("a.png"), None);
    let media = json!({"type": "document", "media": document["file_id"]});
    let edit = json!({"chat_id": 7, "message_id": id, "media": media});
    stage.call("editMessageMedia", edit).await.refused(400);
}

#[tokio::test]
async fn a_file_is_downloaded_by_its_path_for_an_hour() {
    let stage = Stage::start().await;
    stage
        .anna
        .sends_document(Bytes::from_static(b"as it is"), "план.txt", "text/plain", "")
        .expect("a file");
    let sent =
        stage.anna.messages().pop().and_then(|message| message.document).expect("a document");
    assert_eq!((sent.file_name.as_deref(), sent.size_bytes), (Some("план.txt"), 8));
    let file = stage.call("getFile", json!({"file_id": sent.file_id})).await.result();
    assert_eq!(file["file_size"], 8);
    let path = file["file_path"].as_str().expect("a path");
    let url = format!("{}/file/bot{}/{path}", stage.sim.base_url(), stage.sim.token());
    let fetch = async || stage.http.get(&url).send().await.expect("an answer");
    assert_eq!(fetch().await.bytes().await.expect("a body"), "as it is");
    stage.clock.advance(Duration::from_secs(3_600));
    assert_eq!(fetch().await.status(), 404);
    let refused = stage.call("getFile", json!({"file_id": "junk"})).await.refused(400);
    assert_eq!(refused, "Bad Request: invalid file_id");
    assert_eq!(stage.sim.call_count("downloadFile"), 2);
}

#[tokio::test]
async fn files_over_20_mb_cannot_be_downloaded() {
    let stage = Stage::start().await;
    let large = Bytes::from(vec![0; 20 * 1024 * 1024 + 1]);
    let file = stage.sim.add_file(FileKind::Document, large, None, None);
    let refused = stage.call("getFile", json!({"file_id": file["file_id"]})).await.refused(400);
    assert_eq!(refused, "Bad Request: file is too big");
}

#[tokio::test]
async fn a_video_takes_the_place_of_a_picture_and_goes_into_albums() {
    let stage = Stage::start().await;
    let sent = upload(&stage, "sendPhoto", "photo", "a.jpg", jpeg(100, 100)).await.result();
    let clip = || Part::bytes(&b"....ftypisom"[..]).file_name("v.mp4");
    let media = |name: &str| {
        json!({"type": "video", "media": format!("attach://{name}"), "thumbnail": "attach://t",
            "width": 720, "height": 1280, "duration": 3, "supports_streaming": true})
    };
    let form = Form::new()
        .text("chat_id", "7")
        .text("message_id", sent["message_id"].to_string())
        .text("media", media("v").to_string())
        .part("t", Part::stream(jpeg(180, 320)).file_name("t.jpg"))
        .part("v", clip());
    stage.ask(stage.http.post(stage.url("editMessageMedia")).multipart(form)).await.result();
    let seen = stage.anna.last_bot_message().expect("it is there");
    let video = seen.video.expect("a video");
    assert_eq!((seen.edited, seen.photo, video.duration_s), (1, None, 3));
    assert!(video.thumbnail.is_some());
    let photo = json!({"type": "photo", "media": "attach://p"});
    let form = Form::new()
        .text("chat_id", "7")
        .text("media", json!([media("v"), photo]).to_string())
        .part("t", Part::stream(jpeg(180, 320)).file_name("t.jpg"))
        .part("p", Part::stream(jpeg(90, 90)).file_name("p.jpg"))
        .part("v", clip());
    let album = stage.ask(stage.http.post(stage.url("sendMediaGroup")).multipart(form)).await;
    let album = album.result();
    assert_eq!((&album[0]["video"]["width"], album[1]["photo"].is_array()), (&json!(720), true));
}
