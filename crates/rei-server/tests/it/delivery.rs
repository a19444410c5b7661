//! Results and answers on their way to a chat while lines break and Telegram refuses.

use rei_domain::money::Kopecks;
use rei_domain::order::OrderState;
use rei_sim::telegram::{Fault, FaultKind};
use rei_storage::testing::EngineKind;
use rstest::rstest;

use crate::app::TestApp;
use crate::telegram::until_order_is;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_result_arrives_through_broken_gateways_and_cut_lines(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
    #[values(FaultKind::BadGateway, FaultKind::CutBefore, FaultKind::CutAfter)] kind: FaultKind,
) {
    let app = TestApp::start(engine).await;
    let anna = app.person(42, "Анна");
    anna.says("/start");
    anna.sees("На балансе").await;
    for method in ["sendPhoto", "sendDocument"] {
        app.stage.telegram.fault(Fault::next(kind.clone()).on(method));
    }
    anna.says("кот в скафандре");
    anna.taps("Создать за 50 ₽").await;
    until_order_is(&app, OrderState::Delivered).await;
    app.settled().await;
    let shown = anna.user.messages();
    let photos = shown.iter().filter(|message| message.photo.is_some()).count();
    let files = shown.iter().filter(|message| message.document.is_some()).count();
    let most = if kind == FaultKind::CutAfter { 2 } else { 1 };
    assert_eq!((photos, files), (most, most));
    assert_eq!(app.balance(&anna).await, Kopecks::from_rubles(250));
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_fate_is_unknown_is_sent_again_rather_than_lost(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start(engine).await;
    let anna = app.person(42, "Анна");
    anna.says("/start");
    anna.sees("На балансе").await;
    app.settled().await;
    app.stage.telegram.fault(Fault::next(FaultKind::CutAfter).on("sendMessage"));
    anna.says("/id");
    anna.sees("Ваш номер").await;
    anna.says("/balance");
    anna.sees("Баланс: 300 ₽").await;
    let numbers = anna.user.messages().iter().filter(|m| m.text.contains("Ваш номер")).count();
    assert_eq!(numbers, 2);
    app.finish().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_can_not_be_a_photo_comes_as_a_file(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let app = TestApp::start(engine).await;
    let anna = app.person(42, "Анна");
    anna.says("/start");
    anna.sees("На балансе").await;
    let description = "Bad Request: PHOTO_INVALID_DIMENSIONS".to_owned();
    let refusal = FaultKind::Error { code: 400, description };
    app.stage.telegram.fault(Fault::next(refusal).on("sendPhoto"));
    anna.says("кот в скафандре");
    anna.taps("Создать за 50 ₽").await;
    until_order_is(&app, OrderState::Delivered).await;
    app.settled().await;
    let shown = anna.user.messages();
    assert_eq!(shown.iter().filter(|message| message.photo.is_some()).count(), 0);
    assert_eq!(shown.iter().filter(|message| message.document.is_some()).count(), 2);
    app.finish().await;
}
