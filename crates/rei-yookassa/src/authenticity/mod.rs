//! Proof that a notification is ours, since YooKassa signs none.
//!
//! Four layers stand here: the unguessable address and the signed metadata ([`Signer`]), the signed relay
//! ([`RelayKey`]), the sender's address ([`sender`], [`Senders`]). The fifth, reading the object before anything is
//! credited, is the caller's, and no other replaces it.

mod keys;
mod relay;
mod senders;
mod signer;

pub use keys::{KeyError, ROOT_MIN_BYTES, is_strong_root};
pub use relay::{RELAY_HEADER, RelayError, RelayKey};
pub use senders::{Network, NetworkError, Senders, parse_network, sender};
pub use signer::{Mode, Signer};
