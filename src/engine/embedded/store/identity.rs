//! Whether a file still has the content that was hashed, without reading it.

use super::{Store, key};
use crate::engine::embedded::source::{DataFile, Dataset};
use crate::error::Result;
use serde::{Deserialize, Serialize};
use std::fs::Metadata;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const KIND: &str = "file";

/// A file changed this shortly before it was hashed may have been changed again within the clock's step.
const SETTLED: Duration = Duration::from_secs(2);

/// A file as it was when it was hashed. Times in nanoseconds since 1970.
#[derive(Serialize, Deserialize, PartialEq, Eq)]
struct Seen {
    bytes: u64,
    modified: u128,
    changed: i128,
    inode: u64,
    device: u64,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    seen: Seen,
    hashed: u128,
    sha256: String,
}

impl Store {
    /// The digests of all files of a dataset, in their order; `None` for data that is no file.
    ///
    /// Errors: [`crate::error::Error::Data`] when a file cannot be read or changed, [`crate::error::Error::Io`].
    pub(super) fn contents(&self, dataset: &Dataset) -> Result<Option<Vec<String>>> {
        if dataset.is_in_memory() || dataset.is_spooled() {
            return Ok(None);
        }
        let all = dataset.files().iter().map(|file| self.content(file));
        all.collect::<Result<Vec<_>>>().map(Some)
    }

    /// The SHA-256 of a file: the kept one where the file is still the one that was hashed, else computed and kept.
    pub(super) fn content(&self, file: &DataFile) -> Result<String> {
        let location =
            std::path::absolute(&file.location).unwrap_or_else(|_| file.location.clone());
        let name = key(&[&location.to_string_lossy()]);
        let started = SystemTime::now();
        let seen = std::fs::metadata(&file.location)
            .ok()
            .and_then(|m| seen(&m));
        let kept = self.get(KIND, &name);
        let kept: Option<Entry> = kept.and_then(|text| serde_json::from_str(&text).ok());
        if let (Some(seen), Some(kept)) = (&seen, kept)
            && kept.seen == *seen
            && settled(seen, kept.hashed)
        {
            file.unchanged()?;
            return Ok(file.known_as(kept.sha256));
        }
        let sha256 = file.sha256()?;
        if let (Some(seen), Some(hashed)) = (seen, nanos(started)) {
            let entry = Entry {
                seen,
                hashed,
                sha256: sha256.clone(),
            };
            let text = serde_json::to_string(&entry).expect("numbers and a text");
            self.put(KIND, &name, &text)?;
        }
        Ok(sha256)
    }
}

/// Whether the file was at rest when it was hashed.
fn settled(seen: &Seen, hashed: u128) -> bool {
    let limit = hashed.saturating_sub(SETTLED.as_nanos());
    let changed = u128::try_from(seen.changed).unwrap_or(u128::MAX);
    seen.modified < limit && changed < limit
}

fn nanos(time: SystemTime) -> Option<u128> {
    time.duration_since(UNIX_EPOCH).ok().map(|d| d.as_nanos())
}

#[cfg(unix)]
fn seen(metadata: &Metadata) -> Option<Seen> {
    use std::os::unix::fs::MetadataExt;
    Some(Seen {
        bytes: metadata.len(),
        modified: nanos(metadata.modified().ok()?)?,
        changed: i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec()),
        inode: metadata.ino(),
        device: metadata.dev(),
    })
}

/// Other systems tell no time of change that programs cannot set: every file is hashed again.
#[cfg(not(unix))]
fn seen(_: &Metadata) -> Option<Seen> {
    None
}

#[cfg(test)]
mod tests {
    use super::{SETTLED, Seen, settled};

    #[test]
    fn a_file_changed_just_before_it_was_hashed_is_hashed_again() {
        let seen = Seen {
            bytes: 1,
            modified: 5_000_000_000,
            changed: 6_000_000_000,
            inode: 1,
            device: 1,
        };
        let rest = SETTLED.as_nanos();
        assert!(!settled(&seen, 6_000_000_000 + rest));
        assert!(settled(&seen, 6_000_000_001 + rest));
    }
}
