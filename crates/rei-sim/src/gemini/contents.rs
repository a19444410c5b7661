//! The strict check of `contents`: turns that alternate, parts of one kind, pictures that decode, and signatures that
//! were given out for exactly these pictures.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use image::ImageReader;
use serde_json::Value;

use super::fields::{Object, Reader};
use super::files::{FileState, Files};
use super::models::Model;
use crate::draw;

/// Beginning of the thought signatures that this service gives out.
const SIGNATURE_PREFIX: &str = "simulated-thought-";
/// Beginning of what is said of a file that is not there.
pub const LOST_FILE: &str = "File not found or expired";
/// End of what is said of a file that cannot be used yet.
pub const NOT_ACTIVE: &str = "is not in an ACTIVE state and usage is not allowed.";

const PICTURE_TYPES: [&str; 5] =
    ["image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"];

/// What a conversation asks for.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The texts of the last turn.
    pub prompt: String,
    /// The pictures of all turns, oldest first.
    pub pictures: Vec<Bytes>,
    /// How many of them were named as uploaded files.
    pub by_file: usize,
    /// How many turns there are; one for a request without a history.
    pub turns: usize,
}

/// The signature that goes out with a picture, whose base64 is `data`.
pub fn signature(number: u64, data: &str) -> String {
    STANDARD.encode(format!("{SIGNATURE_PREFIX}{number}-{:016x}", mark(data)))
}

/// Whether a signature was given out for this picture. Nothing is remembered: the signature itself says for which.
fn is_signature_of(signature: &str, data: &str) -> bool {
    let own = STANDARD.decode(signature).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let own = own.as_deref().and_then(|own| own.strip_prefix(SIGNATURE_PREFIX));
    own.and_then(|own| own.split_once('-'))
        .is_some_and(|(_, marked)| marked == format!("{:016x}", mark(data)))
}

fn mark(data: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    data.hash(&mut hasher);
    hasher.finish()
}

/// Checks all turns; what is wrong is noted in `reader`.
pub fn read(reader: &mut Reader, root: &Object<'_>, model: &Model, files: &Files) -> Contents {
    let turns = reader.array(root, "contents");
    let mut contents = Contents { turns: turns.len(), ..Contents::default() };
    let mut roles = Vec::new();
    let mut earlier = 0;
    for (index, turn) in turns.iter().enumerate() {
        let path = format!("contents[{index}]");
        let turn = reader.object(turn, &path, &["role", "parts"]);
        if turns.len() > 1 && turn.get("role").is_none() {
            reader.wrong(&turn.at("role"), "Please use a valid role: user, model.");
        }
        roles.push(reader.choice(&turn, "role", &["user", "model"]).unwrap_or("user"));
        contents.prompt.clear();
        earlier = contents.pictures.len();
        let of_model = roles.last() == Some(&"model");
        read_turn(reader, &turn, of_model.then_some(model), files, &mut contents);
    }
    check_order(reader, &roles);
    if roles.last() == Some(&"user")
        && contents.prompt.trim().is_empty()
        && contents.pictures.len() == earlier
    {
        reader.wrong("contents", "Unable to submit request because it must have a text parameter.");
    }
    let (given, max) = (contents.pictures.len(), model.references_max);
    if given > max {
        let text = format!("At most {max} images are supported by this model, {given} are given.");
        reader.wrong("contents", text);
    }
    contents
}

fn check_order(reader: &mut Reader, roles: &[&str]) {
    if roles.is_empty() {
        reader.wrong("contents", "contents is not specified");
    } else if roles.last() != Some(&"user") {
        reader.wrong("contents", "Please ensure that the last turn is of the user.");
    } else if roles.windows(2).any(|pair| pair[0] == pair[1]) || roles[0] != "user" {
        let text = "Please ensure that multiturn requests alternate between user and model.";
        reader.wrong("contents", text);
    }
}

/// `author`: the model, when the turn is its own.
fn read_turn(
    reader: &mut Reader,
    turn: &Object<'_>,
    author: Option<&Model>,
    files: &Files,
    contents: &mut Contents,
) {
    let parts = reader.array(turn, "parts");
    if parts.is_empty() {
        reader.wrong(&turn.at("parts"), "contents.parts must not be empty.");
    }
    let known = ["text", "inlineData", "fileData", "thought", "thoughtSignature"];
    for (index, part) in parts.iter().enumerate() {
        let path = format!("{}[{index}]", turn.at("parts"));
        let part = reader.object(part, &path, &known);
        check_kind(reader, &part);
        if let Some(text) = reader.text(&part, "text") {
            if !contents.prompt.is_empty() {
                contents.prompt.push('\n');
            }
            contents.prompt.push_str(text);
        }
        match author {
            Some(model) => check_signature(reader, &part, model),
            None if part.get("thoughtSignature").is_some() => {
                let text = "Thought signatures belong to turns of the model.";
                reader.wrong(&part.at("thoughtSignature"), text);
            }
            None => {}
        }
        contents.pictures.extend(read_inline(reader, &part));
        if part.get("fileData").is_some() {
            contents.by_file += 1;
            contents.pictures.extend(read_file(reader, &part, files));
        }
    }
}

