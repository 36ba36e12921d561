//! Arguments of one expectation, checked against the parameters of its check and the dataset's columns.

use super::common::{self, COMMON, Common};
use super::samples::Samples;
use super::{exact, lists, several};
use crate::catalogue::argument::{Arg, Args};
use crate::catalogue::{Check, Listed, Param, ParamKind};
use crate::config::fields::Problems;
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Place, listing};
use crate::scalar::Scalar;
use crate::types::{Field, LogicalType, TypePattern};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::HashMap;

/// What arguments are checked against.
pub struct Scope<'a> {
    /// Columns the dataset has.
    pub columns: &'a [Field],
    /// Where in them each name stands, see [`places`].
    pub places: HashMap<&'a str, usize>,
    /// Columns the contract declares.
    pub declared: &'a [String],
    /// Columns whose type is not the one the contract declares: `(name, what is wrong)`.
    pub mistyped: &'a [(String, String)],
    /// Other datasets.
    pub datasets: &'a [super::OtherDataset],
    /// Environments that the contract declares.
    pub environments: &'a [String],
    /// Failing rows shown where an expectation says nothing of it.
    pub samples: Samples,
    /// The folder of `tollgate.yaml`.
    pub base: &'a std::path::Path,
    /// The run's clock.
    pub now: DateTime<Utc>,
}

/// The place of each column by its name, the first of several: a wide dataset is asked for each of its columns.
#[must_use]
pub fn places(columns: &[Field]) -> HashMap<&str, usize> {
    let mut places = HashMap::with_capacity(columns.len());
    for (place, field) in columns.iter().enumerate() {
        places.entry(field.name.as_str()).or_insert(place);
    }
    places
}

impl<'a> Scope<'a> {
    /// The column with a name that the dataset has.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'a Field> {
        self.places.get(name).map(|place| &self.columns[*place])
    }
}

/// Reads the arguments; `None` when a problem was added.
pub fn bind(
    check: &Check,
    place: &Place,
    args: Option<&Node>,
    column: Option<&str>,
    scope: &Scope,
    problems: &mut Problems,
) -> Option<(Args, Common)> {
    let before = problems.0.len();
    let listed = column.map_or(Listed::UnderDataset, |_| Listed::UnderColumn);
    let entries = entries(check, args, listed, problems);
    let mut bound = Args::default();
    for param in &check.params {
        let given = entries
            .iter()
            .find(|(key, _)| key == &param.name)
            .map(|(_, node)| node);
        let node = given.copied().or(param.default.as_ref());
        if let Some(node) = node {
            let kind = LikeColumn {
                args: &bound,
                scope,
            };
            let read = if several::reads(&param.kind) {
                several::read(param, node, problems)
            } else {
                argument(param, node, &kind, problems)
            };
            if let Some(arg) = read {
                bound
                    .0
                    .push((param.name.clone(), arg, given.map(|n| n.place.clone())));
            }
        } else if let Some(column) = column.filter(|_| check.is_given(param, listed)) {
            let arg = match param.kind {
                ParamKind::Columns => Arg::Columns(vec![column.to_owned()]),
                _ => Arg::Column(column.to_owned()),
            };
            bound.0.push((param.name.clone(), arg, Some(place.clone())));
        } else if param.presence == crate::catalogue::parameter::Presence::Required {
            problems.add(
                Diagnostic::new(
                    "missing-argument",
                    format!("`{}` needs `{}`: {}", check.id, param.name, param.doc),
                )
                .at(place, format!("`{}` is not given", param.name)),
            );
        }
    }
    let common = common::read(check, &entries, scope, problems);
    if let Some(choice) = &check.choice
        && problems.0.len() == before
    {
        problems.0.extend(choice.broken(&check.id, &bound, place));
    }
    problems.0.extend(exact::empty_range(&bound, place));
    if problems.0.len() == before {
        problems
            .0
            .extend(super::forms::problem(check, &bound, place));
        problems
            .0
            .extend(super::fitting::problems(check, &bound, place));
        let elsewhere = super::elsewhere::problems(check, &bound, place, scope);
        problems.0.extend(elsewhere);
    }
    (problems.0.len() == before).then_some((bound, common))
}

