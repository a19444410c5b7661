//! What a test does to the book without a chat: orders placed by hand, and what became of them.

use rei_app::orders::{self as use_cases, PlaceOutcome};
use rei_app::{HistoryFilter, House};
use rei_domain::ids::{OrderId, QuoteId};
use rei_domain::ledger::{Phase, Transfer};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_domain::quote::{Quote, Wanted};
use rei_server::commands::demo::{ADMIN, StageOptions};
use rei_sim::gemini::PictureMode;
use rei_sim::kling::Create;
use rei_storage::{ledger, orders};

use crate::app::{Person, TestApp, flat};

/// The catalogue that ships with the binary.
pub const CATALOG: &str = include_str!("../../../../data/catalog.toml");

/// What one picture costs by default.
pub const PRICE: Kopecks = Kopecks::from_rubles(50);

/// What five seconds of video cost by default.
pub const VIDEO_PRICE: Kopecks = Kopecks::from_rubles(100);
/// The row that these are.
pub const VIDEO_SKU: &str = "kling-3-turbo";

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

/// Tasks are asked about after a second, and then twice a second.
pub fn filming(options: &mut StageOptions) {
    quick(options);
    options.settings.push(("KLING_POLL_INTERVAL".to_owned(), "1".to_owned()));
}

/// The same, with another gift.
pub fn filming_gift(rubles: i64) -> impl FnOnce(&mut StageOptions) {
    move |options| {
        filming(options);
        options.gift = Kopecks::from_rubles(rubles);
    }
}

/// The product with a catalogue of its own, made from the shipped one.
pub fn other_catalog(options: &mut StageOptions, change: impl FnOnce(&str) -> String) {
    let path = options.folder.join("catalog.toml");
    std::fs::write(&path, change(CATALOG)).expect("the folder can be written");
    options.settings.push(("CATALOG_PATH".to_owned(), path.display().to_string()));
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

/// Orders a video of five seconds in the chat, up to the press.
pub async fn films(person: &Person, prompt: &str) {
    person.says(&format!("/video {prompt}"));
    person.sees("Цена: 100 ₽").await;
    person.taps("Создать за 100 ₽").await;
}

/// An offer of the default picture.
pub fn offer(house: &House, prompt: &str) -> Quote {
    offer_of(house, "nano-banana-pro", prompt)
}

/// An offer of any row that needs no files.
pub fn offer_of(house: &House, sku: &str, prompt: &str) -> Quote {
    let catalog = house.catalog.current();
    let model = catalog.model(sku).expect("it is sold");
    let (prompt, choices) = (prompt.to_owned(), model.default_choices());
    let wanted = Wanted { prompt, choices, inputs: Vec::new(), length_ms: None };
    let id = QuoteId::new(house.now(), house.chance.as_ref());
    Quote::make(&catalog, wanted, id, house.now()).expect("it is sold")
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
    place_of(house, person, offer(house, prompt)).await
}

/// Places an order of a video that can be paid, without a chat.
pub async fn place_video(house: &House, person: &Person, prompt: &str) -> OrderId {
    place_of(house, person, offer_of(house, VIDEO_SKU, prompt)).await
}

async fn place_of(house: &House, person: &Person, quote: Quote) -> OrderId {
    let prompt = quote.prompt.clone();
    match confirm(house, person, quote).await {
        PlaceOutcome::Placed { order, .. } => order,
        other => panic!("`{prompt}` was not placed: {other:?}"),
    }
}

/// The customer's orders, the newest first.
pub async fn orders_of(house: &House, person: &Person) -> Vec<orders::OrderRow> {
    let id = person.id;
    let listed =
        house.book.read(move |tx| orders::history(tx, id, HistoryFilter::All, 0, 200)).await;
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

/// The calls by which Kling was asked for this prompt.
pub fn creates_for(app: &TestApp, prompt: &str) -> Vec<Create> {
    let mut creates = app.stage.kling.creates();
    creates.retain(|create| create.prompt.contains(prompt));
    creates
}

/// The key under which Kling knows this prompt, once it does.
pub async fn key_of(app: &TestApp, prompt: &str) -> String {
    app.until("the call", || async { !creates_for(app, prompt).is_empty() }).await;
    creates_for(app, prompt)[0].external_id.clone().expect("every call carries its key")
}

/// Waits until the customer's newest order stands there.
pub async fn until_newest_is(app: &TestApp, person: &Person, state: OrderState) {
    let house = app.house().await;
    let there =
        || async { orders_of(&house, person).await.first().map(|it| it.state) == Some(state) };
    app.until(&format!("an order that is {state}"), there).await;
}

/// Whether the customer was sent these words, though they may have been replaced since.
pub fn was_told(app: &TestApp, person: &Person, words: &str) -> bool {
    let calls = app.stage.telegram.calls().into_iter();
    let mut hers = calls.filter(|call| call.chat_id == Some(person.user.id()));
    hers.any(|call| flat(&serde_json::to_string(&call.params).expect("it is JSON")).contains(words))
}

/// Switches a fault of the stage.
pub async fn fault(app: &TestApp, name: &str) {
    app.stage.fault(name, &[]).await.expect("the fault is known");
}
