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

/// The parts of a data page; `None` for a dictionary page.
///
/// Errors: levels that do not hold together.
pub(super) fn data(page: &Page, leaf: &Leaf) -> Result<Option<Data>> {
    let (entries, encoding, repetition, definition, bytes) = match page {
        Page::DictionaryPage { .. } => return Ok(None),
        Page::DataPage {
            buf,
            num_values,
            encoding,
            def_level_encoding,
            rep_level_encoding,
            ..
        } => {
            let entries = entries(*num_values);
            let mut rest = buf.clone();
            let mut cut = |max: i16, encoding| {
                let (levels, left) = levels(&rest, max, encoding, entries)?;
                rest = left;
                Ok(levels)
            };
            let repetition = cut(leaf.repetition, *rep_level_encoding)?;
            let definition = cut(leaf.definition, *def_level_encoding)?;
            (entries, *encoding, repetition, definition, rest)
        }
        Page::DataPageV2 {
            buf,
            num_values,
            encoding,
            def_levels_byte_len,
            rep_levels_byte_len,
            ..
        } => {
            let lengths = [*rep_levels_byte_len, *def_levels_byte_len].map(entries);
            let short = Broken("the page ends inside its levels");
            let mut rest = buf.clone();
            if lengths[0].saturating_add(lengths[1]) > rest.len() {
                return Err(short);
            }
            let repetition = Levels::Runs(rest.split_to(lengths[0]));
            let definition = Levels::Runs(rest.split_to(lengths[1]));
            let used = |levels, max: i16| (max > 0).then_some(levels);
            let (repetition, definition) = (
                used(repetition, leaf.repetition),
                used(definition, leaf.definition),
            );
            (
                entries(*num_values),
                *encoding,
                repetition,
                definition,
                rest,
            )
        }
    };
    let count = |levels: &Option<Levels>, max: i16, level: i16| match levels {
        Some(levels) => levels.count(max, entries, level),
        None => Ok(if level == 0 { entries } else { 0 }),
    };
    let rows = count(&repetition, leaf.repetition, 0)?;
    let (values, nulls) = if leaf.repetition == 0 {
        let values = count(&definition, leaf.definition, leaf.definition)?;
        (values, entries - values)
    } else {
        // Entries below the column's own level hold no element, so each of them is a row.
        let nulls = (0..leaf.present).map(|level| count(&definition, leaf.definition, level));
        (0, nulls.sum::<Result<usize>>()?)
    };
    Ok(Some(Data {
        rows: rows as u64,
        nulls: nulls as u64,
        values,
        encoding,
        bytes,
    }))
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
