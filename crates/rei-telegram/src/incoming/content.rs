//! What a message holds: words, a file, something we only name, or something nobody has named yet.

use rei_domain::ids::ChatId;
use serde_json::Value;

use super::fields::{int, list, object, text, uint, words};

/// A file that Telegram has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Media {
    /// Its id for this bot.
    pub file_id: String,
    /// The same for all bots; tells files apart, cannot be used to fetch.
    pub file_unique_id: Option<String>,
    /// Its size in bytes when Telegram says it.
    pub size_bytes: Option<u64>,
    /// In pixels.
    pub width: Option<u64>,
    /// In pixels.
    pub height: Option<u64>,
    /// In seconds.
    pub duration_s: Option<u64>,
    /// The sender's word, not to be trusted.
    pub file_name: Option<String>,
    /// The sender's word, not to be trusted.
    pub mime_type: Option<String>,
}

impl Media {
    /// Width times height; zero when unknown.
    pub fn area(&self) -> u64 {
        self.width.unwrap_or(0).saturating_mul(self.height.unwrap_or(0))
    }

    /// Whether the sender says that it is a video. The bytes have the last word.
    pub fn claims_video(&self) -> bool {
        let mime_type = self.mime_type.as_deref().unwrap_or_default().to_ascii_lowercase();
        mime_type.starts_with("video/")
    }

    /// Whether the sender says that it is a picture. The bytes have the last word.
    pub fn claims_image(&self) -> bool {
        let mime_type = self.mime_type.as_deref().unwrap_or_default().to_ascii_lowercase();
        mime_type.starts_with("image/")
    }
}

/// A payment inside Telegram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// `XTR` for Stars, else a currency's three letters.
    pub currency: String,
    /// In whole Stars, or the currency's smallest unit.
    pub total_amount: i64,
    /// What we put into the invoice.
    pub invoice_payload: String,
    /// Telegram's id of the payment: credited once under it.
    pub telegram_charge_id: String,
}

/// What a message holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "Telegram's own words")]
pub enum Content {
    /// Only words: see the message's `text`.
    Text,
    /// A picture; its largest size.
    Photo(Media),
    /// A file as it is; may be a picture.
    Document(Media),
    Video(Media),
    Voice(Media),
    VideoNote(Media),
    Audio(Media),
    /// A GIF or a video without sound.
    Animation(Media),
    Sticker,
    Poll,
    Contact,
    Location,
    Venue,
    Dice,
    Game,
    Story,
    SuccessfulPayment(Payment),
    RefundedPayment(Payment),
    /// The group became a supergroup with this id.
    MigratedTo(ChatId),
    /// Something happened in the chat; nobody said anything. The field's name.
    Service(String),
    /// Something else: the name of the first field that no rule knows, empty when there is none.
    Unknown(String),
}

/// Fields that surround a content, or belong to another field.
const ENVELOPE: &[&str] = &[
    "author_signature",
    "business_connection_id",
    "caption",
    "caption_entities",
    "chat",
    "date",
    "direct_messages_topic",
    "edit_date",
    "effect_id",
    "entities",
    "external_reply",
    "forward_date",
    "forward_from",
    "forward_from_chat",
    "forward_from_message_id",
    "forward_origin",
    "forward_sender_name",
    "forward_signature",
    "from",
    "guest_query_id",
    "has_media_spoiler",
    "has_protected_content",
    "is_automatic_forward",
    "is_from_offline",
    "is_paid_post",
    "is_topic_message",
    "link_preview_options",
    "media_group_id",
    "message_id",
    "message_thread_id",
    "paid_star_count",
    "quote",
    "reply_markup",
    "reply_to_checklist_task_id",
    "reply_to_message",
    "reply_to_story",
    "sender_boost_count",
    "sender_business_bot",
    "sender_chat",
    "sender_tag",
    "show_caption_above_media",
    "suggested_post_info",
    "via_bot",
];

/// Fields of messages in which nobody said anything.
const SERVICE: &[&str] = &[
    "boost_added",
    "channel_chat_created",
    "chat_background_set",
    "chat_owner_changed",
    "chat_owner_left",
    "chat_shared",
    "checklist_tasks_added",
    "checklist_tasks_done",
    "connected_website",
    "delete_chat_photo",
    "direct_message_price_changed",
    "forum_topic_closed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "gift",
    "gift_upgrade_sent",
    "giveaway_completed",
    "giveaway_created",
    "group_chat_created",
    "left_chat_member",
    "message_auto_delete_timer_changed",
    "migrate_from_chat_id",
    "new_chat_members",
    "new_chat_photo",
    "new_chat_title",
    "paid_message_price_changed",
    "passport_data",
    "pinned_message",
    "proximity_alert_triggered",
    "suggested_post_approval_failed",
    "suggested_post_approved",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "supergroup_chat_created",
    "unique_gift",
    "users_shared",
    "video_chat_ended",
    "video_chat_participants_invited",
    "video_chat_scheduled",
    "video_chat_started",
    "write_access_allowed",
];

/// A file's description; `None` without a usable id.
pub(crate) fn media_of(file: &Value) -> Option<Media> {
    Some(Media {
        file_id: words(file, "file_id")?,
        file_unique_id: words(file, "file_unique_id"),
        size_bytes: uint(file, "file_size"),
        width: uint(file, "width").or_else(|| uint(file, "length")),
        height: uint(file, "height").or_else(|| uint(file, "length")),
        duration_s: uint(file, "duration"),
        file_name: words(file, "file_name"),
        mime_type: words(file, "mime_type"),
    })
}

