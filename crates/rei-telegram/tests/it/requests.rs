//! What each method asks, to the letter: an unknown parameter would pass unseen on the live server.

use rei_domain::ids::{ChatId, MessageId};
use rei_telegram::{
    AnswerCallbackQuery, BotCommand, CallError, ChatAction, CommandScope, EditMessageCaption,
    EditMessageReplyMarkup, EditMessageText, InlineButton, InlineKeyboard, LinkPreviewOptions,
    MenuButton, ParseMode, RemoveKeyboard, SendMessage, SendOptions, SetMyCommands, SetWebhook,
};
use serde_json::{Value, json};

use crate::server::{Server, TOKEN};

const CHAT: ChatId = ChatId(42);

async fn asked<F>(
    method: &str,
    result: Value,
    call: impl FnOnce(rei_telegram::Client) -> F,
) -> Value
where
    F: Future<Output = Result<(), CallError>>,
{
    let (server, client) = Server::with_result(result).await;
    call(client).await.expect("a success");
    let asked = server.asked_once();
    assert_eq!(asked.path, format!("/bot{TOKEN}/{method}"));
    assert_eq!(asked.http_method, "POST");
    assert_eq!(asked.header("content-type"), "application/json");
    asked.json()
}

fn keyboard() -> InlineKeyboard {
    let button = InlineButton::callback("Отмена", "v1:cancel:x").expect("a button");
    InlineKeyboard { inline_keyboard: vec![vec![button]] }
}

fn keyboard_json() -> Value {
    json!({"inline_keyboard": [[{"text": "Отмена", "callback_data": "v1:cancel:x"}]]})
}

#[tokio::test]
async fn words_with_everything_and_with_nothing() {
    let full = SendMessage {
        options: SendOptions {
            message_thread_id: Some(7),
            reply_markup: Some(RemoveKeyboard::new().into()),
            ..SendOptions::default()
        },
        ..SendMessage::html(CHAT, "<b>кот</b>")
    };
    let body = asked("sendMessage", json!({"message_id": 1}), async |client| {
        client.send_message(&full).await.map(drop)
    });
    assert_eq!(
        body.await,
        json!({"chat_id": 42, "text": "<b>кот</b>", "parse_mode": "HTML", "message_thread_id": 7,
            "link_preview_options": {"is_disabled": true}, "reply_markup": {"remove_keyboard": true}})
    );
    let bare = SendMessage { link_preview_options: None, ..SendMessage::plain(CHAT, "кот") };
    let body =
        asked("sendMessage", json!({}), async |client| client.send_message(&bare).await.map(drop));
    assert_eq!(body.await, json!({"chat_id": 42, "text": "кот"}));
}

#[tokio::test]
async fn edits_send_their_buttons_again() {
    let text = EditMessageText {
        chat_id: CHAT,
        message_id: MessageId(5),
        text: "рисую".to_owned(),
        parse_mode: Some(ParseMode::Html),
        link_preview_options: Some(LinkPreviewOptions::disabled()),
        reply_markup: Some(keyboard()),
    };
    let body = asked("editMessageText", json!(true), async |client| {
        client.edit_message_text(&text).await.map(drop)
    });
    assert_eq!(
        body.await,
        json!({"chat_id": 42, "message_id": 5, "text": "рисую", "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": true}, "reply_markup": keyboard_json()})
    );
    let caption = EditMessageCaption {
        chat_id: CHAT,
        message_id: MessageId(5),
        caption: "готово".to_owned(),
        parse_mode: None,
        reply_markup: Some(keyboard()),
    };
    let body = asked("editMessageCaption", json!(true), async |client| {
        client.edit_message_caption(&caption).await.map(drop)
    });
    assert_eq!(
        body.await,
        json!({"chat_id": 42, "message_id": 5, "caption": "готово", "reply_markup": keyboard_json()})
    );
    let markup =
        EditMessageReplyMarkup { chat_id: CHAT, message_id: MessageId(5), reply_markup: None };
    let body = asked("editMessageReplyMarkup", json!(true), async |client| {
        client.edit_message_reply_markup(&markup).await.map(drop)
    });
    assert_eq!(body.await, json!({"chat_id": 42, "message_id": 5}));
}

