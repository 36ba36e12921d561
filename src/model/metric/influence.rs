//! How much each row moves a metric: what a difference of two models is made of, row by row.

use super::kind::Average;
use super::order::{Formula, Of, Order, POSITIVE, Ranked};
use super::sums::{Draw, SumFormula};
use super::{CellFormula, Prepared};

/// Cells of matrices whose derivatives are taken one by one: 32 classes.
const MOST_CELLS: usize = 1_024;

/// Step of a derivative, as a part of the whole weight.
const STEP: f64 = 1e-6;

impl Prepared {
    /// What each unit adds to `value - truth` to first order: the derivative of the metric by the unit's weight, times that
    /// weight.
    ///
    /// Shape: one number per unit, as [`Prepared::value`] counts them; their sum is 0 but for rounding. Unit: that of the
    /// metric. Ties of scores are one step. `None` where the metric is no smooth function of weights (medians, maxima,
    /// the best of many thresholds, the rows above a rank, gaps of bins that move), of matrices of more than 32 classes, and where
    /// the metric has no value.
    /// Source: the infinitesimal jackknife of Jaeckel (1972), as in Efron, *The Jackknife, the Bootstrap and Other
    /// Resampling Plans* (1982), chapter 6; from memory. Derivatives of sums and cells are taken by differences, those of
    /// areas in closed form: a positive row adds the placement that DeLong (1988) calls so.
    #[must_use]
    pub fn influence(&self) -> Option<Vec<f64>> {
        let found = match self {
            Self::Mean {
                losses, weights, ..
            } => {
                let draw = Draw {
                    weights: weights.as_deref(),
                    times: None,
                };
                let (total, mean) = (draw.total(losses.len()), self.value(None)?);
                let each = losses.iter().enumerate();
                each.map(|(row, loss)| draw.at(row) * (loss - mean) / total)
                    .collect()
            }
            Self::Proportion { hit, among } => {
                let counts = |row: usize| among.as_ref().is_none_or(|among| among[row]);
                let count = (0..hit.len()).filter(|row| counts(*row)).count() as f64;
                let share = self.value(None)?;
                let part = |row: usize| {
                    if counts(row) {
                        (f64::from(u8::from(hit[row])) - share) / count
                    } else {
                        0.0
                    }
                };
                (0..hit.len()).map(part).collect()
            }
            Self::Cells {
                cell,
                weights,
                formula,
            } => of_cells(cell, weights.as_deref(), formula)?,
            Self::Sums {
                terms,
                weights,
                formula,
            } => of_sums(terms, weights.as_deref(), *formula)?,
            Self::Ranked(ranked) => {
                let known = ranked.known.influence.get_or_init(|| of_ranked(ranked));
                known.clone()?
            }
        };
        found.iter().all(|v| v.is_finite()).then_some(found)
    }
}

impl Prepared {
    /// How much the metric changes where the error of its heaviest row is greater by this much.
    ///
    /// Unit: that of the metric, at least 0; `by` is in the unit of the row term: of a ratio what is divided, of RMSE, R² and
    /// explained variance the squared error. `None` of metrics that are no function of sums, and without a value.
    #[must_use]
    pub fn moved(&self, by: f64) -> Option<f64> {
        let Self::Sums {
            terms,
            weights,
            formula,
        } = self
        else {
            return None;
        };
        let draw = Draw {
            weights: weights.as_deref(),
            times: None,
        };
        let rows = self.rows();
        let heaviest = (0..rows).map(|row| draw.at(row)).fold(0.0, f64::max);
        let total = draw.total(rows);
        let mut sums: Vec<f64> = terms.iter().map(|term| draw.sum(term)).collect();
        let before = formula.value(&sums, total).ok()?;
        sums[formula.error()] += by * heaviest;
        Some((formula.value(&sums, total).ok()? - before).abs())
    }

