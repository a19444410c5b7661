//! The bells of one process: what moves after a commit, so that waiters need not poll.

use tokio::sync::watch;

use crate::tx;

/// Something that waiters of this process are woken for after a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bell {
    /// A job may be claimed.
    Jobs = 0,
    /// A message may be sent.
    Outbox = 1,
    /// An update may be served.
    Inbox = 2,
}

impl Bell {
    pub(crate) const COUNT: usize = 3;
}

pub(crate) struct Bells([watch::Sender<u64>; Bell::COUNT]);

impl Bells {
    pub(crate) fn new() -> Self {
        Self(std::array::from_fn(|_| watch::Sender::new(0)))
    }

    pub(crate) fn of(&self, bell: Bell) -> watch::Receiver<u64> {
        self.0[bell as usize].subscribe()
    }

    /// Rings those that are set, each once.
    pub(crate) fn ring(&self, bells: tx::Bells) {
        for (sender, rung) in self.0.iter().zip(bells) {
            if rung {
                sender.send_modify(|count| *count = count.wrapping_add(1));
            }
        }
    }
}
