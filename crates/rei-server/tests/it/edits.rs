//! Changing pictures: the customer's own and the bot's, by caption, by words, by reply and by button.

use std::time::Duration;

use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_sim::gemini::{Behaviour, Call};
use rei_sim::kling::Role;
use rei_sim::telegram::{Fault, FaultKind, SimMessage};
use rei_storage::testing::EngineKind;
use rstest::rstest;

use crate::app::{Person, TestApp, flat};
use crate::props::{drawn_as, heavy, heic, photo, pictures_in, png, webp};
use crate::shortcuts::{asks_for, calls_for, gift, known, orders_of, quick, states_of};

/// Telegram is asked for a file five times, with growing pauses.
const AFTER_ALL_TRIES: Duration = Duration::from_secs(60);

/// The only call with these words.
fn call_for(app: &TestApp, words: &str) -> Call {
    let mut calls = app.stage.gemini.generate_calls();
    calls.retain(|call| call.prompt.contains(words));
    assert_eq!(calls.len(), 1, "`{words}` was asked {} times", calls.len());
    calls.remove(0)
}

/// Waits for the result of an order: its preview and its original.
async fn sees_result(person: &Person) -> (SimMessage, SimMessage) {
    person.sees("списано").await;
    (person.sees_photo().await, person.sees_document().await)
}