/// What a message holds. The order matters: an animation also describes a document, a venue a location.
pub(super) fn content(message: &Value) -> Content {
    let file = |key: &str| object(message, key).and_then(media_of);
    if let Some(photo) = largest_photo(message) {
        return Content::Photo(photo);
    }
    let found = None
        .or_else(|| file("animation").map(Content::Animation))
        .or_else(|| file("document").map(Content::Document))
        .or_else(|| file("video").map(Content::Video))
        .or_else(|| file("voice").map(Content::Voice))
        .or_else(|| file("video_note").map(Content::VideoNote))
        .or_else(|| file("audio").map(Content::Audio));
    if let Some(found) = found {
        return found;
    }
    if words(message, "text").is_some() {
        return Content::Text;
    }
    named(message).unwrap_or_else(|| unnamed(message))
}

/// The size with the most pixels.
pub(super) fn largest_photo(message: &Value) -> Option<Media> {
    list(message, "photo").iter().filter_map(media_of).max_by_key(Media::area)
}

fn named(message: &Value) -> Option<Content> {
    let has = |key: &str| object(message, key).is_some();
    if let Some(payment) = object(message, "successful_payment").and_then(payment) {
        return Some(Content::SuccessfulPayment(payment));
    }
    if let Some(payment) = object(message, "refunded_payment").and_then(payment) {
        return Some(Content::RefundedPayment(payment));
    }
    if let Some(to) = int(message, "migrate_to_chat_id") {
        return Some(Content::MigratedTo(ChatId(to)));
    }
    let kinds = [
        ("sticker", Content::Sticker),
        ("poll", Content::Poll),
        ("contact", Content::Contact),
        ("venue", Content::Venue),
        ("location", Content::Location),
        ("dice", Content::Dice),
        ("game", Content::Game),
        ("story", Content::Story),
    ];
    kinds.into_iter().find(|(key, _)| has(key)).map(|(_, kind)| kind)
}

fn unnamed(message: &Value) -> Content {
    let keys = || message.as_object().into_iter().flat_map(|fields| fields.keys());
    if let Some(service) = keys().find(|key| SERVICE.contains(&key.as_str())) {
        return Content::Service(service.clone());
    }
    let unknown = keys().find(|key| !ENVELOPE.contains(&key.as_str()));
    Content::Unknown(unknown.cloned().unwrap_or_default())
}

fn payment(payment: &Value) -> Option<Payment> {
    Some(Payment {
        currency: text(payment, "currency")?,
        total_amount: int(payment, "total_amount")?,
        invoice_payload: text(payment, "invoice_payload").unwrap_or_default(),
        telegram_charge_id: words(payment, "telegram_payment_charge_id")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_of_message_has_its_name() {
        let file = json!({"file_id": "f", "length": 240});
        let media = media_of(&file).expect("a file");
        let rows: Vec<(&str, Value, Content)> = vec![
            ("text", json!("привет"), Content::Text),
            ("photo", json!([file]), Content::Photo(media.clone())),
            ("document", file.clone(), Content::Document(media.clone())),
            ("video", file.clone(), Content::Video(media.clone())),
            ("voice", file.clone(), Content::Voice(media.clone())),
            ("video_note", file.clone(), Content::VideoNote(media.clone())),
            ("audio", file.clone(), Content::Audio(media.clone())),
            ("animation", file.clone(), Content::Animation(media)),
            ("sticker", file, Content::Sticker),
            ("poll", json!({"id": "1"}), Content::Poll),
            ("contact", json!({"phone_number": "+7"}), Content::Contact),
            ("location", json!({"latitude": 1.5}), Content::Location),
            ("venue", json!({"title": "x"}), Content::Venue),
            ("dice", json!({"emoji": "🎲", "value": 6}), Content::Dice),
            ("game", json!({"title": "x"}), Content::Game),
            ("story", json!({"id": 1}), Content::Story),
            ("migrate_to_chat_id", json!(-100), Content::MigratedTo(ChatId(-100))),
            ("pinned_message", json!({}), Content::Service("pinned_message".to_owned())),
            ("new_chat_members", json!([]), Content::Service("new_chat_members".to_owned())),
            ("checklist", json!({}), Content::Unknown("checklist".to_owned())),
            ("hologram", json!({}), Content::Unknown("hologram".to_owned())),
            ("caption", json!("alone"), Content::Unknown(String::new())),
        ];
        for (field, value, expected) in rows {
            let message = json!({"message_id": 1, "date": 2, "chat": {"id": 3}, field: value});
            assert_eq!(content(&message), expected, "{field}");
        }
    }

    #[test]
    fn fields_that_come_in_pairs_are_told_apart() {
        let file = json!({"file_id": "f"});
        let animation = json!({"animation": file, "document": file});
        assert!(matches!(content(&animation), Content::Animation(_)));
        let venue = json!({"venue": {"title": "x"}, "location": {"latitude": 1}});
        assert_eq!(content(&venue), Content::Venue);
    }

    #[test]
    fn the_largest_size_of_a_photo_is_taken() {
        let message = json!({"photo": [
            {"file_id": "s", "width": 90, "height": 60, "file_size": 900},
            {"file_id": "l", "width": 1280, "height": 853},
            {"file_id": "m", "width": 800, "height": 533},
            {"width": 9000, "height": 9000}, 5,
        ]});
        assert_eq!(largest_photo(&message).expect("a photo").file_id, "l");
        assert_eq!(content(&json!({"photo": []})), Content::Unknown("photo".to_owned()));
    }
}
