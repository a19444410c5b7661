//! Moving a whole book from one database to another: every table, checked on both sides, in one transaction of the
//! target. A move that broke off leaves the target as empty as it was and can simply be repeated.
//!
//! The tables are read from the schema itself, so a new one cannot be forgotten. Nothing of a row is changed: not its
//! number, not its state; jobs that were running are claimed again when their leases end.

mod digest;
mod error;
mod place;
mod postgres_side;
mod schema;
mod side;
mod sqlite_side;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::book::{EngineOptions, apart};
use crate::ledger::{self, AuditReport};
use crate::{BookError, PostgresOptions, SqliteOptions, Tx, migrations, statements};

use digest::Digester;
pub use digest::TableDigest;
pub use error::MoveError;
pub use place::Place;
use postgres_side::PostgresSide;
use schema::{Table, in_order, same_shape};
use side::Side;
use sqlite_side::SqliteSide;

/// Progress is told after so many rows of a table, and at its end.
const ROWS_A_STEP: u64 = 50_000;

statements! {
    // What each account was debited and credited, by currency.
    pub LEDGER_SUMS = "
select account, currency, cast(sum(debits) as bigint) as debits, cast(sum(credits) as bigint) as credits
  from (select debit as account, currency, amount as debits, 0 as credits
          from transfer
         where phase in ('post', 'capture')
         union all
        select credit, currency, 0, amount
          from transfer
         where phase in ('post', 'capture')) as moved
 group by account, currency
 order by account, currency";
}

/// How far a move is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many rows of a table are in the target.
    Copied {
        /// The table.
        table: String,
        /// Its rows so far.
        rows: u64,
        /// Whether these are all.
        done: bool,
    },
    /// A table of the target was read again and is the source's.
    Compared {
        /// The table.
        table: String,
    },
    /// The sums of the ledger's accounts agree; the audit of the target begins.
    Auditing,
}

/// What was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The tables in the order in which they were copied.
    pub tables: Vec<MovedTable>,
    /// How many sums of accounts agree.
    pub accounts: usize,
    /// The audit of the target; sound, or nothing would have been moved.
    pub audit: AuditReport,
}

/// One table, the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedTable {
    /// Its name.
    pub name: String,
    /// Its rows and their hash.
    pub digest: TableDigest,
}

/// Moves the book at `from` into the empty database at `to`. Blocks until it is done; `said` hears how far it is.
///
/// # Errors
/// [`MoveError`] says what to do; the target then holds no row more than before.
pub fn move_book(
    from: &Place,
    to: &Place,
    said: &mut (dyn FnMut(&Step) + Send),
) -> Result<Moved, MoveError> {
    move_with(from, to, said, ledger::audit)
}

