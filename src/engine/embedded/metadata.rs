//! The catalogue's statistics that schema and files decide, without a row.

use super::source::Dataset;
use crate::catalogue::Statistic;
use crate::catalogue::argument::{Arg, Args};
use crate::error::Result;
use crate::plan::{DatasetPlan, Planned};
use crate::scalar::{Integer, Scalar};
use crate::types::{Field, LogicalType, TypePattern};
use regex::Regex;
use std::collections::BTreeMap;

/// What schema or files say.
pub(super) enum Said {
    /// What differs from the promise, in words.
    Differences(Vec<String>),
    /// Counts by name, and what there is in words.
    Counts(Vec<(&'static str, u64)>, String),
}

/// What a statistic says of schema and files; `None` for those that look at rows, the clock or other datasets.
///
/// Errors: [`crate::error::Error::Data`] when a file cannot be read for its digest.
pub(super) fn said(
    statistic: Statistic,
    planned: &Planned,
    plan: &DatasetPlan,
    dataset: &Dataset,
) -> Result<Option<Said>> {
    let args = &planned.args;
    Ok(Some(match statistic {
        Statistic::ColumnsMatch => Said::Differences(columns_match(args, plan)),
        Statistic::ColumnExists => Said::Differences(column_exists(args, plan)),
        Statistic::ColumnNamesMatch => Said::Differences(column_names_match(args, plan)),
        Statistic::ColumnType => Said::Differences(column_type(args, plan)),
        Statistic::Nullability => Said::Differences(nullability(args, plan)),
        Statistic::ColumnCount => {
            let count = plan.schema.fields.len() as u64;
            Said::Counts(vec![("columns", count)], String::new())
        }
        Statistic::FileCount => {
            let count = dataset.files().len() as u64;
            Said::Counts(vec![("files", count)], String::new())
        }
        Statistic::FileSize => file_size(args, dataset),
        Statistic::FileMatches => Said::Differences(file_matches(args, dataset)?),
        Statistic::FileUnique => Said::Differences(file_unique(dataset)?),
        _ => return Ok(None),
    }))
}

/// A count as a measured value.
pub(super) fn count(value: u64) -> Scalar {
    Scalar::Int(Integer(i128::from(value)))
}

/// A name as it is compared: in lower case with `case: insensitive`.
fn folded(args: &Args, name: &str) -> String {
    if args.text("case") == Some("insensitive") {
        name.to_lowercase()
    } else {
        name.to_owned()
    }
}

fn wanted(args: &Args) -> &[String] {
    match args.get("columns") {
        Some(Arg::Texts(names)) => names,
        _ => &[],
    }
}

/// Names of the top-level columns, and the paths of what is inside of them.
fn names(plan: &DatasetPlan) -> impl Iterator<Item = &str> {
    let inside = plan.columns.iter().map(|f| f.name.as_str());
    plan.schema.names().chain(inside)
}

fn columns_match(args: &Args, plan: &DatasetPlan) -> Vec<String> {
    let wanted = wanted(args);
    let mode = args.text("mode").unwrap_or("exact");
    let top: Vec<&str> = plan.schema.names().collect();
    let same = |a: &str, b: &str| folded(args, a) == folded(args, b);
    let has = |name: &String| names(plan).any(|n| same(n, name));
    let listed = |name: &str| wanted.iter().any(|w| same(w, name));
    let mut found = Vec::new();
    if mode == "partial" {
        if !wanted.iter().any(&has) {
            found.push(format!("none of {} is there", wanted.join(", ")));
        }
        return found;
    }
    if mode != "subset" {
        let missing = wanted.iter().filter(|name| !has(name));
        found.extend(missing.map(|name| format!("column `{name}` is missing")));
    }
    if mode != "superset" && args.text("extra") != Some("allow") {
        let extra = top.iter().filter(|name| !listed(name));
        found.extend(extra.map(|name| format!("column `{name}` is not in the contract")));
    }
    if args.text("order") == Some("strict") {
        let both = top.iter().filter(|n| listed(n));
        let wished = wanted.iter().filter(|n| top.iter().any(|t| same(t, n)));
        let mut pairs = both.zip(wished);
        if let Some((is, should)) = pairs.find(|(is, should)| !same(is, should)) {
            found.push(format!("column `{is}` stands where `{should}` should"));
        }
    }
    found
}

fn column_exists(args: &Args, plan: &DatasetPlan) -> Vec<String> {
    let there = |name: &String| names(plan).any(|n| folded(args, n) == folded(args, name));
    let absent = args.get("absent") == Some(&Arg::Bool(true));
    if let Some(Scalar::Int(position)) = args.scalar("position") {
        return standing(args, plan, position.0);
    }
    let wrong = wanted(args).iter().filter(|name| there(name) == absent);
    let what = if absent { "is there" } else { "is missing" };
    wrong
        .map(|name| format!("column `{name}` {what}"))
        .collect()
}

/// The listed columns stand one after the other from a place on, counted from 1.
fn standing(args: &Args, plan: &DatasetPlan, position: i128) -> Vec<String> {
    let from = usize::try_from(position).unwrap_or(usize::MAX).max(1) - 1;
    let top: Vec<&str> = plan.schema.names().collect();
    let wrong = |(at, name): (usize, &String)| {
        let place = from.saturating_add(at);
        let is = top.get(place).copied();
        (is.map(|n| folded(args, n)) != Some(folded(args, name))).then(|| match is {
            Some(is) => format!("column {} is `{is}`, not `{name}`", place + 1),
            None => format!(
                "there is no column {} to be `{name}`",
                place.saturating_add(1)
            ),
        })
    };
    wanted(args).iter().enumerate().filter_map(wrong).collect()
}

fn column_names_match(args: &Args, plan: &DatasetPlan) -> Vec<String> {
    let pattern = args.text("pattern").unwrap_or_default();
    let anchored = match args.text("match") {
        Some("full") => format!("^(?:{pattern})$"),
        Some("prefix") => format!("^(?:{pattern})"),
        _ => pattern.to_owned(),
    };
    // The pattern was read when the plan was made; anchors add nothing that could break it.
    let Ok(regex) = Regex::new(&anchored) else {
        return vec![format!("`{pattern}` does not parse")];
    };
    let others = plan.schema.names().filter(|name| !regex.is_match(name));
    others
        .map(|name| format!("column `{name}` does not match"))
        .collect()
}

fn field<'a>(args: &Args, plan: &'a DatasetPlan) -> Option<&'a Field> {
    let name = args.column("column")?;
    let mut all = plan.columns.iter().chain(&plan.schema.fields);
    all.find(|f| f.name == name)
}