fn entries<'a>(
    check: &Check,
    args: Option<&'a Node>,
    listed: Listed,
    problems: &mut Problems,
) -> Vec<(String, &'a Node)> {
    let Some(args) = args else { return Vec::new() };
    let Value::Map(map) = &args.value else {
        return check
            .alone(listed)
            .map_or_else(Vec::new, |param| vec![(param.name.clone(), args)]);
    };
    for (Key { name, place }, _) in map {
        if check.param(name).is_none() && !COMMON.contains(&name.as_str()) {
            let pattern: &[&str] = if check.takes_pattern() && listed == Listed::UnderDataset {
                &["columns", "on_no_match"]
            } else {
                &[]
            };
            let known = check
                .params
                .iter()
                .map(|p| p.name.as_str())
                .chain(pattern.iter().chain(COMMON).copied());
            problems.add(
                Diagnostic::new(
                    "unknown-argument",
                    format!("`{}` has no argument `{name}`", check.id),
                )
                .at(place, "not known")
                .help(listing("arguments", name, known)),
            );
        }
    }
    map.iter()
        .filter(|(_, v)| v.value != Value::Null)
        .map(|(k, v)| (k.name.clone(), v))
        .collect()
}

pub(super) struct LikeColumn<'a> {
    pub(super) args: &'a Args,
    pub(super) scope: &'a Scope<'a>,
}

impl LikeColumn<'_> {
    pub(super) fn dtype(&self) -> Option<&LogicalType> {
        self.dtype_of(self.args.column("column")?)
    }

    /// The type of a column, unless the contract declares another one.
    pub(super) fn dtype_of(&self, name: &str) -> Option<&LogicalType> {
        if self.scope.mistyped.iter().any(|(n, _)| n == name) {
            return None;
        }
        self.scope.column(name).map(|f| &f.dtype)
    }
}

fn argument(param: &Param, node: &Node, like: &LikeColumn, problems: &mut Problems) -> Option<Arg> {
    let wrong = |wanted: &str, problems: &mut Problems| {
        problems.wrong_type(node, &param.name, wanted);
        None
    };
    match (&param.kind, &node.value) {
        (ParamKind::Column(_), Value::Text(name)) => {
            column_exists(name, node, like.scope, problems).then(|| Arg::Column(name.clone()))
        }
        (kind, _) if kind.is_list() => lists::list(param, node, like, problems),
        (ParamKind::Text, Value::Text(text)) => Some(Arg::Text(text.clone())),
        (ParamKind::Regex, Value::Text(pattern)) => regex(pattern, node, problems),
        (ParamKind::Count, Value::Int(v)) if *v >= 0 => Some(Arg::Scalar(node.value.scalar()?)),
        (ParamKind::Number | ParamKind::Ratio, Value::Int(_) | Value::Float(_)) => {
            number(param, node, like.dtype(), problems)
        }
        (ParamKind::Boolean, Value::Bool(v)) => Some(Arg::Bool(*v)),
        (ParamKind::Value, _) => scalar(node, like.dtype(), &param.name, problems).map(Arg::Scalar),
        (ParamKind::Word(words), Value::Text(word)) => one_of(words, word, param, node, problems),
        (ParamKind::Type, Value::Text(name)) => {
            crate::contract::type_pattern(name, node, problems).map(Arg::Type)
        }
        (ParamKind::Contract, _) => {
            crate::contract::accepted::read(node, like.scope.base, problems).map(Arg::Accepted)
        }
        (ParamKind::JsonSchema, Value::Map(_)) => {
            Some(Arg::Text(crate::schema::plain(node).to_string()))
        }
        (ParamKind::JsonSchema, Value::Text(path)) => schema_file(path, node, like.scope, problems),
        (ParamKind::ValuesFile, Value::Text(path)) => {
            super::values_file::read(param, path, node, like, problems)
        }
        (ParamKind::Types, Value::Map(map)) => types(map, problems),
        (ParamKind::Expression, Value::Text(sql)) => Some(Arg::Expression(sql.clone())),
        (ParamKind::Dataset, Value::Text(name)) => dataset(name, node, like.scope, problems),
        (ParamKind::Duration, Value::Text(text)) => match seconds(text) {
            Some(v) => Some(Arg::Seconds(v)),
            None => wrong("a length of time such as 90m, 36h, 7d or 2w", problems),
        },
        (ParamKind::Day, Value::Text(text)) => match day(text, like.scope.now) {
            Some(day) => Some(Arg::Scalar(typed_day(day, like.dtype()))),
            None => wrong(
                "a day such as 2013-02-01, `today` or `today - 30d`",
                problems,
            ),
        },
        (kind, _) => wrong(
            &format!("{} ({})", article(kind.word()), param.doc),
            problems,
        ),
    }
}

