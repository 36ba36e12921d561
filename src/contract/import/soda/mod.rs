//! Soda: contracts of version 4 (`dataset`, `columns`, `checks`) and `SodaCL` of version 3 (`checks for NAME`).
//!
//! Source: the published documentation of both languages, and for duplicates what soda-core 3.5.6 and 4.28.0 answer and
//! where they compute it; no code was taken. Percents of missing and invalid values are of all rows; what duplicates are
//! is said in `metric`; `between` includes its bounds in `SodaCL`, and says which it includes in contracts. A regular
//! expression is searched for, as most databases do.

mod contract;
mod metric;
mod past;
mod spoken;
mod threshold;

use super::build::{self, ContractDraft};
use super::coverage::Coverage;
use super::over_data::rewritten;
use super::promise::{Promise, Refused, words};
use super::{Draft, Form, Imported, tree_of};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place, SourceFile};
use std::sync::Arc;

/// Reads a contract or a file of checks.
///
/// Errors: every problem with its place: not YAML, neither form, a check with settings of another kind than it takes.
pub fn read(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    let root = tree_of(file).map_err(|problem| vec![problem])?;
    let Value::Map(entries) = &root.value else {
        let problem = Diagnostic::new("wrong-type", "a Soda file must be a mapping");
        return Err(vec![
            problem.at(&root.place, format!("found {}", root.value.kind())),
        ]);
    };
    let mut problems = Problems::default();
    let spoken = |name: &str| name.starts_with("checks for ") || name.starts_with("for each ");
    let (drafts, told) = if entries.iter().any(|(k, _)| spoken(&k.name)) {
        spoken::read(entries, &mut problems)
    } else {
        contract::read(&root, &mut problems)
    };
    if drafts.is_empty() && problems.0.is_empty() {
        let problem = Diagnostic::new(
            "promises-nothing",
            "neither `dataset` nor `checks for ..` is there",
        );
        problems.add(problem.at(&root.place, "no dataset is named"));
    }
    if !problems.0.is_empty() {
        return Err(problems.0);
    }
    let mut coverage = told;
    for draft in &drafts {
        coverage.items.extend(draft.coverage.items.iter().cloned());
        coverage.told.extend(draft.coverage.told.iter().cloned());
    }
    Ok(Imported {
        form: Form::Soda,
        contracts: drafts,
        coverage,
    })
}

/// One dataset on its way into a contract.
struct Table<'p> {
    contract: ContractDraft,
    coverage: Coverage,
    problems: &'p mut Problems,
}

/// What a check becomes: promises, and what differs from the original.
type Held = Result<(Vec<Promise>, Option<String>), Refused>;

impl Table<'_> {
    /// Adds what a check becomes.
    fn held(&mut self, place: &Place, what: &str, held: Held) {
        match held {
            Ok((promises, note)) => {
                let mut checks: Vec<&str> = promises.iter().map(Promise::check).collect();
                checks.dedup();
                match note {
                    Some(note) => self.coverage.note(place, what, note),
                    None => self.coverage.mapped(place, what, checks.join(", ")),
                }
                let each = |p: Promise| {
                    let counted = p.counts_rows();
                    if counted {
                        p.text("on_empty", "pass")
                    } else {
                        p
                    }
                    .into_node()
                };
                self.contract.expect.extend(promises.into_iter().map(each));
            }
            Err(Refused::Wrong(problem)) => self.problems.add(problem),
            Err(Refused::Dropped(reason)) => self.coverage.dropped(place, what, reason),
            Err(Refused::Empty(why)) => self.coverage.note(place, what, why),
        }
    }

    fn into_draft(self, name: &str) -> Draft {
        Draft {
            name: Some(name.to_owned()),
            contract: self.contract.into_node(),
            coverage: self.coverage,
        }
    }
}

/// A query that finds failing rows, over the dataset whose table it names.
fn query(node: &Node, dataset: &str, place: &Place) -> Result<Promise, Refused> {
    let written = words(node, "a query")?;
    if written.contains("${") || written.contains("{{") {
        return Err(Refused::Dropped("a query with a variable".to_owned()));
    }
    let sql = rewritten(written, dataset).ok_or_else(|| {
        Refused::Dropped(format!(
            "the query does not read `{dataset}`, whose rows are looked at"
        ))
    })?;
    Ok(Promise::new("returns_no_rows", place).with("query", build::text(&node.place, sql)))
}

/// Only the rows of a filter.
fn filtered(promise: Promise, filter: Option<&Node>) -> Result<Promise, Refused> {
    let Some(node) = filter else {
        return Ok(promise);
    };
    let Value::Text(sql) = &node.value else {
        return Err(Refused::kind(node, "filter", "SQL"));
    };
    if sql.contains("${") {
        return Err(Refused::Dropped("a filter with a variable".to_owned()));
    }
    if !promise.reads_rows() {
        return Err(Refused::Dropped(
            "a filter of a check that reads no rows".to_owned(),
        ));
    }
    Ok(promise.only_at(sql.trim(), &node.place))
}

/// The unit of an age in minutes.
fn minutes(unit: &str) -> Option<f64> {
    match unit {
        "m" | "minute" | "minutes" => Some(1.0),
        "h" | "hour" | "hours" => Some(60.0),
        "d" | "day" | "days" => Some(1440.0),
        _ => None,
    }
}
