//! The chat's door under whatever Telegram and people do to it: rows T1 to T10 of the threat list.

use std::path::PathBuf;
use std::time::Duration;

use rei_app::{BookError, LedgerError, Visitor, updates};
use rei_bot::BotIdentity;
use rei_domain::ids::CustomerId;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_server::product::Roles;
use rei_sim::gemini::Behaviour;
use rei_sim::telegram::{Fault, FaultKind};
use rei_storage::orders::OrderRow;
use rei_storage::{customers, inbox, orders};
use rstest::rstest;
use serde_json::{Value, json};

use crate::app::{Person, Shape, TestApp, WITHIN, flat};
use crate::fleet::{Fleet, house_of};

async fn orders_of(app: &TestApp) -> Vec<OrderRow> {
    let house = app.house().await;
    house.book.read(|tx| orders::recent(tx, 100)).await.expect("the book is readable")
}

/// Waits until the newest order stands there.
pub async fn until_order_is(app: &TestApp, state: OrderState) {
    let reached = || async { orders_of(app).await.first().map(|order| order.state) == Some(state) };
    app.until(&format!("an order that is {state:?}"), reached).await;
}

/// The data of the newest button with these words, and its message.
fn button(person: &Person, label: &str) -> (i64, String) {
    let messages = person.user.messages();
    let found = messages.iter().rev().find_map(|message| {
        let fits = message.buttons.iter().flatten().find(|one| flat(&one.text).contains(label))?;
        Some((message.id, fits.value.clone()?))
    });
    found.expect("the button is there")
}

