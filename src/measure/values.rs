//! Value counts of a column, exact up to a stated cap; beyond it bins and a sketch.

use super::bins::Bins;
use super::distinct::Distinct;
use crate::scalar::{Integer, Scalar};
use crate::types::LogicalType;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Distinct values of a column that are counted one by one at most; beyond, the count is an estimate.
pub const COUNT_CAP: usize = 10_000;

/// Bytes that the distinct values of a column may take together before they are no longer counted one by one.
pub const COUNT_BYTES: usize = 1 << 20;

/// How the values of a column are kept: what of them is compared, counted and summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// false 0, true 1.
    Boolean,
    /// Whole numbers.
    Integer,
    /// Digits without the point; the scale.
    Decimal(i8),
    /// Floating point of any width, as 64 bits.
    Float,
    /// Days since 1970-01-01.
    Date,
    /// Nanoseconds since midnight.
    Time,
    /// Nanoseconds since 1970-01-01T00:00:00; whether in UTC.
    Timestamp(Zone),
    /// Nanoseconds.
    Duration,
    /// UTF-8 text.
    Text,
    /// Bytes.
    Binary,
    /// Nothing but nulls is counted.
    None,
}

/// Whether a timestamp is an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// An instant, in UTC.
    Utc,
    /// A local time.
    Local,
}

impl Form {
    /// The form of a logical type.
    #[must_use]
    pub fn of(dtype: &LogicalType) -> Self {
        match dtype {
            LogicalType::Boolean => Self::Boolean,
            LogicalType::Int(_) | LogicalType::UInt(_) => Self::Integer,
            LogicalType::Float(_) => Self::Float,
            LogicalType::Decimal(_, scale) => Self::Decimal(*scale),
            LogicalType::String => Self::Text,
            LogicalType::Binary => Self::Binary,
            LogicalType::Date => Self::Date,
            LogicalType::Time => Self::Time,
            LogicalType::Timestamp { utc: true } => Self::Timestamp(Zone::Utc),
            LogicalType::Timestamp { utc: false } => Self::Timestamp(Zone::Local),
            LogicalType::Duration => Self::Duration,
            _ => Self::None,
        }
    }

    /// Whether sums and moments make sense.
    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal(_) | Self::Float)
    }

    /// Whether values have an order that bins can follow.
    #[must_use]
    pub fn is_ordered(self) -> bool {
        !matches!(self, Self::Text | Self::Binary | Self::Boolean | Self::None)
    }

    /// Digits after the point of a decimal, else 0.
    #[must_use]
    pub fn scale(self) -> i8 {
        match self {
            Self::Decimal(scale) => scale,
            _ => 0,
        }
    }

    /// The value that a key stands for.
    #[must_use]
    pub fn scalar(self, key: &Key) -> Scalar {
        let day = |v: i128| i64::try_from(v).unwrap_or(i64::MAX);
        match (self, key) {
            (_, Key::Text(v)) => Scalar::Text(v.clone()),
            (_, Key::Bytes(v)) => Scalar::Binary(v.clone()),
            (_, Key::Float(v)) => Scalar::Float(*v),
            (Self::Boolean, Key::Int(v)) => Scalar::Bool(*v != 0),
            (Self::Decimal(scale), Key::Int(v)) => Scalar::Decimal {
                unscaled: Integer(*v),
                scale,
            },
            (Self::Date, Key::Int(v)) => Scalar::Date(day(*v)),
            (Self::Time, Key::Int(v)) => Scalar::Time(day(*v)),
            (Self::Timestamp(zone), Key::Int(v)) => Scalar::Timestamp {
                nanos: Integer(*v),
                utc: zone == Zone::Utc,
            },
            (Self::Duration, Key::Int(v)) => Scalar::Duration(Integer(*v)),
            (_, Key::Int(v)) => Scalar::Int(Integer(*v)),
        }
    }

    /// The key as a number for bins and pictures; 0 for text and bytes.
    #[must_use]
    pub fn number(self, key: &Key) -> f64 {
        self.scalar(key).number().unwrap_or(0.0)
    }
}

