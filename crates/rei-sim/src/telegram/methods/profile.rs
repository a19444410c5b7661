//! The bot's card: getMe, names and descriptions, command lists, the menu button.

use serde_json::{Value, json};

use crate::telegram::error::ApiError;
use crate::telegram::params::{Params, object};
use crate::telegram::profile::Scope;
use crate::telegram::state::World;

const COMMANDS_MAX: usize = 100;

pub(super) fn get_me(world: &mut World, _: &mut Params) -> Result<Value, ApiError> {
    Ok(world.profile.me())
}

pub(super) fn log_out(world: &mut World, _: &mut Params) -> Result<Value, ApiError> {
    world.logged_out = true;
    Ok(true.into())
}

pub(super) fn close(_: &mut World, _: &mut Params) -> Result<Value, ApiError> {
    Ok(true.into())
}

pub(super) fn set_commands(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let commands = params.list("commands")?.ok_or_else(|| ApiError::missing("commands"))?;
    if commands.len() > COMMANDS_MAX {
        return Err(ApiError::bug("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in &commands {
        let command = object(command.clone(), "BotCommand", &["command", "description"])?;
        let text = |key: &str| command.get(key).and_then(Value::as_str).unwrap_or_default();
        let name = text("command");
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if !(1..=32).contains(&name.len()) || !name.bytes().all(plain) {
            return Err(ApiError::bug("BOT_COMMAND_INVALID"));
        }
        if !(1..=256).contains(&text("description").chars().count()) {
            return Err(ApiError::bug("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    let key = (scope(world, params)?, language(params)?);
    world.profile.commands.insert(key, commands);
    Ok(true.into())
}

pub(super) fn delete_commands(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let key = (scope(world, params)?, language(params)?);
    world.profile.commands.remove(&key);
    Ok(true.into())
}

pub(super) fn get_commands(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let key = (scope(world, params)?, language(params)?);
    Ok(world.profile.commands.get(&key).cloned().unwrap_or_default().into())
}

fn scope(world: &World, params: &Params) -> Result<Scope, ApiError> {
    let known = &["type", "chat_id", "user_id"];
    let Some(scope) = params.object("scope", known)? else {
        return Ok(Scope { kind: "default".to_owned(), chat_id: None, user_id: None });
    };
    let kind = scope.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |key: &str| {
        let value = scope.get(key).and_then(Value::as_i64);
        value.ok_or_else(|| ApiError::bug(format_args!("scope \"{kind}\" needs {key}")))
    };
    let (chat_id, user_id) = match kind.as_str() {
        "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators" => {
            (None, None)
        }
        "chat" | "chat_administrators" => (Some(number("chat_id")?), None),
        "chat_member" => (Some(number("chat_id")?), Some(number("user_id")?)),
        _ => return Err(ApiError::bug(format_args!("unknown scope \"{kind}\""))),
    };
    let wanted = 1 + usize::from(chat_id.is_some()) + usize::from(user_id.is_some());
    if scope.len() != wanted {
        return Err(ApiError::bug(format_args!("scope \"{kind}\" has fields that mean nothing")));
    }
    if chat_id.is_some_and(|id| !world.chats.contains_key(&id)) {
        return Err(ApiError::bad("chat not found"));
    }
    Ok(Scope { kind, chat_id, user_id })
}

fn language(params: &Params) -> Result<String, ApiError> {
    let language = params.text("language_code")?.unwrap_or_default();
    let two_letters = language.len() == 2 && language.bytes().all(|b| b.is_ascii_lowercase());
    if language.is_empty() || two_letters {
        return Ok(language.to_owned());
    }
    Err(ApiError::bug("LANGUAGE_CODE_INVALID"))
}

pub(super) fn set_menu_button(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let button = params.object("menu_button", &["type", "text", "web_app"])?;
    let kind = button.as_ref().and_then(|button| button.get("type")).and_then(Value::as_str);
    let valid = match (&button, kind) {
        (None, _) => true,
        (Some(button), Some("commands" | "default")) => button.len() == 1,
        (Some(button), Some("web_app")) => {
            let url = button.get("web_app").and_then(|app| app["url"].as_str());
            button.contains_key("text") && url.is_some_and(|url| url.starts_with("https://"))
        }
        _ => false,
    };
    if !valid {
        return Err(ApiError::bug("MenuButton has wrong type"));
    }
    let button = button.map(Value::Object);
    match params.int("chat_id")? {
        None => world.profile.menu_button = button,
        Some(chat_id) => world.chat(chat_id)?.menu_button = button,
    }
    Ok(true.into())
}

pub(super) fn get_menu_button(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    let own = match params.int("chat_id")? {
        None => None,
        Some(chat_id) => world.chat(chat_id)?.menu_button.clone(),
    };
    let button = own.or_else(|| world.profile.menu_button.clone());
    Ok(button.unwrap_or_else(|| json!({"type": "default"})))
}

/// A text of the card: its parameter and the most characters it may have.
struct CardText(&'static str, usize);

const NAME: CardText = CardText("name", 64);
const DESCRIPTION: CardText = CardText("description", 512);
const SHORT: CardText = CardText("short_description", 120);

fn set(world: &mut World, params: &Params, what: &CardText) -> Result<Value, ApiError> {
    let CardText(key, max) = *what;
    let text = params.text(key)?.unwrap_or_default().to_owned();
    if text.chars().count() > max {
        return Err(ApiError::bug(format_args!("{key} is longer than {max} characters")));
    }
    world.profile.texts.insert((key, language(params)?), text);
    Ok(true.into())
}

fn get(world: &World, params: &Params, what: &CardText) -> Result<Value, ApiError> {
    let mut text = world.profile.text(what.0, &language(params)?);
    if text.is_empty() && what.0 == NAME.0 {
        text = world.profile.card["first_name"].as_str().unwrap_or_default();
    }
    Ok(json!({ what.0: text }))
}

pub(super) fn set_name(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    set(world, params, &NAME)
}

pub(super) fn get_name(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    get(world, params, &NAME)
}

pub(super) fn set_description(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    set(world, params, &DESCRIPTION)
}

pub(super) fn get_description(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    get(world, params, &DESCRIPTION)
}

pub(super) fn set_short(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    set(world, params, &SHORT)
}

pub(super) fn get_short(world: &mut World, params: &mut Params) -> Result<Value, ApiError> {
    get(world, params, &SHORT)
}
