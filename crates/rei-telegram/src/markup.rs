//! What stands under a message: inline buttons, the keyboard in place of the letters, or its removal.

use serde::{Deserialize, Serialize};

use crate::limits::{CALLBACK_DATA_MAX_BYTES, COPY_TEXT_MAX, utf16_len};

/// Why a button cannot be made. Telegram would refuse the whole message for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MarkupError {
    /// Data must have 1 to 64 bytes.
    #[error("the data of a button has {size_bytes} bytes, not 1 to 64")]
    Data {
        /// Its size.
        size_bytes: usize,
    },
    /// A copied text must have 1 to 256 characters.
    #[error("the text that a button copies has {length} characters, not 1 to 256")]
    CopyText {
        /// Its length.
        length: usize,
    },
    /// A button needs words.
    #[error("a button has no words")]
    NoLabel,
}

/// The data of a button: 1 to 64 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CallbackData(String);

impl CallbackData {
    /// Checked data.
    ///
    /// # Errors
    /// [`MarkupError::Data`] when it is empty or too long.
    pub fn new(data: impl Into<String>) -> Result<Self, MarkupError> {
        let data = data.into();
        match data.len() {
            1..=CALLBACK_DATA_MAX_BYTES => Ok(Self(data)),
            size_bytes => Err(MarkupError::Data { size_bytes }),
        }
    }

    /// The data.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CallbackData {
    type Error = MarkupError;

    fn try_from(data: String) -> Result<Self, MarkupError> {
        Self::new(data)
    }
}

impl From<CallbackData> for String {
    fn from(data: CallbackData) -> Self {
        data.0
    }
}

/// What a press of an inline button does: exactly one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonAction {
    /// Sends the data to the bot.
    CallbackData(CallbackData),
    /// Opens an address.
    Url(String),
    /// Copies a text, 1 to 256 characters.
    CopyText {
        /// The text.
        text: String,
    },
}

/// The colour of a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "Telegram's own words")]
pub enum ButtonStyle {
    Primary,
    Success,
    Danger,
}

/// A button under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineButton {
    text: String,
    #[serde(flatten)]
    action: ButtonAction,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    style: Option<ButtonStyle>,
}

impl InlineButton {
    /// A button that sends data to the bot.
    ///
    /// # Errors
    /// [`MarkupError`] when the data or the label has a length that Telegram refuses.
    pub fn callback(text: impl Into<String>, data: impl Into<String>) -> Result<Self, MarkupError> {
        Self::labelled(text.into(), ButtonAction::CallbackData(CallbackData::new(data)?))
    }

    /// A button that opens an address.
    ///
    /// # Errors
    /// [`MarkupError::NoLabel`].
    pub fn url(text: impl Into<String>, url: impl Into<String>) -> Result<Self, MarkupError> {
        Self::labelled(text.into(), ButtonAction::Url(url.into()))
    }

    /// A button that copies a text.
    ///
    /// # Errors
    /// [`MarkupError`] when the text or the label has a length that Telegram refuses.
    pub fn copy(text: impl Into<String>, copied: impl Into<String>) -> Result<Self, MarkupError> {
        let copied = copied.into();
        match utf16_len(&copied) {
            1..=COPY_TEXT_MAX => {
                Self::labelled(text.into(), ButtonAction::CopyText { text: copied })
            }
            length => Err(MarkupError::CopyText { length }),
        }
    }

    /// The same button in a colour.
    #[must_use]
    pub fn styled(mut self, style: ButtonStyle) -> Self {
        self.style = Some(style);
        self
    }

    fn labelled(text: String, action: ButtonAction) -> Result<Self, MarkupError> {
        if text.trim().is_empty() {
            return Err(MarkupError::NoLabel);
        }
        Ok(Self { text, action, style: None })
    }
}

/// Rows of buttons under a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InlineKeyboard {
    /// The rows.
    pub inline_keyboard: Vec<Vec<InlineButton>>,
}

/// A button of the keyboard in place of the letters; a press sends its label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyboardButton {
    /// The label.
    pub text: String,
}

