//! PostgreSQL: a few threads, each with its connection; every closure is a transaction of its own and is run
//! again when two of them got into each other's way.
//!
//! Writes run at `read committed`: each rule that concurrent writers could break is a guarded statement, a unique
//! index or a row lock, so a stricter level would only add runs. Reads see one state (`repeatable read`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{JoinHandle, sleep};
use std::time::Duration;

use postgres::Config;
use rei_domain::chance::{Chance, SeededChance};

use super::bells::Bells;
use super::postgres_connect::{connect, parse};
use super::postgres_session::{self, PostgresFault, Session};
use super::queue::WorkQueue;
use super::spawn;
use super::stopwatch::Stopwatch;
use super::work::{Access, Ran, Work};
use crate::BookError;
use crate::tx::{Engine, Rerun, Tx};

/// Runs of one closure before its caller is told.
const RUNS_MAX: u32 = 10;
/// A thread tries for this long to reach the server before a caller is told: in some seconds a server that restarts is
/// back. One that swallows every packet costs the time of one more connection.
const AWAY_MAX: Duration = Duration::from_secs(6);
const PAUSE_MIN: Duration = Duration::from_millis(5);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// How a PostgreSQL book is opened.
#[derive(Clone)]
pub struct PostgresOptions {
    /// `postgres://user:password@host:port/database?sslmode=…`. Holds a secret: never printed.
    ///
    /// `sslmode=require` (or `verify-ca`, `verify-full`, which mean the same here) encrypts and checks the
    /// server's certificate and name; `disable` does not encrypt; without it connections to other machines are
    /// encrypted and checked when the server offers it. `SSL_CERT_FILE` names certificates of an own authority.
    pub url: String,
    /// Connections of this process; at least one is made.
    pub connections: usize,
}

impl std::fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

/// Starts the threads; the first connection must succeed.
pub(crate) fn open(
    options: &PostgresOptions,
    queue: &Arc<WorkQueue>,
    bells: &Arc<Bells>,
) -> Result<Vec<JoinHandle<()>>, BookError> {
    let config = parse(&options.url)?;
    let mut first = Some(Session::new(connect(&config)?));
    let reach = Arc::new(Reach::default());
    (0..options.connections.max(1))
        .map(|number| {
            let (queue, bells) = (Arc::clone(queue), Arc::clone(bells));
            // Two threads that met once should not meet again after the same pause.
            let chance = SeededChance::new((u64::from(std::process::id()) << 32) | number as u64);
            let (config, reach) = (config.clone(), Arc::clone(&reach));
            let session = first.take();
            let mut worker = Worker { config, session, chance, reach, lost: None };
            spawn("book-postgres", move || {
                while let Some(work) = queue.next() {
                    worker.serve(work, &bells);
                }
            })
        })
        .collect()
}

struct Worker {
    config: Config,
    session: Option<Session>,
    chance: SeededChance,
    reach: Arc<Reach>,
    /// Since when this thread tries to reach the server; none while it is there. One outage is waited for once, whatever
    /// else is to be done meanwhile.
    lost: Option<Stopwatch>,
}

/// Whether the server is there, as all threads of the book know it: a loss is said once, and so is its end.
#[derive(Default)]
struct Reach {
    is_lost: AtomicBool,
}

impl Reach {
    fn lost(&self, why: &str) {
        if !self.is_lost.swap(true, Ordering::Relaxed) {
            tracing::error!(why, "PostgreSQL cannot be reached; work waits until it is back");
        }
    }

    fn found(&self) {
        if self.is_lost.swap(false, Ordering::Relaxed) {
            tracing::warn!("PostgreSQL is back");
        }
    }
}

/// How a transaction ended.
enum Ended {
    /// What the closure returned is the answer: it is on disk, or the closure gave up.
    Answered,
    Again(Rerun),
    Failed(BookError),
}

impl Worker {
    fn serve(&mut self, mut work: Box<dyn Work>, bells: &Bells) {
        let took = Stopwatch::start();
        for run in 1..=RUNS_MAX {
            match self.run(work.as_mut()) {
                Ok(Ended::Answered) => {
                    tracing::debug!(
                        run,
                        duration_ms = took.elapsed().as_millis(),
                        "a transaction is done"
                    );
                    bells.ring(&work.take_rung());
                    return work.answer();
                }
                Ok(Ended::Failed(error)) | Err(error) => return work.fail(error),
                Ok(Ended::Again(why)) => self.prepare_rerun(run, why),
            }
        }
        tracing::warn!(runs = RUNS_MAX, "a transaction of the book was given up after many runs");
        work.fail(BookError::Busy);
    }

