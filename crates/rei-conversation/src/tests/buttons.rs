//! T5: whatever is on a button has a handler, and whatever has a handler is on a button.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::time::Duration;

use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_texts::Lang;

use super::chat::{Chat, clip, file, photo};
use super::markup::hostile_prompts;
use super::till::{card, stars};
use crate::{
    Action, Command, Content, Effect, FileRef, Keyboard, PaymentRefusal, Stage, statement_buttons,
};

/// Everything a customer may type to begin with.
const OPENINGS: &[&str] = &[
    "/start",
    "/menu",
    "/image",
    "/image кот на Луне",
    "/edit",
    "/edit сделай небо розовым",
    "/video",
    "/video кот бежит по крыше",
    "/jobs",
    "/history",
    "/repeat",
    "/balance",
    "/pay",
    "/statement",
    "/prices",
    "/promo X",
    "/promo",
    "Проверить оплату",
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

/// The buttons that the application puts under results and refusals.
fn under_results(chat: &Chat) -> Vec<Action> {
    let of = |order: &crate::OrderBrief| {
        let id = order.id;
        [
            Action::Again(id),
            Action::Redo(id, 1),
            Action::Upscale(id, 1),
            Action::Animate(id, 1),
            Action::Original(id),
            Action::Star(id),
            Action::Rewrite(id),
            Action::Why(id),
        ]
    };
    let statement = statement_buttons(chat.customer.lang, 1, true).into_iter().flatten();
    let statement = statement.filter_map(|button| button.action().cloned());
    chat.history.iter().chain(&chat.active).flat_map(of).chain(statement).collect()
}

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
    down.down = ["gemini", "kling"].map(str::to_owned).into();
    let mut closed = Chat::new();
    closed.catalog.switch_off_where(|_| true);
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
    worlds.extend(payers());
    worlds
}

/// Customers with all sorts of tills.
fn payers() -> Vec<(&'static str, Chat)> {
    let poor = || Chat::new().with_balance(40);
    let (mut newcomer, mut both, mut stars_only) = (poor(), poor(), poor());
    newcomer.till.terms_accepted = false;
    newcomer.till.email_needed = true;
    both.till.rails = vec![card(), stars()];
    both.till.email = Some("anna@example.com".to_owned());
    stars_only.till.rails = vec![stars()];
    let mut unpaid = both.clone();
    unpaid.says("кот на Луне").taps("Создать").taps("Оплатить ровно");
    let (mut off, mut frozen, mut banned, mut hasty) = (poor(), poor(), poor(), poor());
    off.till.rails.clear();
    frozen.till.frozen = true;
    frozen.customer.cash = Kopecks::from_rubles(-70);
    banned.till.banned = Some("спам".to_owned());
    hasty.no_payments = Some(PaymentRefusal::TooMany { retry_minutes: 12 });
    let mut unsold = unpaid.clone();
    unsold.catalog.switch_off("nano-banana-pro");
    vec![
        ("newcomer", newcomer),
        ("both", both),
        ("stars", stars_only),
        ("unpaid", unpaid),
        ("off", off),
        ("frozen", frozen),
        ("banned", banned),
        ("hasty", hasty),
        ("unsold", unsold),
    ]
}

/// Every chat that begins with an opening, and every chat one more tap away, until nothing new appears.
fn crawl(mut visit: impl FnMut(&Chat, &str)) {
    for (world, chat) in worlds() {
        let mut seen = HashSet::new();
        let mut waiting = VecDeque::new();
        let mut openings: Vec<String> = OPENINGS.iter().map(ToString::to_string).collect();
        for action in under_results(&chat) {
            let mut chat = chat.clone();
            chat.presses(&action.data());
            waiting.push_back((chat, format!("{world}: {}", action.data())));
        }
        let files = [vec![photo("a")], vec![photo("a"), photo("b")], vec![clip("clip")]];
        let both = vec![clip("clip"), photo("a")];
        for (number, files) in files.into_iter().chain([both]).enumerate() {
            let mut chat = chat.clone();
            for content in files {
                chat.sends(content, None);
            }
            waiting.push_back((chat, format!("{world}: files {number}")));
        }
        openings.extend(hostile_prompts().into_iter().skip(2).step_by(9));
        for opening in openings {
            let mut chat = chat.clone();
            chat.says(&opening);
            waiting.push_back((chat, format!("{world}: {}", rei_texts::shorten(&opening, 30))));
        }
        while let Some((chat, path)) = waiting.pop_front() {
            visit(&chat, &path);
            for (label, action) in chat.buttons() {
                if matches!(action, Action::Admin { .. }) {
                    continue;
                }
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
        Stage::Quoted { quote } => format!("quoted {}", quote.kind(&chat.catalog).as_str()),
        other => format!("{other:?} {:?}", chat.session().form.kind()),
    };
    let session = chat.session();
    let money = (session.question, session.top_up.is_some(), session.held.is_some());
    (format!("{stage} {money:?}"), chat.active.len(), chat.customer.cash.get())
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
    let (mut order, mut results) = (Chat::new(), Chat::new());
    results.history = vec![order.order(7, OrderState::Delivered, "кот")];
    let mut found: BTreeSet<_> = under_results(&results).iter().map(kind).collect();
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
        let file = FileRef { size_bytes, ..file("clip") };
        kinds.push(Content::Video { file: file.clone(), album: None });
        kinds.push(Content::File { file });
        let file = FileRef { size_bytes, ..super::chat::file("photo") };
        kinds.push(Content::Picture { file: file.clone(), album: None });
        kinds.push(Content::Picture { file, album: Some("a".to_owned()) });
    }
    for (world, chat) in worlds() {
        for content in &kinds {
            for caption in [None, Some(""), Some("кот на Луне"), Some("/video кот"), Some("/help")]
            {
                let mut chat = chat.clone();
                let before = chat.placed.len();
                chat.sends(content.clone(), caption);
                let mut screens = chat.screens().len();
                screens += chat.sleeps(Duration::from_secs(2)).screens().len();
                assert_eq!(chat.placed.len(), before, "nothing is ordered without a press");
                assert!(screens > 0, "{world}: silence after {content:?} {caption:?}");
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
