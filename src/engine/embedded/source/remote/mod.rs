//! Files behind `http://`, `https://` and `s3://`.
//!
//! A Parquet file on a server that serves ranges and names versions is read in parts: its footer first, then the column
//! chunks that scans need, each once. Anything else is fetched whole, once, so that every scan of a run reads the same
//! bytes. Either way the bytes lie in a temporary file that is removed with the dataset.
//!
//! Source: RFC 9110, sections 13 (conditional requests) and 14 (range requests).

mod object;
mod open;
mod parts;
mod pool;
mod ranges;
mod s3;
mod server;
mod version;

pub(super) use parts::{Parts, fetch, missing};

use self::object::Object;
use self::server::Server;
use super::SourceOptions;
use super::find::Found;
use crate::error::{Error, Result};
use reqwest::Url;
use std::sync::Arc;

/// Whether a path is an address that is read.
pub(super) fn is_address(path: &str) -> bool {
    is_web(path) || s3::is_address(path)
}

/// Whether a path is an `http` or `https` address.
fn is_web(path: &str) -> bool {
    path.starts_with("http://") || path.starts_with("https://")
}

/// What an address names: one file, or what an `s3://` glob or folder holds.
///
/// Errors: [`Error::Data`] when nothing is there, the server does not answer in time or answers with anything but
/// success, or an answer stops in the middle; [`Error::Io`] when a temporary file cannot be written.
pub(super) fn find(path: &str, options: &SourceOptions) -> Result<Found> {
    if s3::is_address(path) {
        return s3::find(path, options);
    }
    let url = Url::parse(path).map_err(|e| Error::data("fetch", crate::config::shown(path), e))?;
    let shown = object::without_secrets(&url);
    let server = Server::plain().map_err(|e| Error::data("fetch", &shown, e))?;
    let object = Object::new(Arc::new(server), url, shown);
    let opened = open::opened(&object, options)?;
    let missing = || object.fail("the server answers 404 Not Found");
    Ok(Found::once(opened.ok_or_else(missing)?))
}
