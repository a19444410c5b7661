//! What is in the store, page by page, for the cleaner that knows what is still needed.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::UNIX_EPOCH;

use rei_domain::clock::Timestamp;

use crate::error::BlobError;
use crate::key::BlobKey;

/// One stored file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobEntry {
    /// Its name.
    pub key: BlobKey,
    /// Its length.
    pub size_bytes: u64,
    /// When it was stored last.
    pub stored_at: Timestamp,
}

/// Files stored before `before`, in the order of their keys, `limit` at most, beginning behind `after`.
pub(crate) fn page(
    root: &Path,
    before: Timestamp,
    after: Option<&BlobKey>,
    limit: usize,
) -> Result<Vec<BlobEntry>, BlobError> {
    let after = after.map_or("", BlobKey::as_str);
    let mut found = Vec::new();
    for first in names(root, |name| is_shard(name) && name >= prefix(after, 0))? {
        let in_first = root.join(&first);
        let begun = prefix(after, 0) == first;
        let seconds =
            names(&in_first, |name| is_shard(name) && (!begun || name >= prefix(after, 2)))?;
        for second in seconds {
            let shard = in_first.join(second);
            for name in names(&shard, |name| name > after)? {
                if found.len() >= limit {
                    return Ok(found);
                }
                found.extend(entry(&shard, &name).filter(|entry| entry.stored_at < before));
            }
        }
    }
    Ok(found)
}

/// `None` for strange files, and for one that was removed in between.
fn entry(shard: &Path, name: &str) -> Option<BlobEntry> {
    let key: BlobKey = name.parse().ok()?;
    let metadata = fs::metadata(shard.join(name)).ok()?;
    let entry = BlobEntry { key, size_bytes: metadata.len(), stored_at: changed_at(&metadata) };
    metadata.is_file().then_some(entry)
}

/// The names in a folder that pass, sorted.
fn names(folder: &Path, passes: impl Fn(&str) -> bool) -> Result<Vec<String>, BlobError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        if let Ok(name) = entry?.file_name().into_string()
            && passes(&name)
        {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// The two letters of a key that name its folder on this level; nothing when there is no key.
fn prefix(key: &str, from: usize) -> &str {
    key.get(from..from + 2).unwrap_or_default()
}

fn is_shard(name: &str) -> bool {
    name.len() == 2 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// When a file was written to last; the beginning of time where the system does not say.
pub(crate) fn changed_at(metadata: &Metadata) -> Timestamp {
    let since = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    Timestamp(since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)))
}
