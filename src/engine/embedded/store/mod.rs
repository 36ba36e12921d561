//! What was measured before, kept in a folder by the content that it was measured on (`--state DIR`).
//!
//! An unchanged file is not read again: its SHA-256 is trusted as git trusts its index (same size, times and inode, and
//! last changed before it was hashed), its profile is kept by that digest, and the states of a dataset's expectations
//! by the digests of all files and the text of the plan. What is kept is exact, so results are those of a full run.
//! The folder holds values of the data: it belongs where the data may be kept.

mod identity;
mod profiles;
mod states;

pub use states::KeptStates;

use super::source::DataFile;
use crate::error::{Error, Result};
use crate::measure::saved::PROFILE_SCHEMA_VERSION;
use crate::report::text::hex;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Version of the entries; others are not read.
const VERSION: &str = "1";

/// Entries that nothing asked for in this time are removed.
const KEPT_FOR: Duration = Duration::from_hours(90 * 24);

/// The first line of every entry, before the digest of what follows.
const MARK: &str = "tollgate-state";

/// A folder of entries, one file each: written under a temporary name and renamed, so that runs may share it.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// Opens the folder, making it when it is not there.
    ///
    /// Errors: [`Error::Usage`] when there is something else than a folder, [`Error::Io`] when it cannot be made.
    pub fn open(folder: &Path) -> Result<Self> {
        if folder.exists() && !folder.is_dir() {
            let reason = "is no folder; name one, which is made when it is not there";
            return Err(Error::Usage(format!(
                "--state {} {reason}",
                folder.display()
            )));
        }
        std::fs::create_dir_all(folder).map_err(|e| Error::io("create", folder, e))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Removes entries that nothing asked for in 90 days; what cannot be removed stays.
    pub fn prune(&self) {
        let entries = std::fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten();
        let now = SystemTime::now();
        for entry in entries {
            let ours = entry.path().extension().is_some_and(|e| e == "entry");
            let modified = entry.metadata().and_then(|m| m.modified());
            let age = modified.ok().and_then(|m| now.duration_since(m).ok());
            if ours && age.is_some_and(|age| age > KEPT_FOR) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    fn path(&self, kind: &str, key: &str) -> PathBuf {
        self.folder.join(format!("{kind}-{key}.entry"))
    }

    /// The key of what opening a file found, read in this way.
    ///
    /// Errors: as for reading the file's digest.
    pub(in crate::engine::embedded) fn opened_key(
        &self,
        file: &DataFile,
        reading: &str,
    ) -> Result<String> {
        Ok(key(&[
            &self.content(file)?,
            PROFILE_SCHEMA_VERSION,
            reading,
        ]))
    }

    /// What was kept under a key; `None` when there is nothing, or it is not what was written.
    pub(in crate::engine::embedded) fn get(&self, kind: &str, key: &str) -> Option<String> {
        let path = self.path(kind, key);
        let text = std::fs::read_to_string(&path).ok()?;
        let (head, body) = text.split_once('\n')?;
        if head != header(body) {
            return None;
        }
        // Asked for today: it is kept on.
        let touched = std::fs::File::options().append(true).open(&path);
        let _ = touched.and_then(|f| f.set_modified(SystemTime::now()));
        Some(body.to_owned())
    }

    /// Keeps a text under a key.
    ///
    /// Errors: [`Error::Io`] when it cannot be written.
    pub(in crate::engine::embedded) fn put(&self, kind: &str, key: &str, body: &str) -> Result<()> {
        let path = self.path(kind, key);
        let fail = |e| Error::io("write", &path, e);
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(fail)?;
        let text = format!("{}\n{body}", header(body));
        file.write_all(text.as_bytes()).map_err(fail)?;
        file.persist(&path).map_err(|e| fail(e.error))?;
        Ok(())
    }
}

fn header(body: &str) -> String {
    format!("{MARK} {VERSION} {}", hex(&Sha256::digest(body)))
}

/// The key of parts that together tell an entry, under this program's version.
fn key(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in [env!("CARGO_PKG_VERSION"), VERSION].iter().chain(parts) {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::{Store, key};

    #[test]
    fn an_entry_reads_back_and_a_changed_one_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let name = key(&["a", "b"]);
        assert_ne!(name, key(&["ab", ""]));
        assert_eq!(store.get("x", &name), None);
        store.put("x", &name, "one\ntwo").unwrap();
        assert_eq!(store.get("x", &name).as_deref(), Some("one\ntwo"));
        let path = store.path("x", &name);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("two", "too")).unwrap();
        assert_eq!(store.get("x", &name), None);
    }
}
