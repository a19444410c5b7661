//! The parameters of one call, read alike from the query, JSON, a form or multipart.
//!
//! Forms carry everything as text and nested objects as JSON text, so each reader takes both shapes.

use std::fmt::Display;

use axum::Form;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{Method, header};
use bytes::{Bytes, BytesMut};
use serde_json::{Map, Value};

use super::error::ApiError;

/// The most bytes of one uploaded file: 50 MB.
pub(crate) const UPLOAD_MAX_BYTES: usize = 50 * 1024 * 1024;
/// The most bytes of a body without files.
const PLAIN_BODY_MAX_BYTES: usize = 8 * 1024 * 1024;

/// A file of a multipart body.
#[derive(Debug)]
pub(crate) struct Upload {
    /// The part's name.
    pub field: String,
    /// Its `filename`.
    pub file_name: String,
    /// Its `Content-Type`.
    pub mime: Option<String>,
    /// The contents.
    pub bytes: Bytes,
}

/// What a call carries.
#[derive(Debug, Default)]
pub(crate) struct Params {
    /// Plain parameters.
    pub values: Map<String, Value>,
    /// Files.
    pub uploads: Vec<Upload>,
}

impl Params {
    /// Parameters out of a JSON object, such as one item of an album.
    pub fn of(values: Map<String, Value>) -> Self {
        Self { values, uploads: Vec::new() }
    }

    /// Whether it is there; `null` is not.
    pub fn has(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|value| !value.is_null())
            || self.uploads.iter().any(|upload| upload.field == name)
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name, "a string")),
        }
    }

    /// A text that must be there.
    pub fn required_text(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name)?.ok_or_else(|| ApiError::missing(name))
    }

    /// A whole number.
    pub fn int(&self, name: &str) -> Result<Option<i64>, ApiError> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => {
                number.as_i64().map(Some).ok_or_else(|| wrong(name, "a whole number"))
            }
            Some(Value::String(text)) => {
                text.trim().parse().map(Some).map_err(|_| wrong(name, "a whole number"))
            }
            Some(_) => Err(wrong(name, "a whole number")),
        }
    }

    /// A whole number that must be there.
    pub fn required_int(&self, name: &str) -> Result<i64, ApiError> {
        self.int(name)?.ok_or_else(|| ApiError::missing(name))
    }

    /// A switch; absent is off.
    pub fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(Value::String(text)) => match text.as_str() {
                "true" | "True" | "yes" | "1" => Ok(true),
                "false" | "False" | "no" | "0" | "" => Ok(false),
                _ => Err(wrong(name, "a boolean")),
            },
            Some(_) => Err(wrong(name, "a boolean")),
        }
    }

    /// A nested value, as itself or as JSON text.
    pub fn json(&self, name: &str) -> Result<Option<Value>, ApiError> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Some)
                .map_err(|_| ApiError::bug(format_args!("can't parse {name} JSON object"))),
            Some(value) => Ok(Some(value.clone())),
        }
    }

    /// A nested list.
    pub fn list(&self, name: &str) -> Result<Option<Vec<Value>>, ApiError> {
        match self.json(name)? {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(wrong(name, "an array")),
        }
    }

    /// A nested object with no other keys than `known`.
    pub fn object(
        &self,
        name: &str,
        known: &[&str],
    ) -> Result<Option<Map<String, Value>>, ApiError> {
        match self.json(name)? {
            None => Ok(None),
            Some(value) => object(value, name, known).map(Some),
        }
    }

    /// The file under this part name.
    pub fn take_upload(&mut self, field: &str) -> Option<Upload> {
        let index = self.uploads.iter().position(|upload| upload.field == field)?;
        Some(self.uploads.swap_remove(index))
    }

    /// The chat that the call is about, if it names one by number.
    pub fn chat(&self) -> Option<i64> {
        self.int("chat_id").ok().flatten()
    }

    /// The parameters as they are shown in the log: files by name and size.
    pub fn shown(&self) -> Map<String, Value> {
        let mut shown = self.values.clone();
        for upload in &self.uploads {
            let size = upload.bytes.len();
            let summary = serde_json::json!({"file_name": upload.file_name, "size_bytes": size});
            shown.insert(upload.field.clone(), summary);
        }
        shown
    }
}

/// An object with no other keys than `known`.
pub(crate) fn object(
    value: Value,
    what: &str,
    known: &[&str],
) -> Result<Map<String, Value>, ApiError> {
    let Value::Object(object) = value else { return Err(wrong(what, "an object")) };
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(ApiError::bug(format_args!("unknown field \"{key}\" in {what}"))),
        None => Ok(object),
    }
}

fn wrong(name: &str, wanted: &str) -> ApiError {
    ApiError::bug(format_args!("parameter \"{name}\" must be {wanted}"))
}

/// Reads a request.
///
/// # Errors
/// 400 for a body that is none of the four kinds, 413 for a file over 50 MB.
pub(crate) async fn read(request: Request) -> Result<Params, ApiError> {
    let mut params = Params::default();
    let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(request.uri())
        .map_err(unreadable)?;
    add_texts(&mut params, query.0);
    if request.method() == Method::GET {
        return Ok(params);
    }
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    if kind.starts_with("multipart/form-data") {
        read_multipart(&mut params, request).await?;
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        let form =
            Form::<Vec<(String, String)>>::from_request(request, &()).await.map_err(unreadable)?;
        add_texts(&mut params, form.0);
    } else {
        let body = axum::body::to_bytes(request.into_body(), PLAIN_BODY_MAX_BYTES)
            .await
            .map_err(unreadable)?;
        if kind.starts_with("application/json") && !body.is_empty() {
            let object: Map<String, Value> = serde_json::from_slice(&body).map_err(unreadable)?;
            params.values.extend(object);
        } else if !body.is_empty() {
            return Err(ApiError::bug(format_args!("unknown content type \"{kind}\"")));
        }
    }
    Ok(params)
}

async fn read_multipart(params: &mut Params, request: Request) -> Result<(), ApiError> {
    let mut multipart = Multipart::from_request(request, &()).await.map_err(unreadable)?;
    let mut too_large = false;
    while let Some(mut field) = multipart.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        let Some(file_name) = field.file_name().map(str::to_owned) else {
            let text = field.text().await.map_err(unreadable)?;
            params.values.insert(name, Value::String(text));
            continue;
        };
        let mime = field.content_type().map(str::to_owned);
        let mut bytes = BytesMut::new();
        // What is too large is read to its end, so that the sender gets to see the refusal.
        while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
            too_large |= bytes.len() + chunk.len() > UPLOAD_MAX_BYTES;
            if !too_large {
                bytes.extend_from_slice(&chunk);
            }
        }
        params.uploads.push(Upload { field: name, file_name, mime, bytes: bytes.freeze() });
    }
    if too_large {
        return Err(ApiError::new(413, "Request Entity Too Large"));
    }
    Ok(())
}

fn add_texts(params: &mut Params, pairs: Vec<(String, String)>) {
    params.values.extend(pairs.into_iter().map(|(name, text)| (name, Value::String(text))));
}

fn unreadable(cause: impl Display) -> ApiError {
    ApiError::bug(format_args!("can't read the request: {cause}"))
}
