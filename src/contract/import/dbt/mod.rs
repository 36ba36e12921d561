//! dbt's `schema.yml`: models, seeds, snapshots and the tables of sources, with their columns, tests and constraints.
//!
//! Source: dbt's reference of properties, data tests and constraints (1.10), and the documentation of the packages
//! `dbt_utils` and `dbt_expectations`. A test counts what its query returns: without rows it passes; `error_if` without
//! `warn_if` warns from the first row on. Jinja is not evaluated: what needs it is in the coverage as not held.

mod constraint;
mod expectations;
mod generic;
mod test;
mod threshold;
mod utils;

use super::build::{self, ContractDraft};
use super::coverage::Coverage;
use super::promise::{Promise, Refused, words};
use super::{Draft, Form, Imported, tree_of, type_names};
use crate::config::fields::Problems;
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, SourceFile};
use crate::sql;
use constraint::{constraint, constraint_name, fresh};
use std::sync::Arc;
use test::Test;

/// Keys of the file that list what has columns and tests.
const TABLES: &[&str] = &["models", "seeds", "snapshots"];

/// Reads a `schema.yml`.
///
/// Errors: every problem with its place: not YAML, nothing that dbt keeps in such a file, a list that is none, a test
/// with arguments of another kind than it takes.
pub fn read(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    let root = tree_of(file).map_err(|problem| vec![problem])?;
    let Value::Map(entries) = &root.value else {
        let problem = Diagnostic::new("wrong-type", "a schema.yml must be a mapping");
        return Err(vec![problem.at(&root.place, "found something else")]);
    };
    let mut reading = File {
        problems: Problems::default(),
        drafts: Vec::new(),
    };
    let mut told = Coverage::default();
    for (key, node) in entries {
        match key.name.as_str() {
            name if TABLES.contains(&name) => reading.tables(node, &key.name),
            "sources" => reading.sources(node),
            "version" => {}
            other => told.told(&key.place, other),
        }
    }
    if reading.drafts.is_empty() && reading.problems.0.is_empty() {
        reading.problems.add(
            Diagnostic::new("promises-nothing", "no models, seeds, snapshots or sources")
                .at(&root.place, "nothing with columns here"),
        );
    }
    if !reading.problems.0.is_empty() {
        return Err(reading.problems.0);
    }
    let mut coverage = told;
    for draft in &reading.drafts {
        coverage.items.extend(draft.coverage.items.iter().cloned());
        coverage.told.extend(draft.coverage.told.iter().cloned());
    }
    Ok(Imported {
        form: Form::Dbt,
        contracts: reading.drafts,
        coverage,
    })
}

/// The value of a key; `null` counts as absent.
fn get<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    match &node.value {
        Value::Map(entries) => {
            let found = entries.iter().find(|(k, _)| k.name == key);
            found.map(|(_, v)| v).filter(|v| v.value != Value::Null)
        }
        _ => None,
    }
}

/// The value of a key, or of the same key below `config`.
fn configured<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    get(node, key).or_else(|| get(get(node, "config")?, key))
}

fn is_true(node: Option<&Node>) -> bool {
    node.is_some_and(|n| n.value == Value::Bool(true))
}

/// Whether a text must be evaluated by dbt first.
fn is_jinja(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// A text that dbt need not evaluate.
fn plain<'a>(node: &'a Node, name: &str) -> Result<&'a str, Refused> {
    let text = words(node, name)?;
    if is_jinja(text) {
        return Err(Refused::Dropped(format!(
            "`{name}` holds Jinja, which only dbt can evaluate"
        )));
    }
    Ok(text)
}

/// A name of one column, bare or quoted as the warehouse wants it; expressions are none.
fn one_column(text: &str) -> Option<String> {
    let bare = text.split("::").next().unwrap_or(text).trim();
    for quote in ['"', '`'] {
        if let Some(inner) = bare.strip_prefix(quote).and_then(|t| t.strip_suffix(quote)) {
            return (!inner.contains(quote)).then(|| inner.to_owned());
        }
    }
    let first = bare.chars().next()?;
    let plain = bare.chars().all(|c| c.is_alphanumeric() || c == '_');
    (plain && !first.is_ascii_digit()).then(|| bare.to_owned())
}

/// The file on its way.
struct File {
    problems: Problems,
    drafts: Vec<Draft>,
}

