//! One written expectation, or one entry of a contract's columns, that becomes one promise per matching column.

use super::common::Common;
use super::dataset::Planner;
use crate::catalogue::argument::Args;
use crate::catalogue::{Check, ParamKind};
use crate::config::DatasetConfig;
use crate::config::fields::{Problems, text};
use crate::config::tree::{Key, Node, Value};
use crate::contract::selection::Selection;
use crate::contract::{ColumnPattern, ContractColumn, Expectation, OnNoMatch, Presence};
use crate::diagnostic::{Diagnostic, listing};
use crate::types::Field;
use std::sync::Arc;

/// The dataset's configuration with one column in its contract for every column that a pattern there matches.
///
/// They stand behind those that the contract names, pattern by pattern, and need not be there. Of a column that several
/// entries speak of, all of them hold.
#[must_use]
pub fn with_columns(config: &DatasetConfig, columns: &[Field]) -> DatasetConfig {
    let mut config = config.clone();
    if let Some(contract) = &mut config.contract {
        let of = |p: &ColumnPattern| -> Vec<ContractColumn> {
            let names = p.selection.among(columns).into_iter();
            let there = names.filter(|n| columns.iter().any(|f| f.name == *n));
            there.map(|name| named(&p.column, &name)).collect()
        };
        let found: Vec<ContractColumn> = contract.patterns.iter().flat_map(of).collect();
        contract.columns.extend(found);
    }
    config
}

fn named(column: &ContractColumn, name: &str) -> ContractColumn {
    let mut column = ContractColumn {
        name: name.to_owned(),
        required: Presence::Optional,
        ..column.clone()
    };
    for expectation in &mut column.expect {
        expectation.pattern = expectation.column.replace(name.to_owned());
    }
    column
}

impl Check {
    /// Whether `columns` may name the columns that it looks at one by one: it has one `column`, and no `columns` of its
    /// own.
    #[must_use]
    pub fn takes_pattern(&self) -> bool {
        let is_column = |kind: &ParamKind| matches!(kind, ParamKind::Column(_));
        self.param("column").is_some_and(|p| is_column(&p.kind)) && self.param("columns").is_none()
    }
}

/// What `columns` and `on_no_match` of one expectation say.
struct Template {
    selection: Selection,
    on_no_match: OnNoMatch,
    /// The other arguments, with the place of the whole.
    rest: Node,
    given: Vec<(Key, Node)>,
}

/// Arguments of an expectation that names its columns by `columns`: the whole, its entries, and the columns.
type Written<'a> = (&'a Node, &'a [(Key, Node)], &'a Node);

/// The arguments of an expectation for columns of a pattern; `None` for one of another kind.
pub(super) fn written<'a>(check: &Check, expectation: &'a Expectation) -> Option<Written<'a>> {
    let args = expectation.args.as_ref()?;
    let Value::Map(entries) = &args.value else {
        return None;
    };
    let columns = entries.iter().find(|(k, _)| k.name == "columns");
    let columns = columns.filter(|_| check.takes_pattern());
    columns.map(|(_, node)| (args, &entries[..], node))
}

fn read(
    expectation: &Expectation,
    (args, entries, node): Written,
    problems: &mut Problems,
) -> Option<Template> {
    let other = entries.iter().find(|(k, _)| k.name == "column");
    if other.is_some() || expectation.column.is_some() {
        problems.add(
            Diagnostic::new(
                "useless-argument",
                "the column is given already, so `columns` cannot name others",
            )
            .at(&node.place, "one of them too many")
            .help("move the expectation to `expect` of the dataset, and leave `column` out"),
        );
        return None;
    }
    let selection = Selection::read(node, problems);
    let word = entries.iter().find(|(k, _)| k.name == "on_no_match");
    let on_no_match = match word {
        Some((_, node)) => on_no_match(node, problems)?,
        None => OnNoMatch::Fail,
    };
    let own = |k: &Key| !["columns", "on_no_match"].contains(&k.name.as_str());
    Some(Template {
        selection: selection?,
        on_no_match,
        rest: args.clone(),
        given: entries.iter().filter(|(k, _)| own(k)).cloned().collect(),
    })
}

