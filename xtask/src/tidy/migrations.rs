//! Migrations go forward: `NNNN_subject.sql`, counted from 1 without a gap, one of each number.
//!
//! Where the engines must differ, a number has `.sqlite.sql` and `.postgres.sql`, both of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use regex::Regex;

use super::Problem;
use super::tree::{File, Tree};

const RULE: &str = "migrations";

static NAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(\d{4})_([a-z0-9]+(?:_[a-z0-9]+)*)(\.sqlite|\.postgres)?\.sql$")
        .expect("a constant pattern")
});

/// Checks every folder named `migrations`.
pub fn check(tree: &Tree) -> Vec<Problem> {
    let mut folders: BTreeMap<PathBuf, Vec<&File>> = BTreeMap::new();
    for file in tree.files.iter().filter(|file| file.name().ends_with(".sql")) {
        if let Some(folder) = file.path.parent().filter(|folder| folder.ends_with("migrations")) {
            folders.entry(folder.to_owned()).or_default().push(file);
        }
    }
    folders.into_values().flat_map(|files| check_folder(&files)).collect()
}

/// The files of one folder, in order of their names.
fn check_folder(files: &[&File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut engines: BTreeMap<(u32, String), Vec<(&File, String)>> = BTreeMap::new();
    for file in files {
        let Some(parts) = NAME.captures(file.name()) else {
            problems.push(Problem::new(
                &file.path,
                0,
                RULE,
                "a migration is named NNNN_subject.sql",
            ));
            continue;
        };
        let number = parts[1].parse().unwrap_or(0);
        let engine = parts.get(3).map_or("", |engine| engine.as_str()).to_owned();
        engines.entry((number, parts[2].to_owned())).or_default().push((file, engine));
    }
    for (expected, ((number, _), variants)) in (1..).zip(&engines) {
        let file = variants[0].0;
        if *number != expected {
            let message = format!("number {number:04} stands where {expected:04} is due");
            problems.push(Problem::new(&file.path, 0, RULE, message));
            break;
        }
        let alone = variants.len() == 1 && !variants[0].1.is_empty();
        let mixed = variants.len() > 1 && variants.iter().any(|(_, engine)| engine.is_empty());
        if alone || mixed {
            problems.push(Problem::new(
                &file.path,
                0,
                RULE,
                "one file for both engines, or one for each",
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;

    fn found_in(names: &[&str]) -> Vec<String> {
        let paths: Vec<String> =
            names.iter().map(|name| format!("crates/rei-storage/migrations/{name}")).collect();
        let files: Vec<(&str, &str)> =
            paths.iter().map(|path| (path.as_str(), "select 1")).collect();
        found(&files)
    }

    #[test]
    fn migrations_are_counted_without_gaps_and_twins() {
        let place = |name: &str| format!("crates/rei-storage/migrations/{name}:0 migrations");
        assert_eq!(found_in(&["0001_book.sql", "0002_orders.sql"]), Vec::<String>::new());
        assert_eq!(found_in(&["0001_book.sql", "0003_orders.sql"]), [place("0003_orders.sql")]);
        assert_eq!(found_in(&["0001_book.sql", "0001_orders.sql"]), [place("0001_orders.sql")]);
        assert_eq!(found_in(&["0001_book.sql", "second.sql"]), [place("second.sql")]);
    }

    #[test]
    fn a_migration_that_differs_has_a_file_for_each_engine() {
        let both = ["0001_book.postgres.sql", "0001_book.sqlite.sql", "0002_orders.sql"];
        assert_eq!(found_in(&both), Vec::<String>::new());
        let place = "crates/rei-storage/migrations/0001_book.sqlite.sql:0 migrations";
        assert_eq!(found_in(&["0001_book.sqlite.sql"]), [place]);
    }
}
