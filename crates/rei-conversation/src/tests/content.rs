//! Pictures, clips and everything else that isn't words.

use std::time::Duration;

use rei_domain::catalog::{Kind, Slot};
use rei_domain::money::Kopecks;

use super::chat::{Chat, clip, file, measured_clip, measured_photo, photo};
use crate::{Content, Event, FileProblem, FileRef, Keyboard, Stage};

#[test]
fn e1_a_photo_without_words_is_kept_and_asked_about() {
    let mut chat = Chat::new();
    chat.sends(photo("a"), None);
    assert!(chat.words().contains("Получил фото"), "{}", chat.words());
    for label in ["Изменить", "Оживить", "по образцу"] {
        chat.action(label);
    }
    chat.says("сделай небо розовым");
    assert_eq!((chat.kind(), chat.quote().prompt.as_str()), (Kind::Edit, "сделай небо розовым"));
    assert_eq!(chat.quote().inputs.len(), 1);
}

#[test]
fn e1_each_thing_that_can_be_made_of_a_photo_leads_to_its_offer() {
    let mut chat = Chat::new();
    chat.sends(photo("a"), None);
    let mut edit = chat.clone();
    edit.taps("Изменить");
    assert!(edit.words().contains("что изменить на фото"), "{}", edit.words());
    edit.says("сделай небо розовым");
    assert_eq!((edit.kind(), edit.choices().ratio.as_str()), (Kind::Edit, "source"));
    let mut example = chat.clone();
    example.taps("по образцу").says("такой же кот, но рыжий");
    assert_eq!(example.kind(), Kind::Edit);
    assert!(example.words().contains("картинка по образцу"), "{}", example.words());
    chat.taps("Оживить");
    assert_eq!((chat.kind(), chat.quote().prompt.as_str()), (Kind::ImageVideo, ""));
    assert!(chat.words().contains("видео из фото") && chat.words().contains("дописать словами"));
    chat.says("камера медленно отъезжает");
    assert_eq!(
        (chat.kind(), chat.quote().prompt.as_str()),
        (Kind::ImageVideo, "камера медленно отъезжает")
    );
}

#[test]
fn e2_words_under_a_photo_are_an_edit_of_it() {
    for (caption, prompt) in [
        ("кот в скафандре", "кот в скафандре"),
        ("/image кот в скафандре", "кот в скафандре"),
        ("/edit сделай ярче", "сделай ярче"),
    ] {
        let mut chat = Chat::new();
        chat.sends(photo("a"), Some(caption));
        assert_eq!((chat.kind(), chat.quote().prompt.as_str()), (Kind::Edit, prompt));
        assert_eq!(chat.quote().inputs[0].slot, Slot::Reference);
        assert_eq!(chat.screens().len(), 1);
    }
}

#[test]
fn e3_a_photo_with_the_video_command_becomes_a_video() {
    for (caption, prompt) in [("/video", ""), ("/video@rei_bot пусть бежит", "пусть бежит")]
    {
        let mut chat = Chat::new();
        chat.sends(photo("a"), Some(caption));
        assert_eq!((chat.kind(), chat.quote().prompt.as_str()), (Kind::ImageVideo, prompt));
    }
}

#[test]
fn e42_the_caption_of_a_forwarded_photo_is_no_command() {
    let mut chat = Chat::new();
    let mut origin = chat.next_origin();
    origin.forwarded = true;
    let caption = Some("/video кот".to_owned());
    chat.turn(Event::Sent { content: photo("a"), caption, origin });
    assert_eq!((chat.kind(), chat.quote().prompt.as_str()), (Kind::Edit, "/video кот"));
}

#[test]
fn e8_a_file_that_telegram_keeps_back_is_explained_at_once() {
    let big = FileRef { size_bytes: Some(20 * 1024 * 1024 + 1), ..file("a") };
    for content in [
        Content::Picture { file: big.clone(), album: None },
        Content::Video { file: big.clone(), album: None },
        Content::File { file: big },
    ] {
        let mut chat = Chat::new();
        chat.sends(content, Some("кот в скафандре"));
        assert!(chat.words().contains("20 МБ"), "{}", chat.words());
        assert_eq!((chat.effects.len(), chat.session().stage), (1, Stage::Idle));
    }
}

