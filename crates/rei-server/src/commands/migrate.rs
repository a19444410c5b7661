//! `rei migrate`: brings the database up to date, or moves the whole book to another one.

use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Context;
use rei_storage::moving::{self, Moved, Place, Step};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::settings::{self, Database, Language, Settings};
use crate::wiring::open_book;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Moves the book of this database. Nothing may run on it.
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// Into this empty one; without it into DATABASE_URL, which keeps the password out of the list of processes.
    #[arg(long, value_name = "URL", requires = "from")]
    to: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(settings: &Settings, args: &Args) -> anyhow::Result<ExitCode> {
    let Some(from) = &args.from else {
        open_book(settings)?;
        match args.json {
            true => println!("{}", json!({ "up_to_date": true })),
            false => println!("the database is up to date"),
        }
        return Ok(ExitCode::SUCCESS);
    };
    // Read here: clap would repeat an address that it can't read, with its password.
    let from = named(from).context("--from can't be read")?;
    let to = match &args.to {
        Some(url) => named(url).context("--to can't be read")?,
        None => place_of(&settings.database)?,
    };
    anyhow::ensure!(from != to, "the book is at {to} already: name another target with --to");
    eprintln!("moving {from} to {to}");
    let mut said = tell;
    let moved = moving::move_book(&from, &to, &mut said)
        .with_context(|| format!("{from} was not moved to {to}"))?;
    match args.json {
        true => println!("{}", in_json(&moved)),
        false => print_summary(&moved, &from, &to),
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads what `DATABASE_URL` takes. An error never repeats the address.
fn named(url: &str) -> anyhow::Result<Place> {
    let database = settings::database(url);
    place_of(&database.map_err(|fault| anyhow::anyhow!(fault.text(Language::English)))?)
}

fn place_of(database: &Database) -> anyhow::Result<Place> {
    Ok(match database {
        Database::Sqlite { path } => Place::Sqlite(path.clone()),
        Database::Postgres { url } => Place::postgres(url.expose_secret())?,
    })
}

/// Progress goes where it does not mix with the result.
fn tell(step: &Step) {
    match step {
        Step::Copied { table, rows, done: true } => eprintln!("{table:<18} {rows:>10} rows"),
        Step::Copied { table, rows, done: false } if std::io::stderr().is_terminal() => {
            eprint!("{table:<18} {rows:>10} rows …\r");
        }
        Step::Copied { .. } | Step::Compared { .. } => {}
        Step::Auditing => eprintln!("all tables are the same on both sides; auditing the target"),
    }
}

fn print_summary(moved: &Moved, from: &Place, to: &Place) {
    let rows: u64 = moved.tables.iter().map(|table| table.digest.rows).sum();
    println!(
        "{rows} rows of {} tables are the same on both sides, so are the sums of {} accounts",
        moved.tables.len(),
        moved.accounts
    );
    println!(
        "{} transfers read, {} seals checked, {} findings",
        moved.audit.transfers, moved.audit.seals, moved.audit.findings.count
    );
    println!("set DATABASE_URL to {to} now, and never start on {from} again: keep it as a copy");
}

fn in_json(moved: &Moved) -> serde_json::Value {
    let tables = moved.tables.iter().map(|table| {
        let digest = table.digest;
        let hash: String = digest.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        json!({ "table": table.name, "rows": digest.rows, "sha256": hash })
    });
    json!({
        "moved": true,
        "tables": tables.collect::<Vec<_>>(),
        "accounts": moved.accounts,
        "transfers": moved.audit.transfers,
        "seals": moved.audit.seals,
        "findings": moved.audit.findings.count,
    })
}
