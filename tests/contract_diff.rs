//! `tollgate diff`: both kinds of comparison, formats, exit codes, and git.

use crate::contract::{data, read, tollgate, write};
use crate::harness::git;
use std::process::Command;

const OLD: &str = "version: 1\ncolumns:\n  - {name: a, type: integer, expect: [in_set: {values: [1, 2]}]}\n  - {name: b}\n";
const NEW: &str = "version: 1\ncolumns:\n  - {name: a, type: integer, expect: [in_set: {values: [1]}]}\n  - {name: b, description: the second}\n";

fn both() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "old.yaml", OLD);
    write(folder.path(), "new.yaml", NEW);
    folder
}

#[test]
fn only_the_side_asked_about_fails() {
    let folder = both();
    let diff = |more: &[&str]| {
        tollgate(
            folder.path(),
            &[&["diff", "old.yaml", "new.yaml"], more].concat(),
        )
    };
    assert_eq!(diff(&[]).0, 1);
    for (whom, code) in [("producer", 1), ("consumer", 0), ("any", 1), ("none", 0)] {
        assert_eq!(diff(&["--fail-on", whom]).0, code, "{whom}");
    }
    assert_eq!(diff(&["--ignore", "set-values-removed"]).0, 0);
    let (code, stdout, _) = diff(&[
        "--ignore",
        "set-values-removed",
        "--ignore",
        "metadata-changed",
    ]);
    assert_eq!(code, 0);
    assert!(stdout.contains("0 changes (2 more ignored)"), "{stdout}");
    let (code, _, stderr) = diff(&["--ignore", "set-value-removed"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("did you mean `set-values-removed`?"),
        "{stderr}"
    );
}

#[test]
fn the_terminal_says_what_why_and_where() {
    let folder = both();
    let (_, stdout, _) = tollgate(folder.path(), &["diff", "old.yaml", "new.yaml"]);
    for part in [
        "breaks producers  set-values-removed     `a`: `in_set`: `values` no longer lists 2; writers of the value are refused\n",
        "old.yaml:3:56 -> new.yaml:3:56\n",
        "compatible        metadata-changed       `b`: `description` is new: the second",
        "--- old.yaml\n+++ new.yaml\n",
        "\n-  - {name: b}\n",
        "2 changes, 1 breaking for consumers or producers\n",
    ] {
        assert!(stdout.contains(part), "{part}\n{stdout}");
    }
    assert!(stdout.ends_with("diff: breaking\n"), "{stdout}");
    let (_, stdout, _) = tollgate(folder.path(), &["diff", "old.yaml", "new.yaml", "--quiet"]);
    assert_eq!(stdout, "diff: breaking\n");
    let (code, stdout, _) = tollgate(folder.path(), &["diff", "old.yaml", "old.yaml"]);
    assert_eq!(
        (code, stdout.ends_with("diff: compatible\n")),
        (0, true),
        "{stdout}"
    );
}

#[test]
fn other_formats_carry_the_same() {
    let folder = both();
    let diff = |format: &str| {
        tollgate(
            folder.path(),
            &["diff", "old.yaml", "new.yaml", "--format", format],
        )
        .1
    };
    let page = diff("markdown");
    assert!(
        page.contains("| breaks producers | set-values-removed |"),
        "{page}"
    );
    assert!(page.contains("\n```diff\n--- old.yaml\n"), "{page}");
    let commands = diff("github");
    assert!(
        commands.contains("::error file=new.yaml,line=3,col=56,endColumn=57,title=new.yaml.set-values-removed(a)::"),
        "{commands}"
    );
}

#[test]
fn hostile_text_is_shown_not_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let hostile = "::error::x\\n::error::y \\e[31m ``` | @team <b>";
    let contract = |name: &str| {
        format!(
            "version: 1\ndescription: |\n  ```\n  ::error::z\ncolumns: [{{name: \"{name}\"}}]\n"
        )
    };
    write(folder.path(), "old.yaml", contract("a"));
    write(folder.path(), "new.yaml", contract(hostile));
    for format in ["terminal", "markdown", "github"] {
        let (_, stdout, stderr) = tollgate(
            folder.path(),
            &["diff", "old.yaml", "new.yaml", "--format", format],
        );
        assert!(stderr.is_empty(), "{stderr}");
        assert!(!stdout.contains('\u{1b}'), "{stdout}");
        let commands = stdout.lines().filter(|l| l.trim_start().starts_with("::"));
        let expected = usize::from(format == "github") * 2;
        assert_eq!(commands.count(), expected, "{stdout}");
        if format == "markdown" {
            assert!(
                stdout.contains("\n````diff\n")
                    && stdout
                        .lines()
                        .filter(|l| l.starts_with("| "))
                        .all(|l| !l.contains("@team")),
                "{stdout}"
            );
        }
    }
}

