//! The store itself: puts, gets and removes files. All work on the disk happens on threads that may block.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use rei_domain::clock::Timestamp;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::draft::{self, Draft};
use crate::error::BlobError;
use crate::key::{BlobKey, hex};
use crate::list::{self, BlobEntry};
use crate::media::{MediaType, SNIFF_BYTES, sniff};

/// Pieces of a stream that wait for the disk.
const PIECES_WAITING_MAX: usize = 8;
/// Room on the disk that files may not use up: the book lives there too, in bytes.
const ROOM_KEPT_BYTES: u64 = 256 * 1024 * 1024;

/// A folder of files, each under the hash of its contents. Cheap to clone; several processes may share the folder.
#[derive(Clone, Debug)]
pub struct BlobStore {
    root: Arc<Path>,
}

/// A file that was stored from a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its name; [`BlobKey::media`] says what it is.
    pub key: BlobKey,
    /// Its length.
    pub size_bytes: u64,
}

enum Piece {
    Bytes(Bytes),
    /// The stream ended as it should; without this word the file is given up.
    End,
}

impl BlobStore {
    /// Opens the folder, making it if need be. Blocks; for the start of a process.
    ///
    /// # Errors
    /// [`BlobError::Io`] when the folder cannot be made.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, BlobError> {
        let root: PathBuf = root.into();
        draft::prepare(&root)?;
        Ok(Self { root: root.into() })
    }

    /// Stores bytes whose kind is known. It is on the disk when this returns; the same bytes again are the same file.
    ///
    /// # Errors
    /// [`BlobError::NoRoom`], [`BlobError::Io`].
    pub async fn put_bytes(&self, bytes: Bytes, media: MediaType) -> Result<BlobKey, BlobError> {
        self.blocking(move |root| {
            let mut draft = Draft::begin(root, u64::MAX)?;
            draft.write(&bytes)?;
            draft.keep(root, media)
        })
        .await
    }

    /// Stores a stream of at most `size_max` bytes; its kind is read off its first bytes.
    ///
    /// # Errors
    /// [`BlobError::Source`] when the stream breaks, [`BlobError::TooLarge`], [`BlobError::UnknownMedia`],
    /// [`BlobError::NoRoom`], [`BlobError::Io`]; nothing is kept then.
    pub async fn put_stream<E>(
        &self,
        pieces: impl Stream<Item = Result<Bytes, E>>,
        size_max: u64,
    ) -> Result<Stored, BlobError>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (sender, receiver) = mpsc::channel(PIECES_WAITING_MAX);
        let root = Arc::clone(&self.root);
        let writing = tokio::task::spawn_blocking(move || write_pieces(&root, receiver, size_max));
        let fed = feed(pieces, sender).await;
        let written = joined(writing.await);
        // A writer that stopped early has the better explanation; else the stream's own.
        match (fed, written) {
            (Err(broke_off), _) => Err(broke_off),
            (Ok(()), written) => written,
        }
    }

    /// Reads a whole file and checks that it is what its key says.
    ///
    /// # Errors
    /// [`BlobError::NotFound`], [`BlobError::Damaged`], [`BlobError::Io`].
    pub async fn get(&self, key: &BlobKey) -> Result<Bytes, BlobError> {
        let key = key.clone();
        self.blocking(move |root| {
            let bytes = fs::read(key.path(root)).map_err(|error| missing(error, &key))?;
            if hex(&Sha256::digest(&bytes)) != key.hash() {
                return Err(BlobError::Damaged(key));
            }
            Ok(Bytes::from(bytes))
        })
        .await
    }

    /// Where a file lies, for those who stream it themselves.
    ///
    /// # Errors
    /// [`BlobError::NotFound`], [`BlobError::Io`].
    pub async fn path_of(&self, key: &BlobKey) -> Result<PathBuf, BlobError> {
        let key = key.clone();
        self.blocking(move |root| {
            let path = key.path(root);
            fs::metadata(&path).map_err(|error| missing(error, &key))?;
            Ok(path)
        })
        .await
    }

    /// Opens a file for reading piece by piece, with its length in bytes.
    ///
    /// # Errors
    /// [`BlobError::NotFound`], [`BlobError::Io`].
    pub async fn open_file(&self, key: &BlobKey) -> Result<(tokio::fs::File, u64), BlobError> {
        let key = key.clone();
        let (file, size_bytes) = self
            .blocking(move |root| {
                let file = fs::File::open(key.path(root)).map_err(|error| missing(error, &key))?;
                let size_bytes = file.metadata()?.len();
                Ok((file, size_bytes))
            })
            .await?;
        Ok((tokio::fs::File::from_std(file), size_bytes))
    }

    /// Whether there is such a file.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub async fn exists(&self, key: &BlobKey) -> Result<bool, BlobError> {
        let key = key.clone();
        self.blocking(move |root| Ok(key.path(root).try_exists()?)).await
    }

    /// Removes a file; `false` when there was none.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub async fn delete(&self, key: &BlobKey) -> Result<bool, BlobError> {
        let key = key.clone();
        self.blocking(move |root| match fs::remove_file(key.path(root)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        })
        .await
    }

    /// A page of files that were stored before `before`, in the order of their keys, behind `after`; `limit` at most.
    /// Fewer than `limit`: that was the last page.
    ///
    /// The cleaner asks the book which of them are still needed and removes the others. A file that is stored again
    /// becomes young again, so let `before` lie well in the past.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub async fn list(
        &self,
        before: Timestamp,
        after: Option<BlobKey>,
        limit: usize,
    ) -> Result<Vec<BlobEntry>, BlobError> {
        self.blocking(move |root| list::page(root, before, after.as_ref(), limit)).await
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

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> Result<T, BlobError> + Send + 'static,
    ) -> Result<T, BlobError> {
        let root = Arc::clone(&self.root);
        joined(tokio::task::spawn_blocking(move || work(&root)).await)
    }
}

