//! The plan of all datasets: every problem of every one of them, or none.

use super::template::with_columns;
use super::{OtherDataset, Plan, plan_dataset};
use crate::catalogue::Catalogue;
use crate::config::fields::Problems;
use crate::config::waivers::ListedWaiver;
use crate::config::{Config, DatasetConfig};
use crate::engine::embedded::inputs::Inputs;
use crate::error::{Error, Result};
use crate::record::WaiverKind;
use chrono::{DateTime, Utc};

/// Plans every dataset and model.
///
/// Errors: [`Error::Config`] with every problem found.
pub fn plan(
    config: &Config,
    catalogue: &Catalogue,
    inputs: &Inputs,
    now: DateTime<Utc>,
) -> Result<Plan> {
    let mut problems = Problems::default();
    let datasets: Vec<DatasetConfig> = config
        .datasets
        .iter()
        .map(|d| with_columns(d, inputs.datasets[&d.name].columns()))
        .collect();
    let names: Vec<OtherDataset> = datasets
        .iter()
        .map(|d| OtherDataset::of(d, inputs.datasets[&d.name].columns()))
        .collect();
    let mut parts = Vec::new();
    for dataset in datasets.iter().filter(|d| !config.beside.contains(&d.name)) {
        let data = &inputs.datasets[&dataset.name];
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
    let models = super::models::models(config, &mut problems);
    if problems.0.is_empty() {
        let of_contracts = parts.iter().filter_map(|p| p.config.contract.as_ref());
        let of_contracts = of_contracts.flat_map(|c| c.waivers.iter().cloned());
        let waivers: Vec<ListedWaiver> =
            config.waivers.iter().cloned().chain(of_contracts).collect();
        for planned in parts.iter_mut().flat_map(|p| &mut p.expectations) {
            if let (None, Some(listed)) = (
                &planned.common.waiver,
                waivers.iter().find(|w| w.is_for(&planned.id)),
            ) {
                planned.common.waiver = Some(listed.terms.on(now, WaiverKind::External));
            }
        }
        Ok(Plan {
            datasets: parts,
            models,
            waivers,
        })
    } else {
        Err(Error::Config(problems.0))
    }
}
