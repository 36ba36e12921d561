//! What every command line tool is expected to do: help, completions, manual, colour, quiet, exit codes, pipes.

use clap::CommandFactory as _;
use std::path::Path;
use std::process::{Command, Output};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const JANUARY: &str = "examples/flights/data/flights-2013-01.parquet";

/// The binary at the root of the package, without what the caller's own surroundings say of colour.
fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    command.args(args).current_dir(ROOT);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command
}

fn tollgate(args: &[&str]) -> Output {
    command(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Names of the commands that help shows.
fn commands() -> Vec<String> {
    let names: Vec<String> = tollgate::cli::Cli::command()
        .get_subcommands()
        .filter(|c| !c.is_hide_set())
        .map(|c| c.get_name().to_owned())
        .collect();
    assert!(names.len() >= 12, "{names:?}");
    names
}

#[test]
fn completions_of_every_shell_name_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = tollgate(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        let script = stdout(&output);
        for name in commands() {
            assert!(
                script
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|w| w == name),
                "{shell} does not complete {name}"
            );
        }
    }
}

#[test]
fn bash_reads_its_completions() {
    let script = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(script.path(), tollgate(&["completions", "bash"]).stdout).unwrap();
    let checked = Command::new("bash").arg("-n").arg(script.path()).status();
    assert!(checked.expect("bash").success());
}

#[test]
fn the_manual_is_roff_and_names_every_command() {
    let page = stdout(&tollgate(&["man"]));
    let first = page
        .lines()
        .find(|l| l.starts_with('.') && !l.starts_with(".ie") && !l.starts_with(".el"));
    assert!(
        first.is_some_and(|l| l.starts_with(".TH tollgate 1")),
        "{first:?}"
    );
    for name in commands() {
        let entry = format!("tollgate\\-{name}(1)");
        assert!(page.contains(&entry), "{entry} is missing");
    }
}

#[test]
fn help_of_every_command_fits_100_columns() {
    let mut calls = vec![vec!["--help".to_owned()], vec!["-h".to_owned()]];
    for name in commands() {
        calls.push(vec![name.clone(), "--help".to_owned()]);
        calls.push(vec![name.clone(), "-h".to_owned()]);
        calls.push(vec!["help".to_owned(), name]);
    }
    for call in calls {
        let args: Vec<&str> = call.iter().map(String::as_str).collect();
        let output = tollgate(&args);
        assert_eq!(output.status.code(), Some(0), "{call:?}");
        let text = stdout(&output);
        assert!(text.contains("Usage: tollgate"), "{call:?}: {text}");
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{call:?}: {line}");
        }
    }
}

#[test]
fn what_is_unknown_exits_2_and_says_what_there_is() {
    for (args, said) in [
        (&["profle"][..], "'profile'"),
        (&["run", "--outptu", "x"], "'--output'"),
        (&["completions", "tcsh"], "zsh"),
        (&["run", "--fail-on", "all"], "warn"),
        (&["run", "--now", "yesterday"], "--now"),
        (&["merge", "one.json"], "2 values required"),
        (&["profile"], "<DATA>"),
        (&["report", "run.json", "--format", "pdf"], "junit"),
        (
            &["explain", "betwen"],
            "error: no check `betwen`; did you mean `between`?",
        ),
        (
            &["explain", "expect_column_values_to_be_unique"],
            "it is said of `unique_key`: `tollgate checks --find",
        ),
        (
            &["schema", "runs"],
            "error: no schema `runs`; schemas are config, contract, check, run, diff, promotion; did you mean `run`?",
        ),
        (&[], "Usage: tollgate"),
    ] {
        let output = tollgate(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(
            stderr(&output).contains(said),
            "{args:?}: {}",
            stderr(&output)
        );
        assert_eq!(stdout(&output), "", "{args:?}");
    }
}

/// A folder with a small gate: one promise that is broken.
fn gate() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.csv"), "a\n1\n\n2\n-3\n").unwrap();
    let config = "version: 1\ndatasets: {d: {path: d.csv, expect: [between: {column: a, min: 0, max: 9}]}}\n";
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    folder
}

