//! Several references, slices, environments, roles and importance, end to end: what is said, and bad input.

use crate::drift_roles::{ENVIRONMENTS, without};
use crate::harness::Gate;
use std::fmt::Write;
use tollgate::drift::sample::Random;
use tollgate::record::Status;

/// What a table is made with.
#[derive(Clone, Copy)]
pub(crate) struct Made {
    pub(crate) rows: usize,
    pub(crate) seed: u64,
    /// Added to `x` where the city is the first one.
    pub(crate) in_bern: f64,
    /// Added to `x` everywhere.
    pub(crate) everywhere: f64,
    /// Per cent of rows with a true label.
    pub(crate) late: usize,
}

pub(crate) const MADE: Made = Made {
    rows: 900,
    seed: 1,
    in_bern: 0.0,
    everywhere: 0.0,
    late: 20,
};

const CITIES: [&str; 3] = ["Bern", "Lima", "Oslo"];

/// Rows of two numbers, a city, a label and a score.
pub(crate) fn table(made: Made) -> String {
    let mut random = Random::new(made.seed);
    let mut text = "x,y,city,late,p\n".to_owned();
    for _ in 0..made.rows {
        let mut number = || (0..6).map(|_| random.below(1_000) as f64).sum::<f64>() / 1_000.0;
        let (x, y, p) = (number(), number(), number() / 6.0);
        let city = CITIES[random.below(3)];
        let shift = made.everywhere + if city == "Bern" { made.in_bern } else { 0.0 };
        let late = random.below(100) < made.late;
        writeln!(text, "{:.3},{y:.3},{city},{late},{p:.3}", x + shift).unwrap();
    }
    text
}

/// Runs files with a dataset's lines below `path: d.csv`.
pub(crate) fn gate(files: &[(&str, &str)], dataset: &str) -> Gate {
    let config = format!("version: 1\ndatasets:\n  d:\n    path: d.csv\n{dataset}");
    let mut all: Vec<(&str, &[u8])> = files.iter().map(|(n, t)| (*n, t.as_bytes())).collect();
    all.push(("tollgate.yaml", config.as_bytes()));
    Gate::run(&all, &[])
}

pub(crate) fn ids(gate: &Gate) -> Vec<String> {
    gate.record().outcomes.into_iter().map(|o| o.id).collect()
}

#[track_caller]
pub(crate) fn refused(gate: &Gate, said: &[&str]) {
    assert_eq!(gate.code, 2, "{}{}", gate.stdout, gate.stderr);
    for said in said {
        assert!(gate.stderr.contains(said), "{said} in\n{}", gate.stderr);
    }
}

pub(crate) const NEXT: Made = Made { seed: 2, ..MADE };
const THIRD: Made = Made { seed: 3, ..MADE };

#[test]
fn each_reference_is_compared_and_named() {
    let moved = Made {
        everywhere: 1.0,
        ..THIRD
    };
    let files = [
        ("d.csv", &*table(MADE)),
        ("jan.csv", &table(NEXT)),
        ("feb.csv", &table(moved)),
    ];
    let gate = gate(
        &files,
        "    reference: [jan.csv, {path: feb.csv, name: last month}]\n",
    );
    let calm = gate.outcome("d.drift_dataset@jan");
    assert_eq!(calm.status, Status::Pass, "{}", calm.message);
    assert!(
        calm.message.starts_with("Against `jan`: No change found"),
        "{}",
        calm.message
    );
    // Half of 0.01 for each of two.
    assert_eq!(calm.limits[0].text, "0.005");
    let found = gate.outcome("d.drift_location(x)@last month");
    assert_eq!(found.status, Status::Warn);
    assert!(
        found.message.starts_with("Against `last month`: `x` moved"),
        "{}",
        found.message
    );
    let run = gate.record();
    assert_eq!(run.datasets[0].reference, None);
    assert_eq!(run.datasets[0].references, ["jan.csv", "feb.csv"]);
    let mut ids = ids(&gate);
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn one_reference_in_a_list_is_as_one_without() {
    let files = [("d.csv", &*table(MADE)), ("r.csv", &table(NEXT))];
    let one = gate(&files, "    reference: r.csv\n").record();
    let listed = gate(&files, "    reference: [r.csv]\n").record();
    assert_eq!(one.outcomes.len(), listed.outcomes.len());
    for (a, b) in one.outcomes.iter().zip(&listed.outcomes) {
        assert_eq!((&a.id, &a.message), (&b.id, &b.message));
    }
    assert_eq!(listed.datasets[0].reference.as_deref(), Some("r.csv"));
}

#[test]
fn files_of_one_name_are_told_apart_by_their_folders() {
    let folder = tempfile::tempdir().unwrap();
    for (name, made) in [("d.csv", MADE), ("a/r.csv", NEXT), ("b/r.csv", THIRD)] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, table(made)).unwrap();
    }
    let config = "version: 1\ndatasets:\n  d: {path: d.csv, reference: [a/r.csv, b/r.csv]}\n";
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let gate = Gate::again(folder, &[]);
    gate.outcome("d.drift_dataset@a/r.csv");
    gate.outcome("d.drift_dataset@b/r.csv");
}