impl File {
    fn list<'a>(&mut self, node: Option<&'a Node>, what: &str) -> &'a [Node] {
        match node.map(|n| (n, &n.value)) {
            None | Some((_, Value::Null)) => &[],
            Some((_, Value::List(items))) => items,
            Some((node, _)) => {
                self.problems.wrong_type(node, what, "a list");
                &[]
            }
        }
    }

    fn tables(&mut self, node: &Node, what: &str) {
        for table in self.list(Some(node), what) {
            self.table(table, None);
        }
    }

    fn sources(&mut self, node: &Node) {
        for source in self.list(Some(node), "sources") {
            for table in self.list(get(source, "tables"), "tables") {
                self.table(table, Some(source));
            }
        }
    }

    fn table(&mut self, node: &Node, source: Option<&Node>) {
        let name = match get(node, "name").map(|n| words(n, "name")) {
            Some(Ok(name)) => name,
            Some(Err(Refused::Wrong(problem))) => return self.problems.add(problem),
            _ => {
                let problem = Diagnostic::new("missing-key", "a model needs `name`");
                return self
                    .problems
                    .add(problem.at(&node.place, "`name` is not given"));
            }
        };
        let enforced = configured(node, "contract").is_some_and(|c| is_true(get(c, "enforced")));
        let mut table = Table {
            contract: ContractDraft::new(&node.place),
            coverage: Coverage::default(),
            problems: &mut self.problems,
            enforced,
        };
        if let Some(name) = get(node, "name") {
            table.contract.set("dataset", name.clone());
        }
        table.about(node, source);
        let draft = Draft {
            name: Some(name.to_owned()),
            contract: table.contract.into_node(),
            coverage: table.coverage,
        };
        self.drafts.push(draft);
    }
}

/// One model on its way into a contract.
struct Table<'p> {
    contract: ContractDraft,
    coverage: Coverage,
    problems: &'p mut Problems,
    enforced: bool,
}

