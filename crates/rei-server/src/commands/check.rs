//! `rei check`: what works and what doesn't, before anything is started.

mod redis;
mod shop;

use std::process::ExitCode;
use std::sync::Arc;

use rei_domain::clock::SharedClock;
use rei_domain::shared::{Alone, SharedLimits};
use serde_json::json;

use crate::settings::{Language, Settings};
use crate::system::SystemClock;
use crate::wiring;

/// One line of the result.
struct Line {
    what: &'static str,
    works: bool,
    says: String,
}

pub(super) async fn run(settings: &Settings, as_json: bool) -> anyhow::Result<ExitCode> {
    let mut lines = vec![Line { what: "settings", works: true, says: "complete".to_owned() }];
    lines.push(catalog(settings));
    lines.push(database(settings).await);
    lines.push(redis::redis(settings).await);
    lines.push(telegram(settings).await);
    lines.push(gemini(settings).await);
    lines.push(kling(settings).await);
    lines.push(shop::shop(settings).await);
    lines.push(shop::notices(settings));
    lines.push(shop::stars(settings));
    lines.push(files(settings).await);
    let fine = lines.iter().all(|line| line.works);
    if as_json {
        let rows: Vec<_> = lines
            .iter()
            .map(|line| json!({ "what": line.what, "works": line.works, "says": line.says }))
            .collect();
        println!("{}", json!({ "fine": fine, "checks": rows }));
    } else {
        print_table(settings, &lines);
    }
    Ok(if fine { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_table(settings: &Settings, lines: &[Line]) {
    for row in settings.describe() {
        let (value, origin) = row.texts(Language::English);
        println!("  {:<28} {value} ({origin})", row.name);
    }
    for note in settings.notes() {
        println!("note: {}", note.text(Language::English));
    }
    for line in lines {
        println!("{} {:<10} {}", if line.works { "ok  " } else { "FAIL" }, line.what, line.says);
    }
}

fn catalog(settings: &Settings) -> Line {
    let what = "catalogue";
    match wiring::catalog(settings) {
        Ok(catalog) if catalog.broken.is_empty() => {
            let (on_sale, off) = (catalog.on_sale().count(), catalog.unserved.len());
            let says = format!(
                "version {}, {on_sale} on sale, {off} not served by these settings (rei catalog check)",
                catalog.version
            );
            Line { what, works: true, says }
        }
        Ok(catalog) => {
            let named: Vec<String> =
                catalog.broken.iter().map(|row| format!("{}: {}", row.sku, row.reason)).collect();
            Line { what, works: false, says: named.join("; ") }
        }
        Err(error) => Line { what, works: false, says: format!("{error:#}") },
    }
}

async fn database(settings: &Settings) -> Line {
    let settings = settings.clone();
    let opened =
        tokio::task::spawn_blocking(move || wiring::open_book(&settings).map(|_| ())).await;
    let (works, says) = match opened {
        Ok(Ok(())) => (true, "opens and is up to date".to_owned()),
        Ok(Err(error)) => (false, format!("{error:#}")),
        Err(_) => (false, "opening it panicked".to_owned()),
    };
    Line { what: "database", works, says }
}

async fn telegram(settings: &Settings) -> Line {
    let what = "telegram";
    let asked = match wiring::telegram(settings) {
        Ok(client) => client.get_me().await.map_err(anyhow::Error::from),
        Err(error) => Err(error),
    };
    match asked {
        Ok(me) => {
            Line { what, works: true, says: format!("the token belongs to @{}", me.username) }
        }
        Err(error) => Line { what, works: false, says: format!("{error:#}") },
    }
}

async fn gemini(settings: &Settings) -> Line {
    let what = "gemini";
    let clock: SharedClock = Arc::new(SystemClock);
    let alone: SharedLimits = Arc::new(Alone);
    match wiring::gemini(settings, &clock, &alone) {
        Ok(None) => Line { what, works: true, says: "pictures are off".to_owned() },
        Ok(Some(gemini)) => match gemini.check_key().await {
            Ok(()) => Line { what, works: true, says: "the key is taken".to_owned() },
            Err(rejection) => Line {
                what,
                works: false,
                says: format!("the key is not taken: {}", rejection.code),
            },
        },
        Err(error) => Line { what, works: false, says: format!("{error:#}") },
    }
}

async fn kling(settings: &Settings) -> Line {
    let what = "kling";
    let clock: SharedClock = Arc::new(SystemClock);
    let alone: SharedLimits = Arc::new(Alone);
    match wiring::kling(settings, &clock, &alone) {
        Ok(None) => Line { what, works: true, says: "videos are off".to_owned() },
        Ok(Some(kling)) => match kling.check_key().await {
            Ok(()) if kling.is_legacy() => {
                Line { what, works: true, says: "the pair of keys is taken (older API)".to_owned() }
            }
            Ok(()) => Line { what, works: true, says: "the key is taken".to_owned() },
            Err(rejection) => Line {
                what,
                works: false,
                says: format!("the key is not taken: {}", rejection.code),
            },
        },
        Err(error) => Line { what, works: false, says: format!("{error:#}") },
    }
}

/// Writes a tiny file and takes it away again, in the folder and in the bucket.
async fn files(settings: &Settings) -> Line {
    let what = "files";
    let place = if settings.files.s3.is_some() { "the bucket" } else { "the folder" };
    let opened = settings.clone();
    let opened = tokio::task::spawn_blocking(move || wiring::blobs(&opened)).await;
    match opened {
        Ok(Ok(blobs)) => match blobs.check().await {
            Ok(()) => Line { what, works: true, says: format!("{place} takes and gives files") },
            Err(error) => Line { what, works: false, says: format!("{place}: {error}") },
        },
        Ok(Err(error)) => Line { what, works: false, says: format!("{error:#}") },
        Err(_) => Line { what, works: false, says: "opening it panicked".to_owned() },
    }
}
