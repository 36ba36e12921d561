//! The static site: since when, how long fixes took, what changed, hostile texts, and folders that hold other things.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a panic is how a test fails, and it says what it skips"
)]

use crate::report_fixture::{HOSTILE, dataset, outcome, rich, run};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::process::{Command, Output};
use tollgate::promote::{Outcome as Ended, Promotion, Promotions};
use tollgate::record::{Measurement, Run, Status, Threshold};
use tollgate::registry::{Move, MoveKind};
use tollgate::report::site::{Archive, Asked, Page};
use tollgate::report::{self, Format};

fn day(day: i64) -> DateTime<Utc> {
    "2026-11-01T06:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::days(day)
}

fn asked(now: i64) -> Asked {
    Asked {
        title: "Data".to_owned(),
        now: day(now),
        address: Some("https://example.org/status".to_owned()),
    }
}

/// A run of `orders` with one promise that fails or holds, and a number.
fn night(at: i64, status: Status) -> Run {
    let mut promise = outcome(
        "orders.not_null(price)",
        "not_null",
        status,
        "`price` is null in 3 rows.",
    );
    promise.owner = Some("sales@example.org".to_owned());
    promise.measured = vec![Measurement {
        name: "failing".to_owned(),
        text: "3".to_owned(),
        number: Some(3.0 + at as f64),
        unit: "rows".to_owned(),
    }];
    promise.limits = vec![Threshold {
        name: "failing".to_owned(),
        op: "<=".to_owned(),
        text: "4".to_owned(),
        number: Some(4.0),
        held: status == Status::Pass,
    }];
    let other = outcome(
        "orders.unique_key(id)",
        "unique_key",
        Status::Pass,
        "`id` is unique.",
    );
    let mut run = run(
        vec![promise, other],
        vec![dataset("orders", 10, Vec::new())],
    );
    run.provenance.now = day(at).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    run
}

fn nights(all: &[(i64, Status)]) -> Vec<Run> {
    all.iter().map(|(at, status)| night(*at, *status)).collect()
}

fn archive<'a>(runs: impl IntoIterator<Item = &'a Run>) -> Archive {
    let mut archive = Archive::default();
    for run in runs {
        let bytes = serde_json::to_vec(run).unwrap();
        archive.add_run(run, Sha256::digest(bytes).into()).unwrap();
    }
    archive
}

fn page<'a>(site: &'a [Page], name: &str) -> &'a str {
    let page = site.iter().find(|p| p.name == name);
    &page.unwrap_or_else(|| panic!("no {name}")).text
}

const SERIES: &[(i64, Status)] = &[
    (0, Status::Pass),
    (1, Status::Fail),
    (2, Status::Fail),
    (4, Status::Pass),
    (6, Status::Fail),
    (7, Status::Pass),
    (8, Status::Fail),
    (9, Status::Fail),
];

#[test]
fn the_site_says_what_fails_since_when_and_how_long_fixes_took() {
    let site = archive(&nights(SERIES)).site(&asked(9));
    let index = page(&site, "index.html");
    assert!(index.contains("<h1>orders fails.</h1>"), "{index}");
    assert!(
        index.contains("since 2026-11-09, 2 runs; sales@example.org answers for it"),
        "{index}"
    );
    // From the 1st to the 4th day, and from the 6th to the 7th.
    assert!(
        index.contains("2 days on average over 2 repairs"),
        "{index}"
    );
    assert!(
        index.contains("1 of 2 promises is broken, the longest since 2026-11-09."),
        "{index}"
    );
    let orders = page(&site, "dataset-orders.html");
    assert!(
        orders.contains("Between 3 rows and 12 rows over 8 runs"),
        "{orders}"
    );
    assert!(
        orders.contains("allowed at most 4 rows; broken in 5 of them."),
        "{orders}"
    );
    assert!(
        orders.contains("<title>2026-11-10: fail</title>"),
        "{orders}"
    );
    assert!(orders.contains("37.5 % of 8 runs"), "{orders}");
}

