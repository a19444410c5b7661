//! Who the bot is.

/// The bot as Telegram knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BotIdentity {
    /// Its user id.
    pub id: i64,
    /// Its name without `@`.
    pub username: String,
}