#[test]
fn a_contract_is_compared_with_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let (january, february) = (
        data("flights-2013-01.parquet"),
        data("flights-2013-02.parquet"),
    );
    let dirty = data("flights-2013-02-dirty.parquet");
    assert_eq!(tollgate(folder.path(), &["init", &january]).0, 0);
    let diff = |data: &str| tollgate(folder.path(), &["diff", "contracts/flights.yaml", data]);
    let (code, stdout, stderr) = diff(&february);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("\n0 changes, 0 breaking"), "{stdout}");
    let (code, stdout, _) = diff(&dirty);
    assert_eq!(code, 1);
    for part in [
        "column-missing         `tailnum`: the data lacks the column; the contract promises it",
        "type-mismatch          `air_time`: the data has string, the contract says integer",
        "nulls-seen             `origin`: 50 of 24991 rows are null",
        "\n-tailnum: string\n",
        "\n-air_time: integer\n+air_time: string\n",
        "3 changes, 3 breaking",
    ] {
        assert!(stdout.contains(part), "{part}\n{stdout}");
    }
    let (code, reversed, _) = tollgate(folder.path(), &["diff", &dirty, "contracts/flights.yaml"]);
    assert_eq!(code, 1);
    assert!(reversed.contains("\n+tailnum: string\n"), "{reversed}");
}

#[test]
fn extra_columns_matter_as_the_contract_says() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "d.csv", "a,b\n1,2\n");
    for (word, code) in [("fail", 1), ("warn", 0), ("allow", 0)] {
        write(
            folder.path(),
            "c.yaml",
            format!("version: 1\nextra_columns: {word}\ncolumns: [{{name: a}}]\n"),
        );
        let (is, stdout, _) = tollgate(folder.path(), &["diff", "c.yaml", "d.csv"]);
        assert_eq!(is, code, "{stdout}");
        assert!(stdout.contains("column-extra           `b`"), "{stdout}");
    }
}

#[test]
fn what_cannot_be_compared_says_why() {
    let folder = both();
    write(folder.path(), "d.csv", "a\n1\n");
    write(folder.path(), "bad.yaml", "version: 1\nclumns: []\n");
    write(
        folder.path(),
        "tollgate.yaml",
        "version: 1\ndatasets:\n  d: {path: d.csv}\n",
    );
    for (old, new, code, part) in [
        ("d.csv", "d.csv", 2, "neither d.csv nor d.csv is a contract"),
        ("old.yaml", "none.yaml", 3, "none.yaml"),
        ("old.yaml", "none.csv", 3, "none.csv"),
        ("old.yaml", "bad.yaml", 2, "did you mean `columns`?"),
        (
            "old.yaml",
            "tollgate.yaml",
            2,
            "tollgate.yaml is a configuration",
        ),
        ("HEAD:none.yaml", "new.yaml", 3, "HEAD:none.yaml"),
    ] {
        let (is, _, stderr) = tollgate(folder.path(), &["diff", old, new]);
        assert_eq!(is, code, "{old} {new}: {stderr}");
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
}

#[test]
fn a_revision_of_git_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "sub/c.yaml", OLD);
    if !git(folder.path(), &["init", "-q"]) {
        eprintln!("skipped: there is no git");
        return;
    }
    assert!(git(folder.path(), &["add", "."]) && git(folder.path(), &["commit", "-qm", "first"]));
    write(folder.path(), "sub/c.yaml", NEW);
    let sub = folder.path().join("sub");
    for (from, old, new) in [
        (sub.as_path(), "HEAD:c.yaml", "c.yaml"),
        (folder.path(), "HEAD:sub/c.yaml", "sub/c.yaml"),
        (&sub, "HEAD:sub/c.yaml", "c.yaml"),
    ] {
        let (code, stdout, stderr) = tollgate(from, &["diff", old, new]);
        assert_eq!(code, 1, "{stderr}");
        assert!(
            stdout.contains(&format!("{old}:3:56 -> {new}:3:56")),
            "{stdout}"
        );
    }
    let (code, _, stderr) = tollgate(&sub, &["diff", "nowhere:c.yaml", "c.yaml"]);
    assert_eq!(code, 3);
    assert!(
        stderr.contains("cannot read nowhere:c.yaml") && stderr.contains("nowhere"),
        "{stderr}"
    );
    let no_git = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["diff", "HEAD:c.yaml", "c.yaml"])
        .current_dir(&sub)
        .env("PATH", "")
        .output()
        .expect("the binary starts");
    assert_eq!(no_git.status.code(), Some(3));
    let stderr = String::from_utf8_lossy(&no_git.stderr);
    assert!(stderr.contains("there is no `git` on the PATH"), "{stderr}");
    assert!(read(&sub, "c.yaml").contains("second"));
}