/// The bytes of a file that the bot sent.
fn bytes_of(app: &TestApp, message: &SimMessage) -> Vec<u8> {
    let document = message.document.as_ref().expect("it has a file");
    app.stage.telegram.file(&document.file_id).expect("it was uploaded").to_vec()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_photo_with_words_is_changed_from_its_own_bytes(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    let house = photo("дом");
    anna.sends_photo(&house, "добавь снег");
    let offer = anna.sees("Проверьте заказ").await;
    assert!(flat(&offer.text).contains("изменение фото"), "{}", offer.text);
    assert!(flat(&offer.text).contains("«добавь снег»"), "{}", offer.text);
    anna.taps("Создать за 50 ₽").await;
    sees_result(&anna).await;
    let call = call_for(&app, "добавь снег");
    assert_eq!((call.inputs, call.turns), (1, 1));
    assert_eq!(pictures_in(&call), [house]);
    assert!(drawn_as(&call, "aspectRatio").is_null(), "the picture keeps its shape");
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(250));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_photo_without_words_waits_for_them(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    let house = photo("дом");
    anna.sends_photo(&house, "");
    let asked = anna.sees("Получил фото").await;
    for wanted in ["🛠 Изменить", "🎨 Нарисовать по образцу", "🎬 Оживить"]
    {
        assert!(asked.labels().contains(&wanted), "{:?}", asked.labels());
    }
    anna.says("добавь снег");
    anna.sees("изменение фото").await;
    anna.taps("Создать за 50 ₽").await;
    sees_result(&anna).await;
    assert_eq!(pictures_in(&call_for(&app, "добавь снег")), [house]);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_picture_sent_as_a_file_goes_on_as_it_is(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    for (bytes, name, mime) in
        [(png("дом"), "дом.png", "image/png"), (webp(), "дом.webp", "image/webp")]
    {
        let words = format!("снег для {name}");
        anna.sends_file(&bytes, name, mime, &words);
        anna.sees("изменение фото").await;
        anna.taps("Создать за 50 ₽").await;
        sees_result(&anna).await;
        let call = call_for(&app, &words);
        assert_eq!(pictures_in(&call), [bytes], "{name}");
    }
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_can_not_be_used_is_named_and_holds_no_money(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    let whole = photo("дом");
    let torn = &whole[..whole.len() / 2];
    let huge = heavy(&whole, 21 * 1024 * 1024);
    let mut gif = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec();
    gif.resize(300, 0);
    let rows: [(&[u8], &str, &str, &str); 6] = [
        (&heic(), "a.heic", "image/heic", "Файлы HEIC я не читаю"),
        (&gif, "a.gif", "image/gif", "Это не картинка и не видео"),
        (torn, "a.jpg", "image/jpeg", "похоже, он повреждён"),
        (b"just words, many of them", "b.jpg", "image/jpeg", "Это не картинка и не видео"),
        (b"", "c.jpg", "image/jpeg", "Это не картинка и не видео"),
        (&huge, "d.jpg", "image/jpeg", "Файл больше 20 МБ"),
    ];
    for (bytes, name, mime, told) in rows {
        anna.sends_file(bytes, name, mime, "добавь снег");
        anna.sees(told).await;
    }
    app.settled().await;
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, []);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    // The words were kept for a picture that can be used.
    anna.sends_photo(&whole, "");
    anna.sees("«добавь снег»").await;
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_an_own_photo_changes_that_photo(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    let (first, second) = (photo("дом"), photo("лес"));
    let older = anna.sends_photo(&first, "");
    anna.sees("Получил фото").await;
    anna.says("/menu");
    anna.sees("Главное меню").await;
    anna.sends_photo(&second, "");
    anna.sees("Получил фото").await;
    anna.replies(older, "добавь снег");
    anna.sees("изменение фото").await;
    anna.taps("Создать за 50 ₽").await;
    sees_result(&anna).await;
    assert_eq!(pictures_in(&call_for(&app, "добавь снег")), [first]);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_a_result_changes_its_original_bytes(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    asks_for(&anna, "кот на окне").await;
    let (preview, document) = sees_result(&anna).await;
    let original = bytes_of(&app, &document);
    app.settled().await;
    // A reply to the squeezed preview means the original, and so does one to the file.
    for (shown, words) in [(preview.id, "надень шляпу"), (document.id, "надень очки")]
    {
        anna.replies(shown, words);
        anna.sees("изменение фото").await;
        anna.taps("Создать за 50 ₽").await;
        sees_result(&anna).await;
        let call = call_for(&app, words);
        assert_eq!(call.turns, 3, "its words, its picture with the signature, and the new words");
        assert_eq!(pictures_in(&call), std::slice::from_ref(&original));
        assert_eq!(call.body["contents"][0]["parts"][0]["text"], "кот на окне");
    }
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_model_gets_the_picture_without_the_turn_of_the_first(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    asks_for(&anna, "кот на окне").await;
    let (preview, document) = sees_result(&anna).await;
    app.settled().await;
    anna.replies(preview.id, "надень шляпу");
    anna.sees("изменение фото").await;
    anna.taps("⚙️ Настроить").await;
    anna.taps("Модель: ").await;
    anna.taps("NanoBanana 2 · от 20 ₽").await;
    anna.taps("Создать за 25 ₽").await;
    sees_result(&anna).await;
    let call = call_for(&app, "надень шляпу");
    assert_eq!(call.turns, 1, "a signature is good for the model that gave it");
    assert_eq!(pictures_in(&call), [bytes_of(&app, &document)]);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_former_turn_that_is_refused_heals_as_a_plain_edit(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    asks_for(&anna, "кот на окне").await;
    let (preview, document) = sees_result(&anna).await;
    app.settled().await;
    app.stage.gemini.next(Behaviour::RefuseFormerTurn);
    anna.replies(preview.id, "надень шляпу");
    anna.sees("изменение фото").await;
    anna.taps("Создать за 50 ₽").await;
    sees_result(&anna).await;
    app.settled().await;
    let mut calls = app.stage.gemini.generate_calls();
    calls.retain(|call| call.prompt.contains("надень шляпу"));
    let turns: Vec<usize> = calls.iter().map(|call| call.turns).collect();
    assert_eq!(turns, [3, 1]);
    assert_eq!(pictures_in(&calls[1]), [bytes_of(&app, &document)]);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(200), "once each");
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_telegram_gives_late_is_taken_all_the_same(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.telegram.fault(Fault::next(FaultKind::internal()).on("getFile"));
    app.stage.telegram.fault(Fault::next(FaultKind::BadGateway).on("getFile"));
    app.stage.telegram.fault(Fault::next(FaultKind::CutBefore).on("downloadFile"));
    anna.sends_photo(&photo("дом"), "добавь снег");
    anna.sees("изменение фото").await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_telegram_never_gives_is_told_and_holds_no_money(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    let description = "Bad Request: wrong file_id or the file is temporarily unavailable";
    let gone = FaultKind::Error { code: 400, description: description.to_owned() };
    app.stage.telegram.fault(Fault::next(gone).on("getFile"));
    anna.sends_photo(&photo("дом"), "добавь снег");
    anna.sees("Telegram его не отдал").await;
    app.stage.telegram.fault(Fault::next(FaultKind::internal()).on("getFile").always());
    anna.sends_photo(&photo("дом"), "добавь снег");
    let told = anna.user.waits_for(0, AFTER_ALL_TRIES, |message| {
        flat(&message.text).contains("Не получилось принять файл")
    });
    told.await.expect("she is told");
    app.stage.telegram.clear_faults();
    app.settled().await;
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, []);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(300));
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn heavy_pictures_go_ahead_of_the_request(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    // Each would fit, the two of them don't.
    anna.sends_file(&heavy(&photo("дом"), 8_000_000), "дом.jpg", "image/jpeg", "");
    anna.sees("Получил фото").await;
    anna.sends_file(&heavy(&photo("лес"), 8_000_000), "лес.jpg", "image/jpeg", "");
    anna.sees("Получил 2 фото").await;
    anna.says("поставь дом в лес");
    anna.sees("изменение 2 фото").await;
    anna.taps("Создать за 50 ₽").await;
    sees_result(&anna).await;
    let call = call_for(&app, "поставь дом в лес");
    assert_eq!((call.inputs, call.inputs_by_file), (2, 1));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_buttons_under_a_result_lead_on(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, |options| {
        gift(1_000)(options);
        // A video begins with nothing smaller than 300 pixels.
        options.picture = rei_sim::gemini::PictureMode::Cached;
    })
    .await;
    let anna = known(&app, 42, "Анна").await;
    asks_for(&anna, "кот на окне").await;
    let (preview, document) = sees_result(&anna).await;
    app.settled().await;
    let labels: Vec<String> = preview.labels().into_iter().map(flat).collect();
    let wanted = [
        "🔁 Ещё вариант · 50 ₽",
        "🛠 Изменить",
        "🔍 Улучшить · 90 ₽",
        "🎬 Оживить · 100 ₽",
        "📄 Оригинал",
        "⭐",
        "♻️ С правкой",
    ];
    assert_eq!(labels, wanted);

    anna.taps("Ещё вариант").await;
    anna.sees("Цена: 50 ₽").await;
    anna.taps("Создать за 50 ₽").await;
    sees_result(&anna).await;
    assert_eq!(calls_for(&app, "кот на окне"), 2);

    let button = |label: &str| {
        let buttons = preview.buttons.iter().flatten();
        let mut found = buttons.filter(|button| flat(&button.text).contains(label));
        found.next().and_then(|button| button.value.clone()).expect("it has data")
    };
    let press = |label: &str| {
        anna.begin();
        anna.user.taps_data(preview.id, &button(label)).expect("the press is taken");
    };
    press("🛠 Изменить");
    anna.sees("Напишите, что изменить на фото").await;
    anna.says("надень шляпу");
    anna.sees("изменение фото").await;
    anna.taps("Создать за 50 ₽").await;
    sees_result(&anna).await;
    assert_eq!(pictures_in(&call_for(&app, "надень шляпу")), [bytes_of(&app, &document)]);

    press("Улучшить");
    anna.sees("Цена: 90 ₽").await;
    anna.taps("Создать за 90 ₽").await;
    sees_result(&anna).await;
    let larger = call_for(&app, "с большей детализацией");
    assert_eq!(drawn_as(&larger, "imageSize"), "4K");
    assert_eq!(pictures_in(&larger), [bytes_of(&app, &document)]);

    press("Оживить");
    anna.sees("видео из фото").await;
    anna.taps("Создать за 100 ₽").await;
    let sees_video = anna.user.waits_for(0, AFTER_ALL_TRIES, |message| message.video.is_some());
    sees_video.await.expect("the video comes");
    let creates = app.stage.kling.creates();
    assert!(creates.len() == 1 && creates[0].has(Role::FirstFrame), "{creates:?}");

    app.settled().await;
    press("Оригинал");
    let again = anna.sees_document().await;
    assert_eq!(bytes_of(&app, &again), bytes_of(&app, &document));

    press("⭐");
    let starred = || async {
        let answers = anna.user.callback_answers();
        answers.iter().any(|answer| format!("{answer:?}").contains("Добавлено в избранное"))
    };
    app.until("the star", starred).await;
    let house = app.house().await;
    assert!(orders_of(&house, &anna).await.last().is_some_and(|order| order.favourite));

    press("С правкой");
    anna.sees("Напишите новое описание").await;
    anna.says("кот у окна");
    anna.sees("Цена: 50 ₽").await;
    anna.taps("Создать за 50 ₽").await;
    sees_result(&anna).await;
    assert_eq!(call_for(&app, "кот у окна").inputs, 0);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_second_press_under_a_result_orders_nothing_twice(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, gift(1_000)).await;
    let anna = known(&app, 42, "Анна").await;
    allows_quick(&anna, "до 50 ₽").await;
    anna.says("кот на окне");
    sees_result(&anna).await;
    app.settled().await;
    anna.taps("Ещё вариант").await;
    sees_result(&anna).await;
    app.settled().await;
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await.len(), 2, "quick mode asks nothing");
    let first = anna.user.messages().into_iter().find(|message| message.photo.is_some());
    let first = first.expect("the first result");
    let data = first.buttons[0][0].value.clone().expect("it has data");
    anna.begin();
    for _ in 0..3 {
        anna.user.taps_data(first.id, &data).expect("the press is taken");
    }
    anna.sees("Вы уже заказали это").await;
    app.settled().await;
    assert_eq!(states_of(&house, &anna).await.len(), 2, "the same again is asked about");
    anna.taps("Создать за 50 ₽").await;
    sees_result(&anna).await;
    app.settled().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Delivered; 3]);
    drop(house);
    app.finish().await;
}

/// Sets quick mode through the settings.
async fn allows_quick(person: &Person, label: &str) {
    person.says("/settings");
    person.sees("Без подтверждения: выключено").await;
    person.taps("⚡ Без подтверждения").await;
    person.sees("Заказы не дороже выбранной суммы").await;
    person.taps(label).await;
    person.sees(label).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn in_quick_mode_a_photo_with_words_runs_at_once_below_the_limit(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, quick).await;
    let anna = known(&app, 42, "Анна").await;
    allows_quick(&anna, "до 50 ₽").await;
    anna.sends_photo(&photo("дом"), "добавь снег");
    anna.sees("Задача №1").await;
    sees_result(&anna).await;
    // Above the limit it asks as ever.
    anna.says("/video кот бежит");
    anna.sees("Проверьте заказ").await;
    app.settled().await;
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Delivered]);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(250));
    drop(house);
    app.finish().await;
}
