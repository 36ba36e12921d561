//! A data page in its parts: levels, which are counted and not expanded, and the encoded values.
//!
//! Source: Apache Parquet format, `DataPageHeader` and `DataPageHeaderV2`, and Encodings.md for levels.

use super::decode::hybrid::{bit_packed_levels, count_equal, prefixed};
use super::decode::{Broken, Result};
use super::leaf::Leaf;
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::Page;

/// A data page whose levels were counted.
pub(super) struct Data {
    /// Rows that start in the page.
    pub(super) rows: u64,
    /// Nulls of the column among them.
    pub(super) nulls: u64,
    /// Values that the page holds; for what is inside lists and maps not looked at, and 0.
    pub(super) values: usize,
    /// How they are encoded.
    pub(super) encoding: Encoding,
    /// Their bytes.
    pub(super) bytes: Bytes,
}

/// The levels of a page.
enum Levels {
    Runs(Bytes),
    Packed(Bytes),
}

/// A data page cut into its parts.
struct Parts {
    entries: usize,
    encoding: Encoding,
    repetition: Option<Levels>,
    definition: Option<Levels>,
    bytes: Bytes,
    /// Nulls, where the header states them.
    nulls: Option<usize>,
}

/// A data page with its levels counted; `None` for a dictionary page.
///
/// Errors: levels that do not hold together, or other nulls than the header of the page states.
pub(super) fn data(page: &Page, leaf: &Leaf) -> Result<Option<Data>> {
    let Some(parts) = parts(page, leaf)? else {
        return Ok(None);
    };
    let entries = parts.entries;
    let count = |levels: &Option<Levels>, max: i16, level: i16| match levels {
        Some(levels) => levels.count(max, entries, level),
        None => Ok(if level == 0 { entries } else { 0 }),
    };
    let rows = count(&parts.repetition, leaf.repetition, 0)?;
    let (values, nulls) = if leaf.repetition == 0 {
        let values = count(&parts.definition, leaf.definition, leaf.definition)?;
        if parts.nulls.is_some_and(|n| n != entries - values) {
            return Err(Broken("the levels hold other nulls than the page states"));
        }
        (values, entries - values)
    } else {
        // Entries below the column's own level hold no element, so each of them is a row.
        let of_level = |level| count(&parts.definition, leaf.definition, level);
        let nulls = (0..leaf.present).map(of_level).sum::<Result<usize>>()?;
        (0, nulls)
    };
    Ok(Some(Data {
        rows: rows as u64,
        nulls: nulls as u64,
        values,
        encoding: parts.encoding,
        bytes: parts.bytes,
    }))
}

fn parts(page: &Page, leaf: &Leaf) -> Result<Option<Parts>> {
    match page {
        Page::DictionaryPage { .. } => Ok(None),
        Page::DataPage {
            buf,
            num_values,
            encoding,
            def_level_encoding,
            rep_level_encoding,
            ..
        } => {
            let entries = entries(*num_values);
            let (repetition, rest) = levels(buf, leaf.repetition, *rep_level_encoding, entries)?;
            let (definition, bytes) = levels(&rest, leaf.definition, *def_level_encoding, entries)?;
            Ok(Some(Parts {
                entries,
                encoding: *encoding,
                repetition,
                definition,
                bytes,
                nulls: None,
            }))
        }
        Page::DataPageV2 {
            buf,
            num_values,
            encoding,
            num_nulls,
            def_levels_byte_len,
            rep_levels_byte_len,
            ..
        } => {
            let mut bytes = buf.clone();
            let mut cut = |length: u32, max: i16| {
                let length = entries(length);
                if length > bytes.len() {
                    return Err(Broken("the page ends inside its levels"));
                }
                let levels = Levels::Runs(bytes.split_to(length));
                Ok((max > 0).then_some(levels))
            };
            let repetition = cut(*rep_levels_byte_len, leaf.repetition)?;
            let definition = cut(*def_levels_byte_len, leaf.definition)?;
            Ok(Some(Parts {
                entries: entries(*num_values),
                encoding: *encoding,
                repetition,
                definition,
                bytes,
                nulls: Some(entries(*num_nulls)),
            }))
        }
    }
}

/// A count that a page header states.
fn entries(stated: u32) -> usize {
    usize::try_from(stated).unwrap_or(usize::MAX)
}

/// The levels at the start of a page of the first version, and what is behind them.
fn levels(
    bytes: &Bytes,
    max: i16,
    encoding: Encoding,
    entries: usize,
) -> Result<(Option<Levels>, Bytes)> {
    if max == 0 {
        return Ok((None, bytes.clone()));
    }
    #[expect(deprecated, reason = "files of old writers have it")]
    match encoding {
        Encoding::RLE => {
            let (levels, rest) = prefixed(bytes)?;
            let levels = Levels::Runs(bytes.slice_ref(levels));
            Ok((Some(levels), bytes.slice_ref(rest)))
        }
        Encoding::BIT_PACKED => {
            let length = entries.checked_mul(usize::from(width(max)));
            let length = length.map(|bits| bits.div_ceil(8));
            let length = length.filter(|l| *l <= bytes.len());
            let length = length.ok_or(Broken("the page ends inside its levels"))?;
            let levels = Levels::Packed(bytes.slice(..length));
            Ok((Some(levels), bytes.slice(length..)))
        }
        _ => Err(Broken("levels have an encoding that levels do not have")),
    }
}

/// Bits of a level.
fn width(max: i16) -> u8 {
    u8::try_from(u16::BITS - max.unsigned_abs().leading_zeros()).unwrap_or(u8::MAX)
}

impl Levels {
    /// How many of the first `entries` are `level`.
    fn count(&self, max: i16, entries: usize, level: i16) -> Result<usize> {
        let wanted = u32::from(level.unsigned_abs());
        match self {
            Self::Runs(bytes) => count_equal(bytes, width(max), entries, wanted),
            Self::Packed(bytes) => {
                let mut levels = Vec::new();
                bit_packed_levels(bytes, width(max), entries, &mut levels)?;
                Ok(levels.iter().filter(|l| **l == wanted).count())
            }
        }
    }
}
