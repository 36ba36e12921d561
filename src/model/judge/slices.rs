//! What is asked of slices: none may be worse, none below a limit, none too far from the others.

use super::asked::{Asked, measurement, name};
use super::found::{Found, Slice};
use super::rules::{Decided, decision};
use super::slice_limits::{apart, worst_limit};
use super::words::{number, rows_text};
use crate::config::models::SliceRules;
use crate::record::{Outcome, Status, Threshold};
use crate::statistics::paired::decide::Question;
use crate::statistics::paired::many::holm;
use crate::statistics::paired::{Method, Paired, normal_below};

/// Rows of a slice on which the models must differ before it can be called worse.
const LEAST_DIFFERING: u64 = 10;

/// Slices that a message names.
const NAMED: usize = 3;

/// What is asked of the slices of one metric; nothing where there are none.
pub(super) fn outcomes(asked: &Asked, whole: &Found, parts: &[&Found]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let nothing = SliceRules::default();
    let rules = asked.config.rules.slices.as_ref().unwrap_or(&nothing);
    for (limit, at_least) in [(&rules.at_least, true), (&rules.at_most, false)] {
        if let Some((limit, _)) = limit {
            outcomes.push(worst_limit(asked, parts, *limit, at_least));
        }
    }
    let compares = asked.compares() || rules.no_worse_by.is_some();
    if compares && whole.baseline.is_some() && !asked.model.slices.is_empty() {
        outcomes.push(none_worse(asked, rules, parts));
    }
    if let Some(spread) = &asked.config.rules.spread {
        for (column, _) in &asked.model.slices {
            outcomes.push(apart(asked, column, spread, parts));
        }
    }
    outcomes
}

pub(super) fn shown(slice: Option<&Slice>) -> String {
    slice.map_or_else(String::new, |s| {
        let value = crate::report::text::short(&s.value, 40);
        format!("{} = {value}", s.column)
    })
}

pub(super) fn named(parts: &[&Found]) -> String {
    let names: Vec<String> = parts
        .iter()
        .take(NAMED)
        .map(|part| shown(part.slice.as_ref()))
        .collect();
    let more = match parts.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!("{}{more}", names.join(", "))
}

/// No slice is worse than it was. A slice blocks where it is proved worse, with a correction for all slices of all metrics,
/// and loses more than the margin in these rows; what cannot be decided is told. A slice without a comparison is not
/// kept: it warns, or is what `on_inconclusive` says; where no slice has one, nothing was evaluated.
fn none_worse(asked: &Asked, rules: &SliceRules, parts: &[&Found]) -> Outcome {
    let place = &asked.config.place;
    let summary = "In no slice is the candidate proved worse than the baseline.";
    let mut outcome = asked.outcome("worst_slice", summary, place);
    let Sorted {
        promoted,
        open,
        unsure,
        unable,
    } = sorted(asked, rules, parts);
    let all = parts.len();
    let family = asked.family.max(all);
    let p: Vec<f64> = open
        .iter()
        .map(|open| worse(open.paired, asked.alpha.z()))
        .chain(std::iter::repeat_n(1.0, family - open.len()))
        .collect();
    let (mut worst, undecided): (Vec<(Open, f64)>, Vec<_>) = open
        .into_iter()
        .zip(holm(&p))
        .partition(|(open, p)| *p <= asked.alpha.value() && open.matters);
    worst.sort_by(|a, b| a.0.paired.difference.total_cmp(&b.0.paired.difference));
    let undecided = undecided.iter().map(|(open, _)| open.part);
    let undecided: Vec<&Found> = undecided.chain(unsure).collect();
    outcome.measured = vec![
        measurement("slices", all as f64),
        measurement("worse", worst.len() as f64),
    ];
    outcome.limits = vec![Threshold {
        name: "worse".to_owned(),
        op: "<=".to_owned(),
        text: "0".to_owned(),
        number: Some(0.0),
        held: worst.is_empty(),
    }];
    let Some((open, _)) = worst.first() else {
        let missing = Missing {
            undecided: &undecided,
            unable: &unable,
        };
        return undecided_or_kept(asked, rules, outcome, (promoted, all), &missing);
    };
    outcome.status = asked.broken();
    outcome.rows = open.part.rows;
    outcome.message = open.sentence(asked, (worst.len(), all));
    outcome
}

/// Slices by what their intervals show.
struct Sorted<'a> {
    /// Proved to lose less than the margin.
    promoted: usize,
    open: Vec<Open<'a>>,
    /// With both values, and not known how sure they are.
    unsure: Vec<&'a Found>,
    /// Without a value of one of the sides, and why.
    unable: Vec<(&'a Found, &'a str)>,
}

