//! Waivers: what is broken and accepted is waived, and never kept.

use crate::harness::Gate;
use tollgate::record::Status;

const DATA: &str = "id,x\n1,\n2,\n3,7\n";

fn run(waivers: &str, expect: &str, args: &[&str]) -> Gate {
    let config = format!(
        "version: 1\ndatasets:\n  d:\n    path: d.csv\n    expect:\n{expect}\nwaivers:\n{waivers}"
    );
    let files = [
        ("d.csv", DATA.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let all = [&["--now", "2026-03-01T00:00:00Z"], args].concat();
    Gate::run(&files, &all)
}

fn waiver(outcome: &str, until: &str, more: &str) -> String {
    format!("  - {{outcome: '{outcome}', reason: late feed, owner: ann, until: {until}{more}}}\n")
}

const BROKEN: &str = "      - not_null: x\n";

#[test]
fn a_waived_promise_is_waived_and_blocks_nothing() {
    let gate = run(
        &waiver("d.not_null(x)", "2026-03-01", ""),
        BROKEN,
        &["--fail-on", "warn"],
    );
    let outcome = gate.outcome("d.not_null(x)");
    assert_eq!(outcome.status, Status::Waived);
    assert!(
        outcome
            .message
            .ends_with("Waived by ann until 2026-03-01: late feed."),
        "{}",
        outcome.message
    );
    let run = gate.record();
    assert_eq!(
        (gate.code, run.verdict.status, run.verdict.counts.waived),
        (0, Status::Warn, 1)
    );
    assert!(
        run.verdict.sentence.contains("1 is waived"),
        "{}",
        run.verdict.sentence
    );
    let read =
        |name: &str| std::fs::read_to_string(gate.folder.path().join("report").join(name)).unwrap();
    assert!(read("report.html").contains("<h2 id=\"h-waived\">Waived (1)</h2>"));
    assert!(
        read("report.md").contains("waived |"),
        "{}",
        read("report.md")
    );
    assert!(gate.stdout.contains("Waived\n"), "{}", gate.stdout);
    let sarif = tollgate::report::render(&run, tollgate::report::Format::Sarif);
    assert!(
        sarif.contains("\"kind\": \"external\"")
            && sarif.contains("ann, until 2026-03-01: late feed")
    );
    let junit = tollgate::report::render(&run, tollgate::report::Format::Junit);
    assert!(
        junit.contains("<skipped message=\"waived: ") && junit.contains("skipped=\"1\""),
        "{junit}"
    );
    let github = tollgate::report::render(&run, tollgate::report::Format::Github);
    assert!(github.starts_with("::notice "), "{github}");
}

#[test]
fn the_waiver_of_an_expectation_stands_in_its_source() {
    let inline = "      - not_null: {column: x, waive: {reason: late feed, owner: ann, until: '2026-12-31', max_failing: 2}}\n";
    let gate = run("  []", inline, &[]);
    assert_eq!(gate.outcome("d.not_null(x)").status, Status::Waived);
    let sarif = tollgate::report::render(&gate.record(), tollgate::report::Format::Sarif);
    assert!(sarif.contains("\"kind\": \"inSource\""), "{sarif}");
}

#[test]
fn an_expired_waiver_and_one_that_allows_less_fail_and_say_so() {
    let gate = run(&waiver("d.not_null(x)", "2026-02-28", ""), BROKEN, &[]);
    let outcome = gate.outcome("d.not_null(x)");
    assert_eq!((gate.code, outcome.status), (1, Status::Fail));
    assert!(
        outcome
            .message
            .ends_with("The waiver of ann ended on 2026-02-28."),
        "{}",
        outcome.message
    );
    let gate = run(
        &waiver("d.not_*", "2026-12-31", ", max_failing: 1"),
        BROKEN,
        &[],
    );
    let outcome = gate.outcome("d.not_null(x)");
    assert_eq!((gate.code, outcome.status), (1, Status::Fail));
    assert!(
        outcome
            .message
            .ends_with("until 2026-12-31 allows 1 failing at most."),
        "{}",
        outcome.message
    );
    let gate = run(
        &waiver("d.not_*", "2026-12-31", ", max_failing: 2"),
        BROKEN,
        &[],
    );
    assert_eq!(
        (gate.code, gate.outcome("d.not_null(x)").status),
        (0, Status::Waived)
    );
}

#[test]
fn a_waiver_without_an_outcome_or_a_use_warns() {
    let kept = "      - not_null: id\n";
    let gate = run(&waiver("d.not_nul(x)", "2026-12-31", ""), kept, &[]);
    let warned = gate.outcome("waiver(d.not_nul(x))");
    assert_eq!((gate.code, warned.status), (0, Status::Warn));
    assert!(
        warned
            .message
            .contains("No outcome is called `d.not_nul(x)`"),
        "{}",
        warned.message
    );
    let gate = run(&waiver("d.not_null(id)", "2026-02-28", ""), kept, &[]);
    assert!(
        gate.outcome("waiver(d.not_null(id))")
            .message
            .contains("ended on 2026-02-28: remove it")
    );
    let gate = run(&waiver("d.not_null(id)", "2026-12-31", ""), kept, &[]);
    assert_eq!(gate.record().outcomes.len(), 2);
    let part = run(
        &waiver("d.not_nul(x)", "2026-12-31", ""),
        kept,
        &["--only", "not_null"],
    );
    assert_eq!(part.record().outcomes.len(), 1);
}

#[test]
fn what_could_not_be_evaluated_is_never_waived() {
    let gate = run(
        &waiver("*", "2026-12-31", ""),
        "      - between: {column: x, min: 0, where: 'id > 9'}\n",
        &[],
    );
    assert_eq!(gate.outcome("d.between(x)").status, Status::Skipped);
}

#[test]
fn a_contract_names_outcomes_without_the_dataset() {
    let contract = format!(
        "version: 1\nexpect: [not_null: x]\nwaivers:\n{}",
        waiver("not_null(x)", "2026-12-31", "")
    );
    let config = "version: 1\ndatasets:\n  d: {path: d.csv, contract: c.yaml}\n  e: {path: d.csv, expect: [not_null: x]}\n";
    let files = [
        ("d.csv", DATA.as_bytes()),
        ("c.yaml", contract.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &["--now", "2026-03-01T00:00:00Z"]);
    assert_eq!(gate.outcome("d.not_null(x)").status, Status::Waived);
    assert_eq!(gate.outcome("e.not_null(x)").status, Status::Fail);
}

#[test]
fn rows_of_a_waived_promise_are_no_bad_ones() {
    let parted = |more: &str| {
        let gate = run(
            &waiver("d.not_null(x)", "2026-12-31", more),
            BROKEN,
            &["--quarantine", "parted"],
        );
        std::fs::metadata(gate.folder.path().join("parted/d/bad.parquet")).map_or(0, |m| m.len())
    };
    assert!(parted(", max_failing: 1") > parted(""));
}

#[test]
fn who_accepted_it_is_told_also_where_the_name_is_an_address() {
    let broken = waiver("d.not_null(x)", "2026-12-31", "").replace("ann", "ann@example.org");
    let idle = waiver("d.nothing", "2026-12-31", "").replace("ann", "bob@example.org");
    let gate = run(&format!("{broken}{idle}"), BROKEN, &[]);
    let told = gate.outcome("d.not_null(x)").message;
    assert!(told.contains("Waived by ann@example.org until"), "{told}");
    let told = gate.outcome("waiver(d.nothing)").message;
    assert!(told.contains("the waiver of bob@example.org"), "{told}");
}
