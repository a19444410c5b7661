//! Files: uploads of both sides, their ids, the smaller sizes of photos, and downloads.

use std::collections::{HashMap, VecDeque};
use std::io::Cursor;
use std::sync::Arc;

use bytes::Bytes;
use image::ImageReader;
use serde_json::{Value, json};

use super::error::ApiError;

/// The most bytes that a bot may download.
const DOWNLOAD_MAX_BYTES: usize = 20 * 1024 * 1024;
/// How long a file path works.
const PATH_LIFE_MS: i64 = 3_600_000;
/// The longest sides of a photo's smaller sizes.
const SIZES: &[u32] = &[90, 320, 800, 1280];

/// What a file was sent as; an id works only for the same kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// Shown as a picture, in several sizes.
    Photo,
    /// Shown as a video.
    Video,
    /// Kept as it is.
    Document,
    /// A recording of speech.
    Voice,
    /// A sticker.
    Sticker,
}

impl FileKind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Video => "video",
            Self::Document => "document",
            Self::Voice => "voice",
            Self::Sticker => "sticker",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Photo => "photos",
            Self::Video => "videos",
            Self::Document => "documents",
            Self::Voice => "voice",
            Self::Sticker => "stickers",
        }
    }
}

/// What is known of a file when it comes.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewFile {
    pub bytes: Bytes,
    pub name: Option<String>,
    pub mime: Option<String>,
    /// Pixels; 0 when it has none.
    pub width: u32,
    pub height: u32,
    pub duration_s: i64,
    /// The `PhotoSize` that it is shown with while it is not open.
    pub thumbnail: Option<Value>,
}

/// A file that is kept.
#[derive(Debug)]
pub(crate) struct StoredFile {
    pub kind: FileKind,
    pub bytes: Bytes,
    /// The value under the kind's name in a message.
    pub shown: Value,
    path: String,
}

/// All files, by id.
#[derive(Debug)]
pub(crate) struct Files {
    by_id: HashMap<String, Arc<StoredFile>>,
    oldest_first: VecDeque<String>,
    kept_bytes: u64,
    kept_bytes_max: u64,
    next: u64,
    /// Paths that `getFile` gave out: the file's id and the time until which the path works.
    paths: HashMap<String, (String, i64)>,
}

impl Files {
    pub fn new(kept_bytes_max: u64) -> Self {
        Self {
            by_id: HashMap::new(),
            oldest_first: VecDeque::new(),
            kept_bytes: 0,
            kept_bytes_max,
            next: 1,
            paths: HashMap::new(),
        }
    }

    /// Keeps a file; the oldest ones are forgotten when there is no room.
    pub fn store(&mut self, kind: FileKind, new: NewFile) -> Arc<StoredFile> {
        let number = self.next;
        self.next += 1;
        let id = format!("AgACAgIAAxkBAAI{number:09}-{}", kind.word());
        let extension = extension(&new);
        let path = format!("{}/file_{number}.{extension}", kind.folder());
        let shown = shown(kind, &id, &new);
        let file = Arc::new(StoredFile { kind, bytes: new.bytes, shown, path });
        self.kept_bytes += file.bytes.len() as u64;
        self.oldest_first.push_back(id.clone());
        self.by_id.insert(id, Arc::clone(&file));
        while self.kept_bytes > self.kept_bytes_max && self.oldest_first.len() > 1 {
            self.forget_oldest();
        }
        file
    }

    fn forget_oldest(&mut self) {
        if let Some(gone) = self.oldest_first.pop_front().and_then(|id| self.by_id.remove(&id)) {
            self.kept_bytes -= gone.bytes.len() as u64;
        }
    }

    /// The file with this id; a smaller size of a photo finds the photo.
    pub fn find(&self, id: &str) -> Option<&Arc<StoredFile>> {
        self.by_id.get(whole_of(id).0)
    }

