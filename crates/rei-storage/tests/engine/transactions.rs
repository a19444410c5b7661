//! Promises that both engines keep.

use rei_storage::testing::{EngineKind, each_engine, fresh_book};
use rei_storage::{Bell, Value, all_statements};

use super::bells::is_rung;
use super::*;

statements! {
    ECHO = "select cast(:int as bigint) as int, cast(:none as bigint) as none, cast(:text as text) as text,
                   cast(:blob as bytea) as blob, ':int' as quoted";
}

#[test]
fn every_statement_prepares_on_both_engines() {
    each_engine(|book, engine| {
        for sql in all_statements() {
            let checked = book.blocking_read(move |tx| tx.check(sql));
            assert!(checked.is_ok(), "{engine:?}: {checked:?}\n{}", sql.sqlite());
        }
    });
}

#[test]
fn values_come_back_as_they_went() {
    each_engine(|book, engine| {
        for (int, text, blob) in
            [(i64::MIN, "", &b""[..]), (i64::MAX, "it's «ё» :int 🎨", &[0, 255, 39])]
        {
            let row = book.blocking_read(move |tx| {
                let none: Option<i64> = None;
                tx.query_one(
                    &ECHO,
                    &params! { ":int" => int, ":none" => none, ":text" => text, ":blob" => blob },
                )
            });
            let row = row.expect("it is read");
            assert_eq!(row.int("int"), Ok(int));
            assert_eq!(row.opt_int("none"), Ok(None));
            assert_eq!(row.text("text").as_deref(), Ok(text));
            // SQLite has no type of this name, so its cast makes a number of it.
            if engine == EngineKind::Postgres {
                assert_eq!(row.blob("blob").as_deref(), Ok(blob));
            }
            assert_eq!(row.text("quoted").as_deref(), Ok(":int"));
            assert_eq!(row.int("none"), Err(BookError::unreadable("none")));
            assert_eq!(row.text("int"), Err(BookError::unreadable("int")));
            assert_eq!(row.int("missing"), Err(BookError::unreadable("missing")));
        }
    });
}

#[test]
fn every_parameter_must_be_given_and_no_other() {
    each_engine(|book, _| {
        with_notes(book);
        let wrong: [&'static [(&'static str, Value)]; 3] =
            [&[], &[(":id", Value::Int(1))], &[(":id", Value::Int(1)), (":tekst", Value::Null)]];
        for params in wrong {
            let refused = book.blocking_write(move |tx| tx.execute(&ADD, params));
            assert!(matches!(refused, Err(BookError::Statement { .. })), "{refused:?}");
        }
    });
}

#[test]
fn a_failing_or_panicking_closure_leaves_its_neighbours_alone() {
    each_engine(|book, _| {
        with_notes(book);
        std::thread::scope(|scope| {
            for id in 1..=60_i64 {
                scope.spawn(move || {
                    let answer = book.blocking_write(move |tx| {
                        add(tx, id)?;
                        match id % 3 {
                            0 => Err(BookError::Busy),
                            1 if id % 2 == 0 => panic!("a bug of the closure"),
                            _ => Ok(()),
                        }
                    });
                    let expected = match id % 3 {
                        0 => Err(BookError::Busy),
                        1 if id % 2 == 0 => Err(BookError::Panicked),
                        _ => Ok(()),
                    };
                    assert_eq!(answer, expected);
                    assert_eq!(is_there(book, id), expected.is_ok());
                });
            }
        });
    });
}

#[test]
fn a_failed_statement_cannot_be_looked_away_from() {
    each_engine(|book, _| {
        with_notes(book);
        write(book, 1).expect("it commits");
        let answer = book.blocking_write(|tx| {
            add(tx, 2)?;
            let taken = add(tx, 1);
            assert!(taken.is_err());
            // Nothing more can be done, and no result hides what happened.
            assert_eq!(add(tx, 3), taken);
            Ok::<_, BookError>("all is well")
        });
        assert!(matches!(answer, Err(BookError::Statement { .. })), "{answer:?}");
        assert_eq!(book.blocking_read(count), Ok(1));
    });
}

