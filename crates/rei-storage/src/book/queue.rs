//! Work that waits for one of the book's threads. Urgent work goes first: a heartbeat must not queue behind a
//! crowd of other writes.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::tx::Tx;
use crate::{Bell, BookError};

/// Closures that may wait at once; more callers wait for a place.
const WAITING_MAX: usize = 8_192;

/// How much of a hurry work is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    Urgent,
    Ordinary,
}

/// One closure with its answer.
pub(crate) trait Work: Send {
    /// Runs the closure; whether its effects are wanted.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Whether the closure only reads.
    fn reads(&self) -> bool;
    /// What to ring after the commit.
    fn bells(&self) -> [bool; Bell::COUNT];
    /// Gives the caller what the closure returned.
    fn answer(self: Box<Self>);
    /// Gives the caller an error of the book instead.
    fn fail(self: Box<Self>, error: BookError);
}

pub(crate) struct Pending<T, E, F> {
    work: F,
    reads: bool,
    result: Option<Result<T, E>>,
    bells: [bool; Bell::COUNT],
    reply: oneshot::Sender<Result<T, E>>,
    /// The place in the queue; free again when the work is answered.
    _place: Option<OwnedSemaphorePermit>,
}

impl<T, E, F> Pending<T, E, F> {
    pub(crate) fn new(
        work: F,
        reads: bool,
        place: Option<OwnedSemaphorePermit>,
    ) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (reply, answer) = oneshot::channel();
        (
            Self { work, reads, result: None, bells: [false; Bell::COUNT], reply, _place: place },
            answer,
        )
    }
}

impl<T, E, F> Work for Pending<T, E, F>
where
    T: Send,
    E: From<BookError> + Send,
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        // The transaction of a closure that panicked is given up, so nothing half-done can be seen.
        let ran = catch_unwind(AssertUnwindSafe(|| (self.work)(tx)));
        self.bells = tx.bells();
        let result = ran.unwrap_or_else(|_| Err(BookError::Panicked.into()));
        let wanted = result.is_ok();
        self.result = Some(result);
        wanted
    }

    fn reads(&self) -> bool {
        self.reads
    }

    fn bells(&self) -> [bool; Bell::COUNT] {
        if matches!(self.result, Some(Ok(_))) { self.bells } else { [false; Bell::COUNT] }
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

/// The waiting room of some threads.
pub(crate) struct WorkQueue {
    state: Mutex<State>,
    arrived: Condvar,
    places: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    urgent: VecDeque<Box<dyn Work>>,
    ordinary: VecDeque<Box<dyn Work>>,
    closed: bool,
}

impl WorkQueue {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::default(),
            arrived: Condvar::new(),
            places: Arc::new(Semaphore::new(WAITING_MAX)),
        }
    }

    /// A place in the queue; waits while it is full.
    pub(crate) async fn place(&self) -> Result<OwnedSemaphorePermit, BookError> {
        Arc::clone(&self.places).acquire_owned().await.map_err(|_| BookError::Closed)
    }

    pub(crate) fn push(&self, work: Box<dyn Work>, lane: Lane) {
        let mut state = self.state();
        if state.closed {
            drop(state);
            return work.fail(BookError::Closed);
        }
        match lane {
            Lane::Urgent => state.urgent.push_back(work),
            Lane::Ordinary => state.ordinary.push_back(work),
        }
        drop(state);
        self.arrived.notify_one();
    }

    /// Waits for work and takes at most `limit`; `None` when the queue is closed and empty.
    pub(crate) fn take(&self, limit: usize) -> Option<Vec<Box<dyn Work>>> {
        let mut state = self.state();
        loop {
            if !state.urgent.is_empty() || !state.ordinary.is_empty() {
                let urgent = state.urgent.len().min(limit);
                let mut batch: Vec<_> = state.urgent.drain(..urgent).collect();
                let ordinary = state.ordinary.len().min(limit - urgent);
                batch.extend(state.ordinary.drain(..ordinary));
                return Some(batch);
            }
            if state.closed {
                return None;
            }
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Lets threads end once everything that waits is done.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.arrived.notify_all();
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
