//! Slices of one expectation, and what no rows are.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::catalogue::tollgate;
use tollgate::record::{Run, Status};

/// Runs one expectation over carriers and distances and returns the code, the record and stderr.
fn sliced(expectation: &str) -> (i32, Option<Run>, String) {
    let folder = tempfile::tempdir().unwrap();
    let data = "carrier,distance\nB6,100\nB6,\nUA,2000\nUA,1600\nAA,\n";
    std::fs::write(folder.path().join("d.csv"), data).unwrap();
    let config = format!(
        "version: 1\ndatasets:\n  d:\n    path: d.csv\n    expect:\n      - {expectation}\n"
    );
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let (code, _, stderr) = tollgate(folder.path(), &["run", "--output", "out"]);
    let run = tollgate::report::read_run(&folder.path().join("out/run.json"));
    (code, run.ok(), stderr)
}

#[test]
fn an_expectation_with_slices_is_judged_once_per_slice() {
    let (code, run, stderr) = sliced(
        r#"not_null: {column: distance, where: "carrier <> 'AA'", slices: {jetblue: "carrier = 'B6'", united: "carrier = 'UA'", none: "carrier = 'ZZ'"}}"#,
    );
    assert_eq!(code, 1, "{stderr}");
    let run = run.unwrap();
    let found = |id: &str| {
        run.outcomes
            .iter()
            .find(|o| o.id == id)
            .unwrap_or_else(|| panic!("{id}"))
    };
    let jetblue = found("d.not_null(distance)[jetblue]");
    assert_eq!(
        (jetblue.status, jetblue.failing, jetblue.rows),
        (Status::Fail, Some(1), Some(2))
    );
    assert!(
        jetblue.message.contains("Only the slice `jetblue`"),
        "{}",
        jetblue.message
    );
    let united = found("d.not_null(distance)[united]");
    assert_eq!(
        (united.status, united.failing, united.rows),
        (Status::Pass, Some(0), Some(2))
    );
    assert_eq!(found("d.not_null(distance)[none]").status, Status::Skipped);
    let (_, run, _) = sliced(
        "row_count: {min: 2, slices: {jetblue: \"carrier = 'B6'\", american: \"carrier = 'AA'\"}}",
    );
    let run = run.unwrap();
    let status = |id: &str| run.outcomes.iter().find(|o| o.id == id).map(|o| o.status);
    assert_eq!(status("d.row_count[jetblue]"), Some(Status::Pass));
    assert_eq!(status("d.row_count[american]"), Some(Status::Fail));
}

#[test]
fn no_rows_are_what_on_empty_says() {
    let ends = |check: &str, argument: &str| {
        let (_, run, stderr) = sliced(&format!(
            "{check}: {{column: distance, max: 1, where: carrier = 'ZZ'{argument}}}"
        ));
        let run = run.unwrap_or_else(|| panic!("{stderr}"));
        let id = format!("d.{check}(distance)");
        let outcome = run.outcomes.into_iter().find(|o| o.id == id).unwrap();
        (outcome.status, outcome.message)
    };
    for (check, unsaid) in [
        ("between", Status::Skipped),
        ("mean_between", Status::Fail),
        ("null_ratio", Status::Fail),
    ] {
        assert_eq!(ends(check, "").0, unsaid, "{check}");
        for (argument, status) in [
            (", on_empty: skip", Status::Skipped),
            (", on_empty: pass", Status::Pass),
            (", on_empty: warn", Status::Warn),
            (", on_empty: fail", Status::Fail),
            (", on_empty: fail, severity: warn", Status::Warn),
        ] {
            let (is, message) = ends(check, argument);
            assert_eq!(is, status, "{check}{argument}: {message}");
            assert!(
                message.contains("no row is left by `where: carrier = 'ZZ'`"),
                "{message}"
            );
        }
    }
}

#[test]
fn slices_that_are_not_conditions_are_refused_with_their_place() {
    for (slices, message) in [
        ("{a: \"carrier = 'B6') OR (1 = 1\"}", "slice `a`"),
        ("{a: carier = 'B6'}", "slice `a`"),
        ("{a: distance}", "slice `a`"),
        ("{a: 1}", "`a` must be text"),
        (
            "[carrier]",
            "`slices` must be a mapping of names to boolean SQL",
        ),
        ("{}", "`slices` must be at least one name"),
    ] {
        let (code, _, text) = sliced(&format!("not_null: {{column: distance, slices: {slices}}}"));
        assert_eq!(code, 2, "{slices}\n{text}");
        assert!(text.contains(message), "{slices}\n{text}");
        assert!(text.contains("tollgate.yaml:6:"), "{slices}\n{text}");
    }
    let (code, _, text) =
        sliced("column_type: {column: distance, type: integer, slices: {a: distance > 1}}");
    assert_eq!(code, 2);
    assert!(text.contains("`column_type` looks at no rows"), "{text}");
}
