//! The programs that tests start: found, installed from Debian's packages, or named.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::cargo;

/// A Debian package and what shows that it is there.
struct Need {
    package: &'static str,
    sign: Sign,
}

/// What shows that a package is there.
enum Sign {
    /// Any of these programs.
    Programs(&'static [&'static str]),
    /// A command that succeeds.
    Command(&'static [&'static str]),
}

const NEEDS: &[Need] = &[
    // The simulators film with OpenH264, which is built from its C++ sources.
    Need { package: "g++", sign: Sign::Programs(&["c++", "g++", "clang++"]) },
    Need { package: "redis-server", sign: Sign::Programs(&["redis-server"]) },
    Need { package: "postgresql", sign: Sign::Programs(&["postgres"]) },
    Need {
        package: "chromium",
        sign: Sign::Programs(&["chromium", "chromium-browser", "google-chrome"]),
    },
    // YooKassa's own client is tried against the simulator, in an environment of its own.
    Need {
        package: "python3-venv",
        sign: Sign::Command(&["python3", "-m", "ensurepip", "--version"]),
    },
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
    NEEDS.iter().filter(|need| !is_there(&need.sign)).map(|need| need.package).collect()
}

fn is_there(sign: &Sign) -> bool {
    match sign {
        Sign::Programs(programs) => programs.iter().any(|program| find(program).is_some()),
        Sign::Command([program, arguments @ ..]) => {
            let mut command = Command::new(program);
            let tried = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
            tried.status().is_ok_and(|status| status.success())
        }
        Sign::Command([]) => true,
    }
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
    fn a_package_is_known_by_a_command_that_succeeds() {
        assert!(is_there(&Sign::Command(&["true"])));
        assert!(!is_there(&Sign::Command(&["false"])));
        assert!(!is_there(&Sign::Command(&["no-such-program-anywhere"])));
    }

    #[test]
    fn a_program_is_found_by_name_and_a_strange_one_is_not() {
        assert!(find("sh").is_some());
        assert_eq!(find("no-such-program-anywhere"), None);
    }
}
