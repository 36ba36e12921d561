//! The history gate on real nights: calm ones flagged, faults found, a year of nights, time.
//!
//! Usage: `cargo bench --bench nights -- FOLDER [calm|faults|alarms|year|walk|lasting] [H,H…] [every] [TABLE] [level]`; FOLDER holds the CSV files
//! that `benches/drift/nights.py` writes. Seeded: the same files give the same table.

#![expect(
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "a benchmark prints; its numbers are small"
)]

mod given;
mod rows;
mod walk;

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use tollgate::drift::history::ordinary::{Compared, Finding, Kind, Spending, compare};
use tollgate::history::{Night, NightColumn, NightValues, Numbers, Standing};
use tollgate::measure::bins::Bins;
use walk::{lasting, walk, year};

const NIGHT_BINS: usize = 256;
const NIGHT_TEXTS: usize = 100;
const ALPHA: f64 = 0.05;
const SHARES: [(&str, f64); 3] = [("small", 0.02), ("middle", 0.05), ("large", 0.15)];
const KINDS: [&str; 11] = [
    "shift",
    "spread",
    "missing",
    "stuck",
    "unit",
    "recode",
    "truncate",
    "new value",
    "fewer rows",
    "lost value",
    "repeated",
];

#[derive(Clone)]
enum Column {
    Numbers(Vec<f64>),
    Times(Vec<f64>),
    Texts(Vec<Option<String>>),
}

#[derive(Clone)]
struct Batch {
    at: DateTime<Utc>,
    columns: Vec<Column>,
}

struct Table {
    name: String,
    columns: Vec<String>,
    nights: Vec<Batch>,
}

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let (u, v) = (1.0 - self.share(), self.share());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    }
}

fn read(path: &Path) -> Table {
    let mut reader = csv::Reader::from_path(path).expect("a file of nights.py");
    let heads: Vec<String> = reader
        .headers()
        .expect("a header")
        .iter()
        .map(str::to_owned)
        .collect();
    let mut days: BTreeMap<String, Vec<csv::StringRecord>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.expect("a row");
        days.entry(record[0].to_owned()).or_default().push(record);
    }
    let mut random = Random(1);
    let nights = days.iter().map(|(day, rows)| {
        let at: DateTime<Utc> = format!("{day}T00:00:00Z").parse().expect("a date");
        let minutes = (random.share() * 20.0).floor();
        let columns = heads.iter().enumerate().skip(1).map(|(i, head)| {
            let number = |r: &csv::StringRecord| r[i].parse().unwrap_or(f64::NAN);
            match head.split_once(' ').expect("a kind").0 {
                "number" => Column::Numbers(rows.iter().map(number).collect()),
                "time" => Column::Times(rows.iter().map(number).collect()),
                _ => Column::Texts(
                    rows.iter()
                        .map(|r| Some(r[i].to_owned()).filter(|t| !t.is_empty()))
                        .collect(),
                ),
            }
        });
        Batch {
            at: at + TimeDelta::minutes(26 * 60 + minutes as i64),
            columns: columns.collect(),
        }
    });
    let name = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let columns = heads[1..]
        .iter()
        .map(|h| h.split_once(' ').expect("a kind").1.to_owned())
        .collect();
    Table {
        name,
        columns,
        nights: nights.collect(),
    }
}

fn len(column: &Column) -> usize {
    match column {
        Column::Numbers(v) | Column::Times(v) => v.len(),
        Column::Texts(v) => v.len(),
    }
}

fn night(table: &Table, batch: &Batch) -> Night {
    let columns = table
        .columns
        .iter()
        .zip(&batch.columns)
        .map(|(name, column)| summary(name, column));
    Night {
        at: batch.at,
        rows: len(&batch.columns[0]) as u64,
        standing: Standing::Ordinary,
        joint: Some(rows::joint(table, batch)),
        told: Vec::new(),
        columns: columns.collect(),
    }
}

