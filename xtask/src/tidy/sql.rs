//! All SQL stands in rei-storage; elsewhere it would escape the test that prepares every statement on both engines.

use std::sync::LazyLock;

use regex::Regex;

use super::Problem;
use super::tree::Tree;

const RULE: &str = "sql";

/// The only crate that speaks to a database.
const HOME: &str = "rei-storage";

static STATEMENT: LazyLock<Regex> = LazyLock::new(|| {
    let statements = [
        r"select\s.+?\sfrom\s",
        r"insert\s+(or\s+\w+\s+)?into\s",
        r"update\s+\w+(\s+as\s+\w+)?\s+set\s+\w+\s*=",
        r"delete\s+from\s",
        r"(create|drop|alter)\s+(table|index|trigger|view)\s",
        r"pragma\s+\w+\s*(=|$)",
    ];
    Regex::new(&format!(r"(?is)(^|[\s(;])({})", statements.join("|"))).expect("a constant pattern")
});

/// Checks the texts in quotes of every crate but the home of SQL; tests may look into the book as they like.
pub fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let elsewhere =
        tree.rust().filter(|(file, _)| file.crate_name() != Some(HOME) && !file.is_test());
    for (file, rust) in elsewhere {
        for (line, text) in rust.strings.iter().filter(|(line, _)| !rust.is_test_line(*line)) {
            if STATEMENT.is_match(text) {
                problems.push(Problem::new(&file.path, *line, RULE, "SQL outside rei-storage"));
            }
        }
    }
    for file in tree
        .files
        .iter()
        .filter(|file| file.name().ends_with(".sql") && file.crate_name() != Some(HOME))
    {
        problems.push(Problem::new(&file.path, 0, RULE, "SQL outside rei-storage"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;

    #[test]
    fn a_statement_outside_its_home_is_found() {
        for sql in [
            "select id\\n  from orders\\n where id = 1",
            "INSERT INTO orders (id) values (1)",
            "with a as (select 1 from b) delete from c",
            "update account set free = 0",
            "create table x (id bigint)",
            "pragma journal_mode = wal",
        ] {
            let source = format!("\nconst A: &str = \"{sql}\";\n");
            assert_eq!(
                found(&[("crates/rei-app/src/orders.rs", &source)]),
                ["crates/rei-app/src/orders.rs:2 sql"],
                "{sql}"
            );
            assert_eq!(
                found(&[("crates/rei-storage/src/orders.rs", &source)]),
                Vec::<String>::new()
            );
            assert_eq!(found(&[("crates/rei-app/tests/it.rs", &source)]), Vec::<String>::new());
        }
        assert_eq!(found(&[("crates/rei-app/a.sql", "x")]), ["crates/rei-app/a.sql:0 sql"]);
    }

    #[test]
    fn ordinary_sentences_are_no_statements() {
        for text in
            ["select a size in the menu", "the update was set aside", "delete it from the chat"]
        {
            let source = format!("const A: &str = \"{text}\";\n");
            assert_eq!(
                found(&[("crates/rei-app/src/a.rs", &source)]),
                Vec::<String>::new(),
                "{text}"
            );
        }
    }
}
