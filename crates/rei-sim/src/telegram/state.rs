//! Everything the double remembers: people, chats, messages, files, updates, money, faults, calls.
//!
//! Plain values behind one lock (see `shared`): nothing here waits.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::TelegramOptions;
use super::calls::CallLog;
use super::chat::{Chat, Stored};
use super::delivery::Updates;
use super::error::ApiError;
use super::faults::Faults;
use super::files::Files;
use super::keyboards::Markup;
use super::profile::Profile;
use super::stars::Stars;
use super::taps::Taps;

/// The state of the simulated Telegram.
#[derive(Debug)]
pub(crate) struct World {
    /// The time of the work under way.
    pub now_ms: i64,
    pub profile: Profile,
    /// The `User` object of each person.
    pub people: HashMap<i64, Value>,
    pub chats: HashMap<i64, Chat>,
    pub files: Files,
    pub taps: Taps,
    pub stars: Stars,
    pub updates: Updates,
    pub faults: Faults,
    pub log: CallLog,
    /// The bot has logged out.
    pub logged_out: bool,
    /// Grows with each change of a message.
    pub revision: u64,
    /// The revision that waiters were told of.
    pub told: u64,
    history_per_chat: usize,
    groups: u64,
    seed: u64,
}

/// A message about to be put into a chat.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// Everything of the `Message` object but id, date and chat.
    pub api: Map<String, Value>,
    pub from_bot: bool,
    pub html: Option<String>,
    pub markup: Markup,
}

impl World {
    pub fn new(options: &TelegramOptions) -> Self {
        Self {
            now_ms: options.clock.now_ms(),
            profile: Profile::new(options),
            people: HashMap::new(),
            chats: HashMap::new(),
            files: Files::new(options.files_max_bytes),
            taps: Taps::default(),
            stars: Stars::default(),
            updates: Updates::new(),
            faults: Faults::default(),
            log: CallLog::new(options.keep_log),
            logged_out: false,
            revision: 0,
            told: 0,
            history_per_chat: options.history_per_chat,
            groups: 0,
            seed: 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// A number without a pattern that is the same in each run; never negative.
    pub fn dice(&mut self) -> i64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        i64::try_from(self.seed >> 33).unwrap_or_default()
    }

    /// A new `media_group_id`.
    pub fn group_id(&mut self) -> String {
        self.groups += 1;
        format!("{}", 13_000_000_000_000_000 + self.groups)
    }

    /// The chat with this id, made if it is not there.
    pub fn open_chat(&mut self, id: i64, card: impl FnOnce() -> Value) -> &mut Chat {
        self.chats.entry(id).or_insert_with(|| Chat::new(card()))
    }

    /// A chat that the bot can name.
    pub fn chat(&mut self, id: i64) -> Result<&mut Chat, ApiError> {
        self.chats.get_mut(&id).ok_or_else(|| ApiError::bad("chat not found"))
    }

    /// Puts a message into a chat that is there, and returns its `Message` object.
    pub fn put(&mut self, chat_id: i64, draft: Draft) -> Result<Value, ApiError> {
        self.revision += 1;
        let (revision, date_ms, keep) = (self.revision, self.now_ms, self.history_per_chat);
        let chat = self.chat(chat_id)?;
        let id = chat.next_id();
        let Draft { mut api, from_bot, html, markup } = draft;
        api.insert("message_id".into(), id.into());
        api.insert("date".into(), (date_ms / 1_000).into());
        api.insert("chat".into(), chat.card.clone());
        let fixed = matches!(markup, Markup::Reply(_) | Markup::Remove | Markup::ForceReply);
        let mut message = Stored {
            id,
            api,
            from_bot,
            html,
            fixed,
            edits: 0,
            deleted: false,
            revision,
            date_ms,
            reaction: Vec::new(),
        };
        match markup {
            Markup::Inline(keyboard) => message.set_keyboard(Some(keyboard)),
            Markup::Reply(markup) => chat.keyboard = Some(super::chat::ChatKeyboard { markup }),
            Markup::Remove => chat.keyboard = None,
            Markup::None | Markup::ForceReply => {}
        }
        if from_bot {
            chat.action = None;
            chat.draft = None;
        }
        let shown = Value::Object(message.api.clone());
        chat.insert(message, keep);
        Ok(shown)
    }

    /// Changes a message that is there and gives it a new revision.
    pub fn change<T>(
        &mut self,
        chat_id: i64,
        message_id: i64,
        change: impl FnOnce(&mut Stored) -> T,
    ) -> Option<T> {
        self.revision += 1;
        let revision = self.revision;
        self.chats.get_mut(&chat_id)?.change(message_id, revision, change)
    }

    /// Says that something of a chat changed that is no message, such as a notice on a button.
    pub fn touch(&mut self) {
        self.revision += 1;
    }

    /// Creates an update, if the bot wants its kind.
    pub fn update(&mut self, kind: &str, payload: &Value) {
        self.updates.push(kind, payload, self.now_ms);
    }

    /// Creates a service message of a chat and its update.
    pub fn service_message(
        &mut self,
        user_id: i64,
        fields: Map<String, Value>,
    ) -> Result<i64, ApiError> {
        let from = self.people.get(&user_id).cloned().unwrap_or_else(|| json!({"id": user_id}));
        let mut api = fields;
        api.insert("from".into(), from);
        let message = self.put(user_id, Draft { api, ..Draft::default() })?;
        self.update("message", &message);
        Ok(message["message_id"].as_i64().unwrap_or_default())
    }
}
