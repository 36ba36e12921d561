//! The values of a page, decoded into buffers that are used again and given to a profile all at once; of a dictionary,
//! each once, with how often its code comes.

use super::decode::{Broken, Result, delta, hybrid, plain, split};
use super::leaf::{Cut, Leaf, Meaning};
use crate::measure::ColumnProfile;
use parquet::basic::{Encoding, Type as Physical};
use std::cell::Cell;

/// Bytes of byte arrays that are looked at together.
const TOGETHER: usize = 1 << 16;

/// How often a value of a dictionary may come to be added again and again instead of with its count.
const FEW: u64 = 6;

const MILLIS_PER_DAY: i64 = 86_400_000;

/// Decoded values of one page, or of a dictionary.
#[derive(Default)]
struct Values {
    /// Booleans: all, and those that are true.
    truths: (u64, u64),
    ints: Vec<i64>,
    wide: Vec<i128>,
    floats: Vec<f64>,
    bytes: Vec<u8>,
    /// Where each value ends in `bytes`.
    ends: Vec<usize>,
}

impl Values {
    fn clear(&mut self) {
        self.truths = (0, 0);
        self.ints.clear();
        self.wide.clear();
        self.floats.clear();
        self.bytes.clear();
        self.ends.clear();
    }

    /// Decodes all values of a dictionary or a page, byte arrays from their plain form only.
    ///
    /// Errors: the bytes do not hold them, or an encoding that the type does not have.
    fn decode(
        &mut self,
        leaf: &Leaf,
        encoding: Encoding,
        bytes: &[u8],
        count: usize,
    ) -> Result<()> {
        self.clear();
        let (ints, floats) = (&mut self.ints, &mut self.floats);
        match (leaf.physical, encoding) {
            (Physical::BOOLEAN, Encoding::PLAIN) => {
                self.truths = (count as u64, plain::count_true(bytes, count)? as u64);
            }
            (Physical::BOOLEAN, Encoding::RLE) => {
                let (runs, _) = hybrid::prefixed(bytes)?;
                self.truths = (count as u64, hybrid::count_ones(runs, count)? as u64);
            }
            (Physical::INT32, Encoding::PLAIN) => plain::i32s_wide(bytes, count, ints)?,
            (Physical::INT32, Encoding::DELTA_BINARY_PACKED) => {
                delta::i32s_wide(bytes, count, ints)?;
            }
            (Physical::INT32, Encoding::BYTE_STREAM_SPLIT) => split::i32s_wide(bytes, count, ints)?,
            (Physical::INT64, Encoding::PLAIN) => plain::i64s(bytes, count, ints)?,
            (Physical::INT64, Encoding::DELTA_BINARY_PACKED) => {
                delta::i64s(bytes, count, ints)?;
            }
            (Physical::INT64, Encoding::BYTE_STREAM_SPLIT) => split::i64s(bytes, count, ints)?,
            (Physical::INT96, Encoding::PLAIN) if leaf.meaning.factor() == 1000 => {
                plain::int96s_of_spark(bytes, count, ints)?;
            }
            (Physical::INT96, Encoding::PLAIN) => plain::int96s(bytes, count, ints)?,
            (Physical::FLOAT, Encoding::PLAIN) => plain::f32s(bytes, count, floats)?,
            (Physical::FLOAT, Encoding::BYTE_STREAM_SPLIT) => split::f32s(bytes, count, floats)?,
            (Physical::DOUBLE, Encoding::PLAIN) => plain::f64s(bytes, count, floats)?,
            (Physical::DOUBLE, Encoding::BYTE_STREAM_SPLIT) => split::f64s(bytes, count, floats)?,
            (Physical::BYTE_ARRAY, Encoding::PLAIN) => {
                self.bytes.reserve(bytes.len());
                for value in plain::byte_arrays(bytes, count) {
                    self.push(value?);
                }
            }
            (Physical::FIXED_LEN_BYTE_ARRAY, Encoding::PLAIN) => {
                // Other layouts that old writers gave values of fixed length are left to arrow's reader.
                let fits = count.checked_mul(leaf.width) == Some(bytes.len());
                fits.then(|| self.bytes.extend_from_slice(bytes))
                    .ok_or(UNCOVERED)?;
                self.ends.extend((1..=count).map(|i| i * leaf.width));
            }
            (Physical::FIXED_LEN_BYTE_ARRAY, Encoding::BYTE_STREAM_SPLIT) => {
                split::fixed_arrays(bytes, leaf.width, count, &mut self.bytes)?;
                self.ends.extend((1..=count).map(|i| i * leaf.width));
            }
            _ => return Err(UNCOVERED),
        }
        self.read_as(leaf.meaning)
    }

