use super::super::search::{Search, worst_slices};
use super::super::shared::Parted;
use super::super::shrink::{Estimate, shrink};
use super::super::{Alpha, NoInterval};
use super::{near, normals};

/// Codes of three columns, by number.
fn columns(rows: usize) -> Vec<Vec<u32>> {
    let code = |row: usize, column: usize| ((row * (7 + 4 * column)) / (3 + column)) % (4 + column);
    (0..3)
        .map(|column| {
            (0..rows)
                .map(|row| u32::try_from(code(row, column)).unwrap())
                .collect()
        })
        .collect()
}

fn parted(columns: &[Vec<u32>]) -> Vec<Parted<'_>> {
    let counts = 4..;
    columns
        .iter()
        .zip(counts)
        .map(|(of, count)| Parted { of, count })
        .collect()
}

fn search<'a>(differences: &'a [f64], columns: &'a [Parted<'a>]) -> Search<'a> {
    Search {
        differences,
        clusters: None,
        columns,
        least_rows: 30,
        least_differing: 10,
        seed: 1,
        replicates: 99,
        threads: 2,
        alpha: Alpha::FIVE_PERCENT,
    }
}

#[test]
fn no_slice_is_called_worse_where_none_is() {
    let codes = columns(900);
    let parts = parted(&codes);
    let mut wrong = 0;
    for seed in 0..50 {
        // Gains are few and large: the hard direction for a t statistic.
        let x: Vec<f64> = normals(seed, 900)
            .iter()
            .map(|v| (v * 0.8).exp() - 0.32f64.exp())
            .collect();
        let found = worst_slices(&search(&x, &parts)).unwrap();
        assert!(found.slices.len() > 40);
        wrong += usize::from(found.slices[0].p <= 0.05);
        assert_eq!(
            found.slices.iter().any(|s| s.upper < 0.0),
            found.slices[0].p <= 0.05
        );
    }
    // 5 % of 50 is 2.5; 3.5 standard errors more are 8. Without the bounds from the whole it was 20 %.
    assert!(wrong <= 7, "{wrong} of 50");
}

#[test]
fn a_planted_slice_is_found() {
    let codes = columns(2_000);
    let parts = parted(&codes);
    let mut x = normals(77, 2_000);
    for (row, v) in x.iter_mut().enumerate() {
        if codes[0][row] == 1 && codes[2][row] == 3 {
            *v -= 0.9;
        }
    }
    let found = worst_slices(&search(&x, &parts)).unwrap();
    let worst = &found.slices[0];
    assert_eq!(worst.parts, vec![(0, 1), (2, 3)]);
    assert!(worst.p <= 0.05 && worst.upper < 0.0, "{worst:?}");
    assert!(worst.shrunken > worst.difference);
    let again = worst_slices(&Search {
        threads: 1,
        ..search(&x, &parts)
    })
    .unwrap();
    assert_eq!(again, found);
    // Rows of one cluster are one observation: the same rows written ten times prove no more.
    let ten = |of: &[u32]| of.iter().flat_map(|c| [*c; 10]).collect::<Vec<u32>>();
    let tens: Vec<Vec<u32>> = codes.iter().map(|c| ten(c)).collect();
    let clusters = ten(&(0..2_000).collect::<Vec<u32>>());
    let x: Vec<f64> = x.iter().flat_map(|v| [*v; 10]).collect();
    let parts = parted(&tens);
    let many = Search {
        clusters: Some(&clusters),
        least_rows: 300,
        least_differing: 100,
        ..search(&x, &parts)
    };
    let many = worst_slices(&many).unwrap();
    assert_eq!(many.slices[0].parts, worst.parts);
    near(many.slices[0].error / worst.error, 1.0, 0.02);
}

#[test]
fn slices_that_cannot_be_judged() {
    // Column b is column a with other codes: its slices and their pairs are no others. Code 9 is in no slice.
    let a: Vec<u32> = (0..300)
        .map(|row| {
            if row < 200 {
                0
            } else if row < 280 {
                1
            } else {
                9
            }
        })
        .collect();
    let x = normals(3, 300);
    let parts = [Parted { of: &a, count: 2 }, Parted { of: &a, count: 2 }];
    let found = worst_slices(&search(&x, &parts)).unwrap();
    assert_eq!(found.slices.len(), 4);
    assert!(found.slices.iter().all(|s| s.parts.len() == 1));
    let few = worst_slices(&Search {
        least_rows: 100,
        ..search(&x, &parts)
    })
    .unwrap();
    assert_eq!((few.slices.len(), few.too_small), (2, 2));
    let flat = worst_slices(&search(&[0.5; 300], &parts)).unwrap();
    assert_eq!((flat.slices.len(), flat.too_small), (0, 4));
    assert!(worst_slices(&search(&x, &[])).unwrap().slices.is_empty());
    assert_eq!(worst_slices(&search(&[], &[])), Err(NoInterval::NoRows));
    let short = worst_slices(&search(&x[..299], &parts));
    assert!(matches!(short, Err(NoInterval::Lengths { .. })));
}

#[test]
fn columns_of_many_parts() {
    // Two columns of four billion parts each: cells that no list could hold, and a few of them with rows.
    let a: Vec<u32> = (0..600).map(|row| (row % 3) * 1_000_000_007).collect();
    let b: Vec<u32> = (0..600).map(|row| (row / 3 % 2) * 2_000_000_011).collect();
    let mut x = normals(12, 600);
    for (row, v) in x.iter_mut().enumerate() {
        *v -= if a[row] > 0 && b[row] > 0 { 0.8 } else { 0.0 };
    }
    let wide = [&a, &b].map(|of| Parted {
        of,
        count: u32::MAX,
    });
    let found = worst_slices(&search(&x, &wide)).unwrap();
    assert_eq!(found.slices.len(), 3 + 2 + 6);
    let few: Vec<u32> = a.iter().map(|c| c / 1_000_000_007).collect();
    let other: Vec<u32> = b.iter().map(|c| c / 2_000_000_011).collect();
    let narrow = [&few, &other].map(|of| Parted { of, count: 3 });
    let same = worst_slices(&search(&x, &narrow)).unwrap();
    let p = |found: &super::super::search::Searched| {
        found.slices.iter().map(|s| s.p).collect::<Vec<f64>>()
    };
    assert_eq!(p(&found), p(&same));
}

#[test]
fn shrinkage() {
    let one = |value, error| Estimate { value, error };
    // As far apart as chance: all go to the middle.
    let same = shrink(&[one(1.0, 1.0), one(2.0, 1.0), one(1.5, 1.0)]);
    near(same.between, 0.0, 0.0);
    same.values.iter().for_each(|v| near(*v, 1.5, 1e-12));
    // Far apart: almost nothing is shrunk, and more where the error is larger.
    let apart = shrink(&[
        one(0.0, 0.1),
        one(10.0, 0.1),
        one(20.0, 2.0),
        one(f64::NAN, 1.0),
        one(7.0, 0.0),
    ]);
    near(apart.values[0], 0.0, 0.01);
    assert!(20.0 - apart.values[2] > 0.1);
    assert!(apart.values[3].is_nan());
    near(apart.values[4], 7.0, 0.0);
    assert_eq!(shrink(&[one(1.0, 1.0), one(9.0, 1.0)]).values, [1.0, 9.0]);
    assert!(shrink(&[]).values.is_empty());
}
