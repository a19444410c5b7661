//! Reports of providers about their tasks. Nothing in them is believed: they only make us ask sooner.

use rei_domain::clock::Timestamp;
use rei_providers::kling::callback::{self, CallbackError};
use rei_storage::BookError;

use crate::House;
use crate::orders::hurry;

/// Where Kling reports progress, under the owner's public address.
pub const KLING_CALLBACK_PATH: &str = "/webhooks/kling";

/// The headers of Standard Webhooks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignedBy<'a> {
    /// `webhook-id`
    pub id: Option<&'a str>,
    /// `webhook-timestamp`
    pub timestamp: Option<&'a str>,
    /// `webhook-signature`
    pub signature: Option<&'a str>,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reported {
    /// The task is asked about at once.
    Hurried,
    /// Nobody waits for such a task.
    Unknown,
    /// It isn't signed as it must be.
    Unauthentic,
    /// It names no task.
    Unreadable,
}

/// Takes a report of Kling's.
///
/// # Errors
/// [`BookError`] when the book can't be used; the report may then come again.
pub async fn kling(
    house: &House,
    signed: SignedBy<'_>,
    body: &[u8],
) -> Result<Reported, BookError> {
    let now: Timestamp = house.now();
    let secret = house.files.callback_secret.as_ref();
    let hint = callback::read(signed.id, signed.timestamp, signed.signature, body, secret, now);
    let hint = match hint {
        Ok(hint) => hint,
        Err(CallbackError::Unreadable) => return Ok(Reported::Unreadable),
        Err(error) => {
            tracing::warn!(%error, "a report about a task is not authentic");
            return Ok(Reported::Unauthentic);
        }
    };
    let known = hurry(house, hint.task, hint.external_id).await?;
    Ok(if known { Reported::Hurried } else { Reported::Unknown })
}
