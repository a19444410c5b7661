//! Files that a call brings: uploaded under the parameter's name, attached, or named by `file_id`.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::telegram::error::ApiError;
use crate::telegram::files::{FileKind, NewFile, StoredFile, dimensions};
use crate::telegram::params::{Params, Upload};
use crate::telegram::state::World;
use crate::telegram::text;

use super::sending::words_content;

const PHOTO_MAX_BYTES: usize = 10 * 1024 * 1024;
const PHOTO_SIDES_MAX: u32 = 10_000;
const PHOTO_RATIO_MAX: u32 = 20;
const PHOTO_EXTENSIONS: &[&str] = &["jpg", "jpeg", "gif", "png", "tif", "tiff", "bmp"];
const THUMBNAIL_MAX_BYTES: usize = 200 * 1024;
const THUMBNAIL_SIDE_MAX: u32 = 320;

const ITEM_COMMON: &[&str] = &["type", "media", "caption", "parse_mode", "caption_entities"];

/// Content of a message and the HTML of its caption.
pub(crate) type Content = (Map<String, Value>, Option<String>);

/// The content of a photo, video or document whose file is under `source` of `fields`.
///
/// `fields` are the parameters of the call, or of one item of `media`; uploads are always in `uploads`.
pub(crate) fn content(
    world: &mut World,
    kind: FileKind,
    fields: &Params,
    source: &str,
    uploads: &mut Params,
) -> Result<Content, ApiError> {
    let words = text::words(fields, "caption")?;
    let above = fields.flag("show_caption_above_media")?;
    let spoiler = fields.flag("has_spoiler")?;
    let thumbnail = extra_picture(world, fields, "thumbnail", uploads)?;
    let cover = extra_picture(world, fields, "cover", uploads)?;
    let mut new = NewFile { thumbnail, ..NewFile::default() };
    if kind == FileKind::Video {
        new.width = small(fields, "width")?;
        new.height = small(fields, "height")?;
        new.duration_s = i64::from(small(fields, "duration")?);
        small(fields, "start_timestamp")?;
        fields.flag("supports_streaming")?;
    }
    let file = input_file(world, kind, fields, source, uploads, new)?;
    let mut content = words_content(&words, "caption");
    let mut shown = file.shown.clone();
    if let Some(cover) = cover {
        shown["cover"] = Value::Array(vec![cover]);
    }
    content.insert(kind.word().into(), shown);
    if above && !words.marked.text.is_empty() {
        content.insert("show_caption_above_media".into(), true.into());
    }
    if spoiler {
        content.insert("has_media_spoiler".into(), true.into());
    }
    Ok((content, words.html))
}

fn small(fields: &Params, name: &str) -> Result<u32, ApiError> {
    let number = fields.int(name)?.unwrap_or_default();
    u32::try_from(number).map_err(|_| ApiError::bug(format_args!("{name} must not be negative")))
}

fn input_file(
    world: &mut World,
    kind: FileKind,
    fields: &Params,
    source: &str,
    uploads: &mut Params,
    new: NewFile,
) -> Result<Arc<StoredFile>, ApiError> {
    if let Some(upload) = taken(fields, source, uploads)? {
        let new = checked(kind, upload, new)?;
        return Ok(world.files.store(kind, new));
    }
    let id = fields.text(source)?.unwrap_or_default();
    let Some(file) = world.files.find(id) else {
        return Err(ApiError::bad("wrong file_id or the file is temporarily unavailable"));
    };
    if file.kind != kind {
        let (is, wanted) = (file.kind.word(), kind.word());
        return Err(ApiError::bug(format_args!("can't use file of type {is} as {wanted}")));
    }
    Ok(Arc::clone(file))
}

/// The upload under a parameter: under its own name, or the one that `attach://` names.
fn taken(fields: &Params, source: &str, uploads: &mut Params) -> Result<Option<Upload>, ApiError> {
    let Some(value) = fields.text(source)? else {
        let upload = uploads.take_upload(source);
        return upload.map(Some).ok_or_else(|| ApiError::missing(source));
    };
    if value.contains("://") && !value.starts_with("attach://") {
        return Err(ApiError::bug(format_args!("{source} is sent by URL, which we never do")));
    }
    let Some(name) = value.strip_prefix("attach://") else { return Ok(None) };
    match uploads.take_upload(name) {
        Some(upload) => Ok(Some(upload)),
        None => Err(ApiError::bug(format_args!("there is no file attached as \"{name}\""))),
    }
}

