//! One field of a table schema: type, format, constraints.

use super::super::build::{flag, list, map, text, texts};
use super::super::column::Column;
use super::super::form::get;
use super::super::keys::Keys;
use super::super::text_of;
use super::FORM;
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place, listing};

/// Types of the standard.
const TYPES: &[&str] = &[
    "string",
    "number",
    "integer",
    "boolean",
    "object",
    "array",
    "list",
    "datetime",
    "date",
    "time",
    "year",
    "yearmonth",
    "duration",
    "geopoint",
    "geojson",
    "any",
];

/// `lon, lat` in decimal degrees, as a geopoint is written by default.
const GEOPOINT: &str = r"\s*[-+]?\d+(\.\d+)?\s*,\s*[-+]?\d+(\.\d+)?\s*";

/// A length of time of ISO 8601 as XML Schema writes it, of which at least one part is there.
const DURATION: &str = concat!(
    r"-?P((\d+Y(\d+M)?(\d+D)?|\d+M(\d+D)?|\d+D)",
    r"(T(\d+H(\d+M)?(\d+(\.\d+)?S)?|\d+M(\d+(\.\d+)?S)?|\d+(\.\d+)?S))?",
    r"|T(\d+H(\d+M)?(\d+(\.\d+)?S)?|\d+M(\d+(\.\d+)?S)?|\d+(\.\d+)?S))"
);

/// Keys for people.
const METADATA: &[&str] = &[
    "title",
    "description",
    "example",
    "examples",
    "rdfType",
    "categoriesOrdered",
];

pub(super) fn read(node: &Node, may_lack: bool, problems: &mut Problems) -> Option<Column> {
    // Version 1 allowed a name alone nowhere, but some tools write it.
    let keys = Keys::of(node, "a field", problems)?;
    keys.require("name", problems);
    let (name, place) = keys.text("name", problems)?;
    let mut column = Column::new(place, name);
    let kind = kind(&keys, &mut column, problems);
    if let Some((words, place)) = keys
        .text("description", problems)
        .or(keys.text("title", problems))
    {
        column.draft.set("description", text(place, words));
    }
    if may_lack {
        column.draft.set("required", flag(place, false));
    }
    for key in ["example", "examples"] {
        let items = keys.one_or_more(key);
        if let (Some(first), true) = (
            items.first(),
            items.iter().all(|i| i.value.scalar().is_some()),
        ) {
            column
                .draft
                .set("examples", list(&first.place, items.to_vec()));
        }
    }
    if let Some(node) = keys.get("constraints")
        && let Some(constraints) = Keys::of(node, format!("constraints of {name}"), problems)
    {
        self::constraints(&constraints, kind, &mut column, problems);
        constraints.finish(FORM, &mut column.coverage);
    }
    categories(&keys, &mut column, problems);
    if let Some(node) = keys.get("missingValues") {
        column.dropped(
            &node.place,
            "missingValues",
            "how a file is read is said in tollgate.yaml, for all columns: `csv: {nulls: …}`",
        );
    }
    keys.ignore(METADATA);
    keys.finish(FORM, &mut column.coverage);
    Some(column)
}

/// The type; text that is written in a way of its own keeps its text, which a check holds.
fn kind<'a>(keys: &Keys<'a>, column: &mut Column, problems: &mut Problems) -> &'a str {
    let Some((kind, place)) = keys.text("type", problems) else {
        if let Some((format, place)) = keys.text("format", problems) {
            string(format, place, column);
        }
        return "string";
    };
    let format = keys.text("format", problems);
    typed(kind, (place, format), keys, column, problems);
    keys.ignore(&[
        "delimiter",
        "itemType",
        "trueValues",
        "falseValues",
        "decimalChar",
        "groupChar",
        "bareNumber",
    ]);
    kind
}

/// The type of a field, which stands at a place and may have a format.
fn typed(
    kind: &str,
    (place, format): (&Place, Option<(&str, &Place)>),
    keys: &Keys,
    column: &mut Column,
    problems: &mut Problems,
) {
    let set = |column: &mut Column, native: &str| {
        column.set(place, "type", "type", text(place, native));
    };
    match kind {
        "string" => {
            set(column, "string");
            if let Some((format, place)) = format {
                string(format, place, column);
            }
        }
        "integer" | "number" => numeric(kind, place, keys, column),
        "boolean" => truths(keys, place, column),
        "date" | "datetime" | "time" => temporal(kind, place, format, column),
        "year" => set(column, "integer"),
        "yearmonth" => column.pattern(r"-?\d{4,}-(0[1-9]|1[0-2])", place, "type"),
        "object" | "array" => {
            let schema = map(place, vec![("type", text(place, kind))]);
            column.json_schema(&schema, place, "type");
        }
        "geojson" => {
            column
                .draft
                .expect(place, "format", vec![("kind", text(place, "json"))]);
            let note = "held is that the text is JSON; not that it is of type geojson";
            column.note(place, "type", note);
        }
        "any" => set(column, "any"),
        "geopoint" if format.is_none_or(|(f, _)| f == "default") => {
            column.pattern(GEOPOINT, place, "type");
        }
        "geopoint" => {
            let mut schema = vec![("type", text(place, "array"))];
            if format.is_some_and(|(f, _)| f == "object") {
                schema = vec![
                    ("type", text(place, "object")),
                    ("required", texts(place, ["lon", "lat"])),
                ];
            }
            column.json_schema(&map(place, schema), place, "type");
        }
        "duration" => column.pattern(DURATION, place, "type"),
        "list" => {
            let note = "a list as one text: every text is one; what its items are is not looked at";
            column.set(place, "type", "type", text(place, "string"));
            column.note(place, "type list", note);
        }
        other => {
            let problem =
                Diagnostic::new("unknown-type", format!("`{other}` is no type of a field"));
            problems.add(problem.at(place, "not known").help(listing(
                "types",
                other,
                TYPES.iter().copied(),
            )));
        }
    }
}

