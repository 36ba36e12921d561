//! Machine formats: each is what its readers expect, loses nothing, and stays the same where nothing changed.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use crate::report_fixture::{counting, rich, run};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tollgate::record::{Began, Outcome, Run, Status};
use tollgate::report::{Format, render};

fn json(run: &Run, format: Format) -> Value {
    serde_json::from_str(&render(run, format)).unwrap()
}

/// The rich run, in which everything that does not pass has been so for three runs.
fn lasting() -> Run {
    let mut run = rich();
    for outcome in run.outcomes.iter_mut().filter(|o| o.status != Status::Pass) {
        outcome.began = Some(Began {
            past: vec![3.0, 1.0, 2.0, 8.0],
            at: "2026-11-20T08:30:00Z".to_owned(),
            runs: 3,
        });
    }
    run
}

#[test]
fn every_line_of_jsonl_is_an_outcome_that_stands_alone() {
    let run = lasting();
    let text = render(&run, Format::Jsonl);
    assert_eq!(text.lines().count(), run.outcomes.len());
    for (line, outcome) in text.lines().zip(&run.outcomes) {
        assert_eq!(&serde_json::from_str::<Outcome>(line).unwrap(), outcome);
        let value: Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["verdict"], "fail");
        assert_eq!(value["now"], "2026-11-25T08:30:00Z");
        assert_eq!(value["commit"], run.provenance.commit.clone().unwrap());
    }
}

fn prints(run: &Run) -> BTreeMap<String, String> {
    let findings = json(run, Format::Gitlab);
    let all = findings.as_array().unwrap().iter();
    let pair = |f: &Value| {
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        let name = text(&f["description"]);
        let id = name.split(": ").next().unwrap().to_owned();
        (id, text(&f["fingerprint"]))
    };
    all.map(pair).collect()
}

#[test]
fn gitlab_findings_stay_the_same_when_values_and_lines_change() {
    let before = prints(&rich());
    let mut run = rich();
    for outcome in &mut run.outcomes {
        outcome.message = format!("{} And more.", outcome.message);
        outcome.failing = outcome.failing.map(|n| n + 1);
        for measured in &mut outcome.measured {
            measured.text.push('1');
        }
        if let Some(at) = &mut outcome.location {
            at.line += 40;
        }
    }
    assert_eq!(prints(&run), before);
    assert_eq!(before.values().collect::<BTreeSet<_>>().len(), before.len());
}

