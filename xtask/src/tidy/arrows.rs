//! Who may import whom: the arrows between our crates, and the heavy dependencies that live behind one fence each.
//!
//! `[dev-dependencies]` may do as they like, except the simulators', which know none of ours at all.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::Problem;
use super::tree::{File, Tree};

const RULE: &str = "arrows";

/// Each crate with those of ours that it may import.
const ALLOWED: &[(&str, &[&str])] = &[
    ("rei-domain", &[]),
    ("rei-texts", &["rei-domain"]),
    ("rei-conversation", &["rei-domain", "rei-texts"]),
    ("rei-storage", &["rei-domain"]),
    ("rei-queue", &["rei-domain", "rei-storage"]),
    ("rei-redis", &["rei-domain"]),
    ("rei-blobs", &["rei-domain"]),
    ("rei-media", &["rei-domain"]),
    ("rei-telegram", &["rei-domain"]),
    ("rei-yookassa", &["rei-domain"]),
    ("rei-providers", &["rei-domain"]),
    (
        "rei-app",
        &[
            "rei-blobs",
            "rei-domain",
            "rei-media",
            "rei-providers",
            "rei-queue",
            "rei-storage",
            "rei-telegram",
            "rei-texts",
            "rei-yookassa",
        ],
    ),
    ("rei-bot", &["rei-app", "rei-conversation", "rei-domain", "rei-telegram", "rei-texts"]),
    ("rei-web", &["rei-app", "rei-domain", "rei-texts"]),
    ("rei-worker", &["rei-app", "rei-domain", "rei-queue"]),
    (
        "rei-fuzz",
        &[
            "rei-app",
            "rei-bot",
            "rei-conversation",
            "rei-domain",
            "rei-providers",
            "rei-storage",
            "rei-telegram",
            "rei-texts",
            "rei-yookassa",
        ],
    ),
    ("rei-sim", &[]),
    ("rei-demo-test", &[]),
    ("xtask", &[]),
];

/// The wiring may import everything of ours.
const WIRING: &str = "rei-server";

/// The outside world in small; not even its tests may know ours.
const SIMULATORS: &str = "rei-sim";

/// Dependencies with the only crates that may import them, and what each is.
const FENCED: &[(&[&str], &[&str], &str)] = &[
    (
        &["reqwest", "hyper", "hyper-util", "ureq", "isahc", "curl", "attohttpc", "surf"],
        &["rei-telegram", "rei-yookassa", "rei-providers", "rei-blobs", "rei-sim"],
        "an HTTP client",
    ),
    (
        &["rusqlite", "postgres", "tokio-postgres", "sqlx", "diesel", "sea-orm"],
        &["rei-storage"],
        "a database",
    ),
    (&["redis", "fred"], &["rei-redis"], "Redis"),
    (&["tgbot", "teloxide", "frankenstein"], &["rei-telegram"], "a Telegram library"),
    (&["object_store", "aws-sdk-s3"], &["rei-blobs"], "an object store"),
    (&["chromiumoxide"], &[], "a browser"),
    (&["axum"], &["rei-web", "rei-sim", "rei-server"], "a web server"),
];

/// Crates of pure values, and what would end that.
const PURE: &[&str] = &["rei-domain", "rei-texts", "rei-conversation"];
const IMPURE: &[&str] = &["tokio", "futures", "async-trait", "rand", "getrandom", "tempfile"];

/// Checks every manifest.
pub fn check(tree: &Tree) -> Vec<Problem> {
    let manifests = tree
        .files
        .iter()
        .filter(|file| file.name() == "Cargo.toml" && file.path.components().count() > 1);
    manifests.flat_map(check_manifest).collect()
}

fn check_manifest(file: &File) -> Vec<Problem> {
    let manifest: Table = match file.text.parse() {
        Ok(manifest) => manifest,
        Err(error) => {
            return vec![Problem::new(&file.path, 0, RULE, format!("cannot be read: {error}"))];
        }
    };
    let name =
        manifest.get("package").and_then(|package| package.get("name")).and_then(Value::as_str);
    let Some(name) = name else { return Vec::new() };
    let imports = imports(&manifest, name == SIMULATORS);
    let ours = imports.iter().filter(|import| import.starts_with("rei-"));
    let mut problems = Vec::new();
    match ALLOWED.iter().find(|(one, _)| *one == name) {
        Some((_, allowed)) => {
            for import in ours.filter(|import| !allowed.contains(&import.as_str())) {
                problems.push((import, format!("{name} must not import {import}")));
            }
        }
        None if name == WIRING => {}
        None => {
            let message = format!("{name} has no place in the table of xtask/src/tidy/arrows.rs");
            return vec![Problem::new(&file.path, 0, RULE, message)];
        }
    }
    for import in &imports {
        for (_, homes, what) in
            FENCED.iter().filter(|(fenced, ..)| fenced.contains(&import.as_str()))
        {
            if !homes.contains(&name) {
                problems.push((
                    import,
                    format!("{name} must not import {import}: {what} stays behind its fence"),
                ));
            }
        }
        if PURE.contains(&name) && IMPURE.contains(&import.as_str()) {
            problems.push((import, format!("{name} is pure and must not import {import}")));
        }
    }
    problems
        .into_iter()
        .map(|(import, message)| {
            Problem::new(&file.path, line_of(&file.text, import), RULE, message)
        })
        .collect()
}

