//! Slices that cannot be compared: they are told, and where none can be nothing counts as kept.

use crate::harness::Gate;
use std::fmt::Write as _;
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

/// Where only numbers are known they are taken as they are, or decide nothing: in slices as over all rows.
#[test]
fn numbers_without_noise_keep_no_slice_by_silence() {
    let of = |us: f64| {
        format!(r#"{{"roc_auc": 0.9, "slice/who/US/roc_auc": {us}, "slice/who/AA/roc_auc": 0.9}}"#)
    };
    let (now, before) = (of(0.5), of(0.9));
    let files = [("now.json", now.as_str()), ("before.json", before.as_str())];
    let id = "late.worst_slice(roc_auc)";
    for (more, wanted, said) in [
        (
            ", limit_by: point",
            Status::Fail,
            "worse by 0.4, as the numbers are",
        ),
        (
            "",
            Status::Inconclusive,
            "how sure 2 are cannot be told: who = US (one side is a number",
        ),
        (", on_inconclusive: pass", Status::Warn, "cannot be told"),
    ] {
        let config = config("{metrics: before.json}", "no_worse_by: 0.05")
            .replace(
                "{predictions: now.csv, label: late, score: p, key: id}",
                "{metrics: now.json}",
            )
            .replace("no_worse_by: 0.9", &format!("no_worse_by: 0.9{more}"));
        let gate = gate(&config, &files);
        let slices = gate.outcome(id);
        assert_eq!(slices.status, wanted, "{more}: {}", slices.message);
        assert!(slices.message.contains(said), "{more}: {}", slices.message);
        assert_eq!(
            gate.outcome("late.no_worse_by(roc_auc)").status == Status::Pass,
            more.contains("point")
        );
    }
}

/// One slice of which it is known how sure it is does not speak for those of which it is not.
#[test]
fn slices_that_cannot_be_told_do_not_pass_beside_one_that_can() {
    let of = |others: f64| {
        format!(
            r#"{{"metrics": [{{"name": "roc_auc", "value": 0.9, "standard_error": 0.001, "rows": 20000}},
            {{"name": "roc_auc", "value": 0.9, "standard_error": 0.001, "rows": 2000, "slice": "who=AA"}},
            {{"name": "roc_auc", "value": {others}, "rows": 2000, "slice": "who=US"}},
            {{"name": "roc_auc", "value": {others}, "rows": 2000, "slice": "who=DL"}}]}}"#
        )
    };
    let (now, before) = (of(0.5), of(0.9));
    let files = [("now.json", now.as_str()), ("before.json", before.as_str())];
    for (own, wanted) in [
        ("no_worse_by: 0.05", Status::Inconclusive),
        ("no_worse_by: 0.05, on_inconclusive: fail", Status::Fail),
        // The margin of slices is that of the metric, which nobody asked of each.
        ("", Status::Warn),
    ] {
        let config = config("{metrics: before.json}", own)
            .replace(
                "{predictions: now.csv, label: late, score: p, key: id}",
                "{metrics: now.json}",
            )
            .replace("no_worse_by: 0.9", "no_worse_by: 0.05")
            .replace(", worst_slice: {}", "");
        let slices = gate(&config, &files).outcome("late.worst_slice(roc_auc)");
        assert_eq!(slices.status, wanted, "{own}: {}", slices.message);
        assert!(
            slices.message.contains("1 of 3 slices are proved")
                && slices.message.contains("how sure 2 are cannot be told"),
            "{}",
            slices.message
        );
    }
}

/// A slice of one customer is one customer, however many rows he has.
#[test]
fn slices_of_one_cluster_do_not_pass_beside_one_of_many() {
    let rows = |wrong: u32| {
        let mut text = "id,who,cust,late,p\n".to_owned();
        for row in 0..900 {
            let (late, one) = (row % 2, row >= 600);
            let is_wrong = if one {
                row % 100 < wrong
            } else {
                row.is_multiple_of(20)
            };
            let said = if is_wrong { 1 - late } else { late };
            let (who, cust) = if one {
                ("one", 0)
            } else {
                ("many", 1 + row % 100)
            };
            writeln!(text, "{row},{who},{cust},{late},{said}").unwrap();
        }
        text
    };
    let (now, before) = (rows(50), rows(5));
    let files = [("now.csv", now.as_str()), ("before.csv", before.as_str())];
    let config = config("{predictions: before.csv}", "no_worse_by: 0.05")
        .replace("roc_auc", "accuracy")
        .replace("key: id", "key: id, cluster: cust");
    let slices = gate(&config, &files).outcome("late.worst_slice(accuracy)");
    assert_eq!(slices.status, Status::Inconclusive, "{}", slices.message);
    assert!(
        slices.message.contains("1 of 2 slices are proved"),
        "{}",
        slices.message
    );
}

