//! Topping up: sums, ways, terms, addresses, and what the payment system says.

use std::time::Duration;

use rei_domain::ledger::Rail;
use rei_domain::money::Kopecks;
use rei_domain::payment::PaymentState;
use rei_texts::{Lang, MoneyText};

use super::chat::Chat;
use super::till::{card, stars};
use crate::{Action, Effect, Event, PaymentRefusal, Question, Stage};

/// The payments that the latest turn asked for.
fn opened(chat: &Chat) -> Vec<(Kopecks, Rail)> {
    let opened = chat.effects.iter().filter_map(|effect| match effect {
        Effect::OpenPayment { sum, rail, .. } => Some((*sum, *rail)),
        _ => None,
    });
    opened.collect()
}

fn rubles(rubles: i64) -> Kopecks {
    Kopecks::from_rubles(rubles)
}

#[test]
fn a_sum_leads_to_a_button_that_opens_the_payment_page() {
    for said in ["/pay", "/topup", "💳 Пополнить", "Оплатить"] {
        let mut chat = Chat::new();
        chat.says(said);
        assert!(chat.words().contains("На балансе: 300 ₽"), "{said}: {}", chat.words());
        chat.taps("200 ₽");
        assert_eq!(opened(&chat), [(rubles(200), Rail::YooKassa)]);
        assert!(chat.words().contains("Счёт №1</b> на 200 ₽"), "{}", chat.words());
        let link = ("💳 Оплатить 200 ₽".to_owned(), "https://pay.example/1".to_owned());
        assert_eq!(chat.links(), [link]);
        chat.pays();
        assert!(chat.words().contains("Зачислено 200 ₽. Баланс: 500 ₽"), "{}", chat.words());
        assert_eq!(chat.placed, []);
    }
}

#[test]
fn a_link_that_comes_later_gets_a_screen_of_its_own() {
    let mut chat = Chat::new();
    chat.links_at_once = false;
    chat.says("/pay").taps("500 ₽");
    assert!(chat.words().contains("Готовлю счёт на 500 ₽"), "{}", chat.words());
    let mut payment = chat.payment();
    payment.link = Some("https://pay.example/later".to_owned());
    chat.turn(Event::PaymentReady { payment });
    assert_eq!(chat.links()[0].1, "https://pay.example/later");
}

#[test]
fn p10_the_menu_offers_the_open_payment_instead_of_a_new_one() {
    let mut chat = Chat::new();
    for _ in 0..20 {
        chat.says("/pay").taps("200 ₽");
    }
    assert_eq!(chat.payments.len(), 1);
    chat.says("/pay");
    assert!(chat.words().contains("неоплаченный счёт №1 на 200 ₽"), "{}", chat.words());
    assert_eq!(chat.links()[0].0, "💳 Оплатить счёт №1 · 200 ₽");
}

#[test]
fn p6_p7_whoever_asks_about_a_payment_gets_an_answer_in_every_state() {
    let mut chat = Chat::new();
    chat.says("/pay").taps("200 ₽");
    let check = Action::CheckPayment(chat.payment().id).data();
    for said in ["Проверить оплату", "/start pay_1", ""] {
        match said.is_empty() {
            true => chat.presses(&check),
            false => chat.says(said),
        };
        let asked = Effect::CheckPayment { payment: chat.payment().id };
        assert!(chat.effects.contains(&asked), "{said}: {:?}", chat.effects);
    }
    assert_eq!(chat.toast(), Some("Спрашиваю платёжную систему…"));
    let payment = chat.payment();
    chat.turn(Event::PaymentPending { payment });
    assert!(chat.words().contains("Ждём подтверждения банка. Обычно до минуты"));
    assert_eq!(chat.links().len(), 1);
    chat.payments[0].0.state = PaymentState::Cancelled;
    chat.presses(&check);
    assert!(chat.effects.contains(&Effect::CheckPayment { payment: chat.payment().id }));
    chat.pays().presses(&check);
    assert!(chat.toast().is_some_and(|toast| toast.contains("уже оплачен")));
    assert_eq!(chat.effects.len(), 1);
    chat.says("проверить платеж");
    assert!(chat.words().contains("Неоплаченных счетов нет"), "{}", chat.words());
}

#[test]
fn p5_a_strange_payment_can_not_be_asked_about() {
    let mut other = Chat::new();
    other.says("/pay").taps("200 ₽");
    let mut chat = Chat::new();
    chat.presses(&Action::CheckPayment(other.payment().id).data());
    assert_eq!((chat.toast(), chat.effects.len()), (Some("Эта кнопка не ваша."), 1));
}

