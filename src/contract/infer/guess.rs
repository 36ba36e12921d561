//! What can be expected of a column: made from a profile, held against another.

use super::support::Rare;
use super::{round, tail, yaml};
use crate::diagnostic::plural;
use crate::measure::ColumnProfile;
use crate::scalar::Scalar;
use crate::types::LogicalType;

/// Distinct values at most for a list of allowed ones.
const SET_CAP: usize = 50;
/// A list of allowed values needs this many rows per value, or chance alone may have left some out.
const ROWS_PER_VALUE: u64 = 10;
/// Longest value that is written into a list.
const VALUE_LENGTH: usize = 60;
/// Rows with a value that a range needs.
const RANGE_ROWS: u64 = 30;

/// One expectation of a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Guess {
    /// Allowed values, as YAML; numbers, or texts.
    Set(Vec<String>, Vec<String>),
    /// Bounds, as YAML.
    Between(String, String),
    /// Characters of each text.
    Length(u64),
    /// Share of nulls in hundredths.
    Nulls(u64),
}

impl Guess {
    /// Whether two are of one kind.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// The expectation as YAML.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Set(list, _) => format!("in_set: {{values: [{}]}}", list.join(", ")),
            Self::Between(low, high) => format!("between: {{min: {low}, max: {high}}}"),
            Self::Length(n) => format!("length: {{min: {n}, max: {n}}}"),
            Self::Nulls(percent) => format!("null_ratio: {{max: 0.{percent:02}}}"),
        }
    }

    /// Whether the rows of a profile keep it; true where the profile cannot tell.
    pub(super) fn is_kept(&self, profile: &ColumnProfile) -> bool {
        let number = |name: &str| profile.measure(name).and_then(|v| v.number());
        match self {
            Self::Set(_, values) => profile
                .values_seen()
                .is_none_or(|seen| seen.iter().all(|(v, _)| values.contains(v))),
            Self::Between(low, high) => {
                let bound = |text: &String| text.parse::<f64>().ok();
                let inside = |v: Option<f64>| match (v, bound(low), bound(high)) {
                    (Some(v), Some(low), Some(high)) => low <= v && v <= high,
                    _ => true,
                };
                profile.counters.nan == 0 && inside(number("min")) && inside(number("max"))
            }
            Self::Length(n) => profile.lengths.is_none_or(|both| both == (*n, *n)),
            Self::Nulls(percent) => {
                let c = &profile.counters;
                c.nulls.saturating_mul(100) <= c.rows.saturating_mul(*percent)
            }
        }
    }
}

/// A guess, why it is made, and whether one batch is enough to promise it.
pub(super) struct Made {
    pub(super) guess: Guess,
    pub(super) reason: String,
    pub(super) promised: bool,
}

/// The guesses about a column, personal values and formats aside.
pub(super) fn guesses(profile: &ColumnProfile, dtype: &LogicalType, identifies: bool) -> Vec<Made> {
    let mut found = Vec::new();
    found.extend(nulls(profile));
    match dtype {
        LogicalType::String => {
            let set = short_values(profile).and_then(|list| set(list, profile));
            match set {
                Some(set) => found.push(set),
                None => found.extend(fixed_length(profile)),
            }
        }
        dtype if dtype.is_numeric() => found.extend(of_numbers(profile, dtype, identifies)),
        _ => {}
    }
    found
}

/// Twice the seen share of nulls, rounded up to a percent; nothing where that bounds nothing.
fn nulls(profile: &ColumnProfile) -> Option<Made> {
    let c = &profile.counters;
    let percent = c.nulls.saturating_mul(200).div_ceil(c.rows.max(1));
    (c.nulls > 0 && percent < 100).then(|| Made {
        guess: Guess::Nulls(percent),
        reason: format!("{} of {}", plural(c.nulls, "null"), plural(c.rows, "row")),
        promised: false,
    })
}

fn fixed_length(profile: &ColumnProfile) -> Option<Made> {
    let (least, greatest) = profile.lengths?;
    (least == greatest && least > 0).then(|| Made {
        guess: Guess::Length(least),
        reason: format!("every value has {}", plural(least, "character")),
        promised: profile.valued() >= RANGE_ROWS,
    })
}

