//! Two models' cells of the same rows together: rows with the same truth and predictions are one kind of row.

use crate::model::metric::{CellFormula, Prepared};
use std::collections::BTreeMap;

/// Kinds up to which those that no row is of are named too, so that harm in them is allowed for.
const MOST_KINDS: usize = 2_048;

/// Cells of a matrix, at most: 64 classes.
const MOST_CELLS: usize = 4_096;

/// Pairs of cells that are summed in a table.
const MOST_DENSE: usize = 1 << 20;

/// Where a row counts in a share: not among those that count, or a miss or a hit among them.
const APART: u32 = 0;
const MISS: u32 = 1;
const HIT: u32 = 2;

/// A function of one model's cells.
enum Of {
    /// Hits of those that count.
    Share,
    Matrix(CellFormula),
}

impl Of {
    fn cells(&self) -> usize {
        match self {
            Self::Share => 3,
            Self::Matrix(formula) => formula.cells(),
        }
    }

    fn value(&self, sums: &[f64]) -> Option<f64> {
        match self {
            Self::Share => {
                let all = sums[MISS as usize] + sums[HIT as usize];
                (all > 0.0).then(|| sums[HIT as usize] / all)
            }
            Self::Matrix(formula) => formula.value(sums).ok(),
        }
    }
}

/// The cells of one model, or of both.
pub(super) struct Joint {
    kinds: Vec<(u32, u32)>,
    /// Weight of the rows of each kind; their number where they have none.
    pub(super) sums: Vec<f64>,
    /// Weight of the heaviest row.
    pub(super) heaviest: f64,
    /// Rows whose cells differ.
    pub(super) differing: u64,
    candidate: Of,
    baseline: Option<Of>,
}

/// Cells of the rows, their weights, and the function of them.
type Cells<'a> = (Vec<u32>, Option<&'a [f64]>, Of);

fn cells(prepared: &Prepared) -> Option<Cells<'_>> {
    Some(match prepared {
        Prepared::Cells {
            cell,
            weights,
            formula,
        } => (
            cell.clone(),
            weights.as_deref(),
            Of::Matrix(formula.clone()),
        ),
        Prepared::Proportion { hit, among } => {
            let of = |(row, hit): (usize, &bool)| match (among.as_ref().map(|a| a[row]), hit) {
                (Some(false), _) => APART,
                (_, true) => HIT,
                (_, false) => MISS,
            };
            (hit.iter().enumerate().map(of).collect(), None, Of::Share)
        }
        _ => return None,
    })
}

impl Joint {
    /// Of a candidate alone, or beside another model on the same rows; `None` of metrics without cells, and of matrices of so
    /// many classes that each kind of row cannot be tried.
    pub(super) fn of(candidate: &Prepared, baseline: Option<&Prepared>) -> Option<Self> {
        let (now, weights, formula) = cells(candidate)?;
        if formula.cells() > MOST_CELLS {
            return None;
        }
        let (before, other) = match baseline {
            None => (None, None),
            Some(baseline) => {
                let (cells, _, formula) = cells(baseline)?;
                (Some(cells), Some(formula))
            }
        };
        let mut sums: BTreeMap<(u32, u32), f64> = possible(&formula, other.as_ref())
            .into_iter()
            .map(|kind| (kind, 0.0))
            .collect();
        let width = other.as_ref().map_or(1, Of::cells);
        let wide = formula.cells().saturating_mul(width) > MOST_DENSE;
        // Summed by place, which is quicker than by key.
        let mut dense = vec![0.0; if wide { 0 } else { formula.cells() * width }];
        let mut differing = 0;
        for (row, now) in now.iter().enumerate() {
            let before = before.as_ref().map_or(0, |cells| cells[row]);
            let weight = weights.map_or(1.0, |w| w[row]);
            if wide {
                *sums.entry((*now, before)).or_default() += weight;
            } else {
                dense[*now as usize * width + before as usize] += weight;
            }
            differing += u64::from(other.is_some() && *now != before);
        }
        for (place, sum) in dense.into_iter().enumerate().filter(|(_, sum)| *sum > 0.0) {
            let narrow = |cell: usize| u32::try_from(cell).unwrap_or(u32::MAX);
            sums.insert((narrow(place / width), narrow(place % width)), sum);
        }
        Some(Self {
            kinds: sums.keys().copied().collect(),
            sums: sums.into_values().collect(),
            heaviest: weights.map_or(1.0, |w| w.iter().copied().fold(0.0, f64::max)),
            differing,
            candidate: formula,
            baseline: other,
        })
    }

    /// The candidate's value of these sums by kind, or how much it is above the baseline's.
    pub(super) fn value(&self, sums: &[f64]) -> Option<f64> {
        let mut now = vec![0.0; self.candidate.cells()];
        let mut before = vec![0.0; self.baseline.as_ref().map_or(1, Of::cells)];
        for ((c, b), sum) in self.kinds.iter().zip(sums) {
            now[*c as usize] += sum;
            before[*b as usize] += sum;
        }
        let value = self.candidate.value(&now)?;
        match &self.baseline {
            None => Some(value),
            Some(baseline) => Some(value - baseline.value(&before)?),
        }
    }

    /// Rows of each kind; of meaning where rows have no weights.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sums of ones"
    )]
    pub(super) fn counts(&self) -> Vec<u64> {
        self.sums.iter().map(|sum| *sum as u64).collect()
    }
}

/// Kinds of rows that can be, where they are few: both models' cells have one truth.
fn possible(candidate: &Of, baseline: Option<&Of>) -> Vec<(u32, u32)> {
    let cells = |of: &Of| 0..u32::try_from(of.cells()).unwrap_or(u32::MAX);
    let all = |one: &Of, other: &Of| -> Vec<(u32, u32)> {
        cells(one)
            .flat_map(|c| cells(other).map(move |b| (c, b)))
            .collect()
    };
    match (candidate, baseline) {
        (of, None) if of.cells() <= MOST_KINDS => cells(of).map(|cell| (cell, 0)).collect(),
        (Of::Share, Some(Of::Share)) => {
            // What counts for both is a hit of both or a miss of both where the truth decides it.
            let mut kinds = all(candidate, &Of::Share);
            kinds.retain(|kind| ![(HIT, MISS), (MISS, HIT)].contains(kind));
            kinds
        }
        (Of::Matrix(c), Some(other @ Of::Matrix(b))) if c.cells() == b.cells() => {
            let classes = u32::try_from(c.cells().isqrt()).unwrap_or(u32::MAX);
            if c.cells().saturating_mul(classes as usize) > MOST_KINDS {
                return Vec::new();
            }
            let mut kinds = all(candidate, other);
            kinds.retain(|(c, b)| c / classes == b / classes);
            kinds
        }
        _ => Vec::new(),
    }
}
