//! The Files API: resumable uploads in one or several parts, files that expire after 48 hours.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};

use super::behaviour::UploadBehaviour;
use super::refusals::Refusal;
use crate::common::clock::SimClock;

const FILE_MAX_BYTES: u64 = 2 * 1024 * 1024 * 1024;
const LIFE: Duration = Duration::from_secs(48 * 3_600);

/// Uploads under way and files that are there.
#[derive(Debug)]
pub struct Files {
    clock: SimClock,
    numbers: AtomicU64,
    uploads: Mutex<HashMap<String, Upload>>,
    files: Mutex<HashMap<String, File>>,
}

#[derive(Debug)]
struct Upload {
    mime_type: String,
    display_name: Option<String>,
    length: u64,
    bytes: BytesMut,
    behaviour: UploadBehaviour,
}

/// Whether a file can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// Not yet: after so many more questions.
    Processing(u32),
    /// Yes.
    Active,
    /// Never.
    Failed,
}

/// A file that can be named in a request.
#[derive(Clone, Debug)]
pub struct File {
    /// `files/NAME`.
    pub name: String,
    /// As declared at the start of the upload.
    pub mime_type: String,
    /// Its contents.
    pub bytes: Bytes,
    /// Whether it can be used.
    pub state: FileState,
    display_name: Option<String>,
    uri: String,
    created_ms: i64,
    expires_ms: i64,
}

/// What a part of an upload led to.
#[derive(Debug)]
pub enum Progress {
    /// More is to come.
    Active,
    /// The file is complete.
    Final(Box<File>),
}

impl Files {
    /// No files.
    pub fn new(clock: SimClock) -> Self {
        Self {
            clock,
            numbers: AtomicU64::new(1),
            uploads: Mutex::default(),
            files: Mutex::default(),
        }
    }

    /// Begins an upload and returns its id.
    ///
    /// # Errors
    /// A type or a length that the service does not take, unknown fields in the metadata.
    pub fn start(
        &self,
        mime_type: &str,
        length: u64,
        metadata: &Value,
        behaviour: UploadBehaviour,
    ) -> Result<String, Refusal> {
        if length == 0 || length > FILE_MAX_BYTES {
            return Err(invalid(format!(
                "File size must be between 1 and {FILE_MAX_BYTES} bytes, not {length}."
            )));
        }
        if !mime_type.contains('/') {
            return Err(invalid("X-Goog-Upload-Header-Content-Type is not a MIME type."));
        }
        let file = metadata.get("file").and_then(Value::as_object);
        let known =
            |name: &String| matches!(name.as_str(), "display_name" | "displayName" | "name");
        let strange = file.is_none_or(|file| !file.keys().all(known))
            || metadata.as_object().is_none_or(|metadata| metadata.len() != 1);
        if strange {
            return Err(invalid(
                "Invalid JSON payload received: {\"file\":{\"display_name\":…}} is expected.",
            ));
        }
        let text =
            |name| file.and_then(|file| file.get(name)).and_then(Value::as_str).map(str::to_owned);
        let display_name = text("display_name").or_else(|| text("displayName"));
        let id = format!("upload-{}", self.numbers.fetch_add(1, Ordering::Relaxed));
        let upload = Upload {
            mime_type: mime_type.to_owned(),
            display_name,
            length,
            bytes: BytesMut::new(),
            behaviour,
        };
        lock(&self.uploads).insert(id.clone(), upload);
        Ok(id)
    }

    /// Takes a part of an upload; `finalize` ends it.
    ///
    /// # Errors
    /// Unknown upload, wrong offset, another length than declared.
    pub fn take(
        &self,
        id: &str,
        offset: u64,
        bytes: &[u8],
        finalize: bool,
        base_url: &str,
    ) -> Result<Progress, Refusal> {
        let mut uploads = lock(&self.uploads);
        let upload = uploads
            .get_mut(id)
            .ok_or_else(|| Refusal::new(404, "NOT_FOUND", "Upload not found."))?;
        let there = upload.bytes.len() as u64;
        if offset != there {
            return Err(invalid(format!(
                "X-Goog-Upload-Offset is {offset}, but {there} bytes are received."
            )));
        }
        upload.bytes.extend_from_slice(bytes);
        let there = upload.bytes.len() as u64;
        if there > upload.length || finalize && there != upload.length {
            let length = upload.length;
            return Err(invalid(format!("{there} bytes are received, {length} were declared.")));
        }
        if !finalize {
            return Ok(Progress::Active);
        }
        let Some(upload) = uploads.remove(id) else { return Err(invalid("The upload is over.")) };
        drop(uploads);
        Ok(Progress::Final(Box::new(self.keep(upload, base_url))))
    }

    /// How many bytes of an upload have arrived.
    pub fn received(&self, id: &str) -> Option<u64> {
        lock(&self.uploads).get(id).map(|upload| upload.bytes.len() as u64)
    }

