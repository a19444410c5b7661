//! Pictures and everything else that isn't words.

use super::chat::Chat;
use crate::{Content, Event, Keyboard, Stage};

fn picture() -> Content {
    Content::Picture { size_bytes: Some(1_000_000), album: None }
}

fn part(album: &str) -> Content {
    Content::Picture { size_bytes: None, album: Some(album.to_owned()) }
}

#[test]
fn e1_a_photo_without_words_gets_a_friendly_answer() {
    let mut chat = Chat::new();
    chat.sends(picture(), None);
    assert!(chat.words().contains("опишите её словами"), "{}", chat.words());
    assert_eq!(chat.session().stage, Stage::Idle);
}

#[test]
fn e2_words_under_a_photo_are_offered_as_a_new_picture() {
    for (caption, prompt) in [
        ("кот в скафандре", "кот в скафандре"),
        ("/image кот в скафандре", "кот в скафандре"),
        ("/edit сделай ярче", "сделай ярче"),
    ] {
        let mut chat = Chat::new();
        chat.sends(picture(), Some(caption));
        assert_eq!(chat.quote().prompt, prompt);
        assert!(chat.words().contains("по вашей подписи"), "{}", chat.words());
    }
}

#[test]
fn e3_a_photo_for_a_video_is_told_that_videos_come_later() {
    for caption in ["/video", "/video@rei_bot пусть бежит"] {
        let mut chat = Chat::new();
        chat.sends(picture(), Some(caption));
        assert!(chat.words().contains("Видео я ещё учусь"), "{}", chat.words());
    }
}

#[test]
fn e42_the_caption_of_a_forwarded_photo_is_no_command() {
    let mut chat = Chat::new();
    let mut origin = chat.next_origin();
    origin.forwarded = true;
    let caption = Some("/video кот".to_owned());
    chat.turn(Event::Sent { content: picture(), caption, origin });
    assert_eq!(chat.quote().prompt, "/video кот");
}

#[test]
fn e8_a_file_that_telegram_keeps_back_is_explained() {
    let size_bytes = Some(20 * 1024 * 1024 + 1);
    for content in [
        Content::Picture { size_bytes, album: None },
        Content::Video { size_bytes },
        Content::File { size_bytes },
    ] {
        let mut chat = Chat::new();
        chat.sends(content, Some("кот в скафандре"));
        assert!(chat.words().contains("20 МБ"), "{}", chat.words());
    }
}

#[test]
fn e9_an_album_gets_one_answer() {
    let mut chat = Chat::new();
    chat.sends(part("a"), None);
    assert!(chat.words().contains("Получил альбом"));
    for _ in 0..9 {
        chat.sends(part("a"), None);
        assert_eq!(chat.effects, []);
    }
    chat.sends(part("b"), None);
    assert!(chat.words().contains("Получил альбом"));
}

#[test]
fn t8_words_under_any_part_of_an_album_are_its_description() {
    let mut first = Chat::new();
    first.sends(part("a"), Some("кот в скафандре"));
    assert!(!first.words().contains("Получил альбом"), "{}", first.words());
    assert_eq!(first.quote().prompt, "кот в скафандре");
    first.sends(part("a"), Some("пёс в скафандре"));
    assert_eq!((first.effects.len(), first.quote().prompt.as_str()), (0, "кот в скафандре"));
    let mut third = Chat::new();
    third.sends(part("a"), None).sends(part("a"), None).sends(part("a"), Some("кот на Луне"));
    assert_eq!(third.quote().prompt, "кот на Луне");
}

#[test]
fn e12_a_voice_message_is_asked_for_in_words() {
    let mut chat = Chat::new();
    chat.sends(Content::Voice, None);
    assert!(chat.words().contains("Голосовые"));
}

#[test]
fn e13_a_sticker_gets_a_hint_and_the_menu() {
    let mut chat = Chat::new();
    chat.sends(Content::Other, None);
    assert!(chat.words().contains("/menu"));
    assert!(matches!(chat.screens()[0].keyboard, Keyboard::Main(_)));
}
