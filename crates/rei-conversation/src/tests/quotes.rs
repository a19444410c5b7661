//! Offers: what they promise, how they grow old, and what their buttons do twice or too late.

use std::time::Duration;

use rei_domain::money::Kopecks;

use super::chat::Chat;
use crate::{Action, Choice, Scope, Stage};

const PAST_EXPIRY: Duration = Duration::from_millis(15 * 60 * 1000 + 1);

#[test]
fn an_offer_shows_the_balance_before_and_after_and_charges_nothing() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре");
    let words = chat.words();
    for promise in [
        "Проверьте заказ",
        "«кот в скафандре»",
        "NanoBanana Pro · 1:1 · 2K",
        "Цена: <b>50 ₽</b> · На балансе: 300 ₽ → останется 250 ₽",
        "Деньги спишутся только за готовый результат",
    ] {
        assert!(words.contains(promise), "{words}");
    }
    assert_eq!(chat.placed, []);
}

#[test]
fn t4_ten_taps_on_create_make_one_order_and_ten_answers() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре");
    let create = chat.action("Создать").data();
    for tap in 0..10 {
        chat.presses(&create);
        let toast = if tap == 0 {
            "Принято"
        } else {
            "Такой заказ уже в работе."
        };
        assert_eq!(chat.toast(), Some(toast));
    }
    assert_eq!(chat.placed.len(), 1);
    assert_eq!(chat.customer.cash, Kopecks::from_rubles(250));
}

#[test]
fn e35_a_stale_button_shows_a_fresh_offer() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре");
    let stale = chat.action("Создать").data();
    chat.says("пёс в скафандре");
    let newest = chat.quote();
    chat.presses(&stale);
    assert_eq!(chat.toast(), Some("Экран устарел."));
    assert!(chat.words().contains("Экран устарел, вот свежий"), "{}", chat.words());
    assert!(chat.words().contains("«пёс в скафандре»"));
    assert_ne!(chat.quote().id, newest.id);
    assert_eq!(chat.placed, []);
}

#[test]
fn e35_the_button_of_an_offer_that_was_left_brings_its_words_back() {
    for leave in ["/menu", "/image", "/cancel"] {
        let mut chat = Chat::new();
        chat.says("/image").taps("Размер").taps("4K").says("кот в скафандре");
        let create = chat.action("Создать").data();
        chat.says(leave).presses(&create);
        assert!(chat.words().contains("вот свежий") && chat.words().contains("«кот в скафандре»"));
        assert_eq!(chat.choices().size, "4K");
        assert_eq!(chat.placed, []);
    }
}

#[test]
fn e35_the_button_of_a_forgotten_offer_shows_a_fresh_form() {
    let mut other = Chat::new();
    other.says("кот в скафандре");
    for label in ["Создать", "Изменить", "Настроить"] {
        let mut chat = Chat::new();
        chat.presses(&other.action(label).data());
        assert!(chat.words().contains("вот свежий") && chat.words().contains("Опишите"));
    }
}

#[test]
fn e36_a_price_that_changed_is_honoured_until_the_offer_ends() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").sell_for(75).taps("Создать за 50 ₽");
    assert_eq!(chat.placed[0].price, Kopecks::from_rubles(50));
}

#[test]
fn t10_an_old_confirmation_after_a_price_change_shows_a_new_offer_and_charges_nothing() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").sell_for(75).waits(PAST_EXPIRY).taps("Создать за 50 ₽");
    assert_eq!(chat.placed, []);
    assert!(chat.words().contains("Цена изменилась"), "{}", chat.words());
    assert!(chat.words().contains("Цена: <b>75 ₽</b>"));
    chat.taps("Создать за 75 ₽");
    assert_eq!(chat.placed[0].price, Kopecks::from_rubles(75));
    assert_eq!(chat.placed[0].prompt, "кот в скафандре");
}

#[test]
fn e36_an_expired_offer_at_the_same_price_is_shown_afresh() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").waits(PAST_EXPIRY).taps("Создать");
    assert!(chat.words().contains("вот свежий"));
    assert_eq!(chat.placed, []);
    assert_eq!(chat.taps("Создать").placed.len(), 1);
}

