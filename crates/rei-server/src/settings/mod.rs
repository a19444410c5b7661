//! Settings: the environment first, `.env` second, `config/default.toml` last.
//!
//! Everything that is wrong is reported at once, by name, in Russian and English, with an example; nothing starts until
//! it is mended. Secrets are wrapped and never printed. This module reads variables; it opens, connects to and checks nothing.

mod assemble;
mod builder;
mod model;
mod notes;
mod parse;
mod payments;
mod payments_model;
#[cfg(test)]
mod payments_tests;
mod problems;
mod reader;
mod report;
mod sources;
mod table;
#[cfg(test)]
mod tests;
mod words;

use std::path::Path;

pub use builder::Builder;
pub use model::*;
pub use notes::Note;
pub use parse::database;
pub use payments_model::*;
pub use problems::{Fault, Problem, Problems};
pub use report::{Row, Shown};
pub use sources::Origin;
pub use words::Language;

/// The exit code when settings are wrong, or a command is used wrongly.
pub const EXIT_CODE_WRONG_USE: u8 = 2;

/// Reads the settings from these variables and, below them, from the file `dotenv` if it exists.
///
/// # Errors
/// Everything that is wrong, at once; nothing may start then.
pub fn load(
    env: impl Iterator<Item = (String, String)>,
    dotenv: Option<&Path>,
) -> Result<Settings, Problems> {
    assemble::assemble(reader::Reader::new(sources::Sources::collect(env, dotenv)))
}

/// Reads the settings of this process: its environment, and `.env` in its working folder.
///
/// # Errors
/// As [`load`].
pub fn from_process() -> Result<Settings, Problems> {
    let env = std::env::vars_os().map(|(name, value)| {
        (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
    });
    load(env, Some(Path::new(".env")))
}
