//! The ledger's promises, on both engines.

mod append_only;
mod checkpoints;
mod holds;
mod hot;
mod model;
mod parallel;
mod postings;
mod statements;

use rei_domain::clock::Timestamp;
use rei_domain::ids::{CustomerId, OrderId};
use rei_domain::ledger::{Account, Actor, Expense, IdempotencyKey, Pocket, Rail, Sale};
use rei_domain::ledger::{NewTransfer, PocketOrder, TransferKind, Wallet};
use rei_domain::money::Kopecks;

use crate::{Book, Tx};

use super::{
    AuditReport, HoldReceipt, LedgerError, NewSplitHold, Posted, audit_ledger, hold_split, post,
};

const ANNA: CustomerId = CustomerId(7);

fn kopecks(amount: i64) -> Kopecks {
    Kopecks::new(amount)
}

fn at(second: i64) -> Timestamp {
    Timestamp(1_790_000_000_000 + second * 1_000)
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::new(text).expect("a good key")
}

fn order(number: u8) -> OrderId {
    OrderId::from_slice(&[number; 16]).expect("sixteen bytes")
}

fn write<T: Send + 'static>(
    book: &Book,
    work: impl Fn(&mut Tx<'_>) -> Result<T, LedgerError> + Send + 'static,
) -> Result<T, LedgerError> {
    book.blocking_write(work)
}

fn read<T: Send + 'static>(
    book: &Book,
    work: impl Fn(&mut Tx<'_>) -> Result<T, LedgerError> + Send + 'static,
) -> T {
    book.blocking_read(work).expect("the book is readable")
}

/// A top-up of cash or a gift of bonus.
fn income(customer: CustomerId, pocket: Pocket, amount: i64, name: &str) -> NewTransfer {
    let (kind, debit) = match pocket {
        Pocket::Cash => (TransferKind::Topup, Account::Clearing(Rail::YooKassa)),
        Pocket::Bonus => (TransferKind::Gift, Account::Expense(Expense::Promo)),
    };
    NewTransfer {
        kind,
        debit,
        credit: Account::Customer(customer, pocket),
        amount: kopecks(amount).into(),
        key: key(name),
        order: None,
        payment: None,
        actor: Actor::System,
        memo: None,
        at: at(0),
    }
}

/// Opens the customer's accounts and fills them.
fn open_with(book: &Book, customer: CustomerId, cash: i64, bonus: i64) {
    write(book, move |tx| {
        super::open_customer(tx, customer)?;
        for (pocket, amount) in [(Pocket::Cash, cash), (Pocket::Bonus, bonus)] {
            if amount > 0 {
                let name = format!("start:{customer}:{}", pocket.as_str());
                post(tx, &income(customer, pocket, amount, &name))?;
            }
        }
        Ok(())
    })
    .expect("a new customer");
}

fn price(customer: CustomerId, order: OrderId, amount: i64) -> NewSplitHold {
    NewSplitHold {
        customer,
        order,
        credit: Account::Revenue(Sale::Image),
        kind: TransferKind::Order,
        amount: kopecks(amount),
        first: PocketOrder::BonusFirst,
        expires_at: at(3_600),
        actor: Actor::Customer,
        at: at(1),
    }
}

fn hold_price(
    book: &Book,
    customer: CustomerId,
    order: OrderId,
    amount: i64,
) -> Result<HoldReceipt, LedgerError> {
    write(book, move |tx| hold_split(tx, &price(customer, order, amount)))
}

fn posting(book: &Book, new: NewTransfer) -> Result<Posted, LedgerError> {
    write(book, move |tx| post(tx, &new))
}

fn wallet(book: &Book, customer: CustomerId) -> Wallet {
    read(book, move |tx| Ok(super::balances(tx, customer)?))
}

/// Cash free and held, bonus free and held, in kopecks.
fn sums(book: &Book, customer: CustomerId) -> [i64; 4] {
    let Wallet { cash, bonus, .. } = wallet(book, customer);
    [cash.free.get(), cash.held.get(), bonus.free.get(), bonus.held.get()]
}

fn audited(book: &Book) -> AuditReport {
    read(book, |tx| Ok(audit_ledger(tx)?))
}

fn assert_sound(book: &Book) {
    let report = audited(book);
    assert_eq!(report.findings.kept, []);
    assert!(report.trial.is_zero(), "{}", report.trial);
}