/// Hands a stream's pieces to the writer.
async fn feed<E>(
    pieces: impl Stream<Item = Result<Bytes, E>>,
    writer: mpsc::Sender<Piece>,
) -> Result<(), BlobError>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut pieces = std::pin::pin!(pieces);
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| BlobError::Source(error.into()))?;
        if writer.send(Piece::Bytes(piece)).await.is_err() {
            // The writer has stopped and will say why.
            return Ok(());
        }
    }
    let _ = writer.send(Piece::End).await;
    Ok(())
}

/// Writes pieces until the end is announced.
fn write_pieces(
    root: &Path,
    mut pieces: mpsc::Receiver<Piece>,
    size_max: u64,
) -> Result<Stored, BlobError> {
    let mut draft = Draft::begin(root, size_max)?;
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    loop {
        match pieces.blocking_recv() {
            Some(Piece::Bytes(bytes)) => {
                let missing = SNIFF_BYTES - head.len();
                head.extend_from_slice(&bytes[..bytes.len().min(missing)]);
                // Not a byte more of something that will not be kept.
                if head.len() == SNIFF_BYTES && sniff(&head).is_none() {
                    return Err(BlobError::UnknownMedia);
                }
                draft.write(&bytes)?;
            }
            Some(Piece::End) => {
                let media = sniff(&head).ok_or(BlobError::UnknownMedia)?;
                let size_bytes = draft.size_bytes();
                return Ok(Stored { key: draft.keep(root, media)?, size_bytes });
            }
            None => return Err(BlobError::Source("the stream was given up".into())),
        }
    }
}

fn missing(error: io::Error, key: &BlobKey) -> BlobError {
    if error.kind() == io::ErrorKind::NotFound {
        BlobError::NotFound(key.clone())
    } else {
        error.into()
    }
}

/// The outcome of blocking work; a panic in it goes on here.
fn joined<T>(
    outcome: Result<Result<T, BlobError>, tokio::task::JoinError>,
) -> Result<T, BlobError> {
    outcome.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Err(BlobError::Io(io::Error::other("the process is stopping"))),
    })
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
