//! Promises of the PostgreSQL engine: conflicts are run again, lost connections are made anew, and what is
//! not known is said.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rei_storage::PostgresOptions;
use rei_storage::testing::{PostgresServer, temp_postgres};

use super::*;

const END_OTHERS: &str = "select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()";

#[test]
fn a_closure_that_got_into_a_conflict_is_run_again_even_if_it_hides_that() {
    let fresh = temp_postgres();
    with_notes(&fresh.book);
    [1, 2].into_iter().for_each(|id| write(&fresh.book, id).expect("it commits"));
    let runs = Arc::new(AtomicU32::new(0));
    // Two transactions take the same rows in opposite order: the server ends one of them.
    let cross = |first: i64, second: i64| {
        let (book, runs) = (fresh.book.clone(), Arc::clone(&runs));
        std::thread::spawn(move || {
            book.blocking_write(move |tx| {
                runs.fetch_add(1, Ordering::SeqCst);
                set(tx, first, &format!("{first} first"))?;
                // Long enough for the other to take its first row.
                std::thread::sleep(Duration::from_millis(100));
                let _ = set(tx, second, &format!("{first} first"));
                Ok::<_, BookError>(())
            })
        })
    };
    let (one, two) = (cross(1, 2), cross(2, 1));
    assert_eq!(one.join().expect("it ends"), Ok(()));
    assert_eq!(two.join().expect("it ends"), Ok(()));
    assert!(runs.load(Ordering::SeqCst) > 2);
    let both = fresh.book.blocking_read(|tx| Ok::<_, BookError>((find(tx, 1)?, find(tx, 2)?)));
    let (first, second) = both.expect("they are readable");
    assert_eq!(first, second, "the later one wrote both");
}

#[test]
fn a_conflict_without_end_is_told_after_ten_runs() {
    let fresh = temp_postgres();
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let answer = fresh.book.blocking_write(move |tx| {
        counted.fetch_add(1, Ordering::SeqCst);
        tx.execute_text("do $$ begin raise exception 'again' using errcode = '40001'; end $$")
    });
    assert_eq!(answer, Err(BookError::Busy));
    assert_eq!(runs.load(Ordering::SeqCst), 10);
}

#[test]
fn a_broken_connection_is_made_anew() {
    let fresh = temp_postgres();
    with_notes(&fresh.book);
    write(&fresh.book, 1).expect("it commits");
    fresh.book.blocking_write(|tx| tx.execute_text(END_OTHERS)).expect("it commits");
    for id in 2..20 {
        write(&fresh.book, id).expect("the book reconnects");
        assert!(is_there(&fresh.book, id));
    }
}

#[test]
fn a_connection_that_breaks_inside_a_transaction_costs_a_run_and_nothing_else() {
    let fresh = temp_postgres();
    with_notes(&fresh.book);
    let runs = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&runs);
    let answer = fresh.book.blocking_write(move |tx| {
        add(tx, 1)?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            let _ = tx.execute_text("select pg_terminate_backend(pg_backend_pid())");
        }
        add(tx, 2)
    });
    assert_eq!(answer, Ok(()));
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    assert_eq!(fresh.book.blocking_read(count), Ok(2));
}

#[test]
fn when_the_connection_breaks_in_the_commit_nobody_pretends_to_know() {
    let fresh = temp_postgres();
    with_notes(&fresh.book);
    let breaks_at_commit = "
        create function break_off() returns trigger language plpgsql as $$
        begin
            perform pg_terminate_backend(pg_backend_pid());
            perform pg_sleep(5);
            return null;
        end $$;
        create constraint trigger note_breaks_off after insert on note
            deferrable initially deferred for each row execute function break_off()";
    fresh.book.blocking_write(move |tx| tx.execute_text(breaks_at_commit)).expect("it commits");
    assert_eq!(write(&fresh.book, 1), Err(BookError::UnknownOutcome));
    assert!(!is_there(&fresh.book, 1), "reading tells");
}

