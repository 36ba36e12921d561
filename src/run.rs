//! The walk: load, plan, measure, evaluate, decide, record.

use crate::catalogue::{self, Catalogue};
use crate::config::fields::Problems;
use crate::config::{self, Config, DatasetConfig};
use crate::context::{Context, check_interrupt};
use crate::drift;
use crate::engine::embedded::measure::{Measurements, Parted, Surroundings, measure};
use crate::engine::embedded::profile::ProfileBuilder;
use crate::engine::embedded::source::{Dataset, SourceOptions};
use crate::error::{Error, Result};
use crate::evaluate::evaluate;
use crate::measure::Profile;
use crate::plan::{DatasetPlan, OtherDataset, Plan, plan_dataset};
use crate::record::{
    CheckNote, DatasetRecord, Outcome, Provenance, RUN_SCHEMA_VERSION, Run, Status,
};
use crate::types::ColumnType;
use crate::verdict::{FailOn, decide};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::path::Path;

/// Runs the gate: everything from `tollgate.yaml` to the record of the run.
///
/// Errors: [`Error::Config`] for what the user wrote, [`Error::Data`] and [`Error::Query`] for what cannot be read
/// or evaluated, [`Error::Interrupted`].
pub fn run(
    path: &Path,
    context: &Context,
    fail_on: FailOn,
    quarantine: Option<&Path>,
) -> Result<Run> {
    let config = config::load(path)?;
    let catalogue = catalogue::load::load(&config.checks)?;
    let datasets = open(&config)?;
    let plan = plan(&config, &catalogue, &datasets, context.now)?;
    let mut outcomes = Vec::new();
    let mut records = Vec::new();
    let mut parted = Vec::new();
    let around = Surroundings::of(context, quarantine);
    for part in &plan.datasets {
        let measured = measure(part, &datasets[&part.config.name], &datasets, &around)?;
        let reference = reference_profile(&config, &part.config)?;
        outcomes.extend(judge(part, &measured, reference.as_ref()));
        records.push(dataset_record(
            part,
            &datasets[&part.config.name],
            &measured,
        )?);
        parted.extend(measured.parted);
    }
    check_interrupt()?;
    parted.into_iter().try_for_each(Parted::keep)?;
    Ok(Run {
        schema_version: RUN_SCHEMA_VERSION.to_owned(),
        verdict: decide(&outcomes, fail_on),
        provenance: provenance(&config, &catalogue, context),
        datasets: records,
        checks: notes(&catalogue, &outcomes),
        outcomes,
    })
}

/// Opens every dataset: schemas are known, no row has been read.
///
/// Errors: [`Error::Data`].
pub fn open(config: &Config) -> Result<BTreeMap<String, Dataset>> {
    let open = |d: &DatasetConfig| {
        Ok((
            d.name.clone(),
            Dataset::open(&d.path.path, &config.base, &options(d))?,
        ))
    };
    config.datasets.iter().map(open).collect()
}

/// Plans every dataset.
///
/// Errors: [`Error::Config`] with every problem found.
pub fn plan(
    config: &Config,
    catalogue: &Catalogue,
    datasets: &BTreeMap<String, Dataset>,
    now: DateTime<Utc>,
) -> Result<Plan> {
    let mut problems = Problems::default();
    let names: Vec<OtherDataset> = config
        .datasets
        .iter()
        .map(|d| OtherDataset::of(d, datasets[&d.name].columns()))
        .collect();
    let mut parts = Vec::new();
    for dataset in &config.datasets {
        let data = &datasets[&dataset.name];
        let shape = (data.schema().clone(), data.columns().to_vec());
        parts.push(plan_dataset(
            dataset,
            catalogue,
            shape,
            &names,
            now,
            &mut problems,
        ));
    }
    if problems.0.is_empty() {
        Ok(Plan { datasets: parts })
    } else {
        Err(Error::Config(problems.0))
    }
}

fn judge(part: &DatasetPlan, measured: &Measurements, reference: Option<&Profile>) -> Vec<Outcome> {
    let states = part.expectations.iter().zip(&measured.states);
    let mut outcomes: Vec<Outcome> = states
        .map(|(planned, state)| evaluate(&part.config.name, planned, state))
        .collect();
    if let Some(reference) = reference {
        outcomes.extend(drift::judge(part, reference, &measured.profile));
    }
    outcomes
}

fn reference_profile(config: &Config, dataset: &DatasetConfig) -> Result<Option<Profile>> {
    let Some(reference) = &dataset.reference else {
        return Ok(None);
    };
    let data = Dataset::open(&reference.path, &config.base, &options(dataset))?;
    let columns: Vec<String> = data.columns().iter().map(|f| f.name.clone()).collect();
    let mut builder = ProfileBuilder::new(data.columns());
    data.scan(&columns, &mut |batch| {
        builder.update(batch);
        Ok(())
    })?;
    Ok(Some(builder.finish()))
}

fn options(dataset: &DatasetConfig) -> SourceOptions {
    let types = dataset.contract.iter().flat_map(|c| &c.columns);
    SourceOptions {
        format: dataset.format.clone(),
        csv: dataset.csv.clone(),
        types: types
            .filter_map(|c| c.dtype.as_ref().map(|(t, _)| (c.name.clone(), t.clone())))
            .collect(),
    }
}

fn dataset_record(
    part: &DatasetPlan,
    dataset: &Dataset,
    measured: &Measurements,
) -> Result<DatasetRecord> {
    let column = |f: &crate::types::Field| ColumnType {
        name: f.name.clone(),
        dtype: f.dtype.to_string(),
    };
    let profile = measured.profile.columns.iter();
    Ok(DatasetRecord {
        name: part.config.name.clone(),
        path: part.config.path.path.clone(),
        files: dataset.digests()?,
        rows: measured.rows,
        schema: part.schema.fields.iter().map(column).collect(),
        contract: part.config.contract_path.clone(),
        reference: part.config.reference.as_ref().map(|r| r.path.clone()),
        profile: profile.map(|c| c.summary(part.privacy(&c.name))).collect(),
    })
}

/// What the checks mean that did not pass.
fn notes(catalogue: &Catalogue, outcomes: &[Outcome]) -> Vec<CheckNote> {
    let not_passed = |id: &str| {
        outcomes
            .iter()
            .any(|o| o.check == id && o.status != Status::Pass)
    };
    let shown = catalogue.checks.iter().filter(|c| not_passed(&c.id));
    shown
        .map(|c| CheckNote {
            id: c.id.clone(),
            doc: c.doc.clone(),
        })
        .collect()
}

fn provenance(config: &Config, catalogue: &Catalogue, context: &Context) -> Provenance {
    Provenance {
        tollgate: env!("CARGO_PKG_VERSION").to_owned(),
        catalogue_sha256: catalogue.sha256.clone(),
        config: config.file.path.clone(),
        config_sha256: config.sha256.clone(),
        commit: context.commit.clone(),
        seed: context.seed,
        now: context
            .now
            .to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
    }
}
