//! A stream on its way to the disk: pieces come from the runtime, a thread that may block writes them.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use tokio::sync::mpsc;

use crate::draft::{Draft, Sealed};
use crate::error::BlobError;
use crate::media::{MediaType, SNIFF_BYTES, sniff};

/// Pieces of a stream that wait for the disk; the HTTP client's may have 400 KiB each.
const PIECES_WAITING_MAX: usize = 2;

enum Piece {
    Bytes(Bytes),
    /// The stream ended as it should; without this word the file is given up.
    End,
}

/// Writes a stream of at most `size_max` bytes into a draft. Its kind is `known`, or else read off its first bytes.
pub(crate) async fn write(
    root: Arc<Path>,
    pieces: impl Stream<Item = Result<Bytes, BlobError>>,
    size_max: u64,
    known: Option<MediaType>,
) -> Result<Sealed, BlobError> {
    let (sender, receiver) = mpsc::channel(PIECES_WAITING_MAX);
    let writing =
        tokio::task::spawn_blocking(move || write_pieces(&root, receiver, size_max, known));
    let fed = feed(pieces, sender).await;
    let written = joined(writing.await);
    // A writer that stopped early has the better explanation; else the stream's own.
    match (fed, written) {
        (Err(broke_off), _) => Err(broke_off),
        (Ok(()), written) => written,
    }
}

/// Hands a stream's pieces to the writer.
async fn feed(
    pieces: impl Stream<Item = Result<Bytes, BlobError>>,
    writer: mpsc::Sender<Piece>,
) -> Result<(), BlobError> {
    let mut pieces = std::pin::pin!(pieces);
    while let Some(piece) = pieces.next().await {
        if writer.send(Piece::Bytes(piece?)).await.is_err() {
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
    known: Option<MediaType>,
) -> Result<Sealed, BlobError> {
    let mut draft = Draft::begin(root, size_max)?;
    let mut head = Vec::with_capacity(SNIFF_BYTES);
    let kind = |head: &[u8]| known.or_else(|| sniff(head)).ok_or(BlobError::UnknownMedia);
    loop {
        match pieces.blocking_recv() {
            Some(Piece::Bytes(bytes)) => {
                let missing = SNIFF_BYTES - head.len();
                head.extend_from_slice(&bytes[..bytes.len().min(missing)]);
                // Not a byte more of something that will not be kept.
                if head.len() == SNIFF_BYTES {
                    kind(&head)?;
                }
                draft.write(&bytes)?;
            }
            Some(Piece::End) => return draft.seal(kind(&head)?),
            None => return Err(BlobError::Source("the stream was given up".into())),
        }
    }
}

/// The outcome of blocking work; a panic in it goes on here.
pub(crate) fn joined<T>(
    outcome: Result<Result<T, BlobError>, tokio::task::JoinError>,
) -> Result<T, BlobError> {
    outcome.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Err(BlobError::Io(io::Error::other("the process is stopping"))),
    })
}
