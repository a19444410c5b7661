//! What answers hold that we use. Reading is tolerant: an odd field of a delivered message is left
//! out, never an error.

use rei_domain::ids::{ChatId, MessageId};
use serde_json::Value;

use crate::incoming::{Media, media_of};

/// A message that Telegram took. What is missing in the answer is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentMessage {
    /// Its id in its chat.
    pub message_id: Option<MessageId>,
    /// Its chat.
    pub chat: Option<ChatId>,
    /// The sizes Telegram made of a photo.
    pub photo: Vec<Media>,
    /// The document.
    pub document: Option<Media>,
    /// The video; one without sound comes back as an animation and stands here too.
    pub video: Option<Media>,
}

impl SentMessage {
    /// Reads a Message; anything else (`true`, nothing) gives an empty one.
    pub(crate) fn read(value: &Value) -> Self {
        let photo = value.get("photo").and_then(Value::as_array);
        let file = |key| value.get(key).and_then(media_of);
        Self {
            message_id: value.get("message_id").and_then(Value::as_i64).map(MessageId),
            chat: value.pointer("/chat/id").and_then(Value::as_i64).map(ChatId),
            photo: photo
                .map(|sizes| sizes.iter().filter_map(media_of).collect())
                .unwrap_or_default(),
            document: file("document"),
            video: file("video").or_else(|| file("animation")),
        }
    }

    /// An edit that changed nothing.
    pub(crate) fn unchanged(chat: ChatId, message_id: MessageId) -> Self {
        Self { message_id: Some(message_id), chat: Some(chat), ..Self::default() }
    }

    /// The id under which the photo (its largest size), the document or the video can be sent again.
    pub fn file_id(&self) -> Option<&str> {
        let largest = self.photo.iter().max_by_key(|size| size.area());
        // A document also describes the animation that it holds, so the others come first.
        let file = largest.or(self.video.as_ref()).or(self.document.as_ref());
        file.map(|file| file.file_id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_delivered_message_is_read_however_odd_it_is() {
        let read = SentMessage::read(&json!({
            "message_id": 7, "chat": {"id": 42, "type": "hologram"}, "date": "yesterday",
            "photo": [
                {"file_id": "small", "width": 90, "height": 90},
                {"file_id": "large", "width": 1280, "height": 720, "file_unique_id": "u"},
                {"file_id": 5}, "rubbish",
            ],
        }));
        assert_eq!(read.message_id, Some(MessageId(7)));
        assert_eq!(read.chat, Some(ChatId(42)));
        assert_eq!(read.photo.len(), 2);
        assert_eq!(read.file_id(), Some("large"));
        for odd in [json!(true), json!(null), json!([]), json!({"message_id": "7", "chat": 1})] {
            assert_eq!(SentMessage::read(&odd), SentMessage::default());
        }
    }

    #[test]
    fn a_silent_video_comes_back_as_an_animation() {
        let read = SentMessage::read(&json!({
            "message_id": 1, "animation": {"file_id": "a"}, "document": {"file_id": "d"},
        }));
        assert_eq!(read.file_id(), Some("a"));
    }
}
