//! `rei backup` and `rei restore`: a copy of the live book with its artifacts, and back.

mod files;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use rei_storage::{Book, SqliteOptions, ledger};

use crate::settings::{Database, Settings};
use crate::wiring::open_book;

use files::Listed;

const BOOK: &str = "rei.db";
const BLOBS: &str = "blobs";
/// What stands beside a database that was not closed; with another book it would destroy it.
const BESIDE: [&str; 2] = ["-wal", "-shm"];
/// Files that are missing or damaged are named up to this many.
const NAMED_MAX: usize = 50;

#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    /// A new folder for the copy.
    target: PathBuf,
    /// The files alone: for a book on PostgreSQL, which pg_dump copies.
    #[arg(long)]
    files_only: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    /// The folder that `rei backup` made.
    source: PathBuf,
    /// The files alone: for a book on PostgreSQL, which pg_restore puts back.
    #[arg(long)]
    files_only: bool,
}

pub(super) fn backup(settings: &Settings, args: &BackupArgs) -> anyhow::Result<ExitCode> {
    if args.target.exists() {
        bail!("{} exists already; name a new folder", args.target.display());
    }
    let with_book = !args.files_only;
    if with_book && matches!(settings.database, Database::Postgres { .. }) {
        bail!(
            "a PostgreSQL book is copied by pg_dump (docs/runbook.md, \"Copies\"); its files by `rei backup --files-only`"
        );
    }
    if with_book {
        let book = open_book(settings)?;
        fs::create_dir_all(&args.target)?;
        book.backup_to(args.target.join(BOOK))?;
    }
    // After the book: a file too many is harmless, a file too few is not.
    let copied = files::copy_all(&blobs_of(settings), &args.target.join(BLOBS))?;
    files::write_list(&args.target, &copied)?;
    let size_bytes: u64 = copied.iter().map(|file| file.size_bytes).sum();
    let what = if with_book { "the book and " } else { "" };
    println!(
        "{what}{} files ({} KiB) are in {}; {} lists the files",
        copied.len(),
        size_bytes / 1024,
        args.target.display(),
        files::LIST
    );
    if settings.files.s3.is_some() {
        println!("the bucket has the other files: copy it with its own means");
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restore(settings: &Settings, args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let into = match &settings.database {
        _ if args.files_only => None,
        Database::Sqlite { path } => Some(path),
        Database::Postgres { .. } => bail!(
            "a PostgreSQL book is put back by pg_restore (docs/runbook.md, \"Copies\"); its files by `rei restore --files-only`"
        ),
    };
    if let Some(path) = into {
        refuse_unless_free(path, &args.source)?;
    }
    let listed = files::read_list(&args.source)?;
    let blobs = blobs_of(settings);
    let copied = files::copy_all(&args.source.join(BLOBS), &blobs)?;
    let wrong = files::differences(&listed, &copied);
    name(&wrong);
    let Some(path) = into else {
        println!("{} files are in place, {} are missing or damaged", copied.len(), wrong.len());
        return Ok(code(wrong.is_empty()));
    };
    put_in_place(&args.source.join(BOOK), path)?;
    let book = Book::open_sqlite(SqliteOptions { path: path.clone(), readers: 1 })?;
    book.migrate()?;
    let report = book.blocking_read(ledger::audit)?;
    println!(
        "{} transfers and {} files are in place, {} files are missing or damaged, {} findings",
        report.transfers,
        copied.len(),
        wrong.len(),
        report.findings.count
    );
    for finding in &report.findings.kept {
        println!("  {finding}");
    }
    Ok(code(report.is_sound() && wrong.is_empty()))
}

const fn code(is_well: bool) -> ExitCode {
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn blobs_of(settings: &Settings) -> PathBuf {
    settings.files.data_dir.join(BLOBS)
}

fn refuse_unless_free(path: &Path, source: &Path) -> anyhow::Result<()> {
    let beside = BESIDE.map(|suffix| with_suffix(path, suffix));
    if let Some(there) =
        [path].into_iter().chain(beside.iter().map(PathBuf::as_path)).find(|it| it.exists())
    {
        bail!("{} exists already; a copy is only put into an empty place", there.display());
    }
    let copy = source.join(BOOK);
    anyhow::ensure!(copy.is_file(), "{} is not there; `rei backup` makes it", copy.display());
    Ok(())
}

/// Whole or not at all under its name.
fn put_in_place(copy: &Path, path: &Path) -> anyhow::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let partial = with_suffix(path, ".partial");
    fs::copy(copy, &partial).with_context(|| format!("{} can't be copied", copy.display()))?;
    fs::File::open(&partial)?.sync_all()?;
    Ok(fs::rename(&partial, path)?)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn name(wrong: &[(&Listed, &'static str)]) {
    for (file, why) in wrong.iter().take(NAMED_MAX) {
        println!("  {} ({} bytes) is {why}", file.name, file.size_bytes);
    }
    if let Some(more) = wrong.len().checked_sub(NAMED_MAX).filter(|more| *more > 0) {
        println!("  and {more} more");
    }
}
