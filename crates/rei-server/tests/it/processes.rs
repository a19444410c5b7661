//! The real binary: parts as processes of their own, the web door, and what the commands print and return.

use std::path::{Path, PathBuf};
use std::process::Output;

use rei_sim::video::sample_clip;
use rei_storage::testing::EngineKind;
use rstest::rstest;
use serde_json::json;

use crate::world::{KEY, TOKEN, WEBHOOK_SECRET, World, answers, free_address, http};

const WEBHOOK: &str = "/webhooks/telegram";

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_processes_on_one_file_sell_a_picture_and_stop_when_told() {
    let mut world = World::start(EngineKind::Sqlite).await;
    let address = free_address();
    world.set("HTTP_BIND", &address);
    let web = world.spawn("web", &["web"], &[]);
    assert_eq!(answers(&address, "/livez").await, "ok\n");
    assert_eq!(answers(&address, "/readyz").await, "ok\n");
    let bot = world.spawn("bot", &["bot"], &[]);
    let worker = world.spawn("worker", &["worker"], &[]);

    let anna = world.person(42, "Анна");
    world.greets_and_gets(&anna, 100).await;
    anna.says("кот в скафандре");
    anna.taps("Создать за 50 ₽").await;
    world.sees(&anna, "списано 50 ₽ · баланс 50 ₽").await;
    world.sees(&anna, "Оригинал").await;

    assert_eq!(answers(&address, "/readyz").await, "ok\n");
    answers(&address, "/metrics").await;
    let (hidden, _) = http(&address, "POST", WEBHOOK, "", "{}").await;
    assert_eq!(hidden, 404, "there is no webhook while updates are polled");
    for process in [bot, worker, web] {
        let ended = process.stop().await;
        assert_eq!(ended.code(), Some(0));
    }
    let audit = world.run(&["audit"]).await;
    assert_eq!(audit.status.code(), Some(0), "{}", err(&audit));
    assert!(world.telegram.violations().is_empty(), "{:?}", world.telegram.violations());
}

