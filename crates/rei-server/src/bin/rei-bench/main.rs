//! Measures the product against the simulators and prints tables beside the goals.
//!
//! The product runs as a process of its own (`rei serve`), so that its CPU and memory are its own; the simulators and
//! the customers run here. Machines are shared and noisy: trust ratios within one run.

#![allow(clippy::disallowed_methods, reason = "a bench is a stopwatch")]
#![allow(clippy::print_stdout, reason = "its tables are its result")]

mod files;
mod silence;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Parser;
use rei_domain::chance::SeededChance;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OrderId};
use rei_domain::ledger::{
    Account, Actor, IdempotencyKey, Money, NewTransfer, PocketOrder, Sale, TransferKind,
};
use rei_domain::money::Kopecks;
use rei_server::settings::Settings;
use rei_sim::gemini::{GeminiOptions, GeminiSim, PictureMode};
use rei_sim::telegram::{TelegramOptions, TelegramSim, User};
use rei_storage::ledger::{self, LedgerError, NewSplitHold};
use rei_storage::{Book, SqliteOptions};
use secrecy::ExposeSecret;
use tempfile::TempDir;

/// What a customer of the bench waits for at most.
const WITHIN: Duration = Duration::from_secs(30);
/// What each customer may spend.
const GIFT_RUBLES: &str = "1000000";
const ADMIN: i64 = 900_001;
/// Flows a second of the same system in Python on two cores (design.md, section 11).
const PYTHON_FLOWS: f64 = 66.0;
const PYTHON_CPU_MS: f64 = 19.7;
/// What a file may cost in memory while it passes through (design.md, section 11: it does not grow with the file).
const FILE_GROWTH_MIB: u64 = 8;

#[derive(Parser)]
struct Args {
    /// Fewer customers and a smaller book: under two minutes.
    #[arg(long)]
    quick: bool,
    /// Only the rows about files.
    #[arg(long)]
    files: bool,
    /// Only the rows about payments.
    #[arg(long)]
    payments: bool,
    /// Seconds of load in each row.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let all = !args.files && !args.payments;
    if all {
        flow_rows(&args).await?;
        println!();
        ledger_rows(&args).await?;
        println!();
    }
    if all || args.payments {
        silence::rows().await?;
        println!();
    }
    if all || args.files {
        files::rows().await?;
    }
    println!();
    println!(
        "goals: flows/s >= {:.0} (20 x {PYTHON_FLOWS}), CPU below {PYTHON_CPU_MS} ms/flow, answer p99 <= 50 ms at half load, \
         RSS <= 40 MiB idle and <= 120 MiB loaded, start <= 200 ms, hold+capture not slower by 10 % in a large book, \
         memory grows by less than {FILE_GROWTH_MIB} MiB for a 20 MB file",
        PYTHON_FLOWS * 20.0
    );
    Ok(())
}

async fn flow_rows(args: &Args) -> anyhow::Result<()> {
    println!(
        "customer flows: update -> quote -> confirm -> queue -> worker -> delivery -> capture, SQLite, rei serve"
    );
    println!(
        "{:>9} {:>8} {:>9} {:>12} {:>11} {:>11} {:>11} {:>9} {:>9}",
        "customers",
        "flows/s",
        "x Python",
        "CPU ms/flow",
        "answer p50",
        "answer p99",
        "flow p50",
        "RSS MiB",
        "load CPU"
    );
    let rows: &[usize] = if args.quick { &[20, 100] } else { &[20, 100, 300] };
    let seconds = if args.quick { args.seconds.min(5) } else { args.seconds };
    for customers in rows {
        flows(*customers, Duration::from_secs(seconds)).await?;
    }
    Ok(())
}

async fn ledger_rows(args: &Args) -> anyhow::Result<()> {
    println!("ledger: hold + capture, SQLite, synchronous=FULL, 64 clients");
    println!("{:>12} {:>12} {:>10} {:>10}", "transfers", "pairs/s", "p50 ms", "p99 ms");
    let sizes: &[u64] = if args.quick { &[0, 100_000] } else { &[0, 1_000_000] };
    for size in sizes {
        let size = *size;
        tokio::task::spawn_blocking(move || ledger_row(size)).await??;
    }
    Ok(())
}

