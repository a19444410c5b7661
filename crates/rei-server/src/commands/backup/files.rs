//! The artifacts of a copy and the list of them: `artifacts.txt`, a line for each with SHA-256, size and name.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use anyhow::{Context, bail};
use sha2::{Digest, Sha256};

/// The name of the list.
pub(super) const LIST: &str = "artifacts.txt";
/// Half-written files lie there; they are of no use to anybody.
const DRAFTS: &str = "tmp";
const BUFFER_BYTES: usize = 256 * 1024;

/// A file of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) sha256: String,
    pub(super) size_bytes: u64,
    /// Its path below the folder of files, with `/` between.
    pub(super) name: String,
}

/// Copies a folder with everything below it and says what was copied. Files that go away meanwhile are left out.
pub(super) fn copy_all(from: &Path, to: &Path) -> anyhow::Result<Vec<Listed>> {
    fs::create_dir_all(to)?;
    let mut copied = Vec::new();
    copy_folder(from, to, "", &mut copied)?;
    copied.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(copied)
}

fn copy_folder(
    from: &Path,
    to: &Path,
    above: &str,
    copied: &mut Vec<Listed>,
) -> anyhow::Result<()> {
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(error).with_context(|| format!("{} can't be read", from.display()));
        }
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let target = to.join(&name);
        let Some(name) = name.to_str() else { continue };
        let below = format!("{above}{name}");
        if entry.file_type()?.is_dir() {
            if !(above.is_empty() && name == DRAFTS) {
                fs::create_dir_all(&target)?;
                copy_folder(&entry.path(), &target, &format!("{below}/"), copied)?;
            }
        } else if let Some((sha256, size_bytes)) = copy_file(&entry.path(), &target)? {
            copied.push(Listed { sha256, size_bytes, name: below });
        }
    }
    Ok(())
}

/// The hash and the size of what was copied; none when the file went away.
fn copy_file(from: &Path, to: &Path) -> anyhow::Result<Option<(String, u64)>> {
    let mut source = match File::open(from) {
        Ok(source) => source,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(error).with_context(|| format!("{} can't be read", from.display()));
        }
    };
    let mut target =
        File::create(to).with_context(|| format!("{} can't be written", to.display()))?;
    let (mut hasher, mut size_bytes, mut buffer) = (Sha256::new(), 0, vec![0; BUFFER_BYTES]);
    loop {
        let read = source.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        target.write_all(&buffer[..read])?;
        size_bytes += read as u64;
    }
    target.sync_all()?;
    let sha256 = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Some((sha256, size_bytes)))
}

/// Writes the list into the copy's folder.
pub(super) fn write_list(folder: &Path, files: &[Listed]) -> anyhow::Result<()> {
    let mut text = String::new();
    for Listed { sha256, size_bytes, name } in files {
        text.push_str(&format!("{sha256} {size_bytes} {name}\n"));
    }
    let mut list = File::create(folder.join(LIST))?;
    list.write_all(text.as_bytes())?;
    Ok(list.sync_all()?)
}

/// Reads the list of a copy.
pub(super) fn read_list(folder: &Path) -> anyhow::Result<Vec<Listed>> {
    let path = folder.join(LIST);
    let text = fs::read_to_string(&path)
        .with_context(|| format!("{} can't be read; `rei backup` makes it", path.display()))?;
    let mut files = Vec::new();
    for line in text.lines() {
        let mut words = line.splitn(3, ' ');
        let (Some(sha256), Some(size), Some(name)) = (words.next(), words.next(), words.next())
        else {
            bail!("{} has a broken line: {line}", path.display());
        };
        let size_bytes = size.parse().with_context(|| format!("a broken line: {line}"))?;
        files.push(Listed { sha256: sha256.to_owned(), size_bytes, name: name.to_owned() });
    }
    Ok(files)
}

/// What was listed and is not there, or is there with other contents.
pub(super) fn differences<'l>(
    listed: &'l [Listed],
    there: &[Listed],
) -> Vec<(&'l Listed, &'static str)> {
    let there: BTreeMap<_, _> = there.iter().map(|file| (file.name.as_str(), file)).collect();
    let look = |file: &'l Listed| match there.get(file.name.as_str()) {
        None => Some((file, "missing")),
        Some(found) if *found != file => Some((file, "damaged")),
        Some(_) => None,
    };
    listed.iter().filter_map(look).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    #[test]
    fn a_copy_is_listed_and_what_is_missing_or_damaged_is_named() {
        let folder = TempDir::new().expect("a folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("aa/bb")).expect("made");
        fs::create_dir_all(from.join("tmp")).expect("made");
        fs::write(from.join("aa/bb/one.png"), "one").expect("written");
        fs::write(from.join("aa/two words.mp4"), "two").expect("written");
        fs::write(from.join("tmp/half.part"), "half").expect("written");
        let copied = copy_all(&from, &to).expect("copied");
        let names: Vec<_> = copied.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["aa/bb/one.png", "aa/two words.mp4"]);
        write_list(folder.path(), &copied).expect("written");
        let listed = read_list(folder.path()).expect("read");
        assert_eq!(listed, copied);
        assert_eq!(differences(&listed, &copied), []);
        fs::remove_file(to.join("aa/bb/one.png")).expect("removed");
        fs::write(to.join("aa/two words.mp4"), "owt").expect("written");
        let there = copy_all(&to, &folder.path().join("again")).expect("copied");
        let wrong: Vec<_> = differences(&listed, &there).into_iter().map(|(_, why)| why).collect();
        assert_eq!(wrong, ["missing", "damaged"]);
    }
}
