//! The data of buttons: a client may send anything under a button's name.

use rei_conversation::{Action, CALLBACK_BYTES_MAX};

use crate::chat::Chat;

pub(crate) const WORDS: &[&str] = &[
    "v1:",
    ":-",
    ":-:",
    "yookassa",
    "stars",
    "topup",
    "paysum",
    "payheld",
    "history",
    "statement",
    "accept",
    "quick",
    "redo",
    "upscale",
    "adm-",
    "adm-price",
    "AAAAAAAAAAAAAAAAAAAAAA",
    "9223372036854775807",
    "4294967296",
    "+5",
    "007",
    "image",
    "setup",
    "idea",
    "lang",
];

/// What is read as an action is written as data that fits a button and is read as the same; pressing it, whatever it
/// is, is answered.
pub fn callback(input: &[u8]) {
    let Ok(data) = std::str::from_utf8(input) else { return };
    if let Some(action) = Action::parse(data) {
        assert!(data.len() <= CALLBACK_BYTES_MAX, "longer than a button's data: {data}");
        let written = action.data();
        assert!(written.len() <= CALLBACK_BYTES_MAX, "{written} does not fit a button");
        assert_eq!(Action::parse(&written), Some(action), "{data} was written as {written}");
    }
    Chat::new().presses(data);
}
