//! The calibrated gate over rows: its level, each kind of change by name, and what can never change a verdict.

use proptest::prelude::*;
use tollgate::drift::sample::hash;
use tollgate::drift::sample::{
    Change, Compared, Drift, End, Label, Moved, Origin, Random, Side, Values, Which,
};

/// Numbers between 0 and 1.
pub(crate) fn unit(random: &mut Random) -> f64 {
    (random.bits() >> 11) as f64 / (1u64 << 53) as f64
}

/// About a standard normal number: the sum of twelve.
fn normal(random: &mut Random) -> f64 {
    (0..12).map(|_| unit(random)).sum::<f64>() - 6.0
}

/// One row: an amount, its tax (which goes with it), a count, a city, a note that no other row has.
struct Row {
    amount: f64,
    tax: f64,
    count: f64,
    city: &'static str,
    note: String,
}

const CITIES: [&str; 4] = ["Bern", "Lima", "Oslo", "Rome"];

fn rows(n: usize, random: &mut Random) -> Vec<Row> {
    let row = |_| {
        let amount = (3.0 + 0.5 * normal(random)).exp();
        Row {
            amount,
            tax: amount * 0.19 + normal(random),
            count: (unit(random) * unit(random) * 30.0).floor(),
            city: CITIES[(unit(random).sqrt() * 4.0) as usize],
            note: format!("{:x}", random.bits()),
        }
    };
    (0..n).map(row).collect()
}

const AMOUNT: usize = 0;
const TAX: usize = 1;
const COUNT: usize = 2;
const CITY: usize = 3;
const NOTE: usize = 4;

fn side(rows: &[Row]) -> Side {
    let number = |f: &dyn Fn(&Row) -> f64| Values::Numbers(rows.iter().map(f).collect());
    let text = |f: &dyn Fn(&Row) -> &str| {
        let code = |r: &Row| if f(r).is_empty() { 0 } else { hash::text(f(r)) };
        Values::Texts(rows.iter().map(code).collect())
    };
    of_columns(vec![
        number(&|r| r.amount),
        number(&|r| r.tax),
        number(&|r| r.count),
        text(&|r| r.city),
        text(&|r| &r.note),
    ])
}

pub(crate) fn of_columns(columns: Vec<Values>) -> Side {
    let bits = |values: &Values, row: usize| match values {
        Values::Numbers(v) | Values::Derived(v) => v[row].to_bits(),
        Values::Moments(v) => v[row].cast_unsigned(),
        Values::Texts(v) => v[row],
        Values::Presence(v) => u64::from(v[row]),
    };
    let hash = |row| {
        let all = columns
            .iter()
            .fold(0, |sum, c| hash::with(sum, bits(c, row)));
        hash::finished(all)
    };
    let hashes: Vec<u64> = (0..columns[0].len()).map(hash).collect();
    Side {
        rows: hashes.len() as u64,
        digest: hashes.iter().map(|h| u128::from(*h)).sum(),
        columns,
        hashes,
        positions: Vec::new(),
    }
}

/// Changes between 600 rows and 600 others that something was done to.
fn changes(done: impl Fn(&mut Vec<Row>, &mut Random)) -> Vec<Drift> {
    let mut random = Random::new(11);
    let before = rows(600, &mut random);
    let mut now = rows(600, &mut random);
    done(&mut now, &mut random);
    Compared::new(&side(&before), &side(&now), 0.01, 0).changes(0.01)
}

/// The one change of a column.
#[track_caller]
fn only(list: Vec<Drift>, column: Option<usize>) -> Change {
    let of = |d: &Drift| d.origin.map(Origin::column) == column;
    let mut found: Vec<Change> = list
        .iter()
        .filter(|d| of(d))
        .map(|d| d.change.clone())
        .collect();
    assert_eq!(found.len(), 1, "{list:?}");
    found.remove(0)
}

#[test]
fn nothing_done_is_no_change() {
    assert_eq!(changes(|_, _| ()), vec![]);
}

