//! How files travel: as bytes, by a link to ourselves, or through a bucket that is a real S3 server.

use std::sync::Arc;
use std::time::Duration;

use rei_app::{House, files, upkeep};
use rei_blobs::BlobKey;
use rei_domain::clock::{ManualClock, Timestamp};
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_server::commands::demo::StageOptions;
use rei_server::product::{Product, Roles};
use rei_server::system::{SystemChance, SystemClock};
use rei_server::wiring::{self, Extras};
use rei_sim::common::client::client;
use rei_sim::kling::{KlingOptions, KlingSim, Role, SentInput};
use rei_sim::s3::{S3Options, S3Sim};
use rei_storage::orders;
use rei_storage::testing::EngineKind;
use rstest::rstest;

use crate::app::{Person, TestApp, flat};
use crate::props::{clip, photo, pictures_in, webp};
use crate::shortcuts::{asks_for, fault, gift, known, orders_of, states_of};
use crate::world::World;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// How the owner has files travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Multipart,
    S3,
}

async fn bucket() -> S3Sim {
    S3Sim::start(S3Options::default()).await.expect("the bucket starts")
}

/// Enough money for a video, and files in the bucket.
fn in_bucket(s3: &S3Sim) -> impl FnOnce(&mut StageOptions) {
    let keys = S3Options::default();
    let settings = [
        ("FILE_UPLOAD_METHOD", "s3".to_owned()),
        ("S3_ENDPOINT", s3.base_url()),
        ("S3_REGION", "us-east-1".to_owned()),
        ("S3_BUCKET", s3.bucket().to_owned()),
        ("S3_ACCESS_KEY", keys.access_key),
        ("S3_SECRET_KEY", keys.secret_key),
        ("S3_PATH_STYLE", "1".to_owned()),
    ];
    move |options| {
        gift(2_000)(options);
        options.settings.extend(settings.map(|(name, value)| (name.to_owned(), value)));
    }
}

async fn start(engine: EngineKind, method: Method, s3: &S3Sim) -> TestApp {
    match method {
        Method::Multipart => TestApp::start_with(engine, gift(2_000)).await,
        Method::S3 => TestApp::start_with(engine, in_bucket(s3)).await,
    }
}

/// Orders a change of a photo.
async fn edits(person: &Person, photo: &[u8], words: &str) {
    person.sends_photo(photo, words);
    person.sees("изменение фото").await;
    person.taps("Создать за 50 ₽").await;
}

/// Orders a change of a clip.
async fn changes_clip(person: &Person, words: &str) {
    person.sends_video(&clip(), words);
    person.sees("изменение видео, 3 с").await;
    person.taps("Создать за").await;
}

