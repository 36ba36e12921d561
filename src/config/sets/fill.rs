//! Parameters of sets: arguments against what is declared, and `${name}` filled in.

use crate::config::fields::Problems;
use crate::config::tree::{Key, Node, Value};
use crate::diagnostic::{Diagnostic, Place, listing};

/// What is given to one set.
pub(super) struct Given<'a> {
    pub(super) set: &'a str,
    pub(super) with: &'a [(Key, Node)],
    pub(super) place: &'a Place,
}

/// Values by parameter: what is given, else the default; `None` when a problem was added.
pub(super) fn arguments(
    parameters: &[(Key, Option<Node>)],
    given: Given,
    problems: &mut Problems,
) -> Option<Vec<(String, Node)>> {
    let before = problems.0.len();
    let known = || parameters.iter().map(|(k, _)| k.name.as_str());
    for (key, _) in given
        .with
        .iter()
        .filter(|(k, _)| !known().any(|n| n == k.name))
    {
        let help = if parameters.is_empty() {
            "it has no parameters; remove `with`".to_owned()
        } else {
            listing("parameters", &key.name, known())
        };
        problems.add(
            Diagnostic::new(
                "unknown-argument",
                format!("the set `{}` has no parameter `{}`", given.set, key.name),
            )
            .at(&key.place, "would have no effect")
            .help(help),
        );
    }
    let mut values = Vec::new();
    for (key, default) in parameters {
        let written = given.with.iter().find(|(k, _)| k.name == key.name);
        match written.map(|(_, node)| node).or(default.as_ref()) {
            Some(node) => values.push((key.name.clone(), node.clone())),
            None => problems.add(
                Diagnostic::new(
                    "missing-argument",
                    format!("the set `{}` needs `{}`", given.set, key.name),
                )
                .at(given.place, format!("`{}` is not given", key.name))
                .help(format!(
                    "write `{{set: {}, with: {{{}: ...}}}}`",
                    given.set, key.name
                )),
            ),
        }
    }
    (problems.0.len() == before).then_some(values)
}

/// The node with every `${name}` filled in; a text that is nothing else becomes the value, whatever its type.
///
/// `$${` is `${` itself. `None` when a problem was added.
pub(super) fn fill(
    node: &Node,
    values: &[(String, Node)],
    problems: &mut Problems,
) -> Option<Node> {
    let value = match &node.value {
        Value::Text(text) => return filled(text, node, values, problems),
        Value::List(items) => {
            let items = items.iter().map(|n| fill(n, values, problems));
            Value::List(items.collect::<Option<Vec<_>>>()?)
        }
        Value::Map(entries) => {
            let entry = |(key, node): &(Key, Node), problems: &mut Problems| {
                Some((key.clone(), fill(node, values, problems)?))
            };
            let entries = entries.iter().map(|e| entry(e, problems));
            Value::Map(entries.collect::<Option<Vec<_>>>()?)
        }
        other => other.clone(),
    };
    Some(Node {
        value,
        place: node.place.clone(),
    })
}

fn filled(
    text: &str,
    node: &Node,
    values: &[(String, Node)],
    problems: &mut Problems,
) -> Option<Node> {
    let parts = parts(text);
    let mut out = String::new();
    for part in &parts {
        let name = match part {
            Part::Text(text) => {
                out.push_str(text);
                continue;
            }
            Part::Name(name) => *name,
        };
        let Some((_, value)) = values.iter().find(|(n, _)| n == name) else {
            let known = values.iter().map(|(n, _)| n.as_str());
            problems.add(
                Diagnostic::new(
                    "unknown-parameter",
                    format!("`${{{name}}}` is no parameter"),
                )
                .at(&node.place, "not declared under `parameters`")
                .help(format!(
                    "{}; write `$${{` for `${{` itself",
                    listing("parameters", name, known)
                )),
            );
            return None;
        };
        if parts.len() == 1 {
            return Some(value.clone());
        }
        let Some(scalar) = value.value.scalar() else {
            problems.wrong_type(value, name, "one value, as it stands within a text");
            return None;
        };
        out.push_str(&scalar.to_string());
    }
    Some(Node {
        value: Value::Text(out),
        place: node.place.clone(),
    })
}

enum Part<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// A text cut at its parameters.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            found.push(Part::Text(&rest[..at]));
            found.push(Part::Text("{"));
            rest = &rest[at + 2..];
            continue;
        }
        let Some(end) = rest[at..].find('}') else {
            break;
        };
        if at > 0 {
            found.push(Part::Text(&rest[..at]));
        }
        found.push(Part::Name(rest[at + 2..at + end].trim()));
        rest = &rest[at + end + 1..];
    }
    if !rest.is_empty() {
        found.push(Part::Text(rest));
    }
    found
}

/// Adds a problem for every parameter that nothing in the set mentions.
pub(super) fn unused<'a>(
    parameters: &[(Key, Option<Node>)],
    nodes: impl Iterator<Item = &'a Node>,
    problems: &mut Problems,
) {
    let mut named = Vec::new();
    nodes.for_each(|n| names(n, &mut named));
    for (key, _) in parameters.iter().filter(|(k, _)| !named.contains(&k.name)) {
        let name = &key.name;
        problems.add(
            Diagnostic::new(
                "unused-parameter",
                format!("nothing in the set mentions `{name}`"),
            )
            .at(&key.place, "without effect")
            .help(format!(
                "write `${{{name}}}` where its value belongs, or remove it"
            )),
        );
    }
}

fn names(node: &Node, found: &mut Vec<String>) {
    match &node.value {
        Value::Text(text) => found.extend(parts(text).into_iter().filter_map(|p| match p {
            Part::Name(name) => Some(name.to_owned()),
            Part::Text(_) => None,
        })),
        Value::List(items) => items.iter().for_each(|n| names(n, found)),
        Value::Map(entries) => entries.iter().for_each(|(_, n)| names(n, found)),
        _ => {}
    }
}
