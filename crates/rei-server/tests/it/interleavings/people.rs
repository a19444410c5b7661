//! The customers: they write, send photos, press whatever button they see (sometimes twice, sometimes an old one), pay
//! or do not, block the bot and come back.

use std::cell::Cell;
use std::sync::OnceLock;

use rei_sim::telegram::{SimMessage, TelegramSim, User};

use super::stage::Stage;
use crate::props::photo;
use crate::schedules::draw::Draws;

/// Whose buttons are looked at, newest first.
const MESSAGES_SEEN: usize = 10;
const FIRST: i64 = 4_200;
/// Acts that lead to an order, to money or to messages; the others mostly show a page.
const FAVOURITES: [&str; 8] =
    ["create", "topup", "held", "again", "cancel", "cancel", "paycheck", "original"];

/// Acts that somebody waits for.
const CHOICES: [&str; 6] = ["create", "topup", "accept", "payheld", "heldrun", "wish"];

/// A customer.
pub struct Person {
    pub user: User,
    pub id: i64,
    /// How often files were asked for once more.
    pub asked_again: Cell<usize>,
}

/// What a button carries, and under which message.
struct Button {
    message: i64,
    data: String,
}

impl Button {
    fn act(&self) -> &str {
        self.data.split(':').nth(1).unwrap_or_default()
    }
}

impl Person {
    pub fn of(telegram: &TelegramSim, number: u64) -> Self {
        let id = FIRST + i64::try_from(number).expect("a small number");
        let user = telegram.user(id, &format!("Гость {number}"), "ru");
        Self { user, id, asked_again: Cell::new(0) }
    }

    fn buttons(&self) -> Vec<Button> {
        let messages = self.user.messages();
        let shown = messages.iter().rev().filter(|it| it.from_bot && !it.deleted);
        let of = |message: &SimMessage| {
            let buttons = message.buttons.iter().flatten();
            let pressed = buttons.filter(|it| it.kind == "callback_data");
            let id = message.id;
            pressed
                .filter_map(move |it| Some(Button { message: id, data: it.value.clone()? }))
                .collect::<Vec<_>>()
        };
        shown.take(MESSAGES_SEEN).flat_map(of).collect()
    }

    fn presses(&self, button: &Button) {
        if button.act() == "original" {
            self.asked_again.set(self.asked_again.get() + 1);
        }
        // He may have blocked the bot.
        let _taken = self.user.taps_data(button.message, &button.data);
    }
}

/// Whoever likes it orders without being asked again, and several pictures at once.
const HABITS: [&str; 2] = ["v1:quick:-:100", "v1:count:image:2"];

impl Stage {
    /// Everybody is new and says hello; some set the bot up as they like it.
    pub fn greets(&self, draws: &Draws) {
        for person in &self.people {
            let hello = person.user.says("/start").expect("he is new");
            for habit in HABITS {
                if draws.percent(50) {
                    person.user.taps_data(hello, habit).expect("he is there");
                }
            }
        }
        self.collects();
    }

    /// A customer does something; says what.
    pub fn acts(&self, draws: &Draws, number: u64) -> String {
        let person = &self.people[usize::try_from(number).expect("a small number")];
        let did = deed(person, draws);
        self.collects();
        format!("{} {did}", person.id)
    }
}

fn deed(person: &Person, draws: &Draws) -> String {
    let user = &person.user;
    let number = draws.below(4);
    // Whoever has a choice before him mostly chooses.
    let is_offered = person.buttons().iter().any(|it| CHOICES.contains(&it.act()));
    if is_offered && draws.percent(45) {
        return taps(person, draws);
    }
    match draws.below(100) {
        0..=15 => says(user, &format!("кот в скафандре {number}")),
        16..=22 => {
            let words = if draws.percent(70) { "добавь снег" } else { "" };
            let _taken = user.sends_photo(picture().to_vec(), words);
            format!("sends a photo, {words}")
        }
        23..=29 => says(user, &format!("/video кот на скейте {number}")),
        30..=42 => says(user, "/pay"),
        43..=44 => says(user, draws.one_of(&["/jobs", "/balance", "/history", "/start", "/help"])),
        45 => says(user, "/promo ЛЕТО"),
        46 => match user.blocks_bot() {
            Ok(()) => "blocks the bot".to_owned(),
            Err(_) => {
                let _was_blocked = user.unblocks_bot();
                "comes back".to_owned()
            }
        },
        _ => taps(person, draws),
    }
}

fn says(user: &User, words: &str) -> String {
    if user.says(words).is_err() {
        let _was_blocked = user.unblocks_bot();
        let _taken = user.says(words);
    }
    format!("says {words}")
}

fn taps(person: &Person, draws: &Draws) -> String {
    let buttons = person.buttons();
    if buttons.is_empty() {
        return "waits".to_owned();
    }
    let choices: Vec<&str> =
        buttons.iter().map(Button::act).filter(|it| CHOICES.contains(it)).collect();
    let favourite = match choices.is_empty() {
        false if draws.percent(70) => choices[pick(draws, choices.len())],
        _ => draws.one_of(&FAVOURITES),
    };
    let liked: Vec<&Button> = buttons.iter().filter(|it| it.act() == favourite).collect();
    let any: Vec<&Button> = buttons.iter().collect();
    // Mostly the newest offer, sometimes a stale one.
    let newest = draws.percent(75);
    let button = match liked.first() {
        Some(first) if newest && draws.percent(85) => first,
        Some(_) if draws.percent(85) => liked[pick(draws, liked.len())],
        _ => any[pick(draws, any.len())],
    };
    let times = if draws.percent(25) { 2 } else { 1 };
    for _ in 0..times {
        person.presses(button);
    }
    format!("taps {} x{times}", button.data)
}

fn pick(draws: &Draws, of: usize) -> usize {
    crate::schedules::draw::pick(draws.below(1 << 32), of).expect("there is something")
}

fn picture() -> &'static [u8] {
    static PICTURE: OnceLock<Vec<u8>> = OnceLock::new();
    PICTURE.get_or_init(|| photo("дом"))
}
