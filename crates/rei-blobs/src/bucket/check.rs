//! Whether the bucket does all that is needed of it, for `rei check`.

use std::time::Duration;

use object_store::path::Path as Place;
use object_store::{Attribute, Attributes, ObjectStore, ObjectStoreExt, PutOptions};
use reqwest::Method;

use super::objects::refused;
use super::{Bucket, fault};
use crate::error::BlobError;

/// Objects of a try lie here, apart from the files.
const PREFIX: &str = "checks";
const CONTENTS: &str = "rei-bot tries whether it can store files here";
const MIME: &str = "text/plain";
/// How long the link of a try holds.
const LINK_VALID_FOR: Duration = Duration::from_secs(60);

impl Bucket {
    /// Writes a tiny object, reads it by a link and deletes it.
    ///
    /// # Errors
    /// [`BlobError::BucketDown`] and [`BlobError::BucketRefused`], in words for the owner.
    pub async fn check(&self) -> Result<(), BlobError> {
        // Several machines may try at the same time; the name means nothing else.
        let place =
            Place::from_iter([PREFIX.to_owned(), format!("{:016x}", rand::random::<u64>())]);
        let attributes = Attributes::from_iter([(Attribute::ContentType, MIME)]);
        let options = PutOptions { attributes, ..PutOptions::default() };
        let put = self.shared.store.put_opts(&place, CONTENTS.into(), options).await;
        put.map_err(|error| refused(&error))?;
        let read = self.read_by_link(&place).await;
        let deleted = self.shared.store.delete(&place).await;
        read?;
        deleted.map_err(|error| refused(&error))
    }

    async fn read_by_link(&self, place: &Place) -> Result<(), BlobError> {
        let link = self.sign(Method::GET, place, LINK_VALID_FOR).await?;
        let lost = || BlobError::BucketRefused("what was stored cannot be found".to_owned());
        let mut response = self.look(link, MIME, lost).await?;
        let mut read = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| fault::unanswered(&error))?
            && read.len() <= CONTENTS.len()
        {
            read.extend_from_slice(&piece);
        }
        match read == CONTENTS.as_bytes() {
            true => Ok(()),
            false => {
                Err(BlobError::BucketRefused("it does not give back what was stored".to_owned()))
            }
        }
    }
}
