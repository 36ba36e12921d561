//! Saved profiles: one JSON document that merges and serves as a reference without the data.

use super::Profile;
use super::bins::Bins;
use super::column::{ColumnProfile, Counters};
use super::distinct::Distinct;
use super::values::{Form, Key, Many, Values, Zone};
use super::wants::Wants;
use crate::error::{Error, Result};
use crate::scalar::{Integer, Scalar};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Version of the shape; readers refuse others.
pub const PROFILE_SCHEMA_VERSION: &str = "1.0";

/// The words that tell a saved profile from other JSON.
pub const KIND: &str = "tollgate-profile";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    kind: String,
    schema_version: String,
    rows: u64,
    columns: Vec<Column>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    dtype: String,
    form: SavedForm,
    counters: Counters,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    min: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    max: Option<Scalar>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    lengths: Option<(u64, u64)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    sum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    squares: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    counts: Option<Vec<(Scalar, u64)>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    bins: Option<(u32, Vec<(u64, u64)>)>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    registers: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    not_profiled: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    withheld: Option<String>,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum SavedForm {
    Boolean,
    Integer,
    Decimal(i8),
    Float,
    Date,
    Time,
    TimestampUtc,
    TimestampLocal,
    Duration,
    Text,
    Binary,
    None,
}

impl From<Form> for SavedForm {
    fn from(form: Form) -> Self {
        match form {
            Form::Boolean => Self::Boolean,
            Form::Integer => Self::Integer,
            Form::Decimal(scale) => Self::Decimal(scale),
            Form::Float => Self::Float,
            Form::Date => Self::Date,
            Form::Time => Self::Time,
            Form::Timestamp(Zone::Utc) => Self::TimestampUtc,
            Form::Timestamp(Zone::Local) => Self::TimestampLocal,
            Form::Duration => Self::Duration,
            Form::Text => Self::Text,
            Form::Binary => Self::Binary,
            Form::None => Self::None,
        }
    }
}

impl From<SavedForm> for Form {
    fn from(form: SavedForm) -> Self {
        match form {
            SavedForm::Boolean => Self::Boolean,
            SavedForm::Integer => Self::Integer,
            SavedForm::Decimal(scale) => Self::Decimal(scale),
            SavedForm::Float => Self::Float,
            SavedForm::Date => Self::Date,
            SavedForm::Time => Self::Time,
            SavedForm::TimestampUtc => Self::Timestamp(Zone::Utc),
            SavedForm::TimestampLocal => Self::Timestamp(Zone::Local),
            SavedForm::Duration => Self::Duration,
            SavedForm::Text => Self::Text,
            SavedForm::Binary => Self::Binary,
            SavedForm::None => Self::None,
        }
    }
}

/// The profile as JSON text, a column per line; equal profiles have equal bytes.
///
/// Errors: the column, in words, of which parts were not asked for; what was not counted is never saved as 0.
pub fn to_json(profile: &Profile) -> std::result::Result<String, String> {
    if let Some(column) = profile.columns.iter().find(|c| c.wants != Wants::ALL) {
        return Err(format!(
            "column `{}` was profiled in part only; a profile is saved whole",
            column.name
        ));
    }
    let mut out = format!(
        "{{\"kind\": \"{KIND}\", \"schema_version\": \"{PROFILE_SCHEMA_VERSION}\", \"rows\": {}, \"columns\": [",
        profile.rows
    );
    for (i, column) in profile.columns.iter().enumerate() {
        out.push_str(if i == 0 { "\n" } else { ",\n" });
        let text = serde_json::to_string(&save(column)).expect("every field has a JSON form");
        out.push_str(&text);
    }
    out.push_str("\n]}\n");
    Ok(out)
}

/// Reads a saved profile.
///
/// Errors: [`Error::Data`] when the file cannot be read, is not a saved profile, or does not hold together.
pub fn read(path: &Path) -> Result<Profile> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|e| Error::data("read", &shown, e))?;
    from_json(&text).map_err(|reason| Error::data("read", shown, reason))
}

/// Whether a file begins like a saved profile.
#[must_use]
pub fn is_saved(path: &Path) -> bool {
    use std::io::Read as _;
    let mut start = [0; 64];
    let read = std::fs::File::open(path).and_then(|mut f| f.read(&mut start));
    read.is_ok_and(|n| String::from_utf8_lossy(&start[..n]).contains(KIND))
}

const MAKES_ONE: &str = "`tollgate profile DATA --output FILE` makes a profile";

/// Rows beyond which a file was not written by this program; sums of counts stay far from their end.
const MOST_ROWS: u64 = 1 << 53;

/// Reads the text of a saved profile.
///
/// Errors: the reason, when it is not one or does not hold together.
pub fn from_json(text: &str) -> std::result::Result<Profile, String> {
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|e| format!("it is not JSON: {e}; {MAKES_ONE}"))?;
    let word = |key: &str| value.get(key).and_then(serde_json::Value::as_str);
    if word("kind") != Some(KIND) {
        return Err(format!("it is not a profile; {MAKES_ONE}"));
    }
    match word("schema_version") {
        Some(PROFILE_SCHEMA_VERSION) => {}
        other => {
            return Err(format!(
                "its version is {}, this program reads {PROFILE_SCHEMA_VERSION}",
                other.unwrap_or("missing")
            ));
        }
    }
    let saved: Saved = serde_json::from_value(value).map_err(|e| e.to_string())?;
    if saved.rows > MOST_ROWS {
        return Err(format!("it counts {} rows, more than can be", saved.rows));
    }
    for column in &saved.columns {
        hold_together(column, saved.rows).map_err(|what| {
            let name = &column.name;
            format!("column `{name}`: {what}; the file was edited, profile the data again")
        })?;
    }
    let columns = saved.columns.into_iter().map(restore);
    Ok(Profile {
        rows: saved.rows,
        columns: columns.collect::<std::result::Result<_, _>>()?,
    })
}

