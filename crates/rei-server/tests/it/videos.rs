//! Videos of every kind: what Kling is asked for, what the customer gets, what it costs, and how it can be stopped.

use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use rei_app::House;
use rei_domain::ids::AttemptId;
use rei_domain::ledger::{Account, Money, Phase, ProviderName};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_sim::draw::Drawing;
use rei_sim::kling::{Behaviour, Create, ResultFault, Role, SentInput};
use rei_sim::telegram::{Fault, FaultKind, SimMessage};
use rei_sim::video::{probe, sample_clip, sample_mov};
use rei_storage::ledger;
use rei_storage::orders::{self, NewTask};
use rei_storage::testing::EngineKind;
use rstest::rstest;
use serde_json::json;

use crate::app::{Person, Shape, TestApp, flat};
use crate::shortcuts::{
    VIDEO_PRICE, creates_for, fault, filming, filming_gift, films, key_of, known, orders_of,
    states_of, transfers, until_newest_is,
};
use crate::world::http;

/// A photo as a telephone takes it.
fn photo(words: &str) -> Bytes {
    let drawing = Drawing { width: 640, height: 480, prompt: words, note: "", reference: None };
    drawing.jpeg().into()
}

/// A customer's own clip.
fn clip(seconds: u64) -> Bytes {
    sample_clip(1280, 720, seconds * 1_000)
}

/// The only call for this prompt.
fn only_create(app: &TestApp, prompt: &str) -> Create {
    let mut creates = creates_for(app, prompt);
    assert_eq!(creates.len(), 1, "{prompt}");
    creates.remove(0)
}

/// Confirms the offer that is seen with these words.
async fn creates(person: &Person, task: &str, price: &str) {
    person.sees(task).await;
    person.sees(&format!("Цена: {price}")).await;
    person.taps(&format!("Создать за {price}")).await;
}

