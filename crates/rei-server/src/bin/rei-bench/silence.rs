//! What a payment system that hangs costs everybody else: the time from a message to its answer, beside and without it.

use std::time::{Duration, Instant};

use anyhow::Context;
use rei_server::settings::Settings;
use rei_sim::gemini::{GeminiOptions, GeminiSim};
use rei_sim::telegram::{TelegramOptions, TelegramSim, User};
use rei_sim::yookassa::{Fault, FaultKind, YooKassaOptions, YooKassaSim};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use crate::{Process, WITHIN, percentile};

/// Customers who ask for their balance again and again.
const ASKING: i64 = 20;
/// Customers who each have a payment opened meanwhile.
const PAYING: i64 = 40;
/// How long the payment system is silent in each call.
const SILENT_MS: u64 = 60_000;
const LOAD: Duration = Duration::from_secs(8);

/// Prints both rows.
pub(crate) async fn rows() -> anyhow::Result<()> {
    println!(
        "payments: {ASKING} customers ask for their balance while {PAYING} open payments, rei serve"
    );
    println!("{:>24} {:>10} {:>11} {:>11}", "YooKassa", "answers/s", "answer p50", "answer p99");
    row("answers", None).await?;
    let hang = FaultKind::Hang { ms: SILENT_MS, committed: false };
    row("is silent for 60 s", Some(hang)).await
}

async fn row(name: &str, fault: Option<FaultKind>) -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let keys = Settings::for_simulators("http://127.0.0.1:1", "http://127.0.0.1:1", folder.path())
        .build()
        .map_err(|problems| anyhow::anyhow!("{problems}"))?;
    let telegram = TelegramSim::start(TelegramOptions {
        token: keys.telegram.token.expose_secret().to_owned(),
        ..TelegramOptions::default()
    })
    .await?;
    let gemini = GeminiSim::start(GeminiOptions::default()).await?;
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
    let _product = Process::serve(&telegram, &gemini, folder.path(), &settings)?;
    let people: Vec<User> =
        (1..=ASKING + PAYING).map(|id| telegram.user(id, "Bench", "ru")).collect();
    for person in &people {
        let since = telegram.revision();
        person.says("/start")?;
        person.waits_for(since, WITHIN, |message| message.from_bot).await?;
    }
    let (asking, paying) = people.split_at(usize::try_from(ASKING)?);
    for person in paying {
        let since = telegram.revision();
        person.says("/pay")?;
        let menu = person.waits_for(since, WITHIN, |message| !message.labels().is_empty()).await?;
        let label = menu.labels().first().map(|label| (*label).to_owned());
        person.taps(&label.context("the menu has sums")?)?;
    }
    let end = Instant::now() + LOAD;
    let mut tasks = tokio::task::JoinSet::new();
    for person in asking {
        let (telegram, person) = (telegram.clone(), person.clone());
        tasks.spawn(async move { ask_until(&telegram, &person, end).await });
    }
    let mut answers = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        answers.extend(ended??);
    }
    println!(
        "{name:>24} {:>10.0} {:>8.0} ms {:>8.0} ms",
        answers.len() as f64 / LOAD.as_secs_f64(),
        percentile(&mut answers, 0.5),
        percentile(&mut answers, 0.99),
    );
    telegram.stop();
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
