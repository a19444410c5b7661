//! Who wrote, and where.

use rei_domain::ids::{ChatId, CustomerId};
use serde_json::Value;

use super::fields::{flag, int, object, text, words};

/// What kind of chat it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatKind {
    /// One person and the bot.
    Private,
    /// A group or a supergroup.
    Group,
    /// A channel.
    Channel,
    /// Newer than this program.
    Unknown,
}

/// A chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// Its id; in a private chat the person's.
    pub id: ChatId,
    /// What kind it is.
    pub kind: ChatKind,
}

/// A person, or a bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: CustomerId,
    /// Whether it is a bot.
    pub is_bot: bool,
    /// The first name; anything at all, also nothing.
    pub first_name: String,
    /// The last name.
    pub last_name: Option<String>,
    /// The name after `@`.
    pub username: Option<String>,
    /// The language of the app, such as `pt-br`.
    pub language_code: Option<String>,
}

impl User {
    /// The language without its region, in lower case: `pt` of `pt-br`.
    pub fn language(&self) -> Option<String> {
        let code = self.language_code.as_deref()?;
        let language = code.split(['-', '_']).next()?.to_ascii_lowercase();
        (!language.is_empty()).then_some(language)
    }

    /// The names for people, joined.
    pub fn full_name(&self) -> String {
        let name = match &self.last_name {
            Some(last_name) => format!("{} {last_name}", self.first_name),
            None => self.first_name.clone(),
        };
        name.trim().to_owned()
    }
}

/// The chat under `chat`.
pub(super) fn chat(value: &Value) -> Option<Chat> {
    let chat = object(value, "chat")?;
    let kind = match text(chat, "type").as_deref() {
        Some("private") => ChatKind::Private,
        Some("group" | "supergroup") => ChatKind::Group,
        Some("channel") => ChatKind::Channel,
        _ => ChatKind::Unknown,
    };
    Some(Chat { id: ChatId(int(chat, "id")?), kind })
}

/// The person under `from`.
pub(super) fn sender(value: &Value) -> Option<User> {
    let user = object(value, "from")?;
    Some(User {
        id: CustomerId(int(user, "id")?),
        is_bot: flag(user, "is_bot"),
        first_name: text(user, "first_name").unwrap_or_default(),
        last_name: words(user, "last_name"),
        username: words(user, "username"),
        language_code: words(user, "language_code"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_language_is_taken_without_its_region() {
        let language = |code: Value| {
            sender(&json!({"from": {"id": 1, "language_code": code}})).expect("a user").language()
        };
        assert_eq!(language(json!("pt-br")).as_deref(), Some("pt"));
        assert_eq!(language(json!("RU")).as_deref(), Some("ru"));
        assert_eq!(language(json!("")), None);
        assert_eq!(language(json!(7)), None);
    }

    #[test]
    fn a_person_needs_an_id_and_nothing_else() {
        let bare = sender(&json!({"from": {"id": 5}})).expect("a user");
        assert_eq!(bare.full_name(), "");
        assert!(sender(&json!({"from": {"first_name": "Анна"}})).is_none());
        assert!(sender(&json!({"from": "Анна"})).is_none());
    }

    #[test]
    fn an_unknown_kind_of_chat_is_still_a_chat() {
        let chat = chat(&json!({"chat": {"id": -5, "type": "metaverse"}})).expect("a chat");
        assert_eq!(chat, Chat { id: ChatId(-5), kind: ChatKind::Unknown });
    }
}
