//! What a payment system that hangs costs everybody else: the time from a message to its answer, beside and without it.

use std::time::{Duration, Instant};

use anyhow::Context;
use rei_sim::telegram::{TelegramSim, User};
use rei_sim::yookassa::{Fault, FaultKind, YooKassaOptions, YooKassaSim};

use crate::load::{greet, percentile};
use crate::product::{Outside, Product};
use crate::{WITHIN, head, row};

/// Customers who ask for their balance again and again.
const ASKING: i64 = 20;
/// Customers who each have a payment opened meanwhile.
const PAYING: i64 = 40;
/// How long the payment system is silent in each call.
const SILENT_MS: u64 = 60_000;
const LOAD: Duration = Duration::from_secs(8);
const QUICK_LOAD: Duration = Duration::from_secs(3);

const COLUMNS: [&str; 4] = ["          YooKassa", "answers/s", "answer p50", "answer p99"];

/// Prints the table.
pub(crate) async fn table(quick: bool) -> anyhow::Result<()> {
    let title = format!(
        "payments: {ASKING} customers ask for their balance while {PAYING} open payments, rei serve"
    );
    head(&title, &COLUMNS);
    let load = if quick { QUICK_LOAD } else { LOAD };
    measure("answers", None, load).await?;
    let hang = FaultKind::Hang { ms: SILENT_MS, committed: false };
    measure("is silent for 60 s", Some(hang), load).await?;
    println!();
    Ok(())
}

async fn measure(name: &str, fault: Option<FaultKind>, load: Duration) -> anyhow::Result<()> {
    let outside = Outside::start().await?;
    let telegram = &outside.telegram;
    let yookassa = YooKassaSim::start(YooKassaOptions::default()).await?;
    if let Some(fault) = fault {
        yookassa.fault(Fault::next(fault).always());
    }
    let shop = yookassa.shop().clone();
    let settings = [
        ("ENABLE_PAYMENTS", "1".to_owned()),
        ("YOOKASSA_SHOP_ID", shop.shop_id),
        ("YOOKASSA_SECRET_KEY", shop.secret_key),
        ("YOOKASSA_BASE_URL", yookassa.base_url()),
        ("TERMS_VERSION", "0".to_owned()),
    ];
    let _product = Product::start(&outside, &["serve"], &outside.sqlite(), &settings)?;
    let people: Vec<User> =
        (1..=ASKING + PAYING).map(|id| telegram.user(id, "Bench", "ru")).collect();
    greet(telegram, &people).await?;
    let (asking, paying) = people.split_at(usize::try_from(ASKING)?);
    for person in paying {
        let since = telegram.revision();
        person.says("/pay")?;
        let menu = person.waits_for(since, WITHIN, |message| !message.labels().is_empty()).await?;
        let label = menu.labels().first().map(|label| (*label).to_owned());
        person.taps(&label.context("the menu has sums")?)?;
    }
    let end = Instant::now() + load;
    let mut tasks = tokio::task::JoinSet::new();
    for person in asking {
        let (telegram, person) = (telegram.clone(), person.clone());
        tasks.spawn(async move { ask_until(&telegram, &person, end).await });
    }
    let mut answers = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        answers.extend(ended??);
    }
    let rate = format!("{:.0}", answers.len() as f64 / load.as_secs_f64());
    let (p50, p99) = (percentile(&mut answers, 0.5), percentile(&mut answers, 0.99));
    row(&COLUMNS, &[name.to_owned(), rate, format!("{p50:.0} ms"), format!("{p99:.0} ms")]);
    yookassa.stop();
    Ok(())
}

async fn ask_until(
    telegram: &TelegramSim,
    person: &User,
    end: Instant,
) -> anyhow::Result<Vec<Duration>> {
    let mut answers = Vec::new();
    while Instant::now() < end {
        let since = telegram.revision();
        let said = Instant::now();
        person.says("/balance")?;
        person.waits_for(since, WITHIN, |message| message.from_bot).await?;
        answers.push(said.elapsed());
    }
    Ok(answers)
}