fn checked(kind: FileKind, upload: Upload, new: NewFile) -> Result<NewFile, ApiError> {
    if upload.bytes.is_empty() {
        return Err(ApiError::bug("File must be non-empty"));
    }
    let mut new =
        NewFile { bytes: upload.bytes, name: Some(upload.file_name), mime: upload.mime, ..new };
    if kind == FileKind::Photo {
        (new.width, new.height) = photo(&new)?;
    }
    Ok(new)
}

/// Checks a photo as the live server does; returns its width and height.
fn photo(new: &NewFile) -> Result<(u32, u32), ApiError> {
    let size = new.bytes.len();
    if size > PHOTO_MAX_BYTES {
        return Err(ApiError::bad(format_args!(
            "File of size {size} bytes is too big for a photo; the maximum size is {PHOTO_MAX_BYTES} bytes"
        )));
    }
    let name = new.name.as_deref().unwrap_or_default();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    if extension.is_some_and(|extension| !PHOTO_EXTENSIONS.contains(&extension.as_str())) {
        return Err(ApiError::bad("PHOTO_EXT_INVALID"));
    }
    let Some((width, height)) = dimensions(&new.bytes) else {
        return Err(ApiError::bad("IMAGE_PROCESS_FAILED"));
    };
    let (short, long) = (width.min(height), width.max(height));
    let fits = width.saturating_add(height) <= PHOTO_SIDES_MAX
        && long <= short.saturating_mul(PHOTO_RATIO_MAX);
    if short == 0 || !fits {
        return Err(ApiError::bad("PHOTO_INVALID_DIMENSIONS"));
    }
    Ok((width, height))
}

/// A thumbnail or a cover, as the `PhotoSize` that the message shows.
fn extra_picture(
    world: &mut World,
    fields: &Params,
    name: &str,
    uploads: &mut Params,
) -> Result<Option<Value>, ApiError> {
    let under_own_name = uploads.uploads.iter().any(|upload| upload.field == name);
    if !fields.has(name) && !under_own_name {
        return Ok(None);
    }
    let Some(upload) = taken(fields, name, uploads)? else {
        let id = fields.text(name)?.unwrap_or_default();
        let known =
            world.files.find(id).filter(|file| name == "cover" && file.kind == FileKind::Photo);
        let size = known.and_then(|file| whole_size(&file.shown));
        return size
            .map(Some)
            .ok_or_else(|| ApiError::bug(format_args!("{name} must be uploaded")));
    };
    let Some((width, height)) = dimensions(&upload.bytes) else {
        return Err(ApiError::bug(format_args!("{name} is no picture")));
    };
    let is_jpeg = upload.bytes.starts_with(&[0xff, 0xd8]);
    let small =
        upload.bytes.len() <= THUMBNAIL_MAX_BYTES && width.max(height) <= THUMBNAIL_SIDE_MAX;
    if name == "thumbnail" && !(is_jpeg && small) {
        let words = "thumbnail must be a JPEG of at most 200 KB and 320 pixels";
        return Err(ApiError::bug(words));
    }
    let new = NewFile { bytes: upload.bytes, width, height, ..NewFile::default() };
    Ok(whole_size(&world.files.store(FileKind::Photo, new).shown))
}

fn whole_size(shown: &Value) -> Option<Value> {
    shown.as_array()?.last().cloned()
}

/// One `InputMedia` object: its kind and content.
pub(crate) fn item(
    world: &mut World,
    item: Value,
    uploads: &mut Params,
) -> Result<(FileKind, Content), ApiError> {
    let kind = match item["type"].as_str() {
        Some("photo") => FileKind::Photo,
        Some("video") => FileKind::Video,
        Some("document") => FileKind::Document,
        _ => return Err(ApiError::bug(format_args!("unknown InputMedia type {}", item["type"]))),
    };
    let extra: &[&str] = match kind {
        FileKind::Photo => &["show_caption_above_media", "has_spoiler"],
        FileKind::Video => &[
            "show_caption_above_media",
            "has_spoiler",
            "thumbnail",
            "cover",
            "start_timestamp",
            "width",
            "height",
            "duration",
            "supports_streaming",
        ],
        _ => &["thumbnail", "disable_content_type_detection"],
    };
    let known: Vec<&str> = ITEM_COMMON.iter().chain(extra).copied().collect();
    let fields = Params::of(crate::telegram::params::object(item, "InputMedia", &known)?);
    if !fields.has("media") {
        return Err(ApiError::missing("media"));
    }
    let content = content(world, kind, &fields, "media", uploads)?;
    Ok((kind, content))
}
