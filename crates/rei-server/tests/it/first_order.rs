//! The first order, from hello to a delivered picture and a captured price.

use rei_domain::money::Kopecks;
use rei_storage::testing::EngineKind;
use rstest::rstest;

use crate::app::TestApp;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_sold_end_to_end(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start(engine).await;
    let anna = app.person(42, "Анна");
    anna.says("/start");
    anna.sees("На балансе: 300 ₽").await;
    anna.says("кот в скафандре");
    anna.sees("Цена: 50 ₽").await;
    anna.taps("Создать за 50 ₽").await;
    anna.sees_photo().await;
    anna.sees("списано 50 ₽ · баланс 250 ₽").await;
    anna.sees_document().await;
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(250));
    assert_eq!(app.stage.gemini.images_made(), 1);
    app.finish().await;
}
