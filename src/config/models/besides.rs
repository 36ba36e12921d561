//! What is asked of a model besides its metrics: its files, its signature, and that it has not seen the evaluation.

use crate::config::WrittenPath;
use crate::config::dataset::written;
use crate::config::fields::{Fields, Problems};
use crate::config::tree::Node;
use crate::diagnostic::{Diagnostic, Place};
use crate::model::artifact::{Allow, Asked, MAX_UNPACKED};
use crate::model::signature::{Signature, from_node};

/// The files of a model.
#[derive(Debug, Clone)]
pub struct FilesConfig {
    /// File or folder.
    pub path: WrittenPath,
    /// What is asked of them.
    pub asked: Asked,
    /// Where the mapping stands.
    pub place: Place,
}

/// What a model is given, and the dataset that it is held against.
#[derive(Debug, Clone)]
pub struct SignatureConfig {
    /// Where it is written.
    pub source: SignatureSource,
    /// Name of the dataset.
    pub dataset: String,
    /// Where the mapping stands.
    pub place: Place,
}

/// Where a signature is written.
#[derive(Debug, Clone)]
pub enum SignatureSource {
    /// In the configuration.
    Declared(Signature),
    /// An `MLmodel` file.
    File(WrittenPath),
}

/// The training data, whose rows are not to be among those of the evaluation.
#[derive(Debug, Clone)]
pub struct TrainingConfig {
    /// File, glob, folder or address.
    pub path: WrittenPath,
    /// Format by name; told by the file where absent.
    pub format: Option<String>,
    /// Columns that name a row on both sides.
    pub key: Vec<String>,
    /// Where the mapping stands.
    pub place: Place,
}

/// Reads `artifact`.
pub(super) fn artifact(fields: &mut Fields, problems: &mut Problems) -> Option<FilesConfig> {
    let node = fields.get("artifact")?;
    let mut inner = Fields::of(node, "artifact", problems)?;
    inner.require("path", problems);
    let path = written(&mut inner, "path", problems);
    let max_bytes = inner.count("max_bytes", problems);
    let max_unpacked = inner.count("max_unpacked", problems);
    let patterns = inner.texts("files", problems);
    let allow = inner.texts("pickle_allow", problems);
    inner.finish(problems);
    let mut files = Vec::new();
    for pattern in &patterns {
        match glob::Pattern::new(pattern) {
            Ok(pattern) => files.push(pattern),
            Err(error) => problems.add(
                Diagnostic::new(
                    "wrong-pattern",
                    format!("`{pattern}` is no pattern of files: {error}"),
                )
                .at(&node.place, "in `files`"),
            ),
        }
    }
    let allow = match Allow::usual_and(allow.iter().map(String::as_str)) {
        Ok(allow) => allow,
        Err(error) => {
            problems.add(
                Diagnostic::new("wrong-pattern", error.to_string())
                    .at(&node.place, "in `pickle_allow`"),
            );
            return None;
        }
    };
    Some(FilesConfig {
        path: path?,
        asked: Asked {
            allow,
            max_bytes,
            files,
            max_unpacked: max_unpacked.unwrap_or(MAX_UNPACKED),
        },
        place: node.place.clone(),
    })
}

/// Reads `signature`.
pub(super) fn signature(fields: &mut Fields, problems: &mut Problems) -> Option<SignatureConfig> {
    let node = fields.get("signature")?;
    let mut inner = Fields::of(node, "signature", problems)?;
    inner.require("dataset", problems);
    let dataset = inner.text("dataset", problems);
    let file = written(&mut inner, "file", problems);
    let declared = inner.get("inputs").is_some();
    inner.get("outputs");
    inner.finish(problems);
    let source = match (file, declared) {
        (Some(file), false) => SignatureSource::File(file),
        (None, true) => SignatureSource::Declared(declared_in(node, problems)?),
        _ => {
            problems.add(
                Diagnostic::new(
                    "unclear-source",
                    "`signature` needs either `file` or `inputs`",
                )
                .at(&node.place, "what is the model given?")
                .help("`file` names an MLmodel file; `inputs` lists fields with `name` and `type`"),
            );
            return None;
        }
    };
    Some(SignatureConfig {
        source,
        dataset: dataset?,
        place: node.place.clone(),
    })
}

fn declared_in(node: &Node, problems: &mut Problems) -> Option<Signature> {
    match from_node(node) {
        Ok(signature) => Some(signature),
        Err(found) => {
            for problem in found {
                problems.add(problem);
            }
            None
        }
    }
}

/// Reads `training`.
pub(super) fn training(fields: &mut Fields, problems: &mut Problems) -> Option<TrainingConfig> {
    let node = fields.get("training")?;
    let mut inner = Fields::of(node, "training", problems)?;
    inner.require("path", problems);
    inner.require("key", problems);
    let path = written(&mut inner, "path", problems);
    let format = inner.text("format", problems);
    let key = inner.texts("key", problems);
    inner.finish(problems);
    Some(TrainingConfig {
        path: path?,
        format,
        key,
        place: node.place.clone(),
    })
}
