//! Where results and customers' files are kept: a local folder, addressed by contents.
//!
//! A file is visible whole or not at all, and never changes. Who may see it and when it may go is not decided here.

mod draft;
mod error;
mod key;
mod list;
pub mod media;
mod store;

pub use error::BlobError;
pub use key::{BlobKey, NotAKey};
pub use list::BlobEntry;
pub use store::{BlobStore, Stored};