#[test]
fn a_file_that_can_not_be_used_is_explained_and_the_words_wait_for_the_next() {
    for (problem, words) in [
        (FileProblem::NotMedia, "не картинка и не видео"),
        (FileProblem::Heic, "HEIC"),
        (FileProblem::Broken, "повреждён"),
        (FileProblem::Gone, "не дошёл"),
        (FileProblem::Busy, "Не получилось принять файл"),
        (FileProblem::TooBig { bytes_max: 20 * 1024 * 1024 }, "20 МБ"),
        (FileProblem::TooBig { bytes_max: 7_000_000 }, "7 МБ"),
    ] {
        let mut chat = Chat::new();
        chat.files.insert("bad".to_owned(), Err(problem));
        chat.sends(photo("bad"), None);
        assert!(chat.words().contains(words), "{}", chat.words());
        assert_eq!(chat.session().stage, Stage::Idle);
        chat.sends(photo("bad"), Some("сделай ярче")).sends(photo("good"), None);
        assert_eq!((chat.kind(), chat.quote().prompt.as_str()), (Kind::Edit, "сделай ярче"));
    }
}

#[test]
fn words_before_the_photo_belong_to_it() {
    let mut chat = Chat::new();
    chat.says("сделай небо розовым").sends(photo("a"), None);
    assert_eq!((chat.kind(), chat.quote().prompt.as_str()), (Kind::Edit, "сделай небо розовым"));
    assert!(chat.words().contains("Добавил файлы к заказу"), "{}", chat.words());
}

#[test]
fn words_while_the_photo_is_on_its_way_wait_for_it() {
    let mut chat = Chat::new();
    chat.slow = true;
    chat.sends(photo("a"), None);
    assert!(chat.screens().is_empty());
    chat.says("сделай небо розовым");
    assert!(chat.screens().is_empty());
    chat.arrives();
    assert_eq!((chat.kind(), chat.screens().len()), (Kind::Edit, 1));
}

#[test]
fn a_photo_that_never_arrives_does_not_silence_the_chat() {
    let mut chat = Chat::new();
    chat.slow = true;
    chat.sends(photo("a"), None).waits(Duration::from_secs(200)).says("кот в скафандре");
    assert!(chat.words().contains("Файл не дошёл"), "{}", chat.words());
    assert_eq!(chat.kind(), Kind::Image);
    chat.arrives();
    assert_eq!(chat.effects, []);
}

#[test]
fn a_photo_of_a_form_that_was_closed_is_passed_over() {
    let mut chat = Chat::new();
    chat.slow = true;
    chat.sends(photo("a"), None).says("/cancel").arrives();
    assert_eq!(chat.effects, []);
}

#[test]
fn an_order_that_leaves_without_a_coming_photo_leaves_the_photo_a_form_of_its_own() {
    let mut chat = Chat::new();
    chat.sends(photo("a"), Some("сделай ярче"));
    let create = chat.action("Создать").data();
    chat.slow = true;
    chat.sends(photo("b"), None).presses(&create);
    assert_eq!(chat.placed[0].inputs.len(), 1);
    chat.arrives();
    assert!(chat.words().contains("прошлый заказ уже был закрыт"), "{}", chat.words());
    assert!(chat.words().contains("Получил фото"));
}

#[test]
fn photos_that_come_one_by_one_join_and_two_make_a_video_between_them() {
    let mut chat = Chat::new();
    chat.sends(photo("a"), None).sends(photo("b"), None);
    assert!(chat.words().contains("Получил 2 фото"), "{}", chat.words());
    chat.taps("между двумя фото");
    assert_eq!(chat.kind(), Kind::FramesVideo);
    let slots: Vec<Slot> = chat.quote().inputs.iter().map(|input| input.slot).collect();
    assert_eq!(slots, [Slot::FirstFrame, Slot::LastFrame]);
    chat.sends(photo("c"), None);
    assert!(chat.words().contains("Возьму фото: 2 из 3"), "{}", chat.words());
}

#[test]
fn more_photos_than_a_model_takes_are_counted_out() {
    let mut chat = Chat::new();
    for name in 0..16 {
        chat.sends(photo(&name.to_string()), None);
    }
    chat.says("соедини всех в одном кадре");
    assert_eq!(chat.quote().inputs.len(), 14);
    assert!(chat.words().contains("Возьму фото: 14 из 16"), "{}", chat.words());
    for name in 0..10 {
        chat.sends(photo(&name.to_string()), None);
    }
    assert!(chat.kept.len() < 40_000 && chat.words().contains("первые 20"), "{}", chat.words());
}

