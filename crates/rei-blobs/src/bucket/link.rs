//! Links that anybody can read a file by, for providers that fetch their input themselves.

use std::time::Duration;

use object_store::path::Path as Place;
use object_store::signer::Signer;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Response, StatusCode, Url};

use super::objects::place;
use super::{Bucket, LINK_MAX, fault};
use crate::error::BlobError;
use crate::key::BlobKey;

/// The most of an error's text that is looked through for its code, in bytes.
const REFUSAL_MAX_BYTES: usize = 64 * 1024;

impl Bucket {
    /// A link that works: it was tried as a stranger would.
    pub(crate) async fn link(
        &self,
        key: &BlobKey,
        valid_for: Duration,
    ) -> Result<String, BlobError> {
        let valid_for = valid_for.max(self.shared.link_valid_for).min(LINK_MAX);
        let link = self.sign(Method::GET, &place(key), valid_for).await?;
        let not_found = || BlobError::NotFound(key.clone());
        let mut response = self.look(link.clone(), key.media().mime(), not_found).await?;
        // A server may begin to answer and then not have the file.
        let first = response.chunk().await.map_err(|error| fault::unanswered(&error))?;
        match first {
            Some(_) => Ok(link.into()),
            None => Err(BlobError::BucketRefused("the link leads to an empty file".to_owned())),
        }
    }

    /// A link that does one thing with one object.
    pub(super) async fn sign(
        &self,
        method: Method,
        place: &Place,
        valid_for: Duration,
    ) -> Result<Url, BlobError> {
        let signed = self.shared.store.signed_url(method, place, valid_for).await;
        signed.map_err(|_| BlobError::BucketSettings("they cannot sign a link"))
    }

    /// A plain GET without credentials; its body is not read yet.
    pub(super) async fn look(
        &self,
        link: Url,
        mime: &str,
        not_found: impl FnOnce() -> BlobError,
    ) -> Result<Response, BlobError> {
        let sent = self.shared.stranger.get(link).send().await;
        let response = sent.map_err(|error| fault::unanswered(&error))?;
        if response.status() != StatusCode::OK {
            let status = response.status();
            let code = refusal_code(response).await;
            let is_missing =
                status == StatusCode::NOT_FOUND && code.as_deref() != Some("NoSuchBucket");
            return Err(match is_missing {
                true => not_found(),
                false => fault::refusal(Some(status.as_u16()), code.as_deref()),
            });
        }
        let given = response.headers().get(CONTENT_TYPE);
        if given.is_none_or(|given| given != mime) {
            let words = format!("a link gives the file out as something else than {mime}");
            return Err(BlobError::BucketRefused(words));
        }
        Ok(response)
    }
}

/// The server's code in the text of an error, as far as it can be read.
pub(super) async fn refusal_code(mut response: Response) -> Option<String> {
    let mut text = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await
        && text.len() < REFUSAL_MAX_BYTES
    {
        text.extend_from_slice(&piece);
    }
    fault::code(&String::from_utf8_lossy(&text)).map(str::to_owned)
}
