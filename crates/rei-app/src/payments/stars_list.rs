//! What moved the bot's Stars, read by time. Telegram hands the list out oldest first and by position alone, so the
//! place where a time begins is searched for, and places that were seen are remembered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rei_domain::clock::Timestamp;
use rei_telegram::{CallError, Client, StarTransaction};

use super::rail::RailError;

/// Transactions of one page.
const PAGE: u8 = 100;
/// Pages of one reading.
const PAGES_MAX: usize = 100;
/// Questions of one search: more than a list of four thousand million needs.
const PROBES_MAX: usize = 64;
/// Places that are remembered; the newest stay.
const LANDMARKS_MAX: usize = 64;

/// The list of one bot.
pub(super) struct StarsList {
    client: Arc<Client>,
    /// Positions by the time of what stands there. The list only grows, so they stay true.
    landmarks: Mutex<BTreeMap<Timestamp, u32>>,
}

/// What stands at a position.
enum Probe {
    Older,
    NotOlder,
    End,
}

impl StarsList {
    pub(super) fn new(client: Arc<Client>) -> Self {
        Self { client, landmarks: Mutex::default() }
    }

    /// What moved at `from` or later and before `upto`, oldest first. `enough` sees each and may end the reading.
    ///
    /// # Errors
    /// [`RailError`] when the list can't be read to its end, or holds more than is read at once.
    pub(super) async fn read(
        &self,
        from: Timestamp,
        upto: Timestamp,
        mut enough: impl FnMut(&StarTransaction) -> bool + Send,
    ) -> Result<Vec<StarTransaction>, RailError> {
        let mut offset = self.begin(from).await?;
        let mut all = Vec::new();
        for _ in 0..PAGES_MAX {
            let page = self.client.get_star_transactions(offset, PAGE).await;
            let page = page.map_err(|error| failed(&error))?;
            if page.transactions.len() < page.held {
                let unreadable = page.held - page.transactions.len();
                tracing::error!(unreadable, "the list of Stars has entries that can't be read");
            }
            for transaction in page.transactions {
                if transaction.at >= upto {
                    return Ok(all);
                }
                if transaction.at >= from {
                    let ends = enough(&transaction);
                    all.push(transaction);
                    if ends {
                        return Ok(all);
                    }
                }
            }
            if page.held < usize::from(PAGE) {
                return Ok(all);
            }
            offset = offset.saturating_add(u32::from(PAGE));
        }
        Err(RailError::again("the list of Stars has more pages than are read"))
    }

    /// A position at or before the first transaction of this time or later; at most a page before it.
    async fn begin(&self, from: Timestamp) -> Result<u32, RailError> {
        let (mut low, mut high) = self.known(from);
        let mut step = u32::from(PAGE);
        for _ in 0..PROBES_MAX {
            let at = match high {
                None => low.saturating_add(step),
                Some(high) if high - low <= u32::from(PAGE) => return Ok(low),
                Some(high) => low + (high - low) / 2,
            };
            match self.probe(at, from).await? {
                Probe::Older => low = at.saturating_add(1),
                Probe::NotOlder | Probe::End => high = Some(at),
            }
            step = step.saturating_mul(2);
        }
        Err(RailError::again("the list of Stars has no end"))
    }

    /// What the landmarks say: everything before the first position is older, the second is not.
    fn known(&self, from: Timestamp) -> (u32, Option<u32>) {
        let landmarks = self.landmarks.lock().unwrap_or_else(PoisonError::into_inner);
        let low = landmarks.range(..from).next_back().map_or(0, |(_, at)| at.saturating_add(1));
        let high = landmarks.range(from..).next().map(|(_, at)| *at);
        (low, high.filter(|high| *high >= low))
    }

    async fn probe(&self, at: u32, from: Timestamp) -> Result<Probe, RailError> {
        let page = self.client.get_star_transactions(at, 1).await;
        let page = page.map_err(|error| failed(&error))?;
        let Some(found) = page.transactions.first() else {
            // One that can't be read is taken for late: then more is read, never less.
            return Ok(if page.held == 0 { Probe::End } else { Probe::NotOlder });
        };
        let mut landmarks = self.landmarks.lock().unwrap_or_else(PoisonError::into_inner);
        landmarks.entry(found.at).or_insert(at);
        while landmarks.len() > LANDMARKS_MAX {
            landmarks.pop_first();
        }
        Ok(if found.at < from { Probe::Older } else { Probe::NotOlder })
    }
}

/// What a call of Telegram's that brought nothing means for its job.
pub(super) fn failed(error: &CallError) -> RailError {
    let why = error.to_string();
    match error {
        CallError::Flood { .. } => RailError::Again { after: error.retry_after(), why },
        CallError::Configuration { .. }
        | CallError::Conflict { .. }
        | CallError::Transient { .. }
        | CallError::NotSent(_)
        | CallError::Unanswered(_) => RailError::again(why),
        // Telegram has read it and will never take it.
        CallError::Done
        | CallError::RecipientGone
        | CallError::Moved { .. }
        | CallError::ReplyTargetGone
        | CallError::TopicGone
        | CallError::WrongMediaForm
        | CallError::BadFileId
        | CallError::FileTooBig
        | CallError::EditImpossible
        | CallError::OurBug { .. } => RailError::Refused { why, owner: true },
    }
}
