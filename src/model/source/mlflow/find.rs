//! From a name to the run and the logged model behind it.

use super::access::Access;
use super::artifacts::Artifacts;
use super::entries::Source;
use super::{What, fail};
use crate::diagnostic::unknown;
use crate::error::Result;
use crate::model::source::{Origin, OriginKind};
use serde_json::{Value, json};

/// What a name leads to.
pub(super) struct Found {
    pub(super) origin: Origin,
    pub(super) run: Option<Source>,
    pub(super) model: Option<Source>,
    /// Where the files of a registered version are, when that is no logged model.
    source: Option<String>,
}

impl Found {
    /// Whether metrics of the run say something of what was asked for: it is the run itself, or what it logged is one model.
    pub(super) fn runs_metrics_count(&self) -> bool {
        let Some(run) = &self.run else {
            return false;
        };
        let own = self.model.is_none();
        own || run.models().len() <= 1
    }

    pub(super) fn artifacts(&self) -> Artifacts {
        let uri = |s: &Source| s.text("/info/artifact_uri");
        Artifacts {
            model: self
                .model
                .as_ref()
                .and_then(uri)
                .or_else(|| self.source.clone()),
            run: self.run.as_ref().and_then(uri),
            run_id: self.origin.run_id.clone(),
        }
    }
}

/// Finds what is asked for.
///
/// Errors: `Error::Data` when it is not there, or the server does not answer.
pub(super) fn find(access: &Access, what: &What) -> Result<Found> {
    match what {
        What::Run(id) => of_run(access, id),
        What::Model(id) => of_model(access, id),
        What::Version { name, version } => of_version(access, name, version, None),
        What::Alias { name, alias } => {
            let version = version_of(access, name, alias)?;
            of_version(access, name, &version, Some(alias))
        }
        What::Newest { experiment, filter } => {
            let id = newest(access, experiment, filter.as_deref())?;
            of_run(access, &id)
        }
    }
}

fn of_run(access: &Access, id: &str) -> Result<Found> {
    let run = run(access, id)?;
    let mut origin = Origin::of(OriginKind::MlflowRun, access.shown());
    origin.run_id = Some(id.to_owned());
    // the files of the one model that it logged are the run's model
    let source = match run.models().as_slice() {
        [one] => model(access, one)?.text("/info/artifact_uri"),
        _ => None,
    };
    Ok(Found {
        origin,
        run: Some(run),
        model: None,
        source,
    })
}

fn of_model(access: &Access, id: &str) -> Result<Found> {
    let model = model(access, id)?;
    let mut origin = Origin::of(OriginKind::MlflowModel, access.shown());
    origin.model_id = Some(id.to_owned());
    let run = match model.text("/info/source_run_id") {
        Some(id) => Some(run(access, &id)?),
        None => None,
    };
    origin.run_id = model.text("/info/source_run_id");
    Ok(Found {
        origin,
        run,
        model: Some(model),
        source: None,
    })
}

fn of_version(access: &Access, name: &str, version: &str, alias: Option<&str>) -> Result<Found> {
    let what = format!("version {version} of `{name}`");
    let found = access.get(
        "model-versions/get",
        &[("name", name), ("version", version)],
    )?;
    let registered = Source::new(found.get("model_version"), &what);
    let registered = registered.map_err(|e| fail(access, &what, e))?;
    if let Some(status) = registered.text("/status").filter(|s| s != "READY") {
        return Err(fail(
            access,
            &what,
            format!("its status is {status}, not READY"),
        ));
    }
    let source = registered.text("/source");
    let model_id = registered.text("/model_id").or_else(|| {
        let id = source.as_deref()?.strip_prefix("models:/")?;
        id.starts_with("m-").then(|| id.to_owned())
    });
    let mut found = match (&model_id, registered.text("/run_id")) {
        (Some(id), _) => of_model(access, id)?,
        (None, Some(run)) => of_run(access, &run)?,
        (None, None) => {
            let reason =
                "it names neither a run nor a logged model, so nothing is known of its metrics";
            return Err(fail(access, &what, reason));
        }
    };
    if model_id.is_none() {
        found.source = source;
    }
    found.origin.kind = OriginKind::MlflowVersion;
    found.origin.model = Some(name.to_owned());
    found.origin.version = Some(version.to_owned());
    found.origin.alias = alias.map(str::to_owned);
    Ok(found)
}

