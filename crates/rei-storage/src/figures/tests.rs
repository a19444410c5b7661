//! The figures of a small business, on both engines: every sum can be checked by hand.

use std::time::Duration;

use rei_domain::chance::SeededChance;
use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, JobId, OrderId, PaymentId, QuoteId};
use rei_domain::ledger::{
    Account, Actor, Expense, IdempotencyKey, Money, NewTransfer, Phase, Pocket, PocketOrder,
    ProviderName, Rail, Sale, TransferKind,
};
use rei_domain::money::{Kopecks, MicroUsd};
use rei_domain::order::OrderState;

use super::*;
use crate::ledger::{self, LedgerError, NewSplitHold};
use crate::orders::{self, NewOrder};
use crate::testing::{each_engine, temp_postgres, temp_sqlite};
use crate::{Book, Sql, Tx, customers, params};

/// Midnight of a day in UTC.
const DAY_ONE: Timestamp = Timestamp(20_000 * 86_400_000);
const ANNA: CustomerId = CustomerId(7);
const BORIS: CustomerId = CustomerId(8);

static PAYMENT: Sql = Sql::shared(
    "
insert into payment (id, customer, rail, amount, state, key, provider_id, is_test, created_at, paid_at, state_at)
values (:id, :customer, 'yookassa', :amount, :state, :key, :key, 1, :at, :paid_at, :at)",
);

fn at(day: u64, hour: u64) -> Timestamp {
    DAY_ONE.plus(Duration::from_secs(day * 86_400 + hour * 3_600))
}

fn days_from(from: u64, upto: u64) -> Span {
    Span { from: at(from, 0), upto: at(upto, 0) }
}

fn write<T: Send + 'static>(
    book: &Book,
    work: impl Fn(&mut Tx<'_>) -> Result<T, LedgerError> + Send + 'static,
) -> T {
    book.blocking_write(work).expect("the book works")
}

fn read<T: Send + 'static>(
    book: &Book,
    work: impl Fn(&mut Tx<'_>) -> Result<T, crate::BookError> + Send + 'static,
) -> T {
    book.blocking_read(work).expect("the book is readable")
}

fn post(
    tx: &mut Tx<'_>,
    kind: TransferKind,
    sides: (Account, Account),
    amount: Money,
    name: &str,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let new = NewTransfer {
        kind,
        debit: sides.0,
        credit: sides.1,
        amount,
        key: IdempotencyKey::new(name)?,
        order: None,
        payment: None,
        actor: Actor::System,
        memo: None,
        at: now,
    };
    ledger::post(tx, &new).map(|_| ())
}

fn pays(
    tx: &mut Tx<'_>,
    who: CustomerId,
    rubles: i64,
    paid: bool,
    now: Timestamp,
) -> Result<PaymentId, LedgerError> {
    let seed = u64::try_from(now.millis()).unwrap_or(0);
    let id = PaymentId::new(now, &SeededChance::new(seed));
    tx.execute(
        &PAYMENT,
        &params! {
            ":id" => id, ":customer" => who, ":amount" => Kopecks::from_rubles(rubles),
            ":state" => if paid { "paid" } else { "cancelled" }, ":key" => id.to_string(), ":at" => now,
            ":paid_at" => paid.then_some(now)
        },
    )?;
    if paid {
        let sides = (Account::Clearing(Rail::YooKassa), Account::cash(who));
        let sum = Kopecks::from_rubles(rubles).into();
        post(tx, TransferKind::Topup, sides, sum, &id.to_string(), now)?;
    }
    Ok(id)
}

/// Places an order of 50 ₽ and ends it after `took_s`.
fn orders_one(
    tx: &mut Tx<'_>,
    who: CustomerId,
    now: Timestamp,
    seed: u64,
    end: OrderState,
    took_s: u64,
) -> Result<OrderId, LedgerError> {
    let chance = SeededChance::new(seed);
    let id = OrderId::new(now, &chance);
    let price = Kopecks::from_rubles(50);
    let hold = ledger::hold_split(
        tx,
        &NewSplitHold {
            customer: who,
            order: id,
            credit: Account::Revenue(Sale::Image),
            kind: TransferKind::Order,
            amount: price,
            first: PocketOrder::BonusFirst,
            expires_at: now.plus(Duration::from_secs(3_600)),
            actor: Actor::Customer,
            at: now,
        },
    )?;
    let new = NewOrder {
        id,
        customer: who,
        quote: QuoteId::new(now, &chance),
        hold: hold.id().0,
        job: JobId::new(now, &chance),
        queue: "providers".to_owned(),
        sku: "picture".to_owned(),
        kind: "image".to_owned(),
        provider: "gemini".to_owned(),
        model: "pro".to_owned(),
        prompt: "a cat".to_owned(),
        choices: "{}".to_owned(),
        items: 1,
        model_legacy: None,
        extras: "{}".to_owned(),
        length_ms: None,
        price,
        cost: MicroUsd(134_000),
        catalog_version: "v1".to_owned(),
        deadline_at: now.plus(Duration::from_secs(3_600)),
    };
    orders::create(tx, &new, now)?;
    let ended = now.plus(Duration::from_secs(took_s));
    if end == OrderState::Delivered {
        ledger::capture_order(tx, id, price, Actor::System, ended)?;
        let (from, to) = (OrderState::Queued, OrderState::Ready);
        orders::move_with_result(tx, id, from, to, "a.png", Some(price), ended)?;
        orders::move_state(tx, id, to, end, None, ended)?;
        let gemini = ProviderName::new("gemini").expect("a good name");
        let sides = (Account::Cost(gemini.clone()), Account::Payable(gemini));
        let cost = MicroUsd(134_000).into();
        post(tx, TransferKind::Cost, sides, cost, &format!("{id}:cost"), ended)?;
    } else {
        ledger::void_order(tx, id, Actor::System, ended)?;
        orders::move_state(tx, id, OrderState::Queued, end, None, ended)?;
    }
    Ok(id)
}

