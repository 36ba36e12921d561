//! Profiles of the example's files inside one process: `cargo bench --bench profile`.
//!
//! Prints the median wall time of many rounds, with the least and the greatest. There is no harness crate: criterion's
//! features would have the relational engine built twice. What whole processes take beside others is `benches/run.sh`'s.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at the first surprise"
)]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use tollgate::engine::embedded::profile::whole;
use tollgate::engine::embedded::source::{Dataset, SourceOptions};

/// Time that each file is profiled for, over and over.
const SPAN: Duration = Duration::from_secs(3);

fn main() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/flights/data");
    for name in [
        "flights-2013-02.parquet",
        "flights-2013-02.csv",
        "flights-2013-02.ndjson",
    ] {
        let once = || {
            let dataset = Dataset::open(name, &data, &SourceOptions::default()).unwrap();
            black_box(whole(&dataset, None).unwrap()).rows
        };
        let rows = once();
        let mut rounds = Vec::new();
        let start = Instant::now();
        while start.elapsed() < SPAN {
            let round = Instant::now();
            assert_eq!(once(), rows);
            rounds.push(round.elapsed());
        }
        rounds.sort_unstable();
        let (least, median) = (rounds[0], rounds[rounds.len() / 2]);
        let greatest = rounds[rounds.len() - 1];
        let count = rounds.len();
        println!(
            "{name}: {rows} rows, {median:.1?} ({least:.1?} to {greatest:.1?}), {count} rounds"
        );
    }
}