    /// Answers `getFile` and opens a path for an hour.
    pub fn open(&mut self, id: &str, now_ms: i64) -> Result<Value, ApiError> {
        let file = self.find(id).cloned().ok_or_else(|| ApiError::bad("invalid file_id"))?;
        if file.bytes.len() > DOWNLOAD_MAX_BYTES {
            return Err(ApiError::bad("file is too big"));
        }
        if self.paths.len() > 1024 {
            self.paths.retain(|_, (_, until_ms)| *until_ms > now_ms);
        }
        let (_, side) = whole_of(id);
        let path = match (side, file.path.rsplit_once('.')) {
            (Some(side), Some((stem, extension))) => format!("{stem}-{side}.{extension}"),
            _ => file.path.clone(),
        };
        self.paths.insert(path.clone(), (id.to_owned(), now_ms + PATH_LIFE_MS));
        let mut answer = json!({"file_id": id, "file_unique_id": unique_id(id), "file_path": path});
        if side.is_none() {
            answer["file_size"] = json!(file.bytes.len());
        }
        Ok(answer)
    }

    /// The id behind a path that is still open.
    pub fn behind(&self, path: &str, now_ms: i64) -> Option<&str> {
        let (id, until_ms) = self.paths.get(path)?;
        (*until_ms > now_ms).then_some(id.as_str())
    }
}

/// The contents under an id: a smaller size is made when it is asked for.
pub(crate) fn contents(file: &StoredFile, id: &str) -> Bytes {
    let Some(side) = whole_of(id).1 else { return file.bytes.clone() };
    let Ok(picture) = image::load_from_memory(&file.bytes) else { return file.bytes.clone() };
    let mut jpeg = Cursor::new(Vec::new());
    let small = picture.thumbnail(side, side).into_rgb8();
    match small.write_to(&mut jpeg, image::ImageFormat::Jpeg) {
        Ok(()) => jpeg.into_inner().into(),
        Err(_) => file.bytes.clone(),
    }
}

/// The id of the whole photo and the longest side of the size asked for.
fn whole_of(id: &str) -> (&str, Option<u32>) {
    match id.rsplit_once("_s") {
        Some((whole, side)) => match side.parse() {
            Ok(side) => (whole, Some(side)),
            Err(_) => (id, None),
        },
        None => (id, None),
    }
}

fn unique_id(id: &str) -> String {
    format!("AQAD{}", id.trim_start_matches("AgACAgIAAxkBAAI"))
}

fn shown(kind: FileKind, id: &str, new: &NewFile) -> Value {
    let mut shown = json!({
        "file_id": id, "file_unique_id": unique_id(id), "file_size": new.bytes.len(),
    });
    match kind {
        FileKind::Photo => return sizes(id, shown, new),
        FileKind::Video | FileKind::Sticker => {
            shown["width"] = new.width.into();
            shown["height"] = new.height.into();
        }
        FileKind::Document | FileKind::Voice => {}
    }
    match kind {
        FileKind::Video | FileKind::Voice => shown["duration"] = new.duration_s.into(),
        FileKind::Sticker => {
            shown["type"] = "regular".into();
            shown["is_animated"] = false.into();
            shown["is_video"] = false.into();
        }
        FileKind::Photo | FileKind::Document => {}
    }
    if let Some(thumbnail) = &new.thumbnail {
        shown["thumbnail"] = thumbnail.clone();
    }
    if kind != FileKind::Sticker {
        if let Some(mime) = &new.mime {
            shown["mime_type"] = mime.as_str().into();
        }
        if let (Some(name), true) = (&new.name, kind != FileKind::Voice) {
            shown["file_name"] = name.as_str().into();
        }
    }
    shown
}

