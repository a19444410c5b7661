//! The book: all SQL of the product, one module per aggregate, on SQLite and PostgreSQL.
//!
//! Owns tables, statements and transactions. Decides no business: what belongs into one transaction is said by
//! its callers.

pub mod admin;
pub mod admins;
mod book;
pub mod customers;
mod error;
pub mod figures;
pub mod inbox;
pub mod jobs;
pub mod ledger;
pub mod links;
mod migrations;
pub mod moving;
pub mod orders;
pub mod outbox;
pub mod payments;
pub mod presents;
mod sql;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tx;
pub mod uploads;

pub use book::{Bell, Book, Listener, PostgresOptions, SqliteOptions};
pub use error::BookError;
pub use sql::{Row, Sql, Value};
pub use tx::Tx;

/// Every statement of the product, for the test that prepares each on both engines.
pub fn all_statements() -> impl Iterator<Item = &'static Sql> {
    [
        admin::ALL,
        customers::ALL,
        inbox::ALL,
        ledger::ALL,
        links::ALL,
        moving::ALL,
        outbox::ALL,
        uploads::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
    .chain(admins::all())
    .chain(ledger::papers::all())
    .chain(orders::all())
    .chain(jobs::all())
    .chain(payments::all())
    .chain(presents::all())
    .chain(figures::all())
}
