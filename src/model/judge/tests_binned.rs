//! Many rows drawn in groups, most of them asked of bins, against the same draws of the rows.

#![expect(clippy::cast_possible_truncation, reason = "small positive numbers")]

use super::compare::alone;
use super::tests_intervals::{chances, evaluation, metric, noise, numbers, weighted};
use crate::model::evaluation::Evaluation;
use crate::model::metric::{Grouping, Prepared};
use crate::statistics::intervals::Interval;
use crate::statistics::paired::Alpha;
use crate::statistics::paired::binned::{Both, GROUPS, OfGroups, drawn_by_group};
use crate::statistics::paired::bootstrap::{Drawn, Kind, Plan, Statistic, Units, drawn};
use crate::statistics::paired::shared::grouped;

const ROWS: usize = 20_500;

fn plan(replicates: u32) -> Plan {
    Plan {
        seed: 3,
        replicates,
        threads: 2,
        alpha: Alpha::FIVE_PERCENT,
        kind: Kind::Percentile,
    }
}

/// The sum of four numbers from 0 to 1 that look random, around 0: about normal, with a deviation of 0.58.
fn bell(row: usize, salt: u64) -> f64 {
    (0..4).map(|part| noise(row, salt * 8 + part)).sum::<f64>() - 2.0
}

/// Two models that see one signal: what both add to it, and what each does.
fn models(name: &str, common: f64, own: f64, step: f64) -> Evaluation {
    let said = |salt: u64| -> Vec<f64> {
        let of = |row: usize| bell(row, 1) + common * bell(row, 2) + own * bell(row, salt);
        let rounded = |value: f64| {
            if step > 0.0 {
                (value / step).round() * step
            } else {
                value
            }
        };
        (0..ROWS).map(|row| rounded(of(row))).collect()
    };
    if name == "ks" {
        let truth: Vec<u32> = (0..ROWS)
            .map(|row| u32::from(bell(row, 1) + bell(row, 3) > 0.6))
            .collect();
        let score = |salt| {
            said(salt)
                .iter()
                .map(|v| 1.0 / (1.0 + (-v).exp()))
                .collect()
        };
        return evaluation(chances(&truth, score(4)), chances(&truth, score(5)));
    }
    let off = |salt| {
        let said: Vec<f64> = said(salt);
        let each = said.iter().enumerate();
        each.map(|(row, v)| v - bell(row, 1) - 0.5 * bell(row, 3))
            .collect()
    };
    evaluation(numbers(off(4)), numbers(off(5)))
}

/// Draws of both models, by bins and by rows.
fn both_ways(rows: &Evaluation, name: &str, units: &Units) -> [Drawn; 2] {
    let metric = metric(name);
    let baseline = rows.baseline.as_ref().expect("a baseline");
    let sides = [&rows.candidate, baseline];
    let prepared: Vec<Prepared> = sides
        .iter()
        .map(|side| alone(&metric, side, rows).expect("a value"))
        .collect();
    let (of, count) = grouped(units, GROUPS);
    let by_rows: Vec<_> = prepared
        .iter()
        .map(|p| move |times: &[u32]| p.value(Some(times)))
        .collect();
    let groups = Grouping {
        of: &of,
        count: count as usize,
    };
    let coarse: Vec<_> = prepared
        .iter()
        .map(|p| move |bins| p.coarse(groups, bins).map(OfGroups::from))
        .collect();
    let statistics: Vec<Statistic> = by_rows.iter().map(|of| of as Statistic).collect();
    let both: Vec<Both> = by_rows
        .iter()
        .zip(&coarse)
        .map(|(rows, groups)| Both { rows, groups })
        .collect();
    let wanted = [(0, None), (0, Some(1))];
    let clusters = Units::Clusters { of: &of, count };
    [
        drawn_by_group((&of, count), &both, &wanted, &plan(400)).expect("draws"),
        drawn(&clusters, &statistics, &plan(400)).expect("draws"),
    ]
}

/// How far the ends of both intervals are apart, in parts of the width of the second.
fn apart([bins, rows]: &[Drawn; 2], of: &dyn Fn(&[Option<f64>]) -> Option<f64>) -> f64 {
    let [a, b] = [bins, rows].map(|drawn| -> Interval {
        let found = drawn.interval(of).expect("an interval");
        found.interval
    });
    let ends = (a.low - b.low).abs().max((a.high - b.high).abs());
    ends / (b.high - b.low)
}

#[test]
fn bins_say_what_rows_say_within_a_few_percent_of_the_width() {
    let heavy = |row: usize| 1.0 + 2.0 * noise(row, 9);
    let of: Vec<u32> = (0..ROWS).map(|row| (row / 40) as u32).collect();
    let clusters = Units::Clusters {
        of: &of,
        count: of[ROWS - 1] + 1,
    };
    for name in ["ks", "median_absolute_error"] {
        let worlds = [
            ("unlike", models(name, 0.0, 0.5, 0.0), Units::Rows(ROWS)),
            ("alike", models(name, 0.5, 0.05, 0.0), Units::Rows(ROWS)),
            ("rounded", models(name, 0.0, 0.5, 0.05), Units::Rows(ROWS)),
            (
                "weighted",
                weighted(models(name, 0.0, 0.5, 0.0), &heavy),
                Units::Rows(ROWS),
            ),
            ("clusters", models(name, 0.0, 0.5, 0.0), clusters),
        ];
        for (world, rows, units) in worlds {
            let both = both_ways(&rows, name, &units);
            let own = apart(&both, &|values| values[0]);
            let difference = apart(&both, &|values| Some(values[0]? - values[1]?));
            assert!(own < 0.06, "{name}, {world}: {own}");
            assert!(difference < 0.08, "{name}, {world}: {difference}");
        }
    }
}
