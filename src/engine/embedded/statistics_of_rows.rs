//! The catalogue's statistics over values: which gauge or kernel looks at the rows, by the arguments of an expectation.

use super::kernel::at::{SameColumns, ValueAt};
use super::kernel::change::Step;
use super::kernel::counts::{self, Expected, Of, Ties, ValueCounts};
use super::kernel::fences::{Allowed, MAD_FACTOR, Score};
use super::kernel::list::Wanted;
use super::kernel::numbers::{self, Numbers, Partition};
use super::kernel::pairs::{Contingency, NumberPairs, OfNumbers};
use super::kernel::periods::{Next, Period, Periods, Sequence};
use super::kernel::related::RelatedColumns;
use super::kernel::{Change, Fences, Gauge, Kernel, Lists};
use crate::catalogue::Statistic;
use crate::catalogue::argument::{Arg, Args};
use crate::plan::DatasetPlan;
use crate::scalar::Scalar;
use crate::statistics::sample::{Estimator, QuantileMethod};

/// The gauge of a statistic; `None` for those that have none here.
pub(super) fn gauge(statistic: Statistic, args: &Args, plan: &DatasetPlan) -> Option<Gauge> {
    let column = || args.column("column").unwrap_or_default().to_owned();
    if let Some(asked) = of_numbers(statistic, args) {
        return Some(Gauge::Numbers(Numbers::new(column(), asked)));
    }
    if let Some(asked) = of_counts(statistic, args) {
        let of = match args.text("of") {
            Some("rows") => Of::Rows,
            _ => Of::Valued,
        };
        let mut columns = args.columns("columns");
        if columns.is_empty() {
            columns = vec![column()];
        }
        return Some(Gauge::Counts(ValueCounts::new(columns, asked, of)));
    }
    let both = || {
        [
            column(),
            args.column("other").unwrap_or_default().to_owned(),
        ]
    };
    Some(match statistic {
        Statistic::Correlation => Gauge::Pairs(NumberPairs::new(both(), correlation(args))),
        Statistic::Correlations => {
            let limit = args.number("max").unwrap_or(1.0);
            let named = args.columns("columns");
            Gauge::Related(RelatedColumns::new(named, correlation(args), limit))
        }
        Statistic::RatioOfSums => Gauge::Pairs(NumberPairs::new(both(), OfNumbers::RatioOfSums)),
        Statistic::Association => Gauge::Contingency(Contingency::new(both())),
        Statistic::Periods => {
            let least = args.number("min_rows").map_or(1, whole);
            let ends = [args.scalar("from"), args.scalar("to")];
            let by = args.columns("by");
            let periods = Periods::new(column(), period(args), least, ends, by);
            Gauge::Periods(periods, plan.privacy(&column()))
        }
        Statistic::Sequence => {
            let interval = args.number("interval").unwrap_or(1.0);
            #[expect(clippy::cast_possible_truncation, reason = "cut off to whole periods")]
            let next = match args.text("period") {
                None | Some("none") => Next::Number(interval),
                Some(_) => Next::Periods(interval as i64, period(args)),
            };
            Gauge::Sequence(Sequence::new(column(), next, args.columns("by")))
        }
        Statistic::ValueAt => {
            #[expect(clippy::cast_possible_truncation, reason = "cut off to a whole row")]
            let index = args.number("index").unwrap_or(0.0) as i64;
            let wanted = args.scalar("value").cloned().unwrap_or(Scalar::Bool(true));
            let privacy = plan.privacy(&column());
            Gauge::At(ValueAt::new(column(), index, wanted), privacy)
        }
        Statistic::DuplicateColumns => Gauge::Same(SameColumns::default()),
        _ => return None,
    })
}

fn correlation(args: &Args) -> OfNumbers {
    match args.text("method") {
        Some("spearman") => OfNumbers::Spearman,
        _ => OfNumbers::Pearson,
    }
}

/// The kernel of a statistic; `None` for those that have none here.
pub(super) fn kernel(statistic: Statistic, args: &Args) -> Option<Kernel> {
    let column = || args.column("column").unwrap_or_default().to_owned();
    Some(match statistic {
        Statistic::Outliers => {
            let (score, allowed) = fences(args);
            Kernel::Fences(Fences::new(column(), score, allowed))
        }
        Statistic::Change => {
            let step = match args.text("of") {
                Some("share") => Step::Share,
                _ => Step::Difference,
            };
            let bounds = [args.number("min"), args.number("max")];
            Kernel::Change(Change::new(column(), step, bounds, args.columns("by")))
        }
        Statistic::ListLength => {
            let bound = |name| args.number(name).map(whole);
            let wanted = Wanted::Length(bound("min"), bound("max"));
            Kernel::Lists(Lists::new(column(), wanted))
        }
        Statistic::ListItems => {
            let wanted = match args.text("promise") {
                Some("no_nulls") => Wanted::NoNulls,
                _ => Wanted::Unique,
            };
            Kernel::Lists(Lists::new(column(), wanted))
        }
        _ => return None,
    })
}

