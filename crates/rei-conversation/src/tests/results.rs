//! The buttons under a result, favourites, quick mode and the settings.

use std::time::Duration;

use rei_domain::catalog::Kind;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;

use super::chat::{Chat, clip, measured_photo, photo};
use crate::{Action, Effect, OrderBrief};

/// A chat with one delivered picture.
fn delivered() -> (Chat, OrderBrief) {
    let mut chat = Chat::new();
    let mut order = chat.order(7, OrderState::Delivered, "рыжий кот");
    order.choices.size = "1K".to_owned();
    chat.history = vec![order.clone()];
    (chat, order)
}

#[test]
fn a_result_can_be_edited_animated_and_made_larger() {
    let (chat, order) = delivered();
    let id = order.id;
    let mut redo = chat.clone();
    redo.presses(&Action::Redo(id, 1).data());
    assert!(redo.words().contains("что изменить на фото"), "{}", redo.words());
    redo.says("надень на него шляпу");
    assert_eq!((redo.kind(), redo.quote().inputs.len()), (Kind::Edit, 1));
    let mut animate = chat.clone();
    animate.presses(&Action::Animate(id, 1).data());
    assert_eq!((animate.kind(), animate.quote().prompt.as_str()), (Kind::ImageVideo, ""));
    let mut upscale = chat.clone();
    upscale.presses(&Action::Upscale(id, 3).data());
    assert!(upscale.effects.contains(&Effect::UseResult { order: id, item: 3 }));
    assert_eq!((upscale.kind(), upscale.choices().size.as_str()), (Kind::Edit, "2K"));
    assert!(upscale.quote().prompt.contains("детализацией"));
    upscale.sends(photo("a"), Some("сделай ярче"));
    assert_eq!(
        upscale.choices().size,
        "2K",
        "the default of edits, not the size of one enlargement"
    );
}

#[test]
fn the_largest_size_is_told_with_a_toast() {
    let (mut chat, _) = delivered();
    chat.history[0].choices.size = "4K".to_owned();
    let id = chat.history[0].id;
    chat.presses(&Action::Upscale(id, 1).data());
    assert_eq!((chat.toast(), chat.effects.len()), (Some("Крупнее эта модель не умеет."), 1));
    chat.history[0].kind = Kind::TextVideo;
    chat.presses(&Action::Upscale(id, 1).data());
    assert_eq!(chat.effects.len(), 1);
}

#[test]
fn a_result_that_is_gone_is_told_and_nothing_stays_open() {
    let (mut chat, order) = delivered();
    chat.forgotten = true;
    for action in
        [Action::Redo(order.id, 1), Action::Animate(order.id, 1), Action::Original(order.id)]
    {
        chat.presses(&action.data());
        assert!(chat.words().contains("больше не хранится"), "{action:?}: {}", chat.words());
        assert!(!chat.quote_is_open());
    }
}

#[test]
fn the_original_comes_again_and_favourites_are_marked_and_unmarked() {
    let (mut chat, order) = delivered();
    chat.presses(&Action::Original(order.id).data());
    assert!(chat.effects.contains(&Effect::SendOriginal { order: order.id }));
    chat.presses(&Action::Star(order.id).data());
    assert_eq!(chat.toast(), Some("⭐ Добавлено в избранное"));
    assert!(chat.history[0].favourite);
    chat.presses(&Action::Star(order.id).data());
    assert_eq!(chat.toast(), Some("Убрано из избранного"));
    assert!(!chat.history[0].favourite);
}

#[test]
fn an_order_with_files_is_repeated_and_reworded_with_them() {
    let mut chat = Chat::new().with_balance(3_000);
    chat.sends(photo("a"), None).sends(clip("clip"), None).taps("Создать");
    let order = chat.active[0].clone();
    assert_eq!(order.kind, Kind::Motion);
    chat.presses(&Action::Again(order.id).data());
    assert_eq!((chat.kind(), &chat.quote().inputs), (Kind::Motion, &chat.placed[0].inputs));
    assert_eq!(chat.quote().price, chat.placed[0].price);
    chat.presses(&Action::Rewrite(order.id).data());
    assert!(chat.words().contains("Напишите новое описание"), "{}", chat.words());
    assert!(chat.words().contains("фото: 1 · видео: 1"), "{}", chat.words());
    chat.says("танцует в дожде");
    assert_eq!((chat.kind(), chat.quote().prompt.as_str()), (Kind::Motion, "танцует в дожде"));
    let mut poor = chat.clone();
    poor.active[0].inputs.clear();
    poor.presses(&Action::Again(order.id).data());
    assert!(poor.words().contains("больше не хранятся"), "{}", poor.words());
    assert!(!poor.quote_is_open());
}

