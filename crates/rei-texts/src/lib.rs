//! Every word that customers and admins read, typed: a message names its values, and the compiler
//! knows when one is missing. The words themselves stand in `texts/`.
//!
//! Owns wording, plural forms and escaping. Decides nothing about what is said when.

mod bundle;
mod markup;
mod messages;

pub use markup::{escape, shorten};
pub use messages::{AdminText, Message, MoneyText, ReportText, Text};

use serde::{Deserialize, Serialize};

/// A language the product speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Lang {
    /// Both, for checks and for recognising a button's label in any language.
    pub const ALL: [Self; 2] = [Self::Ru, Self::En];

    /// The language for Telegram's `language_code` (an IETF tag, often absent): Russian for the countries
    /// where it is the common second language and when nothing is known, else English.
    pub fn from_telegram(code: Option<&str>) -> Self {
        const READ_RUSSIAN: [&str; 10] =
            ["ru", "uk", "be", "kk", "ky", "uz", "tg", "hy", "az", "tt"];
        let Some(code) = code.filter(|code| !code.is_empty()) else { return Self::Ru };
        let primary = code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        if READ_RUSSIAN.contains(&primary.as_str()) { Self::Ru } else { Self::En }
    }

    /// The word under which the book stores it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// Reads the book's word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.as_str() == word)
    }
}

/// From this long on a wait is told in minutes.
const TOLD_IN_MINUTES_FROM_S: u32 = 120;

impl Text {
    /// How long something usually takes, from and to in seconds, in the unit that people would use.
    pub fn wait(from: u32, to: u32) -> Self {
        let minutes = |seconds: u32| i64::from(seconds.div_ceil(60).max(1));
        match to >= TOLD_IN_MINUTES_FROM_S {
            true => Self::WaitMinutes { from_minutes: minutes(from), to_minutes: minutes(to) },
            false => Self::WaitSeconds { from_seconds: i64::from(from), to_seconds: i64::from(to) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn telegram_languages_fall_back_sensibly() {
        assert_eq!(Lang::from_telegram(None), Lang::Ru);
        assert_eq!(Lang::from_telegram(Some("kk")), Lang::Ru);
        assert_eq!(Lang::from_telegram(Some("pt-br")), Lang::En);
        assert_eq!(Lang::from_telegram(Some("ru-RU")), Lang::Ru);
    }
}