fn summary(name: &str, column: &Column) -> NightColumn {
    let (dtype, missing, distinct, values) = match column {
        Column::Numbers(v) => numbers(v),
        Column::Times(v) => {
            let known = v.iter().copied().filter(|v| !v.is_nan());
            let missing = v.len() - known.clone().count();
            let different: HashSet<u64> = known.clone().map(f64::to_bits).collect();
            let least = known.clone().reduce(f64::min);
            let values = NightValues::Times {
                least,
                greatest: known.reduce(f64::max),
            };
            ("timestamp", missing, different.len(), values)
        }
        Column::Texts(v) => {
            let mut counts: BTreeMap<&String, u64> = BTreeMap::new();
            for text in v.iter().flatten() {
                *counts.entry(text).or_insert(0) += 1;
            }
            let mut counts: Vec<(String, u64)> =
                counts.into_iter().map(|(t, n)| (t.clone(), n)).collect();
            counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
            let others = counts.iter().skip(NIGHT_TEXTS).map(|(_, n)| n).sum();
            let distinct = counts.len();
            counts.truncate(NIGHT_TEXTS);
            let missing = v.iter().filter(|t| t.is_none()).count();
            (
                "string",
                missing,
                distinct,
                NightValues::Texts { counts, others },
            )
        }
    };
    NightColumn {
        name: name.to_owned(),
        dtype: dtype.to_owned(),
        missing: missing as u64,
        distinct: Some(distinct as u64),
        values,
    }
}

fn numbers(v: &[f64]) -> (&'static str, usize, usize, NightValues) {
    let known: Vec<f64> = v.iter().copied().filter(|v| !v.is_nan()).collect();
    let mut bins = Bins::default();
    for value in &known {
        bins.add(*value, 1);
    }
    let mut shift = bins.shift();
    while bins.entries().len() > NIGHT_BINS {
        shift += 1;
        bins = bins.at_shift(shift);
    }
    let n = known.len() as f64;
    let mean = known.iter().sum::<f64>() / n;
    let squares: f64 = known.iter().map(|v| (v - mean).powi(2)).sum();
    let different: HashSet<u64> = known.iter().map(|v| v.to_bits()).collect();
    let values = Numbers {
        shift: bins.shift(),
        bins: bins.entries(),
        least: known.iter().copied().reduce(f64::min),
        greatest: known.iter().copied().reduce(f64::max),
        mean: Some(mean).filter(|m| !m.is_nan()),
        deviation: (known.len() > 1).then(|| (squares / (n - 1.0)).sqrt()),
    };
    (
        "float64",
        v.len() - known.len(),
        different.len(),
        NightValues::Numbers(values),
    )
}

/// Puts one fault into one column; `None` where the table has no column for it.
fn fault(batch: &Batch, kind: &str, share: f64, random: &mut Random) -> Option<Batch> {
    let mut batch = batch.clone();
    let rows = len(&batch.columns[0]);
    let picked: Vec<bool> = (0..rows).map(|_| random.share() < share).collect();
    if kind == "fewer rows" || kind == "repeated" {
        let lost = (rows as f64 * share * if kind == "repeated" { 1.0 } else { 2.0 }) as usize;
        for column in &mut batch.columns {
            match column {
                Column::Numbers(v) | Column::Times(v) => drop_or_repeat(v, lost, kind),
                Column::Texts(v) => drop_or_repeat(v, lost, kind),
            }
        }
        return (lost > 0).then_some(batch);
    }
    let text = matches!(kind, "recode" | "new value" | "lost value");
    let fits = |c: &Column| match c {
        Column::Numbers(v) => {
            let known: HashSet<u64> = v
                .iter()
                .filter(|v| !v.is_nan())
                .map(|v| v.to_bits())
                .collect();
            !text && known.len() > 8
        }
        Column::Texts(v) => text && v.iter().flatten().collect::<HashSet<_>>().len() > 1,
        Column::Times(_) => false,
    };
    let fitting: Vec<usize> = (0..batch.columns.len())
        .filter(|i| fits(&batch.columns[*i]))
        .collect();
    let at = *fitting.get(random.next() as usize % fitting.len().max(1))?;
    match &mut batch.columns[at] {
        Column::Numbers(v) => spoil(v, kind, share, &picked),
        Column::Texts(v) => {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for text in v.iter().flatten() {
                *counts.entry(text.clone()).or_insert(0) += 1;
            }
            let most = counts.iter().max_by_key(|(_, n)| **n)?.0.clone();
            for (value, _) in v.iter_mut().zip(&picked).filter(|(_, p)| **p) {
                *value = match kind {
                    "recode" => Some(most.clone()),
                    "new value" => Some("brand new".to_owned()),
                    _ => value
                        .take()
                        .map(|t| if t == most { "brand new".to_owned() } else { t }),
                };
            }
        }
        Column::Times(_) => return None,
    }
    Some(batch)
}

fn drop_or_repeat<T: Clone>(v: &mut Vec<T>, count: usize, kind: &str) {
    let count = count.min(v.len() - 1);
    v.truncate(v.len() - count);
    if kind == "repeated" {
        let again: Vec<T> = v.iter().take(count).cloned().collect();
        v.extend(again);
    }
}

