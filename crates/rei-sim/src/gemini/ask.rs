//! The strict check of a `generateContent` body, and what is left of it: what to draw.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::Value;

use super::fields::{Object, Reader};
use super::files::Files;
use super::models::Model;
use super::refusals::{FieldViolation, Refusal};
use crate::draw;

/// Beginning of the thought signatures that this service gives out; only these come back valid.
pub const SIGNATURE_PREFIX: &str = "simulated-thought-";

const PICTURE_TYPES: [&str; 5] =
    ["image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"];
const SAFETY_CATEGORIES: [&str; 4] = [
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
];
const SAFETY_THRESHOLDS: [&str; 5] =
    ["BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE", "OFF"];

/// A request that passed every check.
#[derive(Debug)]
pub struct Ask {
    /// Who draws.
    pub model: &'static Model,
    /// The texts of the last turn.
    pub prompt: String,
    /// The pictures of the last turn.
    pub references: Vec<Bytes>,
    /// The ratio of the result: asked for, or taken from the first picture, else square.
    pub ratio: String,
    /// The size of the result.
    pub size: String,
    /// Whether a picture may be answered at all.
    pub wants_picture: bool,
}

/// Checks a body as the service does, and stricter where the service is known to be silent.
///
/// # Errors
/// The refusal that the client gets.
pub fn read(model: &'static Model, body: &Value, files: &Files) -> Result<Ask, Refusal> {
    let mut reader = Reader::default();
    let known = [
        "contents",
        "generationConfig",
        "safetySettings",
        "systemInstruction",
        "tools",
        "serviceTier",
    ];
    let root = reader.object(body, "", &known);
    let turn = read_contents(&mut reader, &root, model, files);
    let config = read_config(&mut reader, &root, model);
    read_rest(&mut reader, &root);
    reader.finish().map_err(|violations| refuse(&violations))?;
    let ratio = config.ratio.unwrap_or_else(|| {
        let size = turn.references.first().and_then(|bytes| draw::size_of(bytes));
        size.map_or("1:1", |(width, height)| model.nearest_ratio(width, height)).to_owned()
    });
    Ok(Ask {
        model,
        prompt: turn.prompt,
        references: turn.references,
        ratio,
        size: config.size.unwrap_or_else(|| model.sizes.first().unwrap_or(&"1K").to_string()),
        wants_picture: config.wants_picture,
    })
}

/// A lost file is "not found", unless more is wrong.
fn refuse(violations: &[FieldViolation]) -> Refusal {
    match violations {
        [violation] if violation.description.starts_with(LOST_FILE) => {
            Refusal::new(404, "NOT_FOUND", violation.description.clone())
        }
        _ => Refusal::fields(violations),
    }
}

const LOST_FILE: &str = "File not found or expired";

#[derive(Default)]
struct Turn {
    prompt: String,
    references: Vec<Bytes>,
}

fn read_contents(reader: &mut Reader, root: &Object<'_>, model: &Model, files: &Files) -> Turn {
    let contents = reader.array(root, "contents");
    let mut last = Turn::default();
    let mut last_role = "";
    let mut pictures = 0;
    for (index, content) in contents.iter().enumerate() {
        let path = format!("contents[{index}]");
        let content = reader.object(content, &path, &["role", "parts"]);
        last_role = reader.choice(&content, "role", &["user", "model"]).unwrap_or("user");
        last = Turn::default();
        let parts = reader.array(&content, "parts");
        if parts.is_empty() {
            reader.wrong(&content.at("parts"), "contents.parts must not be empty.");
        }
        for (index, part) in parts.iter().enumerate() {
            let path = format!("{path}.parts[{index}]");
            read_part(reader, part, &path, last_role == "model", files, &mut last);
        }
        pictures += last.references.len();
    }
    if contents.is_empty() {
        reader.wrong("contents", "contents is not specified");
    } else if last_role != "user" {
        reader.wrong("contents", "Please ensure that the last turn is of the user.");
    } else if last.prompt.trim().is_empty() && last.references.is_empty() {
        reader.wrong("contents", "Unable to submit request because it must have a text parameter.");
    }
    if pictures > model.references_max {
        let max = model.references_max;
        reader.wrong(
            "contents",
            format!("At most {max} images are supported by this model, {pictures} are given."),
        );
    }
    last
}

