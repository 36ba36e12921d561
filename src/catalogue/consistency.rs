//! What the reader of a single field of a check file cannot see.

use super::{Bound, Check, Example, Measure, Op, PROFILE_MEASURES, template};
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place, listing};
use crate::record::Status;
use std::path::Path;

/// Every problem of a check whose fields were all read from `node`, with its place.
pub(super) fn problems(check: &Check, node: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    found.extend(wrong_id(check));
    found.extend(missing_example(check, place(node, &["examples"])));
    found.extend(unknown_measure(check, node));
    found.extend(unknown_names_in_pass(check, node));
    found.extend(unknown_choice(check, node));
    for (key, problem) in template::undeclared(check) {
        let path: &[&str] = if key == "message" {
            &["message"]
        } else {
            &["measure", key]
        };
        found.push(problem.at(place(node, path), "here"));
    }
    found
}

/// Where the value under a path of keys stands; the nearest place above where there is none.
fn place<'a>(node: &'a Node, path: &[&str]) -> &'a Place {
    let Some((key, rest)) = path.split_first() else {
        return &node.place;
    };
    match child(node, key) {
        Some(child) => place(child, rest),
        None => &node.place,
    }
}

fn child<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    let Value::Map(entries) = &node.value else {
        return None;
    };
    entries.iter().find(|(k, _)| k.name == key).map(|(_, v)| v)
}

fn wrong_id(check: &Check) -> Option<Diagnostic> {
    let stem = Path::new(&check.file.path).file_stem().unwrap_or_default();
    (stem != check.id.as_str()).then(|| {
        Diagnostic::new(
            "wrong-id",
            format!(
                "check `{}` must be in a file called {}.yaml",
                check.id, check.id
            ),
        )
        .at(&check.place, format!("the file is {}", check.file.path))
        .help("rename the file or the check; one file holds one check")
    })
}

fn missing_example(check: &Check, at: &Place) -> Option<Diagnostic> {
    let has = |wanted: fn(&Example) -> bool| check.examples.iter().any(wanted);
    let kinds = [
        ("a passing", has(|e| e.status == Status::Pass)),
        ("a failing", has(|e| e.status == Status::Fail)),
        (
            "a null-or-empty",
            has(|e| has_null_or_is_empty(&e.data) || is_empty(&e.data)),
        ),
    ];
    let missing: Vec<&str> = kinds
        .iter()
        .filter(|(_, there)| !there)
        .map(|(what, _)| *what)
        .collect();
    (!missing.is_empty()).then(|| {
        Diagnostic::new(
            "missing-example",
            format!(
                "check `{}` lacks {} example",
                check.id,
                missing.join(" and ")
            ),
        )
        .at(
            at,
            "a passing, a failing, and one with a null or without rows are needed",
        )
        .help("examples are the tests of a check; add them under `examples:`")
    })
}

fn is_empty(data: &Node) -> bool {
    matches!(&data.value, Value::Map(columns) if columns.is_empty())
}

fn has_null_or_is_empty(data: &Node) -> bool {
    let Value::Map(columns) = &data.value else {
        return false;
    };
    columns.iter().any(|(_, column)| match &column.value {
        Value::List(items) => items.is_empty() || items.iter().any(|i| i.value == Value::Null),
        _ => false,
    })
}

fn unknown_measure(check: &Check, node: &Node) -> Option<Diagnostic> {
    let Measure::Profile { measure, .. } = &check.measure else {
        return None;
    };
    (!PROFILE_MEASURES.contains(&measure.as_str())).then(|| {
        Diagnostic::new(
            "unknown-measure",
            format!("the profile has no measure `{measure}`"),
        )
        .at(place(node, &["measure", "profile"]), "not known")
        .help(listing(
            "measures",
            measure,
            PROFILE_MEASURES.iter().copied(),
        ))
    })
}

fn unknown_names_in_pass(check: &Check, node: &Node) -> Vec<Diagnostic> {
    let at = |index: usize| match child(node, "pass").map(|n| (&n.value, n)) {
        Some((Value::List(items), whole)) => items.get(index).map_or(&whole.place, |i| &i.place),
        Some((_, whole)) => &whole.place,
        None => &node.place,
    };
    let mut found = Vec::new();
    if check.pass.is_empty() {
        let problem = Diagnostic::new("missing-key", "a check needs `pass`");
        found.push(problem.at(&node.place, "`pass` is not given"));
    }
    let measured = template::measured_names(check);
    for (index, clause) in check.pass.iter().enumerate() {
        if !measured.contains(&clause.name.as_str()) {
            found.push(
                Diagnostic::new(
                    "unknown-name",
                    format!("`pass` names `{}`, which is not measured", clause.name),
                )
                .at(at(index), "not measured")
                .help(listing(
                    "measured names",
                    &clause.name,
                    measured.iter().copied(),
                )),
            );
        }
        if ["failing", "failing_ratio"].contains(&clause.name.as_str())
            && !matches!(clause.op, Op::Le | Op::Lt | Op::Eq)
        {
            let wrong = format!(
                "`pass` wants failing rows: {} {}",
                clause.name,
                clause.op.symbol()
            );
            found.push(
                Diagnostic::new("wrong-pass", wrong)
                    .at(at(index), "kept by data that fails")
                    .help("bound failing rows from above, as in `failing <= max_failing`"),
            );
        }
        if let Bound::Param(name) = &clause.bound
            && check.param(name).is_none()
            && !["max_failing", "max_failing_ratio"].contains(&name.as_str())
        {
            let params = check.params.iter().map(|p| p.name.as_str());
            found.push(
                Diagnostic::new(
                    "unknown-name",
                    format!("`pass` names `{name}`, which is not a parameter"),
                )
                .at(at(index), "not a parameter")
                .help(listing("parameters", name, params)),
            );
        }
    }
    found
}

fn unknown_choice(check: &Check, node: &Node) -> Vec<Diagnostic> {
    let Some(choice) = &check.choice else {
        return Vec::new();
    };
    let key = ["at_least_one", "exactly_one"]
        .into_iter()
        .find(|key| child(node, key).is_some())
        .unwrap_or_default();
    let params = || check.params.iter().map(|p| p.name.as_str());
    choice
        .names()
        .iter()
        .filter(|name| check.param(name).is_none())
        .map(|name| {
            Diagnostic::new(
                "unknown-name",
                format!("`{key}` names `{name}`, which is not a parameter"),
            )
            .at(place(node, &[key]), "not a parameter")
            .help(listing("parameters", name, params()))
        })
        .collect()
}
