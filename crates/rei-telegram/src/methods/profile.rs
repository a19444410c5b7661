//! The bot itself: who it is, its commands, its menu button.

use rei_domain::ids::ChatId;
use serde::Serialize;

use super::value;
use crate::client::Client;
use crate::error::{CallError, Transport};

/// Who the bot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// Its id.
    pub id: i64,
    /// Its name without `@`.
    pub username: String,
    /// Its name for people.
    pub first_name: String,
}

/// A command in the menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BotCommand {
    /// 1 to 32 of `a-z0-9_`.
    pub command: String,
    /// 1 to 256 characters.
    pub description: String,
}

/// Who sees a list of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CommandScope {
    /// Everybody who has no better list.
    Default,
    /// Private chats.
    AllPrivateChats,
    /// One chat.
    Chat {
        /// The chat.
        chat_id: ChatId,
    },
}

/// A list of commands for a scope and a language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetMyCommands {
    /// At most 100.
    pub commands: Vec<BotCommand>,
    /// Who sees it.
    pub scope: CommandScope,
    /// In which language; none for all without a list of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language_code: Option<String>,
}

/// The button beside the input field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum MenuButton {
    /// Shows the commands.
    Commands,
    /// Whatever Telegram shows by itself.
    Default,
}

impl Client {
    /// Who the bot is; also the way to check the token.
    ///
    /// # Errors
    /// [`CallError::Configuration`] when the token is wrong.
    pub async fn get_me(&self) -> Result<Me, CallError> {
        let user = value(self.plain("getMe", &serde_json::Map::new()).await?);
        let text = |key: &str| user.get(key).and_then(|value| value.as_str()).map(str::to_owned);
        let id = user.get("id").and_then(serde_json::Value::as_i64);
        match (id, text("username")) {
            (Some(id), Some(username)) => {
                Ok(Me { id, username, first_name: text("first_name").unwrap_or_default() })
            }
            _ => {
                let said = "the answer does not say who the bot is".to_owned();
                Err(CallError::Unanswered(Transport(said)))
            }
        }
    }

    /// Sets a list of commands.
    ///
    /// # Errors
    /// [`CallError::RecipientGone`] when the scope is a chat that never opened the bot.
    pub async fn set_my_commands(&self, request: &SetMyCommands) -> Result<(), CallError> {
        self.plain("setMyCommands", request).await.map(drop)
    }

    /// Sets the menu button of one private chat, or of all that have none of their own.
    ///
    /// # Errors
    /// Any class of [`CallError`].
    pub async fn set_chat_menu_button(
        &self,
        chat_id: Option<ChatId>,
        menu_button: MenuButton,
    ) -> Result<(), CallError> {
        #[derive(Serialize)]
        struct Parameters {
            #[serde(skip_serializing_if = "Option::is_none")]
            chat_id: Option<ChatId>,
            menu_button: MenuButton,
        }
        self.plain("setChatMenuButton", &Parameters { chat_id, menu_button }).await.map(drop)
    }
}
