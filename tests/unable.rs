//! Runs that could not be evaluated: what they say, and what they leave of the run before.

use crate::harness::Gate;

const GOOD: &str = "version: 1\nreports: {junit: out/junit.xml}\ndatasets:\n  d: {path: d.csv, expect: [{not_null: id}]}\n";
const MORE: &[&str] = &[
    "--output",
    "gitlab=quality.json",
    "--output",
    "github=notes.txt",
];
/// Reports of both tests, from the folder of the run.
const WRITTEN: &[&str] = &[
    "report/report.html",
    "report/report.md",
    "report/run.json",
    "out/junit.xml",
    "quality.json",
    "notes.txt",
];

fn good() -> Gate {
    let files = [
        ("d.csv", &b"id\n1\n"[..]),
        ("tollgate.yaml", GOOD.as_bytes()),
    ];
    let gate = Gate::run(&files, MORE);
    assert_eq!(gate.code, 0, "{}", gate.stderr);
    let there = |name: &&str| gate.folder.path().join(name).is_file();
    assert!(WRITTEN.iter().all(there));
    gate
}

#[test]
fn no_report_of_an_earlier_run_stands_for_one_that_could_not_be_evaluated() {
    let broken = "version: 1\ndatasets: {d: {path: d.csv, expect: [{not_nul: id}]}}\n";
    for (name, text, code) in [
        ("d.csv", Some("id\n\"1\n"), 3),
        ("tollgate.yaml", Some(broken), 2),
        ("tollgate.yaml", None, 2),
    ] {
        let before = good();
        let folder = before.folder.path();
        std::fs::write(folder.join("report/mine.txt"), "tollgate").unwrap();
        let path = folder.join(name);
        match text {
            Some(text) => std::fs::write(path, text).unwrap(),
            None => std::fs::remove_file(path).unwrap(),
        }
        let now = Gate::again(before.folder, MORE);
        assert_eq!(now.code, code, "{}", now.stderr);
        assert_eq!(now.stdout, "verdict: error\n");
        assert!(
            now.stderr.contains("of an earlier run removed"),
            "{}",
            now.stderr
        );
        let folder = now.folder.path();
        // A configuration that cannot be read does not say where its reports go.
        let left: Vec<&&str> = WRITTEN.iter().filter(|n| folder.join(n).exists()).collect();
        let junit = ["out/junit.xml"];
        assert_eq!(
            left,
            junit
                .iter()
                .take(usize::from(code == 2))
                .collect::<Vec<_>>()
        );
        assert!(folder.join("report/mine.txt").exists());
        assert!(folder.join("d.csv").exists());
    }
}

#[test]
fn files_that_are_no_reports_are_left_alone() {
    let before = good();
    let folder = before.folder.path();
    for (name, text) in [
        ("report/run.json", "{\"mine\": 1}"),
        ("quality.json", "{}"),
        ("notes.txt", "mine"),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    std::fs::remove_file(folder.join("out/junit.xml")).unwrap();
    std::fs::create_dir(folder.join("out/junit.xml")).unwrap();
    std::fs::write(folder.join("d.csv"), "").unwrap();
    let now = Gate::again(before.folder, MORE);
    assert_eq!(now.code, 3, "{}", now.stderr);
    let folder = now.folder.path();
    for name in [
        "report/run.json",
        "quality.json",
        "notes.txt",
        "out/junit.xml",
    ] {
        assert!(folder.join(name).exists(), "{name}");
    }
}

#[test]
fn what_the_configuration_reads_is_never_removed() {
    let before = good();
    let folder = before.folder.path();
    let data = "{\"schema_version\": 1, \"provenance\": 2, \"id\": 1}\n{\"id\"";
    std::fs::write(folder.join("report/run.json"), data).unwrap();
    let config = GOOD.replace("d.csv", "report/run.json, format: ndjson");
    std::fs::write(folder.join("tollgate.yaml"), config).unwrap();
    let now = Gate::again(before.folder, &[]);
    assert_eq!(now.code, 3, "{}", now.stderr);
    let left = std::fs::read_to_string(now.folder.path().join("report/run.json"));
    assert_eq!(left.unwrap(), data);
}

#[test]
fn a_mistake_on_the_command_line_removes_nothing() {
    let before = good();
    let args = [&["--only", "nothing"][..], MORE].concat();
    let now = Gate::again(before.folder, &args);
    assert_eq!((now.code, now.stdout.as_str()), (2, "verdict: error\n"));
    let folder = now.folder.path();
    assert!(WRITTEN.iter().all(|n| folder.join(n).exists()));
}

#[test]
fn a_run_that_is_not_signed_leaves_no_signature_of_an_earlier_one() {
    let before = good();
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["key", "new", "--output", "k.pem"])
        .current_dir(before.folder.path())
        .output()
        .unwrap();
    assert!(made.status.success());
    let signed = Gate::again(before.folder, &["--sign", "--key", "k.pem"]);
    let envelope = signed.folder.path().join("report/run.intoto.json");
    assert!(envelope.is_file(), "{}", signed.stderr);
    let plain = Gate::again(signed.folder, &[]);
    assert_eq!(plain.code, 0, "{}", plain.stderr);
    assert!(!envelope.exists());
    // What is no signature is somebody else's.
    std::fs::write(&envelope, "mine").unwrap();
    let again = Gate::again(plain.folder, &[]);
    assert_eq!((again.code, envelope.is_file()), (0, true));
}
