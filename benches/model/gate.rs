//! The level of the gate's own intervals, through the functions that the gate calls: all rows and slices of them.

use crate::level::Tally;
use crate::rules::FIVE;
use crate::share;
use crate::world::{Harm, LINE, Random, Rows, Shape, draw, score};
use tollgate::model::evaluation::{Evaluation, Slicing};
use tollgate::model::judge::compare::{Sampling, alone};
use tollgate::model::judge::found::{Care, Found, all};
use tollgate::model::metric::{Metric, Options, Task};
use tollgate::model::rows::{Predicted, Side, Truth};
use tollgate::statistics::paired::decide::{Power, Question, decide};

/// Rows from which the true difference of a worse candidate is known.
const TRUTH: usize = 3_000_000;
/// Rows of all, and of each slice of them.
const ROWS: [(usize, usize); 2] = [(2_000, 400), (25_000, 1_000)];
/// Slices that are judged.
const SLICES: usize = 5;

/// How rows belong together, and whether they have weights.
const WORLDS: [(&str, Shape, bool, Harm); 5] = [
    ("Independent rows", Shape::Alone, false, HARM),
    ("Weights of 1 to 3", Shape::Alone, true, HARM),
    ("Clusters of ten rows", Shape::Clustered, false, HARM),
    ("Rows in time order", Shape::Ordered, false, HARM),
    (
        "Independent rows, the harm in 1.5 % of them",
        Shape::Alone,
        false,
        Harm::Rare,
    ),
];

const BINARY: [&str; 5] = ["recall", "precision", "f1", "roc_auc", "average_precision"];
const VALUES: [&str; 2] = ["rmse", "r2"];
const HARM: Harm = Harm::Spread {
    wider: 2.6,
    lower: 0.05,
};

fn metric(name: &str) -> Metric {
    Metric::parse(name, &Options::default()).expect("a metric's own name")
}

/// The rows as the gate has them: of a class, or of a number.
fn evaluation(rows: &Rows, task: Task, shape: Shape, weighted: bool, slice: usize) -> Evaluation {
    let count = rows.positive.len();
    let mut random = Random::new(7);
    let weight: Option<Vec<f64>> =
        weighted.then(|| (0..count).map(|_| 1.0 + 2.0 * random.uniform()).collect());
    let side = |said: &[f64]| Side {
        task,
        truth: match task {
            Task::Binary => Truth::Classes {
                of: rows.positive.iter().map(|p| u32::from(*p)).collect(),
                names: vec!["no".to_owned(), "yes".to_owned()],
            },
            _ => Truth::Values(rows.value.clone()),
        },
        predicted: match task {
            Task::Binary => Predicted {
                class: Some(said.iter().map(|s| u32::from(*s > LINE)).collect()),
                score: Some(said.iter().map(|s| score(*s)).collect()),
                ..Predicted::default()
            },
            _ => Predicted {
                value: Some(said.to_vec()),
                ..Predicted::default()
            },
        },
        weight: weight.clone(),
        keys: None,
    };
    let code = |row: usize| (row / slice).min(SLICES) as u32;
    Evaluation {
        candidate: side(&rows.candidate),
        baseline: Some(side(&rows.baseline)),
        anchor: None,
        group: None,
        clusters: (shape == Shape::Clustered).then(|| {
            (
                rows.cluster.clone(),
                rows.cluster.last().map_or(0, |c| c + 1),
            )
        }),
        timed: shape == Shape::Ordered,
        slices: vec![Slicing {
            column: "part".to_owned(),
            of: (0..count).map(code).collect(),
            names: (0..SLICES).map(|part| part.to_string()).collect(),
        }],
    }
}

