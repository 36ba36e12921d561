//! False alarms, power and time of the two-sample gate on real tables, in this process and without files.
//!
//! `cargo bench --bench drift -- FOLDER power SIZE PAIRS LEVEL TABLE…`: share of pairs with one fault that are found, by kind
//! and severity; `… FOLDER unchanged SIZE PAIRS LEVEL TABLE…`: share of unchanged pairs that are flagged, and milliseconds
//! of a pair. FOLDER is what `benches/drift/export.py` writes. Seeded: the same words give the same shares.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at the first surprise"
)]

#[path = "drift/faults.rs"]
mod faults;

use faults::{KINDS, fault, pair, read, side};
use std::path::Path;
use std::time::Instant;
use tollgate::drift::sample::{Compared, Random, Values, hash};

/// Hits of so many.
#[derive(Debug, Clone, Copy, Default)]
struct Share {
    hits: u32,
    of: u32,
}

impl Share {
    fn add(&mut self, is_hit: bool) {
        self.hits += u32::from(is_hit);
        self.of += 1;
    }

    /// In per cent, with Wilson's interval.
    fn text(self) -> String {
        let (n, z) = (f64::from(self.of.max(1)), 1.96f64);
        let p = f64::from(self.hits) / n;
        let widened = 1.0 + z * z / n;
        let middle = (p + z * z / (2.0 * n)) / widened;
        let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / widened;
        let [p, low, high] = [p, middle - half, middle + half].map(|v| 100.0 * v);
        format!("{p:.1} % [{low:.1}, {high:.1}] of {}", self.of)
    }
}

struct Wanted {
    size: usize,
    pairs: usize,
    level: f64,
}

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|w| w != "--bench")
        .collect();
    let [folder, what, size, pairs, level, names @ ..] = words.as_slice() else {
        // `cargo bench` calls every benchmark without a folder
        eprintln!("usage: drift FOLDER power|unchanged SIZE PAIRS LEVEL TABLE...");
        return;
    };
    let wanted = Wanted {
        size: size.parse().unwrap(),
        pairs: pairs.parse().unwrap(),
        level: level.parse().unwrap(),
    };
    let tables = names
        .iter()
        .map(|name| (name.as_str(), read(&Path::new(folder).join(name))));
    let tables: Vec<(&str, Vec<Values>)> = tables
        .filter(|(_, table)| table[0].len() >= 2 * wanted.size)
        .collect();
    match what.as_str() {
        "power" => power(&tables, &wanted),
        _ => unchanged(&tables, &wanted),
    }
}

fn is_flagged((before, now): (Vec<Values>, Vec<Values>), level: f64, seed: u64) -> bool {
    Compared::new(&side(before), &side(now), level, seed).p <= level
}

fn unchanged(tables: &[(&str, Vec<Values>)], wanted: &Wanted) {
    let mut all = Share::default();
    for (name, table) in tables {
        let mut random = Random::new(hash::text(name));
        let mut share = Share::default();
        let start = Instant::now();
        for seed in 0..wanted.pairs as u64 {
            let flagged = is_flagged(pair(table, wanted.size, &mut random), wanted.level, seed);
            share.add(flagged);
            all.add(flagged);
        }
        let each = start.elapsed().as_secs_f64() * 1_000.0 / wanted.pairs as f64;
        println!("{name}: {}, {each:.1} ms a pair", share.text());
    }
    println!(
        "{} rows a side, {}: {}",
        wanted.size,
        wanted.level,
        all.text()
    );
}

fn power(tables: &[(&str, Vec<Values>)], wanted: &Wanted) {
    let mut all = Share::default();
    for kind in KINDS {
        let mut cells = [Share::default(); 3];
        for (name, table) in tables {
            let mut random = Random::new(hash::text(name) ^ hash::text(kind));
            for (severity, cell) in cells.iter_mut().enumerate() {
                for turn in 0..wanted.pairs {
                    let (before, now) = pair(table, wanted.size, &mut random);
                    if let Some(now) = fault(kind, &now, severity, &mut random, turn) {
                        let found = is_flagged((before, now), wanted.level, turn as u64);
                        cell.add(found);
                        all.add(found);
                    }
                }
            }
        }
        let [small, middle, large] = cells.map(Share::text);
        println!("{kind}: small {small}; middle {middle}; large {large}");
    }
    println!(
        "{} rows a side, {}: found {}",
        wanted.size,
        wanted.level,
        all.text()
    );
}