#[tokio::test(flavor = "multi_thread")]
async fn three_processes_change_a_customer_s_clip() {
    let mut world = World::start(EngineKind::Sqlite).await;
    let address = free_address();
    world.set("HTTP_BIND", &address);
    world.set("PUBLIC_BASE_URL", &format!("http://{address}"));
    world.sell_videos();
    let processes = ["web", "bot", "worker"].map(|name| world.spawn(name, &[name], &[]));
    answers(&address, "/readyz").await;

    let anna = world.person(42, "Анна");
    world.greets_and_gets(&anna, 100).await;
    // The bot fetches and measures the clip, the worker orders the change, the web door hands Kling the clip.
    anna.user.sends_video(sample_clip(1280, 720, 4_000), "сделай ночь").expect("it is taken");
    world.sees(&anna, "изменение видео").await;
    anna.taps("Создать за 100 ₽").await;
    world.sees(&anna, "списано 100 ₽ · баланс 0 ₽").await;
    assert_eq!(world.kling.violations(), Vec::<String>::new());
    for process in processes {
        assert_eq!(process.stop().await.code(), Some(0));
    }
    let audit = world.run(&["audit"]).await;
    assert_eq!(audit.status.code(), Some(0), "{}", err(&audit));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_takes_what_telegram_brings_and_nothing_else() {
    let mut world = World::start(EngineKind::Sqlite).await;
    let address = free_address();
    world.set("HTTP_BIND", &address);
    world.set("TELEGRAM_MODE", "webhook");
    world.set("PUBLIC_BASE_URL", "https://bot.example.org");
    let process = world.spawn("serve", &["serve"], &[]);
    answers(&address, "/readyz").await;

    let anna = world.person(42, "Анна");
    // The simulator can't reach an address that isn't there; the chat has to be open all the same.
    anna.says("/id");
    let start = |id: i64, text: &str| {
        json!({
            "update_id": id,
            "message": {
                "message_id": 900 + id, "date": 1_790_000_000, "text": text,
                "chat": {"id": 42, "type": "private", "first_name": "Анна"},
                "from": {"id": 42, "is_bot": false, "first_name": "Анна", "language_code": "ru"},
            }
        })
        .to_string()
    };
    let right = format!("X-Telegram-Bot-Api-Secret-Token: {WEBHOOK_SECRET}\r\n");
    let wrong = format!("X-Telegram-Bot-Api-Secret-Token: {WEBHOOK_SECRET}x\r\n");
    let post = async |head: &str, body: &str| http(&address, "POST", WEBHOOK, head, body).await.0;
    assert_eq!(post("", &start(500, "/start")).await, 401);
    assert_eq!(post(&wrong, &start(500, "/start")).await, 401);
    for broken in ["", "{", "[]", "{}", r#"{"update_id":"one"}"#] {
        assert_eq!(post(&right, broken).await, 400, "{broken}");
    }
    for _ in 0..5 {
        assert_eq!(post(&right, &start(501, "/balance")).await, 200);
    }
    world.sees(&anna, "Баланс: 0 ₽").await;
    assert_eq!(post(&right, &start(502, "/start")).await, 200);
    world.sees(&anna, "Здравствуйте").await;
    let shown = anna.user.messages();
    let balances = shown.iter().filter(|message| message.text.contains("Баланс:")).count();
    assert_eq!(balances, 1, "one update has one effect");
    let greetings = shown.iter().filter(|message| message.text.contains("Здравствуйте")).count();
    assert_eq!(greetings, 1, "refused updates have no effect");
    assert!(process.stop().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_are_all_named_at_once_without_a_secret() {
    let mut world = World::start(EngineKind::Sqlite).await;
    world.set("BOT_TOKEN", &TOKEN.replace(':', "_"));
    world.set("DATABASE_URL", "mysql://root:planted-password@db/rei");
    world.set("WORKER_CONCURRENCY", "many");
    world.set("HTTP_BIND", "everywhere");
    for command in ["serve", "check", "audit"] {
        let ended = world.run(&[command]).await;
        assert_eq!(ended.status.code(), Some(2), "{command}");
        let words = format!("{}{}", out(&ended), err(&ended));
        for name in ["BOT_TOKEN", "DATABASE_URL", "WORKER_CONCURRENCY", "HTTP_BIND"] {
            assert!(words.contains(name), "{command} does not name {name}: {words}");
        }
        for secret in ["planted-token", "planted-password", KEY] {
            assert!(!words.contains(secret), "{command} prints a secret: {words}");
        }
    }
    assert_eq!(world.run(&["no-such-command"]).await.status.code(), Some(2));
    assert_eq!(world.run(&["--help"]).await.status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_say_how_it_stands_by_words_and_exit_code() {
    let mut world = World::start(EngineKind::Sqlite).await;
    let migrate = world.run(&["migrate"]).await;
    assert_eq!(migrate.status.code(), Some(0), "{}", err(&migrate));

    let check = world.run(&["check", "--json"]).await;
    assert_eq!(check.status.code(), Some(0), "{}{}", out(&check), err(&check));
    assert!(out(&check).contains(r#""fine":true"#), "{}", out(&check));
    let catalog = world.run(&["catalog", "check"]).await;
    assert_eq!(catalog.status.code(), Some(0));
    let prices = world.run(&["catalog", "show"]).await;
    assert!(out(&prices).contains('₽'), "{}", out(&prices));
    let nobody = world.run(&["admin", "add", "42", "100", "gift"]).await;
    assert_eq!(nobody.status.code(), Some(1), "a customer who never wrote can't be credited");

    let serve = world.spawn("serve", &["serve"], &[]);
    let anna = world.person(42, "Анна");
    anna.says("/start");
    world.sees(&anna, "На балансе").await;
    // The book is in use: the commands work beside the running product.
    let add = world.run(&["admin", "add", "42", "100", "a", "gift"]).await;
    assert_eq!(add.status.code(), Some(0), "{}", err(&add));
    let bad_sum = world.run(&["admin", "add", "42", "-5", "gift"]).await;
    assert_ne!(bad_sum.status.code(), Some(0));
    anna.says("кот в скафандре");
    anna.taps("Создать за 50 ₽").await;
    world.sees(&anna, "Оригинал").await;
    let stats = world.run(&["admin", "stats"]).await;
    assert_eq!(stats.status.code(), Some(0));
    assert!(out(&stats).contains("orders 1"), "{}", out(&stats));
    let depth = world.run(&["queue", "depth"]).await;
    assert_eq!(depth.status.code(), Some(0));
    let done = world.run(&["queue", "list", "--state", "done", "--json"]).await;
    assert!(out(&done).contains("order.submit"), "{}", out(&done));

    let copy = world.folder.path().join("copy");
    let copy = copy.to_str().expect("a path in letters").to_owned();
    let backup = world.run(&["backup", &copy]).await;
    assert_eq!(backup.status.code(), Some(0), "{}", err(&backup));
    assert_eq!(world.run(&["backup", &copy]).await.status.code(), Some(1), "a copy is kept");
    assert_eq!(world.run(&["restore", &copy]).await.status.code(), Some(1), "a book is kept");
    assert!(serve.stop().await.success());

    let place = world.folder.path().join("restored");
    world.set("DATABASE_URL", &format!("sqlite://{}", place.join("rei.db").display()));
    world.set("DATA_DIR", place.to_str().expect("a path in letters"));
    let restore = world.run(&["restore", &copy]).await;
    assert_eq!(restore.status.code(), Some(0), "{}", err(&restore));
    assert!(out(&restore).contains("0 findings"), "{}", out(&restore));
    let audit = world.run(&["audit", "--json"]).await;
    assert_eq!(audit.status.code(), Some(0), "{}", err(&audit));
    assert!(out(&audit).contains(r#""sound":true"#), "{}", out(&audit));
    let pictures = files_in(&place.join("blobs"));
    assert!(pictures >= 2, "{pictures} files came back, not the original and its preview");

    world.set("BOT_TOKEN", "100000001:another-token-of-no-value-at-all-000");
    let refused = world.run(&["check"]).await;
    assert_eq!(refused.status.code(), Some(1), "{}", out(&refused));
    assert!(out(&refused).contains("FAIL telegram"), "{}", out(&refused));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_demo_plays_its_scripts(
    #[values(
        "first-order",
        "refusals",
        "every-kind",
        "video-faults",
        "top-up",
        "held-order",
        "admin"
    )]
    name: &str,
) {
    let world = World::start(EngineKind::Sqlite).await;
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("../../demo/{name}.txt"));
    let played = world.run(&["demo", "--script", &script.display().to_string()]).await;
    assert_eq!(played.status.code(), Some(0), "{name}: {}{}", out(&played), err(&played));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_tells_when_a_script_does_not_come_true() {
    let world = World::start(EngineKind::Sqlite).await;
    let wrong = world.folder.path().join("wrong.txt");
    std::fs::write(&wrong, "> /start\nexpect Здравствуйте\nexpect На балансе: 1 000 000 ₽\n")
        .expect("a file can be written");
    let played = world.run(&["demo", "--script", &wrong.display().to_string()]).await;
    assert_eq!(played.status.code(), Some(1), "{}", out(&played));
    assert!(out(&played).contains("✗ line 3"), "{}", out(&played));
    std::fs::write(&wrong, "dance\n").expect("a file can be written");
    let unread = world.run(&["demo", "--script", &wrong.display().to_string()]).await;
    assert_ne!(unread.status.code(), Some(0));
    assert!(err(&unread).contains("line 1"), "{}", err(&unread));
}

fn files_in(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("the folder is readable");
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    paths.map(|path| if path.is_dir() { files_in(&path) } else { 1 }).sum()
}
