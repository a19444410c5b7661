//! The catalogue as the owner's data: rows that are added, broken or too cheap, and prices from the settings.

use rei_domain::money::Kopecks;
use rei_sim::telegram::SimMessage;
use rei_storage::testing::EngineKind;
use rstest::rstest;

use crate::app::{Person, TestApp, flat};
use crate::props::{drawn_as, photo};
use crate::shortcuts::{CATALOG, gift, known, other_catalog};
use crate::world::World;

/// A model of a known provider that the shipped catalogue lacks.
const LITE: &str = r#"
[[model]]
sku = "nano-banana-2-lite"
kind = "image"
provider = "gemini"
model = "gemini-3.1-flash-lite-image"
enabled = true
title_ru = "NanoBanana 2 Lite"
title_en = "NanoBanana 2 Lite"
prompt_chars_max = 8000
deadline_s = 900
typical_s = [10, 20]
ratios = ["1:1", "16:9"]
default_ratio = "1:1"
default_size = "1K"
count_max = 2
cost_date = "2026-11-25"

  [[model.price]]
  size = "1K"
  sale_kopecks = 1500
  cost_micro_usd = 40_000
"#;

/// A video model with sound in one size only.
const LOUD: &str = r#"
[[model]]
sku = "kling-26-loud"
kind = "text_video"
provider = "kling"
model = "text-to-video/kling-2.6"
enabled = true
title_ru = "Kling 2.6 со звуком"
title_en = "Kling 2.6 with sound"
prompt_chars_max = 2500
deadline_s = 86400
typical_s = [60, 240]
ratios = ["16:9", "9:16", "1:1"]
default_ratio = "16:9"
default_size = "1080p"
default_sound = "native"
seconds = [5, 10]
default_seconds = 5
cost_date = "2026-11-25"

  [[model.price]]
  size = "1080p"
  sound = "native"
  cost_micro_usd = 140_000
"#;

/// The shipped rows, then these.
fn with(rows: &[&str]) -> String {
    format!("{CATALOG}\n{}", rows.concat())
}

/// The labels of a message, with ordinary spaces.
fn labels(message: &SimMessage) -> Vec<String> {
    message.labels().into_iter().map(flat).collect()
}

/// Takes another model for the open offer.
async fn takes_model(person: &Person, label: &str) {
    person.taps("⚙️ Настроить").await;
    person.sees("Настройка заказа").await;
    person.taps("Модель: ").await;
    person.sees("Выберите модель").await;
    person.taps(label).await;
    person.sees("Проверьте заказ").await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_added_is_sold(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, |options| {
        gift(1_000)(options);
        other_catalog(options, |_| with(&[LITE, LOUD]));
    })
    .await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("/prices");
    let prices = flat(&anna.sees("Цены").await.text);
    assert!(prices.contains("NanoBanana 2 Lite: от 15 ₽"), "{prices}");

    anna.says("кот на окне");
    anna.sees("Цена: 50 ₽").await;
    takes_model(&anna, "NanoBanana 2 Lite · от 15 ₽").await;
    anna.taps("Создать за 15 ₽").await;
    anna.sees("списано 15 ₽").await;
    let call = app.stage.gemini.generate_calls().remove(0);
    assert_eq!(call.model.as_deref(), Some("gemini-3.1-flash-lite-image"));
    assert_eq!(drawn_as(&call, "imageSize"), "1K");

    anna.says("/video кот бежит");
    anna.sees("Цена: 100 ₽").await;
    // 5 s × 0.14 $ × 95 ₽ × 1.9, rounded up to 5 ₽.
    takes_model(&anna, "Kling 2.6 со звуком").await;
    anna.taps("Создать за 130 ₽").await;
    anna.sees_video().await;
    let create = app.stage.kling.creates().remove(0);
    assert!(create.path.ends_with("text-to-video/kling-2.6"), "{}", create.path);
    assert_eq!(create.body["settings"]["resolution"], "1080p");
    assert_eq!(create.body["settings"]["audio"], "native");
    app.settled().await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(855));
    // What was taken once is remembered.
    anna.says("пёс на окне");
    anna.sees("Цена: 15 ₽").await;
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_row_is_off_and_the_rest_is_sold(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, |options| {
        gift(1_000)(options);
        other_catalog(options, |_| with(&[&LITE.replace("default_size", "default_sise")]));
    })
    .await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("/prices");
    let prices = flat(&anna.sees("Цены").await.text);
    assert!(prices.contains("NanoBanana Pro: от 30 ₽"), "{prices}");
    assert!(!prices.contains("Lite"), "{prices}");
    app.finish().await;
}

