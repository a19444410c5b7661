//! The files of the workspace, read once for all rules.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};

use super::rust_source::RustSource;

/// Folders that hold nothing of ours.
const SKIPPED: &[&str] = &[".git", "node_modules", "rei-data", "target"];

/// Larger files are data.
const TEXT_BYTES_MAX: u64 = 1024 * 1024;

/// Every text file of the workspace.
pub struct Tree {
    /// In order of their paths.
    pub files: Vec<File>,
}

/// One text file.
pub struct File {
    /// Relative to the root.
    pub path: PathBuf,
    /// Its content.
    pub text: String,
    /// Taken apart, when it is Rust.
    pub rust: Option<RustSource>,
}

impl Tree {
    /// Reads the folder; what is not UTF-8 is not text and is left out.
    pub fn read(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
            for entry in entries {
                let entry = entry?;
                let kind = entry.file_type()?;
                if kind.is_dir() && !SKIPPED.iter().any(|name| entry.file_name() == *name) {
                    folders.push(entry.path());
                } else if kind.is_file() && entry.metadata()?.len() <= TEXT_BYTES_MAX {
                    files.extend(File::read(root, &entry.path()));
                }
            }
        }
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(Self { files })
    }

    /// The Rust files with their sources.
    pub fn rust(&self) -> impl Iterator<Item = (&File, &RustSource)> {
        self.files.iter().filter_map(|file| Some((file, file.rust.as_ref()?)))
    }

    /// The file at this path.
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == Path::new(path))
    }
}

impl File {
    fn read(root: &Path, path: &Path) -> Option<Self> {
        let text = String::from_utf8(fs::read(path).ok()?).ok()?;
        let path = path.strip_prefix(root).ok()?.to_owned();
        let rust =
            path.extension().is_some_and(|ext| ext == "rs").then(|| RustSource::parse(&text));
        Some(Self { path, text, rust })
    }

    /// The names of the folders it stands in, and its own.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.path.components().filter_map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
    }

    /// Its own name.
    pub fn name(&self) -> &str {
        self.parts().last().unwrap_or_default()
    }

    /// The crate it belongs to, by its folder under `crates/`.
    pub fn crate_name(&self) -> Option<&str> {
        let mut parts = self.parts();
        (parts.next() == Some("crates")).then(|| parts.next()).flatten()
    }

    /// Whether the whole file is there for tests.
    pub fn is_test(&self) -> bool {
        let for_tests =
            |part: &str| matches!(part, "tests" | "testing" | "benches" | "fuzz" | "rei-demo-test");
        let stem = self.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        self.parts().any(for_tests) || for_tests(stem) || stem.ends_with("_tests")
    }
}
