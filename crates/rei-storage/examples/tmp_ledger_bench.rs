use rei_domain::chance::SeededChance;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OrderId};
use rei_domain::ledger::{Rail, Sale};
use rei_domain::money::Kopecks;
use rei_storage::ledger::*;
use rei_storage::{Book, PostgresOptions, SqliteOptions};
fn one(
    tx: &mut rei_storage::Tx<'_>,
    n: i64,
    customers: i64,
    chance: &SeededChance,
) -> Result<(), LedgerError> {
    let at = Timestamp(1_790_000_000_000 + n);
    let order = OrderId::new(at, chance);
    let customer = CustomerId(1 + (n * 7919) % customers);
    let _ = hold_split(
        tx,
        &NewSplitHold {
            customer,
            order,
            credit: Account::Revenue(Sale::Image),
            kind: TransferKind::Order,
            amount: Kopecks::new(5),
            first: PocketOrder::BonusFirst,
            expires_at: at,
            actor: Actor::Customer,
            at,
        },
    )?;
    capture_order(tx, order, Kopecks::new(5), Actor::System, at)?;
    Ok(())
}
fn main() {
    let total: i64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let customers: i64 = std::env::var("CUST").ok().and_then(|c| c.parse().ok()).unwrap_or(50_000);
    let dir = tempfile::TempDir::new().unwrap();
    let book = match std::env::args().nth(2) {
        Some(url) => Book::open_postgres(PostgresOptions { url, connections: 4 }).unwrap(),
        None => {
            Book::open_sqlite(SqliteOptions { path: dir.path().join("b.db"), readers: 1 }).unwrap()
        }
    };
    book.migrate().unwrap();
    for chunk in 0..50 {
        book.blocking_write(move |tx| -> Result<(), LedgerError> {
            for c in 0..customers / 50 {
                let c = CustomerId(1 + chunk * (customers / 50) + c);
                open_customer(tx, c)?;
                post(
                    tx,
                    &NewTransfer {
                        kind: TransferKind::Topup,
                        debit: Account::Clearing(Rail::YooKassa),
                        credit: Account::cash(c),
                        amount: Kopecks::new(1_000_000).into(),
                        key: IdempotencyKey::new(format!("t{c}")).unwrap(),
                        order: None,
                        payment: None,
                        actor: Actor::System,
                        memo: None,
                        at: Timestamp(1),
                    },
                )?;
            }
            Ok(())
        })
        .unwrap();
    }
    let mut n = 0;
    let per = 500;
    let mut mark = 0;
    let mut clock = std::time::Instant::now();
    while n < total {
        let from = n;
        book.blocking_write(move |tx| -> Result<(), LedgerError> {
            let chance = SeededChance::new(from as u64);
            for k in 0..per {
                one(tx, from + k, customers, &chance)?;
            }
            Ok(())
        })
        .unwrap();
        n += per;
        if n - mark >= 50_000 {
            println!(
                "{n} orders: {:.1} us per hold+capture",
                clock.elapsed().as_micros() as f64 / (n - mark) as f64
            );
            mark = n;
            clock = std::time::Instant::now();
        }
    }
    let clock = std::time::Instant::now();
    book.blocking_write(|tx| settle(tx)).unwrap();
    while book.blocking_write(|tx| checkpoint(tx)).unwrap() {}
    println!("checkpoint {:?}", clock.elapsed());
    let clock = std::time::Instant::now();
    while book.blocking_write(|tx| seal(tx, Timestamp(1))).unwrap().is_some() {}
    println!("seal {:?}", clock.elapsed());
    let clock = std::time::Instant::now();
    let r = book.blocking_read(|tx| audit(tx)).unwrap();
    println!("audit {:?} {} sound {}", clock.elapsed(), r.transfers, r.is_sound());
    let clock = std::time::Instant::now();
    let b = book.blocking_read(|tx| account_balance(tx, &Account::Revenue(Sale::Image))).unwrap();
    println!("balance {:?} {b}", clock.elapsed());
}
