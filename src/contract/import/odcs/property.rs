//! Properties: columns, nested ones by path.

use super::super::build::{ColumnDraft, flag, list, text, texts};
use super::super::form::get;
use super::super::keys::Keys;
use super::super::text_of;
use super::{FORM, METADATA, Object, options, quality, words};
use crate::config::fields::Problems;
use crate::config::tree::{Key, Node, Value};

/// What a classification is that leaves values open; every other hides them.
const OPEN: &[&str] = &[
    "public",
    "internal",
    "open",
    "none",
    "unclassified",
    "non-sensitive",
    "1",
    "2",
];

/// Tags that mark personal data.
const PERSONAL: &[&str] = &["pii", "personal", "sensitive", "gdpr", "secret"];

/// The name that data has a property by.
pub(super) fn column_name(node: &Node) -> Option<&str> {
    let physical = get(node, "physicalName").and_then(text_of);
    physical.or_else(|| get(node, "name").and_then(text_of))
}

/// Reads one property below the path `above`, and those inside it.
pub(super) fn read(node: &Node, above: &str, object: &mut Object, problems: &mut Problems) {
    let Some(keys) = Keys::of(node, "a property", problems) else {
        return;
    };
    keys.require("name", problems);
    let (Some((name, place)), physical) = (
        keys.text("name", problems),
        keys.text("physicalName", problems),
    ) else {
        return;
    };
    let (called, called_at) = physical.unwrap_or((name, place));
    let path = if above.is_empty() {
        called.to_owned()
    } else {
        format!("{above}.{called}")
    };
    let what = format!("column {path}");
    if object.draft.column(&path).is_some() {
        object
            .coverage
            .dropped(place, what, "there is a column of this name already");
        return;
    }
    if physical.is_some() && called != name {
        object.coverage.note(
            called_at,
            what,
            format!("`{name}` is called `{called}` in the data"),
        );
    } else {
        object.coverage.mapped(place, what, "columns");
    }
    let mut column = ColumnDraft::new(called_at, &path);
    let kind = keys.text("logicalType", problems);
    if let Some((words, place)) = keys.text("description", problems) {
        column.set("description", text(place, words));
    }
    privacy(&keys, &path, &mut column, object, problems);
    examples(&keys, &mut column);
    promises(&keys, &path, &mut column, object, problems);
    options::read(&keys, kind, &path, &mut column, object, problems);
    allowed(&keys, &path, &mut column, object, problems);
    object.draft.columns.push(column);
    for rule in keys.list("quality", problems) {
        quality::read(rule, Some(&path), object, problems);
    }
    inside(&keys, &path, object, problems);
    keys.ignore(&["primaryKey", "primaryKeyPosition", "relationships"]);
    keys.ignore(METADATA);
    keys.finish(FORM, &mut object.coverage);
}

/// `required` and `unique`.
fn promises(
    keys: &Keys,
    path: &str,
    column: &mut ColumnDraft,
    object: &mut Object,
    problems: &mut Problems,
) {
    if let Some((true, place)) = keys.flag("required", problems) {
        column.set("nullable", flag(place, false));
        object
            .coverage
            .mapped(place, format!("required of {path}"), "nullable: false");
    }
    if let Some((true, place)) = keys.flag("unique", problems) {
        column.set("unique", flag(place, true));
        object
            .coverage
            .mapped(place, format!("unique of {path}"), "unique: true");
    }
}

/// `classification` and tags say whether values may be shown.
fn privacy(
    keys: &Keys,
    path: &str,
    column: &mut ColumnDraft,
    object: &mut Object,
    problems: &mut Problems,
) {
    let mut hidden = None;
    if let Some(node) = keys.get("classification") {
        let word = node.value.to_string().to_lowercase();
        if !OPEN.contains(&word.as_str()) {
            hidden = Some((format!("classification {word}"), &node.place));
        }
    }
    if let Some(tags) = words(keys, "tags", problems) {
        if let Value::List(items) = &tags.value {
            let personal = |t: &&Node| {
                text_of(t).is_some_and(|t| PERSONAL.contains(&t.to_lowercase().as_str()))
            };
            let at = keys.get("tags").map_or(keys.place, |n| &n.place);
            if let Some(tag) = items.iter().find(personal) {
                hidden = hidden.or_else(|| Some((format!("tag {}", tag.value), at)));
            }
        }
        column.set("tags", tags);
    }
    if let Some((why, place)) = hidden {
        column.set("pii", flag(place, true));
        let what = format!("{why} of {path}");
        object.coverage.note(
            place,
            what,
            "`pii: true`: reports never show values of the column",
        );
    }
}

