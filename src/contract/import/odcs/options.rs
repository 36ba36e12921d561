//! `logicalType` and `logicalTypeOptions`: types, lengths, patterns, formats and ranges.

use super::super::build::{ColumnDraft, int, number, text};
use super::super::ecma;
use super::super::form::get;
use super::super::keys::Keys;
use super::super::text_of;
use super::Object;
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place, listing};
use crate::types::TypePattern;

/// Logical types of the standard, and ours.
const TYPES: &[(&str, &str)] = &[
    ("string", "string"),
    ("date", "date"),
    ("timestamp", "timestamp"),
    ("time", "time"),
    ("number", "number"),
    ("integer", "integer"),
    ("object", "struct"),
    ("array", "list"),
    ("boolean", "boolean"),
    ("map", "map"),
    ("vector", "list"),
];

/// `format` of numbers, and our types.
const WIDTHS: &[(&str, &str)] = &[
    ("i8", "int8"),
    ("i16", "int16"),
    ("i32", "int32"),
    ("i64", "int64"),
    ("u8", "uint8"),
    ("u16", "uint16"),
    ("u32", "uint32"),
    ("u64", "uint64"),
    ("f32", "float32"),
    ("f64", "float64"),
];

/// `format` of texts, and ours.
const FORMATS: &[(&str, &str)] = &[
    ("email", "email"),
    ("uri", "uri"),
    ("url", "url"),
    ("hostname", "hostname"),
    ("ipv4", "ipv4"),
    ("ipv6", "ipv6"),
    ("uuid", "uuid"),
    ("date", "iso_date"),
    ("date-time", "iso_datetime"),
    ("byte", "base64"),
];

fn ours(table: &[(&'static str, &'static str)], word: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(theirs, _)| *theirs == word)
        .map(|(_, ours)| *ours)
}

/// The type of what is inside a list; `None` where it has none that is known.
pub(super) fn within(node: &Node) -> Option<String> {
    let inside = |node: &Node| within(node).unwrap_or_else(|| "any".to_owned());
    let dtype = match ours(TYPES, get(node, "logicalType").and_then(text_of)?)? {
        "list" => match get(node, "items") {
            Some(item) => format!("list<{}>", inside(item)),
            None => "list".to_owned(),
        },
        "struct" => match get(node, "properties").map(|p| &p.value) {
            Some(Value::List(fields)) if !fields.is_empty() => {
                let field = |f: &Node| {
                    Some(format!(
                        "{}: {}",
                        super::property::column_name(f)?,
                        inside(f)
                    ))
                };
                let fields: Option<Vec<String>> = fields.iter().map(field).collect();
                format!("struct<{}>", fields?.join(", "))
            }
            _ => "struct".to_owned(),
        },
        other => other.to_owned(),
    };
    // A field's name may hold what parts names from types.
    TypePattern::parse(&dtype)
        .map(|read| read.to_string())
        .filter(|read| *read == dtype)
}

/// Where rules of one column go.
pub(super) struct Target<'a, 'b> {
    pub(super) path: &'a str,
    pub(super) column: &'a mut ColumnDraft,
    pub(super) object: &'a mut Object<'b>,
}

impl Target<'_, '_> {
    fn held(&mut self, place: &Place, key: &str, check: &str, args: Vec<(&str, Node)>) {
        self.column.expect(place, check, args);
        self.object
            .coverage
            .mapped(place, format!("{key} of {}", self.path), check);
    }

    fn dropped(&mut self, place: &Place, key: &str, reason: &str) {
        self.object
            .coverage
            .dropped(place, format!("{key} of {}", self.path), reason);
    }
}

/// Reads the type of a column and its options.
pub(super) fn read(
    keys: &Keys,
    kind: Option<(&str, &Place)>,
    path: &str,
    column: &mut ColumnDraft,
    object: &mut Object,
    problems: &mut Problems,
) {
    dtype(kind, path, column, object, problems);
    let Some(node) = keys.get("logicalTypeOptions") else {
        return;
    };
    let Some(options) = Keys::of(node, format!("logicalTypeOptions of {path}"), problems) else {
        return;
    };
    let kind = kind.map_or("", |(word, _)| word);
    let mut target = Target {
        path,
        column,
        object,
    };
    let names = ["minLength", "maxLength"];
    counted("length", names, &options, &mut target, problems);
    pattern(&options, &mut target, problems);
    format(&options, kind, &mut target, problems);
    range(&options, &mut target, problems);
    zone(&options, kind, &mut target, problems);
    inside_lists(&options, kind, &mut target, problems);
    multiples(&options, &mut target, problems);
    if let Some(required) = options.get("required") {
        inside(required, &mut target, problems);
    }
    options.finish(super::FORM, &mut object.coverage);
}

