//! What a promotion rests on: every file of the candidate, the run's exit code, and the registry that was looked at.

use crate::promotion_place::{NOW, Place, refused};

/// The version that the ticket of the run names.
fn version(place: &Place) -> String {
    let run: serde_json::Value =
        serde_json::from_str(&place.read("tollgate-report/run.json")).unwrap();
    let version = &run["models"][0]["promote"]["version"];
    version
        .as_str()
        .unwrap_or_else(|| panic!("{run}"))
        .to_owned()
}

#[test]
fn a_version_is_named_by_all_files_of_the_candidate() {
    let place = Place::new("");
    let new = place.read("new.csv");
    let (head, rows) = new.split_once('\n').unwrap();
    let lines: Vec<&str> = rows.lines().collect();
    let part = |lines: &[&str]| format!("{head}\n{}\n", lines.join("\n"));
    place.write("part-1.csv", &part(&lines[..300]));
    place.write("part-2.csv", &part(&lines[300..]));
    place.configure("part-*", "");
    place.gate();
    let first = version(&place);
    let better = place.read("newer.csv");
    let lines: Vec<&str> = better.lines().skip(301).collect();
    place.write("part-2.csv", &part(&lines));
    place.gate();
    assert_ne!(version(&place), first);
}

#[test]
fn a_warning_that_stopped_the_run_stops_the_promotion() {
    let place = Place::new("");
    let config = place.read("tollgate.yaml");
    // A second metric that warns.
    let config = config.replace(
        "metrics: {roc_auc:",
        "metrics: {accuracy: {at_least: 0.99, limit_by: point, severity: warn}, roc_auc:",
    );
    place.write("tollgate.yaml", &config);
    let run = |more: &[&str]| place.said(&[&["run", "--now", NOW], more].concat());
    let (code, text) = run(&["--fail-on", "warn"]);
    assert_eq!(code, 1, "{text}");
    refused(
        place.promote(&[]),
        &["verdict: the run ended with exit code 1", "--fail-on"],
    );
    assert_eq!(place.champion(), None);
    let (code, text) = run(&[]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = place.promote(&[]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn a_run_that_looked_at_one_registry_moves_nothing_in_another() {
    let place = Place::new("");
    place.gate();
    // As where a variable of its address led elsewhere when the gate ran.
    let run = place.read("tollgate-report/run.json");
    let elsewhere = run.replace("\"at\": \"folder registry\"", "\"at\": \"folder staging\"");
    assert_ne!(run, elsewhere);
    place.write("tollgate-report/run.json", &elsewhere);
    refused(
        place.promote(&[]),
        &[
            "is of folder staging",
            "registry `here` is folder registry here",
        ],
    );
    assert_eq!(place.champion(), None);
    place.write("tollgate-report/run.json", &run);
    assert_eq!(place.promote(&[]).0, 0);
}
