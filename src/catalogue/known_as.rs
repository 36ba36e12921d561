//! What other tools call the promise of a check, so that people find it under the name they know.

use crate::config::fields::{Fields, Problems, text};
use crate::config::tree::{Node, Value};

/// Tools by their word in check files, with the name that people know, in the order of the documentation.
pub const TOOLS: &[(&str, &str)] = &[
    ("great_expectations", "Great Expectations"),
    ("dbt", "dbt"),
    ("dbt_utils", "dbt_utils"),
    ("dbt_expectations", "dbt_expectations"),
    ("elementary", "elementary"),
    ("soda", "Soda"),
    ("odcs", "Open Data Contract Standard"),
    ("datacontract_cli", "datacontract-cli"),
    ("frictionless", "Frictionless"),
    ("json_schema", "JSON Schema"),
    ("qsv", "qsv"),
    ("pandera", "Pandera"),
    ("pointblank", "Pointblank"),
    ("dataframely", "dataframely"),
    ("deequ", "Deequ"),
    ("dqdl", "DQDL"),
    ("dqx", "DQX"),
    ("cuallee", "cuallee"),
    ("tfdv", "TensorFlow Data Validation"),
    ("evidently", "Evidently"),
    ("whylogs", "whylogs"),
    ("ydata_profiling", "ydata-profiling"),
    ("truthound", "truthound"),
    ("term_guard", "term-guard"),
    ("sql", "SQL"),
];

/// Names of a check in other tools, by tool and in the order of its file. A name that differs from tollgate's promise
/// by a parameter names that parameter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownAs {
    /// The tools that have it, each with its names.
    pub names: Vec<(String, Vec<String>)>,
    /// What its file says of it.
    pub said: Said,
}

/// What a check's file says of its names elsewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Said {
    /// Nothing.
    #[default]
    Nothing,
    /// `none`: somebody looked, and none of the tools has it.
    Nowhere,
    /// Names.
    Names,
}

/// What is printed of a check that no tool has.
pub const NOWHERE: &str = "none: no tool among those that were looked at has it";

impl KnownAs {
    /// Reads `known_as` of a check file: a mapping of tools to one name or several, or `none`.
    pub(super) fn read(fields: &mut Fields, problems: &mut Problems) -> Self {
        let given = fields.get("known_as");
        if given.is_some_and(|n| matches!(&n.value, Value::Text(word) if word == "none")) {
            return Self {
                names: Vec::new(),
                said: Said::Nowhere,
            };
        }
        let said = given.map_or(Said::Nothing, |_| Said::Names);
        let entries = fields.entries("known_as", problems).iter();
        let names = |node: &Node, problems: &mut Problems| -> Vec<String> {
            let items = match &node.value {
                Value::List(items) => items.as_slice(),
                _ => std::slice::from_ref(node),
            };
            let read = |item| text(item, "known_as", problems);
            items.iter().filter_map(read).collect()
        };
        let names = entries
            .map(|(key, node)| (key.name.clone(), names(node, problems)))
            .collect();
        Self { names, said }
    }

    /// Tools as people write them, each with its names.
    pub fn said(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.names
            .iter()
            .map(|(tool, names)| (title(tool), names.as_slice()))
    }
}

/// The tool's own spelling; the word itself where it is not one of [`TOOLS`].
#[must_use]
pub fn title(tool: &str) -> &str {
    TOOLS
        .iter()
        .find(|(word, _)| *word == tool)
        .map_or(tool, |(_, title)| title)
}
