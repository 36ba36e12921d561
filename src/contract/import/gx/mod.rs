//! Great Expectations suites: JSON of 0.x (`expectation_type`) and of 1.x (`type`), or the same as YAML.
//!
//! Source: the documentation and the public classes of Great Expectations 0.18 and 1.24. Semantics are those of its
//! pandas engine: a map expectation looks at the values that are there and passes without any, `mostly` is a share of
//! them; an aggregate without a value fails; every row of a repeated value is a failing one; a regular expression is
//! searched for anywhere in the text. NaN stays a value here, where pandas takes it for null.

mod condition;
mod maps;
mod numbers;
mod rule;
mod table;
mod token;
mod wide;

use super::build::{self, ContractDraft};
use super::coverage::Coverage;
use super::promise::{Promise, Reading, Refused, words};
use super::{Form, Imported, tree_of};
use crate::config::fields::{Fields, Problems};
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Place, SourceFile};
pub(super) use maps::{plain, python};
use rule::{Rule, wrong};
use std::sync::Arc;

/// Reads a suite.
///
/// Errors: every problem with its place: not JSON or YAML, no list of expectations, an argument of another kind than
/// Great Expectations takes itself. What it takes and nothing here holds is in the coverage, not an error.
pub fn read(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    let root = tree_of(file).map_err(|problem| vec![problem])?;
    let mut problems = Problems::default();
    let Some(suite) = Suite::of(&root, &mut problems) else {
        return Err(problems.0);
    };
    let mut contract = ContractDraft::new(&root.place);
    let mut coverage = Coverage::default();
    if let Some(name) = suite.name {
        contract.set("dataset", name.clone());
    }
    if let Some(text) = notes(suite.meta) {
        contract.set("description", text);
    }
    for node in suite.expectations {
        let Some(one) = Written::of(node, &mut problems) else {
            continue;
        };
        one.add(&suite, &mut contract, &mut coverage, &mut problems);
    }
    if !problems.0.is_empty() {
        return Err(problems.0);
    }
    let name = match suite.name.map(|n| &n.value) {
        Some(Value::Text(name)) => Some(name.clone()),
        _ => None,
    };
    Ok(Imported::one(
        Form::Gx,
        name,
        contract.into_node(),
        coverage,
    ))
}

/// The parts of a suite.
struct Suite<'a> {
    name: Option<&'a Node>,
    meta: Option<&'a Node>,
    parameters: &'a [(Key, Node)],
    expectations: &'a [Node],
}

impl<'a> Suite<'a> {
    fn of(root: &'a Node, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(root, "a suite of expectations", problems)?;
        let name = fields
            .get("name")
            .or_else(|| fields.get("expectation_suite_name"));
        let list = fields.require("expectations", problems)?;
        let Value::List(expectations) = &list.value else {
            problems.wrong_type(list, "expectations", "a list");
            return None;
        };
        let given = ["suite_parameters", "evaluation_parameters"];
        let parameters = given
            .into_iter()
            .find_map(|key| match &fields.get(key)?.value {
                Value::Map(entries) => Some(&entries[..]),
                _ => None,
            });
        let text = |n: &&Node| matches!(n.value, Value::Text(_));
        Some(Self {
            name: name.filter(text),
            meta: fields.get("meta"),
            parameters: parameters.unwrap_or_default(),
            expectations,
        })
    }
}

/// One expectation as it is written.
struct Written<'a> {
    kind: &'a Node,
    name: &'a str,
    kwargs: &'a [(Key, Node)],
    severity: Option<&'a Node>,
    description: Option<Node>,
}

impl<'a> Written<'a> {
    fn of(node: &'a Node, problems: &mut Problems) -> Option<Self> {
        let mut fields = Fields::of(node, "an expectation", problems)?;
        let Some(kind) = fields
            .get("type")
            .or_else(|| fields.get("expectation_type"))
        else {
            problems.add(
                Diagnostic::new(
                    "missing-key",
                    "an expectation needs `type`, or `expectation_type` before 1.0",
                )
                .at(fields.place(), "neither is given"),
            );
            return None;
        };
        let name = match words(kind, "type") {
            Ok(name) => name,
            Err(refused) => {
                add(refused, problems);
                return None;
            }
        };
        let severity = fields.get("severity");
        let said = fields.get("description").cloned();
        let description = said
            .filter(|n| matches!(n.value, Value::Text(_)))
            .or_else(|| notes(fields.get("meta")));
        Some(Self {
            kind,
            name,
            kwargs: fields.entries("kwargs", problems),
            severity,
            description,
        })
    }

