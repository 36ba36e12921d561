//! Past runs end to end: what is kept, what counts, since when something is so, and what people say of runs.

use crate::harness::Gate;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use tollgate::drift::sample::Random;
use tollgate::record::Status;

pub(crate) const CONFIG: &str = "\
version: 1
history: runs
datasets:
  d:
    path: d.csv
    expect:
      - not_null: {column: x}
";

/// `n` rows of a number about 100 and a colour.
pub(crate) fn batch(n: usize, seed: u64, shift: f64) -> String {
    let mut random = Random::new(seed);
    let mut text = "x,colour\n".to_owned();
    for _ in 0..n {
        let sum: f64 = (0..6).map(|_| random.below(1_000) as f64).sum();
        let colour = ["red", "green", "blue"][random.below(3)];
        writeln!(text, "{:.3},{colour}", 100.0 + sum / 1_000.0 + shift).unwrap();
    }
    text
}

/// A folder with `tollgate.yaml`, in which batches are tested one after the other.
pub(crate) struct Nights {
    folder: Option<tempfile::TempDir>,
}

impl Nights {
    pub(crate) fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
        Self {
            folder: Some(folder),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.as_ref().unwrap().path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    /// Tests a batch at two o'clock on a day of November.
    pub(crate) fn run(&mut self, day: usize, data: &str, args: &[&str]) -> Gate {
        self.write("d.csv", data);
        let now = format!("--now=2026-11-{day:02}T02:00:00Z");
        let args: Vec<&str> = args.iter().copied().chain([now.as_str()]).collect();
        let mut gate = Gate::again(self.folder.take().unwrap(), &args);
        // The folder goes on; the run's report is read where it is.
        let folder = std::mem::replace(&mut gate.folder, tempfile::tempdir().unwrap());
        let report = gate.folder.path().join("report");
        std::fs::create_dir(&report).unwrap();
        let run = folder.path().join("report/run.json");
        if run.exists() {
            std::fs::copy(&run, report.join("run.json")).unwrap();
            std::fs::remove_file(run).unwrap();
        }
        self.folder = Some(folder);
        gate
    }

    /// Runs `tollgate history ARGS`.
    pub(crate) fn history(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        command.arg("history").args(args).current_dir(self.path());
        command.output().unwrap()
    }

    /// What `tollgate history ARGS` prints; it has to work.
    pub(crate) fn said(&self, args: &[&str]) -> String {
        let output = self.history(args);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What `tollgate history ARGS` refuses with, and its exit code.
    pub(crate) fn refused(&self, args: &[&str]) -> (i32, String) {
        let output = self.history(args);
        let text = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), text)
    }

    /// Lines of `tollgate history list --format csv`, without the header.
    pub(crate) fn listed(&self) -> Vec<Vec<String>> {
        let text = self.said(&["list", "--format", "csv"]);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let fields = |r: csv::StringRecord| r.iter().map(str::to_owned).collect();
        reader.records().map(|r| fields(r.unwrap())).collect()
    }

    pub(crate) fn file(&self) -> String {
        std::fs::read_to_string(self.path().join("runs/d.jsonl")).unwrap()
    }
}

#[test]
fn every_run_is_added_and_the_same_rows_count_once() {
    let mut nights = Nights::new(CONFIG);
    for day in 1..=3 {
        let gate = nights.run(day, &batch(50, day as u64, 0.0), &[]);
        assert_eq!(gate.code, 0, "{}", gate.stderr);
    }
    let before = nights.file();
    assert_eq!(before.lines().count(), 3);
    let first = nights.run(3, &batch(50, 3, 0.0), &[]).record();
    assert_eq!(nights.file(), before, "the same run again adds nothing");
    let again = nights.run(3, &batch(50, 3, 0.0), &[]).record();
    assert_eq!(first, again);
    let later = nights.run(9, &batch(50, 2, 0.0), &[]);
    let message = later.outcome("d.drift_history").message;
    assert!(
        message.contains("there are 2: 6 more are needed"),
        "a run is not among those before it: {message}"
    );
    let listed = nights.listed();
    let at: Vec<&str> = listed.iter().map(|l| l[2].as_str()).collect();
    assert_eq!(
        at,
        [
            "2026-11-01T02:00:00Z",
            "2026-11-02T02:00:00Z",
            "2026-11-03T02:00:00Z"
        ]
    );
    assert_eq!(listed[1][8], "1", "the second batch was run once more");
}

