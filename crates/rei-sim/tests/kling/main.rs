//! The simulated Kling, through a real HTTP client.

mod callbacks;
mod checks;
mod faults;
mod inputs;
mod legacy;
mod life;
mod results;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rei_sim::common::client::client;
use rei_sim::common::clock::SimClock;
use rei_sim::kling::{Behaviour, KlingOptions, KlingSim};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

const KEY: &str = "api-key-kling-simulated";
const NOW_MS: i64 = 1_790_000_000_000;
const TEXT: &str = "text-to-video/kling-3.0-turbo";
const OMNI: &str = "omni-video/kling-3.0-omni";

async fn start() -> KlingSim {
    KlingSim::start(KlingOptions::default()).await.expect("a free port")
}

fn request(sim: &KlingSim, path: &str, body: &Value) -> RequestBuilder {
    client().post(format!("{}/{path}", sim.base_url())).bearer_auth(KEY).json(body)
}

async fn status_and_json(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

async fn create(sim: &KlingSim, path: &str, body: &Value) -> (u16, Value) {
    status_and_json(request(sim, path, body).send().await.expect("an answer")).await
}

async fn get(sim: &KlingSim, path: &str) -> (u16, Value) {
    let request = client().get(format!("{}/{path}", sim.base_url())).bearer_auth(KEY);
    status_and_json(request.send().await.expect("an answer")).await
}

/// The task with this external id.
async fn task(sim: &KlingSim, external_id: &str) -> Value {
    let (status, body) = get(sim, &format!("tasks?external_task_ids={external_id}")).await;
    assert_eq!((status, &body["code"]), (200, &json!(0)), "{body}");
    body["data"][0].clone()
}

fn words(prompt: &str, external_id: &str) -> Value {
    json!({
        "prompt": prompt,
        "settings": {"resolution": "720p", "duration": 3, "aspect_ratio": "16:9"},
        "options": {"external_task_id": external_id},
    })
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let drawing = rei_sim::draw::Drawing { width, height, prompt: "a", note: "", reference: None };
    drawing.png()
}

fn inline_png() -> String {
    STANDARD.encode(png(400, 300))
}
