//! `samples` of an expectation: how many failing rows are shown, by which columns, and whether with their values.

use super::bind::Scope;
use super::lists::texts;
use crate::config::DatasetConfig;
use crate::config::fields::{Fields, Problems};
use crate::config::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, listing};

/// Failing rows shown at most, wherever it is not said.
const USUAL: usize = 5;

/// Failing rows that may be asked for.
const MOST: i128 = 1000;

/// Which failing rows are shown, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Samples {
    /// Rows at most.
    pub most: usize,
    /// Columns that say which row it is; those of the contract's key where not given.
    pub keys: Option<Vec<String>>,
    /// Whether no value is shown but those of `keys`.
    pub redact: bool,
}

impl Default for Samples {
    fn default() -> Self {
        Self {
            most: USUAL,
            keys: None,
            redact: false,
        }
    }
}

/// What the expectations of a dataset show where they say nothing of it: as its contract says, and over that as
/// `tollgate.yaml` says; every problem is added.
pub(super) fn of_dataset(
    config: &DatasetConfig,
    scope: &Scope,
    problems: &mut Problems,
) -> Samples {
    let contract = config.contract.iter().filter_map(|c| c.samples.as_ref());
    let written = contract.chain(&config.samples);
    written.fold(Samples::default(), |before, node| {
        read(node, &before, scope, problems)
    })
}

/// Reads a number of rows, or a mapping with `n`, `keys` and `redact`, over what holds otherwise; every problem is added.
pub(super) fn read(
    node: &Node,
    before: &Samples,
    scope: &Scope,
    problems: &mut Problems,
) -> Samples {
    let mut samples = before.clone();
    if !matches!(node.value, Value::Map(_)) {
        samples.most = most(node, "samples", problems).unwrap_or(samples.most);
        return samples;
    }
    let Some(mut fields) = Fields::of(node, "samples", problems) else {
        return samples;
    };
    if let Some(n) = fields.get("n") {
        samples.most = most(n, "n", problems).unwrap_or(samples.most);
    }
    if let Some(keys) = fields.get("keys") {
        samples.keys = texts(keys, "keys", problems);
        for name in samples.keys.iter().flatten() {
            let there = scope.columns.iter().any(|f| f.name == *name);
            if !there && !scope.declared.contains(name) {
                let known = scope.columns.iter().map(|f| f.name.as_str());
                problems.add(
                    Diagnostic::new("unknown-column", format!("no column is called `{name}`"))
                        .at(&keys.place, "not there")
                        .help(listing("columns", name, known)),
                );
            }
        }
    }
    let redact = fields.boolean("redact", problems);
    samples.redact = redact.unwrap_or(samples.redact);
    fields.finish(problems);
    samples
}

fn most(node: &Node, key: &str, problems: &mut Problems) -> Option<usize> {
    match node.value {
        Value::Int(v) if (0..=MOST).contains(&v) => usize::try_from(v).ok(),
        _ => {
            problems.wrong_type(node, key, "a whole number from 0 to 1000");
            None
        }
    }
}
