//! Orders at work and orders of the past.

use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;

use super::chat::Chat;
use crate::{Action, Effect, HistoryFilter, OrderRefusal, Place, Slot};

#[test]
fn an_accepted_order_says_what_is_held_and_can_be_stopped() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").taps("Создать");
    assert!(chat.words().contains("Задача №1000"), "{}", chat.words());
    assert!(chat.words().contains("50 ₽ удержано · обычно готово за 20–40 с"));
    let order = chat.active[0].id;
    let shown = chat.effects.iter().find_map(|effect| match effect {
        Effect::Show { place, slot, .. } => Some((*place, *slot)),
        _ => None,
    });
    let pressed = Place::Edit(rei_domain::ids::MessageId(1));
    assert_eq!(shown, Some((pressed, Some(Slot::Order(order)))));
}

#[test]
fn e22_a_queued_order_is_cancelled_at_once_and_the_money_is_back() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").taps("Создать").taps("Отменить");
    assert!(chat.words().contains("50 ₽ снова на балансе (300 ₽)"), "{}", chat.words());
    assert_eq!(chat.customer.cash, Kopecks::from_rubles(300));
    chat.says("кот в скафандре");
    assert!(!chat.words().contains("уже заказали"), "a cancelled order has no twin");
}

#[test]
fn e23_an_order_at_work_can_not_be_cancelled_and_the_customer_is_told() {
    let mut chat = Chat::new();
    for state in OrderState::ALL.into_iter().filter(|state| *state != OrderState::Queued) {
        let order = chat.order(7, state, "кот");
        chat.history = vec![order.clone()];
        chat.presses(&Action::Cancel(order.id).data());
        let toast = chat.toast().expect("the press is answered in words");
        let expected = if state.holds_money() {
            "Уже в работе"
        } else {
            "уже закончена"
        };
        assert!(toast.contains(expected), "{state}: {toast}");
        assert_eq!(chat.effects.len(), 1);
    }
}

#[test]
fn j11_an_order_of_somebody_else_can_be_neither_cancelled_nor_repeated() {
    let mut chat = Chat::new();
    let foreign = chat.order(7, OrderState::Queued, "чужой кот").id;
    for action in [
        Action::Cancel(foreign),
        Action::Again(foreign),
        Action::Rewrite(foreign),
        Action::Original(foreign),
        Action::Star(foreign),
        Action::Redo(foreign, 1),
        Action::Upscale(foreign, 1),
        Action::Animate(foreign, 1),
    ] {
        chat.presses(&action.data());
        assert_eq!(chat.toast(), Some("Эта кнопка не ваша."));
        assert_eq!(chat.effects.len(), 1);
    }
}

#[test]
fn e39_too_many_jobs_are_shown_and_the_offer_waits() {
    let mut chat = Chat::new();
    chat.active_max = 2;
    chat.says("кот один").taps("Создать").says("кот два").taps("Создать");
    chat.says("кот три").taps("Создать");
    assert_eq!(chat.placed.len(), 2);
    assert!(chat.words().contains("2 активные задачи, больше сразу нельзя"), "{}", chat.words());
    assert!(chat.words().contains("«кот один»") && chat.words().contains("«кот два»"));
    assert!(chat.buttons().iter().any(|(label, _)| label.contains("Отменить №1000")));
    let create = chat.action("Создать за 50 ₽").data();
    chat.active.remove(0);
    assert_eq!(chat.presses(&create).placed.len(), 3);
}

#[test]
fn cancel_closes_the_form_first_and_then_asks_about_jobs() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").taps("Создать").says("пёс в скафандре").says("/cancel");
    assert!(chat.words().contains("Отменено, деньги не тронуты"));
    assert!(chat.buttons().iter().any(|(label, _)| label.contains("Мои задачи")));
    chat.says("отмена");
    assert!(chat.words().contains("Какую задачу отменить?"), "{}", chat.words());
    chat.taps("Отменить №1000");
    assert!(chat.active.is_empty());
    chat.says("/cancel");
    assert_eq!(chat.words(), "Отменять нечего.");
}