/// One value in the form of its column.
#[derive(Debug, Clone, PartialEq)]
pub enum Key {
    /// Whole number, or what is counted in whole units: 0 and 1 for booleans, digits, days, nanoseconds.
    Int(i128),
    /// Float, not NaN; both zeros are `0.0`.
    Float(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Key {
    /// Order within one variant.
    #[must_use]
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            _ => std::cmp::Ordering::Equal,
        }
    }
}

type Map<K> = HashMap<K, u64, FixedState>;

/// Values of a column with their counts, by kind.
#[derive(Debug, Clone, PartialEq)]
enum Counts {
    Ints(Map<i128>),
    Floats(Map<u64>),
    Bytes(Map<Box<[u8]>>),
}

/// The values of a column.
///
/// Shape: every distinct value with its count, up to [`COUNT_CAP`] of them and [`COUNT_BYTES`] of bytes; beyond,
/// [`Bins`] for ordered values and [`Distinct`] for all. Which of the two it is, and everything in it, depends on the
/// values alone. Nulls and NaN: kept out by the caller.
#[derive(Debug, Clone)]
pub struct Values {
    form: Form,
    counts: Option<Counts>,
    bytes: usize,
    many: Option<Many>,
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
            Form::Text | Form::Binary => Counts::Bytes(Map::default()),
            Form::Float => Counts::Floats(Map::default()),
            _ => Counts::Ints(Map::default()),
        };
        Self {
            form,
            counts: Some(counts),
            bytes: 0,
            many: None,
        }
    }

    /// Too many values, from what was saved of them.
    #[must_use]
    pub fn many(form: Form, many: Many) -> Self {
        Self {
            many: Some(many),
            counts: None,
            ..Self::new(form)
        }
    }

    /// Adds one value, `count` times.
    pub fn add(&mut self, key: &Key, count: u64) {
        match key {
            Key::Int(v) => self.add_int(*v, count),
            Key::Float(v) => self.add_float(*v, count),
            Key::Text(v) => self.add_bytes(v.as_bytes(), count),
            Key::Bytes(v) => self.add_bytes(v, count),
        }
    }

    /// Adds whole units.
    pub fn add_int(&mut self, value: i128, count: u64) {
        if let Some(Counts::Ints(map)) = &mut self.counts {
            if bump(map, value, count, &mut self.bytes, 16) {
                return;
            }
            self.spill();
        }
        self.add_many(&Key::Int(value), count);
    }

    /// Adds a float that is not NaN.
    pub fn add_float(&mut self, value: f64, count: u64) {
        let value = value + 0.0;
        if let Some(Counts::Floats(map)) = &mut self.counts {
            if bump(map, value.to_bits(), count, &mut self.bytes, 8) {
                return;
            }
            self.spill();
        }
        self.add_many(&Key::Float(value), count);
    }

    /// Adds text or bytes.
    pub fn add_bytes(&mut self, value: &[u8], count: u64) {
        if let Some(Counts::Bytes(map)) = &mut self.counts {
            if let Some(seen) = map.get_mut(value) {
                *seen += count;
                return;
            }
            if map.len() < COUNT_CAP && self.bytes + value.len() <= COUNT_BYTES {
                self.bytes += value.len();
                map.insert(value.into(), count);
                return;
            }
            self.spill();
        }
        if let Some(many) = &mut self.many {
            many.distinct.add(value);
        }
    }

    fn add_many(&mut self, key: &Key, count: u64) {
        let Some(many) = &mut self.many else { return };
        if self.form.is_ordered() {
            many.bins.add(self.form.number(key), count);
        }
        match key {
            Key::Int(v) => match i64::try_from(*v) {
                Ok(short) => many.distinct.add(&short.to_le_bytes()),
                Err(_) => many.distinct.add(&v.to_le_bytes()),
            },
            Key::Float(v) => many.distinct.add(&v.to_bits().to_le_bytes()),
            Key::Text(v) => many.distinct.add(v.as_bytes()),
            Key::Bytes(v) => many.distinct.add(v),
        }
    }

    /// Gives up counting one by one.
    fn spill(&mut self) {
        self.many = Some(Many::default());
        if let Some(counts) = self.counts.take() {
            for (key, count) in keys(self.form, counts) {
                self.add_many(&key, count);
            }
        }
    }

    /// Adds another's values of the same form: the result is what adding all values to one would give.
    pub fn merge(&mut self, other: &Self) {
        match (&other.counts, &other.many) {
            (Some(counts), _) => {
                for (key, count) in keys(other.form, counts.clone()) {
                    self.add(&key, count);
                }
            }
            (None, Some(theirs)) => {
                if self.many.is_none() {
                    self.spill();
                }
                if let Some(mine) = &mut self.many {
                    mine.bins.merge(&theirs.bins);
                    mine.distinct.merge(&theirs.distinct);
                }
            }
            (None, None) => {}
        }
    }

    /// Every distinct value with its count, in the order of the values; absent when there are too many.
    #[must_use]
    pub fn listed(&self) -> Option<Vec<(Key, u64)>> {
        let mut list = keys(self.form, self.counts.clone()?);
        list.sort_by(|a, b| a.0.order(&b.0));
        Some(list)
    }

    /// Number of distinct values, nulls and NaN left out; absent when there are too many to know it exactly.
    #[must_use]
    pub fn distinct(&self) -> Option<u64> {
        let length = match self.counts.as_ref()? {
            Counts::Ints(map) => map.len(),
            Counts::Floats(map) => map.len(),
            Counts::Bytes(map) => map.len(),
        };
        Some(length as u64)
    }

    /// What is kept of too many values; absent when they are listed.
    #[must_use]
    pub fn spilled(&self) -> Option<&Many> {
        self.many.as_ref()
    }

    /// Counts over the finest bins.
    #[must_use]
    pub fn bins(&self) -> Bins {
        match (&self.many, &self.counts) {
            (Some(many), _) => many.bins.clone(),
            (None, Some(counts)) => {
                let mut bins = Bins::default();
                for (key, count) in keys(self.form, counts.clone()) {
                    bins.add(self.form.number(&key), count);
                }
                bins
            }
            (None, None) => Bins::default(),
        }
    }
}