#[tokio::test]
async fn small_methods_say_only_what_they_must() {
    let body = asked("sendChatAction", json!(true), async |client| {
        client.send_chat_action(CHAT, ChatAction::UploadPhoto).await
    });
    assert_eq!(body.await, json!({"chat_id": 42, "action": "upload_photo"}));
    let body = asked("deleteMessage", json!(true), async |client| {
        client.delete_message(CHAT, MessageId(5)).await
    });
    assert_eq!(body.await, json!({"chat_id": 42, "message_id": 5}));
    let answer = AnswerCallbackQuery {
        callback_query_id: "9".to_owned(),
        text: Some("Принято".to_owned()),
        show_alert: false,
    };
    let body = asked("answerCallbackQuery", json!(true), async |client| {
        client.answer_callback_query(&answer).await
    });
    assert_eq!(body.await, json!({"callback_query_id": "9", "text": "Принято"}));
    let body = asked("setChatMenuButton", json!(true), async |client| {
        client.set_chat_menu_button(None, MenuButton::Commands).await
    });
    assert_eq!(body.await, json!({"menu_button": {"type": "commands"}}));
}

#[tokio::test]
async fn webhooks_are_set_without_dropping_what_waits() {
    let webhook = SetWebhook {
        url: "https://example.org/tg".to_owned(),
        secret_token: "s3cret".to_owned(),
        max_connections: Some(40),
        allowed_updates: vec!["message".to_owned()],
    };
    let body = asked("setWebhook", json!(true), async |client| client.set_webhook(&webhook).await);
    assert_eq!(
        body.await,
        json!({"url": "https://example.org/tg", "secret_token": "s3cret", "max_connections": 40,
            "allowed_updates": ["message"]})
    );
    assert!(!format!("{webhook:?}").contains("s3cret"));
    let body = asked("deleteWebhook", json!(true), async |client| client.delete_webhook().await);
    assert_eq!(body.await, json!({}));
    let (_server, client) =
        Server::with_result(json!({"url": "https://x", "pending_update_count": 3})).await;
    let info = client.get_webhook_info().await.expect("an answer");
    assert_eq!((info.url.as_str(), info.pending_update_count), ("https://x", 3));
}

#[tokio::test]
async fn commands_are_set_for_their_scope() {
    let commands = SetMyCommands {
        commands: vec![BotCommand {
            command: "start".to_owned(), description: "Меню".to_owned()
        }],
        scope: CommandScope::Chat { chat_id: CHAT },
        language_code: Some("ru".to_owned()),
    };
    let body =
        asked("setMyCommands", json!(true), async |client| client.set_my_commands(&commands).await);
    assert_eq!(
        body.await,
        json!({"commands": [{"command": "start", "description": "Меню"}],
            "scope": {"type": "chat", "chat_id": 42}, "language_code": "ru"})
    );
    let scope = serde_json::to_value(CommandScope::AllPrivateChats).expect("json");
    assert_eq!(scope, json!({"type": "all_private_chats"}));
}

#[tokio::test]
async fn the_bot_says_who_it_is() {
    let me = json!({"id": 123_456, "is_bot": true, "first_name": "РЭИ", "username": "ReiBot"});
    let (server, client) = Server::with_result(me).await;
    let me = client.get_me().await.expect("an answer");
    assert_eq!((me.id, me.username.as_str()), (123_456, "ReiBot"));
    assert_eq!(server.asked_once().method(), "getMe");
    let (_server, client) = Server::with_result(json!(true)).await;
    assert!(matches!(client.get_me().await, Err(CallError::Unanswered(_))));
}