/// Examples that may be shown, where they are single values.
fn examples(keys: &Keys, column: &mut ColumnDraft) {
    let items = keys.one_or_more("examples");
    let single = items.iter().all(|i| i.value.scalar().is_some());
    if let (Some(first), true, None) = (items.first(), single, column.get("pii")) {
        column.set("examples", list(&first.place, items.to_vec()));
    }
}

/// `enum` of version 3.2: the values that may occur.
fn allowed(
    keys: &Keys,
    path: &str,
    column: &mut ColumnDraft,
    object: &mut Object,
    problems: &mut Problems,
) {
    let items = keys.list("enum", problems);
    let Some(first) = items.first() else {
        return;
    };
    let value = |item: &Node| match &item.value {
        Value::Map(_) => get(item, "value").cloned(),
        _ => Some(item.clone()),
    };
    let values: Option<Vec<Node>> = items.iter().map(value).collect();
    let single = values.filter(|v| v.iter().all(|n| n.value.scalar().is_some()));
    let what = format!("enum of {path}");
    match single {
        Some(values) => {
            column.expect(
                &first.place,
                "in_set",
                vec![("values", list(&first.place, values))],
            );
            object.coverage.mapped(&first.place, what, "in_set");
        }
        None => object.coverage.dropped(
            &first.place,
            what,
            "a value is missing or is not a single one",
        ),
    }
}

/// Keys of what is inside a list that are its type, or promise nothing.
const OF_TYPES: &[&str] = &[
    "name",
    "logicalType",
    "physicalType",
    "physicalName",
    "description",
    "items",
    "properties",
];

/// Whether what is inside a list says its type and no more.
fn says_types_alone(node: &Node) -> bool {
    let Value::Map(entries) = &node.value else {
        return false;
    };
    let alone = |(key, node): &(Key, Node)| match key.name.as_str() {
        "items" => says_types_alone(node),
        "properties" => match &node.value {
            Value::List(fields) => fields.iter().all(says_types_alone),
            _ => false,
        },
        other => OF_TYPES.contains(&other),
    };
    entries.iter().all(alone)
}

/// `items` of a list: their type is that of the list, and the rest is named.
fn items(node: &Node, path: &str, object: &mut Object) {
    let what = format!("items of {path}");
    let column = object.draft.column(path);
    let is_list = |c: &&mut ColumnDraft| c.get("type").and_then(text_of) == Some("list");
    let found = column.filter(is_list).zip(options::within(node));
    let Some((column, item)) = found else {
        let why = "values inside a list are not looked at";
        return object.coverage.dropped(&node.place, what, why);
    };
    column.set("type", text(&node.place, format!("list<{item}>")));
    if says_types_alone(node) {
        object.coverage.mapped(&node.place, what, "type");
    } else {
        let why = "held is their type; values inside a list are not looked at";
        object.coverage.dropped(&node.place, what, why);
    }
}

/// Properties inside an object are columns by path; of what is inside a list the type is held.
fn inside(keys: &Keys, path: &str, object: &mut Object, problems: &mut Problems) {
    for node in keys.list("properties", problems) {
        read(node, path, object, problems);
    }
    if let Some(node) = keys.get("items") {
        items(node, path, object);
    }
    if let Some(node) = keys.get("map") {
        object.coverage.dropped(
            &node.place,
            format!("map of {path}"),
            "values inside a map are not looked at",
        );
    }
}

/// The columns with `primaryKey: true`, by position; without one in the order of the file.
pub(super) fn key(properties: &[Node], object: &mut Object) {
    let mut parts: Vec<(i128, &Node, &str)> = Vec::new();
    for node in properties {
        let Some(at) = get(node, "primaryKey").filter(|k| k.value == Value::Bool(true)) else {
            continue;
        };
        let position = match get(node, "primaryKeyPosition").map(|p| &p.value) {
            Some(Value::Int(position)) if *position > 0 => *position,
            _ => i128::MAX,
        };
        if let Some(name) = column_name(node) {
            parts.push((position, at, name));
        }
    }
    parts.sort_by_key(|(position, _, _)| *position);
    let Some((_, first, _)) = parts.first() else {
        return;
    };
    object.draft.set(
        "key",
        texts(&first.place, parts.iter().map(|(_, _, name)| *name)),
    );
    for (_, at, name) in &parts {
        object
            .coverage
            .mapped(&at.place, format!("primaryKey of {name}"), "key");
    }
}