#[test]
fn m10_a_typed_sum_is_read_strictly_and_the_limits_are_told() {
    let mut chat = Chat::new();
    chat.says("/pay").taps("Другая сумма");
    assert!(chat.words().contains("от 10 ₽ до 15 000 ₽"), "{}", chat.words());
    for junk in ["-1", "0", "1e9", "триста", "300 руб", "1 000", "٣٠٠", "+5", "9", "15001", "0,001"]
    {
        chat.says(junk);
        assert_eq!(opened(&chat), [], "{junk}");
        assert!(matches!(chat.session().question, Some(Question::Amount { .. })), "{junk}");
        assert!(!chat.words().contains("Проверьте заказ"), "{junk} became a prompt");
    }
    chat.says(&i64::MAX.to_string());
    assert!(chat.words().contains("от 10 ₽ до 15 000 ₽"), "{}", chat.words());
    chat.says("10,505");
    assert!(chat.words().contains("только две цифры"), "{}", chat.words());
    chat.says("10,50");
    assert!(chat.words().contains("в целых рублях") && opened(&chat).is_empty());
    chat.taps("11 ₽");
    assert_eq!(opened(&chat), [(rubles(11), Rail::YooKassa)]);
    chat.says("/pay").taps("Другая сумма").says(" 300 ");
    assert_eq!(opened(&chat), [(rubles(300), Rail::YooKassa)]);
    assert_eq!(chat.session().question, None);
}

#[test]
fn a_question_ends_with_any_command_button_or_file_and_leaves_the_form_alone() {
    let leaving: [fn(&mut Chat); 4] = [
        |chat| _ = chat.says("/balance"),
        |chat| _ = chat.presses("v1:help:-"),
        |chat| _ = chat.sends(super::chat::photo("a"), None),
        |chat| _ = chat.says("Отмена"),
    ];
    for leave in leaving {
        let mut chat = Chat::new();
        chat.says("кот в скафандре").says("/pay").taps("Другая сумма");
        leave(&mut chat);
        assert_eq!(chat.session().question, None);
        assert_eq!(chat.session().form.prompt.as_deref(), Some("кот в скафандре"));
        chat.says("300");
        assert_eq!(opened(&chat), []);
    }
    let mut chat = Chat::new();
    chat.says("/pay").taps("Другая сумма").waits(Duration::from_secs(25 * 3600)).says("300");
    assert_eq!(opened(&chat), [], "a question of yesterday is forgotten");
}

#[test]
fn forwarded_words_answer_no_question() {
    let mut chat = Chat::new();
    chat.says("/pay").taps("Другая сумма");
    let mut origin = chat.next_origin();
    origin.forwarded = true;
    chat.turn(Event::Typed(crate::Typed { text: "300 котов".to_owned(), origin }));
    assert_eq!((opened(&chat), chat.quote().prompt.as_str()), (Vec::new(), "300 котов"));
}

#[test]
fn stars_are_offered_in_whole_stars_and_alone_when_cards_are_closed() {
    let mut chat = Chat::new();
    chat.till.rails = vec![card(), stars()];
    chat.says("/pay").taps("Stars");
    assert!(chat.words().contains("1 ⭐ = 1,80 ₽"), "{}", chat.words());
    chat.taps("⭐ 56 · 100,80 ₽");
    assert_eq!(opened(&chat), [(Kopecks::new(10_080), Rail::Stars)]);
    assert_eq!(chat.links()[0].0, "⭐ Оплатить 100,80 ₽");
    chat.says("/pay").taps("Stars").taps("Другая сумма").says("100");
    assert!(chat.words().contains("целых звёзд"), "{}", chat.words());
    chat.taps("100,80 ₽");
    assert_eq!(opened(&chat), [(Kopecks::new(10_080), Rail::Stars)]);
    chat.till.rails = vec![stars()];
    chat.says("/pay");
    assert!(chat.words().contains("звёздами") && !chat.words().contains("картой"));
    chat.presses(&Action::TopUp(Rail::YooKassa, 20_000).data());
    assert!(chat.words().contains("способ оплаты сейчас закрыт"), "{}", chat.words());
    assert_eq!(opened(&chat), []);
}

