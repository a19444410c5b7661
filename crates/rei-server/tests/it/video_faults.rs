//! Kling is down for a while, slow, answers garbage, or breaks off in the middle of its answers, while several orders are
//! at work: no money is lost, no order is stuck, the customers are told.
//!
//! The product runs on the real clock here, so that seconds stand for the minutes of a real outage: each of them is longer
//! than the pauses between calls, which is what counts.

use std::time::Duration;

use futures::future::join_all;
use rei_domain::ledger::Phase;
use rei_domain::money::Kopecks;
use rei_domain::order::OrderState::{self, Delivered};
use rei_sim::kling::{KlingSim, Latency, StageLatency};
use rei_storage::testing::EngineKind;
use rstest::rstest;

use crate::app::TestApp;
use crate::shortcuts::{
    asks_for, filming, films, known, orders_of, place_video, states_of, transfers, until_newest_is,
    was_told,
};

/// How long it lasts.
const OUTAGE: Duration = Duration::from_secs(5);
/// All orders are done so soon after it: a provider that was ill is tried again by and by.
const AFTER_IT: Duration = Duration::from_secs(60);

/// What is wrong with Kling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outage {
    /// A page with 503 for every call.
    Down,
    /// Each call takes seconds.
    Slow,
    /// 200 with junk, and nothing is done.
    Garbage,
    /// The work is done; its answers and files break off in their middle.
    CutBodies,
}

impl Outage {
    const ALL: [Self; 4] = [Self::Down, Self::Slow, Self::Garbage, Self::CutBodies];

    fn switch(self, kling: &KlingSim, on: bool) {
        match self {
            Self::Down => kling.down(on),
            Self::Slow => kling.slow(if on { 2_000 } else { 0 }),
            Self::Garbage => kling.garbage(on),
            Self::CutBodies => kling.cut_bodies(on),
        }
    }

    /// What those read who order while it lasts.
    fn told(self) -> &'static str {
        match self {
            Self::Down => "сервис занят, пробую ещё раз",
            Self::Slow => "снимаю…",
            Self::Garbage | Self::CutBodies => "уточняю у сервиса, началась ли работа",
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn no_outage_of_the_provider_loses_money_or_an_order(
    #[values(EngineKind::Sqlite, EngineKind::Postgres)] engine: EngineKind,
) {
    join_all(Outage::ALL.map(|outage| survives(engine, outage))).await;
}

async fn survives(engine: EngineKind, outage: Outage) {
    let app = TestApp::start_with(engine, filming).await;
    let house = app.house().await;
    // Those that have begun end in the middle of it.
    app.stage.kling.set_latency(StageLatency {
        submitted: Latency::default(),
        processing: Latency::exactly(2_000),
    });
    let mut people = Vec::new();
    for number in 0..5 {
        people.push(known(&app, 42 + number, "Анна").await);
    }
    let (early, late) = people.split_at(2);
    for person in early {
        films(person, "кот на скейте").await;
        until_newest_is(&app, person, OrderState::Running).await;
    }
    outage.switch(&app.stage.kling, true);
    for person in late {
        place_video(&house, person, "пёс на скейте").await;
    }
    let boris = known(&app, 60, "Борис").await;
    if outage == Outage::Down {
        let resting = || async { house.providers_down().contains("kling") };
        app.until("the rest of a provider that is down", resting).await;
        boris.says("/video лиса");
        boris.sees("Видео временно недоступно").await;
    }
    asks_for(&boris, "/image лиса").await;
    boris.sees("списано 50 ₽").await;
    tokio::time::sleep(OUTAGE).await;
    for person in late {
        assert!(was_told(&app, person, outage.told()), "{outage:?}: nobody was told");
    }
    for person in &people {
        assert_eq!(app.balance(person).await, Kopecks::from_rubles(200), "{outage:?}");
        let state = states_of(&house, person).await[0];
        assert!(state.holds_money() || outage == Outage::Slow, "{outage:?}: {state}");
    }
    outage.switch(&app.stage.kling, false);

    let done = async {
        for person in &people {
            while states_of(&house, person).await != [Delivered] {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    };
    if tokio::time::timeout(AFTER_IT, done).await.is_err() {
        let states = join_all(people.iter().map(|person| states_of(&house, person))).await;
        panic!("{outage:?}: {states:?}");
    }
    for person in &people {
        assert_eq!(transfers(&house, person, Phase::Capture).await.len(), 1, "{outage:?}");
        assert_eq!(app.balance(person).await, Kopecks::from_rubles(200), "{outage:?}");
        let videos = person.user.messages().into_iter().filter(|shown| shown.video.is_some());
        assert_eq!(videos.count(), 1, "{outage:?}");
    }
    assert_eq!(app.stage.kling.tasks_made(), 5, "{outage:?}: nothing is made twice");
    assert_eq!(orders_of(&house, &boris).await.len(), 1, "no hold was taken");
    drop(house);
    app.finish().await;
}
