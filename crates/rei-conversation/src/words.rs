//! Recognising commands, words and the labels of the main keyboard.

use std::collections::HashMap;
use std::sync::LazyLock;

use rei_texts::{Lang, Message, MoneyText, Text};

use crate::admin;

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
    Edit {
        prompt: String,
    },
    Video {
        prompt: String,
    },
    Jobs,
    History,
    Repeat,
    Balance,
    Pay,
    CheckPayment,
    Statement,
    Prices,
    Promo {
        code: String,
    },
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
            "edit" => Self::Edit { prompt: args },
            "video" => Self::Video { prompt: args },
            "jobs" => Self::Jobs,
            "history" => Self::History,
            "repeat" => Self::Repeat,
            "balance" => Self::Balance,
            "pay" | "topup" => Self::Pay,
            "statement" => Self::Statement,
            "prices" => Self::Prices,
            "promo" => Self::Promo { code: args },
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
            name if admin::COMMANDS.contains(&name) => Self::Admin { name: name.to_owned(), args },
            _ => Self::Unknown,
        })
    }

    /// A word or a label of the keyboard, in either language, with or without its emoji.
    fn word(text: &str) -> Option<Self> {
        if text.chars().nth(WORD_CHARS_MAX).is_some() {
            return None;
        }
        WORDS.get(&bare(text)).cloned()
    }
}

/// A longer text is no word, so it is not even looked up.
const WORD_CHARS_MAX: usize = 40;

/// Every word and label of both languages, as [`bare`] leaves them.
static WORDS: LazyLock<HashMap<String, Command>> = LazyLock::new(|| {
    let image = Command::Image { prompt: String::new() };
    let edit = Command::Edit { prompt: String::new() };
    let video = Command::Video { prompt: String::new() };
    let check: (&dyn Message, _) = (&MoneyText::WordsCheckPayment {}, Command::CheckPayment);
    let lists: [(Text, Command); 19] = [
        (Text::WordsMenu {}, Command::Menu),
        (Text::WordsImage {}, image.clone()),
        (Text::WordsEdit {}, edit.clone()),
        (Text::WordsVideo {}, video.clone()),
        (Text::WordsJobs {}, Command::Jobs),
        (Text::WordsBalance {}, Command::Balance),
        (Text::WordsPay {}, Command::Pay),
        (Text::WordsCancel {}, Command::Cancel),
        (Text::WordsHelp {}, Command::Help),
        (Text::LabelImage {}, image),
        (Text::LabelEdit {}, edit),
        (Text::LabelVideo {}, video),
        (Text::LabelIdeas {}, Command::Ideas),
        (Text::LabelHistory {}, Command::History),
        (Text::LabelJobs {}, Command::Jobs),
        (Text::LabelBalance {}, Command::Balance),
        (Text::LabelPay {}, Command::Pay),
        (Text::LabelSettings {}, Command::Settings),
        (Text::LabelHelp {}, Command::Help),
    ];
    let lists = lists.iter().map(|(list, command)| (list as &dyn Message, command.clone()));
    let mut words = HashMap::new();
    for (list, command) in lists.chain([check]) {
        for lang in Lang::ALL {
            for word in list.plain(lang).split(',') {
                let before = words.insert(bare(word), command.clone());
                debug_assert!(
                    before.as_ref().is_none_or(|before| *before == command),
                    "{word} means both {before:?} and {command:?}"
                );
            }
        }
    }
    words
});

/// The letters and digits of a text in lower case, parts joined by one space: what people mean. The Russian
/// letter yo counts as ye, as people write it.
fn bare(text: &str) -> String {
    const YO: char = '\u{451}';
    const YE: char = '\u{435}';
    let kept: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| if c == YO { YE } else { c })
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
    fn every_command_of_those_who_run_the_bot_is_known_with_its_words() {
        for name in admin::COMMANDS {
            let read = read(&format!("/{name} 42 10,50 причина"));
            let (name, args) = ((*name).to_owned(), "42 10,50 причина".to_owned());
            assert_eq!(read, Some(Command::Admin { name, args }));
        }
        assert_eq!(read("/prices"), Some(Command::Prices), "customers read it too");
    }

    #[test]
    fn a_promo_code_is_read_as_typed() {
        assert_eq!(read("/promo  Весна-26 "), Some(Command::Promo { code: "Весна-26".into() }));
        assert_eq!(read("/promo"), Some(Command::Promo { code: String::new() }));
    }

    #[test]
    fn labels_and_words_work_with_and_without_emoji() {
        assert_eq!(read("🎨 Создать изображение"), Some(Command::Image { prompt: String::new() }));
        assert_eq!(read("создать изображение"), Some(Command::Image { prompt: String::new() }));
        assert_eq!(read("ℹ️ Помощь"), Some(Command::Help));
        assert_eq!(read("💳 Top up"), Some(Command::Pay));
        assert_eq!(read("Начать заново"), Some(Command::Menu));
        assert_eq!(read("⏳ Задачи"), Some(Command::Jobs));
        assert_eq!(read("ПОПОЛНИТЬ"), Some(Command::Pay));
        assert_eq!(read("Оплатить"), Some(Command::Pay));
        assert_eq!(read("🔄 Проверить платёж"), Some(Command::CheckPayment));
        assert_eq!(read("check payment"), Some(Command::CheckPayment));
        assert_eq!(read("кот в скафандре"), None);
        assert_eq!(read(&"меню ".repeat(10)), None);
    }

    #[test]
    fn every_word_of_product_and_of_the_original_system_is_known() {
        let known = [
            "меню",
            "помощь",
            "назад",
            "отмена",
            "начать заново",
            "баланс",
            "пополнить",
            "menu",
            "help",
            "back",
            "cancel",
            "balance",
            "🛠 Редактировать",
            "🎬 Создать видео",
            "💳 Пополнить",
            "💳 Пополнить баланс",
            "💰 Баланс",
            "🎬 Сделать видео",
        ];
        for word in known {
            assert!(read(word).is_some(), "{word}");
        }
    }

    #[test]
    fn yo_and_ye_are_one_letter() {
        assert_eq!(bare("Ёжик"), bare("ежик"));
    }

    #[test]
    fn emoji_alone_say_nothing() {
        assert!(!is_meaningful("🙂🙂🙂"));
        assert!(!is_meaningful("да"));
        assert!(is_meaningful("кот"));
    }
}
