//! T8: an album is one request, whatever the order of its parts, and whenever the program is restarted: the
//! chat keeps nothing but the session's JSON between two events.

use std::time::Duration;

use rei_domain::catalog::Kind;
use rei_domain::ids::MessageId;

use super::chat::{Chat, file, measured_photo};
use crate::{Content, Event, FileProblem, Stage};

const QUIET: Duration = Duration::from_millis(1_500);
const SOON: Duration = Duration::from_millis(300);

fn part(chat: &mut Chat, album: &str, number: i64, caption: Option<&str>) {
    let mut origin = chat.next_origin();
    origin.message = MessageId(1_000 + number);
    let content =
        Content::Picture { file: file(&format!("part {number}")), album: Some(album.to_owned()) };
    chat.turn(Event::Sent { content, caption: caption.map(str::to_owned), origin });
}

/// The numbers of the messages whose files the open offer uses, in its order.
fn used(chat: &Chat) -> Vec<i64> {
    let files = chat.session().form.files;
    let message = |upload| {
        let file = files.iter().find(|file| file.upload == upload);
        file.expect("an offer uses files of the form").message.0 - 1_000
    };
    chat.quote().inputs.iter().map(|input| message(input.upload)).collect()
}

#[test]
fn t8_ten_parts_out_of_order_with_words_under_the_third_are_one_offer() {
    let mut chat = Chat::new();
    chat.slow = true;
    let mut screens = 0;
    for number in [3, 1, 10, 2, 5, 4, 8, 6, 9, 7] {
        let caption = (number == 3).then_some("соедини всех в одном кадре");
        part(&mut chat, "a", number, caption);
        screens += chat.screens().len();
        screens += chat.sleeps(SOON).screens().len();
    }
    assert_eq!(screens, 0);
    while !chat.coming.is_empty() {
        let by = 3 % chat.coming.len();
        chat.coming.rotate_left(by);
        screens += chat.arrives().screens().len();
    }
    screens += chat.sleeps(QUIET).screens().len();
    assert_eq!((screens, chat.kind()), (1, Kind::Edit));
    assert_eq!(used(&chat), (1..=10).collect::<Vec<_>>());
    assert_eq!(chat.quote().prompt, "соедини всех в одном кадре");
}

#[test]
fn t8_an_album_without_words_is_answered_once_after_it_fell_silent() {
    let mut chat = Chat::new();
    for number in 1..=4 {
        part(&mut chat, "a", number, None);
        assert!(chat.screens().is_empty());
        assert!(chat.sleeps(SOON).screens().is_empty());
    }
    chat.sleeps(QUIET);
    assert_eq!(chat.screens().len(), 1);
    assert!(chat.words().contains("Получил 4 фото"), "{}", chat.words());
    assert_eq!(chat.sleeps(QUIET).effects, []);
    chat.says("соедини всех в одном кадре");
    assert_eq!(used(&chat), [1, 2, 3, 4]);
}

#[test]
fn t8_words_after_an_album_do_not_wait_for_a_second_answer() {
    let mut chat = Chat::new();
    part(&mut chat, "a", 1, None);
    part(&mut chat, "a", 2, None);
    chat.says("соедини всех в одном кадре");
    assert!(chat.screens().is_empty());
    chat.sleeps(QUIET);
    assert_eq!((chat.screens().len(), used(&chat)), (1, vec![1, 2]));
}

#[test]
fn t8_the_answer_waits_for_slow_files_but_not_for_more_than_ten_seconds_of_parts() {
    let mut chat = Chat::new();
    chat.slow = true;
    part(&mut chat, "a", 1, None);
    assert!(chat.sleeps(QUIET).screens().is_empty());
    assert!(chat.arrives().words().contains("Получил фото"));
    let mut endless = Chat::new();
    let mut told = 0;
    for number in 1..=9 {
        part(&mut endless, "a", number, None);
        told += endless.screens().len();
        told += endless.sleeps(Duration::from_millis(1_400)).screens().len();
    }
    assert!(told > 0, "the album was not answered");
}