fn raw_message(update_id: i64, text: &str) -> String {
    let update = json!({
        "update_id": update_id,
        "message": {
            "message_id": 5_000 + update_id, "date": 1_790_000_000, "text": text,
            "chat": {"id": 42, "type": "private", "first_name": "Анна"},
            "from": {"id": 42, "is_bot": false, "first_name": "Анна", "language_code": "ru"},
        }
    });
    update.to_string()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn t1_an_update_whose_handler_failed_is_handled_later_and_once(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    // No dispatcher: this test serves by hand.
    let roles = Roles { worker: true, ..Roles::default() };
    let app = TestApp::start_with(shape, |options| options.roles = roles).await;
    let house = app.house().await;
    let bot = BotIdentity { id: 1, username: "rei_demo_bot".to_owned() };
    updates::accept(&house, vec![raw_message(7, "/start")]).await.expect("it is stored");
    let waiting = updates::waiting(&house, 10).await.expect("the book is readable");
    let update = waiting.first().cloned().expect("it waits");

    let failing = |desk: &mut rei_app::Desk<'_, '_>, _: &str| {
        let (id, language) = (CustomerId(42), Some("ru"));
        desk.meet(Visitor { id, name: "Анна", username: None, language })?;
        Err(LedgerError::Frozen)
    };
    updates::serve(&house, update.clone(), failing).await.expect("the failure is noted");
    let known = house.book.read(|tx| customers::find(tx, CustomerId(42))).await;
    assert!(known.expect("the book is readable").is_none(), "nothing of the failure stays");
    let still = house.book.read(inbox::count_waiting).await.expect("the book is readable");
    assert_eq!(still, 1, "the update is not lost");

    for _ in 0..2 {
        let bot = bot.clone();
        let handler =
            move |desk: &mut rei_app::Desk<'_, '_>, raw: &str| rei_bot::handle(desk, raw, &bot);
        updates::serve(&house, update.clone(), handler).await.expect("it is served");
    }
    let anna = app.person(42, "Анна");
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300), "the gift came once");
    let shown = house
        .book
        .read(|tx| rei_storage::outbox::recent(tx, 100))
        .await
        .expect("the book is readable");
    assert_eq!(shown.len(), 1, "one greeting is on its way");
    app.stage.stop().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn t2_updates_that_come_twice_or_backwards_have_one_effect_each(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start(shape).await;
    let anna = app.person(42, "Анна");
    app.stage.telegram.duplicate_updates(3);
    anna.says("/start");
    anna.sees("На балансе: 300 ₽").await;
    anna.says("кот в скафандре");
    anna.sees("Цена: 50 ₽").await;
    anna.taps("Создать за 50 ₽").await;
    anna.sees("баланс 250 ₽").await;

    anna.begin();
    let house = app.house().await;
    let raw = raw_message(990_000_001, "/id");
    let mut stored = 0;
    for _ in 0..5 {
        stored += updates::accept(&house, vec![raw.clone()]).await.expect("it is stored");
    }
    assert_eq!(stored, 1);
    anna.sees("Ваш номер").await;
    app.settled().await;
    let numbers = anna.user.messages().iter().filter(|m| m.text.contains("Ваш номер")).count();
    assert_eq!(numbers, 1);
    assert_eq!(orders_of(&app).await.len(), 1);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(250));

    anna.begin();
    app.stage.telegram.reorder_updates(3);
    for words in ["/terms", "/privacy", "/how"] {
        anna.user.says(words).expect("the message is taken");
    }
    for words in ["Условия", "Конфиденциальность", "Как это работает"]
    {
        anna.sees(words).await;
    }
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn t3_whatever_a_prompt_holds_is_shown_and_sent_as_it_is(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app =
        TestApp::start_with(shape, |options| options.gift = Kopecks::from_rubles(1_000)).await;
    let anna = app.person(42, "Анна");
    anna.says("/start");
    anna.sees("На балансе").await;
    let long =
        format!("кот <b> & {}", "очень длинный рассказ о коте ".repeat(150)).trim().to_owned();
    assert!(long.chars().count() > 4_000);
    let long: String = long.chars().take(4_096).collect::<String>().trim().to_owned();
    let prompts = [
        "кот <b>жирный</b> и <i>незакрытый",
        "Tom & Jerry &amp; &lt;script&gt; &#0; <a href=\"tg://user?id=1\">x</a>",
        "кот </b></blockquote> <tg-emoji> {price} { $price } %s `код` *звёзды* _черты_",
        "\u{202e}кот\u{202c} \u{200f}שלום\u{2066} мир\u{2069} \u{200b}невидимка",
        long.as_str(),
    ];
    for prompt in prompts {
        anna.says(prompt);
        let quote = anna.sees("Цена: 50 ₽").await;
        let begun: String = prompt.chars().filter(|c| !turns_words_around(*c)).take(24).collect();
        assert!(flat(&quote.text).contains(&flat(&begun)), "`{begun}` is shown as {}", quote.text);
        anna.taps("Создать за 50 ₽").await;
        anna.sees_document().await;
        let calls = app.stage.gemini.generate_calls();
        let asked = &calls.last().expect("Gemini was asked").prompt;
        assert!(asked.contains(prompt), "`{prompt}` was asked as `{asked}`");
        app.settled().await;
    }
    anna.says("/history");
    anna.sees("№").await;
    app.finish().await;
}

