//! What is asked of slices: none may be worse, none below a limit, none too far from the others.

use super::asked::{Asked, measurement, name};
use super::found::{Compared, Found, Slice};
use super::rules::{Decided, decision};
use super::slice_limits::{apart, worst_limit};
use super::words::{number, rows_text};
use crate::config::models::SliceRules;
use crate::record::{Outcome, Status, Threshold};
use crate::statistics::paired::decide::Question;
use crate::statistics::paired::many::holm;
use crate::statistics::paired::{Method, NoInterval, Paired, normal_below};

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
/// and loses more than the margin in these rows; what cannot be decided is told. Numbers without noise are taken as they are
/// where `limit_by: point` says so. A slice without a comparison is not kept: it warns, or is what `on_inconclusive` says;
/// where no slice has one, nothing was evaluated. Nor is one kept of which nobody knows how sure it is, whatever the others
/// show: with a margin of their own slices are then not decided, without one that warns.
fn none_worse(asked: &Asked, rules: &SliceRules, parts: &[&Found]) -> Outcome {
    let place = &asked.config.place;
    let summary = "In no slice is the candidate proved worse than the baseline.";
    let mut outcome = asked.outcome("worst_slice", summary, place);
    let Sorted {
        promoted,
        open,
        taken,
        untold,
        unable,
    } = sorted(asked, parts);
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
    let undecided: Vec<&Found> = undecided.iter().map(|(open, _)| open.part).collect();
    let count = worst.len() + taken.len();
    outcome.measured = vec![
        measurement("slices", all as f64),
        measurement("worse", count as f64),
    ];
    outcome.limits = vec![Threshold {
        name: "worse".to_owned(),
        op: "<=".to_owned(),
        text: "0".to_owned(),
        number: Some(0.0),
        held: count == 0,
    }];
    let (part, sentence) = match (worst.first(), taken.first()) {
        (Some((open, _)), _) => (open.part, open.sentence(asked, (count, all))),
        (None, Some((part, compared))) => (*part, as_it_is(asked, part, compared, (count, all))),
        (None, None) => {
            let missing = Missing {
                undecided: &undecided,
                untold: &untold,
                unable: &unable,
            };
            return undecided_or_kept(asked, rules, outcome, (promoted, all), &missing);
        }
    };
    outcome.status = asked.broken();
    outcome.rows = part.rows;
    outcome.message = sentence;
    outcome
}

/// `roc_auc` is worse where carrier = US, by numbers of which nobody knows how sure they are.
fn as_it_is(
    asked: &Asked,
    part: &Found,
    compared: &Compared,
    (worse, all): (usize, usize),
) -> String {
    let now = part.candidate.as_ref().map_or(f64::NAN, |v| v.value);
    format!(
        "{} is worse where {}: {} against {} of the baseline in {} (worse by {}, as the numbers are{}).",
        name(asked),
        shown(part.slice.as_ref()),
        number(now),
        number(compared.value),
        rows_text(part.rows),
        number(-compared.gain),
        others(worse, all)
    )
}

fn others(worse: usize, all: usize) -> String {
    match worse {
        1 => String::new(),
        n => format!("; {n} of {all} slices are worse"),
    }
}

/// Slices by what their intervals show.
struct Sorted<'a> {
    /// Proved to lose less than the margin.
    promoted: usize,
    open: Vec<Open<'a>>,
    /// Worse by numbers that are taken as they are, worst first.
    taken: Vec<(&'a Found, &'a Compared)>,
    /// With both values, and why it is not known how sure they are.
    untold: Vec<(&'a Found, NoInterval)>,
    /// Without a value of one of the sides, and why.
    unable: Vec<(&'a Found, &'a str)>,
}

fn sorted<'a>(asked: &Asked, parts: &[&'a Found]) -> Sorted<'a> {
    let mut sorted = Sorted {
        promoted: 0,
        open: Vec::new(),
        taken: Vec::new(),
        untold: Vec::new(),
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
        let margin = asked.margin_of_slice(compared.value);
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
            // Only what is taken as it is has a decision without an interval.
            (Decided::Block, Err(_)) => sorted.taken.push((part, compared)),
            (_, Err(why)) => sorted.untold.push((part, *why)),
        }
    }
    let by_gain = |a: &(&Found, &Compared), b: &(&Found, &Compared)| a.1.gain.total_cmp(&b.1.gain);
    sorted.taken.sort_by(by_gain);
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
        format!(
            "{} is worse where {}: {} against {} of the baseline in {} (worse by {} to {}{}).",
            name(asked),
            shown(self.part.slice.as_ref()),
            number(now),
            number(self.before),
            rows_text(self.part.rows),
            number(-self.paired.interval.high),
            number(-self.paired.interval.low),
            others(worse, all)
        )
    }
}

/// Slices that are not proved to keep the margin, and not proved worse.
struct Missing<'a> {
    undecided: &'a [&'a Found],
    untold: &'a [(&'a Found, NoInterval)],
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
    let without = missing.untold.len() + missing.unable.len();
    outcome.status = match rules.on_inconclusive {
        _ if missing.undecided.is_empty() && without == 0 => Status::Pass,
        Some(policy) => asked.unsure(policy),
        None if !missing.untold.is_empty() && rules.no_worse_by.is_some() => {
            asked.unsure(asked.undecided())
        }
        None if without == 0 => Status::Pass,
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
    if !missing.untold.is_empty() {
        let why: Vec<String> = missing
            .untold
            .iter()
            .map(|(_, why)| why.to_string())
            .collect();
        let parts = missing.untold.iter().zip(&why);
        let named: Vec<(&Found, &str)> = parts
            .map(|((part, _), why)| (*part, why.as_str()))
            .collect();
        said = format!(
            "{said}; how sure {} are cannot be told: {}",
            missing.untold.len(),
            without_value(&named)
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
