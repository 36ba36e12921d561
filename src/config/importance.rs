//! `importance` of `drift`: how much of the model each feature carries, in place or as a file.

use super::fields::{Fields, Problems, number};
use super::source_file;
use super::tree::{self, Node, Value};
use crate::diagnostic::{Diagnostic, Place, SourceFile};
use crate::error::Error;
use std::path::Path;
use std::sync::Arc;

/// Names of the column with the features in files, case ignored.
const NAMES: &[&str] = &[
    "feature", "name", "column", "variable", "features", "col_name",
];

/// Names of the column with the importances in files, case ignored.
const VALUES: &[&str] = &[
    "importance",
    "importances",
    "importances_mean",
    "value",
    "gain",
    "weight",
    "shap",
    "mean_abs_shap",
    "feature_importance_vals",
];

/// Features with their importances, as written; any unit, 0 or more, one at least greater than 0.
#[derive(Debug, Clone, Default)]
pub struct Importance {
    /// Name, importance, and where it stands.
    pub features: Vec<(String, f64, Place)>,
    /// The file that they were read from.
    pub file: Option<Arc<SourceFile>>,
}

impl Importance {
    /// Whether none is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// The share of a feature in the sum of all; `None` where nothing is said of it.
    ///
    /// Unit: 0 to 1.
    #[must_use]
    pub fn share(&self, feature: &str) -> Option<f64> {
        let total: f64 = self.features.iter().map(|(_, v, _)| v).sum();
        let found = self.features.iter().find(|(name, ..)| name == feature);
        found.map(|(_, v, _)| v / total)
    }
}

/// Reads `importance` of `drift`: a mapping of features to numbers, or a path to a file; every problem is added.
pub(super) fn read(fields: &mut Fields, base: &Path, problems: &mut Problems) -> Importance {
    let Some(node) = fields.get("importance") else {
        return Importance::default();
    };
    let before = problems.0.len();
    let found = match &node.value {
        Value::Map(_) => Importance {
            features: mapping(node, problems),
            file: None,
        },
        Value::Text(path) => from_file(node, &base.join(path), problems),
        _ => {
            problems.wrong_type(
                node,
                "importance",
                "a mapping of features to numbers, or a file",
            );
            return Importance::default();
        }
    };
    sound(&found, node, problems);
    if problems.0.len() > before {
        return Importance::default();
    }
    found
}

/// What no model has: importances below 0, twice the same feature, nothing at all.
fn sound(found: &Importance, node: &Node, problems: &mut Problems) {
    for (i, (name, value, place)) in found.features.iter().enumerate() {
        if value.is_nan() || *value < 0.0 || value.is_infinite() {
            problems.add(
                Diagnostic::new(
                    "wrong-importance",
                    format!("the importance of `{name}` is {value}"),
                )
                .at(place, "a number of 0 or more is needed")
                .help("of signed contributions give the mean of their absolute values"),
            );
        }
        if found.features[..i].iter().any(|(n, ..)| n == name) {
            problems.add(
                Diagnostic::new("duplicate-name", format!("`{name}` has two importances"))
                    .at(place, "again here")
                    .help("give each feature once"),
            );
        }
    }
    let total: f64 = found.features.iter().map(|(_, v, _)| v).sum();
    if found.features.is_empty() || total == 0.0 {
        problems.add(
            Diagnostic::new("wrong-importance", "no feature has an importance above 0")
                .at(&node.place, "nothing to weigh by")
                .help("give importances as the model exports them, or remove `importance`"),
        );
    }
}

fn mapping(node: &Node, problems: &mut Problems) -> Vec<(String, f64, Place)> {
    let Value::Map(entries) = &node.value else {
        return Vec::new();
    };
    let entry = |(key, node): &(tree::Key, Node)| {
        Some((
            key.name.clone(),
            value(node, &key.name, problems)?,
            node.place.clone(),
        ))
    };
    entries.iter().filter_map(entry).collect()
}

/// A number that may be NaN or infinite, which is refused with its own words.
fn value(node: &Node, name: &str, problems: &mut Problems) -> Option<f64> {
    match node.value {
        Value::Float(v) => Some(v),
        _ => number(node, name, problems),
    }
}

fn from_file(node: &Node, path: &Path, problems: &mut Problems) -> Importance {
    let file = match source_file(path) {
        Ok(file) => file,
        Err(Error::Config(list)) => {
            problems.0.extend(list);
            return Importance::default();
        }
        Err(error) => {
            problems.add(
                Diagnostic::new("unreadable-importance", error.to_string())
                    .at(&node.place, "named here")
                    .help("paths are relative to the file that names them"),
            );
            return Importance::default();
        }
    };
    let is_json = file.text.trim_start().starts_with(['{', '[']);
    let features = if is_json {
        json(&file, problems)
    } else {
        csv(&file, problems)
    };
    Importance {
        features,
        file: Some(file),
    }
}

