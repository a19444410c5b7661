//! What a move asks of a database, whichever engine it is.

use std::collections::BTreeMap;

use super::MoveError;
use super::schema::Table;
use crate::{Tx, Value};

/// One of the two databases of a move.
pub(super) trait Side {
    /// The book's tables; without the record of its migrations.
    fn tables(&mut self) -> Result<Vec<Table>, MoveError>;

    /// Which migrations were applied: version and hash.
    fn applied(&mut self) -> Result<BTreeMap<i64, String>, MoveError>;

    /// Nobody changes the source from here on, and all that is read is of one moment.
    fn hold_still(&mut self, tables: &[Table]) -> Result<(), MoveError>;

    /// Begins the one transaction in which the target is filled; nobody else gets at it meanwhile.
    fn begin_filling(&mut self, tables: &[Table]) -> Result<(), MoveError>;

    /// How many rows a table has.
    fn count(&mut self, table: &str) -> Result<u64, MoveError>;

    /// Removes all rows of a table.
    fn clear(&mut self, table: &str) -> Result<(), MoveError>;

    /// Every row in the order of its key, with its values in the order of the table's columns.
    fn read(
        &mut self,
        table: &Table,
        each: &mut dyn FnMut(&[Value]) -> Result<(), MoveError>,
    ) -> Result<(), MoveError>;

    /// Takes rows for a table.
    fn filler<'s>(&'s mut self, table: &Table) -> Result<Box<dyn Filler + 's>, MoveError>;

    /// The highest number that the database has given out by itself; none where it numbers nothing.
    fn counter(&mut self, table: &Table) -> Result<Option<i64>, MoveError>;

    /// The next number that the database gives out is a higher one.
    fn set_counter(&mut self, table: &Table, mark: i64) -> Result<(), MoveError>;

    /// Every row refers to rows that are there.
    fn check_references(&mut self) -> Result<(), MoveError>;

    /// The open transaction, for statements of the product.
    fn transaction(&mut self) -> Tx<'_>;

    /// Keeps what was filled.
    fn commit(&mut self) -> Result<(), MoveError>;
}

/// Takes rows for one table.
pub(super) trait Filler {
    /// Adds a row with its values in the order of the table's columns.
    fn add(&mut self, values: &[Value]) -> Result<(), MoveError>;

    /// All rows were added.
    fn finish(self: Box<Self>) -> Result<(), MoveError>;
}
