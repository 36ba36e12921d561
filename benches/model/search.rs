//! How often the search for the worst slice calls one worse where none is.

use crate::share;
use crate::world::Random;
use tollgate::statistics::paired::Alpha;
use tollgate::statistics::paired::search::{Search, worst_slices};
use tollgate::statistics::paired::shared::Parted;

/// Draws one difference.
type Difference = fn(&mut Random) -> f64;

/// Kinds of differences with a mean of 0.
const KINDS: [(&str, Difference); 6] = [
    ("normal", Random::normal),
    ("losses and gains on 3 % each", |r| toss(r, 0.03)),
    ("losses and gains on 10 % each", |r| toss(r, 0.1)),
    ("rare large gains (log-normal, 0.4)", |r| skewed(r, 0.4)),
    ("rarer, larger gains (log-normal, 0.8)", |r| skewed(r, 0.8)),
    ("rare large losses (log-normal, 0.8)", |r| -skewed(r, 0.8)),
];

fn toss(random: &mut Random, share: f64) -> f64 {
    let u = random.uniform();
    f64::from(u8::from(u < share)) - f64::from(u8::from(u >= 1.0 - share))
}

fn skewed(random: &mut Random, deviation: f64) -> f64 {
    (deviation * random.normal()).exp() - (deviation * deviation / 2.0).exp()
}

/// Prints the share of tables without a worse slice in which one is called worse, and the power for one planted slice.
pub(crate) fn run(tables: u64) {
    println!("| differences | least rows of a slice | slices searched | one called worse |");
    println!("|---|---|---|---|");
    for (name, kind) in KINDS {
        for least in [50, 100] {
            let (mut wrong, mut searched) = (0, 0);
            for seed in 0..tables {
                let mut random = Random::new(seed * 16 + 5);
                let rows = 30 * least as usize;
                let codes: Vec<Vec<u32>> = (0..3)
                    .map(|column| {
                        (0..rows)
                            .map(|_| (random.uniform() * f64::from(4 + column)) as u32)
                            .collect()
                    })
                    .collect();
                let differences: Vec<f64> = (0..rows).map(|_| kind(&mut random)).collect();
                let columns: Vec<Parted> = codes
                    .iter()
                    .zip(4..)
                    .map(|(of, count)| Parted { of, count })
                    .collect();
                let search = Search {
                    differences: &differences,
                    clusters: None,
                    columns: &columns,
                    least_rows: least,
                    least_differing: 10,
                    seed,
                    replicates: 199,
                    threads: 2,
                    alpha: Alpha::FIVE_PERCENT,
                };
                if let Ok(found) = worst_slices(&search) {
                    searched += found.slices.len();
                    wrong += u64::from(found.slices.first().is_some_and(|s| s.p <= 0.05));
                }
            }
            println!(
                "| {name} | {least} | {} | {} |",
                searched / tables.max(1) as usize,
                share(wrong, tables)
            );
        }
    }
}
