//! Bells: what is rung after a commit, so that waiters need not poll.
//!
//! A ring wakes the waiters of this process; when none is waiting, a waiter of another process that shares the bells.
//! A ring that nobody hears makes work later, never lost: what there is to do stands in the book.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rei_domain::shared::{Ear, SharedBells};
use tokio::sync::watch;

/// Something that waiters are woken for after a commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bell {
    /// A job of this queue may be claimed.
    Jobs(String),
    /// A message may be sent.
    Outbox,
    /// An update may be served.
    Inbox,
}

impl Bell {
    /// The bell of a queue.
    pub fn jobs(queue: &str) -> Self {
        Self::Jobs(queue.to_owned())
    }

    /// Its name among all processes.
    fn name(&self) -> Cow<'static, str> {
        match self {
            Self::Jobs(queue) => format!("jobs:{queue}").into(),
            Self::Outbox => "outbox".into(),
            Self::Inbox => "inbox".into(),
        }
    }
}

/// The bells that a transaction rings when it is on disk.
pub(crate) type Rung = BTreeSet<Bell>;

/// The bells of one process.
#[derive(Default)]
pub(crate) struct Bells {
    own: Mutex<BTreeMap<Bell, Line>>,
    shared: OnceLock<SharedBells>,
}

/// One bell, as this process hears it.
#[derive(Clone)]
struct Line {
    rings: watch::Sender<u64>,
    /// Listeners that wait at this moment.
    waiting: Arc<AtomicUsize>,
}

impl Bells {
    pub(crate) fn share(&self, shared: SharedBells) {
        if self.shared.set(shared).is_err() {
            tracing::warn!("the bells are shared already");
        }
    }

    pub(crate) fn listen(&self, bell: Bell) -> Listener {
        let shared = self.shared.get().map(|bells| Shared {
            ear: bells.listen(&bell.name()),
            bells: Arc::clone(bells),
            name: bell.name(),
        });
        let line = self.own().entry(bell).or_insert_with(Line::silent).clone();
        Listener { own: line.rings.subscribe(), waiting: line.waiting, shared }
    }

    /// Rings each once.
    pub(crate) fn ring(&self, rung: &Rung) {
        for bell in rung {
            let heard = self.own().get(bell).is_some_and(Line::ring);
            if !heard {
                self.ring_others(bell);
            }
        }
    }

    pub(crate) fn ring_others(&self, bell: &Bell) {
        if let Some(shared) = self.shared.get() {
            shared.ring(&bell.name());
        }
    }

    fn own(&self) -> MutexGuard<'_, BTreeMap<Bell, Line>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn silent() -> Self {
        Self { rings: watch::Sender::new(0), waiting: Arc::default() }
    }

    /// Rings; whether somebody was waiting for it.
    fn ring(&self) -> bool {
        self.rings.send_modify(|count| *count = count.wrapping_add(1));
        self.waiting.load(Ordering::SeqCst) > 0
    }
}

/// Hears one bell, whichever process rang it.
pub struct Listener {
    own: watch::Receiver<u64>,
    waiting: Arc<AtomicUsize>,
    shared: Option<Shared>,
}

/// How a listener hears other processes.
struct Shared {
    ear: Box<dyn Ear>,
    bells: SharedBells,
    name: Cow<'static, str>,
}

impl Listener {
    /// Forgets earlier rings of this process; called before the look at what there is to do, so that none in between
    /// is missed.
    pub fn forget(&mut self) {
        self.own.mark_unchanged();
    }

    /// Waits for a ring since [`Self::forget`]. Awaited only while there is room for work: a ring that is heard here is
    /// heard nowhere else. May be dropped at any moment.
    pub async fn rung(&mut self) {
        let _waits = Waits::begin(&self.waiting);
        let own = async {
            if self.own.changed().await.is_err() {
                // The book is gone; the poll will find out.
                std::future::pending::<()>().await;
            }
        };
        match &mut self.shared {
            None => own.await,
            Some(shared) => tokio::select! {
                biased;
                () = own => {}
                () = shared.ear.rung() => {}
            },
        }
    }
}

impl Drop for Listener {
    /// A ring that came when this listener had stopped waiting is passed on.
    fn drop(&mut self) {
        if let Some(shared) = &self.shared
            && self.own.has_changed().unwrap_or(false)
        {
            shared.bells.ring(&shared.name);
        }
    }
}

/// Counts a listener while it waits.
struct Waits(Arc<AtomicUsize>);

impl Waits {
    fn begin(waiting: &Arc<AtomicUsize>) -> Self {
        waiting.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(waiting))
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