#[test]
fn e40_the_same_request_within_a_minute_asks_whether_one_more_is_meant() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").taps("Создать");
    chat.waits(Duration::from_secs(5)).says("кот в скафандре");
    assert!(chat.words().contains("Вы уже заказали это 5 с назад. Ещё один?"), "{}", chat.words());
    assert_eq!(chat.taps("Создать").placed.len(), 2);
    chat.waits(Duration::from_secs(61)).says("кот в скафандре");
    assert!(!chat.words().contains("назад"));
}

#[test]
fn e40_other_words_or_the_button_for_one_more_are_not_questioned() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").taps("Создать").says("кот в шляпе");
    assert!(!chat.words().contains("назад"));
    let again = Action::Again(chat.active[0].id).data();
    chat.presses(&again);
    assert!(chat.words().contains("«кот в скафандре»") && !chat.words().contains("назад"));
}

#[test]
fn e27_while_the_service_is_down_nothing_is_held_and_nothing_is_lost() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре");
    chat.down.insert("gemini".to_owned());
    chat.taps("Создать");
    assert!(chat.words().contains("временно недоступно"), "{}", chat.words());
    chat.taps("Попробовать снова");
    assert!(chat.words().contains("временно недоступно"));
    assert_eq!(chat.placed, []);
    chat.down.clear();
    assert_eq!(chat.taps("Попробовать снова").taps("Создать").placed.len(), 1);
}

#[test]
fn e27_the_menu_says_that_the_service_is_down() {
    let mut chat = Chat::new();
    chat.down.insert("gemini".to_owned());
    chat.says("/menu");
    assert!(chat.words().contains("временно недоступно") && chat.words().contains("Главное меню"));
}

#[test]
fn the_way_back_from_the_pickers_is_the_same_offer() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре");
    let id = chat.quote().id;
    chat.taps("Настроить");
    assert!(chat.words().contains("«кот в скафандре»"), "{}", chat.words());
    chat.taps("Размер: 2K").taps("Назад");
    assert_eq!(chat.quote().id, id);
    assert!(chat.words().contains("Проверьте заказ"));
    chat.taps("Настроить").taps("Назад").taps("Создать");
    assert_eq!(chat.placed[0].id, id);
}

#[test]
fn the_way_back_to_an_offer_that_ended_is_a_fresh_one() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").taps("Настроить").waits(PAST_EXPIRY).sell_for(60);
    chat.taps("Назад");
    assert!(chat.words().contains("Цена изменилась") && chat.words().contains("60 ₽"));
}

#[test]
fn an_adjusted_offer_is_a_new_one_and_the_old_one_is_stale() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре");
    let old = chat.action("Создать").data();
    chat.taps("Настроить").taps("Размер").taps("1K · 30 ₽");
    assert!(chat.words().contains("Цена: <b>30 ₽</b>"), "{}", chat.words());
    assert_eq!(chat.quote().prompt, "кот в скафандре");
    chat.presses(&old);
    assert_eq!(chat.placed, []);
    assert!(chat.words().contains("Цена: <b>30 ₽</b>"));
}

#[test]
fn other_words_keep_the_choices() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").taps("Настроить").taps("Формат").taps("16:9").taps("Изменить");
    assert!(chat.words().contains("Напишите новое описание"));
    chat.says("пёс в скафандре");
    assert_eq!(chat.choices().ratio, "16:9");
    assert_eq!(chat.quote().prompt, "пёс в скафандре");
}

#[test]
fn a_dropped_offer_is_gone_and_dropping_an_old_one_leaves_the_new_one_alone() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре");
    let drop_old = chat.action("Отмена").data();
    chat.says("пёс в скафандре").presses(&drop_old);
    // It may have become an order on another screen: nothing is said about its money.
    assert!(chat.toast().is_some_and(|toast| toast.contains("устарел")), "{:?}", chat.toast());
    assert!(!chat.words().contains("деньги не тронуты"));
    assert_eq!(chat.quote().prompt, "пёс в скафандре");
    chat.says("пёс в скафандре").taps("Отмена");
    assert_eq!(chat.session().stage, Stage::Idle);
}

#[test]
fn e17_too_little_money_names_the_missing_sum_and_a_cheaper_way() {
    let mut chat = Chat::new().with_balance(40);
    chat.says("кот в скафандре");
    assert!(chat.words().contains("Не хватает 10 ₽"), "{}", chat.words());
    chat.taps("Создать за 50 ₽");
    assert!(chat.words().contains("Не хватает <b>10 ₽</b>"), "{}", chat.words());
    assert_eq!(chat.toast(), None);
    assert_eq!(chat.placed, []);
    chat.taps("Выбрать дешевле: 1K за 30 ₽").taps("Создать за 30 ₽");
    assert_eq!(chat.placed[0].price, Kopecks::from_rubles(30));
}

