//! Runs of equal numbers and of bit-packed numbers: dictionary indices, levels and booleans.
//!
//! Where only counts are needed no number is written anywhere: a run of equal numbers is one addition, numbers of one
//! bit are counted by their set bits, and narrow ones go from a register into counters.
//!
//! Source: Apache Parquet format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid" and "Bit-packed (Deprecated)".

use super::bits::{BLOCK, padded, unpack, unpack_all, unpack_block, with_width};
use super::{Broken, Result, varint};

/// Numbers that are handed out together at most.
pub const BUFFER: usize = 1024;

/// Groups of eight numbers that writers put into one bit-packed run at most: one header byte's worth.
///
/// A longer run of numbers of no bits has no byte behind it, and readers disagree about what it holds.
const GROUPS: u64 = 63;

/// Bit-packed numbers of a run from which counters of their own are worth clearing and adding up.
const WORTH_TABLES: usize = 256;

/// Part of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run<'a> {
    /// One number, again and again.
    Repeated {
        /// The number.
        value: u32,
        /// How often it stands there, at least once.
        count: usize,
    },
    /// Numbers one by one, at most [`BUFFER`] of them.
    Packed(&'a [u32]),
}

/// The same before it is unpacked.
#[derive(Clone, Copy)]
enum Span<'a> {
    Repeated { value: u32, count: usize },
    Packed { bytes: &'a [u8], count: usize },
}

/// Reads the runs of a page one after the other.
pub struct Runs<'a> {
    bytes: &'a [u8],
    width: u8,
    /// What is left of the bit-packed run that is being handed out.
    packed: (&'a [u8], usize),
}

impl<'a> Runs<'a> {
    /// Reads numbers of `width` bits.
    ///
    /// Errors: the width is more than 32.
    pub fn new(bytes: &'a [u8], width: u8) -> Result<Self> {
        if width > 32 {
            return Err(Broken("numbers of more than 32 bits in runs"));
        }
        Ok(Self {
            bytes,
            width,
            packed: (&[], 0),
        })
    }

