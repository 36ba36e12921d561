//! What is asked of a model besides its metrics: its files, its signature, and that it has not seen the evaluation.

use super::artifact::{self, Artifact, Fault, Finding};
use super::gate::Around;
use super::outcome::{broken, unjudged};
use super::promised;
use super::signature::trained::{Trained, trained_on};
use super::signature::{Mismatch, Offered, OfferedType, Signature, compare, from_mlmodel, leakage};
use super::source::DatasetInput;
use super::source::mlflow::{self, Access, Folder, Root, What};
use super::table::Table;
use crate::config::models::{
    FilesConfig, HeldConfig, ModelConfig, Policy, SignatureConfig, SignatureSource, TrainingConfig,
};
use crate::diagnostic::{Place, plural};
use crate::engine::embedded::predictions;
use crate::error::{Error, Result};
use crate::record::{FilesRecord, Outcome, Status};
use crate::report::text::short;

/// Bytes of files that are fetched at most, where no budget is given: 10 GiB.
const MOST_FETCHED: u64 = 10 << 30;

/// Findings, mismatches and rows that a message names.
const NAMED: usize = 3;

/// Outcomes of what is asked, and what the record says of the files.
///
/// Errors: [`Error::Data`] for files and training data that cannot be read, [`Error::Config`] for an `MLmodel` file that is
/// none.
pub(super) fn beside(
    model: &ModelConfig,
    (rows, logged): (Option<&Table>, &[DatasetInput]),
    around: &Around,
) -> Result<(Vec<Outcome>, Option<FilesRecord>)> {
    let mut outcomes = Vec::new();
    let mut record = None;
    if let Some(config) = &model.artifact {
        let (found, shown) = match &config.mlflow {
            None => {
                let path = around.inputs.base.join(&config.path.path);
                (
                    artifact::inspect(&path, &config.asked)?,
                    config.path.shown(),
                )
            }
            Some(held) => held_files(held, config)?,
        };
        outcomes.push(files(model, config, &found, &shown));
        // Files of which too many bytes came were not kept, and have no digest.
        record = (!found.digest.is_empty()).then_some(FilesRecord {
            path: shown,
            files: found.files.len() as u64,
            bytes: found.bytes,
            sha256: found.digest,
        });
    }
    if let Some(config) = &model.signature {
        let signature = read_signature(config, around)?;
        outcomes.push(given(model, config, &signature, around));
        let mut plans = around.plans.iter();
        let plan = plans.find(|plan| plan.config.name == config.dataset);
        outcomes.extend(plan.and_then(|p| promised::outcome(model, config, &signature, p)));
    }
    if let Some(config) = &model.training {
        outcomes.push(training(model, config, rows, around)?);
    }
    if let Some((dataset, place)) = &model.trained_on {
        outcomes.push(trained(model, (dataset, place), logged, around));
    }
    Ok((outcomes, record))
}

/// Whether the candidate was trained on the files of a dataset of this run.
fn trained(
    model: &ModelConfig,
    (dataset, place): (&str, &Place),
    logged: &[DatasetInput],
    around: &Around,
) -> Outcome {
    let summary = "The candidate was trained on the dataset that was checked.";
    let mut outcome = outcome(model, "trained_on", summary, place);
    let record = around.datasets.iter().find(|d| d.name == dataset);
    let found = trained_on(logged, record.map_or(&[], |d| d.files.as_slice()));
    outcome.status = match &found {
        Trained::Same { .. } => Status::Pass,
        Trained::Other { .. } => broken(model.severity),
        // Nobody knows: as everything that the evidence does not decide.
        Trained::NotComparable { .. } | Trained::NotLogged | Trained::NotRead => {
            match model.on_inconclusive {
                Policy::Hold => Status::Inconclusive,
                Policy::Pass => Status::Warn,
                Policy::Fail => broken(model.severity),
            }
        }
    };
    outcome.message = format!("`{dataset}`: {}.", short(&found.to_string(), 300));
    outcome
}