#[test]
fn the_video_draft_takes_words_a_photo_or_a_clip() {
    let mut chat = Chat::new();
    chat.says("🎬 Создать видео");
    assert!(chat.words().contains("Опишите, что снять"), "{}", chat.words());
    let mut words = chat.clone();
    words.says("кот бежит по крыше");
    assert_eq!(words.kind(), Kind::TextVideo);
    let mut still = chat.clone();
    still.sends(photo("a"), None);
    assert_eq!(still.kind(), Kind::ImageVideo);
    still.sends(photo("b"), None);
    assert_eq!(still.kind(), Kind::FramesVideo);
    chat.sends(clip("clip"), None);
    assert!(chat.words().contains("что изменить в видео (8 с)"), "{}", chat.words());
    chat.says("сделай снег");
    assert_eq!(chat.kind(), Kind::VideoVideo);
}

#[test]
fn edit_asks_for_a_photo_and_keeps_the_words() {
    let mut chat = Chat::new();
    chat.says("/edit");
    assert!(chat.words().contains("Пришлите фото"), "{}", chat.words());
    chat.says("сделай ярче");
    assert!(chat.words().contains("пришлите фото") && chat.words().contains("«сделай ярче»"));
    let mut plain = chat.clone();
    plain.taps("Без файлов");
    assert_eq!((plain.kind(), plain.quote().prompt.as_str()), (Kind::Image, "сделай ярче"));
    chat.sends(photo("a"), None);
    assert_eq!((chat.kind(), chat.quote().prompt.as_str()), (Kind::Edit, "сделай ярче"));
    let mut waiting = Chat::new();
    waiting.sends(photo("a"), None).says("🛠 Редактировать");
    assert!(waiting.words().contains("что изменить на фото"), "{}", waiting.words());
}

#[test]
fn e11_a_clip_is_measured_before_it_is_priced() {
    let mut chat = Chat::new();
    chat.sends(clip("clip"), None);
    assert!(chat.words().contains("Получил видео, 8 с"), "{}", chat.words());
    chat.says("преврати лето в зиму");
    assert_eq!((chat.kind(), chat.quote().length_ms), (Kind::VideoVideo, Some(7_200)));
    assert!(chat.words().contains("изменение видео, 8 с"));
    assert_eq!(chat.quote().inputs[0].slot, Slot::BaseVideo);
    let short = chat.quote().price;
    chat.files.insert("long".to_owned(), Ok(measured_clip(9_900)));
    chat.sends(clip("long"), None);
    assert!(chat.words().contains("последнее видео"), "{}", chat.words());
    assert!(chat.quote().price > short);
    chat.taps("Создать");
    assert_eq!(chat.placed[0].length_ms, Some(9_900));
}

#[test]
fn e11_a_clip_can_lend_its_style_or_its_movement() {
    let mut chat = Chat::new().with_balance(3_000);
    chat.sends(clip("clip"), None);
    let mut style = chat.clone();
    style.taps("в этом стиле").says("город ночью");
    assert_eq!(style.quote().inputs[0].slot, Slot::FeatureVideo);
    assert!(style.words().contains("в стиле клипа"), "{}", style.words());
    chat.taps("Перенести движение");
    assert!(chat.words().contains("Пришлите фото"), "{}", chat.words());
    chat.sends(photo("a"), None);
    let slots: Vec<Slot> = chat.quote().inputs.iter().map(|input| input.slot).collect();
    assert_eq!((chat.kind(), slots), (Kind::Motion, vec![Slot::MotionImage, Slot::MotionVideo]));
    let mut reversed = Chat::new();
    reversed.sends(photo("a"), None).sends(clip("clip"), None);
    assert_eq!(reversed.kind(), Kind::Motion);
}

#[test]
fn e11_a_limit_is_named_before_any_money_is_held() {
    for (found, words) in [
        (measured_clip(2_000), "слишком короткое: нужно не меньше 3 с"),
        (measured_clip(60_000), "слишком длинное: можно до 15 с"),
    ] {
        let mut chat = Chat::new();
        chat.files.insert("clip".to_owned(), Ok(found));
        chat.sends(clip("clip"), Some("преврати лето в зиму"));
        assert!(chat.words().contains(words), "{}", chat.words());
        chat.files.clear();
        chat.sends(clip("clip"), None);
        assert_eq!(chat.quote().prompt, "преврати лето в зиму");
    }
    let mut chat = Chat::new();
    chat.files.insert("tiny".to_owned(), Ok(measured_photo(120, 90)));
    chat.sends(photo("tiny"), None).taps("Оживить");
    assert!(chat.words().contains("не меньше 300 пикселей"), "{}", chat.words());
    chat.sends(photo("good"), None);
    assert_eq!((chat.kind(), chat.quote().inputs.len()), (Kind::ImageVideo, 1));
}

