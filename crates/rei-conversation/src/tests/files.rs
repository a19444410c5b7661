//! Files for tests: ordinary photos and clips by their names.

use rei_domain::catalog::Measured;

use crate::{Content, FileRef};

/// A photo by its name.
pub(super) fn photo(name: &str) -> Content {
    Content::Picture { file: file(name), album: None }
}

/// A clip by its name.
pub(super) fn clip(name: &str) -> Content {
    Content::Video { file: file(name), album: None }
}

/// A file of a name and ordinary size.
pub(super) fn file(name: &str) -> FileRef {
    FileRef { file_id: name.to_owned(), unique_id: None, size_bytes: Some(200_000) }
}

/// What is found in a file of this name.
pub(super) fn measured(name: &str) -> Measured {
    match name.starts_with("clip") {
        true => measured_clip(7_200),
        false => measured_photo(1280, 960),
    }
}

/// What is found in a photo of this size.
pub(super) fn measured_photo(width: u32, height: u32) -> Measured {
    let file_type = "jpg".to_owned();
    Measured { file_type, size_bytes: 200_000, width, height, length_ms: None }
}

/// What is found in a clip of this length.
pub(super) fn measured_clip(length_ms: u64) -> Measured {
    let file_type = "mp4".to_owned();
    Measured {
        file_type,
        size_bytes: 4_000_000,
        width: 1280,
        height: 720,
        length_ms: Some(length_ms),
    }
}