fn outcome(model: &ModelConfig, check: &str, summary: &str, place: &Place) -> Outcome {
    unjudged(model, (check, check), summary, place)
}

/// The first few of many, and how many more there are.
fn first(all: &[String]) -> String {
    let named: Vec<String> = all.iter().take(NAMED).map(|one| short(one, 200)).collect();
    match all.len().saturating_sub(NAMED) {
        0 => named.join("; "),
        n => format!("{}; and {n} more", named.join("; ")),
    }
}

/// What is in the files that an `MLflow` server holds, and what they are called. They are fetched, and removed again.
///
/// Errors: [`Error::Data`] for what is not there or is not handed out, and without `max_bytes` for more than
/// [`MOST_FETCHED`].
fn held_files(held: &HeldConfig, config: &FilesConfig) -> Result<(Artifact, String)> {
    let access = Access::new(held.uri.as_deref(), &|name| std::env::var(name).ok())?;
    let artifacts = mlflow::artifacts(&access, &held.what)?;
    let root = match held.what {
        What::Run(_) | What::Newest { .. } => Root::Run,
        What::Model(_) | What::Version { .. } | What::Alias { .. } => Root::Model,
    };
    let below = &config.path.path;
    let shown = match below.as_str() {
        "" => held.written.clone(),
        below => format!("{}/{below}", held.written),
    };
    let limit = config.asked.max_bytes;
    let folder = access.folder(&artifacts, root, below, limit.unwrap_or(MOST_FETCHED))?;
    match (folder, limit) {
        (Folder::Here(folder), _) => {
            let found = artifact::inspect(folder.path(), &config.asked)?;
            Ok((found, shown))
        }
        (Folder::TooLarge(bytes), Some(limit)) => {
            let place = "all files".to_owned();
            let fault = Fault::TooLarge { bytes, limit };
            let finding = Finding {
                place,
                offset: None,
                fault,
            };
            let findings = vec![finding];
            Ok((
                Artifact {
                    bytes,
                    findings,
                    ..Artifact::default()
                },
                shown,
            ))
        }
        (Folder::TooLarge(bytes), None) => Err(Error::data(
            "fetch",
            shown,
            format!(
                "it has {bytes} bytes or more; `max_bytes` says how many may be fetched (10 GiB without it)"
            ),
        )),
    }
}

fn files(model: &ModelConfig, config: &FilesConfig, found: &Artifact, shown: &str) -> Outcome {
    let summary = "The files of the model are there, within their budget, and opening them runs nothing that is not allowed.";
    let mut outcome = outcome(model, "artifact", summary, &config.place);
    let all: Vec<String> = found.findings.iter().map(ToString::to_string).collect();
    let size = format!(
        "{} with {}",
        plural(found.files.len() as u64, "file"),
        plural(found.bytes, "byte")
    );
    if all.is_empty() {
        let unknown = match found.named_only.len() {
            0 => String::new(),
            n => {
                format!("; of {n} only the format is known, not what they do when they are opened")
            }
        };
        outcome.message = format!(
            "{}: {size}, nothing is refused{unknown}.",
            short(shown, 120)
        );
        outcome.status = if found.named_only.is_empty() {
            Status::Pass
        } else {
            Status::Warn
        };
    } else {
        outcome.status = broken(model.severity);
        outcome.message = format!(
            "{} ({size}) is refused: {}.",
            short(shown, 120),
            first(&all)
        );
    }
    outcome
}

/// The signature that is declared, or that of an `MLmodel` file.
fn read_signature(config: &SignatureConfig, around: &Around) -> Result<Signature> {
    match &config.source {
        SignatureSource::Declared(signature) => Ok(signature.clone()),
        SignatureSource::File(path) => {
            let file = crate::config::source_file(&around.inputs.base.join(&path.path))?;
            from_mlmodel(&file).map_err(Error::Config)
        }
    }
}

