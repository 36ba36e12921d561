//! How little the rarer class of an order of rows tells, and what one more row could change.

use super::Ranked;
use super::kind::{Average, Top};
use super::order::{Formula, Of, Order};

/// The class of which an area has fewest rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rarer {
    /// Its rows of weight above 0, or the clusters that have some.
    pub units: u64,
    /// How much of the area a row of it could cost, as it is one of so few.
    pub worst: f64,
}

impl Ranked {
    /// The rarer class of an area, KS or recall at k; `None` of what is not read off an order of classes.
    ///
    /// Of two classes the rarer one. Of an average over classes, each against the others: the rarest side of any; where classes
    /// count by their rows, as many as the mean of one over the rows tells, so that a class that hardly counts does not decide.
    /// `worst` is the largest part of its class that a row is, in every order that it takes part in, times what that class
    /// counts: a row ranked as wrongly as can be costs the ROC AUC at most so much. Of average precision it is what one row more
    /// costs: a positive one ranked last its part of the class times the value, a negative one ranked first what the precision
    /// at every positive row falls by, about `ln(P) / P` where `P` positive rows lead.
    /// Source: the allowance of [`crate::statistics::paired::auc::delong`], for each class in turn.
    #[must_use]
    pub fn rarer(&self, clusters: Option<&[u32]>) -> Option<Rarer> {
        let (orders, formula, average) = match &self.of {
            Of::Order(order, of) => (std::slice::from_ref(order), *of, Average::Binary),
            Of::Classes(orders, of, average) => (orders.as_slice(), *of, *average),
            _ => return None,
        };
        let counts: Vec<f64> = match average {
            Average::Weighted => orders.iter().map(|order| order.totals(None).0).collect(),
            _ => vec![1.0; orders.len()],
        };
        let total: f64 = counts.iter().sum();
        let shares: Vec<f64> = counts.iter().map(|count| count / total).collect();
        let mut worst = vec![0.0; self.rows];
        for (order, share) in orders.iter().zip(&shares) {
            order.add_costs(formula, *share, &mut worst);
        }
        let fewest: Vec<f64> = orders
            .iter()
            .map(|order| order.fewest(clusters) as f64)
            .collect();
        let units = match average {
            Average::Weighted => {
                let squares: f64 = shares.iter().map(|share| share * share).sum();
                let each = shares.iter().zip(&fewest);
                squares
                    / each
                        .map(|(share, units)| share * share / units)
                        .sum::<f64>()
            }
            _ => fewest.into_iter().fold(f64::INFINITY, f64::min),
        };
        Some(Rarer {
            units: whole(units),
            worst: worst.into_iter().fold(0.0, f64::max),
        })
    }

    /// How much one row that was not drawn could change what is read off an order of rows; `None` of medians, maxima and bins
    /// that move.
    ///
    /// Unit: that of the metric. Of areas, KS and recall at k the part of its class that a row is, of precision at k that of the
    /// rows at the top, of lift that times the lift of a hit; of fixed bins twice the part of the weight that a row has.
    #[must_use]
    pub fn worst_row(&self) -> Option<f64> {
        match &self.of {
            Of::Order(order, Formula::PrecisionAt(k)) => Some(order.part_of_top(*k)),
            Of::Order(order, Formula::Lift(k)) => {
                let (positive, negative) = order.totals(None);
                Some(order.part_of_top(*k) * (positive + negative) / positive)
            }
            Of::Bins(_) => {
                let weights = self.terms(u32::MAX)?.pop()?;
                let heaviest = weights.iter().copied().fold(0.0, f64::max);
                Some(2.0 * heaviest / weights.iter().sum::<f64>())
            }
            _ => self.rarer(None).map(|rarer| rarer.worst),
        }
    }
}

/// A number of rows without its fraction; 0 of what is no number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most the number of rows, and not below 0"
)]
fn whole(units: f64) -> u64 {
    units.max(0.0).floor() as u64
}

