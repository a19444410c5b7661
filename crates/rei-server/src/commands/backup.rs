//! `rei backup` and `rei restore`: a copy of the live book with its artifacts, and back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use rei_storage::{Book, SqliteOptions, ledger};

use crate::settings::{Database, Settings};
use crate::wiring::open_book;

const BOOK: &str = "rei.db";
const BLOBS: &str = "blobs";

#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    /// A new folder for the copy.
    target: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    /// The folder that `rei backup` made.
    source: PathBuf,
}

pub(super) fn backup(settings: &Settings, args: &BackupArgs) -> anyhow::Result<ExitCode> {
    if args.target.exists() {
        bail!("{} exists already; name a new folder", args.target.display());
    }
    let book = open_book(settings)?;
    fs::create_dir_all(&args.target)?;
    book.backup_to(args.target.join(BOOK))?;
    // After the book: a file too many is harmless, a file too few is not.
    let copied = copy_folder(&settings.files.data_dir.join(BLOBS), &args.target.join(BLOBS))?;
    println!("the book and {copied} files are in {}", args.target.display());
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restore(settings: &Settings, args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let Database::Sqlite { path } = &settings.database else {
        bail!("a PostgreSQL book is restored by pg_restore; see docs/runbook.md");
    };
    if path.exists() {
        bail!("{} exists already; a copy is only put into an empty place", path.display());
    }
    let source = args.source.join(BOOK);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(&source, path).with_context(|| format!("{} can't be copied", source.display()))?;
    let copied = copy_folder(&args.source.join(BLOBS), &settings.files.data_dir.join(BLOBS))?;
    let book = Book::open_sqlite(SqliteOptions { path: path.clone(), readers: 1 })?;
    book.migrate()?;
    let report = book.blocking_read(ledger::audit)?;
    println!(
        "{} transfers and {copied} files are in place, {} findings",
        report.transfers, report.findings.count
    );
    Ok(if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<u64> {
    fs::create_dir_all(to)?;
    let mut copied = 0;
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => {
            return Err(error).with_context(|| format!("{} can't be read", from.display()));
        }
    };
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            // Half-written files are of no use to anybody.
            if entry.file_name() != "tmp" {
                copied += copy_folder(&entry.path(), &target)?;
            }
        } else {
            fs::copy(entry.path(), &target)?;
            copied += 1;
        }
    }
    Ok(copied)
}
