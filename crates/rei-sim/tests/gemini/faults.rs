//! Everything that can go wrong with a right request.

use std::time::Duration;

use futures::StreamExt;
use rei_sim::gemini::{Behaviour, ServiceError};

use super::*;

#[tokio::test]
async fn each_error_of_the_service_has_its_form() {
    let sim = start().await;
    for (error, status, name) in [
        (ServiceError::InvalidArgument, 400, "INVALID_ARGUMENT"),
        (ServiceError::UnreadablePicture, 400, "INVALID_ARGUMENT"),
        (ServiceError::ThoughtSignature, 400, "INVALID_ARGUMENT"),
        (ServiceError::KeyInvalid, 400, "INVALID_ARGUMENT"),
        (ServiceError::Location, 400, "FAILED_PRECONDITION"),
        (ServiceError::BillingOff, 400, "FAILED_PRECONDITION"),
        (ServiceError::PermissionDenied, 403, "PERMISSION_DENIED"),
        (ServiceError::ModelNotFound, 404, "NOT_FOUND"),
        (ServiceError::BodyTooLarge, 413, "INVALID_ARGUMENT"),
        (ServiceError::Cancelled, 499, "CANCELLED"),
        (ServiceError::Internal, 500, "INTERNAL"),
        (ServiceError::Unavailable, 503, "UNAVAILABLE"),
        (ServiceError::DeadlineExceeded, 504, "DEADLINE_EXCEEDED"),
    ] {
        sim.next(Behaviour::error(error));
        let (code, body) = ask_json(&sim, &prompt("кот")).await;
        assert_eq!((code, body["error"]["status"].as_str()), (status, Some(name)), "{error:?}");
        assert_eq!(body["error"]["code"], status);
    }
    assert_eq!((sim.images_made(), sim.violations().len()), (0, 0));
}

#[tokio::test]
async fn a_quota_may_say_when_to_come_back_or_that_it_never_will() {
    let sim = start().await;
    sim.next(Behaviour::Quota { retry_after_ms: Some(1_500), limit_zero: false });
    sim.next(Behaviour::Quota { retry_after_ms: None, limit_zero: true });
    let (status, body) = ask_json(&sim, &prompt("кот")).await;
    assert_eq!((status, &body["error"]["details"][1]["retryDelay"]), (429, &json!("1.5s")));
    assert_eq!(body["error"]["details"][0]["violations"][0]["quotaValue"], "10");
    let (status, body) = ask_json(&sim, &prompt("кот")).await;
    assert_eq!((status, body["error"]["details"].as_array().map(Vec::len)), (429, Some(1)));
    assert_eq!(body["error"]["details"][0]["violations"][0]["quotaValue"], "0");
}

#[tokio::test]
async fn a_proxy_answers_with_a_page() {
    let sim = start().await;
    for code in [500, 502, 503] {
        sim.next(Behaviour::Html { code });
        let response = ask(&sim, &prompt("кот")).await;
        assert_eq!(response.status(), code);
        assert!(response.text().await.expect("a page").contains("<html"));
    }
}

#[tokio::test]
async fn two_hundred_without_a_picture_comes_in_every_form() {
    let sim = start().await;
    sim.next(Behaviour::TextOnly { text: "Не могу".to_owned() });
    let (_, body) = ask_json(&sim, &prompt("кот")).await;
    assert_eq!(parts(&body), [json!({"text": "Не могу"})]);
    for reason in [
        "SAFETY",
        "OTHER",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "IMAGE_SAFETY",
        "MODEL_ARMOR",
        "JAILBREAK",
    ] {
        sim.next(Behaviour::blocked(reason));
        let (status, body) = ask_json(&sim, &prompt("кот")).await;
        assert_eq!((status, body["promptFeedback"]["blockReason"].as_str()), (200, Some(reason)));
        assert!(body.get("candidates").is_none());
    }
    for reason in [
        "NO_IMAGE",
        "IMAGE_OTHER",
        "MAX_TOKENS",
        "IMAGE_SAFETY",
        "RECITATION",
        "LANGUAGE",
        "NEW_REASON",
    ] {
        sim.next(Behaviour::finish(reason));
        let (_, body) = ask_json(&sim, &prompt("кот")).await;
        assert_eq!(body["candidates"][0]["finishReason"], reason);
        assert!(body["candidates"][0].get("content").is_none());
    }
    sim.next(Behaviour::Empty);
    let (status, body) = ask_json(&sim, &prompt("кот")).await;
    assert!(
        status == 200 && body.get("candidates").is_none() && body.get("promptFeedback").is_none()
    );
    assert_eq!(sim.images_made(), 0);
}