#[test]
fn with_payments_off_the_owner_is_named() {
    let mut chat = Chat::new();
    chat.till.rails.clear();
    for data in ["v1:pay:-", "v1:topup:yookassa:20000", "v1:othersum:stars", "v1:payby:stars"] {
        chat.presses(data);
        assert!(chat.words().contains("(@owner)"), "{data}: {}", chat.words());
        assert_eq!(opened(&chat), []);
    }
}

#[test]
fn a_sum_outside_the_limits_opens_nothing_whatever_the_button_says() {
    let mut chat = Chat::new();
    for kopecks in [1, 999, 1_001, 1_500_001, i64::MAX] {
        chat.presses(&Action::TopUp(Rail::YooKassa, kopecks).data());
        assert_eq!(opened(&chat), [], "{kopecks}");
        assert!(chat.words().contains("от 10 ₽ до 15 000 ₽"), "{}", chat.words());
    }
}

#[test]
fn the_first_top_up_asks_for_the_terms_and_the_address_once_and_goes_on_with_its_sum() {
    let mut chat = Chat::new();
    (chat.till.terms_accepted, chat.till.email_needed) = (false, true);
    chat.says("/pay").taps("200 ₽");
    assert!(chat.words().contains("принять условия (версия 1)"), "{}", chat.words());
    assert_eq!(opened(&chat), []);
    chat.says("/terms");
    assert!(chat.words().contains("Вы платите за готовый результат"), "{}", chat.words());
    chat.says("/privacy").says("/terms").taps("Принимаю, оплатить 200 ₽");
    assert!(chat.effects.contains(&Effect::AcceptTerms { version: 1 }));
    assert!(chat.words().contains("Куда прислать чек"), "{}", chat.words());
    for junk in ["кот", "anna@", "anna @example.com", &format!("{}@b.ru", "a".repeat(250))] {
        chat.says(junk);
        assert!(chat.words().contains("не похоже на адрес"), "{junk}: {}", chat.words());
        assert_eq!(opened(&chat), []);
    }
    chat.says("anna@example.com");
    let email = Some("anna@example.com".to_owned());
    assert_eq!(chat.effects[0], Effect::SaveEmail { email });
    assert_eq!(opened(&chat), [(rubles(200), Rail::YooKassa)]);
    assert_eq!(chat.links().len(), 1);
    assert!(!chat.kept.contains("example.com"), "the session keeps no address");
    chat.says("/pay").taps("500 ₽");
    assert_eq!(opened(&chat), [(rubles(500), Rail::YooKassa)], "nothing is asked twice");
}

#[test]
fn raised_terms_are_asked_about_again_and_an_old_button_accepts_nothing() {
    let mut chat = Chat::new();
    chat.says("/pay").taps("200 ₽");
    (chat.till.terms_accepted, chat.till.terms_version) = (false, 2);
    chat.says("/pay").taps("500 ₽");
    assert!(chat.words().contains("версия 2"), "{}", chat.words());
    chat.presses(&Action::AcceptTerms(1).data());
    assert!(chat.words().contains("Условия обновились"), "{}", chat.words());
    assert!(!chat.till.terms_accepted);
    chat.taps("Принимаю, оплатить 500 ₽");
    assert_eq!(opened(&chat), [(rubles(500), Rail::YooKassa)]);
    chat.says("/terms").presses(&Action::AcceptTerms(2).data());
    assert!(!chat.effects.contains(&Effect::AcceptTerms { version: 2 }), "accepted before");
}

#[test]
fn a_top_up_that_was_left_is_not_opened_by_accepting_the_terms_later() {
    let mut chat = Chat::new();
    chat.till.terms_accepted = false;
    chat.says("/pay").taps("200 ₽").says("/menu").says("/terms").taps("Принимаю");
    assert_eq!(opened(&chat), []);
    assert!(chat.words().contains("Условия приняты"), "{}", chat.words());
}

#[test]
fn stars_need_no_address() {
    let mut chat = Chat::new();
    chat.till.email_needed = true;
    chat.till.rails = vec![stars()];
    chat.says("/pay").taps("⭐ 56");
    assert_eq!(opened(&chat).len(), 1);
}

#[test]
fn the_address_is_shown_changed_and_deleted_in_the_settings() {
    let mut chat = Chat::new();
    chat.says("/settings");
    assert!(!chat.words().contains("Чеки"), "{}", chat.words());
    chat.till.email = Some("anna@example.com".to_owned());
    chat.says("/settings");
    assert!(chat.words().contains("Чеки: anna@example.com"), "{}", chat.words());
    chat.taps("Почта для чеков").says("anna2@example.com");
    assert_eq!(chat.till.email.as_deref(), Some("anna2@example.com"));
    chat.taps("Настройки").taps("Почта для чеков").taps("Удалить");
    assert_eq!(chat.till.email, None);
    assert!(chat.words().contains("Адрес удалён"), "{}", chat.words());
    chat.says("vasya@example.com");
    assert_eq!(chat.till.email, None, "the question is closed");
}

