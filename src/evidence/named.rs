//! Keys that are named by a file or given in a variable.

use super::key::{KeyProblem, PrivateKey, PublicKey};
use crate::error::{Error, Result};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The variable that holds the key that signs, as PEM text.
pub const SIGNING_VARIABLE: &str = "TOLLGATE_SIGNING_KEY";

/// The variable that holds the keys that are trusted, as PEM text.
pub const PUBLIC_VARIABLE: &str = "TOLLGATE_PUBLIC_KEY";

/// Bytes of a file of keys: some 500 keys.
const MOST_BYTES: u64 = 1 << 16;

/// The key that signs: of a file, else of the variable's text.
///
/// Errors: [`Error::Io`] for a file that cannot be read; [`Error::Usage`] for a text that is no such key, and where there is
/// neither. No error holds a part of the text.
pub fn signing_key(file: Option<&Path>, variable: Option<&str>) -> Result<PrivateKey> {
    match (file, variable) {
        (Some(path), _) => {
            PrivateKey::from_pem(&read(path)?).map_err(|e| wrong(&path.display().to_string(), e))
        }
        (None, Some(text)) => PrivateKey::from_pem(text).map_err(|e| wrong(SIGNING_VARIABLE, e)),
        (None, None) => Err(Error::Usage(format!(
            "no key to sign with: name its file with --key, or put its PEM text into {SIGNING_VARIABLE}; `tollgate key new` \
             makes one"
        ))),
    }
}

/// The keys that are trusted: those of all files, else those of the variable's text; each once. None where nothing is said.
///
/// Errors: [`Error::Io`] for a file that cannot be read; [`Error::Usage`] for a text that holds no public key.
pub fn public_keys(files: &[PathBuf], variable: Option<&str>) -> Result<Vec<PublicKey>> {
    let mut found: Vec<PublicKey> = Vec::new();
    let mut add = |keys: Vec<PublicKey>| {
        for key in keys {
            if !found.contains(&key) {
                found.push(key);
            }
        }
    };
    for path in files {
        let keys = PublicKey::from_pem(&read(path)?);
        add(keys.map_err(|e| wrong(&path.display().to_string(), e))?);
    }
    if let (true, Some(text)) = (files.is_empty(), variable) {
        add(PublicKey::from_pem(text).map_err(|e| wrong(PUBLIC_VARIABLE, e))?);
    }
    Ok(found)
}

/// The text of a file of keys.
///
/// Errors: [`Error::Io`]; [`Error::Usage`] for a file that is no text, or too large to be one of keys.
pub fn read(path: &Path) -> Result<String> {
    let fail = |e| Error::io("read", path, e);
    let file = File::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(fail)?;
    let whole = bytes.len() as u64 <= MOST_BYTES;
    let text = String::from_utf8(bytes).ok().filter(|_| whole);
    text.ok_or_else(|| Error::Usage(format!("{} is no PEM text of keys", path.display())))
}

fn wrong(source: &str, problem: KeyProblem) -> Error {
    Error::Usage(format!("{source} {problem}"))
}
