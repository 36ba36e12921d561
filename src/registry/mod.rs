//! Registries: who says which version of a model an alias leads to. One file or folder per kind.
//!
//! A registry is asked one step at a time and never decides: [`crate::promote`] does. Every step may be repeated.

mod change;
pub mod directory;
pub mod git;
pub mod http;
pub mod mlflow;
pub mod s3;
pub mod sagemaker;
mod steady;
mod wire;

pub use change::{Basis, Move, MoveKind};
pub use steady::steady;

use crate::config::registries::{GROUP, KindConfig, RegistryConfig, is_group};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::source::TrackedMetric;
use crate::model::source::mlflow::Access;
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};

/// Which alias of which model, and from whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Name of the model in the registry.
    pub model: String,
    /// The alias, as `champion`.
    pub alias: String,
}

/// What keeps two promoters apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safety {
    /// The registry itself: a move names the version that it comes from, and one of two that race is refused.
    CompareAndSet,
    /// A lock in the registry that every tollgate respects; others can move the alias meanwhile, which is found afterwards.
    Lock,
    /// Nothing but reading before and after.
    ReadBack,
}

impl Safety {
    /// What to say of it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::CompareAndSet => "the registry itself lets one of two racing moves win",
            Self::Lock => "a lock in the registry, which every tollgate respects",
            Self::ReadBack => "nothing but reading before and after: run one promotion at a time",
        }
    }
}

/// Where an alias leads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The version; `None` where the alias is not there.
    pub version: Option<String>,
    /// The move that led there, where the registry tells.
    pub by: Option<Move>,
    /// What tells this state from every other one, in the registry's own form: an entity tag, the number of a move.
    pub token: Option<String>,
}

/// A version that is there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Version {
    /// SHA-256 digests of files that it is made of or was judged by, lower-case hexadecimal; empty where the registry
    /// keeps none.
    pub digests: Vec<String>,
    /// The run that made it, where the registry tells.
    pub run_id: Option<String>,
    /// What the run measured that it was promoted by; empty where the registry keeps none.
    pub metrics: Vec<TrackedMetric>,
    /// Path of the predictions that it was judged by, as written in `tollgate.yaml`, where the registry keeps it.
    pub judged: Option<String>,
}

/// What became of asking for the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lock {
    /// It is ours, until this time.
    Held(DateTime<Utc>),
    /// The registry needs none.
    Unneeded,
    /// Somebody else's, until this time.
    Theirs {
        /// What they are about to do, where the lock tells.
        change: Option<Box<Move>>,
        /// When it ends.
        until: DateTime<Utc>,
    },
    /// One that was left behind by a promoter that did not come to its end; it must be settled first.
    Left(Box<Move>),
}

/// What became of a move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// The registry says that the alias is moved.
    Done,
    /// The registry refused because the alias does not lead where it was said to.
    Lost,
}

/// What is kept with a move.
#[derive(Debug, Clone, Copy)]
pub struct Attached<'a> {
    /// The record of the run: its file, and its bytes.
    pub run: (&'a Path, &'a [u8]),
    /// Reports and envelopes beside it that are there.
    pub files: &'a [Beside],
    /// Digests of the version's files, lower-case hexadecimal SHA-256.
    pub digests: &'a [String],
    /// What the run measured of the version.
    pub metrics: &'a [TrackedMetric],
    /// Path of the predictions that it was judged by, as written, where they stay where they are.
    pub judged: Option<&'a str>,
}

/// A file beside the record of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// The file.
    pub path: PathBuf,
    /// Its bytes, or why they are not kept with the move.
    pub bytes: std::result::Result<Vec<u8>, String>,
}

/// One call that a move makes, for `--dry-run`; without secrets.
#[derive(
    Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub struct Call {
    /// `POST`, `git push`, `write`.
    pub verb: String,
    /// Address or path.
    pub to: String,
    /// Body or content; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

/// Why a registry did not do a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It says no, and would say so again: no permission, a name that it does not allow.
    #[error("{0}")]
    Refused(String),
    /// It was not reached; nothing was sent.
    #[error("{0}")]
    Unreached(String),
    /// Something was sent and no answer came: it may have happened.
    #[error("{0}; whether it happened is not known")]
    Unknown(String),
    /// What it answers or holds cannot be understood.
    #[error("{0}")]
    Broken(String),
    /// The user pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
}

impl Trouble {
    /// The error it stands for, of a registry that is named so.
    #[must_use]
    pub fn error(self, operation: &'static str, shown: &str) -> Error {
        match self {
            Self::Interrupted => Error::Interrupted,
            Self::Refused(reason) => {
                Error::Refused(crate::report::text::line(&format!("{shown}: {reason}")))
            }
            other => Error::data(
                operation,
                shown,
                crate::report::text::line(&other.to_string()),
            ),
        }
    }

    /// The error of a gate that could not read a registry that is named so: who may not read it can tell nothing, and no
    /// promotion is refused.
    #[must_use]
    pub fn unread(self, shown: &str) -> Error {
        match self {
            Self::Interrupted => Error::Interrupted,
            other => Error::data("read", shown, crate::report::text::line(&other.to_string())),
        }
    }
}

/// What a registry answers.
pub type Answer<T> = std::result::Result<T, Trouble>;

/// One alias of one model in one registry.
///
/// Every step may be made again after it was broken off: none of them changes anything the second time.
pub trait Registry {
    /// How it is named in messages and records; nothing secret.
    fn shown(&self) -> String;

    /// What keeps two promoters apart.
    fn safety(&self) -> Safety;

