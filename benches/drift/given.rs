//! Nights and faults that `given.py` wrote, judged in the order in which the program would see them.

use super::walk::left;
use super::{Batch, Column, Table, blocks, night, rows, shown};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;
use tollgate::drift::history::ordinary::{Compared, Spending, compare_by_calendar};
use tollgate::history::{Joint, Night};

/// A line of the file.
#[derive(Deserialize)]
struct Line {
    date: String,
    judged: String,
    kind: String,
    columns: Vec<(String, Values)>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    Numbers(Vec<Option<f64>>),
    Texts(Vec<Option<String>>),
}

fn batch(line: Line) -> (Table, Batch) {
    let at: DateTime<Utc> = format!("{}T06:00:00Z", line.date).parse().expect("a date");
    let (mut names, mut columns) = (Vec::new(), Vec::new());
    for (head, values) in line.columns {
        let (kind, name) = head.split_once(' ').expect("a kind");
        names.push(name.to_owned());
        columns.push(match (kind, values) {
            ("number", Values::Numbers(v)) => {
                Column::Numbers(v.into_iter().map(|v| v.unwrap_or(f64::NAN)).collect())
            }
            (_, Values::Texts(v)) => Column::Texts(v),
            // Texts of which none is there.
            (_, Values::Numbers(v)) => Column::Texts(v.into_iter().map(|_| None).collect()),
        });
    }
    let table = Table {
        name: String::new(),
        columns: names,
        nights: Vec::new(),
    };
    (table, Batch { at, columns })
}

/// Told, blocked and judged.
#[derive(Default, Clone, Copy)]
struct Sum([usize; 3]);

impl Sum {
    fn add(&mut self, compared: &Compared) {
        self.0[0] += usize::from(compared.is_flagged());
        self.0[1] += usize::from(blocks(compared));
        self.0[2] += 1;
    }
}

/// Walks each file; prints the nights without a fault that were told, and what was found of each kind.
///
/// `most` are the nights before that each night is judged by, the latest; `calm` in `which` leaves faults out.
pub(crate) fn given(
    folder: &Path,
    level: &str,
    only: Option<&str>,
    (which, most): (Option<&str>, usize),
) {
    let spending = match level {
        "year" => Spending::PerYear(1.0),
        level => Spending::PerRun(level.parse().expect("a level")),
    };
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .map(|f| f.path())
        .filter(|f| f.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        if only.is_none_or(|only| only.split(',').any(|o| o == name)) {
            walked(&file, &name, spending, (which, most));
        }
    }
}

fn walked(file: &Path, name: &str, spending: Spending, (which, most): (Option<&str>, usize)) {
    let lines = std::io::BufReader::new(std::fs::File::open(file).expect("a file")).lines();
    let days = special_days(&file.with_extension("csv"));
    let name_of = |n: &Night| days.get(&n.at.date_naive()).map(String::as_str);
    let mut past: Vec<Night> = Vec::new();
    let mut sums: BTreeMap<(String, String), Sum> = BTreeMap::new();
    for line in lines {
        let line: Line = serde_json::from_str(&line.expect("a line")).expect("a batch");
        let (date, judged, kind) = (line.date.clone(), line.judged.clone(), line.kind.clone());
        if which == Some("calm") && !kind.is_empty() {
            continue;
        }
        let (table, batch) = batch(line);
        let before: Vec<&Joint> = past.iter().filter_map(|n| n.joint.as_ref()).collect();
        let mut now = night(&table, &batch);
        now.joint = Some(rows::joint_after(&table.columns, &batch, &before));
        let latest = &past[past.len().saturating_sub(most)..];
        let compared = compare_by_calendar(latest, &now, spending, &name_of).ok();
        if let Some(compared) = compared.as_ref().filter(|_| !judged.is_empty()) {
            sums.entry((judged.clone(), kind.clone()))
                .or_default()
                .add(compared);
            if judged == "calm" && compared.is_flagged() && !is_held_out(name) {
                println!("{}", told(&date, &now, compared));
            }
        }
        if kind.is_empty() {
            past.push(match &compared {
                Some(compared) => left(now, compared),
                None => now,
            });
        }
    }
    print(name, &sums);
}

/// Days that somebody declared, a date and a name in each line of a file beside the series; none without the file.
fn special_days(file: &Path) -> BTreeMap<NaiveDate, String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let day = |line: &str| {
        let (date, name) = line.split_once(',')?;
        Some((date.parse().ok()?, name.to_owned()))
    };
    text.lines().filter_map(day).collect()
}

/// Nobody looks at single nights of the series that are held out.
fn is_held_out(name: &str) -> bool {
    ["departures", "pets", "births"].contains(&name)
}

fn told(date: &str, now: &Night, compared: &Compared) -> String {
    let one = |f: &tollgate::drift::history::ordinary::Finding| {
        let column = f.column.map_or("", |c| &now.columns[c].name);
        format!(
            "{:?}({column}) {:.4}, expected {:.4}, p {:.5}, window {}",
            f.kind, f.now, f.expected, f.adjusted, f.window
        )
    };
    let all: Vec<String> = compared.findings.iter().take(3).map(one).collect();
    format!(
        "  {date} {} rows, p {:.5}, exponent {:.2}, effective {:.0}, findings {}: {}",
        now.rows,
        compared.p,
        compared.exponent,
        compared.effective,
        compared.findings.len(),
        all.join("; ")
    )
}

fn print(name: &str, sums: &BTreeMap<(String, String), Sum>) {
    for judged in ["calm", "middle", "large"] {
        let of = || sums.iter().filter(|((j, _), _)| j == judged);
        let total = of().fold([0usize; 3], |t, (_, s)| {
            [t[0] + s.0[0], t[1] + s.0[1], t[2] + s.0[2]]
        });
        let kinds: Vec<String> = of()
            .filter(|((_, kind), _)| !kind.is_empty())
            .map(|((_, kind), s)| format!("{kind} {}/{}", s.0[0], s.0[2]))
            .collect();
        if total[2] > 0 {
            println!(
                "{name} {judged}: told {}, blocks {} {}",
                shown(total[0], total[2]),
                shown(total[1], total[2]),
                kinds.join(", ")
            );
        }
    }
}
