//! `schema_stable` and `file_fresh` on files, and what a contract may and may not say.

use crate::contract::{data, tollgate, write};
use std::path::Path;
use std::process::Command;

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
    let git = |args: &[&str]| {
        let identity = [
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.org",
            "-c",
            "commit.gpgsign=false",
        ];
        let output = Command::new("git")
            .args(identity)
            .args(args)
            .current_dir(folder)
            .output();
        output.is_ok_and(|o| o.status.success())
    };
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
