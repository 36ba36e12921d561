//! DQDL, the Data Quality Definition Language of AWS Glue: `Rules = [ IsComplete "id", RowCount > 100 ]`.
//!
//! Source: the published grammar of the language, its reference, and Deequ's open implementation, for what nulls do:
//! `between` leaves both bounds out; a null fails `ColumnValues` unless it is negated; a null has length 0; `matches` is of
//! the whole text; the standard deviation is that of the population.

mod others;
mod parse;
mod past;
mod rules;
mod token;
mod values;
mod whole;

use super::build::ContractDraft;
use super::coverage::Coverage;
use super::promise::{Promise, Reading, Refused};
use super::{Form, Imported};
use crate::diagnostic::{Diagnostic, Place, SourceFile};
use parse::{Rule, Tree};
use std::sync::Arc;

/// Reads a ruleset.
///
/// Errors: what is no DQDL, at its place; a rule without a parameter or condition that its type needs.
pub fn read(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    let document = parse::document(file).map_err(|problem| vec![problem])?;
    let start = Place {
        file: Arc::clone(file),
        line: 1,
        column: 1,
        length: 1,
    };
    let mut contract = ContractDraft::new(&start);
    let mut coverage = Coverage::default();
    let mut problems = Vec::new();
    for (name, place) in document.told {
        coverage.told(&place, name);
    }
    for (tree, place) in &document.rules {
        let what = what(tree);
        match held(tree) {
            Ok(read) => {
                let mut checks: Vec<&str> = read.promises.iter().map(Promise::check).collect();
                checks.dedup();
                match read.note {
                    Some(note) => coverage.note(place, what, note),
                    None => coverage.mapped(place, what, checks.join(", ")),
                }
                // Without a row nothing is computed there, and the rule fails.
                let empty = |p: Promise| {
                    if p.takes_on_empty() {
                        p.text("on_empty", "fail")
                    } else {
                        p
                    }
                };
                let nodes = read.promises.into_iter().map(empty).map(Promise::into_node);
                contract.expect.extend(nodes);
            }
            Err(Refused::Wrong(problem)) => problems.push(problem),
            Err(Refused::Dropped(reason)) => coverage.dropped(place, what, reason),
            Err(Refused::Empty(why)) => coverage.note(place, what, why),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Imported::one(
        Form::Dqdl,
        None,
        contract.into_node(),
        coverage,
    ))
}

/// The rule in its own words: type and parameters.
fn what(tree: &Tree) -> String {
    let joined = |parts: &[Tree], word: &str| {
        let parts: Vec<String> = parts.iter().map(|p| format!("({})", what(p))).collect();
        parts.join(word)
    };
    match tree {
        Tree::One(rule) => {
            let params = rule.params.iter().map(|(p, _)| format!(" \"{p}\""));
            format!("{}{}", rule.name, params.collect::<String>())
        }
        Tree::All(parts) => joined(parts, " and "),
        Tree::Any(parts) => joined(parts, " or "),
    }
}

/// What a rule becomes, and what differs from the original.
struct Held {
    promises: Vec<Promise>,
    note: Option<String>,
}

fn held(tree: &Tree) -> Result<Held, Refused> {
    match tree {
        Tree::One(rule) => one(rule),
        Tree::All(parts) => {
            let mut all = Held {
                promises: Vec::new(),
                note: None,
            };
            for part in parts {
                let read = held(part)?;
                all.promises.extend(read.promises);
                all.note = all.note.or(read.note);
            }
            Ok(all)
        }
        Tree::Any(parts) => any(parts),
    }
}

fn one(rule: &Rule) -> Result<Held, Refused> {
    let (promises, note) = rules::read(rule)?;
    let filtered: Reading = match &rule.filter {
        None => Ok(promises),
        Some(_) if promises.iter().any(|p| !p.reads_rows()) => Err(Refused::Dropped(
            "`where` of a rule that reads no rows".to_owned(),
        )),
        Some((sql, place)) => Ok(promises
            .into_iter()
            .map(|p| p.only_at(sql.clone(), place))
            .collect()),
    };
    Ok(Held {
        promises: filtered?,
        note,
    })
}

/// Rules that `or` joins: each over all rows, as one condition.
fn any(parts: &[Tree]) -> Result<Held, Refused> {
    Ok(Held {
        promises: vec![whole::any(parts)?],
        note: Some(
            "each rule is judged over all rows, as by default in AWS Glue, and the answers are joined in SQL: the value is 0 \
             where one of them holds"
                .to_owned(),
        ),
    })
}