/// Whether the data of this run can be given to the model.
fn given(
    model: &ModelConfig,
    config: &SignatureConfig,
    signature: &Signature,
    around: &Around,
) -> Outcome {
    let summary = "The dataset has what the model is given, in types that fit.";
    let mut outcome = outcome(model, "signature", summary, &config.place);
    let Some(columns) = offered(&config.dataset, around) else {
        outcome.status = Status::Error;
        outcome.message = format!("Not evaluated: there is no dataset `{}`.", config.dataset);
        return outcome;
    };
    let found = compare(&signature.inputs, &columns, None);
    let (stops, told): (Vec<&Mismatch>, Vec<&Mismatch>) = found.iter().partition(|m| m.breaks());
    let words = |all: &[&Mismatch]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
    let fields = plural(signature.inputs.len() as u64, "field");
    if !stops.is_empty() {
        outcome.status = broken(model.severity);
        outcome.message = format!(
            "`{}` cannot be given to the model: {}.",
            config.dataset,
            first(&words(&stops))
        );
    } else if told.is_empty() {
        outcome.status = Status::Pass;
        outcome.message = format!("`{}` has all {fields} of the signature.", config.dataset);
    } else {
        outcome.status = Status::Pass;
        outcome.message = format!(
            "`{}` has all {fields} of the signature; {}.",
            config.dataset,
            first(&words(&told))
        );
    }
    outcome
}

/// The columns of a dataset; one may hold nulls where its profile has some.
fn offered(dataset: &str, around: &Around) -> Option<Vec<Offered>> {
    let schema = around.inputs.datasets.get(dataset)?.schema();
    let record = around.datasets.iter().find(|d| d.name == dataset);
    let nullable = |name: &str| {
        let summary = record.and_then(|d| d.profile.iter().find(|c| c.name == name));
        summary.is_some_and(|column| column.nulls > 0)
    };
    let columns = schema.fields.iter().map(|field| Offered {
        name: field.name.clone(),
        kind: OfferedType::Exact(field.dtype.clone()),
        nullable: nullable(&field.name),
        may_lack: false,
    });
    Some(columns.collect())
}

fn training(
    model: &ModelConfig,
    config: &TrainingConfig,
    rows: Option<&Table>,
    around: &Around,
) -> Result<Outcome> {
    let summary = "No row of the evaluation is among those of the training.";
    let mut outcome = outcome(model, "training", summary, &config.place);
    let Some(rows) = rows else {
        outcome.status = Status::Error;
        "Not evaluated: the candidate has metrics only, so its rows are not known."
            .clone_into(&mut outcome.message);
        return Ok(outcome);
    };
    let trained = predictions::columns(
        &config.path,
        config.format.as_deref(),
        &config.key,
        &around.inputs.base,
    )?;
    let keys = (
        leakage::keys(&trained, &config.key),
        leakage::keys(rows, &config.key),
    );
    let (Some(training), Some(evaluation)) = keys else {
        outcome.status = Status::Error;
        outcome.message = format!(
            "Not evaluated: {} is not a column of both sides.",
            config.key.join(", ")
        );
        return Ok(outcome);
    };
    let shared = leakage::shared(&training, &evaluation);
    outcome.rows = Some(shared.evaluation);
    let key = config.key.join(", ");
    let counted = plural(shared.evaluation, "row");
    match (shared.share, shared.shared) {
        (None, _) => {
            outcome.status = Status::Error;
            outcome.message =
                format!("Not evaluated: no row of both sides has a {key} to be compared by.");
        }
        (Some(_), 0) => {
            outcome.status = Status::Pass;
            outcome.message = format!(
                "None of the {counted} of the evaluation is among the {} of the training (by {key}).",
                plural(shared.training, "row")
            );
        }
        (Some(share), n) => {
            outcome.status = broken(model.severity);
            outcome.failing = Some(n);
            let places =
                shared.examples.iter().take(NAMED).map(|(now, then)| {
                    format!("row {} is row {} of the training", now + 1, then + 1)
                });
            outcome.message = format!(
                "The model has seen {n} of the {counted} of the evaluation ({} %, by {key}): {}.",
                crate::report::words::metric_value(100.0 * share),
                places.collect::<Vec<_>>().join("; ")
            );
        }
    }
    Ok(outcome)
}
