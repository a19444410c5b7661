//! The store itself: puts, gets and removes files, in the folder and, where there is one, in the bucket behind it.
//! All work on the disk happens on threads that may block.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, TryStreamExt};
use rei_domain::clock::Timestamp;
use sha2::{Digest, Sha256};

use crate::bucket::Bucket;
use crate::draft::{self, Draft};
use crate::error::BlobError;
use crate::key::{BlobKey, hex};
use crate::list::{self, BlobEntry};
use crate::media::MediaType;
use crate::pieces::{self, joined};

/// Room on the disk that files may not use up: the book lives there too, in bytes.
const ROOM_KEPT_BYTES: u64 = 256 * 1024 * 1024;

/// Files, each under the hash of its contents: in a folder, or in a bucket with the folder as this machine's cache.
/// Cheap to clone; several processes may share the folder.
#[derive(Clone, Debug)]
pub struct BlobStore {
    pub(crate) root: Arc<Path>,
    pub(crate) bucket: Option<Bucket>,
}

/// A file that was stored from a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its name; [`BlobKey::media`] says what it is.
    pub key: BlobKey,
    /// Its length.
    pub size_bytes: u64,
}

impl BlobStore {
    /// Opens the folder, making it if need be. Blocks; for the start of a process.
    ///
    /// # Errors
    /// [`BlobError::Io`] when the folder cannot be made.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, BlobError> {
        let root: PathBuf = root.into();
        draft::prepare(&root)?;
        Ok(Self { root: root.into(), bucket: None })
    }

    /// Stores bytes whose kind is known. It is safe when this returns: in the bucket, or on the disk where there is
    /// none. The same bytes again are the same file.
    ///
    /// # Errors
    /// [`BlobError::NoRoom`], [`BlobError::Io`], [`BlobError::BucketDown`], [`BlobError::BucketRefused`]; nothing is
    /// kept then.
    pub async fn put_bytes(&self, bytes: Bytes, media: MediaType) -> Result<BlobKey, BlobError> {
        let sealed = self
            .blocking(move |root| {
                let mut draft = Draft::begin(root, u64::MAX)?;
                draft.write(&bytes)?;
                draft.seal(media)
            })
            .await?;
        self.keep(sealed).await
    }

    /// Stores a stream of at most `size_max` bytes; its kind is read off its first bytes.
    ///
    /// # Errors
    /// [`BlobError::Source`] when the stream breaks, [`BlobError::TooLarge`], [`BlobError::UnknownMedia`], and the
    /// errors of [`BlobStore::put_bytes`]; nothing is kept then.
    pub async fn put_stream<E>(
        &self,
        pieces: impl Stream<Item = Result<Bytes, E>>,
        size_max: u64,
    ) -> Result<Stored, BlobError>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let pieces = pieces.map_err(|error| BlobError::Source(error.into()));
        let sealed = pieces::write(Arc::clone(&self.root), pieces, size_max, None).await?;
        let size_bytes = sealed.size_bytes();
        Ok(Stored { key: self.keep(sealed).await?, size_bytes })
    }

    /// Reads a whole file and checks that it is what its key says.
    ///
    /// # Errors
    /// [`BlobError::NotFound`], [`BlobError::Damaged`], [`BlobError::Io`], and the bucket's.
    pub async fn get(&self, key: &BlobKey) -> Result<Bytes, BlobError> {
        self.here(key, |root, key| {
            let bytes = fs::read(key.path(root)).map_err(|error| missing(error, key))?;
            if hex(&Sha256::digest(&bytes)) != key.hash() {
                return Err(BlobError::Damaged(key.clone()));
            }
            Ok(Bytes::from(bytes))
        })
        .await
    }

    /// Where a file lies on this machine, for those who stream it themselves.
    ///
    /// # Errors
    /// [`BlobError::NotFound`], [`BlobError::Io`], and the bucket's.
    pub async fn path_of(&self, key: &BlobKey) -> Result<PathBuf, BlobError> {
        self.here(key, |root, key| {
            let path = key.path(root);
            fs::metadata(&path).map_err(|error| missing(error, key))?;
            Ok(path)
        })
        .await
    }

    /// Opens a file for reading piece by piece, with its length in bytes.
    ///
    /// # Errors
    /// [`BlobError::NotFound`], [`BlobError::Io`], and the bucket's.
    pub async fn open_file(&self, key: &BlobKey) -> Result<(tokio::fs::File, u64), BlobError> {
        let opened = self.here(key, |root, key| {
            let file = fs::File::open(key.path(root)).map_err(|error| missing(error, key))?;
            let size_bytes = file.metadata()?.len();
            Ok((file, size_bytes))
        });
        let (file, size_bytes) = opened.await?;
        Ok((tokio::fs::File::from_std(file), size_bytes))
    }

    /// Whether there is such a file. Fetches nothing.
    ///
    /// # Errors
    /// [`BlobError::Io`], and the bucket's.
    pub async fn exists(&self, key: &BlobKey) -> Result<bool, BlobError> {
        if self.is_here(key).await? {
            return Ok(true);
        }
        match &self.bucket {
            Some(bucket) => Ok(bucket.entry(key).await?.is_some()),
            None => Ok(false),
        }
    }

    /// Removes a file; `false` when there was none. Copies in the folders of other machines go with
    /// [`BlobStore::sweep_cache`] or when those machines' cleaners list them.
    ///
    /// # Errors
    /// [`BlobError::Io`], and the bucket's; the file is still there then.
    pub async fn delete(&self, key: &BlobKey) -> Result<bool, BlobError> {
        // The bucket first: as long as it has the file, the file is there.
        let was_there = match &self.bucket {
            Some(bucket) => bucket.remove(key).await?,
            None => false,
        };
        Ok(self.remove_here(key).await? || was_there)
    }

    /// A page of files that were stored before `before`, in the order of their keys, behind `after`; `limit` at most.
    /// Fewer than `limit`: that was the last page.
    ///
    /// The cleaner asks the book which of them are still needed and removes the others. A file that is stored again
    /// becomes young again, so let `before` lie well in the past. With a bucket these are its objects, and the files
    /// in this machine's folder that the bucket lacks.
    ///
    /// # Errors
    /// [`BlobError::Io`], and the bucket's.
    pub async fn list(
        &self,
        before: Timestamp,
        after: Option<BlobKey>,
        limit: usize,
    ) -> Result<Vec<BlobEntry>, BlobError> {
        match &self.bucket {
            Some(bucket) => self.list_both(bucket, before, after, limit).await,
            None => self.list_here(before, after, limit).await,
        }
    }

    /// Removes what processes that died left half written; returns how many files that were.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub async fn sweep_leftovers(&self, now: Timestamp) -> Result<usize, BlobError> {
        let removed = self.blocking(move |root| draft::sweep(root, now)).await?;
        if removed > 0 {
            tracing::info!(files = removed, "removed files that were left half written");
        }
        Ok(removed)
    }

    /// Whether so many bytes more may be stored without filling the disk.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub async fn has_room(&self, bytes: u64) -> Result<bool, BlobError> {
        let free = self
            .blocking(|root| {
                let disk = rustix::fs::statvfs(root).map_err(io::Error::from)?;
                Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
            })
            .await?;
        Ok(free >= bytes.saturating_add(ROOM_KEPT_BYTES))
    }

    pub(crate) async fn is_here(&self, key: &BlobKey) -> Result<bool, BlobError> {
        let key = key.clone();
        self.blocking(move |root| Ok(key.path(root).try_exists()?)).await
    }

    /// [`BlobStore::list`] for the folder alone.
    pub(crate) async fn list_here(
        &self,
        before: Timestamp,
        after: Option<BlobKey>,
        limit: usize,
    ) -> Result<Vec<BlobEntry>, BlobError> {
        self.blocking(move |root| list::page(root, before, after.as_ref(), limit)).await
    }

    /// [`BlobStore::delete`] for the folder alone.
    pub(crate) async fn remove_here(&self, key: &BlobKey) -> Result<bool, BlobError> {
        let key = key.clone();
        self.blocking(move |root| match fs::remove_file(key.path(root)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        })
        .await
    }

    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> Result<T, BlobError> + Send + 'static,
    ) -> Result<T, BlobError> {
        let root = Arc::clone(&self.root);
        joined(tokio::task::spawn_blocking(move || work(&root)).await)
    }
}

fn missing(error: io::Error, key: &BlobKey) -> BlobError {
    if error.kind() == io::ErrorKind::NotFound {
        BlobError::NotFound(key.clone())
    } else {
        error.into()
    }
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
