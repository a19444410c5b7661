//! Plays a target for a fixed number of inputs, without any special compiler.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use crate::{Inputs, Target};

/// An input that takes longer than this is taken for one that hangs.
const INPUT_MAX: Duration = Duration::from_secs(20);

/// What was played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Played {
    /// Inputs of the corpus.
    pub kept: usize,
    /// Inputs that were made of them.
    pub made: u32,
}

enum Step {
    Next(Vec<u8>),
    Broken,
    Done,
}

/// Plays every kept input of the target, then `runs` made ones of `seed`. Says the first input that breaks a promise or
/// hangs, and leaves it in `failures` for `cargo xtask fuzz <target> <file>`.
///
/// # Errors
/// That input's file; or the corpus can't be read.
pub fn play(
    target: Target,
    corpus: &Path,
    runs: u32,
    seed: u64,
    failures: &Path,
) -> io::Result<Result<Played, PathBuf>> {
    let kept = kept(&corpus.join(target.name))?;
    let played = Played { kept: kept.len(), made: runs };
    let (steps, seen) = mpsc::channel();
    // A thread of its own: one that hangs is left behind, and the process ends with the report.
    let player = thread::Builder::new().name(target.name.to_owned());
    player.spawn(move || run(target, &kept, runs, seed, &steps))?;
    let mut input = Vec::new();
    loop {
        match seen.recv_timeout(INPUT_MAX) {
            Ok(Step::Next(next)) => input = next,
            Ok(Step::Done) => return Ok(Ok(played)),
            Ok(Step::Broken) => return leave(target, &input, failures).map(Err),
            Err(RecvTimeoutError::Disconnected) => {
                return leave(target, &input, failures).map(Err);
            }
            Err(RecvTimeoutError::Timeout) => {
                eprintln!("{}: no end after {} s", target.name, INPUT_MAX.as_secs());
                return leave(target, &input, failures).map(Err);
            }
        }
    }
}

fn run(target: Target, kept: &[Vec<u8>], runs: u32, seed: u64, steps: &Sender<Step>) {
    let inputs = Inputs::new(seed, kept, target.words);
    let made = (0..runs).map(|_| inputs.make());
    for input in kept.iter().cloned().chain(made) {
        if steps.send(Step::Next(input.clone())).is_err() {
            return;
        }
        if catch_unwind(AssertUnwindSafe(|| (target.run)(&input))).is_err() {
            let _ = steps.send(Step::Broken);
            return;
        }
    }
    let _ = steps.send(Step::Done);
}

/// The inputs of a folder, in the order of their names.
fn kept(folder: &Path) -> io::Result<Vec<Vec<u8>>> {
    let entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    let mut files: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    files.sort();
    files.iter().map(fs::read).collect()
}

fn leave(target: Target, input: &[u8], failures: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(failures)?;
    let file = failures.join(format!("{}.input", target.name));
    fs::write(&file, input)?;
    eprintln!("{}: broken by {:?}", target.name, String::from_utf8_lossy(input));
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_that_breaks_a_promise_is_left_behind_and_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let kept = folder.path().join("picky");
        fs::create_dir_all(&kept).expect("a folder");
        for (name, input) in [("1", "fine"), ("2", "this one breaks"), ("3", "never played")] {
            fs::write(kept.join(name), input).expect("an input");
        }
        let run: fn(&[u8]) = |input| assert!(!input.starts_with(b"this"), "a promise is broken");
        let picky = Target { name: "picky", run, runs: 0, words: &[] };
        let played = play(picky, folder.path(), 0, 1, folder.path()).expect("readable");
        let file = played.expect_err("the second input breaks it");
        assert_eq!(fs::read(file).expect("it is left there"), b"this one breaks");
    }
}
