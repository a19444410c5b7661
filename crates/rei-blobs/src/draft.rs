//! A file while it is being written: invisible until it is whole, gone when it is given up.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rei_domain::clock::Timestamp;
use sha2::{Digest, Sha256};

use crate::error::BlobError;
use crate::key::BlobKey;
use crate::list::changed_at;
use crate::media::MediaType;

/// The folder of drafts: beside the files, on the same disk, so that a rename is all it takes.
const DRAFTS: &str = "tmp";
/// A draft that nobody has written to for so long belongs to a process that died.
const DRAFT_LEFT_AFTER: Duration = Duration::from_secs(3600);

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A file that is being written. Dropped before [`Draft::seal`], it leaves nothing behind.
pub(crate) struct Draft {
    file: File,
    path: PathBuf,
    hasher: Sha256,
    size_bytes: u64,
    size_max: u64,
}

impl Draft {
    pub(crate) fn begin(root: &Path, size_max: u64) -> Result<Self, BlobError> {
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = root.join(DRAFTS).join(format!("{}-{number}.part", std::process::id()));
            match private().write(true).create_new(true).open(&path) {
                Ok(file) => {
                    return Ok(Self { file, path, hasher: Sha256::new(), size_bytes: 0, size_max });
                }
                // Left by a process that died and had the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        let size = self.size_bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if size > self.size_max {
            return Err(BlobError::TooLarge(self.size_max));
        }
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.size_bytes = size;
        Ok(())
    }

    /// Ends the writing: the file is whole and on the disk when this returns, but not visible yet.
    pub(crate) fn seal(mut self, media: MediaType) -> Result<Sealed, BlobError> {
        self.file.sync_all()?;
        let key = BlobKey::new(&std::mem::take(&mut self.hasher).finalize(), media);
        Ok(Sealed { key, draft: self })
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a rename there is nothing under this name; drafts that cannot be removed are swept later.
        let _ = fs::remove_file(&self.path);
    }
}

/// A draft that is whole. Dropped before [`Sealed::keep`], it leaves nothing behind.
pub(crate) struct Sealed {
    key: BlobKey,
    draft: Draft,
}

impl Sealed {
    pub(crate) const fn key(&self) -> &BlobKey {
        &self.key
    }

    pub(crate) const fn size_bytes(&self) -> u64 {
        self.draft.size_bytes
    }

    /// Where it lies until it is kept.
    pub(crate) fn path(&self) -> &Path {
        &self.draft.path
    }

    /// Makes the file visible under its key, and lasting. A file with the same contents is replaced by this one, which
    /// also makes it young again for the cleaner.
    pub(crate) fn keep(self, root: &Path) -> Result<BlobKey, BlobError> {
        let shard = self.key.shard(root);
        let is_new = !shard.is_dir();
        if is_new {
            fs::create_dir_all(&shard)?;
        }
        fs::rename(&self.draft.path, self.key.path(root))?;
        sync_folder(&shard)?;
        if is_new {
            shard.parent().map_or(Ok(()), sync_folder)?;
            sync_folder(root)?;
        }
        Ok(self.key)
    }
}

/// Makes the store's folders.
pub(crate) fn prepare(root: &Path) -> Result<(), BlobError> {
    Ok(fs::create_dir_all(root.join(DRAFTS))?)
}

/// Removes drafts of processes that died; returns how many.
pub(crate) fn sweep(root: &Path, now: Timestamp) -> Result<usize, BlobError> {
    let mut removed = 0;
    for entry in fs::read_dir(root.join(DRAFTS))? {
        let entry = entry?;
        // Gone in between: its writer has finished.
        let Ok(metadata) = entry.metadata() else { continue };
        let is_left = changed_at(&metadata) < now.minus(DRAFT_LEFT_AFTER);
        if metadata.is_file() && is_left && fs::remove_file(entry.path()).is_ok() {
            removed += 1;
        }
    }
    Ok(removed)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Customers' pictures are nobody else's business on the machine.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