/// Anna pays and orders on two days, Boris comes with a gift, spends it, and something goes wrong.
fn a_small_business(book: &Book) -> OrderId {
    write(book, |tx| {
        customers::seen(tx, ANNA, "Anna", None, at(0, 1))?;
        customers::seen(tx, BORIS, "Boris", None, at(1, 1))?;
        ledger::open_customer(tx, ANNA)?;
        ledger::open_customer(tx, BORIS)?;
        let gift = (Account::Expense(Expense::Promo), Account::bonus(BORIS));
        post(tx, TransferKind::Gift, gift, Kopecks::from_rubles(50).into(), "gift", at(1, 1))?;
        pays(tx, ANNA, 300, true, at(0, 2))?;
        pays(tx, ANNA, 100, true, at(1, 2))?;
        pays(tx, BORIS, 100, false, at(1, 3))?;
        let fee = (Account::Expense(Expense::Fees), Account::Clearing(Rail::YooKassa));
        post(tx, TransferKind::Fee, fee, Kopecks::new(1_400).into(), "fee", at(1, 3))?;
        orders_one(tx, ANNA, at(0, 4), 1, OrderState::Delivered, 10)?;
        let second = orders_one(tx, ANNA, at(1, 4), 2, OrderState::Delivered, 30)?;
        orders_one(tx, BORIS, at(1, 5), 3, OrderState::Delivered, 20)?;
        orders_one(tx, ANNA, at(1, 6), 4, OrderState::Failed, 60)?;
        let back = (Account::Revenue(Sale::Image), Account::cash(ANNA));
        post(tx, TransferKind::Refund, back, Kopecks::from_rubles(20).into(), "back", at(1, 7))?;
        let out = (Account::cash(ANNA), Account::Clearing(Rail::YooKassa));
        post(tx, TransferKind::Chargeback, out, Kopecks::from_rubles(40).into(), "out", at(1, 8))?;
        Ok(second)
    })
}

#[test]
fn only_what_customers_paid_themselves_is_revenue() {
    each_engine(|book, _| {
        a_small_business(book);
        let both = read(book, |tx| money(tx, days_from(0, 2)));
        assert_eq!(
            both,
            MoneyFigures {
                revenue: Kopecks::from_rubles(80),
                given_away: Kopecks::from_rubles(50),
                bonus: Kopecks::from_rubles(50),
                paid_back: Kopecks::from_rubles(40),
                fees: Kopecks::new(1_400),
                topups: Kopecks::from_rubles(400),
                topups_count: 2,
                cost: MicroUsd(402_000),
            }
        );
        let first = read(book, |tx| money(tx, days_from(1, 2).before()));
        assert_eq!(first.revenue, Kopecks::from_rubles(50));
        assert_eq!(read(book, |tx| money(tx, days_from(2, 3))), MoneyFigures::default());
    });
}

#[test]
fn people_are_counted_once_each() {
    each_engine(|book, _| {
        a_small_business(book);
        let expected = PeopleFigures { came: 2, came_and_paid: 1, active: 2, paying: 1 };
        assert_eq!(read(book, |tx| people(tx, days_from(0, 2))), expected);
        let second = PeopleFigures { came: 1, came_and_paid: 0, active: 2, paying: 1 };
        assert_eq!(read(book, |tx| people(tx, days_from(1, 2))), second);
    });
}

#[test]
fn work_is_counted_by_model_by_rail_and_by_how_long_it_took() {
    each_engine(|book, _| {
        a_small_business(book);
        let span = days_from(0, 2);
        let of_model = ModelFigures { sku: "picture".to_owned(), placed: 4, made: 3, lost: 1 };
        assert_eq!(read(book, move |tx| models(tx, span, 10)), [of_model]);
        let of_rail = RailFigures { rail: "yookassa".to_owned(), paid: 2, lost: 1 };
        assert_eq!(read(book, move |tx| rails(tx, span)), [of_rail]);
        let waited = WaitFigures { is_video: false, p50_ms: 20_000, p95_ms: 30_000 };
        assert_eq!(read(book, move |tx| waits(tx, span)), [waited]);
        assert_eq!(read(book, |tx| waits(tx, days_from(2, 3))), []);
    });
}