/// The version that an alias leads to. The alias itself is not asked for: one that is not there answers as a bad request.
fn version_of(access: &Access, name: &str, alias: &str) -> Result<String> {
    let aliases = aliases(access, name)?;
    let found = aliases.iter().find(|(a, _)| a.eq_ignore_ascii_case(alias));
    found.map(|(_, version)| version.clone()).ok_or_else(|| {
        let names = aliases.iter().map(|(a, _)| a.as_str());
        let reason = if aliases.is_empty() {
            format!("it has no alias, so none is `{alias}`")
        } else {
            unknown("alias", alias, names).replace("aliass", "aliases")
        };
        fail(access, &format!("registered model `{name}`"), reason)
    })
}

/// Whether a registered model has an alias. A model that is not registered is an error: its name may be wrong.
pub(super) fn has_alias(access: &Access, name: &str, alias: &str) -> Result<bool> {
    let aliases = aliases(access, name)?;
    Ok(aliases.iter().any(|(a, _)| a.eq_ignore_ascii_case(alias)))
}

/// The aliases of a registered model with their versions.
fn aliases(access: &Access, name: &str) -> Result<Vec<(String, String)>> {
    let found = access.get("registered-models/get", &[("name", name)])?;
    let aliases = found
        .pointer("/registered_model/aliases")
        .and_then(Value::as_array);
    let text = |v: &Value, key: &str| v.get(key).and_then(Value::as_str).map(str::to_owned);
    let pairs = aliases.into_iter().flatten();
    Ok(pairs
        .filter_map(|a| text(a, "alias").zip(text(a, "version")))
        .collect())
}

fn newest(access: &Access, experiment: &str, filter: Option<&str>) -> Result<String> {
    let found = access.get(
        "experiments/get-by-name",
        &[("experiment_name", experiment)],
    )?;
    let what = format!("experiment `{experiment}`");
    let id = found
        .pointer("/experiment/experiment_id")
        .and_then(Value::as_str);
    let id = id.ok_or_else(|| fail(access, &what, "the server's answer has no `experiment_id`"))?;
    let finished = "attributes.status = 'FINISHED'";
    let filter = filter.map_or(finished.to_owned(), |f| format!("{finished} and {f}"));
    let body = json!({
        "experiment_ids": [id], "filter": filter, "max_results": 1,
        "order_by": ["attributes.start_time DESC"],
    });
    let found = access.ask("runs/search", &body)?;
    let id = found.pointer("/runs/0/info/run_id").and_then(Value::as_str);
    id.map(str::to_owned)
        .ok_or_else(|| fail(access, &what, "no finished run fulfils the filter"))
}

fn run(access: &Access, id: &str) -> Result<Source> {
    let what = format!("run {id}");
    let found = access.get("runs/get", &[("run_id", id)])?;
    let run = Source::new(found.get("run"), &what).map_err(|e| fail(access, &what, e))?;
    let status = run.text("/info/status").unwrap_or_default();
    if matches!(status.as_str(), "FAILED" | "KILLED") {
        let reason = format!("it ended as {status}; its metrics may be half of what it was to log");
        return Err(fail(access, &what, reason));
    }
    if run.text("/info/lifecycle_stage").as_deref() == Some("deleted") {
        return Err(fail(
            access,
            &what,
            "it is deleted; `mlflow runs restore` brings it back",
        ));
    }
    Ok(run)
}

fn model(access: &Access, id: &str) -> Result<Source> {
    let what = format!("logged model {id}");
    let found = access.get(&format!("logged-models/{id}"), &[])?;
    let model = Source::new(found.get("model"), &what).map_err(|e| fail(access, &what, e))?;
    match model.text("/info/status") {
        Some(status) if status != "LOGGED_MODEL_READY" => Err(fail(
            access,
            &what,
            format!("its status is {status}, not LOGGED_MODEL_READY"),
        )),
        _ => Ok(model),
    }
}
