//! `schema_stable` and `file_fresh` on files, and what a contract may and may not say.

use crate::contract::{data, tollgate, write};
use crate::harness::git;
use std::path::Path;

/// Runs one dataset over `a.csv` with this `expect`; exit code, stdout and stderr.
fn gate(folder: &Path, expect: &str, more: &[&str]) -> (i32, String, String) {
    let config = format!("version: 1\ndatasets:\n  d:\n    path: a.csv\n    expect: [{expect}]\n");
    write(
        folder,
        "gate/tollgate.yaml",
        config.replace("a.csv", "../a.csv"),
    );
    tollgate(folder, &[&["run", "gate/tollgate.yaml"], more].concat())
}

const ACCEPTED: &str = "version: 1\ncolumns:\n  - {name: id, type: integer, nullable: false}\n  - {name: t, type: string}\n";

#[test]
fn columns_are_held_against_the_accepted_contract() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "gate/accepted/d.yaml", ACCEPTED);
    let expect = "schema_stable: {accepted: accepted/d.yaml}";
    for (csv, code, part) in [
        ("id,t\n1,x\n2,\n", 0, "verdict: pass"),
        ("t,id\nx,1\n", 0, "verdict: pass"),
        ("id,t,u\n1,x,2\n", 1, "column `u` (int64) is new"),
        ("id\n1\n", 1, "column `t` is gone"),
        ("id,t\nx,y\n", 1, "`id` was integer, is string"),
        (
            "id,t\n1,x\n,y\n,z\n",
            1,
            "Columns of `d` against accepted/d.yaml: `id` was never null, 2 rows now are.",
        ),
    ] {
        write(folder, "a.csv", csv);
        let (is, stdout, stderr) = gate(folder, expect, &[]);
        assert_eq!(is, code, "{csv}: {stdout}{stderr}");
        assert!(stdout.contains(part), "{part}: {stdout}");
    }
    let allowed = "schema_stable: {accepted: accepted/d.yaml, allow: [added, nullable]}";
    write(folder, "a.csv", "id,t,u\n1,x,2\n,y,3\n");
    assert_eq!(gate(folder, allowed, &[]).0, 0);
    let (code, _, stderr) = gate(
        folder,
        "schema_stable: {accepted: accepted/d.yaml, allow: [add]}",
        &[],
    );
    assert_eq!(code, 2);
    assert!(
        stderr.contains("did you mean `added`?") && stderr.contains("tollgate.yaml:5:"),
        "{stderr}"
    );
}

#[test]
fn parquet_columns_are_stable_from_month_to_month() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        tollgate(folder.path(), &["init", &data("flights-2013-01.parquet")]).0,
        0
    );
    for (month, code) in [
        ("flights-2013-02.parquet", 0),
        ("flights-2013-02-dirty.parquet", 1),
    ] {
        let path = data(month);
        let config = format!(
            "version: 1\ndatasets:\n  d:\n    path: {path}\n    profile: false\n    expect: [schema_stable: {{accepted: contracts/flights.yaml}}]\n"
        );
        write(folder.path(), "tollgate.yaml", config);
        let (is, stdout, stderr) = tollgate(folder.path(), &["run"]);
        assert_eq!(is, code, "{stdout}{stderr}");
        if code == 1 {
            for part in [
                "column `tailnum` is gone",
                "`air_time` was integer, is string",
                "`origin` was never null, 50 rows now are",
            ] {
                assert!(stdout.contains(part), "{part}: {stdout}");
            }
        }
    }
}

#[test]
fn an_accepted_contract_that_cannot_be_read_exits_2_at_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "a.csv", "id\n1\n");
    write(folder, "gate/empty.yaml", "version: 1\n");
    write(folder, "gate/bad.yaml", "version: 1\nclumns: []\n");
    for (accepted, part) in [
        ("none.yaml", "tollgate.yaml:5:40"),
        ("empty.yaml", "declares no column"),
        ("bad.yaml", "bad.yaml:2:1"),
        ("HEAD:none.yaml", "cannot read HEAD:none.yaml"),
        ("{id: int}", "the name here is `integer`"),
        ("{id: {typ: integer}}", "did you mean `type`?"),
        ("[id]", "must be the path of a contract"),
    ] {
        let (code, _, stderr) = gate(
            folder,
            &format!("schema_stable: {{accepted: {accepted}}}"),
            &[],
        );
        assert_eq!(code, 2, "{accepted}: {stderr}");
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
}

#[test]
fn the_contract_of_a_revision_is_the_accepted_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "gate/d.yaml", ACCEPTED);
    let git = |args: &[&str]| git(folder, args);
    if !git(&["init", "-q"]) {
        eprintln!("skipped: there is no git");
        return;
    }
    assert!(git(&["add", "."]) && git(&["commit", "-qm", "first"]));
    write(folder, "gate/d.yaml", format!("{ACCEPTED}  - name: u\n"));
    write(folder, "a.csv", "id,t,u\n1,x,2\n");
    let (code, stdout, _) = gate(folder, "schema_stable: {accepted: 'HEAD:d.yaml'}", &[]);
    assert_eq!(code, 1);
    assert!(
        stdout.contains("against HEAD:d.yaml: column `u`"),
        "{stdout}"
    );
    assert_eq!(gate(folder, "schema_stable: {accepted: d.yaml}", &[]).0, 0);
}

