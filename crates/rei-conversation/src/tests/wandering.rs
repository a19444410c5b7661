//! Customers who do anything in any order: whatever they do, an offer is complete, every word is answered, and
//! nothing is ordered that was not confirmed.

use std::time::Duration;

use rei_domain::chance::{Chance, SeededChance};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;

use super::chat::{Chat, clip, file, measured_clip, measured_photo, photo};
use super::till::stars;
use crate::{Action, Content, FileProblem, Reply};

const CUSTOMERS: u64 = 300;
const STEPS: u64 = 40;

const SAID: &[&str] = &[
    "кот на Луне",
    "сделай небо розовым",
    "!",
    "/image",
    "/edit",
    "/video",
    "/video кот бежит по крыше",
    "/image рыжий кот",
    "/menu",
    "/cancel",
    "/settings",
    "/history",
    "/repeat",
    "/pay",
    "/balance",
    "/promo X",
    "/terms",
    "300",
    "anna@example.com",
];

fn wanderer(chance: &dyn Chance) -> Chat {
    let mut chat = Chat::new().with_balance([0, 60, 300, 5_000][chance.below(4) as usize]);
    chat.active_max = 1_000;
    let delivered = chat.order(1, OrderState::Delivered, "кот");
    chat.history = vec![delivered];
    chat.files.insert("tiny".to_owned(), Ok(measured_photo(50, 50)));
    chat.files.insert("narrow".to_owned(), Ok(measured_photo(4_000, 400)));
    chat.files.insert("long".to_owned(), Ok(measured_clip(20_000)));
    chat.files.insert("bad".to_owned(), Err(FileProblem::Broken));
    chat.slow = chance.below(2) == 0;
    chat.till.terms_accepted = chance.below(2) == 0;
    chat.till.email_needed = chance.below(2) == 0;
    if chance.below(2) == 0 {
        chat.till.rails.push(stars());
    }
    if chance.below(3) == 0 {
        chat.presses("v1:quick:-:100");
    }
    chat
}

fn pick<'a, T>(chance: &dyn Chance, from: &'a [T]) -> &'a T {
    &from[usize::try_from(chance.below(from.len() as u64)).expect("an index fits")]
}

/// One thing that a customer does, in words for the report.
fn step(chat: &mut Chat, chance: &dyn Chance) -> String {
    let name = pick(chance, &["a", "tiny", "narrow", "bad", "b"]);
    let film = pick(chance, &["clip", "long"]);
    let caption = *pick(chance, &[None, Some("сделай снег"), Some("/video"), Some("/edit ярче")]);
    match chance.below(12) {
        0 | 1 => {
            let said = pick(chance, SAID);
            let before = chat.coming.len();
            chat.says(said);
            let waits = before > 0 || chat.session().form.album.is_some();
            assert!(!chat.effects.is_empty() || waits, "silence after {said}");
            format!("says {said}")
        }
        2 => {
            chat.sends(photo(name), caption);
            format!("sends {name} {caption:?}")
        }
        3 => {
            chat.sends(clip(film), caption);
            format!("sends {film} {caption:?}")
        }
        4 => {
            let album = pick(chance, &["x", "y"]);
            let album = Some((*album).to_owned());
            chat.sends(Content::Picture { file: file(name), album }, caption);
            format!("sends {name} {caption:?} in an album")
        }
        5 => {
            chat.sleeps(Duration::from_millis(chance.below(4_000)));
            "sleeps".to_owned()
        }
        6 if !chat.coming.is_empty() => {
            chat.arrives();
            "a file arrives".to_owned()
        }
        6 => {
            chat.sleeps(Duration::from_secs(chance.below(2_000)));
            "sleeps long".to_owned()
        }
        7 => {
            let order = chat.history[0].id;
            chat.replied = (chance.below(2) == 0).then_some((order, 1));
            chat.replies(Reply { picture: Some(file(name)), ..Reply::default() }, "сделай ярче");
            chat.replied = None;
            format!("replies to {name}")
        }
        8 => {
            let order = chat.history[0].id;
            let under = [
                Action::Again(order),
                Action::Redo(order, 1),
                Action::Upscale(order, 1),
                Action::Animate(order, 1),
                Action::Rewrite(order),
            ];
            let action = pick(chance, &under);
            chat.presses(&action.data());
            format!("presses {action:?}")
        }
        9 => {
            chat.sell_for([45, 50, 75][chance.below(3) as usize]);
            "the price changes".to_owned()
        }
        10 if !chat.payments.is_empty() => money_comes(chat),
        _ => {
            let buttons = chat.buttons();
            if buttons.is_empty() {
                return "looks".to_owned();
            }
            let (label, action) = pick(chance, &buttons);
            chat.presses(&action.data());
            format!("taps {label}")
        }
    }
}

