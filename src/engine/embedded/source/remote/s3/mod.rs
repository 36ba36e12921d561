//! Objects in S3 and in stores that speak its protocol: `s3://bucket/key`, a glob over keys, or a folder of keys.
//!
//! Where the store is, its region and the credentials come from the variables and files that other tools for S3 read.
//!
//! Source: Amazon S3 API reference, `GetObject` and `ListObjectsV2`; requests in virtual-hosted and in path style.

mod list;
mod refusal;

pub(super) use refusal::{Refusal, Signed};

use super::object::Object;
use super::server::Server;
use super::{open, pool};
use crate::aws::Settings;
use crate::engine::embedded::source::SourceOptions;
use crate::engine::embedded::source::find::{self, Found};
use crate::engine::embedded::source::partition::{Keys, keys};
use crate::error::{Error, Result};
use reqwest::Url;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SCHEME: &str = "s3://";

/// Whether a path is such an address.
pub(super) fn is_address(path: &str) -> bool {
    path.starts_with(SCHEME)
}

/// A bucket, and how its store is asked.
struct Bucket {
    name: String,
    root: Url,
    settings: Settings,
    server: Arc<Server>,
}

/// The objects that the address names, in the order that files of a folder would have.
///
/// Errors: [`Error::Data`] when settings are missing, nothing is there, or the store refuses.
pub(super) fn find(path: &str, options: &SourceOptions) -> Result<Found> {
    let rest = path.strip_prefix(SCHEME).unwrap_or(path);
    let (name, key) = rest.split_once('/').unwrap_or((rest, ""));
    if !plausible(name) {
        // what is no bucket may be a key and a secret before an `@`
        let reason = "a bucket's name is made of letters, digits, `.`, `-` and `_`; it is followed by `/` and a key";
        return Err(Error::data("read", "an s3:// address", reason));
    }
    let bucket = Bucket::open(name).map_err(|e| Error::data("read", path, e))?;
    if !key.is_empty() && !key.ends_with('/') && !key.contains(find::SPECIAL) {
        let object = bucket.object(key)?;
        if let Some(opened) = open::opened(&object, options)? {
            return Ok(Found::once(opened));
        }
    }
    let (root, found) = if key.contains(find::SPECIAL) {
        (find::fixed(Path::new(key)), matching(&bucket, key, path)?)
    } else {
        below(&bucket, key, path)?
    };
    if found.is_empty() {
        return Err(find::nothing(path));
    }
    bucket.opened(&root, found, options)
}

/// Keys that match a pattern, or the one that is called so.
fn matching(bucket: &Bucket, key: &str, written: &str) -> Result<Vec<PathBuf>> {
    let pattern = glob::Pattern::new(key).map_err(|e| Error::data("find", written, e))?;
    let start = key.find(find::SPECIAL).unwrap_or(key.len());
    let all = bucket.list(&key[..start], written)?;
    if all.iter().any(|k| k == key) {
        return Ok(vec![PathBuf::from(key)]);
    }
    let options = glob::MatchOptions {
        require_literal_separator: true,
        ..glob::MatchOptions::new()
    };
    let hidden_asked = find::hidden(Path::new(key));
    let matching = all.into_iter().map(PathBuf::from).filter(|k| {
        let name = k.to_string_lossy();
        pattern.matches_with(&name, options) && (hidden_asked || !find::hidden(k))
    });
    Ok(matching.collect())
}

/// Keys below a folder, without what is hidden, and the folder.
fn below(bucket: &Bucket, key: &str, written: &str) -> Result<(PathBuf, Vec<PathBuf>)> {
    let folder = match key {
        "" => String::new(),
        key => format!("{}/", key.trim_end_matches('/')),
    };
    let mut found = Vec::new();
    for key in bucket.list(&folder, written)? {
        let way = PathBuf::from(&key[folder.len()..]);
        let folders: Vec<&Path> = way
            .ancestors()
            .skip(1)
            .filter(|a| a.file_name().is_some())
            .collect();
        if folders
            .iter()
            .any(|f| f.file_name().is_some_and(|n| n == find::DELTA_LOG))
        {
            return Err(find::delta_table(
                &format!("{SCHEME}{}/{folder}", bucket.name),
                written,
            ));
        }
        let passed = folders
            .iter()
            .all(|f| !find::hidden(f) || find::is_partition(f));
        if passed && !find::hidden(&way) {
            found.push(PathBuf::from(key));
        }
    }
    Ok((PathBuf::from(folder), found))
}

/// Whether a text can be the name of a bucket.
fn plausible(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    !name.is_empty() && name.chars().all(plain) && !name.contains("..")
}

impl Bucket {
    /// Errors: the reason, when settings are missing or cannot be understood.
    fn open(name: &str) -> std::result::Result<Self, String> {
        let mut settings = Settings::of_environment("s3", None, None)?;
        let root = settings.root(name)?;
        let signer = settings.signer("s3");
        Ok(Self {
            name: name.to_owned(),
            root,
            settings,
            server: Arc::new(Server::store(signer)?),
        })
    }

    /// The object with this key.
    ///
    /// Errors: [`Error::Data`] when no address can be made for the key.
    fn object(&self, key: &str) -> Result<Object> {
        let shown = format!("{SCHEME}{}/{key}", self.name);
        let url = self.settings.object(&self.name, key);
        let url = url.map_err(|e| Error::data("read", &shown, e))?;
        Ok(Object::new(self.server.clone(), url, shown))
    }

    /// Opens objects, some at a time.
    fn opened(
        &self,
        root: &Path,
        mut found: Vec<PathBuf>,
        options: &SourceOptions,
    ) -> Result<Found> {
        found.sort();
        let key = |path: &PathBuf| path.to_string_lossy().into_owned();
        let objects = found
            .iter()
            .map(|p| self.object(&key(p)))
            .collect::<Result<Vec<_>>>()?;
        let way = |path: &PathBuf, object: &Object| -> Result<Keys> {
            let folders = path.strip_prefix(root).unwrap_or(Path::new("")).parent();
            keys(folders.unwrap_or(Path::new("")))
                .map_err(|e| Error::data("read", &object.shown, e))
        };
        let keys = found
            .iter()
            .zip(&objects)
            .map(|(p, o)| way(p, o))
            .collect::<Result<Vec<_>>>()?;
        let opened = pool::each(&objects, |object| {
            let opened = open::opened(object, options)?;
            opened.ok_or_else(|| object.fail("it was listed and is no longer there"))
        })?;
        let opened = opened.into_iter();
        let (files, spool) = opened.map(|(file, spool)| (file, Arc::new(spool))).unzip();
        Ok(Found { files, keys, spool })
    }
}
