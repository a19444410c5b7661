//! An SQLite file as a side of a move. Whoever moves is alone with the file: while any other process has it open, the
//! exclusive lock is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Statement};

use super::MoveError;
use super::schema::{Column, Kind, Table, quoted};
use super::side::{Filler, Side};
use crate::book::sqlite_values::{bind_in_order, failed, read};
use crate::book::{Purpose, connect_sqlite};
use crate::tx::{Engine, Tx};
use crate::{BookError, Value, migrations};

/// A process that is just closing the file may do so.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);

const TABLES: &str = "select name, sql like '%autoincrement%' from sqlite_schema
    where type = 'table' and name not like 'sqlite\\_%' escape '\\' and name <> 'schema_migration'
    order by name";
const COLUMNS: &str = "select name, lower(type), pk from pragma_table_info(?1)";
const REFERENCES: &str = "select \"table\" from pragma_foreign_key_list(?1)";

pub(super) struct SqliteSide {
    connection: Connection,
    place: String,
}

impl SqliteSide {
    /// The file of a book that nobody uses.
    pub(super) fn source(path: &Path) -> Result<Self, MoveError> {
        let place = path.display().to_string();
        if !path.is_file() {
            return Err(MoveError::NoSource { place });
        }
        Ok(Self { connection: open_alone(path)?, place })
    }

    /// A file that may not exist yet, as it is; nothing is made.
    pub(super) fn look_at(path: &Path) -> Result<Self, MoveError> {
        let place = path.display().to_string();
        let connection = match path.exists() {
            true => open_alone(path)?,
            false => Connection::open_in_memory().map_err(|error| failed("open", &error))?,
        };
        Ok(Self { connection, place })
    }

    /// A migrated file.
    pub(super) fn target(path: &Path) -> Result<Self, MoveError> {
        // Makes it a file of the kind that the product opens.
        drop(connect_sqlite(path, Purpose::Write)?);
        Ok(Self { connection: open_alone(path)?, place: path.display().to_string() })
    }

    /// A new book without rows but those of the migrations, in memory.
    pub(super) fn new_book() -> Result<Self, MoveError> {
        let connection = migrations::new_in_memory()?;
        Ok(Self { connection, place: "memory".to_owned() })
    }

    fn begin_alone(&self) -> Result<(), MoveError> {
        self.connection.execute_batch("begin exclusive").map_err(|error| self.in_use(&error))
    }

    fn in_use(&self, error: &rusqlite::Error) -> MoveError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                MoveError::InUse { place: self.place.clone(), by: String::new() }
            }
            _ => failed("begin exclusive", error).into(),
        }
    }

    fn run(&self, sql: &str) -> Result<(), MoveError> {
        self.connection.execute_batch(sql).map_err(|error| failed(sql, &error).into())
    }

    fn number(&self, sql: &str) -> Result<i64, MoveError> {
        let asked = self.connection.query_row(sql, [], |row| row.get(0));
        asked.map_err(|error| failed(sql, &error).into())
    }

    fn described(&self, name: String, is_counted: bool) -> rusqlite::Result<Table> {
        let mut ask = self.connection.prepare(COLUMNS)?;
        let rows = ask.query_map([&name], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
        })?;
        let (mut columns, mut key) = (Vec::new(), Vec::new());
        for row in rows {
            let (column, word, place_in_key) = row?;
            if place_in_key > 0 {
                key.push((place_in_key, column.clone()));
            }
            columns.push(Column { name: column, kind: kind(&word) });
        }
        key.sort();
        let key: Vec<String> = key.into_iter().map(|(_, column)| column).collect();
        let mut ask = self.connection.prepare(REFERENCES)?;
        let needs =
            ask.query_map([&name], |row| row.get(0))?.collect::<Result<BTreeSet<_>, _>>()?;
        let counter = if is_counted { key.first().cloned() } else { None };
        Ok(Table::new(name, columns, key, needs, counter))
    }
}

