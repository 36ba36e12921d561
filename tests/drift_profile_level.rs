//! The level of the gate against saved profiles.

use std::collections::BTreeMap;
use tollgate::drift::profiles::{Cell, Counted, Judged};
use tollgate::drift::sample::{Label, Origin, Random, Shape};

/// Counts of a column of numbers from both sides' values.
fn numbers(before: &[f64], now: &[f64]) -> Counted {
    let mut counts: BTreeMap<u64, (f64, [u64; 2])> = BTreeMap::new();
    for (side, values) in [before, now].into_iter().enumerate() {
        for value in values {
            // Positive numbers only: their bits have their order.
            let cell = counts.entry(value.to_bits()).or_insert((*value, [0; 2]));
            cell.1[side] += 1;
        }
    }
    let ends = |v: &[f64]| {
        let least = v.iter().copied().fold(f64::INFINITY, f64::min);
        [least, v.iter().copied().fold(0.0, f64::max)]
    };
    Counted {
        origin: Origin::Values(0),
        shape: Shape::Numbers,
        missing: [0, 0],
        cells: counts
            .into_values()
            .map(|(value, rows)| Cell {
                label: Label::Number(value),
                rows,
            })
            .collect(),
        reach: [ends(before), ends(now)],
    }
}

/// Values from about 1 to 7, one in five of them 3.
fn values(n: usize, random: &mut Random) -> Vec<f64> {
    let value = |random: &mut Random| {
        if random.below(5) == 0 {
            3.0
        } else {
            1.0 + (0..6).map(|_| random.unit()).sum::<f64>()
        }
    };
    (0..n).map(|_| value(random)).collect()
}

#[test]
fn where_nothing_changed_every_probability_is_as_likely() {
    const NULLS: usize = 400;
    let mut random = Random::new(41);
    let mut list: Vec<f64> = Vec::new();
    for seed in 0..NULLS {
        let (n, m) = (40 + random.below(200), 40 + random.below(200));
        let (before, now) = (values(n, &mut random), values(m, &mut random));
        list.push(Judged::new(vec![numbers(&before, &now)], 0.05, seed as u64).p);
    }
    list.sort_by(f64::total_cmp);
    // Kolmogorov's distance to the uniform distribution, beyond which one set of values in a thousand is. Large
    // probabilities are told in steps of a tenth at most.
    let radius = 1.95 / (NULLS as f64).sqrt();
    for (i, p) in list.iter().enumerate() {
        let share = (i + 1) as f64 / NULLS as f64;
        assert!(share < p + radius, "{share} are at most {p}");
        assert!(
            *p > 0.5 || share > p - radius - 0.02,
            "{share} are at most {p}"
        );
    }
}

#[test]
fn a_table_is_flagged_as_seldom_as_is_asked_for() {
    const TABLES: usize = 200;
    let mut random = Random::new(7);
    let mut flagged = 0;
    for seed in 0..TABLES {
        let column = |random: &mut Random| {
            let (before, now) = (values(60, random), values(90, random));
            numbers(&before, &now)
        };
        let columns = (0..8).map(|_| column(&mut random)).collect();
        flagged += usize::from(Judged::new(columns, 0.05, seed as u64).p <= 0.05);
    }
    // 10 are expected; of 200 more than 20 in one of a thousand.
    assert!(flagged <= 20, "{flagged}");
    assert!(flagged >= 2, "{flagged}");
}

#[test]
fn a_change_is_found_at_any_number_of_rows() {
    let mut random = Random::new(3);
    let (before, mut now) = (values(400, &mut random), values(400, &mut random));
    for value in now.iter_mut().step_by(4) {
        *value += 1.0;
    }
    let counted = numbers(&before, &now);
    for times in [1u64, 1_000, 10_000_000, 30_000_000_000] {
        let mut more = counted.clone();
        for cell in &mut more.cells {
            cell.rows = cell.rows.map(|n| n * times);
        }
        let judged = Judged::new(vec![more], 0.01, 1);
        let changes = judged.changes(0.01);
        assert!(judged.p <= 0.01, "{times}: {}", judged.p);
        let apart = changes.iter().map(|d| d.effect.size).fold(0.0, f64::max);
        assert!(apart > 0.04 && apart < 0.3, "{times}: {changes:?}");
    }
}
