//! Nanoseconds per value of every way into the profile of a column, the least of several rounds; wall time, so on an
//! idle machine: `cargo bench --bench accumulators`.
//!
//! One profile takes all values, blocks of 8,192 at a time ("whole"), or one of 100,000 values each, merged ("shards").
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::hint::black_box;
use std::time::Instant;
use tollgate::measure::ColumnProfile;
use tollgate::types::LogicalType;

const VALUES: u64 = 1_000_000;
const SHARD: usize = 100_000;
const ROUNDS: usize = 7;

/// Numbers that look random, the same in every run.
fn random(number: u64) -> u64 {
    let word = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

fn line<T>(name: &str, dtype: &LogicalType, values: &[T], add: impl Fn(&mut ColumnProfile, &[T])) {
    let fill = |shard: &[T]| {
        let mut column = ColumnProfile::new("c", dtype);
        shard
            .chunks(8_192)
            .for_each(|block| add(&mut column, block));
        column
    };
    let whole = || drop(black_box(fill(values)));
    let shards = || {
        let mut all = ColumnProfile::new("c", dtype);
        for shard in values.chunks(SHARD) {
            let merged = all.merge(&fill(shard));
            merged.expect("the same type");
        }
        black_box(all);
    };
    let (whole, shards) = (least(&whole, values.len()), least(&shards, values.len()));
    println!("{name:34} {whole:8.1} {shards:8.1}");
}

fn least(run: &dyn Fn(), values: usize) -> f64 {
    let rounds = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_nanos() as f64 / values as f64
    });
    rounds.fold(f64::INFINITY, f64::min)
}

fn main() {
    println!("{:34} {:>8} {:>8}", "ns per value", "whole", "shards");
    whole_numbers();
    floats();
    texts();
}

fn numbers(value: fn(u64) -> u64) -> Vec<i64> {
    (0..VALUES).map(|i| value(i).cast_signed()).collect()
}

/// Hundredths.
fn prices() -> Vec<i64> {
    numbers(|i| 90_000 + random(i) % 10_000_000)
}

fn whole_numbers() {
    let int = LogicalType::Int(64);
    let add = |c: &mut ColumnProfile, b: &[i64]| c.add_ints(b, 1);
    line("few whole numbers", &int, &numbers(|i| random(i) % 50), add);
    let some = numbers(|i| random(i) % 200_000);
    line("whole numbers below 200,000", &int, &some, add);
    line("ascending, each four times", &int, &numbers(|i| i / 4), add);
    line("whole numbers of 64 bits", &int, &numbers(random), add);
    let decimal = LogicalType::Decimal(15, 2);
    line("decimals of 64 bits", &decimal, &prices(), add);
    let wide: Vec<i128> = prices().into_iter().map(i128::from).collect();
    let add_wide = ColumnProfile::add_wide_ints;
    line("decimals of 128 bits", &decimal, &wide, add_wide);
    line("decimals one by one, counted", &decimal, &wide, |c, b| {
        for value in b {
            c.add_int(*value, 3);
        }
    });
    let moment = LogicalType::Timestamp { utc: true };
    let add_micros = |c: &mut ColumnProfile, b: &[i64]| c.add_ints(b, 1_000);
    line("microseconds", &moment, &prices(), add_micros);
}

fn floats() {
    let float = LogicalType::Float(64);
    let floats: Vec<f64> = prices().iter().map(|v| *v as f64 / 100.0).collect();
    line("floats, prices", &float, &floats, ColumnProfile::add_floats);
    line("floats one by one, counted", &float, &floats, |c, b| {
        for value in b {
            c.add_float(*value, 3);
        }
    });
    let floats: Vec<f64> = floats.iter().map(|v| (v / 1e5).ln()).collect();
    line(
        "floats around 0",
        &float,
        &floats,
        ColumnProfile::add_floats,
    );
}

fn texts() {
    let text = LogicalType::String;
    let add = |c: &mut ColumnProfile, b: &[&str]| c.add_texts(b.iter().copied());
    let letter = |i: u64| char::from(b"abcdefghijklmnop"[(random(i) % 16) as usize]);
    let letters = |i: u64, n: u64| (0..n).map(|j| letter(i * 50 + j)).collect::<String>();
    let long: Vec<String> = (0..VALUES)
        .map(|i| letters(i, 10 + random(i) % 34))
        .collect();
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    line("texts of 10 to 43 bytes", &text, &long, add);
    let few: Vec<String> = (0..2_500).map(|i| letters(i, 10)).collect();
    let few: Vec<&str> = (0..VALUES)
        .map(|i| few[(random(i) % 2_500) as usize].as_str())
        .collect();
    line("2,500 texts of 10 bytes", &text, &few, add);
}
