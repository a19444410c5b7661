//! The bot's card and command lists.

use serde_json::{Value, json};

use crate::telegram::testing::Stage;

#[tokio::test]
async fn commands_are_kept_per_scope_and_language() {
    let stage = Stage::start().await;
    let set = async |commands: Value, scope: Value, language: &str| {
        let params = json!({"commands": commands, "scope": scope, "language_code": language});
        stage.call("setMyCommands", params).await
    };
    let list = |name: &str| json!([{"command": name, "description": "что-то"}]);
    set(list("start"), json!({"type": "all_private_chats"}), "").await.result();
    set(list("menu"), json!({"type": "all_private_chats"}), "ru").await.result();
    assert_eq!(stage.anna.commands(), [("menu".to_owned(), "что-то".to_owned())]);
    set(list("stats"), json!({"type": "chat", "chat_id": 7}), "").await.result();
    assert_eq!(stage.anna.commands()[0].0, "stats");
    let refused = set(list("stats"), json!({"type": "chat", "chat_id": 8}), "").await.refused(400);
    assert_eq!(refused, "Bad Request: chat not found");
    assert!(stage.sim.violations().is_empty());
    let scope = json!({"scope": {"type": "chat", "chat_id": 7}});
    assert_eq!(stage.call("getMyCommands", scope.clone()).await.result(), list("stats"));
    stage.call("deleteMyCommands", scope).await.result();
    assert_eq!(stage.anna.commands()[0].0, "menu");
    for (commands, scope, language) in [
        (list("Start"), json!({"type": "default"}), ""),
        (list(&"x".repeat(33)), json!({"type": "default"}), ""),
        (json!([{"command": "a", "description": ""}]), json!({"type": "default"}), ""),
        (list("a"), json!({"type": "everybody"}), ""),
        (list("a"), json!({"type": "default", "chat_id": 7}), ""),
        (list("a"), json!({"type": "default"}), "ru-RU"),
    ] {
        set(commands, scope, language).await.refused(400);
        stage.only_violation();
    }
}

#[tokio::test]
async fn names_and_descriptions_have_limits_and_languages() {
    let stage = Stage::start().await;
    for (method, key, max) in [
        ("setMyName", "name", 64),
        ("setMyDescription", "description", 512),
        ("setMyShortDescription", "short_description", 120),
    ] {
        stage.call(method, json!({key: "я".repeat(max)})).await.result();
        stage.call(method, json!({key: "я".repeat(max + 1)})).await.refused(400);
        stage.call(method, json!({key: "ru", "language_code": "ru"})).await.result();
        assert_eq!(stage.sim.bot_text(key, "ru"), "ru");
        assert_eq!(stage.sim.bot_text(key, "en"), "я".repeat(max));
        let get = method.replacen("set", "get", 1);
        assert_eq!(
            stage.call(&get, json!({"language_code": "ru"})).await.result(),
            json!({key: "ru"})
        );
    }
}

#[tokio::test]
async fn the_menu_button_is_per_chat_or_for_all() {
    let stage = Stage::start().await;
    let get = async |params: Value| stage.call("getChatMenuButton", params).await.result();
    assert_eq!(get(json!({})).await, json!({"type": "default"}));
    let commands = json!({"menu_button": {"type": "commands"}});
    stage.call("setChatMenuButton", commands).await.result();
    assert_eq!(get(json!({"chat_id": 7})).await, json!({"type": "commands"}));
    stage.call("setChatMenuButton", json!({"menu_button": {"type": "party"}})).await.refused(400);
}

#[tokio::test]
async fn get_me_tells_who_the_bot_is() {
    let stage = Stage::start().await;
    let me = stage.call("getMe", json!({})).await.result();
    assert_eq!((&me["id"], &me["is_bot"]), (&json!(1_000_000), &json!(true)));
    assert_eq!(me["username"], "rei_sim_bot");
}
