//! Files on their way into the bucket and out of it, a few MiB in memory at any time.

use std::io;
use std::path::Path;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use object_store::{
    Attribute, Attributes, MultipartUpload, ObjectStore, ObjectStoreExt, PutMultipartOptions,
    PutOptions,
};
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::objects::{place, refused};
use super::{Bucket, fault};
use crate::error::BlobError;
use crate::key::BlobKey;
use crate::media::MediaType;

/// The length of a part: the least that S3 takes for any but the last.
const PART_BYTES: usize = 5 * 1024 * 1024;
/// What is read from the disk at once; it is held beside the part.
const READ_BYTES: usize = 128 * 1024;
/// How long a file may be on its way, in either direction.
const TRANSFER_MAX: Duration = Duration::from_secs(15 * 60);

impl Bucket {
    /// Uploads a file that is whole. The object is visible when this returns, and not before.
    pub(crate) async fn upload(&self, path: &Path, key: &BlobKey) -> Result<(), BlobError> {
        in_time(async {
            let mut file = File::open(path).await?;
            file.set_max_buf_size(READ_BYTES);
            let first = part(&mut file, BytesMut::with_capacity(PART_BYTES)).await?;
            if first.len() < PART_BYTES {
                return self.upload_at_once(first, key).await;
            }
            self.upload_in_parts(first, file, key).await
        })
        .await
    }

    async fn upload_at_once(&self, bytes: Bytes, key: &BlobKey) -> Result<(), BlobError> {
        let options = PutOptions { attributes: attributes(key.media()), ..PutOptions::default() };
        let put = self.shared.store.put_opts(&place(key), bytes.into(), options).await;
        put.map(|_| ()).map_err(|error| refused(&error))
    }

    async fn upload_in_parts(
        &self,
        first: Bytes,
        mut file: File,
        key: &BlobKey,
    ) -> Result<(), BlobError> {
        let options = PutMultipartOptions {
            attributes: attributes(key.media()),
            ..PutMultipartOptions::default()
        };
        let begun = self.shared.store.put_multipart_opts(&place(key), options).await;
        let mut upload = Unfinished(Some(begun.map_err(|error| refused(&error))?));
        let mut next = first;
        while !next.is_empty() {
            upload.put(next.clone()).await?;
            next = part(&mut file, emptied(next)).await?;
        }
        upload.complete().await
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

/// An upload in parts. Given up before its end, what has arrived is thrown away: it costs and nobody sees it.
struct Unfinished(Option<Box<dyn MultipartUpload>>);

impl Unfinished {
    async fn put(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        let Some(upload) = &mut self.0 else { return Ok(()) };
        upload.put_part(bytes.into()).await.map_err(|error| refused(&error))
    }

    async fn complete(mut self) -> Result<(), BlobError> {
        let Some(upload) = &mut self.0 else { return Ok(()) };
        upload.complete().await.map_err(|error| refused(&error))?;
        self.0 = None;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let (Some(mut upload), Ok(runtime)) =
            (self.0.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        runtime.spawn(async move {
            if upload.abort().await.is_err() {
                tracing::warn!(
                    "parts of an upload were left in the bucket; a lifecycle rule removes them"
                );
            }
        });
    }
}

/// The memory of a part that has arrived, for the next one: a file takes one part's room and not two.
fn emptied(sent: Bytes) -> BytesMut {
    match sent.try_into_mut() {
        Ok(mut room) => {
            room.clear();
            room
        }
        // The connection still holds it.
        Err(_) => BytesMut::with_capacity(PART_BYTES),
    }
}

/// The next part of a file, in this room; shorter than [`PART_BYTES`] at its end.
async fn part(file: &mut File, mut part: BytesMut) -> io::Result<Bytes> {
    while part.len() < PART_BYTES {
        let room = u64::try_from(PART_BYTES - part.len()).unwrap_or(u64::MAX);
        if file.take(room).read_buf(&mut part).await? == 0 {
            break;
        }
    }
    Ok(part.freeze())
}

fn attributes(media: MediaType) -> Attributes {
    Attributes::from_iter([(Attribute::ContentType, media.mime())])
}
