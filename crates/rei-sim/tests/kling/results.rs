//! The files of results.

use rei_sim::kling::ResultFault;
use rei_sim::video::{Probe, VideoMode, first_picture, probe};

use super::*;

/// Orders a clip whose file is faulty and returns its address.
async fn made(sim: &KlingSim, fault: Option<ResultFault>) -> String {
    sim.next(fault.map_or(Behaviour::Ok, Behaviour::result));
    let id = format!("job-{}", sim.tasks_made());
    create(sim, TEXT, &words("кот", &id)).await;
    let task = task(sim, &id).await;
    task["outputs"][0]["url"].as_str().expect("an address").to_owned()
}

async fn download(url: &str) -> Response {
    client().get(url).send().await.expect("an answer")
}

async fn probed(url: &str) -> Option<Probe> {
    probe(&download(url).await.bytes().await.ok()?)
}

#[tokio::test]
async fn a_result_is_a_video_as_it_was_ordered() {
    let sim = start().await;
    let answer = download(&made(&sim, None).await).await;
    assert_eq!(answer.headers()["content-type"], "video/mp4");
    let bytes = answer.bytes().await.expect("a body");
    let video = probe(&bytes).expect("a video");
    assert_eq!((video.width, video.height, video.duration_ms), (1280, 720, 3_041));
    assert!(video.is_fast_start && first_picture(&bytes).is_some());
}

#[tokio::test]
async fn a_demo_draws_what_was_ordered() {
    let options = KlingOptions { video: VideoMode::Drawn, ..KlingOptions::default() };
    let sim = KlingSim::start(options).await.expect("a free port");
    let body = json!({
        "contents": [{"type": "first_frame", "url": STANDARD.encode(png(300, 300))}],
        "settings": {"duration": 3},
    });
    create(&sim, "image-to-video/kling-3.0-turbo", &body).await;
    let id = sim.creates()[0].task_id.clone().expect("a task");
    let url = loop {
        let (_, body) = get(&sim, &format!("tasks?task_ids={id}")).await;
        if let Some(url) = body["data"][0]["outputs"][0]["url"].as_str() {
            break url.to_owned();
        }
    };
    let video = probed(&url).await.expect("a video");
    assert_eq!((video.width, video.height, video.frames), (720, 720, 73));
}

#[tokio::test]
async fn the_first_download_may_be_refused_or_torn_and_the_next_one_is_whole() {
    let sim = start().await;
    let url = made(&sim, Some(ResultFault::ForbiddenOnce)).await;
    assert_eq!(download(&url).await.status(), 403);
    assert!(probed(&url).await.is_some());
    let url = made(&sim, Some(ResultFault::TruncatedOnce)).await;
    assert!(download(&url).await.bytes().await.is_err());
    assert!(probed(&url).await.is_some());
}

#[tokio::test]
async fn a_file_may_be_gone_torn_junk_slow_or_too_short() {
    let sim = start().await;
    assert_eq!(download(&made(&sim, Some(ResultFault::Gone)).await).await.status(), 404);
    let url = made(&sim, Some(ResultFault::Truncated)).await;
    for _ in 0..2 {
        assert!(download(&url).await.bytes().await.is_err());
    }
    assert_eq!(probed(&made(&sim, Some(ResultFault::NotMp4)).await).await, None);
    let page = download(&made(&sim, Some(ResultFault::Html)).await).await;
    assert_eq!(
        (page.status().as_u16(), &page.headers()["content-type"]),
        (200, &"text/html".parse().expect("a header"))
    );
    assert!(probed(&made(&sim, Some(ResultFault::Slow { ms: 32 })).await).await.is_some());
    let short = probed(&made(&sim, Some(ResultFault::WrongDuration)).await).await;
    assert_eq!(short.map(|video| video.duration_ms), Some(1_000));
}

#[tokio::test]
async fn a_file_may_be_announced_as_huge() {
    let sim = start().await;
    let mut answer = download(&made(&sim, Some(ResultFault::Huge { bytes: 3 << 30 })).await).await;
    assert_eq!(answer.content_length(), Some(3 << 30));
    let mut taken = 0;
    while taken < 1 << 20 {
        taken += answer.chunk().await.expect("a line").expect("more").len();
    }
}

#[tokio::test]
async fn our_key_is_not_for_the_file_server() {
    let sim = start().await;
    let url = made(&sim, None).await;
    client().get(&url).bearer_auth(KEY).send().await.expect("an answer");
    assert_eq!(sim.violations().len(), 1);
}
