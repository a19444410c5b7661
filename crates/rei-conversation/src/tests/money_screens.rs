//! The screens about money as customers read them, kept as pages.

use std::time::Duration;

use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_texts::Lang;

use super::chat::Chat;
use super::screens::show;
use super::till::{card, stars};
use crate::{
    Action, Event, OrderRefusal, PaymentRefusal, PromoAnswer, Question, statement_buttons,
};

fn chat(lang: Lang) -> Chat {
    let mut chat = Chat::new().with_balance(40);
    chat.customer.lang = lang;
    chat
}

fn order(chat: &mut Chat) -> &mut Chat {
    let prompt = match chat.customer.lang {
        Lang::Ru => "кот в скафандре на Луне",
        Lang::En => "a cat in a spacesuit on the Moon",
    };
    chat.says(prompt);
    let create = chat.create_data();
    chat.presses(&create)
}

/// Topping up, with everything that may stand in the way.
fn pay_page(lang: Lang) -> String {
    let mut page = String::new();
    let rubles = Kopecks::from_rubles;
    let top_up = Action::TopUp(Rail::YooKassa, 20_000).data();
    let mut chat = chat(lang);
    (chat.till.terms_accepted, chat.till.email_needed) = (false, true);
    chat.till.rails = vec![card(), stars()];
    show(&mut page, "/pay", chat.says("/pay"));
    show(&mut page, "by Stars", chat.presses("v1:payby:stars"));
    show(&mut page, "another sum", chat.presses("v1:othersum:yookassa"));
    for junk in ["abc", "1,234", "0", "9"] {
        show(&mut page, junk, chat.says(junk));
    }
    show(&mut page, "10,50", chat.says("10,50"));
    show(&mut page, "in Stars", chat.presses("v1:othersum:stars"));
    show(&mut page, "200 by card", chat.presses(&top_up));
    show(&mut page, "/terms", chat.says("/terms"));
    show(&mut page, "accepted", chat.presses("v1:accept:-:1"));
    show(&mut page, "not an address", chat.says("@"));
    show(&mut page, "an address", chat.says("anna@example.com"));
    let mut payment = chat.payment();
    show(&mut page, "pending", chat.turn(Event::PaymentPending { payment: payment.clone() }));
    let check = Action::CheckPayment(payment.id).data();
    show(&mut page, "check", chat.presses(&check));
    show(&mut page, "/pay with an open payment", chat.says("/pay"));
    chat.no_payments = Some(PaymentRefusal::TooMany { retry_minutes: 12 });
    show(&mut page, "too many", chat.presses(&top_up));
    payment.reason = Some("insufficient_funds".to_owned());
    let failed = Event::PaymentFailed { payment: payment.clone(), will_retry: false };
    show(&mut page, "failed", chat.turn(failed));
    show(&mut page, "retried", chat.turn(Event::PaymentFailed { payment, will_retry: true }));
    show(&mut page, "/paysupport", chat.says("/paysupport"));
    show(&mut page, "paid", chat.pays_with_bonus(50));
    show(&mut page, "check again", chat.presses(&check));
    show(&mut page, "no bills", chat.says("check payment"));
    show(&mut page, "/settings", chat.says("/settings"));
    show(&mut page, "the address", chat.presses("v1:email:-"));
    show(&mut page, "changed", chat.says("anna2@example.com"));
    show(&mut page, "deleted", chat.presses("v1:emaildrop:-"));
    show(&mut page, "no address", chat.says("/settings"));
    show(&mut page, "accepted before", chat.presses("v1:accept:-:1"));
    show(&mut page, "an older version", chat.presses("v1:accept:-:0"));
    for (foreign, debt) in [(false, None), (true, Some(rubles(70)))] {
        let (sum, rail) = (rubles(200), Rail::YooKassa);
        show(&mut page, "refund", chat.turn(Event::Refunded { sum, rail, foreign, debt }));
    }
    let back = Event::Refunded { sum: rubles(9), rail: Rail::Stars, foreign: false, debt: None };
    show(&mut page, "refund in Stars", chat.turn(back));
    show(&mut page, "no refund", chat.turn(Event::RefundFailed { sum: rubles(200) }));
    chat.till.rails = vec![stars()];
    show(&mut page, "no cards", chat.presses(&top_up));
    chat.till.rails.clear();
    show(&mut page, "no top-ups", chat.says("/pay"));
    page
}