/// Rows of slices with so many that are told right.
fn told(slices: &[(&str, u32, u32)]) -> String {
    let mut text = "id,who,late,p\n".to_owned();
    for (who, rows, right) in slices {
        for row in 0..*rows {
            let late = row % 2;
            let said = if row < *right { late } else { 1 - late };
            writeln!(text, "{who}{row},{who},{late},{said}").unwrap();
        }
    }
    text
}

fn shares(rows: &str, rules: &str, more: &str) -> Gate {
    let config = format!(
        "version: 1\nmodels:\n  late:\n    candidate: {{predictions: now.csv, label: late, score: p, key: id}}\n    \
         slices: [who]\n    metrics: {{accuracy: {{{rules}}}}}\n{more}"
    );
    gate(&config, &[("now.csv", rows)])
}

#[test]
fn what_a_slice_does_not_decide_is_what_its_own_policy_says() {
    let rows = told(&[("ann", 2_000, 1_800), ("bob", 100, 82)]);
    for (own, model, wanted) in [
        (", on_inconclusive: fail", "pass", Status::Fail),
        (", on_inconclusive: hold", "pass", Status::Inconclusive),
        (", on_inconclusive: pass", "fail", Status::Warn),
        ("", "pass", Status::Warn),
        ("", "hold", Status::Inconclusive),
        ("", "fail", Status::Fail),
    ] {
        let rule = format!("worst_slice: {{at_least: 0.8{own}}}");
        let gate = shares(&rows, &rule, &format!("    on_inconclusive: {model}\n"));
        let slices = gate.outcome("late.worst_slice_at_least(accuracy)");
        assert_eq!(slices.status, wanted, "{own} {model}: {}", slices.message);
    }
}

#[test]
fn a_slice_of_few_rows_may_be_further_away_than_it_seems() {
    let id = "late.spread(accuracy, who)";
    let rule = "spread: {at_most: 0.08}";
    let large = told(&[("ann", 2_000, 1_600), ("bob", 2_000, 1_640)]);
    assert_eq!(shares(&large, rule, "").outcome(id).status, Status::Pass);
    let small = told(&[
        ("ann", 2_000, 1_600),
        ("bob", 2_000, 1_640),
        ("cid", 60, 49),
    ]);
    let open = shares(&small, rule, "").outcome(id);
    assert_eq!(open.status, Status::Inconclusive, "{}", open.message);
    // Two large ones are apart, whatever small ones say.
    let apart = told(&[
        ("ann", 2_000, 1_400),
        ("bob", 2_000, 1_640),
        ("cid", 60, 40),
        ("dan", 60, 51),
    ]);
    let broken = shares(&apart, rule, "").outcome(id);
    assert_eq!(broken.status, Status::Fail, "{}", broken.message);
    assert!(
        broken.message.contains("between who = ann and who = bob"),
        "{}",
        broken.message
    );
}

#[test]
fn few_rows_keep_no_limit_and_break_what_they_break() {
    let id = "late.at_least(accuracy)";
    let (few, enough) = (told(&[("ann", 6, 6)]), told(&[("ann", 60, 60)]));
    for (rows, rule, wanted) in [
        (&few, "at_least: 0.5", Status::Inconclusive),
        (&few, "at_least: 0.5, limit_by: point", Status::Pass),
        (&enough, "at_least: 0.5", Status::Pass),
        (&told(&[("ann", 6, 0)]), "at_least: 0.5", Status::Fail),
    ] {
        let found = shares(rows, rule, "").outcome(id);
        assert_eq!(found.status, wanted, "{rule}: {}", found.message);
    }
    let said = shares(&few, "at_least: 0.5", "").outcome(id).message;
    assert!(
        said.contains("6 rows are too few to decide, at least 50"),
        "{said}"
    );
    let asked = shares(&few, "at_least: 0.5", "    min_rows: 5\n").outcome(id);
    assert_eq!(asked.status, Status::Pass, "{}", asked.message);
}

#[test]
fn few_rows_of_a_slice_keep_no_limit_either() {
    let rows = told(&[("ann", 100, 95), ("bob", 100, 96)]);
    let worst = "late.worst_slice_at_least(accuracy)";
    let spread = "late.spread(accuracy, who)";
    for (id, rule, least, wanted) in [
        (worst, "worst_slice: {at_least: 0.8}", 100, Status::Pass),
        (
            worst,
            "worst_slice: {at_least: 0.8}",
            101,
            Status::Inconclusive,
        ),
        (
            worst,
            "worst_slice: {at_least: 0.8, on_inconclusive: pass}",
            101,
            Status::Warn,
        ),
        (
            worst,
            "worst_slice: {at_least: 0.8}, limit_by: point",
            101,
            Status::Pass,
        ),
        (worst, "worst_slice: {at_least: 0.99}", 101, Status::Fail),
        (spread, "spread: {at_most: 0.3}", 100, Status::Pass),
        (spread, "spread: {at_most: 0.3}", 101, Status::Inconclusive),
        (
            spread,
            "spread: {at_most: 0.3}, limit_by: point",
            101,
            Status::Pass,
        ),
    ] {
        let gate = shares(&rows, rule, &format!("    min_rows: {least}\n"));
        let found = gate.outcome(id);
        assert_eq!(found.status, wanted, "{rule} {least}: {}", found.message);
        let few = matches!(wanted, Status::Inconclusive | Status::Warn);
        assert_eq!(found.message.contains("101"), few, "{}", found.message);
    }
}

