//! The strict check of a `generateContent` body, and what is left of it: what to draw. Its turns are checked by
//! [`contents`](super::contents).

use serde_json::Value;

use super::contents::{self, Contents, LOST_FILE, NOT_ACTIVE};
use super::fields::{Object, Reader};
use super::files::Files;
use super::models::Model;
use super::refusals::{FieldViolation, Refusal};
use crate::draw;

const SAFETY_CATEGORIES: [&str; 4] = [
    "HARM_CATEGORY_HARASSMENT",
    "HARM_CATEGORY_HATE_SPEECH",
    "HARM_CATEGORY_SEXUALLY_EXPLICIT",
    "HARM_CATEGORY_DANGEROUS_CONTENT",
];
const SAFETY_THRESHOLDS: [&str; 5] =
    ["BLOCK_NONE", "BLOCK_ONLY_HIGH", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_LOW_AND_ABOVE", "OFF"];

/// A request that passed every check.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Who draws.
    pub model: &'static Model,
    /// The words and pictures.
    pub contents: Contents,
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
    let contents = contents::read(&mut reader, &root, model, files);
    let config = read_config(&mut reader, &root, model);
    read_rest(&mut reader, &root);
    reader.finish().map_err(|violations| refuse(&violations))?;
    let ratio = config.ratio.unwrap_or_else(|| {
        let size = contents.pictures.first().and_then(|bytes| draw::size_of(bytes));
        size.map_or("1:1", |(width, height)| model.nearest_ratio(width, height)).to_owned()
    });
    Ok(Ask {
        model,
        contents,
        ratio,
        size: config.size.unwrap_or_else(|| model.sizes.first().unwrap_or(&"1K").to_string()),
        wants_picture: config.wants_picture,
    })
}

/// A lost file is "not found" and one that is looked at is a "precondition", unless more is wrong.
fn refuse(violations: &[FieldViolation]) -> Refusal {
    match violations {
        [violation] if violation.description.starts_with(LOST_FILE) => {
            Refusal::new(404, "NOT_FOUND", violation.description.clone())
        }
        [violation] if violation.description.ends_with(NOT_ACTIVE) => {
            Refusal::new(400, "FAILED_PRECONDITION", violation.description.clone())
        }
        _ => Refusal::fields(violations),
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