/// The keyboard in place of the letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyKeyboard {
    /// The rows.
    pub keyboard: Vec<Vec<KeyboardButton>>,
    /// As low as the buttons need.
    pub resize_keyboard: bool,
    /// Shown even when the letters are not.
    pub is_persistent: bool,
    /// What the empty input field says, 1 to 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_field_placeholder: Option<String>,
}

impl ReplyKeyboard {
    /// A low keyboard that stays, of rows of labels.
    pub fn of_labels<S: Into<String>>(rows: Vec<Vec<S>>) -> Self {
        let button = |label: S| KeyboardButton { text: label.into() };
        let keyboard = rows.into_iter().map(|row| row.into_iter().map(button).collect()).collect();
        Self { keyboard, resize_keyboard: true, is_persistent: true, input_field_placeholder: None }
    }
}

/// Takes the keyboard away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveKeyboard {
    remove_keyboard: bool,
}

impl RemoveKeyboard {
    /// The one value it has.
    pub const fn new() -> Self {
        Self { remove_keyboard: true }
    }
}

impl Default for RemoveKeyboard {
    fn default() -> Self {
        Self::new()
    }
}

/// What stands under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ReplyMarkup {
    /// Buttons under it.
    Inline(InlineKeyboard),
    /// The keyboard in place of the letters.
    Keyboard(ReplyKeyboard),
    /// That keyboard goes away.
    Remove(RemoveKeyboard),
}

impl From<InlineKeyboard> for ReplyMarkup {
    fn from(keyboard: InlineKeyboard) -> Self {
        Self::Inline(keyboard)
    }
}

impl From<ReplyKeyboard> for ReplyMarkup {
    fn from(keyboard: ReplyKeyboard) -> Self {
        Self::Keyboard(keyboard)
    }
}

impl From<RemoveKeyboard> for ReplyMarkup {
    fn from(remove: RemoveKeyboard) -> Self {
        Self::Remove(remove)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn data_of_a_button_has_1_to_64_bytes() {
        assert!(InlineButton::callback("ok", "a".repeat(64)).is_ok());
        let over = InlineButton::callback("ok", "я".repeat(33));
        assert_eq!(over, Err(MarkupError::Data { size_bytes: 66 }));
        assert_eq!(InlineButton::callback("ok", ""), Err(MarkupError::Data { size_bytes: 0 }));
        assert_eq!(InlineButton::callback(" ", "a"), Err(MarkupError::NoLabel));
        assert!(serde_json::from_value::<CallbackData>(json!("")).is_err());
    }

    #[test]
    fn markup_is_written_as_the_reference_has_it() {
        let keyboard = InlineKeyboard {
            inline_keyboard: vec![vec![
                InlineButton::callback("Да", "v1:menu:-")
                    .expect("short")
                    .styled(ButtonStyle::Success),
                InlineButton::url("Сайт", "https://example.org").expect("short"),
                InlineButton::copy("Код", "J-1").expect("short"),
            ]],
        };
        assert_eq!(
            serde_json::to_value(ReplyMarkup::from(keyboard.clone())).expect("json"),
            json!({"inline_keyboard": [[
                {"text": "Да", "callback_data": "v1:menu:-", "style": "success"},
                {"text": "Сайт", "url": "https://example.org"},
                {"text": "Код", "copy_text": {"text": "J-1"}},
            ]]})
        );
        let back = serde_json::to_string(&keyboard).expect("json");
        assert_eq!(serde_json::from_str::<InlineKeyboard>(&back).expect("its own words"), keyboard);
        assert_eq!(
            serde_json::to_value(ReplyMarkup::from(ReplyKeyboard::of_labels(vec![vec!["Меню"]])))
                .expect("json"),
            json!({"keyboard": [[{"text": "Меню"}]], "resize_keyboard": true, "is_persistent": true})
        );
        assert_eq!(
            serde_json::to_value(ReplyMarkup::from(RemoveKeyboard::new())).expect("json"),
            json!({"remove_keyboard": true})
        );
    }
}