#[test]
fn a_shift_is_named_with_its_size() {
    let list = changes(|rows, _| rows.iter_mut().for_each(|r| r.amount += 6.0));
    let effect = list
        .iter()
        .find(|d| d.origin.map(Origin::column) == Some(AMOUNT))
        .unwrap()
        .effect;
    assert!(effect.interval.low > 0.1, "{effect:?}");
    let Change::Distribution {
        moved: Moved::Location,
        shift: Some(shift),
        factor: None,
        ..
    } = only(list, Some(AMOUNT))
    else {
        panic!("not a shift")
    };
    assert!(
        shift.low < 6.0 && shift.high > 6.0 && shift.low > 3.0,
        "{shift:?}"
    );
}

#[test]
fn a_change_of_unit_is_named() {
    let whole = changes(|rows, _| rows.iter_mut().for_each(|r| r.amount *= 1_000.0));
    let Change::Distribution {
        factor: Some(factor),
        ..
    } = only(whole, Some(AMOUNT))
    else {
        panic!("no unit")
    };
    assert!((factor - 1_000.0).abs() < 1e-9);
    let part = changes(|rows, _| rows.iter_mut().take(60).for_each(|r| r.amount *= 1_000.0));
    let Change::Range {
        side: Which::Now,
        end: End::High,
        share,
        factor: Some(factor),
        ..
    } = only(part, Some(AMOUNT))
    else {
        panic!("no unit")
    };
    assert!((factor - 1_000.0).abs() < 1e-9);
    // A few of the others are beyond the reference by chance.
    assert!((60..64).contains(&share.hits), "{share:?}");
}

#[test]
fn swapped_columns_are_named() {
    let list = changes(|rows, _| {
        rows.iter_mut()
            .for_each(|r| std::mem::swap(&mut r.amount, &mut r.tax));
    });
    for (column, other) in [(AMOUNT, TAX), (TAX, AMOUNT)] {
        let Change::Distribution { swapped, .. } = only(list.clone(), Some(column)) else {
            panic!("not moved")
        };
        assert_eq!(swapped.map(Origin::column), Some(other));
    }
}

#[test]
fn another_spread_is_named() {
    let wide = changes(|rows, _| {
        rows.iter_mut()
            .for_each(|r| r.tax = 4.0 + (r.tax - 4.0) * 2.0);
    });
    let Change::Distribution {
        moved: Moved::Scale,
        ..
    } = only(wide, Some(TAX))
    else {
        panic!("not the spread")
    };
}

#[test]
fn missing_values_are_named() {
    let list = changes(|rows, _| rows.iter_mut().step_by(10).for_each(|r| r.count = f64::NAN));
    let Change::Missing(before, now) = only(list, Some(COUNT)) else {
        panic!("nothing missing")
    };
    assert_eq!((before.hits, now.hits, now.rows), (0, 60, 600));
}

#[test]
fn a_stuck_value_is_named() {
    let list = changes(|rows, _| rows.iter_mut().step_by(8).for_each(|r| r.amount = 20.0));
    let Change::Value {
        label: Label::Number(value),
        cut: None,
        ..
    } = only(list, Some(AMOUNT))
    else {
        panic!("no value")
    };
    assert!((value - 20.0).abs() < 1e-12);
}

#[test]
fn a_cut_is_named() {
    let list = changes(|rows, _| rows.iter_mut().for_each(|r| r.amount = r.amount.min(30.0)));
    let Change::Value {
        label: Label::Number(value),
        cut: Some(End::High),
        ..
    } = only(list, Some(AMOUNT))
    else {
        panic!("no cut")
    };
    assert!((value - 30.0).abs() < 1e-12);
}

#[test]
fn new_and_lost_values_are_named() {
    let new = changes(|rows, _| rows.iter_mut().step_by(20).for_each(|r| r.city = "Kyiv"));
    let Change::Unseen {
        side: Which::Now,
        values,
        share,
    } = only(new, Some(CITY))
    else {
        panic!("nothing new")
    };
    assert_eq!(
        (values, share.hits),
        (vec![(Label::Text(hash::text("Kyiv")), 30)], 30)
    );
    let lost = changes(|rows, _| {
        rows.iter_mut()
            .filter(|r| r.city == "Bern")
            .for_each(|r| r.city = "Oslo");
    });
    let Change::Unseen {
        side: Which::Before,
        values,
        ..
    } = only(lost, Some(CITY))
    else {
        panic!("nothing lost")
    };
    assert_eq!(values[0].0, Label::Text(hash::text("Bern")));
}