    fn add(
        &self,
        suite: &Suite,
        contract: &mut ContractDraft,
        coverage: &mut Coverage,
        problems: &mut Problems,
    ) {
        let place = &self.kind.place;
        let rule = Rule::new(&snake(self.name), place, self.kwargs, suite.parameters);
        let what = self.what();
        let promises = match self.promises(&rule) {
            Ok(promises) => promises,
            Err(Refused::Wrong(problem)) => return problems.add(problem),
            Err(Refused::Dropped(reason)) => return coverage.dropped(place, what, reason),
            Err(Refused::Empty(why)) => return coverage.note(place, what, why),
        };
        let mut checks: Vec<&str> = promises.iter().map(Promise::check).collect();
        checks.dedup();
        match rule.said() {
            Some(note) => coverage.note(place, what, note),
            None => coverage.mapped(place, what, checks.join(", ")),
        }
        contract
            .expect
            .extend(promises.into_iter().map(Promise::into_node));
    }

    fn promises(&self, rule: &Rule) -> Reading {
        let severity = self.severity()?;
        let promises = held(rule)?;
        if let Some(key) = rule.left_over() {
            return Err(unknown(key));
        }
        let finished = |promise: Promise| {
            let promise = match severity {
                Some(word) => promise.text("severity", word),
                None => promise,
            };
            promise.maybe("description", self.description.clone())
        };
        Ok(promises.into_iter().map(finished).collect())
    }

    fn severity(&self) -> Result<Option<&'static str>, Refused> {
        let Some(node) = self.severity else {
            return Ok(None);
        };
        match words(node, "severity")? {
            "critical" => Ok(None),
            "warning" => Ok(Some("warn")),
            "info" => Ok(Some("info")),
            other => Err(wrong(
                &node.place,
                format!("`severity` cannot be `{other}`: critical, warning or info"),
                "not known",
            )),
        }
    }

    /// The rule in its own words: type and column.
    fn what(&self) -> String {
        let named = ["column", "column_A", "column_list", "column_set"];
        let column = named.into_iter().find_map(|name| {
            let (_, node) = self.kwargs.iter().find(|(k, _)| k.name == name)?;
            match &node.value {
                Value::List(items) => {
                    let all: Vec<String> = items.iter().map(|i| i.value.to_string()).collect();
                    Some(all.join(", "))
                }
                other => Some(other.to_string()),
            }
        });
        match column {
            Some(column) => format!("{} of {column}", self.name),
            None => self.name.to_owned(),
        }
    }
}

/// What an expectation of this name promises, for tools that took the name over.
pub(super) fn promises(name: &str, place: &Place, kwargs: &[(Key, Node)]) -> Reading {
    let rule = Rule::new(&snake(name), place, kwargs, &[]);
    let promises = held(&rule)?;
    match rule.left_over() {
        Some(key) => Err(unknown(key)),
        None => Ok(promises),
    }
}

fn unknown(key: &Key) -> Refused {
    Refused::Dropped(format!("its argument `{}` is not known here", key.name))
}

/// What an expectation promises.
fn held(rule: &Rule) -> Reading {
    let found = maps::read(rule)
        .or_else(|| wide::read(rule))
        .or_else(|| numbers::read(rule))
        .or_else(|| table::read(rule));
    found.unwrap_or_else(|| {
        Err(Refused::Dropped(
            "no expectation of Great Expectations itself has this name".to_owned(),
        ))
    })
}

fn add(refused: Refused, problems: &mut Problems) {
    if let Refused::Wrong(problem) = refused {
        problems.add(problem);
    }
}

/// Names of classes, such as `ExpectColumnToExist`, in snake case; names in snake case in lower case.
fn snake(name: &str) -> String {
    let mut found = String::new();
    let camel = !name.contains('_');
    for c in name.chars() {
        if camel && c.is_ascii_uppercase() && !found.is_empty() {
            found.push('_');
        }
        found.push(c.to_ascii_lowercase());
    }
    match found.as_str() {
        "expect_column_k_l_divergence_to_be_less_than" => {
            "expect_column_kl_divergence_to_be_less_than".to_owned()
        }
        _ => found,
    }
}

/// `notes` of a `meta`: a text, a list of texts, or a mapping with `content`.
fn notes(meta: Option<&Node>) -> Option<Node> {
    let entry = |node: &Node, name: &str| match &node.value {
        Value::Map(entries) => {
            let found = entries.iter().find(|(k, _)| k.name == name);
            found.map(|(_, v)| v.clone())
        }
        _ => None,
    };
    let notes = entry(meta?, "notes")?;
    let content = entry(&notes, "content").unwrap_or(notes);
    let text = match &content.value {
        Value::Text(text) => text.clone(),
        Value::List(items) => {
            let lines = items.iter().filter_map(|i| match &i.value {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        _ => return None,
    };
    (!text.trim().is_empty()).then(|| build::text(&content.place, text))
}
