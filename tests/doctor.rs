//! `tollgate doctor`: what is wrong is found, each line says how to mend it, and nothing secret is shown.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

/// Exit code, stdout and stderr in a folder with these variables only.
fn doctor(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .arg("doctor")
        .args(args)
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap())
        .envs(variables.iter().copied())
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

fn folder(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("d.csv"), "x\n1\n").unwrap();
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    folder
}

const CONFIG: &str = "version: 1\ndatasets: {d: {path: d.csv, expect: [not_null: {column: x}]}}\n";

/// A server that answers everything with a CSV and this date.
fn server(date: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let mut request = [0; 4096];
            drop(socket.read(&mut request));
            let answer = format!(
                "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"
            );
            drop(socket.write_all((answer + "x\n1\n").as_bytes()));
        }
    });
    address.to_string()
}

#[test]
fn a_sound_surrounding_is_said_to_be_one() {
    let folder = folder(CONFIG);
    let (code, out, err) = doctor(folder.path(), &[], &[]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.ends_with("doctor: a run will work\n"), "{out}");
    for line in [
        "ok    CI system: none",
        "ok    configuration: tollgate.yaml: 1 dataset, 0 models\n",
        "ok    dataset d: d.csv can be read, and fits its 2 promises\n",
        "ok    reports: tollgate-report can be written\n",
    ] {
        assert!(out.contains(line), "{line} in {out}");
    }
    // Nothing is left behind, and --quiet keeps the last line only.
    let names = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 2);
    let (code, out, _) = doctor(folder.path(), &["--quiet"], &[]);
    assert_eq!((code, out.as_str()), (0, "doctor: a run will work\n"));
}

#[test]
fn every_problem_is_found_and_says_how_to_mend_it() {
    let history = "history: d.csv/history\n";
    let missing = CONFIG.replace("d.csv", "none.csv");
    let broken = CONFIG.replace("not_null", "not_nul");
    for (config, said) in [
        (missing.as_str(), "bad   dataset d: cannot"),
        (&broken, "bad   dataset d: 1 problem\n"),
        (
            "version: 1\ndatasets: {d: {pth: d.csv}}\n",
            "bad   configuration: tollgate.yaml: 2 problems\n",
        ),
        (&format!("{CONFIG}{history}"), "bad   history: "),
    ] {
        let (code, out, _) = doctor(folder(config).path(), &[], &[]);
        assert_eq!(code, 3, "{out}");
        assert!(out.contains(said), "{said} in {out}");
        assert!(out.ends_with("doctor: 1 problem to mend\n"), "{out}");
        let (_, behind) = out.split_once(said).unwrap();
        assert!(
            behind.lines().any(|l| l.starts_with("      fix: ")),
            "{out}"
        );
    }
    let nothing = tempfile::tempdir().unwrap();
    let (code, out, _) = doctor(nothing.path(), &[], &[]);
    assert_eq!(code, 3);
    assert!(
        out.contains("fix: name one as the argument, or let `tollgate init DATA`"),
        "{out}"
    );
}

#[test]
fn a_clock_that_is_wrong_is_told_by_the_servers() {
    let address = server("Wed, 25 Nov 2026 08:30:00 GMT");
    let config = CONFIG.replace(
        "d.csv",
        &format!("http://user:geheim@{address}/d.csv?key=geheim"),
    );
    let folder = folder(&config);
    for (now, said) in [
        (
            "2026-11-25T08:30:20Z",
            "ok    clock: 2026-11-25 08:30:20 UTC, as the servers have it\n",
        ),
        (
            "2026-11-25T09:30:00Z",
            "warn  clock: 2026-11-25 09:30:00 UTC is 3600 seconds from that of",
        ),
    ] {
        let (code, out, err) = doctor(folder.path(), &["--now", now], &[]);
        assert_eq!(code, 0, "{out}{err}");
        assert!(out.contains(said), "{said} in {out}");
        assert!(
            out.contains(&format!(
                "ok    dataset d: http://{address} answers (200)\n"
            )),
            "{out}"
        );
        assert!(!format!("{out}{err}").contains("geheim"), "{out}{err}");
    }
}

#[test]
fn a_server_that_is_not_there_is_a_problem() {
    let gone = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let config = CONFIG.replace("d.csv", &format!("http://{gone}/d.csv"));
    let (code, out, _) = doctor(folder(&config).path(), &[], &[]);
    assert_eq!(code, 3);
    assert!(
        out.contains(&format!("http://{gone} does not answer: ")),
        "{out}"
    );
}

#[test]
fn what_a_ci_system_lacks_is_said() {
    let folder = folder(CONFIG);
    let summary = ("GITHUB_STEP_SUMMARY", "d.csv");
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        summary,
        ("GITHUB_OUTPUT", "none"),
    ];
    let (code, out, _) = doctor(folder.path(), &[], &variables);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("ok    CI system: github\n"));
    assert!(out.contains("warn  GITHUB_OUTPUT: names a file that is not there\n      fix: "));
    assert!(out.contains("warn  GITHUB_TOKEN: is not set\n      fix: "));
    assert!(!out.contains("GITHUB_STEP_SUMMARY"));
    let (_, out, _) = doctor(folder.path(), &[], &[("BUILDKITE", "true")]);
    assert!(out.contains("warn  buildkite-agent: does not start\n"));
}

#[test]
fn a_key_is_looked_at_and_never_shown() {
    let folder = folder(CONFIG);
    for name in ["TOLLGATE_SIGNING_KEY", "TOLLGATE_PUBLIC_KEY"] {
        let (code, out, err) = doctor(folder.path(), &[], &[(name, "geheim")]);
        assert_eq!(code, 3, "{out}");
        assert!(
            out.contains(&format!("bad   {name}: is set, and is not a p")),
            "{out}"
        );
        assert!(!format!("{out}{err}").contains("geheim"));
    }
}

#[test]
fn a_registry_is_asked_that_only_a_baseline_names() {
    let model = |promote: &str, path: &str| {
        format!(
            "version: 1\nmodels:\n  late:\n    candidate: {{predictions: c.csv, label: late, score: p}}\n    \
             baseline: {{registry: kept, alias: shadow, predictions: 'old/{{version}}.csv'}}\n    \
             metrics: {{roc_auc: {{at_least: 0.5, no_worse_by: 0.1}}}}\n{promote}\
             registries:\n  kept: {{kind: directory, path: {path}}}\n"
        )
    };
    let good = folder(&model("", "registry"));
    let (code, out, _) = doctor(good.path(), &[], &[]);
    assert_eq!(code, 0, "{out}");
    let line = "ok    registry kept: shadow of late is not there yet\n";
    assert!(out.contains(line), "{out}");
    // Each alias once.
    let both = folder(&model(
        "    promote: {registry: kept, alias: champion}\n",
        "registry",
    ));
    let (_, out, _) = doctor(both.path(), &[], &[]);
    assert_eq!(out.matches("registry kept").count(), 2, "{out}");
    let same = folder(&model(
        "    promote: {registry: kept, alias: shadow}\n",
        "registry",
    ));
    let (_, out, _) = doctor(same.path(), &[], &[]);
    assert_eq!(out.matches("registry kept").count(), 1, "{out}");
    let bad = folder(&model("", "registry"));
    let alias = bad.path().join("registry/late/aliases/shadow");
    std::fs::create_dir_all(&alias).unwrap();
    std::fs::write(alias.join("000001.json"), "{}").unwrap();
    let (code, out, _) = doctor(bad.path(), &[], &[]);
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("bad   registry kept: "), "{out}");
}
