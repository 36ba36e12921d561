//! Numbers over the runs of a dataset, by name.

use super::night::{Night, NightColumn, NightValues};
use super::series::{PastRun, Series};
use crate::measure::short;
use crate::record::Status;
use chrono::{DateTime, SecondsFormat};

/// One number over the runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name: `rows`, `missing(dep_delay)`, `flights.not_null(origin) failing`.
    pub name: String,
    /// The outcome it belongs to, where it is one's.
    pub outcome: Option<String>,
    /// Its value in each run, in their order; absent where the run does not have it.
    pub values: Vec<Option<f64>>,
    /// What its values are.
    pub kind: MetricKind,
}

/// What the values of a [`Metric`] are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// Numbers.
    Number,
    /// Moments in seconds since 1970.
    Moment,
}

impl Metric {
    /// A value for people: a number, or a moment as RFC 3339 has it.
    #[must_use]
    pub fn shown(&self, value: f64) -> String {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "moments of a history are whole numbers of seconds that a date can have"
        )]
        let seconds = value.floor() as i64;
        let moment = match self.kind {
            MetricKind::Moment => DateTime::from_timestamp(seconds, 0),
            MetricKind::Number => None,
        };
        moment.map_or_else(
            || short(value),
            |m| m.to_rfc3339_opts(SecondsFormat::Secs, true),
        )
    }
}

/// Whether a measure of a column is a moment: the first or last of a column of dates or times.
fn kind(measure: &str, runs: &[PastRun], column: &str) -> MetricKind {
    let mut columns = runs.iter().flat_map(|r| &r.night.columns);
    let times = |c: &&NightColumn| matches!(c.values, NightValues::Times { .. });
    let is_time = columns.any(|c| c.name == column && times(&c));
    match measure {
        "least" | "greatest" if is_time => MetricKind::Moment,
        _ => MetricKind::Number,
    }
}

/// How a number of a column of a batch is found.
type OfColumn = fn(&Night, &NightColumn) -> Option<f64>;

/// What is told of each column of a batch: name, and how it is found.
///
/// `missing` is a share of rows, 0 to 1, absent without rows; `least` and `greatest` of dates and times are in seconds
/// since 1970; the last four are absent of other columns and of personal ones.
const OF_COLUMNS: &[(&str, OfColumn)] = &[
    ("missing", |night, column| {
        (night.rows > 0).then(|| column.missing as f64 / night.rows as f64)
    }),
    ("distinct", |_, column| column.distinct.map(|n| n as f64)),
    ("mean", |_, column| match &column.values {
        NightValues::Numbers(numbers) => numbers.mean,
        _ => None,
    }),
    ("deviation", |_, column| match &column.values {
        NightValues::Numbers(numbers) => numbers.deviation,
        _ => None,
    }),
    ("least", |_, column| match &column.values {
        NightValues::Numbers(numbers) => numbers.least,
        NightValues::Times { least, .. } => *least,
        _ => None,
    }),
    ("greatest", |_, column| match &column.values {
        NightValues::Numbers(numbers) => numbers.greatest,
        NightValues::Times { greatest, .. } => *greatest,
        _ => None,
    }),
];

/// One number of a batch: `rows`, or `missing`, `distinct`, `mean`, `deviation`, `least` and `greatest` of a
/// column; absent where the batch does not have it.
#[must_use]
pub fn of(night: &Night, measure: &str, column: &str) -> Option<f64> {
    if measure == "rows" {
        return Some(night.rows as f64);
    }
    let (_, of) = OF_COLUMNS.iter().find(|(name, _)| *name == measure)?;
    of(night, night.columns.iter().find(|c| c.name == column)?)
}

/// Every number that some run has: rows, then those of columns in the order of their first runs, then those of outcomes
/// in the order of their ids.
#[must_use]
pub fn metrics(series: &Series) -> Vec<Metric> {
    let runs = &series.runs;
    let mut found = vec![Metric {
        name: "rows".to_owned(),
        outcome: None,
        values: runs.iter().map(|r| Some(r.night.rows as f64)).collect(),
        kind: MetricKind::Number,
    }];
    for name in columns(runs) {
        for (measure, of) in OF_COLUMNS {
            let value = |run: &PastRun| {
                let column = run.night.columns.iter().find(|c| c.name == name)?;
                of(&run.night, column)
            };
            found.push(Metric {
                name: format!("{measure}({name})"),
                outcome: None,
                values: runs.iter().map(value).collect(),
                kind: kind(measure, runs, name),
            });
        }
    }
    found.retain(|m| m.values.iter().any(Option::is_some));
    found.extend(of_outcomes(runs));
    found
}

fn columns(runs: &[PastRun]) -> Vec<&str> {
    let mut seen = std::collections::HashSet::new();
    let all = runs.iter().flat_map(|run| &run.night.columns);
    let names = all.map(|column| column.name.as_str());
    names.filter(|name| seen.insert(*name)).collect()
}

fn of_outcomes(runs: &[PastRun]) -> Vec<Metric> {
    let mut names = std::collections::BTreeSet::new();
    for (id, outcome) in runs.iter().flat_map(|run| &run.outcomes) {
        names.extend(outcome.numbers.keys().map(|number| (id, number)));
    }
    let one = |(id, number): (&String, &String)| Metric {
        name: format!("{id} {number}"),
        outcome: Some(id.clone()),
        values: runs
            .iter()
            .map(|run| run.outcomes.get(id)?.numbers.get(number).copied())
            .collect(),
        kind: MetricKind::Number,
    };
    names.into_iter().map(one).collect()
}

/// How an outcome ended in each run.
#[must_use]
pub fn statuses(series: &Series, outcome: &str) -> Vec<Option<Status>> {
    let status = |run: &PastRun| run.outcomes.get(outcome).map(|o| o.status);
    series.runs.iter().map(status).collect()
}

/// A row of blocks, one per value from the least to the greatest of them; a dot where there is none.
///
/// Edge: values that are all the same are in the middle.
#[must_use]
pub fn sparkline(values: &[Option<f64>]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let known = || values.iter().flatten().copied();
    let (least, greatest) = (
        known().fold(f64::INFINITY, f64::min),
        known().fold(f64::NEG_INFINITY, f64::max),
    );
    let block = |value: &Option<f64>| {
        let Some(value) = value else { return '·' };
        let share = (value - least) / (greatest - least);
        if !share.is_finite() {
            return BLOCKS[3];
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the share is between 0 and 1"
        )]
        let level = (share.clamp(0.0, 1.0) * 7.0).round() as usize;
        BLOCKS[level]
    };
    values.iter().map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::sparkline;

    #[test]
    fn a_sparkline_has_a_block_per_value() {
        assert_eq!(sparkline(&[Some(0.0), None, Some(7.0), Some(1.0)]), "▁·█▂");
        assert_eq!(sparkline(&[Some(5.0), Some(5.0)]), "▄▄");
        assert_eq!(sparkline(&[]), "");
    }
}
