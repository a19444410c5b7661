//! What a careful client never sends.

use super::*;

struct Case {
    path: &'static str,
    body: Value,
    /// Words of the complaint; empty: all is well.
    complaint: &'static str,
}

fn case(path: &'static str, body: Value, complaint: &'static str) -> Case {
    Case { path, body, complaint }
}

/// Sends each body and compares the refusal and the note of it.
async fn check(cases: Vec<Case>) {
    let sim = start().await;
    for Case { path, body, complaint } in cases {
        let (status, answer) = create(&sim, path, &body).await;
        let noted = sim.violations().join("; ");
        sim.forget_violations();
        if complaint.is_empty() {
            assert_eq!((status, &answer["code"]), (200, &json!(0)), "{path} {body}: {answer}");
            assert_eq!(noted, "", "{path} {body}");
            continue;
        }
        assert_eq!((status, &answer["code"]), (400, &json!(1201)), "{path} {body}: {answer}");
        let message = answer["message"].as_str().unwrap_or_default();
        assert!(message.contains(complaint), "{path} {body}: {message}");
        assert!(noted.contains(complaint), "{path} {body}: {noted}");
    }
}

#[tokio::test]
async fn words_alone() {
    let prompt = |settings: Value| json!({"prompt": "кот", "settings": settings});
    let v3 = "text-to-video/kling-3.0";
    let v26 = "text-to-video/kling-2.6";
    let v25 = "text-to-video/kling-2.5-turbo";
    check(vec![
        case(TEXT, json!({"prompt": "кот"}), ""),
        case(TEXT, json!({}), "body.prompt is required"),
        case(TEXT, json!({"prompt": ""}), "body.prompt is required"),
        case(TEXT, json!({"prompt": 5}), "body.prompt must be a string"),
        case(TEXT, json!({"prompt": "к".repeat(3_073)}), "longer than 3072"),
        case(v26, json!({"prompt": "к".repeat(2_501)}), "longer than 2500"),
        case(TEXT, prompt(json!({"duration": 3})), ""),
        case(TEXT, prompt(json!({"duration": "5"})), "settings.duration must be an integer"),
        case(TEXT, prompt(json!({"duration": 5.0})), "settings.duration must be an integer"),
        case(TEXT, prompt(json!({"duration": 16})), "duration 16 is not supported"),
        case(v26, prompt(json!({"duration": 3})), "duration 3 is not supported"),
        case(TEXT, prompt(json!({"duration": null})), "settings.duration must not be null"),
        case(TEXT, prompt(json!({"resolution": "4k"})), "settings.resolution must be one of"),
        case(v3, prompt(json!({"resolution": "4k", "multi_shot": false, "audio": "native"})), ""),
        case(TEXT, prompt(json!({"aspect_ratio": "4:3"})), "settings.aspect_ratio must be one of"),
        case(
            TEXT,
            prompt(json!({"audio": "off"})),
            "settings.audio is not supported by text-to-video/kling-3.0-turbo",
        ),
        case(TEXT, prompt(json!({"multi_shot": false})), "settings.multi_shot is not supported"),
        case(v25, prompt(json!({"audio": "off"})), "settings.audio is not supported"),
        case(v3, prompt(json!({"audio": "original"})), "settings.audio must be one of"),
        case(v3, prompt(json!({"multi_shot": "false"})), "settings.multi_shot must be a boolean"),
        case(v26, prompt(json!({"audio": "native"})), "native audio needs 1080p"),
        case(v26, prompt(json!({"audio": "native", "resolution": "1080p"})), ""),
        case(
            TEXT,
            prompt(json!({"character_orientation": "image"})),
            "character_orientation is not supported",
        ),
        case(v3, json!({"prompt": "shot 1, 3, кот; shot 2, 2, пёс;"}), ""),
        case(v3, json!({"prompt": "shot 1, 3, кот; shot 2, 3, пёс;"}), "do not add up"),
        case(v3, json!({"prompt": "shot 1, 3, кот; shot 3, 2, пёс;"}), "shot 2 is malformed"),
        case(
            TEXT,
            json!({"prompt": "кот", "options": {"external_task_id": 7}}),
            "external_task_id must be a string",
        ),
        case(
            TEXT,
            json!({"prompt": "кот", "options": {"callback_url": "bot.example"}}),
            "callback_url must be an address",
        ),
        case(
            TEXT,
            json!({"prompt": "кот", "options": {"watermark_info": {"enabled": 1}}}),
            "enabled must be a boolean",
        ),
    ])
    .await;
}

