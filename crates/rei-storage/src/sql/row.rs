//! What comes back from a statement.

use std::sync::Arc;

use super::Value;
use crate::BookError;

/// A row that came back. Reading names the column, and so do errors.
#[derive(Clone, Debug)]
pub struct Row {
    pub(crate) columns: Arc<[String]>,
    pub(crate) values: Vec<Value>,
}

impl Row {
    fn value(&self, column: &str) -> Result<&Value, BookError> {
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| self.values.get(at)).ok_or_else(|| BookError::unreadable(column))
    }

    /// A whole number.
    ///
    /// # Errors
    /// [`BookError::Unreadable`] when the column is missing or something else; so do the others.
    pub fn int(&self, column: &str) -> Result<i64, BookError> {
        self.opt_int(column)?.ok_or_else(|| BookError::unreadable(column))
    }

    /// A whole number or nothing.
    ///
    /// # Errors
    /// As [`Self::int`].
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, BookError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Int(value) => Ok(Some(*value)),
            Value::Text(_) | Value::Blob(_) => Err(BookError::unreadable(column)),
        }
    }

    /// Text.
    ///
    /// # Errors
    /// As [`Self::int`].
    pub fn text(&self, column: &str) -> Result<String, BookError> {
        self.opt_text(column)?.ok_or_else(|| BookError::unreadable(column))
    }

    /// Text or nothing.
    ///
    /// # Errors
    /// As [`Self::int`].
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, BookError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Text(value) => Ok(Some(value.clone())),
            Value::Int(_) | Value::Blob(_) => Err(BookError::unreadable(column)),
        }
    }

    /// Bytes.
    ///
    /// # Errors
    /// As [`Self::int`].
    pub fn blob(&self, column: &str) -> Result<Vec<u8>, BookError> {
        self.opt_blob(column)?.ok_or_else(|| BookError::unreadable(column))
    }

    /// Bytes or nothing.
    ///
    /// # Errors
    /// As [`Self::int`].
    pub fn opt_blob(&self, column: &str) -> Result<Option<Vec<u8>>, BookError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Blob(value) => Ok(Some(value.clone())),
            Value::Int(_) | Value::Text(_) => Err(BookError::unreadable(column)),
        }
    }
}
