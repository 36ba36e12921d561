//! Cells of text: which type a column of them has, and their values once the type is known.

use super::digits::{self, Piece, Zone};
use crate::types::{LogicalType, TypePattern};
use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder,
    NullArray, StringBuilder, Time64NanosecondBuilder, TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, TimeUnit};
use std::sync::Arc;

/// The type of a column of texts, found by looking at every cell.
///
/// A column gets the first of boolean, int64, float64, date, timestamp, string that all its non-null cells are; digits
/// with a leading zero are text. A type that the contract declares wins where every cell can be read so. A column
/// without a non-null cell has its declared type, or null.
#[derive(Clone)]
pub(super) struct Guess {
    natural: Natural,
    declared: Option<DataType>,
    fits: bool,
    wants_float: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Natural {
    Null,
    Boolean,
    Integer,
    Float,
    Date,
    Zoned,
    Local,
    Text,
}

impl Guess {
    /// Before any cell; `declared` is the contract's type.
    pub(super) fn new(declared: Option<&TypePattern>) -> Self {
        Self {
            natural: Natural::Null,
            declared: declared.and_then(arrow_type),
            fits: true,
            wants_float: matches!(declared, Some(TypePattern::Float)),
        }
    }

    /// Looks at one non-null cell.
    pub(super) fn update(&mut self, text: &str) {
        if let Some(to) = &self.declared
            && self.fits
        {
            self.fits = *to == DataType::Utf8 || read(to, text).is_some();
        }
        if self.natural != Natural::Text {
            self.natural = widened(self.natural, text);
        }
    }

    /// Looks at a number with a fraction that is no text: only a declared float can hold it.
    pub(super) fn update_float(&mut self) {
        let float = matches!(self.declared, Some(DataType::Float32 | DataType::Float64));
        self.fits = self.fits && float;
    }

    /// Looks at a value that no declared type can be read from.
    pub(super) fn update_other(&mut self) {
        self.fits = false;
    }

    /// Adds what another has seen of the same column; which of the two saw a cell does not matter.
    pub(super) fn merge(&mut self, other: &Self) {
        self.fits = self.fits && other.fits;
        self.natural = joined(self.natural, other.natural);
    }

    /// The declared type, when every cell seen can be read as it.
    pub(super) fn declared(&self) -> Option<&DataType> {
        self.declared.as_ref().filter(|_| self.fits)
    }

    /// The type that every cell seen can be read as.
    pub(super) fn dtype(&self) -> DataType {
        match (&self.declared, self.natural) {
            (Some(declared), _) if self.fits => declared.clone(),
            (_, Natural::Null) => DataType::Null,
            (_, Natural::Boolean) => DataType::Boolean,
            (_, Natural::Integer) if !self.wants_float => DataType::Int64,
            (_, Natural::Integer | Natural::Float) => DataType::Float64,
            (_, Natural::Date) => DataType::Date32,
            (_, Natural::Zoned) => utc(),
            (_, Natural::Local) => DataType::Timestamp(TimeUnit::Microsecond, None),
            (_, Natural::Text) => DataType::Utf8,
        }
    }
}

fn widened(seen: Natural, text: &str) -> Natural {
    let now = match seen {
        // a number that is no integer may still be a float, so an integer is looked for first
        Natural::Float if natural_float(text) => return Natural::Float,
        Natural::Integer if natural_integer(text) => return Natural::Integer,
        _ => natural(text),
    };
    joined(seen, now)
}

/// The least type that holds the values of both.
fn joined(a: Natural, b: Natural) -> Natural {
    match (a, b) {
        (Natural::Null, other) | (other, Natural::Null) => other,
        (Natural::Integer, Natural::Float) | (Natural::Float, Natural::Integer) => Natural::Float,
        (a, b) if a == b => a,
        _ => Natural::Text,
    }
}

fn natural(text: &str) -> Natural {
    match text {
        "true" | "false" => Natural::Boolean,
        _ if natural_integer(text) => Natural::Integer,
        _ if natural_float(text) => Natural::Float,
        _ if day(text).is_some() => Natural::Date,
        _ if zoned(text).is_some() => Natural::Zoned,
        _ if local(text).is_some() => Natural::Local,
        _ => Natural::Text,
    }
}

fn plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    !leading_zero && digits.starts_with(|c: char| c.is_ascii_digit())
}

