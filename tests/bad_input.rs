//! Input that nobody planned: each ends with a message and an exit code, and nothing is lost.

use crate::harness::Gate;
use std::process::Command;

const DATA: &str = "x\n1\n2\n";

/// Runs over `d.csv` with these lines after `datasets`, and the contract `c.yaml`.
fn run(config: &str, contract: &str, args: &[&str]) -> Gate {
    let files = [
        ("d.csv", DATA.as_bytes()),
        ("c.yaml", contract.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    Gate::run(&files, args)
}

fn with_reports(reports: &str) -> String {
    format!(
        "version: 1\ndatasets: {{d: {{path: d.csv, contract: c.yaml}}}}\nreports: {{{reports}}}\n"
    )
}

const CONTRACT: &str = "version: 1\nexpect: [not_null: {column: x}]\n";

#[test]
fn a_report_never_replaces_what_was_read() {
    for name in ["d.csv", "c.yaml", "tollgate.yaml", "./d.csv"] {
        let config = with_reports(&format!("html: {name}"));
        let gate = run(&config, CONTRACT, &[]);
        assert_eq!(gate.code, 2, "{name}");
        assert!(
            gate.stderr.contains("which the run reads"),
            "{}",
            gate.stderr
        );
        let read = |name: &str| std::fs::read_to_string(gate.folder.path().join(name)).unwrap();
        assert_eq!(read("d.csv"), DATA);
        assert_eq!(read("c.yaml"), CONTRACT);
        assert_eq!(read("tollgate.yaml"), config);
        assert!(!gate.folder.path().join("report").exists());
    }
}

#[test]
fn a_report_through_a_link_never_replaces_what_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("d.csv", DATA);
    write("c.yaml", CONTRACT);
    write("tollgate.yaml", &with_reports("html: link.html"));
    std::os::unix::fs::symlink("d.csv", folder.path().join("link.html")).unwrap();
    let gate = Gate::again(folder, &[]);
    assert_eq!(gate.code, 2, "{}", gate.stderr);
    let data = std::fs::read_to_string(gate.folder.path().join("d.csv")).unwrap();
    assert_eq!(data, DATA);
}

#[test]
fn two_reports_on_one_path_are_refused() {
    for reports in [
        "html: a.out, markdown: ./a.out",
        "html: report/run.json",
        "markdown: report/report.html",
    ] {
        let gate = run(&with_reports(reports), CONTRACT, &[]);
        assert_eq!(gate.code, 2, "{reports}");
        assert!(gate.stderr.contains("would replace the"), "{}", gate.stderr);
    }
    let gate = run(&with_reports("html: report/report.html"), CONTRACT, &[]);
    assert_eq!(gate.code, 0, "{}", gate.stderr);
}

#[test]
fn configurations_that_say_nothing_are_refused() {
    for (config, problem) in [
        (
            "version: 1\ndatasets: {d: {path: d.csv, expect: }}\n",
            "`expect` has no value",
        ),
        (
            "version: 1\ndatasets: {d: {path: d.csv, contract: }}\n",
            "`contract` has no value",
        ),
        (
            "version: 1\ndatasets: {d: }\n",
            "dataset `d` must be a mapping",
        ),
        ("version: 1\ndatasets:\n", "`datasets` has no value"),
        ("", "must be a mapping"),
        ("- version: 1\n", "must be a mapping"),
        ("version: 2\ndatasets: {}\n", "version 2 is not known"),
        (
            "version: '1'\ndatasets: {}\n",
            "the version must be a whole number, not text",
        ),
        (
            "version: 1\ndatasets: {d: {path: d.csv}}\n---\nversion: 1\ndatasets: {}\n",
            "there is a second document after `---`",
        ),
    ] {
        let gate = run(config, CONTRACT, &[]);
        assert_eq!(gate.code, 2, "{config}\n{}", gate.stdout);
        assert!(gate.stderr.contains(problem), "{config}\n{}", gate.stderr);
    }
}

#[test]
fn a_contract_without_a_promise_is_refused() {
    let config = "version: 1\ndatasets: {d: {path: d.csv, contract: c.yaml}}\n";
    let gate = run(config, "version: 1\nowner: me\n", &[]);
    assert_eq!(gate.code, 2, "{}", gate.stdout);
    assert!(
        gate.stderr.contains("the contract promises nothing"),
        "{}",
        gate.stderr
    );
}

#[test]
fn a_profile_never_replaces_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("d.csv");
    std::fs::write(&data, DATA).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["profile", "d.csv", "--output", "d.csv"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&data).unwrap(), DATA);
}

#[test]
fn checks_that_are_not_there_are_named_at_their_place() {
    let config = "version: 1\ndatasets: {d: {path: d.csv}}\nchecks: [mine]\n";
    let gate = run(config, CONTRACT, &[]);
    assert_eq!(gate.code, 2, "{}", gate.stderr);
    assert!(
        gate.stderr.contains("tollgate.yaml:3:10"),
        "{}",
        gate.stderr
    );
    assert!(
        gate.stderr.contains("there are no checks at mine"),
        "{}",
        gate.stderr
    );
}

