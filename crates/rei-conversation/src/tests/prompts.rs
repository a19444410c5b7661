//! Words on their way to an offer.

use std::time::Duration;

use rei_domain::catalog::Kind;
use rei_domain::ids::MessageId;
use rei_domain::order::OrderState;

use super::chat::{Chat, file, photo};
use crate::{Effect, Reply, Stage};

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
fn e5_words_in_reply_to_a_result_edit_its_original() {
    for (text, kind) in [
        ("сделай небо розовым", Kind::Edit),
        ("/edit сделай небо розовым", Kind::Edit),
        ("/video облака плывут", Kind::ImageVideo),
    ] {
        let mut chat = Chat::new();
        let order = chat.order(7, OrderState::Delivered, "кот").id;
        chat.replied = Some((order, 2));
        chat.replies(reply("compressed preview"), text);
        assert!(chat.effects.contains(&Effect::UseResult { order, item: 2 }), "{text}");
        assert_eq!((chat.kind(), chat.coming.len()), (kind, 0));
        assert_eq!(chat.screens().len(), 1);
    }
}

#[test]
fn e5_a_result_that_is_no_longer_kept_is_told() {
    let mut chat = Chat::new();
    let order = chat.order(7, OrderState::Delivered, "кот").id;
    (chat.replied, chat.forgotten) = (Some((order, 1)), true);
    chat.replies(reply("preview"), "сделай небо розовым");
    assert!(chat.words().contains("больше не хранится"), "{}", chat.words());
    assert_eq!(chat.session().stage, Stage::Idle);
}

#[test]
fn e6_words_in_reply_to_an_own_photo_edit_it() {
    let mut chat = Chat::new();
    chat.replies(reply("own photo"), "сделай небо розовым");
    assert_eq!((chat.kind(), chat.quote().prompt.as_str()), (Kind::Edit, "сделай небо розовым"));
    let clip = Reply { video: Some(file("clip")), ..Reply::default() };
    chat.replies(clip, "преврати лето в зиму");
    assert_eq!(chat.kind(), Kind::VideoVideo);
    chat.replies(reply("own photo"), "/edit");
    assert!(chat.words().contains("что изменить на фото"), "{}", chat.words());
}

#[test]
fn e6_a_reply_to_a_photo_that_waits_does_not_take_it_twice() {
    let mut chat = Chat::new();
    chat.sends(photo("a"), None);
    let shown = Reply { message: Some(chat.message), ..reply("a") };
    chat.replies(shown, "сделай небо розовым");
    assert_eq!((chat.kind(), chat.quote().inputs.len()), (Kind::Edit, 1));
    assert!(!chat.effects.iter().any(|effect| matches!(effect, Effect::TakeFile { .. })));
}

#[test]
fn a_reply_to_plain_words_is_just_words() {
    let mut chat = Chat::new();
    chat.replies(Reply { message: Some(MessageId(5)), ..Reply::default() }, "кот на Луне");
    assert_eq!(chat.kind(), Kind::Image);
}

fn reply(name: &str) -> Reply {
    Reply { message: Some(MessageId(50)), picture: Some(file(name)), video: None }
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

#[test]
fn e14_a_video_has_a_shorter_limit_and_its_text_is_cut_only_when_asked() {
    let mut chat = Chat::new();
    chat.says(&format!("/video {}", "кот ".repeat(700)));
    assert!(chat.words().contains("можно не больше 2500"), "{}", chat.words());
    chat.taps("Сократить до 2500");
    assert_eq!(chat.kind(), Kind::TextVideo);
    let mut shorter = Chat::new();
    shorter.says(&format!("/video {}", "кот ".repeat(700))).says("кот бежит");
    assert_eq!(shorter.kind(), Kind::TextVideo);
}