#[test]
fn t8_two_photos_with_the_video_command_are_first_and_last_frame() {
    let mut chat = Chat::new();
    part(&mut chat, "a", 2, Some("/video день сменяется ночью"));
    part(&mut chat, "a", 1, None);
    chat.sleeps(QUIET);
    assert_eq!((chat.kind(), used(&chat)), (Kind::FramesVideo, vec![1, 2]));
    let mut three = Chat::new();
    for number in 1..=3 {
        part(&mut three, "a", number, Some("/video день сменяется ночью"));
    }
    three.sleeps(QUIET);
    assert_eq!((three.kind(), used(&three)), (Kind::FramesVideo, vec![1, 2]));
    assert!(three.words().contains("Возьму фото: 2 из 3"), "{}", three.words());
}

#[test]
fn e10_a_late_part_joins_the_open_offer_as_a_new_one() {
    let mut chat = Chat::new();
    part(&mut chat, "a", 1, Some("соедини всех в одном кадре"));
    chat.sleeps(QUIET);
    let first = chat.quote().id;
    part(&mut chat, "a", 2, None);
    assert!(chat.words().contains("Добавил файлы к заказу"), "{}", chat.words());
    assert_ne!(chat.quote().id, first);
    assert_eq!(used(&chat), [1, 2]);
}

#[test]
fn e10_a_late_part_after_the_order_begins_a_form_of_its_own() {
    let mut chat = Chat::new();
    part(&mut chat, "a", 1, Some("соедини всех в одном кадре"));
    chat.sleeps(QUIET).taps("Создать");
    part(&mut chat, "a", 2, None);
    chat.sleeps(QUIET);
    assert!(chat.words().contains("прошлый заказ уже был закрыт"), "{}", chat.words());
    assert!(chat.words().contains("Получил фото"));
    assert_eq!((chat.placed.len(), chat.session().stage), (1, Stage::Draft));
}

#[test]
fn t8_a_bad_part_is_told_once_and_the_others_go_on() {
    let mut chat = Chat::new();
    for number in [2, 4] {
        chat.files.insert(format!("part {number}"), Err(FileProblem::Heic));
    }
    for number in 1..=4 {
        part(&mut chat, "a", number, Some("соедини всех в одном кадре"));
    }
    chat.sleeps(QUIET);
    assert_eq!((chat.screens().len(), used(&chat)), (1, vec![1, 3]));
    assert_eq!(chat.words().matches("HEIC").count(), 1);
    let mut nothing = Chat::new();
    nothing.files.insert("part 1".to_owned(), Err(FileProblem::Heic));
    part(&mut nothing, "a", 1, None);
    nothing.sleeps(QUIET);
    assert_eq!(nothing.session().stage, Stage::Idle);
}

#[test]
fn an_album_after_words_belongs_to_them_and_a_second_album_is_a_new_order() {
    let mut chat = Chat::new();
    chat.says("соедини всех в одном кадре");
    part(&mut chat, "a", 1, None);
    part(&mut chat, "a", 2, None);
    chat.sleeps(QUIET);
    assert_eq!(used(&chat), [1, 2]);
    part(&mut chat, "b", 3, None);
    chat.sleeps(QUIET);
    assert!(chat.words().contains("Получил фото."), "{}", chat.words());
    assert_eq!(chat.session().form.files.len(), 1);
}

#[test]
fn a_photo_and_a_clip_in_one_album_are_a_transfer_of_movement() {
    let mut chat = Chat::new();
    chat.files.insert("part 1".to_owned(), Ok(measured_photo(900, 1_600)));
    part(&mut chat, "a", 1, None);
    let mut origin = chat.next_origin();
    origin.message = MessageId(1_002);
    let content = Content::Video { file: file("clip"), album: Some("a".to_owned()) };
    chat.turn(Event::Sent { content, caption: None, origin });
    chat.sleeps(QUIET);
    assert_eq!((chat.kind(), chat.screens().len()), (Kind::Motion, 1));
}
