//! All processes are told to end and start again, one after the other, while customers order and pay: each ends well and
//! in time, nothing is lost, nothing comes twice, and Telegram's webhook stays where it is.

use std::time::Duration;

use rei_storage::testing::EngineKind;
use rstest::rstest;

use crate::aftermath::{comes_to_rest, the_audit_agrees};
use crate::crowd::{Crowd, GIFT_RUBLES};
use crate::fleet::{ALONE, Fleet, MANY};
use crate::kills::takes_its_time;
use crate::world::{TOKEN, World, answers, http};

/// How often every process is restarted.
const ROUNDS: usize = 2;
/// The pause after a start.
const PAUSE: Duration = Duration::from_millis(1_500);
const CUSTOMERS: u32 = 12;
const SEED: u64 = 20_261_126;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_under_load_loses_and_doubles_nothing(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    let mut world = World::start(engine).await;
    let yookassa = world.open_wide(GIFT_RUBLES).await;
    if engine == EngineKind::Postgres {
        world.use_webhook();
    }
    takes_its_time(&world.gemini, &world.kling);
    let parts = match engine {
        EngineKind::Sqlite => ALONE,
        EngineKind::Postgres => MANY,
    };
    let mut fleet = Fleet::start(&world, parts).await;
    let mut crowd = Crowd::gathers(&world, &yookassa, CUSTOMERS, SEED).await;
    for _ in 0..ROUNDS {
        for number in 0..fleet.size() {
            tokio::time::sleep(PAUSE).await;
            fleet.restarts(number, &world).await;
            answers(world.door(), "/readyz").await;
        }
    }
    tokio::time::sleep(PAUSE).await;

    let (done, aftermath) = comes_to_rest(&world, &yookassa, &fleet, &mut crowd).await;
    let outcome = aftermath.is_sound().await;
    assert_eq!(outcome.doubled, 0, "of {done} things, {outcome:?}");
    fleet.stops().await;
    the_audit_agrees(&world).await;
    if engine == EngineKind::Postgres {
        the_webhook_stands(&world).await;
    }
}

async fn the_webhook_stands(world: &World) {
    assert_eq!(world.telegram.call_count("deleteWebhook"), 0, "the webhook was taken away");
    let telegram = world.telegram.base_url().trim_start_matches("http://").to_owned();
    let (status, info) =
        http(&telegram, "GET", &format!("/bot{TOKEN}/getWebhookInfo"), "", "").await;
    assert_eq!(status, 200);
    let url = format!(r#""url":"http://{}/webhooks/telegram""#, world.door());
    assert!(info.contains(&url), "{info}");
}
