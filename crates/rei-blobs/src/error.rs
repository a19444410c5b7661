//! What can go wrong with a file, named by what the caller does next.

use std::io;

use crate::key::BlobKey;

/// Why a file was not stored, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// No such file: never stored, or removed since.
    #[error("there is no file {0}")]
    NotFound(BlobKey),
    /// The file's contents are not what its key says: a broken disk, or somebody's hands.
    #[error("the file {0} is damaged")]
    Damaged(BlobKey),
    /// Longer than the caller allows, in bytes.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    /// Its first bytes are of no kind that the house handles.
    #[error("the file is of no known kind")]
    UnknownMedia,
    /// The disk is full: the owner must make room.
    #[error("there is no room for the file")]
    NoRoom(#[source] io::Error),
    /// Whoever sent the bytes broke off; nothing was kept.
    #[error("the source of the file broke off")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The bucket cannot be reached or is not well: nothing was half stored. It may heal, so try again later.
    #[error("the bucket cannot be used now ({0})")]
    BucketDown(String),
    /// The bucket understands us and says no: the key, its rights, the name or the region. Only the owner can mend it.
    #[error("the bucket refuses: {0}")]
    BucketRefused(String),
    /// The bucket's settings make no sense by themselves; nothing was asked.
    #[error("the bucket's settings cannot be used: {0}")]
    BucketSettings(&'static str),
    /// The folder cannot be used.
    #[error("the folder of files cannot be used")]
    Io(#[source] io::Error),
}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoRoom(error),
            _ => Self::Io(error),
        }
    }
}