#[test]
fn files_are_fresh_by_the_clock_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "a.csv", "x\n1\n");
    let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_360_000_000);
    let file = std::fs::File::options()
        .write(true)
        .open(folder.join("a.csv"))
        .unwrap();
    file.set_modified(time).unwrap();
    let expect = "file_fresh: {max_age: 36h}";
    for (now, code, part) in [
        ("2013-02-05T05:46:40Z", 0, "verdict: pass"),
        (
            "2013-02-06T06:46:40Z",
            1,
            "newest is 2013-02-04 17:46 UTC, 37 h ago",
        ),
        (
            "2013-02-07T17:46:40Z",
            1,
            "newest is 2013-02-04 17:46 UTC, 3 d ago; allowed is 36 h.",
        ),
    ] {
        let (is, stdout, stderr) = gate(folder, expect, &["--now", now]);
        assert_eq!(is, code, "{now}: {stdout}{stderr}");
        assert!(stdout.contains(part), "{stdout}");
    }
}

/// Runs a gate over `id,t` with this contract; exit code, stdout and stderr.
fn contract(text: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.csv", "id,t\n1,x\n");
    write(folder.path(), "c.yaml", text);
    let config = "version: 1\ndatasets: {d: {path: a.csv, contract: c.yaml}}\n";
    write(folder.path(), "tollgate.yaml", config);
    tollgate(folder.path(), &["run"])
}

#[test]
fn a_contract_may_describe_for_people() {
    let (code, stdout, stderr) = contract(
        "version: 1\ndataset: d\ncontract_version: 2.1.0\ntags: [raw, daily]\nkey: id\ncolumns:\n\
         - {name: id, type: integer, description: Number of the row., examples: [1, 2], tags: key}\n\
         - {name: t, examples: x, pii: false}\n",
    );
    assert_eq!(code, 0, "{stdout}{stderr}");
}

#[test]
fn every_mistake_in_a_contract_exits_2_at_its_place() {
    for (body, code, place) in [
        ("clumns: []", "unknown-key", "c.yaml:2:1"),
        (
            "columns: [{name: id, typ: integer}]",
            "unknown-key",
            "c.yaml:2:22",
        ),
        (
            "columns: [{name: id}, {name: t}, {name: id}]",
            "duplicate-column",
            "c.yaml:2:41",
        ),
        ("columns: [{name: ''}]", "missing-key", "c.yaml:2:18"),
        ("columns: [{type: integer}]", "missing-key", "c.yaml:2:1"),
        ("columns: [{name: 7}]", "wrong-type", "c.yaml:2:18"),
        ("columns: [id]", "wrong-type", "c.yaml:2:11"),
        (
            "columns: [{name: id, type: int}]",
            "unknown-type",
            "c.yaml:2:28",
        ),
        (
            "columns: [{name: id, nullable: no}]",
            "wrong-type",
            "c.yaml:2:32",
        ),
        (
            "columns: [{name: id, unique: 'true'}]",
            "wrong-type",
            "c.yaml:2:30",
        ),
        (
            "columns: [{name: id, pii: true, examples: [1]}]",
            "personal-examples",
            "c.yaml:2:44",
        ),
        (
            "columns: [{name: id, examples: [[1]]}]",
            "wrong-type",
            "c.yaml:2:33",
        ),
        (
            "columns: [{name: id, tags: [1]}]",
            "wrong-type",
            "c.yaml:2:29",
        ),
        ("key: [id, idd]", "unknown-column", "c.yaml:2:6"),
        ("key: [id, id]", "duplicate-column", "c.yaml:2:11"),
        ("key: []", "missing-column", "c.yaml:2:6"),
        ("key: {a: b}", "wrong-type", "c.yaml:2:6"),
        ("extra_columns: forbid", "unknown-value", "c.yaml:2:16"),
        ("contract_version: 1.10", "wrong-type", "c.yaml:2:19"),
        (
            "expect: [{not_null: id, unique_key: id}]",
            "wrong-expectation",
            "c.yaml:2:1",
        ),
        ("expect: [7]", "wrong-type", "c.yaml:2:10"),
        ("expect: [not_nul: id]", "unknown-check", "c.yaml:2:10"),
        ("owner: a\nowner: b", "invalid-yaml", "c.yaml:3:1"),
    ] {
        let (exit, _, stderr) = contract(&format!("version: 1\n{body}\n"));
        assert_eq!(exit, 2, "{body}: {stderr}");
        assert!(
            stderr.contains(&format!("error[{code}]")),
            "{body}: {stderr}"
        );
        assert!(stderr.contains(place), "{body}: {place}: {stderr}");
    }
    let (exit, _, stderr) = contract("version: 2\ncolumns: [{name: id, typ: x}]\nkey: [x, x]\n");
    assert_eq!(exit, 2);
    assert_eq!(
        stderr.matches("error[").count(),
        3,
        "all problems at once: {stderr}"
    );
}
