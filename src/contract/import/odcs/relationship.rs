//! `relationships`: keys that must exist in another object.

use super::super::build::{text, texts};
use super::super::form::get;
use super::super::text_of;
use super::sla::physical;
use super::{Object, property};
use crate::config::fields::Problems;
use crate::config::tree::{Node, Value};
use crate::diagnostic::Place;

/// Relationships of one property: `to` another one.
pub(super) fn of_property(
    node: &Node,
    schema: &[Node],
    object: &mut Object,
    problems: &mut Problems,
) {
    let Some(relationships) = get(node, "relationships") else {
        return;
    };
    let Value::List(items) = &relationships.value else {
        problems.wrong_type(relationships, "relationships", "a list");
        return;
    };
    let Some(column) = property::column_name(node).map(str::to_owned) else {
        return;
    };
    for item in items {
        let Some(to) = one_to(item, problems) else {
            continue;
        };
        put(&item.place, vec![column.clone()], &to, schema, object);
    }
}

/// Relationships of an object: `from` columns `to` those of another.
pub(super) fn of_object(
    item: &Node,
    schema: &[Node],
    object: &mut Object,
    problems: &mut Problems,
) {
    let Some(to) = one_to(item, problems) else {
        return;
    };
    let from = get(item, "from").map(references).unwrap_or_default();
    let node = object.node;
    let own = |r: &String| {
        target(r, schema)
            .filter(|(o, _)| std::ptr::eq(*o, node))
            .map(|(_, c)| c)
    };
    let columns: Option<Vec<String>> = from.iter().map(own).collect();
    match columns {
        Some(columns) if !columns.is_empty() && columns.len() == to.len() => {
            put(&item.place, columns, &to, schema, object);
        }
        _ => object.coverage.dropped(
            &item.place,
            "relationship",
            "`from` does not name as many properties of this object as `to`",
        ),
    }
}

/// What `to` names; a problem where there is none.
fn one_to(item: &Node, problems: &mut Problems) -> Option<Vec<String>> {
    let to = get(item, "to").map(references).unwrap_or_default();
    if to.is_empty() {
        problems.wrong_type(item, "a relationship", "a mapping with `to`");
        return None;
    }
    Some(to)
}

fn references(node: &Node) -> Vec<String> {
    match &node.value {
        Value::List(items) => items
            .iter()
            .filter_map(text_of)
            .map(str::to_owned)
            .collect(),
        Value::Text(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

/// The object and the column that a reference means: `object.property`, or `schema/ID/properties/ID`.
fn target<'a>(reference: &str, schema: &'a [Node]) -> Option<(&'a Node, String)> {
    let by = |key: &'static str, value: &str| {
        let value = value.to_owned();
        move |n: &&Node| get(n, key).and_then(text_of) == Some(value.as_str())
    };
    if let Some((table, column)) = reference
        .split_once('.')
        .filter(|_| !reference.contains('/'))
    {
        let object = schema.iter().find(by("name", table));
        let object = object.or_else(|| schema.iter().find(by("physicalName", table)))?;
        return Some((object, physical(object, column)?.to_owned()));
    }
    let parts: Vec<&str> = reference.trim_start_matches('/').split('/').collect();
    let ["schema", id, "properties", column] = parts[..] else {
        return None;
    };
    let object = schema.iter().find(by("id", id))?;
    let Value::List(properties) = &get(object, "properties")?.value else {
        return None;
    };
    let found = properties.iter().find(by("id", column))?;
    Some((object, property::column_name(found)?.to_owned()))
}

fn put(place: &Place, columns: Vec<String>, to: &[String], schema: &[Node], object: &mut Object) {
    let what = format!(
        "relationship of {} to {}",
        columns.join(", "),
        to.join(", ")
    );
    let found: Option<Vec<(&Node, String)>> = to.iter().map(|r| target(r, schema)).collect();
    let Some(found) = found else {
        let outside = to.iter().any(|r| r.contains('#'));
        let reason = if outside {
            "it leads into another file"
        } else {
            "the schema has no such property"
        };
        object.coverage.dropped(place, what, reason);
        return;
    };
    let one = found.first().map(|(o, _)| *o);
    let same = found
        .iter()
        .all(|(o, _)| one.is_some_and(|one| std::ptr::eq(one, *o)));
    let name = one.and_then(|o| get(o, "name")).and_then(text_of);
    let Some(name) = name.filter(|_| same) else {
        object
            .coverage
            .dropped(place, what, "it leads to several objects at once");
        return;
    };
    let theirs: Vec<String> = found.into_iter().map(|(_, c)| c).collect();
    let mut args = vec![
        ("columns", texts(place, columns.clone())),
        ("dataset", text(place, name)),
    ];
    if theirs != columns {
        args.push(("their_columns", texts(place, theirs)));
    }
    object.draft.expect(place, "foreign_key", args);
    object.coverage.mapped(place, what, "foreign_key");
}