#[test]
fn only_runs_before_the_clock_count() {
    let mut nights = Nights::new(CONFIG);
    for day in [5, 7, 9] {
        nights.run(day, &batch(50, day as u64, 0.0), &[]);
    }
    let gate = nights.run(6, &batch(50, 100, 0.0), &[]);
    let message = gate.outcome("d.drift_history").message;
    assert!(message.contains("there are 1: 7 more"), "{message}");
    let at: Vec<String> = nights.listed().into_iter().map(|l| l[2].clone()).collect();
    assert_eq!(
        at[1], "2026-11-06T02:00:00Z",
        "a run that was caught up with"
    );
}

#[test]
fn what_must_not_be_recorded_is_not() {
    let mut nights = Nights::new(CONFIG);
    nights.run(1, &batch(50, 1, 0.0), &["--no-record"]);
    assert!(!nights.path().join("runs").exists());
    nights.write(
        "tollgate.yaml",
        &CONFIG.replace("history: runs", "history: {path: runs, record: never}"),
    );
    let gate = nights.run(1, &batch(50, 1, 0.0), &[]);
    assert_eq!(gate.outcome("d.drift_history").status, Status::Skipped);
    assert!(!nights.path().join("runs").exists());
    // What could not be evaluated is listed, and no night to learn from.
    let error = "version: 1\nhistory: runs\ndatasets:\n  d:\n    path: d.csv\n    expect:\n      - mean: {column: x, min: 1}\n";
    nights.write("tollgate.yaml", error);
    let gate = nights.run(1, "x\n,\n", &[]);
    assert_ne!(gate.code, 0, "{}{}", gate.stdout, gate.stderr);
    let lines = std::fs::read_to_string(nights.path().join("runs/d.jsonl")).unwrap();
    assert!(lines.starts_with("{\"kind\":\"unable\""), "{lines}");
    assert_eq!(lines.lines().count(), 1, "{lines}");
    std::fs::remove_dir_all(nights.path().join("runs")).unwrap();
    // Nor is a run whose reports could not be written.
    nights.write(
        "tollgate.yaml",
        &format!("{CONFIG}reports: {{json: d.csv}}\n"),
    );
    let gate = nights.run(1, &batch(50, 1, 0.0), &[]);
    assert_eq!(gate.code, 2, "{}", gate.stderr);
    assert!(!nights.path().join("runs").exists());
}

#[test]
fn a_batch_that_broke_a_promise_is_flagged_and_people_may_say_otherwise() {
    let mut nights = Nights::new(CONFIG);
    nights.run(1, &batch(50, 1, 0.0), &[]);
    let gate = nights.run(2, &format!("{},red\n", batch(50, 2, 0.0)), &[]);
    assert_eq!(gate.code, 1);
    let began = gate.outcome("d.not_null(x)").began.unwrap();
    assert_eq!((began.at.as_str(), began.runs), ("2026-11-02T02:00:00Z", 1));
    let gate = nights.run(3, &format!("{},blue\n", batch(50, 3, 0.0)), &[]);
    let began = gate.outcome("d.not_null(x)").began.unwrap();
    assert_eq!((began.at.as_str(), began.runs), ("2026-11-02T02:00:00Z", 2));
    assert!(
        gate.stdout.contains("since 2 runs, first on 2026-11-02"),
        "{}",
        gate.stdout
    );
    let report = std::fs::read_to_string(nights.path().join("report/report.html")).unwrap();
    assert!(report.contains("since 2 runs, first on 2026-11-02"));
    let report = std::fs::read_to_string(nights.path().join("report/report.md")).unwrap();
    assert!(
        report.contains("since 2 runs, first on 2026-11-02"),
        "{report}"
    );
    let gate = nights.run(4, &batch(50, 4, 0.0), &[]);
    let message = gate.outcome("d.drift_history").message;
    assert!(
        message
            .contains("there are 1 (2 runs flagged or marked as incidents do not count): 7 more"),
        "{message}"
    );
    assert_eq!(gate.outcome("d.not_null(x)").began, None);
    // A series that was broken begins anew.
    let gate = nights.run(5, &format!("{},blue\n", batch(50, 5, 0.0)), &[]);
    assert_eq!(gate.outcome("d.not_null(x)").began.unwrap().runs, 1);

    let said = nights.said(&[
        "mark",
        "20261102",
        "ordinary",
        "--reason",
        "known gap",
        "--by",
        "ana",
        "--now",
        "2026-11-05T08:00:00Z",
    ]);
    assert!(said.ends_with(" of d: ordinary, was flagged\n"), "{said}");
    nights.said(&["mark", "20261101", "incident", "--reason", "half a file"]);
    let standing: Vec<String> = nights.listed().into_iter().map(|l| l[5].clone()).collect();
    assert_eq!(
        standing,
        ["incident", "ordinary", "flagged", "ordinary", "flagged"]
    );
    let text = nights.said(&["list"]);
    assert!(text.contains("marked: known gap, by ana"), "{text}");
    assert!(text.starts_with("d: 5 runs, 2 ordinary\n"), "{text}");
}