    /// The largest row term that [`Prepared::moved`] speaks of; `None` of metrics that are no function of sums.
    #[must_use]
    pub fn largest_error(&self) -> Option<f64> {
        let Self::Sums { terms, formula, .. } = self else {
            return None;
        };
        let errors = terms.get(formula.error())?;
        Some(errors.iter().fold(0.0, |a, b| f64::max(a, b.abs())))
    }
}

/// The derivative of a function by its argument at this place.
fn slope(
    at: &mut [f64],
    place: usize,
    step: f64,
    of: impl Fn(&[f64]) -> Option<f64>,
) -> Option<f64> {
    let before = at[place];
    at[place] = before + step;
    let above = of(at);
    at[place] = before - step;
    // Weights are not below 0.
    let below = of(at).filter(|_| before >= step);
    at[place] = before;
    match below {
        Some(below) => Some((above? - below) / (2.0 * step)),
        None => Some((above? - of(at)?) / step),
    }
}

fn of_cells(cell: &[u32], weights: Option<&[f64]>, formula: &CellFormula) -> Option<Vec<f64>> {
    if formula.cells() > MOST_CELLS {
        return None;
    }
    let draw = Draw {
        weights,
        times: None,
    };
    let mut sums = vec![0.0; formula.cells()];
    for (row, cell) in cell.iter().enumerate() {
        sums[*cell as usize] += draw.at(row);
    }
    let total: f64 = sums.iter().sum();
    let of = |sums: &[f64]| formula.value(sums).ok();
    let slopes: Vec<f64> = (0..sums.len())
        .map(|place| {
            if sums[place] > 0.0 {
                slope(&mut sums, place, STEP * total, of)
            } else {
                Some(0.0)
            }
        })
        .collect::<Option<_>>()?;
    let middle = sums.iter().zip(&slopes).map(|(s, g)| s * g).sum::<f64>() / total;
    let rows = cell.iter().enumerate();
    Some(
        rows.map(|(row, cell)| draw.at(row) * (slopes[*cell as usize] - middle))
            .collect(),
    )
}

fn of_sums(terms: &[Vec<f64>], weights: Option<&[f64]>, formula: SumFormula) -> Option<Vec<f64>> {
    let draw = Draw {
        weights,
        times: None,
    };
    let rows = terms.first()?.len();
    let total = draw.total(rows);
    let mut sums: Vec<f64> = terms.iter().map(|term| draw.sum(term)).collect();
    let sizes: Vec<f64> = terms
        .iter()
        .map(|term| super::sums::sum(rows, |row| (draw.at(row) * term[row]).abs()))
        .collect();
    let value = formula.value(&sums, total).ok()?;
    let mut slopes = Vec::new();
    for (place, size) in sizes.iter().enumerate() {
        let (step, before) = (STEP * size, sums[place]);
        let mut at = |to: f64| {
            sums[place] = to;
            formula.value(&sums, total).ok()
        };
        // A model without an error moves by the root of one: there is no slope.
        let (above, below) = (at(before + step).filter(|_| step > 0.0)?, at(before - step));
        sums[place] = before;
        slopes.push(match below {
            Some(below) => (above - below) / (2.0 * step),
            None => (above - value) / step,
        });
    }
    let middle = sums.iter().zip(&slopes).map(|(s, g)| s * g).sum::<f64>() / total;
    let each = |row: usize| {
        let own = terms
            .iter()
            .zip(&slopes)
            .map(|(term, slope)| term[row] * slope);
        draw.at(row) * (own.sum::<f64>() - middle)
    };
    Some((0..rows).map(each).collect())
}

