//! Why a book could not be moved, by what the operator does next. The target then holds no row more than before.

use super::TableDigest;
use crate::BookError;

/// Why a book could not be moved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoveError {
    /// Name the database that has the book.
    #[error("there is no book at {place}")]
    NoSource {
        /// Where it was looked for.
        place: String,
    },
    /// Stop what uses it, then again.
    #[error(
        "{place} is in use{by}: stop every `rei serve`, `rei bot`, `rei worker` and `rei web` that works on it, \
         then run this again"
    )]
    InUse {
        /// The database.
        place: String,
        /// Who uses it, as far as it is known.
        by: String,
    },
    /// Bring the source up to date first.
    #[error(
        "the source is not at the version of this program: run `rei migrate` with DATABASE_URL set to it, \
         then run this again"
    )]
    OtherVersion,
    /// Name an empty database.
    #[error(
        "the target is not empty: its table {table} has {rows} rows. Nothing was changed; name an empty database"
    )]
    TargetNotEmpty {
        /// The first table with rows.
        table: String,
        /// How many.
        rows: u64,
    },
    /// Name a database of its own.
    #[error(
        "the target has a table of somebody else's, {table} with {rows} rows. Nothing was changed; name an empty \
         database"
    )]
    ForeignTable {
        /// The table.
        table: String,
        /// Its rows.
        rows: u64,
    },
    /// A bug, or tables that were changed by hand.
    #[error("the tables of source and target differ: {0}")]
    OtherTables(String),
    /// Run it again; twice the same is a bug.
    #[error("the table {table} arrived as {arrived} and was sent as {sent}; nothing was kept")]
    Differs {
        /// The table.
        table: String,
        /// What the source has.
        sent: TableDigest,
        /// What the target has.
        arrived: TableDigest,
    },
    /// A bug.
    #[error("the sums of the ledger's accounts differ between source and target; nothing was kept")]
    SumsDiffer,
    /// Look into the source with `rei audit` first.
    #[error(
        "the book does not balance ({findings} findings, the first: {first}); nothing was kept. Run `rei audit` on \
         the source"
    )]
    Unsound {
        /// How many.
        findings: u64,
        /// The first one.
        first: String,
    },
    /// Run it again: it moves the book, or it says that the target is not empty; then the book is there.
    #[error(
        "the connection broke at the very end, and nobody knows whether the book was kept: run this again. If it says \
         that the target is not empty, the book is there; `rei audit` tells"
    )]
    Unknown,
    /// A database could not be used.
    #[error("{0}; nothing was kept, the move can be run again")]
    Book(#[from] BookError),
}
