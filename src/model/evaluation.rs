//! The rows that are judged: candidate, baseline and anchor row beside row, with what parts, orders and binds them.

use super::metric;
use super::rows::{Problem, Side, Truth, texts};
use super::table::Table;
use crate::config::models::Columns;
use std::collections::HashMap;

/// A column whose values part the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slicing {
    /// Its name.
    pub column: String,
    /// Part of each row; `names.len()` where the value is null.
    pub of: Vec<u32>,
    /// Value of each part, in the order of text.
    pub names: Vec<String>,
}

/// The rows that are judged.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The candidate.
    pub candidate: Side,
    /// What it is compared with, in the candidate's order.
    pub baseline: Option<Side>,
    /// The baseline that stays where it is, in the candidate's order.
    pub anchor: Option<Side>,
    /// Query of each row, or series.
    pub group: Option<Vec<u32>>,
    /// Cluster of each row, and how many there are.
    pub clusters: Option<(Vec<u32>, u32)>,
    /// Whether rows are in the order of time, and depend on those before.
    pub timed: bool,
    /// Columns that part the rows.
    pub slices: Vec<Slicing>,
}

impl Evaluation {
    /// Puts the rows together in the order of the candidate's table, which `table` is.
    ///
    /// Problems: those of [`Side::pair`]; a null in a column that binds the rows.
    pub fn paired(
        table: &Table,
        columns: &Columns,
        slices: &[String],
        (candidate, baseline, anchor): (Side, Option<Side>, Option<Side>),
    ) -> Result<Self, Problem> {
        let paired = |other: Option<Side>, who: &str| -> Result<Option<Side>, Problem> {
            let Some(other) = other else { return Ok(None) };
            let places = candidate
                .pair(&other)
                .map_err(|problem| format!("{problem} ({who})"))?;
            Ok(Some(other.gather(&places)))
        };
        let (baseline, anchor) = (paired(baseline, "baseline")?, paired(anchor, "anchor")?);
        let coded = |name: &Option<String>| -> Result<Option<Coded>, Problem> {
            let Some(name) = name else { return Ok(None) };
            Ok(Some(codes(&texts(table, name)?)))
        };
        let group = coded(&columns.query)?.map(|(of, _)| of);
        let clusters = coded(&columns.cluster)?
            .map(|(of, names)| (of, u32::try_from(names.len()).unwrap_or(u32::MAX)));
        let slices = slices.iter().map(|name| slicing(table, name));
        Ok(Self {
            slices: slices.collect::<Result<_, _>>()?,
            candidate,
            baseline,
            anchor,
            group,
            clusters,
            timed: columns.time.is_some(),
        })
    }

    /// The rows in the order of time, where a column says it.
    ///
    /// Problems: a null in that column.
    pub fn in_time(self, table: &Table, columns: &Columns) -> Result<Self, Problem> {
        match &columns.time {
            None => Ok(self),
            Some(time) => Ok(self.gather(&order(table, time)?)),
        }
    }

    /// These rows, in that order.
    #[must_use]
    pub fn gather(&self, rows: &[u32]) -> Self {
        let codes = |of: &[u32]| rows.iter().map(|r| of[*r as usize]).collect::<Vec<u32>>();
        Self {
            candidate: self.candidate.gather(rows),
            baseline: self.baseline.as_ref().map(|side| side.gather(rows)),
            anchor: self.anchor.as_ref().map(|side| side.gather(rows)),
            group: self.group.as_deref().map(codes),
            // Codes that no row has are no clusters.
            clusters: self.clusters.as_ref().map(|(of, _)| dense(&codes(of))),
            timed: self.timed,
            slices: self
                .slices
                .iter()
                .map(|slicing| Slicing {
                    column: slicing.column.clone(),
                    of: codes(&slicing.of),
                    names: slicing.names.clone(),
                })
                .collect(),
        }
    }
}

/// Calls `each` with the rows of a side as metrics take them.
pub(super) fn with_rows<T>(
    side: &Side,
    group: Option<&[u32]>,
    each: impl FnOnce(&metric::Rows) -> T,
) -> T {
    let scores: Option<Vec<&[f64]>> = side
        .predicted
        .scores
        .as_ref()
        .map(|scores| scores.iter().map(Vec::as_slice).collect());
    let predicted = &side.predicted;
    let rows = metric::Rows {
        truth: match &side.truth {
            Truth::Classes { of, names } => metric::Truth::Classes {
                of,
                classes: u32::try_from(names.len()).unwrap_or(u32::MAX),
            },
            Truth::Values(values) => metric::Truth::Values(values),
        },
        predicted: metric::Predicted {
            class: predicted.class.as_deref(),
            score: predicted.score.as_deref(),
            scores: scores.as_deref(),
            value: predicted.value.as_deref(),
            low: predicted.low.as_deref(),
            high: predicted.high.as_deref(),
            own: &predicted.own,
        },
        weight: side.weight.as_deref(),
        group,
    };
    each(&rows)
}

/// A code per row, and the text of each code, in the order of text.
type Coded = (Vec<u32>, Vec<String>);

/// The codes of texts.
fn codes(texts: &[String]) -> Coded {
    let mut names: Vec<&String> = texts.iter().collect();
    names.sort_unstable();
    names.dedup();
    let places: HashMap<&String, u32> = names.iter().copied().zip(0..).collect();
    let of = texts.iter().map(|text| places[text]).collect();
    (of, names.into_iter().cloned().collect())
}

/// Codes without gaps, in the order in which they first occur, and how many there are.
fn dense(codes: &[u32]) -> (Vec<u32>, u32) {
    let mut places: HashMap<u32, u32> = HashMap::new();
    let mut next = 0;
    let of = codes
        .iter()
        .map(|code| {
            *places.entry(*code).or_insert_with(|| {
                next += 1;
                next - 1
            })
        })
        .collect();
    (of, next)
}

fn slicing(table: &Table, name: &str) -> Result<Slicing, Problem> {
    let column = table
        .column(name)
        .ok_or_else(|| format!("there is no column `{name}`"))?;
    let values: Vec<Option<String>> = (0..table.rows).map(|row| column.text(row)).collect();
    let mut names: Vec<&String> = values.iter().flatten().collect();
    names.sort_unstable();
    names.dedup();
    let places: HashMap<&String, u32> = names.iter().copied().zip(0..).collect();
    let none = u32::try_from(names.len()).map_err(|_| "too many slices")?;
    let of = values
        .iter()
        .map(|v| v.as_ref().map_or(none, |v| places[v]));
    Ok(Slicing {
        column: name.to_owned(),
        of: of.collect(),
        names: names.into_iter().cloned().collect(),
    })
}

/// Rows in the order of a column: numbers by size, texts by their characters, as times in ISO 8601 are; equal ones as they
/// stand.
fn order(table: &Table, name: &str) -> Result<Vec<u32>, Problem> {
    let column = table
        .column(name)
        .ok_or_else(|| format!("there is no column `{name}`"))?;
    let rows = u32::try_from(table.rows).map_err(|_| "too many rows")?;
    let texts = texts(table, name)?;
    let mut order: Vec<u32> = (0..rows).collect();
    order.sort_by(|a, b| {
        let (a, b) = (*a as usize, *b as usize);
        match (column.number(a), column.number(b)) {
            (Some(x), Some(y)) => x.total_cmp(&y),
            _ => texts[a].cmp(&texts[b]),
        }
    });
    Ok(order)
}
