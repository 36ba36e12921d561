//! One typed value: a minimum, a most common value, an argument.

use chrono::{DateTime, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;

/// One non-null value of a column, with the unit of its variant. Values are exact: nothing is rounded on the way in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scalar {
    /// Boolean.
    Bool(bool),
    /// Integer of any width, as text in JSON where it exceeds 64 bits.
    Int(#[schemars(with = "serde_json::Value")] Integer),
    /// Floating point; finite values only are stored in records, others as text.
    Float(
        #[serde(with = "float_text")]
        #[schemars(with = "serde_json::Value")]
        f64,
    ),
    /// Exact decimal: `unscaled * 10^-scale`.
    Decimal {
        /// Digits without the point.
        #[schemars(with = "serde_json::Value")]
        unscaled: Integer,
        /// Number of digits after the point.
        scale: i8,
    },
    /// Text.
    Text(String),
    /// Bytes, shown as lower-case hexadecimal.
    Binary(Vec<u8>),
    /// Days since 1970-01-01.
    Date(i64),
    /// Nanoseconds since midnight.
    Time(i64),
    /// Nanoseconds since 1970-01-01T00:00:00, in UTC when `utc`.
    Timestamp {
        /// Nanoseconds since the epoch.
        #[schemars(with = "serde_json::Value")]
        nanos: Integer,
        /// Whether the column carries a time zone (the instant is then in UTC).
        utc: bool,
    },
    /// Nanoseconds of a duration.
    Duration(#[schemars(with = "serde_json::Value")] Integer),
}

/// A 128-bit integer.
///
/// In JSON: a number up to 2^53 in size, text beyond it. Reason: readers that hold numbers as 64-bit floats
/// (RFC 8259, section 6) lose no digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Integer(pub i128);

impl Serialize for Integer {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match i64::try_from(self.0) {
            Ok(v) if v.unsigned_abs() <= 1 << 53 => s.serialize_i64(v),
            _ => s.serialize_str(&self.0.to_string()),
        }
    }
}

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(i64),
            Text(String),
        }
        match Either::deserialize(d)? {
            Either::Number(n) => Ok(Self(i128::from(n))),
            Either::Text(t) => t.parse().map(Self).map_err(serde::de::Error::custom),
        }
    }
}

/// Floats in JSON: numbers when finite, the texts `NaN`, `inf`, `-inf` otherwise.
pub mod float_text {
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes the number or its name.
    ///
    /// Errors: those of the serializer.
    pub fn serialize<S: Serializer>(v: &f64, s: S) -> Result<S::Ok, S::Error> {
        if v.is_finite() {
            s.serialize_f64(*v)
        } else {
            s.serialize_str(&v.to_string())
        }
    }

    /// Reads the number or its name.
    ///
    /// Errors: text that is not a number.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<f64, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(f64),
            Text(String),
        }
        match Either::deserialize(d)? {
            Either::Number(n) => Ok(n),
            Either::Text(t) => t.parse().map_err(serde::de::Error::custom),
        }
    }
}

impl Scalar {
    /// The value as a number for statistics and drawing; text, binary and booleans have none.
    ///
    /// Unit: days since 1970-01-01 for dates, seconds for times, timestamps and durations. NaN and infinities: as they are.
    /// Edge: integers beyond 2^53, decimals and nanoseconds are rounded to 53 bits.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "for statistics and drawing only; exact values stay in Scalar"
    )]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(v) => Some(v.0 as f64),
            Self::Float(v) => Some(*v),
            Self::Decimal { unscaled, scale } => {
                Some(unscaled.0 as f64 / 10f64.powi(i32::from(*scale)))
            }
            Self::Date(d) => Some(*d as f64),
            Self::Time(n) => Some(*n as f64 / 1e9),
            Self::Timestamp { nanos, .. } | Self::Duration(nanos) => Some(nanos.0 as f64 / 1e9),
            Self::Bool(_) | Self::Text(_) | Self::Binary(_) => None,
        }
    }

    /// Order of two values of the same column.
    ///
    /// Texts and bytes: byte by byte, for text the same as by code point. NaN: greater than every number and equal to
    /// every NaN; both zeros are equal. Integers, decimals, days and nanoseconds are exact, and integers against decimals
    /// and floats.
    /// Edge: other values of different variants, and decimals whose digits do not fit 128 bits at one scale, compare by
    /// [`Self::number`], exact to 53 bits; where one has none, booleans come first, then numbers and moments, text, bytes.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) | (Self::Duration(a), Self::Duration(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => float_order(*a, *b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Binary(a), Self::Binary(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) | (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Timestamp { nanos: a, .. }, Self::Timestamp { nanos: b, .. }) => a.cmp(b),
            (Self::Int(a), Self::Float(b)) => whole_with_float(a.0, *b),
            (Self::Float(a), Self::Int(b)) => whole_with_float(b.0, *a).reverse(),
            _ => match (self.unscaled(other), self.number(), other.number()) {
                (Some((a, b)), ..) => a.cmp(&b),
                (None, Some(a), Some(b)) => float_order(a, b),
                _ => self.rank().cmp(&other.rank()),
            },
        }
    }

    /// Both as whole numbers of one scale, where both are integers or decimals and the digits fit.
    fn unscaled(&self, other: &Self) -> Option<(i128, i128)> {
        let parts = |v: &Self| match v {
            Self::Int(v) => Some((v.0, 0)),
            Self::Decimal { unscaled, scale } => Some((unscaled.0, i32::from(*scale))),
            _ => None,
        };
        let ((a, s), (b, t)) = (parts(self)?, parts(other)?);
        let grown = |v: i128, by: i32| v.checked_mul(10i128.checked_pow(by.try_into().ok()?)?);
        let scale = s.max(t);
        Some((grown(a, scale - s)?, grown(b, scale - t)?))
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Bool(_) => 0,
            Self::Int(_) => 1,
            Self::Float(_) => 2,
            Self::Decimal { .. } => 3,
            Self::Date(_) => 4,
            Self::Time(_) => 5,
            Self::Timestamp { .. } => 6,
            Self::Duration(_) => 7,
            Self::Text(_) => 8,
            Self::Binary(_) => 9,
        }
    }
}