#[test]
fn the_application_may_still_want_an_address() {
    let mut chat = Chat::new();
    chat.no_payments = Some(PaymentRefusal::EmailNeeded);
    chat.says("/pay").taps("200 ₽");
    assert!(chat.words().contains("Куда прислать чек"), "{}", chat.words());
    chat.no_payments = None;
    chat.says("anna@example.com");
    assert_eq!(opened(&chat), [(rubles(200), Rail::YooKassa)]);
}

#[test]
fn too_many_payments_name_the_wait_and_the_open_one() {
    let mut chat = Chat::new();
    chat.says("/pay").taps("500 ₽");
    chat.no_payments = Some(PaymentRefusal::TooMany { retry_minutes: 12 });
    chat.says("/pay").taps("200 ₽");
    assert!(chat.words().contains("через 12 мин"), "{}", chat.words());
    assert_eq!(chat.links()[0].0, "💳 Оплатить счёт №1 · 500 ₽");
    for (why, words) in [
        (PaymentRefusal::Off, "способ оплаты сейчас закрыт"),
        (PaymentRefusal::Banned { reason: "спам".to_owned() }, "Причина: спам"),
        (PaymentRefusal::BadSum { min: rubles(20), max: rubles(30) }, "от 20 ₽ до 30 ₽"),
    ] {
        chat.no_payments = Some(why);
        chat.says("/pay").taps("200 ₽");
        assert!(chat.words().contains(words), "{}", chat.words());
    }
}

/// Every word of `api/yookassa.md` §5.
const REASONS: [&str; 22] = [
    "3d_secure_failed",
    "call_issuer",
    "canceled_by_merchant",
    "card_expired",
    "country_forbidden",
    "deal_expired",
    "expired_on_capture",
    "expired_on_confirmation",
    "fraud_suspected",
    "general_decline",
    "identification_required",
    "insufficient_funds",
    "internal_timeout",
    "invalid_card_number",
    "invalid_csc",
    "issuer_unavailable",
    "loan_declined",
    "payment_method_limit_exceeded",
    "payment_method_restricted",
    "permission_revoked",
    "unsupported_mobile_operator",
    "unavailable",
];

#[test]
fn every_reason_of_the_payment_system_has_words_and_an_unknown_one_general_words() {
    for lang in Lang::ALL {
        let general = MoneyText::PayReason { reason: "other".to_owned() }.plain(lang);
        let mut chat = Chat::new();
        chat.customer.lang = lang;
        let label = if lang == Lang::Ru { "200 ₽" } else { "200" };
        chat.says("/pay").taps(label);
        let mut payment = chat.payment();
        for reason in REASONS {
            payment.reason = Some(reason.to_owned());
            chat.turn(Event::PaymentFailed { payment: payment.clone(), will_retry: false });
            assert!(!chat.words().contains(&general), "{lang:?} has no words for {reason}");
            assert!(!chat.words().contains(reason), "{}", chat.words());
        }
        for reason in [None, Some("stars_fell".to_owned())] {
            payment.reason = reason;
            chat.turn(Event::PaymentFailed { payment: payment.clone(), will_retry: false });
            assert!(chat.words().contains(&general), "{}", chat.words());
        }
        chat.taps(label);
        assert_eq!(opened(&chat), [(rubles(200), Rail::YooKassa)]);
        chat.turn(Event::PaymentFailed { payment, will_retry: true });
        assert_eq!(chat.buttons(), [], "it is tried again without the customer");
    }
}

#[test]
fn p4_a_payment_that_is_told_twice_is_told_once() {
    let mut chat = Chat::new();
    chat.says("/pay").taps("200 ₽").pays_with_bonus(50);
    assert!(chat.words().contains("50 ₽ бонусом"), "{}", chat.words());
    assert_eq!(chat.hears_again().effects, []);
}

#[test]
fn money_that_comes_while_an_offer_is_open_shows_its_button_and_orders_nothing() {
    let mut chat = Chat::new().with_balance(0);
    chat.says("кот в скафандре").taps("Пополнить").taps("200 ₽").pays();
    assert_eq!(chat.placed, []);
    assert_eq!(chat.taps("Создать за 50 ₽").placed.len(), 1);
}

