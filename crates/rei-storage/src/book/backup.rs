//! Copies of a live SQLite book.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::sqlite::{Purpose, connect};
use crate::BookError;

/// Copies the book to a new file. Writers go on meanwhile; the copy is the state at its start.
///
/// The copy appears under its name only when it is complete and on disk; a copy that broke off leaves
/// `<target>.partial`, which the next one replaces.
pub(super) fn copy(source: &Path, target: &Path) -> Result<(), BookError> {
    let failed = |reason: &dyn std::fmt::Display| {
        BookError::Unfit(format!("the copy {} cannot be made: {reason}", target.display()))
    };
    if target.exists() {
        return Err(failed(&"the file exists already"));
    }
    let partial = partial(target);
    remove(&partial).map_err(|error| failed(&error))?;
    let name = partial.to_str().ok_or_else(|| failed(&"its name is not Unicode"))?;
    let connection = connect(source, Purpose::Write)?;
    connection.execute("vacuum into ?1", [name]).map_err(|error| failed(&error))?;
    publish(&partial, target).map_err(|error| failed(&error))
}

fn partial(target: &Path) -> PathBuf {
    let mut name = OsString::from(target);
    name.push(".partial");
    name.into()
}

fn remove(file: &Path) -> io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn publish(partial: &Path, target: &Path) -> io::Result<()> {
    File::open(partial)?.sync_all()?;
    std::fs::rename(partial, target)?;
    match target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}
