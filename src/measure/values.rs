//! Value counts of a column, exact up to a stated cap; beyond it bins and a sketch.

use super::bins::{self, Bins};
use super::distinct::Distinct;
pub use super::form::{Form, Key, Zone};
use super::tally::{BLOCK, Tally};
use super::text_table::{Added, TextTable};
use std::collections::BTreeMap;

/// Distinct values of a column that are counted one by one at most; beyond, the count is an estimate.
pub const COUNT_CAP: usize = 10_000;

/// Bytes that the distinct values of a column may take together before they are no longer counted one by one.
pub const COUNT_BYTES: usize = 1 << 20;

/// Values of a column with their counts, by kind.
#[derive(Debug, Clone)]
enum Counts {
    /// Whole numbers of 64 bits by [`int_key`], and those beyond.
    Ints(Tally, BTreeMap<i128, u64>),
    /// Floats by [`bins::key`].
    Floats(Tally),
    Bytes(TextTable),
}

/// A key of 64 bits whose unsigned order is that of the numbers.
fn int_key(value: i64) -> u64 {
    value.cast_unsigned() ^ (1 << 63)
}

/// The inverse of [`int_key`].
fn key_int(key: u64) -> i64 {
    (key ^ (1 << 63)).cast_signed()
}

/// The values of a column.
///
/// Shape: every distinct value with its count, up to [`COUNT_CAP`] of them and [`COUNT_BYTES`] of bytes; beyond,
/// [`Bins`] for ordered values and [`Distinct`] for all. Which of the two it is, and everything in it, depends on the
/// values alone. Nulls and NaN: kept out by the caller.
#[derive(Debug, Clone)]
pub struct Values {
    form: Form,
    /// [`Form::divisor`], which takes time to compute.
    divisor: f64,
    kept: Kept,
}

#[derive(Debug, Clone)]
enum Kept {
    Counts(Counts),
    Many(Many),
    /// Nobody asked for values.
    Nothing,
}

/// What is kept of too many values.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Many {
    /// Counts over bins; without any for text and bytes.
    pub bins: Bins,
    /// The sketch of distinct values.
    pub distinct: Distinct,
}

impl Values {
    /// No values yet.
    #[must_use]
    pub fn new(form: Form) -> Self {
        let counts = match form {
            Form::Text | Form::Binary => Counts::Bytes(TextTable::default()),
            Form::Float => Counts::Floats(Tally::default()),
            _ => Counts::Ints(Tally::default(), BTreeMap::new()),
        };
        Self::keeping(form, Kept::Counts(counts))
    }

    /// For a column whose values nobody asked for: what is added is not kept, and nothing is known of it.
    #[must_use]
    pub fn unwanted(form: Form) -> Self {
        Self::keeping(form, Kept::Nothing)
    }

    /// Too many values, from what was saved of them.
    #[must_use]
    pub fn many(form: Form, many: Many) -> Self {
        Self::keeping(form, Kept::Many(many))
    }

    fn keeping(form: Form, kept: Kept) -> Self {
        Self {
            form,
            divisor: form.divisor(),
            kept,
        }
    }

    /// Adds one value, `count` times.
    pub fn add(&mut self, key: &Key, count: u64) {
        match key {
            Key::Int(v) => self.add_int(*v, count),
            Key::Float(v) => self.add_float(*v, count),
            Key::Text(v) => _ = self.add_bytes(v.as_bytes(), count),
            Key::Bytes(v) => _ = self.add_bytes(v, count),
        }
    }

    /// Adds whole units.
    pub fn add_int(&mut self, value: i128, count: u64) {
        let short = i64::try_from(value);
        match (&mut self.kept, short) {
            (Kept::Counts(Counts::Ints(tally, wide)), Ok(short)) => {
                tally.add(int_key(short), count);
                if tally.len() + wide.len() > COUNT_CAP {
                    self.spill();
                }
            }
            (Kept::Counts(Counts::Ints(_, wide)), Err(_)) => {
                *wide.entry(value).or_insert(0) += count;
                self.settle();
            }
            (Kept::Many(many), Ok(short)) => {
                if self.form.is_ordered() {
                    many.bins.add(short as f64 / self.divisor, count);
                }
                many.distinct.add_word(short.cast_unsigned());
            }
            (Kept::Many(many), Err(_)) => {
                if self.form.is_ordered() {
                    many.bins.add(self.form.number(&Key::Int(value)), count);
                }
                many.distinct.add(&value.to_le_bytes());
            }
            (Kept::Counts(_) | Kept::Nothing, _) => {}
        }
    }

