//! The store with a bucket behind it: the bucket has the last word, the folder keeps copies on this machine.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use rei_domain::clock::Timestamp;

use crate::bucket::{self, Bucket};
use crate::draft::{Draft, Sealed};
use crate::error::BlobError;
use crate::key::BlobKey;
use crate::list::BlobEntry;
use crate::pieces;
use crate::store::BlobStore;

/// Files of the folder that are looked at in one go.
const PAGE: usize = 500;
/// Questions that the bucket is asked at the same time.
const QUESTIONS_MAX: usize = 8;

impl BlobStore {
    /// Opens the folder as this machine's cache of a bucket, in which files last and which other machines share.
    ///
    /// Files that lie in the folder already are served as before, and the cleaner lists them until they go.
    /// Blocks; for the start of a process. Nothing is asked of the bucket yet: [`BlobStore::check`] does.
    ///
    /// # Errors
    /// [`BlobError::Io`] when the folder cannot be made.
    pub fn open_with_bucket(root: impl Into<PathBuf>, bucket: Bucket) -> Result<Self, BlobError> {
        Ok(Self { bucket: Some(bucket), ..Self::open(root)? })
    }

    /// A link under which anybody can read the file for `valid_for`, or for the time of the settings where that is
    /// longer; 7 days at most. `None` without a bucket. It was tried out with a plain GET before it is given away.
    ///
    /// The link is a key to the file: it belongs into the call to the provider, and never into a log.
    ///
    /// # Errors
    /// [`BlobError::NotFound`], and the bucket's; [`BlobError::BucketRefused`] also when the link does not work.
    pub async fn link(
        &self,
        key: &BlobKey,
        valid_for: Duration,
    ) -> Result<Option<String>, BlobError> {
        let Some(bucket) = &self.bucket else { return Ok(None) };
        let link = match bucket.link(key, valid_for).await {
            // Stored before there was a bucket.
            Err(BlobError::NotFound(_)) if self.is_here(key).await? => {
                bucket.upload(&key.path(&self.root), key).await?;
                bucket.link(key, valid_for).await?
            }
            link => link?,
        };
        Ok(Some(link))
    }

    /// Whether files can be stored: tries the folder and, where there is one, the bucket.
    ///
    /// # Errors
    /// [`BlobError::NoRoom`], [`BlobError::Io`], and the bucket's, in words for the owner.
    pub async fn check(&self) -> Result<(), BlobError> {
        self.blocking(|root| Draft::begin(root, u64::MAX)?.write(b"a try")).await?;
        match &self.bucket {
            Some(bucket) => bucket.check().await,
            None => Ok(()),
        }
    }

    /// Removes this machine's copies of files that the bucket has too and that were written before `before`; returns
    /// how many. Does nothing without a bucket.
    ///
    /// A path from [`BlobStore::path_of`] may end here: let `before` lie well in the past.
    ///
    /// # Errors
    /// [`BlobError::Io`], and the bucket's.
    pub async fn sweep_cache(&self, before: Timestamp) -> Result<usize, BlobError> {
        let Some(bucket) = &self.bucket else { return Ok(0) };
        let (mut removed, mut after) = (0, None);
        loop {
            let page = self.list_here(before, after, PAGE).await?;
            let is_last = page.len() < PAGE;
            after = page.last().map(|entry| entry.key.clone());
            for (entry, in_bucket) in asked(bucket, page).await? {
                // A copy of another length is damaged on one of the two sides; the keeping one wins.
                let is_copy = in_bucket.is_some_and(|found| found.size_bytes == entry.size_bytes);
                if is_copy && self.remove_here(&entry.key).await? {
                    removed += 1;
                }
            }
            if is_last {
                return Ok(removed);
            }
        }
    }

    /// [`BlobStore::list`] for the bucket, and for files that only the folder has: they were stored before there was
    /// a bucket, or another machine has removed them from it.
    pub(crate) async fn list_both(
        &self,
        bucket: &Bucket,
        before: Timestamp,
        after: Option<BlobKey>,
        limit: usize,
    ) -> Result<Vec<BlobEntry>, BlobError> {
        let mut found = bucket.page(before, after.as_ref(), limit).await?;
        let (mut only_here, mut behind) = (Vec::new(), after);
        while only_here.len() < limit {
            let page = self.list_here(before, behind, PAGE).await?;
            let is_last = page.len() < PAGE;
            behind = page.last().map(|entry| entry.key.clone());
            let asked = asked(bucket, page).await?.into_iter();
            only_here.extend(asked.filter_map(|(entry, other)| other.is_none().then_some(entry)));
            if is_last {
                break;
            }
        }
        found.append(&mut only_here);
        found.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        found.truncate(limit);
        Ok(found)
    }

    /// Makes a draft visible, in the bucket before on this machine.
    pub(crate) async fn keep(&self, sealed: Sealed) -> Result<BlobKey, BlobError> {
        if let Some(bucket) = &self.bucket {
            bucket.upload(sealed.path(), sealed.key()).await?;
        }
        self.blocking(move |root| sealed.keep(root)).await
    }

    /// Does something with the file in the folder. One that is missing there or damaged is fetched from the bucket.
    pub(crate) async fn here<T: Send + 'static>(
        &self,
        key: &BlobKey,
        work: fn(&Path, &BlobKey) -> Result<T, BlobError>,
    ) -> Result<T, BlobError> {
        let wanted = key.clone();
        let here = self.blocking(move |root| work(root, &wanted)).await;
        let Some(bucket) = &self.bucket else { return here };
        if !matches!(here, Err(BlobError::NotFound(_) | BlobError::Damaged(_))) {
            return here;
        }
        match self.fetch(bucket, key).await {
            Ok(()) => {
                let wanted = key.clone();
                self.blocking(move |root| work(root, &wanted)).await
            }
            Err(BlobError::NotFound(_)) => here,
            Err(error) => Err(error),
        }
    }

    /// Copies a file from the bucket into the folder, checking that it is what its key says.
    async fn fetch(&self, from: &Bucket, key: &BlobKey) -> Result<(), BlobError> {
        let (size_bytes, pieces) = from.open(key).await?;
        let root = Arc::clone(&self.root);
        let writing = pieces::write(root, pieces, size_bytes, Some(key.media()));
        let sealed = bucket::in_time(writing).await?;
        if sealed.key() != key {
            return Err(BlobError::Damaged(key.clone()));
        }
        self.blocking(move |root| sealed.keep(root)).await?;
        Ok(())
    }
}

/// Each file with what the bucket has under its key.
async fn asked(
    bucket: &Bucket,
    page: Vec<BlobEntry>,
) -> Result<Vec<(BlobEntry, Option<BlobEntry>)>, BlobError> {
    stream::iter(page)
        .map(|entry| async move {
            let in_bucket = bucket.entry(&entry.key).await?;
            Ok((entry, in_bucket))
        })
        .buffered(QUESTIONS_MAX)
        .try_collect()
        .await
}
