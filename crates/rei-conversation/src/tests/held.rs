//! The held order: put by when the money doesn't suffice, started by the money that was paid for it, and by nothing
//! else.

use std::time::Duration;

use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_domain::payment::PaymentState;

use super::chat::{Chat, photo};
use super::till::{card, stars};
use crate::{Action, Effect, Event, OrderRefusal, Stage};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A customer with 40 ₽ whose order of 50 ₽ was put by.
fn held() -> Chat {
    let mut chat = Chat::new().with_balance(40);
    chat.says("кот в скафандре").taps("Создать за 50 ₽");
    assert!(chat.session().held.is_some());
    chat
}

fn rubles(rubles: i64) -> Kopecks {
    Kopecks::from_rubles(rubles)
}

#[test]
fn e17_the_order_is_kept_and_exactly_the_missing_sum_is_offered() {
    let mut chat = held();
    assert!(chat.words().contains("Не хватает <b>10 ₽</b>"), "{}", chat.words());
    assert!(chat.words().contains("Заказ сохранён на 24 часа и запустится сразу после оплаты"));
    chat.taps("Оплатить ровно 10 ₽");
    assert_eq!(chat.payment().sum, rubles(10));
    assert_eq!(chat.payments[0].1, chat.session().held.map(|held| held.id));
    assert!(chat.words().contains("запустится сразу после оплаты"), "{}", chat.words());
}

#[test]
fn e18_the_money_that_was_paid_for_it_starts_it_and_says_so() {
    let mut chat = held();
    chat.taps("Оплатить ровно 10 ₽").pays();
    assert_eq!(chat.placed.len(), 1);
    assert_eq!(
        (chat.placed[0].prompt.as_str(), chat.placed[0].price),
        ("кот в скафандре", rubles(50))
    );
    let words = chat.words();
    for promise in
        ["Зачислено 10 ₽", "Запускаю отложенный заказ: «кот в скафандре», 50 ₽", "Задача №1000"]
    {
        assert!(words.contains(promise), "{words}");
    }
    assert_eq!((chat.session().held, chat.session().stage), (None, Stage::Idle));
    chat.says("кот в скафандре");
    assert!(chat.words().contains("Вы уже заказали это"), "{}", chat.words());
}

#[test]
fn p4_money_that_is_told_twice_orders_once() {
    let mut chat = held();
    chat.taps("Оплатить ровно 10 ₽").pays();
    chat.customer.cash = rubles(500);
    for _ in 0..3 {
        chat.hears_again();
        assert_eq!(chat.effects, []);
    }
    assert_eq!(chat.placed.len(), 1);
    // Even a session that forgot everything can't order twice: the offer keeps its id.
    let mut forgetful = held();
    forgetful.taps("Оплатить ровно 10 ₽");
    let before = forgetful.kept.clone();
    forgetful.pays().kept = before;
    forgetful.customer.cash = rubles(500);
    forgetful.hears_again();
    assert_eq!(forgetful.placed.len(), 1);
    assert!(forgetful.words().contains("Такой заказ уже в работе"), "{}", forgetful.words());
    assert_eq!(forgetful.session().held, None);
}

#[test]
fn p11_a_missing_sum_below_the_least_of_the_rail_is_rounded_up_and_the_rest_stays() {
    let mut chat = Chat::new().with_balance(47);
    chat.says("кот в скафандре").taps("Создать");
    assert!(chat.words().contains("Не хватает <b>3 ₽</b>"), "{}", chat.words());
    assert!(chat.words().contains("Наименьший платёж 10 ₽"), "{}", chat.words());
    chat.taps("Оплатить 10 ₽").pays();
    assert_eq!((chat.placed.len(), chat.customer.cash), (1, rubles(7)));
}

