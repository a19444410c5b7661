//! Fetching what customers send. A file's address holds the token, so it never leaves this crate.

use std::io;

use bytes::Bytes;
use serde::Serialize;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::value;
use crate::classify::{Answer, classify};
use crate::client::{Client, retry_after};
use crate::error::{CallError, DownloadError, Transport};
use crate::limits::DOWNLOAD_MAX_BYTES;

/// Where Telegram keeps a file for the next hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePath {
    /// What [`Client::download_file`] takes.
    pub file_path: String,
    /// Its size in bytes, when Telegram knows it.
    pub size_bytes: Option<u64>,
}

impl Client {
    /// Asks where a file is.
    ///
    /// # Errors
    /// [`CallError::FileTooBig`] over 20 MiB; [`CallError::BadFileId`] when it cannot be had any more.
    pub async fn get_file(&self, file_id: &str) -> Result<FilePath, CallError> {
        #[derive(Serialize)]
        struct Parameters<'a> {
            file_id: &'a str,
        }
        let file = value(self.plain("getFile", &Parameters { file_id }).await?);
        let Some(file_path) = file.get("file_path").and_then(|path| path.as_str()) else {
            let said = "the answer names no path of the file".to_owned();
            return Err(CallError::Unanswered(Transport(said)));
        };
        let size_bytes = file.get("file_size").and_then(serde_json::Value::as_u64);
        Ok(FilePath { file_path: file_path.to_owned(), size_bytes })
    }

    /// Writes a file's bytes and returns how many there were. Memory does not grow with the file.
    ///
    /// # Errors
    /// [`DownloadError`]; what was written until then is of no use.
    pub async fn download_file(
        &self,
        file_path: &str,
        limit: u64,
        into: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<u64, DownloadError> {
        let limit = limit.min(DOWNLOAD_MAX_BYTES);
        let request = self.file_request(file_path).ok_or(DownloadError::LinkGone)?;
        let request = request.timeout(self.timeouts().download);
        let mut response = self.send(request).await.map_err(DownloadError::Call)?;
        if !response.status().is_success() {
            return Err(self.refused(&mut response).await);
        }
        if response.content_length().is_some_and(|length| length > limit) {
            return Err(DownloadError::TooBig { limit });
        }
        let mut size_bytes = 0_u64;
        while let Some(chunk) = self.chunk(&mut response).await? {
            size_bytes += chunk.len() as u64;
            if size_bytes > limit {
                return Err(DownloadError::TooBig { limit });
            }
            into.write_all(&chunk).await.map_err(DownloadError::Write)?;
        }
        into.flush().await.map_err(DownloadError::Write)?;
        Ok(size_bytes)
    }

    /// A file's bytes in memory.
    ///
    /// # Errors
    /// [`DownloadError`].
    pub async fn download_bytes(
        &self,
        file_path: &str,
        limit: u64,
    ) -> Result<Bytes, DownloadError> {
        let mut bytes = io::Cursor::new(Vec::new());
        self.download_file(file_path, limit, &mut bytes).await?;
        Ok(bytes.into_inner().into())
    }

    async fn chunk(
        &self,
        response: &mut reqwest::Response,
    ) -> Result<Option<Bytes>, DownloadError> {
        response
            .chunk()
            .await
            .map_err(|error| DownloadError::Call(CallError::Unanswered(self.transport(error))))
    }

    async fn refused(&self, response: &mut reqwest::Response) -> DownloadError {
        let status = response.status().as_u16();
        // A link that is too old is "not found", which for a method would mean a wrong token.
        if matches!(status, 400 | 404 | 410) {
            return DownloadError::LinkGone;
        }
        let retry_after = retry_after(response);
        let body = self.read(response).await.unwrap_or_default();
        let class = classify(&Answer { status, retry_after, body: &body });
        DownloadError::Call(
            class.err().unwrap_or(CallError::Transient { status, description: None }),
        )
    }
}