/// How the target is looked at in the end.
type Audit = fn(&mut Tx<'_>) -> Result<AuditReport, BookError>;

fn move_with(
    from: &Place,
    to: &Place,
    said: &mut (dyn FnMut(&Step) + Send),
    audit: Audit,
) -> Result<Moved, MoveError> {
    apart(|| {
        let mut source = open_source(from)?;
        let tables = source.tables()?;
        source.hold_still(&tables)?;
        refuse_unless_empty(&mut *look_at(to)?)?;
        migrations::run(&engine_of(to)).map_err(MoveError::Book)?;
        let mut target = open_target(to)?;
        let there = target.tables()?;
        target.begin_filling(&there)?;
        refuse_unless_empty(&mut *target)?;
        same_shape(&tables, &there)?;
        let moved = copy(&mut *source, &mut *target, &in_order(tables)?, said, audit)?;
        target.commit()?;
        Ok(moved)
    })
}

fn copy(
    source: &mut dyn Side,
    target: &mut dyn Side,
    tables: &[Table],
    said: &mut (dyn FnMut(&Step) + Send),
    audit: Audit,
) -> Result<Moved, MoveError> {
    // What the migrations put there comes from the source instead.
    for table in tables.iter().rev() {
        if target.count(&table.name)? > 0 {
            target.clear(&table.name)?;
        }
    }
    let mut moved = Vec::with_capacity(tables.len());
    for table in tables {
        let digest = copy_table(source, target, table, said)?;
        moved.push(MovedTable { name: table.name.clone(), digest });
    }
    target.check_references()?;
    for (table, sent) in tables.iter().zip(&moved) {
        let arrived = digest_of(target, table)?;
        if arrived != sent.digest {
            return Err(MoveError::Differs {
                table: table.name.clone(),
                sent: sent.digest,
                arrived,
            });
        }
        said(&Step::Compared { table: table.name.clone() });
    }
    let sums = ledger_sums(&mut source.transaction())?;
    if sums != ledger_sums(&mut target.transaction())? {
        return Err(MoveError::SumsDiffer);
    }
    said(&Step::Auditing);
    let audit = audit(&mut target.transaction())?;
    match audit.findings.kept.first() {
        None => Ok(Moved { tables: moved, accounts: sums.len(), audit }),
        Some(first) => {
            Err(MoveError::Unsound { findings: audit.findings.count, first: first.to_string() })
        }
    }
}

fn copy_table(
    source: &mut dyn Side,
    target: &mut dyn Side,
    table: &Table,
    said: &mut (dyn FnMut(&Step) + Send),
) -> Result<TableDigest, MoveError> {
    let mut digester = Digester::default();
    let told = |rows, done| Step::Copied { table: table.name.clone(), rows, done };
    {
        let mut filler = target.filler(table)?;
        source.read(table, &mut |values| {
            digester.add(values);
            filler.add(values)?;
            if digester.rows().is_multiple_of(ROWS_A_STEP) {
                said(&told(digester.rows(), false));
            }
            Ok(())
        })?;
        filler.finish()?;
    }
    if let Some(mark) = source.counter(table)? {
        target.set_counter(table, mark)?;
    }
    said(&told(digester.rows(), true));
    Ok(digester.finish())
}

fn digest_of(side: &mut dyn Side, table: &Table) -> Result<TableDigest, MoveError> {
    let mut digester = Digester::default();
    side.read(table, &mut |values| {
        digester.add(values);
        Ok(())
    })?;
    Ok(digester.finish())
}

/// Debits and credits by account and currency.
type LedgerSums = BTreeMap<(String, String), (i64, i64)>;

fn ledger_sums(tx: &mut Tx<'_>) -> Result<LedgerSums, MoveError> {
    let rows = tx.query(&LEDGER_SUMS, &[])?;
    let read = |row: &crate::Row| {
        Ok((
            (row.text("account")?, row.text("currency")?),
            (row.int("debits")?, row.int("credits")?),
        ))
    };
    rows.iter().map(read).collect()
}

/// Refuses a database in which there is more than the migrations of a new book put there.
fn refuse_unless_empty(target: &mut dyn Side) -> Result<(), MoveError> {
    let mut new_book = SqliteSide::new_book()?;
    let known = new_book.tables()?;
    for table in target.tables()? {
        let rows = target.count(&table.name)?;
        let not_empty = || Err(MoveError::TargetNotEmpty { table: table.name.clone(), rows });
        let Some(fresh) = known.iter().find(|fresh| fresh.name == table.name) else {
            return Err(MoveError::ForeignTable { table: table.name.clone(), rows });
        };
        if rows == 0 {
            continue;
        }
        if rows != new_book.count(&fresh.name)? {
            return not_empty();
        }
        if digest_of(target, fresh)? != digest_of(&mut new_book, fresh)? {
            return not_empty();
        }
    }
    Ok(())
}

fn open_source(place: &Place) -> Result<Box<dyn Side>, MoveError> {
    let mut source: Box<dyn Side> = match place {
        Place::Sqlite(path) => Box::new(SqliteSide::source(path)?),
        Place::Postgres(url) => Box::new(PostgresSide::connect(url)?),
    };
    if source.applied()? == migrations::all_applied() {
        return Ok(source);
    }
    Err(MoveError::OtherVersion)
}

/// A look at the target before anything is done to it.
fn look_at(place: &Place) -> Result<Box<dyn Side>, MoveError> {
    Ok(match place {
        Place::Sqlite(path) => Box::new(SqliteSide::look_at(path)?),
        Place::Postgres(url) => Box::new(PostgresSide::connect(url)?),
    })
}

fn open_target(place: &Place) -> Result<Box<dyn Side>, MoveError> {
    Ok(match place {
        Place::Sqlite(path) => Box::new(SqliteSide::target(path)?),
        Place::Postgres(url) => Box::new(PostgresSide::connect(url)?),
    })
}

fn engine_of(place: &Place) -> EngineOptions {
    match place {
        Place::Sqlite(path) => {
            EngineOptions::Sqlite(SqliteOptions { path: path.clone(), readers: 1 })
        }
        Place::Postgres(url) => {
            EngineOptions::Postgres(PostgresOptions { url: url.clone(), connections: 1 })
        }
    }
}
