//! The members of a ZIP archive: by its central directory, checked against the headers in front of the members.
//!
//! Source: PKWARE's APPNOTE.TXT (from memory), and which of two disagreeing headers `zipfile` of Python and the
//! reader of `PyTorch` believe: the central directory. What disagrees is told.

use super::finding::Fault;
use super::part::{Parsed, Part, Trouble, broken};

/// Bytes of an end record without its comment.
const END: u64 = 22;

/// Members of one archive.
const MOST_MEMBERS: u64 = 65_536;

/// A member.
#[derive(Debug)]
pub struct Member {
    /// Its name; hostile text.
    pub name: String,
    /// Its bytes as they stand in the archive.
    pub packed: Part,
    /// How they are packed: 0 not at all, 8 deflate.
    pub method: u16,
    /// Whether it says that it is encrypted.
    pub encrypted: bool,
}

/// An archive.
#[derive(Debug, Default)]
pub struct Archive {
    /// Members in the order of the central directory, without folders.
    pub members: Vec<Member>,
    /// What can be read in two ways.
    pub faults: Vec<(u64, Fault)>,
}

/// Where the end record is, if the bytes end like an archive.
///
/// Errors: [`Trouble::Io`].
pub fn end(part: &Part) -> Parsed<Option<u64>> {
    let most = END + 65_535;
    let from = part.len().saturating_sub(most);
    let tail = part.read(from, usize::try_from(most).unwrap_or(usize::MAX))?;
    let last = tail.windows(4).rposition(|w| w == b"PK\x05\x06");
    Ok(last
        .map(|at| from + at as u64)
        .filter(|at| part.len() - at >= END))
}

/// Where the central directory is.
struct Directory {
    entries: u64,
    size: u64,
    /// Bytes in front of the archive.
    shift: u64,
    start: u64,
}

/// Reads an archive whose end record is at `end`.
///
/// Errors: [`Trouble::Broken`] where the directory or a header is not one.
pub fn read(part: &Part, end: u64) -> Parsed<Archive> {
    let mut archive = Archive::default();
    let directory = directory(part, end, &mut archive.faults)?;
    if directory.shift > 0 {
        let why = format!("{} bytes stand in front of the archive", directory.shift);
        archive.faults.push((0, Fault::Ambiguous { why }));
    }
    let mut at = directory.start;
    let mut ranges = Vec::new();
    for _ in 0..directory.entries {
        let (entry, next) = entry(part, at)?;
        if next > directory.start + directory.size {
            return broken(at, "an entry goes beyond the directory");
        }
        member(part, at, entry, directory.shift, &mut archive, &mut ranges)?;
        at = next;
    }
    ranges.sort_unstable();
    if ranges.windows(2).any(|w| w[0].1 > w[1].0) {
        let why = "members overlap".to_owned();
        archive
            .faults
            .push((directory.start, Fault::Ambiguous { why }));
    }
    Ok(archive)
}

fn directory(part: &Part, end: u64, faults: &mut Vec<(u64, Fault)>) -> Parsed<Directory> {
    let record = part.exact(end, 22)?;
    let (mut entries, mut size, mut offset) =
        (two(&record, 10), four(&record, 12), four(&record, 16));
    let mut stop = end;
    let near = end.checked_sub(20 + 56);
    let locator = end
        .checked_sub(20)
        .map(|at| part.exact(at, 20))
        .transpose()?;
    if let (Some(near), Some(locator)) = (near, locator.filter(|l| &l[..4] == b"PK\x06\x07")) {
        let large = part.exact(near, 56)?;
        if &large[..4] != b"PK\x06\x06" {
            return broken(near, "the record for large archives is missing");
        }
        let wide = (eight(&large, 32), eight(&large, 40), eight(&large, 48));
        // Readers take these whenever they are there, and find them by their place or by what the locator says.
        let agree = |small: u64, most: u64, wide: u64| small == wide || small == most;
        let same = agree(entries, 0xffff, wide.0)
            && agree(size, 0xffff_ffff, wide.1)
            && agree(offset, 0xffff_ffff, wide.2)
            && eight(&locator, 8) == near;
        if !same {
            let why = "its two end records disagree".to_owned();
            faults.push((near, Fault::Ambiguous { why }));
        }
        stop = near;
        (entries, size, offset) = wide;
    } else if entries == 0xffff || size == 0xffff_ffff || offset == 0xffff_ffff {
        return broken(end, "the record for large archives is missing");
    }
    if entries > MOST_MEMBERS {
        return broken(
            end,
            format!("it has {entries} members, and at most {MOST_MEMBERS} are read"),
        );
    }
    let start = stop.checked_sub(size);
    match start.and_then(|s| Some((s, s.checked_sub(offset)?))) {
        Some((start, shift)) => Ok(Directory {
            entries,
            size,
            shift,
            start,
        }),
        None => broken(end, "its directory is not inside"),
    }
}