#[test]
fn a_broken_file_is_named_with_its_line_and_the_way_out() {
    let mut nights = Nights::new(CONFIG);
    for day in 1..=2 {
        nights.run(day, &batch(50, day as u64, 0.0), &[]);
    }
    let whole = nights.file();
    let lines: Vec<&str> = whole.lines().collect();
    let cut = &whole[..whole.len() - 40];
    let version = whole.replacen("\"version\":\"1.0\"", "\"version\":\"2.0\"", 1);
    let counts = whole.replacen("\"missing\":0", "\"missing\":51", 1);
    let mark = "{\"kind\":\"mark\",\"version\":\"1.0\",\"run\":\"x\",\"as\":\"incident\",\"reason\":\"r\",\"at\":\"2026-11-05T08:00:00Z\"}";
    let cases = [
        (cut.to_owned(), "line 2 was cut off"),
        (
            format!("{}\n{}\n", &lines[0][..90], lines[1]),
            "line 1: control character",
        ),
        (format!("{whole}{{}}\n"), "line 3: it has no `version`"),
        (format!("{whole}nonsense\n"), "line 3: expected"),
        (version, "line 1: it is of version 2.0"),
        (
            counts,
            "line 1: column `x`: more rows without a value than rows",
        ),
        (
            format!("<<<<<<< HEAD\n{whole}"),
            "line 1: it is a mark of a merge conflict",
        ),
        (format!("{whole}\n{mark}\n"), "line 4: it marks the run `x`"),
    ];
    for (text, wanted) in cases {
        nights.write("runs/d.jsonl", &text);
        let gate = nights.run(3, &batch(50, 3, 0.0), &[]);
        assert_eq!(gate.code, 3, "{wanted}: {}{}", gate.stdout, gate.stderr);
        let named = gate.stderr.contains("runs/d.jsonl") && gate.stderr.contains(wanted);
        assert!(named, "{wanted}: {}", gate.stderr);
        assert_eq!(
            nights.file(),
            text,
            "a file that is not understood is left alone"
        );
    }
    // Something that is no file at all.
    std::fs::remove_file(nights.path().join("runs/d.jsonl")).unwrap();
    std::fs::create_dir(nights.path().join("runs/d.jsonl")).unwrap();
    let gate = nights.run(3, &batch(50, 3, 0.0), &[]);
    assert_eq!(gate.code, 3, "{}", gate.stderr);
    assert!(
        gate.stderr.contains("cannot read runs/d.jsonl"),
        "{}",
        gate.stderr
    );
    std::fs::remove_dir(nights.path().join("runs/d.jsonl")).unwrap();
    // An editor that left out the last line's end did no harm; empty lines and Windows line ends neither.
    nights.write(
        "runs/d.jsonl",
        &format!("\n{}", whole.trim_end().replace('\n', "\r\n")),
    );
    assert_eq!(nights.run(3, &batch(50, 3, 0.0), &[]).code, 0);
    assert_eq!(nights.listed().len(), 3);
}

#[test]
fn runs_at_the_same_time_keep_each_others_lines_whole() {
    let nights = Nights::new(CONFIG);
    let start = |day: usize| {
        let name = format!("d{day}.csv");
        nights.write(&name, &batch(400, day as u64, 0.0));
        let config = CONFIG.replace("d.csv", &name);
        nights.write(&format!("c{day}.yaml"), &config);
        Command::new(env!("CARGO_BIN_EXE_tollgate"))
            .args([
                "run",
                &format!("c{day}.yaml"),
                "--output",
                &format!("report{day}"),
            ])
            .arg(format!("--now=2026-11-{day:02}T02:00:00Z"))
            .current_dir(nights.path())
            .output()
            .unwrap()
    };
    std::thread::scope(|scope| {
        let runs: Vec<_> = (1..=8).map(|day| scope.spawn(move || start(day))).collect();
        for run in runs {
            let run = run.join().unwrap();
            let said = String::from_utf8_lossy(&run.stderr);
            assert!(run.status.success(), "{:?}: {said}", run.status);
        }
    });
    assert_eq!(nights.listed().len(), 8);
}