/// `run` in a folder under these variables.
fn run_in(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = command(&["run"]);
    command.args(args).current_dir(folder);
    command.envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn colour_goes_where_it_is_wanted_and_nowhere_else() {
    let folder = gate();
    let run = |args: &[&str], variables: &[(&str, &str)]| {
        let output = run_in(folder.path(), args, variables);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        stdout(&output)
    };
    let forced = ("CLICOLOR_FORCE", "1");
    let coloured = run(&["--color", "always"], &[]);
    assert!(coloured.contains("\u{1b}[31m"), "{coloured}");
    assert_eq!(run(&[], &[forced]), coloured);
    let plain = run(&[], &[]);
    assert!(plain.ends_with("\nverdict: fail\n"), "{plain}");
    for (args, variables) in [
        (&["--color", "never"][..], &[forced][..]),
        (&[], &[("NO_COLOR", "1"), forced]),
        (&["--color", "auto"], &[("NO_COLOR", "1")]),
        (&["--color", "never"], &[]),
    ] {
        assert_eq!(run(args, variables), plain, "{args:?} {variables:?}");
    }
    assert!(!plain.contains('\u{1b}'), "a pipe gets no colour");
}

#[test]
fn quiet_prints_the_verdict_and_nothing_else() {
    let folder = gate();
    let output = run_in(folder.path(), &["--quiet"], &[]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stdout(&output), "verdict: fail\n");
    assert_eq!(stderr(&output), "");
}

#[test]
fn a_report_of_a_missing_file_exits_3_and_names_it() {
    let output = tollgate(&["report", "no-such-run.json"]);
    assert_eq!(output.status.code(), Some(3));
    let message = stderr(&output);
    assert!(
        message.starts_with("error: cannot read no-such-run.json: "),
        "{message}"
    );
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let folder = gate();
    for args in [
        &["checks"][..],
        &["explain", "between"],
        &["man"],
        &["completions", "zsh"],
        &["profile", "d.csv"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(args)
            .current_dir(folder.path())
            .stdout(writer)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert_eq!(stderr(&output), "", "{args:?}");
    }
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut run = command(&["run"]);
    let status = run.current_dir(folder.path()).stdout(writer).status();
    assert_eq!(status.unwrap().code(), Some(1), "the verdict stands");
    assert!(folder.path().join("tollgate-report/run.json").exists());
}

#[test]
fn a_profile_is_a_table_for_people_and_json_for_machines() {
    let table = stdout(&tollgate(&["profile", JANUARY]));
    assert!(table.starts_with("27004 rows, 19 columns\n\n"), "{table}");
    let row = |name: &str| {
        let line = table.lines().find(|l| l.starts_with(&format!("{name} ")));
        let words = line.unwrap().split_whitespace();
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(row("month")[1..7], ["int32", "0", "1", "1", "1", "1"]);
    assert_eq!(row("origin")[1..4], ["string", "0", "3"]);
    let json = tollgate(&["profile", JANUARY, "--format", "json"]);
    let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(value["kind"], "tollgate-profile");
    assert_eq!(value["rows"], 27_004);
    assert_eq!(value["columns"].as_array().unwrap().len(), 19);
}

#[test]
fn merged_profiles_are_the_profile_of_all_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let month = |n: u32| format!("examples/flights/data/flights-2013-{n:02}.parquet");
    let saved = |to: &str, command: &str, from: &[&str]| {
        let mut args = vec![command, "--quiet", "--output", to];
        args.extend(from);
        let output = tollgate(&args);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
    };
    let (one, two) = (file("1.json"), file("2.json"));
    let (merged, both, whole) = (file("m.json"), file("b.json"), file("w.json"));
    saved(&one, "profile", &[&month(1)]);
    saved(&two, "profile", &[&month(2)]);
    saved(&merged, "merge", &[&one, &two]);
    saved(&both, "profile", &[&month(1), &month(2)]);
    // One dataset of two files is read in one scan: nothing is merged.
    let glob = "examples/flights/data/flights-2013-0[12].parquet";
    saved(&whole, "profile", &[glob]);
    let bytes = |path: &str| std::fs::read(path).unwrap();
    assert!(bytes(&merged) == bytes(&whole), "merged is not whole");
    assert!(bytes(&both) == bytes(&whole), "both are not whole");
    assert!(bytes(&merged) != bytes(&one));
}

#[test]
fn profiles_that_do_not_fit_name_the_column() {
    let folder = tempfile::tempdir().unwrap();
    for (name, data) in [("a", "n,v\n1,2\n"), ("b", "n,v\n1,x\n"), ("c", "n\n1\n")] {
        let data_path = folder.path().join(format!("{name}.csv"));
        std::fs::write(&data_path, data).unwrap();
        let saved = folder.path().join(format!("{name}.json"));
        let args = [
            "profile",
            data_path.to_str().unwrap(),
            "-o",
            saved.to_str().unwrap(),
        ];
        assert_eq!(tollgate(&args).status.code(), Some(0));
    }
    for (other, said) in [
        ("b", "column `v` is int64 in one and string in another"),
        ("c", "column `v` is in one and not in another"),
    ] {
        let output = command(&["merge", "a.json", &format!("{other}.json")])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(3));
        let message = stderr(&output);
        assert!(
            message.contains(said) && message.contains(&format!("{other}.json")),
            "{message}"
        );
    }
}

#[test]
fn a_saved_profile_is_as_good_a_reference_as_its_data() {
    let folder = tempfile::tempdir().unwrap();
    let data = Path::new(ROOT).join("examples/flights/data");
    let saved = folder.path().join("january.json");
    let args = ["profile", JANUARY, "-q", "-o", saved.to_str().unwrap()];
    assert_eq!(tollgate(&args).status.code(), Some(0));
    let outcomes = |reference: &Path| {
        let current = data.join("flights-2013-02.parquet");
        let config = format!(
            "version: 1\ndatasets:\n  flights:\n    path: {}\n    reference: {}\n    drift: {{false_alarm: off, exclude: [day]}}\n",
            current.display(),
            reference.display()
        );
        std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
        let args = ["--now", "2013-03-01T06:00:00Z"];
        let output = run_in(folder.path(), &args, &[]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let run = folder.path().join("tollgate-report/run.json");
        let run = tollgate::report::read_run(&run).unwrap();
        assert!(run.outcomes.iter().any(|o| o.check.starts_with("drift_")));
        serde_json::to_string_pretty(&run.outcomes).unwrap()
    };
    let of_data = outcomes(&data.join("flights-2013-01.parquet"));
    assert_eq!(outcomes(&saved), of_data);
}

#[test]
fn every_command_has_a_page_with_its_options() {
    for name in commands() {
        let page = stdout(&tollgate(&["man", &name]));
        assert!(page.contains(".SH OPTIONS"), "{name}: {page}");
    }
    assert!(stdout(&tollgate(&["man", "run"])).contains("quarantine"));
    let output = tollgate(&["man", "rum"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean `run`?"));
}

#[test]
fn the_version_says_whether_onnx_files_are_run() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .arg("--version")
        .output()
        .unwrap();
    let word = if cfg!(feature = "onnx") {
        "with onnx"
    } else {
        "without onnx"
    };
    let version = env!("CARGO_PKG_VERSION");
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, format!("tollgate {version} ({word})\n"));
}