#[test]
fn another_mix_is_named() {
    let list = changes(|rows, _| {
        rows.iter_mut()
            .filter(|r| r.city == "Rome")
            .step_by(2)
            .enumerate()
            .for_each(|(i, r)| r.city = ["Oslo", "Lima"][i % 2]);
    });
    let Change::Mix(Some((_, before, now))) = only(list, Some(CITY)) else {
        panic!("no mix")
    };
    assert!((before.value() - now.value()).abs() > 0.1);
}

#[test]
fn the_length_of_texts_is_looked_at() {
    let list = changes(|rows, _| rows.iter_mut().for_each(|r| r.note.truncate(12)));
    only(list, Some(NOTE));
}

#[test]
fn rows_that_repeat_are_named() {
    let list = changes(|rows, _| {
        for i in 0..30 {
            let Row {
                amount,
                tax,
                count,
                city,
                note,
            } = &rows[i];
            rows[599 - i] = Row {
                amount: *amount,
                tax: *tax,
                count: *count,
                city,
                note: note.clone(),
            };
        }
    });
    let Change::Repeated(before, now) = only(list, None) else {
        panic!("no repeat")
    };
    assert_eq!((before.hits, now.hits), (0, 30));
}

#[test]
fn a_shuffled_column_is_named() {
    let list = changes(|rows, _| {
        let taxes: Vec<f64> = rows.iter().map(|r| r.tax).collect();
        rows.iter_mut()
            .zip(taxes.iter().rev())
            .for_each(|(row, tax)| row.tax = *tax);
    });
    let Change::Correlation(pairs) = only(list, None) else {
        panic!("no correlation")
    };
    let ((a, b), before, now) = pairs[0];
    assert_eq!((a, b), (AMOUNT, TAX));
    assert!(before > 0.8 && now.abs() < 0.2, "{before} {now}");
}

#[test]
fn a_column_that_its_row_does_not_foretell_is_named() {
    // Too little of a shift to be seen in the tax by itself, and much of what the amount leaves open of it.
    let list = changes(|rows, _| rows.iter_mut().for_each(|r| r.tax += 0.25));
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!(list[0].origin, Some(Origin::Values(TAX)));
    assert_eq!(list[0].change, Change::Fit);
    assert!(list[0].effect.interval.low > 0.0, "{list:?}");
}

#[test]
fn values_that_are_missing_in_other_rows_are_named() {
    // The same number of missing values as before, at other rows: amounts and counts used to be missing together.
    let lacks = |rows: &mut Vec<Row>, apart: usize| {
        for i in (0..rows.len()).step_by(20) {
            rows[i].amount = f64::NAN;
            let other = (i + apart) % rows.len();
            rows[other].count = f64::NAN;
        }
    };
    let mut random = Random::new(12);
    let (mut before, mut now) = (rows(600, &mut random), rows(600, &mut random));
    lacks(&mut before, 0);
    lacks(&mut now, 1);
    let list = Compared::new(&side(&before), &side(&now), 0.01, 0).changes(0.01);
    let missing = |d: &Drift| matches!(d.change, Change::Missing(b, n) if b.hits == n.hits);
    assert!(list.len() == 1 && missing(&list[0]), "{list:?}");
}

#[test]
fn another_grid_of_values_is_found() {
    // Prices in tenths, then the same prices a little off the grid: no test of the distribution sees that.
    let mut random = Random::new(13);
    let mut prices = |off: f64| {
        let price = |_| (unit(&mut random) * 5_000.0).floor() / 10.0 + off;
        of_columns(vec![Values::Numbers((0..2_000).map(price).collect())])
    };
    let (before, same, off) = (prices(0.0), prices(0.0), prices(0.03));
    assert!(Compared::new(&before, &same, 0.01, 0).p > 0.01);
    let compared = Compared::new(&before, &off, 0.01, 0);
    let list = compared.changes(0.01);
    assert!(compared.p <= 0.01 && list.len() == 1, "{list:?}");
}

