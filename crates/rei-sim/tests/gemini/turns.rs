//! Conversations that go on from a picture of the model's own.

use rei_sim::gemini::Behaviour;

use super::*;

const FLASH_25: &str = "gemini-2.5-flash-image";

fn user(parts: Value) -> Value {
    json!({"role": "user", "parts": parts})
}

/// The conversation after a first answer: its request, its content, and a new wish.
async fn conversation(sim: &GeminiSim, model: &str) -> Vec<Value> {
    let response = request(sim, model, &prompt("кот")).send().await.expect("an answer");
    let first: Value = response.json().await.expect("JSON");
    vec![
        user(json!([{"text": "кот"}])),
        first["candidates"][0]["content"].clone(),
        user(json!([{"text": "сделай шляпу"}])),
    ]
}

/// Status, and the message of an error.
async fn went_on(sim: &GeminiSim, model: &str, turns: &[Value]) -> (u16, String) {
    let response = request(sim, model, &json!({"contents": turns})).send().await;
    let response = response.expect("an answer");
    let status = response.status().as_u16();
    let body: Value = response.json().await.expect("JSON");
    (status, body["error"]["message"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_turn_of_the_model_comes_back_with_its_signature() {
    let sim = start().await;
    let turns = conversation(&sim, PRO).await;
    assert_eq!(went_on(&sim, PRO, &turns).await.0, 200);
    let call = sim.generate_calls().pop().expect("a call");
    assert_eq!((call.inputs, call.inputs_by_file, call.turns), (1, 0, 3));
    assert_eq!(call.prompt, "сделай шляпу");
    assert_eq!(sim.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn a_signature_is_wanted_and_must_be_that_of_the_picture() {
    let sim = start().await;
    let turns = conversation(&sim, PRO).await;
    let signature = |value: Option<Value>| {
        let mut turns = turns.clone();
        let part = turns[1]["parts"][0].as_object_mut().expect("a part");
        part.remove("thoughtSignature");
        part.extend(value.map(|value| ("thoughtSignature".to_owned(), value)));
        turns
    };
    let (status, message) = went_on(&sim, PRO, &signature(None)).await;
    assert!(status == 400 && message.contains("thought_signature"), "{message}");
    let foreign = conversation_with_another_picture(&sim).await;
    for wrong in [json!("c2ln"), foreign] {
        let (status, message) = went_on(&sim, PRO, &signature(Some(wrong))).await;
        assert_eq!((status, message.as_str()), (400, "Thought signature is not valid."));
    }
    // A signature in a turn of the user is out of place.
    let mut misplaced = turns.clone();
    misplaced[2]["parts"][0]["thoughtSignature"] = turns[1]["parts"][0]["thoughtSignature"].clone();
    assert_eq!(went_on(&sim, PRO, &misplaced).await.0, 400);
}

/// The signature of a picture of another ratio.
async fn conversation_with_another_picture(sim: &GeminiSim) -> Value {
    let (_, body) = ask_json(sim, &sized("16:9", "1K")).await;
    parts(&body)[0]["thoughtSignature"].clone()
}

#[tokio::test]
async fn turns_alternate_and_the_user_begins_and_ends() {
    let sim = start().await;
    let turns = conversation(&sim, PRO).await;
    let [user_turn, model_turn, last] = turns.as_slice() else { panic!("three turns") };
    let orders: [Vec<&Value>; 5] = [
        vec![user_turn, model_turn],
        vec![model_turn, last],
        vec![user_turn, last],
        vec![user_turn, model_turn, model_turn, last],
        vec![user_turn, model_turn, user_turn, last],
    ];
    for order in orders {
        let turns: Vec<Value> = order.into_iter().cloned().collect();
        assert_eq!(went_on(&sim, PRO, &turns).await.0, 400, "{}", turns.len());
    }
    let mut nameless = turns.clone();
    nameless[2].as_object_mut().expect("a turn").remove("role");
    assert_eq!(went_on(&sim, PRO, &nameless).await.0, 400);
    let mut wordless = turns;
    wordless[2]["parts"][0]["text"] = json!(" ");
    assert_eq!(went_on(&sim, PRO, &wordless).await.0, 400);
}

#[tokio::test]
async fn a_picture_of_the_model_travels_inside_the_request() {
    let sim = start().await;
    let mut turns = conversation(&sim, PRO).await;
    turns[1]["parts"][0] = json!({"fileData": {"mimeType": "image/png", "fileUri": "x"}});
    assert_eq!(went_on(&sim, PRO, &turns).await.0, 400);
}

#[tokio::test]
async fn pictures_of_all_turns_count() {
    let sim = start().await;
    let mut turns = conversation(&sim, FLASH_25).await;
    let picture = json!({"inlineData": {"mimeType": "image/png", "data": STANDARD.encode(png())}});
    for (more, status) in [(2, 200), (1, 400)] {
        let parts = turns[2]["parts"].as_array_mut().expect("parts");
        parts.extend(std::iter::repeat_n(picture.clone(), more));
        assert_eq!(went_on(&sim, FLASH_25, &turns).await.0, status);
    }
}

#[tokio::test]
async fn the_legacy_model_neither_gives_nor_wants_signatures() {
    let sim = start().await;
    let turns = conversation(&sim, FLASH_25).await;
    assert!(turns[1]["parts"][0].get("thoughtSignature").is_none());
    assert_eq!(went_on(&sim, FLASH_25, &turns).await.0, 200);
}

#[tokio::test]
async fn a_former_turn_may_be_refused_while_a_plain_edit_passes() {
    let sim = start().await;
    let turns = conversation(&sim, PRO).await;
    sim.always(Behaviour::RefuseFormerTurn);
    let (status, body) = ask_json(&sim, &json!({"contents": turns})).await;
    assert_eq!(status, 200);
    assert_eq!(body["candidates"][0]["finishReason"], "MISSING_THOUGHT_SIGNATURE");
    let mut inline = turns[1]["parts"][0].clone();
    inline.as_object_mut().expect("a part").remove("thoughtSignature");
    let plain = json!({"contents": [user(json!([{"text": "сделай шляпу"}, inline]))]});
    let (_, body) = ask_json(&sim, &plain).await;
    assert_eq!(body["candidates"][0]["finishReason"], "STOP");
}
