//! One file on a server: asked for whole or in parts of one version.

use super::server::{ATTEMPTS, Server};
use super::version::{ContentRange, Version};
use crate::error::{Error, Result};
use reqwest::blocking::Response;
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, RANGE};
use reqwest::{StatusCode, Url};
use std::fmt::{Debug, Formatter};
use std::io::{Read, Write};
use std::ops::Range;
use std::sync::Arc;

/// A file on a server.
#[derive(Clone)]
pub(super) struct Object {
    server: Arc<Server>,
    url: Url,
    /// Name in messages and records; without secrets.
    pub(super) shown: String,
}

impl Debug for Object {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Why one attempt to fetch a part ended.
enum Broken {
    /// The answer stopped; it may be asked for again.
    Off(String),
    /// It is of no use to ask again.
    For(Error),
}

impl Object {
    pub(super) fn new(server: Arc<Server>, url: Url, shown: String) -> Self {
        Self { server, url, shown }
    }

    /// The end of the file's name, of plain characters only, for the name of a temporary file.
    pub(super) fn suffix(&self) -> String {
        let name = self.url.path_segments().and_then(|mut s| s.next_back());
        let plain = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
        let suffix: String = name.unwrap_or_default().chars().filter(plain).collect();
        let start = suffix.len().saturating_sub(64);
        suffix[start..].to_owned()
    }

    /// The answer to a request for the whole file, whatever its status.
    ///
    /// Errors: [`Error::Data`] when the server cannot be reached.
    pub(super) fn whole(&self) -> Result<Response> {
        self.get(&HeaderMap::new())
    }

    /// The answer to a request for the last `bytes` of the file, whatever its status.
    ///
    /// Errors: [`Error::Data`] when the server cannot be reached.
    pub(super) fn tail(&self, bytes: u64) -> Result<Response> {
        self.get(&asked(&format!("bytes=-{bytes}")))
    }

    /// Writes a part of the file's `version`. Where an answer stops, the rest is asked for again.
    ///
    /// Errors: [`Error::Data`] when the server has another version by now, sends another part, or keeps breaking off;
    /// [`Error::Io`]; [`Error::Interrupted`].
    pub(super) fn part(&self, version: &Version, range: Range<u64>, to: &mut Spool) -> Result<()> {
        let mut left = range;
        for attempt in 1.. {
            match self.attempt(version, &mut left, to) {
                Ok(()) => break,
                Err(Broken::For(error)) => return Err(error),
                Err(Broken::Off(reason)) if attempt == ATTEMPTS => return Err(self.fail(reason)),
                Err(Broken::Off(_)) => {}
            }
        }
        Ok(())
    }

    fn attempt(
        &self,
        version: &Version,
        left: &mut Range<u64>,
        to: &mut Spool,
    ) -> std::result::Result<(), Broken> {
        let mut headers = asked(&format!("bytes={}-{}", left.start, left.end - 1));
        headers.extend(version.condition().map(|(name, value)| (Some(name), value)));
        let mut answer = self.get(&headers).map_err(Broken::For)?;
        self.held(version, left, &answer).map_err(Broken::For)?;
        if answer.status() != StatusCode::PARTIAL_CONTENT {
            return Err(Broken::For(self.refused(answer)));
        }
        let mut buffer = vec![0; 1 << 16];
        while !left.is_empty() {
            crate::context::check_interrupt().map_err(Broken::For)?;
            let wanted = usize::try_from(left.end - left.start)
                .unwrap_or(usize::MAX)
                .min(buffer.len());
            let read = answer.read(&mut buffer[..wanted]);
            let read = read.map_err(|e| Broken::Off(e.to_string()))?;
            if read == 0 {
                return Err(Broken::Off(format!(
                    "the answer ends {} bytes early",
                    left.end - left.start
                )));
            }
            to.write(&buffer[..read]).map_err(Broken::For)?;
            left.start += read as u64;
        }
        Ok(())
    }

    /// Fails when an answer is about another version than the first one, or about another part than was asked for.
    fn held(&self, version: &Version, asked: &Range<u64>, answer: &Response) -> Result<()> {
        match answer.status() {
            StatusCode::PRECONDITION_FAILED | StatusCode::RANGE_NOT_SATISFIABLE => {
                Err(self.changed())
            }
            StatusCode::PARTIAL_CONTENT => {
                let Some(part) = ContentRange::of(answer.headers()) else {
                    return Err(self.fail("the server answers with a part and does not say which"));
                };
                if Version::of(answer.headers(), part.whole) != *version {
                    return Err(self.changed());
                }
                let length = answer.content_length().unwrap_or(asked.end - asked.start);
                if part.range == *asked && length == asked.end - asked.start {
                    return Ok(());
                }
                Err(self.fail(format!(
                    "the server answers with {length} bytes, {} to {}, where {} to {} were asked for",
                    part.range.start,
                    part.range.end - 1,
                    asked.start,
                    asked.end - 1
                )))
            }
            StatusCode::OK => {
                let same = Version {
                    bytes: version.bytes,
                    ..Version::of(answer.headers(), 0)
                };
                let length = answer.content_length();
                if same != *version || length.is_some_and(|l| l != version.bytes) {
                    return Err(self.changed());
                }
                Err(self.fail("the server served parts at first, and the whole file when asked for the next one"))
            }
            _ => Ok(()),
        }
    }

    fn get(&self, headers: &HeaderMap) -> Result<Response> {
        crate::context::check_interrupt()?;
        self.server
            .get(&self.url, headers)
            .map_err(|e| self.fail(e))
    }

    /// The error that an answer which is no success stands for.
    pub(super) fn refused(&self, answer: Response) -> Error {
        self.fail(self.server.refusal(answer))
    }

    fn changed(&self) -> Error {
        let reason = "it changed while tollgate was reading it; run again when its writer is done";
        Error::data("read", &self.shown, reason)
    }

    /// An error of fetching this file.
    pub(super) fn fail(&self, reason: impl std::fmt::Display) -> Error {
        Error::data("fetch", &self.shown, reason)
    }
}

/// Headers that ask for a part as it is stored.
fn asked(range: &str) -> HeaderMap {
    let range = HeaderValue::from_str(range).expect("digits");
    let identity = HeaderValue::from_static("identity");
    HeaderMap::from_iter([(RANGE, range), (ACCEPT_ENCODING, identity)])
}

/// The address without its query, user and password, which may hold a signature.
pub(super) fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // both fail only for addresses without a host, which have neither
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

/// A place in the temporary file that parts are written to.
pub(super) struct Spool<'a> {
    file: std::fs::File,
    path: &'a std::path::Path,
}

impl<'a> Spool<'a> {
    /// The file at `path`, from byte `start` on.
    ///
    /// Errors: [`Error::Io`].
    pub(super) fn at(path: &'a std::path::Path, start: u64) -> Result<Self> {
        use std::io::{Seek, SeekFrom};
        let open = || {
            let mut file = std::fs::OpenOptions::new().write(true).open(path)?;
            file.seek(SeekFrom::Start(start))?;
            Ok(file)
        };
        let file = open().map_err(|e| Error::io("write", path, e))?;
        Ok(Self { file, path })
    }

    /// Writes the next bytes.
    ///
    /// Errors: [`Error::Io`].
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let written = self.file.write_all(bytes);
        written.map_err(|e| Error::io("write", self.path, e))
    }
}