/// A world whose binary reads this catalogue and sells videos.
async fn owner_of(catalog: &str) -> World {
    let mut world = World::start(EngineKind::Sqlite).await;
    let path = world.folder.path().join("catalog.toml");
    std::fs::write(&path, catalog).expect("the folder can be written");
    world.set("CATALOG_PATH", &path.display().to_string());
    world.set("ENABLE_VIDEOS", "1");
    world.set("KLING_API_KEY", "api-key-kling-simulated");
    world.set("PUBLIC_BASE_URL", "https://bot.example.org");
    world
}

#[tokio::test]
async fn the_owner_is_told_what_is_wrong_with_a_row() {
    let rows = [
        (
            LITE.replace("default_size", "default_sise"),
            "nano-banana-2-lite: unknown field `default_sise`",
        ),
        (
            LITE.replace("\"1:1\", \"16:9\"", "\"16:9\""),
            "default_ratio 1:1 is not among the ratios",
        ),
        (LITE.replace("2-lite", "pro"), "nano-banana-pro: the sku stands twice"),
        (LITE.replace("\"image\"", "\"statue\""), "nano-banana-2-lite: unknown variant `statue`"),
        (
            LITE.replace("1500", "300"),
            "size 1K is sold below cost; below_cost = true would allow it",
        ),
        (
            LOUD.replace("seconds = [5, 10]\n", ""),
            "a video needs seconds, or a clip whose length it takes",
        ),
    ];
    for (row, reason) in rows {
        let world = owner_of(&with(&[&row])).await;
        let checked = world.run(&["catalog", "check"]).await;
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert_eq!(checked.status.code(), Some(1), "{reason}: {said}");
        assert!(said.contains(reason), "{reason}: {said}");
    }
    let meant = LITE
        .replace("1500", "300")
        .replace("size = \"1K\"\n  sale", "below_cost = true\n  size = \"1K\"\n  sale");
    for good in [with(&[]), with(&[LITE, LOUD]), with(&[&meant])] {
        let world = owner_of(&good).await;
        let checked = world.run(&["catalog", "check"]).await;
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(checked.status.success() && said.contains("no row is broken"), "{said}");
    }
}

#[tokio::test]
async fn the_owner_is_shown_price_cost_and_margin_of_every_combination() {
    let world = owner_of(&with(&[LITE, LOUD])).await;
    let shown = world.run(&["catalog", "show"]).await;
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    let table = flat_lines(&String::from_utf8_lossy(&shown.stdout));
    let has =
        |line: &str| assert!(table.iter().any(|it| it == line), "`{line}` is not in {table:#?}");
    has("sku kind size sound s price cost $ margin");
    has("nano-banana-pro image 2K 50 ₽ 0.1407 73%");
    has("nano-banana-2-lite image 1K 15 ₽ 0.0400 74%");
    has("kling-26-loud text_video 1080p native 5 130 ₽ 0.7000 48%");
    has("kling-26-loud text_video 1080p native 10 255 ₽ 1.4000 47%");
    // The length is that of the clip: five seconds stand for it.
    has("kling-3-omni-clip video_video 720p original ~5 115 ₽ 0.6300 47%");
    let catalog =
        rei_domain::catalog::Catalog::parse(&with(&[LITE, LOUD])).expect("it is readable");
    let combinations: usize = catalog.on_sale().map(|model| model.combinations().len()).sum();
    assert_eq!(table.len(), combinations + 1);
}

/// Lines with one ordinary space between words.
fn flat_lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_original_price_variables_count_on_every_button(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, |options| {
        gift(1_000)(options);
        for (name, value) in [
            ("IMAGE_EDIT_PRICE", "40"),
            ("VIDEO_5SEC_PRICE", "150"),
            ("VIDEO_10SEC_MULTIPLIER", "1.8"),
        ] {
            options.settings.push((name.to_owned(), value.to_owned()));
        }
    })
    .await;
    let anna = known(&app, 42, "Анна").await;
    anna.says("кот на окне");
    anna.sees("Цена: 50 ₽").await;
    anna.sends_photo(&photo("дом"), "добавь снег");
    let offer = anna.sees("изменение фото").await;
    assert!(labels(&offer).contains(&"✅ Создать за 40 ₽".to_owned()), "{:?}", labels(&offer));
    anna.says("/video кот бежит");
    let offer = anna.sees("Цена: 150 ₽").await;
    assert!(labels(&offer).contains(&"✅ Создать за 150 ₽".to_owned()), "{:?}", labels(&offer));
    anna.taps("⚙️ Настроить").await;
    anna.sees("Настройка заказа").await;
    anna.taps("Длительность: ").await;
    let lengths = anna.sees("Выберите длительность").await;
    for wanted in ["5 с · 150 ₽", "10 с · 270 ₽"] {
        assert!(
            labels(&lengths).iter().any(|label| label.ends_with(wanted)),
            "{:?}",
            labels(&lengths)
        );
    }
    anna.taps("10 с · 270 ₽").await;
    anna.taps("Создать за 270 ₽").await;
    anna.sees_video().await;
    app.settled().await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(730));
    app.finish().await;
}
