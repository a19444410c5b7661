//! Duties that one process of the house has at a time, by a lease in the book.

use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_storage::BookError;
use rei_storage::jobs::{self, Role};

use crate::House;

/// Asking Telegram for updates: it refuses two who do.
pub const TELEGRAM_POLLER: &str = "telegram-poller";

/// A process that died is replaced after this long.
const LEASE: Duration = Duration::from_secs(15);
/// How often the duty is kept; the book has as long to answer.
const KEEP_EVERY: Duration = Duration::from_secs(5);
/// How often others look whether it has become free.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// One duty, as one process sees it.
#[derive(Clone)]
pub struct Duty {
    house: House,
    role: &'static str,
    holder: String,
}

impl Duty {
    /// A duty that nobody has begun; `holder` names this process and no other.
    pub fn new(house: House, role: &'static str, holder: String) -> Self {
        Self { house, role, holder }
    }

    /// Waits until this process has the duty; it has it until the moment told, and longer by [`Self::keep`].
    pub async fn begin(&self) -> Timestamp {
        loop {
            match self.begin_if_free().await {
                Ok(Some(until)) => return until,
                Ok(None) => {}
                Err(error) if error.is_told() => {}
                Err(error) => {
                    tracing::error!(%error, role = self.role, "a duty can't be looked for");
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Keeps the duty, and returns when it is lost.
    pub async fn keep(&self, mut until: Timestamp) {
        loop {
            tokio::time::sleep(KEEP_EVERY).await;
            match tokio::time::timeout(KEEP_EVERY, self.take()).await {
                Ok(Ok(Some(longer))) => until = longer,
                Ok(Ok(None)) => {
                    return tracing::warn!(role = self.role, "a duty moved to another process");
                }
                // Without a word of the book it is this process's own until the lease ends, and no longer.
                Ok(Err(_)) | Err(_) if self.house.now().plus(KEEP_EVERY) >= until => {
                    return tracing::error!(role = self.role, "a duty could not be kept in time");
                }
                Ok(Err(error)) if error.is_told() => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, role = self.role, "a duty could not be kept, trying again");
                }
                Err(_) => {}
            }
        }
    }

    /// Gives the duty up, so that another process need not wait for the lease's end.
    pub async fn end(&self) {
        let (holder, role) = (self.holder.clone(), self.role);
        let ended = self.house.book.write(move |tx| jobs::release_lease(tx, role, &holder)).await;
        if let Err(error) = ended {
            tracing::warn!(%error, role, "a duty could not be given up; its lease will end");
        }
    }

    /// Looking is cheaper than writing: those who wait must not disturb the writer.
    async fn begin_if_free(&self) -> Result<Option<Timestamp>, BookError> {
        let (holder, role, now) = (self.holder.clone(), self.role, self.house.now());
        match self.house.book.read(move |tx| jobs::role(tx, role, &holder, now)).await? {
            Role::Others(_) => Ok(None),
            Role::Free | Role::Mine(_) => self.take().await,
        }
    }

    /// Takes or keeps it until the moment told; none while another process has it.
    async fn take(&self) -> Result<Option<Timestamp>, BookError> {
        let (holder, role, now) = (self.holder.clone(), self.role, self.house.now());
        let fence = self
            .house
            .book
            .write_urgent(move |tx| jobs::take_lease(tx, role, &holder, LEASE, now))
            .await?;
        Ok(fence.map(|_| now.plus(LEASE)))
    }
}
