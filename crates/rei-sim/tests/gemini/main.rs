//! The simulated Gemini, through a real HTTP client.

mod answers;
mod checks;
mod faults;
mod files;
mod turns;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rei_sim::common::client::client;
use rei_sim::gemini::{GeminiOptions, GeminiSim};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

const KEY: &str = "simulated-gemini-key";
const PRO: &str = "gemini-3-pro-image";

async fn start() -> GeminiSim {
    GeminiSim::start(GeminiOptions::default()).await.expect("a free port")
}

fn request(sim: &GeminiSim, model: &str, body: &Value) -> RequestBuilder {
    let url = format!("{}/v1beta/models/{model}:generateContent", sim.base_url());
    client().post(url).header("x-goog-api-key", KEY).json(body)
}

async fn ask(sim: &GeminiSim, body: &Value) -> Response {
    request(sim, PRO, body).send().await.expect("an answer")
}

async fn ask_json(sim: &GeminiSim, body: &Value) -> (u16, Value) {
    let response = ask(sim, body).await;
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

fn prompt(text: &str) -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": text}]}]})
}

fn sized(ratio: &str, size: &str) -> Value {
    let mut body = prompt("кот в скафандре");
    body["generationConfig"] = json!({
        "responseModalities": ["TEXT", "IMAGE"],
        "imageConfig": {"aspectRatio": ratio, "imageSize": size},
    });
    body
}

fn parts(body: &Value) -> &[Value] {
    body["candidates"][0]["content"]["parts"].as_array().map_or(&[], Vec::as_slice)
}

fn picture_bytes(part: &Value) -> Vec<u8> {
    let data = part["inlineData"]["data"].as_str().expect("a picture");
    STANDARD.decode(data).expect("base64")
}

fn picture_size(part: &Value) -> (u32, u32) {
    let picture = image::load_from_memory(&picture_bytes(part)).expect("it decodes");
    (picture.width(), picture.height())
}

fn png() -> Vec<u8> {
    let drawing =
        rei_sim::draw::Drawing { width: 160, height: 90, prompt: "a", note: "", reference: None };
    drawing.png()
}