fn save(column: &ColumnProfile) -> Column {
    let scalar = |key: &Key| column.form.scalar(key);
    let number = column.form.is_number();
    let counts = column.values.listed().map(|list| {
        let pair = |(key, count): &(Key, u64)| (scalar(key), *count);
        list.iter().map(pair).collect::<Vec<_>>()
    });
    let many = column.values.spilled();
    Column {
        name: column.name.clone(),
        dtype: column.dtype.clone(),
        form: column.form.into(),
        counters: column.counters,
        min: column.least.as_ref().map(scalar),
        max: column.greatest.as_ref().map(scalar),
        lengths: column.lengths,
        sum: number.then(|| column.sum.to_string()),
        squares: number.then(|| column.squares.to_string()),
        counts,
        bins: many
            .filter(|_| column.form.is_ordered())
            .map(|m| (m.bins.shift(), m.bins.entries())),
        registers: many.map(|m| crate::report::text::hex(&m.distinct.registers())),
        not_profiled: column.not_profiled.clone(),
        withheld: column.withheld.clone(),
    }
}

/// Every row is a null, a NaN, or counted among the values.
fn hold_together(column: &Column, rows: u64) -> std::result::Result<(), String> {
    let c = &column.counters;
    if c.rows != rows {
        return Err(format!("it has {} rows, the profile {rows}", c.rows));
    }
    if c.nulls > c.rows || c.nan > c.rows - c.nulls {
        return Err("it has more nulls than rows".to_owned());
    }
    let valued = c.rows - c.nulls - c.nan;
    let counted = match (&column.counts, &column.bins) {
        (Some(counts), _) => total(counts.iter().map(|(_, n)| *n)),
        (None, Some((_, bins))) => total(bins.iter().map(|(_, n)| *n)),
        (None, None) => return Ok(()),
    };
    if column.not_profiled.is_none() && counted != Some(valued) {
        return Err(format!("it has {valued} values, but counts others"));
    }
    Ok(())
}

fn total(mut counts: impl Iterator<Item = u64>) -> Option<u64> {
    counts.try_fold(0u64, u64::checked_add)
}

fn restore(saved: Column) -> std::result::Result<ColumnProfile, String> {
    let form = Form::from(saved.form);
    let odd = |what: &str| format!("column `{}`: {what}", saved.name);
    let key = |scalar: &Scalar| key_of(form, scalar).map_err(|reason| odd(&reason));
    let sum = |text: &Option<String>| {
        text.as_deref()
            .unwrap_or("0@0")
            .parse()
            .map_err(|e: String| odd(&e))
    };
    let values = values(&saved, form).map_err(|reason| odd(&reason))?;
    Ok(ColumnProfile {
        form,
        wants: Wants::ALL,
        least: saved.min.as_ref().map(key).transpose()?,
        greatest: saved.max.as_ref().map(key).transpose()?,
        sum: sum(&saved.sum)?,
        squares: sum(&saved.squares)?,
        values,
        lengths: saved.lengths,
        counters: saved.counters,
        not_profiled: saved.not_profiled.clone(),
        withheld: saved.withheld.clone(),
        dtype: saved.dtype.clone(),
        name: saved.name,
    })
}

/// The values of a saved column: its counts, or else its bins and its sketch.
fn values(saved: &Column, form: Form) -> std::result::Result<Values, String> {
    let Some(counts) = &saved.counts else {
        let registers = saved.registers.as_deref().and_then(unhex);
        let distinct = registers.and_then(|r| Distinct::from_registers(&r));
        let bins = match &saved.bins {
            Some((shift, entries)) => Bins::from_entries(*shift, entries),
            None => Some(Bins::default()),
        };
        return match (distinct, bins) {
            (Some(distinct), Some(bins)) => Ok(Values::many(form, Many { bins, distinct })),
            _ => Err("its sketch does not read".to_owned()),
        };
    };
    let mut values = Values::new(form);
    for (scalar, count) in counts {
        values.add(&key_of(form, scalar)?, *count);
    }
    Ok(values)
}

/// A saved value in the form of its column.
fn key_of(form: Form, scalar: &Scalar) -> std::result::Result<Key, String> {
    Ok(match (form, scalar) {
        (Form::Boolean, Scalar::Bool(v)) => Key::Int(i128::from(*v)),
        (Form::Integer, Scalar::Int(Integer(v)))
        | (Form::Duration, Scalar::Duration(Integer(v)))
        | (
            Form::Timestamp(_),
            Scalar::Timestamp {
                nanos: Integer(v), ..
            },
        ) => Key::Int(*v),
        (
            Form::Decimal(scale),
            Scalar::Decimal {
                unscaled: Integer(v),
                scale: s,
            },
        ) if scale == *s => Key::Int(*v),
        (Form::Date, Scalar::Date(v)) | (Form::Time, Scalar::Time(v)) => Key::Int(i128::from(*v)),
        (Form::Float, Scalar::Float(v)) if !v.is_nan() => Key::Float(*v),
        (Form::Text, Scalar::Text(v)) => Key::Text(v.clone()),
        (Form::Binary, Scalar::Binary(v)) => Key::Bytes(v.clone()),
        _ => return Err("a value is not of its type".to_owned()),
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16);
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
            _ => None,
        })
        .collect()
}
