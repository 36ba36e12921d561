//! How often a model that is no different is blocked, and one that is truly at the margin promoted.

use crate::rules::{Judged, Metric, NAIVE, decisions, judge};
use crate::share;
use crate::world::{Harm, Random, Rows, Shape, draw};
use tollgate::statistics::paired::auc::{Scores, Weights, delong};
use tollgate::statistics::paired::decide::Decision;

/// Rows from which the true difference of a worse candidate is known, to about a hundredth of itself.
const TRUTH: usize = 3_000_000;
const ROWS: [usize; 3] = [200, 1_000, 5_000];

/// What is simulated: how rows belong together, and where the worse candidate is worse.
const WORLDS: [(&str, Shape, Option<Harm>); 4] = [
    ("Independent rows", Shape::Alone, None),
    ("Clusters of ten rows", Shape::Clustered, None),
    ("Rows in time order", Shape::Ordered, None),
    (
        "Independent rows, the harm in 1.5 % of them",
        Shape::Alone,
        Some(Harm::Rare),
    ),
];

/// Harm on every row, so much that between 200 and 5,000 rows tell it from none.
fn spread(metric: Metric) -> Harm {
    let (wider, lower) = match metric {
        Metric::Accuracy | Metric::Auc => (2.6, 0.0),
        Metric::Recall | Metric::F1 => (2.6, 0.05),
        Metric::Mae => (1.4, 0.0),
        Metric::LogLoss => (2.0, 0.0),
    };
    Harm::Spread { wider, lower }
}

/// Verdicts on pairs of one kind.
#[derive(Default, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) pairs: u64,
    pub(crate) promoted: u64,
    pub(crate) blocked: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, decision: Decision) {
        self.pairs += 1;
        self.promoted += u64::from(decision == Decision::Promote);
        self.blocked += u64::from(decision == Decision::Block);
    }

    /// Per cent of the pairs that are neither promoted nor blocked.
    pub(crate) fn undecided(&self) -> f64 {
        let open = self.pairs - self.promoted - self.blocked;
        100.0 * open as f64 / self.pairs.max(1) as f64
    }
}

/// The gate, the usual interval, and the naive rules.
#[derive(Default, Clone, Copy)]
pub(crate) struct Tallies {
    pub(crate) gate: Tally,
    pub(crate) usual: Tally,
    pub(crate) naive: [Tally; 3],
}

impl Tallies {
    /// Pairs without an interval count as undecided for the gate.
    pub(crate) fn add(&mut self, judged: Option<&Judged>, margin: f64) {
        let Some(judged) = judged else {
            self.gate.pairs += 1;
            return;
        };
        let ([gate, naive @ ..], usual) = decisions(judged, margin);
        self.gate.add(gate);
        if let Some(usual) = usual {
            self.usual.add(usual);
        }
        self.naive
            .iter_mut()
            .zip(naive)
            .for_each(|(tally, decision)| tally.add(decision));
    }
}

/// The true loss of a worse candidate, from many rows.
pub(crate) fn margin(metric: Metric, rows: &Rows) -> f64 {
    if metric != Metric::Auc {
        let judged = judge(metric, rows, Shape::Alone, 0);
        return judged.map_or(f64::NAN, |j| -j.paired.difference);
    }
    let scores = Scores {
        positive: &rows.positive,
        candidate: &rows.candidate,
        baseline: &rows.baseline,
        weights: Weights::Equal,
        clusters: None,
    };
    delong(&scores, crate::rules::FIVE).map_or(f64::NAN, |found| -found.paired.difference)
}

/// Prints one table per world whose name has this in it.
pub(crate) fn run(pairs: u64, only: &str) {
    let worlds = WORLDS.into_iter().enumerate();
    for (at, (name, shape, harm)) in worlds.filter(|(_, world)| world.0.contains(only)) {
        println!("\n### {name}\n");
        head();
        for (metric, title) in Metric::ALL {
            let harm = harm.unwrap_or_else(|| spread(metric));
            let population = draw(&mut Random::new(99), TRUTH, Shape::Alone, harm);
            let margin = margin(metric, &population);
            drop(population);
            if margin.is_nan() || margin < 0.001 {
                // Such harm does not lower this metric.
                continue;
            }
            for rows in ROWS {
                let tally = |harm: Harm, salt: u64| {
                    let mut tallies = Tallies::default();
                    for pair in 0..pairs {
                        let seed = pair * 64 + at as u64 * 8 + salt;
                        let drawn = draw(&mut Random::new(seed), rows, shape, harm);
                        tallies.add(judge(metric, &drawn, shape, seed).ok().as_ref(), margin);
                    }
                    tallies
                };
                let (same, worse) = (tally(Harm::None, 0), tally(harm, 1));
                line(title, rows, margin, (&same, &worse));
            }
        }
    }
}

/// The head of a table.
pub(crate) fn head() {
    let [better, point, apart] = NAIVE;
    println!(
        "| metric | rows | margin | no different: **blocked** | undecided | at -margin: **promoted** | by the usual interval: blocked / promoted \
         | {better} | {point} | {apart}: undecided |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
}

/// One line: verdicts on models that are no different, and on models that are worse by the margin.
pub(crate) fn line(title: &str, rows: usize, margin: f64, (same, worse): (&Tallies, &Tallies)) {
    let percent = |hits: u64, of: u64| 100.0 * hits as f64 / of.max(1) as f64;
    let undecided =
        |tally: &Tally| percent(tally.pairs - tally.promoted - tally.blocked, tally.pairs);
    let usual = match same.usual.pairs {
        0 => "–".to_owned(),
        pairs => format!(
            "{:.1} / {:.1} %",
            percent(same.usual.blocked, pairs),
            percent(worse.usual.promoted, worse.usual.pairs)
        ),
    };
    let both = |at: usize| {
        let (a, b) = (&same.naive[at], &worse.naive[at]);
        format!(
            "{:.0} / {:.0} %",
            percent(a.blocked, a.pairs),
            percent(b.promoted, b.pairs)
        )
    };
    println!(
        "| {title} | {rows} | {margin:.4} | {} | {:.0} % | {} | {usual} | {} | {} | {:.0} % |",
        share(same.gate.blocked, same.gate.pairs),
        undecided(&same.gate),
        share(worse.gate.promoted, worse.gate.pairs),
        both(0),
        both(1),
        undecided(&same.naive[2]),
    );
}