#[test]
fn a_reference_that_does_not_fit_is_named() {
    let files = [
        ("d.csv", &*table(MADE)),
        ("r.csv", &table(NEXT)),
        ("other.csv", "z\n1\n2\n"),
    ];
    let gate_ = gate(&files, "    reference: [r.csv, other.csv]\n");
    let outcome = gate_.outcome("d.drift_coverage@other");
    assert_eq!(outcome.status, Status::Error, "{}", outcome.message);
    assert_eq!(gate_.code, 3);
    assert_eq!(gate_.outcome("d.drift_dataset@r").status, Status::Pass);
    let gate = gate(&files[..2], "    reference: [r.csv, none.csv]\n");
    assert_eq!(gate.code, 3);
    assert!(gate.stderr.contains("none.csv"), "{}", gate.stderr);
}

#[test]
fn wrong_references_are_refused_all_at_once() {
    let files = [("d.csv", &*table(MADE)), ("r.csv", &table(NEXT))];
    let wrong = "    reference: [r.csv, r.csv, {path: q.csv, name: ''}, {name: x}, 3, d.csv, {path: s.csv, kind: x}]\n";
    refused(
        &gate(&files, wrong),
        &[
            "`r.csv` is a reference twice",
            "the name of a reference is empty",
            "a reference needs `path`",
            "`reference` must be a path",
            "is its own reference",
            "a reference has no key `kind`",
        ],
    );
    refused(
        &gate(&files, "    reference: [{path: x.csv, name: r}, r.csv]\n"),
        &["two references are called `r`"],
    );
    refused(
        &gate(&files, "    reference: []\n"),
        &["a path, or a list with at least one"],
    );
    let many: Vec<String> = (0..13).map(|i| format!("r{i}.csv")).collect();
    refused(
        &gate(&files, &format!("    reference: [{}]\n", many.join(", "))),
        &["at most 12 references"],
    );
}

#[test]
fn what_is_kept_of_several_references_is_told_apart() {
    let moved = Made {
        everywhere: 1.0,
        ..THIRD
    };
    let files = [
        ("d.csv", table(MADE)),
        ("jan.csv", table(NEXT)),
        ("feb.csv", table(moved)),
    ];
    let config = "version: 1\ndatasets:\n  d: {path: d.csv, reference: [jan.csv, feb.csv], drift: {slices: city}}\n";
    let mut all: Vec<(&str, &[u8])> = files.iter().map(|(n, t)| (*n, t.as_bytes())).collect();
    all.push(("tollgate.yaml", config.as_bytes()));
    let args = ["--state", "state", "--now", "2026-01-01T00:00:00Z"];
    let json = |gate: &Gate| std::fs::read(gate.folder.path().join("report/run.json")).unwrap();
    // What a file was read by is kept only once its time is past.
    let first = Gate::run(&all, &args);
    let before = json(&first);
    let again = Gate::again(first.folder, &args);
    assert_eq!(before, json(&again), "{}", again.stderr);
}

#[test]
fn the_slice_that_changed_is_named() {
    let now = Made {
        in_bern: 1.0,
        ..MADE
    };
    let files = [("d.csv", &*table(now)), ("r.csv", &table(NEXT))];
    let gate = gate(
        &files,
        "    reference: r.csv\n    drift: {slices: [city], severity: error}\n",
    );
    let found = gate.outcome("d.drift_location(x)[city = Bern]");
    assert_eq!(found.status, Status::Fail, "{}", found.message);
    assert!(
        found
            .message
            .starts_with("For `city` = Bern: `x` moved: median "),
        "{}",
        found.message
    );
    assert!(found.tags.contains(&"slice".to_owned()));
    let slices = gate.outcome("d.drift_slices(city)");
    assert!(
        slices
            .message
            .starts_with("Changed in 1 of 3 slices by `city`: Bern. Unchanged data would look"),
        "{}",
        slices.message
    );
    assert_eq!(slices.status, Status::Fail);
    let others = ids(&gate).into_iter().filter(|id| id.contains("= Oslo"));
    assert_eq!(others.count(), 0);
}

