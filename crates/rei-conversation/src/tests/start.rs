//! Coming in: greetings, links, languages, groups, forwarded words, leaving and coming back.

use std::time::Duration;

use rei_domain::ids::MessageId;
use rei_texts::Lang;

use super::chat::Chat;
use crate::{Effect, Event, Keyboard, Reply, Session, Stage, Typed};

#[test]
fn e44_a_deep_link_with_junk_shows_the_greeting() {
    for start in ["/start", "/start ref_1", "/start <b>'; drop", "/start \u{202e}\0 x y", "/START"]
    {
        let mut chat = Chat::new();
        chat.says(start);
        assert!(chat.words().contains("Здравствуйте"), "{start}: {}", chat.words());
        assert!(chat.words().contains("На балансе: <b>300 ₽</b>"));
        assert!(chat.effects.contains(&Effect::DeliverWaiting));
    }
}

#[test]
fn e45_the_customer_s_language_counts_and_lang_overrides_it() {
    let mut chat = Chat::new().in_english();
    chat.says("/start");
    assert!(chat.words().contains("Hello!"));
    chat.says("/lang").taps("Русский");
    assert!(chat.effects.contains(&Effect::SetLanguage(Lang::Ru)));
    assert!(chat.words().contains("говорю по-русски"));
    let Keyboard::Main(rows) = &chat.screens()[0].keyboard else { panic!("a new keyboard comes") };
    assert!(rows[0][0].contains("Создать"));
    chat.says("/menu");
    assert!(chat.words().contains("Главное меню"));
}

#[test]
fn e41_in_a_group_the_answer_is_one_short_line_without_private_things() {
    let mut chat = Chat::new();
    let mut origin = chat.next_origin();
    origin.group_command = true;
    let balance = Event::Typed(Typed { text: "/balance".to_owned(), origin });
    for event in [Event::InGroup, balance] {
        chat.turn(event);
        assert_eq!(chat.words(), "Я работаю в личной переписке: https://t.me/rei_bot");
        assert_eq!(chat.screens()[0].keyboard, Keyboard::None);
    }
}

#[test]
fn e42_forwarded_words_are_a_description_and_never_a_command() {
    for words in ["/cancel", "меню", "💰 Баланс"] {
        let mut chat = Chat::new();
        let mut origin = chat.next_origin();
        origin.forwarded = true;
        chat.turn(Event::Typed(Typed { text: words.to_owned(), origin }));
        assert_eq!(chat.quote().prompt, words);
    }
}

#[test]
fn e33_an_open_offer_survives_a_restart_and_broken_records_do_not_hurt() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре");
    let quote = chat.quote();
    // The chat keeps nothing but JSON between turns.
    chat.taps("Создать за 50 ₽");
    assert_eq!(chat.placed, [quote]);
    for broken in ["", "{", "{\"version\":99,\"stage\":\"draft\"}", "{\"stage\":{\"new\":1}}", "[]"]
    {
        let mut chat = Chat::new();
        chat.kept = broken.to_owned();
        chat.says("/menu");
        assert!(chat.words().contains("Главное меню"), "{broken}");
    }
}

#[test]
fn a_form_is_forgotten_after_a_day() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре").waits(Duration::from_secs(24 * 3600 + 1)).says("/cancel");
    assert_eq!(chat.words(), "Отменять нечего.");
    assert_eq!(chat.session().left_offer, None);
}

#[test]
fn the_menu_tells_of_a_form_only_when_it_had_words() {
    let mut chat = Chat::new();
    chat.says("/menu");
    assert!(!chat.words().contains("закрыт"));
    chat.says("/image").says("меню");
    assert!(!chat.words().contains("закрыт"), "an empty form has nothing to keep");
    chat.says("кот в скафандре").says("Начать заново");
    assert!(chat.words().contains("заказ закрыт, деньги не тронуты"), "{}", chat.words());
    assert!(chat.words().contains("«кот в скафандре»"));
    assert_eq!(chat.session().stage, Stage::Idle);
    chat.says(&"я".repeat(9_000)).says("/menu");
    assert!(chat.words().contains("заказ закрыт"));
}