/// The video comes, is charged at this price, and is as Telegram needs it.
async fn gets(app: &TestApp, person: &Person, rubles: i64, seconds: u32) -> SimMessage {
    let message = person.sees_video().await;
    let video = message.video.clone().expect("it has one");
    assert_eq!(video.duration_s, seconds);
    assert!(message.text.contains("списано"), "{}", message.text);
    until_newest_is(app, person, OrderState::Delivered).await;
    assert_eq!(app.balance(person).await, Kopecks::from_rubles(300 - rubles));
    let house = app.house().await;
    let row = orders_of(&house, person).await.remove(0);
    assert_eq!(row.charged, Some(Kopecks::from_rubles(rubles)));
    message
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_video_from_words_comes_with_everything_that_telegram_shows(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, filming).await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("/video кот на скейте");
    anna.sees("🎬 видео").await;
    anna.sees("Цена: 100 ₽ · На балансе: 300 ₽ → останется 200 ₽").await;
    anna.taps("Создать за 100 ₽").await;
    anna.sees("снимаю").await;
    let shown = anna.sees_video().await;

    assert!(flat(&shown.text).contains("списано 100 ₽ · баланс 200 ₽"), "{}", shown.text);
    let video = shown.video.clone().expect("it has one");
    assert_eq!((video.width, video.height, video.duration_s), (1280, 720, 5));
    assert_eq!(video.mime_type.as_deref(), Some("video/mp4"));
    assert!(video.cover.is_some(), "it has a cover");
    let labels = flat(&shown.labels().join(" · "));
    assert_eq!(labels, "🔁 Ещё вариант · 100 ₽ · 📄 Оригинал · ⭐ · ♻️ С правкой");

    let create = only_create(&app, "кот на скейте");
    assert_eq!(create.path, "/text-to-video/kling-3.0-turbo");
    let house = app.house().await;
    let row = orders_of(&house, &anna).await.remove(0);
    let base = house.files.public_base_url.clone().expect("the stage has one");
    let wanted = json!({
        "prompt": "кот на скейте",
        "settings": {"resolution": "720p", "duration": 5, "aspect_ratio": "16:9"},
        "options": {
            "external_task_id": format!("{}-1", row.id.to_short()),
            "callback_url": format!("{base}/webhooks/kling"),
        },
    });
    assert_eq!(create.body, wanted);

    // J9: the bytes went through our own hands.
    let file = app.stage.telegram.file(&video.file_id).expect("it was uploaded");
    assert_eq!(probe(&file).map(|seen| seen.duration_ms / 100), Some(50));
    let kling = app.stage.kling.base_url();
    for call in app.stage.telegram.calls() {
        let params = serde_json::to_string(&call.params).expect("it is JSON");
        assert!(!params.contains(&kling), "{} was given the provider's address", call.method);
    }

    until_newest_is(&app, &anna, OrderState::Delivered).await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(200));
    let cost = Account::Cost(ProviderName::new("kling").expect("it is a name"));
    let booked = house.book.read(move |tx| ledger::account_balance(tx, &cost)).await;
    assert_eq!(booked.expect("the book is readable"), Money::Usd(row.cost));
    assert_eq!(row.cost.0, 560_000);

    anna.taps("Оригинал").await;
    let original = anna.sees_document().await.document.expect("it has one");
    assert_eq!(original.file_name.as_deref(), Some("rei-1.mp4"));
    let same = app.stage.telegram.file(&original.file_id).expect("it was uploaded");
    assert_eq!(same, file);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_photo_or_two_become_a_video(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, filming).await;
    let (anna, boris) = (known(&app, 42, "Анна").await, known(&app, 43, "Борис").await);
    let (first, last) = (photo("утро"), photo("вечер"));

    let one = async {
        anna.begin();
        anna.user.sends_photo(first.clone(), "").expect("it is taken");
        anna.sees("Получил фото").await;
        anna.taps("Оживить").await;
        creates(&anna, "видео из фото", "100 ₽").await;
        gets(&app, &anna, 100, 5).await;
    };
    let two = async {
        boris.begin();
        let frames = [(first.clone(), ""), (last.clone(), "")];
        boris.user.sends_album(frames).expect("they are taken");
        boris.sees("Получил 2 фото").await;
        boris.taps("Видео между двумя фото").await;
        creates(&boris, "видео между двумя фото", "100 ₽").await;
        gets(&app, &boris, 100, 5).await;
    };
    tokio::join!(one, two);

    let inline =
        |role, bytes: &Bytes| SentInput { role, url: None, inline_bytes: Some(bytes.len()) };
    let calls = app.stage.kling.creates();
    let with =
        |inputs: usize| calls.iter().find(|call| call.inputs.len() == inputs).expect("a call");
    let (animated, between) = (with(1), with(2));
    assert_eq!(animated.path, "/image-to-video/kling-3.0-turbo");
    assert_eq!(animated.inputs, [inline(Role::FirstFrame, &first)]);
    assert_eq!(animated.body["settings"], json!({"resolution": "720p", "duration": 5}));
    assert_eq!(between.path, "/image-to-video/kling-3.0");
    let frames = [inline(Role::FirstFrame, &first), inline(Role::LastFrame, &last)];
    assert_eq!(between.inputs, frames, "in the order of the album");
    let settings =
        json!({"resolution": "720p", "duration": 5, "audio": "off", "multi_shot": false});
    assert_eq!(between.body["settings"], settings);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_clip_is_fetched_from_our_own_route_and_priced_by_its_length(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, filming).await;
    let (anna, boris) = (known(&app, 42, "Анна").await, known(&app, 43, "Борис").await);
    let short = async {
        anna.begin();
        anna.user.sends_video(clip(4), "пусть пойдёт снег").expect("it is taken");
        creates(&anna, "изменение видео, 4 с", "100 ₽").await;
        gets(&app, &anna, 100, 4).await;
    };
    let long = async {
        boris.begin();
        // As a telephone of Apple sends it.
        let mov = sample_mov(1280, 720, 8_000);
        boris.user.sends_video(mov, "пусть пойдёт дождь").expect("it is taken");
        creates(&boris, "изменение видео, 8 с", "185 ₽").await;
        gets(&app, &boris, 185, 8).await;
    };
    tokio::join!(short, long);

    let create = only_create(&app, "пусть пойдёт снег");
    assert_eq!(create.path, "/omni-video/kling-3.0-omni");
    let settings = json!({"resolution": "720p", "audio": "original", "multi_shot": false});
    assert_eq!(create.body["settings"], settings, "the clip decides the length");
    let [sent] = create.inputs.as_slice() else { panic!("{:?}", create.inputs) };
    assert_eq!(sent.role, Role::BaseVideo);
    let url = sent.url.clone().expect("clips go by link");
    let house = app.house().await;
    let base = house.files.public_base_url.clone().expect("the stage has one");
    let token = url.strip_prefix(&format!("{base}/files/")).expect("it is our own route");
    assert!(!token.is_empty() && !token.contains('/'), "{token}");
    assert!(!url.contains(app.stage.telegram.token()), "no bot's token leaves the house");
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_clip_lends_its_style_or_its_motion(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, filming).await;
    let (anna, boris) = (known(&app, 42, "Анна").await, known(&app, 43, "Борис").await);
    let style = async {
        anna.begin();
        anna.user.sends_video(clip(4), "").expect("it is taken");
        anna.sees("Получил видео, 4 с").await;
        anna.taps("Новое видео в этом стиле").await;
        anna.sees("Опишите новое видео").await;
        anna.says("город из стекла");
        creates(&anna, "видео в стиле клипа, 4 с", "100 ₽").await;
        gets(&app, &anna, 100, 4).await;
    };
    let motion = async {
        boris.begin();
        boris.user.sends_video(clip(6), "").expect("it is taken");
        boris.sees("Получил видео, 6 с").await;
        boris.taps("Перенести движение на фото").await;
        boris.sees("Пришлите фото").await;
        boris.begin();
        boris.user.sends_photo(photo("танцор"), "").expect("it is taken");
        creates(&boris, "движение из видео на фото, 6 с", "140 ₽").await;
        gets(&app, &boris, 140, 6).await;
    };
    tokio::join!(style, motion);

    let styled = only_create(&app, "город из стекла");
    assert_eq!(styled.path, "/omni-video/kling-3.0-omni");
    assert!(styled.has(Role::FeatureVideo));
    let settings = json!({"resolution": "720p", "audio": "off", "multi_shot": true});
    assert_eq!(styled.body["settings"], settings);
    let calls = app.stage.kling.creates();
    let moved = calls.iter().find(|call| call.path.starts_with("/motion-control"));
    let moved = moved.expect("it was asked for");
    assert_eq!(moved.path, "/motion-control/kling-3.0");
    let roles: Vec<_> = moved.inputs.iter().map(|input| input.role).collect();
    assert_eq!(roles, [Role::Image, Role::Video]);
    let settings = json!({
        "resolution": "720p", "audio": "original", "character_orientation": "video",
    });
    assert_eq!(moved.body["settings"], settings);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j10_a_motion_that_comes_out_shorter_costs_less(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, filming).await;
    let anna = known(&app, 42, "Анна").await;
    // A second of the four that were ordered.
    app.stage.kling.always(Behaviour::result(ResultFault::WrongDuration));
    anna.begin();
    anna.user.sends_video(clip(4), "").expect("it is taken");
    anna.sees("Получил видео, 4 с").await;
    anna.taps("Перенести движение на фото").await;
    anna.sees("Пришлите фото").await;
    anna.begin();
    anna.user.sends_photo(photo("танцор"), "").expect("it is taken");
    creates(&anna, "движение из видео на фото, 4 с", "100 ₽").await;
    let shown = anna.sees_video().await;
    assert_eq!(shown.video.map(|video| video.duration_s), Some(1));
    anna.sees("Видео вышло короче. 75 ₽ вернулись на баланс").await;
    until_newest_is(&app, &anna, OrderState::Delivered).await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(275));
    app.finish().await;
}