/// A finite number; from 0 to 1 where a ratio is wanted.
fn number(
    param: &Param,
    node: &Node,
    dtype: Option<&LogicalType>,
    problems: &mut Problems,
) -> Option<Arg> {
    let value = match param.kind {
        ParamKind::Number => exact::number(node, dtype)?,
        _ => node.value.scalar()?,
    };
    let (fits, wanted) = match (&param.kind, value.number()) {
        (ParamKind::Ratio, v) => (
            v.is_some_and(|v| (0.0..=1.0).contains(&v)),
            "a number from 0 to 1",
        ),
        (_, v) => (v.is_some_and(f64::is_finite), "a finite number"),
    };
    if fits {
        return Some(Arg::Scalar(value));
    }
    problems.wrong_type(node, &param.name, wanted);
    None
}

/// A calendar day, or the day of the run's clock in UTC, or so many days before or after it: `today - 30d`.
fn day(text: &str, now: DateTime<Utc>) -> Option<NaiveDate> {
    let Some(rest) = text.strip_prefix("today") else {
        return text.parse().ok();
    };
    let rest = rest.trim_start();
    if rest.is_empty() {
        return Some(now.date_naive());
    }
    let (sign, days) = rest.split_at_checked(1)?;
    let days = days.trim_start().strip_suffix('d')?;
    if days.is_empty() || !days.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let days = chrono::TimeDelta::try_days(days.parse().ok()?)?;
    match sign {
        "-" => now.date_naive().checked_sub_signed(days),
        "+" => now.date_naive().checked_add_signed(days),
        _ => None,
    }
}

pub(super) fn one_of(
    words: &[String],
    word: &str,
    param: &Param,
    node: &Node,
    problems: &mut Problems,
) -> Option<Arg> {
    if words.iter().any(|w| w == word) {
        return Some(Arg::Word(word.to_owned()));
    }
    problems.add(
        Diagnostic::new(
            "unknown-value",
            format!("`{}` cannot be `{word}`", param.name),
        )
        .at(&node.place, "not known")
        .help(listing("values", word, words.iter().map(String::as_str))),
    );
    None
}

/// The content of a schema's file, whose path is relative to `tollgate.yaml`.
fn schema_file(path: &str, node: &Node, scope: &Scope, problems: &mut Problems) -> Option<Arg> {
    let file = scope.base.join(path);
    match std::fs::read_to_string(&file) {
        Ok(text) => Some(Arg::Text(text)),
        Err(error) => {
            let what = format!("cannot read {}: {error}", file.display());
            problems.add(Diagnostic::new("unreadable-file", what).at(&node.place, "named here"));
            None
        }
    }
}

fn types(map: &[(Key, Node)], problems: &mut Problems) -> Option<Arg> {
    map.iter()
        .map(|(key, node)| {
            let Value::Text(name) = &node.value else {
                problems.wrong_type(node, &key.name, "a type's name");
                return None;
            };
            Some((
                key.name.clone(),
                crate::contract::type_pattern(name, node, problems)?,
            ))
        })
        .collect::<Option<Vec<(String, TypePattern)>>>()
        .map(Arg::Types)
}

fn dataset(name: &str, node: &Node, scope: &Scope, problems: &mut Problems) -> Option<Arg> {
    if scope.datasets.iter().any(|d| d.name == name) {
        return Some(Arg::Text(name.to_owned()));
    }
    let known = scope.datasets.iter().map(|d| d.name.as_str());
    problems.add(
        Diagnostic::new("unknown-dataset", format!("there is no dataset `{name}`"))
            .at(&node.place, "not in tollgate.yaml")
            .help(listing("datasets", name, known)),
    );
    None
}

fn article(word: &str) -> String {
    match word {
        "text" | "texts" | "columns" | "values" | "numbers" | "types" => word.to_owned(),
        _ if word.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {word}"),
        _ => format!("a {word}"),
    }
}