#[test]
fn a_table_may_change_under_a_prepared_statement() {
    let fresh = temp_postgres();
    with_notes(&fresh.book);
    write(&fresh.book, 1).expect("it commits");
    let read = || {
        for _ in 0..20 {
            let rows = fresh.book.blocking_read(|tx| tx.query(&EVERYTHING, &[]));
            assert_eq!(rows.expect("it is readable").len(), 1);
        }
    };
    read();
    let change = "alter table note add column at bigint";
    fresh.book.blocking_write(move |tx| tx.execute_text(change)).expect("it commits");
    read();
}

#[test]
fn a_server_that_is_not_there_is_named_as_such_and_the_password_never() {
    let url = "postgres://rei:secret@127.0.0.1:1/rei".to_owned();
    let options = PostgresOptions { url, connections: 1 };
    assert!(!format!("{options:?}").contains("secret"));
    let refused = Book::open_postgres(options).map(|_| ()).expect_err("nobody listens there");
    assert!(matches!(refused, BookError::Unavailable(_)), "{refused:?}");
    assert!(!format!("{refused:?}").contains("secret"));
}

/// In the child: the server's address, and what is expected of it.
const TLS_URL: &str = "REI_TEST_TLS_URL";
const TLS_TRUSTED: &str = "REI_TEST_TLS_TRUSTED";

#[test]
fn an_encrypted_connection_needs_a_certificate_that_is_trusted() {
    if let Ok(url) = std::env::var(TLS_URL) {
        return expect_tls(url, std::env::var(TLS_TRUSTED).is_ok());
    }
    let folder = tempfile::TempDir::new().expect("a folder can be made");
    let made = certificates(folder.path());
    let read = |file: &Path| std::fs::read_to_string(file).expect("it is readable");
    let server =
        PostgresServer::start_with_certificate(&read(&made.server), &read(&made.server_key));
    for trusted in [true, false] {
        // What is trusted is read once for each process.
        let mut child = Command::new(std::env::current_exe().expect("the test has a file"));
        child
            .args([
                "--exact",
                "postgres::an_encrypted_connection_needs_a_certificate_that_is_trusted",
            ])
            .env(TLS_URL, format!("{}/postgres?sslmode=require", server.url))
            .env_remove("SSL_CERT_DIR");
        if trusted {
            child.env(TLS_TRUSTED, "1").env("SSL_CERT_FILE", &made.authority);
        }
        assert!(child.status().expect("it starts").success(), "trusted: {trusted}");
    }
}

fn expect_tls(url: String, trusted: bool) {
    let opened = Book::open_postgres(PostgresOptions { url, connections: 1 });
    match (opened, trusted) {
        (Ok(book), true) => {
            let encrypted = book.blocking_read(|tx| {
                tx.query_one(&ENCRYPTED, &[]).and_then(|row| row.int("encrypted"))
            });
            assert_eq!(encrypted, Ok(1));
        }
        (Err(BookError::Unavailable(why)), false) => assert!(why.contains("certificate"), "{why}"),
        (opened, _) => panic!("trusted: {trusted}, {:?}", opened.map(|_| ())),
    }
}

statements! {
    ENCRYPTED = "select cast(ssl as int) as encrypted from pg_stat_ssl where pid = pg_backend_pid()";
}

struct Certificates {
    authority: PathBuf,
    server: PathBuf,
    server_key: PathBuf,
}

/// An authority of our own, and a certificate for this machine that it signed.
fn certificates(folder: &Path) -> Certificates {
    let file = |name: &str| folder.join(name);
    openssl(folder, "ca", &["-addext", "basicConstraints=critical,CA:TRUE"]);
    openssl(
        folder,
        "server",
        &[
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=CA:FALSE",
            "-CA",
            "ca.crt",
            "-CAkey",
            "ca.key",
        ],
    );
    Certificates {
        authority: file("ca.crt"),
        server: file("server.crt"),
        server_key: file("server.key"),
    }
}

fn openssl(folder: &Path, name: &str, more: &[&str]) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-nodes",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
        ])
        .args(["-days", "2", "-subj", &format!("/CN=rei test {name}")])
        .args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.crt")])
        .args(more)
        .current_dir(folder)
        .output()
        .expect("openssl, which Debian's postgresql brings along, starts");
    assert!(made.status.success(), "openssl: {}", String::from_utf8_lossy(&made.stderr));
}