fn read_part(
    reader: &mut Reader,
    part: &Value,
    path: &str,
    of_model: bool,
    files: &Files,
    turn: &mut Turn,
) {
    let part = reader.object(
        part,
        path,
        &["text", "inlineData", "fileData", "thought", "thoughtSignature"],
    );
    let given =
        ["text", "inlineData", "fileData"].iter().filter(|name| part.get(name).is_some()).count();
    if given != 1 {
        reader.wrong(path, format!("Invalid value at '{path}': exactly one of text, inline_data, file_data is required."));
    }
    if let Some(text) = reader.text(&part, "text") {
        if !turn.prompt.is_empty() {
            turn.prompt.push('\n');
        }
        turn.prompt.push_str(text);
    }
    if part.get("thought").is_some_and(|thought| !thought.is_boolean()) {
        reader.wrong(&part.at("thought"), "Invalid value (TYPE_BOOL)");
    }
    check_signature(reader, &part, of_model);
    let picture = if part.get("inlineData").is_some() {
        read_inline(reader, &part)
    } else if part.get("fileData").is_some() {
        read_file(reader, &part, files)
    } else {
        None
    };
    turn.references.extend(picture);
}

/// A picture of the model's own turn must come back with the signature it was given with.
fn check_signature(reader: &mut Reader, part: &Object<'_>, of_model: bool) {
    let signature = reader.text(part, "thoughtSignature");
    let known = signature.is_some_and(|signature| {
        STANDARD.decode(signature).is_ok_and(|bytes| bytes.starts_with(SIGNATURE_PREFIX.as_bytes()))
    });
    if signature.is_some() && !known {
        reader.wrong(&part.at("thoughtSignature"), "Thought signature is not valid.");
    } else if signature.is_none() && of_model && part.get("inlineData").is_some() {
        reader.wrong(&part.at("thoughtSignature"), "Image part is missing a thought_signature.");
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
        reader.wrong(
            &path,
            format!("Invalid value at '{path}' (TYPE_BYTES), Base64 decoding failed."),
        );
        return None;
    };
    if !readable(mime?, &bytes) {
        reader.wrong(&path, "Unable to process input image. Please retry or report in the forum.");
        return None;
    }
    Some(bytes.into())
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
    if mime.is_some_and(|mime| mime != stored.mime_type) {
        reader.wrong(&file.at("mimeType"), "Invalid value: mime_type is not that of the file.");
    }
    if !readable(&stored.mime_type, &stored.bytes) {
        reader.wrong(&path, "Unable to process input image. Please retry or report in the forum.");
        return None;
    }
    Some(stored.bytes)
}

/// Whether the bytes begin as a picture of this type. HEIC is known by its brand only.
fn readable(mime: &str, bytes: &[u8]) -> bool {
    match mime {
        "image/heic" | "image/heif" => bytes.get(4..8) == Some(b"ftyp"),
        _ => draw::type_of(bytes) == Some(mime) && draw::size_of(bytes).is_some(),
    }
}

#[derive(Default)]
struct Config {
    ratio: Option<String>,
    size: Option<String>,
    wants_picture: bool,
}

