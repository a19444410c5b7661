//! Words on their way to an offer.

use std::time::Duration;

use super::chat::Chat;
use crate::{Stage, Typed};

const FULL: usize = 4096;

#[test]
fn e4_words_become_an_offer_with_what_was_chosen_last() {
    let mut chat = Chat::new();
    chat.says("/image").taps("Формат").taps("16:9").taps("Размер").taps("4K");
    chat.says("кот на Луне").taps("Создать").says("пёс на Луне");
    assert_eq!((chat.choices().ratio.as_str(), chat.choices().size.as_str()), ("16:9", "4K"));
}

#[test]
fn e4_emoji_and_crumbs_get_a_hint_and_no_offer() {
    for crumbs in ["🙂🙂🙂", "да", "...", "👍"] {
        let mut chat = Chat::new();
        chat.says(crumbs);
        assert!(chat.words().contains("чуть подробнее"), "{crumbs}");
        assert_eq!(chat.session().stage, Stage::Idle);
    }
}

#[test]
fn e5_words_in_reply_to_a_picture_say_that_it_will_be_a_new_one() {
    let mut chat = Chat::new();
    let mut origin = chat.next_origin();
    origin.replies_to_picture = true;
    chat.turn(crate::Event::Typed(Typed {
        text: "сделай небо розовым".to_owned(), origin
    }));
    assert!(chat.words().contains("поэтому нарисую новую"), "{}", chat.words());
    assert!(chat.words().contains("Цена: <b>50 ₽</b>"));
}

#[test]
fn e14_a_prompt_that_is_too_long_is_never_cut_silently() {
    let mut chat = Chat::new();
    chat.says(&"кот ".repeat(2_500));
    assert!(
        chat.words().contains("10000 знаков") && chat.words().contains("8000"),
        "{}",
        chat.words()
    );
    chat.taps("Сократить до 8000");
    let prompt = chat.quote().prompt;
    assert!(prompt.ends_with("кот…") && prompt.chars().count() <= 8_000);
}

#[test]
fn e14_a_shorter_text_replaces_one_that_was_too_long() {
    let mut chat = Chat::new();
    chat.says(&"я".repeat(9_000)).waits(Duration::from_secs(3)).says("кот на Луне");
    assert_eq!(chat.quote().prompt, "кот на Луне");
}

#[test]
fn e15_a_prompt_that_telegram_split_is_joined() {
    let (first, second) = ("я".repeat(FULL), "конец");
    let mut chat = Chat::new();
    chat.says(&first).waits(Duration::from_secs(2)).says(second);
    assert_eq!(chat.quote().prompt, format!("{first}{second}"));
}

#[test]
fn e15_two_full_messages_less_a_little_are_still_a_valid_prompt() {
    let mut chat = Chat::new();
    chat.says(&"я".repeat(FULL)).says(&"ю".repeat(8_000 - FULL));
    assert_eq!(chat.quote().prompt.chars().count(), 8_000);
}

#[test]
fn e15_texts_that_only_look_split_stay_apart() {
    let mut late = Chat::new();
    late.says(&"я".repeat(FULL)).waits(Duration::from_millis(2_001)).says("кот на Луне");
    assert_eq!(late.quote().prompt, "кот на Луне");
    let mut short = Chat::new();
    short.says(&"я".repeat(FULL - 1)).says("кот на Луне");
    assert_eq!(short.quote().prompt, "кот на Луне");
}

#[test]
fn e15_endless_parts_do_not_grow_the_session() {
    let mut chat = Chat::new();
    for _ in 0..50 {
        chat.says(&"я".repeat(FULL));
    }
    assert!(chat.kept.len() < 400_000, "{} bytes", chat.kept.len());
}

#[test]
fn ideas_are_priced_like_words() {
    let mut chat = Chat::new();
    chat.says("✨ Идеи").taps("Кот в скафандре");
    assert_eq!(chat.quote().prompt, "Кот в скафандре на Луне, киноплакат");
}