#[test]
fn personal_columns_leave_no_value() {
    let config = CONFIG.replace("expect:", "contract: c.yaml\n    expect:");
    let mut nights = Nights::new(&config);
    let contract = "version: 1\ncolumns:\n  - {name: name, pii: true}\n  - {name: salary, pii: true}\n  - {name: born, pii: true}\n  - {name: x}\n";
    nights.write("c.yaml", contract);
    let mut data = "name,salary,born,x\n".to_owned();
    for i in 0..60 {
        let name = ["Ada Lovelace", "Alan Turing"][i % 2];
        writeln!(
            data,
            "{name},{},1985-07-{:02},{i}",
            41_234 + 7 * (i % 3),
            i % 28 + 1
        )
        .unwrap();
    }
    data.push_str("Grace Hopper,7654321,1906-12-09,1\n");
    let gate = nights.run(1, &data, &[]);
    assert_eq!(gate.code, 0, "{}", gate.stderr);
    let file = nights.file();
    for value in [
        "Ada",
        "Turing",
        "Grace",
        "41234",
        "41241",
        "7654321",
        "1985",
        "490492800",
    ] {
        assert!(!file.contains(value), "{value} is in {file}");
    }
    // Their exact bins would be the values in another writing.
    for value in [41_234.0, 7_654_321.0] {
        let key = tollgate::measure::bins::key(value);
        assert!(!file.contains(&key.to_string()), "{value} is in {file}");
    }
    assert!(file.contains("\"name\":\"salary\""));
    let shown = nights.said(&["show", "d"]);
    assert!(
        !shown.contains("mean(salary)") && shown.contains("mean(x)"),
        "{shown}"
    );
    // The same texts are counted under the same hash.
    nights.run(2, &data.replace("Grace", "Mary"), &[]);
    let file = nights.file();
    let hash = file.split("\"#").nth(1).unwrap()[..12].to_owned();
    assert_eq!(file.matches(&format!("#{hash}")).count(), 2);
}

#[test]
fn every_type_of_column_is_kept_and_read_again() {
    let config = CONFIG
        .replace("d.csv", "d.ndjson")
        .replace("column: x", "column: i");
    let mut nights = Nights::new(&config);
    let mut data = String::new();
    for i in 0..300 {
        let text = "long ".repeat(i % 40);
        writeln!(
            data,
            "{{\"i\":{i},\"f\":{}.5,\"t\":\"{text}\",\"b\":{},\"at\":\"2026-11-01T00:00:{:02}Z\",\"s\":{{\"a\":{}}},\"l\":[1,2],\"n\":null}}",
            i * i,
            i % 2 == 0,
            i % 60,
            if i % 3 == 0 { "null".to_owned() } else { i.to_string() }
        )
        .unwrap();
    }
    nights.write("d.ndjson", &data);
    assert_eq!(nights.run(1, "", &[]).code, 0);
    nights.write("d.ndjson", &data.replace("\"i\":0,", "\"i\":-7,"));
    let gate = nights.run(2, "", &[]);
    assert_eq!(gate.code, 0, "{}", gate.stderr);
    assert_eq!(nights.listed().len(), 2);
    let least = nights.said(&["show", "d", "least(i)", "--format", "csv"]);
    assert!(least.ends_with(",-7\n"), "{least}");
    let line = nights.file().lines().next().unwrap().len();
    assert!(line < 8 * 4_096, "{line} bytes of 8 columns");
}

#[test]
fn columns_come_and_go_over_time() {
    let mut nights = Nights::new(CONFIG);
    nights.run(1, "x,a\n1,2\n", &[]);
    nights.run(2, "x\n1\n2\n", &[]);
    nights.run(3, "x,a\n1,red\n2,blue\n3,red\n", &[]);
    let shown = nights.said(&["show", "d", "distinct(a)", "--format", "csv"]);
    let values: Vec<&str> = shown
        .lines()
        .skip(1)
        .map(|l| l.rsplit(',').next().unwrap())
        .collect();
    assert_eq!(values, ["1", "", "2"]);
    let shown = nights.said(&["show", "d", "distinct(a)"]);
    assert!(shown.contains("▁·█  1 to 2"), "{shown}");
}
