//! Recognising commands, words and the labels of the main keyboard.

use rei_texts::{Lang, Text};

/// What the customer wants, however it was said: a slash command, a word, or a label of the keyboard.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named after its slash command")]
pub enum Command {
    Start {
        payload: String,
    },
    Menu,
    Image {
        prompt: String,
    },
    Edit,
    Video,
    Jobs,
    History,
    Repeat,
    Balance,
    Pay,
    Statement,
    Prices,
    Promo,
    Invite,
    Settings,
    Ideas,
    Help,
    How,
    Support,
    PaySupport,
    Terms,
    Privacy,
    Language,
    Cancel,
    DeleteMe,
    Id,
    /// `/add` and the like; who may use them is decided by the customer's role.
    Admin {
        name: String,
        args: String,
    },
    /// A slash command that nobody knows.
    Unknown,
}

impl Command {
    /// Reads a command, a word or a label; `None` for anything else, which is then a description.
    pub fn read(text: &str, bot_username: &str) -> Option<Self> {
        let text = text.trim();
        match text.strip_prefix('/') {
            Some(rest) => Self::slash(rest, bot_username),
            None => Self::word(text),
        }
    }

    fn slash(rest: &str, bot_username: &str) -> Option<Self> {
        let (head, args) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let (name, addressed_to) = head.split_once('@').unwrap_or((head, bot_username));
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            return None;
        }
        if !addressed_to.eq_ignore_ascii_case(bot_username) {
            return Some(Self::Unknown);
        }
        let args = args.trim().to_owned();
        Some(match name.to_ascii_lowercase().as_str() {
            "start" => Self::Start { payload: args },
            "menu" => Self::Menu,
            "image" => Self::Image { prompt: args },
            "edit" => Self::Edit,
            "video" => Self::Video,
            "jobs" => Self::Jobs,
            "history" => Self::History,
            "repeat" => Self::Repeat,
            "balance" => Self::Balance,
            "pay" | "topup" => Self::Pay,
            "statement" => Self::Statement,
            "prices" => Self::Prices,
            "promo" => Self::Promo,
            "invite" => Self::Invite,
            "settings" => Self::Settings,
            "presets" => Self::Ideas,
            "help" => Self::Help,
            "how" => Self::How,
            "support" => Self::Support,
            "paysupport" => Self::PaySupport,
            "terms" => Self::Terms,
            "privacy" => Self::Privacy,
            "lang" => Self::Language,
            "cancel" => Self::Cancel,
            "delete_me" => Self::DeleteMe,
            "id" => Self::Id,
            name @ ("add" | "stats" | "trial" | "admin") => {
                Self::Admin { name: name.to_owned(), args }
            }
            _ => Self::Unknown,
        })
    }

    /// A word or a label of the keyboard, in either language, with or without its emoji.
    fn word(text: &str) -> Option<Self> {
        if text.chars().count() > 40 {
            return None;
        }
        let said = bare(text);
        let is = |label: Text| Lang::ALL.iter().any(|lang| bare(&label.plain(*lang)) == said);
        Some(match said.as_str() {
            "меню" | "menu" | "начать заново" | "назад" | "back" | "главное меню" => {
                Self::Menu
            }
            "помощь" | "help" => Self::Help,
            "отмена" | "cancel" => Self::Cancel,
            "баланс" | "balance" => Self::Balance,
            "пополнить" | "пополнить баланс" | "оплатить" => {
                Self::Pay
            }
            "создать видео" | "сделать видео" | "видео" => Self::Video,
            "создать изображение" => Self::Image { prompt: String::new() },
            "редактировать" | "редактировать изображение" | "изменить фото" => {
                Self::Edit
            }
            _ if is(Text::LabelImage {}) => Self::Image { prompt: String::new() },
            _ if is(Text::LabelEdit {}) => Self::Edit,
            _ if is(Text::LabelVideo {}) => Self::Video,
            _ if is(Text::LabelIdeas {}) => Self::Ideas,
            _ if is(Text::LabelHistory {}) => Self::History,
            _ if is(Text::LabelJobs {}) => Self::Jobs,
            _ if is(Text::LabelBalance {}) => Self::Balance,
            _ if is(Text::LabelPay {}) => Self::Pay,
            _ if is(Text::LabelSettings {}) => Self::Settings,
            _ if is(Text::LabelHelp {}) => Self::Help,
            _ => return None,
        })
    }
}

/// The letters and digits of a text in lower case, ё as е, parts joined by one space: what people mean.
fn bare(text: &str) -> String {
    let kept: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ё' { 'е' } else { c })
        // The sign in ℹ️ counts as a letter to Unicode.
        .map(|c| if c.is_alphanumeric() && c != 'ℹ' { c } else { ' ' })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text says anything that could be drawn: three letters or digits at least.
pub fn is_meaningful(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphanumeric()).take(3).count() == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Command> {
        Command::read(text, "rei_bot")
    }

    #[test]
    fn commands_are_read_in_any_case_and_only_when_meant_for_us() {
        assert_eq!(read("/MENU"), Some(Command::Menu));
        assert_eq!(
            read("/image@REI_bot кот в скафандре"),
            Some(Command::Image { prompt: "кот в скафандре".into() })
        );
        assert_eq!(read("/start@other_bot"), Some(Command::Unknown));
        assert_eq!(read("/start r_abc"), Some(Command::Start { payload: "r_abc".into() }));
        assert_eq!(read("/dance"), Some(Command::Unknown));
        assert_eq!(read("/ кот"), None);
    }

    #[test]
    fn labels_and_words_work_with_and_without_emoji() {
        assert_eq!(read("🎨 Создать изображение"), Some(Command::Image { prompt: String::new() }));
        assert_eq!(read("создать изображение"), Some(Command::Image { prompt: String::new() }));
        assert_eq!(read("ℹ️ Помощь"), Some(Command::Help));
        assert_eq!(read("💳 Top up"), Some(Command::Pay));
        assert_eq!(read("Начать заново"), Some(Command::Menu));
        assert_eq!(read("⏳ Задачи"), Some(Command::Jobs));
        assert_eq!(read("кот в скафандре"), None);
    }

    #[test]
    fn emoji_alone_say_nothing() {
        assert!(!is_meaningful("🙂🙂🙂"));
        assert!(!is_meaningful("да"));
        assert!(is_meaningful("кот"));
    }
}
