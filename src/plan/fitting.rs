//! Arguments that belong together: shares and what they are shares of, edges in order.

use crate::catalogue::argument::{Arg, Args};
use crate::catalogue::{Check, Measure, Statistic};
use crate::config::DatasetConfig;
use crate::config::dataset::PastRuns;
use crate::diagnostic::{Diagnostic, Place};

/// The problems of arguments that do not fit each other.
pub(super) fn problems(check: &Check, args: &Args, place: &Place) -> Vec<Diagnostic> {
    let found = match check.measure {
        Measure::Statistic(Statistic::Divergence | Statistic::ChiSquare) => shares(args),
        Measure::Statistic(Statistic::Sequence) => step(args),
        Measure::Statistic(Statistic::FreshBy) => due(args),
        Measure::Statistic(Statistic::MetricStable) => followed(args),
        Measure::Statistic(Statistic::Partitions) => range(args),
        _ => None,
    };
    let problem = found.map(|(name, what, help)| {
        let at = args.place(name).unwrap_or(place);
        let what = format!("check `{}`: {what}", check.id);
        Diagnostic::new("wrong-arguments", what)
            .at(at, "does not fit")
            .help(help)
    });
    problem.into_iter().collect()
}

/// Which argument is wrong, what is wrong with it, and the way out.
type Wrong = Option<(&'static str, String, &'static str)>;

/// The days between which partitions must be there.
fn range(args: &Args) -> Wrong {
    const BOTH: &str = "give both `from` and `to`, such as `from: today - 7d, to: today - 1d`";
    match (args.scalar("from"), args.scalar("to")) {
        (Some(_), None) => Some(("from", "`from` is given without `to`".to_owned(), BOTH)),
        (None, Some(_)) => Some(("to", "`to` is given without `from`".to_owned(), BOTH)),
        (Some(from), Some(to)) if from.order(to).is_gt() => Some((
            "from",
            format!("`from` ({from}) is after `to` ({to})"),
            "give an earlier first day",
        )),
        _ => None,
    }
}

fn shares(args: &Args) -> Wrong {
    let weights = args.numbers("weights");
    let bins = args.numbers("bins");
    let values = match args.get("values") {
        Some(Arg::Scalars(list)) => list.len(),
        _ => bins.len().saturating_sub(1),
    };
    if weights.len() != values {
        let what = format!("{} weights for {values} values or bins", weights.len());
        return Some((
            "weights",
            what,
            "give one weight for each value, or one less than edges of bins",
        ));
    }
    let tails = args.numbers("tail_weights");
    if !tails.is_empty() && tails.len() != 2 {
        let what = format!("{} tail weights", tails.len());
        return Some(("tail_weights", what, "give two: below and above the bins"));
    }
    let negative = |list: &[f64]| list.iter().any(|w| *w < 0.0);
    if negative(&weights) || negative(&tails) || weights.iter().sum::<f64>() <= 0.0 {
        let what = "shares below 0, or none above it".to_owned();
        return Some(("weights", what, "shares are 0 or more, and not all 0"));
    }
    if bins.windows(2).any(|pair| pair[0] >= pair[1]) {
        let what = "edges that do not ascend".to_owned();
        return Some(("bins", what, "write the edges of bins in ascending order"));
    }
    let held: f64 = ["tail_holdout", "internal_holdout"]
        .iter()
        .filter_map(|name| args.number(name))
        .sum();
    (held >= 1.0).then(|| {
        let what = format!("{held} of the shares is held out");
        ("tail_holdout", what, "hold out less than all of it")
    })
}

fn step(args: &Args) -> Wrong {
    let interval = args.number("interval")?;
    let counts = args.text("period").is_some_and(|p| p != "none");
    let wrong = interval <= 0.0 || counts && interval.fract() != 0.0;
    wrong.then(|| {
        let what = format!("a step of {interval}");
        (
            "interval",
            what,
            "a step is above 0, and whole where it counts periods",
        )
    })
}

fn due(args: &Args) -> Wrong {
    let time = args.text("time").unwrap_or_default();
    if crate::engine::embedded::time_of_day(time).is_none() {
        let what = format!("`{time}` is no time of the day");
        return Some(("time", what, "write a time such as 07:00, in quotes"));
    }
    let zone = args.text("zone").unwrap_or("UTC");
    zone.parse::<chrono_tz::Tz>().is_err().then(|| {
        let what = format!("there is no time zone `{zone}`");
        (
            "zone",
            what,
            "write a name of the IANA data base, such as Europe/Berlin",
        )
    })
}

fn followed(args: &Args) -> Wrong {
    let measure = args.text("metric").unwrap_or("rows");
    let column = args.column("column").is_some();
    ((measure == "rows") == column).then(|| {
        let what = if column {
            "`rows` is not a number of one column".to_owned()
        } else {
            format!("`{measure}` is a number of a column, and none is given")
        };
        ("metric", what, "give `column` with every metric but `rows`")
    })
}

/// The problem of an expectation about past runs where none are kept.
pub(super) fn without_history(
    config: &DatasetConfig,
    check: &Check,
    place: &Place,
) -> Option<Diagnostic> {
    let follows = check.measure == Measure::Statistic(Statistic::MetricStable);
    let kept = config.past != PastRuns::Unknown;
    (follows && !kept).then(|| {
        let what = format!("check `{}` looks at past runs, and none are kept", check.id);
        Diagnostic::new("no-history", what)
            .at(place, "nothing to compare with")
            .help("name a folder for them: `history: runs` in tollgate.yaml")
    })
}
