//! The read side of an `MLflow` server: runs, logged models, registered versions and aliases, their metrics and files.
//!
//! Source: `MLflow` REST API 2.0 as server 3.17.2 answers it. What it does that its description does not say: a NaN of a run
//! reads back as the text `NaN`, of a logged model as 0; infinity reads back as 1.797e308; an alias that is not there is
//! 400 where it is asked for, so the registered model is read instead; rows of a search have no aliases; a step that is
//! logged without naming the model belongs to the run only.

mod access;
mod artifacts;
mod entries;
mod find;
mod folder;

pub use access::Access;
pub(crate) use access::Sent;
pub use artifacts::Artifacts;
pub use folder::{Folder, Root};

use super::gather::Gathered;
use super::{DatasetInput, Tracked, Wanted};
use crate::error::{Error, Result};
use entries::{Entry, Source};

/// What is read of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A run by its id.
    Run(String),
    /// A logged model by its id, which begins with `m-`.
    Model(String),
    /// A version of a registered model.
    Version {
        /// Name of the registered model.
        name: String,
        /// Its number.
        version: String,
    },
    /// The version that an alias of a registered model leads to.
    Alias {
        /// Name of the registered model.
        name: String,
        /// The alias.
        alias: String,
    },
    /// The finished run of an experiment that started last.
    Newest {
        /// Name of the experiment.
        experiment: String,
        /// Condition in `MLflow`'s own filter language that the run fulfils besides.
        filter: Option<String>,
    },
}

impl What {
    /// Reads `runs:/ID`, `models:/NAME/VERSION`, `models:/NAME@ALIAS` or `models:/m-ID`, as `MLflow` writes them.
    ///
    /// Errors: what is wrong, and the forms there are.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let forms = "forms are runs:/ID, models:/NAME/VERSION, models:/NAME@ALIAS, models:/m-ID";
        let plain =
            |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if let Some(id) = text.strip_prefix("runs:/").filter(|id| plain(id)) {
            return Ok(Self::Run(id.to_owned()));
        }
        let rest = text.strip_prefix("models:/").unwrap_or_default();
        if let Some((name, alias)) = rest
            .rsplit_once('@')
            .filter(|(n, a)| !n.is_empty() && !a.is_empty())
        {
            let (name, alias) = (name.to_owned(), alias.to_owned());
            return Ok(Self::Alias { name, alias });
        }
        if let Some((name, version)) = rest.rsplit_once('/').filter(|(n, _)| !n.is_empty()) {
            if !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()) {
                let (name, version) = (name.to_owned(), version.to_owned());
                return Ok(Self::Version { name, version });
            }
            return Err(format!(
                "`{text}`: `{version}` is no version number; an alias is written `models:/{name}@{version}`"
            ));
        }
        if rest.starts_with("m-") && plain(rest) {
            return Ok(Self::Model(rest.to_owned()));
        }
        Err(format!(
            "`{text}` names nothing of an MLflow server; {forms}"
        ))
    }
}

/// Which of a metric's logged values counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// That of the last step.
    Last,
    /// The best of all steps.
    Best {
        /// Names of the metrics of which lower is better; of others higher is.
        lowest: Vec<String>,
    },
    /// That of this step.
    Step(i64),
}

/// What is asked of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Whose metrics.
    pub what: What,
    /// Which metrics.
    pub wanted: Wanted,
    /// Which of their values.
    pub pick: Pick,
    /// Name or digest of the dataset whose metrics of a logged model count; needed where it has them of several.
    pub dataset: Option<String>,
}

/// What a server holds of a run or model.
#[derive(Debug, Clone, PartialEq)]
pub struct Logged {
    /// Its metrics; `datasets` are the inputs that the run logged.
    pub tracked: Tracked,
    /// Where its files are.
    pub artifacts: Artifacts,
}

/// Whether a registered model has the alias that is asked for; everything else counts as there, and says so when it is not.
///
/// Errors: [`Error::Data`] when the server does not answer or does not answer in this form.
pub fn is_there(access: &Access, what: &What) -> Result<bool> {
    match what {
        What::Alias { name, alias } => find::has_alias(access, name, alias),
        _ => Ok(true),
    }
}

/// Reads the metrics of a run, a logged model or a registered version.
///
/// The metrics of a logged model are its own. What it does not have is taken from the run that logged it, where that run
/// logged no other model. Keys: `slice/COLUMN/VALUE/METRIC` is a metric of a slice, `METRIC/standard_error` and
/// `METRIC/rows` tell more of `METRIC`.
/// Errors: [`Error::Data`] for what is not there, for a run that failed, was killed or is deleted, for a value that is
/// NaN, infinite or cannot be told from it, and when the server does not answer or does not answer in this form.
pub fn read(access: &Access, ask: &Ask) -> Result<Logged> {
    let found = find::find(access, &ask.what)?;
    let mut entries: Vec<Entry> = Vec::new();
    if let Some(model) = &found.model {
        entries.extend(entries::of_model(access, model, ask)?);
    }
    if let Some(run) = found.run.as_ref().filter(|_| found.runs_metrics_count()) {
        let more = entries::of_run(access, run, ask)?;
        let own: std::collections::HashSet<String> =
            entries.iter().map(|e| e.key.clone()).collect();
        entries.extend(more.into_iter().filter(|e| !own.contains(&e.key)));
    }
    let mut gathered = Gathered::new(&ask.wanted);
    for written in entries::written(&entries) {
        gathered.add(written);
    }
    let mut tracked = gathered.finish(found.origin.clone())?;
    tracked.datasets = found.run.as_ref().map_or_else(Vec::new, Source::datasets);
    Ok(Logged {
        tracked,
        artifacts: found.artifacts(),
    })
}

/// Where the files of a run, a logged model or a registered version are.
///
/// Errors: [`Error::Data`] for what is not there, and when the server does not answer or does not answer in this form.
pub fn artifacts(access: &Access, what: &What) -> Result<Artifacts> {
    Ok(find::find(access, what)?.artifacts())
}

/// An error of reading something that a server holds.
fn fail(access: &Access, what: &str, reason: impl std::fmt::Display) -> Error {
    let reason = crate::report::text::line(&format!("{what}: {reason}"));
    Error::data("read", access.shown(), reason)
}

/// The datasets of a run's inputs.
type Datasets = Vec<DatasetInput>;