/// One row: customers who order again and again.
async fn flows(customers: usize, load: Duration) -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let keys = Settings::for_simulators("http://127.0.0.1:1", "http://127.0.0.1:1", folder.path())
        .build()
        .map_err(|problems| anyhow::anyhow!("{problems}"))?;
    let telegram = TelegramSim::start(TelegramOptions {
        token: keys.telegram.token.expose_secret().to_owned(),
        keep_log: false,
        history_per_chat: 40,
        ..TelegramOptions::default()
    })
    .await?;
    let images = keys.images.context("pictures are on")?;
    let gemini = GeminiSim::start(GeminiOptions {
        api_key: images.api_key.expose_secret().to_owned(),
        // The product decodes every picture; full-size ones would measure the decoder.
        picture: PictureMode::Tiny,
        calls_max: 0,
        ..GeminiOptions::default()
    })
    .await?;
    let started = Instant::now();
    let product = Process::serve(&telegram, &gemini, folder.path(), &[])?;
    let people: Vec<User> =
        (1..=customers as i64).map(|id| telegram.user(id, "Bench", "ru")).collect();
    people[0].says("/start")?;
    people[0].waits_for(0, WITHIN, |message| message.from_bot).await?;
    let start_ms = started.elapsed().as_millis();
    let idle_mib = product.rss_mib();
    for person in &people {
        let since = telegram.revision();
        person.says("/start")?;
        person.waits_for(since, WITHIN, |message| message.from_bot).await?;
    }
    let done = Arc::new(AtomicU64::new(0));
    let (cpu_before, own_before, began) = (product.cpu_ms(), own_cpu_ms(), Instant::now());
    let mut tasks = tokio::task::JoinSet::new();
    for person in people {
        let (telegram, done) = (telegram.clone(), Arc::clone(&done));
        tasks.spawn(async move { order_until(&telegram, &person, began + load, &done).await });
    }
    let mut times = Times::default();
    while let Some(ended) = tasks.join_next().await {
        times.add(ended??);
    }
    let elapsed = began.elapsed().as_secs_f64();
    let flows = done.load(Ordering::SeqCst) as f64;
    ensure!(flows > 0.0, "no flow ended");
    let cpu = product.cpu_ms() - cpu_before;
    let rate = flows / elapsed;
    println!(
        "{customers:>9} {rate:>8.0} {:>9.1} {:>12.2} {:>8.0} ms {:>8.0} ms {:>8.0} ms {:>9} {:>8.0}%",
        rate / PYTHON_FLOWS,
        cpu / flows,
        times.answer(0.5),
        times.answer(0.99),
        times.flow(0.5),
        product.rss_mib(),
        (own_cpu_ms() - own_before) / (elapsed * 10.0)
    );
    if customers <= 20 {
        println!("{:>9} start to first answer {start_ms} ms, idle RSS {idle_mib} MiB", "");
    }
    telegram.stop();
    Ok(())
}

async fn order_until(
    telegram: &TelegramSim,
    person: &User,
    end: Instant,
    done: &AtomicU64,
) -> anyhow::Result<Times> {
    let mut times = Times::default();
    let mut number = 0_u64;
    while Instant::now() < end {
        number += 1;
        let since = telegram.revision();
        let said = Instant::now();
        person.says(&format!("bench picture {number}"))?;
        let quote = person.waits_for(since, WITHIN, |message| !message.labels().is_empty()).await?;
        times.answers.push(said.elapsed());
        let label = quote
            .labels()
            .first()
            .map(|label| (*label).to_owned())
            .context("the quote has a button")?;
        let since = telegram.revision();
        person.taps(&label)?;
        person.waits_for(since, WITHIN, |message| message.document.is_some()).await?;
        times.flows.push(said.elapsed());
        done.fetch_add(1, Ordering::SeqCst);
    }
    Ok(times)
}

#[derive(Default)]
struct Times {
    answers: Vec<Duration>,
    flows: Vec<Duration>,
}

impl Times {
    fn add(&mut self, other: Self) {
        self.answers.extend(other.answers);
        self.flows.extend(other.flows);
    }

    fn answer(&mut self, share: f64) -> f64 {
        percentile(&mut self.answers, share)
    }

    fn flow(&mut self, share: f64) -> f64 {
        percentile(&mut self.flows, share)
    }
}

fn percentile(times: &mut [Duration], share: f64) -> f64 {
    times.sort_unstable();
    let at = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
    times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
}

/// The product as a process of its own.
struct Process(Child);

impl Process {
    fn serve(
        telegram: &TelegramSim,
        gemini: &GeminiSim,
        folder: &Path,
        more: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let me = std::env::current_exe()?;
        let program = me.with_file_name("rei");
        ensure!(program.exists(), "{} is not built", program.display());
        let keys = Settings::for_simulators("http://127.0.0.1:1", "http://127.0.0.1:1", folder)
            .build()
            .map_err(|problems| anyhow::anyhow!("{problems}"))?;
        let images = keys.images.context("pictures are on")?;
        let child = Command::new(program)
            .arg("serve")
            .env_clear()
            .env("BOT_TOKEN", keys.telegram.token.expose_secret())
            .env("TELEGRAM_BASE_URL", telegram.base_url())
            .env("TELEGRAM_PACING", "0")
            .env("NANO_BANANA_API_KEY", images.api_key.expose_secret())
            .env("NANO_BANANA_BASE_URL", gemini.base_url())
            .env("ENABLE_VIDEOS", "0")
            .env("ENABLE_PAYMENTS", "0")
            .env("ADMIN_IDS", ADMIN.to_string())
            .env("HTTP_BIND", "127.0.0.1:0")
            .env("DATABASE_URL", format!("sqlite://{}", folder.join("rei.db").display()))
            .env("DATA_DIR", folder)
            .env("WORKER_CONCURRENCY", "64")
            .env("WELCOME_GIFT", GIFT_RUBLES)
            .env("RUST_LOG", "error")
            .envs(more.iter().map(|(name, value)| (*name, value.as_str())))
            .stdout(Stdio::null())
            .spawn()?;
        Ok(Self(child))
    }

