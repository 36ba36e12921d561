//! One number of a batch against the same number of the ordinary batches before it.

use super::metric;
use super::night::Night;
use super::past::Tonight;
use super::series::PastRun;
use crate::catalogue::argument::Args;
use crate::catalogue::{Measure, Statistic};
use crate::measure::{State, Unable};
use crate::plan::Planned;
use crate::scalar::{Scalar, number_text};
use crate::statistics::sample;
use std::borrow::Cow;

/// A deviation over the median of absolute distances from the median, for a normal distribution.
const MAD_FACTOR: f64 = 1.482_602_218_505_602;

/// Runs that a comparison is with at most, where `window` is not given.
const WINDOW: u64 = 30;

/// The state of an expectation: what was measured, and of one that follows a number over the runs what those before say.
#[must_use]
pub fn followed<'a>(
    planned: &Planned,
    measured: &'a State,
    tonight: Option<&Tonight>,
) -> Cow<'a, State> {
    if planned.check.measure != Measure::Statistic(Statistic::MetricStable) {
        return Cow::Borrowed(measured);
    }
    Cow::Owned(match tonight {
        Some(tonight) => tonight.stable(&planned.args),
        None => State {
            unable: Some(Unable::Skipped("no history is kept".to_owned())),
            ..State::default()
        },
    })
}

/// The number that an expectation follows, in one batch; absent where the batch does not have it.
#[must_use]
pub fn of(args: &Args, night: &Night) -> Option<f64> {
    let column = args.column("column").unwrap_or_default();
    metric::of(night, args.text("metric").unwrap_or("rows"), column)
}

/// The numbers of the ordinary batches before, ascending by time; flagged runs and incidents teach nothing.
#[must_use]
pub fn before(args: &Args, runs: &[&PastRun]) -> Vec<f64> {
    let ordinary = runs.iter().filter(|r| r.night.standing.teaches());
    ordinary.filter_map(|r| of(args, &r.night)).collect()
}

/// What the number is beside those before it.
///
/// Values: `metric` itself; `deviations` from the middle of the window in units of its spread (mean and sample standard
/// deviation, or with `method: robust` median and scaled median absolute deviation); `change` and `relative_change` from the
/// last one before it, or from what `from` names of the window. With `direction: up` or `down` the other way counts as 0. Edge: a window that does not vary makes
/// every other number infinitely far; a relative change from 0 is infinite. Skipped with fewer than `min_runs` before it;
/// an error where the batch does not have the number.
#[must_use]
pub fn state(args: &Args, rows: u64, now: Option<f64>, before: &[f64]) -> State {
    let mut state = State {
        rows,
        ..State::default()
    };
    let Some(now) = now else {
        let reason = "this batch has no such number; columns need `profile: true`, personal ones and numbers beyond 38 digits tell none";
        state.unable = Some(Unable::Error(reason.to_owned()));
        return state;
    };
    let count = |name: &str, default: u64| args.number(name).map_or(default as f64, f64::floor);
    let needed = count("min_runs", 8).max(1.0);
    if (before.len() as f64) < needed {
        let known = before.len();
        let reason =
            format!("{known} ordinary runs before this one have the number, {needed} are needed");
        state.unable = Some(Unable::Skipped(reason));
        return state;
    }
    let past = last_of(before, count("window", WINDOW));
    let last = past[past.len() - 1];
    let Some(from) = counted_from(args.text("from"), past) else {
        let reason = "two runs before this one are needed for a standard deviation";
        state.unable = Some(Unable::Skipped(reason.to_owned()));
        return state;
    };
    let (middle, spread) = middle(past, args.text("method") == Some("robust"));
    let directed = |signed: f64| match args.text("direction") {
        Some("up") => signed.max(0.0),
        Some("down") => (-signed).max(0.0),
        _ => signed.abs(),
    };
    let over = |distance: f64, unit: f64| {
        if distance == 0.0 {
            0.0
        } else {
            distance / unit
        }
    };
    let values = [
        ("metric", now),
        ("deviations", directed(over(now - middle, spread))),
        ("change", directed(now - from)),
        ("relative_change", directed(over(now - from, from.abs()))),
    ];
    state.values = values
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Some(Scalar::Float(value))))
        .collect();
    state.detail = format!(
        "{} after {}, about {} in {} runs",
        short(now),
        short(last),
        short(middle),
        past.len()
    );
    state
}

/// The last of the numbers, as many as the window has, and at least one.
fn last_of(before: &[f64], window: f64) -> &[f64] {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count, at most as many as there are"
    )]
    let window = window.max(1.0).min(before.len() as f64) as usize;
    &before[before.len() - window..]
}

