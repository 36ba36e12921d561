//! JSON Schema of row objects: drafts 6, 7, 2019-09 and 2020-12, and the keywords `uniqueCombinedWith` and `dynamicEnum` of qsv.
//!
//! A key that a row does not have and a key that is null are both null in a column. So `required` together with a type without
//! `null` promises `nullable: false`; `required` alone promises that the column is there.

mod predicate;
mod property;
mod reference;

use super::build::{ContractDraft, int, text, texts};
use super::form::get;
use super::globs;
use super::keys::Keys;
use super::{Coverage, Form, Imported, text_of, tree_of};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, SourceFile};
use reference::{DEEPEST, resolved};
use std::cell::Cell;
use std::sync::Arc;

/// Name of the form in reasons.
const FORM: &str = "JSON Schema";

/// Why a keyword is not held.
const UNHELD: &str = "no check holds it; `expression` may say it in SQL";

/// Keywords that say nothing about values.
const METADATA: &[&str] = &[
    "$schema",
    "$id",
    "id",
    "$comment",
    "$defs",
    "definitions",
    "$anchor",
    "$vocabulary",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentSchema",
];

/// How many schemas are looked at: one that refers to another twice at every step would be without end.
const MOST: usize = 20_000;

/// What is said of those beyond.
const TOO_MANY: &str = "the file leads to more schemas than are looked at";

/// Whether one more may be looked at.
fn looked(left: &Cell<usize>) -> bool {
    left.set(left.get().saturating_sub(1));
    left.get() > 0
}

/// Reads a schema of one row, or of a list of rows.
///
/// Errors: what is no JSON or YAML, another draft, a reference that leads nowhere, and every keyword of the wrong type, each with its
/// place.
pub fn import(file: &Arc<SourceFile>) -> Result<Imported, Vec<Diagnostic>> {
    let tree = tree_of(file).map_err(|p| vec![p])?;
    let mut problems = Problems::default();
    let mut reader = Reader {
        root: &tree,
        draft: ContractDraft::new(&tree.place),
        coverage: Coverage::default(),
        required: Vec::new(),
        left: Cell::new(MOST),
    };
    reader.whole(&tree, &mut problems);
    if problems.0.is_empty() {
        Ok(Imported::one(
            Form::JsonSchema,
            None,
            reader.draft.into_node(),
            reader.coverage,
        ))
    } else {
        Err(problems.0)
    }
}

/// One schema being read.
struct Reader<'a> {
    root: &'a Node,
    draft: ContractDraft,
    coverage: Coverage,
    /// Keys that every row has, with their place.
    required: Vec<(&'a str, &'a Node)>,
    /// How many schemas may be looked at yet.
    left: Cell<usize>,
}

/// A condition on the rows, and what is said of it: its columns must be there, and a null is a key that is not.
fn conditional(
    draft: &mut ContractDraft,
    coverage: &mut Coverage,
    at: &Node,
    what: &str,
    sql: &str,
) {
    if sql == "TRUE" {
        return coverage.note(&at.place, what, "every row keeps it");
    }
    draft.expect(
        &at.place,
        "expression",
        vec![("expr", text(&at.place, sql))],
    );
    let note = "a condition on the row in SQL; a key that is null counts as one that is not there";
    coverage.note(&at.place, what, note);
}

impl<'a> Reader<'a> {
    /// The schema of the file: of a row, or of a list of rows.
    fn whole(&mut self, tree: &'a Node, problems: &mut Problems) {
        let Some(keys) = Keys::of(tree, "a schema", problems) else {
            return;
        };
        if let Some((uri, place)) = keys.text("$schema", problems) {
            let known = ["draft-06", "draft-07", "2019-09", "2020-12", "qsv"]
                .iter()
                .any(|d| uri.contains(d));
            if !known {
                let problem = Diagnostic::new(
                    "unknown-version",
                    format!("the draft `{uri}` of JSON Schema is not read"),
                );
                problems.add(problem.at(place, "drafts 6, 7, 2019-09 and 2020-12 are read"));
            }
        }
        if get(tree, "items").is_none() {
            self.row(tree, 0, problems);
            self.presence();
            return;
        }
        let kind = keys.get("type");
        if let Some(node) = kind.filter(|k| text_of(k) != Some("array")) {
            self.coverage.dropped(
                &node.place,
                "type of the schema",
                "`items` are those of an array",
            );
        }
        let rows = [("minItems", "min"), ("maxItems", "max")];
        for (key, arg) in rows {
            if let Some((n, place)) = keys.count(key, problems) {
                self.draft
                    .expect(place, "row_count", vec![(arg, int(place, n))]);
                self.coverage.mapped(place, key, "row_count");
            }
        }
        if let Some((true, place)) = keys.flag("uniqueItems", problems) {
            self.draft.expect(place, "duplicate_rows", Vec::new());
            self.coverage.mapped(place, "uniqueItems", "duplicate_rows");
        }
        if let Some(items) = keys.get("items") {
            self.row(items, 0, problems);
            self.presence();
        }
        self.about(&keys, problems);
        keys.finish(FORM, &mut self.coverage);
    }

