//! Row 16: messages whose words were changed later.

use super::chat::Chat;
use crate::{Event, Stage};

fn edits(chat: &mut Chat, text: &str) {
    let event = Event::Edited { message: chat.message, text: text.to_owned() };
    chat.turn(event);
}

#[test]
fn e16_an_edit_before_the_order_makes_a_new_offer() {
    let mut chat = Chat::new();
    chat.says("/image кот в скафандре");
    let before = chat.quote();
    edits(&mut chat, "/image пёс в скафандре");
    assert_eq!(chat.quote().prompt, "пёс в скафандре");
    assert_ne!(chat.quote().id, before.id);
}

#[test]
fn e16_an_edit_of_a_text_that_was_too_long_counts() {
    let mut chat = Chat::new();
    chat.says(&"я".repeat(9_000));
    edits(&mut chat, "кот в скафандре");
    assert_eq!(chat.quote().prompt, "кот в скафандре");
}

#[test]
fn e16_an_edit_after_the_order_is_told_that_the_order_is_at_work() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").taps("Создать");
    edits(&mut chat, "пёс в скафандре");
    assert!(chat.words().contains("Заказ уже в работе"), "{}", chat.words());
    assert_eq!(chat.session().stage, Stage::Idle);
}

#[test]
fn e16_an_edit_that_leaves_nothing_to_draw_gets_a_hint_and_keeps_the_offer() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре");
    edits(&mut chat, "🙂");
    assert!(chat.words().contains("чуть подробнее"));
    assert_eq!(chat.quote().prompt, "кот в скафандре");
}

#[test]
fn e16_an_edit_of_any_other_message_is_answered() {
    let mut chat = Chat::new();
    chat.says("/balance");
    edits(&mut chat, "кот в скафандре");
    assert!(chat.words().contains("новым сообщением"), "{}", chat.words());
    chat.says("/image");
    edits(&mut chat, "кот в скафандре");
    assert_eq!(chat.quote().prompt, "кот в скафандре");
}

#[test]
fn e16_an_edit_that_changed_no_words_is_passed_over() {
    let mut chat = Chat::new();
    chat.says("кот https://example.org");
    let create = chat.action("Создать").data();
    edits(&mut chat, "кот https://example.org");
    assert_eq!(chat.effects, []);
    chat.presses(&create);
    edits(&mut chat, "кот https://example.org");
    assert_eq!(chat.effects, []);
}