/// The packages that the crate's own code can name.
fn imports(manifest: &Table, with_tests: bool) -> BTreeSet<String> {
    let mut kinds = vec!["dependencies", "build-dependencies"];
    if with_tests {
        kinds.push("dev-dependencies");
    }
    let targets =
        manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let tables = targets.filter_map(Value::as_table).chain([manifest]);
    let mut imports = BTreeSet::new();
    for table in tables {
        for kind in &kinds {
            let dependencies = table.get(*kind).and_then(Value::as_table).into_iter().flatten();
            imports.extend(dependencies.map(|(key, value)| {
                let renamed = value.get("package").and_then(Value::as_str);
                renamed.unwrap_or(key).to_owned()
            }));
        }
    }
    imports
}

fn line_of(text: &str, import: &str) -> usize {
    let names = |line: &&str| {
        line.trim_start().starts_with(import) || line.contains(&format!("\"{import}\""))
    };
    text.lines().position(|line| names(&line)).map_or(0, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;

    fn manifest(name: &str, rest: &str) -> String {
        format!("[package]\nname = \"{name}\"\n\n{rest}\n")
    }

    fn found_in(name: &str, rest: &str) -> Vec<String> {
        found(&[(&format!("crates/{name}/Cargo.toml"), &manifest(name, rest))])
    }

    #[test]
    fn a_forbidden_arrow_is_found() {
        let rest = "[dependencies]\nrei-domain.workspace = true\nrei-storage.workspace = true";
        assert_eq!(
            found_in("rei-conversation", rest),
            ["crates/rei-conversation/Cargo.toml:6 arrows"]
        );
        assert_eq!(found_in("rei-bot", rest), ["crates/rei-bot/Cargo.toml:6 arrows"]);
        assert_eq!(found_in("rei-app", rest), Vec::<String>::new());
        assert_eq!(found_in("rei-server", rest), Vec::<String>::new());
    }

    #[test]
    fn a_forbidden_arrow_is_found_under_another_name_and_in_other_tables() {
        let renamed =
            "[dependencies]\nbook = { package = \"rei-storage\", path = \"../rei-storage\" }";
        assert_eq!(found_in("rei-web", renamed), ["crates/rei-web/Cargo.toml:5 arrows"]);
        let build = "[build-dependencies]\nrei-storage.workspace = true";
        assert_eq!(found_in("rei-web", build), ["crates/rei-web/Cargo.toml:5 arrows"]);
        let target = "[target.'cfg(unix)'.dependencies]\nrei-storage.workspace = true";
        assert_eq!(found_in("rei-web", target), ["crates/rei-web/Cargo.toml:5 arrows"]);
    }

    #[test]
    fn tests_may_import_what_they_like_but_the_simulators_know_none_of_ours() {
        let rest = "[dev-dependencies]\nrei-sim.workspace = true\nreqwest.workspace = true";
        assert_eq!(found_in("rei-bot", rest), Vec::<String>::new());
        let ours = "[dev-dependencies]\nrei-domain.workspace = true";
        assert_eq!(found_in("rei-sim", ours), ["crates/rei-sim/Cargo.toml:5 arrows"]);
    }

    #[test]
    fn an_http_client_or_a_database_outside_its_fence_is_found() {
        for (name, import) in
            [("rei-app", "reqwest"), ("rei-web", "hyper"), ("rei-queue", "rusqlite")]
        {
            let rest = format!("[dependencies]\n{import}.workspace = true");
            assert_eq!(found_in(name, &rest), [format!("crates/{name}/Cargo.toml:5 arrows")]);
        }
        assert_eq!(
            found_in("rei-telegram", "[dependencies]\nreqwest.workspace = true"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_pure_crate_stays_pure() {
        let rest = "[dependencies]\ntokio.workspace = true";
        assert_eq!(
            found_in("rei-conversation", rest),
            ["crates/rei-conversation/Cargo.toml:5 arrows"]
        );
    }

    #[test]
    fn a_crate_without_a_place_in_the_table_is_found() {
        assert_eq!(found_in("rei-extra", ""), ["crates/rei-extra/Cargo.toml:0 arrows"]);
    }
}