    fn about(&mut self, keys: &Keys, problems: &mut Problems) {
        let title = keys.text("title", problems);
        if let Some((words, place)) = keys.text("description", problems).or(title) {
            self.draft.set("description", text(place, words));
        }
        keys.ignore(METADATA);
    }

    /// The schema of one row.
    fn row(&mut self, node: &'a Node, depth: usize, problems: &mut Problems) {
        if !looked(&self.left) {
            return self.coverage.dropped(&node.place, "the rest", TOO_MANY);
        }
        let Some(node) = resolved(self.root, node, &mut self.coverage, "a row") else {
            return;
        };
        let Some(keys) = Keys::of(node, "the schema of a row", problems) else {
            return;
        };
        let kind = keys.one_or_more("type");
        if let Some(first) = kind
            .first()
            .filter(|_| !kind.iter().any(|k| text_of(k) == Some("object")))
        {
            self.coverage
                .dropped(&first.place, "type of a row", "a row is an object");
        }
        for node in keys.list("required", problems) {
            match text_of(node) {
                Some(name) => self.required.push((name, node)),
                None => problems.wrong_type(node, "required", "a list of names"),
            }
        }
        self.properties(&keys, problems);
        self.patterns(&keys, problems);
        self.names(&keys);
        self.closed(&keys);
        self.keyed(&keys, problems);
        for part in keys.list("allOf", problems) {
            if depth < DEEPEST {
                self.row(part, depth + 1, problems);
            } else {
                self.coverage
                    .dropped(&part.place, "allOf of a row", "it leads in a circle");
            }
        }
        self.about(&keys, problems);
        self.choices(node, &keys);
        for key in ["minProperties", "maxProperties", "enum", "const"] {
            if let Some(node) = keys.get(key) {
                self.coverage
                    .dropped(&node.place, format!("{key} of a row"), UNHELD);
            }
        }
        keys.ignore(&["$ref"]);
        keys.finish(FORM, &mut self.coverage);
    }

    /// `anyOf`, `oneOf`, `not`, `if` and what depends on a key: one condition on the row each.
    fn choices(&mut self, node: &'a Node, keys: &Keys<'a>) {
        let Value::Map(entries) = &node.value else {
            return;
        };
        for key in [
            "anyOf",
            "oneOf",
            "not",
            "if",
            "dependentSchemas",
            "dependencies",
        ] {
            let Some(found) = keys.get(key) else { continue };
            let what = format!("{key} of a row");
            let said = match key {
                "dependentSchemas" | "dependencies" => predicate::of_dependent(self.root, found),
                _ => predicate::of_keyword(self.root, entries, key),
            };
            match said {
                Ok(sql) => conditional(&mut self.draft, &mut self.coverage, found, &what, &sql),
                Err(why) => self.coverage.dropped(&found.place, what, why),
            }
        }
        for key in ["then", "else"] {
            if let Some(found) = keys.get(key).filter(|_| keys.get("if").is_none()) {
                let what = format!("{key} of a row");
                self.coverage
                    .note(&found.place, what, "without `if` it says nothing");
            }
        }
    }

    fn properties(&mut self, keys: &Keys<'a>, problems: &mut Problems) {
        let Some(node) = keys.get("properties") else {
            return;
        };
        let Value::Map(entries) = &node.value else {
            problems.wrong_type(node, "properties", "a mapping");
            return;
        };
        for (key, schema) in entries {
            let mut found = property::Found {
                root: self.root,
                draft: &mut self.draft,
                coverage: &mut self.coverage,
                names: property::Names::Name,
                left: &self.left,
            };
            found.read(&key.name, &key.place, schema, 0, problems);
        }
    }

    /// `patternProperties`: the same of every column that a pattern names.
    fn patterns(&mut self, keys: &Keys<'a>, problems: &mut Problems) {
        let Some(node) = keys.get("patternProperties") else {
            return;
        };
        let Value::Map(entries) = &node.value else {
            problems.wrong_type(node, "patternProperties", "a mapping");
            return;
        };
        for (key, schema) in entries {
            let Some(glob) = globs::of_regex(&key.name, globs::Found::Anywhere) else {
                let reason = "a pattern of names here has `*`, `?` and `[a-z]` alone";
                self.coverage.dropped(
                    &key.place,
                    format!("patternProperties {}", key.name),
                    reason,
                );
                continue;
            };
            let mut found = property::Found {
                root: self.root,
                draft: &mut self.draft,
                coverage: &mut self.coverage,
                names: property::Names::Pattern,
                left: &self.left,
            };
            found.read(&glob, &key.place, schema, 0, problems);
            if let Some(column) = self.draft.column(&glob) {
                // A row may lack the key, and a key that is not there is null.
                column.unset("nullable");
                column.open("pass");
            }
        }
    }

