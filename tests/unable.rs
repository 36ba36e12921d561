//! Runs that could not be evaluated: what they say, and what they leave of the run before.

use crate::harness::Gate;
use serde_json::Value;
use tollgate::record::Status;

const GOOD: &str = "version: 1\nreports: {junit: out/junit.xml}\ndatasets:\n  d: {path: d.csv, expect: [{not_null: id}]}\n";
const MORE: &[&str] = &[
    "--output",
    "gitlab=quality.json",
    "--output",
    "github=notes.txt",
];
/// Reports of both tests, from the folder of the run.
const WRITTEN: &[&str] = &[
    "report/report.html",
    "report/report.md",
    "report/run.json",
    "out/junit.xml",
    "quality.json",
    "notes.txt",
];

fn good() -> Gate {
    let files = [
        ("d.csv", &b"id\n1\n"[..]),
        ("tollgate.yaml", GOOD.as_bytes()),
    ];
    let gate = Gate::run(&files, MORE);
    assert_eq!(gate.code, 0, "{}", gate.stderr);
    let there = |name: &&str| gate.folder.path().join(name).is_file();
    assert!(WRITTEN.iter().all(there));
    gate
}

#[test]
fn no_report_of_an_earlier_run_stands_for_one_whose_configuration_is_wrong() {
    let broken = "version: 1\ndatasets: {d: {path: d.csv, expect: [{not_nul: id}]}}\n";
    for text in [Some(broken), None] {
        let before = good();
        let folder = before.folder.path();
        std::fs::write(folder.join("report/mine.txt"), "tollgate").unwrap();
        let path = folder.join("tollgate.yaml");
        match text {
            Some(text) => std::fs::write(path, text).unwrap(),
            None => std::fs::remove_file(path).unwrap(),
        }
        let now = Gate::again(before.folder, MORE);
        assert_eq!(now.code, 2, "{}", now.stderr);
        assert_eq!(now.stdout, "verdict: error\n");
        let removed = "of an earlier run removed";
        assert!(now.stderr.contains(removed), "{}", now.stderr);
        let folder = now.folder.path();
        // A configuration that cannot be read does not say where its reports go.
        let left: Vec<&&str> = WRITTEN.iter().filter(|n| folder.join(n).exists()).collect();
        assert_eq!(left, [&"out/junit.xml"]);
        assert!(folder.join("report/mine.txt").exists());
        assert!(folder.join("d.csv").exists());
    }
}

#[test]
fn a_night_that_cannot_be_evaluated_leaves_its_record_in_every_format() {
    let before = good();
    let folder = before.folder.path();
    std::fs::write(folder.join("d.csv"), "id\n\"1\n").unwrap();
    let more = [
        MORE,
        &["--output", "sarif=s.json", "--output", "openlineage=o.json"],
        &["--output", "openmetrics=m.txt", "--output", "ctrf=c.json"],
        &[
            "--output",
            "jsonl=l.json",
            "--output",
            "markdown-comment=c.md",
        ],
    ]
    .concat();
    let now = Gate::again(before.folder, &more);
    assert_eq!(now.code, 3, "{}", now.stderr);
    assert!(now.stdout.ends_with("verdict: error\n"), "{}", now.stdout);
    let reason = "line 2 opens a quote that is never closed";
    assert!(
        now.stderr.starts_with("error: cannot decode d.csv: "),
        "{}",
        now.stderr
    );
    let run = now.record();
    assert_eq!(run.verdict.status, Status::Error);
    assert!(run.verdict.sentence.contains("could not be evaluated"));
    let [outcome] = &run.outcomes[..] else {
        panic!("{:?}", run.outcomes);
    };
    assert_eq!(
        (outcome.id.as_str(), outcome.status),
        ("d.readable", Status::Error)
    );
    assert_eq!(outcome.location.as_ref().unwrap().line, 4);
    assert_eq!(run.datasets[0].name, "d");
    let read = |name: &str| std::fs::read_to_string(now.folder.path().join(name)).unwrap();
    for name in WRITTEN.iter().filter(|n| **n != "quality.json") {
        assert!(read(name).contains(reason), "{name}");
    }
    for name in [
        "s.json",
        "o.json",
        "c.json",
        "l.json",
        "c.md",
        "quality.json",
    ] {
        assert!(read(name).contains(reason), "{name}");
    }
    let html = read("report/report.html");
    let first = html.split("<main").next().unwrap();
    for words in [
        "could not be evaluated",
        reason,
        "What to do:",
        "not evaluated, d.csv",
    ] {
        assert!(first.contains(words), "{words}");
    }
    assert!(read("out/junit.xml").contains("<error type=\"error\""));
    assert!(!read("out/junit.xml").contains("name=\"rows\""));
    let sarif: Value = serde_json::from_str(&read("s.json")).unwrap();
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = &invocation["toolExecutionNotifications"][0];
    assert_eq!(told["level"], "error", "{told}");
    assert!(told["message"]["text"].as_str().unwrap().contains(reason));
    let lineage: Value = serde_json::from_str(read("o.json").lines().last().unwrap()).unwrap();
    assert_eq!(lineage["eventType"], "FAIL");
    let facets = &lineage["inputs"][0]["inputFacets"];
    assert!(facets.get("dataQualityMetrics").is_none(), "{facets}");
    let metrics = read("m.txt");
    assert!(metrics.contains("tollgate_verdict{status=\"error\"} 1"));
    assert!(!metrics.contains("tollgate_dataset_rows{"), "{metrics}");
}

