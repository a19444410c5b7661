//! The methods of the Bot API: what each takes, and what each does to the world.
//!
//! The table is the strictness: a method that is not in it is 404, a parameter that is not in its row is a violation.

mod album;
mod buttons;
mod delete;
mod edit;
mod files;
mod media;
mod payments;
mod profile;
mod send;
mod sending;
mod updates;

use std::collections::HashMap;
use std::sync::OnceLock;

use serde_json::Value;

pub(super) use payments::give_back as give_stars_back;

use super::error::ApiError;
use super::params::Params;
use super::state::World;

/// What a method does.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    /// Answers at once.
    Now(fn(&mut World, &mut Params) -> Result<Value, ApiError>),
    /// Waits for updates.
    Poll,
}

/// A method of the API.
pub(crate) struct Method {
    /// As the reference spells it.
    pub name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static [&'static str]],
    pub run: Run,
}

const WHERE: &[&str] = &["business_connection_id", "message_thread_id", "direct_messages_topic_id"];
const SEND: &[&str] = &[
    "disable_notification",
    "protect_content",
    "allow_paid_broadcast",
    "message_effect_id",
    "suggested_post_parameters",
    "reply_parameters",
    "reply_markup",
];
const CAPTION: &[&str] = &["caption", "parse_mode", "caption_entities", "show_caption_above_media"];
const ADDRESS: &[&str] = &["business_connection_id", "chat_id", "message_id", "inline_message_id"];
const MARKUP: &[&str] = &["reply_markup"];
const LANGUAGE: &[&str] = &["language_code"];
const SCOPE: &[&str] = &["scope", "language_code"];
const INVOICE: &[&str] = &[
    "provider_token",
    "max_tip_amount",
    "suggested_tip_amounts",
    "provider_data",
    "photo_url",
    "photo_size",
    "photo_width",
    "photo_height",
    "need_name",
    "need_phone_number",
    "need_email",
    "need_shipping_address",
    "send_phone_number_to_provider",
    "send_email_to_provider",
    "is_flexible",
];

const fn method(
    name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static [&'static str]],
    run: fn(&mut World, &mut Params) -> Result<Value, ApiError>,
) -> Method {
    Method { name, required, optional, run: Run::Now(run) }
}

static METHODS: &[Method] = &[
    method("getMe", &[], &[], profile::get_me),
    method("logOut", &[], &[], profile::log_out),
    method("close", &[], &[], profile::close),
    Method {
        name: "getUpdates",
        required: &[],
        optional: &[&["offset", "limit", "timeout", "allowed_updates"]],
        run: Run::Poll,
    },
    method(
        "setWebhook",
        &["url"],
        &[&[
            "certificate",
            "ip_address",
            "max_connections",
            "allowed_updates",
            "drop_pending_updates",
            "secret_token",
        ]],
        updates::set_webhook,
    ),
    method("deleteWebhook", &[], &[&["drop_pending_updates"]], updates::delete_webhook),
    method("getWebhookInfo", &[], &[], updates::get_webhook_info),
    method(
        "sendMessage",
        &["chat_id", "text"],
        &[WHERE, SEND, &["parse_mode", "entities", "link_preview_options"]],
        send::message,
    ),
    method(
        "sendPhoto",
        &["chat_id", "photo"],
        &[WHERE, SEND, CAPTION, &["has_spoiler"]],
        send::photo,
    ),
    method(
        "sendVideo",
        &["chat_id", "video"],
        &[
            WHERE,
            SEND,
            CAPTION,
            &[
                "duration",
                "width",
                "height",
                "thumbnail",
                "cover",
                "start_timestamp",
                "has_spoiler",
                "supports_streaming",
            ],
        ],
        send::video,
    ),
    method(
        "sendDocument",
        &["chat_id", "document"],
        &[WHERE, SEND, CAPTION, &["thumbnail", "disable_content_type_detection"]],
        send::document,
    ),
    method(
        "sendMediaGroup",
        &["chat_id", "media"],
        &[
            WHERE,
            &[
                "disable_notification",
                "protect_content",
                "allow_paid_broadcast",
                "message_effect_id",
                "reply_parameters",
            ],
        ],
        album::send,
    ),
    method(
        "sendChatAction",
        &["chat_id", "action"],
        &[&["business_connection_id", "message_thread_id"]],
        send::chat_action,
    ),
    method(
        "sendMessageDraft",
        &["chat_id", "draft_id"],
        &[&["message_thread_id", "text", "parse_mode", "entities", "can_stop", "keep_on_stop"]],
        send::draft,
    ),
    method(
        "copyMessage",
        &["chat_id", "from_chat_id", "message_id"],
        &[WHERE, SEND, CAPTION, &["video_start_timestamp"]],
        send::copy,
    ),
    method(
        "editMessageText",
        &[],
        &[
            ADDRESS,
            MARKUP,
            &["text", "parse_mode", "entities", "link_preview_options", "rich_message"],
        ],
        edit::text,
    ),
    method("editMessageCaption", &[], &[ADDRESS, MARKUP, CAPTION], edit::caption),
    method("editMessageReplyMarkup", &[], &[ADDRESS, MARKUP], edit::reply_markup),
    method("editMessageMedia", &["media"], &[ADDRESS, MARKUP], edit::media),
    method("deleteMessage", &["chat_id", "message_id"], &[], delete::one),
    method("deleteMessages", &["chat_id", "message_ids"], &[], delete::many),
    method(
        "answerCallbackQuery",
        &["callback_query_id"],
        &[&["text", "show_alert", "url", "cache_time"]],
        buttons::answer,
    ),
    method(
        "setMessageReaction",
        &["chat_id", "message_id"],
        &[&["reaction", "is_big"]],
        buttons::react,
    ),
    method("getFile", &["file_id"], &[], files::get),
    method("setMyCommands", &["commands"], &[SCOPE], profile::set_commands),
    method("deleteMyCommands", &[], &[SCOPE], profile::delete_commands),
    method("getMyCommands", &[], &[SCOPE], profile::get_commands),
    method("setChatMenuButton", &[], &[&["chat_id", "menu_button"]], profile::set_menu_button),
    method("getChatMenuButton", &[], &[&["chat_id"]], profile::get_menu_button),
    method("setMyName", &[], &[LANGUAGE, &["name"]], profile::set_name),
    method("getMyName", &[], &[LANGUAGE], profile::get_name),
    method("setMyDescription", &[], &[LANGUAGE, &["description"]], profile::set_description),
    method("getMyDescription", &[], &[LANGUAGE], profile::get_description),
    method("setMyShortDescription", &[], &[LANGUAGE, &["short_description"]], profile::set_short),
    method("getMyShortDescription", &[], &[LANGUAGE], profile::get_short),
    method(
        "sendInvoice",
        &["chat_id", "title", "description", "payload", "currency", "prices"],
        &[INVOICE, &["start_parameter"], WHERE, SEND],
        payments::send_invoice,
    ),
    method(
        "createInvoiceLink",
        &["title", "description", "payload", "currency", "prices"],
        &[INVOICE, &["business_connection_id", "subscription_period"]],
        payments::create_link,
    ),
    method(
        "answerPreCheckoutQuery",
        &["pre_checkout_query_id", "ok"],
        &[&["error_message"]],
        payments::answer_checkout,
    ),
    method("refundStarPayment", &["user_id", "telegram_payment_charge_id"], &[], payments::refund),
    method("getStarTransactions", &[], &[&["offset", "limit"]], payments::transactions),
    method("getMyStarBalance", &[], &[], payments::balance),
];

/// The method with this name, whatever its case.
pub(crate) fn find(name: &str) -> Option<&'static Method> {
    static BY_NAME: OnceLock<HashMap<String, &'static Method>> = OnceLock::new();
    let by_name = BY_NAME.get_or_init(|| {
        METHODS.iter().map(|method| (method.name.to_ascii_lowercase(), method)).collect()
    });
    by_name.get(&name.to_ascii_lowercase()).copied()
}

impl Method {
    /// Refuses unknown parameters, unused files and missing required parameters.
    pub fn check(&self, params: &Params) -> Result<(), ApiError> {
        for name in params.values.keys() {
            if !self.knows(name) {
                return Err(unknown(name));
            }
        }
        for upload in &params.uploads {
            let attached = format!("attach://{}", upload.field);
            let named = |value: &Value| match value {
                Value::String(text) => text.contains(&attached),
                value => value.to_string().contains(&attached),
            };
            if !self.knows(&upload.field) && !params.values.values().any(named) {
                return Err(unknown(&upload.field));
            }
        }
        match self.required.iter().find(|name| !params.has(name)) {
            Some(name) => Err(ApiError::missing(name)),
            None => Ok(()),
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.required.contains(&name) || self.optional.iter().any(|group| group.contains(&name))
    }
}

fn unknown(name: &str) -> ApiError {
    ApiError::bug(format_args!("unknown parameter \"{name}\""))
}
