//! Promo codes.

use rei_domain::money::Kopecks;

use super::chat::Chat;
use crate::{Effect, PromoAnswer, Question};

#[test]
fn a_code_works_with_the_command_the_question_and_a_link() {
    for say in [&["/promo SPRING-26"][..], &["/promo", "SPRING-26"], &["/start promo_SPRING-26"]] {
        let mut chat = Chat::new();
        let (sum, balance) = (Kopecks::from_rubles(50), Kopecks::ZERO);
        chat.promos.insert("SPRING-26".to_owned(), PromoAnswer::Given { sum, balance });
        for words in say {
            chat.says(words);
        }
        assert!(chat.words().contains("50 ₽ бонусом. Баланс: 350 ₽"), "{}", chat.words());
        assert_eq!(chat.session().question, None);
    }
}

#[test]
fn every_refusal_of_a_code_has_its_own_words() {
    let mut chat = Chat::new();
    let mut seen = Vec::new();
    for answer in [
        PromoAnswer::Unknown,
        PromoAnswer::Expired,
        PromoAnswer::UsedUp,
        PromoAnswer::UsedByYou,
        PromoAnswer::NotForYou,
    ] {
        chat.promos.insert("X".to_owned(), answer);
        chat.says("/promo X");
        assert!(!seen.contains(&chat.words()), "{}", chat.words());
        seen.push(chat.words());
        chat.taps("Промокод");
        assert_eq!(chat.session().question, Some(Question::Promo));
    }
}

#[test]
fn what_can_not_be_a_code_is_not_looked_up() {
    for junk in ["кот на Луне", "<b>", "a;b", &"x".repeat(33), "\u{202e}x"] {
        let mut chat = Chat::new();
        chat.says("/promo").says(junk);
        assert!(chat.words().contains("Такого промокода нет"), "{junk}: {}", chat.words());
        let looked = |effect: &Effect| matches!(effect, Effect::UsePromo { .. });
        assert!(!chat.effects.iter().any(looked));
    }
}

#[test]
fn p12_a_bonus_offers_the_held_order_and_does_not_start_it() {
    let mut chat = Chat::new().with_balance(40);
    chat.says("кот в скафандре").taps("Создать");
    let (sum, balance) = (Kopecks::from_rubles(50), Kopecks::ZERO);
    chat.promos.insert("X".to_owned(), PromoAnswer::Given { sum, balance });
    chat.says("/promo X");
    assert_eq!(chat.placed, []);
    assert_eq!(chat.taps("Отложенный заказ").taps("Создать за 50 ₽").placed.len(), 1);
}