#[test]
fn what_can_be_evaluated_besides_is() {
    let config = "version: 1\ndatasets:\n  \
                  gone: {path: gone.csv, expect: [{not_null: id}]}\n  \
                  good: {path: d.csv, expect: [{not_null: id}]}\n  \
                  child: {path: d.csv, expect: [{foreign_key: {columns: [id], dataset: gone, to: [id]}}]}\n  \
                  bad: {path: d.csv, expect: [{between: {column: id, min: 5}}]}\n\
                  models:\n  m:\n    candidate: {predictions: none.csv, label: y, score: p}\n    \
                  metrics: {accuracy: {at_least: 0.1, limit_by: point}}\n  \
                  n:\n    min_rows: 1\n    candidate: {predictions: p.csv, label: y, score: p}\n    \
                  metrics: {accuracy: {at_least: 0.1, limit_by: point}}\n\
                  waivers:\n  - {outcome: 'gone.*', reason: r, owner: o, until: 2099-01-01}\n";
    let files = [
        ("d.csv", &b"id\n1\n2\n"[..]),
        ("p.csv", &b"y,p\n1,0.9\n0,0.1\n"[..]),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    // A promise that is broken comes before what nobody can tell.
    assert_eq!(gate.code, 1, "{}{}", gate.stdout, gate.stderr);
    let run = gate.record();
    let status = |id: &str| {
        let found = run.outcomes.iter().find(|o| o.id == id);
        found.map(|o| o.status)
    };
    for (id, expected) in [
        ("gone.readable", Some(Status::Error)),
        ("child.readable", Some(Status::Error)),
        ("good.not_null(id)", Some(Status::Pass)),
        ("good.readable", None),
        ("m.readable", Some(Status::Error)),
        ("n.at_least(accuracy)", Some(Status::Pass)),
    ] {
        let ids: Vec<&String> = run.outcomes.iter().map(|o| &o.id).collect();
        assert_eq!(status(id), expected, "{id} of {ids:?}");
    }
    let names: Vec<&str> = run.datasets.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names, ["gone", "good", "child", "bad"]);
    let names: Vec<&str> = run.models.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names, ["m", "n"]);
    let order: Vec<&str> = run.outcomes.iter().map(|o| o.dataset.as_str()).collect();
    assert!(order.starts_with(&["gone", "good"]), "{order:?}");
    assert!(gate.stderr.contains("`child` is held against `gone`"));
    // The same files, the same bytes.
    let json = std::fs::read(gate.folder.path().join("report/run.json")).unwrap();
    let now = run.provenance.now.clone();
    let again = Gate::again(gate.folder, &["--now", &now]);
    let anew = std::fs::read(again.folder.path().join("report/run.json")).unwrap();
    assert_eq!(json, anew);
}

