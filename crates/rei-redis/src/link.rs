//! The one connection over which this process asks, and what is done while there is none.
//!
//! An answer that is late makes the link doubtful: the others are told at once that nothing is known, and the
//! background task ([`crate::life`]) finds out whether the server is only slow or lost.

use std::time::Duration;

use redis::{Cmd, FromRedisValue, RedisError, ScriptInvocation};
use tokio::sync::{Notify, watch};

use crate::connect::Connection;

/// Every question is answered within this time, if only with "nobody knows".
pub const ANSWER_WITHIN: Duration = Duration::from_millis(200);

/// Nobody answered: the caller keeps to what it knows by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unanswered;

pub(crate) struct Link {
    state: watch::Sender<State>,
    doubted: Notify,
}

#[derive(Clone)]
enum State {
    Up(Connection),
    /// An answer was late or strange; nobody asks until the background task has looked.
    Doubtful,
    Lost,
}

impl Link {
    pub(crate) fn new() -> Self {
        Self { state: watch::Sender::new(State::Lost), doubted: Notify::new() }
    }

    /// One command. Never longer than [`ANSWER_WITHIN`], and not at all while the link is down.
    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Unanswered> {
        let mut connection = self.connection()?;
        self.answered(command.query_async(&mut connection.inner)).await
    }

    /// One script, under the same bound.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Unanswered> {
        let mut connection = self.connection()?;
        self.answered(script.invoke_async(&mut connection.inner)).await
    }

    async fn answered<T>(
        &self,
        answer: impl Future<Output = Result<T, RedisError>>,
    ) -> Result<T, Unanswered> {
        match tokio::time::timeout(ANSWER_WITHIN, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                tracing::debug!(%error, "redis did not do what it was asked");
                Err(self.doubt())
            }
            Err(_) => Err(self.doubt()),
        }
    }

    fn connection(&self) -> Result<Connection, Unanswered> {
        match &*self.state.borrow() {
            State::Up(connection) => Ok(connection.clone()),
            State::Doubtful | State::Lost => Err(Unanswered),
        }
    }

    fn doubt(&self) -> Unanswered {
        let is_news = self.state.send_if_modified(|state| {
            let is_up = matches!(state, State::Up(_));
            if is_up {
                *state = State::Doubtful;
            }
            is_up
        });
        if is_news {
            self.doubted.notify_one();
        }
        Unanswered
    }

    /// Waits until somebody's answer was late.
    pub(crate) async fn doubted(&self) {
        self.doubted.notified().await;
    }

    /// Waits until questions are answered.
    pub(crate) async fn up(&self) {
        // The sender lives as long as this.
        let _ = self.state.subscribe().wait_for(|state| matches!(state, State::Up(_))).await;
    }

    pub(crate) fn is_up(&self) -> bool {
        matches!(*self.state.borrow(), State::Up(_))
    }

    /// Questions go over this connection from now on.
    pub(crate) fn connected(&self, connection: Connection) {
        self.state.send_replace(State::Up(connection));
    }

    /// There is no connection.
    pub(crate) fn lost(&self) {
        self.state.send_replace(State::Lost);
    }

    /// The connection that was handed over before the background task began.
    pub(crate) fn first(&self) -> Option<Connection> {
        self.connection().ok()
    }

    pub(crate) fn version(&self) -> String {
        self.connection().map(|connection| connection.version).unwrap_or_default()
    }
}
