//! Milliseconds of every metric over 1,000,000 rows: its value from rows, and its value for another draw of prepared rows,
//! the least of three rounds; wall time, so on an idle machine: `cargo bench --bench metrics`.
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::hint::black_box;
use std::time::{Duration, Instant};
use tollgate::model::metric::{Metric, Options, Predicted, Rows, Task, Truth};

const ROWS: u64 = 1_000_000;
const QUERIES: u64 = 20_000;
const ROUNDS: usize = 3;

/// Numbers that look random, the same in every run.
fn random(number: u64) -> u64 {
    let word = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// A column of numbers from 0 to 1.
fn shares(seed: u64) -> Vec<f64> {
    let one = |row: u64| (random(row * 31 + seed) >> 11) as f64 / (1_u64 << 53) as f64;
    (0..ROWS).map(one).collect()
}

/// A column of whole numbers below a bound.
fn below(bound: u64, seed: u64) -> Vec<u32> {
    let one = |row: u64| random(row * 37 + seed) % bound;
    let narrow = |v: u64| u32::try_from(v).expect("a small bound");
    (0..ROWS).map(one).map(narrow).collect()
}

fn least(mut work: impl FnMut()) -> Duration {
    let round = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..ROUNDS).map(round).min().expect("some rounds")
}

struct Columns {
    two: Vec<u32>,
    three: Vec<u32>,
    class: Vec<u32>,
    score: Vec<f64>,
    scores: [Vec<f64>; 3],
    truth: Vec<f64>,
    value: Vec<f64>,
    high: Vec<f64>,
    relevance: Vec<f64>,
    query: Vec<u32>,
    weight: Vec<f64>,
}

impl Columns {
    fn new() -> Self {
        let two: Vec<u32> = below(5, 1).iter().map(|v| u32::from(*v == 0)).collect();
        let lifted = |(score, class): (f64, &u32)| 0.7 * score + 0.3 * f64::from(*class);
        let parts = [shares(2), shares(3), shares(4)];
        let of_class = |k: usize| {
            let row = |row: usize| parts[k][row] / (parts[0][row] + parts[1][row] + parts[2][row]);
            (0..parts[0].len()).map(row).collect()
        };
        let truth: Vec<f64> = shares(5).iter().map(|v| 1.0 + 10.0 * v).collect();
        let value: Vec<f64> = truth.iter().zip(shares(6)).map(|(t, v)| t + v).collect();
        Self {
            score: shares(7).into_iter().zip(&two).map(lifted).collect(),
            two,
            three: below(3, 8),
            class: below(2, 9),
            scores: [of_class(0), of_class(1), of_class(2)],
            high: value.iter().zip(shares(10)).map(|(v, w)| v + w).collect(),
            truth,
            value,
            relevance: below(4, 11).iter().map(|v| f64::from(*v)).collect(),
            query: below(QUERIES, 12),
            weight: shares(13),
        }
    }

    fn line(&self, metric: &Metric, weight: Option<&[f64]>) {
        let mut tasks = Task::ALL.into_iter();
        let task = tasks.find(|t| metric.suits(*t)).expect("a task");
        let classes = |of, classes| Truth::Classes { of, classes };
        let scores = self.scores.each_ref().map(Vec::as_slice);
        let rows = Rows {
            truth: match task {
                Task::Binary => classes(&self.two, 2),
                Task::Multiclass => classes(&self.three, 3),
                Task::Regression => Truth::Values(&self.truth),
                Task::Ranking => Truth::Values(&self.relevance),
            },
            predicted: Predicted {
                class: Some(&self.class),
                score: Some(&self.score),
                scores: Some(&scores),
                value: Some(&self.value),
                low: Some(&self.value),
                high: Some(&self.high),
                own: &[],
            },
            weight,
            group: Some(&self.query),
        };
        let value = least(|| {
            let _ = black_box(metric.value(&rows));
        });
        let prepared = metric.prepare(&rows).expect("a value");
        let times = &below(3, 14)[..prepared.rows()];
        let draw = least(|| {
            let _ = black_box(prepared.result(Some(times)));
        });
        let milliseconds = |d: Duration| d.as_secs_f64() * 1e3;
        let name = metric.definition() + if weight.is_some() { ", weights" } else { "" };
        let (value, draw) = (milliseconds(value), milliseconds(draw));
        println!("{name:<50} {value:>9.1} {draw:>9.2}");
    }
}

fn main() {
    let columns = Columns::new();
    println!("{:<50} {:>9} {:>9}", "ms", "value", "draw");
    let averaged = |name: &str| {
        let options = Options {
            average: Some("macro".to_owned()),
            ..Options::default()
        };
        Metric::parse(name, &options).expect("it is averaged")
    };
    let more = ["roc_auc", "average_precision", "f1"].map(averaged);
    for metric in Metric::all().iter().chain(&more) {
        columns.line(metric, None);
        columns.line(metric, Some(&columns.weight));
    }
}
