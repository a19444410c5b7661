//! `cargo xtask fuzz`: one target by libFuzzer, for as long as it is let, on the compiler that builds everything else.
//!
//! Only our own crates are compiled with coverage, by this program in the place of their compiler, so everything else
//! is as it was built before, and a first run waits for less than a minute or two.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::cargo;

/// Says that this program was called in the place of a compiler.
const AS_COMPILER_VARIABLE: &str = "REI_XTASK_COVERAGE";

/// What libFuzzer needs to know which branches an input took.
const COVERAGE: [&str; 6] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
];

/// The longest input that is tried, in bytes.
const INPUT_MAX_BYTES: u32 = 8 * 1024;
/// An input that takes longer is taken for one that hangs.
const INPUT_MAX_S: u32 = 20;

/// What to fuzz, and for how long.
#[derive(clap::Args)]
pub struct Arguments {
    /// The target: the name of a folder in fuzz/corpus.
    target: String,
    /// Stops after so many inputs.
    #[arg(long)]
    runs: Option<u64>,
    /// Stops after so many seconds.
    #[arg(long)]
    seconds: Option<u64>,
    /// Only builds the target and prints where it is.
    #[arg(long)]
    build: bool,
    /// Plays these inputs instead of looking for new ones.
    inputs: Vec<PathBuf>,
}

/// Builds the target with coverage and runs it until it breaks, is stopped, or has done what was asked.
///
/// # Errors
/// When there is no such target, it does not build, or an input broke a promise.
pub fn run(arguments: &Arguments) -> Result<()> {
    let target = &arguments.target;
    let kept = cargo::root().join("fuzz").join("corpus").join(target);
    if !kept.is_dir() {
        bail!("there is no target {target}; fuzz/corpus has a folder for each");
    }
    let mut build = cargo::command();
    build.args(["build", "--package", "rei-fuzz", "--features", "libfuzzer", "--bin"]).arg(target);
    build.env("RUSTC_WORKSPACE_WRAPPER", env::current_exe()?).env(AS_COMPILER_VARIABLE, "1");
    // Of our own crates alone: everything else has its level in Cargo.toml.
    build.env("CARGO_PROFILE_DEV_OPT_LEVEL", "2");
    cargo::run(&mut build)?;
    let program = cargo::target_dir().join("debug").join(target);
    if arguments.build {
        println!("{}", program.display());
        return Ok(());
    }
    let mut fuzz = Command::new(program);
    fuzz.current_dir(cargo::root());
    fuzz.arg(format!("-max_len={INPUT_MAX_BYTES}")).arg(format!("-timeout={INPUT_MAX_S}"));
    if arguments.inputs.is_empty() {
        let found = cargo::target_dir().join("fuzz");
        let (inputs, failures) = (found.join("corpus").join(target), found.join("failures"));
        for folder in [&inputs, &failures] {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        fuzz.arg(format!("-artifact_prefix={}/{target}-", failures.display()));
        fuzz.args(arguments.runs.map(|runs| format!("-runs={runs}")));
        fuzz.args(arguments.seconds.map(|seconds| format!("-max_total_time={seconds}")));
        fuzz.arg(inputs).arg(kept);
    } else {
        fuzz.args(&arguments.inputs);
    }
    cargo::run(&mut fuzz)
}

/// Compiles one of our crates with coverage, when this program was called for that; cargo hands over the compiler and
/// its arguments.
pub fn as_compiler() -> Option<ExitCode> {
    env::var_os(AS_COMPILER_VARIABLE)?;
    let mut words = env::args_os().skip(1);
    let mut compiler = Command::new(words.next()?);
    let words: Vec<OsString> = words.collect();
    compiler.args(&words);
    if is_covered(&words) {
        compiler.args(COVERAGE);
    }
    match compiler.status() {
        Ok(status) if status.success() => Some(ExitCode::SUCCESS),
        Ok(_) => Some(ExitCode::FAILURE),
        Err(error) => {
            eprintln!("error: the compiler cannot be started: {error}");
            Some(ExitCode::FAILURE)
        }
    }
}

/// Questions to the compiler name no crate, and build scripts run without libFuzzer.
fn is_covered(words: &[OsString]) -> bool {
    let name = words.iter().skip_while(|word| *word != "--crate-name").nth(1);
    name.and_then(|name| name.to_str())
        .is_some_and(|name| !name.starts_with("build_script") && name != "___")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_crates_of_the_program_are_covered() {
        let covered = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            is_covered(&words)
        };
        assert!(covered("--crate-name rei_domain --edition=2024 src/lib.rs"));
        assert!(!covered("--crate-name build_script_build build.rs"));
        assert!(!covered("- --crate-name ___ --print=file-names"));
        assert!(!covered("-vV"));
    }
}