    fn cpu_ms(&self) -> f64 {
        cpu_ms_of(&format!("/proc/{}/stat", self.0.id()))
    }

    fn rss_mib(&self) -> u64 {
        self.memory_kib("VmRSS:") / 1024
    }

    fn memory_kib(&self, what: &str) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with(what)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
    }

    /// From now on the kernel notes the highest memory anew.
    fn forget_peak(&self) -> anyhow::Result<()> {
        std::fs::write(format!("/proc/{}/clear_refs", self.0.id()), "5")
            .context("the kernel does not let the peak of memory be forgotten")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nothing is left to do for a process that is gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn own_cpu_ms() -> f64 {
    cpu_ms_of("/proc/self/stat")
}

/// User and system time; the kernel counts in hundredths of a second.
fn cpu_ms_of(path: &str) -> f64 {
    let stat = std::fs::read_to_string(path).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let ticks =
        |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) * 10.0
}

/// Holds and captures on a book that holds `transfers` already.
fn ledger_row(transfers: u64) -> anyhow::Result<()> {
    const CLIENTS: u64 = 64;
    const PAIRS: u64 = 200;
    let folder = TempDir::new()?;
    let book = Book::open_sqlite(SqliteOptions { path: folder.path().join("rei.db"), readers: 1 })?;
    book.migrate()?;
    fund(&book, CLIENTS)?;
    fill(&book, transfers)?;
    let began = Instant::now();
    let clients: Vec<_> = (1..=CLIENTS)
        .map(|client| {
            let book = book.clone();
            std::thread::spawn(move || -> Result<Vec<Duration>, LedgerError> {
                let chance = SeededChance::new(client + 1_000_000);
                (0..PAIRS)
                    .map(|pair| {
                        let at = Timestamp(1_800_000_000_000 + (pair * CLIENTS + client) as i64);
                        let started = Instant::now();
                        hold_and_capture(&book, client, OrderId::new(at, &chance), at)?;
                        Ok(started.elapsed())
                    })
                    .collect()
            })
        })
        .collect();
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.join().map_err(|_| anyhow::anyhow!("a client panicked"))??);
    }
    let rate = (CLIENTS * PAIRS) as f64 / began.elapsed().as_secs_f64();
    println!(
        "{transfers:>12} {rate:>12.0} {:>10.2} {:>10.2}",
        percentile(&mut times, 0.5),
        percentile(&mut times, 0.99)
    );
    Ok(())
}

fn fund(book: &Book, customers: u64) -> Result<(), LedgerError> {
    book.blocking_write(move |tx| {
        for customer in 1..=customers {
            let id = CustomerId(customer as i64);
            ledger::open_customer(tx, id)?;
            ledger::post(
                tx,
                &NewTransfer {
                    kind: TransferKind::Grant,
                    debit: Account::Adjust,
                    credit: Account::cash(id),
                    amount: Money::Rub(Kopecks::OPERATION_MAX),
                    key: IdempotencyKey::new(format!("fund:{customer}"))?,
                    order: None,
                    payment: None,
                    actor: Actor::System,
                    memo: None,
                    at: Timestamp(1_700_000_000_000),
                },
            )?;
        }
        Ok(())
    })
}

/// Orders of one kopeck, many in one transaction.
fn fill(book: &Book, transfers: u64) -> Result<(), LedgerError> {
    const IN_ONE: u64 = 2_000;
    for batch in 0..transfers / 2 / IN_ONE {
        book.blocking_write(move |tx| {
            let chance = SeededChance::new(batch);
            for index in 0..IN_ONE {
                let at = Timestamp(1_750_000_000_000 + (batch * IN_ONE + index) as i64);
                let order = OrderId::new(at, &chance);
                let _ = ledger::hold_split(tx, &held(1 + index % 64, order, Kopecks::new(1), at))?;
                ledger::capture_order(tx, order, Kopecks::new(1), Actor::System, at)?;
            }
            Ok::<_, LedgerError>(())
        })?;
    }
    Ok(())
}

fn hold_and_capture(
    book: &Book,
    client: u64,
    order: OrderId,
    at: Timestamp,
) -> Result<(), LedgerError> {
    let price = Kopecks::new(100);
    book.blocking_write(move |tx| {
        ledger::hold_split(tx, &held(client, order, price, at)).map(|_| ())
    })?;
    book.blocking_write(move |tx| {
        ledger::capture_order(tx, order, price, Actor::System, at).map(|_| ())
    })
}

fn held(customer: u64, order: OrderId, amount: Kopecks, at: Timestamp) -> NewSplitHold {
    NewSplitHold {
        customer: CustomerId(customer as i64),
        order,
        credit: Account::Revenue(Sale::Image),
        kind: TransferKind::Order,
        amount,
        first: PocketOrder::BonusFirst,
        expires_at: at.plus(Duration::from_secs(3_600)),
        actor: Actor::System,
        at,
    }
}
