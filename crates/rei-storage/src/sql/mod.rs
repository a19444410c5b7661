//! Statements as named constants. SQL is written once in the dialect that both engines share; where they must
//! differ both versions stand side by side. Parameters are named (`:name`).

mod numbering;
mod row;
mod value;

use std::sync::{Arc, OnceLock};

use numbering::Numbered;
pub use row::Row;
pub use value::Value;

/// A statement for both engines. Made by [`crate::statements!`].
#[derive(Debug)]
pub struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
    numbered: OnceLock<Numbered>,
    columns: OnceLock<Arc<[String]>>,
}

impl Sql {
    /// One text for both engines.
    pub const fn shared(text: &'static str) -> Self {
        Self::per_engine(text, text)
    }

    /// One text for each engine; both take the same parameters.
    pub const fn per_engine(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres, numbered: OnceLock::new(), columns: OnceLock::new() }
    }

    /// The text for SQLite.
    pub fn sqlite(&self) -> &'static str {
        self.sqlite
    }

    /// The text for PostgreSQL with numbered parameters; rewritten once.
    pub(crate) fn postgres(&self) -> &Numbered {
        self.numbered.get_or_init(|| numbering::number(self.postgres))
    }

    /// The columns that come back on SQLite; asked for once, as it costs more than many a statement.
    pub(crate) fn sqlite_columns(&self, ask: impl FnOnce() -> Arc<[String]>) -> Arc<[String]> {
        Arc::clone(self.columns.get_or_init(ask))
    }

    /// The first words, for errors.
    pub(crate) fn label(&self) -> String {
        let line = self.sqlite.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
        line.chars().take(80).collect()
    }
}

/// Names statements and collects them in `ALL`, so that a test prepares each on both engines.
#[macro_export]
macro_rules! statements {
    ($($visible:vis $name:ident = $sql:tt;)+) => {
        $(
            #[allow(missing_docs, reason = "the statement says it")]
            $visible static $name: $crate::Sql = $crate::statements!(@sql $sql);
        )+

        /// Every statement of this module.
        pub static ALL: &[&$crate::Sql] = &[$(&$name),+];
    };
    (@sql { sqlite: $sqlite:literal, postgres: $postgres:literal $(,)? }) => {
        $crate::Sql::per_engine($sqlite, $postgres)
    };
    (@sql $text:literal) => {
        $crate::Sql::shared($text)
    };
}
