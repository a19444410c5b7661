//! Albums: one message a part, in any order, early or late, with a restart in the middle; one order in the end (T8).

use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_sim::gemini::Call;
use rei_sim::telegram::{Fault, FaultKind};
use rei_storage::testing::EngineKind;
use rstest::rstest;

use crate::app::{Person, Shape, TestApp, flat};
use crate::fleet::{Fleet, house_of};
use crate::props::{photo, pictures_in};
use crate::shortcuts::{known, other_catalog, quick, states_of};

const PARTS_MAX: usize = 10;

fn photos(count: usize) -> Vec<Vec<u8>> {
    (1..=count).map(|number| photo(&format!("фото {number}"))).collect()
}

/// Confirms the open offer and waits for its result.
async fn orders(person: &Person) {
    person.taps("Создать за 50 ₽").await;
    person.sees("списано 50 ₽").await;
    person.sees_document().await;
}

fn only_call(app: &TestApp) -> Call {
    let mut calls = app.stage.gemini.generate_calls();
    assert_eq!(calls.len(), 1);
    calls.remove(0)
}

/// How many messages of the bot have these words.
fn told(person: &Person, words: &str) -> usize {
    let messages = person.user.messages();
    messages.iter().filter(|it| it.from_bot && flat(&it.text).contains(words)).count()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn t8_ten_parts_out_of_order_make_one_request(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let anna = known(&app, 42, "Анна").await;
    let parts = photos(PARTS_MAX);
    anna.begin();
    app.stage.telegram.reorder_updates(u32::try_from(PARTS_MAX).expect("it fits"));
    let captions = |index: usize| if index == 2 { "собери коллаж" } else { "" };
    let album = parts.iter().enumerate().map(|(index, part)| (part.clone(), captions(index)));
    anna.user.sends_album(album).expect("the album is taken");
    let offer = anna.sees("изменение 10 фото").await;
    assert!(flat(&offer.text).contains("«собери коллаж»"), "{}", offer.text);
    orders(&anna).await;
    app.settled().await;
    assert_eq!(pictures_in(&only_call(&app)), parts, "in the order of the messages");
    assert_eq!(told(&anna, "к заказу, проверьте ещё раз"), 0);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(250));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn t8_a_part_after_the_offer_joins_it(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let anna = known(&app, 42, "Анна").await;
    let parts = photos(3);
    let album = anna.user.begins_album();
    anna.begin();
    for (part, caption) in [(&parts[0], ""), (&parts[1], "собери коллаж")] {
        anna.user.sends_album_part(&album, part.clone(), caption).expect("the part is taken");
    }
    let old = anna.sees("изменение 2 фото").await;
    anna.begin();
    anna.user.sends_album_part(&album, parts[2].clone(), "").expect("the part is taken");
    let fresh = anna.sees("изменение 3 фото").await;
    assert!(flat(&fresh.text).contains("к заказу, проверьте ещё раз"), "{}", fresh.text);
    // The offer for two is out of date; pressing it orders nothing.
    let stale = old.buttons[0][0].value.clone().expect("it has data");
    anna.begin();
    anna.user.taps_data(old.id, &stale).expect("the press is taken");
    anna.sees("Экран устарел, вот свежий").await;
    orders(&anna).await;
    assert_eq!(pictures_in(&only_call(&app)), parts);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn t8_a_part_after_the_order_begins_another(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, quick).await;
    let anna = known(&app, 42, "Анна").await;
    let parts = photos(3);
    let album = anna.user.begins_album();
    anna.begin();
    for (part, caption) in [(&parts[0], "собери коллаж"), (&parts[1], "")] {
        anna.user.sends_album_part(&album, part.clone(), caption).expect("the part is taken");
    }
    anna.sees("изменение 2 фото").await;
    orders(&anna).await;
    anna.begin();
    anna.user.sends_album_part(&album, parts[2].clone(), "").expect("the part is taken");
    let apart = anna.sees("Получил фото").await;
    assert!(flat(&apart.text).contains("прошлый заказ уже был закрыт"), "{}", apart.text);
    app.settled().await;
    assert_eq!(pictures_in(&only_call(&app)), parts[..2]);
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Delivered]);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn t8_a_restart_in_the_middle_loses_no_part(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
    #[values(Ending::Stopped, Ending::Killed)] ending: Ending,
) {
    let (world, parts_of_house, _redis) = house_of(shape).await;
    let before = Fleet::start(&world, parts_of_house).await;
    let anna = world.person(42, "Анна");
    world.greets_and_gets(&anna, 100).await;
    let parts = photos(4);
    let album = anna.user.begins_album();
    let send = |index: usize, caption: &str| {
        let part = parts[index].clone();
        anna.user.sends_album_part(&album, part, caption).expect("the part is taken");
    };
    send(0, "");
    send(1, "собери коллаж");
    let book = world.book().await;
    let here = async || {
        let live = book.read(rei_storage::inbox::count_waiting).await;
        live.expect("the book is readable") == 0 && world.telegram.pending_updates() == 0
    };
    while !here().await {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    match ending {
        Ending::Stopped => before.stops().await,
        Ending::Killed => drop(before),
    }
    send(2, "");
    send(3, "");
    let again = Fleet::start(&world, parts_of_house).await;
    world.sees(&anna, "Проверьте заказ").await;
    world.sees(&anna, "изменение 4 фото").await;
    anna.taps("Создать за 50 ₽").await;
    world.sees(&anna, "списано 50 ₽").await;
    let calls = world.gemini.generate_calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(pictures_in(&calls[0]), parts);
    again.stops().await;
}

/// How the product ends.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Stopped,
    Killed,
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_album_without_words_can_be_references_for_a_new_picture(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    let parts = photos(3);
    anna.begin();
    anna.user.sends_album(parts.iter().map(|part| (part.clone(), ""))).expect("it is taken");
    anna.sees("Получил 3 фото").await;
    anna.taps("Нарисовать по образцу").await;
    anna.sees("Опишите новую картинку").await;
    anna.says("все трое на пикнике");
    anna.sees("картинка по 3 образцам").await;
    orders(&anna).await;
    assert_eq!(pictures_in(&only_call(&app)), parts);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_too_many_photos_the_first_are_used_and_it_is_said(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, |options| {
        quick(options);
        other_catalog(options, |shipped| shipped.replace("max = 14", "max = 2"));
    })
    .await;
    let anna = known(&app, 42, "Анна").await;
    let parts = photos(3);
    anna.begin();
    let album = parts.iter().map(|part| (part.clone(), "собери коллаж"));
    anna.user.sends_album(album).expect("the album is taken");
    let offer = anna.sees("изменение 2 фото").await;
    assert!(flat(&offer.text).contains("Возьму фото: 2 из 3"), "{}", offer.text);
    orders(&anna).await;
    assert_eq!(pictures_in(&only_call(&app)), parts[..2]);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_album_goes_on_without_a_part_that_did_not_come(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    let parts = photos(3);
    let description =
        "Bad Request: wrong file_id or the file is temporarily unavailable".to_owned();
    let gone = FaultKind::Error { code: 400, description };
    app.stage.telegram.fault(Fault::next(gone).on("getFile"));
    anna.begin();
    let album = parts.iter().map(|part| (part.clone(), "собери коллаж"));
    anna.user.sends_album(album).expect("the album is taken");
    let offer = anna.sees("изменение 2 фото").await;
    assert!(flat(&offer.text).contains("Telegram его не отдал"), "{}", offer.text);
    orders(&anna).await;
    let sent = pictures_in(&only_call(&app));
    assert!(sent.len() == 2 && sent.iter().all(|picture| parts.contains(picture)));
    app.finish().await;
}