impl Order {
    /// Rows, or clusters, of the class that has fewer of them with a weight above 0.
    fn fewest(&self, clusters: Option<&[u32]>) -> u64 {
        // Where rows have several places, each has one of the class that has fewer.
        let mut units = [0, 0];
        let codes = clusters
            .and_then(|of| of.iter().max())
            .map(|most| *most as usize + 1);
        let mut seen = [0, 1].map(|_: usize| vec![false; codes.unwrap_or(0)]);
        for (place, row) in self.row.iter().enumerate() {
            if self.weight_at(place) <= 0.0 {
                continue;
            }
            let class = usize::from(self.is_positive(place));
            let known = clusters.is_some_and(|of| {
                std::mem::replace(&mut seen[class][of[*row as usize] as usize], true)
            });
            units[class] += u64::from(!known);
        }
        units[0].min(units[1])
    }

    /// Adds to each row what another one like it could cost at most, times `share`.
    fn add_costs(&self, formula: Formula, share: f64, into: &mut [f64]) {
        let (positive, negative) = self.totals(None);
        let part = |all: f64| if all > 0.0 { 1.0 / all } else { 0.0 };
        let (last, first) = match formula {
            Formula::AveragePrecision => {
                let area = self.value(formula, None).unwrap_or(1.0);
                (area * part(positive), self.cost_of_first())
            }
            _ => (part(positive), part(negative)),
        };
        for (place, row) in self.row.iter().enumerate() {
            let cost = if self.is_positive(place) { last } else { first };
            into[*row as usize] += share * self.weight_at(place) * cost;
        }
    }

    /// What a negative row ranked first costs average precision, by its weight: that of the heaviest one there is.
    fn cost_of_first(&self) -> f64 {
        let negative = (0..self.row.len()).filter(|place| !self.is_positive(*place));
        let heaviest = negative.map(|p| self.weight_at(p)).fold(0.0, f64::max);
        let (mut positives, mut rows, mut lost) = (0.0, 0.0, 0.0);
        self.ties(None, |p, n| {
            positives += p;
            rows += p + n;
            if p > 0.0 {
                lost += p * positives / rows / (rows + heaviest);
            }
        });
        if positives > 0.0 {
            lost / positives
        } else {
            0.0
        }
    }

    /// The part of the top `k` that the heaviest row is.
    fn part_of_top(&self, k: Top) -> f64 {
        let (positive, negative) = self.totals(None);
        let share = match k {
            Top::Share(share) => share,
            Top::Rows(k) => f64::from(k) / self.row.len() as f64,
        };
        let heaviest = (0..self.row.len())
            .map(|place| self.weight_at(place))
            .fold(0.0, f64::max);
        (heaviest / (share * (positive + negative))).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{Formula, Order};

    const AREA: Formula = Formula::AveragePrecision;

    fn area(rows: &[(f64, bool, f64)]) -> f64 {
        order(rows).value(AREA, None).expect("a value")
    }

    fn order(rows: &[(f64, bool, f64)]) -> Order {
        let score: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let weight: Vec<f64> = rows.iter().map(|row| row.2).collect();
        Order::new(&score, |row| rows[row].1, Some(&weight))
    }

    /// What another row like each of the first positive and the first negative one costs.
    fn costs(rows: &[(f64, bool, f64)]) -> [f64; 2] {
        let mut costs = vec![0.0; rows.len()];
        order(rows).add_costs(AREA, 1.0, &mut costs);
        [true, false].map(|class| {
            let at = rows.iter().position(|row| row.1 == class);
            costs[at.expect("a row of each class")]
        })
    }

    #[test]
    fn one_row_more_costs_average_precision_no_more_than_is_said() {
        for (positives, weight, tied) in [(5, 1.0, 1), (100, 1.0, 1), (100, 3.0, 1), (100, 1.0, 4)]
        {
            let one = |row: u32| {
                // One of four of the upper half is wrong.
                let is_positive =
                    row < positives || (row >= 2 * positives && row.is_multiple_of(7));
                let score = 1.0 - f64::from(row / tied) / 1_000.0;
                (score, is_positive && row % 4 != 3, weight)
            };
            let rows: Vec<_> = (0..8 * positives).map(one).collect();
            let with = |score: f64, class: bool| {
                let mut rows = rows.clone();
                rows.push((score, class, weight));
                area(&rows)
            };
            let (before, [last, first]) = (area(&rows), costs(&rows));
            // A negative row first, to the last digit; a positive one last, at most.
            let fall = before - with(2.0, false);
            assert!((first - fall).abs() < 1e-12, "{first} {fall}");
            let fall = before - with(-1.0, true);
            assert!((0.5 * last..last).contains(&fall), "{last} {fall}");
            assert!(first > last, "{first} {last}");
        }
    }
}