impl Table<'_> {
    fn about(&mut self, node: &Node, source: Option<&Node>) {
        if let Some(text) = description(node) {
            self.contract.set("description", text);
        }
        if self.enforced {
            let at = configured(node, "contract").map_or(&node.place, |n| &n.place);
            self.contract.set("extra_columns", build::text(at, "fail"));
            self.coverage
                .mapped(at, "contract enforced", "columns, extra_columns: fail");
        }
        for column in self.list(node, "columns") {
            self.column(column);
        }
        for key in ["constraints"] {
            for constraint in self.list(node, key) {
                let reading = self.constraint(constraint, None);
                self.add(constraint, &constraint_name(constraint, None), reading);
            }
        }
        for test in self.tests(node) {
            self.test(test, None);
        }
        let source_config = |key| source.and_then(|s| configured(s, key));
        let freshness = configured(node, "freshness").or_else(|| source_config("freshness"));
        let loaded =
            configured(node, "loaded_at_field").or_else(|| source_config("loaded_at_field"));
        if let Some(freshness) = freshness {
            let reading = fresh(freshness, loaded);
            self.add(
                freshness,
                "freshness",
                reading.map(|promises| (promises, None)),
            );
        }
    }

    fn list<'a>(&mut self, node: &'a Node, key: &str) -> &'a [Node] {
        match get(node, key).map(|n| (n, &n.value)) {
            None => &[],
            Some((_, Value::List(items))) => items,
            Some((node, _)) => {
                self.problems.wrong_type(node, key, "a list");
                &[]
            }
        }
    }

    fn tests<'a>(&mut self, node: &'a Node) -> Vec<&'a Node> {
        let mut found: Vec<&Node> = self.list(node, "tests").iter().collect();
        found.extend(self.list(node, "data_tests"));
        found
    }

    fn column(&mut self, node: &Node) {
        let name = match get(node, "name").map(|n| (n, words(n, "name"))) {
            Some((node, Ok(_))) => node.clone(),
            Some((_, Err(Refused::Wrong(problem)))) => return self.problems.add(problem),
            _ => {
                let problem = Diagnostic::new("missing-key", "a column needs `name`");
                return self
                    .problems
                    .add(problem.at(&node.place, "`name` is not given"));
            }
        };
        let text = name.value.to_string();
        if self.contract.column(&text).is_some() {
            let problem = Diagnostic::new(
                "duplicate-column",
                format!("column `{text}` is there twice"),
            );
            return self.problems.add(problem.at(&name.place, "again here"));
        }
        let tests = self.tests(node);
        let column = self.contract.column_or_new(&name.place, &text);
        if let Some(said) = description(node) {
            column.set("description", said);
        }
        if !self.enforced && tests.is_empty() {
            // It is described, not promised.
            column.set("required", build::flag(&name.place, false));
        }
        if let Some(at) = personal(node) {
            column.set("pii", build::flag(&at.place, true));
        }
        self.data_type(node, &text);
        for constraint in self.list(node, "constraints") {
            let reading = self.constraint(constraint, Some(&name));
            self.add(
                constraint,
                &constraint_name(constraint, Some(&text)),
                reading,
            );
        }
        for test in tests {
            self.test(test, Some(&name));
        }
    }

    /// A type is held by dbt itself only under an enforced contract.
    fn data_type(&mut self, node: &Node, column: &str) {
        let Some(written) = get(node, "data_type") else {
            return;
        };
        let what = format!("data_type of {column}");
        if !self.enforced {
            return self.coverage.told(&written.place, what);
        }
        let name = match plain(written, "data_type") {
            Ok(name) => name,
            Err(Refused::Dropped(reason)) => {
                return self.coverage.dropped(&written.place, what, reason);
            }
            Err(Refused::Wrong(problem)) => return self.problems.add(problem),
            Err(Refused::Empty(_)) => return,
        };
        let Some(native) = type_names::native(name) else {
            let reason = format!("no type here is called `{name}`");
            return self.coverage.dropped(&written.place, what, reason);
        };
        self.coverage
            .mapped(&written.place, what, format!("type: {native}"));
        let dtype = build::text(&written.place, native);
        self.contract
            .column_or_new(&node.place, column)
            .set("type", dtype);
    }

    fn constraint(
        &mut self,
        node: &Node,
        column: Option<&Node>,
    ) -> Result<(Vec<Promise>, Option<String>), Refused> {
        if !self.enforced {
            let why = "dbt applies constraints under an enforced contract only";
            return Err(Refused::Empty(why.to_owned()));
        }
        let kind = get(node, "type")
            .ok_or_else(|| Refused::missing(&node.place, "a constraint", "type"))?;
        constraint(node, kind, column).map(|p| (p, None))
    }

    fn test(&mut self, node: &Node, column: Option<&Node>) {
        match Test::of(node, column) {
            Ok(test) => {
                let reading = test.promises().map(|promises| (promises, test.said()));
                self.add(test.at(), &test.what(), reading);
            }
            Err(Refused::Wrong(problem)) => self.problems.add(problem),
            Err(Refused::Dropped(reason) | Refused::Empty(reason)) => {
                self.coverage.dropped(&node.place, "a test", reason);
            }
        }
    }

    fn add(
        &mut self,
        node: &Node,
        what: &str,
        reading: Result<(Vec<Promise>, Option<String>), Refused>,
    ) {
        match reading {
            Ok((promises, said)) => {
                let mut checks: Vec<&str> = promises.iter().map(Promise::check).collect();
                checks.dedup();
                match said {
                    Some(said) => self.coverage.note(&node.place, what, said),
                    None => self.coverage.mapped(&node.place, what, checks.join(", ")),
                }
                let nodes = promises.into_iter().map(Promise::into_node);
                self.contract.expect.extend(nodes);
            }
            Err(Refused::Wrong(problem)) => self.problems.add(problem),
            Err(Refused::Dropped(reason)) => self.coverage.dropped(&node.place, what, reason),
            Err(Refused::Empty(why)) => self.coverage.note(&node.place, what, why),
        }
    }
}

/// A description that a person wrote, without what dbt would put in its place.
fn description(node: &Node) -> Option<Node> {
    let text = get(node, "description")?;
    match &text.value {
        Value::Text(words) if !is_jinja(words) && !words.trim().is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// `pii` as a tag, or as `true` in `meta`.
fn personal(node: &Node) -> Option<&Node> {
    let is = |n: &Node| matches!(&n.value, Value::Text(t) if t.eq_ignore_ascii_case("pii"));
    let tagged = |n: &&Node| match &n.value {
        Value::List(items) => items.iter().any(is),
        _ => is(n),
    };
    let meta = |key: &str| configured(node, "meta").and_then(|m| get(m, key));
    let flagged = [meta("pii"), meta("contains_pii")].into_iter().flatten();
    configured(node, "tags")
        .filter(tagged)
        .or_else(|| flagged.into_iter().find(|n| n.value == Value::Bool(true)))
}

/// `"column"` as SQL.
fn quoted(column: &Node) -> String {
    sql::identifier(&column.value.to_string())
}

/// An entry that is written by nobody: an argument under another tool's name.
fn entry(name: &str, node: Node) -> (Key, Node) {
    let key = Key {
        name: name.to_owned(),
        place: node.place.clone(),
    };
    (key, node)
}