#[test]
fn repeating_keeps_the_order_s_choices_and_leaves_the_remembered_ones_alone() {
    let (mut chat, order) = delivered();
    chat.presses(&Action::Again(order.id).data());
    assert_eq!(
        (chat.choices().size.as_str(), chat.quote().price),
        ("1K", Kopecks::from_rubles(30))
    );
    chat.taps("Создать").says("пёс на скейте");
    assert_eq!(chat.choices().size, "2K");
}

#[test]
fn quick_mode_orders_at_once_up_to_its_limit() {
    let (mut chat, order) = delivered();
    chat.says("кот в скафандре");
    assert_eq!(chat.placed, [], "quick mode is off by default");
    chat.says("/settings").taps("Без подтверждения").taps("до 50 ₽");
    assert!(chat.words().contains("до 50 ₽"), "{}", chat.words());
    chat.says("пёс в скафандре");
    assert_eq!(chat.placed.len(), 1);
    assert!(chat.words().contains("50 ₽ удержано"), "{}", chat.words());
    chat.says("пёс в скафандре");
    assert!(chat.words().contains("Вы уже заказали это"), "{}", chat.words());
    chat.sends(photo("a"), Some("сделай ярче"));
    assert_eq!(chat.placed.len(), 2);
    chat.says("/video кот бежит по крыше");
    assert_eq!((chat.placed.len(), chat.kind()), (2, Kind::TextVideo));
    chat.active.clear();
    let again = Action::Again(order.id).data();
    chat.presses(&again);
    assert_eq!(chat.placed.len(), 3);
    chat.presses(&again);
    assert!(chat.words().contains("Вы уже заказали это"), "{}", chat.words());
    chat.waits(Duration::from_secs(61)).presses(&again);
    assert_eq!(chat.placed.len(), 4);
}

#[test]
fn quick_mode_asks_when_money_is_short_or_something_has_to_be_said() {
    let mut chat = Chat::new().with_balance(40);
    chat.presses("v1:quick:-:200").says("кот в скафандре");
    assert!(chat.words().contains("Не хватает 10 ₽"), "{}", chat.words());
    chat.taps("дешевле");
    assert_eq!(chat.placed, [], "a price that is looked at is confirmed");
    let mut many = Chat::new();
    many.presses("v1:quick:-:200").says("/video");
    for name in ["a", "b", "c"] {
        many.sends(photo(name), None);
    }
    assert!(many.placed.len() <= 2);
    let mut down = Chat::new();
    down.down.insert("gemini".to_owned());
    down.presses("v1:quick:-:200").says("кот в скафандре");
    assert_eq!(down.placed, []);
    down.presses("v1:quick:-:7").says("/settings");
    assert!(down.words().contains("выключено"), "{}", down.words());
}

#[test]
fn the_settings_choose_a_model_for_pictures_and_for_videos() {
    let mut chat = Chat::new().with_balance(3_000);
    chat.files.insert("a".to_owned(), Ok(measured_photo(1_280, 960)));
    chat.says("/settings");
    assert!(chat.words().contains("NanoBanana Pro · 1:1 · 2K · 1 шт."), "{}", chat.words());
    chat.taps("🎬 Видео").taps("Модель").taps("Kling 2.6").taps("Качество").taps("1080p");
    assert!(chat.words().contains("Kling 2.6 · 16:9 · 1080p"), "{}", chat.words());
    chat.taps("Назад").says("/video кот бежит по крыше");
    assert_eq!((chat.choices().sku.as_str(), chat.choices().size.as_str()), ("kling-26", "1080p"));
    chat.sends(photo("a"), Some("/video"));
    assert_eq!(chat.choices().sku, "kling-26-image");
    chat.says("кот");
    assert!(chat.quote_is_open());
}

#[test]
fn settings_leave_an_open_offer_alone() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре");
    let quote = chat.quote();
    chat.says("/settings").taps("🎨 Картинки").taps("Размер").taps("4K");
    assert_eq!(chat.quote(), quote);
    assert_eq!(chat.presses(&Action::Create(quote.id).data()).placed, [quote]);
}
