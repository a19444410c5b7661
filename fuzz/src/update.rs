//! A chat of any updates: each is decoded, translated and answered, as the bot does it, but without a book.

use rei_app::happenings;
use rei_bot::{BotIdentity, Said, translate};
use rei_conversation::Event;
use rei_telegram::{Incoming, RawUpdate, decode};
use rei_texts::Lang;
use serde_json::Value;

use crate::chat::{BOT, Chat};

pub(crate) const WORDS: &[&str] = &[
    "\n#0\n",
    "\n#1\n",
    "\n#2\n",
    "\n#5\n",
    "\n+1000\n",
    "\n+100000\n",
    "\"text\":\"/start\"",
    "\"text\":\"/cancel\"",
    "\"text\":\"/balance\"",
    "\"text\":\"/history\"",
    "\"text\":\"/settings\"",
    "\"photo\":[{\"file_id\":\"p\",\"file_unique_id\":\"u\",\"width\":90,\"height\":90}]",
    "\"video\":{\"file_id\":\"clip\",\"file_unique_id\":\"v\",\"width\":90,\"height\":90,\"duration\":7}",
    "\"media_group_id\":\"a\"",
    "\"caption\":\"кот\"",
    "\"callback_query\":",
    "\"my_chat_member\":",
    "\"pre_checkout_query\":",
    "\"successful_payment\":{\"currency\":\"XTR\",\"total_amount\":5,\"invoice_payload\":\"x\"}",
    "\"reply_to_message\":{}",
    "\"from\":{\"id\":1,\"is_bot\":false,\"first_name\":\"A\"}",
    "\"type\":\"supergroup\"",
    "\u{202e}",
    "<b>&lt;",
    "100,50",
    "a@b.ru",
];

/// Lines that are played at most.
const LINES_MAX: usize = 64;

/// Each line is an update; or `#n`, a press of the n-th button on the screen; or `+n`, n seconds that pass. An update
/// with an id is never lost, every press is answered once, every screen is one that Telegram takes, and a restart
/// changes nothing.
pub fn update(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let bot = BotIdentity { id: 4_242, username: BOT.to_owned() };
    let mut chat = Chat::new();
    for line in text.lines().take(LINES_MAX) {
        if let Some(button) = line.strip_prefix('#').and_then(|number| number.parse().ok()) {
            chat.presses_button(button);
        } else if let Some(seconds) = line.strip_prefix('+').and_then(|it| it.parse().ok()) {
            chat.waits(seconds);
        } else {
            take(line, &bot, &mut chat);
        }
    }
}

fn take(line: &str, bot: &BotIdentity, chat: &mut Chat) {
    let _ = happenings::read(line);
    let incoming = decode(line);
    check_id(line, &incoming);
    let _ = (incoming.lane(), incoming.kind().len(), incoming.chat(), incoming.customer());
    match translate(incoming, bot) {
        Said::Privately { person, event } => {
            chat.is_met(person.id, Lang::from_telegram(person.language.as_deref()));
            chat.turn(*event);
        }
        Said::InGroup { person, .. } => {
            chat.is_met(person.id, Lang::from_telegram(person.language.as_deref()));
            chat.turn(Event::InGroup);
        }
        Said::Checkout(_) | Said::StarsPaid { .. } | Said::StarsRefunded(_) => {}
        Said::Blocked(_) | Said::Nothing => {}
    }
}

/// An object with one whole number as its id keeps it, whatever else it holds.
fn check_id(line: &str, incoming: &Incoming) {
    let Ok(Value::Object(fields)) = serde_json::from_str::<Value>(line) else { return };
    let id = fields.get("update_id").and_then(Value::as_i64);
    if let Some(id) = id.filter(|_| line.matches("update_id").count() == 1) {
        let kept = RawUpdate::read(line).map(|update| update.update_id.0);
        assert_eq!(kept, Some(id), "the id of {incoming:?} was lost");
    }
}