/// The held order from its beginning to its ends.
fn held_page(lang: Lang) -> String {
    let mut page = String::new();
    let mut chat = chat(lang);
    chat.till.rails = vec![card(), stars()];
    show(&mut page, "not enough", order(&mut chat));
    let id = chat.session().held.expect("it is kept").id;
    let pay = Action::PayHeld(id, Rail::YooKassa).data();
    show(&mut page, "to be paid", chat.presses(&pay));
    show(&mut page, "/balance", chat.says("/balance"));
    show(&mut page, "shown", chat.presses(&Action::Held(id).data()));
    show(&mut page, "paid", chat.clone().pays());
    show(&mut page, "paid at a lower price", chat.clone().sell_for(45).pays());
    show(&mut page, "paid at a higher price", chat.clone().sell_for(75).pays());
    let mut other = chat.clone();
    other.catalog.switch_off("nano-banana-pro");
    show(&mut page, "paid and not on sale", other.pays());
    let mut other = chat.clone();
    other.down.insert("gemini".to_owned());
    show(&mut page, "paid and down", other.pays());
    let top_up = Action::TopUp(Rail::YooKassa, 20_000).data();
    show(&mut page, "other money", chat.clone().presses(&top_up).pays());
    let mut other = chat.clone();
    other.says(if lang == Lang::Ru { "пёс на скейте" } else { "a dog on a skateboard" });
    let create = other.create_data();
    show(&mut page, "replaced", other.presses(&create));
    show(&mut page, "dropped", chat.clone().presses(&Action::HeldDrop(id).data()));
    chat.says("/menu");
    show(&mut page, "after a day", chat.sleeps(Duration::from_secs(24 * 3600)));
    show(&mut page, "paid after that", chat.pays());
    chat.session_forgets();
    show(&mut page, "nothing held", chat.presses(&Action::Held(id).data()));
    let mut chat = Chat::new().with_balance(47);
    chat.customer.lang = lang;
    show(&mut page, "below the least", order(&mut chat));
    let mut chat = Chat::new().with_balance(40);
    chat.customer.lang = lang;
    chat.till.rails.clear();
    show(&mut page, "without a way to pay", order(&mut chat));
    page
}

/// What stops orders, promo codes, the statement.
fn rest_page(lang: Lang) -> String {
    let mut page = String::new();
    let mut frozen = chat(lang).with_balance(-70);
    frozen.customer.lang = lang;
    frozen.till.frozen = true;
    show(&mut page, "a debt", order(&mut frozen));
    show(&mut page, "/balance with a debt", frozen.says("/balance"));
    show(&mut page, "/pay with a debt", frozen.says("/pay"));
    let mut banned = chat(lang);
    banned.till.banned = Some("spam".to_owned());
    show(&mut page, "banned", order(&mut banned));
    show(&mut page, "/pay when banned", banned.says("/pay"));
    for text in [None, Some("back at 12:00".to_owned())] {
        let mut chat = chat(lang).with_balance(300);
        chat.customer.lang = lang;
        chat.no_orders = Some(OrderRefusal::Maintenance { text });
        show(&mut page, "maintenance", order(&mut chat));
    }
    let mut chat = chat(lang);
    show(&mut page, "/promo", chat.says("/promo"));
    assert_eq!(chat.session().question, Some(Question::Promo));
    show(&mut page, "a wrong one", chat.says("OOPS"));
    let (sum, balance) = (Kopecks::from_rubles(50), Kopecks::ZERO);
    for answer in [
        PromoAnswer::Given { sum, balance },
        PromoAnswer::Expired,
        PromoAnswer::UsedUp,
        PromoAnswer::UsedByYou,
        PromoAnswer::NotForYou,
    ] {
        let title = format!("{answer:?}");
        chat.promos.insert("X".to_owned(), answer);
        let title = title.split(' ').next().expect("a name");
        show(&mut page, title, chat.says("/promo X"));
    }
    let delivered = chat.order(7, OrderState::Delivered, "x");
    chat.history = vec![delivered];
    show(&mut page, "/history", chat.says("/history"));
    for row in statement_buttons(lang, 1, true) {
        let labels: Vec<String> = row.iter().map(|button| format!("[{}]", button.label)).collect();
        page.push_str(&labels.join(" "));
        page.push('\n');
    }
    page
}

#[test]
fn the_screens_of_paying_in_both_languages() {
    insta::assert_snapshot!("pay_ru", pay_page(Lang::Ru));
    insta::assert_snapshot!("pay_en", pay_page(Lang::En));
}

#[test]
fn the_screens_of_the_held_order_in_both_languages() {
    insta::assert_snapshot!("held_ru", held_page(Lang::Ru));
    insta::assert_snapshot!("held_en", held_page(Lang::En));
}

#[test]
fn the_screens_that_stop_and_give_in_both_languages() {
    insta::assert_snapshot!("rest_ru", rest_page(Lang::Ru));
    insta::assert_snapshot!("rest_en", rest_page(Lang::En));
}

#[test]
fn phrases_about_money_that_the_product_promises_stand_as_written() {
    let pages = format!("{}{}", pay_page(Lang::Ru), held_page(Lang::Ru)).replace('\u{202f}', " ");
    for phrase in [
        "Не хватает <b>10 ₽</b>",
        "Заказ сохранён на 24 часа и запустится сразу после оплаты.",
        "Оплатить ровно 10 ₽",
        "Ждём подтверждения банка. Обычно до минуты",
        "Зачислено 200 ₽. Баланс: 290 ₽",
        "Проверить оплату",
        "Другая сумма",
        "Отменить заказ",
    ] {
        assert!(pages.contains(phrase), "{phrase}");
    }
}
