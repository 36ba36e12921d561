//! The calibrated gate over very many rows and very many columns.

use crate::drift_rows::{of_columns, unit};
use tollgate::drift::sample::{Compared, Origin, Random, Side, Values, hash};

/// At a million rows a side a shift that nobody needs to know of is certain, and surely below the floors.
#[test]
fn at_a_million_rows_what_is_certain_need_not_matter() {
    let mut random = Random::new(17);
    let mut values = |shift: f64| {
        let sum = |_| unit(&mut random) + unit(&mut random) + unit(&mut random) + shift;
        let values: Vec<f64> = (0..1_000_000).map(sum).collect();
        let hashes = values.iter().map(|v| hash::finished(v.to_bits())).collect();
        Side {
            rows: 1_000_000,
            columns: vec![Values::Numbers(values)],
            hashes,
            ..Side::default()
        }
    };
    let (before, now) = (values(0.0), values(0.008));
    let compared = Compared::new(&before, &now, 0.01, 0);
    let list = compared.changes(0.01);
    assert_eq!(list.len(), 1, "{list:?}");
    let interval = list[0].effect.interval;
    assert!(
        compared.p <= 0.01 && interval.low > 0.0 && interval.high < 0.02,
        "{list:?}"
    );
}

#[test]
fn ten_thousand_columns_are_compared() {
    let mut random = Random::new(18);
    let mut wide = |shift: f64| {
        let mut column =
            |shift| Values::Numbers((0..40).map(|_| unit(&mut random) + shift).collect());
        of_columns(
            (0..10_000)
                .map(|c| column(if c == 7_777 { shift } else { 0.0 }))
                .collect(),
        )
    };
    let (before, now) = (wide(0.0), wide(0.9));
    // The fewest labellings there can be, 19, and a change that is beyond all of them.
    let compared = Compared::new(&before, &now, 0.5, 0);
    assert_eq!(compared.columns(), 10_000);
    let changed: Vec<_> = compared
        .changes(0.05)
        .iter()
        .filter_map(|d| d.origin)
        .collect();
    assert_eq!(changed, [Origin::Values(7_777)]);
}
