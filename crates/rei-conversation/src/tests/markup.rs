//! What Telegram demands of a message, and prompts that try to break it.

use rei_texts::{escape, shorten};

use super::chat::Chat;
use crate::{CALLBACK_BYTES_MAX, Keyboard, Leads, Screen, Stage};

const MESSAGE_CHARS_MAX: usize = 4096;
const LABEL_CHARS_MAX: usize = 64;
const BUTTONS_MAX: usize = 100;

/// Fails for a screen that Telegram would refuse or a customer could not read.
pub(super) fn check_screen(screen: &Screen) {
    let html = &screen.html;
    assert!(!html.trim().is_empty(), "an empty screen");
    assert!(html.chars().count() < MESSAGE_CHARS_MAX, "{} characters", html.chars().count());
    check_tags(html);
    let labels: Vec<&str> = match &screen.keyboard {
        Keyboard::None => Vec::new(),
        Keyboard::Main(rows) => rows.iter().flatten().map(String::as_str).collect(),
        Keyboard::Inline(rows) => {
            assert!(rows.iter().all(|row| (1..=8).contains(&row.len())), "{rows:?}");
            for button in rows.iter().flatten() {
                match &button.leads {
                    Leads::Do(action) => {
                        assert!(action.data().len() <= CALLBACK_BYTES_MAX, "{button:?}");
                    }
                    Leads::Open(address) => assert!(address.starts_with("https://"), "{address}"),
                }
            }
            rows.iter().flatten().map(|button| button.label.as_str()).collect()
        }
    };
    assert!(labels.len() <= BUTTONS_MAX);
    for label in labels {
        assert!(!label.trim().is_empty() && label.chars().count() <= LABEL_CHARS_MAX, "{label}");
    }
}

/// Every tag is one of ours and closed in its turn; every other special character is an entity.
fn check_tags(html: &str) {
    let mut open = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>', '&']) {
        let special = &rest[at..];
        if let Some(entity) = special.strip_prefix('&') {
            let known = ["amp;", "lt;", "gt;", "quot;"];
            assert!(known.iter().any(|name| entity.starts_with(name)), "a bare & in {html}");
            rest = entity;
            continue;
        }
        let end = special.find('>').unwrap_or_else(|| panic!("an unclosed tag in {html}"));
        match &special[1..end] {
            name @ ("b" | "i" | "code") => open.push(name),
            closing => {
                assert_eq!(open.pop(), closing.strip_prefix('/'), "tags out of turn in {html}");
            }
        }
        rest = &special[end + 1..];
    }
    assert_eq!(open, Vec::<&str>::new(), "tags left open in {html}");
}

/// Prompts that try to break markup, limits or direction.
pub(super) fn hostile_prompts() -> Vec<String> {
    let pieces = [
        "<b>кот & пёс</i>",
        "&lt;&&&",
        "<a href=\"https://evil.example\">x",
        "\u{202e}טסט\u{200f}\u{2066}",
        "\u{200b}\u{feff}я\0",
        "👩‍👩‍👧‍👦🏳️‍🌈",
        "{ $price } %s \\n `",
        "\"'«»“”",
    ];
    let long = |piece: &&str| piece.repeat(10_000usize.div_ceil(piece.chars().count()));
    pieces
        .iter()
        .flat_map(|piece| {
            let whole: String = long(piece).chars().take(10_000).collect();
            let fitting: String = whole.chars().take(8_000).collect();
            [format!("кот {piece}"), fitting, whole]
        })
        .collect()
}

#[test]
fn t3_markup_in_a_prompt_is_shown_as_words_and_kept_as_written() {
    for prompt in hostile_prompts().into_iter().filter(|prompt| crate::is_meaningful(prompt)) {
        let mut chat = Chat::new();
        chat.says(&prompt);
        match chat.session().stage {
            Stage::Quoted { quote } => {
                assert_eq!(quote.prompt, prompt);
                let shown = escape(&shorten(&prompt, 300)).replace('\u{202f}', " ");
                assert!(chat.words().contains(&shown), "{}", chat.words());
            }
            Stage::TooLong {} => assert_eq!(chat.session().form.prompt, Some(prompt)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn t3_lists_full_of_hostile_prompts_still_fit_a_message() {
    use rei_domain::order::OrderState;

    for prompt in hostile_prompts() {
        let mut chat = Chat::new();
        chat.active_max = 100;
        for number in 1..=12 {
            let order = chat.order(number, OrderState::Queued, &prompt);
            chat.active.push(order.clone());
            chat.history.push(order);
        }
        for command in ["/jobs", "/history", "/cancel", "/repeat", "/menu", "/support"] {
            chat.says(command);
        }
        chat.says("/jobs");
        assert!(chat.words().contains("… и ещё 4"), "{}", chat.words());
    }
}
