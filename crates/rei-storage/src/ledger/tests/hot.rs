//! On PostgreSQL nobody waits for an account that all share: as many captures and top-ups are in the middle of their
//! transactions at the same moment as there are connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;
use crate::ledger::capture_order;
use crate::testing::{CONNECTIONS, temp_postgres};

const PRICE: i64 = 5_000;
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// The others have come by then, or somebody keeps them waiting.
const LOOKS_MAX: u32 = 2_000;

static WAITERS: crate::Sql = crate::Sql::shared(
    "select count(*) as waiting from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'",
);

/// Comes in with all its changes made, and goes out when everybody is in.
fn meets_all(inside: &AtomicUsize) -> Result<(), LedgerError> {
    inside.fetch_add(1, Ordering::SeqCst);
    for _ in 0..LOOKS_MAX {
        if inside.load(Ordering::SeqCst) >= CONNECTIONS {
            return Ok(());
        }
        std::thread::sleep(LOOK_EVERY);
    }
    Err(LedgerError::Broken("the others wait for a lock"))
}

fn customer(number: usize) -> CustomerId {
    CustomerId(100 + i64::try_from(number).expect("a small number"))
}

fn order_of(number: usize) -> OrderId {
    order(u8::try_from(number).expect("a small number") + 1)
}

/// Runs one closure for each connection, all at once; each must be in the middle while all others are, too.
fn all_at_once(
    book: &Book,
    work: impl Fn(&mut Tx<'_>, usize) -> Result<(), LedgerError> + Copy + Send + 'static,
) {
    let inside = Arc::new(AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for number in 0..CONNECTIONS {
            let inside = Arc::clone(&inside);
            scope.spawn(move || {
                let done = write(book, move |tx| {
                    work(tx, number)?;
                    let waiting = tx.query_one(&WAITERS, &[])?.int("waiting")?;
                    meets_all(&inside)?;
                    Ok::<_, LedgerError>(waiting)
                });
                assert_eq!(done.expect("it commits"), 0, "nobody waits for a lock");
            });
        }
    });
}

#[test]
fn captures_holds_and_topups_of_different_customers_never_wait_for_each_other() {
    let fresh = temp_postgres();
    let book = &fresh.book;
    for number in 0..CONNECTIONS {
        open_with(book, customer(number), PRICE * 2, 0);
    }
    all_at_once(book, |tx, number| {
        hold_split(tx, &price(customer(number), order_of(number), PRICE)).map(|_| ())
    });
    all_at_once(book, |tx, number| {
        capture_order(tx, order_of(number), kopecks(PRICE), Actor::System, at(9)).map(|_| ())
    });
    all_at_once(book, |tx, number| {
        let name = format!("more:{number}");
        post(tx, &income(customer(number), Pocket::Cash, PRICE, &name)).map(|_| ())
    });
    assert_sound(book);
}
