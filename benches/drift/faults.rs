//! Real tables, pairs of unchanged sides drawn from one of them, and the faults of `run.py`.

use std::fs;
use std::path::Path;
use tollgate::drift::sample::{Random, Side, Values, hash};

/// Kinds of faults.
pub(crate) const KINDS: [&str; 10] = [
    "shift",
    "scale",
    "missing",
    "stuck",
    "unit",
    "recode",
    "truncate",
    "duplicate",
    "misjoin",
    "new value",
];

/// Share of the rows that a small, a middle and a large fault is in.
const SHARES: [f64; 3] = [0.02, 0.05, 0.15];

/// Share of the rows that are joined to other values.
const JOINED: [f64; 3] = [0.15, 0.4, 1.0];

/// A table as `export.py` writes it.
pub(crate) fn read(folder: &Path) -> Vec<Values> {
    let list = fs::read_to_string(folder.join("columns")).unwrap();
    let column = |(i, line): (usize, &str)| {
        let bytes = fs::read(folder.join(format!("{i}.bin"))).unwrap();
        if line.starts_with('n') {
            let number = |b: &[u8]| f64::from_le_bytes(b.try_into().unwrap()) + 0.0;
            return Values::Numbers(bytes.chunks_exact(8).map(number).collect());
        }
        let texts = fs::read_to_string(folder.join(format!("{i}.txt"))).unwrap();
        let known: Vec<u64> = std::iter::once(0)
            .chain(texts.split('\n').map(hash::text))
            .collect();
        let text = |b: &[u8]| known[u32::from_le_bytes(b.try_into().unwrap()) as usize];
        Values::Texts(bytes.chunks_exact(4).map(text).collect())
    };
    list.lines().enumerate().map(column).collect()
}

/// The rows named of every column.
fn taken(columns: &[Values], rows: &[u32]) -> Vec<Values> {
    let at = |row: &u32| *row as usize;
    let of = |column: &Values| match column {
        Values::Numbers(v) => Values::Numbers(rows.iter().map(|r| v[at(r)]).collect()),
        Values::Texts(v) => Values::Texts(rows.iter().map(|r| v[at(r)]).collect()),
        Values::Presence(v) => Values::Presence(rows.iter().map(|r| v[at(r)]).collect()),
        Values::Moments(v) => Values::Moments(rows.iter().map(|r| v[at(r)]).collect()),
        Values::Derived(v) => Values::Derived(rows.iter().map(|r| v[at(r)]).collect()),
    };
    columns.iter().map(of).collect()
}

/// Two sides drawn from one table without replacement.
pub(crate) fn pair(
    table: &[Values],
    size: usize,
    random: &mut Random,
) -> (Vec<Values>, Vec<Values>) {
    let rows = random.choose(2 * size, table[0].len());
    (taken(table, &rows[..size]), taken(table, &rows[size..]))
}

/// A side as the gate reads it.
pub(crate) fn side(columns: Vec<Values>) -> Side {
    let mut hashes = vec![0u64; columns[0].len()];
    for column in &columns {
        for (row, hash) in hashes.iter_mut().enumerate() {
            let bits = match column {
                Values::Numbers(v) | Values::Derived(v) if v[row].is_nan() => 1,
                Values::Numbers(v) | Values::Derived(v) => v[row].to_bits(),
                Values::Moments(v) => v[row].cast_unsigned(),
                Values::Texts(v) => v[row],
                Values::Presence(v) => u64::from(v[row]),
            };
            *hash = hash::with(*hash, bits);
        }
    }
    for hash in &mut hashes {
        *hash = hash::finished(*hash);
    }
    Side {
        rows: hashes.len() as u64,
        digest: hashes.iter().map(|h| u128::from(*h)).sum(),
        columns,
        positions: (0..hashes.len() as u64).collect(),
        hashes,
    }
}

fn unit(random: &mut Random) -> f64 {
    (random.bits() >> 11) as f64 / (1u64 << 53) as f64
}