/// Where nothing changed, the probability is spread evenly: Kolmogorov and Smirnov's test of 2,000 unchanged pairs, at
/// the probabilities that there can be.
#[test]
fn probabilities_are_even_where_nothing_changed() {
    const PAIRS: usize = 2_000;
    let mut random = Random::new(3);
    let few = |random: &mut Random| {
        let columns = side(&rows(20, random)).columns;
        let mut columns: Vec<Values> = [AMOUNT, TAX, CITY].map(|c| columns[c].clone()).into();
        if let Values::Numbers(amounts) = &mut columns[0] {
            amounts[random.below(20)] = f64::NAN;
        }
        of_columns(columns)
    };
    let draw = |seed| Compared::new(&few(&mut random), &few(&mut random), 0.2, seed).p;
    let mut found: Vec<f64> = (0..PAIRS as u64).map(draw).collect();
    found.sort_by(f64::total_cmp);
    let apart = |p: &f64| {
        let below = found.partition_point(|v| v <= p) as f64 / PAIRS as f64;
        (below - p).abs()
    };
    // One per cent of even samples are further off than this.
    let furthest = found.iter().map(apart).fold(0.0, f64::max);
    assert!(furthest < 1.628 / (PAIRS as f64).sqrt(), "{furthest}");
}

#[test]
fn an_unchanged_dataset_is_rarely_flagged() {
    let mut random = Random::new(5);
    let flagged = (0..100u64).filter(|seed| {
        let (before, now) = (rows(100, &mut random), rows(100, &mut random));
        !Compared::new(&side(&before), &side(&now), 0.05, *seed)
            .changes(0.05)
            .is_empty()
    });
    // Eleven or more of a hundred at 5 % each: one time in a hundred.
    let count = flagged.count();
    assert!(count < 11, "{count}");
}

fn reordered(side: &Side, order: &[u32]) -> Side {
    let take = |values: &Values| match values {
        Values::Numbers(v) => Values::Numbers(order.iter().map(|i| v[*i as usize]).collect()),
        Values::Texts(v) => Values::Texts(order.iter().map(|i| v[*i as usize]).collect()),
        Values::Derived(v) => Values::Derived(order.iter().map(|i| v[*i as usize]).collect()),
        Values::Moments(v) => Values::Moments(order.iter().map(|i| v[*i as usize]).collect()),
        Values::Presence(v) => Values::Presence(order.iter().map(|i| v[*i as usize]).collect()),
    };
    Side {
        columns: side.columns.iter().map(take).collect(),
        hashes: order.iter().map(|i| side.hashes[*i as usize]).collect(),
        ..side.clone()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rows_changes_nothing(seed in any::<u64>(), n in 2usize..60, m in 2usize..60, shift in 0.0..10.0f64) {
        let mut random = Random::new(seed);
        let before = side(&rows(n, &mut random));
        let mut after = rows(m, &mut random);
        after.iter_mut().for_each(|r| r.amount += shift);
        let now = side(&after);
        let other = (
            reordered(&before, &random.choose(n, n)),
            reordered(&now, &random.choose(m, m)),
        );
        let one = Compared::new(&before, &now, 0.05, 1);
        let two = Compared::new(&other.0, &other.1, 0.05, 1);
        prop_assert_eq!(one.p.to_bits(), two.p.to_bits());
        prop_assert_eq!(one.changes(0.05), two.changes(0.05));
    }

    #[test]
    fn any_values_are_compared(
        before in proptest::collection::vec(any::<f64>(), 1..40),
        now in proptest::collection::vec(any::<f64>(), 1..40),
    ) {
        let column = |v: &[f64]| of_columns(vec![
            Values::Numbers(v.to_vec()),
            Values::Texts(v.iter().map(|v| v.to_bits() % 3).collect()),
            Values::Presence(v.iter().map(|v| *v > 0.0).collect()),
        ]);
        let compared = Compared::new(&column(&before), &column(&now), 0.05, 0);
        prop_assert!(compared.p > 0.0 && compared.p <= 1.0);
        for finding in &compared.findings {
            prop_assert!(finding.surprise <= 0.0, "{:?}", finding);
        }
        for drift in compared.changes(1.0) {
            prop_assert!(drift.effect.size >= 0.0, "{:?}", drift);
        }
    }
}
