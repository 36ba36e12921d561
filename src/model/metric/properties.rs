//! Draws, weights and repeated rows are one; scale of weights and order of rows change nothing.

use super::{Metric, NO_UNIT, Options, Predicted, Rows, Task, Truth, Undefined, curves};
use proptest::prelude::*;

/// Columns of rows that can be picked.
#[derive(Debug, Clone)]
struct Table {
    classes: u32,
    of: Vec<u32>,
    truth: Vec<f64>,
    class: Vec<u32>,
    score: Vec<f64>,
    scores: Vec<Vec<f64>>,
    value: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    weight: Option<Vec<f64>>,
    group: Vec<u32>,
}

impl Table {
    fn rows(&self) -> usize {
        self.of.len()
    }

    /// The rows at these places, in this order.
    fn picked(&self, rows: &[usize]) -> Self {
        fn of<T: Copy>(column: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter().map(|r| column[*r]).collect()
        }
        Self {
            classes: self.classes,
            of: of(&self.of, rows),
            truth: of(&self.truth, rows),
            class: of(&self.class, rows),
            score: of(&self.score, rows),
            scores: self.scores.iter().map(|s| of(s, rows)).collect(),
            value: of(&self.value, rows),
            low: of(&self.low, rows),
            high: of(&self.high, rows),
            weight: self.weight.as_deref().map(|w| of(w, rows)),
            group: of(&self.group, rows),
        }
    }

    fn with<T>(&self, task: Task, then: impl FnOnce(&Rows<'_>) -> T) -> T {
        let scores: Vec<&[f64]> = self.scores.iter().map(Vec::as_slice).collect();
        then(&Rows {
            truth: match task {
                Task::Binary | Task::Multiclass => Truth::Classes {
                    of: &self.of,
                    classes: self.classes,
                },
                Task::Regression | Task::Ranking => Truth::Values(&self.truth),
            },
            predicted: Predicted {
                class: Some(&self.class),
                score: Some(&self.score),
                scores: Some(&scores),
                value: Some(&self.value),
                low: Some(&self.low),
                high: Some(&self.high),
                own: &[],
            },
            weight: self.weight.as_deref(),
            group: Some(&self.group),
        })
    }

    fn value(&self, metric: &Metric, task: Task) -> Result<f64, Undefined> {
        self.with(task, |rows| metric.value(rows))
    }
}

/// Scores of 97ths or of tenths, so that some tables have many ties.
fn table() -> impl Strategy<Value = Table> {
    (1_usize..40, 2_u32..4, prop::bool::ANY, prop::bool::ANY).prop_flat_map(
        |(n, classes, coarse, weighted)| {
            let steps = if coarse { 10_u32 } else { 97 };
            let score = prop::collection::vec(0..=steps, n);
            let shares = prop::collection::vec(prop::collection::vec(1..=steps, 3), n);
            let value = prop::collection::vec((1_u32..60, 1_u32..60, 0_u32..9), n);
            let class = prop::collection::vec((0..classes, 0..classes), n);
            let weight = prop::collection::vec(1_u32..2000, n);
            let group = prop::collection::vec(0_u32..4, n);
            (score, shares, value, class, weight, group).prop_map(
                move |(score, shares, value, class, weight, group)| {
                    let of_class = |k: usize| {
                        let share = |row: &Vec<u32>| {
                            let whole: u32 = row[..classes as usize].iter().sum();
                            f64::from(row[k]) / f64::from(whole)
                        };
                        shares.iter().map(share).collect()
                    };
                    let quarters = |v: u32| f64::from(v) / 4.0;
                    Table {
                        classes,
                        of: class.iter().map(|c| c.0).collect(),
                        class: class.iter().map(|c| c.1).collect(),
                        score: score
                            .iter()
                            .map(|s| f64::from(*s) / f64::from(steps))
                            .collect(),
                        scores: (0..classes as usize).map(of_class).collect(),
                        truth: value.iter().map(|v| quarters(v.0)).collect(),
                        value: value.iter().map(|v| quarters(v.1)).collect(),
                        low: value
                            .iter()
                            .map(|v| quarters(v.1) - quarters(v.2))
                            .collect(),
                        high: value
                            .iter()
                            .map(|v| quarters(v.1) + quarters(v.2) / 2.0)
                            .collect(),
                        weight: weighted
                            .then(|| weight.iter().map(|w| f64::from(*w) / 700.0).collect()),
                        group,
                    }
                },
            )
        },
    )
}

/// Every metric with its defaults, and others whose parameters lead another way.
fn metrics() -> Vec<Metric> {
    let mut all = Metric::all();
    for (name, key, text) in [
        ("precision", "average", "macro"),
        ("recall", "average", "weighted"),
        ("recall", "average", "micro"),
        ("f_beta", "average", "macro"),
        ("specificity", "average", "macro"),
        ("cohen_kappa", "weights", "quadratic"),
        ("roc_auc", "average", "macro"),
        ("roc_auc", "average", "micro"),
        ("average_precision", "average", "weighted"),
        ("adaptive_calibration_error", "bins", "3"),
        ("top_k_accuracy", "k", "1"),
        ("ndcg", "k", "3"),
        ("map", "k", "2"),
        ("mrr", "k", "2"),
        ("hit_rate", "k", "1"),
        ("recall_at_k", "k", "3"),
        ("lift_at_k", "k", "0.37"),
    ] {
        let mut options = Options::default();
        options.set(key, text).unwrap();
        all.push(Metric::parse(name, &options).unwrap());
    }
    all
}

/// Metrics over a table, with the task that its classes make.
fn each(table: &Table, mut then: impl FnMut(&Metric, Task)) {
    for metric in metrics() {
        for task in Task::ALL {
            let of_two = table.classes == 2;
            let fits = match task {
                Task::Binary => of_two,
                Task::Multiclass => !of_two,
                Task::Regression | Task::Ranking => true,
            };
            if fits && metric.suits(task) {
                then(&metric, task);
            }
        }
    }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1.0)
}