    fn push(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(value);
        self.ends.push(self.bytes.len());
    }

    /// Makes of the stored values what they are to a profile.
    fn read_as(&mut self, meaning: Meaning) -> Result<()> {
        match meaning {
            Meaning::Whole(cut, _) => cut.apply(&mut self.ints),
            Meaning::Days => {
                self.ints.iter_mut().for_each(|v| *v /= MILLIS_PER_DAY);
                let fit = self.ints.iter().all(|v| i32::try_from(*v).is_ok());
                fit.then_some(())
                    .ok_or(Broken("a date is beyond 32 bits of days"))?;
            }
            Meaning::Micros => {
                let most = i64::MAX / 1000;
                let fit = self.ints.iter().all(|v| (-most..=most).contains(v));
                fit.then_some(())
                    .ok_or(Broken("a time is beyond 64 bits of nanoseconds"))?;
            }
            Meaning::Half => {
                let halves = self.bytes.as_chunks::<2>().0.iter();
                self.floats.extend(halves.map(|v| plain::float16(*v)));
            }
            Meaning::Unsigned => {
                let values = self.ints.iter().map(|v| i128::from(v.cast_unsigned()));
                self.wide.extend(values);
            }
            Meaning::Digits => self.digits()?,
            _ => {}
        }
        Ok(())
    }

    /// Decimals.
    fn digits(&mut self) -> Result<()> {
        let mut start = 0;
        for end in &self.ends {
            let bytes = &self.bytes[start..*end];
            start = *end;
            // The format knows no decimal without bytes; arrow's reader takes it for 0.
            let value = if bytes.is_empty() {
                0
            } else {
                plain::big_endian(bytes)?
            };
            self.wide.push(value);
        }
        Ok(())
    }

    /// Values that were decoded.
    fn len(&self, meaning: Meaning) -> usize {
        match meaning {
            Meaning::Float | Meaning::Half => self.floats.len(),
            Meaning::Unsigned | Meaning::Digits => self.wide.len(),
            Meaning::Text | Meaning::Bytes => self.ends.len(),
            _ => self.ints.len(),
        }
    }

