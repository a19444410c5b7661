//! `rei queue`: what waits, runs and lies dead, and what an operator does about it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Subcommand;
use rei_app::orders::queues_with_places;
use rei_domain::ids::JobId;
use rei_storage::jobs::{self, JobLine};
use rei_storage::{Book, BookError, orders};
use serde_json::json;

use crate::settings::Settings;
use crate::system::SystemClock;
use crate::wiring::{catalog, open_book};

const LISTED_MAX: i64 = 200;
/// How often a drain looks whether it is done.
const LOOK_EVERY: Duration = Duration::from_millis(500);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// How many jobs wait and run, and which queues are paused. Example: rei queue depth
    Depth,
    /// Jobs in a state. Example: rei queue list --state dead --json
    List {
        /// ready, scheduled, running, done or dead.
        #[arg(long, default_value = "ready", value_parser = ["ready", "scheduled", "running", "done", "dead"])]
        state: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// One job. Example: rei queue show AZ3k…
    Show {
        /// The job's id as the list prints it.
        id: String,
    },
    /// Puts a dead job back. Example: rei queue retry AZ3k…
    Retry {
        /// The job's id as the list prints it.
        id: String,
    },
    /// Lets nobody claim jobs of a queue; of one model: rei queue pause providers/kling-3.0. Example: rei queue pause providers
    Pause {
        /// The queue.
        queue: String,
    },
    /// Lets jobs of a queue be claimed again. Example: rei queue resume providers
    Resume {
        /// The queue.
        queue: String,
    },
    /// Pauses a queue and waits until nothing of it runs. Example: rei queue drain providers
    Drain {
        /// The queue.
        queue: String,
        /// Give up after this many seconds.
        #[arg(long, default_value_t = 600)]
        within: u64,
    },
}

pub(super) fn run(settings: &Settings, args: &Args) -> anyhow::Result<ExitCode> {
    let book = open_book(settings)?;
    let now = rei_domain::clock::Clock::now(&SystemClock);
    match &args.command {
        Command::Depth => depth(settings, &book)?,
        Command::List { state, json } => {
            let wanted = state.clone();
            let lines = book.blocking_read(move |tx| jobs::list(tx, &wanted, LISTED_MAX))?;
            if *json {
                println!("{}", serde_json::Value::Array(lines.iter().map(in_json).collect()));
            } else {
                lines.iter().for_each(print_line);
                println!("{} {state}", lines.len());
            }
        }
        Command::Show { id } => {
            let id = job_id(id)?;
            let line = book
                .blocking_read(move |tx| jobs::show(tx, id))?
                .context("there is no such job")?;
            println!("{:#}", in_json(&line));
        }
        Command::Retry { id } => {
            let id = job_id(id)?;
            if !book.blocking_write(move |tx| jobs::revive(tx, id, now))? {
                bail!("the job is not dead");
            }
            println!("the job is ready again; an order that was given back stays so");
        }
        Command::Pause { queue } => pause(&book, queue, true)?,
        Command::Resume { queue } => pause(&book, queue, false)?,
        Command::Drain { queue, within } => drain(&book, queue, Duration::from_secs(*within))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn depth(settings: &Settings, book: &Book) -> anyhow::Result<()> {
    let (depths, paused) =
        book.blocking_read(|tx| Ok::<_, BookError>((jobs::depths(tx)?, jobs::paused(tx)?)))?;
    for depth in &depths {
        println!("{:<28} {:<10} {:>8}", depth.queue, depth.state, depth.jobs);
    }
    if depths.is_empty() {
        println!("nothing waits, nothing runs");
    }
    for queue in paused {
        println!("{queue} is paused");
    }
    let Some(videos) = &settings.videos else { return Ok(()) };
    for queue in queues_with_places(&catalog(settings)?) {
        let name = queue.clone();
        let taken = book.blocking_read(move |tx| orders::places_taken(tx, &name))?.taken;
        if taken > 0 {
            println!("{queue}: {taken} of {} places are taken", videos.concurrency);
        }
    }
    Ok(())
}

fn pause(book: &Book, queue: &str, yes: bool) -> anyhow::Result<()> {
    let name = queue.to_owned();
    book.blocking_write(move |tx| jobs::pause(tx, &name, yes))?;
    println!("{queue} is {}", if yes { "paused" } else { "open" });
    Ok(())
}

fn drain(book: &Book, queue: &str, within: Duration) -> anyhow::Result<()> {
    pause(book, queue, true)?;
    for _ in 0..within.as_millis() / LOOK_EVERY.as_millis() {
        let depths = book.blocking_read(jobs::depths)?;
        let running = depths.iter().find(|depth| depth.queue == queue && depth.state == "running");
        match running {
            None => {
                println!("nothing of {queue} runs any more");
                return Ok(());
            }
            Some(depth) => eprintln!("{} still running", depth.jobs),
        }
        std::thread::sleep(LOOK_EVERY);
    }
    bail!("jobs of {queue} were still running after {within:?}")
}

fn job_id(text: &str) -> anyhow::Result<JobId> {
    JobId::from_short(text).context("a job's id has 22 characters, as the list prints it")
}

fn print_line(line: &JobLine) {
    println!(
        "{} {:<28} {:<14} {:<9} {}/{} {}",
        line.id.to_short(),
        line.queue,
        line.kind,
        line.state,
        line.attempts_made,
        line.attempts_max,
        line.last_error.as_deref().unwrap_or("")
    );
}

fn in_json(line: &JobLine) -> serde_json::Value {
    json!({
        "id": line.id.to_short(),
        "queue": line.queue,
        "kind": line.kind,
        "subject": line.subject,
        "state": line.state,
        "attempts_made": line.attempts_made,
        "attempts_max": line.attempts_max,
        "due_at": line.due_at.millis(),
        "worker": line.worker,
        "last_error": line.last_error,
    })
}
