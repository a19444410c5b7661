//! Many hands on one wallet: from many threads, and from two processes on one file.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::SqliteOptions;
use crate::ledger::{capture_order, void_order};
use crate::testing::each_engine;

const THREADS: u8 = 8;
const TRIES: u8 = 5;
const PRICE: i64 = 5_000;
/// The wallet affords this many of the tries.
const AFFORDED: usize = 13;

/// Tries to hold `TRIES` orders in each of `THREADS` threads; returns how many were held.
fn spend_from_threads(book: &Book, first: u8) -> usize {
    let won = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let won = &won;
            scope.spawn(move || {
                for number in 0..TRIES {
                    match hold_price(book, ANNA, order(first + thread * TRIES + number), PRICE) {
                        Ok(_) => won.fetch_add(1, Ordering::Relaxed),
                        Err(LedgerError::NotEnough { .. }) => 0,
                        Err(error) => panic!("{error:?}"),
                    };
                }
            });
        }
    });
    won.into_inner()
}

#[test]
fn m1_parallel_holds_never_overdraw() {
    each_engine(|book, _| {
        open_with(book, ANNA, PRICE * 10 + 499, PRICE * 3 - 499);
        assert_eq!(spend_from_threads(book, 1), AFFORDED);
        assert_eq!(sums(book, ANNA), [0, PRICE * 10 + 499, 0, PRICE * 3 - 499]);
        assert_sound(book);
    });
}

#[test]
fn m4_parallel_endings_are_one() {
    each_engine(|book, _| {
        open_with(book, ANNA, PRICE, 0);
        let _ = hold_price(book, ANNA, order(1), PRICE).expect("enough money");
        let (captured, released) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let (captured, released) = (&captured, &released);
                scope.spawn(move || {
                    let ended = write(book, move |tx| match thread % 2 {
                        0 => capture_order(tx, order(1), kopecks(PRICE), Actor::System, at(9)),
                        _ => void_order(tx, order(1), Actor::System, at(9)),
                    });
                    match ended {
                        Ok(ended) if ended.replayed => {}
                        Ok(_) if thread % 2 == 0 => _ = captured.fetch_add(1, Ordering::Relaxed),
                        Ok(_) => _ = released.fetch_add(1, Ordering::Relaxed),
                        Err(LedgerError::AlreadyResolved { .. }) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                });
            }
        });
        let (captured, released) = (captured.into_inner(), released.into_inner());
        assert_eq!(captured + released, 1);
        let left = if released == 1 { PRICE } else { 0 };
        assert_eq!(sums(book, ANNA), [left, 0, 0, 0]);
        assert_sound(book);
    });
}

#[test]
fn m11_the_same_request_from_many_threads_moves_money_once() {
    each_engine(|book, _| {
        open_with(book, ANNA, PRICE * 2, 0);
        let fresh = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let hold = hold_price(book, ANNA, order(1), PRICE).expect("enough for one");
                    let topup = income(ANNA, Pocket::Bonus, 100, "present");
                    let posted = posting(book, topup).expect("a present");
                    fresh.fetch_add(usize::from(!hold.replayed()), Ordering::Relaxed);
                    fresh.fetch_add(usize::from(!posted.replayed), Ordering::Relaxed);
                });
            }
        });
        assert_eq!(fresh.into_inner(), 2);
        assert_eq!(sums(book, ANNA), [PRICE, PRICE, 100, 0]);
        assert_sound(book);
    });
}

const CHILD: &str = "REI_TEST_LEDGER_CHILD";

#[test]
fn m1_two_processes_on_one_file_never_overdraw() {
    // The test starts itself twice; with the variable set it is one of the two.
    if let Ok(child) = std::env::var(CHILD) {
        let (first, path) = child.split_once(':').expect("number:path");
        let book = open(Path::new(path));
        println!("won {}", spend_from_threads(&book, first.parse().expect("a number")));
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("rei.db");
    let book = open(&path);
    book.migrate().expect("a new book");
    open_with(&book, ANNA, PRICE * 10, PRICE * 3);
    let this = std::env::current_exe().expect("the test's own program");
    let children = [1, 1 + THREADS * TRIES].map(|first| {
        Command::new(&this)
            .args([
                "--exact",
                "ledger::tests::parallel::m1_two_processes_on_one_file_never_overdraw",
            ])
            .arg("--nocapture")
            .env(CHILD, format!("{first}:{}", path.display()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("a second process")
    });
    let won: usize = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().expect("the process ends");
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success(), "{said}");
            let won = said.split("won ").nth(1).and_then(|rest| rest.split_whitespace().next());
            won.expect("a count").parse::<usize>().expect("a number")
        })
        .sum();
    assert_eq!(won, AFFORDED);
    assert_eq!(sums(&book, ANNA), [0, PRICE * 10, 0, PRICE * 3]);
    assert_sound(&book);
}

fn open(path: &Path) -> Book {
    Book::open_sqlite(SqliteOptions { path: path.to_owned(), readers: 1 }).expect("the book opens")
}
