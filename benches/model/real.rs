//! The same on what real models say: late flights of March 2013, two seeds of one random forest.

use crate::level::{Tallies, head, line};
use crate::rules::{Metric, judge};
use crate::world::{LINE, Random, Rows, Shape};

const ROWS: [usize; 3] = [200, 1_000, 5_000];
/// Rows that a worse candidate gets as wrong as it had them right.
const TURNED: f64 = 0.012;

/// Whether each flight was late, and what both models say.
struct Flights {
    late: Vec<bool>,
    champion: Vec<f64>,
    retrain: Vec<f64>,
}

/// A score of 0 to 1 on the scale of [`crate::world::score`].
fn scaled(score: f64) -> f64 {
    LINE + (score / (1.0 - score)).ln() / 1.5
}

impl Flights {
    fn read(file: &str) -> Option<Self> {
        let mut flights = Self {
            late: Vec::new(),
            champion: Vec::new(),
            retrain: Vec::new(),
        };
        for row in std::fs::read_to_string(file).ok()?.lines() {
            let mut fields = row.split(',');
            flights.late.push(fields.next()? == "1");
            let mut said = || fields.next()?.parse().ok().map(scaled);
            flights.champion.push(said()?);
            flights.retrain.push(said()?);
        }
        Some(flights)
    }

    /// Rows of the population, with what `candidate` and `baseline` say of each.
    fn rows(&self, taken: &[usize], said: &mut dyn FnMut(usize) -> (f64, f64)) -> Rows {
        let mut rows = Rows::default();
        for row in taken {
            let (candidate, baseline) = said(*row);
            rows.positive.push(self.late[*row]);
            rows.value.push(0.0);
            rows.cluster.push(0);
            rows.candidate.push(candidate);
            rows.baseline.push(baseline);
        }
        rows
    }
}

/// Prints one table per kind of harm.
pub(crate) fn run(pairs: u64, file: &str) {
    let Some(flights) = Flights::read(file) else {
        println!("{file}: not a table that benches/model/export.py writes");
        return;
    };
    let all = flights.late.len();
    let everyone: Vec<usize> = (0..all).collect();
    for (name, turned) in [("on every row", false), ("in 1.2 % of the rows", true)] {
        let mut random = Random::new(7);
        let candidate: Vec<f64> = flights
            .champion
            .iter()
            .map(|said| match turned {
                true if random.uniform() < TURNED => 2.0 * LINE - said,
                true => *said,
                false => said + 0.45 * random.normal(),
            })
            .collect();
        let worse = |row: usize| (candidate[row], flights.champion[row]);
        let population = flights.rows(&everyone, &mut { worse });
        println!("\n### Flights, the harm {name}\n");
        head();
        for (metric, title) in Metric::ALL {
            if metric == Metric::Mae {
                continue;
            }
            let margin = crate::level::margin(metric, &population);
            if margin.is_nan() || margin < 0.001 {
                continue;
            }
            for rows in ROWS {
                let (mut same, mut harmed) = (Tallies::default(), Tallies::default());
                for pair in 0..pairs {
                    let mut random = Random::new(pair * 8 + 3);
                    let taken: Vec<usize> = (0..rows)
                        .map(|_| (random.uniform() * all as f64) as usize)
                        .collect();
                    let either = &mut |row: usize| {
                        let (a, b) = (flights.champion[row], flights.retrain[row]);
                        if random.uniform() < 0.5 {
                            (a, b)
                        } else {
                            (b, a)
                        }
                    };
                    let drawn = flights.rows(&taken, either);
                    same.add(
                        judge(metric, &drawn, Shape::Alone, pair).ok().as_ref(),
                        margin,
                    );
                    let drawn = flights.rows(&taken, &mut { worse });
                    harmed.add(
                        judge(metric, &drawn, Shape::Alone, pair).ok().as_ref(),
                        margin,
                    );
                }
                line(title, rows, margin, (&same, &harmed));
            }
        }
    }
}
