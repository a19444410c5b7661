//! One chat: its messages, the keyboard under the input line, and what the bot is seen doing.

use std::collections::{BTreeMap, HashSet, VecDeque};

use serde::Serialize;
use serde_json::{Map, Value, json};

/// The newest answers to button presses that are kept.
const ANSWERS_MAX: usize = 256;

/// The fields of a message that are its content; an edit replaces them all.
const CONTENT: &[&str] = &[
    "text",
    "entities",
    "link_preview_options",
    "photo",
    "video",
    "document",
    "caption",
    "caption_entities",
    "show_caption_above_media",
    "has_media_spoiler",
    "invoice",
];

/// A message as the simulator keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub id: i64,
    /// The `Message` object.
    pub api: Map<String, Value>,
    pub from_bot: bool,
    /// Text or caption as sent, when it was HTML.
    pub html: Option<String>,
    /// It came with something else than an inline keyboard, so it cannot be edited.
    pub fixed: bool,
    pub edits: u32,
    pub deleted: bool,
    pub revision: u64,
    pub date_ms: i64,
    /// What the bot reacted with.
    pub reaction: Vec<Value>,
}

impl Stored {
    /// The content fields.
    pub fn content(&self) -> Map<String, Value> {
        let content = self.api.iter().filter(|(key, _)| CONTENT.contains(&key.as_str()));
        content.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Puts other content in place.
    pub fn set_content(&mut self, content: Map<String, Value>) {
        self.api.retain(|key, _| !CONTENT.contains(&key.as_str()));
        self.api.extend(content);
    }

    /// Puts another inline keyboard in place, or none.
    pub fn set_keyboard(&mut self, keyboard: Option<Value>) {
        match keyboard.filter(|keyboard| keyboard["inline_keyboard"] != json!([])) {
            Some(keyboard) => self.api.insert("reply_markup".into(), keyboard),
            None => self.api.remove("reply_markup"),
        };
    }

    /// The `Message` object without the message that it answers: one level only is ever shown.
    pub fn as_reply_target(&self) -> Value {
        let mut api = self.api.clone();
        api.remove("reply_to_message");
        Value::Object(api)
    }
}

/// The user's keyboard.
#[derive(Clone, Debug)]
pub(crate) struct ChatKeyboard {
    /// `ReplyKeyboardMarkup`.
    pub markup: Value,
}

/// What the bot answered to a button press.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallbackAnswer {
    /// The press.
    pub query_id: String,
    /// The notice shown, if any.
    pub text: Option<String>,
    /// Shown as a window to be closed.
    pub show_alert: bool,
    /// The address opened, if any.
    pub url: Option<String>,
    /// When, in milliseconds since 1970.
    pub time_ms: i64,
}

/// A chat.
#[derive(Debug)]
pub(crate) struct Chat {
    /// The `Chat` object.
    pub card: Value,
    /// The user has blocked the bot.
    pub blocked: bool,
    pub keyboard: Option<ChatKeyboard>,
    pub threads: HashSet<i64>,
    /// What the bot is seen doing, and until when.
    pub action: Option<(String, i64)>,
    /// The preview of an answer that is being written, and until when.
    pub draft: Option<(String, i64)>,
    pub menu_button: Option<Value>,
    pub answers: VecDeque<CallbackAnswer>,
    messages: BTreeMap<i64, Stored>,
    by_revision: BTreeMap<u64, i64>,
    next_id: i64,
}

impl Chat {
    pub fn new(card: Value) -> Self {
        Self {
            card,
            blocked: false,
            keyboard: None,
            threads: HashSet::new(),
            action: None,
            draft: None,
            menu_button: None,
            answers: VecDeque::new(),
            messages: BTreeMap::new(),
            by_revision: BTreeMap::new(),
            next_id: 1,
        }
    }

    pub fn is_private(&self) -> bool {
        self.card["type"] == "private"
    }

    /// The id that the next message gets.
    pub fn next_id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// Adds a message; the oldest are forgotten above `keep_max`.
    pub fn insert(&mut self, message: Stored, keep_max: usize) {
        self.next_id = self.next_id.max(message.id + 1);
        self.by_revision.insert(message.revision, message.id);
        self.messages.insert(message.id, message);
        while self.messages.len() > keep_max.max(1) {
            if let Some((_, gone)) = self.messages.pop_first() {
                self.by_revision.remove(&gone.revision);
            }
        }
    }

    /// A message that is still there.
    pub fn message(&self, id: i64) -> Option<&Stored> {
        self.messages.get(&id).filter(|message| !message.deleted)
    }

    /// Changes a message that is still there and gives it a new revision.
    pub fn change<T>(
        &mut self,
        id: i64,
        revision: u64,
        change: impl FnOnce(&mut Stored) -> T,
    ) -> Option<T> {
        let message = self.messages.get_mut(&id).filter(|message| !message.deleted)?;
        self.by_revision.remove(&message.revision);
        message.revision = revision;
        self.by_revision.insert(revision, id);
        Some(change(message))
    }

    /// All messages that are still there, oldest first.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Stored> {
        self.messages.values().filter(|message| !message.deleted)
    }

    /// What is new, edited or deleted since a revision, in the order of the changes.
    pub fn changed_since(&self, revision: u64) -> impl Iterator<Item = &Stored> {
        let ids = self.by_revision.range(revision.saturating_add(1)..);
        ids.filter_map(|(_, id)| self.messages.get(id))
    }

    pub fn answered(&mut self, answer: CallbackAnswer) {
        if self.answers.len() == ANSWERS_MAX {
            self.answers.pop_front();
        }
        self.answers.push_back(answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(id: i64, revision: u64) -> Stored {
        Stored {
            id,
            api: Map::new(),
            from_bot: true,
            html: None,
            fixed: false,
            edits: 0,
            deleted: false,
            revision,
            date_ms: 0,
            reaction: Vec::new(),
        }
    }

    #[test]
    fn an_edited_message_is_new_again_since_its_edit() {
        let mut chat = Chat::new(json!({"id": 1, "type": "private"}));
        chat.insert(stored(1, 1), 10);
        chat.insert(stored(2, 2), 10);
        chat.change(1, 3, |message| message.edits += 1);
        let since = |revision| chat.changed_since(revision).map(|m| m.id).collect::<Vec<_>>();
        assert_eq!(since(0), [2, 1]);
        assert_eq!(since(2), [1]);
        assert_eq!(since(3), Vec::<i64>::new());
    }

    #[test]
    fn only_the_newest_messages_are_kept() {
        let mut chat = Chat::new(json!({"id": 1, "type": "private"}));
        for id in 1..=5 {
            chat.insert(stored(id, id.unsigned_abs()), 2);
        }
        assert_eq!(chat.messages().map(|message| message.id).collect::<Vec<_>>(), [4, 5]);
        assert_eq!(chat.changed_since(0).count(), 2);
    }
}