fn piece(text: &str) -> Piece<'_> {
    Piece::new(text.as_bytes(), text.len())
}

fn natural_integer(text: &str) -> bool {
    digits::integer(piece(text)).is_some() || (plain_number(text) && text.parse::<i64>().is_ok())
}

fn natural_float(text: &str) -> bool {
    digits::decimal(piece(text)).is_some()
        || ["NaN", "nan", "inf", "-inf", "Infinity", "-Infinity"].contains(&text)
        || (plain_number(text) && float(text).is_some())
}

/// The number, unless it is written in digits but too large for a double.
fn float(text: &str) -> Option<f64> {
    if let Some(value) = digits::decimal(piece(text)) {
        return Some(value);
    }
    let value: f64 = text.parse().ok()?;
    let in_digits = text.bytes().any(|b| b.is_ascii_digit());
    (value.is_finite() || !in_digits).then_some(value)
}

fn day(text: &str) -> Option<i32> {
    if let Some(day) = digits::day(piece(text)) {
        return Some(day);
    }
    let day: chrono::NaiveDate = (text.len() == 10).then(|| text.parse().ok())??;
    let days = day.signed_duration_since(chrono::NaiveDate::default());
    i32::try_from(days.num_days()).ok()
}

/// Microseconds of an instant with an offset; finer digits are left out.
fn zoned(text: &str) -> Option<i64> {
    if let Some(ticks) = digits::moment(piece(text), Zone::Utc) {
        return Some(ticks);
    }
    let time = chrono::DateTime::parse_from_rfc3339(text).ok()?;
    Some(time.timestamp_micros())
}

/// Microseconds of a date and time without an offset; finer digits are left out.
fn local(text: &str) -> Option<i64> {
    if let Some(ticks) = digits::moment(piece(text), Zone::None) {
        return Some(ticks);
    }
    let starts_like_one = text.as_bytes().first().is_some_and(u8::is_ascii_digit);
    let time: chrono::NaiveDateTime = starts_like_one
        .then(|| text.replacen(' ', "T", 1).parse().ok())
        .flatten()?;
    Some(time.and_utc().timestamp_micros())
}

fn time(text: &str) -> Option<i64> {
    let time: chrono::NaiveTime = text.parse().ok()?;
    (time - chrono::NaiveTime::MIN).num_nanoseconds()
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "1" => Some(true),
        "false" | "False" | "FALSE" | "0" => Some(false),
        _ => None,
    }
}

/// A whole number, also when it is written with a fraction of zeros.
fn whole(text: &str) -> Option<i128> {
    let digits = match text.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|b| b == b'0') => whole,
        _ => text,
    };
    digits.parse().ok()
}

/// Digits of a decimal with `scale` places; `None` when it has more places or more than `precision` digits.
fn decimal(text: &str, precision: u8, scale: i8) -> Option<i128> {
    let places = usize::try_from(scale).ok()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = whole.trim_start_matches(['-', '+']);
    let plain = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let sign = whole.len() - digits.len() <= 1;
    if fraction.len() > places || digits.is_empty() || !plain(digits) || !plain(fraction) || !sign {
        return None;
    }
    let unscaled: i128 = format!("{whole}{fraction:0<places$}").parse().ok()?;
    let length = unscaled.unsigned_abs().to_string().len();
    (length <= usize::from(precision)).then_some(unscaled)
}

/// A cell that was read.
pub(super) enum Value {
    Boolean(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Decimal(i128),
    Day(i32),
    Ticks(i64),
}

/// Why a column has its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// The contract declares it.
    Declared,
    /// Cells look like it: no other spelling counts, since another type might come first for it.
    Natural,
}

/// The cell as a value of a type that [`Guess::dtype`] gave for that reason; `None` when it is not one.
pub(super) fn read_for(reason: Reason, to: &DataType, text: &str) -> Option<Value> {
    let natural = match to {
        _ if reason == Reason::Declared => true,
        DataType::Boolean => text == "true" || text == "false",
        DataType::Int64 => plain_number(text),
        DataType::Float64 => natural_float(text),
        DataType::Timestamp(_, None) => return local(text).map(Value::Ticks),
        _ => true,
    };
    natural.then(|| read(to, text)).flatten()
}