/// How much worse the candidate truly is, by metric.
fn margins(metrics: &[Metric], task: Task, harm: Harm) -> Vec<f64> {
    let rows = draw(&mut Random::new(99), TRUTH, Shape::Alone, harm);
    let rows = evaluation(&rows, task, Shape::Alone, false, TRUTH);
    let value = |metric: &Metric, side: &Side| {
        let prepared = alone(metric, side, &rows).ok()?;
        prepared.value(None)
    };
    let loss = |metric: &Metric| {
        let now = value(metric, &rows.candidate)?;
        let before = value(metric, rows.baseline.as_ref()?)?;
        Some((now - before).abs())
    };
    metrics
        .iter()
        .map(|m| loss(m).unwrap_or(f64::NAN))
        .collect()
}

/// Verdicts of one metric, over all rows and over slices.
#[derive(Default, Clone, Copy)]
struct Tallies {
    whole: Tally,
    slices: Tally,
}

impl Tallies {
    fn add(&mut self, found: &Found, margin: f64) {
        let tally = match found.slice {
            None => &mut self.whole,
            Some(_) => &mut self.slices,
        };
        match found
            .baseline
            .as_ref()
            .map(|compared| compared.as_ref().map(|c| c.paired))
        {
            Some(Ok(Ok(paired))) => {
                tally.add(decide(
                    &paired,
                    Question::NoWorse { margin },
                    FIVE,
                    Power::NINETY_PERCENT,
                ));
            }
            _ => tally.pairs += 1,
        }
    }
}

/// Prints one table per world whose name has this in it, of the metrics and the number of rows that are named, or all.
pub(crate) fn run(pairs: u64, only: &str, named: &str, size: Option<usize>) {
    let named: Vec<&str> = named.split(',').filter(|name| !name.is_empty()).collect();
    let taken = |all: &[&str]| -> Vec<Metric> {
        let asked = |name: &&&str| named.is_empty() || named.contains(name);
        all.iter().filter(asked).map(|name| metric(name)).collect()
    };
    let tasks = [
        (Task::Binary, taken(&BINARY)),
        (Task::Regression, taken(&VALUES)),
    ];
    for (name, shape, weighted, harm) in WORLDS.into_iter().filter(|world| world.0.contains(only)) {
        println!("\n### {name}\n");
        println!(
            "| metric | rows | margin | no different: **blocked** | undecided | at -margin: **promoted** | rows of a slice | **blocked** \
             | undecided | **promoted** |"
        );
        println!("|---|---|---|---|---|---|---|---|---|---|");
        for (task, metrics) in &tasks {
            let margins = margins(metrics, *task, harm);
            let sizes = ROWS
                .into_iter()
                .filter(|(rows, _)| size.is_none_or(|s| s == *rows));
            for (rows, slice) in sizes.filter(|_| !metrics.is_empty()) {
                let tally = |harm: Harm, salt: u64| {
                    let mut tallies = vec![Tallies::default(); metrics.len()];
                    for pair in 0..pairs {
                        let drawn = draw(&mut Random::new(pair * 64 + salt), rows, shape, harm);
                        let rows = evaluation(&drawn, *task, shape, weighted, slice);
                        let care = Care {
                            alpha: FIVE,
                            sampling: Sampling {
                                seed: pair,
                                threads: 1,
                            },
                        };
                        let found = all(metrics, &rows, 1, care);
                        for found in found.whole.iter().chain(&found.slices) {
                            tallies[found.metric].add(found, margins[found.metric]);
                        }
                    }
                    tallies
                };
                let (same, worse) = (tally(Harm::None, 0), tally(harm, 1));
                for (at, metric) in metrics.iter().enumerate() {
                    println!(
                        "| {} | {rows} | {:.4} | {} | {:.0} % | {} | {slice} | {} | {:.0} % | {} |",
                        metric.name(),
                        margins[at],
                        share(same[at].whole.blocked, same[at].whole.pairs),
                        same[at].whole.undecided(),
                        share(worse[at].whole.promoted, worse[at].whole.pairs),
                        share(same[at].slices.blocked, same[at].slices.pairs),
                        same[at].slices.undecided(),
                        share(worse[at].slices.promoted, worse[at].slices.pairs),
                    );
                }
            }
        }
    }
}