#[test]
fn what_has_not_run_for_long_is_not_told_as_well() {
    let runs = nights(&[(0, Status::Pass), (1, Status::Pass), (2, Status::Pass)]);
    let fresh = archive(&runs).site(&asked(3));
    assert!(page(&fresh, "index.html").contains("<h1>orders passes.</h1>"));
    let old = archive(&runs).site(&asked(12));
    let index = page(&old, "index.html");
    assert!(
        index.contains("1 has not run for longer than usual (orders)."),
        "{index}"
    );
    assert!(index.contains("The last run is 10 days old"), "{index}");
}

#[test]
fn the_order_of_files_changes_no_byte_and_a_copy_counts_once() {
    let runs = nights(SERIES);
    let straight = archive(&runs).site(&asked(9));
    let twice = archive(runs.iter().rev().chain(&runs)).site(&asked(9));
    assert_eq!(straight, twice);
}

#[test]
fn a_part_of_a_run_says_nothing() {
    let mut part = night(3, Status::Fail);
    part.left_out =
        serde_json::from_str(r#"{"asked": ["--only x"], "promises": 1, "drift": false}"#).ok();
    assert!(
        part.left_out.is_some(),
        "the form of what is left out changed"
    );
    let runs = [night(0, Status::Pass), part];
    let site = archive(&runs).site(&asked(1));
    let index = page(&site, "index.html");
    assert!(index.contains("<h1>orders passes.</h1>"), "{index}");
    assert!(
        index.contains("One record of a part of a run is left out"),
        "{index}"
    );
}

fn moved(at: i64) -> Move {
    Move {
        id: String::new(),
        kind: MoveKind::Promotion,
        model: "late".to_owned(),
        alias: "champion".to_owned(),
        from: Some("1".to_owned()),
        to: "2".to_owned(),
        at: day(at).to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        by: Some("<b>ci</b>".to_owned()),
        reason: None,
        basis: None,
    }
    .identified()
}

fn ids(feed: &str) -> Vec<&str> {
    let ids = feed.split("<entry>").skip(1);
    ids.map(|e| {
        e.split("<id>")
            .nth(1)
            .unwrap()
            .split("</id>")
            .next()
            .unwrap()
    })
    .collect()
}

#[test]
fn the_feed_tells_each_change_once_under_an_id_that_stays() {
    let runs = nights(SERIES);
    let promotions = Promotions {
        schema_version: "1.0".to_owned(),
        tollgate: "0.1.0".to_owned(),
        run_sha256: None,
        promotions: vec![Promotion {
            name: "delay".to_owned(),
            registry: "r".to_owned(),
            safety: "s".to_owned(),
            ended: Ended::Moved,
            sentence: "moved".to_owned(),
            step: None,
            change: Some(moved(3)),
            refusals: Vec::new(),
            other: None,
            calls: Vec::new(),
        }],
    };
    let mut all = archive(&runs);
    all.add_promotions(&promotions).unwrap();
    // The registry tells the same move again.
    all.add_move("delay", &moved(3)).unwrap();
    let site = all.site(&asked(9));
    let feed = page(&site, "feed.xml");
    assert_eq!(ids(feed).len(), 6, "{feed}");
    assert!(
        feed.contains("<title>orders: fail, was pass</title>"),
        "{feed}"
    );
    assert!(
        feed.contains("<title>promotion: champion of late: 1 -&gt; 2</title>"),
        "{feed}"
    );
    assert!(
        feed.contains("href=\"https://example.org/status/dataset-orders.html\""),
        "{feed}"
    );
    assert!(!feed.contains("<b>"), "{feed}");
    let index = page(&site, "index.html");
    assert!(index.contains("champion of late: 1 -&gt; 2"), "{index}");
    // A night later, with the oldest records thrown away.
    let mut later = nights(SERIES)[3..].to_vec();
    later.push(night(10, Status::Fail));
    let later = archive(&later).site(&asked(10));
    let kept = ids(page(&later, "feed.xml"));
    assert!(!kept.is_empty() && kept.iter().all(|id| ids(feed).contains(id)));
}

#[test]
fn hostile_texts_are_harmless_on_every_page() {
    let mut runs = Vec::new();
    for (place, text) in HOSTILE.iter().enumerate() {
        let mut run = rich();
        run.provenance.now = day(place as i64).to_rfc3339();
        for outcome in &mut run.outcomes {
            outcome.owner = Some((*text).to_owned());
            outcome.id = format!("{}{text}", outcome.id);
        }
        runs.push(run);
    }
    let mut all = archive(&runs);
    all.not_read(HOSTILE[4], HOSTILE[5]);
    for page in all.site(&asked(20)) {
        let (name, text) = (page.name, page.text);
        for raw in [
            "<script",
            "<img",
            "##vso[",
            "##[",
            "\u{1b}",
            "\u{202e}",
            "\u{fdd0}",
            "onload='x'",
        ] {
            assert!(!text.contains(raw), "{name}: {raw:?}");
        }
        assert!(
            name.chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_~.".contains(c)),
            "{name}"
        );
        assert!(
            name == "feed.xml" || text.contains("default-src 'none'"),
            "{name}"
        );
    }
}

fn tollgate(args: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(args)
        .current_dir(folder)
        .env_remove("GITHUB_SHA")
        .output()
        .unwrap()
}

fn write(folder: &Path, name: &str, run: &Run) {
    report::write(&folder.join(name), &report::render(run, Format::Json)).unwrap();
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, "runs/a/b/run.json", &night(0, Status::Fail));
    write(at, "runs/run-2.json", &night(1, Status::Pass));
    std::fs::write(at.join("runs/run-bad.json"), "{}").unwrap();
    std::fs::write(at.join("runs/other.json"), "{}").unwrap();
    std::fs::write(at.join("runs/run.intoto.json"), "{}").unwrap();
    let args = [
        "status",
        "runs",
        "--now",
        "2026-11-03T00:00:00Z",
        "--copy-runs",
    ];
    let output = tollgate(&args, at);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let named = Path::new("runs").join("run-bad.json").display().to_string();
    assert!(
        stderr.contains(&format!(
            "warning: cannot read {named}: it has no `schema_version`"
        )),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    let text = |name: &str| std::fs::read_to_string(at.join("site").join(name)).unwrap();
    let index = text("index.html");
    assert!(
        index.contains("run-bad.json") && !index.contains("other.json"),
        "{index}"
    );
    let page = text("dataset-orders.html");
    let link = page
        .split("href=\"records/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let copy = report::read_run(&at.join("site/records").join(link)).unwrap();
    assert_eq!(copy, night(1, Status::Pass));
    // The copies are not read as further runs.
    let before = (text("index.html"), text("feed.xml"), page);
    let again = tollgate(&["status", ".", "--now", args[3], "--copy-runs"], at);
    assert_eq!(again.status.code(), Some(0));
    assert_eq!(text("feed.xml"), before.1);
    assert_eq!(text("dataset-orders.html"), before.2);
}

#[test]
fn nothing_that_can_be_read_is_no_site() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("runs")).unwrap();
    std::fs::write(folder.path().join("runs/run.json"), "{").unwrap();
    let output = tollgate(&["status", "runs"], folder.path());
    assert_eq!(output.status.code(), Some(3));
    assert!(!folder.path().join("site").exists());
}