#[test]
fn a_debt_stops_orders_says_how_much_and_how_to_clear_it() {
    let mut chat = Chat::new().with_balance(-70);
    chat.till.frozen = true;
    chat.customer.bonus = rubles(500);
    chat.says("кот в скафандре").taps("Создать");
    assert!(chat.words().contains("долг 70 ₽"), "{}", chat.words());
    assert_eq!((chat.placed.len(), chat.session().held), (0, None));
    assert!(chat.quote_is_open());
    chat.taps("Погасить долг: 70 ₽");
    assert_eq!(opened(&chat), [(rubles(70), Rail::YooKassa)]);
    for command in ["/balance", "/pay"] {
        chat.says(command);
        assert!(chat.words().contains("долг 70 ₽"), "{command}: {}", chat.words());
    }
}

#[test]
fn e37_a_banned_customer_is_told_why_and_keeps_balance_and_support() {
    let mut chat = Chat::new();
    chat.till.banned = Some("<b>спам".to_owned());
    chat.says("кот в скафандре").taps("Создать");
    assert!(chat.words().contains("Причина: &lt;b&gt;спам"), "{}", chat.words());
    assert!(chat.words().contains("(@owner)"));
    assert_eq!(chat.placed, []);
    for said in ["/pay", "Пополнить"] {
        chat.says(said);
        assert!(chat.words().contains("Причина"), "{}", chat.words());
    }
    chat.presses(&Action::TopUp(Rail::YooKassa, 20_000).data());
    assert_eq!(opened(&chat), []);
    chat.says("/balance");
    assert!(chat.words().contains("Баланс: 300 ₽"));
    chat.says("/support");
    assert!(chat.words().contains("Поддержка"));
    chat.says("/paysupport");
    assert!(chat.words().contains("Вопрос по оплате"));
}

#[test]
fn refunds_are_told_with_the_debt_that_they_leave() {
    let mut chat = Chat::new();
    let refunded =
        |foreign, debt| Event::Refunded { sum: rubles(200), rail: Rail::YooKassa, foreign, debt };
    chat.turn(refunded(false, None));
    assert!(chat.words().contains("Возвращаем 200 ₽"), "{}", chat.words());
    chat.turn(refunded(true, Some(rubles(70))));
    assert!(chat.words().contains("Платёж возвращён: 200 ₽"), "{}", chat.words());
    assert!(chat.words().contains("долг 70 ₽"));
    chat.taps("Погасить долг: 70 ₽");
    assert_eq!(opened(&chat).len(), 1);
    chat.turn(Event::RefundFailed { sum: rubles(200) });
    assert!(chat.words().contains("Деньги снова на балансе (300 ₽)"), "{}", chat.words());
}

#[test]
fn paysupport_names_the_customer_and_the_latest_bill() {
    let mut chat = Chat::new();
    chat.says("/pay").taps("200 ₽").says("/paysupport");
    assert!(chat.words().contains("<code>42</code>") && chat.words().contains("<code>1</code>"));
    assert!(chat.words().contains("(@owner)"), "{}", chat.words());
    assert_eq!(chat.session().stage, Stage::Idle);
}

#[test]
fn the_statement_its_file_and_the_reason_of_a_charge_are_asked_of_the_application() {
    use rei_domain::order::OrderState;

    let mut chat = Chat::new();
    let shows = |chat: &mut Chat, page| {
        let shown = |effect: &Effect| matches!(effect, Effect::ShowStatement { page: shown, .. } if *shown == page);
        assert!(chat.effects.iter().any(shown), "{:?}", chat.effects);
    };
    shows(chat.says("/statement"), 0);
    shows(chat.says("/balance").taps("Выписка"), 0);
    shows(chat.presses("v1:statement:-:3"), 3);
    chat.presses("v1:csv:-");
    assert!(chat.effects.contains(&Effect::SendStatementFile));
    let order = chat.order(7, OrderState::Delivered, "кот");
    chat.history = vec![order.clone()];
    chat.says("/history").taps("❔ №7");
    assert!(chat.effects.contains(&Effect::ShowWhy { order: order.id }));
    chat.history.clear();
    chat.presses(&Action::Why(order.id).data());
    assert_eq!((chat.toast(), chat.effects.len()), (Some("Эта кнопка не ваша."), 1));
}