    /// The next run of at most `left` numbers, where `left` is what the page still has to hold; `None` when that is 0.
    ///
    /// Errors: the bytes end before, a number has more bits than all have, or many numbers have no bits at all.
    pub fn next_run<'b>(
        &mut self,
        left: usize,
        buffer: &'b mut [u32; BUFFER],
    ) -> Result<Option<Run<'b>>> {
        if left == 0 {
            return Ok(None);
        }
        if self.packed.1 == 0 {
            match self.next_span(left)? {
                Span::Repeated { value, count } => return Ok(Some(Run::Repeated { value, count })),
                Span::Packed { bytes, count } => self.packed = (bytes, count),
            }
        }
        let (bytes, count) = self.packed;
        let now = count.min(left).min(BUFFER);
        let out = &mut buffer[..now];
        unpack(bytes, self.width, out);
        let behind = bytes.get(BUFFER / 8 * usize::from(self.width)..);
        self.packed = (behind.unwrap_or_default(), count - now);
        Ok(Some(Run::Packed(out)))
    }

    /// The next run, cut at `left` numbers, which are at least 1; none is empty.
    fn next_span(&mut self, left: usize) -> Result<Span<'a>> {
        loop {
            let (header, bytes) = match self.bytes {
                [header @ 0..0x80, bytes @ ..] => (u64::from(*header), bytes),
                [] => return Err(Broken("the page ends before its last number")),
                bytes => varint(bytes)?,
            };
            // Some writers fill up the page with zeros; the format has no empty run.
            if header == 0 {
                return Err(Broken("the page ends before its last number"));
            }
            let span = match header & 1 {
                0 => self.repeated(header >> 1, bytes, left)?,
                _ => self.packed(header >> 1, bytes, left)?,
            };
            if !matches!(span, Span::Packed { count: 0, .. }) {
                return Ok(span);
            }
        }
    }

    fn repeated(&mut self, count: u64, bytes: &'a [u8], left: usize) -> Result<Span<'a>> {
        let length = usize::from(self.width.div_ceil(8));
        let (number, behind) = bytes
            .split_at_checked(length)
            .ok_or(Broken("the page ends inside a run"))?;
        let mut four = [0; 4];
        four[..length].copy_from_slice(number);
        let value = u32::from_le_bytes(four);
        if u64::from(value) >> self.width != 0 {
            return Err(Broken("a repeated number has more bits than its column"));
        }
        self.bytes = behind;
        let count = clamp(count, left);
        Ok(Span::Repeated { value, count })
    }

    fn packed(&mut self, groups: u64, bytes: &'a [u8], left: usize) -> Result<Span<'a>> {
        let count = clamp(groups.saturating_mul(8), left);
        if self.width == 0 && groups > GROUPS && count as u64 > GROUPS * 8 {
            return Err(Broken(
                "many numbers of zero bits in one bit-packed run, which readers take differently",
            ));
        }
        // The last run may be without the bytes that only fill up its last group.
        let needed = count.saturating_mul(usize::from(self.width)).div_ceil(8);
        let length = clamp(groups.saturating_mul(u64::from(self.width)), bytes.len());
        if length < needed {
            return Err(Broken("the page ends inside a bit-packed run"));
        }
        let (bytes, behind) = bytes.split_at(length);
        self.bytes = behind;
        Ok(Span::Packed { bytes, count })
    }
}

fn clamp(claimed: u64, most: usize) -> usize {
    usize::try_from(claimed).unwrap_or(usize::MAX).min(most)
}

/// The width of dictionary indices, which is the first byte of a page of them, and the runs behind it.
///
/// Errors: there is no width, or it is more than 32 bits.
pub fn indices(bytes: &[u8]) -> Result<(u8, &[u8])> {
    match bytes {
        [] => Err(Broken("the page ends before the width of its indices")),
        [width @ 0..=32, runs @ ..] => Ok((*width, runs)),
        _ => Err(Broken("dictionary indices of more than 32 bits")),
    }
}

/// Runs that have their length before them as four bytes, and what is behind them: levels of a first-version page,
/// and booleans in runs.
///
/// Errors: the bytes end before the runs do.
pub fn prefixed(bytes: &[u8]) -> Result<(&[u8], &[u8])> {
    let (length, bytes) = bytes
        .split_first_chunk::<4>()
        .ok_or(Broken("the page ends before the length of its runs"))?;
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    bytes
        .split_at_checked(length)
        .ok_or(Broken("the page ends inside its runs"))
}

/// Adds to `counts[code]` how often each code stands among the first `values` of a page.
///
/// Errors: as for [`Runs::next_run`], and a code without a counter; the counters then hold anything.
pub fn count_codes(bytes: &[u8], width: u8, values: usize, counts: &mut [u64]) -> Result<()> {
    let mut runs = Runs::new(bytes, width)?;
    let mut tables = None;
    let mut left = values;
    while left > 0 {
        match runs.next_span(left)? {
            Span::Repeated { value, count } => {
                add(counts, value as usize, count as u64)?;
                left -= count;
            }
            Span::Packed { bytes, count } => {
                if width <= 2 {
                    count_bits(bytes, width, count, counts)?;
                } else if width <= 8 && count >= WORTH_TABLES {
                    let tables = tables.get_or_insert_with(|| Box::new([[0; 256]; TABLES]));
                    with_width!(width, tally(bytes, count, tables), else add(counts, 0, count as u64)?);
                } else {
                    with_width!(width, count_each(bytes, count, counts), else add(counts, 0, count as u64))?;
                }
                left -= count;
            }
        }
    }
    let Some(tables) = tables else { return Ok(()) };
    for code in 0..1_usize << width.min(8) {
        let count = tables.iter().map(|t| t[code]).sum::<u64>();
        if count > 0 {
            add(counts, code, count)?;
        }
    }
    Ok(())
}

const BEYOND: Broken = Broken("an index is beyond the end of its dictionary");

fn add(counts: &mut [u64], code: usize, count: u64) -> Result<()> {
    *counts.get_mut(code).ok_or(BEYOND)? += count;
    Ok(())
}

/// Counts codes of no, one or two bits by their set bits.
fn count_bits(bytes: &[u8], width: u8, count: usize, counts: &mut [u64]) -> Result<()> {
    let mut found = [0; 4];
    match width {
        0 => {}
        1 => found[1] = ones(bytes, count) as u64,
        _ => {
            let whole = &bytes[..count / 4];
            let (words, rest) = whole.as_chunks();
            let words = words.iter().map(|eight| u64::from_le_bytes(*eight));
            let rest = rest.iter().map(|byte| u64::from(*byte));
            for pairs in words.chain(rest) {
                let low = pairs & 0x5555_5555_5555_5555;
                let high = pairs >> 1 & 0x5555_5555_5555_5555;
                found[1] += u64::from((low & !high).count_ones());
                found[2] += u64::from((high & !low).count_ones());
                found[3] += u64::from((high & low).count_ones());
            }
            for place in 0..count % 4 {
                found[usize::from(bytes[count / 4] >> (2 * place) & 3)] += 1;
            }
        }
    }
    found[0] = count as u64 - found[1..].iter().sum::<u64>();
    for (code, count) in found.into_iter().enumerate().filter(|(_, c)| *c > 0) {
        add(counts, code, count)?;
    }
    Ok(())
}

/// Counters side by side, so that equal codes one after the other do not wait for each other.
const TABLES: usize = 4;

type Tables = [[u64; 256]; TABLES];

/// Counts codes of `W <= 8` bits, eight of which are `W` bytes and fit a register.
fn tally<const W: usize>(bytes: &[u8], count: usize, tables: &mut Tables) {
    let mask = u8::MAX >> (8 - W.min(8));
    let mut at = 0;
    let mut left = count;
    while left >= 8 {
        let Some(eight) = bytes.get(at..).and_then(|b| b.first_chunk::<8>()) else {
            break;
        };
        let packed = u64::from_le_bytes(*eight);
        for k in 0..8 {
            let [code, ..] = (packed >> (k * W)).to_le_bytes();
            tables[k % TABLES][usize::from(code & mask)] += 1;
        }
        at += W;
        left -= 8;
    }
    // What is left starts on a byte, and is less than 8 numbers or than 8 bytes, which are 64 numbers at most.
    let mut rest = [0; 64 + 8];
    let rest = &mut rest[..left.min(64 + 8)];
    unpack_all::<W>(bytes.get(at..).unwrap_or_default(), rest);
    for code in rest {
        tables[0][*code as usize & 255] += 1;
    }
}

/// Counts codes one by one.
fn count_each<const W: usize>(bytes: &[u8], count: usize, counts: &mut [u64]) -> Result<()> {
    let mut beyond = false;
    in_blocks::<W>(bytes, count, |codes| {
        for code in codes {
            match counts.get_mut(*code as usize) {
                Some(counter) => *counter += 1,
                None => beyond = true,
            }
        }
    });
    if beyond { Err(BEYOND) } else { Ok(()) }
}

/// Hands out `count` numbers of `W` bits, at most a block at a time.
#[inline]
fn in_blocks<const W: usize>(bytes: &[u8], count: usize, mut take: impl FnMut(&[u32])) {
    let mut block = [0; BLOCK];
    let mut left = count;
    let mut bytes = bytes;
    while left >= BLOCK {
        let Some((whole, behind)) = bytes.split_at_checked(4 * W) else {
            break;
        };
        unpack_block::<W>(whole, &mut block);
        take(&block);
        bytes = behind;
        left -= BLOCK;
    }
    if left > 0 {
        unpack_block::<W>(&padded(bytes)[..4 * W], &mut block);
        take(&block[..left.min(BLOCK)]);
    }
}

/// How many of the first `values` numbers are `level`.
///
/// Errors: as for [`Runs::next_run`].
pub fn count_equal(bytes: &[u8], width: u8, values: usize, level: u32) -> Result<usize> {
    let mut runs = Runs::new(bytes, width)?;
    let mut left = values;
    let mut equal = 0;
    while left > 0 {
        match runs.next_span(left)? {
            Span::Repeated { value, count } => {
                equal += if value == level { count } else { 0 };
                left -= count;
            }
            Span::Packed { bytes, count } => {
                equal += match (width, level) {
                    (0, _) => {
                        if level == 0 {
                            count
                        } else {
                            0
                        }
                    }
                    (1, 0) => count - ones(bytes, count),
                    (1, 1) => ones(bytes, count),
                    _ => with_width!(width, equal_each(bytes, count, level), else 0),
                };
                left -= count;
            }
        }
    }
    Ok(equal)
}

fn equal_each<const W: usize>(bytes: &[u8], count: usize, level: u32) -> usize {
    let mut equal = 0;
    in_blocks::<W>(bytes, count, |levels| {
        let same = levels.iter().map(|l| u32::from(*l == level)).sum::<u32>();
        equal += same as usize;
    });
    equal
}

/// How many of the first `values` numbers of one bit are 1.
///
/// Errors: as for [`Runs::next_run`].
pub fn count_ones(bytes: &[u8], values: usize) -> Result<usize> {
    count_equal(bytes, 1, values, 1)
}

/// Set bits among the first `count`, which are all there.
pub(super) fn ones(bytes: &[u8], count: usize) -> usize {
    let bytes = &bytes[..bytes.len().min(count.div_ceil(8))];
    let (whole, rest) = bytes.as_chunks::<8>();
    let mut set = 0;
    for eight in whole {
        set += u64::from_le_bytes(*eight).count_ones() as usize;
    }
    set += rest.iter().map(|b| b.count_ones() as usize).sum::<usize>();
    match (bytes.last(), count % 8) {
        (Some(last), inside @ 1..) if bytes.len() == count.div_ceil(8) => {
            set - (last >> inside).count_ones() as usize
        }
        _ => set,
    }
}

/// Appends the first `values` numbers.
///
/// Errors: as for [`Runs::next_run`].
pub fn decode_into(bytes: &[u8], width: u8, values: usize, out: &mut Vec<u32>) -> Result<()> {
    let mut runs = Runs::new(bytes, width)?;
    let mut left = values;
    while left > 0 {
        let at = out.len();
        match runs.next_span(left)? {
            Span::Repeated { value, count } => {
                out.resize(at + count, value);
                left -= count;
            }
            Span::Packed { bytes, count } => {
                out.resize(at + count, 0);
                unpack(bytes, width, &mut out[at..]);
                left -= count;
            }
        }
    }
    Ok(())
}

/// Appends `values` levels of the deprecated encoding, which has no runs and packs from the most significant bit on, and
/// gives the bytes behind them.
///
/// Errors: the width is more than 32, or the bytes end before the last level.
pub fn bit_packed_levels<'a>(
    bytes: &'a [u8],
    width: u8,
    values: usize,
    out: &mut Vec<u32>,
) -> Result<&'a [u8]> {
    if width > 32 {
        return Err(Broken("levels of more than 32 bits"));
    }
    let length = values
        .checked_mul(usize::from(width))
        .map(|bits| bits.div_ceil(8));
    let (levels, behind) = length
        .and_then(|length| bytes.split_at_checked(length))
        .ok_or(Broken("the page ends inside its levels"))?;
    out.extend((0..values).map(|i| {
        let from = i * usize::from(width);
        let bit = |b: usize| u32::from(levels[b / 8] >> (7 - b % 8) & 1);
        (from..from + usize::from(width)).fold(0, |level, b| level << 1 | bit(b))
    }));
    Ok(behind)
}
