//! `registries:` of `tollgate.yaml`: who says which version of a model an alias leads to. One file per kind.

mod aws;
mod git;
mod http;
mod mlflow;

pub use aws::{AwsConfig, GROUP, S3Config, SagemakerConfig, is_group};
pub use git::{GitConfig, REMOTE};
pub use http::{CallConfig, HttpConfig, METHODS};
pub use mlflow::{LEASE, LEASES, Locking, MlflowRegistry, Pointer};

use super::WrittenPath;
use super::dataset::written;
use super::fields::{Fields, Problems, text};
use super::tree::{Key, Node};
use crate::diagnostic::{Diagnostic, Place, listing};

/// One registry.
#[derive(Debug, Clone)]
pub struct RegistryConfig {
    /// Its name in the configuration.
    pub name: String,
    /// Where the name stands.
    pub place: Place,
    /// Name of the model in the registry, where it is not that of the model in the configuration.
    pub model: Option<String>,
    /// What it is, and what only its kind has.
    pub kind: KindConfig,
}

/// What a registry is.
#[derive(Debug, Clone)]
pub enum KindConfig {
    /// A folder.
    Directory(DirectoryConfig),
    /// An `MLflow` server.
    Mlflow(MlflowRegistry),
    /// Tags of a git repository.
    Git(GitConfig),
    /// Calls of any server; boxed because it is large.
    Http(Box<HttpConfig>),
    /// Objects of a store.
    S3(S3Config),
    /// A group of model packages in SageMaker.
    Sagemaker(SagemakerConfig),
}

impl KindConfig {
    /// Words of `kind`.
    pub const WORDS: &[&str] = &["directory", "mlflow", "git", "s3", "sagemaker", "http"];

    /// The word of `kind`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Directory(_) => "directory",
            Self::Mlflow(_) => "mlflow",
            Self::Git(_) => "git",
            Self::Http(_) => "http",
            Self::S3(_) => "s3",
            Self::Sagemaker(_) => "sagemaker",
        }
    }

    /// Why an alias cannot be used there; `None` where it can.
    #[must_use]
    pub fn refused(&self, alias: &str) -> Option<&'static str> {
        match self {
            Self::Directory(_)
            | Self::Git(_)
            | Self::S3(_)
            | Self::Sagemaker(_)
            | Self::Http(_) => None,
            Self::Mlflow(mlflow) => mlflow.pointer.refused(alias),
        }
    }
}

/// A folder as a registry.
#[derive(Debug, Clone)]
pub struct DirectoryConfig {
    /// The folder, relative to the configuration.
    pub path: WrittenPath,
}

/// Reads `registries`; every problem is added.
pub fn read(fields: &mut Fields, problems: &mut Problems) -> Vec<RegistryConfig> {
    let entries = fields.entries("registries", problems);
    let registries = entries.iter();
    registries
        .filter_map(|(key, node)| registry(key, node, problems))
        .collect()
}

fn registry(key: &Key, node: &Node, problems: &mut Problems) -> Option<RegistryConfig> {
    let what = format!("registry `{}`", key.name);
    let mut fields = Fields::of(node, &what, problems)?;
    let word = fields.require("kind", problems);
    let word = word.and_then(|node| Some((text(node, "kind", problems)?, node)));
    let model = fields.text("model", problems);
    let (word, word_node) = word?;
    let kind = match word.as_str() {
        "directory" => directory(&mut fields, problems).map(KindConfig::Directory),
        "mlflow" => mlflow::read(&mut fields, problems).map(KindConfig::Mlflow),
        "http" => http::read(&mut fields, problems).map(|http| KindConfig::Http(Box::new(http))),
        "git" => git::read(&mut fields, problems).map(KindConfig::Git),
        "s3" => aws::s3(&mut fields, problems).map(KindConfig::S3),
        "sagemaker" => aws::sagemaker(&mut fields, problems).map(KindConfig::Sagemaker),
        _ => {
            let what = format!("`{word}` is no kind of registry");
            let kinds = KindConfig::WORDS.iter().copied();
            problems.add(
                Diagnostic::new("unknown-kind", what)
                    .at(&word_node.place, "not known")
                    .help(listing("kinds", &word, kinds)),
            );
            return None;
        }
    };
    fields.finish(problems);
    Some(RegistryConfig {
        name: key.name.clone(),
        place: key.place.clone(),
        model,
        kind: kind?,
    })
}

fn directory(fields: &mut Fields, problems: &mut Problems) -> Option<DirectoryConfig> {
    fields.require("path", problems);
    let path = written(fields, "path", problems)?;
    if path.path.contains("://") {
        problems.add(
            Diagnostic::new(
                "unsupported-path",
                "a directory registry cannot be an address",
            )
            .at(&path.place, "not a folder")
            .help("name a folder that every promotion sees, as on a shared disk"),
        );
        return None;
    }
    Some(DirectoryConfig { path })
}