fn of_numbers(statistic: Statistic, args: &Args) -> Option<numbers::Asked> {
    use numbers::Asked;
    let estimator = || match args.text("estimator") {
        Some("population") => Estimator::Population,
        _ => Estimator::Sample,
    };
    Some(match statistic {
        Statistic::Quantile => {
            // The definition that takes the least such value has a gauge of its own.
            let other = method(args).filter(|m| *m != QuantileMethod::InvertedCdf)?;
            Asked::Quantile(args.number("q").unwrap_or(0.5), other)
        }
        Statistic::Skewness => Asked::Skewness(estimator()),
        Statistic::Kurtosis => Asked::Kurtosis(estimator()),
        Statistic::Variation => Asked::Variation(args.number("ddof").unwrap_or(1.0)),
        Statistic::GeometricMean => Asked::GeometricMean,
        Statistic::HarmonicMean => Asked::HarmonicMean,
        Statistic::SumAbs => Asked::SumAbs,
        Statistic::Mad => Asked::Mad(match args.text("scale") {
            Some("normal") => MAD_FACTOR,
            _ => 1.0,
        }),
        Statistic::Iqr => Asked::Iqr(method(args).unwrap_or(QuantileMethod::Linear)),
        Statistic::Gini => Asked::Gini,
        Statistic::Histogram => Asked::Between(args.number("from"), args.number("to")),
        Statistic::Benford => Asked::Benford,
        Statistic::Divergence if args.get("bins").is_some() => Asked::Divergence(partition(args)),
        _ => return None,
    })
}

fn of_counts(statistic: Statistic, args: &Args) -> Option<counts::Asked> {
    use counts::Asked;
    Some(match statistic {
        Statistic::Uniqueness => Asked::Uniqueness,
        Statistic::UniqueValueRatio => Asked::UniqueValueRatio,
        Statistic::Distinctness => Asked::Distinctness,
        Statistic::Entropy => Asked::Entropy(match args.text("unit") {
            Some("bits") => 2.0,
            _ => std::f64::consts::E,
        }),
        Statistic::TopRatio => {
            let k = args.number("k").map_or(1, whole);
            Asked::Top(usize::try_from(k).unwrap_or(usize::MAX))
        }
        Statistic::ClassBalance => Asked::Balance,
        Statistic::MostCommonIn => {
            let ties = match args.text("ties") {
                Some("any") => Ties::Any,
                _ => Ties::All,
            };
            Asked::MostCommonIn(values(args), ties)
        }
        Statistic::Divergence => Asked::Divergence(expected(args)),
        Statistic::ChiSquare => Asked::ChiSquare(expected(args)),
        _ => return None,
    })
}

/// How a quantile is chosen.
fn method(args: &Args) -> Option<QuantileMethod> {
    QuantileMethod::parse(args.text("method")?)
}

fn period(args: &Args) -> Period {
    let period = args.text("period").and_then(Period::parse);
    period.unwrap_or(Period::Day)
}

fn values(args: &Args) -> Vec<Scalar> {
    match args.get("values") {
        Some(Arg::Scalars(list)) => list.clone(),
        _ => Vec::new(),
    }
}

fn expected(args: &Args) -> Expected {
    let weights = args.numbers("weights");
    Expected {
        shares: values(args).into_iter().zip(weights).collect(),
        holdout: args.number("tail_holdout").unwrap_or(0.0),
    }
}

/// Bins with expected shares: what is held out for the tails is taken from the weights, and what is held out inside is
/// given in equal parts to bins that were expected to be empty.
fn partition(args: &Args) -> Partition {
    let share = |name| args.number(name).unwrap_or(0.0);
    let (outside, inside) = (share("tail_holdout"), share("internal_holdout"));
    let mut weights = args.numbers("weights");
    let empty = weights.iter().filter(|w| **w == 0.0).count() as f64;
    for weight in &mut weights {
        *weight = if *weight == 0.0 && inside > 0.0 {
            inside / empty
        } else {
            *weight * (1.0 - outside - inside)
        };
    }
    let tails = match args.numbers("tail_weights")[..] {
        [low, high] => (low, high),
        _ => (outside / 2.0, outside / 2.0),
    };
    Partition {
        edges: args.numbers("bins"),
        weights,
        tails,
    }
}

fn fences(args: &Args) -> (Score, Allowed) {
    let quartiles = method(args).unwrap_or(QuantileMethod::Linear);
    let score = match args.text("score") {
        Some("mad") => Score::Mad,
        Some("iqr") => Score::Iqr(quartiles),
        _ => Score::Z(args.number("ddof").unwrap_or(1.0)),
    };
    let bounds = args.text("bounds").unwrap_or("[]");
    let limit = args.number("limit");
    let allowed = Allowed {
        min: args.number("min").or(limit.map(|l| -l)),
        max: args.number("max").or(limit),
        with_min: bounds.starts_with('['),
        with_max: bounds.ends_with(']'),
    };
    (score, allowed)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are whole and not negative"
)]
fn whole(number: f64) -> u64 {
    number as u64
}
