//! Report files through the binary: what is written, what is left after a failure, and records that are none.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn tollgate(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("GITHUB_SHA")
        .output()
        .unwrap()
}

fn run_into(folder: &Path) -> Output {
    let folder = folder.to_str().unwrap();
    let now = "2013-03-01T06:00:00Z";
    tollgate(&[
        "run",
        "examples/flights/dirty.yaml",
        "--now",
        now,
        "--output",
        folder,
    ])
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_dirty_batch_fits_one_screen() {
    let folder = tempfile::tempdir().unwrap();
    let output = run_into(folder.path());
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.lines().count() <= 42, "{stdout}");
    assert!(
        stdout.starts_with("✗ FAIL  Do not use this data: 8 of "),
        "{stdout}"
    );
    let path = folder.path().join("report.html").display().to_string();
    assert!(
        stdout.ends_with(&format!("report: {path}\nverdict: fail\n")),
        "{stdout}"
    );
    assert!(!stdout.contains('\u{1b}'));
    assert_eq!(
        names(folder.path()),
        ["report.html", "report.md", "run.json"]
    );
    let run = folder.path().join("run.json");
    let coloured = tollgate(&["report", run.to_str().unwrap(), "--color", "always"]);
    assert!(
        String::from_utf8(coloured.stdout)
            .unwrap()
            .contains("\u{1b}[31m")
    );
}

#[cfg(unix)]
#[test]
fn others_may_read_a_report_as_they_may_read_other_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    run_into(folder.path());
    let usual = folder.path().join("usual");
    std::fs::write(&usual, "x").unwrap();
    let mode = |p: &Path| p.metadata().unwrap().permissions().mode();
    assert_eq!(mode(&folder.path().join("report.html")), mode(&usual));
}

#[test]
fn a_folder_in_the_way_is_named_and_nothing_is_left_behind() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("report.html");
    std::fs::create_dir(&taken).unwrap();
    let output = run_into(folder.path());
    assert_eq!(output.status.code(), Some(3));
    let message = stderr(&output);
    assert!(
        message.starts_with("error: cannot write ") && message.contains("report.html"),
        "{message}"
    );
    assert_eq!(names(folder.path()), ["report.html"]);
}

/// A small file system of its own, or the reason why this machine does not permit one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Result<Self, String> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(folder.path())
            .output()
            .map_err(|e| e.to_string())?;
        if mounted.status.success() {
            Ok(Self(folder))
        } else {
            Err(stderr(&mounted))
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(self.0.path()).output());
    }
}

#[test]
fn a_full_disk_exits_3_and_leaves_no_half_file() {
    let disk = match SmallDisk::mount() {
        Ok(disk) => disk,
        Err(reason) => {
            eprintln!("skipped: no small disk on this machine: {reason}");
            return;
        }
    };
    let old = disk.0.path().join("run.json");
    std::fs::write(&old, "old").unwrap();
    let output = run_into(disk.0.path());
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    let message = stderr(&output);
    assert!(
        message.contains("cannot write") && message.contains("No space left"),
        "{message}"
    );
    assert_eq!(std::fs::read_to_string(&old).unwrap(), "old");
    let whole = tempfile::tempdir().unwrap();
    run_into(whole.path());
    for name in names(disk.0.path()).iter().filter(|n| *n != "run.json") {
        let read = |folder: &Path| std::fs::read(folder.join(name)).unwrap();
        assert!(read(disk.0.path()) == read(whole.path()), "{name}");
    }
}

fn read_again(text: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("run.json");
    std::fs::write(&path, text).unwrap();
    let output = tollgate(&["report", path.to_str().unwrap(), "--format", "markdown"]);
    assert!(output.stdout.is_empty());
    (output.status.code(), stderr(&output))
}

#[test]
fn what_is_no_run_record_is_refused_with_what_was_expected() {
    let folder = tempfile::tempdir().unwrap();
    run_into(folder.path());
    let good = std::fs::read_to_string(folder.path().join("run.json")).unwrap();
    let version = format!(
        "\"schema_version\": \"{}\"",
        tollgate::record::RUN_SCHEMA_VERSION
    );
    assert!(good.contains(&version));
    let reads = format!(
        "is 2.0, this program reads {}",
        tollgate::record::RUN_SCHEMA_VERSION
    );
    for (text, reason) in [
        (String::new(), "it is not JSON"),
        ("{\"a\": 1}".to_owned(), "no `schema_version`"),
        (
            good.replace(&version, "\"schema_version\": \"2.0\""),
            &reads,
        ),
        (
            good.replace("\"outcomes\": [", "\"outcome\": ["),
            "missing field `outcomes`",
        ),
        (
            good.replacen("\"status\": \"fail\"", "\"status\": \"pass\"", 1),
            "the file was edited",
        ),
        (
            good.replacen("\"fail\": 8", "\"fail\": 0", 1),
            "the file was edited",
        ),
        (good[..good.len() / 2].to_owned(), "it is not JSON"),
    ] {
        let (code, message) = read_again(&text);
        assert_eq!(code, Some(3), "{reason}: {message}");
        assert!(
            message.contains(reason) && message.contains("run.json"),
            "{message}"
        );
        assert_eq!(message.lines().count(), 1, "{message}");
    }
    let output = tollgate(&["report", "none.json"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("cannot read none.json"));
}

#[test]
fn an_unknown_format_is_named_with_the_known_ones() {
    let output = tollgate(&["report", "run.json", "--format", "markdwn"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("did you mean `markdown`?"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn hostile_columns_and_cells_are_harmless_from_end_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let header = "::error::x,<script>alert(1)</script>,##vso[task.complete]";
    let cells = "\u{1b}[31m,a|b @team,##[error]x";
    std::fs::write(file("data.csv"), format!("{header}\n{cells}\n")).unwrap();
    let columns = [
        "::error::x",
        "<script>alert(1)</script>",
        "##vso[task.complete]",
    ];
    let expect = columns.map(|c| format!("      - in_set: {{column: '{c}', values: [ok]}}\n"));
    let data = file("data.csv").display().to_string();
    let config = format!(
        "version: 1\ndatasets:\n  '::d':\n    path: {data}\n    expect:\n{}",
        expect.concat()
    );
    std::fs::write(file("tollgate.yaml"), config).unwrap();
    let config = file("tollgate.yaml").display().to_string();
    let out = file("out").display().to_string();
    let output = tollgate(&["run", &config, "--output", &out]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let record = file("out/run.json").display().to_string();
    let formats = [
        "terminal", "json", "markdown", "html", "junit", "sarif", "github",
    ];
    let rendered = formats.map(|format| tollgate(&["report", &record, "--format", format]).stdout);
    for text in rendered.into_iter().chain([output.stdout]) {
        let text = String::from_utf8(text).unwrap();
        assert!(
            !text.contains("##vso[") && !text.contains("##[") && !text.contains('\u{1b}'),
            "{text}"
        );
        let ours = ["::error file=", "::warning file=", "::notice title="];
        let command = text
            .lines()
            .map(str::trim_start)
            .find(|l| l.starts_with("::"));
        assert!(
            command.is_none_or(|l| ours.iter().any(|o| l.starts_with(o))),
            "{text}"
        );
    }
    let html = std::fs::read_to_string(file("out/report.html")).unwrap();
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;"));
}