fn spoil(v: &mut [f64], kind: &str, share: f64, picked: &[bool]) {
    let mut known: Vec<f64> = v.iter().copied().filter(|v| !v.is_nan()).collect();
    known.sort_by(f64::total_cmp);
    let n = known.len() as f64;
    let mean = known.iter().sum::<f64>() / n;
    let deviation = (known.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    let middle = known[known.len() / 2];
    let whole = known.iter().all(|v| v.fract() == 0.0);
    let cut = known[((1.0 - share) * (n - 1.0)) as usize];
    for (value, picked) in v.iter_mut().zip(picked) {
        let changed = match kind {
            "shift" => *value + 2.0 * share * deviation,
            "spread" => middle + (*value - middle) * (1.0 + 2.0 * share),
            "missing" if *picked => f64::NAN,
            "stuck" if *picked => middle,
            "unit" if *picked => *value * 1000.0,
            "truncate" => value.min(cut),
            _ => *value,
        };
        *value = if whole { changed.round() } else { changed };
    }
}

/// Whether something is surely beyond its floor, at the floors' defaults.
fn matters(finding: &Finding) -> bool {
    let floor = match finding.kind {
        Kind::Rows => 0.05,
        Kind::Fresh => 0.5,
        Kind::Missing | Kind::Repeated => 0.005,
        Kind::Unseen | Kind::Low | Kind::High => 0.001,
        Kind::Together => 0.05,
        _ => 0.02,
    };
    finding.surely > floor
}

fn blocks(compared: &Compared) -> bool {
    compared.is_flagged() && compared.findings.iter().any(matters)
}

/// Wilson's interval of a share, in per cent.
fn shown(hits: usize, rows: usize) -> String {
    let (k, n, z) = (hits as f64, rows.max(1) as f64, 1.96f64);
    let middle = (k + z * z / 2.0) / (n + z * z);
    let half = z / (n + z * z) * (k * (n - k) / n + z * z / 4.0).sqrt();
    let low = 100.0 * (middle - half).max(0.0);
    format!(
        "{:.1} % [{low:.1}, {:.1}] of {rows}",
        100.0 * k / n,
        100.0 * (middle + half)
    )
}

/// What calm nights of a table came to.
#[derive(Default)]
struct Calm {
    flagged: usize,
    blocked: usize,
    rows: usize,
    below: [usize; 3],
}

/// Every night is judged by the `h` before it, of which none is marked.
fn calm_of(table: &Table, h: usize, every: usize) -> Calm {
    let nights: Vec<Night> = table.nights.iter().map(|b| night(table, b)).collect();
    let (mut calm, mut number, mut exponent) = (Calm::default(), 0.0, 0.0);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for i in (h..nights.len()).step_by(every) {
        let compared =
            compare(&nights[i - h..i], &nights[i], Spending::PerRun(ALPHA)).expect("enough nights");
        calm.flagged += usize::from(compared.is_flagged());
        calm.blocked += usize::from(blocks(&compared));
        calm.rows += 1;
        for (below, p) in calm.below.iter_mut().zip([0.01, 0.1, 0.5]) {
            *below += usize::from(compared.p <= p);
        }
        number += compared.effective;
        exponent += compared.exponent;
        for f in &compared.findings {
            let column = f.column.map_or("", |c| &nights[i].columns[c].name);
            *kinds.entry(format!("{:?}({column})", f.kind)).or_insert(0) += 1;
        }
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|k| std::cmp::Reverse(k.1));
    kinds.truncate(5);
    let n = calm.rows as f64;
    println!(
        "H {h} {}: flagged {}; blocked {}; effective {:.0}, exponent {:.2}; {kinds:?}",
        table.name,
        shown(calm.flagged, calm.rows),
        shown(calm.blocked, calm.rows),
        number / n,
        exponent / n
    );
    calm
}

fn calm(tables: &[Table], spans: &[usize], every: usize) {
    for h in spans {
        let mut all = Calm::default();
        for table in tables {
            let one = calm_of(table, *h, every);
            all.flagged += one.flagged;
            all.blocked += one.blocked;
            all.rows += one.rows;
            for (sum, one) in all.below.iter_mut().zip(one.below) {
                *sum += one;
            }
        }
        let below: Vec<String> = all.below.iter().map(|k| shown(*k, all.rows)).collect();
        println!(
            "H {h} all: flagged {}; blocked {}; p at most 0.01, 0.1, 0.5: {}",
            shown(all.flagged, all.rows),
            shown(all.blocked, all.rows),
            below.join(", ")
        );
    }
}

fn faults(tables: &[Table], spans: &[usize], every: usize) {
    for h in spans {
        for table in tables {
            let nights: Vec<Night> = table.nights.iter().map(|b| night(table, b)).collect();
            let mut found: BTreeMap<(usize, usize), (usize, usize)> = BTreeMap::new();
            let mut random = Random(7);
            for i in (*h..nights.len()).step_by(every) {
                for (k, kind) in KINDS.iter().enumerate() {
                    for (s, (_, share)) in SHARES.iter().enumerate() {
                        let Some(batch) = fault(&table.nights[i], kind, *share, &mut random) else {
                            continue;
                        };
                        let now = night(table, &batch);
                        let compared = compare(&nights[i - h..i], &now, Spending::PerRun(ALPHA))
                            .expect("enough nights");
                        let cell = found.entry((k, s)).or_insert((0, 0));
                        cell.0 += usize::from(compared.is_flagged());
                        cell.1 += 1;
                    }
                }
            }
            for (s, (severity, _)) in SHARES.iter().enumerate() {
                let of = |k: usize| found.get(&(k, s)).copied().unwrap_or((0, 0));
                let all = (0..KINDS.len())
                    .map(of)
                    .fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
                let each: Vec<String> = (0..KINDS.len())
                    .map(|k| {
                        format!(
                            "{} {:.0}",
                            KINDS[k],
                            100.0 * of(k).0 as f64 / of(k).1.max(1) as f64
                        )
                    })
                    .collect();
                println!(
                    "H {h} {} {severity}: {} | {}",
                    table.name,
                    shown(all.0, all.1),
                    each.join(", ")
                );
            }
        }
    }
}

/// Real nights one after the other at one false alarm a year, each by the `h` before it, of which none is marked; a
/// series of alarms counts once until 28 nights pass without.
fn alarms(tables: &[Table], spans: &[usize]) {
    for h in spans {
        for table in tables {
            let nights: Vec<Night> = table.nights.iter().map(|b| night(table, b)).collect();
            let mut windows: BTreeMap<usize, usize> = BTreeMap::new();
            let (mut all, mut series, mut last) = (0usize, 0usize, None);
            for i in *h..nights.len() {
                let compared = compare(&nights[i - h..i], &nights[i], Spending::PerYear(1.0))
                    .expect("enough nights");
                if !compared.is_flagged() {
                    continue;
                }
                all += 1;
                if last.is_none_or(|l| i - l > 28) {
                    series += 1;
                }
                last = Some(i);
                let window = compared.findings.first().map_or(0, |f| f.window);
                *windows.entry(window).or_insert(0) += 1;
            }
            let rows = nights.len() - h;
            println!(
                "H {h} {}: {all} alarms in {rows} nights, {series} series, by window {windows:?}",
                table.name
            );
        }
    }
}

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| !a.starts_with("--"))
        .collect();
    let folder = words.first().map_or("", String::as_str);
    let what = words.get(1).map_or("calm", String::as_str);
    let spans = words.get(2).map_or("8,14,28,60", String::as_str);
    let spans: Vec<usize> = spans.split(',').filter_map(|h| h.parse().ok()).collect();
    let every = words.get(3).and_then(|n| n.parse().ok()).unwrap_or(1);
    if what == "given" {
        let word = |at: usize| words.get(at).map(String::as_str);
        given::given(
            Path::new(folder),
            word(2).unwrap_or("0.05"),
            word(3),
            (
                word(4),
                word(5).and_then(|h| h.parse().ok()).unwrap_or(usize::MAX),
            ),
        );
        return;
    }
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .map(|d| d.flatten().map(|f| f.path()).collect())
        .unwrap_or_default();
    files.sort();
    files.retain(|f| f.extension().is_some_and(|e| e == "csv"));
    let only = words.get(4);
    let alpha = words.get(5).and_then(|n| n.parse().ok()).unwrap_or(ALPHA);
    files.retain(|f| only.is_none_or(|o| f.to_string_lossy().contains(o.as_str())));
    let tables: Vec<Table> = if what == "year" {
        Vec::new()
    } else {
        files.iter().map(|f| read(f)).collect()
    };
    match what {
        "faults" => faults(&tables, &spans, every),
        "alarms" => alarms(&tables, &spans),
        "year" => year(&spans, every),
        "lasting" => lasting(&tables, every),
        "walk" => walk(&tables, alpha, every),
        _ => calm(&tables, &spans, every),
    }
}
