//! The main job, as a user runs it: the binary, real files, exit codes and messages.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tollgate::record::{Run, Status};

fn tollgate(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

const NOW: &str = "2013-03-01T06:00:00Z";

fn example(config: &str) -> (Output, Run, tempfile::TempDir) {
    let out = tempfile::tempdir().unwrap();
    let config = format!("examples/flights/{config}");
    let output = tollgate(
        &root(),
        &[
            "run",
            &config,
            "--now",
            NOW,
            "--output",
            out.path().to_str().unwrap(),
        ],
    );
    let run = tollgate::report::read_run(&out.path().join("run.json")).unwrap();
    (output, run, out)
}

/// Runs a gate over one CSV and returns exit code, stdout and stderr.
fn gate(data: &[u8], dataset: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data.csv"), data).unwrap();
    let config = format!("version: 1\ndatasets:\n  d:\n    path: data.csv\n{dataset}");
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let output = tollgate(folder.path(), &["run"]);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn clean_february_passes() {
    let (output, run, out) = example("tollgate.yaml");
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(run.verdict.counts.fail + run.verdict.counts.error, 0);
    assert_eq!(run.datasets[0].rows, 24_951);
    for name in ["report.html", "report.md", "run.json"] {
        assert!(
            out.path().join(name).metadata().unwrap().len() > 1000,
            "{name}"
        );
    }
}

#[test]
fn dirty_february_fails_and_names_every_planted_fault() {
    let (output, run, _out) = example("dirty.yaml");
    assert_eq!(output.status.code(), Some(1));
    let found = |id: &str| {
        run.outcomes
            .iter()
            .find(|o| o.id == id)
            .unwrap_or_else(|| panic!("{id}"))
    };
    for (id, failing) in [
        ("flights.compare(distance)", Some(580)),
        ("flights.foreign_key(carrier)", Some(25)),
        ("flights.not_null(origin)", Some(50)),
        ("flights.between(sched_dep_time)", Some(13)),
        ("flights.in_set(month)", Some(9)),
        ("flights.duplicate_rows", Some(40)),
        ("flights.column_type(air_time)", None),
        ("flights.columns_match", None),
    ] {
        assert_eq!(found(id).status, Status::Fail, "{id}");
        assert_eq!(found(id).failing, failing, "{id}");
    }
    assert_eq!(run.verdict.counts.fail, 8);
    assert_eq!(
        found("flights.columns_match").owner.as_deref(),
        Some("flight-operations@example.org")
    );
    assert!(
        found("flights.foreign_key(carrier)")
            .message
            .contains("not in airlines")
    );
    assert!(found("flights.columns_match").message.contains("tailnum"));
    assert_eq!(found("flights.in_set(month)").samples[0].row, 76);
    assert_eq!(found("flights.between(air_time)").status, Status::Error);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.ends_with("verdict: fail\n"), "{stdout}");
}

#[test]
fn same_inputs_give_the_same_bytes() {
    let (_, _, first) = example("dirty.yaml");
    let (_, _, second) = example("dirty.yaml");
    for name in ["report.html", "report.md", "run.json"] {
        let read = |d: &tempfile::TempDir| std::fs::read(d.path().join(name)).unwrap();
        assert!(read(&first) == read(&second), "{name}");
    }
}

#[test]
fn every_example_of_every_check_holds() {
    let output = tollgate(&root(), &["test"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn a_saved_run_is_rendered_again_in_every_format() {
    let (_, _, out) = example("dirty.yaml");
    let run = out.path().join("run.json");
    for (format, sign) in [
        ("terminal", "verdict: fail"),
        ("markdown", "❌ fail"),
        ("html", "<!DOCTYPE html>"),
        ("junit", "<testsuites"),
        ("sarif", "contracts/flights.yaml"),
        ("github", "::error file="),
        ("json", "\"schema_version\""),
    ] {
        let output = tollgate(
            &root(),
            &["report", run.to_str().unwrap(), "--format", format],
        );
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(sign), "{format}: {text}");
    }
}

#[test]
fn unreadable_data_exits_3_with_the_reason() {
    for (data, reason) in [
        (&b""[..], "empty (0 bytes)"),
        (b"a,b\n1,2\n3\n", "line 3 has 1 cells, the first row has 2"),
        (b"a\n\xff\xfe\xff\n", "not UTF-8"),
        (b"a\nx\0y\n", "NUL"),
        (b"a,a\n1,2\n", "two columns are called `a`"),
    ] {
        let (code, _, stderr) = gate(data, "");
        if data.starts_with(b"a\n\xff") || !reason.is_empty() {
            assert_eq!(code, 3, "{reason}: {stderr}");
            assert!(
                stderr.contains(reason) && stderr.contains("data.csv"),
                "{stderr}"
            );
        }
    }
}

#[test]
fn a_missing_file_exits_3() {
    let folder = tempfile::tempdir().unwrap();
    let config = "version: 1\ndatasets: {d: {path: none.parquet}}\n";
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let output = tollgate(folder.path(), &["run"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("none.parquet"));
}

#[test]
fn a_header_without_rows_fails() {
    let (code, stdout, stderr) = gate(b"a,b\n", "");
    assert_eq!(code, 1, "{stdout}{stderr}");
    assert!(stdout.contains("has 0 rows"), "{stdout}");
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_name() {
    let (code, stdout, stderr) = gate(b"\xef\xbb\xbfa\n1\n", "    expect: [{not_null: a}]\n");
    assert_eq!(code, 0, "{stdout}{stderr}");
}

#[test]
fn what_the_user_wrote_wrong_exits_2_at_its_place() {
    for (expect, code) in [
        ("[{not_null: {column: aa}}]", "unknown-column"),
        ("[{not_nul: {column: a}}]", "unknown-check"),
        ("[{not_null: {colum: a}}]", "unknown-argument"),
        ("[{matches: {column: t, pattern: '('}}]", "invalid-regex"),
        ("[{in_set: {column: a, values: [x]}}]", "type-mismatch"),
        ("[{expression: {expr: '1) OR (1=1'}}]", "invalid-sql"),
        (
            "[{expression: {expr: 'a > 0; DROP TABLE data'}}]",
            "invalid-sql",
        ),
        ("[{expression: {expr: 'zz > 0'}}]", "invalid-sql"),
        ("[{expression: {expr: 'COUNT(*) > 1'}}]", "invalid-sql"),
        ("[{expression: {expr: 'a >= MIN(a)'}}]", "invalid-sql"),
        ("[{expression: {expr: 'a > 0 x'}}]", "invalid-sql"),
        ("[{not_null: {column: a, where: 'a > 0 x'}}]", "invalid-sql"),
        ("[{expression: {expr: 'a + 1'}}]", "invalid-sql"),
        ("[{not_null: {column: a, where: 'b ='}}]", "invalid-sql"),
    ] {
        let (exit, _, stderr) = gate(b"a,t\n1,x\n", &format!("    expect: {expect}\n"));
        assert_eq!(exit, 2, "{expect}: {stderr}");
        assert!(
            stderr.contains(&format!("error[{code}]")) && stderr.contains("tollgate.yaml:5:"),
            "{stderr}"
        );
    }
    let (exit, _, stderr) = gate(b"a\n1\n", "    pth: x\n    contrct: y\n");
    assert_eq!(exit, 2);
    assert_eq!(stderr.matches("error[unknown-key]").count(), 2, "{stderr}");
}

#[test]
fn a_filter_that_leaves_no_rows_is_not_a_pass() {
    let (code, stdout, _) = gate(
        b"a\n1\n",
        "    expect: [{not_null: {column: a, where: a > 5}}]\n",
    );
    assert_eq!(code, 4, "{stdout}");
    assert!(
        stdout.contains("no row is left by `where: a > 5`")
            && stdout.ends_with("verdict: skipped\n"),
        "{stdout}"
    );
}

#[test]
fn integers_do_not_wrap_into_a_pass() {
    let expect = "    expect: [{expression: {expr: 'LENGTH(t) - 5 > 100'}}]\n";
    let (code, stdout, stderr) = gate(b"t\nx\nyy\n", expect);
    assert_eq!(code, 1, "{stdout}{stderr}");
    assert!(stdout.contains("in 2 of 2 rows"), "{stdout}");
}

#[test]
fn hostile_cells_are_shown_not_run() {
    let data =
        b"a\n::error::x\n\x1b[31mred\n<script>alert(1)</script>\na|b\n##vso[task.complete]\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data.csv"), data).unwrap();
    let config = "version: 1\ndatasets:\n  d:\n    path: data.csv\n    expect: [{in_set: {column: a, values: [ok]}}]\n";
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let output = tollgate(folder.path(), &["run"]);
    assert_eq!(output.status.code(), Some(1));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(
        !stdout.contains('\u{1b}') && !stdout.contains("##vso["),
        "{stdout}"
    );
    assert!(
        stdout.lines().all(|l| !l.trim_start().starts_with("::")),
        "{stdout}"
    );
    let html = std::fs::read_to_string(folder.path().join("tollgate-report/report.html")).unwrap();
    assert!(!html.contains("<script>"));
}

#[test]
fn broken_parquet_is_an_error_and_never_a_pass() {
    let shared = root().join("../shared/conformance/parquet-testing/bad_data");
    let Ok(entries) = std::fs::read_dir(&shared) else {
        eprintln!("skipped: no conformance files beside the checkout");
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "parquet") {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(&path, folder.path().join("bad.parquet")).unwrap();
        let config = "version: 1\ndatasets: {d: {path: bad.parquet}}\n";
        std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
        let output = tollgate(folder.path(), &["run"]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(3),
            "{}: {stderr}",
            path.display()
        );
        assert!(stderr.contains("bad.parquet"), "{stderr}");
    }
}

#[test]
fn an_unwritable_output_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("data.csv"), "a\n1\n").unwrap();
    std::fs::write(folder.path().join("file"), "x").unwrap();
    std::fs::write(
        folder.path().join("tollgate.yaml"),
        "version: 1\ndatasets: {d: {path: data.csv}}\n",
    )
    .unwrap();
    let output = tollgate(folder.path(), &["run", "--output", "file/report"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("file/report"));
}

#[test]
fn february_is_the_same_as_parquet_csv_and_ndjson() {
    let data = root().join("examples/flights/data");
    let folder = tempfile::tempdir().unwrap();
    let csv = std::fs::read(data.join("flights-2013-02.csv")).unwrap();
    std::fs::write(
        folder.path().join("zst.csv.zst"),
        zstd::encode_all(&csv[..], 1).unwrap(),
    )
    .unwrap();
    let expect = "expect: [row_count: {min: 24951, max: 24951}, sum_between: {column: distance, min: 24975509, max: 24975509}, \
                  format: {column: carrier, kind: iso_country, severity: info}, null_ratio: {column: tailnum, max: 0.02}]";
    let path = |name: &str| data.join(name).display().to_string();
    let config = format!(
        "version: 1\ndatasets:\n  p: {{path: {}, {expect}}}\n  c: {{path: {}, {expect}}}\n  n: {{path: {}, {expect}}}\n  z: {{path: zst.csv.zst, {expect}}}\n",
        path("flights-2013-02.parquet"),
        path("flights-2013-02.csv"),
        path("flights-2013-02.ndjson"),
    );
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let output = tollgate(folder.path(), &["run"]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{stdout}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(stdout.ends_with("verdict: pass\n"), "{stdout}");
}

#[test]
fn only_the_engine_names_the_data_crates() {
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("src/engine") {
                    folders.push(path);
                }
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for name in ["polars::", "arrow::", "parquet::"] {
                let named = text
                    .lines()
                    .any(|l| !l.trim_start().starts_with("//") && l.contains(name));
                assert!(!named, "{} names {name}", path.display());
            }
        }
    }
}