#[test]
fn p11_a_missing_sum_above_the_most_of_the_rail_is_asked_for() {
    let mut chat = held();
    chat.till.rails[0].max = rubles(9);
    chat.till.rails[0].min = rubles(1);
    let id = chat.session().held.expect("it is kept").id;
    chat.presses(&Action::PayHeld(id, Rail::YooKassa).data());
    assert!(chat.words().contains("от 1 ₽ до 9 ₽"), "{}", chat.words());
    chat.says("9").pays();
    assert_eq!(chat.placed.len(), 0);
    assert!(chat.words().contains("Не хватает 1 ₽"), "{}", chat.words());
    chat.taps("Оплатить ровно 1 ₽").pays();
    assert_eq!(chat.placed.len(), 1);
}

#[test]
fn p12_other_money_never_starts_it_but_offers_it() {
    let mut chat = held();
    chat.says("/pay").taps("200 ₽").pays();
    assert_eq!(chat.placed, []);
    assert!(chat.words().contains("У вас отложен заказ: «кот в скафандре»"), "{}", chat.words());
    chat.taps("Отложенный заказ").taps("Создать за 50 ₽");
    assert_eq!((chat.placed.len(), chat.session().held), (1, None));
    assert_eq!(chat.toast(), Some("Принято"));
}

#[test]
fn p12_a_payment_for_another_order_never_starts_the_newer_one() {
    let mut chat = held();
    chat.taps("Оплатить ровно 10 ₽");
    chat.says("пёс на скейте").taps("Создать за 50 ₽");
    assert!(chat.words().contains("Прежний отложенный заказ снят"), "{}", chat.words());
    chat.pays();
    assert_eq!(chat.placed, []);
    assert!(chat.words().contains("отложен заказ: «пёс на скейте»"), "{}", chat.words());
}

#[test]
fn e19_more_money_than_needed_starts_it_and_the_rest_stays() {
    let mut chat = held();
    chat.taps("100 ₽").pays();
    assert_eq!((chat.placed.len(), chat.customer.cash), (1, rubles(90)));
    let mut chat = held();
    chat.taps("Другая сумма").says("60").pays();
    assert_eq!((chat.placed.len(), chat.customer.cash), (1, rubles(50)));
}

#[test]
fn it_survives_menus_other_orders_and_restarts() {
    let mut chat = held();
    chat.taps("Оплатить ровно 10 ₽");
    chat.says("/menu").says("/settings").sends(photo("a"), None).says("сделай ярче");
    let open = chat.quote();
    chat.waits(Duration::from_secs(23 * 3600));
    chat.pays();
    assert_eq!(chat.placed[0].prompt, "кот в скафандре");
    assert_eq!(chat.quote(), open, "what is on the screen stays");
}

#[test]
fn stars_pay_for_it_too() {
    let mut chat = Chat::new().with_balance(40);
    chat.till.rails = vec![card(), stars()];
    chat.says("кот в скафандре").taps("Создать").taps("Оплатить звёздами: 6");
    assert_eq!((chat.payment().sum, chat.payment().rail), (Kopecks::new(10_80), Rail::Stars));
    chat.pays();
    assert_eq!((chat.placed.len(), chat.customer.cash), (1, Kopecks::new(80)));
}

#[test]
fn e18_a_lower_price_is_taken_and_told() {
    let mut chat = held();
    chat.taps("Оплатить ровно 10 ₽").sell_for(45).pays();
    assert_eq!(chat.placed[0].price, rubles(45));
    assert!(chat.words().contains("Цена снизилась: 45 ₽ вместо 50 ₽"), "{}", chat.words());
}

#[test]
fn e18_a_price_that_rose_asks() {
    let mut chat = held();
    chat.taps("100 ₽").sell_for(75).pays();
    assert_eq!(chat.placed, []);
    assert!(chat.words().contains("Цена выросла: 75 ₽ вместо 50 ₽"), "{}", chat.words());
    chat.taps("Создать за 75 ₽");
    assert_eq!((chat.placed.len(), chat.placed[0].price), (1, rubles(75)));
}

#[test]
fn e18_a_price_that_rose_above_the_balance_asks_and_the_next_payment_starts_it() {
    let mut chat = held();
    chat.taps("Оплатить ровно 10 ₽").sell_for(75).pays();
    assert!(chat.words().contains("Не хватает 25 ₽"), "{}", chat.words());
    chat.taps("Оплатить ровно 25 ₽").pays();
    assert_eq!((chat.placed.len(), chat.placed[0].price), (1, rubles(75)));
}

