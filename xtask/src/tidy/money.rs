//! M8: no floating point where money is counted.

use std::sync::LazyLock;

use regex::Regex;

use super::Problem;
use super::tree::{File, Tree};

const RULE: &str = "money";

/// A file or folder with one of these words in its name counts money.
const WORDS: &[&str] = &[
    "account",
    "accounts",
    "audit",
    "catalog",
    "cost",
    "hold",
    "holds",
    "ledger",
    "money",
    "payment",
    "payments",
    "price",
    "prices",
    "pricing",
    "quote",
    "quotes",
    "refund",
    "refunds",
    "seal",
    "seals",
    "transfer",
    "transfers",
    "wallet",
    "wallets",
];

static FLOAT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:\b|_|\d)f(?:32|64)\b|\b\d[\d_]*\.\d[\d_]*\b").expect("a constant pattern")
});

/// Checks every module of money, its tests included.
pub fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, rust) in tree.rust().filter(|(file, _)| is_about_money(file)) {
        for (line, code) in rust.code_lines() {
            // `pair.0.1` is a field of a field, not a number.
            let float = FLOAT.find_iter(code).find(|found| !code[..found.start()].ends_with('.'));
            if let Some(float) = float {
                let message = format!(
                    "{} in a module of money: count in whole kopecks or micro-dollars",
                    float.as_str()
                );
                problems.push(Problem::new(&file.path, line, RULE, message));
            }
        }
    }
    problems
}

fn is_about_money(file: &File) -> bool {
    let within = file.parts().skip_while(|part| *part != "src").skip(1);
    let mut words = within.flat_map(|part| part.split(['_', '.']));
    file.crate_name().is_some() && words.any(|word| WORDS.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;

    #[test]
    fn m8_a_float_in_a_module_of_money_is_found() {
        let place = |path: &str| [format!("{path}:1 money")];
        for (path, code) in [
            ("crates/rei-domain/src/money.rs", "fn a(x: f64) {}"),
            ("crates/rei-domain/src/ledger/rules.rs", "let x = 1.5;"),
            ("crates/rei-app/src/order_quote.rs", "let x = 2_f32;"),
        ] {
            assert_eq!(found(&[(path, code)]), place(path));
        }
    }

    #[test]
    fn fields_comments_and_other_modules_are_free() {
        let code = "let x = pair.0.1; // f64 would be wrong, 1.5 too\nlet y = \"1.5\";\n";
        assert_eq!(found(&[("crates/rei-domain/src/money.rs", code)]), Vec::<String>::new());
        assert_eq!(
            found(&[("crates/rei-app/src/preview.rs", "fn a(x: f64) {}")]),
            Vec::<String>::new()
        );
    }
}
