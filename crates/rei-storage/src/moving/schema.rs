//! The tables as the databases themselves know them, and the order in which rows may be put into them.

use std::collections::BTreeSet;

use super::MoveError;

/// A table of the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    /// In the order of their names, so that both sides list them alike.
    pub(super) columns: Vec<Column>,
    /// The columns that its rows are sorted by: the primary key, or all of them where there is none.
    pub(super) key: Vec<String>,
    /// The tables that its rows refer to, without itself.
    pub(super) needs: BTreeSet<String>,
    /// The column that the database numbers by itself.
    pub(super) counter: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Text,
    Blob,
}

impl Table {
    pub(super) fn new(
        name: String,
        mut columns: Vec<Column>,
        mut key: Vec<String>,
        mut needs: BTreeSet<String>,
        counter: Option<String>,
    ) -> Self {
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        if key.is_empty() {
            key = columns.iter().map(|column| column.name.clone()).collect();
        }
        // A row refers to earlier ones of its own table at most.
        needs.remove(&name);
        Self { name, columns, key, needs, counter }
    }

    /// `"a", "b"`.
    pub(super) fn column_list(&self) -> String {
        self.columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
    }

    /// The columns that rows are sorted by, with what they hold.
    pub(super) fn key_columns(&self) -> impl Iterator<Item = &Column> {
        let find = |name: &String| self.columns.iter().find(|column| column.name == *name);
        self.key.iter().filter_map(find)
    }
}

/// A name as both engines take it literally.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Each table after those that it needs.
pub(super) fn in_order(mut left: Vec<Table>) -> Result<Vec<Table>, MoveError> {
    left.sort_by(|a, b| a.name.cmp(&b.name));
    let mut ordered: Vec<Table> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waiting: BTreeSet<String> = left.iter().map(|table| table.name.clone()).collect();
        let (ready, later): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|table| table.needs.is_disjoint(&waiting));
        if ready.is_empty() {
            let names: Vec<_> = later.iter().map(|table| table.name.as_str()).collect();
            let why = format!("these need each other: {}", names.join(", "));
            return Err(MoveError::OtherTables(why));
        }
        ordered.extend(ready);
        left = later;
    }
    Ok(ordered)
}

/// Whether every table of one side is on the other with the same columns.
pub(super) fn same_shape(source: &[Table], target: &[Table]) -> Result<(), MoveError> {
    let find = |tables: &[Table], name: &str| tables.iter().any(|table| table.name == name);
    if let Some(extra) = target.iter().find(|table| !find(source, &table.name)) {
        let why = format!("the target has {}, the source has not", extra.name);
        return Err(MoveError::OtherTables(why));
    }
    for table in source {
        let Some(same) = target.iter().find(|other| other.name == table.name) else {
            let why = format!("the source has {}, the target has not", table.name);
            return Err(MoveError::OtherTables(why));
        };
        if (&same.columns, &same.key, &same.counter) != (&table.columns, &table.key, &table.counter)
        {
            let why = format!("{} has other columns", table.name);
            return Err(MoveError::OtherTables(why));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &str, needs: &[&str]) -> Table {
        let column = Column { name: "id".to_owned(), kind: Kind::Int };
        let needs = needs.iter().map(|name| (*name).to_owned()).collect();
        Table::new(name.to_owned(), vec![column], Vec::new(), needs, None)
    }

    #[test]
    fn a_table_comes_after_those_that_it_needs() {
        let tables = vec![table("a", &["c"]), table("b", &["b"]), table("c", &["b"])];
        let ordered = in_order(tables).expect("there is an order");
        let names: Vec<_> = ordered.iter().map(|table| table.name.as_str()).collect();
        assert_eq!(names, ["b", "c", "a"]);
        let why = in_order(vec![table("a", &["b"]), table("b", &["a"])]).expect_err("no order");
        assert_eq!(
            why.to_string(),
            "the tables of source and target differ: these need each other: a, b"
        );
    }

    #[test]
    fn another_column_or_a_missing_table_is_named() {
        let (a, b) = (table("a", &[]), table("b", &[]));
        let (one, both) = ([a.clone()], [a.clone(), b]);
        assert_eq!(same_shape(&one, &one), Ok(()));
        let missing = same_shape(&both, &one).expect_err("b is missing");
        assert!(missing.to_string().ends_with("the source has b, the target has not"));
        let extra = same_shape(&one, &both).expect_err("b is extra");
        assert!(extra.to_string().ends_with("the target has b, the source has not"));
        let mut other = a.clone();
        other.columns[0].kind = Kind::Text;
        assert!(same_shape(&one, &[other]).is_err());
    }
}