/// The rows at which a metric's units are drawn so often.
fn repeated(times: &[u32]) -> Vec<usize> {
    let row = |(row, times): (usize, &u32)| std::iter::repeat_n(row, *times as usize);
    times.iter().enumerate().flat_map(row).collect()
}

/// Resampling keeps the classes of the whole data, and the steps of a series.
fn keeps_the_whole(metric: &Metric) -> bool {
    let definition = metric.definition();
    ["balanced_accuracy", "mase"].contains(&definition.as_str())
        || definition.contains("average=macro")
        || definition.starts_with("mase")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_row_drawn_so_often_is_so_many_rows(table in table(), drawn in prop::collection::vec(0_u32..4, 40)) {
        each(&table, |metric, task| {
            let Ok(prepared) = table.with(task, |rows| metric.prepare(rows)) else { return };
            let whole = table.value(metric, task).ok();
            assert_eq!(prepared.value(None), whole, "{}", metric.definition());
            let once = vec![1; prepared.rows()];
            let by_ones = prepared.value(Some(&once));
            assert!(by_ones.zip(whole).is_some_and(|(a, b)| near(a, b)), "{}", metric.definition());
            if task == Task::Ranking || keeps_the_whole(metric) {
                return;
            }
            let times = &drawn[..table.rows()];
            let longer = table.picked(&repeated(times)).value(metric, task).ok();
            match (prepared.value(Some(times)), longer) {
                (Some(a), Some(b)) => assert!(near(a, b), "{}: {a} {b}", metric.definition()),
                (a, b) => assert_eq!(a, b, "{}", metric.definition()),
            }
        });
    }

    #[test]
    fn a_query_drawn_so_often_is_so_many_queries(table in table(), drawn in prop::collection::vec(0_u32..4, 4)) {
        each(&table, |metric, task| {
            if task != Task::Ranking { return; }
            let Ok(prepared) = table.with(task, |rows| metric.prepare(rows)) else { return };
            let units = prepared.unit_of_row().unwrap();
            let times = &drawn[..prepared.rows()];
            let mut rows = Vec::new();
            let mut group = Vec::new();
            for copy in 0..4 {
                for row in 0..table.rows() {
                    if units[row] != NO_UNIT && times[units[row] as usize] > copy {
                        rows.push(row);
                        group.push(table.group[row] + 10 * copy);
                    }
                }
            }
            let mut longer = table.picked(&rows);
            longer.group = group;
            match (prepared.value(Some(times)), longer.value(metric, task).ok()) {
                (Some(a), Some(b)) => assert!(near(a, b), "{}: {a} {b}", metric.definition()),
                (a, b) => assert_eq!(a, b, "{}", metric.definition()),
            }
        });
    }

    #[test]
    fn a_weight_of_so_much_is_so_many_rows(mut table in table(), drawn in prop::collection::vec(0_u32..4, 40)) {
        table.weight = None;
        let times = &drawn[..table.rows()];
        let mut weighted = table.clone();
        weighted.weight = Some(times.iter().map(|t| f64::from(*t)).collect());
        let longer = table.picked(&repeated(times));
        each(&table, |metric, task| {
            // Whole rows among the first `k`, the steps of series, and the number of queries are not weights.
            if metric.definition() == "recall_at_k(k=3)" || task == Task::Ranking || metric.name() == "mase" {
                return;
            }
            match (weighted.value(metric, task), longer.value(metric, task)) {
                (Ok(a), Ok(b)) => assert!(near(a, b), "{}: {a} {b}", metric.definition()),
                (a, b) => assert_eq!(a.is_ok(), b.is_ok(), "{}: {a:?} {b:?}", metric.definition()),
            }
        });
    }

    #[test]
    fn order_of_rows_and_scale_of_weights_change_nothing(table in table(), by in 0.01_f64..1000.0, seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..table.rows()).collect();
        order.sort_by_key(|row| (*row as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
        let mut other = table.picked(&order);
        if let Some(weights) = &mut other.weight {
            *weights = weights.iter().map(|w| w * by).collect();
        }
        each(&table, |metric, task| {
            // The order of a series is that of time.
            if metric.name() == "mase" { return; }
            match (table.value(metric, task), other.value(metric, task)) {
                (Ok(a), Ok(b)) => assert!(near(a, b), "{}: {a} {b}", metric.definition()),
                (a, b) => assert_eq!(a.is_ok(), b.is_ok(), "{}: {a:?} {b:?}", metric.definition()),
            }
        });
    }

    #[test]
    fn what_a_row_adds_is_what_a_little_more_of_its_weight_changes(table in table(), at in 0_usize..40) {
        const STEP: f64 = 1e-5;
        let row = at % table.rows();
        let weights = table.weight.clone().unwrap_or_else(|| vec![1.0; table.rows()]);
        let mut other = table.clone();
        let mut with = |metric: &Metric, task: Task, by: f64| {
            let mut weights = weights.clone();
            weights[row] *= 1.0 + by;
            other.weight = Some(weights);
            other.value(metric, task).ok()
        };
        let mut smooth = 0;
        each(&table, |metric, task| {
            // Series and queries have units of their own.
            if metric.name() == "mase" || task == Task::Ranking { return; }
            let Ok(prepared) = table.with(task, |rows| metric.prepare(rows)) else { return };
            let Some(influence) = prepared.influence() else { return };
            smooth += 1;
            let (Some(more), Some(less)) = (with(metric, task, STEP), with(metric, task, -STEP)) else { return };
            let (found, wanted) = (influence[row], (more - less) / (2.0 * STEP));
            let scale = influence.iter().fold(1e-3, |a: f64, b| a.max(b.abs()));
            assert!((found - wanted).abs() < 1e-3 * scale, "{}: {found} {wanted}", metric.definition());
            let sum: f64 = influence.iter().sum();
            assert!(sum.abs() < 1e-6 * scale * table.rows() as f64, "{}: {sum}", metric.definition());
        });
        assert!(smooth > 0 || table.rows() < 3);
    }

    #[test]
    fn curves_are_bounded_and_rise(table in table(), copies in 1_usize..12) {
        if table.classes > 2 { return Ok(()); }
        // Many scores, so that some curves are thinned.
        let rows: Vec<usize> = (0..table.rows()).cycle().take(table.rows() * copies).collect();
        let mut table = table.picked(&rows);
        for (row, score) in table.score.iter_mut().enumerate() {
            *score = (*score + row as f64 / 5000.0).min(1.0);
        }
        let [auc, area, error] = ["roc_auc", "average_precision", "expected_calibration_error"].map(|name| {
            let metric = Metric::parse(name, &Options::default()).unwrap();
            table.value(&metric, Task::Binary)
        });
        table.with(Task::Binary, |rows| {
            let roc = curves::roc(rows);
            assert_eq!(roc.is_ok(), auc.is_ok());
            let precision = curves::precision_recall(rows);
            assert_eq!(precision.is_ok(), area.is_ok());
            if let (Ok(roc), Ok(auc)) = (roc, auc) {
                let below = roc.windows(2).map(|p| (p[1].x - p[0].x) * (p[1].y + p[0].y) / 2.0);
                assert!((below.sum::<f64>() - auc).abs() < 0.02);
                assert!(roc.windows(2).all(|p| p[0].x <= p[1].x && p[0].y <= p[1].y));
                let ends = [roc[0], roc[roc.len() - 1]].map(|p| (p.x, p.y));
                assert_eq!(ends, [(0.0, 0.0), (1.0, 1.0)]);
                assert!(roc.len() <= curves::MOST_POINTS);
            }
            if let (Ok(curve), Ok(area)) = (precision, area) {
                assert!(curve.len() <= curves::MOST_POINTS && near(curve[curve.len() - 1].x, 1.0));
                let first = std::iter::once(0.0).chain(curve.iter().map(|p| p.x));
                let steps = first.zip(&curve).map(|(before, p)| (p.x - before) * p.y);
                assert!((steps.sum::<f64>() - area).abs() < 0.05);
            }
            let bins = curves::calibration(rows, 10).unwrap();
            let whole: f64 = bins.iter().map(|b| b.weight).sum();
            let gap: f64 = bins.iter().map(|b| b.weight * (b.at.x - b.at.y).abs()).sum();
            assert!(near(gap / whole, error.unwrap()));
        });
    }

    #[test]
    fn values_are_in_range(table in table()) {
        each(&table, |metric, task| {
            if let Ok(value) = table.value(metric, task) {
                let (low, high) = metric.range();
                assert!((low..=high).contains(&value), "{}: {value}", metric.definition());
            }
        });
    }
}
