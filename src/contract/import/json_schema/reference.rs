//! What `$ref` leads to.

use super::super::form::get;
use super::super::{Coverage, text_of};
use super::METADATA;
use crate::config::tree::{Key, Node, Value};

/// How many references lead to others at most.
pub(super) const DEEPEST: usize = 32;

/// Follows `$ref` to its schema; a problem where it leads nowhere, in a circle, or out of the file.
pub(super) fn resolved<'a>(
    root: &'a Node,
    node: &'a Node,
    coverage: &mut Coverage,
    what: &str,
) -> Option<&'a Node> {
    let mut at = node;
    for _ in 0..DEEPEST {
        let Some(reference) = get(at, "$ref") else {
            return Some(at);
        };
        for (key, _) in beside(at) {
            coverage.dropped(
                &key.place,
                format!("{} of {what}", key.name),
                "it stands beside `$ref`, where it is not read; write it in the schema that this leads to",
            );
        }
        let path = text_of(reference).and_then(|r| r.strip_prefix('#'));
        let Some(found) = path.and_then(|p| pointed(root, p)) else {
            coverage.dropped(
                &reference.place,
                format!("$ref of {what}"),
                "it leads to nothing in this file",
            );
            return None;
        };
        at = found;
    }
    coverage.dropped(
        &node.place,
        format!("$ref of {what}"),
        "it leads in a circle",
    );
    None
}

/// What a schema with a `$ref` says besides about values: it counts from draft 2019-09 on, and in earlier ones does not.
fn beside(node: &Node) -> impl Iterator<Item = &(Key, Node)> {
    let entries = match &node.value {
        Value::Map(entries) => &entries[..],
        _ => &[],
    };
    let says =
        |(key, _): &&(Key, Node)| key.name != "$ref" && !METADATA.contains(&key.name.as_str());
    entries.iter().filter(says)
}

/// What a JSON Pointer (RFC 6901) names.
pub(super) fn pointed<'a>(root: &'a Node, pointer: &str) -> Option<&'a Node> {
    let mut at = root;
    for part in pointer.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        at = match &at.value {
            Value::Map(entries) => entries
                .iter()
                .find(|(k, _)| k.name == name)
                .map(|(_, v)| v)?,
            Value::List(items) => items.get(name.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    (pointer.is_empty() || pointer.starts_with('/')).then_some(at)
}
