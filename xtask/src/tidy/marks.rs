//! Nothing is left for later: no marks of unfinished work, no macros that stand for it, no ignored tests.

use std::sync::LazyLock;

use regex::Regex;

use super::Problem;
use super::tree::{File, Tree};

const RULE: &str = "unfinished";

// The words are put together here so that a search for them does not find this file.
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(r"\b(?:TO", "DO|FIX", r"ME)\b")).expect("a constant pattern")
});
static CODE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(r"\b(?:to", r"do|unimple", r"mented)!|#\[ig", r"nore\b"))
        .expect("a constant pattern")
});

/// Checks comments and code of Rust, and every line of scripts, settings and SQL.
pub fn check(tree: &Tree) -> Vec<Problem> {
    tree.files.iter().flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Problem> {
    let mut lines = Vec::new();
    if let Some(rust) = &file.rust {
        for (start, comment) in &rust.comments {
            let marked = comment.lines().enumerate().filter(|(_, line)| WORDS.is_match(line));
            lines.extend(marked.map(|(index, _)| start + index));
        }
        lines.extend(
            rust.code_lines().filter(|(_, line)| CODE.is_match(line)).map(|(line, _)| line),
        );
    } else if [".toml", ".sql", ".sh", ".yml", ".ftl", "run"]
        .iter()
        .any(|ending| file.name().ends_with(ending))
    {
        let marked = file.text.lines().enumerate().filter(|(_, line)| WORDS.is_match(line));
        lines.extend(marked.map(|(index, _)| index + 1));
    }
    lines
        .into_iter()
        .map(|line| {
            Problem::new(&file.path, line, RULE, "unfinished work: finish it or say why not")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;

    const PATH: &str = "crates/rei-bot/src/lib.rs";

    #[test]
    fn marks_macros_and_ignored_tests_are_found() {
        let word = concat!("TO", "DO");
        assert_eq!(
            found(&[(PATH, &format!("\n// {word}: more\n"))]),
            ["crates/rei-bot/src/lib.rs:2 unfinished"]
        );
        assert_eq!(
            found(&[("config/a.toml", &format!("# {word}\n"))]),
            ["config/a.toml:1 unfinished"]
        );
        let body = concat!("fn a() {\n    to", "do!()\n}\n");
        assert_eq!(found(&[(PATH, body)]), ["crates/rei-bot/src/lib.rs:2 unfinished"]);
        let test = concat!("#[test]\n#[ig", "nore = \"slow\"]\nfn a() {}\n");
        assert_eq!(found(&[(PATH, test)]), ["crates/rei-bot/src/lib.rs:2 unfinished"]);
    }

    #[test]
    fn the_same_words_in_a_text_or_in_another_word_are_no_marks() {
        let body = concat!("fn a() { b(\"TO", "DO\") }\n// TO", "DOS is a system\n");
        assert_eq!(found(&[(PATH, body)]), Vec::<String>::new());
    }
}