/// The only clip that Kling was sent.
fn sent_clip(app: &TestApp) -> SentInput {
    let creates = app.stage.kling.creates();
    let mut clips = creates.into_iter().flat_map(|create| create.inputs);
    let found = clips.find(|input| input.role == Role::BaseVideo);
    found.expect("Kling was sent a clip")
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn pictures_go_as_bytes_and_clips_by_link_whatever_the_method(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
    #[values(Method::Multipart, Method::S3)] method: Method,
) {
    let s3 = bucket().await;
    let app = start(engine, method, &s3).await;
    let anna = known(&app, 42, "Анна").await;
    let house = photo("дом");
    edits(&anna, &house, "добавь снег").await;
    anna.sees_document().await;
    let calls = app.stage.gemini.generate_calls();
    assert_eq!((calls.len(), calls[0].inputs), (1, 1));
    assert_eq!(pictures_in(&calls[0]), std::slice::from_ref(&house));

    changes_clip(&anna, "сделай зиму").await;
    anna.sees_video().await;
    let sent = sent_clip(&app);
    let url = sent.url.expect("clips go by link only");
    assert_eq!(sent.inline_bytes, None);
    let objects: Vec<_> = s3.objects().into_iter().map(|object| object.key).collect();
    match method {
        Method::Multipart => {
            let web = app.stage.settings().web.public_base_url.clone().expect("it has an address");
            assert!(url.starts_with(&format!("{web}/files/")), "{url}");
            assert_eq!(objects, Vec::<String>::new());
        }
        Method::S3 => {
            assert!(url.starts_with(&format!("{}/{}/", s3.base_url(), s3.bucket())), "{url}");
            assert!(url.contains("X-Amz-Signature="), "{url}");
            let by_link = s3.requests().into_iter().filter(|request| request.by_link);
            assert!(by_link.count() >= 2, "it was tried before it was given away");
            // What came in, the results, the preview and the cover.
            let stored = |bytes: &[u8]| {
                objects.iter().any(|key| s3.object(key).is_some_and(|it| it == bytes))
            };
            assert!(stored(&house) && stored(&clip()), "{objects:?}");
            assert!(objects.len() >= 5, "{objects:?}");
        }
    }
    app.settled().await;
    let house = app.house().await;
    assert_eq!(states_of(&house, &anna).await, [OrderState::Delivered; 2]);
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_a_kind_that_kling_lacks_is_turned_into_one_that_it_has(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
    #[values(Method::Multipart, Method::S3)] method: Method,
) {
    let s3 = bucket().await;
    let app = start(engine, method, &s3).await;
    let anna = known(&app, 42, "Анна").await;
    anna.sends_file(&webp(), "дом.webp", "image/webp", "/video пусть идёт снег");
    anna.sees("видео из фото").await;
    anna.taps("Создать за 100 ₽").await;
    anna.sees_video().await;
    let sent = app.stage.kling.creates().remove(0).inputs.remove(0);
    assert_eq!(sent.url.is_some(), method == Method::S3);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_machines_share_files_through_the_bucket(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let s3 = bucket().await;
    // This machine makes things, the other one talks.
    let app = TestApp::start_with(engine, |options| {
        in_bucket(&s3)(options);
        options.roles = Roles { bot: false, ..Roles::ALL };
    })
    .await;
    let mut settings = app.stage.settings().clone();
    settings.files.data_dir = settings.files.data_dir.join("another-machine");
    let copy = settings.clone();
    let house = tokio::task::spawn_blocking(move || {
        let extras = Extras { welcome_gift: Kopecks::from_rubles(300), ..Extras::default() };
        let book = wiring::open_book(&copy)?;
        wiring::house(&copy, book, Arc::new(SystemClock), Arc::new(SystemChance), &extras)
    });
    let house = house.await.expect("no panic").expect("the house can be made");
    let roles = Roles { bot: true, ..Roles::default() };
    let talker = Product::start(settings, house, roles, Arc::new(String::new)).await;
    let talker = talker.expect("the other machine starts");

    let anna = known(&app, 42, "Анна").await;
    let before = photo("дом");
    edits(&anna, &before, "добавь снег").await;
    let document = anna.sees_document().await.document.expect("it has one");
    let delivered = app.stage.telegram.file(&document.file_id).expect("it was uploaded");
    app.settled().await;
    assert_eq!(pictures_in(&app.stage.gemini.generate_calls()[0]), [before]);

    // Nothing of it is left on the machine that sends: the bucket has it.
    let swept = talker.house.blobs.sweep_cache(Timestamp(i64::MAX)).await;
    assert!(swept.expect("it can be swept") >= 2);
    anna.taps("📄 Оригинал").await;
    let again = anna.sees_document().await.document.expect("it has one");
    assert_eq!(app.stage.telegram.file(&again.file_id).expect("it was uploaded"), delivered);
    app.settled().await;
    talker.stop().await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_down_costs_nobody_a_kopeck(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let s3 = bucket().await;
    let app = TestApp::start_with(engine, in_bucket(&s3)).await;
    let anna = known(&app, 42, "Анна").await;
    anna.sends_photo(&photo("дом"), "добавь снег");
    anna.sees("изменение фото").await;
    s3.down(true);
    anna.taps("Создать за 50 ₽").await;
    anna.sees("Не получилось").await;
    app.settled().await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(2_000));

    s3.down(false);
    anna.sends_video(&clip(), "сделай зиму");
    anna.sees("изменение видео").await;
    s3.down(true);
    anna.taps("Создать за").await;
    anna.sees("Не получилось").await;
    app.settled().await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(2_000));
    assert_eq!(app.stage.kling.tasks_made(), 0);

    s3.down(false);
    edits(&anna, &photo("лес"), "добавь дождь").await;
    anna.sees("списано 50 ₽").await;
    app.settled().await;
    let house = app.house().await;
    let states = states_of(&house, &anna).await;
    assert_eq!(states, [OrderState::Failed, OrderState::Failed, OrderState::Delivered]);
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(1_950));
    drop(house);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_sent_while_the_bucket_is_down_is_taken_when_it_is_back(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let s3 = bucket().await;
    let app = TestApp::start_with(engine, in_bucket(&s3)).await;
    let anna = known(&app, 42, "Анна").await;
    s3.down(true);
    let before = s3.requests_total();
    anna.sends_photo(&photo("дом"), "добавь снег");
    app.until("a try", || async { s3.requests_total() > before }).await;
    s3.down(false);
    anna.sees("изменение фото").await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_our_own_route_opens_one_file_for_a_while(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, gift(2_000)).await;
    let anna = known(&app, 42, "Анна").await;
    changes_clip(&anna, "сделай зиму").await;
    anna.sees_video().await;
    app.settled().await;
    let url = sent_clip(&app).url.expect("clips go by link");
    let (base, token) = url.rsplit_once('/').expect("it has a path");
    assert_eq!(token.len(), 43, "32 bytes of chance");

    let whole = client().get(&url).send().await.expect("an answer");
    assert_eq!(whole.status(), 200);
    assert_eq!(whole.headers()["content-type"], "video/mp4");
    assert_eq!(whole.headers()["content-length"], clip().len().to_string().as_str());
    assert_eq!(whole.headers()["cache-control"], "private, no-store");
    assert_eq!(whole.bytes().await.expect("a body"), clip());

    let head = client().head(&url).send().await.expect("an answer");
    assert_eq!(head.status(), 200);
    assert_eq!(head.headers()["content-length"], clip().len().to_string().as_str());

    let part = client().get(&url).header("range", "bytes=4-7").send().await.expect("an answer");
    assert_eq!(part.status(), 206);
    assert_eq!(part.headers()["content-range"], format!("bytes 4-7/{}", clip().len()).as_str());
    assert_eq!(part.bytes().await.expect("a body"), "ftyp");

    let turned: String = token.chars().rev().collect();
    let others = [turned, String::new(), "..%2Frei.db".to_owned(), format!("{token}/x")];
    for other in others {
        let refused = client().get(format!("{base}/{other}")).send().await.expect("an answer");
        assert_eq!(refused.status(), 404, "{other}");
        assert!(refused.bytes().await.expect("a body").is_empty(), "{other}");
    }
    let posted = client().post(&url).send().await.expect("an answer");
    assert_eq!(posted.status(), 405);

    let house = app.house().await;
    let key = kept(&house, &anna).await;
    let short = files::link(&house, &key, Duration::from_millis(300)).await;
    let short = short.expect("it can be made").expect("there is a route");
    let status = async || client().get(&short).send().await.expect("an answer").status();
    assert_eq!(status().await, 200);
    app.until("the end of the link", async || status().await == 404).await;
    drop(house);
    app.finish().await;
}

/// The customer's file that went into the newest order.
async fn kept(house: &House, person: &Person) -> BlobKey {
    let order = orders_of(house, person).await[0].id;
    let inputs = house.book.read(move |tx| orders::inputs_of(tx, order)).await;
    let inputs = inputs.expect("the book is readable");
    let blob = inputs[0].upload.blob.clone().expect("it was stored");
    blob.parse().expect("it is a key")
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_or_a_bucket_clips_are_not_sold(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let mut world = World::start(engine).await;
    let kling = KlingSim::start(KlingOptions::default()).await.expect("Kling starts");
    world.set("ENABLE_VIDEOS", "1");
    world.set("KLING_API_KEY", &KlingOptions::default().api_key);
    world.set("KLING_BASE_URL", &kling.base_url());
    world.set("KLING_POLL_INTERVAL", "1");
    let product = world.spawn("serve", &["serve"], &[]);
    let anna = world.person(42, "Анна");
    world.greets_and_gets(&anna, 200).await;
    anna.sends_video(&clip(), "/video сделай зиму");
    anna.sees("С присланными видео я сейчас не работаю").await;
    anna.says("/prices");
    let prices = anna.sees("Цены").await;
    assert!(!flat(&prices.text).contains("Изменение видео"), "{}", prices.text);
    assert!(product.said().contains("kling-3-omni-clip"), "the owner is told: {}", product.said());
    // What needs no link is sold as ever.
    anna.says("/menu");
    anna.sees("Главное меню").await;
    anna.sends_photo(&photo("дом"), "/video пусть идёт снег");
    anna.sees("видео из фото").await;
    anna.taps("Создать за 100 ₽").await;
    anna.sees_video().await;
    let creates = kling.creates();
    assert!(creates[0].inputs[0].inline_bytes.is_some(), "{creates:?}");
    assert_eq!(kling.violations(), Vec::<String>::new());
    assert!(product.stop().await.success());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_cleaner_takes_old_files_and_spares_those_of_orders_at_work(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
    #[values(Method::Multipart, Method::S3)] method: Method,
) {
    let s3 = bucket().await;
    let app = start(engine, method, &s3).await;
    let anna = known(&app, 42, "Анна").await;
    edits(&anna, &photo("дом"), "добавь снег").await;
    let document = anna.sees_document().await;
    app.settled().await;
    let house = app.house().await;
    let done = kept(&house, &anna).await;
    fault(&app, "kill-worker").await;
    edits(&anna, &photo("лес"), "добавь дождь").await;
    anna.sees("Задача №2").await;
    let at_work = kept(&house, &anna).await;
    let exists = async |key: &BlobKey| house.blobs.exists(key).await.expect("it can be asked");
    assert!(exists(&done).await && exists(&at_work).await);

    let later =
        House { clock: Arc::new(ManualClock::at(house.now().plus(31 * DAY))), ..house.clone() };
    upkeep::clean(&later).await.expect("the book takes it");
    upkeep::clean_blobs(&later).await.expect("the files can be cleaned");
    assert!(!exists(&done).await, "a file that nobody has used for a month goes");
    assert!(exists(&at_work).await, "an order at work still needs it");

    fault(&app, "start-worker").await;
    anna.sees("списано 50 ₽").await;
    app.settled().await;
    // Results are kept for longer.
    anna.begin();
    let message = anna.user.messages().into_iter().find(|it| it.photo.is_some() && it.from_bot);
    let original = message.expect("the first result").buttons[2][0].value.clone();
    anna.user.taps_data(document.id, &original.expect("it has data")).expect("it is taken");
    anna.sees_document().await;
    drop((house, later));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_picture_from_words_needs_no_upload_at_all(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let s3 = bucket().await;
    let app = TestApp::start_with(engine, in_bucket(&s3)).await;
    let anna = known(&app, 42, "Анна").await;
    asks_for(&anna, "кот на окне").await;
    let document = anna.sees_document().await.document.expect("it has one");
    let delivered = app.stage.telegram.file(&document.file_id).expect("it was uploaded");
    app.settled().await;
    let house = app.house().await;
    let row = orders_of(&house, &anna).await.remove(0);
    let items = house.book.read(move |tx| orders::items_of(tx, row.id)).await;
    let artifact = items.expect("the book is readable")[0].artifact.clone().expect("it is stored");
    let in_bucket = s3.objects().into_iter().find(|object| object.key.ends_with(&artifact));
    let object = in_bucket.expect("the result lies in the bucket");
    assert_eq!(s3.object(&object.key).expect("it can be read"), delivered);
    drop(house);
    app.finish().await;
}