#[tokio::test]
async fn pictures() {
    let first = || json!({"type": "first_frame", "url": inline_png()});
    let last = || json!({"type": "last_frame", "url": inline_png()});
    let body =
        |contents: Vec<Value>, settings: Value| json!({"contents": contents, "settings": settings});
    let turbo = "image-to-video/kling-3.0-turbo";
    let v3 = "image-to-video/kling-3.0";
    let v26 = "image-to-video/kling-2.6";
    let voice = json!({"type": "voice", "voice_id": "v"});
    let with_prefix = format!("data:image/png;base64,{}", inline_png());
    let tiny = STANDARD.encode(png(200, 400));
    let narrow = STANDARD.encode(png(300, 900));
    check(vec![
        case(turbo, body(vec![first()], json!({"resolution": "1080p", "duration": 15})), ""),
        case(turbo, body(vec![], json!({})), "contents is required"),
        case(turbo, json!({"prompt": "кот"}), "contents is required"),
        case(turbo, body(vec![json!({"type": "prompt", "text": "кот"})], json!({})), "one first_frame is required"),
        case(turbo, body(vec![first()], json!({"aspect_ratio": "16:9"})), "aspect_ratio is not supported"),
        case(turbo, body(vec![first(), last()], json!({})), "last_frame does not fit"),
        case(v3, body(vec![first(), last()], json!({"multi_shot": false})), ""),
        case(v3, body(vec![last()], json!({})), "last_frame needs a first_frame"),
        case(v26, body(vec![first(), last()], json!({})), "last_frame does not fit"),
        case(v26, body(vec![first(), last()], json!({"resolution": "1080p"})), ""),
        case(v26, body(vec![first(), last()], json!({"resolution": "1080p", "audio": "native"})), "last_frame does not fit"),
        case(v26, body(vec![first(), voice.clone(), voice.clone()], json!({})), ""),
        case(v26, body(vec![first(), voice.clone(), voice.clone(), voice.clone()], json!({})), "too many voices"),
        case(v3, body(vec![first(), voice], json!({})), "too many voices"),
        case(v3, body(vec![first(), json!({"type": "element", "element_id": "1"})], json!({})), ""),
        case(turbo, body(vec![json!({"type": "first_frame", "url": with_prefix})], json!({})), "must not have a data: prefix"),
        case(turbo, body(vec![json!({"type": "first_frame", "url": "кот.png"})], json!({})), "neither an address nor base64"),
        case(turbo, body(vec![json!({"type": "first_frame", "url": tiny})], json!({})), "sides must be at least 300 px"),
        case(turbo, body(vec![json!({"type": "first_frame", "url": narrow})], json!({})), "Image aspect ratio is invalid"),
        case(turbo, body(vec![json!({"type": "first_frame", "url": STANDARD.encode("junk")})], json!({})), "format is not supported"),
        case(turbo, body(vec![json!({"type": "first_frame"})], json!({})), "contents[0].url is required"),
        case(turbo, body(vec![json!({"type": "base_video", "url": "http://x/v.mp4"})], json!({})), "\"base_video\" is not supported here"),
        case(turbo, body(vec![json!({"type": "first_frame", "url": "https://api.telegram.org/file/bot1:x/p.jpg"})], json!({})), "holds a bot's token"),
    ])
    .await;
}

