//! From what was found to outcomes: one for each thing that is asked of a metric.

use super::asked::{Asked, measurement, missing, name};
use super::found::{Compared, Found, Value};
use super::limits::{few, fixed};
use super::slices;
use super::words::{against, gained, loss, number, rows_text};
use crate::config::models::{Amount, Certainty, NoBaseline};
use crate::diagnostic::Place;
use crate::record::{Outcome, Status, Threshold};
use crate::statistics::paired::NoInterval;
use crate::statistics::paired::decide::{Decision, Power, Question, decide};

/// What is asked of one metric over all rows and over slices.
#[must_use]
pub fn outcomes(asked: &Asked, whole: &Found, parts: &[&Found]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let rules = &asked.config.rules;
    for (limit, at_least) in [(&rules.at_least, true), (&rules.at_most, false)] {
        if let Some((limit, place)) = limit {
            outcomes.push(fixed(asked, whole, *limit, at_least, place));
        }
    }
    let place = &asked.config.place;
    if asked.compares() {
        let place = rules.no_worse_by.as_ref().map_or(place, |(_, place)| place);
        outcomes.push(no_worse(asked, whole, place));
        // A pinned baseline has an anchor of its own for some metrics.
        if asked.model.anchor.is_some() || whole.anchor.is_some() {
            outcomes.push(anchored(asked, whole, place));
        }
    }
    if let Some((by, place)) = &rules.better_by {
        outcomes.push(better(asked, whole, *by, place));
    }
    outcomes.extend(slices::outcomes(asked, whole, parts));
    if outcomes.is_empty() {
        outcomes.push(told(asked, whole));
    }
    outcomes
}

/// A metric of which nothing is asked is told where it has a value, and missing where it has none.
fn told(asked: &Asked, whole: &Found) -> Outcome {
    let mut outcome = asked.outcome("told", "The metric is told.", &asked.config.place);
    match &whole.candidate {
        Ok(value) => {
            outcome.status = Status::Pass;
            outcome.message = format!("{} is {}.", name(asked), number(value.value));
            outcome.measured = vec![measurement("candidate", value.value)];
        }
        Err(problem) => missing(asked, &mut outcome, problem),
    }
    outcome
}

/// `no_worse_by` against the baseline.
fn no_worse(asked: &Asked, whole: &Found, place: &Place) -> Outcome {
    let summary = "The candidate is not worse than the baseline by the margin or more.";
    let outcome = asked.outcome("no_worse_by", summary, place);
    compared(
        asked,
        outcome,
        (whole, whole.baseline.as_ref()),
        "the baseline",
    )
}

/// `no_worse_by` against the anchor.
fn anchored(asked: &Asked, whole: &Found, place: &Place) -> Outcome {
    let summary =
        "Small losses against one baseline after the other have not added up to the margin.";
    let outcome = asked.outcome("no_worse_than_anchor", summary, place);
    compared(asked, outcome, (whole, whole.anchor.as_ref()), "the anchor")
}

fn compared(
    asked: &Asked,
    mut outcome: Outcome,
    (whole, other): (&Found, Option<&Result<Compared, String>>),
    who: &str,
) -> Outcome {
    outcome.rows = whole.rows;
    let (value, compared) = match both(whole, other) {
        Ok(both) => both,
        Err(without) => return without.told(asked, outcome, who),
    };
    let margin = asked.margin(compared.value);
    let decision = decision(asked, compared, Question::NoWorse { margin });
    let limit = -margin;
    numbers(asked, &mut outcome, (value, compared), limit);
    let facts = against(value.value, compared.value, who);
    let allowed = loss(asked, margin);
    (outcome.status, outcome.message) = match decision {
        Decided::Promote => (
            Status::Pass,
            format!(
                "{} {}: {facts}; {}.",
                name(asked),
                gained(compared),
                allowed
            ),
        ),
        Decided::Block => (
            asked.broken(),
            format!(
                "{} is worse than {who}: {facts}; {}.",
                name(asked),
                gained(compared)
            ),
        ),
        Decided::Unsure(rows) => (
            asked.unsure(asked.undecided()),
            format!(
                "{}: {facts}; {}, which does not tell whether the loss is below {}{}.",
                name(asked),
                gained(compared),
                number(margin),
                needed(rows, whole.rows)
            ),
        ),
        Decided::Bare(why) => (
            asked.unsure(asked.undecided()),
            format!(
                "{}: {facts}; whether that is more than luck cannot be told: {why}.",
                name(asked)
            ),
        ),
        Decided::Few(least) => (
            asked.unsure(asked.undecided()),
            format!(
                "{}: {facts}; {} are too few to decide, at least {least} are asked for.",
                name(asked),
                rows_text(compared.rows)
            ),
        ),
    };
    outcome
}

