//! A PostgreSQL database as a side of a move: rows go out by a cursor and come in by `copy`.

use std::collections::{BTreeMap, BTreeSet};

use postgres::binary_copy::BinaryCopyInWriter;
use postgres::types::Type;
use postgres::{Client, Error};

use super::MoveError;
use super::schema::{Column, Kind, Table, quoted};
use super::side::{Filler, Side};
use crate::book::postgres_session::{Session, failed, is_lost};
use crate::book::postgres_values::{Bound, read_row, refs};
use crate::book::{connect_postgres, parse_postgres};
use crate::migrations::{self, NO_LIMITS};
use crate::tx::{Engine, Tx};
use crate::{BookError, Value};

/// Rows that a cursor hands out at a time.
const PAGE: u32 = 2_000;

const TABLES: &str = "select c.relname::text from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = current_schema() and c.relkind in ('r', 'p') and c.relname <> 'schema_migration'
   order by c.relname";
const COLUMNS: &str = "select a.attname::text, t.typname::text, a.attidentity <> '',
         coalesce(array_position(i.indkey::int2[], a.attnum) + 1, 0)
    from pg_attribute a
    join pg_type t on t.oid = a.atttypid
    left join pg_index i on i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey)
   where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped";
const REFERENCES: &str = "select c.relname::text from pg_constraint k
    join pg_class c on c.oid = k.confrelid
   where k.contype = 'f' and k.conrelid = to_regclass($1)";
/// Our processes that are connected to the same database.
const USERS: &str = "select count(*), coalesce(string_agg(distinct coalesce(host(client_addr), 'this machine'), ', '), '')
    from pg_stat_activity
   where datname = current_database() and pid <> pg_backend_pid() and application_name = 'rei'";

pub(super) struct PostgresSide {
    session: Session,
    place: String,
}

impl PostgresSide {
    pub(super) fn connect(url: &str) -> Result<Self, MoveError> {
        let place = super::Place::Postgres(url.to_owned()).to_string();
        let mut config = parse_postgres(url)?;
        // Not one of those that work on the book.
        config.application_name("rei migrate");
        let mut client = connect_postgres(&config)?;
        client.batch_execute(NO_LIMITS).map_err(|error| wrong("set", &error))?;
        Ok(Self { session: Session::new(client), place })
    }

    fn client(&mut self) -> &mut Client {
        self.session.client()
    }

    fn run(&mut self, sql: &str) -> Result<(), MoveError> {
        self.client().batch_execute(sql).map_err(|error| wrong(sql, &error))
    }

    fn refuse_if_used(&mut self) -> Result<(), MoveError> {
        let row = self.client().query_one(USERS, &[]).map_err(|error| wrong(USERS, &error))?;
        let (processes, from): (i64, String) = (row.get(0), row.get(1));
        if processes == 0 {
            return Ok(());
        }
        let by = format!(" by {processes} connections from {from}");
        Err(MoveError::InUse { place: self.place.clone(), by })
    }

    fn described(&mut self, name: String) -> Result<Table, MoveError> {
        let name_in_query = quoted(&name);
        let ask = |client: &mut Client| {
            let columns = client.query(COLUMNS, &[&name_in_query])?;
            let references = client.query(REFERENCES, &[&name_in_query])?;
            Ok((columns, references))
        };
        let (rows, references) =
            ask(self.client()).map_err(|error: Error| wrong(COLUMNS, &error))?;
        let (mut columns, mut key, mut counter) = (Vec::new(), Vec::new(), None);
        for row in rows {
            let (column, word): (String, String) = (row.get(0), row.get(1));
            let kind = kind(&word).ok_or_else(|| {
                MoveError::OtherTables(format!("{name}.{column} is of the type {word}"))
            })?;
            if row.get(2) {
                counter = Some(column.clone());
            }
            let place_in_key: i32 = row.get(3);
            if place_in_key > 0 {
                key.push((place_in_key, column.clone()));
            }
            columns.push(Column { name: column, kind });
        }
        key.sort();
        let key = key.into_iter().map(|(_, column)| column).collect();
        let needs = references.iter().map(|row| row.get(0)).collect::<BTreeSet<String>>();
        Ok(Table::new(name, columns, key, needs, counter))
    }

    fn lock(&mut self, tables: &[Table], mode: &str) -> Result<(), MoveError> {
        let names: Vec<_> = tables.iter().map(|table| quoted(&table.name)).collect();
        if names.is_empty() {
            return Ok(());
        }
        self.run(&format!("lock table {} in {mode} mode", names.join(", ")))
    }
}

impl Side for PostgresSide {
    fn tables(&mut self) -> Result<Vec<Table>, MoveError> {
        let rows = self.client().query(TABLES, &[]).map_err(|error| wrong(TABLES, &error))?;
        rows.iter().map(|row| self.described(row.get(0))).collect()
    }

    fn applied(&mut self) -> Result<BTreeMap<i64, String>, MoveError> {
        let is_there = "select to_regclass('schema_migration') is not null";
        let row =
            self.client().query_one(is_there, &[]).map_err(|error| wrong(is_there, &error))?;
        if !row.get::<_, bool>(0) {
            return Err(MoveError::NoSource { place: self.place.clone() });
        }
        let applied = migrations::applied_on(self.client());
        applied.map_err(|error| wrong("select from schema_migration", &error))
    }