fn column_type(args: &Args, plan: &DatasetPlan) -> Vec<String> {
    let (Some(Arg::TypeList(patterns)), Some(field)) = (args.get("type"), field(args, plan)) else {
        return Vec::new();
    };
    let lossless = args.text("coerce") == Some("lossless");
    let kept = |pattern: &TypePattern| {
        pattern.accepts(&field.dtype) || (lossless && fits_without_loss(&field.dtype, pattern))
    };
    if patterns.iter().any(kept) {
        return Vec::new();
    }
    let listed: Vec<String> = patterns.iter().map(ToString::to_string).collect();
    vec![format!(
        "`{}` is {}, the contract says {}",
        field.name,
        field.dtype,
        listed.join(" or ")
    )]
}

/// Whether every value of a column of type `from` is a value of the wanted type, exactly.
///
/// Whole numbers in wider ones, in floats of at least as many digits and in decimals; narrow floats in wide ones; decimals
/// in decimals with as many digits on both sides of the point; dates in timestamps without a zone.
fn fits_without_loss(from: &LogicalType, wanted: &TypePattern) -> bool {
    use LogicalType as T;
    let TypePattern::Exact(to) = wanted else {
        return false;
    };
    let digits = |bits: u8, signed: bool| match (bits, signed) {
        (8, _) => 3,
        (16, _) => 5,
        (32, _) => 10,
        (_, true) => 19,
        (_, false) => 20,
    };
    let mantissa = |bits: u8| match bits {
        16 => 11,
        32 => 24,
        _ => 53,
    };
    let decimal = |p: u8, s: i8, whole: i32| i32::from(p) - i32::from(s) >= whole && s >= 0;
    match (from, to) {
        (T::Int(a), T::Int(b)) | (T::UInt(a), T::UInt(b)) | (T::Float(a), T::Float(b)) => a <= b,
        (T::UInt(a), T::Int(b)) => a < b,
        (T::Int(a), T::Float(b)) => *a <= mantissa(*b),
        (T::UInt(a), T::Float(b)) => *a <= mantissa(*b),
        (T::Int(a), T::Decimal(p, s)) => decimal(*p, *s, digits(*a, true)),
        (T::UInt(a), T::Decimal(p, s)) => decimal(*p, *s, digits(*a, false)),
        (T::Decimal(p, s), T::Decimal(q, t)) => {
            s <= t && i32::from(*p) - i32::from(*s) <= i32::from(*q) - i32::from(*t)
        }
        (T::Date, T::Timestamp { utc: false }) => true,
        _ => false,
    }
}

fn nullability(args: &Args, plan: &DatasetPlan) -> Vec<String> {
    let Some(field) = field(args, plan) else {
        return Vec::new();
    };
    let wanted = args.get("nullable") == Some(&Arg::Bool(true));
    if field.nullable == wanted {
        return Vec::new();
    }
    let is = if field.nullable { "may" } else { "may not" };
    vec![format!(
        "`{}` {is} hold nulls, as the file says",
        field.name
    )]
}

fn file_size(args: &Args, dataset: &Dataset) -> Said {
    let sizes = || dataset.files().iter().map(|f| f.bytes);
    let total: u64 = sizes().sum();
    let each = args.text("of") != Some("total");
    let (least, most) = match (each, sizes().min(), sizes().max()) {
        (true, Some(least), Some(most)) => (least, most),
        _ => (total, total),
    };
    let counts = vec![
        ("least_bytes", least),
        ("most_bytes", most),
        ("total_bytes", total),
    ];
    Said::Counts(counts, String::new())
}

/// Files whose content is not among the given digests, and digests of no file.
fn file_matches(args: &Args, dataset: &Dataset) -> Result<Vec<String>> {
    let wanted: Vec<String> = match args.get("sha256") {
        Some(Arg::Texts(list)) => list.iter().map(|d| d.trim().to_lowercase()).collect(),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    let mut seen = Vec::new();
    for file in dataset.files() {
        let digest = file.sha256()?;
        if !wanted.contains(&digest) {
            found.push(format!("`{}` is {digest}", file.path));
        }
        seen.push(digest);
    }
    let missing = wanted.iter().filter(|d| !seen.contains(d));
    found.extend(missing.map(|d| format!("no file is {d}")));
    Ok(found)
}

/// Files that are the same as one before.
fn file_unique(dataset: &Dataset) -> Result<Vec<String>> {
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for file in dataset.files() {
        match first.get(&file.sha256()?) {
            Some(same) => found.push(format!("`{}` is the same as `{same}`", file.path)),
            None => drop(first.insert(file.sha256()?, &file.path)),
        }
    }
    Ok(found)
}