fn of_ranked(ranked: &Ranked) -> Option<Vec<f64>> {
    let mut found = vec![0.0; ranked.rows];
    match &ranked.of {
        Of::Order(order, formula) => {
            let value = ranked.value(None).ok()?;
            order.influence(*formula, (value, 1.0), &mut found)?;
        }
        Of::Classes(orders, formula, average) => {
            let parts = |order: &Order| {
                let value = order.value(*formula, None).ok()?;
                let (positive, _) = order.totals(None);
                Some((
                    value,
                    if *average == Average::Weighted {
                        positive
                    } else {
                        1.0
                    },
                ))
            };
            let parts: Vec<(f64, f64)> = orders.iter().map(parts).collect::<Option<_>>()?;
            let total: f64 = parts.iter().map(|(_, weight)| weight).sum();
            let mean = parts.iter().map(|(v, w)| v * w).sum::<f64>() / total;
            for (order, (value, weight)) in orders.iter().zip(&parts) {
                order.influence(*formula, (*value, weight / total), &mut found)?;
                if *average == Average::Weighted {
                    // A row of the class also moves how much the class counts.
                    order.each_positive(|row, own| found[row] += own * (value - mean) / total);
                }
            }
        }
        Of::Bins(bins) => return bins.influence(),
        _ => return None,
    }
    Some(found)
}

impl Order {
    /// Adds what each row adds to an area of this value, times `share`; `None` where it is no area.
    fn influence(
        &self,
        formula: Formula,
        (value, share): (f64, f64),
        into: &mut [f64],
    ) -> Option<()> {
        let (positives, negatives) = self.totals(None);
        match formula {
            Formula::RocAuc => {
                let (mut above, mut below) = (0.0, negatives);
                self.each_tie(false, |places, p, n| {
                    below -= n;
                    let of_positive = ((below + n / 2.0) / negatives - value) / positives;
                    let of_negative = ((above + p / 2.0) / positives - value) / negatives;
                    self.add(places, share, (of_positive, of_negative), into);
                    above += p;
                });
            }
            Formula::AveragePrecision => {
                let (mut hits, mut all) = (positives, positives + negatives);
                // What one more row costs or adds at its own threshold and at every lower one.
                let (mut rises, mut falls) = (0.0, 0.0);
                self.each_tie(true, |places, p, n| {
                    if all > 0.0 {
                        rises += p / all;
                        falls += p * (hits / all) / all;
                        let own = hits / all - value + rises - falls;
                        self.add(places, share / positives, (own, -falls), into);
                    }
                    hits -= p;
                    all -= p + n;
                });
            }
            _ => return None,
        }
        Some(())
    }

    /// Adds one number to the positive rows of a tie and another to the negative ones, each times its weight.
    fn add(
        &self,
        places: std::ops::Range<usize>,
        share: f64,
        (positive, negative): (f64, f64),
        into: &mut [f64],
    ) {
        for place in places {
            let own = if self.is_positive(place) {
                positive
            } else {
                negative
            };
            into[self.row[place] as usize] += share * self.weight_at(place) * own;
        }
    }

    pub(super) fn is_positive(&self, place: usize) -> bool {
        self.marks[place] & POSITIVE != 0
    }

    pub(super) fn weight_at(&self, place: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |w| w[place])
    }

    /// Every positive row with its weight.
    fn each_positive(&self, mut each: impl FnMut(usize, f64)) {
        let places = (0..self.row.len()).filter(|place| self.is_positive(*place));
        places.for_each(|place| each(self.row[place] as usize, self.weight_at(place)));
    }

    /// Every tie with its places, positive and negative weight: from the highest score down, or the other way.
    fn each_tie(&self, upwards: bool, mut each: impl FnMut(std::ops::Range<usize>, f64, f64)) {
        let mut one = |places: std::ops::Range<usize>| {
            let (mut p, mut n) = (0.0, 0.0);
            for place in places.clone() {
                let weight = self.weight_at(place);
                let own = if self.is_positive(place) { weight } else { 0.0 };
                p += own;
                n += weight - own;
            }
            each(places, p, n);
        };
        let count = self.row.len();
        if upwards {
            let mut end = count;
            for start in (0..count).rev() {
                if start == 0 || self.is_last(start - 1) {
                    one(start..end);
                    end = start;
                }
            }
        } else {
            let mut start = 0;
            for place in 0..count {
                if self.is_last(place) {
                    one(start..place + 1);
                    start = place + 1;
                }
            }
        }
    }
}