    /// Adds at most [`BLOCK`] whole units, all of them from `least` to `greatest`.
    pub(super) fn add_int_block(&mut self, block: &[i64], least: i64, greatest: i64) {
        let mut keys = [0; BLOCK];
        let keys = &mut keys[..block.len()];
        match &mut self.kept {
            Kept::Counts(Counts::Ints(tally, _)) => {
                for (key, value) in keys.iter_mut().zip(block) {
                    *key = int_key(*value);
                }
                tally.add_block(keys, int_key(least), int_key(greatest));
                self.settle();
            }
            Kept::Counts(_) | Kept::Nothing => {}
            Kept::Many(many) => {
                if self.form.is_ordered() {
                    let divisor = self.divisor;
                    let key = |value: i64| bins::key(value as f64 / divisor);
                    for (slot, value) in keys.iter_mut().zip(block) {
                        *slot = key(*value);
                    }
                    many.bins.add_keys(keys, key(least), key(greatest));
                }
                for (key, value) in keys.iter_mut().zip(block) {
                    *key = value.cast_unsigned();
                }
                many.distinct.add_block(keys);
            }
        }
    }

    /// Adds a float that is not NaN.
    pub fn add_float(&mut self, value: f64, count: u64) {
        let value = value + 0.0;
        match &mut self.kept {
            Kept::Counts(Counts::Floats(tally)) => {
                tally.add(bins::key(value), count);
                self.settle();
            }
            Kept::Counts(_) | Kept::Nothing => {}
            Kept::Many(many) => {
                many.bins.add(value, count);
                many.distinct.add_word(value.to_bits());
            }
        }
    }

    /// Adds at most [`BLOCK`] floats, none of them NaN or -0.0, all of them from `least` to `greatest`.
    pub(super) fn add_float_block(&mut self, block: &[f64], least: f64, greatest: f64) {
        let mut keys = [0; BLOCK];
        let keys = &mut keys[..block.len()];
        for (key, value) in keys.iter_mut().zip(block) {
            *key = bins::key(*value);
        }
        match &mut self.kept {
            Kept::Counts(Counts::Floats(tally)) => {
                tally.add_block(keys, bins::key(least), bins::key(greatest));
                self.settle();
            }
            Kept::Counts(_) | Kept::Nothing => {}
            Kept::Many(many) => {
                many.bins
                    .add_keys(keys, bins::key(least), bins::key(greatest));
                for (key, value) in keys.iter_mut().zip(block) {
                    *key = value.to_bits();
                }
                many.distinct.add_block(keys);
            }
        }
    }

    /// Adds text or bytes.
    pub(super) fn add_bytes(&mut self, value: &[u8], count: u64) -> Added {
        if let Kept::Counts(Counts::Bytes(table)) = &mut self.kept {
            match table.add(value, count) {
                Some(added) => return added,
                None => self.spill(),
            }
        }
        if let Kept::Many(many) = &mut self.kept {
            many.distinct.add(value);
        }
        Added::Fresh
    }

    /// Adds a block of texts, each once; `false`, and nothing is added, while they are counted one by one.
    pub(super) fn add_text_block(&mut self, block: &[&str]) -> bool {
        let Kept::Many(many) = &mut self.kept else {
            return false;
        };
        many.distinct
            .add_all_bytes(block.iter().map(|text| text.as_bytes()));
        true
    }

    /// Gives up every single value: bins are of at least `shift` bits, and the sketch stays.
    pub(super) fn forget(&mut self, shift: u32) {
        if matches!(self.kept, Kept::Counts(_)) {
            self.spill();
        }
        if let Kept::Many(many) = &mut self.kept {
            many.bins = std::mem::take(&mut many.bins).at_shift(shift);
        }
    }

    /// Gives up counting numbers one by one when there are too many of them.
    fn settle(&mut self) {
        if self.distinct().is_some_and(|n| n > COUNT_CAP as u64) {
            self.spill();
        }
    }

    /// Gives up counting one by one.
    fn spill(&mut self) {
        let mut many = Many::default();
        if let Kept::Counts(counts) = &self.kept {
            many.take(self.form, counts);
        }
        self.kept = Kept::Many(many);
    }

    /// Adds another's values of the same form: the result is what adding all values to one would give.
    pub fn merge(&mut self, other: &Self) {
        match (&mut self.kept, &other.kept) {
            (Kept::Nothing, _) | (_, Kept::Nothing) => {}
            (Kept::Many(mine), Kept::Many(theirs)) => mine.merge(theirs),
            (Kept::Many(mine), Kept::Counts(counts)) => {
                let mut theirs = Many::default();
                theirs.take(other.form, counts);
                mine.merge(&theirs);
            }
            (Kept::Counts(_), Kept::Many(theirs)) => {
                self.spill();
                if let Kept::Many(mine) = &mut self.kept {
                    mine.merge(theirs);
                }
            }
            (Kept::Counts(mine), Kept::Counts(theirs)) => match (mine, theirs) {
                (Counts::Ints(mine, wide), Counts::Ints(theirs, beyond)) => {
                    mine.merge(theirs, 0);
                    for (value, count) in beyond {
                        *wide.entry(*value).or_insert(0) += count;
                    }
                    self.settle();
                }
                (Counts::Floats(mine), Counts::Floats(theirs)) => {
                    mine.merge(theirs, 0);
                    self.settle();
                }
                (_, Counts::Bytes(theirs)) => {
                    for (value, count) in theirs.iter() {
                        self.add_bytes(value, count);
                    }
                }
                _ => {}
            },
        }
    }