#[test]
fn unchanged_slices_pass_and_small_ones_are_counted() {
    let few = |text: String, n: usize| text + &"1,2,Rome,true,0.5\n".repeat(n) + "1,2,,true,0.5\n";
    let (now, before) = (
        few(table(MADE), 20),
        few(table(NEXT), 60) + "1,2,Wien,true,0.5\n",
    );
    let files = [("d.csv", &*now), ("r.csv", &before)];
    let gate = gate(&files, "    reference: r.csv\n    drift: {slices: city}\n");
    let slices = gate.outcome("d.drift_slices(city)");
    assert_eq!(slices.status, Status::Pass, "{}", slices.message);
    assert!(
        slices.message.ends_with(
            "Not compared: 1 value with fewer than 50 rows on a side (80 rows), 1 value that one side alone has, 2 rows without a value."
        ),
        "{}",
        slices.message
    );
    // A quarter of 0.01 would be for each of two columns; of one it is half, or all where the whole changed.
    assert!(["0.005", "0.01"].contains(&&*slices.limits[0].text));
}

#[test]
fn slices_without_enough_rows_or_column_are_skipped() {
    let short = Made { rows: 90, ..MADE };
    let files = [
        ("d.csv", &*table(short)),
        ("r.csv", &table(Made { rows: 90, ..NEXT })),
    ];
    let gate_ = gate(
        &files,
        "    reference: r.csv\n    drift: {slices: [city]}\n",
    );
    let slices = gate_.outcome("d.drift_slices(city)");
    assert_eq!(slices.status, Status::Skipped, "{}", slices.message);
    assert!(slices.message.contains("no value of `city` has 50 rows"));
    let without = table(NEXT).replace(",city,", ",town,");
    let files = [("d.csv", &*table(MADE)), ("r.csv", &without)];
    let gate = gate(
        &files,
        "    reference: r.csv\n    drift: {slices: [city]}\n",
    );
    let slices = gate.outcome("d.drift_slices(city)");
    assert_eq!(slices.status, Status::Skipped);
    assert_eq!(
        slices.message,
        "Skipped: the reference has no column `city`."
    );
}

#[test]
fn an_excluded_column_can_part_the_rows() {
    let now = Made {
        in_bern: 1.0,
        ..MADE
    };
    let files = [("d.csv", &*table(now)), ("r.csv", &table(NEXT))];
    let dataset = "    reference: r.csv\n    drift: {slices: [city], exclude: [city]}\n";
    let gate = gate(&files, dataset);
    assert!(
        ids(&gate).contains(&"d.drift_location(x)[city = Bern]".to_owned()),
        "{:?}",
        ids(&gate)
    );
}

#[test]
fn hostile_values_of_slices_stay_text() {
    let hostile = |text: String| text.replace("Bern", "::error::<b>\u{1b}[31m");
    let now = Made {
        in_bern: 1.0,
        ..MADE
    };
    let (now, before) = (hostile(table(now)), hostile(table(NEXT)));
    let gate = gate(
        &[("d.csv", &*now), ("r.csv", &before)],
        "    reference: r.csv\n    drift: {slices: [city], severity: error}\n",
    );
    assert_eq!(gate.code, 1, "{}", gate.stderr);
    assert!(!gate.stdout.contains('\u{1b}'), "{}", gate.stdout);
    let html = std::fs::read_to_string(gate.folder.path().join("report/report.html")).unwrap();
    assert!(!html.contains("::error::<b>"));
}

#[test]
fn wrong_slices_are_refused() {
    let contract = "version: 1\ncolumns:\n  - {name: city, pii: true}\n";
    let files = [
        ("d.csv", &*table(MADE)),
        ("r.csv", &table(NEXT)),
        ("c.yaml", contract),
    ];
    let with = |drift: &str| {
        gate(
            &files,
            &format!("    contract: c.yaml\n    reference: r.csv\n    drift: {drift}\n"),
        )
    };
    refused(
        &with("{slices: [citi, city]}"),
        &[
            "`slices` names no column: `citi`",
            "did you mean `city`?",
            "`slices` names `city`, which holds personal data",
        ],
    );
    refused(
        &with("{slices: [x, x, 4], false_alarm: off}"),
        &[
            "`slices` names `x` twice",
            "`slices` must be text",
            "by the calibrated gate, which is off",
        ],
    );
}

#[test]
fn the_plan_says_what_is_compared() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("d.csv", &without(&table(MADE), "late"));
    write("c.yaml", ENVIRONMENTS);
    let config = "version: 1\ndatasets:\n  d: {path: d.csv, contract: c.yaml, environment: serving, reference: [a.csv, b.csv], drift: {slices: city}}\n";
    write("tollgate.yaml", config);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .arg("plan")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for said in [
        "in serving, where 1 column of the contract is not promised: late\n",
        "is compared with 2 references: a.csv, b.csv, each with an equal share of the false alarm\n",
        "drift compares at most 50 slices by each of city, of at least 50 rows a side",
    ] {
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn slices_need_a_comparison() {
    let config =
        "version: 1\ndatasets:\n  d: {path: d.csv, drift: {slices: city, severity: error}}\n";
    let files = [("d.csv", table(MADE)), ("tollgate.yaml", config.to_owned())];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, t)| (*n, t.as_bytes())).collect();
    refused(
        &Gate::run(&files, &[]),
        &["`slices` are of a comparison, and there is none"],
    );
}
