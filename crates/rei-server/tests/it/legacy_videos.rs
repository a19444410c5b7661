//! Videos with the older kind of key: the older generation of Kling's API, behind the same orders.

use rei_domain::order::OrderState;
use rei_server::commands::demo::KLING_PAIR;
use rei_sim::kling::{Behaviour, Role};
use rei_sim::video::sample_clip;
use rei_storage::testing::EngineKind;
use rstest::rstest;

use crate::app::TestApp;
use crate::shortcuts::{creates_for, filming, known, until_newest_is};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn with_a_pair_of_keys_the_older_api_makes_the_videos(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start_with(engine, |options| {
        filming(options);
        let pair = format!("{}:{}", KLING_PAIR.0, KLING_PAIR.1);
        options.settings.push(("KLING_API_KEY".to_owned(), pair));
    })
    .await;
    let anna = known(&app, 42, "Анна").await;
    // Kling 3.0 Turbo does not exist there, so the next row is the first.
    anna.says("/video кот на крыше");
    anna.sees("Kling 3.0 ·").await;
    anna.taps("Создать за 100 ₽").await;
    anna.sees_video().await;
    until_newest_is(&app, &anna, OrderState::Delivered).await;
    let create = creates_for(&app, "кот на крыше").remove(0);
    assert_eq!(create.path, "/v1/videos/text2video");
    assert_eq!(create.body["model_name"], "kling-v3");
    assert_eq!(create.body["duration"], "5");

    // A lost answer is looked up there, too, and a clip goes by link.
    app.stage.kling.next(Behaviour::error_after(5000));
    anna.begin();
    anna.user.sends_video(sample_clip(1280, 720, 4_000), "сделай ночь").expect("it is taken");
    anna.taps("Создать за 100 ₽").await;
    anna.sees_video().await;
    until_newest_is(&app, &anna, OrderState::Delivered).await;
    let creates: Vec<_> =
        app.stage.kling.creates().into_iter().filter(|it| it.has(Role::BaseVideo)).collect();
    assert_eq!(creates.len(), 1, "nothing is sent twice");
    assert_eq!(creates[0].path, "/v1/videos/omni-video");
    app.finish().await;
}