fn on_no_match(node: &Node, problems: &mut Problems) -> Option<OnNoMatch> {
    let word = text(node, "on_no_match", problems)?;
    let parsed = OnNoMatch::parse(&word);
    if parsed.is_none() {
        let what = format!("`on_no_match` cannot be `{word}`");
        problems.add(
            Diagnostic::new("unknown-value", what)
                .at(&node.place, "not known")
                .help(listing("values", &word, OnNoMatch::WORDS.iter().copied())),
        );
    }
    parsed
}

impl Template {
    /// The expectation about one column.
    fn about(&self, expectation: &Expectation, column: &str) -> Expectation {
        let place = self.selection.place_of(column);
        let key = Key {
            name: "column".to_owned(),
            place: place.clone(),
        };
        let name = Node {
            value: Value::Text(column.to_owned()),
            place: place.clone(),
        };
        let mut entries = self.given.clone();
        entries.push((key, name));
        Expectation {
            args: Some(Node {
                value: Value::Map(entries),
                place: self.rest.place.clone(),
            }),
            pattern: Some(self.selection.written.clone()),
            ..expectation.clone()
        }
    }
}

impl Planner<'_> {
    /// Plans one promise per column that `columns` names; without any, the one that says so.
    pub(super) fn templated(
        &mut self,
        check: &Arc<Check>,
        expectation: &Expectation,
        (written, apart): (Written, &[String]),
    ) {
        let Some(template) = read(expectation, written, self.problems) else {
            return;
        };
        let names = template.selection.among(self.scope.columns);
        if let Some(what) = no_match(&template.selection, self.scope.columns) {
            let given = template.given.iter();
            let given: Vec<_> = given.map(|(k, node)| (k.name.clone(), node)).collect();
            let common = super::common::read(check, &given, &self.scope, self.problems);
            let common = Common {
                no_match: Some((template.on_no_match, what)),
                slices: Vec::new(),
                filter: None,
                ..common
            };
            let written = &template.selection.written;
            let id = format!("{}.{}({written})", self.config.name, check.id);
            if self.is_here(&common) {
                self.push(id, check, (Args::default(), common), &expectation.place);
            }
        }
        for name in &names {
            self.expectation(&template.about(expectation, name), apart);
        }
    }

    /// What every pattern of the contract that matches no column means.
    pub(super) fn patterns(&mut self, patterns: &[ColumnPattern]) {
        let environment = self.environment().map(str::to_owned);
        let here = patterns
            .iter()
            .filter(|p| p.column.is_in(environment.as_deref()));
        for pattern in here {
            let Some(check) = self.catalogue.check("columns_match").cloned() else {
                continue;
            };
            let Some(what) = no_match(&pattern.selection, self.scope.columns) else {
                continue;
            };
            let common = Common {
                no_match: Some((pattern.on_no_match, what)),
                ..Common::default()
            };
            let name = &self.config.name;
            let id = format!("{name}.columns_match({})", pattern.selection.written);
            let place = &pattern.column.place;
            self.push(id, &check, (Args::default(), common), place);
        }
    }
}

/// What is said where a selection, or one of its patterns, matches no column.
fn no_match(selection: &Selection, columns: &[Field]) -> Option<String> {
    let quoted = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
        names.join(" or ")
    };
    let written = &selection.written;
    match &selection.idle(columns)[..] {
        _ if selection.among(columns).is_empty() => Some(format!(
            "No column matches {}, so nothing is promised of any.",
            quoted(&[written])
        )),
        [] => None,
        idle => Some(format!(
            "No column matches {} of `{written}`, so nothing is promised of such.",
            quoted(idle)
        )),
    }
}