#[test]
fn e31_a_customer_who_comes_back_gets_what_waited() {
    let mut chat = Chat::new();
    chat.turn(Event::Unblocked);
    assert_eq!(chat.effects, [Effect::DeliverWaiting]);
}

#[test]
fn owners_commands_are_unknown_to_everybody_else() {
    let mut chat = Chat::new();
    let names = crate::admin::COMMANDS.iter().map(|name| format!("/{name} 42 10,50 подарок"));
    let commands: Vec<String> = names.collect();
    for command in commands.iter().map(String::as_str).chain(["/stats", "/dance"]) {
        chat.says(command);
        assert!(chat.words().contains("Такой команды нет"), "{command}");
        assert_eq!(chat.effects.len(), 1, "{command}");
    }
    chat.customer.admin = true;
    for command in commands {
        chat.says(&command);
        let name = command[1..].split(' ').next().expect("a command has a name").to_owned();
        let (args, message) = ("42 10,50 подарок".to_owned(), chat.message);
        assert_eq!(chat.effects, [Effect::Admin { name, args, message, reply: None }]);
    }
    let reply = Reply { message: Some(MessageId(7)), ..Reply::default() };
    chat.replies(reply, "/ban 3d спам");
    let (name, args) = ("ban".to_owned(), "3d спам".to_owned());
    let (message, reply) = (chat.message, Some(MessageId(7)));
    assert_eq!(chat.effects, [Effect::Admin { name, args, message, reply }]);
}

#[test]
fn buttons_of_those_who_run_the_bot_are_strange_to_everybody_else() {
    let mut chat = Chat::new();
    chat.presses("v1:adm-ok:17:yes");
    assert_eq!(chat.toast(), Some("Эта кнопка не ваша."));
    assert_eq!(chat.effects.len(), 1);
    chat.customer.admin = true;
    chat.presses("v1:adm-ok:17:yes");
    let [Effect::AdminButton { act, id, arg, query, .. }] = chat.effects.as_slice() else {
        panic!("the application answers it: {:?}", chat.effects)
    };
    assert_eq!((act.as_str(), id.as_str(), query.as_str()), ("ok", "17", "query"));
    assert_eq!(arg.as_deref(), Some("yes"));
}

#[test]
fn an_empty_session_is_what_a_new_customer_has() {
    assert_eq!(Session::from_json("{}"), Session::default());
}

#[test]
fn e33_the_session_of_the_version_before_still_reads() {
    let mut chat = Chat::new();
    chat.says("кот в скафандре");
    let quote = serde_json::to_value(chat.quote()).expect("an offer is plain fields");
    let choices = serde_json::json!({"sku": "nano-banana-pro", "ratio": "16:9", "size": "4K"});
    chat.kept = serde_json::json!({
        "version": 1,
        "saved_at": chat.now,
        "stage": {"quoted": {"quote": quote, "message": 101}},
        "choices": choices,
        "last_order": {
            "order": null, "quote": null, "prompt": "пёс", "choices": choices, "at": 1, "message": 5
        },
        "left": quote,
        "album": "a",
        "album_had_words": true,
        "full_message": null,
    })
    .to_string();
    chat.taps("Создать за 50 ₽");
    assert_eq!((chat.placed.len(), chat.placed[0].prompt.as_str()), (1, "кот в скафандре"));
    chat.says("пёс на скейте");
    assert_eq!((chat.choices().ratio.as_str(), chat.choices().size.as_str()), ("16:9", "4K"));
}

#[test]
fn the_menu_tells_of_files_that_were_waiting() {
    let mut chat = Chat::new();
    chat.sends(super::chat::photo("a"), None).says("/menu");
    assert!(chat.words().contains("заказ закрыт, деньги не тронуты"), "{}", chat.words());
}
