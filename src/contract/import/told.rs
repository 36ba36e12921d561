//! What a run says of a contract in another tool's form: one outcome, so that every report shows what is not held.

use super::{Form, Origin};
use crate::config::DatasetConfig;
use crate::record::{IMPLIED, Measurement, Outcome, Severity, Status};

/// Id of the outcome; no check of the catalogue has it.
pub const ID: &str = "contract_import";

/// One outcome for the dataset whose contract was read from another form; none for our own.
///
/// Passes where every rule of the file is held, else it is skipped: what is not held was not evaluated, which is never a pass.
#[must_use]
pub fn outcome(dataset: &DatasetConfig) -> Option<Outcome> {
    let origin = dataset.contract.as_ref()?.origin.as_ref()?;
    let coverage = &origin.coverage;
    let first = coverage.missing().next().map(|(item, _)| item);
    let file = dataset.contract_path.as_deref().unwrap_or_default();
    Some(Outcome {
        id: format!("{}.{ID}", dataset.name),
        dataset: dataset.name.clone(),
        check: ID.to_owned(),
        column: None,
        status: if first.is_some() {
            Status::Skipped
        } else {
            Status::Pass
        },
        severity: Severity::Info,
        message: format!("{file} ({}): {}.", origin.form.title(), coverage.short()),
        summary: "Every rule of the contract file is held.".to_owned(),
        measured: vec![
            count("mapped", coverage.held()),
            count("rules", coverage.items.len()),
        ],
        limits: Vec::new(),
        failing: None,
        rows: None,
        samples: Vec::new(),
        comparison: None,
        location: first.map(|i| i.place.location()),
        owner: None,
        description: None,
        tags: vec![IMPLIED.to_owned()],
        waiver: None,
        began: None,
    })
}

fn count(name: &str, n: usize) -> Measurement {
    Measurement {
        name: name.to_owned(),
        text: n.to_string(),
        number: u32::try_from(n).ok().map(f64::from),
        unit: "rules".to_owned(),
    }
}

/// The line that a command prints: `orders.odcs.yaml: Open Data Contract Standard, mapped 12 of 14 rules`.
#[must_use]
pub fn line(file: &str, origin: &Origin) -> String {
    let Origin { form, coverage } = origin;
    let kind = if *form == Form::Native {
        "native contract"
    } else {
        form.title()
    };
    format!("{file}: {kind}, {}", coverage.line())
}
