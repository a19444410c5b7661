//! Customers who order again and again, and how long they wait.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rei_sim::telegram::{TelegramSim, User};
use tokio::task::JoinSet;

use crate::WITHIN;

/// Messages and presses that one flow consists of.
const UPDATES_IN_FLOW: f64 = 2.0;

/// What a load came to.
#[derive(Default)]
pub(crate) struct Load {
    /// From a message to its answer.
    pub(crate) answers: Vec<Duration>,
    /// From a message to the picture that it ordered.
    pub(crate) flows: Vec<Duration>,
    /// How long it went on.
    pub(crate) took: Duration,
}

impl Load {
    /// Flows in a second.
    pub(crate) fn flows_a_second(&self) -> f64 {
        self.flows.len() as f64 / self.took.as_secs_f64()
    }

    /// Updates in a second.
    pub(crate) fn updates_a_second(&self) -> f64 {
        self.flows_a_second() * UPDATES_IN_FLOW
    }
}

/// Everybody says hello and is answered.
pub(crate) async fn greet(telegram: &TelegramSim, people: &[User]) -> anyhow::Result<()> {
    for person in people {
        let since = telegram.revision();
        person.says("/start")?;
        person.waits_for(since, WITHIN, |message| message.from_bot).await?;
    }
    Ok(())
}

/// One order from the message to the picture.
pub(crate) async fn order_once(telegram: &TelegramSim, person: &User) -> anyhow::Result<()> {
    order(telegram, person, 0, &mut Load::default()).await
}

/// All of them order until the time is over.
pub(crate) async fn order_for(
    telegram: &TelegramSim,
    people: Vec<User>,
    time: Duration,
) -> anyhow::Result<Load> {
    let began = Instant::now();
    let mut customers = JoinSet::new();
    for person in people {
        let telegram = telegram.clone();
        customers.spawn(async move { order_until(&telegram, &person, began + time).await });
    }
    let mut all = Load::default();
    while let Some(ended) = customers.join_next().await {
        let one = ended??;
        all.answers.extend(one.answers);
        all.flows.extend(one.flows);
    }
    all.took = began.elapsed();
    ensure!(!all.flows.is_empty(), "no flow ended");
    Ok(all)
}

async fn order_until(telegram: &TelegramSim, person: &User, end: Instant) -> anyhow::Result<Load> {
    let mut load = Load::default();
    let mut number = 0_u64;
    while Instant::now() < end {
        number += 1;
        order(telegram, person, number, &mut load).await?;
    }
    Ok(load)
}

async fn order(
    telegram: &TelegramSim,
    person: &User,
    number: u64,
    load: &mut Load,
) -> anyhow::Result<()> {
    let since = telegram.revision();
    let said = Instant::now();
    person.says(&format!("bench picture {number}"))?;
    let quote = person.waits_for(since, WITHIN, |message| !message.labels().is_empty()).await?;
    load.answers.push(said.elapsed());
    let label = quote.labels().first().map(|label| (*label).to_owned());
    let since = telegram.revision();
    person.taps(&label.context("the quote has a button")?)?;
    person.waits_for(since, WITHIN, |message| message.document.is_some()).await?;
    load.flows.push(said.elapsed());
    Ok(())
}

/// The time that this share of them stays below, in milliseconds.
pub(crate) fn percentile(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    let at = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
    times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}