    fn slices(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let value = &self.bytes[start..*end];
            start = *end;
            value
        })
    }

    /// Texts, which are looked at together: most are short. One that is cut inside a character is told by `cut`.
    fn texts<'a>(&'a self, cut: &'a Cell<bool>) -> Result<impl Iterator<Item = &'a str>> {
        let all = std::str::from_utf8(&self.bytes).map_err(|_| NO_TEXT)?;
        let mut start = 0;
        Ok(self.ends.iter().map(move |end| {
            let value = all.get(start..*end);
            start = *end;
            value.unwrap_or_else(|| {
                cut.set(true);
                ""
            })
        }))
    }

    /// Adds every value once.
    ///
    /// Errors: text that is not UTF-8.
    fn add_to(&self, column: &mut ColumnProfile, meaning: Meaning) -> Result<()> {
        match meaning {
            Meaning::Nothing | Meaning::Null => {}
            Meaning::Truth => {
                let (all, trues) = self.truths;
                for (value, count) in [(0, all - trues), (1, trues)] {
                    if count > 0 {
                        column.add_int(value, count);
                    }
                }
            }
            Meaning::Whole(..) | Meaning::Days | Meaning::Micros => {
                column.add_ints(&self.ints, meaning.factor());
            }
            Meaning::Unsigned | Meaning::Digits => column.add_wide_ints(&self.wide),
            Meaning::Float | Meaning::Half => column.add_floats(&self.floats),
            Meaning::Text => {
                let cut = Cell::new(false);
                column.add_texts(self.texts(&cut)?);
                return whole(&cut);
            }
            Meaning::Bytes => self.slices().for_each(|v| column.add_bytes(v, 1)),
        }
        Ok(())
    }

    /// Adds byte arrays and forgets them.
    fn flush(&mut self, column: &mut ColumnProfile, meaning: Meaning) -> Result<()> {
        self.read_as(meaning)?;
        self.add_to(column, meaning)?;
        self.clear();
        Ok(())
    }

    /// Adds every value that has a count as often; `some` is a buffer.
    ///
    /// Values that come a few times go as a slice, in which equal neighbours cost next to nothing.
    ///
    /// Errors: text that is not UTF-8.
    fn add_counted(
        &self,
        column: &mut ColumnProfile,
        meaning: Meaning,
        counts: &[u64],
        some: &mut Self,
    ) -> Result<()> {
        some.clear();
        match meaning {
            Meaning::Nothing | Meaning::Null | Meaning::Truth => {}
            Meaning::Whole(..) | Meaning::Days | Meaning::Micros => {
                let factor = meaning.factor();
                spread(&self.ints, counts, &mut some.ints, |value, count| {
                    column.add_int(i128::from(value) * i128::from(factor), count);
                });
                column.add_ints(&some.ints, factor);
            }
            Meaning::Unsigned | Meaning::Digits => {
                spread(&self.wide, counts, &mut some.wide, |value, count| {
                    column.add_int(value, count);
                });
                column.add_wide_ints(&some.wide);
            }
            Meaning::Float | Meaning::Half => {
                spread(&self.floats, counts, &mut some.floats, |value, count| {
                    column.add_float(value, count);
                });
                column.add_floats(&some.floats);
            }
            Meaning::Text => {
                let cut = Cell::new(false);
                let counted = || counts.iter().copied();
                let once = self.texts(&cut)?.zip(counted()).filter(|(_, n)| *n == 1);
                column.add_texts(once.map(|(text, _)| text));
                let often = self.texts(&cut)?.zip(counted()).filter(|(_, n)| *n > 1);
                often.for_each(|(text, count)| column.add_text(text, count));
                return whole(&cut);
            }
            Meaning::Bytes => {
                let counted = self.slices().zip(counts.iter().copied());
                let often = counted.filter(|(_, n)| *n > 0);
                often.for_each(|(value, count)| column.add_bytes(value, count));
            }
        }
        Ok(())
    }
}

fn whole(cut: &Cell<bool>) -> Result<()> {
    if cut.get() { Err(NO_TEXT) } else { Ok(()) }
}

/// Texts of a page in plain form whose bytes, lengths among them, are UTF-8 as a whole: none has to be moved.
///
/// Errors: the page ends before its last value, or a text is cut inside a character.
fn add_in_place(page: &str, count: usize, column: &mut ColumnProfile) -> Result<()> {
    let (mut rest, mut left) = (page, count);
    let texts = std::iter::from_fn(|| {
        let next = left.checked_sub(1)?;
        let length = usize::try_from(u32::from_le_bytes(*rest.as_bytes().first_chunk()?)).ok()?;
        let text = rest.get(4..length.checked_add(4)?)?;
        (rest, left) = (&rest[4 + length..], next);
        Some(text)
    });
    column.add_texts(texts);
    if left == 0 { Ok(()) } else { Err(NO_TEXT) }
}

/// Puts values that come a few times into a buffer as often, and hands out those that come more often.
fn spread<T: Copy>(values: &[T], counts: &[u64], out: &mut Vec<T>, mut often: impl FnMut(T, u64)) {
    for (value, count) in values.iter().zip(counts) {
        match *count {
            1 => out.push(*value),
            0..=FEW => out.extend((0..*count).map(|_| *value)),
            count => often(*value, count),
        }
    }
}

/// Adds the values of data pages to a profile.
#[derive(Default)]
pub(super) struct Pages {
    values: Values,
    lengths: Vec<i32>,
    prefixes: delta::Prefixes,
}

