//! Fixed limits, and what drift was not judged for: never a pass that nobody looked behind.

use crate::harness::Gate;
use std::process::Command;
use tollgate::record::{Outcome, Status};

/// Runs `current` against `reference`, both CSV, with `drift` and fixed limits alone.
fn drift(current: &str, reference: &str, drift: &str) -> Gate {
    let config = format!(
        "version: 1\ndatasets:\n  d:\n    path: d.csv\n    reference: r.csv\n    drift: {{false_alarm: off, {drift}}}\n"
    );
    let files = [
        ("d.csv", current.as_bytes()),
        ("r.csv", reference.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    Gate::run(&files, &[])
}

fn assert_said(outcome: &Outcome, status: Status, message: &str) {
    assert_eq!(
        (outcome.status, outcome.message.as_str()),
        (status, message)
    );
}

#[test]
fn a_reference_without_rows_is_an_error() {
    let gate = drift("x\n1\n", "x\n", "");
    let message = "Drift was not judged: the reference r.csv has no rows to compare with.";
    assert_said(&gate.outcome("d.drift_coverage"), Status::Error, message);
    assert_eq!(gate.code, 3);
}

#[test]
fn a_column_of_one_side_only_is_named() {
    let gate = drift("a,new\n1,1\n2,1\n", "a,old\n1,1\n2,1\n", "severity: error");
    assert_said(
        &gate.outcome("d.drift_columns"),
        Status::Fail,
        "Columns only in the current data: `new`; only in the reference: `old`.",
    );
    assert_said(
        &gate.outcome("d.drift_coverage"),
        Status::Pass,
        "Drift was judged for 1 of 3 columns; left out for differing columns: `new`, `old`.",
    );
    assert_eq!(gate.code, 1);
}

#[test]
fn a_column_of_another_type_is_named() {
    let gate = drift("x,y\n1,1\n2,1\n", "x,y\na,1\nb,1\n", "");
    assert_said(
        &gate.outcome("d.drift_columns"),
        Status::Warn,
        "Columns of another kind: `x` (string then, int64 now).",
    );
}

#[test]
fn whole_numbers_and_floats_are_compared() {
    let gate = drift("x\n100\n200\n", "x\n1.5\n2.5\n", "");
    assert_eq!(gate.outcome("d.drift_columns").status, Status::Pass);
    assert_eq!(gate.outcome("d.drift_psi(x)").status, Status::Warn);
}

#[test]
fn where_no_column_is_judged_it_is_an_error() {
    let gate = drift("x\n1\n", "x\n5\n", "exclude: [x]");
    assert_said(
        &gate.outcome("d.drift_coverage"),
        Status::Error,
        "Drift was judged for 0 of 1 columns; left out by `exclude`: `x`.",
    );
    assert_eq!(gate.code, 3);
}

#[test]
fn a_column_without_a_value_on_one_side_is_not_taken_for_alike() {
    let gate = drift("x,y\n1,1\n2,1\n", "x,y\n,1\n,1\n", "");
    let nulls = gate.outcome("d.drift_null_ratio_change(x)");
    assert_eq!(nulls.status, Status::Warn, "{}", nulls.message);
    assert_said(
        &gate.outcome("d.drift_coverage"),
        Status::Skipped,
        "Drift was judged for 1 of 2 columns; could not be judged without a value in the reference: `x`.",
    );
}

#[test]
fn a_nan_counts_as_no_value() {
    let gate = drift("x\n1.5\nNaN\n", "x\n1.5\n1.5\n", "");
    assert_said(
        &gate.outcome("d.drift_null_ratio_change(x)"),
        Status::Warn,
        "Share of nulls and NaN in `x` went from 0 % to 50 %.",
    );
}

#[test]
fn nulls_in_a_column_of_days_are_compared() {
    let gate = drift("day,x\n,1\n,1\n", "day,x\n2013-01-01,1\n2013-01-02,1\n", "");
    let nulls = gate.outcome("d.drift_null_ratio_change(day)");
    assert_eq!(nulls.status, Status::Warn, "{}", nulls.message);
}

#[test]
fn few_values_that_become_many_are_drift() {
    let many: Vec<String> = (0..300).map(|i| format!("v{i}")).collect();
    let gate = drift(&format!("x\n{}\n", many.join("\n")), "x\nv1\nv2\n", "");
    assert_eq!(
        gate.outcome("d.drift_new_category_ratio(x)").status,
        Status::Warn
    );
}

#[test]
fn an_excluded_name_that_no_column_has_is_named() {
    let gate = drift("x\n1\n", "x\n1\n", "exclude: [ecks]");
    assert_said(
        &gate.outcome("d.drift_coverage"),
        Status::Skipped,
        "Drift was judged for 1 of 1 columns; could not be judged for a name in `exclude` that neither side has: `ecks`.",
    );
}

#[test]
fn personal_medians_are_not_shown() {
    let contract = b"version: 1\ncolumns:\n  - {name: x, pii: true}\n";
    let config = "version: 1\ndatasets:\n  d: {path: d.csv, reference: r.csv, contract: c.yaml, drift: {false_alarm: off}}\n";
    let files: [(&str, &[u8]); 4] = [
        ("d.csv", b"x\n41\n42\n43\n"),
        ("r.csv", b"x\n1\n2\n3\n"),
        ("c.yaml", contract),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    let message = gate.outcome("d.drift_psi(x)").message;
    assert_eq!(
        message,
        "`x` is distributed differently from the reference."
    );
}

#[test]
fn drift_without_a_reference_is_refused() {
    let gate = Gate::csv("x\n1\n", "    drift: {psi: 0.1}\n");
    assert_eq!(gate.code, 2);
    assert!(
        gate.stderr.contains("has `drift` but no `reference`"),
        "{}",
        gate.stderr
    );
}

#[test]
fn a_reference_without_a_value_is_refused() {
    for (dataset, problem) in [
        ("    reference:\n", "`reference` has no value"),
        ("    reference: ''\n", "`reference` is empty"),
        ("    contract:\n", "`contract` has no value"),
    ] {
        let gate = Gate::csv("x\n1\n", dataset);
        assert_eq!(gate.code, 2);
        assert!(gate.stderr.contains(problem), "{}", gate.stderr);
    }
}

#[test]
fn values_that_are_gone_are_named() {
    let reference = "x,y\na,1\nb,1\nc,1\n,1\n";
    let gate = drift("x,y\na,1\na,1\n", reference, "js: 1");
    let lost = gate.outcome("d.drift_lost_category_ratio(x)");
    assert_said(
        &lost,
        Status::Warn,
        "Values of `x` that only the reference has: b, c (2 of 3 rows with a value).",
    );
    assert_eq!(lost.measured[0].text, "0.6667");
    let gate = drift("x\na\na\n", "x\na\nb\nc\n", "lost_category_ratio: 0.7");
    let lost = gate.outcome("d.drift_lost_category_ratio(x)");
    assert_eq!(lost.status, Status::Pass);
}

#[test]
fn a_dataset_as_its_own_reference_is_refused() {
    let gate = Gate::csv("x\n1\n", "    reference: d.csv\n");
    assert_eq!(gate.code, 2);
    let said = "dataset `d` is its own reference";
    assert!(gate.stderr.contains(said), "{}", gate.stderr);
}

/// Profiles `x` being 1 and 2, and edits what was saved.
fn edited(from: &str, to: &str) -> Gate {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("d.csv", "x\n1\n2\n");
    write(
        "tollgate.yaml",
        "version: 1\ndatasets: {d: {path: d.csv, reference: p.json}}\n",
    );
    let profile = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["profile", "d.csv", "--format", "json"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let saved = String::from_utf8(profile.stdout).unwrap();
    assert!(saved.contains(from), "{saved}");
    write("p.json", &saved.replace(from, to));
    Gate::again(folder, &[])
}

#[test]
fn a_saved_profile_that_does_not_hold_together_is_refused() {
    assert_eq!(edited("\"rows\"", "\"rows\"").code, 0);
    for (from, to, said) in [
        ("\"rows\": 2", "\"rows\": 7", "it has 2 rows, the profile 7"),
        (
            "[{\"int\":1},1]",
            "[{\"int\":1},5]",
            "it has 2 values, but counts others",
        ),
        (
            "[{\"int\":1},1]",
            "[{\"int\":1},18446744073709551615]",
            "it has 2 values, but counts others",
        ),
        (
            "\"rows\": 2",
            "\"rows\": 18446744073709551615",
            "more than can be",
        ),
    ] {
        let gate = edited(from, to);
        assert_eq!(gate.code, 3, "{to}\n{}", gate.stdout);
        assert!(gate.stderr.contains(said), "{}", gate.stderr);
    }
}

/// A measured number of an outcome.
fn number(outcome: &Outcome, name: &str) -> f64 {
    let found = outcome.measured.iter().find(|m| m.name == name);
    found.and_then(|m| m.number).unwrap()
}

#[test]
fn every_distance_is_what_scipy_says() {
    let limits: Vec<String> = tollgate::drift::KNOWN
        .iter()
        .map(|known| format!("{}: 0", known.name))
        .collect();
    let column = |name: &str, values: &[&str]| format!("{name}\n{}\n", values.join("\n"));
    let reference = ["1", "2", "2", "3", "4", "5", "6", "7", "8", "9", "10", "12"];
    let current = ["2", "3", "3", "5", "6", "8", "9", "9", "11", "14"];
    let numbers = drift(
        &column("x", &current),
        &column("x", &reference),
        &limits.join(", "),
    );
    // scipy 1.16 and numpy on the same lists; quartiles and median are values of the list, rank `ceil(q n)`.
    for (name, expected) in [
        ("ks", 1.0 / 6.0),
        ("wasserstein", 1.25),
        ("wasserstein_normalised", 0.355_171_492_367_878),
        ("energy", 0.541_089_436_024_931),
        ("cramer_von_mises", 0.010_239_898_989_899),
        ("mean_shift", 0.281_037_395_915_034),
        ("median_shift", 0.224_829_916_732_027),
    ] {
        let outcome = numbers.outcome(&format!("d.drift_{name}(x)"));
        let found = number(&outcome, name);
        assert!((found - expected).abs() < 1e-12, "{name}: {found}");
        assert!(number(&outcome, &format!("{name}_unchanged")) > 0.0);
        assert_eq!(outcome.status, Status::Warn);
    }
    let letters = |counts: [usize; 4]| -> Vec<&str> {
        let each = ["a", "b", "c", "d"].into_iter().zip(counts);
        each.flat_map(|(letter, n)| vec![letter; n]).collect()
    };
    let texts = drift(
        &column("x", &letters([3, 3, 2, 2])),
        &column("x", &letters([5, 4, 1, 0])),
        &limits.join(", "),
    );
    for (name, expected) in [
        ("psi", 1.719_668_451_716_833),
        ("kl", 1.419_257_619_155_074),
        ("js", 0.368_309_891_409_194),
        ("hellinger", 0.353_369_703_891_227),
        ("total_variation", 0.3),
        ("l_infinity", 0.2),
        ("chi_square", 0.148_809_523_809_524),
        ("new_category_ratio", 0.2),
    ] {
        let outcome = texts.outcome(&format!("d.drift_{name}(x)"));
        let found = number(&outcome, name);
        assert!((found - expected).abs() < 1e-12, "{name}: {found}");
    }
}

#[test]
fn a_limit_that_no_column_has_is_not_taken_for_kept() {
    let gate = drift("x\na\nb\n", "x\na\nb\n", "wasserstein: 5");
    assert_said(
        &gate.outcome("d.drift_wasserstein"),
        Status::Skipped,
        "Skipped: no column has what the limit `wasserstein` is for.",
    );
}

#[test]
fn a_shift_of_a_constant_is_beyond_every_limit() {
    let gate = drift("x\n2\n2\n", "x\n1\n1\n", "mean_shift: 1000");
    let outcome = gate.outcome("d.drift_mean_shift(x)");
    assert_eq!(outcome.status, Status::Warn, "{outcome:?}");
    let same = drift("x\n1\n1\n", "x\n1\n1\n", "mean_shift: 0");
    assert_eq!(same.outcome("d.drift_mean_shift(x)").status, Status::Pass);
}
