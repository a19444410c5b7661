//! The rules of the house that a machine can check, over any folder that looks like the workspace.
//!
//! One rule, one file, with the tests that see it fail. A rule reads; it never changes a file.

mod arrows;
mod banned;
mod cyrillic;
mod marks;
mod migrations;
mod money;
mod rust_source;
mod secrets;
mod size;
mod sql;
mod texts;
mod tree;

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use tree::Tree;

/// One breach of a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Relative to the root.
    pub path: PathBuf,
    /// From 1; 0 when it is about the whole file.
    pub line: usize,
    /// The rule's name.
    pub rule: &'static str,
    /// What is wrong, and what to do instead.
    pub message: String,
}

impl Problem {
    fn new(path: &Path, line: usize, rule: &'static str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        if self.line > 0 {
            write!(f, "{}:", self.line)?;
        }
        write!(f, " {} [{}]", self.message, self.rule)
    }
}

/// Checks every rule over the workspace at `root`; an empty list means all is well.
///
/// # Errors
/// When files cannot be read.
pub fn check(root: &Path) -> Result<Vec<Problem>> {
    let tree = Tree::read(root)?;
    let rules = [
        arrows::check,
        banned::check,
        cyrillic::check,
        marks::check,
        migrations::check,
        money::check,
        secrets::check,
        size::check,
        sql::check,
        texts::check,
    ];
    let mut problems: Vec<Problem> = rules.iter().flat_map(|rule| rule(&tree)).collect();
    problems.sort();
    Ok(problems)
}

/// Checks and prints.
///
/// # Errors
/// When files cannot be read or a rule is broken.
pub fn report(root: &Path) -> Result<()> {
    let problems = check(root)?;
    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => Ok(()),
        count => bail!("tidy found {count} problem(s)"),
    }
}

#[cfg(test)]
mod testing {
    //! A small workspace in a temporary folder, for the tests of the rules.

    use super::*;

    /// What tidy finds in a workspace of these files, one `path:line rule` each.
    pub fn found(files: &[(&str, &str)]) -> Vec<String> {
        let root = tempfile::tempdir().expect("a temporary folder");
        for (path, text) in files {
            let file = root.path().join(path);
            std::fs::create_dir_all(file.parent().expect("a file stands in a folder"))
                .expect("created");
            std::fs::write(file, text).expect("written");
        }
        let problems = check(root.path()).expect("readable");
        problems
            .iter()
            .map(|one| format!("{}:{} {}", one.path.display(), one.line, one.rule))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_workspace_passes() {
        let files = [
            ("crates/rei-domain/Cargo.toml", "[package]\nname = \"rei-domain\"\n"),
            (
                "crates/rei-domain/src/lib.rs",
                "//! Rules.\n\n/// One.\npub fn one() -> u8 {\n    1\n}\n",
            ),
        ];
        assert_eq!(testing::found(&files), Vec::<String>::new());
    }

    #[test]
    fn a_problem_names_its_place() {
        let problem = Problem::new(Path::new("crates/a/src/lib.rs"), 7, "rule", "wrong");
        assert_eq!(problem.to_string(), "crates/a/src/lib.rs:7: wrong [rule]");
        let whole = Problem::new(Path::new("deny.toml"), 0, "rule", "wrong");
        assert_eq!(whole.to_string(), "deny.toml: wrong [rule]");
    }
}
