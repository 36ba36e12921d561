//! One side of a model, read from wherever the configuration says it is.

use super::champion;
use super::endpoint_side::{self, Answered};
use super::onnx_side;
use super::source::command::{self, Command};
use super::source::mlflow::{self, Access, Ask, Pick};
use super::source::{Tracked, Wanted, file, pinned};
use super::table::Table;
use crate::config::models::{
    CommandConfig, EndpointConfig, Maker, MlflowConfig, Origin, PredictionsConfig,
};
use crate::config::registries::RegistryConfig;
use crate::context::Context;
use crate::engine::embedded::predictions;
use crate::error::{Error, Result};
use crate::plan::models::kind;
use crate::record::SideRecord;
use std::path::Path;
use std::time::Duration;

/// One side as it was read.
pub(super) enum Read {
    Rows(
        Box<(Table, PredictionsConfig, Option<Answered>)>,
        Box<SideRecord>,
    ),
    Tracked(Box<Tracked>, Box<SideRecord>),
}

impl Read {
    /// Its rows, where there are any.
    pub(super) fn table(&self) -> Option<&Table> {
        match self {
            Self::Rows(read, _) => Some(&read.0),
            Self::Tracked(..) => None,
        }
    }

    /// What is known of its endpoint, where it is one.
    pub(super) fn answered(&self) -> Option<&Answered> {
        match self {
            Self::Rows(read, _) => read.2.as_ref(),
            Self::Tracked(..) => None,
        }
    }

    /// With what a registry adds to the record.
    pub(super) fn of_registry(mut self, tell: impl FnOnce(&mut SideRecord)) -> Self {
        match &mut self {
            Self::Rows(_, record) | Self::Tracked(_, record) => tell(record),
        }
        self
    }

    /// What the record says of it.
    pub(super) fn record(&self) -> &SideRecord {
        match self {
            Self::Rows(_, record) | Self::Tracked(_, record) => record,
        }
    }
}

/// What a side may be read from besides what it names itself.
#[derive(Clone, Copy)]
pub(super) struct Sources<'a> {
    /// Name of the model in the configuration.
    pub(super) model: &'a str,
    /// Registries of the configuration.
    pub(super) registries: &'a [RegistryConfig],
    /// Folder that paths are relative to.
    pub(super) base: &'a Path,
    /// The clock.
    pub(super) context: &'a Context,
}

/// The candidate's side with the columns of `slices`; of metrics those that are wanted, and no other is looked at.
///
/// Errors: [`Error::Data`] when it is not there or cannot be read.
pub(super) fn candidate(
    origin: &Origin,
    slices: &[String],
    wanted: &Wanted,
    sources: &Sources,
) -> Result<Read> {
    read(origin, slices, wanted, sources)
}

/// A baseline or an anchor; `None` where there is none.
///
/// Errors: [`Error::Data`] when it is there and cannot be read.
pub(super) fn other(
    origin: Option<&Origin>,
    wanted: &Wanted,
    sources: &Sources,
) -> Result<Option<Read>> {
    let base = sources.base;
    let there = match origin {
        None => false,
        Some(Origin::Predictions(rows)) => match &rows.made_by {
            Maker::Nobody => predictions::is_there(rows, base),
            Maker::Command(_) | Maker::Endpoint(_) => true,
            Maker::Onnx(onnx) => onnx_side::is_there(onnx, base),
            Maker::Mlflow(mlflow) => mlflow::is_there(&access(mlflow)?, &mlflow.what)?,
        },
        Some(Origin::Metrics(path) | Origin::Pinned(path)) => base.join(&path.path).exists(),
        Some(Origin::Mlflow(mlflow)) => mlflow::is_there(&access(mlflow)?, &mlflow.what)?,
        Some(Origin::Registry(config)) => return champion::side(config, wanted, sources),
    };
    let origin = origin.filter(|_| there);
    origin
        .map(|origin| read(origin, &[], wanted, sources))
        .transpose()
}

/// Says which model could not be read, and where its side is named.
pub(super) fn named(error: Error, model: &str, origin: &Origin) -> Error {
    let Error::Data {
        operation,
        path,
        reason,
    } = error
    else {
        return error;
    };
    let place = origin.place();
    let reason = format!(
        "{reason}\n  model `{model}`, named in {}:{}:{}; paths are relative to that file",
        place.file.path, place.line, place.column
    );
    Error::Data {
        operation,
        path,
        reason,
    }
}

