//! The project's own commands: `cargo xtask` lists them, `cargo xtask test` is all of CI.

mod cargo;
mod fuzz;
mod needs;
mod postgres;
mod steps;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Commands for working on the project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Format, lints, tidy and all tests. Installs (as root or by sudo) or names the programs that are missing.
    ///
    /// Example: cargo xtask test
    Test(test::Arguments),
    /// The rules of the house that a machine can check: who imports whom, where SQL and Russian may stand, and so on.
    ///
    /// Example: cargo xtask tidy
    Tidy,
    /// Looks for inputs that break a promise of one fuzz target, by libFuzzer, until it is stopped.
    ///
    /// Example: cargo xtask fuzz update --seconds 600
    Fuzz(fuzz::Arguments),
    /// Runs the benchmarks against the simulators and prints their tables.
    ///
    /// Example: cargo xtask bench -- --help
    Bench {
        /// Passed on to the bench program.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Builds the release binary and prints where it is and how big.
    ///
    /// Example: cargo xtask dist
    Dist,
}

fn main() -> ExitCode {
    if let Some(compiled) = fuzz::as_compiler() {
        return compiled;
    }
    let result = match Arguments::parse().command {
        Command::Test(arguments) => test::run(&arguments),
        Command::Tidy => tidy::report(&cargo::root()),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Bench { arguments } => bench(&arguments),
        Command::Dist => dist(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bench(arguments: &[String]) -> Result<()> {
    // The product runs as a process of its own, so its binary must be there, too.
    cargo::run(cargo::command().args([
        "build",
        "--release",
        "--package",
        "rei-server",
        "--features",
        "bench",
        "--bins",
    ]))?;
    let mut command = cargo::command();
    command.args([
        "run",
        "--release",
        "--package",
        "rei-server",
        "--features",
        "bench",
        "--bin",
        "rei-bench",
        "--",
    ]);
    cargo::run(command.args(arguments))
}

fn dist() -> Result<()> {
    cargo::run(cargo::command().args([
        "build",
        "--release",
        "--locked",
        "--package",
        "rei-server",
        "--bin",
        "rei",
    ]))?;
    let binary = cargo::target_dir().join("release").join("rei");
    let bytes = binary.metadata()?.len();
    // Tenths of a MiB are as exact as anybody wants to know it.
    let tenths = bytes * 10 / (1024 * 1024);
    println!("{}: {}.{} MiB", binary.display(), tenths / 10, tenths % 10);
    Ok(())
}
