//! The table of all variables, read from `config/default.toml`, which is part of the binary.
//!
//! It owns names, defaults, units, examples and what is secret. It never reads the environment.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The embedded `config/default.toml`.
pub const DEFAULTS: &str = include_str!("../../../../config/default.toml");

static TABLE: LazyLock<BTreeMap<String, Variable>> = LazyLock::new(|| {
    toml::from_str(DEFAULTS)
        .expect("config/default.toml is part of the program and its test reads it")
});

/// One setting as `config/default.toml` describes it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// The value when nobody sets it.
    pub default: Option<String>,
    /// What the value means: seconds, rubles, a URL.
    pub unit: String,
    /// A right value, shown beside a wrong one.
    pub example: String,
    /// Why the default is what it is, or what the setting is for.
    pub reason: String,
    /// Never printed.
    #[serde(default)]
    pub secret: bool,
    /// A URL whose password is never printed.
    #[serde(default)]
    pub credentials: bool,
    /// Older names that are still read.
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// Every variable by name.
pub fn all() -> &'static BTreeMap<String, Variable> {
    &TABLE
}

/// The variable of this name.
///
/// # Panics
/// When the program asks for a name that the table lacks: our own bug, seen by the first test that loads settings.
pub fn variable(name: &str) -> &'static Variable {
    TABLE.get(name).unwrap_or_else(|| panic!("config/default.toml has no [{name}]"))
}

/// The variable for which `alias` is an older name.
pub fn behind_alias(alias: &str) -> Option<&'static str> {
    TABLE
        .iter()
        .find(|(_, variable)| variable.aliases.iter().any(|known| known == alias))
        .map(|(name, _)| name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENV_EXAMPLE: &str = include_str!("../../../../.env.example");

    #[test]
    fn every_setting_has_a_unit_an_example_and_a_reason() {
        for (name, variable) in all() {
            for (field, text) in [
                ("unit", &variable.unit),
                ("example", &variable.example),
                ("reason", &variable.reason),
            ] {
                assert!(!text.trim().is_empty(), "[{name}] has no {field}");
            }
            assert!(
                !(variable.secret && variable.default.is_some()),
                "[{name}] is a secret and has a default"
            );
        }
    }

    #[test]
    fn env_example_names_every_variable_exactly_once_and_nothing_else() {
        let named: Vec<&str> = ENV_EXAMPLE
            .lines()
            .filter_map(|line| line.trim_start_matches('#').split_once('='))
            .map(|(name, _)| name)
            .filter(|name| {
                name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            })
            .collect();
        for name in all().keys() {
            assert_eq!(
                named.iter().filter(|one| *one == name).count(),
                1,
                "{name} in .env.example"
            );
        }
        for name in named {
            assert!(all().contains_key(name), ".env.example names {name}, which no table knows");
        }
    }

    #[test]
    fn env_example_shows_the_defaults_of_the_table() {
        for (name, variable) in all() {
            let Some(default) = &variable.default else { continue };
            let line = format!("#{name}={default}");
            assert!(ENV_EXAMPLE.lines().any(|one| one == line), "no line {line} in .env.example");
        }
    }

    #[test]
    fn env_example_never_sets_a_secret() {
        let set = ENV_EXAMPLE
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('='));
        for (name, value) in set {
            assert!(value.is_empty(), "{name} is set in .env.example");
        }
    }
}
