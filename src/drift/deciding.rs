//! Which comparison decides where past runs are kept and a reference may be given: the stated policy.
//!
//! With fewer than [`LEAST_NIGHTS`] ordinary runs the past decides nothing, and the comparison with a reference does.
//! From then on the past decides and that comparison explains; `judge` in `drift` has it otherwise.

use super::judge::blank;
use crate::config::drift::Judge;
use crate::diagnostic::plural;
use crate::history::series::ordinary;
use crate::history::{Night, Tonight};
use crate::plan::DatasetPlan;
use crate::record::{Measurement, Outcome, Severity, Status, TOLD};

/// Ordinary runs before the one under test from which on they decide. Unit: runs.
pub const LEAST_NIGHTS: usize = super::history::ordinary::FEWEST;

/// What past runs and the comparison with a reference say together; `compared` holds the outcomes of that comparison.
#[must_use]
pub fn together(
    plan: &DatasetPlan,
    tonight: Option<&Tonight>,
    compared: Vec<Outcome>,
) -> Vec<Outcome> {
    let Some(tonight) = tonight.filter(|_| plan.config.past.judge()) else {
        return compared;
    };
    let nights = tonight.nights();
    let days = &plan.config.drift.calendar;
    let is_special = |n: &&Night| days.name(n.at).is_some();
    let special = nights.iter().filter(is_special).count();
    let known = ordinary(nights.iter().filter(|n| !is_special(n)));
    // A special day may have enough nights of its own name.
    if known < LEAST_NIGHTS && !is_special(&&tonight.night) {
        let others = (special, nights.len() - special - known);
        let mut outcomes = vec![too_few(known, others, plan, !compared.is_empty())];
        outcomes.extend(compared);
        return outcomes;
    }
    let past = super::history::judge(plan, &nights, &tonight.night);
    let judge = plan
        .config
        .drift
        .judge
        .as_ref()
        .map_or(Judge::History, |(j, _)| *j);
    // A batch without rows, for one, is not judged by past runs.
    let unable = |o: &Outcome| o.check == "drift_history" && o.status == Status::Skipped;
    let (past, compared) = match judge {
        Judge::History if past.iter().any(unable) => (past, compared),
        Judge::History => (
            past,
            told(compared, "past runs decide, this comparison explains"),
        ),
        Judge::Reference => (
            told(past, "the reference decides, past runs are told"),
            compared,
        ),
        Judge::Both => (past, compared),
    };
    past.into_iter().chain(compared).collect()
}

/// What is only told never changes the verdict; what could not be compared stays so.
pub(super) fn told(outcomes: Vec<Outcome>, why: &str) -> Vec<Outcome> {
    let one = |outcome: Outcome| {
        if !matches!(outcome.status, Status::Warn | Status::Fail | Status::Pass) {
            return outcome;
        }
        let broken = outcome.limits.iter().any(|l| !l.held) || outcome.status != Status::Pass;
        let message = if broken {
            format!("{} Only told: {why}.", outcome.message)
        } else {
            outcome.message
        };
        let mut tags = outcome.tags;
        tags.push(TOLD.to_owned());
        Outcome {
            status: Status::Pass,
            severity: Severity::Info,
            message,
            tags,
            ..outcome
        }
    };
    outcomes.into_iter().map(one).collect()
}

/// The past is too short to decide; `others` are the special days, and the other nights that do not count.
fn too_few(known: usize, others: (usize, usize), plan: &DatasetPlan, compared: bool) -> Outcome {
    let missing = LEAST_NIGHTS - known;
    let parts = [
        (others.0, "special day", ""),
        (others.1, "run", " flagged or marked as incidents"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(n, ..)| *n > 0)
        .map(|(n, what, why)| format!("{}{why}", plural(*n as u64, what)))
        .collect();
    let others = if parts.is_empty() {
        String::new()
    } else {
        format!(" ({} do not count)", parts.join(" and "))
    };
    let meanwhile = if compared {
        "; until then the comparison with the reference decides"
    } else {
        ""
    };
    Outcome {
        status: Status::Skipped,
        message: format!(
            "Skipped: past runs decide from {LEAST_NIGHTS} ordinary ones on, there are {known}{others}: {} needed{meanwhile}.",
            plural_more(missing),
        ),
        summary: "The batch looks like those of ordinary runs before it.".to_owned(),
        measured: vec![Measurement {
            name: "ordinary_runs".to_owned(),
            text: known.to_string(),
            number: Some(known as f64),
            unit: "runs".to_owned(),
        }],
        ..blank(plan, "history", None)
    }
}

fn plural_more(n: usize) -> String {
    if n == 1 {
        "1 more is".to_owned()
    } else {
        format!("{n} more are")
    }
}