    /// Every distinct value with its count, in the order of the values; absent when there are too many, or
    /// nobody asked for them.
    #[must_use]
    pub fn listed(&self) -> Option<Vec<(Key, u64)>> {
        let Kept::Counts(counts) = &self.kept else {
            return None;
        };
        let mut list = counts.keys(self.form);
        list.sort_by(|a, b| a.0.order(&b.0));
        Some(list)
    }

    /// Number of distinct values, nulls and NaN left out; absent when there are too many to know it exactly,
    /// or nobody asked for them.
    #[must_use]
    pub fn distinct(&self) -> Option<u64> {
        let Kept::Counts(counts) = &self.kept else {
            return None;
        };
        let length = match counts {
            Counts::Ints(tally, wide) => tally.len() + wide.len(),
            Counts::Floats(tally) => tally.len(),
            Counts::Bytes(table) => table.len(),
        };
        Some(length as u64)
    }

    /// What is kept of too many values; absent when they are listed, or nobody asked for them.
    #[must_use]
    pub fn spilled(&self) -> Option<&Many> {
        match &self.kept {
            Kept::Many(many) => Some(many),
            Kept::Counts(_) | Kept::Nothing => None,
        }
    }

    /// Counts over the finest bins.
    #[must_use]
    pub fn bins(&self) -> Bins {
        match &self.kept {
            Kept::Many(many) => many.bins.clone(),
            Kept::Counts(counts) => counts.bins(self.form),
            Kept::Nothing => Bins::default(),
        }
    }
}

#[cfg(test)]
impl Values {
    /// Bytes that the values take.
    pub(super) fn heap(&self) -> usize {
        match &self.kept {
            // A node of a tree with 11 places has at least 5 entries.
            Kept::Counts(Counts::Ints(tally, wide)) => tally.heap() + 64 * wide.len(),
            Kept::Counts(Counts::Floats(tally)) => tally.heap(),
            Kept::Counts(Counts::Bytes(table)) => table.heap(),
            Kept::Many(many) => many.bins.heap() + many.distinct.registers().len(),
            Kept::Nothing => 0,
        }
    }
}

impl Many {
    /// Starts from values that were counted one by one.
    fn take(&mut self, form: Form, counts: &Counts) {
        if form.is_ordered() {
            self.bins = counts.bins(form);
        }
        match counts {
            Counts::Ints(tally, wide) => {
                let words = tally.counted().into_iter();
                self.distinct
                    .add_words(words.map(|(key, _)| key_int(key).cast_unsigned()));
                for value in wide.keys() {
                    self.distinct.add(&value.to_le_bytes());
                }
            }
            Counts::Floats(tally) => {
                let words = tally.counted().into_iter();
                self.distinct
                    .add_words(words.map(|(key, _)| bins::number(key).to_bits()));
            }
            Counts::Bytes(table) => table.iter().for_each(|(v, _)| self.distinct.add(v)),
        }
    }

    fn merge(&mut self, other: &Self) {
        self.bins.merge(&other.bins);
        self.distinct.merge(&other.distinct);
    }
}

impl Counts {
    /// Counts over the finest bins; text and bytes are all in the bin of 0.
    fn bins(&self, form: Form) -> Bins {
        match self {
            Self::Floats(tally) => Bins::of_keys(&tally.counted()),
            Self::Ints(tally, wide) if form.is_ordered() => {
                let divisor = form.divisor();
                let mut keys = tally.counted();
                for (key, _) in &mut keys {
                    *key = bins::key(key_int(*key) as f64 / divisor);
                }
                let mut bins = Bins::of_keys(&keys);
                for (value, count) in wide {
                    bins.add(form.number(&Key::Int(*value)), *count);
                }
                bins
            }
            _ => {
                let mut bins = Bins::default();
                for (key, count) in self.keys(form) {
                    bins.add(form.number(&key), count);
                }
                bins
            }
        }
    }

    /// The values with their counts, in no particular order.
    fn keys(&self, form: Form) -> Vec<(Key, u64)> {
        let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
            Ok(text) if form == Form::Text => Key::Text(text.to_owned()),
            _ => Key::Bytes(bytes.to_owned()),
        };
        let counted = |tally: &Tally, key: fn(u64) -> Key| {
            let entries = tally.counted().into_iter();
            entries.map(|(k, n)| (key(k), n)).collect::<Vec<_>>()
        };
        match self {
            Self::Ints(tally, wide) => {
                let mut keys = counted(tally, |k| Key::Int(i128::from(key_int(k))));
                keys.extend(wide.iter().map(|(v, n)| (Key::Int(*v), *n)));
                keys
            }
            Self::Floats(tally) => counted(tally, |k| Key::Float(bins::number(k))),
            Self::Bytes(table) => table.iter().map(|(v, n)| (text(v), n)).collect(),
        }
    }
}

/// The same values with the same counts, or the same summary of them.
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        let nothing = |v: &Self| matches!(v.kept, Kept::Nothing);
        self.form == other.form
            && nothing(self) == nothing(other)
            && self.spilled() == other.spilled()
            && self.listed() == other.listed()
    }
}