#[tokio::test]
async fn videos() {
    let prompt = json!({"type": "prompt", "text": "ночь на @video_1"});
    let clip =
        |kind: &str| json!({"type": kind, "url": "http://127.0.0.1:9/in.mp4", "id": "video_1"});
    let picture = |kind: &str, id: &str| json!({"type": kind, "url": inline_png(), "id": id});
    let body = |more: Vec<Value>, settings: Value| {
        let contents: Vec<Value> = std::iter::once(prompt.clone()).chain(more).collect();
        json!({"contents": contents, "settings": settings})
    };
    let off = || json!({"multi_shot": false});
    let o1 = "omni-video/kling-o1";
    let motion = "motion-control/kling-3.0";
    let pair = |settings: Value| {
        let image = json!({"type": "image", "url": inline_png()});
        let video = json!({"type": "video", "url": "http://127.0.0.1:9/in.mp4"});
        json!({"contents": [image, video], "settings": settings})
    };
    let many = |count: usize| -> Vec<Value> {
        (0..count).map(|index| picture("refer_image", &format!("image_{index}"))).collect()
    };
    let sent = |settings: Value| body(vec![clip("base_video")], settings);
    check_without_fetching(vec![
        case(OMNI, sent(json!({"resolution": "720p", "audio": "original", "multi_shot": false})), ""),
        case(OMNI, sent(json!({"multi_shot": false, "duration": 5})), "duration must be left out with a video"),
        case(OMNI, sent(json!({})), "multi_shot must be false with a base_video"),
        case(OMNI, sent(json!({"multi_shot": false, "audio": "native"})), "audio must be original or off"),
        case(OMNI, body(vec![clip("base_video"), picture("first_frame", "image_1")], off()), "no frames with a base_video"),
        case(OMNI, body(vec![clip("base_video"), json!({"type": "feature_video", "url": "http://127.0.0.1:9/b.mp4", "id": "other"})], off()), "one video per task"),
        case(OMNI, body(vec![json!({"type": "base_video", "url": "AAAA"})], off()), "videos are taken by URL only"),
        case(OMNI, body(vec![clip("feature_video")], json!({"multi_shot": true, "audio": "off"})), ""),
        case(OMNI, body(vec![clip("feature_video")], off()), "multi_shot must be true with a feature_video"),
        case(OMNI, body(vec![clip("feature_video")], json!({"audio": "original"})), "audio must be off"),
        case(OMNI, body(vec![], json!({"duration": 5})), "aspect_ratio is required"),
        case(OMNI, body(vec![], json!({"duration": 5, "aspect_ratio": "1:1"})), ""),
        case(OMNI, body(vec![], json!({"aspect_ratio": "1:1", "audio": "original"})), "no original audio"),
        case(OMNI, json!({"contents": [clip("base_video")], "settings": off()}), "prompt is required"),
        case(OMNI, body(many(7), json!({"aspect_ratio": "1:1"})), ""),
        case(OMNI, body(many(8), json!({"aspect_ratio": "1:1"})), "at most 7 references"),
        case(OMNI, body([many(5), vec![clip("base_video")]].concat(), off()), "at most 4 references"),
        case(OMNI, body(vec![picture("refer_image", "image_1"), picture("refer_image", "image_12")], json!({"aspect_ratio": "1:1"})), "begins another id"),
        case(o1, sent(json!({"audio": "original", "multi_shot": false})), ""),
        case(o1, sent(json!({"multi_shot": true})), "multi_shot must be false"),
        case(o1, body(vec![], json!({"aspect_ratio": "1:1", "duration": 7})), "must be 5 or 10"),
        case(o1, body(many(1), json!({"aspect_ratio": "1:1", "duration": 7})), ""),
        case(motion, pair(json!({"character_orientation": "video", "resolution": "1080p", "audio": "off"})), ""),
        case(motion, pair(json!({})), "settings.character_orientation is required"),
        case(motion, pair(json!({"character_orientation": "left"})), "character_orientation must be one of"),
        case(motion, pair(json!({"character_orientation": "video", "duration": 5})), "settings.duration is not supported"),
        case(motion, pair(json!({"character_orientation": "video", "audio": "native"})), "settings.audio must be one of"),
        case(motion, json!({"contents": [{"type": "image", "url": inline_png()}], "settings": {"character_orientation": "video"}}), "one video is required"),
    ])
    .await;
}

