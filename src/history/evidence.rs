//! What a past batch tells exactly: its line keeps less than a profile, and some of it rounded.

use super::night::{Night, NightColumn, NightValues, Numbers};
use crate::measure::bins;
use crate::measure::evidence::{Evidence, Known, type_of};
use crate::measure::values::{Form, Key};
use crate::scalar::{Integer, Scalar};
use crate::types::LogicalType;

/// Whole numbers up to here are floats of 64 bits without loss.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Night {
    /// What is known of the batch.
    ///
    /// Nulls and NaN are counted together in a line, so that they are told apart only where there are none or the type has no
    /// NaN. Values are listed where none is left out, cut or hashed, and where bins are single values.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        Evidence {
            rows: self.rows,
            columns: self.columns.iter().map(|c| known(c, self.rows)).collect(),
        }
    }
}

fn known(column: &NightColumn, rows: u64) -> Known {
    let dtype = type_of(&column.dtype);
    let form = Form::of(&dtype);
    let apart = column.missing == 0 || form != Form::Float;
    let missing = apart.then_some((column.missing, 0));
    let valued = rows.saturating_sub(column.missing);
    let listed = listed(column, form, valued);
    let extremes = extremes(column, form, listed.as_ref());
    let count = |n: u64| Some(Scalar::Int(Integer(i128::from(n))));
    let mut measures = vec![("rows".to_owned(), count(rows))];
    let mut tell = |name: &str, value: Option<Scalar>| measures.push((name.to_owned(), value));
    if let Some((nulls, nan)) = missing {
        tell("nulls", count(nulls));
        tell("nan", count(nan));
        let ratio = (rows > 0).then(|| Scalar::Float(nulls as f64 / rows as f64));
        tell("null_ratio", ratio);
    }
    if let Some((least, greatest)) = &extremes {
        tell("min", Some(form.scalar(least)));
        tell("max", Some(form.scalar(greatest)));
    } else if valued == 0 && form != Form::None {
        tell("min", None);
        tell("max", None);
    }
    if let NightValues::Numbers(numbers) = &column.values {
        for (name, value) in [("mean", numbers.mean), ("stddev", numbers.deviation)] {
            if let Some(value) = value {
                tell(name, Some(Scalar::Float(value)));
            }
        }
    }
    if let Some(listed) = &listed {
        tell("distinct", count(listed.len() as u64));
    }
    Known {
        name: column.name.clone(),
        lengths: lengths(&dtype, listed.as_ref()),
        dtype,
        missing,
        listed,
        extremes,
        measures,
    }
}

fn lengths(dtype: &LogicalType, listed: Option<&Vec<(Key, u64)>>) -> Option<(u64, u64)> {
    let of = |(key, _): &(Key, u64)| match key {
        Key::Text(text) => Some(text.chars().count() as u64),
        _ => None,
    };
    let all: Vec<u64> = listed?.iter().filter_map(of).collect();
    let both = (all.iter().min().copied(), all.iter().max().copied());
    both.0.zip(both.1).filter(|_| *dtype == LogicalType::String)
}

/// Every value with its rows, where the line keeps them all as they are.
fn listed(column: &NightColumn, form: Form, valued: u64) -> Option<Vec<(Key, u64)>> {
    let list: Vec<(Key, u64)> = match (&column.values, form) {
        (NightValues::Numbers(numbers), Form::Integer | Form::Float) if numbers.shift == 0 => {
            let value = |(bin, count): &(u64, u64)| Some((key(form, bins::number(*bin))?, *count));
            numbers.bins.iter().map(value).collect::<Option<_>>()?
        }
        (NightValues::Texts { counts, others: 0 }, Form::Text | Form::Boolean) => {
            let whole = |text: &str| match form {
                Form::Boolean => text.parse().ok().map(|b: bool| Key::Int(i128::from(b))),
                _ => (!is_cut(text)).then(|| Key::Text(text.to_owned())),
            };
            let value = |(text, count): &(String, u64)| Some((whole(text)?, *count));
            counts.iter().map(value).collect::<Option<_>>()?
        }
        _ => return None,
    };
    let all: u64 = list.iter().map(|(_, count)| count).sum();
    let mut list = list;
    list.sort_by(|a, b| a.0.order(&b.0));
    (all == valued).then_some(list)
}

/// Whether a text may be the hash of one, or the beginning of one with its hash.
fn is_cut(text: &str) -> bool {
    let hash = |rest: &str| {
        rest.len() == 12
            && rest
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    text.rsplit_once('#')
        .is_some_and(|(before, rest)| hash(rest) && (before.is_empty() || before.ends_with('…')))
}

fn key(form: Form, number: f64) -> Option<Key> {
    match form {
        Form::Float => Some(Key::Float(number)),
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
        Form::Integer if number.abs() < EXACT && number.fract() == 0.0 => {
            Some(Key::Int(number as i128))
        }
        _ => None,
    }
}

fn extremes(
    column: &NightColumn,
    form: Form,
    listed: Option<&Vec<(Key, u64)>>,
) -> Option<(Key, Key)> {
    if let Some(listed) = listed {
        let (first, last) = (listed.first()?, listed.last()?);
        return Some((first.0.clone(), last.0.clone()));
    }
    match &column.values {
        NightValues::Numbers(Numbers {
            least: Some(least),
            greatest: Some(greatest),
            ..
        }) => key(form, *least).zip(key(form, *greatest)),
        NightValues::Times {
            least: Some(least),
            greatest: Some(greatest),
        } if form == Form::Date => {
            let day = |seconds: f64| key(Form::Integer, seconds / 86_400.0);
            day(*least).zip(day(*greatest))
        }
        _ => None,
    }
}