#[test]
fn cancel_says_so_when_all_jobs_are_being_drawn() {
    let mut chat = Chat::new();
    let order = chat.order(7, OrderState::Running, "кот");
    chat.active = vec![order];
    chat.says("/cancel");
    assert!(chat.words().contains("Уже в работе, отменить нельзя"), "{}", chat.words());
    assert!(!chat.buttons().iter().any(|(label, _)| label.contains("Отменить")));
}

#[test]
fn an_order_is_repeated_with_its_own_words_and_choices_at_today_s_price() {
    let mut chat = Chat::new();
    let mut order = chat.order(7, OrderState::Delivered, "рыжий кот");
    order.choices.size = "4K".to_owned();
    chat.history = vec![order];
    chat.sell_for(100);
    for repeat in ["/repeat", "/history"] {
        chat.says(repeat);
        if repeat == "/history" {
            chat.taps("№7");
        }
        assert_eq!(chat.quote().prompt, "рыжий кот");
        assert_eq!(
            (chat.choices().size.as_str(), chat.quote().price),
            ("4K", Kopecks::from_rubles(180))
        );
    }
    assert_eq!(chat.placed, []);
}

#[test]
fn history_has_pages_and_shows_only_what_is_asked_for() {
    let mut chat = Chat::new();
    chat.history = (1..=6).map(|n| chat.order(n, OrderState::Delivered, "кот")).collect();
    chat.history[0].favourite = true;
    chat.says("/history");
    assert_eq!(chat.action("Раньше"), Action::History(HistoryFilter::All, 1));
    assert!(chat.words().contains("★ №1") && !chat.words().contains("★ №2"));
    assert!(!chat.words().contains("№6"));
    chat.history.truncate(1);
    chat.taps("Раньше");
    assert_eq!(chat.action("Позже"), Action::History(HistoryFilter::All, 0));
    assert!(!chat.buttons().iter().any(|(label, _)| label.contains("Раньше")));
    let original = chat.action("📄 №1");
    assert_eq!(original, Action::Original(chat.history[0].id));
    chat.history.clear();
    chat.taps("🎬");
    assert!(chat.words().contains("пока пусто"), "{}", chat.words());
    assert_eq!(chat.action("✓ 🎬"), Action::History(HistoryFilter::Videos, 0));
    assert_eq!(chat.action("★"), Action::History(HistoryFilter::Favourites, 0));
}

#[test]
fn the_list_of_jobs_says_how_far_each_of_them_is() {
    let mut chat = Chat::new();
    let states = [OrderState::Queued, OrderState::Queued, OrderState::Running, OrderState::Unknown];
    chat.active = (1..).zip(states).map(|(n, state)| chat.order(n, state, "кот")).collect();
    chat.left = Some([90, 200]);
    chat.says("/jobs");
    let words = chat.words();
    let lines: Vec<&str> = words.lines().filter(|line| line.starts_with('└')).collect();
    assert_eq!(
        lines,
        [
            "└ следующая · готова примерно через 2–4 мин",
            "└ перед вами 1 · готова примерно через 2–4 мин",
            "└ готова примерно через 2–4 мин",
            "└ идёт дольше обычного, ждём",
        ]
    );
}

#[test]
fn a_full_queue_refuses_politely_and_the_offer_stays_open() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").no_orders = Some(OrderRefusal::Busy { minutes: 3 });
    chat.taps("Создать");
    let words = chat.words();
    assert!(
        words.contains("слишком много заказов") && words.contains("Деньги не тронуты"),
        "{words}"
    );
    assert!(words.contains("примерно через 3 минуты"), "{words}");
    assert!(chat.placed.is_empty());
    chat.no_orders = None;
    chat.taps("Создать за 50 ₽");
    assert_eq!(chat.placed.len(), 1, "the button tries the same offer again");
    assert!(chat.words().contains("Задача №1000"), "{}", chat.words());
}