pub(super) fn read(
    origin: &Origin,
    besides: &[String],
    wanted: &Wanted,
    sources: &Sources,
) -> Result<Read> {
    let base = sources.base;
    match origin {
        Origin::Registry(_) => Err(Error::Usage(
            "the version of a registry is known by another one".to_owned(),
        )),
        Origin::Predictions(rows) => predicted(rows, besides, base),
        Origin::Metrics(path) => {
            let read = file::read(&base.join(&path.path), wanted)?;
            Ok(tracked(origin, read))
        }
        Origin::Pinned(path) => {
            let path = base.join(&path.path);
            let Some(pinned) = pinned::read(&path)? else {
                let what = "it was there a moment ago, and is gone";
                return Err(Error::data("read", path.display().to_string(), what));
            };
            Ok(tracked(origin, pinned.tracked(&path)))
        }
        Origin::Mlflow(mlflow) => {
            let logged = logged(mlflow, wanted, &access(mlflow)?)?;
            Ok(tracked(origin, logged.tracked))
        }
    }
}

fn tracked(origin: &Origin, tracked: Tracked) -> Read {
    let record = SideRecord {
        kind: kind(origin).to_owned(),
        from: tracked.origin.address.clone(),
        files: Vec::new(),
        version: tracked.origin.version.clone(),
        run_id: tracked.origin.run_id.clone(),
        datasets: tracked.datasets.clone(),
        ..SideRecord::default()
    };
    Read::Tracked(Box::new(tracked), Box::new(record))
}

fn access(mlflow: &MlflowConfig) -> Result<Access> {
    Access::new(mlflow.uri.as_deref(), &|name| std::env::var(name).ok())
}

fn logged(mlflow: &MlflowConfig, wanted: &Wanted, access: &Access) -> Result<mlflow::Logged> {
    let ask = Ask {
        what: mlflow.what.clone(),
        wanted: Wanted {
            prefix: mlflow.prefix.clone(),
            ..wanted.clone()
        },
        pick: mlflow.step.map_or(Pick::Last, Pick::Step),
        dataset: mlflow.dataset.clone(),
    };
    mlflow::read(access, &ask)
}

/// Rows of predictions, once whoever leaves them has.
fn predicted(rows: &PredictionsConfig, besides: &[String], base: &Path) -> Result<Read> {
    let mut record = SideRecord {
        kind: "predictions".to_owned(),
        from: rows.path.shown(),
        ..SideRecord::default()
    };
    let mut here = rows.clone();
    // Removed when everything is read.
    let mut downloaded = None;
    match &rows.made_by {
        Maker::Nobody => {}
        Maker::Endpoint(config) => return scored(rows, config, besides, base),
        Maker::Onnx(config) => return onnx_side::side(rows, config, besides, base),
        Maker::Command(config) => {
            command::run(&command(config, &rows.path.path, base))?;
        }
        Maker::Mlflow(mlflow) => {
            let access = access(mlflow)?;
            let wanted = Wanted {
                names: Some(Vec::new()),
                prefix: String::new(),
            };
            let ask = Ask {
                what: mlflow.what.clone(),
                wanted,
                pick: Pick::Last,
                dataset: None,
            };
            let logged = mlflow::read(&access, &ask)?;
            let file = access.download(&logged.artifacts, &rows.path.path)?;
            here.path.path = file.display().to_string();
            downloaded = Some(file);
            record.from = format!("{}/{}", mlflow.written, rows.path.shown());
            record.version = logged.tracked.origin.version;
            record.run_id = logged.tracked.origin.run_id;
            record.datasets = logged.tracked.datasets;
        }
    }
    let (table, files) = predictions::read(&here, besides, base)?;
    record.files = files;
    if downloaded.is_some() {
        for file in &mut record.files {
            file.path.clone_from(&record.from);
        }
    }
    Ok(Read::Rows(
        Box::new((table, rows.clone(), None)),
        Box::new(record),
    ))
}

/// Rows that a server has scored.
fn scored(
    rows: &PredictionsConfig,
    config: &EndpointConfig,
    besides: &[String],
    base: &Path,
) -> Result<Read> {
    let (table, files, answered) = endpoint_side::read(rows, config, besides, base)?;
    let record = SideRecord {
        kind: "endpoint".to_owned(),
        from: answered.shown.clone(),
        files,
        version: config.version.clone(),
        ..SideRecord::default()
    };
    let read = (table, rows.clone(), Some(answered));
    Ok(Read::Rows(Box::new(read), Box::new(record)))
}

fn command(config: &CommandConfig, output: &str, base: &Path) -> Command {
    let folder = if base.as_os_str().is_empty() {
        Path::new(".")
    } else {
        base
    };
    let value = |name: &String| Some((name.clone(), std::env::var(name).ok()?));
    Command {
        words: config.words.clone(),
        folder: folder.to_owned(),
        output: output.into(),
        timeout: Duration::from_secs(config.timeout),
        variables: config.variables.iter().filter_map(value).collect(),
    }
}
