//! Messages in the form that the page draws.

use rei_sim::telegram::SimMessage;
use serde_json::{Value, json};

/// Kinds of content that the page names but does not draw.
const OTHERS: [&str; 11] = [
    "location",
    "contact",
    "poll",
    "dice",
    "video_note",
    "animation",
    "audio",
    "story",
    "game",
    "venue",
    "invoice",
];

/// One message as the page wants it.
pub(super) fn shown(message: &SimMessage) -> Value {
    if message.deleted {
        return json!({"id": message.id, "deleted": true});
    }
    let api = &message.api;
    let emoji = |reaction: &Value| reaction["emoji"].as_str().unwrap_or("❤").to_owned();
    json!({
        "id": message.id,
        "out": !message.from_bot,
        "text": message.text,
        "entities": message.entities,
        "rows": message.buttons,
        "photo": api["photo"].as_array().and_then(|sizes| sizes.last()).map(media),
        "video": message.video.as_ref().map(|video| json!({
            "file": video.file_id, "name": video.file_name, "width": video.width, "height": video.height, "size": video.size_bytes,
            "duration": video.duration_s, "cover": video.cover.as_ref().or(video.thumbnail.as_ref()),
        })),
        "document": message.document.as_ref().map(|file| json!({
            "file": file.file_id, "name": file.file_name, "mime": file.mime_type, "size": file.size_bytes,
        })),
        "voice": api.get("voice").map(|voice| json!({"file": voice["file_id"], "duration": voice["duration"]})),
        "sticker": api.get("sticker").map(|sticker| json!({"emoji": sticker["emoji"]})),
        "other": OTHERS.iter().find(|kind| api.get(**kind).is_some()),
        "album": message.media_group_id,
        "edited": message.edited,
        "reply_to": message.reply_to,
        "date": message.date,
        "reactions": message.reactions.iter().map(emoji).collect::<Vec<_>>(),
        "deleted": false,
    })
}

fn media(file: &Value) -> Value {
    json!({"file": file["file_id"], "width": file["width"], "height": file["height"], "size": file["file_size"]})
}