/// The latest payment is paid, or told once more: nothing starts but the order that it was paid for, and that once.
fn money_comes(chat: &mut Chat) -> String {
    let (payment, of) = chat.payments.last().cloned().expect("a payment was opened");
    let held = chat.session().held;
    let before = chat.placed.len();
    if !payment.state.is_open() {
        chat.hears_again();
        assert_eq!(chat.placed.len(), before, "money told twice ordered twice");
        return "hears of the money again".to_owned();
    }
    chat.pays();
    let started = chat.placed.len() - before;
    let Some(held) = held.filter(|held| of == Some(held.id)) else {
        assert_eq!(started, 0, "other money started an order");
        return "other money comes".to_owned();
    };
    assert!(started <= 1);
    if let Some(placed) = chat.placed.get(before) {
        assert_eq!(placed.prompt, held.quote.prompt);
        assert!(placed.price <= held.quote.price, "{} > {}", placed.price, held.quote.price);
        assert_eq!(chat.session().held, None);
    }
    format!("its money comes, started: {started}")
}

/// What holds of an offer at any time.
fn check_offer(chat: &Chat) -> Result<(), String> {
    let session = chat.session();
    let crate::Stage::Quoted { quote } = &session.stage else { return Ok(()) };
    let model = chat.catalog.model(&quote.choices.sku).ok_or("a row that is not there")?;
    let mut uploads: Vec<_> = quote.inputs.iter().map(|input| input.upload).collect();
    uploads.sort();
    uploads.dedup();
    if uploads.len() != quote.inputs.len() {
        return Err("a file goes in twice".to_owned());
    }
    for rules in &model.inputs {
        let of_slot = quote.inputs.iter().filter(|input| input.slot == rules.slot);
        let count = of_slot.clone().count();
        if count < rules.min || count > rules.max {
            return Err(format!("{count} files for {:?}", rules.slot));
        }
        for input in of_slot {
            let file = session.form.files.iter().find(|file| file.upload == input.upload);
            let measured = file.and_then(|file| file.measured.as_ref());
            let measured = measured.ok_or("a file that was not read")?;
            rules.check(measured).map_err(|problem| format!("{problem:?}"))?;
        }
    }
    if model.inputs.is_empty() && !quote.inputs.is_empty() {
        return Err("files for a row that takes none".to_owned());
    }
    if model.kind.needs_words() && quote.prompt.is_empty() {
        return Err("nothing to make".to_owned());
    }
    // Words under a part of an album count as soon as the album is complete.
    let whole = session.form.files.iter().all(|file| file.measured.is_some())
        && session.form.album.as_ref().is_none_or(|album| album.told);
    if whole && session.form.prompt.clone().unwrap_or_default() != quote.prompt {
        return Err("other words than the form's".to_owned());
    }
    Ok(())
}

#[test]
fn whatever_customers_do_offers_are_complete_and_words_are_answered() {
    let (mut offers, mut orders, mut started) = (0, 0, 0);
    for seed in 0..CUSTOMERS {
        let chance: &dyn Chance = &SeededChance::new(seed);
        let mut chat = wanderer(chance);
        let mut done = Vec::new();
        for _ in 0..STEPS {
            done.push(step(&mut chat, chance));
            if let Err(problem) = check_offer(&chat) {
                panic!("customer {seed}: {problem}\n{}\n{}", done.join("\n"), chat.words());
            }
            offers += usize::from(chat.quote_is_open());
            assert!(chat.kept.len() < 60_000, "customer {seed}: {} bytes", chat.kept.len());
        }
        let mut ids: Vec<_> = chat.placed.iter().map(|quote| quote.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), chat.placed.len(), "customer {seed} ordered one offer twice");
        assert!(chat.customer.free() >= Kopecks::ZERO, "customer {seed} owes");
        started += done.iter().filter(|step| step.ends_with("started: 1")).count();
        orders += chat.placed.len();
    }
    assert!(offers > 2_000 && orders > 200, "{offers} offers, {orders} orders");
    assert!(started > 3, "only {started} held orders were started by their money");
}