/// Counts one more of a fixed-width value; `false` when it is new and there is no room.
fn bump<K: std::hash::Hash + Eq>(
    map: &mut Map<K>,
    value: K,
    count: u64,
    bytes: &mut usize,
    width: usize,
) -> bool {
    if let Some(seen) = map.get_mut(&value) {
        *seen += count;
        return true;
    }
    let room = map.len() < COUNT_CAP;
    if room {
        *bytes += width;
        map.insert(value, count);
    }
    room
}

fn keys(form: Form, counts: Counts) -> Vec<(Key, u64)> {
    let text = |bytes: Box<[u8]>| match String::from_utf8(bytes.into_vec()) {
        Ok(text) if form == Form::Text => Key::Text(text),
        Ok(text) => Key::Bytes(text.into_bytes()),
        Err(error) => Key::Bytes(error.into_bytes()),
    };
    match counts {
        Counts::Ints(map) => map.into_iter().map(|(v, n)| (Key::Int(v), n)).collect(),
        Counts::Floats(map) => map
            .into_iter()
            .map(|(v, n)| (Key::Float(f64::from_bits(v)), n))
            .collect(),
        Counts::Bytes(map) => map.into_iter().map(|(v, n)| (text(v), n)).collect(),
    }
}

/// The same values with the same counts, or the same summary of them.
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.form == other.form && self.counts == other.counts && self.many == other.many
    }
}
