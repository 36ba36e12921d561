//! Pandera schemas as YAML or JSON, as `to_yaml` and `to_json` write them.
//!
//! Source: the documentation of Pandera 0.24 and what it writes. Checks leave nulls out unless `ignore_na: false`; `unique`
//! takes nulls for equal; `str_matches` is anchored at the beginning of the text, `str_contains` searches; columns are not
//! nullable and must be there unless said otherwise; `strict` refuses other columns.

use super::build::{self, ContractDraft};
use super::coverage::Coverage;
use super::form::get;
use super::promise::{Promise, Reading, Refused, items, whole, words};
use super::{Form, Imported, tree_of, type_names};
use crate::config::fields::{Fields, Problems};
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Place, SourceFile};
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

/// One check: its name, its arguments, its options.
struct Check<'a> {
    name: String,
    place: &'a Place,
    /// The one argument, or all by name.
    value: &'a Node,
    options: Option<&'a Node>,
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
            if is(get(column, "regex"), true) {
                self.coverage.dropped(
                    &key.place,
                    format!("column {}", key.name),
                    "a pattern of names, `regex: true`",
                );
                continue;
            }
            if !matches!(column.value, Value::Map(_)) {
                self.problems.wrong_type(column, &key.name, "a mapping");
                continue;
            }
            self.column(key, column);
        }
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
        if let Some(unique) = get(node, "unique").filter(|n| n.value == Value::Bool(true)) {
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
                options: get(value, "options"),
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
                    let p = if p.takes_on_empty() {
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

/// Nulls are duplicates of each other; every row of a repeated key is reported.
fn distinct(promise: Promise) -> Promise {
    promise
        .text("nulls", "equal")
        .text("count", "rows_in_groups")
}

impl<'a> Check<'a> {
    /// An argument by name, or the only one.
    fn arg(&self, name: &str) -> Result<&'a Node, Refused> {
        let found = match &self.value.value {
            Value::Map(_) => get(self.value, name).or_else(|| get(self.value, "value")),
            Value::Null => None,
            _ => Some(self.value),
        };
        found.ok_or_else(|| Refused::missing(self.place, &format!("`{}`", self.name), name))
    }

    fn maybe(&self, name: &str) -> Option<&'a Node> {
        get(self.value, name)
    }

    /// Nulls fail where they are not left out.
    fn nulls(&self, promise: Promise) -> Promise {
        let ignored = !is(self.options.and_then(|o| get(o, "ignore_na")), false);
        if ignored {
            promise
        } else {
            promise.text("nulls", "fail")
        }
    }
}

fn of_column(check: &Check, column: &Node) -> Reading {
    let place = check.place;
    let compare = |op: &str, name: &str| {
        let promise = Promise::of("compare", place, column).text("op", op);
        check.arg(name).map(|v| promise.with("value", v.clone()))
    };
    let promise = match check.name.as_str() {
        "equal_to" | "eq" => compare("==", "value")?,
        "not_equal_to" | "ne" => compare("!=", "value")?,
        "greater_than" | "gt" => compare(">", "min_value")?,
        "greater_than_or_equal_to" | "ge" => compare(">=", "min_value")?,
        "less_than" | "lt" => compare("<", "max_value")?,
        "less_than_or_equal_to" | "le" => compare("<=", "max_value")?,
        "in_range" | "between" => in_range(check, column)?,
        "isin" => {
            let values = check.arg("allowed_values")?;
            some(values)?;
            Promise::of("in_set", place, column).with("values", values.clone())
        }
        "notin" => {
            let values = check.arg("forbidden_values")?;
            some(values)?;
            return Ok(vec![
                Promise::of("not_in_set", place, column).with("values", values.clone()),
            ]);
        }
        "str_matches" => pattern(check, column, "prefix")?,
        "str_contains" => pattern(check, column, "search")?,
        "str_startswith" => affix(check, column, "^", "")?,
        "str_endswith" => affix(check, column, "", "$")?,
        "str_length" => length(check, column)?,
        "unique_values_eq" => {
            let values = check.arg("values")?;
            some(values)?;
            let promise =
                Promise::of("distinct_values", place, column).with("values", values.clone());
            return Ok(vec![promise.text("mode", "equal")]);
        }
        other => {
            return Err(Refused::Dropped(format!(
                "`{other}` is no check that Pandera brings: it is Python"
            )));
        }
    };
    Ok(vec![check.nulls(promise)])
}

fn some(values: &Node) -> Result<(), Refused> {
    match items(values, "values")? {
        [] => Err(Refused::kind(values, "values", "a list of one or more")),
        _ => Ok(()),
    }
}

fn in_range(check: &Check, column: &Node) -> Result<Promise, Refused> {
    let open = |name: &str| is(check.maybe(name), false);
    let bounds = match (open("include_min"), open("include_max")) {
        (false, false) => "[]",
        (true, false) => "(]",
        (false, true) => "[)",
        (true, true) => "()",
    };
    let promise = Promise::of("between", check.place, column)
        .with("min", check.arg("min_value")?.clone())
        .with("max", check.arg("max_value")?.clone());
    Ok(if bounds == "[]" {
        promise
    } else {
        promise.text("bounds", bounds)
    })
}

fn pattern(check: &Check, column: &Node, matched: &str) -> Result<Promise, Refused> {
    let node = check.arg("pattern")?;
    let read = super::gx::python(words(node, "pattern")?)?;
    let promise =
        Promise::of("matches", check.place, column).with("pattern", build::text(&node.place, read));
    Ok(if matched == "search" {
        promise
    } else {
        promise.text("match", matched)
    })
}

fn affix(check: &Check, column: &Node, before: &str, after: &str) -> Result<Promise, Refused> {
    let node = check.arg("string")?;
    let escaped = regex::escape(words(node, "string")?);
    let after = if after.is_empty() { "" } else { "\\z" };
    let pattern = build::text(&node.place, format!("{before}{escaped}{after}"));
    Ok(Promise::of("matches", check.place, column).with("pattern", pattern))
}

fn length(check: &Check, column: &Node) -> Result<Promise, Refused> {
    let bound = |name: &str| {
        check
            .maybe(name)
            .map(|n| whole(n, name).map(|v| build::int(&n.place, v.max(0))))
            .transpose()
    };
    let exact = bound("exact_value")?;
    let (min, max) = (
        bound("min_value")?.or(exact.clone()),
        bound("max_value")?.or(exact),
    );
    if min.is_none() && max.is_none() {
        return Err(Refused::missing(
            check.place,
            "`str_length`",
            "min_value` or `max_value",
        ));
    }
    Ok(Promise::of("length", check.place, column)
        .maybe("min", min)
        .maybe("max", max))
}