/// Exact order of a whole number and a float, which cannot hold every whole number beyond 53 bits.
///
/// NaN: greater than every number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the cast saturates beyond 127 bits, where the comparison is decided anyway"
)]
fn whole_with_float(whole: i128, float: f64) -> Ordering {
    if float.is_nan() {
        return Ordering::Less;
    }
    let floor = float.floor();
    whole.cmp(&(floor as i128)).then(if float > floor {
        Ordering::Less
    } else {
        Ordering::Equal
    })
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(v) => write!(f, "{v}"),
            Self::Int(v) => write!(f, "{}", v.0),
            Self::Float(v) => write!(f, "{}", number_text(*v)),
            Self::Decimal { unscaled, scale } => f.write_str(&decimal_text(unscaled.0, *scale)),
            Self::Text(v) => f.write_str(v),
            Self::Binary(v) => v.iter().take(32).try_for_each(|b| write!(f, "{b:02x}")),
            Self::Date(days) => f.write_str(&date_text(*days)),
            Self::Time(nanos) => f.write_str(&time_text(*nanos)),
            Self::Timestamp { nanos, utc } => f.write_str(&timestamp_text(nanos.0, *utc)),
            Self::Duration(nanos) => write!(f, "{}s", decimal_text(nanos.0, 9)),
        }
    }
}

/// Order of floats in which every NaN is one value, the greatest, and both zeros are one.
fn float_order(a: f64, b: f64) -> Ordering {
    let one = |v: f64| if v.is_nan() { f64::NAN } else { v + 0.0 };
    one(a).total_cmp(&one(b))
}

/// A float for people: the shortest text that reads back equal.
///
/// Shape: plain digits from `1e-5` up to below `1e15`, else with an exponent (`1e15`). NaN and infinities: `NaN`, `inf`,
/// `-inf`.
#[must_use]
pub fn number_text(v: f64) -> String {
    if v == 0.0 || (1e-5..1e15).contains(&v.abs()) || !v.is_finite() {
        format!("{v}")
    } else {
        format!("{v:e}")
    }
}

fn decimal_text(unscaled: i128, scale: i8) -> String {
    let Ok(places) = usize::try_from(scale) else {
        return format!(
            "{unscaled}{}",
            "0".repeat(usize::from(scale.unsigned_abs()))
        );
    };
    if places == 0 {
        return unscaled.to_string();
    }
    let sign = if unscaled < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", unscaled.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

fn date_text(days: i64) -> String {
    NaiveDate::from_ymd_opt(1970, 1, 1)
        .and_then(|epoch| {
            chrono::TimeDelta::try_days(days).and_then(|d| epoch.checked_add_signed(d))
        })
        .map_or_else(
            || format!("day {days}"),
            |d| d.format("%Y-%m-%d").to_string(),
        )
}

fn time_text(nanos: i64) -> String {
    let seconds = u32::try_from(nanos.div_euclid(1_000_000_000)).unwrap_or(u32::MAX);
    let rest = u32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap_or(0);
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, rest).map_or_else(
        || format!("{nanos} ns"),
        |t| t.format("%H:%M:%S%.f").to_string(),
    )
}

fn timestamp_text(nanos: i128, utc: bool) -> String {
    let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).unwrap_or(i64::MAX);
    let rest = u32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap_or(0);
    let zone = if utc { "Z" } else { "" };
    DateTime::from_timestamp(seconds, rest).map_or_else(
        || format!("{nanos} ns"),
        |t| format!("{}{zone}", t.format("%Y-%m-%dT%H:%M:%S%.f")),
    )
}

#[cfg(test)]
mod tests {
    use super::{Integer, Scalar};
    use std::cmp::Ordering::{Equal, Greater, Less};

    #[test]
    fn every_nan_is_the_greatest_and_both_zeros_are_equal() {
        let float = Scalar::Float;
        for nan in [f64::NAN, -f64::NAN] {
            assert_eq!(float(nan).order(&float(f64::INFINITY)), Greater);
            assert_eq!(float(-1.0).order(&float(nan)), Less);
            assert_eq!(float(nan).order(&float(f64::NAN)), Equal);
            assert_eq!(float(nan).order(&Scalar::Int(Integer(1))), Greater);
        }
        assert_eq!(float(-0.0).order(&float(0.0)), Equal);
        assert_eq!(Scalar::Int(Integer(0)).order(&float(-0.0)), Equal);
    }
}
