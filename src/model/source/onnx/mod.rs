//! A model in an ONNX file, which scores rows here: the file is run by tract, with our own operators of `ai.onnx.ml`.
//!
//! Only programs that are built with the feature `onnx` run files; the others say so, and never pass. Source: ONNX IR and
//! operators (onnx.ai), which results were held against by onnxruntime (`tests/onnx/`).

#[cfg(feature = "onnx")]
mod graph;
#[cfg(feature = "onnx")]
mod ml;
#[cfg(feature = "onnx")]
mod operators;
#[cfg(feature = "onnx")]
mod run;
#[cfg(feature = "onnx")]
mod values;
#[cfg(feature = "onnx")]
mod weights;

use crate::error::{Error, Result};
use crate::model::table::Table;
use std::path::PathBuf;

/// Whether this program runs ONNX files.
pub const BUILT: bool = cfg!(feature = "onnx");

/// What a program says that does not, in one sentence.
pub const MISSING: &str = "this tollgate was built without the feature `onnx`, which runs ONNX files; \
     build one with it: `cargo install tollgate --features onnx`";

/// Bytes of a file at most: a Protocol Buffers message cannot be larger.
pub const LARGEST: u64 = (1 << 31) - 1;

/// What a user says of an ONNX file.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The file.
    pub path: PathBuf,
    /// The file as messages name it.
    pub shown: String,
    /// Which columns go where.
    pub inputs: Inputs,
    /// What a null or NaN becomes.
    pub nulls: Nulls,
}

/// Which columns go into which input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inputs {
    /// Columns in order: together the one input that the model has, or each the input of its name.
    Features(Vec<String>),
    /// Names of inputs with the columns that make each, in order.
    Named(Vec<(String, Vec<String>)>),
}

impl Inputs {
    /// The columns, each once, in order.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let all: Vec<&String> = match self {
            Self::Features(names) => names.iter().collect(),
            Self::Named(inputs) => inputs.iter().flat_map(|(_, names)| names).collect(),
        };
        let mut columns: Vec<String> = Vec::new();
        for name in all {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        columns
    }
}

/// What a null or NaN in a column that the model is given becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// An error that names row and column.
    Refuse,
    /// NaN, in inputs of floating point numbers; in others an error as well.
    Nan,
}

/// What a model said of the rows of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Its predictions, row for row: an output of one value a row by its name, of several by its name with `.0`, `.1` …
    /// behind it, or with the class behind it where the model maps classes to values. None is null, NaN or infinite.
    pub predictions: Table,
    /// Files besides that hold its weights.
    pub weights: Vec<Weights>,
}

/// A file of weights, read once: what its digest is of has scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    /// The file as the model names it: below its folder.
    pub path: PathBuf,
    /// Its size. Unit: bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
}

/// Scores every row of a table by the bytes of the file: the predictions that `wanted` names. Only what these need of the model is run.
///
/// Errors: [`Error::Usage`] without the feature `onnx`; [`Error::Data`] for a file that cannot be read or is no model, an
/// operator that cannot be run, an input that the columns do not fit, a value that no input can hold, an output that is
/// not there or has another shape than a row each, a prediction that is NaN or infinite; [`Error::Interrupted`].
#[cfg(feature = "onnx")]
pub fn score(
    settings: &Settings,
    bytes: &[u8],
    table: &Table,
    wanted: &[String],
) -> Result<Scored> {
    run::score(settings, bytes, table, wanted)
}

/// As with the feature `onnx`, which this program lacks: nothing is scored.
///
/// Errors: [`Error::Usage`] always.
#[cfg(not(feature = "onnx"))]
pub fn score(_: &Settings, _: &[u8], _: &Table, _: &[String]) -> Result<Scored> {
    Err(Error::Usage(MISSING.to_owned()))
}

/// Bytes of the file.
///
/// Errors: [`Error::Data`] when it is not there, cannot be read, or is larger than [`LARGEST`].
pub fn bytes(settings: &Settings) -> Result<Vec<u8>> {
    let fail = |reason: String| Error::data("read", settings.shown.clone(), reason);
    let about = std::fs::metadata(&settings.path).map_err(|e| fail(e.to_string()))?;
    if !about.is_file() {
        return Err(fail("it is no file".to_owned()));
    }
    if about.len() > LARGEST {
        let what = format!("it has {} bytes; a model has 2 GiB at most", about.len());
        return Err(fail(what));
    }
    std::fs::read(&settings.path).map_err(|e| fail(e.to_string()))
}

/// Names of the operators that are run: of ONNX by their name, of `ai.onnx.ml` with the domain before it.
#[cfg(feature = "onnx")]
#[must_use]
pub fn operators_run() -> Vec<String> {
    operators::run()
}

/// Names of the operators of a model, each once, in order.
///
/// Errors: in words, for bytes that are no model.
#[cfg(feature = "onnx")]
pub fn operators(bytes: &[u8]) -> std::result::Result<Vec<String>, String> {
    operators::of(bytes)
}

#[cfg(feature = "onnx")]
fn wrong(settings: &Settings, reason: &str) -> Error {
    let reason = crate::report::text::short(reason, 600);
    Error::data("score rows by", settings.shown.clone(), reason)
}
