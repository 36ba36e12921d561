//! Pandera schemas as YAML or JSON, as `to_yaml` and `to_json` write them.
//!
//! Source: the documentation of Pandera 0.24 and what it writes. Checks leave nulls out unless `ignore_na: false`; `unique`
//! takes nulls for equal; `str_matches` is anchored at the beginning of the text, `str_contains` searches; columns are not
//! nullable and must be there unless said otherwise; `strict` refuses other columns.

mod check;

use super::build::{self, ContractDraft};
use super::coverage::Coverage;
use super::form::get;
use super::promise::{Promise, Reading, Refused, words};
use super::{Form, Imported, globs, tree_of, type_names};
use crate::config::fields::{Fields, Problems};
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Place, SourceFile};
use check::{Check, of_column};
use std::sync::Arc;

/// Reads a schema.
///
/// Errors: every problem with its place: not YAML or JSON, no mapping of columns, a check with arguments of another kind
/// than Pandera takes.
pub fn read(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    let root = tree_of(file).map_err(|problem| vec![problem])?;
    let mut problems = Problems::default();
    let Some(mut fields) = Fields::of(&root, "a Pandera schema", &mut problems) else {
        return Err(problems.0);
    };
    let mut schema = Schema {
        contract: ContractDraft::new(&root.place),
        coverage: Coverage::default(),
        problems: &mut problems,
    };
    if let Some(kind) = fields.get("schema_type")
        && !matches!(&kind.value, Value::Text(t) if t == "dataframe")
    {
        let problem = Diagnostic::new(
            "unknown-value",
            format!("`schema_type` cannot be {}", kind.value),
        );
        schema
            .problems
            .add(problem.at(&kind.place, "only dataframe schemas are read"));
    }
    for key in ["title", "description"] {
        if let Some(text) = fields
            .get(key)
            .filter(|n| matches!(n.value, Value::Text(_)))
        {
            schema.contract.set("description", text.clone());
        }
    }
    let name = fields.get("name").and_then(|n| match &n.value {
        Value::Text(text) => Some((n, text.clone())),
        _ => None,
    });
    if let Some((node, _)) = &name {
        schema.contract.set("dataset", (*node).clone());
    }
    if let Some(node) = fields.get("columns") {
        schema.columns(node);
    }
    schema.whole(&root);
    for check in schema.checks(fields.get("checks")) {
        schema.check(&check, None);
    }
    for check in beside(&root, FRAME_KEYS) {
        schema.check(&check, None);
    }
    let (contract, coverage) = (schema.contract.into_node(), schema.coverage);
    if problems.0.is_empty() {
        let name = name.map(|(_, text)| text);
        return Ok(Imported::one(Form::Pandera, name, contract, coverage));
    }
    Err(problems.0)
}

struct Schema<'p> {
    contract: ContractDraft,
    coverage: Coverage,
    problems: &'p mut Problems,
}

/// Keys of a column that are no checks.
const COLUMN_KEYS: &[&str] = &[
    "title",
    "description",
    "dtype",
    "nullable",
    "checks",
    "unique",
    "coerce",
    "required",
    "regex",
    "name",
    "metadata",
    "default",
    "drop_invalid_rows",
    "report_duplicates",
    "parsers",
];

/// Keys of the frame that are no checks.
const FRAME_KEYS: &[&str] = &[
    "schema_type",
    "api",
    "backend",
    "version",
    "columns",
    "checks",
    "index",
    "dtype",
    "coerce",
    "strict",
    "name",
    "ordered",
    "unique",
    "report_duplicates",
    "unique_column_names",
    "add_missing_columns",
    "drop_invalid_rows",
    "title",
    "description",
    "metadata",
    "parsers",
];

/// Checks that stand beside the other keys, as Pandera 0.35 writes them; their options stand beside their arguments.
fn beside<'a>(node: &'a Node, others: &[&str]) -> Vec<Check<'a>> {
    let Value::Map(entries) = &node.value else {
        return Vec::new();
    };
    let checks = entries
        .iter()
        .filter(|(k, _)| !others.contains(&k.name.as_str()));
    let check = |(key, value): &'a (Key, Node)| Check {
        name: key.name.clone(),
        place: &key.place,
        value,
        options: Some(value),
    };
    checks.map(check).collect()
}

fn is(node: Option<&Node>, wanted: bool) -> bool {
    node.is_some_and(|n| n.value == Value::Bool(wanted))
}

