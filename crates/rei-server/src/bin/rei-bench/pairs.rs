//! Holds and captures alone: in SQLite books of every length, and side by side on PostgreSQL.

use std::time::{Duration, Instant};

use rei_domain::chance::SeededChance;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OrderId};
use rei_domain::ledger::{
    Account, Actor, IdempotencyKey, Money, NewTransfer, PocketOrder, Sale, TransferKind,
};
use rei_domain::money::Kopecks;
use rei_storage::ledger::{self, LedgerError, NewSplitHold};
use rei_storage::{Book, PostgresOptions, SqliteOptions};
use tempfile::TempDir;

use crate::load::percentile;
use crate::servers::Servers;
use crate::{head, row};

/// Customers who pay, each with a wallet of his own.
const CUSTOMERS: u64 = 64;
/// Customers from whose wallets the book was filled before.
const FILLERS: u64 = 64;
/// Pairs in one transaction of the filling.
const FILLED_AT_ONCE: u64 = 20_000;
/// How long each row is measured.
const LOAD: Duration = Duration::from_secs(5);
const QUICK_LOAD: Duration = Duration::from_secs(2);
/// The filling's moments begin here, those of the measured pairs later: ids grow at one end, as in a book that lives.
const FILLED_FROM: Timestamp = Timestamp(1_700_000_000_000);
const MEASURED_FROM: Timestamp = Timestamp(1_800_000_000_000);
/// A book is settled and sealed in parts, as by the scheduler.
const PARTS_MAX: usize = 100_000;

const COLUMNS: [&str; 7] = [
    "                 book",
    " transfers",
    "clients",
    "pairs/s",
    " p50 ms",
    " p99 ms",
    "server CPU",
];

/// Prints the table.
pub(crate) async fn tables(servers: &mut Servers, quick: bool) -> anyhow::Result<()> {
    head("ledger: hold, then capture, each on the disk before the next", &COLUMNS);
    let load = if quick { QUICK_LOAD } else { LOAD };
    let sizes: &[u64] = if quick { &[0, 100_000] } else { &[0, 1_000_000, 10_000_000] };
    tokio::task::block_in_place(|| sqlite_rows(sizes, load))?;
    for clients in [1, 4, 16] {
        let url = servers.database()?;
        tokio::task::block_in_place(|| postgres_row(servers, url, clients, load))?;
    }
    println!();
    Ok(())
}

/// One book that grows from row to row.
fn sqlite_rows(sizes: &[u64], load: Duration) -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let book = Book::open_sqlite(SqliteOptions { path: folder.path().join("rei.db"), readers: 1 })?;
    book.migrate()?;
    open_wallets(&book)?;
    let mut filled = 0;
    for (number, size) in sizes.iter().enumerate() {
        let began = Instant::now();
        fill(&book, filled, *size)?;
        if *size > filled {
            eprintln!("filled up to {size} transfers in {:.0} s", began.elapsed().as_secs_f64());
        }
        filled = *size;
        let measured = pay(&book, CUSTOMERS, number as u64, load)?;
        measured.row("SQLite, one writer", *size, CUSTOMERS, None);
    }
    Ok(())
}

/// Connections that charge different customers and one revenue account.
fn postgres_row(
    servers: &Servers,
    url: String,
    clients: u64,
    load: Duration,
) -> anyhow::Result<()> {
    let connections = usize::try_from(clients)?;
    let book = Book::open_postgres(PostgresOptions { url, connections })?;
    book.migrate()?;
    open_wallets(&book)?;
    let before = servers.cpu_ms();
    let measured = pay(&book, clients, 0, load)?;
    let spent = servers.cpu_ms().zip(before).map(|(after, before)| after - before);
    measured.row("PostgreSQL", 0, clients, spent);
    Ok(())
}

/// What was measured.
struct Measured {
    times: Vec<Duration>,
    took: Duration,
}