    /// The file with this id (without `files/`), if it has not expired.
    pub fn get(&self, id: &str) -> Option<File> {
        let now_ms = self.clock.now_ms();
        lock(&self.files).get(id).filter(|file| file.expires_ms > now_ms).cloned()
    }

    /// The same for somebody who asks whether it is ready.
    pub fn ask(&self, id: &str) -> Option<File> {
        let shown = self.get(id)?;
        if let (FileState::Processing(left), Some(file)) =
            (shown.state, lock(&self.files).get_mut(id))
        {
            file.state = left.checked_sub(1).map_or(FileState::Active, FileState::Processing);
            return Some(file.clone());
        }
        Some(shown)
    }

    /// Whether the connection is to break while parts of this upload arrive; only once.
    pub fn is_cut(&self, id: &str) -> bool {
        let mut uploads = lock(&self.uploads);
        let Some(upload) = uploads.get_mut(id) else { return false };
        let cut = upload.behaviour == UploadBehaviour::Cut;
        if cut {
            upload.behaviour = UploadBehaviour::Active;
        }
        cut
    }

    /// The file with this address.
    pub fn by_uri(&self, uri: &str) -> Option<File> {
        let (_, id) = uri.rsplit_once("/v1beta/files/")?;
        self.get(id).filter(|file| file.uri == uri)
    }

    /// Removes a file; false when there was none.
    pub fn delete(&self, id: &str) -> bool {
        lock(&self.files).remove(id).is_some()
    }

    fn keep(&self, upload: Upload, base_url: &str) -> File {
        let id = format!("sim{:09}", self.numbers.fetch_add(1, Ordering::Relaxed));
        let created_ms = self.clock.now_ms();
        let life_ms = i64::try_from(LIFE.as_millis()).unwrap_or(i64::MAX);
        let file = File {
            name: format!("files/{id}"),
            mime_type: upload.mime_type,
            bytes: upload.bytes.freeze(),
            state: match upload.behaviour {
                UploadBehaviour::Processing { polls } => FileState::Processing(polls),
                UploadBehaviour::Failed => FileState::Failed,
                _ => FileState::Active,
            },
            display_name: upload.display_name,
            uri: format!("{base_url}/v1beta/files/{id}"),
            created_ms,
            expires_ms: created_ms.saturating_add(life_ms),
        };
        lock(&self.files).insert(id, file.clone());
        file
    }
}

impl File {
    /// As the service shows it.
    pub fn json(&self) -> Value {
        let mut file = json!({
            "name": self.name,
            "uri": self.uri,
            "mimeType": self.mime_type,
            "sizeBytes": self.bytes.len().to_string(),
            "createTime": rfc3339(self.created_ms),
            "updateTime": rfc3339(self.created_ms),
            "expirationTime": rfc3339(self.expires_ms),
            "state": match self.state {
                FileState::Processing(_) => "PROCESSING",
                FileState::Active => "ACTIVE",
                FileState::Failed => "FAILED",
            },
            "source": "UPLOADED",
        });
        if self.state == FileState::Failed {
            file["error"] = json!({"code": 3, "message": "Simulated: the file cannot be read."});
        }
        if let Some(name) = &self.display_name {
            file["displayName"] = name.as_str().into();
        }
        file
    }
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "INVALID_ARGUMENT", message)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `2026-11-24T02:30:00Z`, by the civil-from-days rule, so that no calendar library is needed for one line.
fn rfc3339(ms: i64) -> String {
    let (days, seconds) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000) / 1_000);
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_service_does() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_709_210_096_000), "2024-02-29T12:34:56Z");
        assert_eq!(rfc3339(1_795_478_400_000), "2026-11-24T00:00:00Z");
    }

    #[test]
    fn a_file_expires_after_two_days() {
        let clock = SimClock::manual(0);
        let files = Files::new(clock.clone());
        let id = files
            .start("image/png", 3, &json!({"file": {"display_name": "a"}}), UploadBehaviour::Active)
            .expect("it is right");
        let Ok(Progress::Final(file)) = files.take(&id, 0, b"abc", true, "http://x") else {
            panic!("it is whole")
        };
        let uri = "http://x/v1beta/files/sim000000002";
        assert_eq!(file.json()["uri"], uri);
        assert!(files.by_uri(uri).is_some());
        clock.advance(LIFE);
        assert!(files.by_uri(uri).is_none());
    }

    #[test]
    fn parts_must_follow_each_other_and_meet_the_declared_length() {
        let files = Files::new(SimClock::manual(0));
        let id = files
            .start("image/png", 4, &json!({"file": {}}), UploadBehaviour::Active)
            .expect("it is right");
        assert!(files.take(&id, 1, b"ab", false, "").is_err());
        assert!(matches!(files.take(&id, 0, b"ab", false, ""), Ok(Progress::Active)));
        assert_eq!(files.received(&id), Some(2));
        assert!(files.take(&id, 2, b"c", true, "").is_err());
    }
}
