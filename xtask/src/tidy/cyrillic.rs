//! Words for people stand in `texts/`; code, comments and documents for developers are in English.
//!
//! Russian may also stand in tests, in data, in the demo's scripts, in pages, and in documents named `*.ru.md`.

use std::sync::LazyLock;

use regex::Regex;

use super::Problem;
use super::tree::{File, Tree};

const RULE: &str = "cyrillic";

/// Folders whose subject is Russian, or may quote it.
const EXEMPT_FOLDERS: &[&str] =
    &["texts", "data", "docs", "demo", "snapshots", "assets", "proptest-regressions"];

/// Files that are written for people: pages, pictures, texts; and lists of test data.
const EXEMPT_ENDINGS: &[&str] =
    &[".html", ".js", ".css", ".svg", ".ftl", ".snap", ".ru.md", ".txt", ".csv", ".json"];

/// The product's name is the same in every language. A document may quote what the bot says, as a quotation or a sample,
/// and point to its Russian twin in Russian.
static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"«[^»\n]*»|`[^`\n]*`|“[^”\n]*”|\[[^\]\n]*\]\([^)\n]*\.ru\.md\)")
        .expect("a constant pattern")
});

/// Checks every text file.
pub fn check(tree: &Tree) -> Vec<Problem> {
    let checked = tree.files.iter().filter(|file| !is_exempt(file));
    checked.filter_map(|file| Some((file, first_line(file)?))).map(problem).collect()
}

fn problem((file, line): (&File, usize)) -> Problem {
    Problem::new(&file.path, line, RULE, "Russian text: words for people belong in texts/")
}

fn is_exempt(file: &File) -> bool {
    file.is_test()
        || file.parts().any(|part| EXEMPT_FOLDERS.contains(&part))
        || EXEMPT_ENDINGS.iter().any(|ending| file.name().ends_with(ending))
}

fn first_line(file: &File) -> Option<usize> {
    let document = file.name().ends_with(".md");
    let mut sample = false;
    for (index, line) in file.text.lines().enumerate() {
        sample ^= document && line.trim_start().starts_with("```");
        if sample || file.rust.as_ref().is_some_and(|rust| rust.is_test_line(index + 1)) {
            continue;
        }
        let line = line.replace("РЭИ-бот", "");
        let line = if document { QUOTED.replace_all(&line, "") } else { line.into() };
        if line.chars().any(|letter| ('\u{400}'..='\u{4ff}').contains(&letter)) {
            return Some(index + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;

    #[test]
    fn russian_in_code_comments_and_settings_is_found() {
        for path in
            ["crates/rei-bot/src/menu.rs", "config/default.toml", ".env.example", "clippy.toml"]
        {
            assert_eq!(found(&[(path, "\n# Меню\n")]), [format!("{path}:2 cyrillic")]);
        }
    }

    #[test]
    fn russian_may_stand_in_texts_tests_data_pages_and_quotations() {
        for path in [
            "texts/notes.txt",
            "data/catalog.toml",
            "demo/first-order.txt",
            "crates/rei-bot/tests/it/menu.rs",
            "crates/rei-bot/src/menu/tests.rs",
            "crates/rei-server/src/commands/demo/page.html",
            "README.ru.md",
        ] {
            assert_eq!(found(&[(path, "// Меню\n")]), Vec::<String>::new(), "{path}");
        }
        let source = "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    // Меню\n}\n";
        assert_eq!(found(&[("crates/rei-bot/src/menu.rs", source)]), Vec::<String>::new());
        let readme = "# РЭИ-бот\n[Русский](README.ru.md)\nA tap on «Меню» or `меню`:\n```text\n> меню\n```\n";
        assert_eq!(found(&[("README.md", readme)]), Vec::<String>::new());
        assert_eq!(found(&[("README.md", "Меню\n")]), ["README.md:1 cyrillic"]);
    }
}