#[test]
fn nulls_of_lists_are_counted() {
    let config = "version: 1\ndatasets:\n  d:\n    path: d.ndjson\n    expect: [{not_null: {column: tags}}, {not_null: {column: tags, max_failing: 1}}]\n";
    let data = b"{\"tags\": [1]}\n{\"tags\": null}\n{\"tags\": []}\n";
    let files = [
        ("d.ndjson", &data[..]),
        ("tollgate.yaml", config.as_bytes()),
    ];
    let gate = Gate::run(&files, &[]);
    assert_eq!(gate.code, 1, "{}{}", gate.stdout, gate.stderr);
    assert_eq!(gate.outcome("d.not_null(tags)").failing, Some(1));
    let allowed = gate.outcome("d.not_null(tags)#2");
    assert_eq!(allowed.status, tollgate::record::Status::Pass);
}

#[test]
fn a_run_whose_every_written_promise_is_skipped_evaluated_nothing() {
    let config = "version: 1\ndatasets:\n  d:\n    path: d.csv\n    expect: [{not_null: {column: x, where: x > 9}}]\n";
    let gate = run(config, CONTRACT, &[]);
    assert_eq!(gate.code, 4, "{}", gate.stdout);
    let both = config.replace("]\n", ", not_null: x]\n");
    let gate = run(&both, CONTRACT, &[]);
    assert_eq!(gate.code, 0, "{}", gate.stdout);
    assert!(gate.stdout.ends_with("verdict: warn\n"), "{}", gate.stdout);
}

#[test]
fn a_struct_has_a_type_and_its_fields_are_looked_at_by_path() {
    let data = b"{\"s\": {\"a\": 1}}\n{\"s\": {\"a\": 2}}\n";
    let config = "version: 1\ndatasets: {d: {path: d.ndjson, contract: c.yaml}}\n";
    let run = |columns: &str| {
        let contract =
            format!("version: 1\ncolumns: [{columns}, {{name: s.a, nullable: false}}]\n");
        let files = [
            ("d.ndjson", &data[..]),
            ("c.yaml", contract.as_bytes()),
            ("tollgate.yaml", config.as_bytes()),
        ];
        Gate::run(&files, &[])
    };
    let gate = run("{name: s, type: struct}");
    assert_eq!(gate.code, 0, "{}", gate.stdout);
    let gate = run("{name: s, type: integer}");
    assert_eq!(gate.code, 1, "{}", gate.stdout);
    let kind = gate.outcome("d.column_type(s)").message;
    assert!(kind.contains("`s` is struct<a: int64>"), "{kind}");
    let gate = run("{name: s, type: struct, nullable: false}");
    assert_eq!(gate.code, 3, "{}", gate.stdout);
    let nulls = gate.outcome("d.not_null(s)").message;
    assert!(nulls.contains("by path, such as `s.a`"), "{nulls}");
}

#[test]
fn a_name_that_could_be_taken_for_another_is_refused_with_its_place() {
    for (name, said) in [
        ("''", "the name of a dataset is empty"),
        ("' '", "the name of a dataset is empty"),
        ("..", "the name of a dataset is `..`, which means a folder"),
        (
            "\"a\\nb\"",
            "holds a line break or another control character",
        ),
        (
            "\"a\\x1b[31m\"",
            "holds a line break or another control character",
        ),
    ] {
        let config = format!("version: 1\ndatasets:\n  {name}: {{path: d.csv}}\n");
        let files = [
            ("d.csv", &b"id\n1\n"[..]),
            ("tollgate.yaml", config.as_bytes()),
        ];
        let gate = Gate::run(&files, &[]);
        assert_eq!(gate.code, 2, "{name}: {}", gate.stderr);
        assert!(gate.stderr.contains(said), "{name}: {}", gate.stderr);
        assert!(gate.stderr.contains("tollgate.yaml:3:"), "{}", gate.stderr);
    }
    let model = "version: 1\nmodels: {'..': {candidate: {predictions: p.csv, label: y, score: p}, metrics: {accuracy: {at_least: 0.1}}}}\n";
    let gate = Gate::run(&[("tollgate.yaml", model.as_bytes())], &[]);
    assert_eq!(gate.code, 2, "{}", gate.stderr);
    let said = "the name of a model is `..`";
    assert!(gate.stderr.contains(said), "{}", gate.stderr);
}

#[test]
fn a_file_that_says_it_is_compressed_must_be() {
    for (name, bytes) in [
        ("d.csv.gz", &b"x"[..]),
        ("d.csv.gz", b"\x1f"),
        ("d.CSV.GZ", b"id\n1\n"),
        ("d.csv.zst", b"id\n1\n"),
    ] {
        let config = format!("version: 1\ndatasets:\n  d: {{path: {name}, format: csv}}\n");
        let files = [(name, bytes), ("tollgate.yaml", config.as_bytes())];
        let gate = Gate::run(&files, &[]);
        assert_eq!(gate.code, 3, "{name}: {}{}", gate.stdout, gate.stderr);
        let said = "it is cut off, or not compressed";
        assert!(gate.stderr.contains(said), "{name}: {}", gate.stderr);
    }
}