#[tokio::test]
async fn a_cut_line_gives_no_answer_and_the_work_may_have_been_done() {
    let sim = start().await;
    for (behaviour, made) in [(Behaviour::CutBefore, 0), (Behaviour::CutAfter, 1)] {
        sim.next(behaviour);
        assert!(request(&sim, PRO, &prompt("кот")).send().await.is_err());
        assert_eq!(sim.images_made(), made);
    }
    sim.next(Behaviour::CutInBody);
    let response = ask(&sim, &prompt("кот")).await;
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
    assert_eq!(ask(&sim, &prompt("кот")).await.status(), 200);
}

#[tokio::test]
async fn bodies_may_be_cut_short_slow_or_huge() {
    let sim = start().await;
    sim.next(Behaviour::TruncatedJson);
    let text = ask(&sim, &prompt("кот")).await.text().await.expect("a whole message");
    assert!(serde_json::from_str::<Value>(&text).is_err());
    sim.next(Behaviour::SlowBody { ms: 160 });
    let (status, body) = ask_json(&sim, &prompt("кот")).await;
    assert_eq!((status, picture_size(&parts(&body)[0])), (200, (1024, 1024)));
    sim.next(Behaviour::HugeBody { bytes: 200 * 1024 * 1024 });
    let mut stream = ask(&sim, &prompt("кот")).await.bytes_stream();
    let mut taken = 0;
    while taken < 70 * 1024 * 1024 {
        taken += stream.next().await.expect("more").expect("bytes").len();
    }
}

#[tokio::test]
async fn pictures_may_be_torn_junk_or_of_another_ratio() {
    let sim = start().await;
    sim.next(Behaviour::TornPicture);
    let (_, body) = ask_json(&sim, &prompt("кот")).await;
    assert!(image::load_from_memory(&picture_bytes(&parts(&body)[0])).is_err());
    sim.next(Behaviour::NotAPicture);
    let (_, body) = ask_json(&sim, &prompt("кот")).await;
    assert!(image::guess_format(&picture_bytes(&parts(&body)[0])).is_err());
    sim.next(Behaviour::NotBase64);
    let (_, body) = ask_json(&sim, &prompt("кот")).await;
    assert!(
        STANDARD.decode(parts(&body)[0]["inlineData"]["data"].as_str().expect("text")).is_err()
    );
    sim.next(Behaviour::WrongRatio);
    let (_, body) = ask_json(&sim, &sized("1:1", "1K")).await;
    assert_eq!(picture_size(&parts(&body)[0]), (1376, 768));
    sim.next(Behaviour::Jpeg);
    let (_, body) = ask_json(&sim, &prompt("кот")).await;
    assert_eq!(parts(&body)[0]["inlineData"]["mimeType"], "image/jpeg");
    assert_eq!(picture_size(&parts(&body)[0]), (1024, 1024));
}

#[tokio::test]
async fn a_call_that_hangs_is_remembered_without_a_status() {
    let sim = start().await;
    sim.next(Behaviour::Hang);
    let request = request(&sim, PRO, &prompt("кот")).timeout(Duration::from_millis(100));
    assert!(request.send().await.expect_err("no answer").is_timeout());
    assert_eq!(sim.calls()[0].status, None);
}

#[tokio::test]
async fn the_levers_work_over_http_too() {
    let sim = start().await;
    let post = async |path: &str, body: Value| {
        let response =
            client().post(format!("{}/sim/{path}", sim.base_url())).json(&body).send().await;
        response.expect("an answer").json::<Value>().await.expect("JSON")
    };
    post("always", json!({"behaviour": {"kind": "error", "error": "unavailable"}})).await;
    post("when", json!({"contains": "Пёс", "behaviour": {"kind": "empty"}})).await;
    post("latency", json!({"min_ms": 1, "max_ms": 2})).await;
    post("next", json!({"behaviour": {"kind": "html", "code": 502}, "times": 2})).await;
    let mut statuses = Vec::new();
    for text in ["кот", "кот", "рыжий пёс", "кот"] {
        statuses.push(ask(&sim, &prompt(text)).await.status().as_u16());
    }
    assert_eq!(statuses, [502, 502, 200, 503]);
    post("next-upload", json!({"behaviour": {"kind": "processing", "polls": 2}})).await;
    let state = post("clear", json!({})).await;
    assert_eq!(
        (&state["calls"], &state["violations"], &state["images_made"]),
        (&json!(4), &json!(0), &json!(0))
    );
    assert_eq!(ask(&sim, &prompt("кот")).await.status(), 200);
    let calls =
        client().get(format!("{}/sim/calls", sim.base_url())).send().await.expect("an answer");
    assert!(!calls.text().await.expect("a body").contains(KEY));
}