#[test]
fn a_commit_that_fails_hurts_only_the_closure_that_broke_it() {
    each_engine(|book, _| {
        with_notes(book);
        book.blocking_write(|tx| {
            tx.execute_text(
                "create table tag (note bigint not null references note (id) deferrable initially deferred)",
            )
        })
        .expect("the table is made");
        std::thread::scope(|scope| {
            for id in 1..=40_i64 {
                scope.spawn(move || {
                    let answer = book.blocking_write(move |tx| {
                        add(tx, id)?;
                        // Checked at the commit: the note with this number is never written.
                        let other = if id % 4 == 0 { -id } else { id };
                        tx.execute_text(&format!("insert into tag (note) values ({other})"))
                    });
                    assert_eq!(answer.is_ok(), id % 4 != 0, "{answer:?}");
                    assert_eq!(is_there(book, id), answer.is_ok());
                });
            }
        });
    });
}

#[test]
fn a_bell_rings_after_its_commit_and_not_after_a_rollback() {
    each_engine(|book, _| {
        let mut listener = book.listen(Bell::Outbox);
        let given_up: Result<(), BookError> = book.blocking_write(|tx| {
            tx.ring(Bell::Outbox);
            Err(BookError::Busy)
        });
        assert!(given_up.is_err());
        assert!(!is_rung(&mut listener));
        book.blocking_write(|tx| {
            tx.ring(Bell::Outbox);
            Ok::<_, BookError>(())
        })
        .expect("it commits");
        // The bell follows the answer at once.
        while !is_rung(&mut listener) {
            std::thread::yield_now();
        }
        assert!(!is_rung(&mut listener), "once");
    });
}

#[test]
fn a_reader_sees_what_was_answered_and_one_state_throughout() {
    each_engine(|book, _| {
        with_notes(book);
        for id in 1..=50 {
            write(book, id).expect("it commits");
            assert!(is_there(book, id));
        }
        let writer = book.clone();
        let seen = book.blocking_read(move |tx| {
            let before = count(tx)?;
            write(&writer, 1_000 + before)?;
            Ok::<_, BookError>((before, count(tx)?))
        });
        assert_eq!(seen, Ok((50, 50)));
        assert_eq!(book.blocking_read(count), Ok(51));
    });
}

#[test]
fn a_read_changes_nothing() {
    each_engine(|book, _| {
        with_notes(book);
        let refused = book.blocking_read(|tx| add(tx, 1));
        assert!(matches!(refused, Err(BookError::Statement { .. })), "{refused:?}");
        assert_eq!(book.blocking_read(count), Ok(0));
    });
}

#[test]
fn a_closed_book_finishes_what_waits_and_refuses_the_rest() {
    each_engine(|book, _| {
        with_notes(book);
        let writers: Vec<_> = (1..=20)
            .map(|id| {
                let book = book.clone();
                std::thread::spawn(move || write(&book, id))
            })
            .collect();
        book.close();
        let answers: Vec<_> =
            writers.into_iter().map(|writer| writer.join().expect("it ends")).collect();
        assert!(
            answers.iter().all(|answer| matches!(answer, Ok(()) | Err(BookError::Closed))),
            "{answers:?}"
        );
        assert_eq!(write(book, 99), Err(BookError::Closed));
    });
}

#[tokio::test]
async fn a_book_is_opened_used_and_dropped_inside_a_runtime() {
    for engine in EngineKind::ALL {
        let fresh = fresh_book(engine);
        fresh.book.migrate().expect("it is up to date");
        let made = fresh
            .book
            .write(|tx| {
                tx.execute_text(
                    "create table note (id bigint not null primary key, text text not null)",
                )?;
                add(tx, 1)
            })
            .await;
        assert_eq!(made, Ok(()));
        let answers = (2..100).map(|id| {
            let book = fresh.book.clone();
            tokio::spawn(async move { book.write(move |tx| add(tx, id)).await })
        });
        for answer in answers.collect::<Vec<_>>() {
            assert_eq!(answer.await.expect("it ends"), Ok(()));
        }
        assert_eq!(fresh.book.read(count).await, Ok(99));
    }
}
