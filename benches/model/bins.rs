//! What it costs to read draws of many rows off bins: the ends of intervals beside those of the same draws of the rows.

use crate::world::Random;
use std::time::{Duration, Instant};
use tollgate::model::evaluation::Evaluation;
use tollgate::model::judge::compare::alone;
use tollgate::model::metric::{Grouping, Metric, Options, Prepared, Task};
use tollgate::model::rows::{Predicted, Side, Truth};
use tollgate::statistics::paired::Alpha;
use tollgate::statistics::paired::binned::{Both, GROUPS, OfGroups, drawn_by_group};
use tollgate::statistics::paired::bootstrap::{Drawn, Kind, Plan, Statistic, Units, drawn};
use tollgate::statistics::paired::shared::grouped;

/// Seeds of draws.
const SEEDS: u64 = 4;

/// Two models of one signal: how much it tells of the class, what both add to it and what each does, whether rows have
/// weights, and to how much what they say is rounded.
struct World {
    name: &'static str,
    signal: f64,
    common: f64,
    own: f64,
    weighted: bool,
    step: f64,
}

const fn world(name: &'static str, signal: f64, common: f64, own: f64) -> World {
    World {
        name,
        signal,
        common,
        own,
        weighted: false,
        step: 0.0,
    }
}

const WORLDS: [World; 6] = [
    world("usual", 1.0, 0.0, 0.5),
    world("scores that tell nothing", 0.0, 0.0, 0.5),
    world("alike", 1.0, 0.5, 0.05),
    world("very alike", 1.0, 0.5, 0.01),
    World {
        weighted: true,
        ..world("weights of 1 to 3", 1.0, 0.0, 0.5)
    },
    World {
        step: 0.1,
        ..world("rounded to tenths", 1.0, 0.0, 0.5)
    },
];

fn models(of: &World, rows: usize, task: Task) -> Evaluation {
    let mut random = Random::new(1);
    let (mut classes, mut values) = (Vec::new(), Vec::new());
    let mut said = [Vec::new(), Vec::new()];
    let mut weights = Vec::new();
    for _ in 0..rows {
        let z = random.normal();
        classes.push(u32::from(of.signal * z + random.normal() > 1.0));
        values.push(z + 0.5 * random.normal());
        let common = z + of.common * random.normal();
        for said in &mut said {
            let own = common + of.own * random.normal();
            said.push(if of.step > 0.0 {
                (own / of.step).round() * of.step
            } else {
                own
            });
        }
        weights.push(1.0 + 2.0 * random.uniform());
    }
    let side = |said: Vec<f64>| Side {
        task,
        truth: match task {
            Task::Binary => Truth::Classes {
                of: classes.clone(),
                names: vec!["no".to_owned(), "yes".to_owned()],
            },
            _ => Truth::Values(values.clone()),
        },
        predicted: match task {
            Task::Binary => Predicted {
                score: Some(said),
                ..Predicted::default()
            },
            _ => Predicted {
                value: Some(said),
                ..Predicted::default()
            },
        },
        weight: of.weighted.then(|| weights.clone()),
        keys: None,
    };
    let [candidate, baseline] = said;
    Evaluation {
        candidate: side(candidate),
        baseline: Some(side(baseline)),
        anchor: None,
        group: None,
        clusters: None,
        timed: false,
        slices: Vec::new(),
    }
}

/// Draws by bins and by rows, with what each took.
fn both_ways(sides: &[Prepared], rows: usize, seed: u64) -> [(Drawn, Duration); 2] {
    let (of, count) = grouped(&Units::Rows(rows), GROUPS);
    let groups = Grouping {
        of: &of,
        count: count as usize,
    };
    let by_rows: Vec<_> = sides
        .iter()
        .map(|side| move |times: &[u32]| side.value(Some(times)))
        .collect();
    let coarse: Vec<_> = sides
        .iter()
        .map(|side| move |bins| side.coarse(groups, bins).map(OfGroups::from))
        .collect();
    let statistics: Vec<Statistic> = by_rows.iter().map(|of| of as Statistic).collect();
    let each = by_rows.iter().zip(&coarse);
    let both: Vec<Both> = each.map(|(rows, groups)| Both { rows, groups }).collect();
    let plan = Plan {
        seed,
        replicates: 1_000,
        threads: 1,
        alpha: Alpha::FIVE_PERCENT,
        kind: Kind::Percentile,
    };
    let wanted = [(0, None), (0, Some(1))];
    let start = Instant::now();
    let bins = drawn_by_group((&of, count), &both, &wanted, &plan).expect("draws");
    let (took, start) = (start.elapsed(), Instant::now());
    let units = Units::Clusters { of: &of, count };
    let rows = drawn(&units, &statistics, &plan).expect("draws");
    [(bins, took), (rows, start.elapsed())]
}

/// The greatest distance of two ends, in per cent of the width by rows.
fn apart(bins: &Drawn, rows: &Drawn, of: &dyn Fn(&[Option<f64>]) -> Option<f64>) -> f64 {
    let [a, b] = [bins, rows].map(|drawn| drawn.interval(of).expect("an interval").interval);
    let ends = (a.low - b.low).abs().max((a.high - b.high).abs());
    100.0 * ends / (b.high - b.low)
}

/// Prints the table.
pub(crate) fn run(rows: usize) {
    println!(
        "| {rows} rows | metric | ends of the value apart, % of the width | of the difference | seconds by rows | by bins |"
    );
    println!("|---|---|---|---|---|---|");
    for world in &WORLDS {
        for (name, task) in [
            ("ks", Task::Binary),
            ("median_absolute_error", Task::Regression),
        ] {
            let metric = Metric::parse(name, &Options::default()).expect("a metric's own name");
            let rows_of = models(world, rows, task);
            let baseline = rows_of.baseline.as_ref().expect("a baseline");
            let sides = [&rows_of.candidate, baseline]
                .map(|side| alone(&metric, side, &rows_of).expect("a value"));
            let (mut own, mut difference, mut times) = (0.0_f64, 0.0_f64, [0.0; 2]);
            for seed in 0..SEEDS {
                let [(bins, quick), (by_rows, slow)] = both_ways(&sides, rows, seed);
                own = own.max(apart(&bins, &by_rows, &|v| v[0]));
                difference = difference.max(apart(&bins, &by_rows, &|v| Some(v[0]? - v[1]?)));
                times[0] += slow.as_secs_f64() / SEEDS as f64;
                times[1] += quick.as_secs_f64() / SEEDS as f64;
            }
            println!(
                "| {} | {name} | {own:.1} | {difference:.1} | {:.2} | {:.2} |",
                world.name, times[0], times[1]
            );
        }
    }
}