#[test]
fn e20_money_that_came_meanwhile_lets_the_open_offer_through() {
    let mut chat = Chat::new().with_balance(40);
    chat.says("кот в скафандре").taps("Создать").customer.bonus = Kopecks::from_rubles(10);
    assert_eq!(chat.taps("Создать за 50 ₽").placed.len(), 1);
}

#[test]
fn a_model_taken_off_sale_is_not_sold_by_an_old_button() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").catalog.switch_off("nano-banana-pro");
    chat.taps("Создать");
    assert!(chat.words().contains("больше не продаётся"), "{}", chat.words());
    assert_eq!((chat.placed.len(), chat.choices().sku.as_str()), (0, "nano-banana-2"));
    chat.catalog.switch_off("nano-banana-2");
    chat.taps("Создать");
    assert!(chat.words().contains("картинки не рисую"), "{}", chat.words());
    assert_eq!(chat.placed, []);
}

#[test]
fn e27_a_service_for_videos_that_is_down_does_not_stop_pictures() {
    let mut chat = Chat::new();
    chat.down.insert("kling".to_owned());
    chat.says("/menu");
    assert!(chat.words().contains("Видео временно недоступно"), "{}", chat.words());
    chat.says("/video кот бежит по крыше");
    assert!(chat.words().contains("Видео временно недоступно"), "{}", chat.words());
    chat.says("/image кот в скафандре");
    assert_eq!(chat.taps("Создать").placed.len(), 1);
}

#[test]
fn every_choice_of_a_picker_costs_what_its_button_says() {
    for opening in ["кот в скафандре", "/video кот бежит по крыше"] {
        for choice in Choice::ALL.into_iter().filter(|choice| *choice != Choice::Model) {
            let mut chat = Chat::new().with_balance(10_000);
            chat.says(opening);
            let options = Action::Options(Scope::Form, choice);
            chat.taps("Настроить");
            if !chat.buttons().iter().any(|(_, action)| *action == options) {
                continue;
            }
            chat.presses(&options.data());
            for (label, action) in chat.buttons() {
                let mut chosen = chat.clone();
                if let Action::Choose(..) = action {
                    chosen.presses(&action.data());
                    let price = chosen.quote().price.to_string().replace('\u{202f}', " ");
                    assert!(label.ends_with(&price) || choice == Choice::Ratio, "{label}: {price}");
                    assert!(chosen.action("Создать за").data() == chosen.create_data());
                }
            }
        }
    }
}

#[test]
fn another_model_keeps_what_it_has_too_and_is_remembered() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").taps("Настроить").taps("Формат").taps("16:9");
    chat.taps("Настроить").taps("Модель");
    assert!(chat.action("NanoBanana 2 · от 20 ₽").data().contains("nano-banana-2"));
    chat.taps("NanoBanana 2").taps("Создать");
    assert_eq!(chat.placed[0].choices.ratio, "16:9");
    chat.says("пёс в скафандре");
    assert_eq!(chat.choices().sku, "nano-banana-2");
    chat.sends(super::chat::photo("a"), Some("сделай ярче"));
    assert_eq!(chat.choices().sku, "nano-banana-2-edit", "an edit follows the model of pictures");
    assert_eq!(chat.choices().ratio, "source");
}

#[test]
fn e17_a_video_offers_a_shorter_or_a_smaller_one() {
    let mut chat = Chat::new().with_balance(80);
    chat.says("/video кот бежит по крыше");
    assert!(chat.words().contains("Не хватает 20 ₽"), "{}", chat.words());
    chat.taps("Выбрать дешевле: 3 с за 60 ₽").taps("Создать за 60 ₽");
    assert_eq!(chat.placed[0].choices.seconds, 3);
}

#[test]
fn several_pictures_are_one_order() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").taps("Настроить").taps("Штук").taps("4 шт. · 200 ₽");
    assert!(chat.words().contains("4 шт.") && chat.words().contains("200 ₽"), "{}", chat.words());
    chat.taps("Создать за 200 ₽");
    assert_eq!(chat.placed[0].choices.count, 4);
}
