//! What a right request gets.

use std::time::Duration;

use rei_sim::common::clock::SimClock;
use rei_sim::gemini::{Behaviour, GeminiOptions, GeminiSim, PictureMode};
use serde_json::json;

use super::*;

#[tokio::test]
async fn a_picture_has_the_size_that_was_ordered() {
    let sim = start().await;
    for (ratio, size, pixels) in
        [("1:1", "1K", (1024, 1024)), ("16:9", "1K", (1376, 768)), ("3:2", "2K", (2528, 1696))]
    {
        let (status, body) = ask_json(&sim, &sized(ratio, size)).await;
        assert_eq!(status, 200, "{body}");
        let part = &parts(&body)[0];
        assert_eq!(picture_size(part), pixels);
        assert_eq!(part["inlineData"]["mimeType"], "image/png");
        assert!(part["thoughtSignature"].is_string());
        assert_eq!(body["candidates"][0]["finishReason"], "STOP");
        assert_eq!(body["usageMetadata"]["candidatesTokenCount"], 1_120);
        assert_eq!(body["modelVersion"], PRO);
    }
    assert_eq!(sim.images_made(), 3);
    assert_eq!(sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_drawn_picture_depends_on_the_prompt_and_a_template_does_not() {
    let drawn =
        GeminiSim::start(GeminiOptions { picture: PictureMode::Drawn, ..GeminiOptions::default() });
    for (sim, differs) in [(drawn.await.expect("a free port"), true), (start().await, false)] {
        let (_, cat) = ask_json(&sim, &prompt("кот")).await;
        let (_, dog) = ask_json(&sim, &prompt("пёс")).await;
        assert_eq!(picture_bytes(&parts(&cat)[0]) != picture_bytes(&parts(&dog)[0]), differs);
    }
}

#[tokio::test]
async fn a_tiny_picture_keeps_its_ratio() {
    let options =
        GeminiOptions { picture: PictureMode::Tiny, calls_max: 0, ..GeminiOptions::default() };
    let sim = GeminiSim::start(options).await.expect("a free port");
    let (_, body) = ask_json(&sim, &sized("16:9", "2K")).await;
    assert_eq!(picture_size(&parts(&body)[0]), (172, 96));
    assert_eq!((sim.calls().len(), sim.calls_total()), (0, 1));
}

#[tokio::test]
async fn a_result_follows_the_reference_when_no_ratio_is_given() {
    let sim = start().await;
    let inline = json!({"mimeType": "image/png", "data": STANDARD.encode(png())});
    let body = json!({"contents": [{"parts": [{"text": "сделай ночь"}, {"inlineData": inline}]}]});
    let (status, body) = ask_json(&sim, &body).await;
    assert_eq!((status, picture_size(&parts(&body)[0])), (200, (1376, 768)));
    assert_eq!(body["usageMetadata"]["promptTokenCount"], 560 + 3);
    let call = &sim.calls()[0];
    assert_eq!((call.inputs, call.inputs_by_file, call.turns), (1, 0, 1));
}

#[tokio::test]
async fn every_ratio_at_every_size_has_the_pixels_of_the_facts() {
    // One pixel stands for sixteen of the real picture; a row in full size is tested above.
    let options = GeminiOptions { picture: PictureMode::Tiny, ..GeminiOptions::default() };
    let sim = GeminiSim::start(options).await.expect("a free port");
    let flash = "gemini-3.1-flash-image";
    for (model, ratio, (width, height)) in [
        (PRO, "1:1", (1024, 1024)),
        (PRO, "2:3", (848, 1264)),
        (PRO, "3:2", (1264, 848)),
        (PRO, "3:4", (896, 1200)),
        (PRO, "4:3", (1200, 896)),
        (PRO, "4:5", (928, 1152)),
        (PRO, "5:4", (1152, 928)),
        (PRO, "9:16", (768, 1376)),
        (PRO, "16:9", (1376, 768)),
        (PRO, "21:9", (1584, 672)),
        (flash, "1:4", (512, 2048)),
        (flash, "4:1", (2048, 512)),
        (flash, "1:8", (352, 2816)),
        (flash, "8:1", (2816, 352)),
    ] {
        for (size, eighths) in [("512", 4), ("1K", 8), ("2K", 16), ("4K", 32)] {
            if model == PRO && size == "512" {
                continue;
            }
            let response = request(&sim, model, &sized(ratio, size)).send().await;
            let body: Value = response.expect("an answer").json().await.expect("JSON");
            let pixels = (width * eighths / 8 / 16, height * eighths / 8 / 16);
            assert_eq!(picture_size(&parts(&body)[0]), pixels, "{ratio} {size}");
        }
    }
}

#[tokio::test]
async fn a_drawn_edit_shows_every_picture_that_it_was_made_from() {
    let options = GeminiOptions { picture: PictureMode::Drawn, ..GeminiOptions::default() };
    let sim = GeminiSim::start(options).await.expect("a free port");
    let colours = [[250, 10, 10], [10, 10, 250]];
    let mut body = sized("16:9", "1K");
    let asked = body["contents"][0]["parts"].as_array_mut().expect("parts");
    for colour in colours {
        let picture = image::RgbImage::from_pixel(90, 120, image::Rgb(colour));
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, image::ImageFormat::Png).expect("it encodes");
        let data = STANDARD.encode(bytes.into_inner());
        asked.push(json!({"inlineData": {"mimeType": "image/png", "data": data}}));
    }
    let (status, answer) = ask_json(&sim, &body).await;
    assert_eq!(status, 200, "{answer}");
    let drawn = image::load_from_memory(&picture_bytes(&parts(&answer)[0])).expect("it decodes");
    assert_eq!((drawn.width(), drawn.height()), (1376, 768));
    let drawn = drawn.into_rgb8();
    for colour in colours {
        let near = |pixel: &&image::Rgb<u8>| {
            pixel.0.iter().zip(colour).all(|(value, wanted)| value.abs_diff(wanted) < 30)
        };
        let seen = drawn.pixels().filter(near).count();
        assert!(seen > 30_000, "{colour:?}: {seen} pixels");
    }
}

#[tokio::test]
async fn a_draft_stands_before_the_result_and_is_marked() {
    let sim = start().await;
    sim.next(Behaviour::DraftThenImage);
    let (_, body) = ask_json(&sim, &sized("1:1", "1K")).await;
    let parts = parts(&body);
    assert_eq!(parts.len(), 3);
    assert!(parts[..2].iter().all(|part| part["thought"] == true));
    assert_eq!(picture_size(&parts[1]), (512, 512));
    assert!(parts[2].get("thought").is_none());
    assert_eq!(picture_size(&parts[2]), (1024, 1024));
}

#[tokio::test]
async fn latency_passes_on_the_simulators_clock() {
    let clock = SimClock::manual(0);
    let options = GeminiOptions { clock: clock.clone(), ..GeminiOptions::default() };
    let sim = GeminiSim::start(options).await.expect("a free port");
    sim.set_latency(Duration::from_secs(2), Duration::from_secs(4));
    let body = prompt("кот");
    let answer = ask(&sim, &body);
    tokio::pin!(answer);
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut answer).await.is_err());
    clock.advance(Duration::from_secs(4));
    assert_eq!(answer.await.status(), 200);
}

