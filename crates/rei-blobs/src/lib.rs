//! Where results and customers' files are kept: a local folder, or an S3 bucket behind it; addressed by contents.
//!
//! A file is visible whole or not at all, and never changes. Who may see it and when it may go is not decided here.

mod bucket;
mod cache;
mod draft;
mod error;
mod key;
mod list;
mod pieces;
mod store;

pub use bucket::{Bucket, BucketOptions};
pub use error::BlobError;
pub use key::{BlobKey, NotAKey};
pub use list::BlobEntry;
pub use rei_domain::media;
pub use store::{BlobStore, Stored};
