//! Prompts that try to break what Telegram demands of a message.

use rei_texts::{escape, shorten};

use super::chat::Chat;
use crate::Stage;

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