#[test]
fn records_of_every_version_are_read() {
    for version in ["1.0", "1.1", "1.2", "1.3", "1.4", "1.9"] {
        let folder = tempfile::tempdir().unwrap();
        let mut record = serde_json::to_value(night(0, Status::Pass)).unwrap();
        record["schema_version"] = version.into();
        let text = record.to_string();
        std::fs::write(folder.path().join("run.json"), text).unwrap();
        let output = tollgate(&["status", "."], folder.path());
        assert_eq!(output.status.code(), Some(0), "{version}");
    }
}

const CONTRACT: &str = "version: 1\nhistory: past\ndatasets:\n  orders:\n    path: orders.csv\n    expect: [not_null: {column: price}]\n";

#[test]
fn a_history_alone_makes_a_site_and_records_come_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("tollgate.yaml"), CONTRACT).unwrap();
    for (day, price) in [(1, "1"), (2, ""), (3, ""), (4, "2")] {
        std::fs::write(
            at.join("orders.csv"),
            format!("id,price\n{day},{price}\n9,9\n"),
        )
        .unwrap();
        let now = format!("2026-11-0{day}T06:00:00Z");
        let output = format!("runs/{day}");
        let run = tollgate(&["run", "--now", &now, "--output", &output], at);
        assert!([Some(0), Some(1)].contains(&run.status.code()), "{run:?}");
    }
    let site = |args: &[&str]| {
        let now = ["--config", "tollgate.yaml", "--now", "2026-11-04T12:00:00Z"];
        let args: Vec<&str> = ["status"].iter().chain(args).chain(&now).copied().collect();
        let output = tollgate(&args, at);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        std::fs::read_to_string(at.join("site/dataset-orders.html")).unwrap()
    };
    let past = site(&[]);
    assert!(past.contains("2 days, the one repair"), "{past}");
    let both = site(&["runs"]);
    assert!(both.contains("2 days, the one repair"), "{both}");
    assert!(
        both.contains("75 % of 4 runs") || both.contains("50 % of 4 runs"),
        "{both}"
    );
    let html =
        |day: u32| std::fs::read_to_string(at.join(format!("runs/{day}/report.html"))).unwrap();
    assert!(
        html(2).contains("1 newly broken, nothing was fixed."),
        "{}",
        html(2)
    );
    assert!(html(3).contains("nothing broke and nothing was fixed."));
    assert!(
        html(4).contains("Fixed since the batch before")
            && html(4).contains("nothing broke, 1 fixed.")
    );
    assert!(!html(1).contains("since the batch of"));
}

