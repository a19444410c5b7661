//! Takes the outbox to Telegram: in order within a chat, paced, each row recorded as it ends.

use std::sync::Arc;
use std::time::Duration;

use rei_domain::clock::Timestamp;
use rei_storage::outbox::{self, OutboxRow};
use rei_storage::{Bell, BookError};
use rei_telegram::Client;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::pacing::Pacing;
use super::record::record;
use super::send::{Sent, send};
use crate::House;

/// A sender that died is noticed after this long. A long upload keeps its row by saying that it goes on.
const LEASE: Duration = Duration::from_secs(20);
/// How often a call under way says that it goes on.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How often rows of dead senders are looked for.
const RECOVER_EVERY: Duration = Duration::from_secs(5);

/// How the sender works.
#[derive(Clone, Copy, Debug)]
pub struct SenderOptions {
    /// Calls at the same time.
    pub concurrency: usize,
    /// How long the outbox is left alone when nobody rings.
    pub poll: Duration,
    /// Whether messages are paced as Telegram's limits want it.
    pub paced: bool,
    /// How long calls under way may take after the sender was told to stop.
    pub stop_within: Duration,
}

impl Default for SenderOptions {
    fn default() -> Self {
        Self {
            concurrency: 64,
            poll: Duration::from_millis(250),
            paced: true,
            stop_within: Duration::from_secs(20),
        }
    }
}

/// Takes the outbox to Telegram.
#[derive(Clone)]
pub struct Sender {
    house: House,
    client: Arc<Client>,
    options: SenderOptions,
    pacing: Arc<Pacing>,
    /// Told when Telegram refuses the token, and when it takes it again.
    on_configuration: Arc<dyn Fn(bool) + Send + Sync>,
}

impl Sender {
    /// A sender that has not begun.
    pub fn new(
        house: House,
        client: Arc<Client>,
        options: SenderOptions,
        on_configuration: Arc<dyn Fn(bool) + Send + Sync>,
    ) -> Self {
        let pacing = Arc::new(Pacing::new(Arc::clone(&house.limits)));
        Self { house, client, options, pacing, on_configuration }
    }

