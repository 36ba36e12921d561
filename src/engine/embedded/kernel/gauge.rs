//! Exact numbers over one column that gates depend on, so that no sketch ever decides a verdict.

use super::{Considered, MostCommon, Quantile, Unique, ValueSet};
use crate::contract::Privacy;
use crate::error::Result;
use crate::scalar::{Integer, Scalar};
use arrow::array::{BooleanArray, RecordBatch};

/// An exact number over one column, told batch after batch. Nulls are left out of each of them.
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
        }
    }

    /// The exact number over all batches. Edge: without a value, `distinct` and `differences` are counts as ever, the
    /// ratio and the quantile are absent.
    pub fn finish(&mut self) -> Gauged {
        let number = |name, value| Gauged {
            name,
            value,
            detail: String::new(),
        };
        match self {
            Self::Distinct(k) => number("distinct", Some(count(k.distinct()))),
            Self::MostCommon(k) => number("most_common_ratio", k.ratio().map(Scalar::Float)),
            Self::Quantile(k) => number("quantile", k.finish().map(Scalar::Float)),
            Self::Values(k, relation, privacy) => differences(k, *relation, *privacy),
        }
    }

    /// Whether it stays the same however often each value occurs.
    #[must_use]
    pub fn looks_at_distinct_values(&self) -> bool {
        matches!(self, Self::Distinct(_) | Self::Values(..))
    }

    /// The column it reads.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        match self {
            Self::Distinct(k) => k.columns.clone(),
            Self::MostCommon(k) => vec![k.column().to_owned()],
            Self::Quantile(k) => vec![k.column().to_owned()],
            Self::Values(k, ..) => vec![k.column().to_owned()],
        }
    }
}

fn count(v: u64) -> Scalar {
    Scalar::Int(Integer(i128::from(v)))
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
        found.extend(missing.iter().map(|v| format!("`{v}` does not occur")));
    }
    Gauged {
        name: "differences",
        value: Some(count(total)),
        detail: if found.is_empty() {
            "no difference".to_owned()
        } else {
            found.join("; ")
        },
    }
}
