//! T5: whatever is on a button has a handler, and whatever has a handler is on a button.

use std::collections::{BTreeSet, HashSet, VecDeque};

use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_texts::Lang;

use super::chat::Chat;
use super::markup::hostile_prompts;
use crate::{Action, Command, Content, Effect, Keyboard, Stage};

/// Everything a customer may type to begin with.
const OPENINGS: &[&str] = &[
    "/start",
    "/menu",
    "/image",
    "/image кот на Луне",
    "/edit",
    "/video",
    "/jobs",
    "/history",
    "/repeat",
    "/balance",
    "/pay",
    "/statement",
    "/prices",
    "/promo X",
    "/invite",
    "/settings",
    "/presets",
    "/help",
    "/how",
    "/support",
    "/paysupport",
    "/terms",
    "/privacy",
    "/lang",
    "/cancel",
    "/delete_me",
    "/id",
    "/add 1 2 x",
    "/stats",
    "/trial",
    "/dance",
    "кот на Луне",
    "!",
];

/// Customers in all sorts of places.
fn worlds() -> Vec<(&'static str, Chat)> {
    let mut worlds = vec![
        ("rich", Chat::new()),
        ("poor", Chat::new().with_balance(40)),
        ("broke", Chat::new().with_balance(0)),
        ("english", Chat::new().in_english()),
    ];
    let mut busy = Chat::new();
    for (number, state) in (1..).zip(OrderState::ALL) {
        let order = busy.order(number, state, "пёс на скейте");
        if state.holds_money() {
            busy.active.push(order.clone());
        }
        busy.history.push(order);
    }
    let mut roomy = busy.clone();
    roomy.active_max = 100;
    let mut undecided = roomy.clone();
    undecided.says("лиса в шляпе");
    let mut down = Chat::new();
    down.provider_down = true;
    let mut closed = Chat::new();
    closed.catalog.switch_off("nano-banana-pro");
    let mut owner = Chat::new();
    owner.customer.admin = true;
    owner.customer.bonus = Kopecks::from_rubles(10);
    worlds.extend([
        ("busy", busy),
        ("roomy", roomy),
        ("undecided", undecided),
        ("down", down),
        ("closed", closed),
    ]);
    worlds.push(("owner", owner));
    worlds
}

/// Every chat that begins with an opening, and every chat one more tap away, until nothing new appears.
fn crawl(mut visit: impl FnMut(&Chat, &str)) {
    for (world, chat) in worlds() {
        let mut seen = HashSet::new();
        let mut waiting = VecDeque::new();
        let mut openings: Vec<String> = OPENINGS.iter().map(ToString::to_string).collect();
        openings.extend(hostile_prompts().into_iter().skip(2).step_by(9));
        for opening in openings {
            let mut chat = chat.clone();
            chat.says(&opening);
            waiting.push_back((chat, format!("{world}: {}", rei_texts::shorten(&opening, 30))));
        }
        while let Some((chat, path)) = waiting.pop_front() {
            visit(&chat, &path);
            for (label, action) in chat.buttons() {
                if seen.insert((place(&chat), kind(&action), label.clone())) {
                    let mut next = chat.clone();
                    next.presses(&action.data());
                    waiting.push_back((next, format!("{path} > {label}")));
                }
            }
        }
        assert!(seen.len() > 20 || world == "closed", "{world} has only {} buttons", seen.len());
    }
}

/// What matters of a chat for where a button leads.
fn place(chat: &Chat) -> (String, usize, i64) {
    let stage = match chat.session().stage {
        Stage::Quoted { quote, .. } => format!("quoted {:?}", quote.choices),
        Stage::TooLong { .. } => "too long".to_owned(),
        other => format!("{other:?}"),
    };
    (stage, chat.active.len(), chat.customer.cash.get())
}

fn kind(action: &Action) -> String {
    action.data().split(':').nth(1).expect("data has three parts").to_owned()
}

#[test]
fn t5_every_button_on_every_screen_leads_to_an_answer() {
    let mut visited = 0;
    crawl(|chat, path| {
        visited += 1;
        assert!(!chat.effects.is_empty(), "{path} leads to silence");
        let told = chat.toast().is_some()
            || chat.effects.iter().any(|effect| !matches!(effect, Effect::AnswerPress { .. }));
        assert!(told, "{path} changes nothing and says nothing");
        for (label, action) in chat.buttons() {
            assert_eq!(Action::parse(&action.data()).as_ref(), Some(&action), "{path} > {label}");
        }
    });
    assert!(visited > 500, "only {visited} screens were found");
}

#[test]
fn t5_every_handler_is_behind_some_button() {
    let mut found = BTreeSet::new();
    crawl(|chat, _| found.extend(chat.buttons().iter().map(|(_, action)| kind(action))));
    let handled: BTreeSet<_> = Action::samples().iter().map(kind).collect();
    assert_eq!(found, handled);
}

#[test]
fn t5_every_label_of_the_main_keyboard_is_a_command_in_any_language() {
    for lang in Lang::ALL {
        let mut chat = Chat::new();
        chat.customer.lang = lang;
        chat.says("/start");
        let Keyboard::Main(rows) = chat.screens()[0].keyboard.clone() else {
            panic!("the greeting brings the main keyboard")
        };
        for label in rows.iter().flatten() {
            assert!(Command::read(label, "rei_bot").is_some(), "{label}");
            for reader in Lang::ALL {
                let mut chat = Chat::new();
                chat.customer.lang = reader;
                chat.says(label);
                assert!(!chat.effects.is_empty(), "{label}");
                assert!(
                    !matches!(chat.session().stage, Stage::Quoted { .. }),
                    "{label} was priced"
                );
            }
        }
    }
}

#[test]
fn t6_every_kind_of_content_gets_an_answer_except_service_messages() {
    const MEGABYTE: u64 = 1024 * 1024;
    let sizes = [None, Some(0), Some(20 * MEGABYTE), Some(20 * MEGABYTE + 1), Some(u64::MAX)];
    let mut kinds = vec![Content::Voice, Content::Other];
    for size_bytes in sizes {
        kinds.push(Content::Picture { size_bytes, album: None });
        kinds.push(Content::Picture { size_bytes, album: Some("a".to_owned()) });
        kinds.push(Content::Video { size_bytes });
        kinds.push(Content::File { size_bytes });
    }
    for (world, chat) in worlds() {
        for content in &kinds {
            for caption in [None, Some(""), Some("кот на Луне"), Some("/video кот"), Some("/help")]
            {
                let mut chat = chat.clone();
                chat.sends(content.clone(), caption);
                assert!(
                    !chat.screens().is_empty(),
                    "{world}: silence after {content:?} {caption:?}"
                );
            }
        }
        let mut chat = chat.clone();
        chat.sends(Content::Service, None);
        assert_eq!(chat.effects, []);
    }
}

#[test]
fn t4_presses_with_made_up_data_are_answered_once_and_show_the_menu() {
    for data in ["", "v1", "v9:menu:-", "v1:create:x", "v1:ratio:-:<b>", "я", "v1:history:-:x"] {
        for (world, mut chat) in worlds() {
            chat.presses(data);
            assert!(chat.effects.len() >= 2, "{world}: {data} leads to {:?}", chat.effects);
        }
    }
}