/// The cell as a value of the type; `None` when it is not one.
fn read(to: &DataType, text: &str) -> Option<Value> {
    let signed = |bits: u32| {
        let half = 1_i128 << (bits - 1);
        let fits = whole(text).filter(|v| (-half..half).contains(v))?;
        i64::try_from(fits).ok().map(Value::Int)
    };
    let unsigned = |bits: u32| {
        let fits = whole(text).filter(|v| (0..1_i128 << bits).contains(v))?;
        u64::try_from(fits).ok().map(Value::UInt)
    };
    match to {
        DataType::Boolean => boolean(text).map(Value::Boolean),
        DataType::Int8 => signed(8),
        DataType::Int16 => signed(16),
        DataType::Int32 => signed(32),
        DataType::Int64 => match digits::integer(piece(text)).or_else(|| text.parse().ok()) {
            Some(v) => Some(Value::Int(v)),
            None => signed(64),
        },
        DataType::UInt8 => unsigned(8),
        DataType::UInt16 => unsigned(16),
        DataType::UInt32 => unsigned(32),
        DataType::UInt64 => unsigned(64),
        DataType::Float32 | DataType::Float64 => float(text).map(Value::Float),
        DataType::Decimal128(p, s) => decimal(text, *p, *s).map(Value::Decimal),
        DataType::Date32 => day(text).map(Value::Day),
        DataType::Time64(_) => time(text).map(Value::Ticks),
        DataType::Timestamp(_, Some(_)) => zoned(text).map(Value::Ticks),
        DataType::Timestamp(_, None) => local(text)
            .or_else(|| day(text).map(|d| i64::from(d) * 86_400_000_000))
            .map(Value::Ticks),
        _ => None,
    }
}

/// Values of one column of a batch, as they are read.
pub(super) struct Cells {
    dtype: DataType,
    values: Values,
}

enum Values {
    Null(usize),
    Boolean(BooleanBuilder),
    Int(Int64Builder),
    UInt(UInt64Builder),
    Float(Float64Builder),
    Decimal(Decimal128Builder),
    Day(Date32Builder),
    Time(Time64NanosecondBuilder),
    Instant(TimestampMicrosecondBuilder),
    Text(StringBuilder),
}

impl Cells {
    /// No value yet, of a type that [`Guess::dtype`] gives.
    pub(super) fn new(dtype: &DataType) -> Self {
        let values = match dtype {
            DataType::Null => Values::Null(0),
            DataType::Boolean => Values::Boolean(BooleanBuilder::new()),
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => {
                Values::Int(Int64Builder::new())
            }
            DataType::UInt8 | DataType::UInt16 | DataType::UInt32 | DataType::UInt64 => {
                Values::UInt(UInt64Builder::new())
            }
            DataType::Float32 | DataType::Float64 => Values::Float(Float64Builder::new()),
            DataType::Decimal128(..) => {
                let builder = Decimal128Builder::new();
                Values::Decimal(builder.with_data_type(dtype.clone()))
            }
            DataType::Date32 => Values::Day(Date32Builder::new()),
            DataType::Time64(_) => Values::Time(Time64NanosecondBuilder::new()),
            DataType::Timestamp(..) => {
                let builder = TimestampMicrosecondBuilder::new();
                Values::Instant(builder.with_data_type(dtype.clone()))
            }
            _ => Values::Text(StringBuilder::new()),
        };
        Self {
            dtype: dtype.clone(),
            values,
        }
    }

