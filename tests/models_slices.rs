//! Slices that cannot be compared: they are told, and where none can be nothing counts as kept.

use crate::harness::Gate;
use tollgate::record::Status;

/// Rows of two slices; of the second all rows are of one class, or the score is wrong.
fn rows(second: &str, wrong: bool, one_class: bool) -> String {
    let mut rows = "id,who,late,p\n".to_owned();
    for i in 0..400 {
        let (who, own) = if i % 2 == 0 {
            ("ann", false)
        } else {
            (second, true)
        };
        let late = u8::from(i % 4 < 2 && !(own && one_class));
        let right = (f64::from(late) * 0.5) + f64::from(i % 50) / 100.0;
        let p = if own && wrong { 1.0 - right } else { right };
        let row = [
            i.to_string(),
            who.to_owned(),
            late.to_string(),
            format!("{p:.4}\n"),
        ];
        rows += &row.join(",");
    }
    rows
}

fn config(baseline: &str, rule: &str) -> String {
    format!(
        "version: 1\nmodels:\n  late:\n    candidate: {{predictions: now.csv, label: late, score: p, key: id}}\n    \
         baseline: {baseline}\n    slices: [who]\n    metrics: {{roc_auc: {{no_worse_by: 0.9, worst_slice: {{{rule}}}}}}}\n"
    )
}

fn gate(config: &str, files: &[(&str, &str)]) -> Gate {
    let mut all = vec![("tollgate.yaml", config.as_bytes())];
    all.extend(files.iter().map(|(name, text)| (*name, text.as_bytes())));
    Gate::run(&all, &[])
}

#[test]
fn a_baseline_without_slices_is_no_slice_kept() {
    let now = rows("bob", true, false);
    let metrics = r#"{"roc_auc": {"value": 0.9, "standard_error": 0.01, "rows": 400}}"#;
    let files = [("now.csv", now.as_str()), ("before.json", metrics)];
    let gate = gate(
        &config("{metrics: before.json}", "no_worse_by: 0.05"),
        &files,
    );
    let slices = gate.outcome("late.worst_slice(roc_auc)");
    assert_eq!(slices.status, Status::Error, "{}", slices.message);
    assert!(
        slices.message.contains("no slice could be compared"),
        "{}",
        slices.message
    );
    assert_ne!(gate.code, 0, "{}", gate.stdout);
}

#[test]
fn one_slice_that_cannot_be_compared_warns_or_is_what_the_policy_says() {
    let (now, before) = (rows("bob", false, true), rows("bob", false, true));
    let files = [("now.csv", now.as_str()), ("before.csv", before.as_str())];
    for (rule, wanted) in [
        ("no_worse_by: 0.5", Status::Warn),
        (
            "no_worse_by: 0.5, on_inconclusive: hold",
            Status::Inconclusive,
        ),
        ("no_worse_by: 0.5, on_inconclusive: fail", Status::Fail),
        ("at_least: 0.1", Status::Warn),
    ] {
        let gate = gate(&config("{predictions: before.csv}", rule), &files);
        let id = if rule.starts_with("at_least") {
            "late.worst_slice_at_least(roc_auc)"
        } else {
            "late.worst_slice(roc_auc)"
        };
        let slices = gate.outcome(id);
        assert_eq!(slices.status, wanted, "{rule}: {}", slices.message);
        assert!(slices.message.contains("bob"), "{rule}: {}", slices.message);
    }
    let (now, before) = (rows("bob", false, false), rows("bob", false, false));
    let files = [("now.csv", now.as_str()), ("before.csv", before.as_str())];
    let gate = gate(
        &config("{predictions: before.csv}", "no_worse_by: 0.5"),
        &files,
    );
    assert_eq!(
        gate.outcome("late.worst_slice(roc_auc)").status,
        Status::Pass
    );
}

/// A number in the place of a person is another person in the next run: nothing is accepted under it.
#[test]
fn slices_of_people_are_no_baseline_and_no_sentence_names_them() {
    let now = rows("bob@example.org", false, false).replace("ann", "ann@example.org");
    let made = gate(
        &config("{predictions: now.csv}", "no_worse_by: 0.5"),
        &[("now.csv", &now)],
    );
    let accepted = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args([
            "baseline",
            "accept",
            "report/run.json",
            "--output",
            "base.yaml",
        ])
        .current_dir(made.folder.path())
        .output()
        .unwrap();
    assert!(
        accepted.status.success(),
        "{}",
        String::from_utf8_lossy(&accepted.stderr)
    );
    let pinned = std::fs::read_to_string(made.folder.path().join("base.yaml")).unwrap();
    assert!(
        !pinned.contains("redacted") && pinned.contains("roc_auc"),
        "{pinned}"
    );
    let broken = rows("bob@example.org", true, false).replace("ann", "ann@example.org");
    let files = [("now.csv", broken.as_str()), ("base.yaml", pinned.as_str())];
    let gate = gate(&config("{pinned: base.yaml}", "no_worse_by: 0.05"), &files);
    assert_eq!(
        gate.outcome("late.worst_slice(roc_auc)").status,
        Status::Error
    );
    for file in crate::harness::files(&gate.folder.path().join("report")) {
        let text = std::fs::read_to_string(gate.folder.path().join("report").join(&file)).unwrap();
        assert!(!text.contains("bob@"), "{file}");
    }
}
