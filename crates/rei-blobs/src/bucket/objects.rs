//! Where files lie in the bucket: asking for them, listing, removing.

use std::path::Path;

use futures::TryStreamExt;
use object_store::path::Path as Place;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use rei_domain::clock::Timestamp;

use super::{Bucket, fault};
use crate::error::BlobError;
use crate::key::BlobKey;
use crate::list::BlobEntry;

/// All files of the store lie under it; a bucket may be shared with others.
const PREFIX: &str = "blobs";

impl Bucket {
    /// What the bucket has under a key.
    pub(crate) async fn entry(&self, key: &BlobKey) -> Result<Option<BlobEntry>, BlobError> {
        match self.shared.store.head(&place(key)).await {
            Ok(meta) => Ok(Some(as_entry(key.clone(), &meta))),
            Err(error) => fault::sort(&error).map_or(Ok(None), Err),
        }
    }

    /// Removes an object; `false` when there was none.
    pub(crate) async fn remove(&self, key: &BlobKey) -> Result<bool, BlobError> {
        // S3 answers the same to a removal of nothing.
        if self.entry(key).await?.is_none() {
            return Ok(false);
        }
        match self.shared.store.delete(&place(key)).await {
            Ok(()) => Ok(true),
            Err(error) => fault::sort(&error).map_or(Ok(false), Err),
        }
    }

    /// Files stored before `before`, in the order of their keys, `limit` at most, beginning behind `after`.
    pub(crate) async fn page(
        &self,
        before: Timestamp,
        after: Option<&BlobKey>,
        limit: usize,
    ) -> Result<Vec<BlobEntry>, BlobError> {
        let prefix = Place::from(PREFIX);
        let mut objects = match after {
            Some(after) => self.shared.store.list_with_offset(Some(&prefix), &place(after)),
            None => self.shared.store.list(Some(&prefix)),
        };
        let mut found = Vec::new();
        while found.len() < limit {
            let next = objects.try_next().await.map_err(|error| refused(&error))?;
            let Some(meta) = next else { break };
            found.extend(own(&meta).filter(|entry| entry.stored_at < before));
        }
        Ok(found)
    }
}

/// The folders of the disk under [`PREFIX`].
pub(super) fn place(key: &BlobKey) -> Place {
    let path = key.path(Path::new(PREFIX));
    Place::from_iter(path.iter().map(|part| part.to_string_lossy().into_owned()))
}

/// An error where an object that does not exist is none of the answers.
pub(super) fn refused(error: &object_store::Error) -> BlobError {
    fault::sort(error).unwrap_or_else(|| fault::refusal(Some(404), None))
}

/// `None` for strange objects.
fn own(meta: &ObjectMeta) -> Option<BlobEntry> {
    let key: BlobKey = meta.location.filename()?.parse().ok()?;
    (place(&key) == meta.location).then(|| as_entry(key, meta))
}

fn as_entry(key: BlobKey, meta: &ObjectMeta) -> BlobEntry {
    let stored_at = Timestamp(meta.last_modified.timestamp_millis());
    BlobEntry { key, size_bytes: meta.size, stored_at }
}
