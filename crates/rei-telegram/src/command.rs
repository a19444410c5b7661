//! Commands: `/name@bot words`, the payload of `/start`, and links that carry one.

/// The longest name of a command.
const NAME_MAX: usize = 32;
/// The longest payload of `/start`.
const PAYLOAD_MAX: usize = 64;

/// A command meant for this bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its name in lower case, without the slash.
    pub name: String,
    /// The words after it, trimmed.
    pub args: String,
}

impl Command {
    /// What a deep link carried to `/start`; none for another command and for junk.
    pub fn start_payload(&self) -> Option<&str> {
        (self.name == "start" && is_payload(&self.args)).then_some(self.args.as_str())
    }
}

/// What stands at the beginning of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressed {
    /// No command.
    NoCommand,
    /// A command for this bot.
    Ours(Command),
    /// A command for another bot in the same group.
    AnotherBot,
}

/// Reads the command at the beginning of a text. Names of bots are compared without regard to case.
pub fn parse_command(text: &str, bot_username: &str) -> Addressed {
    let Some(rest) = text.trim_start().strip_prefix('/') else { return Addressed::NoCommand };
    let name_end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(name_end);
    if name.is_empty() || name.len() > NAME_MAX {
        return Addressed::NoCommand;
    }
    let (addressee, rest) = match rest.strip_prefix('@') {
        Some(rest) => {
            let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
            let (addressee, rest) = rest.split_at(end);
            (Some(addressee), rest)
        }
        None => (None, rest),
    };
    // "/usr/bin" and "/25-th" are words of a prompt, "/start!" is a command.
    if rest.starts_with(|c: char| c.is_alphanumeric() || "/-@".contains(c)) {
        return Addressed::NoCommand;
    }
    match addressee {
        Some(addressee) if !addressee.eq_ignore_ascii_case(bot_username) => Addressed::AnotherBot,
        _ => Addressed::Ours(Command {
            name: name.to_ascii_lowercase(),
            args: rest.trim().to_owned(),
        }),
    }
}

/// A link that opens the bot and sends `/start payload`; none when the payload is not 1 to 64 of
/// `A-Za-z0-9_-`.
pub fn deep_link(bot_username: &str, payload: &str) -> Option<String> {
    is_payload(payload).then(|| format!("https://t.me/{bot_username}?start={payload}"))
}

fn is_payload(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    (1..=PAYLOAD_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(name: &str, args: &str) -> Addressed {
        Addressed::Ours(Command { name: name.to_owned(), args: args.to_owned() })
    }

    #[test]
    fn commands_are_told_from_words() {
        let rows = [
            ("/start", ours("start", "")),
            ("/Start  ref_7 ", ours("start", "ref_7")),
            ("/add@ReiBot 42 100\nподарок", ours("add", "42 100\nподарок")),
            ("/start@reibot", ours("start", "")),
            ("/help@other_bot", Addressed::AnotherBot),
            ("/help!", ours("help", "!")),
            ("привет /start", Addressed::NoCommand),
            ("/", Addressed::NoCommand),
            ("//", Addressed::NoCommand),
            ("/кот", Addressed::NoCommand),
            ("/usr/bin", Addressed::NoCommand),
            ("/25-й кадр", Addressed::NoCommand),
            ("/stй", Addressed::NoCommand),
            ("/a@b@c", Addressed::NoCommand),
            ("", Addressed::NoCommand),
        ];
        for (text, expected) in rows {
            assert_eq!(parse_command(text, "ReiBot"), expected, "{text}");
        }
        assert_eq!(parse_command(&format!("/{}", "a".repeat(33)), "b"), Addressed::NoCommand);
    }

    #[test]
    fn junk_in_a_deep_link_is_ignored() {
        let payload = |text: &str| match parse_command(text, "b") {
            Addressed::Ours(command) => command.start_payload().map(str::to_owned),
            _ => None,
        };
        assert_eq!(payload("/start ref_A-1").as_deref(), Some("ref_A-1"));
        assert_eq!(payload("/start"), None);
        assert_eq!(payload("/start <b>"), None);
        assert_eq!(payload("/start два слова"), None);
        assert_eq!(payload(&format!("/start {}", "a".repeat(65))), None);
        assert_eq!(payload("/help ref"), None);
        assert_eq!(
            deep_link("ReiBot", "ref_7").as_deref(),
            Some("https://t.me/ReiBot?start=ref_7")
        );
        assert_eq!(deep_link("ReiBot", "a b"), None);
    }
}
