//! A baseline that is the version which an alias of a registry leads to: yesterday's champion, without copying anything.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::promotion_place::{NOW, Place, refused};
use serde_json::Value;

/// A configuration whose baseline is `baseline`, with a candidate and lines of the model.
fn configure(place: &Place, candidate: &str, baseline: &str, more: &str) {
    place.write(
        "tollgate.yaml",
        &format!(
            "version: 1\nmodels:\n  late:\n    candidate: {{predictions: {candidate}.csv, label: late, score: p, key: id}}\n    \
             baseline: {baseline}\n    metrics: {{roc_auc: {{at_least: 0.5, no_worse_by: 0.01}}}}\n{more}    \
             promote: {{registry: here}}\nregistries:\n  here: {{kind: directory, path: registry}}\n"
        ),
    );
}

/// A place in which `old` was promoted, where nothing was champion before.
fn first_release(candidate: &str, baseline: &str) -> Place {
    let place = Place::new("");
    configure(
        &place,
        candidate,
        baseline,
        "    on_no_baseline: absolute_only\n",
    );
    let (code, text) = place.said(&["run", "--now", NOW, "--promote"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("promotion: moved"), "{text}");
    place
}

fn run(place: &Place) -> Value {
    serde_json::from_str(&place.read("tollgate-report/run.json")).unwrap()
}

#[test]
fn yesterdays_champion_is_todays_baseline_by_what_the_registry_keeps() {
    let place = first_release("new", "{registry: here}");
    let first = place.champion().unwrap();
    let kept: Value =
        serde_json::from_str(&place.read(&format!("registry/late/versions/{first}.json"))).unwrap();
    assert_eq!(kept["metrics"][0]["name"], "roc_auc", "{kept}");
    assert_eq!(kept["judged"], "new.csv", "{kept}");

    configure(&place, "newer", "{registry: here}", "");
    let (code, text) = place.said(&["run", "--now", "2013-04-02T00:00:00Z", "--promote"]);
    assert_eq!(code, 0, "{text}");
    let model = &run(&place)["models"][0];
    assert_eq!(model["baseline"]["version"], first, "{model}");
    assert_eq!(model["baseline"]["registry"], "here");
    assert_eq!(model["baseline"]["kind"], "registry");
    assert_eq!(model["promote"]["champion"], first);
    assert_eq!(model["paired"], false);
    assert!(model["metrics"][0]["gain"]["low"].is_number(), "{model}");
    let second = place.champion().unwrap();
    assert_ne!(first, second);

    // The champion of before is worse than the one that is there now.
    configure(&place, "old", "{registry: here}", "");
    let (code, text) = place.said(&["run", "--now", "2013-04-03T00:00:00Z", "--promote"]);
    assert_eq!(code, 1, "{text}");
    assert_eq!(place.champion().unwrap(), second);
}

#[test]
fn no_alias_yet_is_a_baseline_that_is_not_there() {
    let place = Place::new("");
    configure(&place, "new", "{registry: here, alias: champion}", "");
    let (code, text) = place.said(&["run", "--now", NOW, "--promote"]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("the baseline is not there"), "{text}");
    assert!(place.champion().is_none());
    let place = first_release("new", "{registry: here}");
    let model = &run(&place)["models"][0];
    assert!(model.get("baseline").is_none(), "{model}");
    assert!(model["promote"].get("champion").is_none(), "{model}");
}

#[test]
fn a_run_that_found_no_champion_does_not_replace_one_that_came_since() {
    let place = Place::new("");
    configure(
        &place,
        "old",
        "{registry: here}",
        "    on_no_baseline: absolute_only\n",
    );
    place.gate();
    let kept = place.path().join("kept");
    std::fs::rename(place.path().join("tollgate-report"), &kept).unwrap();
    place.gate();
    let before = place.read("tollgate.yaml");
    configure(
        &place,
        "new",
        "{registry: here}",
        "    on_no_baseline: absolute_only\n",
    );
    let (code, text) = place.said(&["run", "--now", NOW, "--promote"]);
    assert_eq!(code, 0, "{text}");
    place.write("tollgate.yaml", &before);
    refused(
        place.said(&["promote", "kept/run.json", "--now", NOW]),
        &["require_same_champion", "compared with none"],
    );
}

#[test]
fn rows_of_the_champion_are_named_by_its_version() {
    let place = first_release("new", "{registry: here, predictions: 'kept/{version}.csv'}");
    let first = place.champion().unwrap();
    configure(
        &place,
        "newer",
        "{registry: here, predictions: 'kept/{version}.csv'}",
        "    on_no_baseline: absolute_only\n",
    );
    // The champion is there: what is known of it must be there too, whatever a first release is allowed.
    let (code, text) = place.said(&["run", "--now", NOW]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains(&format!("kept/{first}.csv")), "{text}");

    std::fs::create_dir(place.path().join("kept")).unwrap();
    place.write(&format!("kept/{first}.csv"), &place.read("new.csv"));
    let (code, text) = place.said(&["run", "--now", NOW, "--promote"]);
    assert_eq!(code, 0, "{text}");
    let model = &run(&place)["models"][0];
    assert_eq!(model["paired"], true);
    assert_eq!(
        model["baseline"]["from"],
        format!("`champion` of here, version {first}: kept/{first}.csv")
    );
    assert_ne!(place.champion().unwrap(), first);
}

#[test]
fn the_file_that_the_champion_was_judged_by_must_be_as_it_was() {
    let place = first_release("new", "{registry: here, predictions: '{judged}'}");
    configure(
        &place,
        "newer",
        "{registry: here, predictions: '{judged}'}",
        "",
    );
    let (code, text) = place.said(&["run", "--now", NOW]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(run(&place)["models"][0]["paired"], true);
    place.write("new.csv", &place.read("old.csv"));
    let (code, text) = place.said(&["run", "--now", NOW]);
    assert_eq!(code, 3, "{text}");
    assert!(
        text.contains("was judged by new.csv, whose bytes are not those of then"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn a_command_scores_the_champion_on_the_rows_of_today() {
    let baseline = "{registry: here, predictions: scored.csv, command: [cp, 'store/{version}.csv', scored.csv]}";
    let place = first_release("new", baseline);
    let first = place.champion().unwrap();
    std::fs::create_dir(place.path().join("store")).unwrap();
    place.write(&format!("store/{first}.csv"), &place.read("old.csv"));
    configure(&place, "newer", baseline, "");
    // Its rows are not those that it was promoted with, and the registry itself led to it.
    let (code, text) = place.said(&["run", "--now", NOW, "--promote"]);
    assert_eq!(code, 0, "{text}");
    let model = &run(&place)["models"][0];
    assert_eq!(model["baseline"]["version"], first, "{model}");
    assert_ne!(place.champion().unwrap(), first);
}

#[test]
fn a_version_that_leads_out_of_the_folder_is_no_path() {
    let baseline = "{registry: here, metrics: '{version}/metrics.json'}";
    let place = first_release("new", baseline);
    let first = place.champion().unwrap();
    let file = "registry/late/aliases/champion/000001.json";
    place.write(file, &place.read(file).replace(&first, "../../etc"));
    let (code, text) = place.said(&["run", "--now", NOW]);
    assert_eq!(code, 3, "{text}");
    assert!(
        text.contains("`../../etc` cannot stand in a path"),
        "{text}"
    );
}

#[test]
fn a_version_of_which_nothing_is_kept_is_an_error_that_says_what_to_give() {
    let place = first_release("new", "{registry: here}");
    let first = place.champion().unwrap();
    let file = format!("registry/late/versions/{first}.json");
    let mut kept: Value = serde_json::from_str(&place.read(&file)).unwrap();
    kept.as_object_mut().unwrap().remove("metrics");
    place.write(&file, &kept.to_string());
    let (code, text) = place.said(&["run", "--now", NOW]);
    assert_eq!(code, 3, "{text}");
    assert!(
        text.contains("promoted without metrics that the registry keeps")
            && text.contains("give `metrics: PATH`"),
        "{text}"
    );
    std::fs::remove_file(place.path().join(&file)).unwrap();
    let (code, text) = place.said(&["run", "--now", NOW]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("is not among its versions"), "{text}");
}

/// A model whose version is the digest of its file, judged by these rows; promoted to an alias.
fn promoted_on(place: &Place, rows: &str, model: &str, alias: &str, now: &str) -> Value {
    place.write(
        "tollgate.yaml",
        &format!(
            "version: 1\nmodels:\n  late:\n    artifact: {{path: {model}}}\n    \
             candidate: {{predictions: {rows}.csv, label: late, score: p}}\n    metrics: {{roc_auc: {{at_least: 0.5}}}}\n    \
             promote: {{registry: here, alias: {alias}}}\nregistries:\n  here: {{kind: directory, path: registry}}\n"
        ),
    );
    let (code, text) = place.said(&["run", "--now", now, "--promote"]);
    assert_eq!(code, 0, "{text}");
    let version = run(place)["models"][0]["promote"]["version"].take();
    let file = format!("registry/late/versions/{}.json", version.as_str().unwrap());
    serde_json::from_str(&place.read(&file)).unwrap()
}

#[test]
fn a_version_that_is_promoted_again_is_known_by_what_it_was_last_promoted_on() {
    let place = Place::new("");
    place.write("one.bin", "weights of one");
    place.write("two.bin", "weights of two");
    let [monday, tuesday, friday] = ["01", "02", "05"].map(|d| format!("2013-04-{d}T00:00:00Z"));
    let value = |kept: &Value| kept["metrics"][0]["value"].as_f64().unwrap();
    let first = promoted_on(&place, "new", "one.bin", "champion", &monday);
    promoted_on(&place, "new", "two.bin", "champion", &tuesday);
    let again = promoted_on(&place, "newer", "one.bin", "champion", &friday);
    assert_eq!(again["version"], first["version"]);
    assert!(value(&again) > value(&first), "{again} {first}");
    assert_eq!(again["judged"], "newer.csv");
    assert_eq!(again["since"], first["since"]);
    // To another alias too; and an alias that leads there already is not moved, so nothing new is kept.
    let other = promoted_on(&place, "new", "one.bin", "shadow", &friday);
    assert_eq!(other["metrics"], first["metrics"]);
    let already = promoted_on(&place, "newer", "one.bin", "shadow", &friday);
    assert_eq!(already, other);
}
