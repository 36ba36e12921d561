//! The calibrated gate against saved profiles: what is said, and bad input.

use crate::harness::Gate;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use tollgate::drift::sample::Random;
use tollgate::record::{Outcome, Status};

/// `n` rows of a number about 100, a colour, and a number that counts them from `first` on.
fn table(n: usize, seed: u64, shift: f64, first: usize) -> String {
    let mut random = Random::new(seed);
    let mut text = "x,colour,id\n".to_owned();
    for i in 0..n {
        let sum: f64 = (0..6).map(|_| random.unit()).sum();
        let colour = ["red", "green", "blue"][random.below(3)];
        writeln!(text, "{:.3},{colour},{}", 100.0 + sum + shift, first + i).unwrap();
    }
    text
}

/// Saves the profile of files in a folder.
fn profile(folder: &Path, files: &[&str], to: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .arg("profile")
        .args(files)
        .args(["-q", "--output", to])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Runs `current` against the saved profile of `reference`, both CSV or both JSON by the line.
fn against(current: &str, reference: &str, drift: &str) -> Gate {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let end = if current.starts_with('{') {
        "ndjson"
    } else {
        "csv"
    };
    let (data, batch) = (format!("d.{end}"), format!("r.{end}"));
    write(&data, current);
    write(&batch, reference);
    profile(folder.path(), &[&batch], "p.json");
    let config = format!(
        "version: 1\ndatasets:\n  d:\n    path: {data}\n    reference: p.json\n    drift: {{{drift}}}\n"
    );
    write("tollgate.yaml", &config);
    Gate::again(folder, &[])
}

fn drift_of(gate: &Gate) -> Vec<Outcome> {
    let run = gate.record();
    run.outcomes.into_iter().filter(Outcome::is_drift).collect()
}

#[test]
fn an_unchanged_dataset_passes_and_what_is_not_told_is_said() {
    let gate = against(&table(300, 1, 0.0, 300), &table(300, 2, 0.0, 0), "");
    let outcome = gate.outcome("d.drift_dataset");
    assert_eq!(outcome.status, Status::Pass, "{}", outcome.message);
    for said in [
        "No change found in 2 columns: unchanged data look at least this different in ",
        "0 of 2 are proved to be unchanged",
        "Left out because they count rows: `id`.",
        "how columns go together and rows that repeat are not told",
    ] {
        assert!(outcome.message.contains(said), "{}", outcome.message);
    }
    let limits = drift_of(&gate);
    assert!(limits.iter().all(|o| o.check != "drift_psi"), "{limits:?}");
}

#[test]
fn a_change_blocks_and_is_told_as_where_rows_are_compared() {
    let (now, before) = (table(300, 1, 1.0, 300), table(300, 2, 0.0, 0));
    let gate = against(&now, &before, "severity: error");
    let by_profile = gate.outcome("d.drift_location(x)");
    assert_eq!(by_profile.status, Status::Fail, "{}", by_profile.message);
    assert_eq!(gate.code, 1);
    let config =
        "version: 1\ndatasets:\n  d: {path: d.csv, reference: r.csv, drift: {severity: error}}\n";
    let files = [
        ("d.csv", now.as_bytes()),
        ("r.csv", before.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let rows = Gate::run(&files, &[]);
    let by_rows = rows.outcome("d.drift_location(x)");
    let what = |o: &Outcome| o.message.split(" Unchanged").next().unwrap().to_owned();
    assert_eq!(what(&by_profile), what(&by_rows));
    let size = |o: &Outcome| {
        (
            o.measured[0].clone(),
            o.limits.clone(),
            o.comparison.clone(),
        )
    };
    assert_eq!(size(&by_profile), size(&by_rows));
    let dataset = gate.outcome("d.drift_dataset");
    let told = "Changed by more than the floors: `x` (2 columns compared).";
    assert!(dataset.message.starts_with(told), "{}", dataset.message);
}

#[test]
fn merged_shards_are_judged_as_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let text = table(900, 2, 0.0, 0);
    let (header, rows) = text.split_once('\n').unwrap();
    let lines: Vec<&str> = rows.lines().collect();
    write("r.csv", &text);
    write(
        "r1.csv",
        &format!("{header}\n{}\n", lines[..100].join("\n")),
    );
    write(
        "r2.csv",
        &format!("{header}\n{}\n", lines[100..].join("\n")),
    );
    write("d.csv", &table(500, 1, 0.4, 900));
    profile(folder.path(), &["r.csv"], "whole.json");
    profile(folder.path(), &["r1.csv"], "p1.json");
    profile(folder.path(), &["r2.csv"], "p2.json");
    let merged = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["merge", "p2.json", "p1.json", "--output", "merged.json"])
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(merged.success());
    let mut gates = Vec::new();
    let mut folder = folder;
    for reference in ["whole.json", "merged.json"] {
        let config =
            format!("version: 1\ndatasets:\n  d: {{path: d.csv, reference: {reference}}}\n");
        std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
        let gate = Gate::again(folder, &[]);
        let outcomes = drift_of(&gate);
        assert!(outcomes.iter().any(|o| o.check == "drift_location"));
        gates.push(outcomes);
        folder = gate.folder;
    }
    assert_eq!(gates[0], gates[1]);
}

#[test]
fn the_profile_of_the_same_rows_never_drifts() {
    let text = table(200, 1, 0.0, 0);
    let (header, rows) = text.split_once('\n').unwrap();
    let mut lines: Vec<&str> = rows.lines().collect();
    lines.reverse();
    let gate = against(
        &format!("{header}\n{}\n", lines.join("\n")),
        &text,
        "severity: error",
    );
    let outcome = gate.outcome("d.drift_dataset");
    assert_eq!(outcome.status, Status::Pass);
    let said = "Nothing changed: the 200 rows have the profile of the reference.";
    assert!(outcome.message.starts_with(said), "{}", outcome.message);
}

#[test]
fn kinds_of_change_are_told_apart() {
    let mut now = String::from("colour,size,gap\n");
    let mut before = now.clone();
    let mut random = Random::new(5);
    for i in 0..400 {
        let row = |random: &mut Random| (random.below(3), 10 + random.below(40), random.below(50));
        let (colour, size, gap) = row(&mut random);
        let name = ["red", "green", "blue"][colour];
        writeln!(
            before,
            "{name},{size},{}",
            if gap == 0 {
                String::new()
            } else {
                gap.to_string()
            }
        )
        .unwrap();
        let (colour, size, gap) = row(&mut random);
        let name = if i % 20 == 0 {
            "mauve"
        } else {
            ["red", "green", "blue"][colour]
        };
        let size = if i % 5 == 0 { size * 1_000 } else { size };
        let gap = if gap < 10 {
            String::new()
        } else {
            gap.to_string()
        };
        writeln!(now, "{name},{size},{gap}").unwrap();
    }
    let gate = against(&now, &before, "severity: error");
    let message = |id: &str| gate.outcome(id).message.clone();
    let unseen = message("d.drift_unseen(colour)");
    assert!(
        unseen.contains("\"mauve\", in 20 of its 400 rows (5 %)"),
        "{unseen}"
    );
    let range = message("d.drift_range(size)");
    assert!(range.contains("80 of 400 rows above 49"), "{range}");
    assert!(
        range.contains("as if multiplied by 1000: a change of unit"),
        "{range}"
    );
    let missing = message("d.drift_missing(gap)");
    assert!(
        missing.starts_with("`gap` has more missing values: "),
        "{missing}"
    );
    assert_eq!(gate.code, 1);
}

#[test]
fn values_of_personal_columns_are_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let (mut before, mut now) = ("name\n".to_owned(), "name\n".to_owned());
    for i in 0..300 {
        writeln!(before, "{}", ["anna", "bert"][i % 2]).unwrap();
        writeln!(now, "{}", ["anna", "zacharias"][usize::from(i % 3 == 0)]).unwrap();
    }
    write("d.csv", &now);
    write("r.csv", &before);
    profile(folder.path(), &["r.csv"], "p.json");
    write(
        "c.yaml",
        "version: 1\ndataset: d\ncolumns:\n  - {name: name, type: string, pii: true}\n",
    );
    write(
        "tollgate.yaml",
        "version: 1\ndatasets:\n  d: {path: d.csv, contract: c.yaml, reference: p.json}\n",
    );
    let gate = Gate::again(folder, &[]);
    let run = serde_json::to_string(&drift_of(&gate)).unwrap();
    assert!(run.contains("drift_unseen"), "{run} {}", gate.stderr);
    for value in ["anna", "bert", "zacharias"] {
        assert!(!run.contains(value), "{value}: {run}");
    }
}