    fn prepare_rerun(&mut self, run: u32, why: Rerun) {
        let label = match why {
            Rerun::Conflict => "conflict",
            Rerun::SessionLost => "session_lost",
        };
        metrics::counter!("book_reruns_total", "why" => label).increment(1);
        tracing::debug!(run, why = label, "a transaction of the book is run again");
        if why == Rerun::SessionLost {
            self.session = None;
        }
        self.pause(run);
    }

    /// One run in a transaction of its own.
    fn run(&mut self, work: &mut dyn Work) -> Result<Ended, BookError> {
        let session = self.session()?;
        let begin = match work.access() {
            Access::Read => "begin isolation level repeatable read, read only",
            Access::Write => "begin",
        };
        if session.execute_text(begin).is_err() {
            return Ok(Ended::Again(Rerun::SessionLost));
        }
        let ran = work.run(&mut Tx::new(Engine::Postgres(session)));
        let (end, ended) = match ran {
            Ran::Well if work.access() == Access::Write => return Ok(self.commit()),
            Ran::Well | Ran::GivenUp => ("rollback", Ended::Answered),
            Ran::Again(why) => ("rollback", Ended::Again(why)),
        };
        if session.execute_text(end).is_err() {
            self.session = None;
        }
        Ok(ended)
    }

    fn commit(&mut self) -> Ended {
        let Some(session) = &mut self.session else { return Ended::Failed(BookError::Closed) };
        let took = Stopwatch::start();
        let committed = session.execute_text("commit");
        metrics::histogram!("book_commit_seconds").record(took.elapsed().as_secs_f64());
        match committed {
            Ok(()) => Ended::Answered,
            // The server said no: it has rolled back.
            Err(error) if error.code().is_some() && !postgres_session::is_lost(&error) => {
                let PostgresFault { error, rerun } = postgres_session::failed("commit", &error);
                rerun.map_or(Ended::Failed(error), Ended::Again)
            }
            // It broke after the word was sent; only reading tells.
            Err(_) => {
                self.session = None;
                Ended::Failed(BookError::UnknownOutcome)
            }
        }
    }

    /// The connection, made anew when it broke.
    fn session(&mut self) -> Result<&mut Session, BookError> {
        self.session = self.session.take().filter(|session| !session.is_closed());
        let mut tries = 0;
        while self.session.is_none() {
            let trying = *self.lost.get_or_insert_with(Stopwatch::start);
            match connect(&self.config) {
                Ok(client) => {
                    self.reach.found();
                    self.lost = None;
                    self.session = Some(Session::new(client));
                }
                Err(BookError::Unavailable(why)) => {
                    tries += 1;
                    self.reach.lost(&why);
                    if trying.elapsed() >= AWAY_MAX {
                        return Err(BookError::Away(why));
                    }
                    self.pause(tries * 2);
                }
                Err(error) => return Err(error),
            }
        }
        self.session.as_mut().ok_or(BookError::Closed)
    }

    /// Waits a random while that may be twice as long each time.
    fn pause(&self, time: u32) {
        let longest = PAUSE_MIN.saturating_mul(1 << time.min(8)).min(PAUSE_MAX);
        let chance: &dyn Chance = &self.chance;
        sleep(PAUSE_MIN + chance.up_to(longest));
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_server_that_is_away_is_waited_for_once_and_not_by_every_caller() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        drop(listener);
        let mut worker = Worker {
            config: parse(&format!("postgres://rei@127.0.0.1:{port}/rei")).expect("an address"),
            session: None,
            chance: SeededChance::new(1),
            reach: Arc::default(),
            lost: None,
        };
        let mut waits = || {
            let took = Stopwatch::start();
            let session = worker.session().map(|_| ());
            assert!(matches!(session, Err(BookError::Away(_))), "{session:?}");
            took.elapsed()
        };
        let first = waits();
        assert!((AWAY_MAX..AWAY_MAX * 2).contains(&first), "{first:?}");
        let others: Duration = (0..20).map(|_| waits()).sum();
        assert!(others < AWAY_MAX / 2, "{others:?}");
    }
}