impl Pages {
    /// Decodes `count` values and adds each of them.
    ///
    /// Byte arrays go by some at a time: those that share their beginnings take more room than their page has.
    ///
    /// Errors: the bytes do not hold them, an encoding that the type does not have, or text that is not UTF-8.
    pub(super) fn add(
        &mut self,
        leaf: &Leaf,
        (encoding, bytes): (Encoding, &[u8]),
        count: usize,
        column: &mut ColumnProfile,
    ) -> Result<()> {
        let Self {
            values,
            lengths,
            prefixes,
        } = self;
        if !matches!(
            leaf.physical,
            Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY
        ) {
            values.decode(leaf, encoding, bytes, count)?;
            return values.add_to(column, leaf.meaning);
        }
        values.clear();
        let mut push = |value: &[u8]| {
            values.push(value);
            if values.bytes.len() < TOGETHER {
                return Ok(());
            }
            values.flush(column, leaf.meaning)
        };
        if (leaf.meaning, encoding) == (Meaning::Text, Encoding::PLAIN)
            && let Ok(page) = std::str::from_utf8(bytes)
        {
            return add_in_place(page, count, column);
        }
        match encoding {
            Encoding::PLAIN if leaf.physical == Physical::BYTE_ARRAY => {
                plain::byte_arrays(bytes, count).try_for_each(|value| push(value?))?;
            }
            Encoding::DELTA_LENGTH_BYTE_ARRAY if leaf.physical == Physical::BYTE_ARRAY => {
                delta::length_byte_arrays(bytes, count, lengths)?.try_for_each(push)?;
            }
            Encoding::DELTA_BYTE_ARRAY => {
                let fixed = leaf.physical == Physical::FIXED_LEN_BYTE_ARRAY;
                delta::byte_arrays(bytes, count, prefixes, |value| {
                    if fixed && value.len() != leaf.width {
                        return Err(UNCOVERED);
                    }
                    push(value)
                })?;
            }
            _ => {
                values.decode(leaf, encoding, bytes, count)?;
                return values.add_to(column, leaf.meaning);
            }
        }
        values.flush(column, leaf.meaning)
    }
}

/// The dictionary of a column chunk, and how often each of its codes was seen.
#[derive(Default)]
pub(super) struct Dictionary {
    values: Values,
    counts: Vec<u64>,
    some: Values,
    state: State,
}

#[derive(Default, PartialEq)]
enum State {
    #[default]
    Absent,
    Read,
}

impl Dictionary {
    /// Forgets the dictionary of the chunk before.
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.counts.clear();
        self.state = State::Absent;
    }

    /// Reads a dictionary page.
    ///
    /// Errors: as for [`Values::decode`], or the chunk has a dictionary already.
    pub(super) fn read(&mut self, leaf: &Leaf, bytes: &[u8], count: usize) -> Result<()> {
        if self.state == State::Read {
            return Err(Broken("a column chunk has two dictionaries"));
        }
        self.state = State::Read;
        self.values.decode(leaf, Encoding::PLAIN, bytes, count)?;
        self.counts.resize(self.values.len(leaf.meaning), 0);
        Ok(())
    }

    /// Counts the codes of a data page.
    ///
    /// Errors: codes without a value, or fewer of them than values.
    pub(super) fn count(&mut self, bytes: &[u8], values: usize) -> Result<()> {
        let (width, runs) = hybrid::indices(bytes)?;
        hybrid::count_codes(runs, width, values, &mut self.counts)
    }

    /// Adds the values of the chunk.
    ///
    /// Errors: text that is not UTF-8.
    pub(super) fn add_to(&mut self, column: &mut ColumnProfile, meaning: Meaning) -> Result<()> {
        let Self {
            values,
            counts,
            some,
            ..
        } = self;
        values.add_counted(column, meaning, counts, some)
    }
}

impl Cut {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the bits above do not count, as for arrow's reader"
    )]
    fn apply(self, values: &mut [i64]) {
        match self {
            Self::None => {}
            Self::I8 => each(values, |v| i64::from(v as i8)),
            Self::I16 => each(values, |v| i64::from(v as i16)),
            Self::U8 => each(values, |v| i64::from(v as u8)),
            Self::U16 => each(values, |v| i64::from(v as u16)),
            Self::U32 => each(values, |v| i64::from(v as u32)),
        }
    }
}

fn each(values: &mut [i64], cut: impl Fn(i64) -> i64) {
    for value in values {
        *value = cut(*value);
    }
}

const UNCOVERED: Broken = Broken("values are stored in a way that only arrow's reader knows");
const NO_TEXT: Broken = Broken("encountered non UTF-8 data");
