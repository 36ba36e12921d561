//! Outcomes of models before they are judged.

use crate::aside::sentence;
use crate::config::models::ModelConfig;
use crate::diagnostic::Place;
use crate::record::{Outcome, READABLE, Severity, Status};

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

/// The outcome of a model of which nothing could be read.
pub(crate) fn unreadable(model: &ModelConfig, reason: &str) -> Outcome {
    let summary = "What the model is judged by can be read.";
    let named = (READABLE, READABLE);
    let mut outcome = unjudged(model, named, summary, &model.place);
    // Nobody chose that it may not be told.
    outcome.severity = Severity::Error;
    outcome.message = sentence(reason);
    outcome
}

/// What a broken promise is, by severity.
pub(super) fn broken(severity: Severity) -> Status {
    match severity {
        Severity::Error => Status::Fail,
        Severity::Warn => Status::Warn,
        Severity::Info => Status::Pass,
    }
}
