//! `reference:` of a dataset: what drift is measured against, one thing or several.

use super::WrittenPath;
use super::fields::{Fields, Problems, text};
use super::history;
use super::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Place};

/// References of one dataset, at most.
pub const MOST_REFERENCES: usize = 12;

/// What drift is measured against.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References {
    /// Data and saved profiles, in file order.
    pub named: Vec<WrittenPath>,
    /// What is said of each of them besides its path, in the same order.
    pub about: Vec<About>,
    /// Where the word `history` stands.
    pub history: Option<Place>,
}

/// What is said of a reference besides its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// What it is called where there are several: as written, or by its file; unique within the dataset.
    pub name: String,
    /// The environment of the contract that it comes from; that of the dataset where none is given.
    pub environment: Option<(String, Place)>,
}

impl References {
    /// Environments that are written, with their places.
    pub fn environments(&self) -> impl Iterator<Item = &(String, Place)> {
        self.about.iter().filter_map(|a| a.environment.as_ref())
    }

    /// Data and saved profiles as they may be shown and recorded.
    #[must_use]
    pub fn shown(&self) -> Vec<String> {
        self.named.iter().map(WrittenPath::shown).collect()
    }
}

/// Reads `reference` of a dataset: a path, the word `history`, a mapping with `path`, or a list of these; every
/// problem is added.
pub(super) fn read(fields: &mut Fields, problems: &mut Problems) -> References {
    let mut references = References::default();
    let nodes = fields.list("reference");
    if let Some(node) = fields.get("reference")
        && nodes.is_empty()
    {
        problems.wrong_type(node, "reference", "a path, or a list with at least one");
    }
    let mut names: Vec<Option<(String, Place)>> = Vec::new();
    for node in nodes {
        one(node, &mut references, &mut names, problems);
    }
    if let Some(beyond) = references.named.get(MOST_REFERENCES) {
        problems.add(
            Diagnostic::new(
                "too-many-references",
                format!("at most {MOST_REFERENCES} references can be compared"),
            )
            .at(&beyond.place, "one too many")
            .help("each has a share of the false alarm; compare with fewer"),
        );
    }
    name_all(&mut references, &names, problems);
    references
}

/// Reads one reference; `names` are those written, one per path.
fn one(
    node: &Node,
    references: &mut References,
    names: &mut Vec<Option<(String, Place)>>,
    problems: &mut Problems,
) {
    let (at, name, environment) = match &node.value {
        Value::Text(_) if history::is_asked(node) => {
            if references.history.is_some() {
                problems.add(twice("history", &node.place));
            }
            references.history = Some(node.place.clone());
            return;
        }
        Value::Text(_) => (Some(node), None, None),
        Value::Map(_) => {
            let Some(mut fields) = Fields::of(node, "a reference", problems) else {
                return;
            };
            let path = fields.require("path", problems);
            let mut written = |key: &'static str| {
                let node = fields.get(key)?;
                Some((text(node, key, problems)?, node.place.clone()))
            };
            let (name, environment) = (written("name"), written("environment"));
            fields.finish(problems);
            (path, name, environment)
        }
        _ => {
            problems.wrong_type(
                node,
                "reference",
                "a path, a mapping with `path`, or a list of these",
            );
            return;
        }
    };
    let Some(node) = at else { return };
    let Some(path) = text(node, "path", problems) else {
        return;
    };
    if path.is_empty() {
        problems.add(
            Diagnostic::new("empty-path", "`reference` is empty")
                .at(&node.place, "names nothing")
                .help("give a path, or remove the key where it is not required"),
        );
        return;
    }
    if references.named.iter().any(|n| n.path == path) {
        problems.add(twice(&super::shown(&path), &node.place));
    }
    names.push(name);
    references.about.push(About {
        name: String::new(),
        environment,
    });
    references.named.push(WrittenPath {
        path,
        place: node.place.clone(),
    });
}

/// Gives every reference its name: the one written, else that of its file where no other has it, else its path.
fn name_all(
    references: &mut References,
    names: &[Option<(String, Place)>],
    problems: &mut Problems,
) {
    let stems: Vec<String> = references.named.iter().map(stem).collect();
    let count = |stem: &String| stems.iter().filter(|s| *s == stem).count();
    let mut given: Vec<String> = Vec::new();
    for (i, written) in names.iter().enumerate() {
        let name = match written {
            Some((name, _)) => name.clone(),
            None if count(&stems[i]) == 1 => stems[i].clone(),
            None => references.named[i].shown(),
        };
        let place = written
            .as_ref()
            .map_or(&references.named[i].place, |(_, place)| place);
        if name.trim().is_empty() {
            problems.add(
                Diagnostic::new("empty-name", "the name of a reference is empty")
                    .at(place, "names nothing")
                    .help("give a name, or leave it out: it is then that of the file"),
            );
        } else if given.contains(&name) && !is_again(references, i) {
            problems.add(
                Diagnostic::new(
                    "duplicate-name",
                    format!("two references are called `{name}`"),
                )
                .at(place, "again here")
                .help("give `name` to one of them: outcomes are told apart by it"),
            );
        }
        given.push(name.clone());
        references.about[i].name = name;
    }
}

/// Whether the path stands in the list before, which is told as such.
fn is_again(references: &References, position: usize) -> bool {
    let path = &references.named[position].path;
    references.named[..position].iter().any(|n| n.path == *path)
}

/// The name of the file, without folders and what follows the first dot.
fn stem(path: &WrittenPath) -> String {
    let shown = path.shown();
    let file = shown.trim_end_matches('/').rsplit('/').next();
    let file = file.unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    if stem.is_empty() {
        shown
    } else {
        stem.to_owned()
    }
}

fn twice(what: &str, place: &Place) -> Diagnostic {
    Diagnostic::new(
        "duplicate-reference",
        format!("`{what}` is a reference twice"),
    )
    .at(place, "again here")
    .help("compare with each once")
}
