//! Customer flows in each shape of the house, with what they cost, and how soon a house is there.

use std::time::{Duration, Instant};

use anyhow::Context;
use rei_sim::telegram::User;

use crate::load::{self, percentile};
use crate::product::{Outside, Product};
use crate::servers::Servers;
use crate::system::own_cpu_ms;
use crate::{PYTHON_FLOWS, WITHIN, head, row};

const COLUMNS: [&str; 14] = [
    "                      shape",
    "customers",
    "flows/s",
    "x Python",
    "updates/s",
    "answer p50",
    "answer p99",
    " flow p50",
    " flow p99",
    "CPU ms/flow",
    "servers ms/flow",
    "loaded MiB",
    "KiB/flow",
    "load CPU",
];
const START_COLUMNS: [&str; 4] =
    ["                      shape", "first start", "next start", "idle MiB"];
/// Memory has come to rest after this much calm.
const SETTLING: Duration = Duration::from_secs(1);

/// A shape of the house: its book and its processes.
struct Shape {
    name: &'static str,
    book: BookOf,
    parts: &'static [&'static str],
}

enum BookOf {
    Sqlite,
    Postgres,
    PostgresAndRedis,
}

const SHAPES: [Shape; 5] = [
    Shape { name: "SQLite, serve", book: BookOf::Sqlite, parts: &["serve"] },
    Shape { name: "PostgreSQL, serve", book: BookOf::Postgres, parts: &["serve"] },
    Shape {
        name: "+ Redis, bot + 1 worker",
        book: BookOf::PostgresAndRedis,
        parts: &["bot", "worker"],
    },
    Shape {
        name: "+ Redis, bot + 2 workers",
        book: BookOf::PostgresAndRedis,
        parts: &["bot", "worker", "worker"],
    },
    Shape {
        name: "+ Redis, bot + 4 workers",
        book: BookOf::PostgresAndRedis,
        parts: &["bot", "worker", "worker", "worker", "worker"],
    },
];

/// Prints both tables.
pub(crate) async fn tables(
    servers: &mut Servers,
    time: Duration,
    quick: bool,
) -> anyhow::Result<()> {
    let (crowds, shapes): (&[usize], Vec<&Shape>) = match quick {
        true => (&[100], SHAPES.iter().filter(|shape| shape.parts.len() != 2).take(3).collect()),
        false => (&[20, 100, 300], SHAPES.iter().collect()),
    };
    head(
        "start: from the process to the first answer; memory of all processes at rest",
        &START_COLUMNS,
    );
    for shape in &shapes {
        start_row(servers, shape).await?;
    }
    println!();
    head(
        "flows: message -> quote -> press -> queue -> worker -> capture -> picture delivered; CPU and memory of all processes",
        &COLUMNS,
    );
    for shape in &shapes {
        for customers in crowds {
            flow_row(servers, shape, *customers, time).await?;
        }
    }
    println!();
    Ok(())
}

impl Shape {
    /// The book's address, and the settings that go with it.
    fn settings(
        &self,
        servers: &mut Servers,
        outside: &Outside,
    ) -> anyhow::Result<(String, Vec<(&'static str, String)>)> {
        Ok(match self.book {
            BookOf::Sqlite => (outside.sqlite(), Vec::new()),
            BookOf::Postgres => (servers.database()?, Vec::new()),
            BookOf::PostgresAndRedis => {
                (servers.database()?, vec![("REDIS_URL", servers.redis()?)])
            }
        })
    }
}

async fn start_row(servers: &mut Servers, shape: &Shape) -> anyhow::Result<()> {
    let outside = Outside::start().await?;
    let (database, settings) = shape.settings(servers, &outside)?;
    let person = outside.telegram.user(1, "Bench", "ru");
    let mut starts = Vec::new();
    let mut idle_kib = 0;
    for _ in 0..2 {
        let since = outside.telegram.revision();
        person.says("/start")?;
        let began = Instant::now();
        let product = Product::start(&outside, shape.parts, &database, &settings)?;
        person.waits_for(since, WITHIN, |message| message.from_bot).await?;
        starts.push(began.elapsed());
        tokio::time::sleep(SETTLING).await;
        idle_kib = product.rss_kib();
        tokio::task::block_in_place(|| product.stop())?;
    }
    let shown = |start: &Duration| format!("{} ms", start.as_millis());
    let [first, next] = starts.as_slice() else { return Ok(()) };
    let cells = [shape.name.to_owned(), shown(first), shown(next), (idle_kib / 1024).to_string()];
    row(&START_COLUMNS, &cells);
    Ok(())
}

async fn flow_row(
    servers: &mut Servers,
    shape: &Shape,
    customers: usize,
    time: Duration,
) -> anyhow::Result<()> {
    let outside = Outside::start().await?;
    let (database, settings) = shape.settings(servers, &outside)?;
    let product = Product::start(&outside, shape.parts, &database, &settings)?;
    let telegram = &outside.telegram;
    let people: Vec<User> =
        (1..=i64::try_from(customers)?).map(|id| telegram.user(id, "Bench", "ru")).collect();
    load::greet(telegram, &people).await.context("nobody answers")?;
    // Whoever works is there and has done it once.
    load::order_once(telegram, &people[0]).await.context("nobody works")?;
    let idle_kib = product.rss_kib();
    product.forget_peak()?;
    let cpu_before = (product.cpu_ms(), servers.cpu_ms(), own_cpu_ms());
    let mut load = load::order_for(telegram, people, time).await?;
    let flows = load.flows.len() as f64;
    let servers_ms = servers.cpu_ms().zip(cpu_before.1).map(|(after, before)| after - before);
    let own = (own_cpu_ms() - cpu_before.2) / (load.took.as_secs_f64() * 10.0);
    let peak_kib = product.peak_kib();
    let ms = |time: f64| format!("{time:.0} ms");
    let servers_ms = match shape.book {
        BookOf::Sqlite => None,
        BookOf::Postgres | BookOf::PostgresAndRedis => servers_ms,
    };
    row(
        &COLUMNS,
        &[
            shape.name.to_owned(),
            customers.to_string(),
            format!("{:.0}", load.flows_a_second()),
            format!("{:.1}", load.flows_a_second() / PYTHON_FLOWS),
            format!("{:.0}", load.updates_a_second()),
            ms(percentile(&mut load.answers, 0.5)),
            ms(percentile(&mut load.answers, 0.99)),
            ms(percentile(&mut load.flows, 0.5)),
            ms(percentile(&mut load.flows, 0.99)),
            format!("{:.2}", (product.cpu_ms() - cpu_before.0) / flows),
            servers_ms.map_or("-".to_owned(), |spent| format!("{:.2}", spent / flows)),
            (peak_kib / 1024).to_string(),
            (peak_kib.saturating_sub(idle_kib) / customers as u64).to_string(),
            format!("{own:.0} %"),
        ],
    );
    Ok(())
}
