//! Exact numbers over one column that gates depend on, so that no sketch ever decides a verdict.

use super::at::{SameColumns, ValueAt};
use super::counts::ValueCounts;
use super::numbers::{Found, Numbers};
use super::pairs::{Contingency, NumberPairs};
use super::periods::{Periods, Sequence};
use super::related::RelatedColumns;
use super::{Considered, MostCommon, Quantile, Unique, ValueSet};
use crate::contract::Privacy;
use crate::error::Result;
use crate::scalar::{Integer, Scalar};
use arrow::array::{BooleanArray, RecordBatch};

/// An exact number over columns, told batch after batch. Nulls are left out of each of them, unless its parts say otherwise.
#[derive(Debug)]
pub enum Gauge {
    /// `distinct`: number of distinct non-null values.
    Distinct(Unique),
    /// `most_common_ratio`: share of the most common value.
    MostCommon(MostCommon),
    /// `quantile`, in the unit of [`Scalar::number`]; NaN left out.
    Quantile(Quantile),
    /// `differences` from a set of values.
    Values(ValueSet, SetRelation, Privacy),
    /// Numbers over the values of a column of numbers.
    Numbers(Numbers),
    /// Numbers over how often values occur.
    Counts(ValueCounts),
    /// Numbers over pairs of numbers.
    Pairs(NumberPairs),
    /// How much two columns tell of each other.
    Contingency(Contingency),
    /// `missing` periods and how many were `looked_at`.
    Periods(Periods, Privacy),
    /// `breaks` in a sequence.
    Sequence(Sequence),
    /// `differences` of one row's value from the wanted one.
    At(ValueAt, Privacy),
    /// `differences`: columns that are the same as one before them.
    Same(SameColumns),
    /// `correlation`: the closest of every two columns of numbers.
    Related(RelatedColumns),
}

/// How the values found relate to the given ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetRelation {
    /// Every value found is among the given ones.
    Subset,
    /// Every given value is found.
    Superset,
    /// Both.
    Equal,
}

/// What a gauge obtained.
#[derive(Debug, Clone, PartialEq)]
pub struct Gauged {
    /// Name of the measured value.
    pub name: &'static str,
    /// The value; `None` when the column has none.
    pub value: Option<Scalar>,
    /// What differs, in words; empty for numbers.
    pub detail: String,
    /// Further measured values.
    pub more: Vec<(&'static str, Option<Scalar>)>,
}

impl Gauge {
    /// Looks at one batch; `considered` as for [`super::Kernel::first_pass`].
    ///
    /// Errors: `Query` for a missing column, or a type that cannot be looked at.
    pub fn first_pass(
        &mut self,
        batch: &RecordBatch,
        considered: Option<&BooleanArray>,
    ) -> Result<()> {
        let kept = Considered::new(batch, considered)?;
        match self {
            Self::Distinct(k) => k.first_pass(batch, kept),
            Self::MostCommon(k) => k.first_pass(batch, kept),
            Self::Quantile(k) => k.first_pass(batch, kept),
            Self::Values(k, ..) => k.first_pass(batch, kept),
            Self::Numbers(k) => k.first_pass(batch, kept),
            Self::Counts(k) => k.first_pass(batch, kept),
            Self::Pairs(k) => k.first_pass(batch, kept),
            Self::Contingency(k) => k.first_pass(batch, kept),
            Self::Periods(k, _) => k.first_pass(batch, kept),
            Self::Sequence(k) => k.first_pass(batch, kept),
            Self::At(k, _) => k.first_pass(batch, kept),
            Self::Same(k) => k.first_pass(batch, kept),
            Self::Related(k) => k.first_pass(batch, kept),
        }
    }

    /// The exact number over all batches. Edge: without a value, `distinct` and `differences` are counts as ever, the
    /// ratio and the quantile are absent.
    pub fn finish(&mut self) -> Gauged {
        let number = |name, value| Gauged {
            name,
            value,
            detail: String::new(),
            more: Vec::new(),
        };
        match self {
            Self::Distinct(k) => number("distinct", Some(count(k.distinct()))),
            Self::MostCommon(k) => number("most_common_ratio", k.ratio().map(Scalar::Float)),
            Self::Quantile(k) => number("quantile", k.finish().map(Scalar::Float)),
            Self::Values(k, relation, privacy) => differences(k, *relation, *privacy),
            Self::Numbers(k) => several(k.finish()),
            Self::Counts(k) => several(k.finish()),
            Self::Pairs(k) => several(k.finish()),
            Self::Contingency(k) => several(k.finish()),
            Self::Periods(k, privacy) => {
                let (found, detail) = k.finish();
                let detail = match privacy {
                    Privacy::Open => detail,
                    Privacy::Personal => "which are not shown".to_owned(),
                };
                Gauged {
                    detail,
                    more: vec![("looked_at", found.map(|(_, looked)| count(looked)))],
                    ..number("missing", found.map(|(missing, _)| count(missing)))
                }
            }
            Self::Sequence(k) => number("breaks", k.finish().map(count)),
            Self::At(k, privacy) => at(k, *privacy),
            Self::Same(k) => same(k),
            Self::Related(k) => related(k),
        }
    }