/// As [`check`]; that the clips cannot be fetched is told by other tests.
async fn check_without_fetching(cases: Vec<Case>) {
    let sim = start().await;
    for Case { path, body, complaint } in cases {
        let (status, answer) = create(&sim, path, &body).await;
        let message = answer["message"].as_str().unwrap_or_default();
        if complaint.is_empty() {
            assert_eq!((status, &answer["code"]), (200, &json!(0)), "{path} {body}: {answer}");
        } else {
            assert_eq!((status, &answer["code"]), (400, &json!(1201)), "{path} {body}: {answer}");
            assert!(message.contains(complaint), "{path} {body}: {message}");
        }
    }
}

#[tokio::test]
async fn a_field_that_the_service_would_ignore_is_taken_and_noted() {
    let sim = start().await;
    let body = json!({"prompt": "кот", "setings": {}, "settings": {"cfg_scale": 0.5}});
    let (status, answer) = create(&sim, TEXT, &body).await;
    assert_eq!((status, &answer["code"]), (200, &json!(0)));
    let noted = sim.violations();
    assert!(noted.iter().any(|note| note.ends_with("unknown field body.setings")), "{noted:?}");
    assert!(noted.iter().any(|note| note.ends_with("body.settings.cfg_scale")), "{noted:?}");
}

#[tokio::test]
async fn verbs_paths_and_models_are_exact() {
    let sim = start().await;
    let body = words("кот", "a");
    let put = client().put(format!("{}/{TEXT}", sim.base_url())).bearer_auth(KEY).json(&body);
    let answer = status_and_json(put.send().await.expect("an answer")).await;
    assert_eq!((answer.0, &answer.1["code"]), (404, &json!(1202)));
    for path in ["text-to-video/kling-v1", "image-to-video/kling-o1", "text-to-video", "v2/videos"]
    {
        let (status, answer) = create(&sim, path, &body).await;
        assert_eq!((status, &answer["code"]), (404, &json!(1203)), "{path}");
    }
    let form =
        client().post(format!("{}/{TEXT}", sim.base_url())).bearer_auth(KEY).body("prompt=a");
    let answer = status_and_json(form.send().await.expect("an answer")).await;
    assert_eq!((answer.0, &answer.1["code"]), (400, &json!(1201)));
    assert_eq!((sim.violations().len(), sim.tasks_made()), (6, 0));
}

#[tokio::test]
async fn a_wrong_key_opens_nothing() {
    let sim = start().await;
    let url = format!("{}/tasks?task_ids=1", sim.base_url());
    for (request, code) in [
        (client().get(&url), 1001),
        (client().get(&url).bearer_auth("other"), 1002),
        (client().get(&url).header("authorization", KEY), 1002),
        (client().get(&url).header("x-api-key", KEY), 1001),
    ] {
        let answer = status_and_json(request.send().await.expect("an answer")).await;
        assert_eq!((answer.0, &answer.1["code"]), (401, &json!(code)));
        assert!(answer.1.get("data").is_none());
    }
    assert_eq!(sim.violations().len(), 4);
}

#[tokio::test]
async fn queries_name_ids_of_one_kind_and_few_of_them() {
    let sim = start().await;
    let many = (0..21).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    for query in [
        "tasks",
        "tasks?task_ids=",
        "tasks?task_ids=1&external_task_ids=a",
        "tasks?task_id=1",
        &format!("tasks?task_ids={many}"),
    ] {
        let (status, answer) = get(&sim, query).await;
        assert_eq!((status, &answer["code"]), (400, &json!(1201)), "{query}");
    }
    assert_eq!(sim.violations().len(), 5);
    assert_eq!(get(&sim, "tasks?task_ids=1,2").await.1["data"], json!([]));
    assert_eq!(sim.polls()[0].ids, ["1", "2"]);
}
