//! What the processes of one house keep together besides the book: wake-ups, and limits towards outside services.
//!
//! The book is the truth; nothing here is. An implementation may forget everything at any moment, or answer that it
//! doesn't know: unheard bells cost time, and callers that learn nothing keep limits of their own.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// Something that comes later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The bells that other processes hear.
pub type SharedBells = Arc<dyn Bells>;

/// The limits that all processes keep together.
pub type SharedLimits = Arc<dyn Limits>;

/// Wakes idle processes.
pub trait Bells: Send + Sync {
    /// Tells one of the processes that listen for this bell. Never waits and never fails; rings in quick succession
    /// may become one.
    fn ring(&self, bell: &str);

    /// Listens as one member of the group that serves this bell: each ring reaches one of them.
    fn listen(&self, bell: &str) -> Box<dyn Ear>;
}

/// One listener of a bell.
pub trait Ear: Send {
    /// Waits for a ring. May be dropped at any moment; only while it is awaited does this listener take rings from
    /// the others of its group, and a ring that it took in vain is passed on.
    fn rung(&mut self) -> Later<'_, ()>;
}

/// Limits towards outside services. By itself each answer is that nothing is known.
pub trait Limits: Send + Sync {
    /// Takes one of `places` under `name`. It is free again when the returned [`Place`] is dropped, or after `within`
    /// when the process died.
    fn place<'a>(
        &'a self,
        _name: &'a str,
        _places: u32,
        _within: Duration,
    ) -> Later<'a, Known<Option<Place>>> {
        Box::pin(std::future::ready(Known::No))
    }

    /// Takes one from each bucket, or from none; `Err` says how long to wait before asking again.
    fn admit<'a>(&'a self, _buckets: &'a [Bucket]) -> Later<'a, Known<Result<(), Duration>>> {
        Box::pin(std::future::ready(Known::No))
    }

    /// Nothing is taken from this bucket for so long, whoever asks. Never waits.
    fn silence(&self, _bucket: &str, _length: Duration) {}

    /// How long a circuit is still open, as far as this process has heard (within a second); `None` when calls may go.
    fn open_for(&self, _circuit: &str) -> Option<Duration> {
        None
    }

    /// Opens a circuit for all processes; a longer rest stays, and a trial that is under way no longer counts. With
    /// no length at all only the latter: somebody else may make the trial. Never waits.
    fn open(&self, _circuit: &str, _length: Duration) {}

    /// Closes a circuit for all processes. Never waits.
    fn close(&self, _circuit: &str) {}

    /// Whether this process makes the one call that tries a circuit whose rest is over; nobody else does for `within`.
    fn trial<'a>(&'a self, _circuit: &'a str, _within: Duration) -> Later<'a, Known<bool>> {
        Box::pin(std::future::ready(Known::No))
    }

    /// How many processes share the limits as far as is known, one at least. While nothing is known, each keeps to
    /// this part of what it may do alone.
    fn processes(&self) -> u32 {
        1
    }

    /// This process's part of a number that all processes share, one at least: what it keeps to while nothing is known.
    fn share(&self, of: u32) -> u32 {
        (of / self.processes().max(1)).max(1)
    }
}

/// What is known by all processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// All processes have agreed on this.
    Yes(T),
    /// Nobody can tell right now: keep to limits of your own.
    No,
}

/// A budget that refills with time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name among all processes.
    pub name: String,
    /// It regains one in this time.
    pub refill: Duration,
    /// How many it holds.
    pub burst: u32,
    /// How many this call takes; zero asks only whether the bucket is silenced.
    pub takes: u32,
}

/// A place that was taken; free again when dropped.
pub struct Place(Option<Box<dyn FnOnce() + Send>>);

impl Place {
    /// A place that is given back by this.
    pub fn new(give_back: impl FnOnce() + Send + 'static) -> Self {
        Self(Some(Box::new(give_back)))
    }

    /// It turned out that it was not taken: nothing is given back.
    pub fn forget(mut self) {
        self.0 = None;
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Place")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(give_back) = self.0.take() {
            give_back();
        }
    }
}

/// One process, or a house without Redis: nothing is known about others, and no limit is divided.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Limits for Alone {}