/// Makes a stored video larger than Telegram takes, without a byte more on the disk; players skip what it adds.
async fn swell(house: &House, blob: &str) {
    const MEGABYTES: u32 = 51;
    let key = blob.parse().expect("it is a key");
    let path = house.blobs.path_of(&key).await.expect("it is stored");
    let mut file = std::fs::File::options().append(true).open(&path).expect("it can be written");
    let bytes = MEGABYTES * 1024 * 1024;
    file.write_all(&bytes.to_be_bytes()).expect("it is written");
    file.write_all(b"free").expect("it is written");
    let length = file.metadata().expect("it is there").len() + u64::from(bytes) - 8;
    file.set_len(length).expect("it grows");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn j8_a_video_too_large_for_telegram_comes_as_a_link_that_works(
    #[values(Shape::Sqlite, Shape::Postgres, Shape::Fleet)] shape: Shape,
) {
    let app = TestApp::start_with(shape, filming).await;
    let anna = known(&app, 42, "Анна").await;
    let house = app.house().await;
    // Time to make the video large before it is sent.
    let silence = FaultKind::TooManyRequests { retry_after: 2 };
    app.stage.telegram.fault(Fault::next(silence).on("sendVideo"));
    films(&anna, "кит над городом").await;
    let told = || async { app.stage.telegram.faults().is_empty() };
    app.until("Telegram's wish for silence", told).await;
    let row = orders_of(&house, &anna).await.remove(0);
    swell(&house, &row.artifact.expect("it has a result")).await;

    let told = anna.sees("Telegram такие большие файлы не принимает").await;
    assert!(flat(&told.text).contains("готово, 52 МБ"), "{}", told.text);
    let link = told.text.split_whitespace().find(|word| word.starts_with("http")).expect("a link");
    let (address, path) =
        link.strip_prefix("http://").and_then(|it| it.split_once('/')).expect("a link");
    let path = format!("/{path}");
    let (status, start) = http(address, "GET", &path, "Range: bytes=4-7\r\n", "").await;
    assert_eq!((status, start.as_str()), (206, "ftyp"));
    let (status, whole) = http(address, "GET", &path, "", "").await;
    assert_eq!(status, 200);
    assert!(whole.len() > 51 * 1024 * 1024, "{}", whole.len());
    let (status, _) = http(address, "GET", &path[..path.len() - 1], "", "").await;
    assert_eq!(status, 404, "another path leads nowhere");
    until_newest_is(&app, &anna, OrderState::Delivered).await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(200));
    drop(house);
    app.finish().await;
}