    /// Sends until `stop` turns true, then lets calls under way end.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut bell = self.house.book.listen(Bell::Outbox);
        let mut calls = JoinSet::new();
        let mut recover_at = Timestamp(0);
        let mut called = false;
        while !*stop.borrow() {
            let now = self.house.now();
            if now >= recover_at {
                self.recover(now).await;
                recover_at = now.plus(RECOVER_EVERY);
            }
            bell.forget();
            let room = self.options.concurrency - calls.len();
            let claimed = if room > 0 { self.claim(room, called).await } else { Vec::new() };
            let found_some = !claimed.is_empty();
            for row in claimed {
                let (sender, stop) = (self.clone(), stop.clone());
                calls.spawn(async move { sender.carry_on(row, &stop).await });
            }
            if found_some && calls.len() < self.options.concurrency {
                // More chats may have a first row by now.
                while calls.try_join_next().is_some() {}
                tokio::task::yield_now().await;
            }
            called = tokio::select! {
                _ = stop.changed() => false,
                () = bell.rung(), if calls.len() < self.options.concurrency => true,
                Some(_) = calls.join_next() => room == 0,
                () = tokio::time::sleep(self.options.poll) => false,
            };
            while calls.try_join_next().is_some() {}
        }
        let ending = async { while calls.join_next().await.is_some() {} };
        if tokio::time::timeout(self.options.stop_within, ending).await.is_err() {
            tracing::warn!(
                "calls to Telegram were still under way at the end; their rows are taken up later"
            );
        }
    }

    /// Sends everything that is due and whatever that brings, then returns: for tests and scripts.
    ///
    /// # Errors
    /// [`BookError`] when the book can't be used.
    pub async fn drain(&self) -> Result<usize, BookError> {
        let mut sent = 0;
        loop {
            let rows = self.claim_rows(self.options.concurrency, false).await?;
            if rows.is_empty() {
                return Ok(sent);
            }
            for row in rows {
                self.carry(row, false).await;
                sent += 1;
            }
        }
    }

    async fn recover(&self, now: Timestamp) {
        let freed = self.house.book.write(move |tx| outbox::recover(tx, now)).await;
        match freed {
            Ok(0) => {}
            Ok(freed) => tracing::warn!(freed, "rows of a sender that stopped are free again"),
            Err(error) if error.is_told() => {}
            Err(error) => tracing::error!(%error, "the outbox can't be looked through"),
        }
    }

    async fn claim(&self, room: usize, called: bool) -> Vec<OutboxRow> {
        self.claim_rows(room, called).await.unwrap_or_else(|error| {
            if !error.is_told() {
                tracing::error!(%error, "the outbox can't be read");
            }
            Vec::new()
        })
    }

    /// Takes rows; `called` by a bell it doesn't look first, because there is something.
    async fn claim_rows(&self, room: usize, called: bool) -> Result<Vec<OutboxRow>, BookError> {
        let now = self.house.now();
        let limit = i64::try_from(room).unwrap_or(i64::MAX);
        // Looking is cheaper than writing: an idle sender must not disturb the writer.
        if !called && !self.house.book.read(move |tx| outbox::anything_due(tx, now)).await? {
            return Ok(Vec::new());
        }
        self.house.book.write(move |tx| outbox::claim(tx, now, now.plus(LEASE), limit)).await
    }

    /// One row, and after it what else its chat is to get, until the sender stops.
    async fn carry_on(&self, first: OutboxRow, stop: &watch::Receiver<bool>) {
        let mut next = Some(first);
        while let Some(row) = next {
            let takes_next = !*stop.borrow();
            next = self.carry(row, takes_next).await;
        }
    }

    /// One row: admitted or put off, sent, recorded. With `takes_next` the chat's next row comes back, taken.
    async fn carry(&self, row: OutboxRow, takes_next: bool) -> Option<OutboxRow> {
        let now = self.house.now();
        let admitted = match self.options.paced {
            true => self.pacing.admit(row.chat, row.class, now).await,
            false => Ok(()),
        };
        let sent = match admitted {
            Ok(()) => match self.send_renewing(&row).await {
                Some(sent) => sent,
                None => {
                    tracing::warn!(
                        outbox.ord = row.ord,
                        "a message was taken over by another sender"
                    );
                    return None;
                }
            },
            Err(free_at) => Sent::NotYet { at: free_at, why: "pacing" },
        };
        let now = self.house.now();
        if let Sent::Flood { after } = &sent {
            self.pacing.flooded(row.chat, now.plus(*after), now);
        }
        match &sent {
            Sent::Misconfigured(_) => (self.on_configuration)(true),
            Sent::Done { .. } => (self.on_configuration)(false),
            _ => {}
        }
        let next_until = takes_next.then(|| now.plus(LEASE));
        record(&self.house, &row, sent, now, next_until).await.unwrap_or_else(|error| {
            // The row stays "sending" until its lease ends and is then treated by its class.
            tracing::error!(%error, outbox.ord = row.ord, "the end of a call could not be recorded");
            None
        })
    }

    /// The call, with its row kept for as long as it takes; none when another sender has taken the row over.
    async fn send_renewing(&self, row: &OutboxRow) -> Option<Sent> {
        // A process that was frozen must not say again what another has said since.
        if self.house.now() >= row.lease_until {
            return None;
        }
        let call = send(&self.client, &self.house, row);
        tokio::pin!(call);
        loop {
            tokio::select! {
                sent = &mut call => return Some(sent),
                () = tokio::time::sleep(RENEW_EVERY) => {}
            }
            let (ord, attempts, until) = (row.ord, row.attempts, self.house.now().plus(LEASE));
            let renewed =
                self.house.book.write_urgent(move |tx| outbox::renew(tx, ord, attempts, until));
            match renewed.await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    tracing::warn!(%error, outbox.ord = row.ord, "a row under way could not be kept");
                }
            }
        }
    }
}
