//! The members of a tar archive: old, ustar, GNU and pax.
//!
//! Source: POSIX `pax` interchange format and the GNU tar manual, both from memory; sizes and names as `tarfile` of
//! Python reads them.

use super::finding::Fault;
use super::part::{Parsed, Part, broken};

/// Bytes of a block.
const BLOCK: u64 = 512;

/// Members of one archive.
const MOST_MEMBERS: usize = 65_536;

/// Longest name or extended header.
const LONGEST: u64 = 1 << 20;

/// An archive.
#[derive(Debug, Default)]
pub struct Archive {
    /// Names (hostile text) and bytes of its files.
    pub members: Vec<(String, Part)>,
    /// What is refused: links.
    pub faults: Vec<(u64, Fault)>,
}

/// Whether the first block is a header: its checksum holds.
#[must_use]
pub fn is_header(block: &[u8]) -> bool {
    if block.len() < 512 || block[0] == 0 {
        return false;
    }
    let sum = |signed: bool| -> i64 {
        (0..512)
            .map(|i| match block[i] {
                _ if (148..156).contains(&i) => i64::from(b' '),
                b if signed => i64::from(b.cast_signed()),
                b => i64::from(b),
            })
            .sum()
    };
    let said = number(&block[148..156]).and_then(|n| i64::try_from(n).ok());
    said.is_some_and(|said| said == sum(false) || said == sum(true))
}

/// Reads an archive.
///
/// Errors: [`super::part::Trouble::Broken`] for a block that is no header, and a member that goes beyond the end.
pub fn read(part: &Part) -> Parsed<Archive> {
    let mut archive = Archive::default();
    let mut at = 0;
    let mut long: Option<String> = None;
    let mut size_told: Option<u64> = None;
    while at < part.len() {
        let block = part.exact(at, 512)?;
        if block.iter().all(|b| *b == 0) {
            break;
        }
        if !is_header(&block) {
            return broken(at, "a block is no header of a member");
        }
        let kind = block[156];
        let about_next = matches!(kind, b'x' | b'g' | b'L' | b'K');
        let told = if about_next { None } else { size_told.take() };
        let size = match told {
            Some(size) => size,
            None => match number(&block[124..136]) {
                Some(size) => size,
                None => return broken(at, "the size of a member is no number"),
            },
        };
        let holds = !matches!(kind, b'1'..=b'6');
        let size = if holds { size } else { 0 };
        let Some(bytes) = part.slice(at + BLOCK, size) else {
            return broken(at, "the bytes of a member are not inside");
        };
        match kind {
            b'L' | b'x' => {
                let text = extended(&bytes, at)?;
                if kind == b'L' {
                    long = Some(text.trim_end_matches('\0').to_owned());
                } else {
                    (long, size_told) = (
                        keyed(&text, "path").or(long),
                        keyed(&text, "size").and_then(|s| s.parse().ok()),
                    );
                }
            }
            b'g' | b'K' | b'5' => {}
            b'1' | b'2' => {
                let to = words(&block[157..257]);
                archive.faults.push((at, Fault::Link { to }));
            }
            b'0' | 0 | b'7' => {
                let name = long.take().unwrap_or_else(|| named(&block));
                archive.members.push((name, bytes));
            }
            other => return broken(at, format!("a member is of kind {other}, which is no file")),
        }
        if archive.members.len() > MOST_MEMBERS {
            return broken(at, format!("it has more than {MOST_MEMBERS} members"));
        }
        at = at + BLOCK + size.div_ceil(BLOCK) * BLOCK;
    }
    Ok(archive)
}

fn extended(bytes: &Part, at: u64) -> Parsed<String> {
    if bytes.len() > LONGEST {
        return broken(at, "an extended header is too long");
    }
    let found = bytes.exact(0, usize::try_from(bytes.len()).unwrap_or(0))?;
    Ok(String::from_utf8_lossy(&found).into_owned())
}

/// The last value of a key in `LENGTH KEY=VALUE` lines.
fn keyed(text: &str, key: &str) -> Option<String> {
    let mut values = text.lines().filter_map(|line| {
        let (_, pair) = line.split_once(' ')?;
        let (name, value) = pair.split_once('=')?;
        (name == key).then(|| value.to_owned())
    });
    values.next_back()
}

fn named(block: &[u8]) -> String {
    let name = words(&block[..100]);
    if &block[257..262] == b"ustar" && block[345] != 0 {
        return format!("{}/{name}", words(&block[345..500]));
    }
    name
}

fn words(field: &[u8]) -> String {
    let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

/// Octal digits, or base 256 where the first bit says so.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let mut bytes = field.iter().copied();
        let first = u64::from(bytes.next()? & 0x7f);
        return bytes.try_fold(first, |n, b| n.checked_mul(256)?.checked_add(u64::from(b)));
    }
    let text = words(field);
    let text = text.trim();
    if text.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(text, 8).ok()
}
