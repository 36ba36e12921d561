//! The level of slices: an unchanged dataset, a changed mix, and what can never change a verdict.

use tollgate::drift::sample::{Random, Side, Sliced, Values, hash};

/// Numbers between 0 and 1.
fn unit(random: &mut Random) -> f64 {
    (random.bits() >> 11) as f64 / (1u64 << 53) as f64
}

/// A number about `about`, what follows from it, and a count.
fn side(n: usize, about: f64, random: &mut Random) -> Side {
    let mut columns = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..n {
        let x = about + (0..6).map(|_| unit(random)).sum::<f64>();
        columns[0].push(x);
        columns[1].push(x * 0.5 + unit(random));
        columns[2].push((unit(random) * unit(random) * 8.0).floor());
    }
    let hash = |row: usize| {
        let all = columns
            .iter()
            .fold(0, |h, c| hash::with(h, c[row].to_bits()));
        hash::finished(all)
    };
    Side {
        rows: n as u64,
        hashes: (0..n).map(hash).collect(),
        columns: columns.into_iter().map(Values::Numbers).collect(),
        digest: 0,
        positions: Vec::new(),
    }
}

/// Slices that differ from each other and whose share of the rows changed, but not what their rows look like; the
/// first one moved by `shift`.
fn slices(seed: u64, shift: f64) -> Vec<(Side, Side)> {
    let mut random = Random::new(seed);
    let slice = |i: u32| {
        let (before, now) = (50 + random.below(60), 50 + random.below(60));
        let moved = if i == 0 { shift } else { 0.0 };
        (
            side(before, f64::from(i), &mut random),
            side(now, f64::from(i) + moved, &mut random),
        )
    };
    (0..4).map(slice).collect()
}

#[test]
fn unchanged_slices_are_flagged_as_often_as_is_allowed() {
    let sets = 400;
    let p = |seed: u64| Sliced::new(&slices(seed * 17 + 3, 0.0), &[0, 1, 2], 0.1, seed).p;
    let flagged = (0..sets).filter(|seed| p(*seed) <= 0.1).count();
    // Binomial with 400 and 0.1: outside in one of a thousand.
    assert!((21..=61).contains(&flagged), "{flagged} of {sets}");
}

#[test]
fn the_slice_that_moved_is_named_and_no_other() {
    let (mut named, mut others) = (0, 0);
    for seed in 0..40 {
        let sliced = Sliced::new(&slices(seed * 11 + 5, 1.5), &[0, 1, 2], 0.05, seed);
        let found: Vec<bool> = sliced
            .slices
            .iter()
            .map(|c| !c.changes(0.05).is_empty())
            .collect();
        named += usize::from(found[0]);
        others += usize::from(found[1..].contains(&true));
    }
    assert!(named >= 38, "{named} of 40");
    assert!(others <= 7, "{others} of 40");
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let sides = slices(9, 0.8);
    let turned: Vec<(Side, Side)> = sides
        .iter()
        .map(|(a, b)| {
            let back = |side: &Side| {
                let rows: Vec<u32> = (0..side.hashes.len() as u32).rev().collect();
                side.of_rows(&rows)
            };
            (back(a), back(b))
        })
        .collect();
    let one = Sliced::new(&sides, &[0, 1, 2], 0.05, 1);
    let two = Sliced::new(&turned, &[0, 1, 2], 0.05, 1);
    assert_eq!(one.p.to_bits(), two.p.to_bits());
    for (a, b) in one.slices.iter().zip(&two.slices) {
        assert_eq!(a.changes(0.05), b.changes(0.05));
    }
}
