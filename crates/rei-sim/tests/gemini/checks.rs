//! What a wrong request gets.

use super::*;

/// Asks and returns status, message and the first field of the field violations.
async fn refused(sim: &GeminiSim, model: &str, body: &Value) -> (u16, String, String) {
    let response = request(sim, model, body).send().await.expect("an answer");
    let status = response.status().as_u16();
    let body: Value = response.json().await.expect("JSON");
    let field = &body["error"]["details"][0]["fieldViolations"][0]["field"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (status, text(&body["error"]["message"]), text(field))
}

#[tokio::test]
async fn each_wrong_field_is_refused_and_named() {
    let sim = start().await;
    let with_part = |part: Value| json!({"contents": [{"parts": [part]}]});
    let with = |name: &str, value: Value| {
        let mut body = prompt("кот");
        body[name] = value;
        body
    };
    let config = |value: Value| with("generationConfig", value);
    // Begins as a picture and ends too early.
    let torn = STANDARD.encode(&png()[..png().len() / 2]);
    let cases = [
        (json!({}), "contents"),
        (json!({"contents": []}), "contents"),
        (prompt(" "), "contents"),
        (json!({"contents": [{"role": "bot", "parts": [{"text": "a"}]}]}), "contents[0].role"),
        (json!({"contents": [{"role": "model", "parts": [{"text": "a"}]}]}), "contents"),
        (with_part(json!({})), "contents[0].parts[0]"),
        (with_part(json!({"text": "a", "fileData": {"fileUri": "x"}})), "contents[0].parts[0]"),
        (with_part(json!({"text": 1})), "contents[0].parts[0].text"),
        (
            with_part(
                json!({"inlineData": {"mimeType": "image/png", "data": "data:image/png;base64,AA=="}}),
            ),
            "contents[0].parts[0].inline_data.data",
        ),
        (
            with_part(json!({"inlineData": {"mimeType": "image/png", "data": "AAAA\nAAAA"}})),
            "contents[0].parts[0].inline_data.data",
        ),
        (
            with_part(json!({"inlineData": {"mimeType": "image/gif", "data": "AAAA"}})),
            "contents[0].parts[0].inline_data.mime_type",
        ),
        (
            with_part(
                json!({"inlineData": {"mimeType": "image/jpeg", "data": STANDARD.encode(png())}}),
            ),
            "contents[0].parts[0].inline_data",
        ),
        (
            with_part(json!({"inlineData": {"mimeType": "image/png", "data": "iVBORw0K"}})),
            "contents[0].parts[0].inline_data",
        ),
        (
            with_part(json!({"inlineData": {"mimeType": "image/png", "data": torn}})),
            "contents[0].parts[0].inline_data",
        ),
        (
            config(json!({"imageConfig": {"imageSize": "2k"}})),
            "generation_config.image_config.image_size",
        ),
        (
            config(json!({"imageConfig": {"imageSize": "512"}})),
            "generation_config.image_config.image_size",
        ),
        (
            config(json!({"imageConfig": {"aspectRatio": "1:4"}})),
            "generation_config.image_config.aspect_ratio",
        ),
        (
            config(json!({"imageConfig": {"personGeneration": "ALLOW"}})),
            "generation_config.image_config",
        ),
        (config(json!({"candidateCount": 2})), "generation_config"),
        (config(json!({"temperature": 3})), "generation_config.temperature"),
        (
            config(json!({"thinkingConfig": {"thinkingLevel": "HIGH"}})),
            "generation_config.thinking_config",
        ),
        (config(json!({"responseModalities": ["Image"]})), "generation_config.response_modalities"),
        (with("safetySettings", json!([{"category": "HARM"}])), "safety_settings[0].category"),
        (with("serviceTier", json!("cheap")), "service_tier"),
        (with("tools", json!([{"codeExecution": {}}])), "tools[0]"),
    ];
    for (number, (body, wanted)) in cases.iter().enumerate() {
        let (status, message, field) = refused(&sim, PRO, body).await;
        assert_eq!((status, field.as_str()), (400, *wanted), "{message}");
        assert_eq!(sim.violations().len(), number + 1);
    }
    let (_, message, _) = refused(&sim, PRO, &with("prompt", json!("a"))).await;
    assert!(message.contains("Unknown name \"prompt\""), "{message}");
    assert_eq!(sim.images_made(), 0);
}

#[tokio::test]
async fn models_differ_in_sizes_ratios_and_references() {
    let sim = start().await;
    let flash = "gemini-3.1-flash-image";
    assert_eq!(
        request(&sim, flash, &sized("1:8", "512")).send().await.expect("an answer").status(),
        200
    );
    let legacy = "gemini-2.5-flash-image";
    let (status, _, field) = refused(&sim, legacy, &sized("1:1", "1K")).await;
    assert_eq!((status, field.as_str()), (400, "generation_config.image_config.image_size"));
    let picture = json!({"inlineData": {"mimeType": "image/png", "data": STANDARD.encode(png())}});
    for (model, count, wanted) in
        [(legacy, 3, 200), (legacy, 4, 400), (PRO, 14, 200), (PRO, 15, 400)]
    {
        let mut parts = vec![json!({"text": "соедини"})];
        parts.extend(std::iter::repeat_n(picture.clone(), count));
        let response = request(&sim, model, &json!({"contents": [{"parts": parts}]})).send().await;
        assert_eq!(response.expect("an answer").status(), wanted, "{model} {count}");
    }
    let (status, message, _) = refused(&sim, "gemini-3-pro-image-preview", &prompt("кот")).await;
    assert_eq!(status, 404);
    assert!(message.contains("is not found for API version v1beta"), "{message}");
}

#[tokio::test]
async fn the_key_is_wanted_in_its_header_alone() {
    let sim = start().await;
    let url = format!("{}/v1beta/models/{PRO}:generateContent", sim.base_url());
    let send = async |request: RequestBuilder| {
        let response = request.json(&prompt("кот")).send().await.expect("an answer");
        (response.status().as_u16(), response.json::<Value>().await.expect("JSON")["error"].clone())
    };
    let (status, error) = send(client().post(&url)).await;
    assert_eq!((status, error["status"].as_str()), (403, Some("PERMISSION_DENIED")));
    let (status, error) = send(client().post(&url).header("x-goog-api-key", "wrong")).await;
    assert_eq!((status, error["details"][0]["reason"].as_str()), (400, Some("API_KEY_INVALID")));
    let in_address = client().post(format!("{url}?key={KEY}")).header("x-goog-api-key", KEY);
    assert_eq!(send(in_address).await.0, 400);
    assert_eq!(sim.violations().len(), 3);
}

#[tokio::test]
async fn paths_methods_and_content_types_are_exact() {
    let sim = start().await;
    let base = sim.base_url();
    let keyed = |method: &str, path: &str| {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        client().request(method, format!("{base}{path}")).header("x-goog-api-key", KEY)
    };
    for (method, path) in [
        ("GET", format!("/v1beta/models/{PRO}:generateContent")),
        ("POST", format!("/v1beta/models/{PRO}:generateContent/")),
        ("POST", format!("/v1/models/{PRO}:generateContent")),
        ("POST", "/v1beta/interactions".to_owned()),
    ] {
        let response = keyed(method, &path).json(&prompt("кот")).send().await.expect("an answer");
        assert_eq!(response.status(), 404, "{method} {path}");
        assert!(response.text().await.expect("a page").starts_with("<!DOCTYPE html>"));
    }
    let path = format!("/v1beta/models/{PRO}:generateContent");
    for body in
        [keyed("POST", &path).body("{}"), keyed("POST", &path).json(&prompt("кот")).body("{")]
    {
        assert_eq!(body.send().await.expect("an answer").status(), 400);
    }
}

#[tokio::test]
async fn a_body_over_the_inline_limit_is_refused() {
    let options = GeminiOptions { inline_max_bytes: 1_000, ..GeminiOptions::default() };
    let sim = GeminiSim::start(options).await.expect("a free port");
    assert_eq!(ask(&sim, &prompt(&"а".repeat(600))).await.status(), 413);
}