/// The few values of a column, where none is too long for a list.
fn short_values(profile: &ColumnProfile) -> Option<Vec<String>> {
    let values: Vec<String> = small_set(profile)?.into_iter().map(|(v, _)| v).collect();
    let fits = |value: &String| value.chars().count() <= VALUE_LENGTH;
    values.iter().all(fits).then_some(values)
}

fn small_set(profile: &ColumnProfile) -> Option<Vec<(String, u64)>> {
    let values = profile.values_seen()?;
    let few = values.len() <= SET_CAP && profile.non_null() >= ROWS_PER_VALUE * values.len() as u64;
    (few && !values.is_empty()).then_some(values)
}

/// Allowed values; a single one is only suggested, as it may be this batch's own, and so is a list with rare ones.
fn set(values: Vec<String>, profile: &ColumnProfile) -> Option<Made> {
    let rare = Rare::of(profile)?;
    let rows = plural(profile.non_null(), "value");
    let reason = if values.len() == 1 {
        format!("the same in all {rows}; it may be this batch's own")
    } else {
        let distinct = plural(values.len() as u64, "distinct one");
        format!("{distinct} in {rows}; {}", rare.words())
    };
    Some(Made {
        promised: values.len() > 1 && rare.is_closed(),
        guess: Guess::Set(values.iter().map(|v| yaml::scalar(v)).collect(), values),
        reason,
    })
}

fn of_numbers(profile: &ColumnProfile, dtype: &LogicalType, identifies: bool) -> Option<Made> {
    let whole = matches!(dtype, LogicalType::Int(_) | LogicalType::UInt(_));
    if profile.counters.nan > 0 {
        return None;
    }
    if whole && let Some(list) = spread_values(profile) {
        let mut made = set(list.clone(), profile)?;
        made.guess = Guess::Set(list.clone(), list);
        return Some(made);
    }
    if identifies && whole {
        return None;
    }
    let ends = tail::ends(profile)?;
    let (low, high) = match (profile.measure("min"), profile.measure("max")) {
        (Some(Scalar::Int(low)), Some(Scalar::Int(high))) => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "beyond 2^49 no bounds are made"
            )]
            let wide = |v: f64| v as i128;
            let low = low.0.min(wide(ends.low.floor()));
            round::integers(low, high.0.max(wide(ends.high.ceil())))?
        }
        _ => round::floats(ends.low, ends.high)?,
    };
    let how = match ends.walls {
        (true, true) => "many rows at both ends",
        (true, false) => "high end widened",
        (false, true) => "low end widened",
        (false, false) => "both ends widened",
    };
    let (least, greatest) = (shown(profile, "min"), shown(profile, "max"));
    let reason = format!("seen {least} to {greatest}, {how}");
    Some(Made {
        guess: Guess::Between(low, high),
        reason,
        promised: profile.valued() >= RANGE_ROWS,
    })
}

fn shown(profile: &ColumnProfile, name: &str) -> String {
    let value = profile.measure(name);
    value.map_or_else(String::new, |v| yaml::comment(&v.to_string()))
}

/// Few whole numbers with gaps between them: codes. Without a gap they are a range; one alone is a constant.
fn spread_values(profile: &ColumnProfile) -> Option<Vec<String>> {
    let (Some(Scalar::Int(low)), Some(Scalar::Int(high))) =
        (profile.measure("min"), profile.measure("max"))
    else {
        return None;
    };
    let values = small_set(profile)?;
    let mut numbers: Vec<i128> = values
        .iter()
        .map(|(v, _)| v.parse().ok())
        .collect::<Option<_>>()?;
    numbers.sort_unstable();
    let ends = numbers.first() == Some(&low.0) && numbers.last() == Some(&high.0);
    let gaps = high.0 - low.0 + 1 > numbers.len() as i128;
    (ends && (gaps || numbers.len() == 1))
        .then(|| numbers.iter().map(ToString::to_string).collect())
}
