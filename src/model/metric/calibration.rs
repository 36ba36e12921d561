//! Calibration errors: how far mean scores are from what happened, in bins of equal width or of equal weight.

use super::Undefined;
use super::order::{descending, key};
use super::sums::Draw;

/// What a row says of calibration: its score, and what happened between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Said {
    pub(super) score: f64,
    pub(super) happened: f64,
}

/// The highest chance of a row, and whether it is of the true class; of several classes with the highest chance each
/// counts its part.
pub(super) fn confidence(scores: &[&[f64]], truth: u32, row: usize) -> Said {
    let score = scores.iter().map(|s| s[row]).fold(0.0, f64::max);
    let at = |of: &&[f64]| key(of[row]) == key(score);
    let first = scores.iter().filter(|s| at(s)).count();
    let right = scores.get(truth as usize).is_some_and(at);
    Said {
        score,
        happened: if right { 1.0 / first as f64 } else { 0.0 },
    }
}

/// Bins of equal width; a bin holds its upper end, the first its lower end too.
#[derive(Debug, Clone)]
pub(super) struct Bins {
    bin: Vec<u32>,
    gap: Vec<f64>,
    count: u32,
    weights: Option<Vec<f64>>,
}

/// The bin of a score: `ceil(score * bins)`, counted from 1, but for the rounding of the product.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the number of bins"
)]
pub(super) fn bin_of(score: f64, bins: u32) -> u32 {
    let edge = |bin: u32| f64::from(bin) / f64::from(bins);
    let mut bin = ((score * f64::from(bins)).ceil() as u32).clamp(1, bins);
    while bin > 1 && score <= edge(bin - 1) {
        bin -= 1;
    }
    while bin < bins && score > edge(bin) {
        bin += 1;
    }
    bin - 1
}

/// The error of the sums of gaps by bin and of the whole weight.
pub(super) fn of_gaps(sums: &[f64], total: f64) -> Result<f64, Undefined> {
    if total > 0.0 {
        Ok(sums.iter().map(|sum| sum.abs()).sum::<f64>() / total)
    } else {
        Err(Undefined::NoRows)
    }
}

impl Bins {
    pub(super) fn new(
        said: impl Iterator<Item = Said>,
        bins: u32,
        weights: Option<Vec<f64>>,
    ) -> Self {
        let (bin, gap) = said
            .map(|s| (bin_of(s.score, bins), s.score - s.happened))
            .unzip();
        Self {
            bin,
            gap,
            count: bins,
            weights,
        }
    }

    pub(super) fn value(&self, times: Option<&[u32]>) -> Result<f64, Undefined> {
        let draw = self.draw(times);
        of_gaps(&self.sums(draw), draw.total(self.gap.len()))
    }

    fn draw<'a>(&'a self, times: Option<&'a [u32]>) -> Draw<'a> {
        Draw {
            weights: self.weights.as_deref(),
            times,
        }
    }

    /// The sum of gaps of each bin.
    fn sums(&self, draw: Draw<'_>) -> Vec<f64> {
        let mut sums = vec![0.0_f64; self.count as usize];
        for (row, (bin, gap)) in self.bin.iter().zip(&self.gap).enumerate() {
            sums[*bin as usize] += gap * draw.at(row);
        }
        sums
    }

    /// The gap of each row in its own bin, a term per bin, and the weights of the rows: what [`of_gaps`] takes the sums of.
    pub(super) fn terms(&self) -> Vec<Vec<f64>> {
        let draw = self.draw(None);
        let mut terms = vec![vec![0.0; self.gap.len()]; self.count as usize + 1];
        for (row, (bin, gap)) in self.bin.iter().zip(&self.gap).enumerate() {
            terms[*bin as usize][row] = gap * draw.at(row);
            terms[self.count as usize][row] = draw.at(row);
        }
        terms
    }

    pub(super) fn count(&self) -> u32 {
        self.count
    }

    /// What each row adds: the gap, in the direction of that of its bin; nothing where the bin has none.
    pub(super) fn influence(&self) -> Option<Vec<f64>> {
        let draw = self.draw(None);
        let (sums, total) = (self.sums(draw), draw.total(self.gap.len()));
        let value = of_gaps(&sums, total).ok()?;
        let direction = |sum: &f64| {
            if sum.abs() > total * 1e-12 {
                sum.signum()
            } else {
                0.0
            }
        };
        let directions: Vec<f64> = sums.iter().map(direction).collect();
        let rows = self.bin.iter().zip(&self.gap).enumerate();
        let own = |(row, (bin, gap)): (usize, (&u32, &f64))| {
            draw.at(row) * (directions[*bin as usize] * gap - value) / total
        };
        Some(rows.map(own).collect())
    }
}

/// Bins of equal weight along the scores; a tie that an edge cuts is parted as if its rows were alike.
#[derive(Debug, Clone)]
pub(super) struct Adaptive {
    row: Vec<u32>,
    gap: Vec<f64>,
    last: Vec<bool>,
    bins: u32,
    weights: Option<Vec<f64>>,
}

impl Adaptive {
    pub(super) fn new(said: &[Said], bins: u32, weights: Option<&[f64]>) -> Self {
        let scores: Vec<f64> = said.iter().map(|s| s.score).collect();
        let row = descending(&scores);
        let at = |place: usize| said[row[place] as usize];
        let last = |place: usize| place + 1 == row.len() || at(place + 1).score < at(place).score;
        Self {
            gap: (0..row.len())
                .map(|place| at(place).score - at(place).happened)
                .collect(),
            last: (0..row.len()).map(last).collect(),
            bins,
            weights: weights.map(|w| row.iter().map(|r| w[*r as usize]).collect()),
            row,
        }
    }

    fn weight(&self, place: usize, times: Option<&[u32]>) -> f64 {
        let weight = self.weights.as_ref().map_or(1.0, |w| w[place]);
        times.map_or(weight, |t| weight * f64::from(t[self.row[place] as usize]))
    }

    pub(super) fn value(&self, times: Option<&[u32]>) -> Result<f64, Undefined> {
        let n = self.row.len();
        let total = super::sums::sum(n, |place| self.weight(place, times));
        if total <= 0.0 {
            return Err(Undefined::NoRows);
        }
        let width = total / f64::from(self.bins);
        let (mut room, mut bin, mut error) = (width, 0.0_f64, 0.0_f64);
        let mut left = self.bins;
        let (mut mass, mut gap) = (0.0, 0.0);
        for place in 0..n {
            let weight = self.weight(place, times);
            mass += weight;
            gap += weight * self.gap[place];
            if !self.last[place] {
                continue;
            }
            while left > 1 && mass >= room {
                let inside = gap * (room / mass);
                error += (bin + inside).abs();
                gap -= inside;
                mass -= room;
                (room, bin) = (width, 0.0);
                left -= 1;
            }
            bin += gap;
            room -= mass;
            (mass, gap) = (0.0, 0.0);
        }
        Ok((error + bin.abs()) / total)
    }
}