fn read_config(reader: &mut Reader, root: &Object<'_>, model: &Model) -> Config {
    let mut config = Config { wants_picture: true, ..Config::default() };
    let Some(value) = root.get("generationConfig") else { return config };
    let known = ["responseModalities", "imageConfig", "temperature", "thinkingConfig"];
    let object = reader.object(value, &root.at("generationConfig"), &known);
    if object.get("responseModalities").is_some() {
        config.wants_picture = read_modalities(reader, &object);
    }
    if let Some(temperature) = object.get("temperature")
        && !temperature.as_f64().is_some_and(|degree| (0.0..=2.0).contains(&degree))
    {
        reader.wrong(&object.at("temperature"), "temperature must be in the range [0.0, 2.0].");
    }
    if let Some(thinking) = object.get("thinkingConfig") {
        read_thinking(reader, thinking, &object.at("thinkingConfig"), model);
    }
    if let Some(image) = object.get("imageConfig") {
        let image = reader.object(image, &object.at("imageConfig"), &["aspectRatio", "imageSize"]);
        config.ratio = reader.text(&image, "aspectRatio").map(str::to_owned);
        if let Some(ratio) = config.ratio.as_deref().filter(|ratio| !model.takes_ratio(ratio)) {
            reader.wrong(
                &image.at("aspectRatio"),
                format!("Invalid aspect ratio \"{ratio}\" for this model."),
            );
        }
        if model.sizes.is_empty() && image.get("imageSize").is_some() {
            reader.wrong(&image.at("imageSize"), "image_size is not supported by this model.");
        } else {
            config.size = reader.choice(&image, "imageSize", model.sizes).map(str::to_owned);
        }
    }
    config
}

fn read_modalities(reader: &mut Reader, config: &Object<'_>) -> bool {
    let modalities = reader.array(config, "responseModalities");
    let path = config.at("responseModalities");
    if modalities.is_empty() {
        reader.wrong(&path, "response_modalities must not be empty.");
    }
    for modality in
        modalities.iter().filter(|modality| **modality != "TEXT" && **modality != "IMAGE")
    {
        reader.wrong(
            &path,
            format!("Invalid value at '{path}': {modality}. Supported values: TEXT, IMAGE."),
        );
    }
    modalities.iter().any(|modality| modality == "IMAGE")
}

fn read_thinking(reader: &mut Reader, value: &Value, path: &str, model: &Model) {
    if model.thinking_levels.is_empty() {
        reader.wrong(path, "thinking_config is not supported by this model.");
        return;
    }
    let thinking = reader.object(value, path, &["thinkingLevel", "includeThoughts"]);
    reader.choice(&thinking, "thinkingLevel", model.thinking_levels);
    if thinking.get("includeThoughts").is_some_and(|include| !include.is_boolean()) {
        reader.wrong(&thinking.at("includeThoughts"), "Invalid value (TYPE_BOOL)");
    }
}

fn read_rest(reader: &mut Reader, root: &Object<'_>) {
    for (index, setting) in reader.array(root, "safetySettings").iter().enumerate() {
        let setting = reader.object(
            setting,
            &format!("safety_settings[{index}]"),
            &["category", "threshold"],
        );
        let category = reader.choice(&setting, "category", &SAFETY_CATEGORIES);
        let threshold = reader.choice(&setting, "threshold", &SAFETY_THRESHOLDS);
        if category.is_none() || threshold.is_none() {
            reader.wrong(&setting.path, "category and threshold are required.");
        }
    }
    for (index, tool) in reader.array(root, "tools").iter().enumerate() {
        let tool = reader.object(tool, &format!("tools[{index}]"), &["googleSearch"]);
        if let Some(search) = tool.get("googleSearch") {
            reader.object(search, &tool.at("googleSearch"), &[]);
        }
    }
    if let Some(instruction) = root.get("systemInstruction") {
        let instruction = reader.object(instruction, "system_instruction", &["role", "parts"]);
        for (index, part) in reader.array(&instruction, "parts").iter().enumerate() {
            let part =
                reader.object(part, &format!("system_instruction.parts[{index}]"), &["text"]);
            reader.text(&part, "text");
        }
    }
    reader.choice(root, "serviceTier", &["standard", "flex", "priority"]);
}
