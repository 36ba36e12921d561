//! The signature of a model held against what the contract of a dataset promises, whatever today's data are.

use super::outcome::{broken, unjudged};
use super::signature::{Mismatch, Offered, OfferedType, Signature, compare};
use crate::config::models::{ModelConfig, SignatureConfig};
use crate::contract::{Contract, ContractColumn, ExtraColumns, Presence};
use crate::diagnostic::plural;
use crate::plan::DatasetPlan;
use crate::record::{Outcome, Status};
use crate::report::text::short;

/// Mismatches that a message names.
const NAMED: usize = 3;

/// What becomes of the promise; `None` where the dataset has no contract.
///
/// Broken where data that keep the contract could not be given to the model: a column that may be absent, a type of which
/// not every value fits, and a column that is not promised where no others may be there. A column that is not promised
/// and may be there is a warning. That nulls are not ruled out is told: whether there are some is held against the data.
pub(super) fn outcome(
    model: &ModelConfig,
    config: &SignatureConfig,
    signature: &Signature,
    plan: &DatasetPlan,
) -> Option<Outcome> {
    let contract = plan.config.contract.as_ref()?;
    let summary = "The contract of the dataset promises what the model is given.";
    let check = "signature_contract";
    let mut outcome = unjudged(model, (check, check), summary, &config.place);
    let environment = plan.config.environment.as_ref();
    let columns = promised(plan, contract, environment.map(|(name, _)| name.as_str()));
    let named = signature.inputs.iter().all(|field| field.name.is_some());
    let open = contract.extra_columns != ExtraColumns::Fail;
    let whole = !open && contract.patterns.is_empty();
    let untold = if columns.is_empty() {
        Some("the contract promises no column")
    } else if !named && !whole {
        Some(
            "the model is given columns by their place, and the contract leaves open which are there",
        )
    } else {
        None
    };
    if let Some(why) = untold {
        outcome.status = Status::Skipped;
        outcome.message = format!("`{}`: {why}.", config.dataset);
        return Some(outcome);
    }
    let found: Vec<Mismatch> = compare(&signature.inputs, &columns, None)
        .into_iter()
        .filter(|found| !matches!(found, Mismatch::Extra { .. }))
        .collect();
    let is_open = |found: &Mismatch| open && matches!(found, Mismatch::Missing { .. });
    let told = |found: &Mismatch| !found.breaks() || matches!(found, Mismatch::Nullable { .. });
    let stops: Vec<&Mismatch> = found.iter().filter(|m| !is_open(m) && !told(m)).collect();
    let warns: Vec<&Mismatch> = found.iter().filter(|m| is_open(m)).collect();
    let fields = plural(signature.inputs.len() as u64, "field");
    (outcome.status, outcome.message) = if !stops.is_empty() {
        let what = "allows data that the model cannot be given";
        (broken(model.severity), said(config, what, &stops))
    } else if !warns.is_empty() {
        let what = "does not promise all that the model is given";
        (Status::Warn, said(config, what, &warns))
    } else {
        let what = format!("promises all {fields} of the signature");
        let told: Vec<&Mismatch> = found.iter().collect();
        (Status::Pass, said(config, &what, &told))
    };
    Some(outcome)
}

/// One sentence with the first few mismatches.
fn said(config: &SignatureConfig, what: &str, found: &[&Mismatch]) -> String {
    let lead = format!("The contract of `{}` {what}", config.dataset);
    if found.is_empty() {
        return format!("{lead}.");
    }
    let words = found.iter().take(NAMED).map(|found| words(found));
    let more = match found.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!("; and {n} more"),
    };
    format!("{lead}: {}{more}.", words.collect::<Vec<_>>().join("; "))
}

/// A mismatch, of a promise and not of data.
fn words(found: &Mismatch) -> String {
    let text = match found {
        Mismatch::Missing { name } => {
            format!("the model must be given `{name}`, and no such column is promised")
        }
        Mismatch::Narrowing {
            name,
            wanted,
            offered,
        } => format!(
            "`{name}` is {wanted} in the signature and {offered} in the contract: not every value fits"
        ),
        Mismatch::Type {
            name,
            wanted,
            offered,
        } => format!("`{name}` is {wanted} in the signature and {offered} in the contract"),
        other => other.to_string(),
    };
    short(&text, 200)
}

/// The columns that the contract promises in an environment, each once: by name, then those of the data that a pattern
/// names.
fn promised(plan: &DatasetPlan, contract: &Contract, environment: Option<&str>) -> Vec<Offered> {
    let mut columns: Vec<Offered> = Vec::new();
    let mut add = |name: &str, column: &ContractColumn, may_lack: bool| {
        let known = columns.iter().any(|c| c.name == name);
        // What is inside a column is no column of its own.
        if known || name.contains('.') || !column.is_in(environment) {
            return;
        }
        columns.push(Offered {
            name: name.to_owned(),
            kind: OfferedType::Promised(column.dtype.clone().map(|(dtype, _)| dtype)),
            nullable: column.not_null.is_none(),
            may_lack,
        });
    };
    for column in &contract.columns {
        add(&column.name, column, column.required == Presence::Optional);
    }
    for pattern in &contract.patterns {
        for name in pattern.selection.among(&plan.schema.fields) {
            add(&name, &pattern.column, false);
        }
    }
    columns
}
