//! Outcomes of models before they are judged.

use crate::config::models::ModelConfig;
use crate::diagnostic::Place;
use crate::record::{Outcome, Severity, Status};

/// An outcome of a model that is not judged yet: an error until somebody says otherwise. `id` follows the model's name,
/// `check` follows `model_`.
pub(crate) fn unjudged(
    model: &ModelConfig,
    (id, check): (&str, &str),
    summary: &str,
    place: &Place,
) -> Outcome {
    Outcome {
        id: format!("{}.{id}", model.name),
        dataset: model.name.clone(),
        check: format!("model_{check}"),
        column: None,
        status: Status::Error,
        severity: model.severity,
        message: String::new(),
        summary: summary.to_owned(),
        measured: Vec::new(),
        limits: Vec::new(),
        failing: None,
        rows: None,
        samples: Vec::new(),
        comparison: None,
        location: Some(place.location()),
        owner: model.owner.clone(),
        description: model.description.clone(),
        tags: Vec::new(),
        waiver: None,
        began: None,
    }
}

/// What a broken promise is, by severity.
pub(super) fn broken(severity: Severity) -> Status {
    match severity {
        Severity::Error => Status::Fail,
        Severity::Warn => Status::Warn,
        Severity::Info => Status::Pass,
    }
}
