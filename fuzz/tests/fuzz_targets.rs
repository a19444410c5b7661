//! Every target plays its corpus and a fixed number of changed inputs, the same on every machine.
//!
//! A failure names a file with the input; `cargo xtask fuzz <target> <file>` plays it alone. `REI_FUZZ_SEED` and
//! `REI_FUZZ_RUNS` (times as many inputs) are for those who look for more.

use std::env;
use std::path::{Path, PathBuf};

use rei_fuzz::{TARGETS, Target, play};

/// The seed of every ordinary run.
const SEED: u64 = 20_261_126;

fn check(name: &str) {
    let target: Target = *TARGETS.iter().find(|target| target.name == name).expect("a target");
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let failures = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("fuzz-failures");
    let number = |name: &str| env::var(name).ok().and_then(|value| value.parse::<u32>().ok());
    let seed = number("REI_FUZZ_SEED").map_or(SEED, u64::from);
    let runs = target.runs.saturating_mul(number("REI_FUZZ_RUNS").unwrap_or(1));
    #[expect(clippy::disallowed_methods, reason = "a stopwatch for the reader of the output")]
    let started = std::time::Instant::now();
    let played = play(target, &corpus, runs, seed, &failures).expect("the corpus is readable");
    match played {
        Ok(played) => println!(
            "{name}: {} kept and {} changed inputs in {} ms",
            played.kept,
            played.made,
            started.elapsed().as_millis()
        ),
        Err(file) => panic!("{name} breaks a promise at {}", file.display()),
    }
}

#[test]
fn any_chat_of_updates_is_answered() {
    check("update");
}

#[test]
fn nothing_that_we_did_not_sign_passes_for_a_notification_of_ours() {
    check("notification");
}

#[test]
fn the_data_of_a_button_is_read_as_it_is_written() {
    check("callback");
}

#[test]
fn every_row_of_any_catalogue_that_is_sold_has_a_price_for_all_that_can_be_chosen() {
    check("catalog");
}

#[test]
fn no_answer_of_a_provider_is_a_success_without_a_result() {
    check("provider_reply");
}

#[test]
fn a_sum_that_is_taken_is_the_one_that_was_written() {
    check("money");
}

#[test]
fn the_book_answers_like_a_model_of_ten_lines() {
    check("ledger");
}

#[test]
fn every_target_is_played_and_has_a_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let kept = std::fs::read_dir(corpus).expect("the corpus is readable");
    let mut kept: Vec<_> = kept.map(|entry| entry.expect("an entry").file_name()).collect();
    kept.sort();
    let mut named: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    named.sort_unstable();
    assert_eq!(kept, named);
}