/// Lets the newest order's task be as old as this.
async fn age(house: &House, person: &Person, age: Duration) {
    let row = orders_of(house, person).await.remove(0);
    let now = house.now();
    let since = now.minus(age);
    let aged = house.book.write(move |tx| {
        let attempt = orders::attempts_of(tx, row.id)?.remove(0);
        let (id, task): (AttemptId, String) = (attempt.id, attempt.task.expect("it was taken"));
        assert!(orders::end_task(tx, id)?, "it is followed");
        let provider = row.provider.clone();
        let task = NewTask {
            attempt: id,
            order: row.id,
            provider,
            queue: row.queue.clone(),
            task,
            due_at: now,
        };
        orders::start_task(tx, &task, since)
    });
    aged.await.expect("the book takes it");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_customer_is_told_how_long_a_video_takes_and_can_not_stop_it(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, filming).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.kling.always(Behaviour::stuck());
    films(&anna, "кот на скейте").await;
    let told = anna.sees("снимаю… Обычно готово за 1–3 мин").await;
    assert!(told.labels().is_empty(), "there is nothing to press any more");
    let house = app.house().await;
    let order = orders_of(&house, &anna).await[0].id.to_short();

    // A press from a moment ago may still be on its way.
    let pressed = anna.user.taps_data(told.id, &format!("v1:cancel:{order}"));
    let pressed = pressed.expect("it is taken");
    let answered = || async {
        let mut answers = anna.user.callback_answers().into_iter();
        answers.find(|it| it.query_id == pressed).and_then(|it| it.text).is_some()
    };
    app.until("the answer", answered).await;
    let answers = anna.user.callback_answers();
    let told = answers.iter().find_map(|it| it.text.clone().filter(|_| it.query_id == pressed));
    assert_eq!(
        told.as_deref(),
        Some("Уже в работе, отменить нельзя. Если не получится, деньги вернутся сами.")
    );
    anna.says("/cancel");
    anna.sees("Уже в работе, отменить нельзя").await;

    age(&house, &anna, Duration::from_secs(61)).await;
    anna.sees("генерируется, прошло 2 мин").await;
    age(&house, &anna, Duration::from_secs(3_601)).await;
    anna.sees("идёт дольше обычного").await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Running]);
    let key = key_of(&app, "кот на скейте").await;
    assert!(app.stage.kling.finish(&key));
    anna.sees_video().await;
    until_newest_is(&app, &anna, OrderState::Delivered).await;
    assert_eq!(transfers(&house, &anna, Phase::Capture).await.len(), 1);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_video_that_still_waits_is_cancelled_at_once(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, filming_gift(100)).await;
    let anna = known(&app, 42, "Анна").await;
    fault(&app, "kill-worker").await;
    films(&anna, "кот на скейте").await;
    anna.sees("100 ₽ удержано").await;
    assert_eq!(app.balance(&anna).await, Kopecks::ZERO);
    anna.taps("Отменить").await;
    anna.sees("отменена. 100 ₽ снова на балансе").await;
    fault(&app, "start-worker").await;
    app.settled().await;
    assert_eq!(app.balance(&anna).await, VIDEO_PRICE);
    assert_eq!(app.stage.kling.creates_total(), 0);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_made_again_carries_the_same_key_and_the_same_link(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, filming).await;
    let anna = known(&app, 42, "Анна").await;
    app.stage.kling.next(Behaviour::error(5000));
    anna.begin();
    anna.user.sends_video(clip(4), "сделай ночь").expect("it is taken");
    creates(&anna, "изменение видео", "100 ₽").await;
    until_newest_is(&app, &anna, OrderState::Delivered).await;
    let calls: Vec<Create> =
        app.stage.kling.creates().into_iter().filter(|it| it.has(Role::BaseVideo)).collect();
    assert_eq!(calls.len(), 2, "the first never arrived");
    assert_eq!(calls[0].external_id, calls[1].external_id);
    assert_eq!(calls[0].body, calls[1].body);
    app.finish().await;
}