/// `{"a": 0.4}`, `[{"feature": "a", "importance": 0.4}]`, or `{"feature": ["a"], "importance": [0.4]}`.
fn json(file: &Arc<SourceFile>, problems: &mut Problems) -> Vec<(String, f64, Place)> {
    let node = match tree::parse(file) {
        Ok(node) => node,
        Err(problem) => {
            problems.add(problem);
            return Vec::new();
        }
    };
    match &node.value {
        Value::Map(entries) => {
            let lists = |names: &[&str]| {
                entries.iter().find_map(|(key, node)| match &node.value {
                    Value::List(items) if is_one(&key.name, names) => Some(items),
                    _ => None,
                })
            };
            match (lists(NAMES), lists(VALUES)) {
                (Some(names), Some(values)) if names.len() == values.len() => {
                    let pairs = names.iter().zip(values);
                    pairs.filter_map(|(n, v)| pair(n, v, problems)).collect()
                }
                _ => mapping(&node, problems),
            }
        }
        Value::List(items) => {
            let row = |item: &Node| {
                let Value::Map(entries) = &item.value else {
                    return wrong_row(item, problems);
                };
                let of = |names: &[&str]| {
                    let mut found = entries.iter().filter(|(k, _)| is_one(&k.name, names));
                    found.next().map(|(_, node)| node)
                };
                match (of(NAMES), of(VALUES)) {
                    (Some(name), Some(value)) => pair(name, value, problems),
                    _ => wrong_row(item, problems),
                }
            };
            items.iter().filter_map(row).collect()
        }
        _ => Vec::new(),
    }
}

fn wrong_row(item: &Node, problems: &mut Problems) -> Option<(String, f64, Place)> {
    problems.wrong_type(
        item,
        "importance",
        "a list of mappings with `feature` and `importance`",
    );
    None
}

fn pair(name: &Node, of: &Node, problems: &mut Problems) -> Option<(String, f64, Place)> {
    let text = super::fields::text(name, "feature", problems)?;
    let value = value(of, &text, problems)?;
    Some((text, value, of.place.clone()))
}

fn is_one(name: &str, names: &[&str]) -> bool {
    names.iter().any(|n| n.eq_ignore_ascii_case(name))
}

/// Comma-separated, with a header that names both columns, or with two columns alone; a header is then what has no
/// number in the second one, or no name in the first.
fn csv(file: &Arc<SourceFile>, problems: &mut Problems) -> Vec<(String, f64, Place)> {
    let lines = file.text.lines().enumerate();
    let rows: Vec<(usize, Vec<String>)> = lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| (at + 1, cells(line)))
        .collect();
    let Some((_, first)) = rows.first() else {
        return Vec::new();
    };
    let find = |names: &[&str]| first.iter().position(|c| is_one(c, names));
    let second_is_number = first.get(1).is_some_and(|c| parsed(c).is_some());
    let (name, value, header) = match (find(NAMES), find(VALUES)) {
        (Some(name), Some(value)) => (name, value, 1),
        _ if first.len() == 2 => (0, 1, usize::from(!second_is_number || first[0].is_empty())),
        _ => {
            problems.add(
                Diagnostic::new(
                    "wrong-importance",
                    "the file does not say which column is which",
                )
                .at(
                    &on_line(file, 1),
                    "columns `feature` and `importance` are needed",
                )
                .help("write two columns, the feature's name and its importance"),
            );
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for (line, cells) in &rows[header..] {
        let place = on_line(file, *line);
        match (cells.get(name), cells.get(value).and_then(|c| parsed(c))) {
            (Some(name), Some(value)) => found.push((name.clone(), value, place)),
            _ => problems.add(
                Diagnostic::new("wrong-importance", "a line without a feature and a number")
                    .at(&place, "not read")
                    .help("write one feature with its importance per line"),
            ),
        }
    }
    found
}

fn parsed(cell: &str) -> Option<f64> {
    cell.trim().parse().ok()
}

/// The cells of a line; a cell in double quotes may hold commas, and two quotes for one.
///
/// Source: RFC 4180, without line breaks in cells.
pub(super) fn cells(line: &str) -> Vec<String> {
    let (mut all, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => all.push(std::mem::take(&mut cell).trim().to_owned()),
            other => cell.push(other),
        }
    }
    all.push(cell.trim().to_owned());
    all
}

pub(super) fn on_line(file: &Arc<SourceFile>, line: usize) -> Place {
    let text = file.text.lines().nth(line - 1).unwrap_or_default();
    Place {
        file: Arc::clone(file),
        line,
        column: 1,
        length: text.chars().count().max(1),
    }
}
