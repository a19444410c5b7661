//! Introducing the bot to Telegram at start: who it is, its commands, how updates come.

use rei_conversation::commands;
use rei_telegram::{
    BotCommand, CallError, Client, CommandScope, MenuButton, SetMyCommands, SetWebhook,
};
use rei_texts::Lang;
use secrecy::{ExposeSecret, SecretString};

use crate::{ALLOWED_UPDATES, BotIdentity};

/// Connections that Telegram may open to the webhook.
const WEBHOOK_CONNECTIONS: u8 = 40;

/// Asks who the bot is, names its commands, and sets or removes the webhook.
///
/// # Errors
/// [`CallError`] when the token is refused or Telegram can't be reached; commands that can't be set are only
/// logged, because the bot works without them.
pub async fn introduce(
    client: &Client,
    webhook: Option<(String, &SecretString)>,
) -> Result<BotIdentity, CallError> {
    let me = client.get_me().await?;
    for (lang, language_code) in [(Lang::En, None), (Lang::Ru, Some("ru"))] {
        let request = SetMyCommands {
            commands: bot_commands(lang),
            scope: CommandScope::AllPrivateChats,
            language_code: language_code.map(str::to_owned),
        };
        if let Err(error) = client.set_my_commands(&request).await {
            tracing::warn!(%error, "the commands could not be set");
        }
    }
    if let Err(error) = client.set_chat_menu_button(None, MenuButton::Commands).await {
        tracing::warn!(%error, "the menu button could not be set");
    }
    match webhook {
        Some((url, secret)) => {
            client
                .set_webhook(&SetWebhook {
                    url,
                    secret_token: secret.expose_secret().to_owned(),
                    max_connections: Some(WEBHOOK_CONNECTIONS),
                    allowed_updates: ALLOWED_UPDATES.iter().map(ToString::to_string).collect(),
                })
                .await?;
        }
        // Otherwise polling is refused while an old webhook stands. Waiting updates are kept.
        None => client.delete_webhook().await?,
    }
    Ok(BotIdentity { id: me.id, username: me.username })
}

fn bot_commands(lang: Lang) -> Vec<BotCommand> {
    commands(lang)
        .into_iter()
        .map(|(command, description)| BotCommand { command: command.to_owned(), description })
        .collect()
}
