//! Measures the product against the simulators and prints tables beside the goals.
//!
//! The product runs in processes of its own, so that its CPU and memory are its own; the simulators and the customers run
//! here. Machines are shared and noisy: trust ratios within one run.

#![allow(clippy::disallowed_methods, reason = "a bench is a stopwatch")]
#![allow(clippy::print_stdout, reason = "its tables are its result")]

mod files;
mod flows;
mod load;
mod pairs;
mod product;
mod queue;
mod servers;
mod silence;
mod system;
mod wake;

use std::time::{Duration, Instant};

use clap::Parser;

use servers::Servers;

/// What a customer of the bench waits for at most.
const WITHIN: Duration = Duration::from_secs(30);
/// Flows a second of the same system in Python on two cores, and what they cost (design.md, section 11).
const PYTHON_FLOWS: f64 = 66.0;
const PYTHON_CPU_MS: f64 = 19.7;
/// What a file may cost in memory while it passes through (design.md, section 11: it does not grow with the file).
const FILE_GROWTH_MIB: u64 = 8;

/// Without a section, all of them.
#[derive(Parser)]
struct Args {
    /// Fewer rows and smaller books: under two minutes.
    #[arg(long)]
    quick: bool,
    /// Customers who order pictures, in each shape of the house; start-up time and memory.
    #[arg(long)]
    flows: bool,
    /// Holds and captures alone, in books of every length.
    #[arg(long)]
    ledger: bool,
    /// Claims of jobs, beside a million finished ones.
    #[arg(long)]
    queue: bool,
    /// From a job's commit to its start on an idle worker.
    #[arg(long)]
    wake: bool,
    /// Answers while the payment system hangs.
    #[arg(long)]
    payments: bool,
    /// The memory that files take on their way.
    #[arg(long)]
    files: bool,
    /// Seconds of load in each row about flows.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

impl Args {
    fn load(&self) -> Duration {
        Duration::from_secs(if self.quick { self.seconds.min(4) } else { self.seconds })
    }

    fn all(&self) -> bool {
        ![self.flows, self.ledger, self.queue, self.wake, self.payments, self.files].contains(&true)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let (all, began) = (args.all(), Instant::now());
    let mut servers = Servers::default();
    if all || args.flows {
        flows::tables(&mut servers, args.load(), args.quick).await?;
    }
    if all || args.ledger {
        pairs::tables(&mut servers, args.quick).await?;
    }
    if all || args.queue {
        queue::table(&mut servers, args.quick).await?;
    }
    if all || args.wake {
        wake::table(&mut servers, args.quick).await?;
    }
    if all || args.payments {
        silence::table(args.quick).await?;
    }
    if all || args.files {
        files::table(args.quick).await?;
    }
    println!(
        "goals: flows/s >= {:.0} (20 x {PYTHON_FLOWS}), CPU below {PYTHON_CPU_MS} ms/flow, answer p99 <= 50 ms at half load, \
         RSS <= 40 MiB idle and <= 120 MiB loaded, start <= 200 ms, hold+capture not slower by 10 % in a large book, \
         idle worker -> job started p99 < 20 ms with Redis, memory grows by less than {FILE_GROWTH_MIB} MiB for a 20 MB file",
        PYTHON_FLOWS * 20.0
    );
    println!("measured in {:.0} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// A table's name and the names of its columns, each as wide as it is written here.
fn head(title: &str, columns: &[&str]) {
    println!("{title}");
    println!("{}", columns.join("  "));
}

/// One line of a table, set under its columns.
fn row(columns: &[&str], cells: &[String]) {
    let set = columns.iter().zip(cells).map(|(column, cell)| {
        let width = column.chars().count();
        format!("{cell:>width$}")
    });
    println!("{}", set.collect::<Vec<_>>().join("  "));
}