    /// Where the alias leads now.
    fn look(&self) -> Answer<Seen>;

    /// A version of the model; `None` where it is not there, or was deleted.
    fn find(&self, version: &str) -> Answer<Option<Version>>;

    /// A version as the registry names it, of one that is written in another form that it takes.
    fn named(&self, version: &str) -> String {
        version.to_owned()
    }

    /// The version that a run made; `None` where there is none, or the registry does not tell.
    fn made_by(&self, _run: &str) -> Answer<Option<String>> {
        Ok(None)
    }

    /// Whether versions are named by their content, and come to be when they are promoted.
    fn by_content(&self) -> bool {
        false
    }

    /// The version that a commit is; `None` where there is none, or the registry does not tell.
    fn at_commit(&self, _commit: &str) -> Answer<Option<String>> {
        Ok(None)
    }

    /// Whether a version that is not there comes to be when it is promoted.
    fn is_made_by_promotion(&self) -> bool {
        self.by_content()
    }

    /// Asks for the lock, and leaves in it what is about to happen.
    fn lock(&self, _change: &Move) -> Answer<Lock> {
        Ok(Lock::Unneeded)
    }

    /// Takes over a lock that was left behind, once what it stands for is settled.
    fn take_over(&self, _left: &Move, change: &Move) -> Answer<Lock> {
        self.lock(change)
    }

    /// Gives the lock back; one that is not there, or is not ours, stays as it is.
    fn unlock(&self, _change: &Move) -> Answer<()> {
        Ok(())
    }

    /// Leaves what is known of the version, before the alias leads to it: so no champion is without its evidence, wherever a
    /// promoter is stopped.
    fn describe(&self, _change: &Move, _attached: Option<&Attached>) -> Answer<()> {
        Ok(())
    }

    /// Moves the alias from what was seen to what the move says.
    fn write(&self, change: &Move, seen: &Seen) -> Answer<Written>;

    /// What somebody else did between the first look of this registry and a move that was made, where nothing but reading keeps
    /// two promoters apart and it can be told; in the words of a sentence's end.
    fn meanwhile(&self, _change: &Move) -> Answer<Option<String>> {
        Ok(None)
    }

    /// Leaves the move in the registry's history, and what was attached with it, after the alias was moved.
    fn keep(&self, change: &Move, attached: Option<&Attached>) -> Answer<()>;

    /// Takes back what a move left behind that did not happen.
    fn undo(&self, _change: &Move) -> Answer<()> {
        Ok(())
    }

    /// Whether it keeps a history that can be asked for.
    fn has_past(&self) -> bool {
        true
    }

    /// Every move of the alias that the registry knows, oldest first.
    fn past(&self) -> Answer<Vec<Move>>;

    /// The calls that a move makes, in order.
    fn calls(&self, change: &Move, seen: &Seen) -> Vec<Call>;
}

/// Whether a registry can hold the model by its name, whatever it holds.
///
/// Errors: [`Error::Usage`] where it cannot.
pub fn checked(config: &RegistryConfig, target: &Target) -> Result<()> {
    let refused = match &config.kind {
        KindConfig::Git(_) => git::refused(&target.model, &target.alias),
        KindConfig::Sagemaker(sagemaker) => {
            let group = sagemaker.group.as_ref().unwrap_or(&target.model);
            (!is_group(group)).then(|| {
                format!("`{group}` cannot be a group of model packages; give `group`: {GROUP}")
            })
        }
        _ => None,
    };
    refused.map_or(Ok(()), |reason| Err(Error::Usage(reason)))
}

/// Opens the registry of a configuration for one alias; nothing is asked of it yet. Paths are relative to `base`.
///
/// Errors: [`Error::Usage`] where its address or credentials cannot be used.
pub fn open(
    config: &RegistryConfig,
    target: Target,
    base: &Path,
    context: &Context,
) -> Result<Box<dyn Registry>> {
    match &config.kind {
        KindConfig::Directory(directory) => Ok(Box::new(directory::Directory::new(
            &base.join(&directory.path.path),
            &directory.path.path,
            target,
        ))),
        KindConfig::Mlflow(mlflow) => {
            let variable = |name: &str| std::env::var(name).ok();
            let access = Access::new(mlflow.uri.as_deref(), &variable)?;
            let (config, now) = (mlflow.clone(), context.now);
            Ok(Box::new(mlflow::Mlflow::new(access, target, config, now)))
        }
        KindConfig::Http(http) => Ok(Box::new(
            http::Calls::new(http, target).map_err(Error::Usage)?,
        )),
        KindConfig::Git(git) => {
            let checkout = git.path.as_ref().map_or("", |p| p.path.as_str());
            let tags = git::GitTags::new(&base.join(checkout), &git.remote, target);
            Ok(Box::new(tags.map_err(Error::Usage)?))
        }
        KindConfig::S3(s3) => {
            let (region, endpoint) = (s3.aws.region.as_deref(), s3.aws.endpoint.as_deref());
            let store = s3::Store::open(&s3.bucket, &s3.prefix, region, endpoint);
            Ok(Box::new(s3::Objects::new(
                store.map_err(Error::Usage)?,
                target,
            )))
        }
        KindConfig::Sagemaker(sagemaker) => {
            let aws = &sagemaker.aws;
            checked(config, &target)?;
            let group = sagemaker.group.as_ref().unwrap_or(&target.model);
            let group =
                sagemaker::Group::open(group, aws.region.as_deref(), aws.endpoint.as_deref());
            Ok(Box::new(sagemaker::Packages::new(
                group.map_err(Error::Usage)?,
                target,
            )))
        }
    }
}
