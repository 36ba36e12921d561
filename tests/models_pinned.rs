//! A pinned baseline from one run to the next: what it was when it was anchored holds too.

use crate::harness::Gate;
use tollgate::record::Status;

const CONFIG: &str = "version: 1\nmodels:\n  late:\n    candidate: {metrics: now.json}\n    baseline: {pinned: base.yaml}\n    \
    on_no_baseline: absolute_only\n    metrics: {roc_auc: {at_least: 0.5, no_worse_by: 0.01}}\n";

/// Judges a candidate of that area, in the folder where the baseline may be pinned.
fn night(folder: tempfile::TempDir, area: f64) -> Gate {
    let now =
        format!(r#"{{"roc_auc": {{"value": {area}, "standard_error": 0.0005, "rows": 20000}}}}"#);
    std::fs::write(folder.path().join("now.json"), now).unwrap();
    std::fs::write(folder.path().join("tollgate.yaml"), CONFIG).unwrap();
    Gate::again(folder, &[])
}

/// Accepts what a run judged, with that `--anchor`.
fn accept(gate: Gate, anchor: &str) -> tempfile::TempDir {
    let accepted = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["baseline", "accept", "report/run.json"])
        .args(["--output", "base.yaml", "--anchor", anchor])
        .current_dir(gate.folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&accepted.stderr).into_owned();
    assert!(accepted.status.success(), "{said}{}", gate.stdout);
    gate.folder
}

#[test]
fn small_losses_of_a_pinned_baseline_do_not_add_up() {
    let id = "late.no_worse_than_anchor(roc_auc)";
    let told = |gate: &Gate| gate.record().outcomes.iter().any(|o| o.id == id);
    for (anchor, wanted) in [("keep", 1), ("move", 0)] {
        let first = night(tempfile::tempdir().unwrap(), 0.8);
        assert_eq!(first.code, 0, "{}", first.stdout);
        let second = night(accept(first, "keep"), 0.792);
        assert_eq!(second.code, 0, "{}", second.stdout);
        assert!(!told(&second), "the first baseline is its own anchor");
        let third = night(accept(second, anchor), 0.784);
        let kept = third.outcome("late.no_worse_by(roc_auc)");
        assert_eq!(kept.status, Status::Pass, "{}", kept.message);
        assert_eq!(third.code, wanted, "{anchor}: {}", third.stdout);
        assert_eq!(told(&third), wanted == 1, "{anchor}");
        if wanted == 1 {
            let lost = third.outcome(id);
            assert_eq!(lost.status, Status::Fail, "{}", lost.message);
            assert!(
                lost.message.contains("0.784 against 0.8 of the anchor"),
                "{}",
                lost.message
            );
        }
    }
}

/// What a file said of its rows is in the baseline that is accepted, so that `min_rows` can be asked of it.
#[test]
fn a_baseline_of_a_file_of_metrics_has_the_rows_that_it_states() {
    let folder = accept(night(tempfile::tempdir().unwrap(), 0.8), "keep");
    let pinned = std::fs::read_to_string(folder.path().join("base.yaml")).unwrap();
    assert!(pinned.contains("rows: 20000"), "{pinned}");
    // Where nobody said how many there are, none are written, neither of slices.
    let bare = r#"{"roc_auc": 0.8, "slice/who/AA/roc_auc": 0.8}"#;
    std::fs::write(folder.path().join("now.json"), bare).unwrap();
    let config = CONFIG.replace("    metrics:", "    slices: [who]\n    metrics:");
    let config = config.replace("no_worse_by: 0.01", "no_worse_by: 0.01, limit_by: point");
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    std::fs::remove_file(folder.path().join("base.yaml")).unwrap();
    let folder = accept(Gate::again(folder, &[]), "keep");
    let pinned = std::fs::read_to_string(folder.path().join("base.yaml")).unwrap();
    assert!(
        pinned.contains("AA") && !pinned.contains("rows:"),
        "{pinned}"
    );
}

#[test]
fn few_rows_of_one_side_decide_nothing_where_those_of_the_other_are_not_known() {
    let side = |value: f64, rows: Option<u32>| {
        let rows = rows.map_or_else(String::new, |rows| format!(r#", "rows": {rows}"#));
        format!(r#"{{"roc_auc": {{"value": {value}, "standard_error": 0.001{rows}}}}}"#)
    };
    for (now, before, wanted) in [
        (Some(12), None, Status::Inconclusive),
        (None, Some(12), Status::Inconclusive),
        (Some(12), Some(12), Status::Inconclusive),
        (Some(120), None, Status::Pass),
        // Nobody said how many there are.
        (None, None, Status::Pass),
    ] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("now.json"), side(0.9, now)).unwrap();
        std::fs::write(folder.path().join("before.json"), side(0.8, before)).unwrap();
        let config = CONFIG.replace("{pinned: base.yaml}", "{metrics: before.json}");
        std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
        let gate = Gate::again(folder, &[]);
        let found = gate.outcome("late.no_worse_by(roc_auc)");
        assert_eq!(
            found.status, wanted,
            "{now:?} {before:?}: {}",
            found.message
        );
        let few = wanted == Status::Inconclusive;
        assert_eq!(
            found.message.contains("12 rows are too few"),
            few,
            "{}",
            found.message
        );
    }
}