/// Marks that would turn our own words around are not shown.
fn turns_words_around(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn t4_ten_presses_make_one_order_and_all_are_answered(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start(shape).await;
    let anna = app.person(42, "Анна");
    anna.says("/start");
    anna.sees("На балансе: 300 ₽").await;
    anna.says("кот в скафандре");
    anna.sees("Цена: 50 ₽").await;
    let (message, data) = button(&anna, "Создать за");
    anna.begin();
    for _ in 0..10 {
        anna.user.taps_data(message, &data).expect("the press is taken");
    }
    anna.sees("баланс 250 ₽").await;
    anna.sees_document().await;
    app.settled().await;
    assert_eq!(orders_of(&app).await.len(), 1);
    assert_eq!(app.stage.gemini.images_made(), 1);
    assert_eq!(anna.user.callback_answers().len(), 10);
    assert_eq!(app.stage.telegram.unanswered_taps(), 0);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(250));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn t6_every_kind_of_message_is_answered_and_no_update_gets_stuck(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start(shape).await;
    let anna = app.person(279_058_397, "Анна");
    anna.says("/start");
    anna.sees("На балансе: 300 ₽").await;
    let file = json!({"file_id": "f", "file_unique_id": "u", "duration": 3, "length": 240, "width": 64, "height": 64});
    let kinds: [(&str, Value); 13] = [
        ("voice", file.clone()),
        ("video_note", file.clone()),
        ("audio", file.clone()),
        ("video", file.clone()),
        ("animation", file.clone()),
        ("document", json!({"file_id": "f", "file_unique_id": "u", "file_name": "a.zip"})),
        ("sticker", file),
        ("contact", json!({"phone_number": "+7", "first_name": "Б"})),
        ("location", json!({"latitude": 1.0, "longitude": 2.0})),
        (
            "venue",
            json!({"location": {"latitude": 1.0, "longitude": 2.0}, "title": "a", "address": "b"}),
        ),
        ("poll", json!({"id": "1", "question": "?", "options": []})),
        ("dice", json!({"emoji": "🎲", "value": 6})),
        ("story", json!({"chat": {"id": 1, "type": "private"}, "id": 5})),
    ];
    for (kind, content) in kinds {
        app.settled().await;
        anna.begin();
        anna.user.sends_raw_message(json!({ kind: content })).expect("the message is taken");
        let answered = anna.user.waits_for(newest(&anna), WITHIN, |_| true).await;
        answered.unwrap_or_else(|error| panic!("{kind} is not answered: {error}"));
    }
    let folder =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../rei-telegram/tests/fixtures/odd");
    let mut odd = 0;
    for entry in std::fs::read_dir(folder).expect("the fixtures are there") {
        let path = entry.expect("the fixtures are there").path();
        let text = std::fs::read_to_string(path).expect("a fixture is readable");
        let mut update: Value = serde_json::from_str(&text).expect("a fixture is JSON");
        // The simulator numbers them, or it would take them for old ones.
        update.as_object_mut().expect("an object").remove("update_id");
        app.stage.telegram.inject_update(update);
        odd += 1;
    }
    assert_eq!(odd, 17);
    let delivered = || async { app.stage.telegram.pending_updates() == 0 };
    app.until("delivery of all updates", delivered).await;
    app.settled().await;
    let parked = app.person(rei_server::commands::demo::ADMIN, "Владелец");
    assert!(
        parked.user.messages().is_empty(),
        "the owner was alarmed: {:?}",
        parked.user.messages()
    );
    anna.says("/balance");
    anna.sees("Баланс: 300 ₽").await;
    // The presses among them were never made, so Telegram does not know them.
    app.stage.telegram.take_violations().retain(|one| {
        assert_eq!(one.method, "answerCallbackQuery", "{one:?}");
        false
    });
    app.finish().await;
}

fn newest(person: &Person) -> u64 {
    let messages = person.user.messages();
    messages.iter().filter(|one| one.from_bot).map(|one| one.revision).max().unwrap_or(0)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn t7_who_blocks_the_bot_is_left_alone_and_finds_the_result_later(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start(shape).await;
    let anna = app.person(42, "Анна");
    anna.says("/start");
    anna.sees("На балансе: 300 ₽").await;
    app.stage.gemini.always(Behaviour::Slow { ms: 4_000 });
    anna.says("кот в скафандре");
    anna.taps("Создать за 50 ₽").await;
    anna.sees("рисую").await;
    anna.user.blocks_bot().expect("she can");
    let house = app.house().await;
    let blocked = || async {
        let row = house.book.read(|tx| customers::find(tx, CustomerId(42))).await;
        row.expect("the book is readable").is_some_and(|row| row.blocked)
    };
    app.until("the block", blocked).await;
    let sent = || {
        let calls = app.stage.telegram.calls();
        let hers = calls.into_iter().filter(|call| call.chat_id == Some(42));
        hers.map(|call| (call.method, call.code)).collect::<Vec<_>>()
    };
    tokio::time::sleep(Duration::from_millis(200)).await;
    let before = sent();
    until_order_is(&app, OrderState::Ready).await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(250), "the picture is made and paid");
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(sent(), before, "nothing is sent to a chat that is gone");

    anna.begin();
    anna.user.unblocks_bot().expect("she can");
    anna.sees_photo().await;
    anna.sees_document().await;
    until_order_is(&app, OrderState::Delivered).await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(250));
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn t9_a_chat_is_not_flooded_and_a_wish_for_silence_is_kept(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    const SILENCE_S: u64 = 3;
    let app = TestApp::start(shape).await;
    let (anna, boris) = (app.person(42, "Анна"), app.person(43, "Борис"));
    anna.says("/start");
    anna.sees("На балансе").await;
    anna.begin();
    for _ in 0..8 {
        anna.user.says("/id").expect("the message is taken");
    }
    let numbers = || async {
        let shown = anna.user.messages();
        shown.iter().filter(|message| message.text.contains("Ваш номер")).count() == 8
    };
    app.until("all eight answers", numbers).await;
    app.settled().await;
    let busiest = app.stage.telegram.max_calls_per_second_per_chat();
    assert!(busiest <= 4, "{busiest} messages within a second");
    let busiest = app.stage.telegram.max_calls_per_chat(Duration::from_secs(5));
    assert!(busiest <= 8, "{busiest} messages within five seconds");

    tokio::time::sleep(Duration::from_millis(3_100)).await;
    let flood = FaultKind::TooManyRequests { retry_after: SILENCE_S };
    app.stage.telegram.fault(Fault::next(flood).on("sendMessage").in_chat(42));
    anna.says("/balance");
    let refused = || async { app.stage.telegram.calls().iter().any(|call| call.code == 429) };
    app.until("the refusal", refused).await;
    boris.says("/start");
    boris.sees("На балансе").await;
    anna.sees("Баланс: 300 ₽").await;
    let calls = app.stage.telegram.calls();
    let at = calls.iter().position(|call| call.code == 429).expect("it was refused");
    let after = |chat: i64| {
        let next =
            calls[at + 1..].iter().find(|call| call.chat_id == Some(chat) && call.weight > 0);
        next.expect("a later message").time_ms - calls[at].time_ms
    };
    let wait = after(42);
    assert!((3_000..4_500).contains(&wait), "the next message came after {wait} ms");
    assert!(after(43) < 2_500, "another chat waited for {} ms", after(43));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn t10_the_button_of_an_older_offer_orders_nothing(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start(shape).await;
    let anna = app.person(42, "Анна");
    anna.says("/start");
    anna.sees("На балансе").await;
    anna.says("кот в скафандре");
    anna.sees("Цена: 50 ₽").await;
    let (message, data) = button(&anna, "Создать за");
    anna.says("совсем другая собака");
    anna.sees("собака").await;
    anna.begin();
    anna.user.taps_data(message, &data).expect("the press is taken");
    anna.sees("Экран устарел").await;
    app.settled().await;
    assert!(orders_of(&app).await.is_empty());
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn t10_a_price_on_a_button_is_charged_or_asked_again_but_never_another(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let (mut world, parts, _redis) = house_of(shape).await;
    let anna = world.person(42, "Анна");
    let house = Fleet::start(&world, parts).await;
    world.greets_and_gets(&anna, 300).await;
    anna.says("кот в скафандре");
    anna.sees("Цена: 50 ₽").await;
    house.stops().await;

    // The price goes up while the offer counts: it is honoured.
    world.set("IMAGE_GENERATION_PRICE", "70");
    let house = Fleet::start(&world, parts).await;
    anna.taps("Создать за 50 ₽").await;
    anna.sees("списано 50 ₽ · баланс 250 ₽").await;
    anna.sees_document().await;
    anna.says("собака в скафандре");
    anna.sees("Цена: 70 ₽").await;
    house.stops().await;

    // The price goes down and the offer runs out: it is made anew.
    let book = world.book().await;
    let aged = book.write(|tx| {
        let row = customers::find(tx, CustomerId(42))?.expect("she is known");
        let long_ago = regex::Regex::new(r#""expires_at":\d+"#).expect("a pattern");
        assert!(long_ago.is_match(&row.session), "{}", row.session);
        let session = long_ago.replace_all(&row.session, r#""expires_at":1"#);
        customers::save_session(tx, CustomerId(42), &session)
    });
    aged.await.map_err(|error: BookError| error).expect("the book is writable");
    drop(book);
    world.set("IMAGE_GENERATION_PRICE", "60");
    let house = Fleet::start(&world, parts).await;
    anna.taps("Создать за 70 ₽").await;
    anna.sees("Цена: 60 ₽").await;
    assert_eq!(world.gemini.images_made(), 1, "nothing was ordered at another price");
    house.stops().await;
    assert!(world.run(&["audit"]).await.status.success());
}