#[test]
fn slices_are_apart_as_they_are_where_that_is_asked_for() {
    let rows = told(&[("ann", 100, 95), ("bob", 60, 50)]);
    let id = "late.spread(accuracy, who)";
    let of = |most: f64, more: &str| {
        let rule = format!("spread: {{at_most: {most}}}{more}");
        shares(&rows, &rule, "").outcome(id)
    };
    // 0.117 apart.
    for (most, wanted) in [(0.11, Status::Fail), (0.12, Status::Pass)] {
        assert_eq!(of(most, "").status, Status::Inconclusive);
        let found = of(most, ", limit_by: point");
        assert_eq!(found.status, wanted, "{}", found.message);
    }
}

/// All of 60 rows are right: the upper end is where a share ends, and says nothing of the noise.
#[test]
fn bounds_that_end_where_the_metric_ends_are_no_small_noise() {
    let rows = told(&[("ann", 60, 60)]);
    let before = r#"{"accuracy": {"value": 0.99, "standard_error": 0.001, "rows": 10000}}"#;
    let of = |margin: f64| {
        let config = config("{metrics: before.json}", "at_least: 0.1").replace(
            "roc_auc: {no_worse_by: 0.9",
            &format!("accuracy: {{no_worse_by: {margin}"),
        );
        let gate = gate(&config, &[("now.csv", &rows), ("before.json", before)]);
        gate.outcome("late.no_worse_by(accuracy)")
    };
    // The lower end of 60 rows of 60 is 0.957, so that a loss of 0.033 is not ruled out.
    let open = of(0.025);
    assert_eq!(open.status, Status::Inconclusive, "{}", open.message);
    let kept = of(0.04);
    assert_eq!(kept.status, Status::Pass, "{}", kept.message);
}

/// A hundred rows of one customer are one.
#[test]
fn rows_of_one_cluster_are_no_counts_beside_a_number() {
    let rows = told(&[("ann", 100, 95)]);
    let before = r#"{"accuracy": {"value": 0.6, "rows": 10000}}"#;
    let of = |cluster: &str| {
        let config = config("{metrics: before.json}", "at_least: 0.1")
            .replace("roc_auc: {no_worse_by: 0.9", "accuracy: {no_worse_by: 0.01")
            .replace("key: id", &format!("key: id{cluster}"));
        let gate = gate(&config, &[("now.csv", &rows), ("before.json", before)]);
        gate.outcome("late.no_worse_by(accuracy)")
    };
    assert_eq!(of("").status, Status::Pass);
    let open = of(", cluster: who");
    assert_eq!(open.status, Status::Inconclusive, "{}", open.message);
    assert!(
        open.message.contains("clusters are too few"),
        "{}",
        open.message
    );
}

#[test]
fn a_search_of_nothing_says_so() {
    let rows = told(&[("ann", 200, 180), ("bob", 200, 180)]).replace('\n', ",1\n");
    let rows = rows.replacen(",p,1", ",p,w", 1);
    let of = |weight: &str, metric: &str| {
        let config = format!(
            "version: 1\nmodels:\n  late:\n    candidate: {{predictions: now.csv, label: late, score: p, key: id{weight}}}\n    \
             baseline: {{predictions: now.csv}}\n    slices: [who]\n    search_slices: true\n    \
             metrics: {{{metric}: {{no_worse_by: 0.9}}}}\n"
        );
        gate(&config, &[("now.csv", &rows)])
    };
    for (weight, metric) in [(", weight: w", "accuracy"), ("", "roc_auc")] {
        let none = of(weight, metric).outcome("late.searched_slices");
        assert_eq!(none.status, Status::Skipped, "{metric}");
        assert!(
            none.message.contains("No slice was searched"),
            "{}",
            none.message
        );
    }
    let searched = of("", "accuracy").record();
    assert!(
        searched
            .outcomes
            .iter()
            .all(|o| o.id != "late.searched_slices")
    );
    assert!(
        searched
            .outcomes
            .iter()
            .any(|o| o.id == "late.searched_slices(accuracy)")
    );
}