#[test]
fn a_row_that_takes_the_clip_is_chosen_silently_unless_another_was_picked() {
    let mut chat = Chat::new().with_balance(3_000);
    chat.sends(clip("clip"), Some("преврати лето в зиму"));
    chat.taps("Настроить").taps("Модель").taps("Kling O1");
    assert_eq!(chat.choices().sku, "kling-o1-clip");
    chat.files.insert("clip-long".to_owned(), Ok(measured_clip(12_000)));
    chat.sends(clip("clip-long"), None);
    assert!(chat.words().contains("можно до 10 с"), "{}", chat.words());
    chat.taps("Взять Kling 3.0 Omni");
    assert_eq!(chat.choices().sku, "kling-3-omni-clip");
    let mut next = Chat::new().with_balance(3_000);
    next.session_remembers(Kind::VideoVideo, "kling-o1-clip");
    next.files.insert("clip-long".to_owned(), Ok(measured_clip(12_000)));
    next.sends(clip("clip-long"), Some("преврати лето в зиму"));
    assert_eq!(next.choices().sku, "kling-3-omni-clip");
}

#[test]
fn what_is_not_on_sale_is_neither_offered_nor_ordered() {
    let mut chat = Chat::new();
    chat.catalog.switch_off_where(|model| model.kind.is_video());
    chat.sends(photo("a"), None);
    assert!(!chat.buttons().iter().any(|(label, _)| label.contains("Оживить")));
    chat.says("/video кот бежит");
    assert!(chat.words().contains("Видео я сейчас не снимаю"), "{}", chat.words());
    let mut nothing = Chat::new();
    nothing.catalog.switch_off_where(|model| model.kind == Kind::Edit);
    nothing.sends(photo("a"), Some("сделай ярче"));
    assert!(nothing.words().contains("Изменять фото я сейчас не могу"), "{}", nothing.words());
}

#[test]
fn files_that_are_no_longer_kept_are_asked_for_again() {
    let mut chat = Chat::new();
    chat.sends(photo("a"), Some("сделай ярче"));
    chat.forgotten = true;
    chat.taps("Создать");
    assert!(chat.words().contains("больше не хранятся"), "{}", chat.words());
    assert_eq!((chat.placed.len(), chat.customer.cash), (0, Kopecks::from_rubles(300)));
    chat.forgotten = false;
    chat.sends(photo("a"), None).taps("Создать");
    assert_eq!((chat.placed.len(), chat.placed[0].prompt.as_str()), (1, "сделай ярче"));
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
    for content in [Content::Other, Content::File { file: file("a.zip") }] {
        chat.sends(content, None);
        assert!(chat.words().contains("/menu"));
        assert!(matches!(chat.screens()[0].keyboard, Keyboard::Main(_)));
    }
}

#[test]
fn an_offer_that_ran_out_is_not_what_new_words_or_photos_are_about() {
    let hour = Duration::from_secs(3_600);
    let mut chat = Chat::new();
    chat.sends(photo("a"), Some("сделай ярче")).waits(hour).says("кот на Луне");
    assert_eq!((chat.kind(), chat.quote().prompt.as_str()), (Kind::Image, "кот на Луне"));
    chat.waits(hour).sends(photo("b"), None);
    assert!(chat.words().contains("Получил фото"), "{}", chat.words());
}

#[test]
fn a_command_with_words_is_a_new_order_unless_files_wait_for_it() {
    let mut chat = Chat::new();
    chat.sends(photo("a"), Some("сделай ярче")).says("/video кот бежит по крыше");
    assert_eq!(chat.kind(), Kind::TextVideo);
    chat.says("/cancel").sends(photo("a"), None).says("/video облака плывут");
    assert_eq!(chat.kind(), Kind::ImageVideo);
    chat.says("/image кот на Луне");
    assert_eq!(chat.kind(), Kind::Image);
}

#[test]
fn t3_markup_in_a_caption_is_shown_as_words_and_kept_as_written() {
    for caption in super::markup::hostile_prompts() {
        if crate::is_meaningful(&caption) {
            let mut chat = Chat::new();
            chat.sends(photo("a"), Some(&caption));
            assert_eq!(chat.session().form.prompt, Some(caption));
        }
    }
}

#[test]
fn a_photo_with_words_in_reply_to_a_result_joins_it() {
    let mut chat = Chat::new();
    let order = chat.order(7, rei_domain::order::OrderState::Delivered, "кот").id;
    chat.replied = Some((order, 1));
    chat.sends(photo("hat"), Some("надень на него эту шляпу"));
    assert_eq!((chat.kind(), chat.quote().inputs.len(), chat.screens().len()), (Kind::Edit, 2, 1));
}
