//! Reports: one snapshot per format of one rich run, hostile text in every format, order, sizes.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use crate::report_fixture::{HOSTILE, counting, dataset, outcome, rich, run};
use std::collections::BTreeSet;
use tollgate::record::{Comparison, ComparisonKind, Counts, Outcome, Run, Status};
use tollgate::report::{Format, render, screen};
use tollgate::verdict::{FailOn, decide};

#[test]
fn snapshots() {
    let run = rich();
    insta::with_settings!({snapshot_path => "snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        for format in Format::ALL {
            insta::assert_snapshot!(format!("report_{}", format.name()), render(&run, *format));
        }
    });
}

/// Rules of every text that may end up in a CI log.
fn harmless_in_a_log(text: &str, name: &str) {
    assert!(!text.contains("##[") && !text.contains("##vso["), "{name}");
    let hidden = text.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(hidden, None, "{name}");
    assert!(
        !text.contains(['\u{202e}', '\u{fdd0}', '\u{ffff}']),
        "{name}"
    );
    if name != "github" {
        let command = text.lines().find(|l| l.trim_start().starts_with("::"));
        assert_eq!(command, None, "{name}");
    }
}

#[test]
fn hostile_text_is_harmless_in_every_format() {
    for format in Format::ALL {
        harmless_in_a_log(&render(&rich(), *format), format.name());
    }
}

#[test]
fn annotations_are_the_only_commands() {
    let text = render(&rich(), Format::Github);
    for line in text.lines() {
        let (command, rest) = line[2..].split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&command), "{line}");
        let (properties, _) = rest.split_once("::").unwrap();
        let keys: Vec<&str> = properties
            .split(',')
            .map(|p| p.split_once('=').unwrap().0)
            .collect();
        let known = ["file", "line", "col", "endColumn", "title"];
        assert!(keys.iter().all(|k| known.contains(k)), "{line}");
    }
    assert_eq!(text.lines().count(), 11);
}