/// Reads the feed with `feedparser`, which is not ours.
#[test]
fn the_feed_is_read_by_another_program() {
    let Some(python) = std::env::var_os("TOLLGATE_PYTHON") else {
        assert!(
            std::env::var("CI").is_err(),
            "CI names a Python in TOLLGATE_PYTHON"
        );
        eprintln!("skipped: TOLLGATE_PYTHON names no Python with tests/requirements.txt");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut all = archive(&nights(SERIES));
    all.add_move("delay", &moved(3)).unwrap();
    let site = all.site(&asked(9));
    let path = folder.path().join("feed.xml");
    std::fs::write(&path, page(&site, "feed.xml")).unwrap();
    let code = "import sys, feedparser\n\
        feed = feedparser.parse(open(sys.argv[1], 'rb').read())\n\
        assert not feed.bozo, feed.bozo_exception\n\
        assert feed.version == 'atom10', feed.version\n\
        assert len(feed.entries) == 6, len(feed.entries)\n\
        assert len({e.id for e in feed.entries}) == 6\n\
        assert all(e.updated_parsed and e.link.startswith('https://') for e in feed.entries)\n\
        assert feed.entries[0].title == 'orders: fail, was pass', feed.entries[0].title\n";
    let output = Command::new(python)
        .arg("-c")
        .arg(code)
        .arg(&path)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Elements of a page, counted by their opening tags.
fn nodes(page: &str) -> usize {
    let tags = page.split('<').skip(1);
    tags.filter(|t| t.starts_with(|c: char| c.is_ascii_alphabetic()))
        .count()
}

#[test]
fn pages_stay_small_however_much_there_is_to_say() {
    let wide = |at: i64| {
        let mut wide = night(at, Status::Fail);
        let one = wide.outcomes[0].clone();
        let promise = |i: i64| {
            let mut promise = one.clone();
            promise.id = format!("orders.not_null(column_{i:03})");
            promise.measured[0].number = Some(((at * 37 + i * 11) % 101) as f64 / 3.0);
            promise.status = if i % 2 == 0 {
                Status::Fail
            } else {
                Status::Pass
            };
            promise
        };
        let outcomes: Vec<_> = (0..400).map(promise).collect();
        let datasets = (0..500).map(|i| dataset(&format!("d{i:03}"), 1, Vec::new()));
        let now = wide.provenance.now.clone();
        wide = run(outcomes, datasets.chain(wide.datasets).collect());
        wide.provenance.now = now;
        wide
    };
    let runs: Vec<Run> = (0..130).map(wide).collect();
    let site = archive(&runs).site(&asked(130));
    assert_eq!(site.len(), 503);
    for page in site {
        let (bytes, nodes) = (page.text.len(), nodes(&page.text));
        let fits = bytes <= 500_000 && nodes <= 5_000;
        assert!(fits, "{}: {bytes} bytes, {nodes} nodes", page.name);
    }
}
