//! P14: no secret is ever written down: not in logs, not in the book, not in metrics.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rei_sim::gemini::Behaviour;
use rei_sim::telegram::{Fault, FaultKind};
use rstest::rstest;

use crate::app::Shape;
use crate::fleet::{Fleet, house_of};
use crate::till::taps_sum;
use crate::world::{
    ADMIN, KEY, NOTICE_SECRET, TOKEN, WEBHOOK_SECRET, World, answers, free_address, http,
    notice_path,
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn p14_no_secret_is_written_down(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
    #[values("text", "json")] format: &str,
) {
    let (mut world, parts, _redis) = house_of(shape).await;
    let address = world.door().to_owned();
    world.set("RUST_LOG", "debug");
    world.set("LOG_FORMAT", format);
    let house = Fleet::start(&world, parts).await;
    let anna = world.person(42, "Анна");
    world.greets_and_gets(&anna, 500).await;

    let owner = world.person(ADMIN, "Владелец");
    world.telegram.fault(Fault::next(FaultKind::CutBefore).on("sendMessage").in_chat(ADMIN));
    owner.says("/id");
    world.telegram.fault(Fault::next(FaultKind::CutAfter).on("sendPhoto"));
    world.telegram.fault(Fault::next(FaultKind::BadGateway).on("sendDocument"));
    for behaviour in [Behaviour::CutBefore, Behaviour::finish("IMAGE_SAFETY")] {
        world.gemini.next(behaviour);
    }
    anna.says("кот, которого не нарисуют");
    anna.taps("Создать за 50 ₽").await;
    world.sees(&anna, "Сервис отклонил запрос").await;
    anna.says("кот в скафандре");
    anna.taps("Создать за 50 ₽").await;
    world.sees(&anna, "списано 50 ₽").await;
    world.sees(&anna, "Оригинал").await;
    // What the services said when they refused the secrets themselves is written down, too.
    world.telegram.fault(
        Fault::next(FaultKind::Error { code: 401, description: "Unauthorized".to_owned() })
            .on("sendMessage"),
    );
    anna.says("/balance");
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let metrics = answers(&address, "/metrics").await;

    let said = house.said();
    assert!(said.contains("DEBUG"), "nothing was logged: {said}");
    house.stops().await;
    let check = world.run(&["check"]).await;
    let audit = world.run(&["audit"]).await;

    clean("the metrics", metrics.as_bytes());
    for output in [check, audit] {
        clean("a command's output", &output.stdout);
        clean("a command's errors", &output.stderr);
    }
    search_dump(&world, shape, &of_the_bot()).await;
    let mut files = 0;
    search(world.folder.path(), &mut files, &of_the_bot());
    assert!(
        files >= 3,
        "{files} files were searched: the book, the log and the pictures are missing"
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn p14_no_secret_of_payments_is_written_down(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
    #[values("text", "json")] format: &str,
) {
    let (mut world, parts, _redis) = house_of(shape).await;
    world.set("RUST_LOG", "debug");
    world.set("LOG_FORMAT", format);
    world.set("TERMS_VERSION", "0");
    let yookassa = world.take_payments().await;
    let (address, path) = (free_address(), notice_path(&yookassa));
    world.set("HTTP_BIND", &address);
    yookassa.set_notify_url(Some(&format!("http://{address}{path}"))).expect("it is here");
    let shop = yookassa.shop().clone();
    let tag = path.rsplit('/').next().expect("the tag ends the way").to_owned();
    let basic = STANDARD.encode(format!("{}:{}", shop.shop_id, shop.secret_key));
    let secrets = [tag.as_str(), shop.secret_key.as_str(), NOTICE_SECRET, basic.as_str()];

    let house = Fleet::start(&world, parts).await;
    let anna = world.person(42, "Анна");
    anna.says("/pay");
    world.sees(&anna, "Пополнить баланс").await;
    taps_sum(&anna, 500);
    world.sees(&anna, "Счёт №").await;
    // Reports that are nobody's, broken and repeated by a proxy in its own lines, at the right address.
    let strange = r#"{"type":"notification","event":"payment.succeeded","object":{"id":"30b1f0aa-000f-5000-8000-1f2e3d4c5b6a","metadata":{}}}"#;
    let lines = format!("X-Original-Uri: {path}\r\nReferer: http://{address}{path}\r\n");
    for (body, status) in [(strange, 200), ("{", 400)] {
        assert_eq!(http(&address, "POST", &path, &lines, body).await.0, status, "{body}");
    }
    assert_eq!(http(&address, "GET", &path, "", "").await.0, 405);
    let made = yookassa.payments();
    yookassa.pay(&made[0].id).expect("it can be paid");
    world.sees(&anna, "Зачислено 500 ₽").await;
    let metrics = answers(&address, "/metrics").await;

    let said = house.said();
    assert!(said.contains("DEBUG"), "nothing was logged: {said}");
    house.stops().await;
    let check = world.run(&["check"]).await;
    let audit = world.run(&["audit"]).await;
    holds_none("the metrics", metrics.as_bytes(), &secrets);
    for output in [check, audit] {
        holds_none("a command's output", &output.stdout, &secrets);
        holds_none("a command's errors", &output.stderr, &secrets);
    }
    search_dump(&world, shape, &secrets).await;
    let mut files = 0;
    search(world.folder.path(), &mut files, &secrets);
    let least = if shape == Shape::Sqlite { 2 } else { 1 };
    assert!(files >= least, "{files} files were searched: the book or the log is missing");
}

/// PostgreSQL's book is no file here; its dump holds every row.
async fn search_dump(world: &World, shape: Shape, secrets: &[&str]) {
    if shape == Shape::Sqlite {
        return;
    }
    let dump = tokio::process::Command::new("pg_dump").arg(&world.database).output().await;
    let dump = dump.expect("pg_dump comes with PostgreSQL's client");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    assert!(dump.stdout.windows(6).any(|part| part == b"outbox"), "the dump has no tables");
    holds_none("the book's dump", &dump.stdout, secrets);
}

fn search(folder: &Path, files: &mut usize, secrets: &[&str]) {
    for entry in std::fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the folder is readable").path();
        if path.is_dir() {
            search(&path, files, secrets);
        } else {
            *files += 1;
            let bytes = std::fs::read(&path).expect("a file");
            holds_none(&path.display().to_string(), &bytes, secrets);
        }
    }
}

/// The secrets of the bot itself.
fn of_the_bot() -> [&'static str; 3] {
    // The token's second half is the secret one: the first is the bot's public number.
    [TOKEN.split(':').nth(1).expect("a token has two halves"), KEY, WEBHOOK_SECRET]
}

fn clean(place: &str, bytes: &[u8]) {
    holds_none(place, bytes, &of_the_bot());
}

fn holds_none(place: &str, bytes: &[u8], secrets: &[&str]) {
    for secret in secrets {
        let found = bytes.windows(secret.len()).position(|part| part == secret.as_bytes());
        if let Some(at) = found {
            let around = &bytes[at.saturating_sub(160)..at];
            panic!("{place} holds a secret after `{}`", String::from_utf8_lossy(around));
        }
    }
}