    fn hold_still(&mut self, tables: &[Table]) -> Result<(), MoveError> {
        self.refuse_if_used()?;
        self.run("begin isolation level repeatable read, read only")?;
        self.lock(tables, "share")
    }

    fn begin_filling(&mut self, tables: &[Table]) -> Result<(), MoveError> {
        self.refuse_if_used()?;
        self.run("begin")?;
        self.lock(tables, "access exclusive")
    }

    fn count(&mut self, table: &str) -> Result<u64, MoveError> {
        let sql = format!("select count(*) from {}", quoted(table));
        let row = self.client().query_one(&sql, &[]).map_err(|error| wrong(&sql, &error))?;
        Ok(u64::try_from(row.get::<_, i64>(0)).unwrap_or_default())
    }

    fn clear(&mut self, table: &str) -> Result<(), MoveError> {
        self.run(&format!("delete from {}", quoted(table)))
    }

    fn read(
        &mut self,
        table: &Table,
        each: &mut dyn FnMut(&[Value]) -> Result<(), MoveError>,
    ) -> Result<(), MoveError> {
        // The order of bytes, as SQLite sorts, whatever language the database speaks.
        let sorted = |column: &Column| match column.kind {
            Kind::Text => format!("{} collate \"C\" nulls first", quoted(&column.name)),
            Kind::Int | Kind::Blob => format!("{} nulls first", quoted(&column.name)),
        };
        let key = table.key_columns().map(sorted).collect::<Vec<_>>().join(", ");
        // Outside of a transaction there is no other cursor than one that outlives it.
        self.run(&format!(
            "declare moving no scroll cursor with hold for select {} from {} order by {key}",
            table.column_list(),
            quoted(&table.name)
        ))?;
        let fetch = format!("fetch forward {PAGE} from moving");
        loop {
            let page = self.client().query(&fetch, &[]).map_err(|error| wrong(&fetch, &error))?;
            if page.is_empty() {
                return self.run("close moving");
            }
            for row in &page {
                let values = read_row(row)
                    .map_err(|index| BookError::unreadable(&table.columns[index].name))?;
                each(&values)?;
            }
        }
    }

    fn filler<'s>(&'s mut self, table: &Table) -> Result<Box<dyn Filler + 's>, MoveError> {
        // A copy gives numbered columns the numbers that it brings.
        let sql =
            format!("copy {} ({}) from stdin binary", quoted(&table.name), table.column_list());
        let types: Vec<Type> = table.columns.iter().map(|column| type_of(column.kind)).collect();
        let writer = self.client().copy_in(&sql).map_err(|error| wrong(&sql, &error))?;
        Ok(Box::new(PostgresFiller { writer: BinaryCopyInWriter::new(writer, &types), sql }))
    }

    fn counter(&mut self, table: &Table) -> Result<Option<i64>, MoveError> {
        let Some(column) = &table.counter else { return Ok(None) };
        let sql = format!(
            "select greatest((select coalesce(max({}), 0) from {}),
                             coalesce(pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass), 0))",
            quoted(column),
            quoted(&table.name)
        );
        let name = quoted(&table.name);
        let row = self.client().query_one(&sql, &[&name, column]);
        Ok(Some(row.map_err(|error| wrong(&sql, &error))?.get(0)))
    }

    fn set_counter(&mut self, table: &Table, mark: i64) -> Result<(), MoveError> {
        let Some(column) = &table.counter else { return Ok(()) };
        let sql = "select setval(pg_get_serial_sequence($1, $2)::regclass, greatest($3::bigint, 1), $3::bigint > 0)";
        let name = quoted(&table.name);
        let set = self.client().execute(sql, &[&name, column, &mark]);
        set.map(|_| ()).map_err(|error| wrong(sql, &error))
    }

    fn check_references(&mut self) -> Result<(), MoveError> {
        // The server has checked each row as it came.
        Ok(())
    }

    fn transaction(&mut self) -> Tx<'_> {
        Tx::new(Engine::Postgres(&mut self.session))
    }

    fn commit(&mut self) -> Result<(), MoveError> {
        match self.client().batch_execute("commit") {
            Err(error) if is_lost(&error) => Err(MoveError::Unknown),
            committed => committed.map_err(|error| wrong("commit", &error)),
        }
    }
}

struct PostgresFiller<'s> {
    writer: BinaryCopyInWriter<'s>,
    sql: String,
}

impl Filler for PostgresFiller<'_> {
    fn add(&mut self, values: &[Value]) -> Result<(), MoveError> {
        let bound: Vec<Bound<'_>> = values.iter().map(Bound).collect();
        self.writer.write(&refs(&bound)).map_err(|error| wrong(&self.sql, &error))
    }

    fn finish(self: Box<Self>) -> Result<(), MoveError> {
        let Self { writer, sql } = *self;
        writer.finish().map(|_| ()).map_err(|error| wrong(&sql, &error))
    }
}

fn wrong(sql: &str, error: &Error) -> MoveError {
    let label: String = sql.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
    MoveError::Book(failed(&label, error).error)
}

fn kind(word: &str) -> Option<Kind> {
    match word {
        "int8" => Some(Kind::Int),
        "text" => Some(Kind::Text),
        "bytea" => Some(Kind::Blob),
        _ => None,
    }
}

const fn type_of(kind: Kind) -> Type {
    match kind {
        Kind::Int => Type::INT8,
        Kind::Text => Type::TEXT,
        Kind::Blob => Type::BYTEA,
    }
}