fn check_kind(reader: &mut Reader, part: &Object<'_>) {
    let kinds = ["text", "inlineData", "fileData"];
    if kinds.iter().filter(|name| part.get(name).is_some()).count() != 1 {
        let path = &part.path;
        reader.wrong(path, format!("Invalid value at '{path}': exactly one of text, inline_data, file_data is required."));
    }
    if part.get("thought").is_some_and(|thought| !thought.is_boolean()) {
        reader.wrong(&part.at("thought"), "Invalid value (TYPE_BOOL)");
    }
}

/// A picture of the model's own turn comes back inside the request, with the signature that it was given with.
fn check_signature(reader: &mut Reader, part: &Object<'_>, model: &Model) {
    if part.get("fileData").is_some() {
        let text = "A picture of the model's own turn must be inline_data.";
        return reader.wrong(&part.at("fileData"), text);
    }
    let signature = reader.text(part, "thoughtSignature");
    let Some(inline) = part.get("inlineData") else { return };
    let data = inline.get("data").and_then(Value::as_str).unwrap_or_default();
    match signature {
        None if model.signs => {
            let text = "Image part is missing a thought_signature.";
            reader.wrong(&part.at("thoughtSignature"), text);
        }
        Some(signature) if !is_signature_of(signature, data) => {
            reader.wrong(&part.at("thoughtSignature"), "Thought signature is not valid.");
        }
        _ => {}
    }
}

fn read_inline(reader: &mut Reader, part: &Object<'_>) -> Option<Bytes> {
    let path = part.at("inlineData");
    let inline = reader.object(part.get("inlineData")?, &path, &["mimeType", "data"]);
    let mime = reader.choice(&inline, "mimeType", &PICTURE_TYPES);
    let data = reader.text(&inline, "data");
    if mime.is_none() && inline.get("mimeType").is_none() {
        reader.wrong(&inline.at("mimeType"), "Invalid value: mime_type is required.");
    }
    let Some(data) = data else {
        reader.wrong(&inline.at("data"), "Invalid value: data is required.");
        return None;
    };
    let Ok(bytes) = STANDARD.decode(data) else {
        let path = inline.at("data");
        let text = format!("Invalid value at '{path}' (TYPE_BYTES), Base64 decoding failed.");
        reader.wrong(&path, text);
        return None;
    };
    readable(reader, &path, mime?, bytes.into())
}

fn read_file(reader: &mut Reader, part: &Object<'_>, files: &Files) -> Option<Bytes> {
    let path = part.at("fileData");
    let file = reader.object(part.get("fileData")?, &path, &["mimeType", "fileUri"]);
    let mime = reader.text(&file, "mimeType");
    let Some(uri) = reader.text(&file, "fileUri") else {
        reader.wrong(&file.at("fileUri"), "Invalid value: file_uri is required.");
        return None;
    };
    let Some(stored) = files.by_uri(uri) else {
        reader.wrong(&file.at("fileUri"), format!("{LOST_FILE}: {uri}"));
        return None;
    };
    if stored.state != FileState::Active {
        reader.wrong(&file.at("fileUri"), format!("The File {} {NOT_ACTIVE}", stored.name));
        return None;
    }
    if mime.is_some_and(|mime| mime != stored.mime_type) {
        reader.wrong(&file.at("mimeType"), "Invalid value: mime_type is not that of the file.");
    }
    readable(reader, &path, &stored.mime_type, stored.bytes)
}

/// The bytes, if they are a whole picture of this type.
fn readable(reader: &mut Reader, path: &str, mime: &str, bytes: Bytes) -> Option<Bytes> {
    let decodes = match mime {
        // No decoder for these: they are known by their brand.
        "image/heic" | "image/heif" => bytes.get(4..8) == Some(b"ftyp"),
        _ => draw::type_of(&bytes) == Some(mime) && decodes(&bytes),
    };
    if decodes {
        return Some(bytes);
    }
    reader.wrong(path, "Unable to process input image. Please retry or report in the forum.");
    None
}

fn decodes(bytes: &[u8]) -> bool {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    reader.is_ok_and(|reader| reader.decode().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_belongs_to_one_picture() {
        let given = signature(7, "iVBO");
        assert!(is_signature_of(&given, "iVBO"));
        assert!(!is_signature_of(&given, "iVBP"));
        for foreign in ["", "c2ln", "!!", &STANDARD.encode("simulated-thought-7")] {
            assert!(!is_signature_of(foreign, "iVBO"), "{foreign}");
        }
    }
}
