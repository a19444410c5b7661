//! Files on their way out: by id, from memory, or streamed from a folder, as multipart parts.

use std::fmt;
use std::path::PathBuf;

use bytes::Bytes;
use reqwest::Body;
use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value};

use crate::error::{CallError, Transport};

/// A file to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputFile {
    /// One that Telegram has already, by the id it gave this bot.
    Id(String),
    /// One of ours.
    Upload {
        /// The name that the recipient sees.
        file_name: String,
        /// Its type, such as `image/jpeg`.
        mime_type: String,
        /// Its bytes or where they lie.
        content: UploadContent,
    },
}

/// The bytes of an upload.
#[derive(Clone, PartialEq, Eq)]
pub enum UploadContent {
    /// In memory.
    Memory(Bytes),
    /// In a file, streamed while it is sent.
    Path(PathBuf),
}

impl fmt::Debug for UploadContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(bytes) => write!(f, "Memory({} bytes)", bytes.len()),
            Self::Path(path) => f.debug_tuple("Path").field(path).finish(),
        }
    }
}

impl InputFile {
    /// A file that Telegram has already.
    pub fn id(file_id: impl Into<String>) -> Self {
        Self::Id(file_id.into())
    }

    /// A file from memory.
    pub fn from_bytes(
        file_name: impl Into<String>,
        mime_type: impl Into<String>,
        bytes: impl Into<Bytes>,
    ) -> Self {
        let content = UploadContent::Memory(bytes.into());
        Self::Upload { file_name: file_name.into(), mime_type: mime_type.into(), content }
    }

    /// A file from a folder, read while it is sent.
    pub fn from_path(
        file_name: impl Into<String>,
        mime_type: impl Into<String>,
        path: impl Into<PathBuf>,
    ) -> Self {
        let content = UploadContent::Path(path.into());
        Self::Upload { file_name: file_name.into(), mime_type: mime_type.into(), content }
    }
}

/// A file with the name of the part it travels in.
pub(crate) struct Attachment {
    name: String,
    file_name: String,
    mime_type: String,
    content: UploadContent,
}

impl Attachment {
    /// The part's name.
    pub(crate) fn name(&self) -> String {
        self.name.clone()
    }
}

/// The fields and the files of a call that carries media.
#[derive(Default)]
pub(crate) struct Attachments(Vec<Attachment>);

impl Attachments {
    /// Files so far.
    pub(crate) fn into_files(self) -> Vec<Attachment> {
        self.0
    }

    /// Puts a file under a parameter: its id as the value, or its bytes as the part of that name.
    pub(crate) fn put(&mut self, fields: &mut Map<String, Value>, name: &str, file: &InputFile) {
        if let Some(value) = self.reference(name, file) {
            fields.insert(name.to_owned(), value);
        }
    }

    /// What a media object says about its file: an id, or `attach://` with the part's name.
    pub(crate) fn attach(&mut self, name: &str, file: &InputFile) -> Value {
        self.reference(name, file).unwrap_or_else(|| Value::String(format!("attach://{name}")))
    }

    fn reference(&mut self, name: &str, file: &InputFile) -> Option<Value> {
        match file {
            InputFile::Id(id) => Some(Value::String(id.clone())),
            InputFile::Upload { file_name, mime_type, content } => {
                self.0.push(Attachment {
                    name: name.to_owned(),
                    file_name: file_name.clone(),
                    mime_type: mime_type.clone(),
                    content: content.clone(),
                });
                None
            }
        }
    }
}

/// The multipart form of a call and the bytes its files take.
///
/// # Errors
/// [`CallError::NotSent`] when a file cannot be opened.
pub(crate) async fn form(
    fields: Map<String, Value>,
    files: Vec<Attachment>,
) -> Result<(Form, u64), CallError> {
    let mut form = Form::new();
    for (name, value) in fields {
        let text = match value {
            Value::String(text) => text,
            // Nested objects, numbers and booleans travel as their JSON text.
            other => other.to_string(),
        };
        form = form.text(name, text);
    }
    let mut size_bytes = 0_u64;
    for file in files {
        let (part, size) = part(&file).await?;
        size_bytes = size_bytes.saturating_add(size);
        form = form.part(file.name, part);
    }
    Ok((form, size_bytes))
}

async fn part(file: &Attachment) -> Result<(Part, u64), CallError> {
    let (body, size) = match &file.content {
        UploadContent::Memory(bytes) => (Body::from(bytes.clone()), bytes.len() as u64),
        UploadContent::Path(path) => {
            let opened = tokio::fs::File::open(path).await.map_err(|error| unreadable(&error))?;
            let size = opened.metadata().await.map_err(|error| unreadable(&error))?.len();
            (Body::from(opened), size)
        }
    };
    let part = Part::stream_with_length(body, size)
        .file_name(plain_name(&file.file_name))
        .mime_str(&file.mime_type)
        .map_err(|_| CallError::OurBug { description: "odd mime type of an upload".to_owned() })?;
    Ok((part, size))
}

/// The folder's name may tell about a customer, so only the kind of trouble is said.
fn unreadable(error: &std::io::Error) -> CallError {
    CallError::NotSent(Transport(format!("the file to send cannot be read: {}", error.kind())))
}

/// A name without the characters that would need escaping in a header: servers unescape them
/// differently.
fn plain_name(name: &str) -> String {
    let odd = |character: char| character.is_control() || "\"\\/".contains(character);
    name.chars().map(|character| if odd(character) { '_' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        assert_eq!(plain_name("a\"b\\c/d\r\ne.png"), "a_b_c_d__e.png");
        assert_eq!(plain_name("кот 1.png"), "кот 1.png");
    }

    #[test]
    fn debug_output_does_not_hold_the_bytes() {
        let file = InputFile::from_bytes("a.png", "image/png", vec![7_u8; 1000]);
        assert!(format!("{file:?}").contains("1000 bytes"));
        assert!(format!("{file:?}").len() < 120);
    }
}
