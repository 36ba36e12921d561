//! One entry of a contract's `columns`: a column by name, or every column that a pattern names.

use super::selection::Selection;
use super::{
    ContractColumn, Detection, Presence, Privacy, environments, expectations, type_pattern,
};
use crate::config::fields::{Fields, Problems, text};
use crate::config::roles::Role;
use crate::config::tree::{Node, Value};
use crate::diagnostic::Diagnostic;
use crate::scalar::Scalar;

/// What is promised of every column that a pattern names.
#[derive(Debug, Clone)]
pub struct ColumnPattern {
    /// The columns.
    pub selection: Selection,
    /// What it means that there is none.
    pub on_no_match: OnNoMatch,
    /// The promise; its name is the pattern as written.
    pub column: ContractColumn,
}

/// What it means that a pattern matches no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnNoMatch {
    /// The promise is kept.
    Pass,
    /// A warning.
    Warn,
    /// The promise is broken.
    Fail,
}

impl OnNoMatch {
    /// Words in contracts.
    pub const WORDS: &[&str] = &["pass", "warn", "fail"];

    /// Reads the word of a contract.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "pass" => Some(Self::Pass),
            "warn" => Some(Self::Warn),
            "fail" => Some(Self::Fail),
            _ => None,
        }
    }
}

/// Examples of a column's values; a personal column may have none.
fn examples(fields: &mut Fields, privacy: Privacy, problems: &mut Problems) -> Vec<Scalar> {
    let nodes = fields.list("examples");
    if let (Privacy::Personal, Some(first)) = (privacy, nodes.first()) {
        problems.add(
            Diagnostic::new(
                "personal-examples",
                "a column with `pii: true` cannot show `examples`",
            )
            .at(&first.place, "a personal value")
            .help("leave `examples` out; reports never show values of this column either"),
        );
        return Vec::new();
    }
    let value = |node: &Node| {
        let value = node.value.scalar();
        if value.is_none() {
            problems.wrong_type(node, "examples", "a list of single values");
        }
        value
    };
    nodes.iter().filter_map(value).collect()
}

/// The columns of an entry with `columns` instead of `name`, and what it means that there are none.
type Open = (Selection, OnNoMatch);

/// Whether an entry is about columns of a pattern.
fn is_open(node: &Node) -> bool {
    matches!(&node.value, Value::Map(entries) if entries.iter().any(|(k, _)| k.name == "columns"))
}

/// The pattern of an entry; `None` when a problem was added.
fn open(fields: &mut Fields, problems: &mut Problems) -> Option<Open> {
    let node = fields.require("columns", problems)?;
    let word = fields.word("on_no_match", OnNoMatch::WORDS, OnNoMatch::parse, problems);
    Some((
        Selection::read(node, problems)?,
        word.unwrap_or(OnNoMatch::Fail),
    ))
}

/// What an entry is called in messages.
fn what(node: &Node) -> &'static str {
    if is_open(node) {
        "an entry for `columns`"
    } else {
        "a column"
    }
}

/// Pattern, place and name of an entry.
type Named<'a> = (Option<Open>, Option<&'a Node>, Option<String>);

fn named<'a>(node: &Node, fields: &mut Fields<'a>, problems: &mut Problems) -> Option<Named<'a>> {
    if !is_open(node) {
        let place = fields.require("name", problems);
        let name = place.and_then(|n| text(n, "name", problems));
        return Some((None, place, name));
    }
    let place = fields.get("columns");
    let open = open(fields, problems)?;
    let name = open.0.written.clone();
    Some((Some(open), place, Some(name)))
}

/// Reads the entries of `columns`: columns by name, each once, and patterns.
pub(super) fn all(
    items: &[Node],
    problems: &mut Problems,
) -> (Vec<ContractColumn>, Vec<ColumnPattern>) {
    let mut columns: Vec<ContractColumn> = Vec::new();
    let mut patterns = Vec::new();
    for node in items {
        let column = match read(node, problems) {
            Some((column, None)) => column,
            Some((column, Some((selection, on_no_match)))) => {
                patterns.push(ColumnPattern {
                    selection,
                    on_no_match,
                    column,
                });
                continue;
            }
            None => continue,
        };
        if columns.iter().any(|c| c.name == column.name) {
            problems.add(
                Diagnostic::new(
                    "duplicate-column",
                    format!("column `{}` is declared twice", column.name),
                )
                .at(&column.place, "again here"),
            );
        }
        columns.push(column);
    }
    (columns, patterns)
}

/// Reads one entry of `columns`; `None` when nothing of it can be read.
fn read(node: &Node, problems: &mut Problems) -> Option<(ContractColumn, Option<Open>)> {
    let mut fields = Fields::of(node, what(node), problems)?;
    let (open, name_node, name) = named(node, &mut fields, problems)?;
    if let (Some(node), Some("")) = (name_node, name.as_deref()) {
        problems.add(
            Diagnostic::new("missing-key", "a column needs a `name`").at(&node.place, "empty"),
        );
    }
    let type_node = fields.get("type");
    let dtype = type_node.and_then(|n| {
        let written = text(n, "type", problems)?;
        let pattern = type_pattern(&written, n, problems)?;
        Some((pattern, n.place.clone()))
    });
    // Columns that a pattern matches are there; `on_no_match` says what it is that there are none.
    let required = if open.is_some() {
        Some(false)
    } else {
        fields.boolean("required", problems)
    };
    let nullable_place = fields.get("nullable").map(|n| n.place.clone());
    let not_null = fields.boolean("nullable", problems) == Some(false);
    let unique_place = fields.get("unique").map(|n| n.place.clone());
    let unique = fields.boolean("unique", problems) == Some(true);
    let environments = environments::of_column(&mut fields, problems);
    let role = fields.word("role", Role::WORDS, Role::parse, problems);
    let (privacy, detection) = match fields.boolean("pii", problems) {
        Some(true) => (Privacy::Personal, Detection::ByContent),
        Some(false) => (Privacy::Open, Detection::Off),
        None => (Privacy::Open, Detection::ByContent),
    };
    let examples = examples(&mut fields, privacy, problems);
    let tags = fields.texts("tags", problems);
    let description = fields.text("description", problems);
    let expect = expectations(fields.list("expect"), name.as_deref(), problems);
    let uses = fields.list("use").to_vec();
    fields.finish(problems);
    let column = ContractColumn {
        place: name_node?.place.clone(),
        name: name?,
        dtype,
        required: if required == Some(false) {
            Presence::Optional
        } else {
            Presence::Required
        },
        not_null: nullable_place.filter(|_| not_null),
        unique: unique_place.filter(|_| unique),
        environments,
        role,
        privacy,
        detection,
        description,
        examples,
        tags,
        expect,
        uses,
    };
    Some((column, open))
}
