//! One file for both engines: written with PostgreSQL's types, translated for SQLite word by word.
//!
//! `bigint` and `bytea` become `integer` and `blob`; a table whose last line is `);` becomes strict. Bytes are
//! written `x'0a'` on both. What only one engine understands stands after a line `-- only: sqlite` or
//! `-- only: postgres`, up to the next such line or `-- only: both`.

/// What an engine calls things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

pub(super) fn translate(text: &str, dialect: Dialect) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut wanted = true;
    let mut in_table = false;
    for line in text.lines() {
        if let Some(only) = line.trim().strip_prefix("-- only:") {
            wanted = match dialect {
                Dialect::Sqlite => only.trim() != "postgres",
                Dialect::Postgres => only.trim() != "sqlite",
            };
            continue;
        }
        if !wanted {
            continue;
        }
        in_table |= line.starts_with("create table");
        let ends_table = in_table && line.starts_with(')');
        match dialect {
            Dialect::Sqlite if ends_table => kept.push_str(&line.replacen(')', ") strict", 1)),
            Dialect::Sqlite => kept.push_str(&with_sqlite_types(line)),
            Dialect::Postgres => kept.push_str(&with_postgres_bytes(line)),
        }
        in_table &= !ends_table;
        kept.push('\n');
    }
    kept
}

fn with_sqlite_types(line: &str) -> String {
    let is_end_of_word = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let translated = |piece: &str| {
        let (word, rest) = piece.split_at(piece.find(is_end_of_word).unwrap_or(piece.len()));
        let word = match word {
            "bigint" => "integer",
            "bytea" => "blob",
            other => other,
        };
        [word, rest].concat()
    };
    line.split_inclusive(is_end_of_word).map(translated).collect()
}

/// `x'0a'` is a string of bits there; its bytes are `'\x0a'`.
fn with_postgres_bytes(line: &str) -> String {
    [" x'", "(x'"].iter().fold(line.to_owned(), |line, literal| {
        line.replace(literal, &format!("{}'\\x", &literal[..1]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_translated_and_strict() {
        let text = "create table t (\n-- only: sqlite\n    n bigint primary key autoincrement,\n\
                    -- only: postgres\n    n bigint generated always as identity primary key,\n\
                    -- only: both\n    b bytea not null,\n    check (length(b) = 16)\n);\n";
        assert_eq!(
            translate(text, Dialect::Sqlite),
            "create table t (\n    n integer primary key autoincrement,\n    b blob not null,\n    \
             check (length(b) = 16)\n) strict;\n"
        );
        assert_eq!(
            translate(text, Dialect::Postgres),
            "create table t (\n    n bigint generated always as identity primary key,\n    \
             b bytea not null,\n    check (length(b) = 16)\n);\n"
        );
    }

    #[test]
    fn whole_words_are_translated_and_bytes_are_written_once() {
        let text = "alter table t add column at bigint;\nupdate t set a = cast(b as bigint);\n\
                    create index bigint_of on t (x_bytea);\ninsert into t values (x'0a', x'0b');\n";
        assert_eq!(
            translate(text, Dialect::Sqlite),
            "alter table t add column at integer;\nupdate t set a = cast(b as integer);\n\
             create index bigint_of on t (x_bytea);\ninsert into t values (x'0a', x'0b');\n"
        );
        assert!(translate(text, Dialect::Postgres).contains("values ('\\x0a', '\\x0b')"));
    }
}
