//! Both languages say the same things: same keys, same arguments, each once, named alike.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::Problem;
use super::tree::{File, Tree};

const RULE: &str = "texts";

static KEY: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(-?[A-Za-z][\w-]*) *=").expect("a constant pattern"));
static ATTRIBUTE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s+(\.[A-Za-z][\w-]*) *=").expect("a constant pattern"));
static ARGUMENT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\$([A-Za-z][\w-]*)").expect("a constant pattern"));
static WELL_NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^-?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)?$")
        .expect("a constant pattern")
});

/// A message: the line it begins on and the arguments it uses.
#[derive(Default)]
struct Message {
    line: usize,
    arguments: BTreeSet<String>,
}

/// Checks every `*ru.ftl` in `texts/` against the `*en.ftl` beside it.
pub fn check(tree: &Tree) -> Vec<Problem> {
    let texts = tree
        .files
        .iter()
        .filter(|file| file.path.starts_with("texts") && file.name().ends_with(".ftl"));
    texts.flat_map(|file| check_file(tree, file)).collect()
}

fn check_file(tree: &Tree, file: &File) -> Vec<Problem> {
    let mut problems = Vec::new();
    let messages = read(file, &mut problems);
    let path = file.path.to_string_lossy();
    let other = match (path.strip_suffix("ru.ftl"), path.strip_suffix("en.ftl")) {
        (Some(start), _) => format!("{start}en.ftl"),
        (_, Some(start)) => format!("{start}ru.ftl"),
        _ => {
            problems.push(Problem::new(
                &file.path,
                0,
                RULE,
                "a file of texts ends in ru.ftl or en.ftl",
            ));
            return problems;
        }
    };
    let Some(other_file) = tree.get(&other) else {
        problems.push(Problem::new(&file.path, 0, RULE, format!("{other} is missing")));
        return problems;
    };
    let others = read(other_file, &mut Vec::new());
    for (key, message) in &messages {
        match others.get(key) {
            None => problems.push(Problem::new(
                &file.path,
                message.line,
                RULE,
                format!("{other} has no {key}"),
            )),
            Some(other_message) if message.arguments != other_message.arguments => {
                let text = format!("{key} has other arguments in {other}");
                problems.push(Problem::new(&file.path, message.line, RULE, text));
            }
            Some(_) => {}
        }
    }
    problems
}

fn read(file: &File, problems: &mut Vec<Problem>) -> BTreeMap<String, Message> {
    let mut messages: BTreeMap<String, Message> = BTreeMap::new();
    let (mut message, mut current) = (String::new(), String::new());
    for (index, line) in file.text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        let new = if let Some(key) = KEY.captures(line) {
            message = key[1].to_owned();
            Some(message.clone())
        } else {
            ATTRIBUTE.captures(line).map(|attribute| format!("{message}{}", &attribute[1]))
        };
        if let Some(key) = new {
            if messages.contains_key(&key) {
                problems.push(Problem::new(
                    &file.path,
                    index + 1,
                    RULE,
                    format!("{key} stands twice"),
                ));
            }
            if !WELL_NAMED.is_match(&key) {
                let text = format!("{key} is not named like-this");
                problems.push(Problem::new(&file.path, index + 1, RULE, text));
            }
            messages.entry(key.clone()).or_default().line = index + 1;
            current = key;
        }
        let arguments = ARGUMENT.captures_iter(line).map(|argument| argument[1].to_owned());
        messages.entry(current.clone()).or_default().arguments.extend(arguments);
    }
    messages.remove("");
    messages
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;

    fn found_in(ru: &str, en: &str) -> Vec<String> {
        found(&[("texts/ru.ftl", ru), ("texts/en.ftl", en)])
    }

    #[test]
    fn both_languages_have_the_same_keys_and_arguments() {
        assert_eq!(
            found_in("a = А { $n }\n", "a = A { $n ->\n   *[other] { $n }\n}\n"),
            Vec::<String>::new()
        );
        assert_eq!(found_in("a = А\nb = Б\n", "a = A\n"), ["texts/ru.ftl:2 texts"]);
        assert_eq!(found_in("a = А\n", "# b\na = A\nb = B\n"), ["texts/en.ftl:3 texts"]);
        let other_arguments = found_in("a = А { $n }\n", "a = A { $m }\n");
        assert_eq!(other_arguments, ["texts/en.ftl:1 texts", "texts/ru.ftl:1 texts"]);
        assert_eq!(found_in("a = А\n    .label = Я\n", "a = A\n"), ["texts/ru.ftl:2 texts"]);
    }

    #[test]
    fn a_key_stands_once_and_is_named_like_the_others() {
        assert_eq!(found_in("a = А\na = Я\n", "a = A\n"), ["texts/ru.ftl:2 texts"]);
        assert_eq!(
            found_in("aB = А\n", "aB = A\n"),
            ["texts/en.ftl:1 texts", "texts/ru.ftl:1 texts"]
        );
    }

    #[test]
    fn a_language_may_not_be_missing() {
        assert_eq!(found(&[("texts/help.ru.ftl", "a = А\n")]), ["texts/help.ru.ftl:0 texts"]);
    }
}
