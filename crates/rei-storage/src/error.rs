//! Why the book could not be used, by what the caller does next.

use crate::Sql;

/// Why the book could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BookError {
    /// The process is stopping: nothing was done.
    #[error("the book is closed")]
    Closed,
    /// Somebody else keeps the rows or the database: nothing was done, try later.
    #[error("the book is busy")]
    Busy,
    /// The database can't be reached or has no room: nothing was done, try later.
    #[error("the book cannot be reached ({0})")]
    Unavailable(String),
    /// The server is away, and the log says so already: nothing was done, try later.
    #[error("the book cannot be reached ({0})")]
    Away(String),
    /// The connection broke during the commit: it may have been carried out. Read before doing it again.
    #[error("nobody knows whether the transaction was committed")]
    UnknownOutcome,
    /// A statement failed; the transaction was given up.
    #[error("a statement failed ({statement}): {reason}")]
    Statement {
        /// Its first words.
        statement: String,
        /// The engine's words.
        reason: String,
    },
    /// A column is missing or holds something else: a bug, or a row changed by hand.
    #[error("the column {column} is unreadable")]
    Unreadable {
        /// The column.
        column: String,
    },
    /// Somebody else has the job now: the transaction was given up, the worker drops the job.
    #[error("the job was taken over by another worker")]
    LeaseLost,
    /// The closure panicked; the transaction was given up.
    #[error("the work in the book panicked")]
    Panicked,
    /// The database does not fit this program.
    #[error("{0}")]
    Unfit(String),
}

impl BookError {
    /// Whether the log has it already: of a server that is away the book itself tells, once for everybody who meets it.
    pub const fn is_told(&self) -> bool {
        matches!(self, Self::Away(_))
    }

    /// Whether nothing was done for want of the book itself: whatever the work is, it is not to blame.
    pub const fn is_outage(&self) -> bool {
        matches!(self, Self::Closed | Self::Unavailable(_) | Self::Away(_))
    }

    /// A column that holds something else than the program expects.
    pub fn unreadable(column: &str) -> Self {
        Self::Unreadable { column: column.to_owned() }
    }

    pub(crate) fn statement(sql: &Sql, reason: impl Into<String>) -> Self {
        Self::Statement { statement: sql.label(), reason: reason.into() }
    }
}