    /// Whether it stays the same however often each value occurs.
    #[must_use]
    pub fn looks_at_distinct_values(&self) -> bool {
        matches!(self, Self::Distinct(_) | Self::Values(..))
    }

    /// The columns it reads; none for all.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        match self {
            Self::Distinct(k) => k.columns.clone(),
            Self::MostCommon(k) => vec![k.column().to_owned()],
            Self::Quantile(k) => vec![k.column().to_owned()],
            Self::Values(k, ..) => vec![k.column().to_owned()],
            Self::Numbers(k) => vec![k.column().to_owned()],
            Self::Counts(k) => k.columns().to_vec(),
            Self::Pairs(k) => k.columns().to_vec(),
            Self::Contingency(k) => k.columns().to_vec(),
            Self::Periods(k, _) => std::iter::once(&k.column).chain(&k.by).cloned().collect(),
            Self::Sequence(k) => std::iter::once(&k.column).chain(&k.by).cloned().collect(),
            Self::At(k, _) => vec![k.column.clone()],
            Self::Same(_) => Vec::new(),
            Self::Related(k) => k.columns().to_vec(),
        }
    }
}

fn count(v: u64) -> Scalar {
    Scalar::Int(Integer(i128::from(v)))
}

/// Numbers by name.
fn several(found: Found) -> Gauged {
    let scalar = |(name, value): (&'static str, Option<f64>)| (name, value.map(Scalar::Float));
    let mut all = found.into_iter().map(scalar);
    let (name, value) = all.next().unwrap_or(("value", None));
    Gauged {
        name,
        value,
        detail: String::new(),
        more: all.collect(),
    }
}

/// Whether the value of a row is another one; no such row is a difference.
fn at(found: &ValueAt, privacy: Privacy) -> Gauged {
    let (same, detail) = found.finish();
    let detail = match privacy {
        Privacy::Open => detail,
        Privacy::Personal => "its value is not shown".to_owned(),
    };
    Gauged {
        name: "differences",
        value: Some(count(u64::from(same != Some(true)))),
        detail,
        more: Vec::new(),
    }
}

fn same(found: &SameColumns) -> Gauged {
    let pairs = found.finish();
    let words: Vec<String> = pairs
        .iter()
        .map(|(column, other)| format!("`{column}` is the same as `{other}`"))
        .collect();
    Gauged {
        name: "differences",
        value: Some(count(pairs.len() as u64)),
        detail: if words.is_empty() {
            "no two are the same".to_owned()
        } else {
            words.join("; ")
        },
        more: Vec::new(),
    }
}

fn related(found: &RelatedColumns) -> Gauged {
    let found = found.finish();
    let beyond = found.beyond.iter();
    let beyond = beyond.map(|([one, other], value)| format!("`{one}` and `{other}` at {value:.4}"));
    let unknown = found.unknown.iter();
    let unknown = unknown
        .map(|[one, other]| format!("`{one}` and `{other}` are not known, for an infinite number"));
    let words: Vec<String> = beyond.chain(unknown).collect();
    // What is not known is not below the limit.
    let pairs = match (&found.beyond[..], &found.unknown[..]) {
        ([], [_, ..]) => None,
        (beyond, _) => Some(count(beyond.len() as u64)),
    };
    Gauged {
        name: "correlation",
        value: found.strongest.map(Scalar::Float),
        detail: if words.is_empty() {
            "no two are".to_owned()
        } else {
            words.join("; ")
        },
        more: vec![("pairs", pairs)],
    }
}

fn differences(set: &ValueSet, relation: SetRelation, privacy: Privacy) -> Gauged {
    let mut found = Vec::new();
    let mut total = 0;
    if relation != SetRelation::Superset {
        total += set.unexpected();
        let named = match privacy {
            Privacy::Open => set.named(),
            Privacy::Personal => &[],
        };
        found.extend(
            named
                .iter()
                .map(|v| format!("`{v}` is not among the allowed values")),
        );
        let others = set.unexpected() - named.len() as u64;
        if others > 0 {
            let more = if named.is_empty() { "" } else { "more " };
            found.push(format!("{others} {more}not among the allowed values"));
        }
    }
    if relation != SetRelation::Subset {
        let missing = set.missing();
        total += missing.len() as u64;
        if privacy == Privacy::Open {
            found.extend(missing.iter().map(|v| format!("`{v}` does not occur")));
        } else if !missing.is_empty() {
            found.push(format!("{} of the values do not occur", missing.len()));
        }
    }
    Gauged {
        name: "differences",
        value: Some(count(total)),
        more: Vec::new(),
        detail: if found.is_empty() {
            "no difference".to_owned()
        } else {
            found.join("; ")
        },
    }
}
