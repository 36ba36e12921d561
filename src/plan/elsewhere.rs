//! Personal data that may stand in some columns only: which ones are looked at.

use super::against::is_of;
use super::bind::Scope;
use super::{DatasetPlan, Planned};
use crate::catalogue::argument::{Arg, Args};
use crate::catalogue::{Check, Measure, Statistic};
use crate::config::DatasetConfig;
use crate::contract::Privacy;
use crate::contract::selection::NamePattern;
use crate::diagnostic::{Diagnostic, Place, listing};
use crate::types::LogicalType;

/// Whether an expectation is about every text column but some.
#[must_use]
pub fn is_meant(check: &Check) -> bool {
    check.measure == Measure::Statistic(Statistic::PersonalElsewhere)
}

/// The text columns, in file order, in which no personal data may stand: neither named by the expectation nor marked
/// `pii: true`, nor inside of such a column. What only turned out to be personal is looked at as well.
#[must_use]
pub fn columns(planned: &Planned, plan: &DatasetPlan) -> Vec<String> {
    let allowed = patterns(&planned.args, &plan.config.place);
    let is_allowed = |name: &str| {
        allowed.iter().any(|p| p.matches(name)) || allowed.iter().any(|p| is_of(&p.written, name))
    };
    let texts = plan
        .columns
        .iter()
        .filter(|f| f.dtype == LogicalType::String);
    texts
        .map(|f| &f.name)
        .filter(|name| !is_allowed(name) && !is_marked(&plan.config, name))
        .cloned()
        .collect()
}

/// Whether `pii: true` is written of a column, or of what it is inside of.
fn is_marked(config: &DatasetConfig, column: &str) -> bool {
    let declared = config.contract.iter().flat_map(|c| &c.columns);
    let mut marked = declared.filter(|c| c.privacy == Privacy::Personal);
    marked.any(|c| is_of(&c.name, column))
}

fn patterns(args: &Args, place: &Place) -> Vec<NamePattern> {
    let Some(Arg::Texts(names)) = args.get("columns") else {
        return Vec::new();
    };
    let read = names.iter().filter_map(|n| NamePattern::read(n, place));
    read.collect()
}

/// The problem of every name that is of no column, and of every pattern that does not read.
pub(super) fn problems(
    check: &Check,
    args: &Args,
    place: &Place,
    scope: &Scope,
) -> Vec<Diagnostic> {
    let Some(Arg::Texts(names)) = args.get("columns").filter(|_| is_meant(check)) else {
        return Vec::new();
    };
    let at = args.place("columns").unwrap_or(place);
    let all = || scope.columns.iter().map(|f| f.name.as_str());
    let declared = |name: &str| scope.declared.iter().any(|d| d == name);
    let problem = |name: &String| {
        let known = NamePattern::read(name, at).is_some_and(|pattern| {
            pattern.is_open()
                || declared(name)
                || all().any(|column| pattern.matches(column) || is_of(name, column))
        });
        (!known).then(|| {
            Diagnostic::new("unknown-column", format!("no column is called `{name}`"))
                .at(at, "not there")
                .help(listing("columns", name, all()))
        })
    };
    names.iter().filter_map(problem).collect()
}
