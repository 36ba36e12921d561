//! Ctrl-C in the middle of a run.

use crate::harness::files;
use std::fmt::Write as _;
use std::process::{Command, Stdio};

#[test]
fn an_interrupted_run_exits_130_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut csv = "id,t\n".to_owned();
    for i in 0..600_000 {
        writeln!(csv, "{i},some text {i}").unwrap();
    }
    std::fs::write(folder.path().join("d.csv"), csv).unwrap();
    let config = "version: 1\ndatasets: {d: {path: d.csv, expect: [unique_key: {columns: id}, matches: {column: t, pattern: x$}]}}\n";
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let mut run = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["run", "--output", "report", "--quarantine", "q"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The files of the quarantine are there, so the second scan has begun.
    while files(folder.path()).len() < 4 {
        assert_eq!(
            run.try_wait().unwrap(),
            None,
            "the run ended before the interruption"
        );
        std::thread::yield_now();
    }
    let killed = Command::new("kill")
        .args(["-INT", &run.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr, "error: interrupted; nothing was written\n");
    assert_eq!(files(folder.path()), ["d.csv", "tollgate.yaml"]);
    assert!(
        !folder.path().join("q").exists(),
        "the folder was made for nothing"
    );
}
