//! One closure on its way through the book, and its answer.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::bells::Rung;
use super::stopwatch::Stopwatch;
use crate::BookError;
use crate::tx::{Rerun, Tx};

/// Whether a closure may change anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

impl Access {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// How one run of a closure ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ran {
    /// Its effects are wanted.
    Well,
    /// It returned an error, panicked, or a statement failed: its effects are to be rolled back.
    GivenUp,
    /// It should be run again from the start.
    Again(Rerun),
}

/// One closure with its answer.
pub(crate) trait Work: Send {
    /// Runs the closure, perhaps not for the first time.
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran;
    /// Whether the closure only reads.
    fn access(&self) -> Access;
    /// What to ring after the commit; nothing for a closure that was given up.
    fn take_rung(&mut self) -> Rung;
    /// Gives the caller what the closure returned.
    fn answer(self: Box<Self>);
    /// Gives the caller an error of the book instead.
    fn fail(self: Box<Self>, error: BookError);
}

pub(crate) struct Pending<T, E, F> {
    work: F,
    access: Access,
    /// Since when it waits; none once it ran.
    waits: Option<Stopwatch>,
    result: Option<Result<T, E>>,
    rung: Rung,
    reply: oneshot::Sender<Result<T, E>>,
    /// The place in the queue; free again when the work is answered.
    _place: Option<OwnedSemaphorePermit>,
}

impl<T, E, F> Pending<T, E, F> {
    pub(crate) fn new(
        work: F,
        access: Access,
        place: Option<OwnedSemaphorePermit>,
    ) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        let waits = Some(Stopwatch::start());
        let rung = Rung::new();
        (Self { work, access, waits, result: None, rung, reply, _place: place }, answer)
    }
}

impl<T, E, F> Work for Pending<T, E, F>
where
    T: Send,
    E: From<BookError> + Send,
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran {
        if let Some(waits) = self.waits.take() {
            metrics::histogram!("book_wait_seconds", "access" => self.access.as_str())
                .record(waits.elapsed().as_secs_f64());
        }
        // The transaction of a closure that panicked is given up, so nothing half-done can be seen.
        let ran = catch_unwind(AssertUnwindSafe(|| (self.work)(tx)));
        let result = match (ran, tx.failure()) {
            (Err(_), _) => Err(BookError::Panicked.into()),
            // The closure looked away from a statement that failed.
            (Ok(Ok(_)), Some(error)) => Err(error.into()),
            (Ok(result), _) => result,
        };
        let ended = match (&result, tx.rerun()) {
            (_, Some(why)) => Ran::Again(why),
            (Ok(_), None) => Ran::Well,
            (Err(_), None) => Ran::GivenUp,
        };
        self.rung = if ended == Ran::Well { tx.take_rung() } else { Rung::new() };
        self.result = Some(result);
        ended
    }

    fn access(&self) -> Access {
        self.access
    }

    fn take_rung(&mut self) -> Rung {
        std::mem::take(&mut self.rung)
    }

    fn answer(self: Box<Self>) {
        let result = self.result.unwrap_or_else(|| Err(BookError::Closed.into()));
        // A caller that stopped waiting gets no answer; what was committed stays.
        let _ = self.reply.send(result);
    }

    fn fail(self: Box<Self>, error: BookError) {
        let _ = self.reply.send(Err(error.into()));
    }
}