impl Schema<'_> {
    fn columns(&mut self, node: &Node) {
        let Value::Map(entries) = &node.value else {
            return self
                .problems
                .wrong_type(node, "columns", "a mapping of names to columns");
        };
        for (key, column) in entries {
            if !matches!(column.value, Value::Map(_)) {
                self.problems.wrong_type(column, &key.name, "a mapping");
                continue;
            }
            if is(get(column, "regex"), true) {
                self.pattern(key, column);
            } else {
                self.column(key, column);
            }
        }
    }

    /// A column by a pattern of names: the same of every column that matches it.
    fn pattern(&mut self, key: &Key, node: &Node) {
        let what = format!("column {}", key.name);
        let Some(glob) = globs::of_regex(&key.name, globs::Found::AtBegin) else {
            let reason = "a pattern of names here has `*`, `?` and `[a-z]` alone";
            return self.coverage.dropped(&key.place, what, reason);
        };
        self.coverage.mapped(&key.place, what, "columns");
        if let Some(n) = get(node, "unique").filter(|n| n.value == Value::Bool(true)) {
            let reason = "of a pattern of names: promise it of each column";
            self.coverage
                .dropped(&n.place, format!("unique of {}", key.name), reason);
        }
        let name = Key {
            name: glob,
            place: key.place.clone(),
        };
        let before = self.contract.expect.len();
        self.column(&name, node);
        let own = self.contract.expect.split_off(before);
        let may_lack = is(get(node, "required"), false);
        let column = self.contract.column_or_new(&key.place, &name.name);
        column.unset("required");
        column.open(if may_lack { "pass" } else { "fail" });
        column.expect.extend(own.into_iter().map(without_column));
    }

    fn column(&mut self, key: &Key, node: &Node) {
        let name = build::text(&key.place, &key.name);
        let held = |coverage: &mut Coverage, place: &Place, what: &str, to: &str| {
            coverage.mapped(place, format!("{what} of {}", key.name), to);
        };
        let column = self.contract.column_or_new(&key.place, &key.name);
        for text in ["title", "description"] {
            if let Some(said) = get(node, text).filter(|n| matches!(n.value, Value::Text(_))) {
                column.set("description", said.clone());
            }
        }
        match get(node, "required") {
            Some(n) if n.value == Value::Bool(false) => {
                column.set("required", build::flag(&n.place, false));
                held(&mut self.coverage, &n.place, "required: false", "required");
            }
            other => held(
                &mut self.coverage,
                other.map_or(&key.place, |n| &n.place),
                "required",
                "required",
            ),
        }
        if !is(get(node, "nullable"), true) {
            let at = get(node, "nullable").map_or(&key.place, |n| &n.place);
            column.set("nullable", build::flag(at, false));
            held(&mut self.coverage, at, "nullable: false", "not_null");
        }
        self.dtype(key, node);
        if let Some(unique) = get(node, "unique")
            .filter(|n| n.value == Value::Bool(true) && !is(get(node, "regex"), true))
        {
            let promise = Promise::new("unique_key", &unique.place).with("columns", name.clone());
            self.held(
                &unique.place,
                &format!("unique of {}", key.name),
                Ok(vec![distinct(promise)]),
                None,
            );
        }
        for check in self.checks(get(node, "checks")) {
            self.check(&check, Some(&name));
        }
        for check in beside(node, COLUMN_KEYS) {
            self.check(&check, Some(&name));
        }
    }

    fn dtype(&mut self, key: &Key, node: &Node) {
        let Some(written) = get(node, "dtype") else {
            return;
        };
        let what = format!("dtype of {}", key.name);
        let name = match words(written, "dtype") {
            Ok(name) => name,
            Err(Refused::Wrong(problem)) => return self.problems.add(problem),
            Err(_) => return,
        };
        match type_names::native(name) {
            Some(native) => {
                let converted = is(get(node, "coerce"), true);
                if converted {
                    self.coverage.note(
                        &written.place,
                        what,
                        "values are not converted: the type must be there already",
                    );
                } else {
                    self.coverage
                        .mapped(&written.place, what, format!("type: {native}"));
                }
                let column = self.contract.column_or_new(&key.place, &key.name);
                column.set("type", build::text(&written.place, native));
            }
            None => self.coverage.dropped(
                &written.place,
                what,
                format!("no type here is called `{name}`"),
            ),
        }
    }

    /// Keys of the whole frame.
    fn whole(&mut self, root: &Node) {
        match get(root, "strict") {
            Some(n) if n.value == Value::Bool(true) => {
                self.contract
                    .set("extra_columns", build::text(&n.place, "fail"));
                self.coverage
                    .mapped(&n.place, "strict", "extra_columns: fail");
            }
            Some(n) if n.value == Value::Text("filter".to_owned()) => {
                self.coverage.note(
                    &n.place,
                    "strict: filter",
                    "other columns are allowed; nothing is taken out of the data",
                );
            }
            _ => {}
        }
        if let Some(n) = get(root, "ordered").filter(|n| n.value == Value::Bool(true)) {
            let names = self
                .contract
                .columns
                .iter()
                .filter(|c| !c.is_open())
                .map(|c| c.name.clone())
                .collect();
            let promise = Promise::new("columns_match", &n.place)
                .with("columns", build::list(&n.place, names))
                .text("mode", "subset")
                .text("extra", "allow")
                .text("order", "strict");
            self.held(&n.place, "ordered", Ok(vec![promise]), None);
        }
        if let Some(n) = get(root, "unique") {
            let promise = Promise::new("unique_key", &n.place).with("columns", n.clone());
            self.held(&n.place, "unique", Ok(vec![distinct(promise)]), None);
        }
        if let Some(n) = get(root, "dtype") {
            self.coverage
                .dropped(&n.place, "dtype", "one type for all columns");
        }
        if let Some(n) =
            get(root, "index").filter(|n| !matches!(&n.value, Value::List(l) if l.is_empty()))
        {
            self.coverage.dropped(
                &n.place,
                "index",
                "files have no index: describe it as a column",
            );
        }
        if let Some(n) = get(root, "unique_column_names").filter(|n| n.value == Value::Bool(true)) {
            self.coverage.note(
                &n.place,
                "unique_column_names",
                "two columns of one name are refused by every reader here",
            );
        }
    }

    fn checks<'a>(&mut self, node: Option<&'a Node>) -> Vec<Check<'a>> {
        let Some(node) = node else { return Vec::new() };
        let mut found = Vec::new();
        match &node.value {
            Value::Map(entries) => found.extend(entries.iter().map(|(key, value)| Check {
                name: key.name.clone(),
                place: &key.place,
                value,
                options: get(value, "options").or(Some(value)),
            })),
            Value::List(list) => {
                for item in list {
                    let options = get(item, "options");
                    match options.and_then(|o| get(o, "check_name")).map(|n| &n.value) {
                        Some(Value::Text(name)) => found.push(Check {
                            name: name.clone(),
                            place: &item.place,
                            value: item,
                            options,
                        }),
                        _ => self.problems.add(
                            Diagnostic::new(
                                "missing-key",
                                "a check needs `options: {check_name: ..}`",
                            )
                            .at(&item.place, "its name is not given"),
                        ),
                    }
                }
            }
            _ => self
                .problems
                .wrong_type(node, "checks", "a mapping or a list"),
        }
        found
    }

    fn check(&mut self, check: &Check, column: Option<&Node>) {
        let what = match column {
            Some(column) => format!("{} of {}", check.name, column.value),
            None => check.name.clone(),
        };
        let reading = match column {
            Some(column) => of_column(check, column),
            None => Err(Refused::Dropped(
                "a check of the whole frame looks at every cell".to_owned(),
            )),
        };
        self.held(check.place, &what, reading, check.options);
    }

    fn held(&mut self, place: &Place, what: &str, reading: Reading, options: Option<&Node>) {
        match reading {
            Ok(promises) => {
                let mut checks: Vec<&str> = promises.iter().map(Promise::check).collect();
                checks.dedup();
                self.coverage.mapped(place, what, checks.join(", "));
                let warns = is(options.and_then(|o| get(o, "raise_warning")), true);
                let nodes = promises.into_iter().map(|p| {
                    let p = if p.takes_on_empty() && !p.has("on_empty") {
                        p.text("on_empty", "pass")
                    } else {
                        p
                    };
                    if warns { p.text("severity", "warn") } else { p }.into_node()
                });
                self.contract.expect.extend(nodes);
            }
            Err(Refused::Wrong(problem)) => self.problems.add(problem),
            Err(Refused::Dropped(reason)) => self.coverage.dropped(place, what, reason),
            Err(Refused::Empty(why)) => self.coverage.note(place, what, why),
        }
    }
}

/// An expectation as it stands under its column.
fn without_column(node: Node) -> Node {
    let Value::Map(mut entries) = node.value else {
        return node;
    };
    for (_, args) in &mut entries {
        if let Value::Map(args) = &mut args.value {
            args.retain(|(k, _)| k.name != "column");
        }
    }
    let bare = |(_, args): &(Key, Node)| matches!(&args.value, Value::Map(a) if a.is_empty());
    let value = match &entries[..] {
        [one] if bare(one) => Value::Text(one.0.name.clone()),
        _ => Value::Map(entries),
    };
    build::node(&node.place, value)
}

/// Nulls are duplicates of each other; every row of a repeated key is reported.
fn distinct(promise: Promise) -> Promise {
    promise
        .text("nulls", "equal")
        .text("count", "rows_in_groups")
}