#[test]
fn t10_its_button_never_charges_more_than_it_says() {
    let mut chat = held();
    chat.customer.cash = rubles(500);
    let run = chat.action("Создать за 50 ₽");
    chat.sell_for(75).presses(&run.data());
    assert_eq!(chat.placed[0].price, rubles(50), "the offer still counts");
    let mut chat = held();
    chat.customer.cash = rubles(500);
    chat.sell_for(75).waits(Duration::from_secs(16 * 60)).presses(&run.data());
    assert_eq!((chat.placed.len(), chat.toast()), (0, Some("Экран устарел.")));
    chat.taps("Создать за 75 ₽");
    assert_eq!(chat.placed[0].price, rubles(75));
}

#[test]
fn t4_ten_taps_on_its_button_make_one_order() {
    let mut chat = held();
    chat.customer.cash = rubles(500);
    let run = chat.action("Создать за 50 ₽").data();
    for _ in 0..10 {
        chat.presses(&run);
    }
    assert_eq!((chat.placed.len(), chat.toast()), (1, Some("Такой заказ уже в работе.")));
}

#[test]
fn money_still_short_says_so_and_keeps_offering() {
    let mut chat = Chat::new().with_balance(0);
    chat.says("кот в скафандре").taps("Создать").taps("Другая сумма").says("20").pays();
    assert_eq!(chat.placed, []);
    assert!(chat.words().contains("Зачислено 20 ₽") && chat.words().contains("Не хватает 30 ₽"));
    chat.taps("Оплатить ровно 30 ₽").pays();
    assert_eq!(chat.placed.len(), 1);
}

#[test]
fn a_model_that_is_off_sale_or_down_when_the_money_comes_is_told() {
    let mut chat = held();
    chat.taps("Оплатить ровно 10 ₽").down.insert("gemini".to_owned());
    chat.pays();
    assert!(chat.words().contains("временно недоступен"), "{}", chat.words());
    chat.down.clear();
    assert_eq!(chat.taps("Создать за 50 ₽").placed.len(), 1);

    let mut chat = held();
    chat.taps("Оплатить ровно 10 ₽").catalog.switch_off("nano-banana-pro");
    chat.pays();
    assert!(chat.words().contains("больше не продаётся"), "{}", chat.words());
    assert_eq!(chat.placed, []);
    chat.taps("Подобрать замену");
    assert_eq!(
        (chat.quote().prompt.as_str(), chat.choices().sku.as_str()),
        ("кот в скафандре", "nano-banana-2")
    );
    chat.taps("Создать");
    assert_eq!((chat.placed.len(), chat.session().held), (1, None));
}

#[test]
fn what_the_application_refuses_stays_held() {
    let refusals = [
        (OrderRefusal::Frozen { debt: rubles(70) }, "долг 70 ₽"),
        (OrderRefusal::Banned { reason: "спам".to_owned() }, "Причина: спам"),
        (OrderRefusal::Maintenance { text: None }, "идут работы"),
        (OrderRefusal::Maintenance { text: Some("меняем диск".to_owned()) }, "меняем диск"),
        (OrderRefusal::Busy { minutes: 5 }, "отложенный заказ пока не запущен"),
    ];
    for (why, words) in refusals {
        let mut chat = held();
        chat.taps("Оплатить ровно 10 ₽").no_orders = Some(why);
        chat.pays();
        assert!(chat.words().contains(words), "{}", chat.words());
        assert!(chat.session().held.is_some_and(|held| !held.placing));
        chat.no_orders = None;
        chat.says("/balance").taps("Отложенный заказ").taps("Создать за 50 ₽");
        assert_eq!(chat.placed.len(), 1);
    }
}

