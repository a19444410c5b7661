//! One process has a role, and tasks come again.

use super::super::{Role, due_tasks, release_lease, role, set_due, take_lease};
use super::*;
use crate::testing::each_engine;

fn take(book: &Book, holder: &'static str, now: Timestamp) -> Option<i64> {
    write(book, move |tx| take_lease(tx, "scheduler", holder, LEASE, now))
}

#[test]
fn a_role_moves_when_its_lease_has_ended_or_is_given_up() {
    each_engine(|book, _| {
        let of = |holder, now| {
            book.blocking_read(move |tx| role(tx, "scheduler", holder, now)).expect("it reads")
        };
        assert_eq!(of("one", NOW), Role::Free);
        assert_eq!(take(book, "one", NOW), Some(1));
        assert_eq!(take(book, "two", NOW.plus(LEASE)), None);
        assert_eq!(of("one", NOW), Role::Mine(NOW.plus(LEASE)));
        assert_eq!(of("two", NOW), Role::Others(NOW.plus(LEASE)));
        let half = NOW.plus(LEASE / 2);
        assert_eq!(take(book, "one", half), Some(1), "keeping it is no change of hands");
        let after = half.plus(LEASE).plus(Duration::from_millis(1));
        assert_eq!(of("two", after), Role::Free);
        assert_eq!(take(book, "two", after), Some(2));
        assert_eq!(take(book, "one", after), None);
        write(book, |tx| release_lease(tx, "scheduler", "one"));
        assert_eq!(take(book, "one", after), None, "only the holder gives it up");
        write(book, |tx| release_lease(tx, "scheduler", "two"));
        assert_eq!(take(book, "one", after), Some(3));
    });
}

#[test]
fn of_many_who_take_a_free_role_one_gets_it() {
    each_engine(|book, engine| {
        let names = ["a", "b", "c", "d", "e", "f"];
        let takers: Vec<_> = names
            .into_iter()
            .map(|name| {
                let book = book.clone();
                std::thread::spawn(move || take(&book, name, NOW))
            })
            .collect();
        let won: Vec<i64> =
            takers.into_iter().filter_map(|taker| taker.join().expect("it ends")).collect();
        assert_eq!(won, [1], "{engine:?}");
    });
}

#[test]
fn an_unknown_task_is_due_at_once_and_a_known_one_at_its_time() {
    each_engine(|book, _| {
        let due = |now| {
            book.blocking_read(move |tx| due_tasks(tx, &["sweep", "seal"], now)).expect("it reads")
        };
        assert_eq!(due(NOW), ["sweep", "seal"]);
        let later = NOW.plus(Duration::from_secs(60));
        write(book, move |tx| set_due(tx, "sweep", later));
        assert_eq!(due(NOW), ["seal"]);
        write(book, |tx| set_due(tx, "seal", NOW));
        write(book, |tx| set_due(tx, "forgotten", NOW));
        assert_eq!(due(later), ["seal", "sweep"]);
    });
}