#[test]
fn a_night_that_cannot_be_evaluated_is_in_the_history_and_teaches_nothing() {
    let config = "version: 1\nhistory: {path: past}\ndatasets:\n  d: {path: d.csv, expect: [{not_null: id}]}\n";
    let files = [
        ("d.csv", &b"id\n1\n"[..]),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let night = |day: u32| format!("2026-11-{day:02}T02:00:00Z");
    let first = Gate::run(&files, &["--now", &night(1)]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    std::fs::remove_file(first.folder.path().join("d.csv")).unwrap();
    let second = Gate::again(first.folder, &["--now", &night(2)]);
    let second = Gate::again(second.folder, &["--now", &night(2)]);
    assert_eq!(second.code, 3, "{}", second.stderr);
    let quiet = Gate::again(second.folder, &["--now", &night(3), "--no-record"]);
    let folder = quiet.folder.path();
    let lines = std::fs::read_to_string(folder.join("past/d.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(
        lines
            .lines()
            .nth(1)
            .unwrap()
            .starts_with("{\"kind\":\"unable\"")
    );
    let told = |args: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
            .args(args)
            .current_dir(folder)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let list = told(&["history", "list"]);
    assert!(
        list.contains("d: 1 run, 1 ordinary, 1 night not evaluated"),
        "{list}"
    );
    assert!(list.contains("2026-11-02T02:00:00Z"), "{list}");
    assert!(list.contains("error  not evaluated"), "{list}");
    std::fs::remove_dir_all(folder.join("report")).unwrap();
    let status = told(&[
        "status",
        ".",
        "--output",
        "site",
        "--config",
        "tollgate.yaml",
        "--now",
        &night(3),
    ]);
    let page = crate::harness::files(&folder.join("site"));
    let page = page
        .iter()
        .find(|f| f.contains("dataset"))
        .unwrap_or_else(|| panic!("{status} {page:?}"));
    let page = std::fs::read_to_string(folder.join("site").join(page)).unwrap();
    assert!(page.contains("2026-11-02"), "{page}");
    assert!(page.contains("error"), "{page}");
    // The next night is beside the one before, and learns from that alone.
    std::fs::write(folder.join("d.csv"), "id\n1\n2\n").unwrap();
    let third = Gate::again(quiet.folder, &["--now", &night(4)]);
    assert_eq!(third.code, 0, "{}", third.stderr);
    let before = third.record().datasets[0].before.clone().unwrap();
    assert_eq!(before.at, night(1));
}

#[test]
fn files_that_are_no_reports_are_left_alone() {
    let before = good();
    let folder = before.folder.path();
    for (name, text) in [
        ("report/run.json", "{\"mine\": 1}"),
        ("quality.json", "{}"),
        ("notes.txt", "mine"),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    std::fs::remove_file(folder.join("out/junit.xml")).unwrap();
    std::fs::create_dir(folder.join("out/junit.xml")).unwrap();
    let broken = GOOD.replace("not_null", "not_nul");
    std::fs::write(folder.join("tollgate.yaml"), broken).unwrap();
    let now = Gate::again(before.folder, MORE);
    assert_eq!(now.code, 2, "{}", now.stderr);
    let folder = now.folder.path();
    for name in [
        "report/run.json",
        "quality.json",
        "notes.txt",
        "out/junit.xml",
    ] {
        assert!(folder.join(name).exists(), "{name}");
    }
}

#[test]
fn what_the_configuration_reads_is_never_removed() {
    let before = good();
    let folder = before.folder.path();
    let data = "{\"schema_version\": 1, \"provenance\": 2, \"id\": 1}\n{\"id\"";
    std::fs::write(folder.join("report/run.json"), data).unwrap();
    let config = GOOD.replace("d.csv", "report/run.json, format: ndjson");
    std::fs::write(folder.join("tollgate.yaml"), config).unwrap();
    let now = Gate::again(before.folder, &[]);
    // Its record would take the place of the data.
    assert_eq!(now.code, 2, "{}", now.stderr);
    let left = std::fs::read_to_string(now.folder.path().join("report/run.json"));
    assert_eq!(left.unwrap(), data);
}

#[test]
fn a_mistake_on_the_command_line_removes_nothing() {
    let before = good();
    let args = [&["--only", "nothing"][..], MORE].concat();
    let now = Gate::again(before.folder, &args);
    assert_eq!((now.code, now.stdout.as_str()), (2, "verdict: error\n"));
    let folder = now.folder.path();
    assert!(WRITTEN.iter().all(|n| folder.join(n).exists()));
}

#[test]
fn a_run_that_is_not_signed_leaves_no_signature_of_an_earlier_one() {
    let before = good();
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["key", "new", "--output", "k.pem"])
        .current_dir(before.folder.path())
        .output()
        .unwrap();
    assert!(made.status.success());
    let signed = Gate::again(before.folder, &["--sign", "--key", "k.pem"]);
    let envelope = signed.folder.path().join("report/run.intoto.json");
    assert!(envelope.is_file(), "{}", signed.stderr);
    let plain = Gate::again(signed.folder, &[]);
    assert_eq!(plain.code, 0, "{}", plain.stderr);
    assert!(!envelope.exists());
    // What is no signature is somebody else's.
    std::fs::write(&envelope, "mine").unwrap();
    let again = Gate::again(plain.folder, &[]);
    assert_eq!((again.code, envelope.is_file()), (0, true));
}

#[test]
fn a_report_on_standard_output_has_it_alone() {
    let folder = good().folder;
    for (format, begins) in [
        ("junit=-", "<?xml"),
        ("jsonl=-", "{"),
        ("markdown=-", "## "),
    ] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
            .args([
                "run", "--output", "report", "--output", format, "--ci", "github",
            ])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let (out, told) = (output.stdout, String::from_utf8(output.stderr).unwrap());
        let out = String::from_utf8(out).unwrap();
        assert_eq!(output.status.code(), Some(0), "{told}");
        assert!(out.starts_with(begins), "{out}");
        assert!(!out.contains("verdict: pass"), "{out}");
        assert!(told.ends_with("verdict: pass\n"), "{told}");
        assert!(!folder.path().join("-").exists());
        if format == "junit=-" {
            let file = std::fs::read_to_string(folder.path().join("out/junit.xml")).unwrap();
            assert_eq!(out, file);
        }
    }
}
