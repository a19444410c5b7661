//! A crowd at one code, on both engines.

use std::sync::atomic::{AtomicUsize, Ordering};

use rei_domain::clock::Timestamp;
use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;

use super::*;
use crate::testing::each_engine;
use crate::{Book, BookError, Tx, customers};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn write<T: Send + 'static>(
    book: &Book,
    work: impl Fn(&mut Tx<'_>) -> Result<T, BookError> + Send + 'static,
) -> T {
    book.blocking_write(work).expect("the book works")
}

fn code(uses_max: Option<i64>, uses_each: i64) -> NewPromo {
    NewPromo {
        code: "CODE".to_owned(),
        amount: Kopecks::from_rubles(50),
        uses_max,
        uses_each,
        new_only: false,
        valid_until: Some(Timestamp(NOW.millis() + 1)),
    }
}

fn people(book: &Book, count: i64, promo: NewPromo) {
    write(book, move |tx| {
        for id in 1..=count {
            customers::seen(tx, CustomerId(id), "x", None, NOW)?;
        }
        create(tx, &promo, CustomerId(1), NOW).map(|_| ())
    });
}

#[test]
fn the_shared_uses_of_a_code_are_never_more_than_it_has() {
    each_engine(|book, _| {
        people(book, 1, code(Some(3), 1));
        let won = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..12 {
                scope.spawn(|| {
                    let mine = write(book, |tx| take(tx, "CODE", NOW));
                    won.fetch_add(usize::from(mine), Ordering::Relaxed);
                });
            }
        });
        assert_eq!(won.into_inner(), 3);
    });
}

#[test]
fn a_code_that_is_over_or_off_gives_nothing() {
    each_engine(|book, _| {
        people(book, 1, code(None, 1));
        assert!(!write(book, |tx| take(tx, "CODE", Timestamp(NOW.millis() + 1))));
        assert!(write(book, |tx| take(tx, "CODE", NOW)));
        assert!(write(book, |tx| switch_off(tx, "CODE")));
        assert!(!write(book, |tx| switch_off(tx, "CODE")));
        assert!(!write(book, |tx| take(tx, "CODE", NOW)));
    });
}

#[test]
fn a_customer_s_own_uses_are_counted_by_their_numbers() {
    each_engine(|book, _| {
        people(book, 2, code(None, 2));
        let use_of = |customer, no| {
            write(book, move |tx| use_once(tx, "CODE", CustomerId(customer), no, NOW))
        };
        assert!(use_of(1, 1) && use_of(1, 2) && use_of(2, 1));
        assert!(!use_of(1, 2), "taken");
        assert!(!use_of(1, 3), "more than the code allows");
        assert_eq!(write(book, |tx| uses_of(tx, "CODE", CustomerId(1))), 2);
    });
}

#[test]
fn the_first_top_up_is_the_first_for_ever() {
    each_engine(|book, _| {
        people(book, 1, code(None, 1));
        let first = |payment: &'static str| {
            write(book, move |tx| is_first_topup(tx, CustomerId(1), payment, Kopecks::new(10), NOW))
        };
        assert!(first("a"));
        assert!(!first("b") && !first("a"));
        let owed = |payment: &'static str| {
            write(book, move |tx| owe(tx, CustomerId(1), payment, Kopecks::new(10)))
        };
        assert!(!owed("b"), "another payment's refund");
        assert!(owed("a"));
        assert!(!owed("a"), "said before");
        let rows = write(book, |tx| owing(tx, CustomerId(0), 10));
        assert_eq!(rows.len(), 1);
        let seen = rows[0].clone();
        let taken = move |seen: FirstTopup| {
            write(book, move |tx| take_back(tx, &seen, Kopecks::new(4), Kopecks::ZERO))
        };
        assert!(taken(seen.clone()));
        assert!(!taken(seen), "no longer how it stands");
    });
}
