//! `cargo xtask test`: everything that must hold, in one command; CI runs the same.

use anyhow::Result;

use crate::postgres::Postgres;
use crate::steps::Steps;
use crate::{cargo, needs, tidy};

/// Where tests find the run's PostgreSQL.
const POSTGRES_VARIABLE: &str = "REI_TEST_POSTGRES";

/// The crash tests need the places where the process can be killed.
const TESTED: [&str; 3] = ["--workspace", "--features", "rei-server/crash-points"];

/// The tests that play the fuzz targets: a step of their own, because of what they print.
const FUZZ_TARGETS: &str = "fuzz_targets";

/// What to test.
#[derive(clap::Args)]
pub struct Arguments {
    /// Leaves out what takes long: of the tests only those beside the code, and no examples of the documentation.
    #[arg(long)]
    quick: bool,
    /// Only tests whose name has one of these words; the other steps run as usual.
    filters: Vec<String>,
}

impl Arguments {
    /// In a step of their own that prints how many inputs were played; asked for by name they are found among the other
    /// tests, and so they are without nextest.
    fn plays_fuzz_apart(&self) -> bool {
        !self.quick && self.filters.is_empty() && needs::find("cargo-nextest").is_some()
    }
}

/// Runs the steps and sums up.
///
/// # Errors
/// When a step failed.
pub fn run(arguments: &Arguments) -> Result<()> {
    println!("compiled code is kept in {}", cargo::target_dir().display());
    let mut steps = Steps::default();
    steps.run("programs", needs::ensure);
    if steps.have_failed() {
        // Every test that needs a missing program would say the same, one by one.
        return steps.finish();
    }
    steps.run("format", || cargo::run(cargo::command().args(["fmt", "--all", "--check"])));
    steps.run("tidy", || tidy::report(&cargo::root()));
    steps.run("lints", || {
        let mut clippy = cargo::command();
        clippy.arg("clippy").args(TESTED).args(["--all-targets", "--", "--deny", "warnings"]);
        cargo::run(&mut clippy)
    });
    if !arguments.quick {
        steps.run("examples in documentation", || {
            cargo::run(cargo::command().args(["test", "--doc"]).args(TESTED))
        });
    }
    if arguments.plays_fuzz_apart() {
        steps.run("fuzz targets", run_fuzz_targets);
    }
    let mut postgres = None;
    steps.run("postgresql", || {
        postgres = Some(Postgres::start()?);
        Ok(())
    });
    // Last, so that a reader of the output finds the count of the tests at its end.
    steps.run("tests", || run_tests(arguments, postgres.as_ref()));
    drop(postgres);
    steps.finish()
}

/// A fixed number of inputs for each; the output says how many.
fn run_fuzz_targets() -> Result<()> {
    let mut command = cargo::command();
    command.arg("test").args(TESTED).args(["--test", FUZZ_TARGETS, "--", "--nocapture"]);
    cargo::run(&mut command)
}

/// By `cargo nextest` when it is there (one process a test, all at once), else by `cargo test`.
fn run_tests(arguments: &Arguments, postgres: Option<&Postgres>) -> Result<()> {
    let nextest = needs::find("cargo-nextest").is_some();
    let mut command = cargo::command();
    command
        .args(if nextest { ["nextest", "run"].as_slice() } else { &["test"] })
        .args(TESTED)
        .arg("--no-fail-fast");
    if nextest {
        if arguments.plays_fuzz_apart() {
            command.args(["--filterset", &format!("not binary({FUZZ_TARGETS})")]);
        }
        // Tests of the product mostly wait: for leases, for pauses, for processes that start.
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        command.args(["--test-threads", &(cores * 2).to_string()]);
    }
    if arguments.quick {
        command.args(["--lib", "--bins"]);
    } else if !nextest {
        command.arg("--all-targets");
    }
    if !arguments.filters.is_empty() {
        command.arg("--").args(&arguments.filters);
    }
    if let Some(postgres) = postgres {
        command.env(POSTGRES_VARIABLE, postgres.url());
    }
    cargo::run(&mut command)
}