/// The number of the window that changes are counted from: the last one where no other is named. `None` for the standard
/// deviation of one run.
fn counted_from(word: Option<&str>, past: &[f64]) -> Option<f64> {
    let mut sorted = past.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    match word.unwrap_or("last") {
        "mean" => sample::mean(past),
        "median" => sample::median(&sorted),
        "least" => sorted.first().copied(),
        "greatest" => sorted.last().copied(),
        "sum" => Some(past.iter().sum()),
        "deviation" => sample::variance(&sorted, 1.0).map(f64::sqrt),
        _ => past.last().copied(),
    }
}

/// The middle of the numbers and their spread.
fn middle(past: &[f64], robust: bool) -> (f64, f64) {
    let mut sorted = past.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    if robust {
        let median = sample::median(&sorted).unwrap_or(f64::NAN);
        (median, sample::mad(&sorted).unwrap_or(0.0) * MAD_FACTOR)
    } else {
        let mean = sample::mean(&sorted).unwrap_or(f64::NAN);
        let deviation = sample::variance(&sorted, 1.0).map_or(0.0, f64::sqrt);
        (mean, deviation)
    }
}

fn short(value: f64) -> String {
    number_text((value * 1e6).round() / 1e6)
}

#[cfg(test)]
mod tests {
    use super::state;
    use crate::catalogue::argument::{Arg, Args};
    use crate::measure::Unable;
    use crate::scalar::{Integer, Scalar};

    fn args(given: &[(&str, Arg)]) -> Args {
        let list = given
            .iter()
            .map(|(n, a)| ((*n).to_owned(), a.clone(), None));
        Args(list.collect())
    }

    fn number(state: &crate::measure::State, name: &str) -> f64 {
        state.value(name).unwrap().number().unwrap()
    }

    #[test]
    fn deviations_are_from_the_window_and_changes_from_the_last_run() {
        let runs = |n| ("min_runs", Arg::Scalar(Scalar::Int(Integer(n))));
        let window = ("window", Arg::Scalar(Scalar::Int(Integer(3))));
        let given = args(&[runs(2), window.clone()]);
        let found = state(&given, 9, Some(5.0), &[1000.0, 1.0, 2.0, 3.0]);
        assert!(
            (number(&found, "deviations") - 3.0).abs() < 1e-12,
            "mean 2, deviation 1"
        );
        assert!((number(&found, "change") - 2.0).abs() < 1e-12);
        assert!((number(&found, "relative_change") - 2.0 / 3.0).abs() < 1e-12);
        let down = ("direction", Arg::Word("down".to_owned()));
        let found = state(
            &args(&[runs(2), window, down]),
            9,
            Some(5.0),
            &[1.0, 2.0, 3.0],
        );
        assert!(number(&found, "deviations").abs() < 1e-12);
        let words = [
            ("last", 2.0),
            ("mean", 3.0),
            ("median", 3.5),
            ("least", 4.0),
            ("greatest", 1.0),
        ];
        for (word, change) in words {
            let from = ("from", Arg::Word(word.to_owned()));
            let found = state(
                &args(&[runs(1), from]),
                9,
                Some(5.0),
                &[4.0, 1.0, 1.0, 1.0, 2.0, 3.0],
            );
            assert!((number(&found, "change") - change).abs() < 1e-12, "{word}");
        }
        let few = state(&args(&[runs(3)]), 9, Some(5.0), &[1.0, 2.0]);
        assert!(matches!(few.unable, Some(Unable::Skipped(_))));
        let none = state(&args(&[runs(1)]), 9, None, &[1.0, 2.0]);
        assert!(matches!(none.unable, Some(Unable::Error(_))));
    }

    #[test]
    fn one_wild_run_does_not_blind_the_robust_method() {
        let robust = ("method", Arg::Word("robust".to_owned()));
        let past = [10.0, 11.0, 9.0, 10.0, 12.0, 8.0, 10.0, 5000.0];
        let found = state(&args(&[robust]), 9, Some(40.0), &past);
        assert!(number(&found, "deviations") > 10.0);
        let found = state(&args(&[]), 9, Some(40.0), &past);
        assert!(
            number(&found, "deviations") < 1.0,
            "mean and deviation follow the wild one"
        );
    }

    #[test]
    fn what_never_varied_is_infinitely_far() {
        let found = state(&args(&[]), 1, Some(2.0), &[1.0; 8]);
        assert!(number(&found, "deviations").is_infinite());
        let found = state(&args(&[]), 1, Some(1.0), &[1.0; 8]);
        assert!(number(&found, "deviations").abs() < 1e-12);
    }
}
