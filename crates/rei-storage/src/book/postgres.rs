//! PostgreSQL: a few threads, each with its connection; every closure is a transaction of its own and is run
//! again when two of them got into each other's way.
//!
//! `read committed` suffices: each rule that concurrent writers could break is a guarded statement, a unique
//! index or a row lock.

use std::str::FromStr;
use std::sync::Arc;
use std::thread::{JoinHandle, sleep};
use std::time::Duration;

use postgres::config::SslMode;
use postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::queue::{Work, WorkQueue};
use super::{Bells, spawn};
use crate::BookError;
use crate::tx::{Engine, Prepared, Rerun, Tx};

/// Runs of one closure before its conflict is told to the caller.
const RUNS_MAX: u32 = 10;
/// Tries to reach the server before the caller is told.
const CONNECT_TRIES_MAX: u32 = 6;
const PAUSE_MIN: Duration = Duration::from_millis(5);
const PAUSE_MAX: Duration = Duration::from_secs(1);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// No statement of ours takes this long; a transaction must not keep its locks longer either.
const SESSION: &str = "set statement_timeout = '120s'; set idle_in_transaction_session_timeout = '60s'; \
                       set lock_timeout = '30s'";

/// How a PostgreSQL book is opened.
#[derive(Clone)]
pub struct PostgresOptions {
    /// `postgres://user:password@host:port/database`. Holds a secret: never printed.
    pub url: String,
    /// Connections of this process.
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
    let mut config = Config::from_str(&options.url)
        .map_err(|_| BookError::Unfit("DATABASE_URL is not a PostgreSQL address".to_owned()))?;
    config.connect_timeout(CONNECT_TIMEOUT);
    let mut first = Some(Session::new(connect(&config)?));
    (0..options.connections.max(1))
        .map(|_| {
            let (config, queue, bells) = (config.clone(), Arc::clone(queue), Arc::clone(bells));
            let session = first.take();
            spawn("book-postgres", move || {
                let mut worker = Worker { config, session };
                while let Some(batch) = queue.take(1) {
                    batch.into_iter().for_each(|work| worker.serve(work, &bells));
                }
            })
        })
        .collect()
}

pub(crate) fn connect(config: &Config) -> Result<Client, BookError> {
    let connected = match config.get_ssl_mode() {
        SslMode::Disable => config.connect(NoTls),
        _ => config.connect(tls()?),
    };
    let mut client = connected.map_err(|error| unavailable(&error))?;
    client.batch_execute(SESSION).map_err(|error| unavailable(&error))?;
    Ok(client)
}

fn tls() -> Result<MakeRustlsConnect, BookError> {
    use rustls_platform_verifier::BuilderVerifierExt;
    let unfit = |error: rustls::Error| BookError::Unfit(format!("TLS cannot be used: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map_err(unfit)?
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// The server's words without the address, which holds a password.
fn unavailable(error: &postgres::Error) -> BookError {
    let words =
        error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
    BookError::Unavailable(words)
}

struct Session {
    client: Client,
    prepared: Prepared,
}

impl Session {
    fn new(client: Client) -> Self {
        Self { client, prepared: Prepared::new() }
    }
}

struct Worker {
    config: Config,
    session: Option<Session>,
}

enum Ran {
    Committed,
    /// The closure returned an error of its own.
    GivenUp,
    Again(Rerun),
    Broken(BookError),
}

impl Worker {
    fn serve(&mut self, mut work: Box<dyn Work>, bells: &Bells) {
        for run in 1..=RUNS_MAX {
            match self.run(work.as_mut()) {
                Ran::Committed => {
                    bells.ring(work.bells());
                    return work.answer();
                }
                Ran::GivenUp => return work.answer(),
                Ran::Broken(error) => return work.fail(error),
                // The last error is the closure's own; it says what happened.
                Ran::Again(_) if run == RUNS_MAX => return work.answer(),
                Ran::Again(why) => {
                    metrics::counter!("book_reruns_total", "why" => format!("{why:?}"))
                        .increment(1);
                    if why == Rerun::ConnectionLost {
                        self.session = None;
                    }
                    // Threads differ in speed enough; a fixed growing pause untangles them.
                    sleep(PAUSE_MIN.saturating_mul(1 << run.min(8)).min(PAUSE_MAX));
                }
            }
        }
    }

    fn run(&mut self, work: &mut dyn Work) -> Ran {
        let reads = work.reads();
        let session = match self.session() {
            Ok(session) => session,
            Err(error) => return Ran::Broken(error),
        };
        let begin = if reads { "begin isolation level repeatable read read only" } else { "begin" };
        if session.client.batch_execute(begin).is_err() {
            return Ran::Again(Rerun::ConnectionLost);
        }
        let engine =
            Engine::Postgres { client: &mut session.client, prepared: &mut session.prepared };
        let mut tx = Tx::new(engine);
        let wanted = work.run(&mut tx);
        let rerun = tx.rerun;
        if let Some(why) = rerun {
            let _ = session.client.batch_execute("rollback");
            return Ran::Again(why);
        }
        if !wanted || reads {
            if session.client.batch_execute("rollback").is_err() {
                self.session = None;
            }
            return if wanted { Ran::Committed } else { Ran::GivenUp };
        }
        match session.client.batch_execute("commit") {
            Ok(()) => Ran::Committed,
            Err(error) if error.as_db_error().is_some() && !error.is_closed() => {
                let _ = session.client.batch_execute("rollback");
                Ran::Again(Rerun::Conflict)
            }
            Err(_) => {
                self.session = None;
                Ran::Broken(BookError::UnknownOutcome)
            }
        }
    }

    /// The connection, made anew when it broke.
    fn session(&mut self) -> Result<&mut Session, BookError> {
        if self.session.as_ref().is_some_and(|session| session.client.is_closed()) {
            self.session = None;
        }
        let mut tries = 0;
        while self.session.is_none() {
            match connect(&self.config) {
                Ok(client) => self.session = Some(Session::new(client)),
                Err(error) => {
                    tries += 1;
                    if tries == CONNECT_TRIES_MAX {
                        return Err(error);
                    }
                    tracing::warn!(%error, "PostgreSQL cannot be reached, trying again");
                    sleep(PAUSE_MIN.saturating_mul(1 << (tries * 2).min(8)).min(PAUSE_MAX));
                }
            }
        }
        self.session.as_mut().ok_or(BookError::Closed)
    }
}