#[test]
fn every_day_of_a_span_is_there() {
    each_engine(|book, _| {
        a_small_business(book);
        let day = |day, rubles, orders| Day { day, revenue: Kopecks::from_rubles(rubles), orders };
        assert_eq!(
            read(book, |tx| days(tx, days_from(0, 3))),
            [day(20_000, 50, 1), day(20_001, 30, 3), day(20_002, 0, 0)]
        );
    });
}

#[test]
fn an_export_has_every_row_of_its_span_once() {
    each_engine(|book, _| {
        a_small_business(book);
        let all = |span| {
            read(book, move |tx| {
                let mut export = Export::of(span);
                let mut found = Vec::new();
                loop {
                    let page = transfers_page(tx, &mut export)?;
                    if page.is_empty() {
                        return Ok(found);
                    }
                    found.extend(page);
                }
            })
        };
        let (first, second) = (all(days_from(0, 1)), all(days_from(1, 2)));
        assert_eq!(first.len() + second.len(), all(days_from(0, 2)).len());
        assert_eq!(first.len(), 4, "a top-up, a hold, its capture, its cost");
        assert_eq!(first.iter().filter_map(|row| row.order).collect::<Vec<_>>(), [1, 1]);
        let paid = read(book, |tx| payments_page(tx, &mut Export::of(days_from(0, 2))));
        assert_eq!(paid.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2, 3]);
        let placed = read(book, |tx| orders_page(tx, &mut Export::of(days_from(1, 2))));
        assert_eq!(placed.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 3, 4]);
    });
}

#[test]
fn an_order_s_money_is_found_by_its_steps() {
    each_engine(|book, _| {
        let order = a_small_business(book);
        let moves = read(book, move |tx| order_moves(tx, order));
        let told: Vec<_> = moves.iter().map(|one| (one.phase, one.pocket, one.amount)).collect();
        let price = Kopecks::from_rubles(50);
        let expected = [(Phase::Hold, Pocket::Cash, price), (Phase::Capture, Pocket::Cash, price)];
        assert_eq!(told, expected);
    });
}

#[test]
fn a_payment_is_found_by_the_name_that_transfers_carry() {
    each_engine(|book, _| {
        let id = write(book, |tx| {
            customers::seen(tx, ANNA, "Anna", None, at(0, 1))?;
            ledger::open_customer(tx, ANNA)?;
            pays(tx, ANNA, 10, true, at(0, 2))
        });
        let number = |name: String| read(book, move |tx| payment_number(tx, &name));
        assert_eq!(number(id.to_string()), Some(1));
        for strange in ["", "payment-1", "é", &"0".repeat(31), &"0".repeat(33)] {
            assert_eq!(number(strange.to_owned()), None, "{strange}");
        }
    });
}

/// What is read for a figure or a present, and must not depend on how long the book is.
fn bounded() -> Vec<&'static Sql> {
    all().chain(crate::presents::all()).filter(|sql| sql.sqlite().contains("select")).collect()
}

#[test]
fn a_long_book_costs_no_more_on_sqlite() {
    let fresh = temp_sqlite();
    let path = fresh.url.trim_start_matches("sqlite://");
    let connection = rusqlite::Connection::open(path).expect("the file opens");
    for sql in bounded() {
        let explained = format!("explain query plan {}", sql.sqlite());
        let mut statement = connection.prepare(&explained).expect("it can be explained");
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().expect("it can be explained") {
            let step: String = row.get("detail").expect("a step has words");
            let whole = ["transfer", "t", "orders", "payment", "customer", "c", "promo_code"]
                .iter()
                .any(|table| step == format!("SCAN {table}"));
            assert!(!whole, "{step}: {}", sql.sqlite());
        }
    }
}

#[test]
fn a_long_book_costs_no_more_on_postgres() {
    let fresh = temp_postgres();
    let mut client =
        postgres::Client::connect(&fresh.url, postgres::NoTls).expect("the server answers");
    // In empty tables nothing is cheaper than reading all: see whether it could be helped.
    client
        .batch_execute("set enable_seqscan = off; set plan_cache_mode = force_generic_plan")
        .expect("it is allowed");
    for sql in bounded() {
        let numbered = sql.postgres();
        client
            .batch_execute(&format!("deallocate all; prepare p as {}", numbered.text))
            .expect("it can be prepared");
        let values = vec!["null"; numbered.names.len()].join(", ");
        let explained = format!("explain execute p({values})");
        for row in client.query(&explained, &[]).expect("it can be explained") {
            let step: String = row.get(0);
            assert!(!step.contains("Seq Scan"), "{step}: {}", numbered.text);
        }
    }
}
