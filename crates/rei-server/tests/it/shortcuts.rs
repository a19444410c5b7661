//! What a test does to the book without a chat: orders placed by hand, and what became of them.

use rei_app::House;
use rei_app::orders::{self as use_cases, PlaceOutcome};
use rei_domain::catalog::Choices;
use rei_domain::ids::{OrderId, QuoteId};
use rei_domain::ledger::{Phase, Transfer};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_domain::quote::Quote;
use rei_server::commands::demo::{ADMIN, StageOptions};
use rei_sim::gemini::PictureMode;
use rei_storage::{ledger, orders};

use crate::app::{Person, TestApp};

/// What one picture costs by default.
pub const PRICE: Kopecks = Kopecks::from_rubles(50);

/// Small pictures and no pauses between messages: for tests that prove nothing about either.
pub fn quick(options: &mut StageOptions) {
    options.picture = PictureMode::Tiny;
    options.settings.push(("TELEGRAM_PACING".to_owned(), "0".to_owned()));
}

/// The same, with another gift.
pub fn gift(rubles: i64) -> impl FnOnce(&mut StageOptions) {
    move |options| {
        quick(options);
        options.gift = Kopecks::from_rubles(rubles);
    }
}

/// A customer who has said hello.
pub async fn known(app: &TestApp, id: i64, name: &str) -> Person {
    let person = app.person(id, name);
    person.says("/start");
    person.sees("На балансе").await;
    person
}

/// The owner, who has said hello and can be told news.
pub async fn owner(app: &TestApp) -> Person {
    known(app, ADMIN, "Хозяин").await
}

/// Orders in the chat, up to the press.
pub async fn asks_for(person: &Person, prompt: &str) {
    person.says(prompt);
    person.sees("Цена: 50 ₽").await;
    person.taps("Создать за 50 ₽").await;
}

/// An offer of the default picture.
pub fn offer(house: &House, prompt: &str) -> Quote {
    let choices = Choices {
        sku: "nano-banana-pro".to_owned(),
        ratio: "1:1".to_owned(),
        size: "2K".to_owned(),
    };
    let id = QuoteId::new(house.now(), house.chance.as_ref());
    Quote::make(&house.catalog.current(), &choices, prompt, id, house.now()).expect("it is sold")
}

/// Confirms an offer without a chat.
pub async fn confirm(house: &House, person: &Person, quote: Quote) -> PlaceOutcome {
    let (rules, customer, now) = (house.clone(), person.id, house.now());
    let placed = house.book.write(move |tx| {
        use_cases::place(tx, &rules, &rules.catalog.current(), customer, &quote, now)
    });
    placed.await.expect("the book takes it")
}

/// Places an order that can be paid, without a chat.
pub async fn place(house: &House, person: &Person, prompt: &str) -> OrderId {
    match confirm(house, person, offer(house, prompt)).await {
        PlaceOutcome::Placed { order, .. } => order,
        other => panic!("`{prompt}` was not placed: {other:?}"),
    }
}

/// The customer's orders, the newest first.
pub async fn orders_of(house: &House, person: &Person) -> Vec<orders::OrderRow> {
    let id = person.id;
    let listed = house.book.read(move |tx| orders::history(tx, id, 0, 200)).await;
    listed.expect("the book is readable")
}

/// Where the customer's orders stand, the oldest first.
pub async fn states_of(house: &House, person: &Person) -> Vec<OrderState> {
    orders_of(house, person).await.into_iter().rev().map(|row| row.state).collect()
}

/// The customer's transfers of one phase.
pub async fn transfers(house: &House, person: &Person, phase: Phase) -> Vec<Transfer> {
    let id = person.id;
    let page = house.book.read(move |tx| ledger::statement(tx, id, None, 200)).await;
    let mut transfers = page.expect("the book is readable").transfers;
    transfers.retain(|transfer| transfer.phase == phase);
    transfers
}

/// How often the provider was asked for this prompt.
pub fn calls_for(app: &TestApp, prompt: &str) -> usize {
    app.stage.gemini.generate_calls().iter().filter(|call| call.prompt.contains(prompt)).count()
}

/// Switches a fault of the stage.
pub async fn fault(app: &TestApp, name: &str) {
    app.stage.fault(name, &[]).await.expect("the fault is known");
}