#[test]
fn fixed_limits_are_held_beside_where_they_are_written_and_alone_without_the_gate() {
    let (now, before) = (table(300, 1, 0.0, 0), table(300, 2, 0.0, 300));
    let checks = |drift: &str| {
        let gate = against(&now, &before, drift);
        let outcomes = drift_of(&gate).into_iter();
        outcomes.map(|o| o.check).collect::<Vec<_>>()
    };
    let beside = checks("psi: 0.2");
    assert!(
        beside.contains(&"drift_psi".to_owned()) && beside.contains(&"drift_dataset".to_owned())
    );
    assert!(!beside.contains(&"drift_ks".to_owned()));
    let alone = checks("false_alarm: off");
    assert!(alone.contains(&"drift_ks".to_owned()) && !alone.contains(&"drift_dataset".to_owned()));
}

#[test]
fn what_cannot_be_compared_is_said() {
    for (now, before, id, status, said) in [
        (
            "x\n1\n2\n",
            "y\n1\n2\n",
            "dataset",
            Status::Skipped,
            "nothing that both sides have",
        ),
        (
            "x\n1\n2\n",
            "y\n1\n2\n",
            "columns",
            Status::Warn,
            "only in the current data: `x`",
        ),
        (
            "x\na\nb\n",
            "x\n1\n2\n",
            "columns",
            Status::Warn,
            "of another kind: `x` (string then, int64 now)",
        ),
        (
            "x\n1\n",
            "x\n2\n",
            "dataset",
            Status::Skipped,
            "too few to show any change",
        ),
        (
            "x,y\n5,1\n5,1\n5,1\n5,1\n5,2\n5,1\n5,1\n5,1\n",
            "x,y\n5,1\n5,1\n5,2\n5,1\n5,1\n5,1\n5,1\n5,1\n5,1\n",
            "dataset",
            Status::Pass,
            "No change found in 2 columns",
        ),
        (
            "x,y\n,1\n,1\n,1\n,1\n,1\n,2\n,2\n,2\n",
            "x,y\n,1\n,2\n,1\n,1\n,1\n,2\n,2\n,1\n",
            "coverage",
            Status::Skipped,
            "without a value on either side: `x`",
        ),
    ] {
        let gate = against(now, before, "");
        let outcome = gate.outcome(&format!("d.drift_{id}"));
        assert_eq!(outcome.status, status, "{}", outcome.message);
        let said = said.replace("(string then, int64 now)", "(int64 then, string now)");
        assert!(outcome.message.contains(&said), "{}", outcome.message);
    }
    let empty = against("x\n", "x\n1\n", "");
    assert_eq!(empty.outcome("d.drift_coverage").status, Status::Skipped);
    let nothing = against("x\n1\n", "x\n", "");
    assert_eq!(nothing.outcome("d.drift_coverage").status, Status::Error);
}

