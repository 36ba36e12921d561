//! Keys of two datasets: as many columns on both sides, which are there and can be compared.

use super::OtherDataset;
use super::bind::Scope;
use crate::catalogue::argument::{Arg, Args};
use crate::catalogue::{Check, Measure, Statistic};
use crate::config::fields::Problems;
use crate::diagnostic::{Diagnostic, Place, listing};
use crate::types::LogicalType;

/// The other dataset and its key columns; `None` where no key of two datasets is meant.
fn theirs<'a>(
    check: &Check,
    args: &Args,
    scope: &'a Scope,
) -> Option<(&'a OtherDataset, Vec<String>)> {
    if check.measure != Measure::Statistic(Statistic::ForeignKey) {
        return None;
    }
    let name = args.text("dataset")?;
    let other = scope.datasets.iter().find(|d| d.name == name)?;
    let columns = match args.get("their_columns") {
        Some(Arg::Texts(names)) => names.clone(),
        _ => args.columns("columns"),
    };
    Some((other, columns))
}

/// Adds a problem for every key column that the other dataset lacks, and for keys of different widths.
pub(super) fn exist(
    check: &Check,
    args: &Args,
    place: &Place,
    scope: &Scope,
    problems: &mut Problems,
) {
    let Some((other, theirs)) = theirs(check, args, scope) else {
        return;
    };
    let own = args.columns("columns").len();
    let at = args.place("their_columns").unwrap_or(place);
    if theirs.len() != own {
        let what = format!(
            "`{}` compares {own} columns here with {} of `{}`",
            check.id,
            theirs.len(),
            other.name
        );
        problems.add(
            Diagnostic::new("wrong-columns", what)
                .at(at, "as many columns are needed as in `columns`"),
        );
    }
    for name in &theirs {
        if !other.columns.iter().any(|f| f.name == *name) {
            let what = format!("dataset `{}` has no column `{name}`", other.name);
            let known = other.columns.iter().map(|f| f.name.as_str());
            problems.add(
                Diagnostic::new("unknown-column", what)
                    .at(at, "not there")
                    .help(listing("columns", name, known)),
            );
        }
    }
}

/// Why two keys cannot be compared: a pair of columns is of different kinds.
pub(super) fn differing(check: &Check, args: &Args, scope: &Scope) -> Option<String> {
    let (other, theirs) = theirs(check, args, scope)?;
    args.columns("columns")
        .iter()
        .zip(&theirs)
        .find_map(|(own, their)| {
            let here = &scope.columns.iter().find(|f| f.name == *own)?.dtype;
            let there = &other.columns.iter().find(|f| f.name == *their)?.dtype;
            (!comparable(here, there)).then(|| {
                format!(
                    "`{own}` is {here}, `{their}` of {} is {there}; they cannot be compared",
                    other.name
                )
            })
        })
}

/// Whether values of the two types can be equal: integers of any width, floats, decimals of one scale, timestamps with
/// or without a zone; else the same type.
fn comparable(a: &LogicalType, b: &LogicalType) -> bool {
    use LogicalType as T;
    match (a, b) {
        (T::Null, _)
        | (_, T::Null)
        | (T::Int(_) | T::UInt(_), T::Int(_) | T::UInt(_))
        | (T::Float(_), T::Float(_)) => true,
        (T::Decimal(_, s), T::Decimal(_, t)) => s == t,
        _ => a == b,
    }
}