/// An entry of the directory.
struct Entry {
    name: Vec<u8>,
    method: u16,
    flags: u16,
    packed: u64,
    local: u64,
}

fn entry(part: &Part, at: u64) -> Parsed<(Entry, u64)> {
    let head = part.exact(at, 46)?;
    if &head[..4] != b"PK\x01\x02" {
        return broken(at, "an entry of the directory is missing");
    }
    let (name_len, extra_len, comment) = (two(&head, 28), two(&head, 30), two(&head, 32));
    let name = part.exact(at + 46, usize::try_from(name_len).unwrap_or(0))?;
    let extra = part.exact(at + 46 + name_len, usize::try_from(extra_len).unwrap_or(0))?;
    let (packed, local) = large(&extra, four(&head, 20), four(&head, 24), four(&head, 42));
    let entry = Entry {
        name,
        method: u16::from_le_bytes([head[10], head[11]]),
        flags: u16::from_le_bytes([head[8], head[9]]),
        packed,
        local,
    };
    Ok((entry, at + 46 + name_len + extra_len + comment))
}

/// Sizes and place with the extra field for large members applied: it holds those that do not fit, in this order.
fn large(extra: &[u8], packed: u64, unpacked: u64, local: u64) -> (u64, u64) {
    let mut rest = extra;
    while let [a, b, c, d, after @ ..] = rest {
        let len = usize::from(u16::from_le_bytes([*c, *d])).min(after.len());
        if u16::from_le_bytes([*a, *b]) == 1 {
            let mut fields = after[..len].chunks_exact(8).map(|c| eight(c, 0));
            let mut of = |value: u64| {
                if value == 0xffff_ffff {
                    fields.next().unwrap_or(value)
                } else {
                    value
                }
            };
            let _ = of(unpacked);
            return (of(packed), of(local));
        }
        rest = &after[len..];
    }
    (packed, local)
}

fn member(
    part: &Part,
    at: u64,
    entry: Entry,
    shift: u64,
    archive: &mut Archive,
    ranges: &mut Vec<(u64, u64)>,
) -> Parsed<()> {
    let name = String::from_utf8_lossy(&entry.name).into_owned();
    let local = entry.local.checked_add(shift).ok_or(Trouble::Broken {
        at,
        why: "a member is not inside".to_owned(),
    })?;
    let head = part.exact(local, 30)?;
    if &head[..4] != b"PK\x03\x04" {
        return broken(local, "a member has no header");
    }
    let (name_len, extra_len) = (two(&head, 26), two(&head, 28));
    let here = part.exact(local + 30, usize::try_from(name_len).unwrap_or(0))?;
    let start = local + 30 + name_len + extra_len;
    let mut differs = |what: &str| {
        let why = format!("{what} of `{name}` differs between header and directory");
        archive.faults.push((local, Fault::Ambiguous { why }));
    };
    if here != entry.name {
        differs("the name");
    }
    if two(&head, 8) != u64::from(entry.method) {
        differs("the method");
    }
    let size = four(&head, 18);
    let later = entry.flags & 8 != 0 && size == 0;
    if size != entry.packed && size != 0xffff_ffff && !later {
        differs("the size");
    }
    let Some(packed) = part.slice(start, entry.packed) else {
        return broken(local, format!("the bytes of `{name}` are not inside"));
    };
    ranges.push((local, start + entry.packed));
    if name.ends_with('/') && entry.packed == 0 {
        return Ok(());
    }
    archive.members.push(Member {
        name,
        packed,
        method: entry.method,
        encrypted: entry.flags & 0x41 != 0 || two(&head, 6) & 0x41 != 0,
    });
    Ok(())
}

fn two(bytes: &[u8], at: usize) -> u64 {
    u64::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

fn four(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32::from_le_bytes([
        bytes[at],
        bytes[at + 1],
        bytes[at + 2],
        bytes[at + 3],
    ]))
}

fn eight(bytes: &[u8], at: usize) -> u64 {
    four(bytes, at) | (four(bytes, at + 4) << 32)
}
