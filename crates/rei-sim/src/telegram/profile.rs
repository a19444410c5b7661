//! The bot's own card: names, descriptions, command lists, menu button.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::TelegramOptions;

/// Whom a command list is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Scope {
    /// `default`, `all_private_chats`, …
    pub kind: String,
    /// The chat, for the scopes that name one.
    pub chat_id: Option<i64>,
    /// The member, for `chat_member`.
    pub user_id: Option<i64>,
}

impl Scope {
    fn everywhere(kind: &str) -> Self {
        Self { kind: kind.to_owned(), chat_id: None, user_id: None }
    }
}

/// What the bot says of itself.
#[derive(Debug)]
pub(crate) struct Profile {
    /// The `User` object of the bot.
    pub card: Value,
    /// By what is described (`name`, `description`, `short_description`) and language.
    pub texts: HashMap<(&'static str, String), String>,
    /// By scope and language; an empty language is for all.
    pub commands: HashMap<(Scope, String), Vec<Value>>,
    /// For chats without one of their own.
    pub menu_button: Option<Value>,
}

impl Profile {
    pub fn new(options: &TelegramOptions) -> Self {
        let id =
            options.token.split(':').next().and_then(|id| id.parse().ok()).unwrap_or(1_000_000_i64);
        Self {
            card: json!({
                "id": id, "is_bot": true,
                "first_name": options.bot_name, "username": options.bot_username,
            }),
            texts: HashMap::new(),
            commands: HashMap::new(),
            menu_button: None,
        }
    }

    /// What `getMe` answers.
    pub fn me(&self) -> Value {
        let mut me = self.card.clone();
        for (key, value) in [
            ("can_join_groups", true),
            ("can_read_all_group_messages", false),
            ("supports_inline_queries", false),
            ("can_connect_to_business", false),
            ("has_main_web_app", false),
            ("has_topics_enabled", false),
        ] {
            me[key] = value.into();
        }
        me
    }

    /// A text in a language, or the one for all languages.
    pub fn text(&self, what: &'static str, language: &str) -> &str {
        let find = |language: &str| self.texts.get(&(what, language.to_owned()));
        find(language).or_else(|| find("")).map_or("", String::as_str)
    }

    /// The list that a person sees in the private chat: the first that was set, never merged.
    pub fn commands_in(&self, chat_id: i64, language: &str) -> Vec<Value> {
        let chat = Scope { kind: "chat".to_owned(), chat_id: Some(chat_id), user_id: None };
        let scopes = [chat, Scope::everywhere("all_private_chats"), Scope::everywhere("default")];
        for scope in scopes {
            for language in [language, ""] {
                let list = self.commands.get(&(scope.clone(), language.to_owned()));
                if let Some(list) = list.filter(|list| !list.is_empty()) {
                    return list.clone();
                }
            }
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_chat_takes_the_first_list_that_was_set() {
        let mut profile = Profile::new(&TelegramOptions::default());
        let mut set = |kind: &str, chat_id, language: &str, name: &str| {
            let scope = Scope { kind: kind.to_owned(), chat_id, user_id: None };
            profile.commands.insert((scope, language.to_owned()), vec![json!({"command": name})]);
        };
        set("default", None, "ru", "d_ru");
        set("all_private_chats", None, "", "p");
        set("all_private_chats", None, "ru", "p_ru");
        set("chat", Some(7), "", "c");
        let seen =
            |chat_id, language: &str| profile.commands_in(chat_id, language)[0]["command"].clone();
        assert_eq!(seen(7, "ru"), "c");
        assert_eq!(seen(8, "ru"), "p_ru");
        assert_eq!(seen(8, "en"), "p");
    }
}
