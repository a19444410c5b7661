//! Runs named steps one after the other, all of them, and sums up which failed and how long each took.

use std::fmt;
use std::time::Duration;

use anyhow::{Result, bail};

/// The steps so far.
#[derive(Default)]
pub struct Steps {
    done: Vec<Done>,
}

struct Done {
    name: &'static str,
    took: Duration,
    failed: bool,
}

impl Steps {
    /// Runs one step under a heading. A failure is printed and remembered; the next steps still run,
    /// since who waits for tests wants to hear of everything at once.
    pub fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) {
        println!("\n== {name}");
        #[expect(
            clippy::disallowed_methods,
            reason = "a stopwatch for the person in front of the terminal"
        )]
        let started = std::time::Instant::now();
        let result = step();
        let took = started.elapsed();
        if let Err(error) = &result {
            println!("error: {error:#}");
        }
        println!("== {name}: {} in {}", word(result.is_err()), Seconds(took));
        self.done.push(Done { name, took, failed: result.is_err() });
    }

    /// Whether a step has failed so far.
    pub fn have_failed(&self) -> bool {
        self.done.iter().any(|step| step.failed)
    }

    /// Prints the summary.
    ///
    /// # Errors
    /// When a step failed.
    pub fn finish(self) -> Result<()> {
        println!("\n== summary");
        for step in &self.done {
            println!(
                "{:<6} {:>9}  {}",
                word(step.failed),
                Seconds(step.took).to_string(),
                step.name
            );
        }
        let failed: Vec<&str> =
            self.done.iter().filter(|step| step.failed).map(|step| step.name).collect();
        match failed.as_slice() {
            [] => Ok(()),
            failed => bail!("failed: {}", failed.join(", ")),
        }
    }
}

fn word(failed: bool) -> &'static str {
    if failed { "FAILED" } else { "ok" }
}

struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} s", self.0.as_secs(), self.0.subsec_millis() / 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_fails_the_run_and_the_others_still_run() {
        let mut steps = Steps::default();
        let mut ran = false;
        steps.run("first", || bail!("broken"));
        steps.run("second", || {
            ran = true;
            Ok(())
        });
        assert!(steps.have_failed());
        let error = steps.finish().expect_err("the first failed");
        assert_eq!(error.to_string(), "failed: first");
        assert!(ran);
    }
}
