//! P14: no key that could be a real one stands in the repository. An invented one says so in itself.

use std::sync::LazyLock;

use regex::Regex;

use super::Problem;
use super::tree::Tree;

const RULE: &str = "secrets";

/// The forms of the keys that this product uses, and of private keys.
static KEY: LazyLock<Regex> = LazyLock::new(|| {
    let forms = [
        r"\b\d{8,12}:[A-Za-z0-9_-]{35}\b",
        r"\bAIza[A-Za-z0-9_-]{35}\b",
        r"\blive_[A-Za-z0-9_-]{32,}",
        r"\b(?:AKIA|ASIA|YCAJ)[A-Za-z0-9_-]{16,}",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    ];
    Regex::new(&forms.join("|")).expect("a constant pattern")
});

/// Words by which an invented key is known.
static INVENTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)example|planted|simulated|invented|fake|test|demo")
        .expect("a constant pattern")
});

/// Checks every text file.
pub fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in &tree.files {
        for (index, line) in file.text.lines().enumerate() {
            if KEY.find_iter(line).any(|key| !INVENTED.is_match(key.as_str())) {
                let message = "this may be a real key: take it out and have it changed, or write `example` into it";
                problems.push(Problem::new(&file.path, index + 1, RULE, message));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;

    #[test]
    fn p14_a_key_in_the_repository_is_found_and_an_invented_one_is_not() {
        let tail = "Aa0_".repeat(9);
        for key in [
            format!("123456789:{}", &tail[..35]),
            format!("AIza{}", &tail[..35]),
            format!("live_{tail}"),
            format!("-----BEGIN {}PRIVATE KEY-----", "RSA "),
        ] {
            assert_eq!(
                found(&[("docs/a.md", &format!("\nkey {key}\n"))]),
                ["docs/a.md:2 secrets"],
                "{key}"
            );
        }
        let invented = format!("123456789:Example{}", &tail[..28]);
        assert_eq!(found(&[("docs/a.md", &invented)]), Vec::<String>::new());
    }
}