/// How many items a list has, fields a map has, and numbers a vector has; of a struct that is its type.
fn inside_lists(options: &Keys, kind: &str, target: &mut Target, problems: &mut Problems) {
    let names = match kind {
        "array" => ["minItems", "maxItems"],
        "map" => ["minProperties", "maxProperties"],
        _ => [""; 2],
    };
    if kind == "vector"
        && let Some((n, place)) = options.count("dimensions", problems)
    {
        let args = vec![("min", int(place, n)), ("max", int(place, n))];
        target.held(place, "dimensions", "list_length", args);
    }
    if kind == "array"
        && let Some((true, place)) = options.flag("uniqueItems", problems)
    {
        target.held(place, "uniqueItems", "list_unique_items", Vec::new());
    }
    for key in [
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "dimensions",
    ] {
        let read =
            key == "uniqueItems" && kind == "array" || key == "dimensions" && kind == "vector";
        match options.get(key).filter(|_| !read) {
            Some(_) if names.contains(&key) => {}
            Some(node) if kind == "object" && key.ends_with("Properties") => {
                let why = "the fields of a struct are those of its type";
                target.dropped(&node.place, key, why);
            }
            Some(node) => {
                let why = format!("it says nothing of the logical type `{kind}`");
                target.dropped(&node.place, key, &why);
            }
            None => {}
        }
    }
    if !names[0].is_empty() {
        counted("list_length", names, options, target, problems);
    }
}

/// The type of a column.
fn dtype(
    kind: Option<(&str, &Place)>,
    path: &str,
    column: &mut ColumnDraft,
    object: &mut Object,
    problems: &mut Problems,
) {
    let what = format!("logicalType of {path}");
    if let Some((word, place)) = kind {
        if let Some(dtype) = ours(TYPES, word) {
            column.set("type", text(place, dtype));
            object.coverage.mapped(place, what, "type");
        } else {
            let names = TYPES.iter().map(|(name, _)| *name);
            let problem = Diagnostic::new("unknown-type", format!("`{word}` is no logical type"));
            problems.add(
                problem
                    .at(place, "not known")
                    .help(listing("types", word, names)),
            );
        }
    }
}

fn multiples(options: &Keys, target: &mut Target, problems: &mut Problems) {
    if let Some((of, place)) = options.number("multipleOf", problems) {
        if of > 0.0 {
            target.held(
                place,
                "multipleOf",
                "multiple_of",
                vec![("of", number(place, of))],
            );
        } else {
            target.dropped(
                place,
                "multipleOf",
                "multiples are those of a number greater than 0",
            );
        }
    }
}

