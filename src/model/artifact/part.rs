//! Bytes of a file, or of a part of one, read where they are: a model of many gigabytes is never held in memory.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

/// Bytes read ahead at a time.
const AHEAD: usize = 1 << 16;

/// Why bytes could not be understood.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The operating system could not read them.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// They are not what they should be.
    #[error("at byte {at}: {why}")]
    Broken {
        /// Bytes from the start of the part.
        at: u64,
        /// What is wrong, as a fragment.
        why: String,
    },
}

/// A result whose failure says what is wrong with the bytes.
pub type Parsed<T> = std::result::Result<T, Trouble>;

/// Builds a [`Trouble::Broken`].
pub fn broken<T>(at: u64, why: impl Into<String>) -> Parsed<T> {
    Err(Trouble::Broken {
        at,
        why: why.into(),
    })
}

/// A range of bytes of a file or of memory.
#[derive(Debug, Clone)]
pub struct Part {
    source: Source,
    start: u64,
    len: u64,
}

#[derive(Debug, Clone)]
enum Source {
    File(Rc<RefCell<File>>),
    Memory(Rc<Vec<u8>>),
}

impl Part {
    /// All of a file.
    ///
    /// Errors: the operating system's, when it cannot be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        Ok(Self {
            source: Source::File(Rc::new(RefCell::new(file))),
            start: 0,
            len,
        })
    }

    /// All of some bytes.
    #[must_use]
    pub fn of(bytes: Vec<u8>) -> Self {
        let len = bytes.len() as u64;
        Self {
            source: Source::Memory(Rc::new(bytes)),
            start: 0,
            len,
        }
    }

    /// Bytes in it.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// `len` bytes from `at`; `None` when they are not all inside.
    #[must_use]
    pub fn slice(&self, at: u64, len: u64) -> Option<Self> {
        let end = at.checked_add(len)?;
        (end <= self.len).then(|| Self {
            source: self.source.clone(),
            start: self.start + at,
            len,
        })
    }

    /// All from `at`; nothing when that is beyond the end.
    #[must_use]
    pub fn from(&self, at: u64) -> Self {
        let at = at.min(self.len);
        Self {
            source: self.source.clone(),
            start: self.start + at,
            len: self.len - at,
        }
    }

    /// Up to `most` bytes from `at`: fewer only at the end.
    ///
    /// Errors: [`Trouble::Io`].
    pub fn read(&self, at: u64, most: usize) -> Parsed<Vec<u8>> {
        let left = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX);
        let wanted = left.min(most);
        let from = self.start + at.min(self.len);
        match &self.source {
            Source::Memory(bytes) => {
                let from = usize::try_from(from).unwrap_or(usize::MAX).min(bytes.len());
                let to = from.saturating_add(wanted).min(bytes.len());
                Ok(bytes[from..to].to_vec())
            }
            Source::File(file) => {
                let mut file = file.borrow_mut();
                file.seek(SeekFrom::Start(from))?;
                let mut found = Vec::new();
                let mut limited = (&mut *file).take(wanted as u64);
                limited.read_to_end(&mut found)?;
                Ok(found)
            }
        }
    }

    /// Exactly `len` bytes from `at`.
    ///
    /// Errors: [`Trouble::Broken`] when it ends before.
    pub fn exact(&self, at: u64, len: usize) -> Parsed<Vec<u8>> {
        let found = self.read(at, len)?;
        if found.len() == len {
            Ok(found)
        } else {
            broken(at, format!("it ends where {len} bytes should be"))
        }
    }

    /// A reader from the start.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor {
            part: self.clone(),
            at: 0,
            ahead: Vec::new(),
            base: 0,
        }
    }
}

/// Reads a part in order; a place in it is bytes from its start.
#[derive(Debug, Clone)]
pub struct Cursor {
    part: Part,
    at: u64,
    ahead: Vec<u8>,
    base: u64,
}

impl Cursor {
    /// Where the next byte is read.
    #[must_use]
    pub fn at(&self) -> u64 {
        self.at
    }

    /// What it reads.
    #[must_use]
    pub fn part(&self) -> &Part {
        &self.part
    }

    /// Bytes not read yet.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.part.len() - self.at
    }

    /// The next `N` bytes.
    ///
    /// Errors: [`Trouble::Broken`] when it ends before.
    pub fn array<const N: usize>(&mut self) -> Parsed<[u8; N]> {
        self.fill(N)?;
        let from = usize::try_from(self.at - self.base).unwrap_or(usize::MAX);
        match self.ahead.get(from..).and_then(|rest| rest.get(..N)) {
            Some(found) => {
                let mut bytes = [0; N];
                bytes.copy_from_slice(found);
                self.at += N as u64;
                Ok(bytes)
            }
            None => broken(self.at, "it ends too early"),
        }
    }

    /// The next byte.
    ///
    /// Errors: as for [`Cursor::array`].
    pub fn byte(&mut self) -> Parsed<u8> {
        self.array::<1>().map(|[b]| b)
    }

    /// Steps over `len` bytes and gives where they were.
    ///
    /// Errors: [`Trouble::Broken`] when it ends before.
    pub fn skip(&mut self, len: u64) -> Parsed<u64> {
        let from = self.at;
        if len > self.left() {
            return broken(
                from,
                format!("{len} bytes are said to follow, and {} do", self.left()),
            );
        }
        self.at += len;
        Ok(from)
    }

    /// Where the text up to the next newline is, and steps over the newline; at the end, the last byte stands for it.
    ///
    /// Errors: [`Trouble::Broken`] when it is longer than 4 GiB.
    pub fn line(&mut self) -> Parsed<(u64, u32)> {
        let from = self.at;
        loop {
            self.fill(1)?;
            let start = usize::try_from(self.at - self.base).unwrap_or(usize::MAX);
            let rest = self.ahead.get(start..).unwrap_or_default();
            if rest.is_empty() {
                // The reader that is written in Python takes the last byte for the newline.
                let len = (self.at - from).saturating_sub(1);
                return match u32::try_from(len) {
                    Ok(len) => Ok((from, len)),
                    Err(_) => broken(from, "a line is too long"),
                };
            }
            if let Some(len) = memchr::memchr(b'\n', rest) {
                let len = self.at + len as u64 - from;
                self.at = from + len + 1;
                return match u32::try_from(len) {
                    Ok(len) => Ok((from, len)),
                    Err(_) => broken(from, "a line is too long"),
                };
            }
            self.at += rest.len() as u64;
        }
    }

    /// Sees to it that `wanted` bytes are at hand, or all that are left.
    fn fill(&mut self, wanted: usize) -> Parsed<()> {
        let end = self.base + self.ahead.len() as u64;
        let inside = self.at >= self.base && self.at <= end;
        let enough = inside && end - self.at >= (wanted as u64).min(self.left());
        if !enough {
            self.ahead = self.part.read(self.at, AHEAD.max(wanted))?;
            self.base = self.at;
        }
        Ok(())
    }
}

impl Read for Cursor {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let found = self
            .part
            .read(self.at, into.len().min(AHEAD))
            .map_err(|t| match t {
                Trouble::Io(e) => e,
                Trouble::Broken { why, .. } => io::Error::other(why),
            })?;
        into[..found.len()].copy_from_slice(&found);
        self.at += found.len() as u64;
        Ok(found.len())
    }
}