fn sorted<'a>(asked: &Asked, rules: &SliceRules, parts: &[&'a Found]) -> Sorted<'a> {
    let mut sorted = Sorted {
        promoted: 0,
        open: Vec::new(),
        unsure: Vec::new(),
        unable: Vec::new(),
    };
    for part in parts {
        let compared = match (&part.candidate, &part.baseline) {
            (Ok(_), Some(Ok(compared))) => compared,
            (Err(problem), _) | (_, Some(Err(problem))) => {
                sorted.unable.push((part, problem));
                continue;
            }
            (_, None) => {
                sorted.unable.push((part, "the baseline does not have it"));
                continue;
            }
        };
        let margin = match &rules.no_worse_by {
            Some((amount, _)) => amount.of(compared.value),
            None => asked.margin(compared.value),
        };
        match (
            decision(asked, compared, Question::NoWorse { margin }),
            &compared.paired,
        ) {
            (Decided::Promote, _) => sorted.promoted += 1,
            (_, Ok(paired)) => sorted.open.push(Open {
                part,
                paired,
                before: compared.value,
                matters: -paired.difference > margin,
            }),
            (_, Err(_)) => sorted.unsure.push(part),
        }
    }
    sorted
}

/// A slice that is not proved to lose less than the margin.
struct Open<'a> {
    part: &'a Found,
    paired: &'a Paired,
    /// The baseline's value.
    before: f64,
    /// Whether it loses more than the margin in these rows.
    matters: bool,
}

impl Open<'_> {
    /// `roc_auc` is worse where carrier = US: …
    fn sentence(&self, asked: &Asked, (worse, all): (usize, usize)) -> String {
        let now = self.part.candidate.as_ref().map_or(f64::NAN, |v| v.value);
        let others = match worse {
            1 => String::new(),
            n => format!("; {n} of {all} slices are worse"),
        };
        format!(
            "{} is worse where {}: {} against {} of the baseline in {} (worse by {} to {}{others}).",
            name(asked),
            shown(self.part.slice.as_ref()),
            number(now),
            number(self.before),
            rows_text(self.part.rows),
            number(-self.paired.interval.high),
            number(-self.paired.interval.low),
        )
    }
}

/// Slices that are not proved to keep the margin, and not proved worse.
struct Missing<'a> {
    undecided: &'a [&'a Found],
    unable: &'a [(&'a Found, &'a str)],
}

fn undecided_or_kept(
    asked: &Asked,
    rules: &SliceRules,
    mut outcome: Outcome,
    (promoted, all): (usize, usize),
    missing: &Missing,
) -> Outcome {
    if all == 0 {
        outcome.status = Status::Skipped;
        outcome.message = format!(
            "{}: no slice has {} rows, so none was judged.",
            name(asked),
            asked.model.min_slice_rows
        );
        return outcome;
    }
    let unable = without_value(missing.unable);
    if missing.unable.len() == all {
        // Asked for and not evaluated is no promise kept.
        outcome.status = match rules.no_worse_by {
            Some(_) => Status::Error,
            None => Status::Skipped,
        };
        outcome.message = format!("{}: no slice could be compared: {unable}.", name(asked));
        return outcome;
    }
    outcome.status = match rules.on_inconclusive {
        _ if missing.undecided.is_empty() && missing.unable.is_empty() => Status::Pass,
        Some(policy) => asked.unsure(policy),
        None if missing.unable.is_empty() => Status::Pass,
        None => Status::Warn,
    };
    let mut said = format!("{promoted} of {all} slices are proved no worse within the margin");
    if !missing.undecided.is_empty() {
        said = format!(
            "no slice is proved worse; {said}, {} have too few rows to tell ({})",
            missing.undecided.len(),
            named(missing.undecided)
        );
    }
    if !missing.unable.is_empty() {
        said = format!(
            "{said}; {} could not be compared: {unable}",
            missing.unable.len()
        );
    }
    outcome.message = format!("{}: {said}.", name(asked));
    outcome
}

/// `carrier = US (the baseline does not have it), ...`.
fn without_value(unable: &[(&Found, &str)]) -> String {
    let one = |(part, why): &(&Found, &str)| format!("{} ({why})", shown(part.slice.as_ref()));
    let named: Vec<String> = unable.iter().take(NAMED).map(one).collect();
    let more = match unable.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!("{}{more}", named.join(", "))
}

/// Chance of a difference as bad as this one where the slice is not worse; 1 where too few rows differ.
fn worse(paired: &Paired, z: f64) -> f64 {
    let error = (paired.interval.high - paired.difference) / z;
    // Of summaries without rows nobody knows how many differ.
    let known = !matches!(paired.method, Method::Welch | Method::Newcombe);
    if (known && paired.differing < LEAST_DIFFERING) || error <= 0.0 || !error.is_finite() {
        return 1.0;
    }
    normal_below(paired.difference / error)
}