/// Numbers as this program reads them; written in a way of their own they stay text.
fn numeric(kind: &str, place: &Place, keys: &Keys, column: &mut Column) {
    let lexical = ["decimalChar", "groupChar", "bareNumber"];
    let odd = lexical
        .iter()
        .find_map(|k| keys.get(k).filter(|n| !is_default(k, n)).map(|n| (*k, n)));
    match odd {
        Some((key, node)) => column.dropped(
            &node.place,
            key,
            "numbers written in a way of their own are read as text",
        ),
        None => column.set(place, "type", "type", text(place, kind)),
    }
}

/// Days and times: typed where they are written as ISO 8601 has it, else text of that pattern.
fn temporal(kind: &str, place: &Place, format: Option<(&str, &Place)>, column: &mut Column) {
    let custom = format.filter(|(f, _)| !["default", "any"].contains(f));
    let native = if kind == "datetime" {
        "timestamp"
    } else {
        kind
    };
    match custom {
        Some((pattern, place)) if pattern.contains('%') => {
            let args = vec![
                ("kind", text(place, "pattern")),
                ("pattern", text(place, pattern)),
            ];
            column.held(place, "format", "parses_as", args);
        }
        _ => column.set(place, "type", "type", text(place, native)),
    }
}

fn is_default(key: &str, node: &Node) -> bool {
    match key {
        "decimalChar" => text_of(node) == Some("."),
        "bareNumber" => node.value == Value::Bool(true),
        _ => text_of(node) == Some(""),
    }
}

fn string(format: &str, place: &Place, column: &mut Column) {
    if !["default", "any"].contains(&format) {
        column.format(format, place, "format");
    }
}

/// `true` and `false` as the reader knows them, or other words as text.
fn truths(keys: &Keys, place: &Place, column: &mut Column) {
    let words: Vec<Node> = ["trueValues", "falseValues"]
        .iter()
        .flat_map(|k| keys.one_or_more(k))
        .cloned()
        .collect();
    let known = |n: &Node| {
        text_of(n)
            .is_some_and(|t| t.eq_ignore_ascii_case("true") || t.eq_ignore_ascii_case("false"))
    };
    if words.iter().all(known) {
        column.set(place, "type", "type", text(place, "boolean"));
        return;
    }
    let at = words.first().map_or(place, |w| &w.place).clone();
    column.allowed(&words, &at, "trueValues and falseValues", Vec::new());
}

fn constraints(keys: &Keys, kind: &str, column: &mut Column, problems: &mut Problems) {
    if let Some((true, place)) = keys.flag("required", problems) {
        column.not_null(place, "required");
    }
    if let Some((true, place)) = keys.flag("unique", problems) {
        column.set(place, "unique", "unique", flag(place, true));
    }
    if kind == "string" {
        column.lengths(keys, ["minLength", "maxLength"], problems);
    }
    for (key, keyword) in [
        ("minLength", ["minItems", "minProperties"]),
        ("maxLength", ["maxItems", "maxProperties"]),
    ] {
        let Some((_, place)) = keys.count(key, problems).filter(|_| kind != "string") else {
            continue;
        };
        let Some(node) = keys.get(key).filter(|_| matches!(kind, "array" | "object")) else {
            column.dropped(place, key, "a length is that of a text");
            continue;
        };
        let keyword = keyword[usize::from(kind == "object")];
        let schema = map(place, vec![(keyword, node.clone())]);
        column.json_schema(&schema, place, key);
    }
    column.range(keys, problems);
    if let Some((pattern, place)) = keys.text("pattern", problems) {
        if matches!(kind, "string" | "yearmonth") {
            column.pattern(pattern, place, "pattern");
        } else {
            column.dropped(
                place,
                "pattern",
                "it is about how the value is written, and the column is no text",
            );
        }
    }
    if let Some(node) = keys.get("enum") {
        let items = keys.list("enum", problems);
        column.allowed(items, &node.place, "enum", Vec::new());
    }
    if let Some(node) = keys.get("jsonSchema") {
        column.json_schema(node, &node.place, "jsonSchema");
    }
}

/// `categories` of version 2: values, or values with labels.
fn categories(keys: &Keys, column: &mut Column, problems: &mut Problems) {
    let items = keys.list("categories", problems);
    let Some(first) = items.first() else {
        return;
    };
    let value = |n: &Node| get(n, "value").cloned().unwrap_or_else(|| n.clone());
    let values: Vec<Node> = items.iter().map(value).collect();
    column.allowed(&values, &first.place, "categories", Vec::new());
}