impl Measured {
    fn row(mut self, book: &str, transfers: u64, clients: u64, server_ms: Option<f64>) {
        let took = self.took.as_secs_f64();
        row(
            &COLUMNS,
            &[
                book.to_owned(),
                transfers.to_string(),
                clients.to_string(),
                format!("{:.0}", self.times.len() as f64 / took),
                format!("{:.2}", percentile(&mut self.times, 0.5)),
                format!("{:.2}", percentile(&mut self.times, 0.99)),
                server_ms.map_or("-".to_owned(), |spent| format!("{:.0} %", spent / took / 10.0)),
            ],
        );
    }
}

/// Clients who hold and capture until the time is over, each for a customer of his own.
fn pay(book: &Book, clients: u64, run: u64, load: Duration) -> anyhow::Result<Measured> {
    let began = Instant::now();
    let working: Vec<_> = (1..=clients)
        .map(|client| {
            let book = book.clone();
            std::thread::spawn(move || pay_until(&book, client, run, began + load))
        })
        .collect();
    let mut times = Vec::new();
    for client in working {
        times.extend(client.join().map_err(|_| anyhow::anyhow!("a client panicked"))??);
    }
    Ok(Measured { times, took: began.elapsed() })
}

fn pay_until(
    book: &Book,
    client: u64,
    run: u64,
    end: Instant,
) -> Result<Vec<Duration>, LedgerError> {
    let chance = SeededChance::new(run * CUSTOMERS + client);
    let start = MEASURED_FROM.plus(Duration::from_secs(run * 3_600));
    let mut times = Vec::new();
    while Instant::now() < end {
        let at = start.plus(Duration::from_millis(times.len() as u64));
        let began = Instant::now();
        hold_and_capture(book, client, OrderId::new(at, &chance), at)?;
        times.push(began.elapsed());
    }
    Ok(times)
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

fn held(client: u64, order: OrderId, amount: Kopecks, at: Timestamp) -> NewSplitHold {
    NewSplitHold {
        customer: customer(client),
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

const fn customer(number: u64) -> CustomerId {
    CustomerId(number.cast_signed())
}

fn open_wallets(book: &Book) -> Result<(), LedgerError> {
    book.blocking_write(|tx| {
        for number in 1..=CUSTOMERS + FILLERS {
            ledger::open_customer(tx, customer(number))?;
            let granted = NewTransfer {
                kind: TransferKind::Adjust,
                debit: Account::Adjust,
                credit: Account::cash(customer(number)),
                amount: Money::Rub(Kopecks::OPERATION_MAX),
                key: IdempotencyKey::new(format!("bench:{number}"))?,
                order: None,
                payment: None,
                actor: Actor::System,
                memo: None,
                at: FILLED_FROM,
            };
            ledger::post(tx, &granted)?;
        }
        Ok(())
    })
}

/// Makes a book of `filled` transfers one of `wanted`, settled, checkpointed and sealed like one that grew by itself.
fn fill(book: &Book, filled: u64, wanted: u64) -> anyhow::Result<()> {
    let mut pair = filled / 2;
    while pair < wanted / 2 {
        let pairs = FILLED_AT_ONCE.min(wanted / 2 - pair);
        let first = FILLED_FROM.plus(Duration::from_millis(pair));
        book.blocking_write(move |tx| {
            let fillers: Vec<CustomerId> =
                (CUSTOMERS + 1..=CUSTOMERS + FILLERS).map(customer).collect();
            ledger::fill(tx, &fillers, pairs, first, &SeededChance::new(pair))
        })?;
        pair += pairs;
    }
    book.blocking_write(|tx| ledger::settle(tx).map(|_| ()))?;
    for _ in 0..PARTS_MAX {
        if !book.blocking_write(ledger::checkpoint)? {
            break;
        }
    }
    for _ in 0..PARTS_MAX {
        if book.blocking_write(|tx| ledger::seal(tx, MEASURED_FROM))?.is_none() {
            break;
        }
    }
    Ok(())
}