#[test]
fn a_held_order_that_meets_a_full_queue_is_kept_with_a_button_to_try_again() {
    let mut chat = held();
    chat.taps("Оплатить ровно 10 ₽").no_orders = Some(OrderRefusal::Busy { minutes: 5 });
    chat.pays();
    assert!(chat.words().contains("заказ хранится"), "{}", chat.words());
    chat.taps("Создать за 50 ₽");
    assert!(chat.words().contains("заказ хранится") && chat.placed.is_empty());
    chat.no_orders = None;
    assert_eq!(chat.taps("Создать за 50 ₽").placed.len(), 1);
    assert_eq!(chat.session().held, None);
}

#[test]
fn e38_an_order_refused_for_works_can_be_tried_again() {
    let mut chat = Chat::new();
    chat.no_orders = Some(OrderRefusal::Maintenance { text: None });
    chat.says("кот в скафандре").taps("Создать");
    chat.no_orders = None;
    assert_eq!(chat.taps("Попробовать снова").taps("Создать").placed.len(), 1);
}

#[test]
fn too_many_active_orders_keep_it_and_leave_its_button() {
    let mut chat = held();
    let order = chat.order(1, OrderState::Running, "пёс");
    chat.active = vec![order];
    chat.active_max = 1;
    chat.taps("Оплатить ровно 10 ₽").pays();
    assert!(chat.words().contains("больше сразу нельзя") && chat.placed.is_empty());
    chat.active.clear();
    assert_eq!(chat.taps("Создать за 50 ₽").placed.len(), 1);
}

#[test]
fn its_day_ends_with_one_word_and_later_money_offers_it_anew() {
    let mut chat = held();
    chat.taps("Оплатить ровно 10 ₽").says("/menu");
    chat.sleeps(DAY);
    assert!(chat.words().contains("«кот в скафандре» снят"), "{}", chat.words());
    assert!(chat.session().held.is_some_and(|held| held.lapsed));
    chat.says("/balance");
    assert!(!chat.buttons().iter().any(|(label, _)| label.contains("Отложенный")));
    assert_eq!(chat.sleeps(DAY).effects, [], "it is told once");
    chat.pays();
    assert_eq!(chat.placed, []);
    assert!(chat.words().contains("Зачислено 10 ₽") && chat.words().contains("Вот он заново"));
    assert_eq!(chat.taps("Создать за 50 ₽").placed.len(), 1);
}

#[test]
fn later_money_does_not_disturb_what_the_customer_is_at() {
    let mut chat = held();
    chat.taps("Оплатить ровно 10 ₽").sleeps(DAY);
    chat.says("пёс на скейте").pays();
    assert_eq!(chat.quote().prompt, "пёс на скейте");
    chat.taps("Отложенный заказ");
    assert_eq!(chat.quote().prompt, "кот в скафандре");
}

#[test]
fn a_dropped_order_is_gone_and_its_money_is_an_ordinary_top_up() {
    let mut chat = held();
    let drop = chat.action("Отменить заказ");
    chat.taps("Оплатить ровно 10 ₽").presses(&drop.data());
    assert!(chat.words().contains("Отложенный заказ отменён"), "{}", chat.words());
    chat.pays();
    assert_eq!((chat.placed.len(), chat.session().held), (0, None));
    chat.presses(&drop.data());
    assert!(chat.words().contains("Отложенного заказа нет"), "{}", chat.words());
}

#[test]
fn a_cheaper_choice_of_it_takes_its_place() {
    let mut chat = held();
    chat.taps("Выбрать дешевле: 1K за 30 ₽").taps("Создать за 30 ₽");
    assert_eq!((chat.placed.len(), chat.session().held), (1, None));
    let mut chat = held();
    let cheaper = chat.action("Выбрать дешевле");
    chat.says("/menu").says("пёс на скейте").presses(&cheaper.data());
    assert!(chat.words().contains("Цена: <b>30 ₽</b>"), "{}", chat.words());
    assert_eq!(chat.quote().prompt, "кот в скафандре");
}

