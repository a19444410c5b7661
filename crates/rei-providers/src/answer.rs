//! An answer apart from the exchange that brought it, so that its reading can be tried with anything a stranger may send.

use bytes::Bytes;

use crate::policy::wire::{Answer, seconds};

/// An answer as it came over the wire.
#[derive(Clone, Copy, Debug)]
pub struct RawAnswer<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The header `Retry-After`, as it was written.
    pub retry_after: Option<&'a str>,
    /// The body; the wire bounds its size.
    pub body: &'a [u8],
}

impl From<RawAnswer<'_>> for Answer {
    fn from(raw: RawAnswer<'_>) -> Self {
        Self {
            status: raw.status,
            retry_after: raw.retry_after.and_then(seconds),
            body: Bytes::copy_from_slice(raw.body),
        }
    }
}
