//! `rei catalog`: checks and prints what is sold, with cost and margin, and resumes what a fault has stopped.

use std::process::ExitCode;

use clap::Subcommand;
use rei_domain::catalog::{Catalog, Choices, Model};
use rei_domain::clock::Clock;
use rei_storage::admin;

use crate::settings::Settings;
use crate::system::SystemClock;
use crate::wiring::{catalog, open_book};

/// A clip of this length stands for those whose length makes the price.
const SAMPLE_CLIP_MS: u64 = 5_000;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Names broken rows; exits with 1 if there are any. Example: rei catalog check
    Check,
    /// A table of price, cost and margin for each combination. Example: rei catalog show
    Show,
    /// Sells a row, or everything of a provider, that a fault has switched off. Example: rei catalog resume kling
    Resume {
        /// A provider's name or a row's sku.
        name: String,
    },
}

pub(super) async fn run(settings: &Settings, args: &Args) -> anyhow::Result<ExitCode> {
    let catalog = catalog(settings)?;
    for broken in &catalog.broken {
        println!("{}: {}", broken.sku, broken.reason);
    }
    for row in &catalog.unserved {
        println!("{} is not sold: {}", row.sku, row.reason);
    }
    match &args.command {
        Command::Check if catalog.broken.is_empty() => println!("no row is broken"),
        Command::Check => return Ok(ExitCode::FAILURE),
        Command::Show => show(&catalog),
        Command::Resume { name } => return resume(settings, &catalog, name).await,
    }
    Ok(ExitCode::SUCCESS)
}

fn show(catalog: &Catalog) {
    println!(
        "{:<24} {:<12} {:<6} {:<9} {:>4} {:>12} {:>10} {:>7}",
        "sku", "kind", "size", "sound", "s", "price", "cost $", "margin"
    );
    for model in catalog.on_sale() {
        for choices in model.combinations() {
            line(catalog, model, &choices);
        }
    }
}

fn line(catalog: &Catalog, model: &Model, choices: &Choices) {
    let length_ms = model.length_follows_input().then_some(SAMPLE_CLIP_MS);
    let Some(priced) = catalog.price(model, choices, length_ms) else { return };
    let (price, cost) = (priced.sale.get(), catalog.in_kopecks(priced.cost).get());
    let margin = (price - cost) * 100 / price.max(1);
    let dollars = format!("{}.{:04}", priced.cost.0 / 1_000_000, priced.cost.0 % 1_000_000 / 100);
    let seconds = match (length_ms, choices.seconds) {
        (Some(ms), _) => format!("~{}", ms / 1000),
        (None, 0) => String::new(),
        (None, seconds) => seconds.to_string(),
    };
    println!(
        "{:<24} {:<12} {:<6} {:<9} {seconds:>4} {:>12} {dollars:>10} {margin:>6}%",
        model.sku,
        model.kind.as_str(),
        choices.size,
        choices.sound,
        priced.sale.to_string(),
    );
}

async fn resume(settings: &Settings, catalog: &Catalog, name: &str) -> anyhow::Result<ExitCode> {
    let switch = if catalog.model(name).is_some() {
        format!("model:{name}")
    } else if catalog.all().any(|model| model.provider == name) {
        format!("provider:{name}")
    } else {
        eprintln!("there is neither a row nor a provider `{name}`; see: rei catalog show");
        return Ok(ExitCode::FAILURE);
    };
    let settings = settings.clone();
    let book = tokio::task::spawn_blocking(move || open_book(&settings)).await??;
    let now = SystemClock.now();
    let key = switch.clone();
    book.write(move |tx| admin::set_switch(tx, &key, "on", "resumed", now)).await?;
    println!("{switch} is sold again; running processes notice within a quarter of a minute");
    tokio::task::spawn_blocking(move || book.close()).await?;
    Ok(ExitCode::SUCCESS)
}