#[test]
fn html_runs_nothing_and_loads_nothing() {
    let html = render(&rich(), Format::Html);
    let tags: BTreeSet<String> = html
        .split('<')
        .skip(1)
        .map(|t| {
            t.split(|c: char| !c.is_ascii_alphanumeric())
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    for tag in ["script", "img", "b", "i", "iframe", "object", "link"] {
        assert!(!tags.contains(tag), "<{tag}>");
    }
    for address in html.split(" href=").skip(1) {
        assert!(
            address.starts_with("\"#") || address.starts_with("\"run.json\""),
            "{address}"
        );
    }
    assert!(!html.contains(" src=\"") && !html.contains("url("));
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    // Every attribute of every tag is one of ours: a value that broke out of its quotes would add its own.
    for tag in html.split('<').skip(1).filter_map(|t| t.split('>').next()) {
        let outside: String = tag.split('"').step_by(2).collect();
        for name in outside
            .split_ascii_whitespace()
            .filter_map(|w| w.strip_suffix('='))
        {
            assert!(!name.starts_with("on") && name != "style", "{tag}");
        }
    }
}

#[test]
fn markdown_cells_end_where_the_table_says() {
    let text = render(&rich(), Format::MarkdownComment);
    let rows: Vec<&str> = text.lines().filter(|l| l.starts_with('|')).collect();
    assert_eq!(rows.len(), 11 + 1 + 1 + 1 + 4 * 2);
    for row in rows {
        let mut pipes = 0;
        let mut slashes = 0;
        for c in row.chars() {
            pipes += usize::from(c == '|' && slashes % 2 == 0);
            slashes = if c == '\\' { slashes + 1 } else { 0 };
        }
        assert_eq!(pipes, 7, "{row}");
    }
    let prose: String = text.split('`').step_by(2).collect();
    for active in ["@team", "team #12", "http://", "www.e", "<script", "<img"] {
        assert!(!prose.contains(active), "{active} in {prose}");
    }
}

/// Element names in order of their start tags; panics where XML 1.0 would not be well-formed.
fn elements(xml: &str) -> Vec<String> {
    let legal =
        |c: char| matches!(c, '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(xml.chars().all(legal));
    let entity = |rest: &str| {
        let name = rest.split(';').next().unwrap();
        ["amp", "lt", "gt", "quot"].contains(&name) || name == "#35"
    };
    assert!(xml.split('&').skip(1).all(entity));
    assert!(!xml.contains("]]>"));
    let (mut open, mut found): (Vec<String>, Vec<String>) = Default::default();
    for piece in xml.split('<').skip(2) {
        let (tag, _text) = piece.split_once('>').expect("a tag that ends");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap().to_owned();
        if !tag.ends_with('/') {
            open.push(name.clone());
        }
        found.push(name);
    }
    assert!(open.is_empty(), "{open:?}");
    found
}

#[test]
fn junit_is_well_formed_and_loses_nothing() {
    let mut run = rich();
    run.datasets.pop();
    let names = elements(&render(&run, Format::Junit));
    let count = |name: &str| names.iter().filter(|n| *n == name).count();
    assert_eq!(count("testcase"), run.outcomes.len());
    assert_eq!(
        (
            count("testsuite"),
            count("failure"),
            count("error"),
            count("skipped")
        ),
        (2, 5, 3, 2)
    );
}

#[test]
fn json_is_the_run_again() {
    let run = rich();
    let text = render(&run, Format::Json);
    assert_eq!(serde_json::from_str::<Run>(&text).unwrap(), run);
    assert!(text.ends_with("}\n"));
}

fn sarif(run: &Run) -> serde_json::Value {
    let log: serde_json::Value = serde_json::from_str(&render(run, Format::Sarif)).unwrap();
    log["runs"][0].clone()
}

#[test]
fn sarif_alerts_stay_the_same_when_lines_move() {
    let prints = |run: &Run| -> Vec<String> {
        let results = sarif(run)["results"].as_array().unwrap().clone();
        let print = |r: &serde_json::Value| r["partialFingerprints"]["outcome/v1"].to_string();
        results.iter().map(print).collect()
    };
    let before = rich();
    let mut after = rich();
    for outcome in &mut after.outcomes {
        if let Some(location) = &mut outcome.location {
            location.line += 100;
        }
    }
    assert_eq!(prints(&before), prints(&after));
    let all: BTreeSet<String> = prints(&before).into_iter().collect();
    assert_eq!(all.len(), 13);
    let first = &sarif(&after)["results"][0];
    let rule = usize::try_from(first["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(
        sarif(&after)["tool"]["driver"]["rules"][rule]["id"],
        first["ruleId"]
    );
}

#[test]
fn the_worst_comes_first() {
    let mut outcomes = vec![
        counting("a", "not_null", Status::Fail, 50, 1_000),
        counting("b", "not_null", Status::Fail, 40, 100),
        counting("c", "not_null", Status::Fail, 400, 1_000),
        outcome("d", "columns_match", Status::Fail, "A column is missing."),
        counting("e", "not_null", Status::Fail, 90, 100),
    ];
    outcomes[4].severity = tollgate::record::Severity::Warn;
    let run = run(outcomes, Vec::new());
    let results = sarif(&run)["results"].as_array().unwrap().clone();
    let ids: Vec<&str> = results
        .iter()
        .map(|r| r["properties"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["d", "c", "b", "a", "e"]);
    for format in [Format::Terminal, Format::Markdown, Format::Html] {
        let text = render(&run, format);
        let at = |sign: &str| {
            text.find(sign)
                .unwrap_or_else(|| panic!("{sign} in {format:?}"))
        };
        assert!(
            at("A column is missing") < at("400 of 1,000 rows"),
            "{format:?}"
        );
        assert!(
            at("400 of 1,000 rows") < at("50 of 1,000 rows"),
            "{format:?}"
        );
    }
}

#[test]
fn colour_is_nothing_but_colour() {
    let run = rich();
    let coloured = screen(&run, None);
    let codes: BTreeSet<&str> = coloured
        .split('\u{1b}')
        .skip(1)
        .map(|rest| rest.split_inclusive('m').next().unwrap())
        .collect();
    assert_eq!(
        codes.into_iter().collect::<Vec<_>>(),
        ["[0m", "[1m", "[2m", "[31m", "[33m"]
    );
    let plain = anstream::adapter::strip_str(&coloured).to_string();
    assert_eq!(plain, render(&run, Format::Terminal));
    assert!(plain.ends_with("\nverdict: fail\n"));
}

/// A run that is far larger than any page should show.
fn huge() -> Run {
    let bins = 40;
    let picture = Comparison {
        kind: ComparisonKind::Histogram,
        labels: (0..bins).map(|i| format!("> {i}")).collect(),
        reference: vec![0.025; bins],
        current: vec![0.025; bins],
    };
    let sample = rich().outcomes[2].samples.clone();
    let all = |n: u64, status: Status, name: &str| -> Vec<Outcome> {
        (0..n)
            .map(|i| {
                let failing = if status == Status::Pass { 0 } else { i };
                let id = format!("orders.{name}(column_{i}_{})", "x".repeat(60));
                let mut one = counting(&id, "not_null", status, failing, 24_951);
                one.message = format!("`column_{i}` {}", HOSTILE.join(" "));
                one.samples.clone_from(&sample);
                one.comparison = Some(picture.clone());
                one
            })
            .collect()
    };
    let mut outcomes = all(3_000, Status::Fail, "not_null");
    outcomes.extend(all(1_000, Status::Error, "between"));
    outcomes.extend(all(2_000, Status::Warn, "drift_psi"));
    outcomes.extend(all(200, Status::Skipped, "in_set"));
    outcomes.extend(all(3_000, Status::Pass, "matches"));
    let columns = rich().datasets[1].profile.clone();
    let profile = columns.iter().cycle().take(10_000).cloned().collect();
    let mut datasets = vec![dataset("orders", 24_951, profile)];
    datasets.extend((0..100).map(|i| dataset(&format!("d{i}"), 1, columns.clone())));
    run(outcomes, datasets)
}

#[test]
fn a_huge_run_stays_readable_and_says_what_is_left_out() {
    let run = huge();
    let html = render(&run, Format::Html);
    assert!(html.len() <= 500_000, "{} bytes of HTML", html.len());
    let nodes = html
        .split('<')
        .skip(1)
        .filter(|t| !t.starts_with(['/', '!']))
        .count();
    assert!(nodes <= 5_000, "{nodes} nodes");
    for said in [
        "2928 more are left out",
        "9940 more columns are left out",
        "81 more datasets",
    ] {
        assert!(html.contains(said), "{said}");
    }
    let markdown = render(&run, Format::MarkdownComment);
    assert!(
        markdown.len() <= 60_000,
        "{} bytes of Markdown",
        markdown.len()
    );
    assert!(
        markdown.len() > 50_000,
        "{} bytes of Markdown",
        markdown.len()
    );
    assert!(markdown.contains("<summary>5,980 more findings</summary>"));
    assert!(markdown.contains("more in run.json\n"));
    let dropped = "below 60 kB: 200 skipped promises, 3,000 kept promises.";
    assert!(markdown.contains(dropped));
    let terminal = render(&run, Format::Terminal);
    assert!(
        terminal.lines().count() <= 64,
        "{}",
        terminal.lines().count()
    );
    assert!(terminal.contains("and 2992 more in the report") && terminal.contains("more datasets"));
    let github = render(&run, Format::Github);
    let level = |name: &str| github.lines().filter(|l| l.starts_with(name)).count();
    assert_eq!(
        (level("::error "), level("::warning "), level("::notice ")),
        (10, 10, 0)
    );
    assert!(
        github.contains("3991 more (broken or not evaluated)"),
        "{github}"
    );
    let sarif = sarif(&run);
    assert_eq!(sarif["results"].as_array().unwrap().len(), 5_000);
    let note = &sarif["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
    assert!(
        note.as_str()
            .unwrap()
            .starts_with("1200 results are left out")
    );
}

#[test]
fn the_sentence_says_what_to_do_first() {
    let sentence = |statuses: &[(Status, usize)], fail_on: FailOn| {
        let each = statuses
            .iter()
            .flat_map(|(s, n)| std::iter::repeat_n(*s, *n));
        let all: Vec<Outcome> = each.map(|s| outcome("a", "b", s, "c")).collect();
        decide(&all, fail_on).sentence
    };
    for (statuses, wanted) in [
        (
            &[(Status::Pass, 2)][..],
            "The data may be used: all 2 promises are kept.",
        ),
        (
            &[(Status::Pass, 1)],
            "The data may be used: its one promise is kept.",
        ),
        (
            &[(Status::Pass, 2), (Status::Fail, 1), (Status::Warn, 1)],
            "Do not use this data: 1 of 4 promises is broken; 1 warns.",
        ),
        (
            &[
                (Status::Fail, 2),
                (Status::Error, 3),
                (Status::Inconclusive, 1),
                (Status::Skipped, 2),
            ],
            "Do not use this data: 2 of 8 promises are broken; 3 could not be evaluated, 1 is undecided, 2 were skipped.",
        ),
        (
            &[(Status::Pass, 3), (Status::Error, 1)],
            "Do not use this data yet: 1 of 4 promises could not be evaluated, none of the others is broken.",
        ),
        (
            &[(Status::Inconclusive, 2)],
            "Do not use this data yet: 2 of 2 promises are undecided for want of evidence, none is broken.",
        ),
        (
            &[(Status::Pass, 1), (Status::Warn, 2), (Status::Skipped, 1)],
            "The data may be used: no promise is broken, 1 of 4 promises is kept; 2 warn, 1 was skipped.",
        ),
        (
            &[],
            "Do not use this data yet: nothing was evaluated, so nothing can have passed.",
        ),
    ] {
        assert_eq!(sentence(statuses, FailOn::Error), wanted);
    }
    let strict = sentence(&[(Status::Pass, 1), (Status::Warn, 1)], FailOn::Warn);
    assert!(
        strict.starts_with("Do not use this data, a warning is enough"),
        "{strict}"
    );
}

#[test]
fn an_empty_run_is_rendered_in_every_format() {
    let run = run(Vec::new(), Vec::new());
    assert_eq!(run.verdict.counts, Counts::default());
    for format in Format::ALL {
        let text = render(&run, *format);
        assert_eq!(
            text.contains("nothing was evaluated"),
            format.name().starts_with("markdown")
                || matches!(
                    format,
                    Format::Terminal | Format::Json | Format::Html | Format::Sarif | Format::Ctrf
                ),
            "{format:?}"
        );
    }
}
