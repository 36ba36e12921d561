//! What a run was about: its datasets, its checks, where it came from.

use crate::aside::each;
use crate::catalogue::Catalogue;
use crate::catalogue::argument::Arg;
use crate::config::Config;
use crate::context::Context;
use crate::contract::{Detection, Privacy};
use crate::detect::{self, Detector};
use crate::engine::embedded::inputs::Inputs;
use crate::engine::embedded::measure::Measured;
use crate::engine::embedded::source::Dataset;
use crate::error::Result;
use crate::measure::ColumnProfile;
use crate::plan::{DatasetPlan, Plan};
use crate::record::{
    CheckNote, ColumnSummary, DatasetRecord, FileDigest, Outcome, Provenance, Status,
};
use crate::types::ColumnType;

/// One record per dataset, in the order of the plan.
///
/// Errors: [`crate::error::Error::Data`] when a file can no longer be read, or is another than the one that was
/// measured.
pub fn datasets(plan: &Plan, inputs: &Inputs, measured: &[Measured]) -> Result<Vec<DatasetRecord>> {
    let parts = plan.datasets.iter().zip(measured);
    let parts = parts.map(|(part, m)| (part.config.name.as_str(), (part, m)));
    each(parts, |(part, m)| {
        dataset_record(part, &inputs.datasets[&part.config.name], m)
    })
}

fn dataset_record(
    part: &DatasetPlan,
    dataset: &Dataset,
    Measured {
        now: measured,
        pairs,
    }: &Measured,
) -> Result<DatasetRecord> {
    let column = |f: &crate::types::Field| ColumnType {
        name: f.name.clone(),
        dtype: f.dtype.to_string(),
    };
    // Columns that only a check looked at are not shown: they are profiled in part.
    let shown_columns = measured.profile.columns.iter();
    let profile = shown_columns.filter(|_| crate::plan::reading::profiles_all(part));
    let references = references(part);
    let detector = Detector::of_reports();
    Ok(DatasetRecord {
        name: part.config.name.clone(),
        path: part.config.path.shown(),
        files: if measured.footers_only {
            dataset.footer_digests()?
        } else {
            dataset.digests()?
        },
        rows: measured.rows,
        schema: part.schema.fields.iter().map(column).collect(),
        contract: part.config.contract_path.clone(),
        reference: (references.len() == 1).then(|| references[0].clone()),
        references: if references.len() > 1 {
            references
        } else {
            Vec::new()
        },
        reference_files: pairs.iter().flat_map(|p| p.files.clone()).collect(),
        environment: part
            .config
            .environment
            .as_ref()
            .map(|(name, _)| name.clone()),
        before: None,
        profile: profile.map(|c| summary(part, c, &detector)).collect(),
    })
}

/// The summary of a column; values that hold personal data or secrets are left out, as those of personal columns.
fn summary(part: &DatasetPlan, column: &ColumnProfile, detector: &Detector) -> ColumnSummary {
    let by_content = part.detection(&column.name) == Detection::ByContent;
    match (part.found(&column.name), part.privacy(&column.name)) {
        (Some(kind), _) => detect::withheld(column, kind),
        (None, Privacy::Open) if by_content => detect::summary(column, detector),
        (None, privacy) => column.summary(privacy),
    }
}

/// What drift is measured against: past runs, then data as written.
fn references(part: &DatasetPlan) -> Vec<String> {
    let history = part.config.past.judge().then(|| "history".to_owned());
    history
        .into_iter()
        .chain(part.config.references.shown())
        .collect()
}

/// What the checks mean that did not pass.
#[must_use]
pub fn notes(catalogue: &Catalogue, outcomes: &[Outcome]) -> Vec<CheckNote> {
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

/// The files of values that expectations name, in the order of the plan.
fn values_files(plan: &Plan) -> Vec<FileDigest> {
    let planned = plan.datasets.iter().flat_map(|d| &d.expectations);
    let args = planned.flat_map(|p| &p.args.0).map(|(_, arg, _)| arg);
    let mut found: Vec<FileDigest> = Vec::new();
    for arg in args {
        if let Arg::File(file) = arg
            && !found.iter().any(|f| f.path == file.path)
        {
            let (path, sha256) = (file.path.clone(), file.sha256.clone());
            found.push(FileDigest::whole(path, file.bytes, sha256));
        }
    }
    found
}

/// Program, configuration, commit, seed and clock of the run.
#[must_use]
pub fn provenance(
    config: &Config,
    catalogue: &Catalogue,
    plan: &Plan,
    context: &Context,
) -> Provenance {
    Provenance {
        values_files: values_files(plan),
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