/// `n` texts that all differ, every `empty`-th of them empty; and numbers that all differ, but every `same`-th; as JSON
/// by the line.
fn wide(n: usize, seed: u64, empty: usize, same: usize) -> String {
    let mut random = Random::new(seed);
    let mut text = String::new();
    for i in 0..n {
        let name = if i % empty == 0 {
            String::new()
        } else {
            format!("n{:x}", random.bits())
        };
        let price = if i % same == 0 {
            9.99
        } else {
            5.0 + 10.0 * random.unit()
        };
        writeln!(text, "{{\"name\": \"{name}\", \"price\": {price}}}").unwrap();
    }
    text
}

#[test]
fn columns_with_too_many_values_to_list_are_told_as_far_as_they_are_known() {
    let before = wide(30_000, 1, 50, 1_000_000);
    let gate = against(&wide(12_000, 2, 50, 1_000_000), &before, "");
    let dataset = gate.outcome("d.drift_dataset");
    assert_eq!(dataset.status, Status::Pass, "{}", dataset.message);
    let coverage = gate.outcome("d.drift_coverage");
    let said = "for more texts than a profile lists, but for the share of empty ones: `name`";
    assert!(coverage.message.contains(said), "{}", coverage.message);
    // A tenth is one number now, and a tenth of the texts is empty.
    let gate = against(&wide(12_000, 2, 10, 10), &before, "severity: error");
    let value = gate.outcome("d.drift_value(price)");
    assert_eq!(value.status, Status::Fail, "{}", value.message);
    assert!(
        value.message.contains("`price` is from 9.9"),
        "{}",
        value.message
    );
    let mix = gate.outcome("d.drift_mix(name)");
    assert_eq!(mix.status, Status::Fail, "{}", mix.message);
}

#[test]
fn where_one_range_holds_too_much_nothing_is_claimed() {
    let gate = against(&wide(12_000, 2, 50, 20), &wide(30_000, 1, 50, 20), "");
    let outcome = gate.outcome("d.drift_dataset");
    assert_eq!(outcome.status, Status::Skipped, "{}", outcome.message);
    assert!(
        outcome.message.contains("Not told finely enough: `price`"),
        "{}",
        outcome.message
    );
}

#[test]
fn slices_are_not_told_without_rows() {
    let (now, before) = (table(300, 1, 0.0, 0), table(300, 2, 0.0, 300));
    let gate = against(&now, &before, "slices: [colour]");
    let outcome = gate.outcome("d.drift_slices(colour)");
    assert_eq!(outcome.status, Status::Skipped);
    let said = "slices are parts of the rows";
    assert!(outcome.message.contains(said), "{}", outcome.message);
}

#[test]
fn the_plan_says_which_gate_will_judge() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("d.csv", "x\n1\n");
    write("r.csv", "x\n1\n");
    profile(folder.path(), &["r.csv"], "p.json");
    for (reference, said, by) in [
        ("r.csv", "drift reads rows of both sides", "rows"),
        ("p.json", "drift compares what profiles count", "profiles"),
        (
            "p.json, drift: {false_alarm: off}",
            "drift is held against fixed limits",
            "limits",
        ),
    ] {
        let config =
            format!("version: 1\ndatasets:\n  d: {{path: d.csv, reference: {reference}}}\n");
        write("tollgate.yaml", &config);
        let plan = |args: &[&str]| {
            let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
                .arg("plan")
                .args(args)
                .current_dir(folder.path())
                .output()
                .unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let text = plan(&[]);
        assert!(text.contains(said), "{text}");
        let json = plan(&["--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["datasets"][0]["drift_by"], serde_json::json!([by]));
    }
}
