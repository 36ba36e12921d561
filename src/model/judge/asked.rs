//! What is asked of one metric, and what becomes of it by severity and policy.

use crate::config::models::{MetricConfig, ModelConfig, Policy};
use crate::diagnostic::Place;
use crate::model::metric::{Direction, Metric};
use crate::model::outcome;
use crate::record::{Measurement, Outcome, Severity, Status};
use crate::statistics::paired::Alpha;

/// What is asked of one metric, with what it needs to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The model.
    pub model: &'a ModelConfig,
    /// The metric as written.
    pub config: &'a MetricConfig,
    /// The metric.
    pub metric: &'a Metric,
    /// One-sided error that this attempt may spend.
    pub alpha: Alpha,
    /// Slices of all metrics together, among which a worse one could be found by chance.
    pub family: usize,
}

/// Share of the distance from perfect that a candidate may lose where no margin is written.
pub const DEFAULT_MARGIN: f64 = 0.01;

impl Asked<'_> {
    /// What becomes of what the evidence does not decide.
    #[must_use]
    pub fn undecided(&self) -> Policy {
        let own = self.config.rules.on_inconclusive;
        own.unwrap_or(self.model.on_inconclusive)
    }

    /// Loss that is allowed against a baseline of that value, in the metric's unit.
    ///
    /// Where none is written: 1 % of the baseline's distance from perfect, of its size where nothing is perfect.
    #[must_use]
    pub fn margin(&self, baseline: f64) -> f64 {
        if let Some((amount, _)) = &self.config.rules.no_worse_by {
            return amount.of(baseline);
        }
        let distance = (self.metric.perfect() - baseline).abs();
        let distance = if distance.is_finite() {
            distance
        } else {
            baseline.abs()
        };
        DEFAULT_MARGIN * distance
    }

    /// As [`Asked::margin`], in a slice: the one of `worst_slice` where it has one.
    #[must_use]
    pub fn margin_of_slice(&self, baseline: f64) -> f64 {
        let slices = self.config.rules.slices.as_ref();
        match slices.and_then(|rules| rules.no_worse_by.as_ref()) {
            Some((amount, _)) => amount.of(baseline),
            None => self.margin(baseline),
        }
    }

    /// Whether the loss against the baseline is limited in slices.
    #[must_use]
    pub fn compares_slices(&self) -> bool {
        let slices = self.config.rules.slices.as_ref();
        self.compares() || slices.is_some_and(|rules| rules.no_worse_by.is_some())
    }

    /// Whether the loss against the baseline is limited.
    #[must_use]
    pub fn compares(&self) -> bool {
        let rules = &self.config.rules;
        rules.no_worse_by.is_some()
            || (self.model.baseline.is_some()
                && rules.better_by.is_none()
                && self.metric.direction() != Direction::Neutral)
    }

    fn severity(&self) -> Severity {
        self.config.rules.severity.unwrap_or(self.model.severity)
    }

    /// A broken promise, by severity.
    pub(super) fn broken(&self) -> Status {
        outcome::broken(self.severity())
    }

    /// What an undecided question is, by policy.
    pub(super) fn unsure(&self, policy: Policy) -> Status {
        match policy {
            Policy::Hold => Status::Inconclusive,
            Policy::Pass => Status::Warn,
            Policy::Fail => self.broken(),
        }
    }

    /// An outcome without a verdict.
    pub(super) fn outcome(&self, check: &str, summary: &str, place: &Place) -> Outcome {
        let id = format!("{check}({})", self.config.name);
        let mut outcome = outcome::unjudged(self.model, (&id, check), summary, place);
        outcome.severity = self.severity();
        outcome
    }
}

/// The metric's name for messages.
pub(super) fn name(asked: &Asked) -> String {
    format!("`{}`", asked.config.name)
}

/// The candidate does not have the metric.
pub(super) fn missing(asked: &Asked, outcome: &mut Outcome, problem: &str) {
    let policy = asked
        .config
        .rules
        .on_missing
        .unwrap_or(asked.model.on_missing);
    outcome.status = match policy {
        Policy::Fail => Status::Error,
        other => asked.unsure(other),
    };
    outcome.message = format!("{} has no value: {problem}.", name(asked));
}

/// A number obtained.
pub(in crate::model) fn measurement(name: &str, value: f64) -> Measurement {
    Measurement {
        name: name.to_owned(),
        text: crate::measure::short(value),
        number: Some(value).filter(|v| v.is_finite()),
        unit: String::new(),
    }
}