/// A check with `min` and `max`, which two keys say.
fn counted(
    check: &str,
    names: [&'static str; 2],
    options: &Keys,
    target: &mut Target,
    problems: &mut Problems,
) {
    let least = options.count(names[0], problems);
    let most = options.count(names[1], problems);
    let mut args = Vec::new();
    args.extend(least.map(|(n, place)| ("min", int(place, n))));
    args.extend(most.map(|(n, place)| ("max", int(place, n))));
    let Some((_, first)) = args.first() else {
        return;
    };
    let place = first.place.clone();
    target.column.expect(&place, check, args);
    for (key, place) in [(names[0], least), (names[1], most)] {
        if let Some((_, place)) = place {
            target
                .object
                .coverage
                .mapped(place, format!("{key} of {}", target.path), check);
        }
    }
}

/// The pattern is found anywhere in the text, as in JSON Schema: the standard names ECMA-262, which anchors nothing.
fn pattern(options: &Keys, target: &mut Target, problems: &mut Problems) {
    let Some((pattern, place)) = options.text("pattern", problems) else {
        return;
    };
    match ecma::pattern(pattern) {
        Some(read) => target.held(
            place,
            "pattern",
            "matches",
            vec![("pattern", text(place, read))],
        ),
        None => target.dropped(place, "pattern", ecma::UNREADABLE),
    }
}

fn format(options: &Keys, kind: &str, target: &mut Target, problems: &mut Problems) {
    let Some((word, place)) = options.text("format", problems) else {
        return;
    };
    match kind {
        "integer" | "number" => match ours(WIDTHS, word) {
            Some(dtype) => {
                target.column.set("type", text(place, dtype));
                target
                    .object
                    .coverage
                    .mapped(place, format!("format of {}", target.path), "type");
            }
            None => target.dropped(place, "format", "there is no such number type here"),
        },
        "date" | "timestamp" | "time" => {
            let what = format!("format of {}", target.path);
            let note = "how the value is written; the type is promised, and text that does not read as it fails";
            target.object.coverage.note(place, what, note);
        }
        _ => match ours(FORMATS, word) {
            Some(known) => target.held(
                place,
                "format",
                "format",
                vec![("kind", text(place, known))],
            ),
            None => target.dropped(place, "format", "there is no such format here"),
        },
    }
}

/// `minimum`, `maximum` and their exclusive forms: numbers, or days and times as text.
///
/// `exclusiveMinimum: true` of version 3.0 leaves `minimum` itself out.
fn range(options: &Keys, target: &mut Target, problems: &mut Problems) {
    let side = |bound: &'static str, exclusive: &'static str| {
        let bound = options.get(bound).map(|n| (n, false));
        match options.get(exclusive).map(|n| (n, &n.value)) {
            Some((_, Value::Bool(v))) => bound.map(|(n, _)| (n, *v)).into_iter().collect(),
            Some((node, _)) => bound.into_iter().chain([(node, true)]).collect(),
            None => bound.into_iter().collect::<Vec<_>>(),
        }
    };
    let lower = side("minimum", "exclusiveMinimum");
    let upper = side("maximum", "exclusiveMaximum");
    let sides = [
        ("min", lower, ["minimum", "exclusiveMinimum"]),
        ("max", upper, ["maximum", "exclusiveMaximum"]),
    ];
    for (arg, bounds, names) in sides {
        for (node, open) in bounds {
            let name = names[usize::from(open)];
            let Some(value) = bound(node) else {
                problems.wrong_type(node, name, "a number, or a day or time as text");
                continue;
            };
            let ends = match (arg, open) {
                (_, false) => "[]",
                ("min", true) => "(]",
                (_, true) => "[)",
            };
            let mut args = vec![(arg, value)];
            if open {
                args.push(("bounds", text(&node.place, ends)));
            }
            target.held(&node.place, name, "between", args);
        }
    }
}

/// A bound as the native reader takes it: a moment with `T` between day and time.
fn bound(node: &Node) -> Option<Node> {
    match &node.value {
        Value::Int(_) | Value::Float(_) => Some(node.clone()),
        Value::Text(written) => {
            let day = written
                .get(..10)
                .is_some_and(|d| d.parse::<chrono::NaiveDate>().is_ok());
            let moment = written.split_once(' ').filter(|_| day);
            let joined = moment.map(|(day, time)| format!("{day}T{time}"));
            Some(text(&node.place, joined.unwrap_or_else(|| written.clone())))
        }
        _ => None,
    }
}

/// `required` of an object: fields that it must have.
fn inside(required: &Node, target: &mut Target, problems: &mut Problems) {
    let Value::List(items) = &required.value else {
        problems.wrong_type(required, "required", "a list of names");
        return;
    };
    for item in items {
        let Some(name) = text_of(item) else {
            problems.wrong_type(item, "required", "a list of names");
            continue;
        };
        let path = format!("{}.{name}", target.path);
        let object = &mut *target.object;
        object.draft.column_or_new(&item.place, &path);
        object
            .coverage
            .mapped(&item.place, format!("required {path}"), "columns");
    }
}

/// `timezone: true` says that the values are instants.
fn zone(options: &Keys, kind: &str, target: &mut Target, problems: &mut Problems) {
    let zone = options.flag("timezone", problems);
    if let Some(node) = options.get("defaultTimezone") {
        let words = format!(
            "values without a zone are taken as they are; `{}` is not applied",
            text_of(node).unwrap_or_default()
        );
        target.object.coverage.note(
            &node.place,
            format!("defaultTimezone of {}", target.path),
            words,
        );
    }
    match (zone, kind) {
        (Some((zoned, place)), "timestamp") => {
            let dtype = if zoned {
                "timestamp(utc)"
            } else {
                "timestamp(local)"
            };
            target.column.set("type", text(place, dtype));
            target
                .object
                .coverage
                .mapped(place, format!("timezone of {}", target.path), "type");
        }
        (Some((true, place)), _) => {
            target.dropped(place, "timezone", "a time of day has no zone here");
        }
        _ => {}
    }
}
