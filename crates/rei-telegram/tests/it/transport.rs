//! What becomes of a call when the network or the server misbehaves. Each class decides whether the
//! outbox repeats it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rei_domain::ids::{ChatId, MessageId};
use rei_telegram::{
    AnswerCallbackQuery, CallError, Client, ClientOptions, EditMessageText, SendMessage,
    SentMessage,
};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

use crate::server::{
    Server, TOKEN, answer_raw, client, hasty_client, ok, plain, raw, read_request, said,
};

fn hello() -> SendMessage {
    SendMessage::html(ChatId(1), "привет")
}

async fn class_at(base_url: &str) -> CallError {
    let error = client(base_url).send_message(&hello()).await.expect_err("an error");
    said(&error);
    error
}

#[tokio::test]
async fn a_connection_that_is_refused_means_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let error = class_at(&base_url).await;
    assert!(matches!(error, CallError::NotSent(_)), "{error:?}");
    assert!(!error.may_have_happened());
}

#[tokio::test]
async fn a_connection_cut_after_the_request_leaves_the_outcome_open_and_is_not_repeated() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    let base_url = raw(move |mut stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move { read_request(&mut stream).await }
    })
    .await;
    let error = class_at(&base_url).await;
    assert!(matches!(error, CallError::Unanswered(_)), "{error:?}");
    assert!(error.may_have_happened());
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_connection_cut_before_the_request_is_read_is_never_a_refusal() {
    let base_url = raw(|stream| async move { drop(stream) }).await;
    let error = class_at(&base_url).await;
    assert!(matches!(error, CallError::NotSent(_) | CallError::Unanswered(_)), "{error:?}");
}

#[tokio::test]
async fn a_slow_answer_leaves_the_outcome_open() {
    let base_url = raw(|mut stream| async move {
        read_request(&mut stream).await;
        std::future::pending::<()>().await;
    })
    .await;
    let error = hasty_client(&base_url).send_message(&hello()).await.expect_err("an error");
    assert!(matches!(error, CallError::Unanswered(_)), "{error:?}");
    assert!(said(&error).contains("timed out"), "{error:?}");
}

#[tokio::test]
async fn an_answer_cut_in_the_middle_is_told_by_its_status() {
    let success = "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"ok\":true,\"result\":{\"mess";
    let base_url = raw(|stream| answer_raw(stream, success)).await;
    assert!(matches!(class_at(&base_url).await, CallError::Unanswered(_)));
    let flood = "HTTP/1.1 429 Flood\r\nretry-after: 17\r\ncontent-length: 500\r\n\r\n{\"ok\":fal";
    let base_url = raw(|stream| answer_raw(stream, flood)).await;
    assert_eq!(class_at(&base_url).await, CallError::Flood { retry_after: 17 });
}

#[tokio::test]
async fn html_of_a_proxy_is_trouble_with_an_open_outcome() {
    let (server, client) = Server::answering(|_| plain(502, "<html>502 Bad Gateway</html>")).await;
    let error = client.send_message(&hello()).await.expect_err("an error");
    assert_eq!(error, CallError::Transient { status: 502, description: None });
    assert!(error.may_have_happened());
    assert_eq!(server.asked().len(), 1, "nothing is repeated here");
    assert_eq!(class_at(&server.base_url).await.class(), "transient");
}

#[tokio::test]
async fn a_flood_is_obeyed_from_the_header_alone() {
    let (_server, client) = Server::answering(|_| {
        let mut answer = plain(429, "Too Many Requests");
        answer.headers_mut().insert("retry-after", "245".parse().expect("a header"));
        answer
    })
    .await;
    let error = client.send_message(&hello()).await.expect_err("an error");
    assert_eq!(error, CallError::Flood { retry_after: 245 });
    assert_eq!(error.retry_after(), Some(Duration::from_secs(245)));
}

