//! A file answers one question; over 500 lines, its tests included, it answers several.

use super::Problem;
use super::tree::Tree;

const RULE: &str = "size";

/// The most lines that a Rust file may have.
const LINES_MAX: usize = 500;

/// Checks every Rust file.
pub fn check(tree: &Tree) -> Vec<Problem> {
    let counted = tree.rust().map(|(file, _)| (file, file.text.lines().count()));
    let long = counted.filter(|(_, lines)| *lines > LINES_MAX);
    long.map(|(file, lines)| {
        Problem::new(
            &file.path,
            0,
            RULE,
            format!("{lines} lines, more than {LINES_MAX}: divide it by subject"),
        )
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;

    #[test]
    fn a_file_over_the_limit_is_found() {
        let path = "crates/rei-app/src/lib.rs";
        assert_eq!(found(&[(path, &"\n".repeat(500))]), Vec::<String>::new());
        assert_eq!(found(&[(path, &"\n".repeat(501))]), [format!("{path}:0 size")]);
    }
}