/// One fault in one column, the `turn`-th that can have it; `None` where none can, or where nothing came of it, as of a
/// shift by less than half of whole numbers.
pub(crate) fn fault(
    kind: &str,
    before: &[Values],
    severity: usize,
    random: &mut Random,
    turn: usize,
) -> Option<Vec<Values>> {
    let n = before[0].len();
    let share = SHARES[severity];
    let mut now = before.to_vec();
    match kind {
        "duplicate" => {
            let copies = (0..n)
                .filter(|i| ((i + 1) as f64) <= share * n as f64)
                .count();
            let order: Vec<u32> = (0u32..)
                .take(n - copies)
                .chain((0u32..).take(copies))
                .collect();
            now = taken(before, &order);
        }
        "recode" | "new value" => {
            let is_text = |c: &&mut Values| matches!(c, Values::Texts(_));
            let count = before
                .iter()
                .filter(|c| matches!(c, Values::Texts(_)))
                .count();
            let column = now.iter_mut().filter(is_text).nth(turn % count.max(1))?;
            let Values::Texts(values) = column else {
                return None;
            };
            let to = if kind == "recode" {
                commonest(values)?
            } else {
                hash::text("brand new")
            };
            values
                .iter_mut()
                .filter(|_| unit(random) < share)
                .for_each(|v| *v = to);
        }
        _ => {
            let is_wide = |c: &Values| matches!(c, Values::Numbers(v) if sorted(v).chunk_by(|a, b| a >= b).count() > 8);
            let wide: Vec<usize> = (0..before.len()).filter(|i| is_wide(&before[*i])).collect();
            let column = *wide.get(turn % wide.len().max(1))?;
            let Values::Numbers(values) = &mut now[column] else {
                return None;
            };
            of_numbers(kind, values, severity, random);
        }
    }
    let is_same = |(a, b): (&Values, &Values)| match (a, b) {
        (Values::Numbers(a), Values::Numbers(b)) => {
            a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
        }
        (a, b) => a == b,
    };
    (!before.iter().zip(&now).all(is_same)).then_some(now)
}

fn commonest(values: &[u64]) -> Option<u64> {
    let mut known: Vec<u64> = values.iter().copied().filter(|v| *v != 0).collect();
    known.sort_unstable();
    let most = known.chunk_by(|a, b| a == b).max_by_key(|run| run.len())?;
    most.first().copied()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    known.sort_unstable_by(f64::total_cmp);
    known
}

/// The quantile as numpy gives it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in the list"
)]
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = q * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

fn of_numbers(kind: &str, values: &mut [f64], severity: usize, random: &mut Random) {
    let share = SHARES[severity];
    let known = sorted(values);
    let n = known.len() as f64;
    let mean = known.iter().sum::<f64>() / n;
    let squares: f64 = known.iter().map(|v| (v - mean) * (v - mean)).sum();
    let deviation = (squares / (n - 1.0)).sqrt();
    let middle = quantile(&known, 0.5);
    let is_whole = known.iter().all(|v| v.fract() == 0.0);
    let keep = |v: f64| if is_whole { v.round_ties_even() } else { v };
    let top = quantile(&known, 1.0 - share);
    if kind == "misjoin" {
        let hit: Vec<usize> = (0..values.len())
            .filter(|_| unit(random) < JOINED[severity])
            .collect();
        let order = random.choose(hit.len(), hit.len());
        let others: Vec<f64> = order.iter().map(|i| values[hit[*i as usize]]).collect();
        hit.iter()
            .zip(others)
            .for_each(|(row, other)| values[*row] = other);
        return;
    }
    for v in values.iter_mut() {
        let is_hit = unit(random) < share;
        *v = 0.0
            + match kind {
                "shift" => keep(*v + 2.0 * share * deviation),
                "scale" => keep(middle + (*v - middle) * (1.0 + 2.0 * share)),
                "truncate" if *v > top => top,
                "missing" if is_hit => f64::NAN,
                "stuck" if is_hit => middle,
                "unit" if is_hit => *v * 1_000.0,
                _ => *v,
            };
    }
}