pub(super) fn column_exists(
    name: &str,
    node: &Node,
    scope: &Scope,
    problems: &mut Problems,
) -> bool {
    if scope.column(name).is_some() || scope.declared.iter().any(|d| d == name) {
        return true;
    }
    problems.add(
        Diagnostic::new(
            "unknown-column",
            format!("the dataset has no column `{name}`"),
        )
        .at(
            &node.place,
            "neither in the data nor declared in the contract",
        )
        .help(listing(
            "columns",
            name,
            scope.columns.iter().map(|f| f.name.as_str()),
        )),
    );
    false
}

pub(super) fn regex(pattern: &str, node: &Node, problems: &mut Problems) -> Option<Arg> {
    match regex::Regex::new(pattern) {
        Ok(_) => Some(Arg::Regex(pattern.to_owned())),
        Err(error) => {
            let text = error.to_string();
            let reason = text
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ");
            problems.add(
                Diagnostic::new("invalid-regex", format!("the regular expression does not parse: {reason}"))
                    .at(&node.place, "here")
                    .help("the syntax is that of the Rust regex crate: no look-around, no back-references"),
            );
            None
        }
    }
}

/// The value in the column's own type.
pub(super) fn scalar(
    node: &Node,
    dtype: Option<&LogicalType>,
    name: &str,
    problems: &mut Problems,
) -> Option<Scalar> {
    let Some(value) = exact::number(node, dtype) else {
        problems.wrong_type(node, name, "one value");
        return None;
    };
    if matches!(value, Scalar::Float(v) if v.is_nan()) {
        problems.wrong_type(node, name, "a value; NaN is none, see `not_nan`");
        return None;
    }
    let fits = match (dtype, &value) {
        (None | Some(LogicalType::Null), _)
        | (Some(LogicalType::String), Scalar::Text(_))
        | (Some(LogicalType::Boolean), Scalar::Bool(_)) => Some(value.clone()),
        (Some(t), Scalar::Int(_) | Scalar::Float(_) | Scalar::Decimal { .. }) if t.is_numeric() => {
            Some(value.clone())
        }
        (Some(LogicalType::Time), Scalar::Text(text)) => exact::time(text),
        (Some(LogicalType::Date | LogicalType::Timestamp { .. }), Scalar::Text(text)) => {
            moment(text, dtype)
        }
        _ => None,
    };
    if fits.is_none() {
        let wanted = dtype.map_or_else(String::new, ToString::to_string);
        problems.add(
            Diagnostic::new(
                "type-mismatch",
                format!("`{value}` is {}, the column is {wanted}", node.value.kind()),
            )
            .at(&node.place, format!("must be {wanted}"))
            .help(exact::way_out(dtype)),
        );
    }
    fits
}

fn moment(text: &str, dtype: Option<&LogicalType>) -> Option<Scalar> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some(typed_day(day, dtype));
    }
    let utc = matches!(dtype, Some(LogicalType::Timestamp { utc: true }));
    let instant = DateTime::parse_from_rfc3339(text).ok();
    if instant.is_some() && !utc {
        return None;
    }
    let moment = match instant {
        Some(instant) => instant.to_utc(),
        None => text.parse::<chrono::NaiveDateTime>().ok()?.and_utc(),
    };
    let nanos = moment.timestamp_nanos_opt()?;
    matches!(dtype, Some(LogicalType::Timestamp { .. })).then_some(Scalar::Timestamp {
        nanos: crate::scalar::Integer(i128::from(nanos)),
        utc,
    })
}

fn typed_day(day: NaiveDate, dtype: Option<&LogicalType>) -> Scalar {
    let days = day.signed_duration_since(NaiveDate::default()).num_days();
    match dtype {
        Some(LogicalType::Timestamp { utc }) => Scalar::Timestamp {
            nanos: crate::scalar::Integer(i128::from(days) * 86_400_000_000_000),
            utc: *utc,
        },
        _ => Scalar::Date(days),
    }
}

/// `90m`, `36h`, `7d`, `2w` in seconds.
#[must_use]
pub fn seconds(text: &str) -> Option<i64> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let digits = text.strip_suffix(unit)?;
    let size = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    digits.trim().parse::<i64>().ok()?.checked_mul(size)
}
