//! The model gate's verdicts where the truth is known, and the time of many metrics on many slices.
//!
//! Usage: `cargo bench --bench model -- [level|gate|real|search|speed|bins] [PAIRS] [WORLD|FILE] [METRIC,...] [ROWS]`. `level` prints the tables of
//! docs/model-benchmark.md, or that of one world, `gate` those of the gate's own functions, `real` those on the predictions that `benches/model/export.py` writes
//! to FILE. Seeded: the same call prints the same tables.

#![expect(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark prints; its numbers are small"
)]

mod bins;
mod gate;
mod level;
mod real;
mod rules;
mod search;
mod speed;
mod world;

use tollgate::statistics::intervals::{Share, Z95};

/// A share in per cent with Wilson's 95 % interval.
fn share(hits: u64, rows: u64) -> String {
    let share = Share { hits, rows };
    let interval = share.wilson(Z95);
    let percent = |v: f64| 100.0 * v;
    format!(
        "{:.1} % [{:.1}, {:.1}]",
        percent(share.value()),
        percent(interval.low),
        percent(interval.high)
    )
}

fn main() {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let pairs = asked.get(1).and_then(|n| n.parse().ok()).unwrap_or(1_000);
    match asked.first().map(String::as_str) {
        Some("level") | None => level::run(pairs, asked.get(2).map_or("", String::as_str)),
        Some("gate") => {
            let text = |at: usize| asked.get(at).map_or("", String::as_str);
            gate::run(pairs, text(2), text(3), text(4).parse().ok());
        }
        Some("real") => real::run(pairs, asked.get(2).map_or("", String::as_str)),
        Some("search") => search::run(pairs),
        Some("speed") => speed::run(),
        Some("bins") => bins::run(asked.get(1).and_then(|n| n.parse().ok()).unwrap_or(100_000)),
        Some(other) => println!("{other}: not one of level, gate, real, search, speed, bins"),
    }
}
