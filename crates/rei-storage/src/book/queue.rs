//! Where closures wait for the book's threads. Urgent ones go first: a heartbeat must not queue behind a crowd of
//! other writes.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::work::Work;
use crate::BookError;

/// Closures that may wait at once; more callers wait for a place.
const WAITING_MAX: usize = 8_192;
/// Urgent closures that may wait at once. Places of their own: no crowd keeps a heartbeat out.
const URGENT_WAITING_MAX: usize = 1_024;

/// How much of a hurry work is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    Urgent,
    Ordinary,
}

/// The waiting room of some threads.
pub(crate) struct WorkQueue {
    state: Mutex<State>,
    arrived: Condvar,
    urgent_places: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

#[derive(Default)]
struct State {
    urgent: VecDeque<Box<dyn Work>>,
    ordinary: VecDeque<Box<dyn Work>>,
    closed: bool,
}

impl State {
    fn is_empty(&self) -> bool {
        self.urgent.is_empty() && self.ordinary.is_empty()
    }

    fn take(&mut self, limit: usize) -> Vec<Box<dyn Work>> {
        let urgent = self.urgent.len().min(limit);
        let ordinary = self.ordinary.len().min(limit - urgent);
        self.urgent.drain(..urgent).chain(self.ordinary.drain(..ordinary)).collect()
    }
}

impl WorkQueue {
    pub(crate) fn new() -> Self {
        Self::with_places(URGENT_WAITING_MAX, WAITING_MAX)
    }

    fn with_places(urgent: usize, ordinary: usize) -> Self {
        Self {
            state: Mutex::default(),
            arrived: Condvar::new(),
            urgent_places: Arc::new(Semaphore::new(urgent)),
            places: Arc::new(Semaphore::new(ordinary)),
        }
    }

    /// A place in the queue; waits while it is full.
    pub(crate) async fn place(&self, lane: Lane) -> Result<OwnedSemaphorePermit, BookError> {
        let places = match lane {
            Lane::Urgent => &self.urgent_places,
            Lane::Ordinary => &self.places,
        };
        Arc::clone(places).acquire_owned().await.map_err(|_| BookError::Closed)
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

    /// Waits for work and takes the next; `None` when the queue is closed and empty.
    pub(crate) fn next(&self) -> Option<Box<dyn Work>> {
        self.wait_for_work().take(1).pop()
    }

    /// Waits for work without taking it; `false` when the queue is closed and empty.
    pub(crate) fn has_work(&self) -> bool {
        !self.wait_for_work().is_empty()
    }

    /// Takes at most `limit` of what waits now, urgent work first.
    pub(crate) fn take(&self, limit: usize) -> Vec<Box<dyn Work>> {
        self.state().take(limit)
    }

    /// Lets threads end once everything that waits is done.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.arrived.notify_all();
    }

    fn wait_for_work(&self) -> MutexGuard<'_, State> {
        self.arrived
            .wait_while(self.state(), |state| state.is_empty() && !state.closed)
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::book::work::{Access, Pending};

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn when_the_queue_is_full_callers_wait_for_a_place_and_urgent_ones_have_their_own() {
        let queue = WorkQueue::with_places(1, 2);
        let held: Vec<_> = (0..2).map(|_| poll(pin!(queue.place(Lane::Ordinary)))).collect();
        assert!(held.iter().all(Poll::is_ready));
        let mut third = pin!(queue.place(Lane::Ordinary));
        assert!(poll(third.as_mut()).is_pending());
        assert!(poll(pin!(queue.place(Lane::Urgent))).is_ready());
        drop(held);
        assert!(poll(third).is_ready());
    }

    #[test]
    fn urgent_work_is_taken_first_and_a_closed_queue_refuses_more() {
        let queue = WorkQueue::new();
        let add = |access, lane| {
            let work = |_: &mut crate::Tx<'_>| Ok::<_, BookError>(());
            let (pending, answer) = Pending::new(work, access, None);
            queue.push(Box::new(pending), lane);
            answer
        };
        // The kind of access tells them apart here.
        let ordinary = [add(Access::Read, Lane::Ordinary), add(Access::Read, Lane::Ordinary)];
        let urgent = add(Access::Write, Lane::Urgent);
        let taken: Vec<_> = queue.take(2).iter().map(|work| work.access()).collect();
        assert_eq!(taken, [Access::Write, Access::Read]);
        queue.close();
        assert!(queue.has_work(), "what waits is still done");
        assert!(queue.next().is_some());
        assert!(queue.next().is_none());
        let late = add(Access::Read, Lane::Ordinary).blocking_recv();
        assert_eq!(late.expect("an answer"), Err(BookError::Closed));
        drop((ordinary, urgent));
    }
}
