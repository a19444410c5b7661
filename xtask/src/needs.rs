//! The programs that tests start: found, installed from Debian's packages, or named.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cargo;

/// A Debian package and the programs of which any one shows that it is there.
struct Need {
    package: &'static str,
    programs: &'static [&'static str],
}

const NEEDS: &[Need] = &[
    // The simulators film with OpenH264, which is built from its C++ sources.
    Need { package: "g++", programs: &["c++", "g++", "clang++"] },
    Need { package: "redis-server", programs: &["redis-server"] },
    Need { package: "postgresql", programs: &["postgres"] },
    Need { package: "chromium", programs: &["chromium", "chromium-browser", "google-chrome"] },
];

/// Makes sure that everything is there; installs what is missing when this user may.
///
/// # Errors
/// The one line to type when this user may not, or apt's failure.
pub fn ensure() -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let line = format!("apt-get install --yes --no-install-recommends {}", missing.join(" "));
    let Some(prefix) = privilege() else {
        bail!("these programs are missing, install them and start again:\n    sudo {line}");
    };
    println!("installing {}", missing.join(", "));
    let apt = |words: &[&str]| {
        let mut all = prefix
            .iter()
            .copied()
            .chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"])
            .chain(words.iter().copied());
        let program = all.next().expect("apt-get itself is at least there");
        cargo::run(Command::new(program).args(all))
    };
    let install = [&["install", "--yes", "--no-install-recommends"], missing.as_slice()].concat();
    // A fresh image has no package lists yet.
    if apt(&install).is_err() {
        apt(&["update"])
            .and_then(|()| apt(&install))
            .with_context(|| format!("could not install; try: sudo {line}"))?;
    }
    Ok(())
}

fn missing() -> Vec<&'static str> {
    let absent = |need: &&Need| need.programs.iter().all(|program| find(program).is_none());
    NEEDS.iter().filter(absent).map(|need| need.package).collect()
}

/// The words to put before a command that needs root; `None` when this user cannot become root without a password.
fn privilege() -> Option<&'static [&'static str]> {
    find("apt-get")?;
    if is_root() {
        return Some(&[]);
    }
    find("sudo")?;
    let quiet = Command::new("sudo")
        .args(["--non-interactive", "true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    quiet.is_ok_and(|status| status.success()).then_some(&["sudo", "--non-interactive"])
}

/// Whether this process runs as root.
pub fn is_root() -> bool {
    let output = Command::new("id").arg("--user").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Where a program is: in `PATH`, or among PostgreSQL's own folders, newest version first.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(postgres_folders());
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

fn postgres_folders() -> Vec<PathBuf> {
    let versions = fs::read_dir(Path::new("/usr/lib/postgresql")).into_iter().flatten().flatten();
    let mut folders: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))
        })
        .collect();
    folders.sort_by(|left, right| right.cmp(left));
    folders.into_iter().map(|(_, folder)| folder).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_name_and_a_strange_one_is_not() {
        assert!(find("sh").is_some());
        assert_eq!(find("no-such-program-anywhere"), None);
    }
}