#[tokio::test]
async fn a_moved_chat_names_its_new_id() {
    let (_server, client) = Server::answering(|_| {
        let body = json!({"ok": false, "error_code": 400,
            "description": "Bad Request: group chat was upgraded to a supergroup chat",
            "parameters": {"migrate_to_chat_id": -1_001_234_567_890_i64}});
        plain(400, body.to_string())
    })
    .await;
    let error = client.send_message(&hello()).await.expect_err("an error");
    assert_eq!(error, CallError::Moved { to: ChatId(-1_001_234_567_890) });
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, _) = Server::with_result(json!({"message_id": 1})).await;
    let to = format!("{}/bot/sendMessage", elsewhere.base_url);
    let (_server, client) = Server::answering(move |_| {
        let mut answer = plain(307, "");
        answer.headers_mut().insert("location", to.parse().expect("a header"));
        answer
    })
    .await;
    let error = client.send_message(&hello()).await.expect_err("an error");
    assert_eq!(error.class(), "configuration");
    said(&error);
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn a_delivered_message_is_a_success_whatever_the_answer_holds() {
    for result in [json!(true), json!(null), json!([1]), json!({"message_id": "x", "photo": 5})] {
        let (_server, client) = Server::with_result(result.clone()).await;
        let sent = client.send_message(&hello()).await;
        assert_eq!(sent, Ok(SentMessage::default()), "{result}");
    }
    let odd =
        json!({"message_id": 8, "chat": {"id": 1, "type": "?"}, "entities": [{"type": "new"}]});
    let (_server, client) = Server::with_result(odd).await;
    let sent = client.send_message(&hello()).await.expect("sent");
    assert_eq!(sent.message_id, Some(MessageId(8)));
}

#[tokio::test]
async fn what_was_so_already_is_a_success() {
    let (_server, client) = Server::answering(|asked| {
        let description = match asked.method() {
            "editMessageText" => "Bad Request: message is not modified: nothing new",
            "deleteMessage" => "Bad Request: message to delete not found",
            _ => {
                "Bad Request: query is too old and response timeout expired or query ID is invalid"
            }
        };
        plain(400, json!({"ok": false, "error_code": 400, "description": description}).to_string())
    })
    .await;
    let edit = EditMessageText {
        chat_id: ChatId(1),
        message_id: MessageId(2),
        text: "то же".to_owned(),
        parse_mode: None,
        link_preview_options: None,
        reply_markup: None,
    };
    let edited = client.edit_message_text(&edit).await.expect("nothing to do");
    assert_eq!(edited.message_id, Some(MessageId(2)));
    assert_eq!(client.delete_message(ChatId(1), MessageId(2)).await, Ok(()));
    let answer =
        AnswerCallbackQuery { callback_query_id: "1".to_owned(), text: None, show_alert: false };
    assert_eq!(client.answer_callback_query(&answer).await, Ok(()));
    assert_eq!(client.send_message(&hello()).await, Err(CallError::Done));
}

#[tokio::test]
async fn an_endless_answer_is_given_up() {
    let base_url = raw(|mut stream| async move {
        read_request(&mut stream).await;
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await.expect("written");
        let chunk = format!("100000\r\n{}\r\n", " ".repeat(0x10_0000));
        while stream.write_all(chunk.as_bytes()).await.is_ok() {}
    })
    .await;
    let error = class_at(&base_url).await;
    assert!(said(&error).contains("larger than"), "{error:?}");
    assert!(error.may_have_happened());
}

#[tokio::test]
async fn connections_are_kept_for_the_next_call() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    let base_url = raw(move |mut stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            let answer =
                "HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\n{\"ok\":true,\"result\":true}";
            loop {
                read_request(&mut stream).await;
                if stream.write_all(answer.as_bytes()).await.is_err() {
                    break;
                }
            }
        }
    })
    .await;
    let client = client(&base_url);
    for _ in 0..5 {
        client.delete_webhook().await.expect("an answer");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn two_clients_in_one_process_get_along() {
    let (server, first) = Server::answering(|_| ok(&json!(true))).await;
    let second = client(&server.base_url);
    first.delete_webhook().await.expect("an answer");
    second.delete_webhook().await.expect("an answer");
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_proxy_takes_the_calls_that_the_settings_give_it() {
    let (proxy, _) = Server::with_result(json!(true)).await;
    let options = ClientOptions {
        base_url: "http://telegram.invalid".to_owned(),
        token: TOKEN.to_owned().into(),
        proxy: Some(proxy.base_url.clone()),
    };
    Client::new(options).expect("a client").delete_webhook().await.expect("an answer");
    assert_eq!(proxy.asked_once().header("host"), "telegram.invalid");
}