/// `better_by`.
fn better(asked: &Asked, whole: &Found, by: Amount, place: &Place) -> Outcome {
    let summary = "The candidate is better than the baseline by more than was asked for.";
    let mut outcome = asked.outcome("better_by", summary, place);
    outcome.rows = whole.rows;
    let who = "the baseline";
    let (value, compared) = match both(whole, whole.baseline.as_ref()) {
        Ok(both) => both,
        Err(without) => return without.told(asked, outcome, who),
    };
    let by = by.of(compared.value);
    numbers(asked, &mut outcome, (value, compared), by);
    let facts = against(value.value, compared.value, who);
    let wanted = format!("more than {} is asked for", number(by));
    let unsure = asked.unsure(asked.undecided());
    let gained = gained(compared);
    let (status, end) = match decision(asked, compared, Question::Better { by }) {
        Decided::Promote => (Status::Pass, wanted),
        Decided::Block => (asked.broken(), wanted),
        Decided::Unsure(rows) => (unsure, format!("{wanted}{}", needed(rows, whole.rows))),
        Decided::Bare(why) => (unsure, format!("{wanted}; luck cannot be ruled out: {why}")),
        Decided::Few(least) => (
            unsure,
            format!("{wanted}; at least {least} rows are asked for"),
        ),
    };
    outcome.status = status;
    outcome.message = format!("{}: {facts}; {gained}; {end}.", name(asked));
    outcome
}

/// Why two values cannot be compared.
enum Without<'a> {
    Candidate(&'a str),
    Other(&'a str),
    Nobody,
}

impl Without<'_> {
    fn told(&self, asked: &Asked, mut outcome: Outcome, who: &str) -> Outcome {
        match self {
            Self::Candidate(problem) => missing(asked, &mut outcome, problem),
            Self::Other(problem) => {
                outcome.status = Status::Error;
                outcome.message = format!("{} cannot be compared: {problem}.", name(asked));
            }
            Self::Nobody => {
                outcome.status = match asked.model.on_no_baseline {
                    NoBaseline::Fail => Status::Error,
                    NoBaseline::AbsoluteOnly => Status::Skipped,
                };
                outcome.message =
                    format!("{} cannot be compared: {who} is not there.", name(asked));
            }
        }
        outcome
    }
}

fn both<'a>(
    whole: &'a Found,
    other: Option<&'a Result<Compared, String>>,
) -> Result<(&'a Value, &'a Compared), Without<'a>> {
    let value = whole
        .candidate
        .as_ref()
        .map_err(|p| Without::Candidate(p))?;
    match other {
        None => Err(Without::Nobody),
        Some(Err(problem)) => Err(Without::Other(problem)),
        Some(Ok(compared)) => Ok((value, compared)),
    }
}

/// What a comparison shows.
pub(super) enum Decided {
    /// What was asked for.
    Promote,
    /// The opposite.
    Block,
    /// Neither; rows that would be needed.
    Unsure(Option<u64>),
    /// The noise is not known.
    Bare(NoInterval),
    /// Fewer rows than are asked for.
    Few(u64),
}

pub(super) fn decision(asked: &Asked, compared: &Compared, question: Question) -> Decided {
    let point = asked.config.rules.certainty == Some(Certainty::Point);
    let enough = match question {
        Question::NoWorse { margin } => compared.gain > -margin,
        Question::Better { by } => compared.gain > by,
        Question::Alike { margin } => compared.gain.abs() < margin,
    };
    let paired = match &compared.paired {
        Ok(paired) if !point => paired,
        Err(why) if !point => return Decided::Bare(*why),
        _ => {
            return if enough {
                Decided::Promote
            } else {
                Decided::Block
            };
        }
    };
    // Of unpaired summaries the rows need not be known, or those of one side only.
    let rows = Some(paired.rows).filter(|rows| *rows > 0).or(compared.rows);
    if few(asked, rows) {
        return Decided::Few(asked.model.min_rows);
    }
    match decide(paired, question, asked.alpha, Power::NINETY_PERCENT) {
        // Bounds that do not hold the difference seen prove nothing against it.
        Decision::Promote if !enough => Decided::Unsure(None),
        Decision::Promote => Decided::Promote,
        Decision::Block => Decided::Block,
        Decision::Inconclusive { rows } => Decided::Unsure(rows),
    }
}

fn needed(needed: Option<u64>, rows: Option<u64>) -> String {
    match (needed, rows) {
        (Some(needed), Some(rows)) if needed > rows => format!(
            "; about {} rows would, {}",
            crate::report::words::grouped(needed),
            match rows {
                1 => "there is 1".to_owned(),
                n => format!("there are {}", crate::report::words::grouped(n)),
            }
        ),
        _ => String::new(),
    }
}

fn numbers(
    asked: &Asked,
    outcome: &mut Outcome,
    (value, compared): (&Value, &Compared),
    limit: f64,
) {
    outcome.measured = vec![
        measurement("candidate", value.value),
        measurement("baseline", compared.value),
    ];
    let (name, worst) = match &compared.paired {
        Ok(paired) if asked.config.rules.certainty != Some(Certainty::Point) => {
            ("gain_at_least", paired.interval.low)
        }
        _ => ("gain", compared.gain),
    };
    outcome.measured.push(measurement(name, worst));
    outcome.limits = vec![Threshold {
        name: name.to_owned(),
        op: ">".to_owned(),
        text: number(limit),
        number: Some(limit),
        held: worst > limit,
    }];
}