    /// Adds a cell; `None` is null.
    ///
    /// Errors: the reason, when the cell cannot be read as the column's type.
    pub(super) fn push(&mut self, cell: Option<&str>) -> Result<(), String> {
        let value = match (cell, &mut self.values) {
            (None, Values::Null(rows)) => {
                *rows += 1;
                return Ok(());
            }
            (_, Values::Text(builder)) => {
                builder.append_option(cell);
                return Ok(());
            }
            (Some(text), _) => match read(&self.dtype, text) {
                Some(value) => Some(value),
                // Without its text, which may be personal: the reason is told in every report.
                None => return Err(format!("a cell is not {}", self.dtype)),
            },
            (None, _) => None,
        };
        match (&mut self.values, value) {
            (Values::Boolean(b), Some(Value::Boolean(v))) => b.append_value(v),
            (Values::Int(b), Some(Value::Int(v))) => b.append_value(v),
            (Values::UInt(b), Some(Value::UInt(v))) => b.append_value(v),
            (Values::Float(b), Some(Value::Float(v))) => b.append_value(v),
            (Values::Decimal(b), Some(Value::Decimal(v))) => b.append_value(v),
            (Values::Day(b), Some(Value::Day(v))) => b.append_value(v),
            (Values::Time(b), Some(Value::Ticks(v))) => b.append_value(v),
            (Values::Instant(b), Some(Value::Ticks(v))) => b.append_value(v),
            (values, _) => values.push_null(),
        }
        Ok(())
    }

    /// The values so far; none are left.
    ///
    /// Errors: Arrow's reason, when a value does not fit the narrower declared type.
    pub(super) fn finish(&mut self) -> Result<ArrayRef, arrow::error::ArrowError> {
        let array: ArrayRef = match &mut self.values {
            Values::Null(rows) => Arc::new(NullArray::new(std::mem::take(rows))),
            Values::Boolean(b) => Arc::new(b.finish()),
            Values::Int(b) => Arc::new(b.finish()),
            Values::UInt(b) => Arc::new(b.finish()),
            Values::Float(b) => Arc::new(b.finish()),
            Values::Decimal(b) => Arc::new(b.finish()),
            Values::Day(b) => Arc::new(b.finish()),
            Values::Time(b) => Arc::new(b.finish()),
            Values::Instant(b) => Arc::new(b.finish()),
            Values::Text(b) => Arc::new(b.finish()),
        };
        if *array.data_type() == self.dtype {
            return Ok(array);
        }
        let exact = CastOptions {
            safe: false,
            ..Default::default()
        };
        cast_with_options(&array, &self.dtype, &exact)
    }
}

impl Values {
    fn push_null(&mut self) {
        match self {
            Self::Null(rows) => *rows += 1,
            Self::Boolean(b) => b.append_null(),
            Self::Int(b) => b.append_null(),
            Self::UInt(b) => b.append_null(),
            Self::Float(b) => b.append_null(),
            Self::Decimal(b) => b.append_null(),
            Self::Day(b) => b.append_null(),
            Self::Time(b) => b.append_null(),
            Self::Instant(b) => b.append_null(),
            Self::Text(b) => b.append_null(),
        }
    }
}

fn utc() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// The Arrow type of a declared type that texts can be read as.
fn arrow_type(pattern: &TypePattern) -> Option<DataType> {
    let TypePattern::Exact(dtype) = pattern else {
        return None;
    };
    Some(match dtype {
        LogicalType::Boolean => DataType::Boolean,
        LogicalType::Int(8) => DataType::Int8,
        LogicalType::Int(16) => DataType::Int16,
        LogicalType::Int(32) => DataType::Int32,
        LogicalType::Int(64) => DataType::Int64,
        LogicalType::UInt(8) => DataType::UInt8,
        LogicalType::UInt(16) => DataType::UInt16,
        LogicalType::UInt(32) => DataType::UInt32,
        LogicalType::UInt(64) => DataType::UInt64,
        LogicalType::Float(32) => DataType::Float32,
        LogicalType::Float(64) => DataType::Float64,
        LogicalType::Decimal(p, s) if *s >= 0 && *p <= 38 => DataType::Decimal128(*p, *s),
        LogicalType::Date => DataType::Date32,
        LogicalType::Time => DataType::Time64(TimeUnit::Nanosecond),
        LogicalType::Timestamp { utc: true } => utc(),
        LogicalType::Timestamp { utc: false } => DataType::Timestamp(TimeUnit::Microsecond, None),
        LogicalType::String => DataType::Utf8,
        _ => return None,
    })
}
