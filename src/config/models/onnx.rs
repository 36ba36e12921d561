//! `onnx` beside `predictions`: a file that scores the rows of the other.

use super::endpoint::{self, ParityConfig};
use crate::config::WrittenPath;
use crate::config::dataset::written;
use crate::config::fields::{Fields, Problems, text};
use crate::config::tree::Value;
use crate::diagnostic::Diagnostic;
use crate::model::source::onnx::{Inputs, Nulls};

/// Words of what a null becomes.
pub const NULLS: &[&str] = &["refuse", "nan"];

/// An ONNX file that scores rows.
#[derive(Debug, Clone)]
pub struct OnnxConfig {
    /// The file.
    pub path: WrittenPath,
    /// Which columns go into which input.
    pub inputs: Inputs,
    /// What a null or NaN in them becomes.
    pub nulls: Nulls,
    /// Predictions made elsewhere that its own must equal.
    pub parity: Option<ParityConfig>,
}

/// Reads `onnx` and what belongs to it; every problem is added.
pub(super) fn onnx(fields: &mut Fields, what: &str, problems: &mut Problems) -> Option<OnnxConfig> {
    let path = written(fields, "onnx", problems);
    let inputs = inputs(fields, problems);
    let parse = |word: &str| match word {
        "refuse" => Some(Nulls::Refuse),
        "nan" => Some(Nulls::Nan),
        _ => None,
    };
    let nulls = fields.word("nulls", NULLS, parse, problems);
    let parity = endpoint::parity(fields, problems);
    let place = parity.as_ref().map(|p| &p.place);
    endpoint::only_of_a_candidate("wrong-onnx", ("parity", place), what, problems);
    let path = path?;
    if path.path.contains("://") {
        problems.add(
            Diagnostic::new("wrong-onnx", "an ONNX file is read from this machine only")
                .at(&path.place, "an address")
                .help("have a step before the gate download it, and name the file"),
        );
        return None;
    }
    Some(OnnxConfig {
        path,
        inputs: inputs?,
        nulls: nulls.unwrap_or(Nulls::Refuse),
        parity,
    })
}

/// `features: [COLUMN, ...]` or `inputs: {INPUT: COLUMN or [COLUMN, ...]}`.
fn inputs(fields: &mut Fields, problems: &mut Problems) -> Option<Inputs> {
    let (features, named) = (fields.get("features"), fields.get("inputs"));
    match (features, named) {
        (None, None) => {
            problems.add(
                Diagnostic::new("missing-key", "`onnx` does not say which columns it is given")
                    .at(fields.place(), "neither `features` nor `inputs`")
                    .help("write `features: [COLUMN, ...]`, or `inputs: {INPUT: COLUMN}` where inputs have other names"),
            );
            None
        }
        (Some(_), Some(node)) => {
            problems.add(
                Diagnostic::new(
                    "wrong-onnx",
                    "`features` and `inputs` both say which columns it is given",
                )
                .at(&node.place, "a second time")
                .help("remove one of them"),
            );
            None
        }
        (Some(_), None) => endpoint::features(fields, problems).map(Inputs::Features),
        (None, Some(node)) => {
            let mut all = Vec::new();
            for (key, columns) in fields.entries("inputs", problems) {
                let items = match &columns.value {
                    Value::List(items) => items.as_slice(),
                    _ => std::slice::from_ref(columns),
                };
                let texts = items.iter();
                let columns = texts
                    .filter_map(|n| text(n, "inputs", problems))
                    .collect::<Vec<_>>();
                all.push((key.name.clone(), columns));
            }
            if all.is_empty() || all.iter().any(|(_, columns)| columns.is_empty()) {
                problems.wrong_type(
                    node,
                    "inputs",
                    "a mapping of inputs to one column or a list of columns",
                );
                return None;
            }
            Some(Inputs::Named(all))
        }
    }
}
