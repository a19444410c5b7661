//! The customer's files, which the service fetches itself.

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response as Answer};
use axum::routing::get as route_get;
use rei_sim::common::server::Server;
use rei_sim::video::{VideoMode, first_picture, sample_clip, sample_mov};

use super::*;

/// A server with files: the name says what is in them.
async fn files() -> Server {
    let router = Router::new().route(
        "/{name}",
        route_get(async |Path(name): Path<String>| -> Answer {
            let (kind, bytes) = match name.as_str() {
                "good.mp4" => ("video/mp4", sample_clip(1280, 720, 4_000).to_vec()),
                "good.mov" => ("video/quicktime", sample_mov(720, 1280, 3_000).to_vec()),
                "short.mp4" => ("video/mp4", sample_clip(720, 720, 1_000).to_vec()),
                "small.mp4" => ("video/mp4", sample_clip(640, 360, 3_000).to_vec()),
                "wide.mp4" => ("video/mp4", sample_clip(1600, 720, 3_000).to_vec()),
                "junk.mp4" => ("video/mp4", b"junk".to_vec()),
                "page.mp4" => ("text/html", b"<html></html>".to_vec()),
                "good.png" => ("image/png", png(400, 300)),
                "tiny.png" => ("image/png", png(40, 30)),
                _ => return StatusCode::FORBIDDEN.into_response(),
            };
            ([(header::CONTENT_TYPE, kind)], bytes).into_response()
        }),
    );
    Server::start(router, 0).await.expect("a free port")
}

fn edit(url: &str) -> Value {
    json!({
        "contents": [
            {"type": "prompt", "text": "сделай ночь"},
            {"type": "base_video", "url": url, "id": "video_1"},
        ],
        "settings": {"audio": "original", "multi_shot": false},
        "options": {"external_task_id": url.rsplit('/').next()},
    })
}

#[tokio::test]
async fn a_clip_is_fetched_and_the_result_is_as_long_and_of_its_shape() {
    let (sim, files) = (start().await, files().await);
    for (name, width, height, length_ms, amount) in
        [("good.mp4", 1280, 720, 4_000, "3.6"), ("good.mov", 720, 1280, 3_000, "2.7")]
    {
        create(&sim, OMNI, &edit(&format!("{}/{name}", files.base_url()))).await;
        let done = task(&sim, name).await;
        assert_eq!(done["billing"][0]["amount"], amount, "{done}");
        let url = done["outputs"][0]["url"].as_str().expect("an address");
        let bytes = client().get(url).send().await.expect("an answer").bytes().await;
        let video = rei_sim::video::probe(&bytes.expect("a body")).expect("a video");
        assert_eq!((video.width, video.height, video.duration_ms), (width, height, length_ms));
    }
    assert!(sim.violations().is_empty());
}

#[tokio::test]
async fn what_cannot_be_fetched_or_does_not_fit_fails_the_task_and_is_noted() {
    let (sim, files) = (start().await, files().await);
    for (name, reason) in [
        ("gone.mp4", "403 Forbidden"),
        ("page.mp4", "unexpected content type \"text/html\""),
        ("junk.mp4", "Video is unreadable"),
        ("short.mp4", "Video duration is invalid"),
        ("small.mp4", "Video pixel is invalid: 640 x 360"),
        ("wide.mp4", "Video aspect ratio is invalid"),
    ] {
        create(&sim, OMNI, &edit(&format!("{}/{name}", files.base_url()))).await;
        let failed = task(&sim, name).await;
        let message = failed["message"].as_str().unwrap_or_default();
        assert!(failed["status"] == "failed" && message.contains(reason), "{failed}");
        assert!(sim.violations().concat().contains(reason));
    }
    create(&sim, OMNI, &edit("http://127.0.0.1:9/nobody.mp4")).await;
    assert_eq!(task(&sim, "nobody.mp4").await["status"], "failed");
}

#[tokio::test]
async fn pictures_come_by_address_too() {
    let (sim, files) = (start().await, files().await);
    for (name, status) in
        [("good.png", "succeeded"), ("tiny.png", "failed"), ("good.mp4", "failed")]
    {
        let url = format!("{}/{name}", files.base_url());
        let body = json!({
            "contents": [{"type": "first_frame", "url": url}],
            "settings": {"duration": 3},
            "options": {"external_task_id": name},
        });
        create(&sim, "image-to-video/kling-3.0-turbo", &body).await;
        assert_eq!(task(&sim, name).await["status"], status, "{name}");
    }
}

#[tokio::test]
async fn motion_control_takes_a_person_and_a_motion() {
    let (sim, files) = (start().await, files().await);
    let body = json!({
        "contents": [
            {"type": "image", "url": inline_png()},
            {"type": "video", "url": format!("{}/good.mp4", files.base_url())},
        ],
        "settings": {"character_orientation": "image"},
        "options": {"external_task_id": "dance"},
    });
    create(&sim, "motion-control/kling-2.6", &body).await;
    let done = task(&sim, "dance").await;
    assert_eq!(done["status"], "succeeded", "{done}");
    assert_eq!(done["outputs"][0]["duration"], "4.000");
    assert_eq!(done["billing"][0]["amount"], "2.0");
}

#[tokio::test]
async fn a_drawn_edit_begins_with_the_customers_own_clip() {
    let options = KlingOptions { video: VideoMode::Drawn, ..KlingOptions::default() };
    let (sim, files) = (KlingSim::start(options).await.expect("a free port"), files().await);
    create(&sim, OMNI, &edit(&format!("{}/good.mov", files.base_url()))).await;
    let url = loop {
        if let Some(url) = task(&sim, "good.mov").await["outputs"][0]["url"].as_str() {
            break url.to_owned();
        }
    };
    let bytes = client().get(url).send().await.expect("an answer").bytes().await.expect("a body");
    let (made, width, height) = first_picture(&bytes).expect("it decodes");
    let (given, ..) = first_picture(&sample_mov(720, 1280, 3_000)).expect("it decodes");
    assert_eq!((width, height), (720, 1280));
    // Above the words and aside from the sun and the mark both show the same sky.
    let sky = |rgb: &[u8]| rgb[720 * 3 * 4..720 * 3 * 8].iter().map(|v| u64::from(*v)).sum::<u64>();
    let (made, given) = (sky(&made), sky(&given));
    assert!(made.abs_diff(given) * 20 < given, "{made} {given}");
}
