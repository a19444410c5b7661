//! The commands of the binary. Each has its file; this one reads the command line and sets the exit code:
//! 0 fine, 1 failed, 2 wrong use or settings.

mod admin;
mod audit;
mod backup;
mod catalog;
mod check;
pub mod demo;
mod migrate;
mod queue;
mod serve;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::product::Roles;
use crate::settings::{EXIT_CODE_WRONG_USE, Settings, from_process};

/// Threads for files and pictures: enough to keep a disk busy; each costs memory of its own.
const BLOCKING_THREADS_MAX: usize = 16;

/// Sells AI pictures in Telegram. Try `rei demo`: it needs no key.
#[derive(Debug, Parser)]
#[command(name = "rei", version, about, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything against simulators, with a page or a script. Example: rei demo --script demo/first-order.txt
    Demo(demo::Args),
    /// Bot, worker, scheduler and web door in one process. Example: rei serve
    Serve,
    /// The chat's door alone: updates in, messages out. Example: rei bot
    Bot,
    /// A worker alone. Example: rei worker --no-scheduler
    Worker(WorkerArgs),
    /// The web door alone: health, metrics, webhooks of Telegram and YooKassa. Example: rei web
    Web,
    /// Checks settings, catalogue, database, Telegram, provider keys and the shop. Example: rei check
    Check(JsonArgs),
    /// Brings the database up to date, or moves the book to another one. Example: rei migrate --from sqlite://rei-data/rei.db
    Migrate(migrate::Args),
    /// Re-adds the whole book and prints the trial balance. Example: rei audit --json
    Audit(JsonArgs),
    /// Lists, shows, retries, pauses and drains jobs. Example: rei queue list --state dead
    Queue(queue::Args),
    /// What owners do without the chat. Example: rei admin add 42 100 gift
    Admin(admin::Args),
    /// Checks and prints what is sold. Example: rei catalog show
    Catalog(catalog::Args),
    /// Copies the live book and names the artifacts' folder. Example: rei backup /backups/2026-11-24
    Backup(backup::BackupArgs),
    /// Puts a copy in place; the target must be empty. Example: rei restore /backups/2026-11-24
    Restore(backup::RestoreArgs),
}

#[derive(Debug, clap::Args)]
struct WorkerArgs {
    /// Run periodic tasks, too, while no other process does (the default).
    #[arg(long, conflicts_with = "no_scheduler")]
    with_scheduler: bool,
    /// Never run periodic tasks.
    #[arg(long)]
    no_scheduler: bool,
}

impl WorkerArgs {
    fn roles(&self) -> Roles {
        let scheduler = self.with_scheduler || !self.no_scheduler;
        Roles { worker: true, scheduler, ..Roles::default() }
    }
}

#[derive(Debug, clap::Args)]
struct JsonArgs {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Printing can only fail when nobody reads.
            let _ = error.print();
            return if error.use_stderr() {
                ExitCode::from(EXIT_CODE_WRONG_USE)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime could be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(dispatch(cli.command));
    // A picture that is still being read belongs to a job that was handed back: nobody waits for it.
    runtime.shutdown_background();
    match ended {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    if let Command::Demo(args) = command {
        return demo::run(args).await;
    }
    let settings = match from_process() {
        Ok(settings) => settings,
        Err(problems) => {
            eprintln!("{problems}");
            return Ok(ExitCode::from(EXIT_CODE_WRONG_USE));
        }
    };
    match command {
        Command::Demo(_) => Ok(ExitCode::SUCCESS),
        Command::Serve => serve::run(settings, Roles::ALL).await,
        Command::Bot => serve::run(settings, Roles { bot: true, ..Roles::default() }).await,
        Command::Web => serve::run(settings, Roles { web: true, ..Roles::default() }).await,
        Command::Worker(args) => serve::run(settings, args.roles()).await,
        Command::Check(args) => check::run(&settings, args.json).await,
        Command::Migrate(args) => blocking(move || migrate::run(&settings, &args)).await,
        Command::Audit(args) => blocking(move || audit::run(&settings, args.json)).await,
        Command::Queue(args) => blocking(move || queue::run(&settings, &args)).await,
        Command::Admin(args) => blocking(move || admin::run(&settings, &args)).await,
        Command::Catalog(args) => catalog::run(&settings, &args).await,
        Command::Backup(args) => blocking(move || backup::backup(&settings, &args)).await,
        Command::Restore(args) => blocking(move || backup::restore(&settings, &args)).await,
    }
}

/// The book's blocking calls must not run on the runtime's threads.
async fn blocking(
    work: impl FnOnce() -> anyhow::Result<ExitCode> + Send + 'static,
) -> anyhow::Result<ExitCode> {
    tokio::task::spawn_blocking(work).await?
}

/// The house of a command that needs the book and nothing running.
fn quiet_house(settings: &Settings) -> anyhow::Result<rei_app::House> {
    let book = crate::wiring::open_book(settings)?;
    let clock = Arc::new(crate::system::SystemClock);
    let chance = Arc::new(crate::system::SystemChance);
    crate::wiring::house(settings, book, clock, chance, &crate::wiring::Extras::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles_of(line: &[&str]) -> Roles {
        match Cli::try_parse_from(line).expect("a command line").command {
            Command::Worker(args) => args.roles(),
            command => panic!("{command:?} is no worker"),
        }
    }

    #[test]
    fn a_worker_without_scheduler_never_has_its_role() {
        assert!(!roles_of(&["rei", "worker", "--no-scheduler"]).scheduler);
        assert!(roles_of(&["rei", "worker"]).scheduler);
        assert!(roles_of(&["rei", "worker", "--with-scheduler"]).scheduler);
        let both = ["rei", "worker", "--with-scheduler", "--no-scheduler"];
        assert!(Cli::try_parse_from(both).is_err());
    }
}