#[test]
fn two_gitlab_findings_never_share_a_fingerprint() {
    let twice = |n| counting("orders.not_null(id)", "not_null", Status::Fail, n, 10);
    let run = run(vec![twice(1), twice(2), twice(3)], Vec::new());
    let findings = json(&run, Format::Gitlab);
    let prints = findings.as_array().unwrap().iter();
    let prints: BTreeSet<&str> = prints.map(|f| f["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), 3);
}

#[test]
fn gitlab_has_the_worst_first_and_nothing_that_is_fine() {
    let findings = json(&rich(), Format::Gitlab);
    let severities: Vec<&str> = findings
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["severity"].as_str().unwrap())
        .collect();
    let expected = [
        vec!["critical"; 5],
        vec!["major"; 3],
        vec!["minor"; 2],
        vec!["info"],
    ];
    assert_eq!(severities, expected.concat());
    for finding in findings.as_array().unwrap() {
        let path = finding["location"]["path"].as_str().unwrap();
        assert!(!path.starts_with(['/', '.']), "{path}");
        assert!(finding["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
    }
}

#[test]
fn ctrf_counts_what_it_lists_and_lets_no_error_pass() {
    let run = lasting();
    let report = json(&run, Format::Ctrf);
    let results = &report["results"];
    let tests = results["tests"].as_array().unwrap();
    assert_eq!(tests.len(), run.outcomes.len());
    for status in ["passed", "failed", "skipped", "pending", "other"] {
        let listed = tests.iter().filter(|t| t["status"] == status).count();
        assert_eq!(results["summary"][status], listed, "{status}");
    }
    for (test, outcome) in tests.iter().zip(&run.outcomes) {
        let open = !matches!(outcome.status, Status::Pass | Status::Warn);
        assert_eq!(test["status"] != "passed", open, "{test}");
        assert_eq!(test["rawStatus"], outcome.status.word());
        assert_eq!(test["message"].is_string(), outcome.status != Status::Pass);
    }
    assert_eq!(results["environment"]["healthy"], false);
    assert_eq!(results["summary"]["start"], 1_795_595_400_000_u64);
}

/// The event that starts a run, and the one that ends it.
fn events(run: &Run) -> [Value; 2] {
    let text = render(run, Format::Openlineage);
    let lines: Vec<Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    lines.try_into().unwrap()
}

#[test]
fn openlineage_tells_every_outcome_and_no_error_is_a_success() {
    let run = lasting();
    let [start, event] = events(&run);
    assert_eq!(start["eventType"], "START");
    for key in ["run", "job"] {
        let id = if key == "run" { "runId" } else { "name" };
        assert_eq!(start[key][id], event[key][id]);
    }
    assert_eq!(start["inputs"][0]["name"], event["inputs"][0]["name"]);
    assert_eq!(event["eventType"], "FAIL");
    let tests = event["run"]["facets"]["test"]["tests"].as_array().unwrap();
    assert_eq!(tests.len(), run.outcomes.len());
    for (test, outcome) in tests.iter().zip(&run.outcomes) {
        let expected = match outcome.status {
            Status::Pass => "pass",
            Status::Skipped => "skip",
            _ => "fail",
        };
        assert_eq!(test["status"], expected, "{test}");
        let mild = matches!(outcome.status, Status::Warn | Status::Waived);
        assert!(!(mild && test["severity"] == "error"), "{test}");
    }
    let orders = &event["inputs"][0];
    assert_eq!(orders["name"], run.datasets[0].path);
    let assertions = &orders["inputFacets"]["dataQualityAssertions"]["assertions"];
    let mine = run.outcomes.iter();
    let mine = mine.filter(|o| o.dataset == "orders" && o.status != Status::Skipped);
    assert_eq!(assertions.as_array().unwrap().len(), mine.count());
    let id = event["run"]["runId"].as_str().unwrap();
    let parts: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12]);
    assert!(
        id[14..].starts_with('7') && "89ab".contains(&id[19..20]),
        "{id}"
    );
}

#[test]
fn openlineage_runs_are_told_apart_by_what_they_found() {
    let id = |run: &Run| events(run)[1]["run"]["runId"].clone();
    let mut other = rich();
    other.provenance.seed += 1;
    assert_eq!(id(&rich()), id(&rich()));
    assert_ne!(id(&rich()), id(&other));
}

/// Series of an exposition: name with labels, and number.
fn series(text: &str) -> Vec<(String, f64)> {
    let lines = text.lines().filter(|l| !l.starts_with('#'));
    let pair = |l: &str| {
        let (name, number) = l.rsplit_once(' ').unwrap();
        (name.to_owned(), number.parse().unwrap())
    };
    lines.map(pair).collect()
}

#[test]
fn openmetrics_has_each_series_once_and_says_what_is_left_out() {
    let all = (0..700).map(|i| {
        let status = if i == 650 { Status::Fail } else { Status::Pass };
        counting(
            &format!("orders.not_null(c{i})"),
            "not_null",
            status,
            i,
            1_000,
        )
    });
    for run in [rich(), run(all.collect(), Vec::new())] {
        let text = render(&run, Format::Openmetrics);
        assert!(text.ends_with("\n# EOF\n"), "{text}");
        let all = series(&text);
        let names: BTreeSet<&String> = all.iter().map(|(n, _)| n).collect();
        assert_eq!(names.len(), all.len());
        let left = run.outcomes.len().saturating_sub(500);
        let said = format!("tollgate_left_out{{kind=\"outcomes\"}} {left}\n");
        assert!(text.contains(&said), "{text}");
        let statuses = text
            .lines()
            .filter(|l| l.starts_with("tollgate_check_status{"));
        assert_eq!(statuses.count(), run.outcomes.len().min(500));
    }
    let text = render(&rich(), Format::Openmetrics);
    for (status, number) in [("fail", 1), ("pass", 0)] {
        assert!(text.contains(&format!(
            "tollgate_verdict{{status=\"{status}\"}} {number}\n"
        )));
    }
    assert!(text.contains("\ntollgate_last_run_timestamp_seconds 1795595400\n"));
}

#[test]
fn since_when_something_fails_is_told_where_developers_look() {
    let run = lasting();
    let said = "since 3 runs, first on 2026-11-20";
    for format in Format::ALL {
        let text = render(&run, *format);
        let expected = !matches!(
            format,
            Format::Json | Format::Jsonl | Format::Openlineage | Format::Openmetrics
        );
        assert_eq!(text.contains(said), expected, "{format:?}");
    }
    for (format, least) in [
        (Format::Github, 10),
        (Format::Sarif, 12),
        (Format::Junit, 10),
    ] {
        let times = render(&run, format).matches(said).count();
        assert!(times >= least, "{format:?} {times}");
    }
    let sarif = json(&run, Format::Sarif);
    assert_eq!(
        sarif["runs"][0]["results"][0]["properties"]["began"]["runs"],
        3
    );
}

#[test]
fn the_variants_of_markdown_say_more_or_less() {
    let run = rich();
    let [full, summary, comment] = [
        Format::Markdown,
        Format::MarkdownSummary,
        Format::MarkdownComment,
    ]
    .map(|f| render(&run, f));
    assert_eq!(summary, comment, "a run that is small is told alike");
    assert!(full.contains("columns of orders</summary>"), "{full}");
    assert!(full.contains("`▅█▄▃▁▂`"), "{full}");
    assert!(!summary.contains("columns of orders"));
    let mut pipes = full.lines().filter(|l| l.starts_with("| `carrier`"));
    assert_eq!(pipes.next().unwrap().matches('|').count(), 9);
}

#[test]
fn what_runs_before_measured_is_a_row_of_blocks() {
    let mut run = lasting();
    for format in [
        Format::Markdown,
        Format::MarkdownSummary,
        Format::MarkdownComment,
    ] {
        let text = render(&run, format);
        assert!(text.contains(" (the 4 runs before `▃▁▂█`)"), "{text}");
    }
    let mut with = |past: &[f64]| {
        for outcome in &mut run.outcomes {
            if let Some(began) = &mut outcome.began {
                began.past = past.to_vec();
            }
        }
        render(&run, Format::Markdown)
    };
    assert!(with(&[-5.0, -5.0, -4.0]).contains("(the 3 runs before `▁▁█`)"));
    assert!(!with(&[1.0]).contains("runs before"));
}
