//! The older generation of the API.

use rei_sim::kling::AccessKey;

use super::*;

const T2V: &str = "v1/videos/text2video";
const I2V: &str = "v1/videos/image2video";

fn words_v1(prompt: &str, external_id: &str) -> Value {
    json!({
        "model_name": "kling-v2-6", "prompt": prompt, "duration": "5", "mode": "std",
        "aspect_ratio": "9:16", "external_task_id": external_id,
    })
}

#[tokio::test]
async fn a_task_is_created_and_read_in_the_older_words() {
    let sim = start().await;
    let (status, body) = create(&sim, T2V, &words_v1("кот", "job-1")).await;
    assert_eq!((status, &body["data"]["task_status"]), (200, &json!("submitted")));
    assert_eq!(body["data"]["task_info"], json!({"external_task_id": "job-1"}));
    let id = body["data"]["task_id"].as_str().expect("an id").to_owned();
    let (_, done) = get(&sim, &format!("{T2V}/{id}")).await;
    assert_eq!(done["data"]["task_status"], "succeed");
    assert_eq!(done["data"]["task_result"]["videos"][0]["duration"], "5.041");
    assert_eq!(done["data"]["final_unit_deduction"], "1.5");
    assert_eq!(get(&sim, &format!("{T2V}/job-1")).await.1["data"], done["data"]);
    assert_eq!(get(&sim, &format!("{I2V}/{id}")).await.1["message"], "Task not found");
    assert_eq!(get(&sim, &format!("tasks?task_ids={id}")).await.1["data"], json!([]));
    assert_eq!(create(&sim, T2V, &words_v1("кот", "job-1")).await.1["code"], 1201);
    assert!(sim.violations().is_empty());
}

#[tokio::test]
async fn bodies_are_checked_as_strictly() {
    let sim = start().await;
    let with = |name: &str, value: Value| {
        let mut body = words_v1("кот", "a");
        body[name] = value;
        body
    };
    let picture = |more: Value| {
        let mut body = json!({"model_name": "kling-v3", "duration": "5", "image": inline_png()});
        body.as_object_mut()
            .expect("an object")
            .extend(more.as_object().cloned().unwrap_or_default());
        body
    };
    for (path, body, complaint) in [
        (T2V, with("duration", json!(5)), "body.duration must be a string"),
        (T2V, with("duration", json!("7")), "duration is not supported"),
        (T2V, with("negative_prompt", Value::Null), "must not be null"),
        (T2V, with("cfg_scale", json!(0.5)), "cfg_scale is not supported"),
        (T2V, with("mode", json!("4k")), "mode 4k is not supported"),
        (T2V, with("sound", json!(true)), "body.sound must be a string"),
        (T2V, json!({"prompt": "кот"}), "model_name is required"),
        (I2V, picture(json!({"image": "data:image/png;base64,AA"})), "data: prefix"),
        (I2V, json!({"model_name": "kling-v3", "image_tail": inline_png()}), "image is required"),
        (
            "v1/videos/motion-control",
            json!({"model_name": "kling-v3", "image_url": inline_png(), "video_url": "http://127.0.0.1:9/v"}),
            "character_orientation is required",
        ),
        (
            "v1/videos/omni-video",
            json!({"model_name": "kling-v3-omni", "prompt": "a", "duration": "5"}),
            "aspect_ratio is required",
        ),
    ] {
        let (status, answer) = create(&sim, path, &body).await;
        let message = answer["message"].as_str().unwrap_or_default();
        assert_eq!((status, &answer["code"]), (400, &json!(1201)), "{path}: {answer}");
        assert!(message.contains(complaint), "{path}: {message}");
        assert!(sim.violations().concat().contains(complaint));
    }
    sim.forget_violations();
    assert_eq!(create(&sim, I2V, &picture(json!({"image_tail": inline_png()}))).await.0, 200);
    assert!(sim.violations().is_empty());
    for model in ["kling-v1", "kling-v2-master", "kling-video-o1"] {
        let (status, answer) = create(&sim, T2V, &with("model_name", json!(model))).await;
        assert_eq!((status, &answer["code"]), (404, &json!(1203)));
    }
    create(&sim, T2V, &with("setings", json!({}))).await;
    assert!(sim.violations().concat().contains("unknown field body.setings"));
}

#[tokio::test]
async fn a_signed_token_opens_the_older_doors_only() {
    // Signed with `sk-test`, good from 1789999995 to 1790001800.
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJhay10ZXN0IiwiZXhwIjoxNzkwMDAxODAwLCJuYmYiOjE3ODk5OTk5OTV9.0NAdQ8PB_L5-9Xx3H1DQB_7RWezVNnXV6wN7m0qhe0s";
    let access = AccessKey { access_key: "ak-test".to_owned(), secret_key: "sk-test".to_owned() };
    let clock = SimClock::manual(NOW_MS);
    let options =
        KlingOptions { access: Some(access), clock: clock.clone(), ..KlingOptions::default() };
    let sim = KlingSim::start(options).await.expect("a free port");
    let send = async |path: &str, body: &Value| {
        let call =
            client().post(format!("{}/{path}", sim.base_url())).bearer_auth(TOKEN).json(body);
        status_and_json(call.send().await.expect("an answer")).await
    };
    assert_eq!(send(T2V, &words_v1("кот", "a")).await.1["code"], 0);
    assert_eq!(send(TEXT, &words("кот", "b")).await.1["code"], 1002);
    clock.advance(std::time::Duration::from_secs(1_800));
    assert_eq!(send(T2V, &words_v1("кот", "c")).await.1["code"], 1004);
}

#[tokio::test]
async fn failures_errors_and_late_tasks_look_alike_in_both_generations() {
    let sim = start().await;
    sim.next(Behaviour::fail("risk control"));
    create(&sim, T2V, &words_v1("кот", "bad")).await;
    let (_, failed) = get(&sim, &format!("{T2V}/bad")).await;
    assert_eq!((&failed["code"], &failed["data"]["task_status"]), (&json!(0), &json!("failed")));
    assert_eq!(failed["data"]["task_status_msg"], "risk control");
    sim.next(Behaviour::error_after(5002));
    assert_eq!(create(&sim, T2V, &words_v1("кот", "lost")).await.0, 504);
    assert_eq!(get(&sim, &format!("{T2V}/lost")).await.1["data"]["task_status"], "succeed");
    sim.next(Behaviour::Hidden { polls: 1 });
    create(&sim, T2V, &words_v1("кот", "late")).await;
    assert_eq!(get(&sim, &format!("{T2V}/late")).await.1["code"], 1201);
    assert_eq!(get(&sim, &format!("{T2V}/late")).await.1["code"], 0);
}