impl Side for SqliteSide {
    fn tables(&mut self) -> Result<Vec<Table>, MoveError> {
        let described = || -> rusqlite::Result<Vec<Table>> {
            let mut ask = self.connection.prepare(TABLES)?;
            let names = ask
                .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)))?
                .collect::<Result<Vec<_>, _>>()?;
            names.into_iter().map(|(name, counted)| self.described(name, counted)).collect()
        };
        described().map_err(|error| self.in_use(&error))
    }

    fn applied(&mut self) -> Result<BTreeMap<i64, String>, MoveError> {
        migrations::applied_in(&self.connection).map_err(|error| self.in_use(&error))
    }

    fn hold_still(&mut self, _tables: &[Table]) -> Result<(), MoveError> {
        self.begin_alone()?;
        // From here on the source can only be read.
        self.run("pragma query_only = 1")
    }

    fn begin_filling(&mut self, _tables: &[Table]) -> Result<(), MoveError> {
        // All references are checked at the end.
        self.run("pragma foreign_keys = 0")?;
        self.begin_alone()
    }

    fn count(&mut self, table: &str) -> Result<u64, MoveError> {
        let rows = self.number(&format!("select count(*) from {}", quoted(table)))?;
        Ok(u64::try_from(rows).unwrap_or_default())
    }

    fn clear(&mut self, table: &str) -> Result<(), MoveError> {
        self.run(&format!("delete from {}", quoted(table)))
    }

    fn read(
        &mut self,
        table: &Table,
        each: &mut dyn FnMut(&[Value]) -> Result<(), MoveError>,
    ) -> Result<(), MoveError> {
        let key = table.key_columns().map(|column| format!("{} nulls first", quoted(&column.name)));
        let key = key.collect::<Vec<_>>().join(", ");
        let sql =
            format!("select {} from {} order by {key}", table.column_list(), quoted(&table.name));
        let wrong = |error: rusqlite::Error| MoveError::from(failed(&sql, &error));
        let mut ask = self.connection.prepare(&sql).map_err(wrong)?;
        let mut rows = ask.query([]).map_err(wrong)?;
        let mut values = Vec::with_capacity(table.columns.len());
        while let Some(row) = rows.next().map_err(wrong)? {
            values.clear();
            for (index, column) in table.columns.iter().enumerate() {
                let value = row.get_ref(index).and_then(read);
                let value = value.map_err(|_| BookError::unreadable(&column.name))?;
                values.push(without_zeros(value));
            }
            each(&values)?;
        }
        Ok(())
    }

    fn filler<'s>(&'s mut self, table: &Table) -> Result<Box<dyn Filler + 's>, MoveError> {
        let places = vec!["?"; table.columns.len()].join(", ");
        let sql = format!(
            "insert into {} ({}) values ({places})",
            quoted(&table.name),
            table.column_list()
        );
        let insert = self.connection.prepare(&sql).map_err(|error| failed(&sql, &error))?;
        Ok(Box::new(SqliteFiller { insert }))
    }

    fn counter(&mut self, table: &Table) -> Result<Option<i64>, MoveError> {
        let Some(column) = &table.counter else { return Ok(None) };
        let highest = self.number(&format!(
            "select max((select coalesce(max({}), 0) from {}),
                        (select coalesce(max(seq), 0) from sqlite_sequence where name = '{}'))",
            quoted(column),
            quoted(&table.name),
            table.name.replace('\'', "''"),
        ))?;
        Ok(Some(highest))
    }

    fn set_counter(&mut self, table: &Table, mark: i64) -> Result<(), MoveError> {
        let name = table.name.replace('\'', "''");
        self.run(&format!(
            "delete from sqlite_sequence where name = '{name}';
             insert into sqlite_sequence (name, seq) values ('{name}', {mark})"
        ))
    }

    fn check_references(&mut self) -> Result<(), MoveError> {
        let sql = "select count(*) from pragma_foreign_key_check";
        match self.number(sql)? {
            0 => Ok(()),
            rows => Err(BookError::Statement {
                statement: sql.to_owned(),
                reason: format!("{rows} rows refer to rows that are not there"),
            }
            .into()),
        }
    }

    fn transaction(&mut self) -> Tx<'_> {
        Tx::new(Engine::Sqlite(&self.connection))
    }

    fn commit(&mut self) -> Result<(), MoveError> {
        self.run("commit")
    }
}

struct SqliteFiller<'s> {
    insert: Statement<'s>,
}

impl Filler for SqliteFiller<'_> {
    fn add(&mut self, values: &[Value]) -> Result<(), MoveError> {
        let added =
            bind_in_order(&mut self.insert, values).and_then(|()| self.insert.raw_execute());
        added.map(|_| ()).map_err(|error| failed("insert into", &error).into())
    }

    fn finish(self: Box<Self>) -> Result<(), MoveError> {
        Ok(())
    }
}

/// The file with nobody beside us: any other connection, in whichever process, makes the first read fail.
fn open_alone(path: &Path) -> Result<Connection, MoveError> {
    let open = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "locking_mode", "exclusive")?;
        Ok(connection)
    };
    open().map_err(|error: rusqlite::Error| {
        BookError::Unfit(format!("the database {} cannot be opened: {error}", path.display()))
            .into()
    })
}

fn kind(word: &str) -> Kind {
    match word {
        "integer" => Kind::Int,
        "blob" => Kind::Blob,
        _ => Kind::Text,
    }
}

/// PostgreSQL's text cannot hold a zero character; no row of ours needs one.
fn without_zeros(value: Value) -> Value {
    match value {
        Value::Text(text) if text.contains('\0') => Value::Text(text.replace('\0', "\u{fffd}")),
        other => other,
    }
}
