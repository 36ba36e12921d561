//! Nights in the order in which the program sees them, each leaving what it leaves.

use super::{
    ALPHA, Batch, Column, KINDS, Random, SHARES, Table, blocks, fault, matters, night, shown,
};
use chrono::{DateTime, TimeDelta};
use tollgate::drift::history::ordinary::{Compared, Finding, Spending, compare};
use tollgate::history::{Night, Standing, Told};

/// What the program would leave of a night: unusual where something matters, with what was told.
pub(crate) fn left(mut now: Night, compared: &Compared) -> Night {
    if blocks(compared) {
        now.standing = Standing::Unusual;
        let told = |f: &Finding| Told {
            column: f.column.map(|c| now.columns[c].name.clone()),
            kind: f.kind.word().to_owned(),
            p: f.adjusted,
        };
        now.told = compared
            .findings
            .iter()
            .filter(|f| matters(f))
            .map(told)
            .collect();
    }
    now
}

/// Every night by all before it, as the program walks; faults are looked for every so many nights.
pub(crate) fn walk(tables: &[Table], alpha: f64, every: usize) {
    let mut total = [0usize; 6];
    let print = |name: &str, t: [usize; 6]| {
        println!(
            "walk at {alpha} {name}: flagged {}, blocked {}; faults found {}, blocked {}",
            shown(t[0], t[2]),
            shown(t[1], t[2]),
            shown(t[3], t[5]),
            shown(t[4], t[5])
        );
    };
    for table in tables {
        let mut past: Vec<Night> = Vec::new();
        let mut sums = [0usize; 6];
        let mut random = Random(7);
        for (i, batch) in table.nights.iter().enumerate() {
            let mut now = night(table, batch);
            if let Ok(compared) = compare(&past, &now, Spending::PerRun(alpha)) {
                sums[0] += usize::from(compared.is_flagged());
                sums[1] += usize::from(blocks(&compared));
                sums[2] += 1;
                let kinds = KINDS.iter().flat_map(|k| SHARES.map(|(_, s)| (k, s)));
                for (kind, share) in kinds.filter(|_| i % every == 0) {
                    let Some(batch) = fault(batch, kind, share, &mut random) else {
                        continue;
                    };
                    let compared = compare(&past, &night(table, &batch), Spending::PerRun(alpha));
                    let compared = compared.expect("enough nights");
                    sums[3] += usize::from(compared.is_flagged());
                    sums[4] += usize::from(blocks(&compared));
                    sums[5] += 1;
                }
                now = left(now, &compared);
            }
            past.push(now);
        }
        print(&table.name, sums);
        for (total, sum) in total.iter_mut().zip(sums) {
            *total += sum;
        }
    }
    print("all", total);
}

/// A fault that stays for ten nights after 60 calm ones: share flagged, night by night.
pub(crate) fn lasting(tables: &[Table], every: usize) {
    for table in tables {
        let nights: Vec<Night> = table.nights.iter().map(|b| night(table, b)).collect();
        for (severity, share) in SHARES {
            let mut found = [(0usize, 0usize); 10];
            let mut random = Random(7);
            for start in (60..nights.len() - 10).step_by(every) {
                for kind in KINDS {
                    let seed = random.next();
                    let mut past = nights[start - 60..start].to_vec();
                    for (day, found) in found.iter_mut().enumerate() {
                        let batch = &table.nights[start + day];
                        let Some(batch) = fault(batch, kind, share, &mut Random(seed)) else {
                            break;
                        };
                        let now = night(table, &batch);
                        let compared = compare(&past, &now, Spending::PerRun(ALPHA));
                        let compared = compared.expect("60 nights");
                        found.0 += usize::from(compared.is_flagged());
                        found.1 += 1;
                        past.push(left(now, &compared));
                    }
                }
            }
            let shares = found.map(|(k, n)| format!("{:.0}", 100.0 * k as f64 / n as f64));
            println!(
                "lasting {} {severity}: {} % of {}",
                table.name,
                shares.join(" "),
                found[0].1
            );
        }
    }
}

/// A year of nights of normal numbers with a spread between nights, then a shift that stays.
pub(crate) fn year(spans: &[usize], years: usize) {
    for h in spans {
        for (between, rows) in [(0.0, 1000), (0.03, 1000)] {
            let (mut any, mut alarms) = (0usize, 0usize);
            let mut until: Vec<usize> = Vec::new();
            for seed in 0..years as u64 {
                let mut random = Random(seed * 7919 + 1);
                let mut past: Vec<Night> = Vec::new();
                let mut seen = 0usize;
                let start = 365 + h;
                for i in 0..start + 60 {
                    let shift = if i < start { 0.0 } else { 0.05 };
                    let level = between * random.normal() + shift;
                    let v: Vec<f64> = (0..rows).map(|_| level + random.normal()).collect();
                    let at = DateTime::UNIX_EPOCH + TimeDelta::days(i as i64);
                    let table = Table {
                        name: String::new(),
                        columns: vec!["x".to_owned()],
                        nights: Vec::new(),
                    };
                    let mut now = night(
                        &table,
                        &Batch {
                            at,
                            columns: vec![Column::Numbers(v)],
                        },
                    );
                    if i >= *h {
                        let from = past.len().saturating_sub(*h);
                        let compared =
                            compare(&past[from..], &now, Spending::PerYear(1.0)).expect("enough");
                        if compared.is_flagged() {
                            if i < start {
                                seen += 1;
                                now.standing = Standing::Flagged;
                            } else {
                                until.push(i - start + 1);
                                break;
                            }
                        }
                    }
                    past.push(now);
                }
                any += usize::from(seen > 0);
                alarms += seen;
            }
            until.sort_unstable();
            let median = until.get((years - 1) / 2).copied();
            println!(
                "H {h} between {between}: any alarm in a year {}, alarms a year {:.2}, nights to find 0.05 sd: median {median:?}, within 30 {}",
                shown(any, years),
                alarms as f64 / years as f64,
                shown(until.iter().filter(|n| **n <= 30).count(), years)
            );
        }
    }
}
