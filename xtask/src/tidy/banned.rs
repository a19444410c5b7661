//! Crates that must not get in by any way, as `deny.toml` lists them, looked for in `Cargo.lock`.
//!
//! `cargo deny` reads the same list; this check needs no other program.

use toml::{Table, Value};

use super::Problem;
use super::tree::Tree;

const RULE: &str = "banned";

/// Checks the lock file.
pub fn check(tree: &Tree) -> Vec<Problem> {
    let (Some(deny), Some(lock)) = (tree.get("deny.toml"), tree.get("Cargo.lock")) else {
        return Vec::new();
    };
    let tables = (deny.text.parse::<Table>(), lock.text.parse::<Table>());
    let (Ok(deny), Ok(locked)) = tables else {
        return vec![Problem::new(&lock.path, 0, RULE, "deny.toml or Cargo.lock cannot be read")];
    };
    let packages = locked.get("package").and_then(Value::as_array).into_iter().flatten();
    let names: Vec<&str> = packages.filter_map(|package| package.get("name")?.as_str()).collect();
    let bans = deny
        .get("bans")
        .and_then(|bans| bans.get("deny"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut problems = Vec::new();
    for ban in bans {
        let Some(name) = ban.get("crate").and_then(Value::as_str) else { continue };
        let twins_only =
            ban.get("deny-multiple-versions").and_then(Value::as_bool).unwrap_or(false);
        let allowed = usize::from(twins_only);
        if names.iter().filter(|one| **one == name).count() > allowed {
            let quoted = format!("name = \"{name}\"");
            let line =
                lock.text.lines().position(|line| line == quoted).map_or(0, |index| index + 1);
            let what = if twins_only { "stands twice" } else { "is banned" };
            problems.push(Problem::new(
                &lock.path,
                line,
                RULE,
                format!("{name} {what}, see deny.toml"),
            ));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::testing::found;

    const DENY: &str = "[bans]\ndeny = [\n  { crate = \"openssl-sys\" },\n  { crate = \"libsqlite3-sys\", deny-multiple-versions = true },\n]\n";

    #[test]
    fn a_banned_crate_is_found_and_a_twin_of_a_lonely_one() {
        let openssl = "[[package]]\nname = \"openssl-sys\"\nversion = \"1.0.0\"\n";
        assert_eq!(found(&[("deny.toml", DENY), ("Cargo.lock", openssl)]), ["Cargo.lock:2 banned"]);
        let one = "[[package]]\nname = \"libsqlite3-sys\"\nversion = \"0.1.0\"\n";
        assert_eq!(found(&[("deny.toml", DENY), ("Cargo.lock", one)]), Vec::<String>::new());
        let two = format!("{one}\n{}", one.replace("0.1.0", "0.2.0"));
        assert_eq!(found(&[("deny.toml", DENY), ("Cargo.lock", &two)]), ["Cargo.lock:2 banned"]);
    }
}