#[tokio::test]
async fn the_free_check_of_the_key_lists_models() {
    let sim = start().await;
    let get = |query: &str| {
        client()
            .get(format!("{}/v1beta/models{query}", sim.base_url()))
            .header("x-goog-api-key", KEY)
            .send()
    };
    let body: Value = get("?pageSize=1").await.expect("an answer").json().await.expect("JSON");
    assert_eq!(body["models"].as_array().map(Vec::len), Some(1));
    assert_eq!(body["models"][0]["name"], "models/gemini-3-pro-image");
    assert!(body["nextPageToken"].is_string());
    assert_eq!(get("/gemini-3-pro-image").await.expect("an answer").status(), 200);
    assert_eq!(get("/gemini-9").await.expect("an answer").status(), 404);
}

#[tokio::test]
async fn a_call_is_remembered_with_its_headers_and_body() {
    let sim = start().await;
    let asked = sized("4:5", "1K");
    ask(&sim, &asked).await;
    let calls = sim.generate_calls();
    let [call] = calls.as_slice() else { panic!("one call, not {}", calls.len()) };
    assert_eq!((call.method.as_str(), call.query.as_str()), ("POST", ""));
    assert_eq!(call.header("x-goog-api-key"), Some(KEY));
    assert_eq!(call.body, asked);
    assert_eq!((call.prompt.as_str(), call.status), ("кот в скафандре", Some(200)));
    assert_eq!(call.behaviour, Some(Behaviour::Image));
}
