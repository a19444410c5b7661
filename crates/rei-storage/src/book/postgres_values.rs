//! Values on their way to and from PostgreSQL.

use std::error::Error;
use std::sync::Arc;

use postgres::types::private::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::BookError;
use crate::sql::{Row, Value};

/// A parameter, encoded as the type that the server inferred for its place, so that a null has one too.
#[derive(Debug)]
pub(crate) struct Bound<'p>(pub(crate) &'p Value);

impl ToSql for Bound<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self.0, ty) {
            (Value::Null, _) => Ok(IsNull::Yes),
            (Value::Int(value), &Type::INT8) => value.to_sql(ty, out),
            (Value::Int(value), &Type::INT4) => i32::try_from(*value)?.to_sql(ty, out),
            (Value::Int(value), &Type::INT2) => i16::try_from(*value)?.to_sql(ty, out),
            // The server's text cannot hold a zero character.
            (Value::Text(value), &Type::TEXT | &Type::VARCHAR) if value.contains('\0') => {
                value.replace('\0', "\u{fffd}").to_sql(ty, out)
            }
            (Value::Text(value), &Type::TEXT | &Type::VARCHAR) => value.to_sql(ty, out),
            (Value::Blob(value), &Type::BYTEA) => value.to_sql(ty, out),
            (_, expected) => Err(format!("the server expects {expected} here").into()),
        }
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

pub(crate) fn refs<'a>(bound: &'a [Bound<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    bound.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

struct Read(Value);

impl<'a> FromSql<'a> for Read {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i64::from(i32::from_sql(ty, raw)?)),
            Type::BOOL => Value::Int(i64::from(bool::from_sql(ty, raw)?)),
            Type::BYTEA => Value::Blob(raw.to_owned()),
            _ => Value::Text(String::from_sql(ty, raw)?),
        }))
    }

    fn from_sql_null(_ty: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(Value::Null))
    }

    fn accepts(ty: &Type) -> bool {
        [
            Type::INT8,
            Type::INT4,
            Type::BOOL,
            Type::BYTEA,
            Type::TEXT,
            Type::VARCHAR,
            Type::NAME,
            Type::UNKNOWN,
        ]
        .contains(ty)
    }
}

/// The values of a row, or the place of one that cannot be read.
pub(crate) fn read_row(row: &postgres::Row) -> Result<Vec<Value>, usize> {
    (0..row.len())
        .map(|index| row.try_get::<_, Read>(index).map(|read| read.0).map_err(|_| index))
        .collect()
}

pub(crate) fn rows(columns: &Arc<[String]>, rows: &[postgres::Row]) -> Result<Vec<Row>, BookError> {
    rows.iter()
        .map(|row| {
            let values = read_row(row).map_err(|index| BookError::unreadable(&columns[index]))?;
            Ok(Row { columns: Arc::clone(columns), values })
        })
        .collect()
}
