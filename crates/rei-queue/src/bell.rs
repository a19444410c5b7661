//! What wakes an idle worker before its next look at the queue. A bell that is not heard makes work later, never
//! lost: the jobs are in the book.

use rei_storage::{Bell, Book};
use tokio::sync::watch;

/// Where rings come from; a bell that other machines hear becomes another variant.
pub(crate) enum JobBell {
    /// Commits of this process.
    InProcess(watch::Receiver<u64>),
}

impl JobBell {
    pub(crate) fn of(book: &Book) -> Self {
        Self::InProcess(book.bell(Bell::Jobs))
    }

    /// Forgets earlier rings; called before the look at the queue, so that none in between is missed.
    pub(crate) fn listen(&mut self) {
        match self {
            Self::InProcess(bell) => drop(bell.borrow_and_update()),
        }
    }

    /// Waits for a ring since [`Self::listen`].
    pub(crate) async fn rung(&mut self) {
        match self {
            Self::InProcess(bell) => {
                if bell.changed().await.is_err() {
                    // The book is gone; the poll will find out.
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}
