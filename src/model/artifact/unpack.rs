//! Compressed bytes, unpacked into memory up to a limit.

use super::part::Part;
use std::io::{self, BufRead, BufReader, Read};

/// Ways in which whole files are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zlib,
    /// Without any header, as in a ZIP archive.
    Deflate,
    Lz4,
    Zstd,
}

impl Packing {
    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Deflate => "deflate",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

/// What came out.
pub(super) struct Unpacked {
    pub(super) bytes: Vec<u8>,
    /// Why it ended before its end; what was unpacked until then counts.
    pub(super) trouble: Option<String>,
    /// Whether there was more than the limit.
    pub(super) more: bool,
}

/// What the first bytes say.
pub(super) fn told_by(head: &[u8]) -> Option<Packing> {
    match head {
        [0x1f, 0x8b, ..] => Some(Packing::Gzip),
        [0x04, 0x22, 0x4d, 0x18, ..] => Some(Packing::Lz4),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packing::Zstd),
        // Windows of 32 KiB: joblib knows a file of zlib by this byte alone.
        [0x78, b, ..] if (0x7800 + u16::from(*b)) % 31 == 0 && b & 0x20 == 0 => Some(Packing::Zlib),
        _ => None,
    }
}

/// Ways that are known and not looked into.
pub(super) fn sealed_by(head: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 6] = [
        (b"BZh", "packed with bzip2"),
        (b"\xfd7zXZ\0", "packed with xz"),
        (b"\x5d\0", "packed with lzma"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"ZF0x", "packed by joblib before 0.10"),
    ];
    known
        .iter()
        .find(|(magic, _)| head.starts_with(magic))
        .map(|(_, by)| *by)
}

/// Unpacks all streams that follow each other, as Python's readers do, up to `limit` bytes.
pub(super) fn unpack(part: &Part, packing: Packing, limit: u64) -> Unpacked {
    let mut found = Unpacked {
        bytes: Vec::new(),
        trouble: None,
        more: false,
    };
    let mut source = BufReader::with_capacity(1 << 16, part.cursor());
    loop {
        let left = (limit + 1).saturating_sub(found.bytes.len() as u64);
        let done = stream(&mut source, packing, left, &mut found.bytes);
        if found.bytes.len() as u64 > limit {
            found.more = true;
            return found;
        }
        if let Err(e) = done {
            found.trouble = Some(e.to_string());
            return found;
        }
        match source.fill_buf() {
            Ok([]) => return found,
            Ok(_) if packing == Packing::Deflate => {
                found.trouble = Some("bytes follow the end of what is packed".to_owned());
                return found;
            }
            Ok(_) => {}
            Err(e) => {
                found.trouble = Some(e.to_string());
                return found;
            }
        }
    }
}

/// One stream.
fn stream(
    source: &mut BufReader<super::part::Cursor>,
    packing: Packing,
    left: u64,
    into: &mut Vec<u8>,
) -> io::Result<()> {
    match packing {
        Packing::Gzip => flate2::bufread::GzDecoder::new(source)
            .take(left)
            .read_to_end(into),
        Packing::Zlib => flate2::bufread::ZlibDecoder::new(source)
            .take(left)
            .read_to_end(into),
        Packing::Deflate => flate2::bufread::DeflateDecoder::new(source)
            .take(left)
            .read_to_end(into),
        Packing::Lz4 => lz4_flex::frame::FrameDecoder::new(source)
            .take(left)
            .read_to_end(into),
        Packing::Zstd => zstd::stream::read::Decoder::with_buffer(source)?
            .single_frame()
            .take(left)
            .read_to_end(into),
    }
    .map(|_| ())
}
