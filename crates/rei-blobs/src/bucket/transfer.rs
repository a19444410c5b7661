//! Files on their way into the bucket and out of it: streamed, so that memory does not grow with their length.

use std::path::Path;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, stream};
use object_store::ObjectStoreExt;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Method, StatusCode};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::link::refusal_code;
use super::objects::{place, refused};
use super::{Bucket, RETRIES_MAX, WAIT_FIRST, WAIT_MAX, fault};
use crate::error::BlobError;
use crate::key::BlobKey;

/// What is read from the disk at once; the HTTP client holds up to 16 of them.
const READ_BYTES: usize = 32 * 1024;
/// How long a file may be on its way, in either direction, with all repetitions.
const TRANSFER_MAX: Duration = Duration::from_secs(15 * 60);
/// What an upload may take besides the time its bytes need.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// The slowest line that still gets a file through, in bytes a second.
const SLOWEST: u64 = 128 * 1024;

impl Bucket {
    /// Uploads a file that is whole. The object is visible when this returns, and not before.
    ///
    /// One request by a signed link: the library's own uploads hold 5 MiB parts in memory.
    pub(crate) async fn upload(&self, path: &Path, key: &BlobKey) -> Result<(), BlobError> {
        in_time(async {
            let mut wait = WAIT_FIRST;
            let mut tries_left = RETRIES_MAX;
            loop {
                match self.upload_once(path, key).await {
                    Err(BlobError::BucketDown(_)) if tries_left > 0 => tries_left -= 1,
                    outcome => return outcome,
                }
                tokio::time::sleep(jittered(wait)).await;
                wait = (wait * 2).min(WAIT_MAX);
            }
        })
        .await
    }

    async fn upload_once(&self, path: &Path, key: &BlobKey) -> Result<(), BlobError> {
        let mut file = File::open(path).await?;
        file.set_max_buf_size(READ_BYTES);
        let size_bytes = file.metadata().await?.len();
        let allowed = SILENCE_MAX + Duration::from_secs(size_bytes / SLOWEST);
        let link = self.sign(Method::PUT, &place(key), allowed + SILENCE_MAX).await?;
        let put = self.shared.stranger.put(link).timeout(allowed);
        let put = put.header(CONTENT_LENGTH, size_bytes).header(CONTENT_TYPE, key.media().mime());
        let sent = put.body(reqwest::Body::wrap_stream(contents(file))).send().await;
        let response = sent.map_err(|error| fault::unanswered(&error))?;
        if response.status() == StatusCode::OK {
            return Ok(());
        }
        let status = response.status().as_u16();
        Err(fault::refusal(Some(status), refusal_code(response).await.as_deref()))
    }

    /// An object's length and its bytes, piece by piece. Whoever reads them checks that they are the right ones.
    pub(crate) async fn open(
        &self,
        key: &BlobKey,
    ) -> Result<(u64, impl Stream<Item = Result<Bytes, BlobError>> + use<>), BlobError> {
        let got = self.shared.store.get(&place(key)).await;
        let got = got.map_err(|error| {
            fault::sort(&error).unwrap_or_else(|| BlobError::NotFound(key.clone()))
        })?;
        let size_bytes = got.meta.size;
        let pieces = got.into_stream().map(|piece| piece.map_err(|error| refused(&error)));
        Ok((size_bytes, pieces))
    }
}

/// Gives up a transfer that takes too long.
pub(crate) async fn in_time<T>(
    transfer: impl Future<Output = Result<T, BlobError>>,
) -> Result<T, BlobError> {
    let done = tokio::time::timeout(TRANSFER_MAX, transfer).await;
    done.unwrap_or_else(|_| Err(fault::too_slow(TRANSFER_MAX)))
}

/// A file's bytes, as many at once as fit into one room, which is used again as soon as they are sent.
fn contents(file: File) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    let room = BytesMut::with_capacity(READ_BYTES);
    stream::try_unfold((file, room), async |(mut file, mut room)| {
        room.reserve(READ_BYTES);
        let read = file.read_buf(&mut room).await?;
        Ok((read > 0).then(|| (room.split().freeze(), (file, room))))
    })
}

/// Between half of a wait and all of it: repetitions of many uploads do not come at once.
fn jittered(wait: Duration) -> Duration {
    rand::random_range(wait / 2..=wait)
}
