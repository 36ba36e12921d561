//! A column chunk as the page reader sees it: pieces of some megabytes, each read at its place into one buffer that is
//! used again, so that memory does not follow the size of the chunk.

use bytes::{Buf, Bytes, BytesMut};
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes that are read at once, unless the chunk or a page asks for fewer or more.
const PIECE: u64 = 2 << 20;

/// The bytes of one file up to the end of one column chunk.
pub(super) struct Window(Arc<Mutex<Piece>>);

struct Piece {
    file: File,
    /// Where the chunk ends; pages do not reach beyond, nor does the file need to be read there.
    end: u64,
    /// Place of the first byte held.
    from: u64,
    bytes: Bytes,
}

impl Window {
    /// A file, no chunk of it yet.
    pub(super) fn new(file: File) -> Self {
        Self(Arc::new(Mutex::new(Piece {
            file,
            end: 0,
            from: 0,
            bytes: Bytes::new(),
        })))
    }

    /// Turns to the chunk that ends before `end`.
    pub(super) fn turn_to(&self, end: u64) {
        self.piece().end = end;
    }

    fn piece(&self) -> MutexGuard<'_, Piece> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Piece {
    /// What is held from `at` on.
    fn held(&self, at: u64) -> Option<Bytes> {
        let skipped = usize::try_from(at.checked_sub(self.from)?).ok()?;
        (skipped < self.bytes.len()).then(|| self.bytes.slice(skipped..))
    }

    /// Exactly `length` bytes from `at` on.
    fn take(&mut self, at: u64, length: usize) -> Result<Bytes> {
        let held = self.held(at).filter(|b| b.len() >= length);
        let bytes = match held {
            Some(bytes) => bytes,
            None => self.read(at, length as u64)?,
        };
        Ok(bytes.slice(..length))
    }

    /// Reads a piece that starts at `at` and holds at least `length` bytes.
    fn read(&mut self, at: u64, length: u64) -> Result<Bytes> {
        let ends = at.checked_add(length).filter(|end| *end <= self.end);
        let left = ends.map(|_| self.end - at).ok_or_else(|| {
            let text = format!("a page of {length} bytes at {at} reaches beyond its column chunk");
            ParquetError::EOF(text)
        })?;
        let size = usize::try_from(length.max(PIECE).min(left))?;
        let used = std::mem::take(&mut self.bytes);
        let mut buffer = used.try_into_mut().unwrap_or_else(|_| BytesMut::new());
        buffer.resize(size, 0);
        self.file.seek(SeekFrom::Start(at))?;
        self.file.read_exact(&mut buffer)?;
        (self.from, self.bytes) = (at, buffer.freeze());
        Ok(self.bytes.clone())
    }
}

impl Length for Window {
    fn len(&self) -> u64 {
        self.piece().end
    }
}

impl ChunkReader for Window {
    type T = Header;

    fn get_read(&self, start: u64) -> Result<Header> {
        Ok(Header {
            piece: self.0.clone(),
            at: start,
            bytes: Bytes::new(),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.piece().take(start, length)
    }
}

/// Reads a page's header, whose length nobody states, from its start on.
pub(super) struct Header {
    piece: Arc<Mutex<Piece>>,
    at: u64,
    bytes: Bytes,
}

impl Read for Header {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.bytes.is_empty() {
            let mut piece = self.piece.lock().unwrap_or_else(PoisonError::into_inner);
            self.bytes = match piece.held(self.at) {
                Some(bytes) => bytes,
                None if self.at >= piece.end => return Ok(0),
                None => piece.read(self.at, 1).map_err(std::io::Error::other)?,
            };
        }
        let length = out.len().min(self.bytes.len());
        out[..length].copy_from_slice(&self.bytes[..length]);
        self.bytes.advance(length);
        self.at += length as u64;
        Ok(length)
    }
}
