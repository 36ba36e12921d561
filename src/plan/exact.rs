//! Bounds as exact as the column: a bound rounded to a float could let a value pass that is beyond it.

use crate::catalogue::argument::{Arg, Args};
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place};
use crate::scalar::{Integer, Scalar};
use crate::types::LogicalType;
use chrono::{NaiveTime, Timelike};
use std::cmp::Ordering;

/// Digits of a decimal that queries can read.
const DIGITS: i32 = 38;

/// The value of `node` for a column of type `dtype`: a number written with a point stays exactly what is written,
/// where the column is exact and the type of both holds the digits. `None` for lists, mappings and null.
pub(super) fn number(node: &Node, dtype: Option<&LogicalType>) -> Option<Scalar> {
    let value = node.value.scalar()?;
    let (Value::Float(_), Some(dtype)) = (&node.value, dtype) else {
        return Some(value);
    };
    Some(written(&node.place, dtype).unwrap_or(value))
}

fn written(place: &Place, dtype: &LogicalType) -> Option<Scalar> {
    let line = place.file.text.lines().nth(place.line.checked_sub(1)?)?;
    let skipped = place.column.checked_sub(1)?;
    let text: String = line.chars().skip(skipped).take(place.length).collect();
    let (unscaled, scale) = decimal(&text)?;
    match dtype {
        LogicalType::Int(_) | LogicalType::UInt(_) | LogicalType::Decimal(..) if scale == 0 => {
            Some(Scalar::Int(Integer(unscaled)))
        }
        LogicalType::Decimal(digits, places) => {
            let (digits, places) = (i32::from(*digits), i32::from(*places));
            let fits = digits - places + places.max(i32::from(scale)) <= DIGITS;
            fits.then_some(Scalar::Decimal {
                unscaled: Integer(unscaled),
                scale,
            })
        }
        _ => None,
    }
}

/// Digits without the point and the number of places after it: `-1.50e1` is `(-15, 0)`.
///
/// `None` for anything else, and for more than 38 digits.
fn decimal(text: &str) -> Option<(i128, i8)> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let unscaled: i128 = format!("{whole}{fraction}").parse().ok()?;
    let places = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    if places > 0 {
        let scale = i8::try_from(places).ok()?;
        return (places <= DIGITS).then_some((unscaled, scale));
    }
    let shift = 10i128.checked_pow(places.unsigned_abs())?;
    Some((unscaled.checked_mul(shift)?, 0))
}

/// A time of day such as `22:00:00`.
pub(super) fn time(text: &str) -> Option<Scalar> {
    let time: NaiveTime = text.parse().ok()?;
    let seconds = i64::from(time.num_seconds_from_midnight());
    Some(Scalar::Time(
        seconds * 1_000_000_000 + i64::from(time.nanosecond()),
    ))
}

/// How a value for a column of this type is written.
pub(super) fn way_out(dtype: Option<&LogicalType>) -> &'static str {
    match dtype {
        Some(LogicalType::Timestamp { utc: false }) => {
            "the column has no time zone: write 2013-02-01 or 2013-02-01T05:00:00, without a zone"
        }
        Some(LogicalType::Time) => "write a time of day such as 22:00:00, in quotes",
        _ => "quote text, leave numbers bare, write days as 2013-02-01",
    }
}

/// The problem of bounds between which nothing can lie.
pub(super) fn empty_range(args: &Args, place: &Place) -> Option<Diagnostic> {
    let open = args.text("bounds").is_some_and(|b| b != "[]");
    let pairs = [("min", "max"), ("min_ratio", "max_ratio")];
    pairs.into_iter().find_map(|(min, max)| {
        let (Some(Arg::Scalar(least)), Some(Arg::Scalar(most))) = (args.get(min), args.get(max))
        else {
            return None;
        };
        let empty = match least.order(most) {
            Ordering::Greater => true,
            Ordering::Equal => open,
            Ordering::Less => false,
        };
        let at = args.0.iter().find(|(name, ..)| name == min);
        let at = at.and_then(|(_, _, place)| place.as_ref());
        empty.then(|| {
            let what = format!("nothing lies between `{min}` {least} and `{max}` {most}");
            Diagnostic::new("empty-range", what)
                .at(at.unwrap_or(place), "no value can keep this")
                .help(format!("write the lesser bound as `{min}`"))
        })
    })
}

/// The problem of a relation that a dataset has with itself whatever its rows are.
pub(super) fn of_itself(
    dataset: &str,
    check: &str,
    args: &Args,
    place: &Place,
) -> Option<Diagnostic> {
    let columns = |name: &str| match args.get(name) {
        Some(Arg::Columns(names) | Arg::Texts(names)) => Some(names),
        _ => None,
    };
    let theirs = columns("their_columns").or_else(|| columns("columns"));
    let same = check == "foreign_key" && columns("columns") == theirs;
    (args.text("dataset") == Some(dataset) && same).then(|| {
        let what = format!("every key of `{dataset}` is among the keys of `{dataset}`");
        Diagnostic::new("promises-nothing", what)
            .at(place, "cannot fail")
            .help("name another dataset, or other columns as `their_columns`")
    })
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn digits_are_kept() {
        assert_eq!(decimal("0.30"), Some((3, 1)));
        assert_eq!(decimal("-1.50e1"), Some((-15, 0)));
        assert_eq!(decimal("1.25e-2"), Some((125, 4)));
        assert_eq!(
            decimal("9007199254740993.0"),
            Some((9_007_199_254_740_993, 0))
        );
        assert_eq!(
            decimal("12345678901234567890.11"),
            Some((1_234_567_890_123_456_789_011, 2))
        );
        assert_eq!(decimal("+.5"), Some((5, 1)));
        for text in ["", ".", ".nan", "1.x", "*a", "1e999", "1.0e-99", "1.-5"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }
}