    /// `propertyNames`: which names columns may have.
    fn names(&mut self, keys: &Keys) {
        let Some(node) = keys.get("propertyNames") else {
            return;
        };
        let alone = matches!(&node.value, Value::Map(entries) if entries.len() == 1);
        let (pattern, listed) = (get(node, "pattern"), get(node, "enum"));
        match (pattern.and_then(text_of), listed) {
            (Some(pattern), _) if alone && regex::Regex::new(pattern).is_ok() => {
                let args = vec![
                    ("pattern", text(&node.place, pattern)),
                    ("match", text(&node.place, "search")),
                ];
                self.draft.expect(&node.place, "column_names_match", args);
                self.coverage
                    .mapped(&node.place, "propertyNames", "column_names_match");
            }
            (_, Some(names))
                if alone
                    && matches!(&names.value, Value::List(l) if l.iter().all(|n| text_of(n).is_some()) && !l.is_empty()) =>
            {
                let args = vec![
                    ("columns", names.clone()),
                    ("mode", text(&node.place, "subset")),
                ];
                self.draft.expect(&node.place, "columns_match", args);
                self.coverage
                    .mapped(&node.place, "propertyNames", "columns_match");
            }
            _ => self
                .coverage
                .dropped(&node.place, "propertyNames of a row", UNHELD),
        }
    }

    /// Whether other keys may be there.
    fn closed(&mut self, keys: &Keys) {
        for key in ["additionalProperties", "unevaluatedProperties"] {
            let Some(node) = keys.get(key) else { continue };
            match node.value {
                Value::Bool(false) => {
                    self.draft.set("extra_columns", text(&node.place, "fail"));
                    self.coverage
                        .mapped(&node.place, key, "extra_columns: fail");
                }
                Value::Bool(true) => {}
                _ => self.coverage.dropped(
                    &node.place,
                    key,
                    "columns that are not named are not looked at",
                ),
            }
        }
    }

    /// `uniqueCombinedWith` of qsv, and `dependentRequired`.
    fn keyed(&mut self, keys: &Keys, problems: &mut Problems) {
        let names = keys.list("uniqueCombinedWith", problems);
        if let Some(first) = names.first() {
            let names: Vec<&str> = names.iter().filter_map(text_of).collect();
            let place = &first.place;
            self.draft.expect(
                place,
                "unique_key",
                vec![
                    ("columns", texts(place, names)),
                    ("nulls", text(place, "equal")),
                ],
            );
            self.coverage
                .mapped(place, "uniqueCombinedWith", "unique_key");
        }
        let Some(node) = keys.get("dependentRequired") else {
            return;
        };
        let Value::Map(entries) = &node.value else {
            problems.wrong_type(node, "dependentRequired", "a mapping of lists");
            return;
        };
        for (key, wanted) in entries {
            let Value::List(items) = &wanted.value else {
                problems.wrong_type(wanted, &key.name, "a list of names");
                continue;
            };
            for name in items.iter().filter_map(text_of) {
                let place = &key.place;
                let when = format!("\"{}\" IS NOT NULL", key.name.replace('"', "\"\""));
                self.draft.expect(
                    place,
                    "conditional_required",
                    vec![("column", text(place, name)), ("when", text(place, when))],
                );
                let why = "a key that is null counts as one that is not there";
                self.coverage.note(
                    place,
                    format!("dependentRequired {} of {}", name, key.name),
                    why,
                );
            }
        }
    }

    /// `required` and types together say what may be null, and which columns may be missing.
    fn presence(&mut self) {
        let required = std::mem::take(&mut self.required);
        for (name, node) in &required {
            let column = self.draft.column_or_new(&node.place, name);
            let what = format!("required {name}");
            if column.get("nullable").is_some() {
                self.coverage
                    .mapped(&node.place, what, "columns, nullable: false");
            } else {
                let note = "the column must be there; a row without the key reads as null, which its type allows";
                self.coverage.note(&node.place, what, note);
            }
        }
        for column in &mut self.draft.columns {
            let name = text_of(&column.name).unwrap_or_default().to_owned();
            if !name.contains('.') && !column.is_open() && !required.iter().any(|(r, _)| *r == name)
            {
                // A key that may be missing may be null, whatever its type says.
                column.unset("nullable");
                let place = column.name.place.clone();
                column.set("required", super::build::flag(&place, false));
            }
        }
    }
}