#[test]
fn the_same_order_placed_otherwise_is_not_made_twice() {
    let mut chat = held();
    chat.taps("Оплатить ровно 10 ₽");
    chat.customer.cash = rubles(500);
    chat.says("/menu").says("кот в скафандре").taps("Создать");
    assert_eq!(chat.placed.len(), 1);
    chat.pays();
    assert_eq!(chat.placed.len(), 1);
}

#[test]
fn the_offer_s_own_button_to_pay_puts_the_order_by() {
    let mut chat = Chat::new().with_balance(40);
    chat.says("кот в скафандре").taps("Оплатить ровно 10 ₽");
    assert!(chat.session().held.is_some());
    assert_eq!(chat.pays().placed.len(), 1);
}

#[test]
fn an_order_with_files_waits_with_them_and_asks_again_when_they_are_gone() {
    let mut chat = Chat::new().with_balance(0);
    chat.sends(photo("a"), Some("сделай ярче")).taps("Создать");
    let price = chat.quote().price;
    let pay = format!("Оплатить ровно {price}").replace('\u{202f}', " ");
    let mut gone = chat.clone();
    chat.taps(&pay).says("/menu").pays();
    assert_eq!((chat.placed.len(), chat.placed[0].inputs.len()), (1, 1));
    gone.forgotten = true;
    gone.taps(&pay).says("/menu").pays();
    assert!(gone.words().contains("больше не хранятся"), "{}", gone.words());
    assert_eq!((gone.placed.len(), gone.session().held), (0, None));
    gone.forgotten = false;
    gone.sends(photo("b"), None).taps("Создать");
    assert_eq!(gone.placed[0].prompt, "сделай ярче");
}

#[test]
fn without_a_way_to_pay_it_is_kept_and_money_by_hand_lets_it_through() {
    let mut chat = Chat::new().with_balance(40);
    chat.till.rails.clear();
    chat.says("кот в скафандре").taps("Создать");
    assert!(chat.words().contains("пополните баланс у владельца"), "{}", chat.words());
    chat.customer.cash = rubles(90);
    assert_eq!(chat.taps("Создать за 50 ₽").placed.len(), 1);
}

#[test]
fn cancelling_with_nothing_else_open_shows_it() {
    let mut chat = held();
    chat.says("/cancel").says("/cancel");
    assert!(chat.words().contains("Отложенный заказ"), "{}", chat.words());
    chat.taps("Отменить заказ").says("/cancel");
    assert!(chat.words().contains("Отменять нечего"), "{}", chat.words());
}

#[test]
fn a_payment_that_failed_is_opened_again_for_the_same_order() {
    let mut chat = held();
    chat.links_at_once = false;
    chat.taps("Оплатить ровно 10 ₽");
    let mut payment = chat.payment();
    payment.link = Some("https://pay.example/1".to_owned());
    chat.turn(Event::PaymentReady { payment: payment.clone() });
    assert!(chat.words().contains("запустится сразу после оплаты"), "{}", chat.words());
    chat.payments[0].0.state = PaymentState::Cancelled;
    payment.reason = Some("insufficient_funds".to_owned());
    chat.turn(Event::PaymentFailed { payment, will_retry: false });
    assert!(chat.words().contains("не хватило денег"), "{}", chat.words());
    chat.taps("Новый счёт на 10 ₽").pays();
    assert_eq!((chat.payments.len(), chat.placed.len()), (2, 1));
}

#[test]
fn p12_the_screen_of_a_plain_payment_promises_no_order() {
    let mut chat = held();
    chat.links_at_once = false;
    chat.says("/pay").taps("200 ₽");
    let payment = chat.payment();
    chat.turn(Event::PaymentReady { payment });
    assert!(!chat.words().contains("запустится"), "{}", chat.words());
}

#[test]
fn its_end_is_asked_for_when_it_is_put_by() {
    let chat = held();
    let wakes = |effect: &Effect| matches!(effect, Effect::WakeAt { what, .. } if what.starts_with("held:"));
    assert!(chat.effects.iter().any(wakes), "{:?}", chat.effects);
    assert_eq!(chat.wakes.len(), 1);
}
