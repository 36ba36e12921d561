//! Files of weights beside a model: read once, and held while it scores.

use super::Weights;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tract_onnx::data_resolver::ModelDataResolver;
use tract_onnx::tract_hir::internal::{TractResult, anyhow};

/// The bytes of files by where they lie, links followed. What is on the disk is not looked at again.
pub(super) struct Held(HashMap<PathBuf, Vec<u8>>);

impl Held {
    /// Reads files below a folder.
    ///
    /// Errors: in words, a file that cannot be read.
    pub(super) fn read(folder: &Path, files: &[PathBuf]) -> Result<(Self, Vec<Weights>), String> {
        let mut held = HashMap::new();
        let mut weights = Vec::new();
        // As tract names the folder where nothing is said.
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        for path in files {
            let fail =
                |e: std::io::Error| format!("cannot read the weights `{}`: {e}", path.display());
            let file = folder.join(path).canonicalize().map_err(fail)?;
            let bytes = std::fs::read(&file).map_err(fail)?;
            weights.push(Weights {
                path: path.clone(),
                bytes: bytes.len() as u64,
                sha256: crate::report::text::hex(&Sha256::digest(&bytes)),
            });
            held.insert(file, bytes);
        }
        Ok((Self(held), weights))
    }
}

impl ModelDataResolver for Held {
    fn read_bytes_from_path(
        &self,
        buffer: &mut Vec<u8>,
        path: &Path,
        offset: usize,
        length: Option<usize>,
    ) -> TractResult<()> {
        let bytes = self.0.get(path);
        let bytes = bytes.ok_or_else(|| anyhow!("{} was not read before", path.display()))?;
        let end = length.map_or(Some(bytes.len()), |length| offset.checked_add(length));
        let part = end.and_then(|end| bytes.get(offset..end));
        let part = part.ok_or_else(|| {
            anyhow!(
                "weights from byte {offset} on lie outside of {}, which has {} bytes",
                path.display(),
                bytes.len()
            )
        })?;
        buffer.extend_from_slice(part);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_on_the_disk_meanwhile_does_not_score() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("w.bin");
        std::fs::write(&file, b"before").unwrap();
        let (held, weights) = Held::read(folder.path(), &[PathBuf::from("w.bin")]).unwrap();
        std::fs::write(&file, b"after!").unwrap();
        let place = file.canonicalize().unwrap();
        let part = |offset, length| {
            let mut bytes = Vec::new();
            let read = held.read_bytes_from_path(&mut bytes, &place, offset, length);
            read.map(|()| bytes).map_err(|e| e.to_string())
        };
        assert_eq!(part(0, None).unwrap(), b"before");
        assert_eq!(part(2, Some(3)).unwrap(), b"for");
        for (offset, length) in [(7, None), (2, Some(5)), (2, Some(usize::MAX))] {
            let told = part(offset, length).unwrap_err();
            assert!(told.contains("which has 6 bytes"), "{told}");
        }
        let expected = Weights {
            path: PathBuf::from("w.bin"),
            bytes: 6,
            sha256: crate::report::text::hex(&Sha256::digest(b"before")),
        };
        assert_eq!(weights, [expected]);
        let told = Held::read(folder.path(), &[PathBuf::from("gone.bin")]);
        assert!(told.is_err_and(|e| e.contains("cannot read the weights `gone.bin`")));
    }
}