/// A photo's sizes, the whole one last.
fn sizes(id: &str, mut whole: Value, new: &NewFile) -> Value {
    let longest = new.width.max(new.height);
    let mut sizes: Vec<Value> = SIZES
        .iter()
        .filter(|side| **side < longest)
        .map(|side| {
            let id = format!("{id}_s{side}");
            let scaled =
                |pixels: u32| (u64::from(pixels) * u64::from(*side) / u64::from(longest)).max(1);
            json!({
                "file_id": id, "file_unique_id": unique_id(&id),
                "width": scaled(new.width), "height": scaled(new.height),
            })
        })
        .collect();
    whole["width"] = new.width.into();
    whole["height"] = new.height.into();
    sizes.push(whole);
    sizes.into()
}

fn extension(new: &NewFile) -> &str {
    let named = new.name.as_deref().and_then(|name| name.rsplit_once('.')).map(|(_, ext)| ext);
    let plain = |ext: &&str| !ext.is_empty() && ext.chars().all(|c| c.is_ascii_alphanumeric());
    named.filter(plain).unwrap_or(match new.mime.as_deref() {
        Some("image/jpeg") => "jpg",
        Some("image/png") => "png",
        Some("video/mp4") => "mp4",
        Some("audio/ogg") => "oga",
        _ => "bin",
    })
}

/// Width and height of a picture, from its head alone; nothing when it cannot be decoded.
pub(crate) fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    let word = |at: usize| {
        let pair = bytes.get(at..at + 2)?;
        Some(u32::from(u16::from_le_bytes([pair[0], pair[1]])))
    };
    if bytes.starts_with(b"GIF8") {
        return Some((word(6)?, word(8)?));
    }
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let whole = match reader.format()? {
        image::ImageFormat::Jpeg => bytes.windows(2).rev().take(64).any(|two| two == [0xff, 0xd9]),
        image::ImageFormat::Png => bytes.windows(4).rev().take(64).any(|four| four == b"IEND"),
        _ => true,
    };
    // Decoding all pixels would be dear under load; a picture that was cut off lacks its end.
    if whole { reader.into_dimensions().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(files: &mut Files) -> (Arc<StoredFile>, String) {
        let new = NewFile {
            bytes: crate::telegram::testing::png(400, 200),
            width: 400,
            height: 200,
            ..NewFile::default()
        };
        let file = files.store(FileKind::Photo, new);
        let whole = file.shown.as_array().and_then(|sizes| sizes.last()).expect("sizes");
        let id = whole["file_id"].as_str().expect("an id").to_owned();
        (file, id)
    }

    #[test]
    fn a_photo_comes_in_sizes_and_each_can_be_fetched() {
        let mut files = Files::new(u64::MAX);
        let (file, id) = photo(&mut files);
        let sizes = file.shown.as_array().expect("sizes");
        assert_eq!(sizes.len(), 3);
        assert_eq!((&sizes[1]["width"], &sizes[1]["height"]), (&json!(320), &json!(160)));
        let small = sizes[1]["file_id"].as_str().expect("an id");
        let found = files.find(small).expect("the photo");
        assert_eq!(dimensions(&contents(found, small)), Some((320, 160)));
        assert_eq!(contents(found, &id), file.bytes);
    }

    #[test]
    fn a_path_works_for_an_hour() {
        let mut files = Files::new(u64::MAX);
        let (_, id) = photo(&mut files);
        let answer = files.open(&id, 0).expect("known");
        let path = answer["file_path"].as_str().expect("a path");
        assert_eq!(files.behind(path, PATH_LIFE_MS - 1), Some(id.as_str()));
        assert_eq!(files.behind(path, PATH_LIFE_MS), None);
    }

    #[test]
    fn the_oldest_files_make_room() {
        let mut files = Files::new(1);
        let (_, first) = photo(&mut files);
        let (_, second) = photo(&mut files);
        assert!(files.find(&first).is_none());
        assert!(files.find(&second).is_some());
    }

    #[test]
    fn a_picture_that_was_cut_off_has_no_dimensions() {
        let whole = crate::telegram::testing::png(40, 20);
        assert_eq!(dimensions(&whole), Some((40, 20)));
        assert_eq!(dimensions(&whole[..whole.len() - 20]), None);
        assert_eq!(dimensions(b"no picture"), None);
    }
}
