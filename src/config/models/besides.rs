//! What is asked of a model besides its metrics: its files, its signature, and that it has not seen the evaluation.

use super::sources::expanded;
use crate::config::WrittenPath;
use crate::config::dataset::written;
use crate::config::fields::{Fields, Problems, text};
use crate::config::tree::Node;
use crate::diagnostic::{Diagnostic, Place};
use crate::model::artifact::{Allow, Asked, MAX_UNPACKED};
use crate::model::signature::{Signature, from_node};
use crate::model::source::mlflow::What;

/// The files of a model.
#[derive(Debug, Clone)]
pub struct FilesConfig {
    /// File or folder; below the files of `mlflow` where that is given, empty for all of them.
    pub path: WrittenPath,
    /// The run or model of an `MLflow` server whose files they are.
    pub mlflow: Option<HeldConfig>,
    /// What is asked of them.
    pub asked: Asked,
    /// Where the mapping stands.
    pub place: Place,
}

/// A run or a model of an `MLflow` server.
#[derive(Debug, Clone)]
pub struct HeldConfig {
    /// As written.
    pub written: String,
    /// Run, model or version.
    pub what: What,
    /// Address of the server; that of `MLFLOW_TRACKING_URI` where absent.
    pub uri: Option<String>,
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
    let mlflow = held(&mut inner, problems);
    if inner.get("mlflow").is_none() {
        inner.require("path", problems);
    }
    let path = written(&mut inner, "path", problems);
    let path = match (path, &mlflow) {
        (None, Some((_, place))) => Some(WrittenPath {
            path: String::new(),
            place: place.clone(),
        }),
        (path, _) => path,
    };
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
        mlflow: mlflow.map(|(held, _)| held),
        asked: Asked {
            allow,
            max_bytes,
            files,
            max_unpacked: max_unpacked.unwrap_or(MAX_UNPACKED),
        },
        place: node.place.clone(),
    })
}

/// `mlflow` and `uri` of `artifact`, with where they stand.
fn held(fields: &mut Fields, problems: &mut Problems) -> Option<(HeldConfig, Place)> {
    let uri = fields.text("uri", problems);
    let Some(node) = fields.get("mlflow") else {
        if let Some(node) = fields.get("uri") {
            let what = "`uri` is the address of a server, and `mlflow` names nothing that it holds";
            problems.add(
                Diagnostic::new("missing-key", what)
                    .at(&node.place, "of which files?")
                    .help("name them: `mlflow: \"models:/NAME/VERSION\"`, or remove `uri`"),
            );
        }
        return None;
    };
    let written = expanded(&text(node, "mlflow", problems)?, node, problems)?;
    match What::parse(&written) {
        Ok(what) => Some((HeldConfig { written, what, uri }, node.place.clone())),
        Err(problem) => {
            problems.add(Diagnostic::new("unclear-source", problem).at(&node.place, "what is it?"));
            None
        }
    }
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
