//! The commands around evidence: where keys come from, what a result says, verifying elsewhere, promotions.

use crate::evidence::{CONFIG, Gate, RUN, VERIFY};
use serde_json::Value;
use std::path::Path;
use tollgate::evidence::{Described, Predicate, PrivateKey, SignedRun, run_statement, statement};
use tollgate::record::{FileDigest, SideRecord, Status};

#[test]
fn keys_come_from_files_and_variables_and_are_never_replaced() {
    let gate = Gate::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |name| {
            std::fs::metadata(gate.path(name))
                .unwrap()
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!(mode("gate.pem"), 0o600);
        assert_eq!(mode("gate.pem.pub") & 0o600, 0o600);
    }
    let (code, said) = gate.said(&["key", "new", "--output", "gate.pem"]);
    assert!(
        code == Some(2) && said.contains("is there already"),
        "{said}"
    );
    std::fs::rename(gate.path("gate.pem.pub"), gate.path("p.pub")).unwrap();
    std::fs::rename(gate.path("gate.pem"), gate.path("p")).unwrap();
    let (code, said) = gate.said(&["key", "new", "--output", "p"]);
    assert!(code == Some(2) && !gate.path("gate.pem").exists(), "{said}");
    std::fs::rename(gate.path("p"), gate.path("gate.pem")).unwrap();
    let shown = gate.ok(&["key", "show", "gate.pem"]);
    assert_eq!(shown, gate.ok(&["key", "show", "p.pub"]));
    assert!(shown.ends_with(&gate.read("p.pub")), "{shown}");

    let private = gate.read("gate.pem");
    let run = |key: &str| {
        let mut command = gate.command(&["run", "--sign"]);
        let output = command.env("TOLLGATE_SIGNING_KEY", key).output().unwrap();
        gate.keeps_its_secret(&output);
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    assert_eq!(run(&private).0, Some(0));
    let mut command = gate.command(&["verify", RUN]);
    let output = command
        .env("TOLLGATE_PUBLIC_KEY", gate.read("p.pub"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    // What is no key is told before anything is measured, without a word of its text.
    std::fs::remove_dir_all(gate.path("tollgate-report")).unwrap();
    let cut = private.replace("-----END PRIVATE KEY-----", "");
    for (key, said) in [
        (cut.as_str(), "TOLLGATE_SIGNING_KEY holds no PEM text"),
        (&gate.read("p.pub"), "TOLLGATE_SIGNING_KEY is a public key"),
        ("", "no key to sign with"),
    ] {
        let (code, text) = run(key);
        assert!(code == Some(2) && text.contains(said), "{text}");
    }
    assert!(!gate.path("tollgate-report").exists());
    let (code, said) = gate.said(&[
        "verify",
        "tollgate.yaml",
        "--public-key",
        "gate.pem",
        "--envelope",
        "p.pub",
    ]);
    assert!(
        code == Some(2) && said.contains("is a private key"),
        "{said}"
    );
    let (code, said) = gate.said(&["run", "--sign", "--key", "none.pem"]);
    assert!(
        code == Some(3) && said.contains("cannot read none.pem"),
        "{said}"
    );
}

#[test]
fn a_run_that_did_not_pass_is_signed_as_that() {
    let gate = Gate::new();
    // One row is too few to be compared, which is a warning.
    let config = CONFIG.replace("reference: before.csv, ", "");
    gate.write("tollgate.yaml", &config);
    let result = |args: &[&str], data: &str| {
        gate.write("data/d.csv", data);
        gate.said(&[&["run", "--sign", "--key", "gate.pem"], args].concat());
        let Predicate::TestResult(said) = gate.statement().predicate else {
            panic!("a run is a test result");
        };
        (
            said.result.word(),
            said.failed_tests,
            said.tollgate.unwrap().exit_code,
        )
    };
    let broken = vec!["d.between(a)".to_owned()];
    assert_eq!(result(&[], "a\n1\n"), ("PASSED", vec![], 0));
    assert_eq!(result(&[], "a\n10\n"), ("FAILED", broken.clone(), 1));
    // `--fail-on never` makes nothing pass.
    assert_eq!(
        result(&["--fail-on", "never"], "a\n10\n"),
        ("FAILED", broken, 0)
    );
    // A part that passes is no whole that passed.
    assert_eq!(
        result(&["--only", "not_null"], "a\n1\n"),
        ("WARNED", vec![], 0)
    );
    let said = gate.ok(&VERIFY);
    assert!(
        said.contains("verdict pass, of a part (--only not_null), exit code 0, result WARNED"),
        "{said}"
    );
    let warns = config.replace("max: 9}", "max: 9, severity: warn}");
    gate.write("tollgate.yaml", &warns);
    assert_eq!(result(&[], "a\n10\n"), ("WARNED", vec![], 0));
    assert_eq!(
        result(&["--fail-on", "warn"], "a\n10\n"),
        ("FAILED", vec![], 1)
    );
}

#[test]
fn the_json_form_names_every_subject_and_the_key() {
    let gate = Gate::new();
    gate.signed();
    std::fs::remove_file(gate.path("new.csv")).unwrap();
    let said = gate.ok(&[&VERIFY[..], &["--format", "json"]].concat());
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["accepted"], true);
    let states: Vec<&str> = said["seen"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["state"].as_str().unwrap())
        .collect();
    assert_eq!(states.len(), 11);
    assert_eq!(states.iter().filter(|s| **s == "not_here").count(), 1);
    assert_eq!(
        said["statement"]["predicateType"],
        statement::TEST_RESULT_TYPE
    );
    assert_eq!(said["key_id"].as_str().unwrap().len(), 64);
}

#[test]
fn a_run_is_verified_from_another_folder_and_after_it_was_moved() {
    let gate = Gate::new();
    gate.signed();
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = elsewhere.path().join("evidence");
    std::fs::rename(gate.path("tollgate-report"), &moved).unwrap();
    let absolute = |path: &Path| path.to_str().unwrap().to_owned();
    let run = absolute(&moved.join("run.json"));
    let envelope = absolute(&moved.join("run.intoto.json"));
    let (key, config) = (
        absolute(&gate.path("gate.pem.pub")),
        absolute(&gate.path("tollgate.yaml")),
    );
    let outside = |args: &[&str]| {
        let mut command = gate.command(args);
        let output = command.current_dir(elsewhere.path()).output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, said) = outside(&["verify", &run, "--public-key", &key]);
    assert!(
        code == Some(0) && said.contains("3 ok, 8 not here"),
        "{said}"
    );
    for first in [["verify", run.as_str()], ["verify", "--envelope"]] {
        let mut args = first.to_vec();
        if first[1] == "--envelope" {
            args.push(&envelope);
        }
        args.extend(["--public-key", &key, "--config", &config, "--all"]);
        let (code, said) = outside(&args);
        assert!(code == Some(0) && said.contains("11 ok"), "{said}");
    }
}

#[test]
fn reports_are_found_wherever_they_were_asked_for() {
    let gate = Gate::new();
    for name in [
        "tollgate.yaml",
        "data",
        "before.csv",
        "new.csv",
        "old.csv",
        "weights",
    ] {
        let to = gate.path(&format!("gate/{name}"));
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::rename(gate.path(name), to).unwrap();
    }
    let run = ["run", "gate/tollgate.yaml", "--sign", "--key", "gate.pem"];
    let outputs = [
        "--output",
        "e/r",
        "--output",
        "sarif=s/x.sarif",
        "--output",
        "github=e/r/g.txt",
    ];
    gate.ok(&[&run[..], &outputs].concat());
    let verify = [
        "verify",
        "e/r/run.json",
        "--public-key",
        "gate.pem.pub",
        "--all",
    ];
    let said = gate.ok(&verify);
    for name in ["s/x.sarif", "g.txt", "out/junit.xml"] {
        assert!(said.contains(&format!("ok  report:{name}\n")), "{said}");
    }
    gate.write("s/x.sarif", "{}");
    assert_eq!(gate.said(&verify).0, Some(5));
    let clash = ["--output", "e/r", "--output", "sarif=e/r/run.intoto.json"];
    let (code, said) = gate.said(&[&run[..], &clash].concat());
    assert!(
        code == Some(2) && said.contains("would be replaced by the signature"),
        "{said}"
    );
}

#[test]
fn a_promotion_is_verified_alone_and_with_its_run() {
    let gate = Gate::new();
    gate.signed();
    let key = PrivateKey::from_pem(&gate.read("gate.pem")).unwrap();
    let run = SignedRun::read(
        &gate.path(RUN),
        &gate.path("tollgate-report/run.intoto.json"),
    )
    .unwrap();
    let properties = ["TOLLGATE_VERDICT_PASS".to_owned()];
    let promoted = tollgate::evidence::Promoted {
        registry: "directory registry",
        model: "m\u{1b}[31m",
        alias: "champion",
        from: None,
        to: "7",
        run_sha256: Some(&run.run_sha256()),
        properties: &properties,
        policies: &[tollgate::evidence::Resource::new(
            "tollgate.yaml",
            "sha256",
            "ab",
        )],
        at: chrono::DateTime::UNIX_EPOCH,
    };
    let statement = tollgate::evidence::promotion_statement(&promoted);
    gate.write(
        "promotion.intoto.json",
        &tollgate::evidence::sign(&statement, &key),
    );
    let alone = [
        "verify",
        "--envelope",
        "promotion.intoto.json",
        "--public-key",
        "gate.pem.pub",
    ];
    let said = gate.ok(&alone);
    assert!(
        said.contains("promotion in directory registry: version 7 of m\\u{1b}[31m has champion\n"),
        "{said}"
    );
    assert!(
        said.contains("policies tollgate.yaml\nproperties TOLLGATE_VERDICT_PASS\n")
            && said.contains("no run.json is given"),
        "{said}"
    );
    let with = [
        "verify",
        RUN,
        "--envelope",
        "promotion.intoto.json",
        "--public-key",
        "gate.pem.pub",
    ];
    let said = gate.ok(&with);
    assert!(said.ends_with("2 ok\n"), "{said}");
    gate.write(RUN, &(gate.read(RUN) + " "));
    let (code, said) = gate.said(&with);
    assert!(
        code == Some(5) && said.contains("changed  run.json, the evidence"),
        "{said}"
    );
}

#[test]
fn saved_profiles_and_past_runs_are_bound_as_far_as_they_can_be() {
    let gate = Gate::new();
    gate.ok(&["profile", "data/d.csv", "--output", "p.json"]);
    let config = "version: 1\nhistory: past\ndatasets:\n  \
                  p: {path: data/d.csv, reference: p.json, expect: [not_null: a]}\n  \
                  h: {path: data/d.csv, reference: history, expect: [not_null: a]}\n";
    gate.write("tollgate.yaml", config);
    gate.said(&["run", "--sign", "--key", "gate.pem"]);
    let said = gate.ok(&[&VERIFY[..], &["--all"]].concat());
    let lines: Vec<String> = said
        .lines()
        .map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    for line in [
        "ok reference:p:p.json",
        "no digest reference:h:history past runs have no digest",
    ] {
        assert!(lines.iter().any(|l| l == line), "{line}: {said}");
    }
    gate.write("p.json", &(gate.read("p.json") + "\n"));
    assert_eq!(gate.said(&VERIFY).0, Some(5));
}

/// Of a file only the footer was read, and only that is bound.
#[test]
fn a_footer_is_bound_where_nothing_else_was_read() {
    let gate = Gate::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let flights = root.join("examples/flights/data/flights-2013-01.parquet");
    std::fs::copy(flights, gate.path("f.parquet")).unwrap();
    let config =
        "version: 1\ndatasets:\n  f: {path: f.parquet, profile: false, expect: [not_null: year]}\n";
    gate.write("tollgate.yaml", config);
    gate.ok(&["run", "--sign", "--key", "gate.pem"]);
    let statement = gate.statement();
    let found = statement.subjects.iter();
    let mut found = found.filter(|s| s.name == "dataset:f:f.parquet");
    let digests: Vec<&String> = found.next().unwrap().digest.keys().collect();
    assert_eq!(digests, [statement::FOOTER_SHA256]);
    gate.ok(&[&VERIFY[..], &["--all"]].concat());
    let good = std::fs::read(gate.path("f.parquet")).unwrap();
    let last = good.len() - 1;
    for (at, code) in [(100, 0), (last - 20, 5), (last - 5, 5), (last, 5)] {
        let mut changed = good.clone();
        changed[at] ^= 1;
        std::fs::write(gate.path("f.parquet"), changed).unwrap();
        let (found, said) = gate.said(&VERIFY);
        assert_eq!(found, Some(code), "byte {at}: {said}");
    }
    for short in [0, 7, 8] {
        let tail = &good[good.len() - short..];
        std::fs::write(gate.path("f.parquet"), tail).unwrap();
        assert_eq!(gate.said(&VERIFY).0, Some(5), "{short} bytes");
    }
}

#[test]
fn every_outcome_is_told_and_what_has_no_digest_is_named() {
    let mut run = crate::report_fixture::rich();
    let file = |sha256: Option<&str>| FileDigest {
        path: "http://127.0.0.1:1/x".to_owned(),
        bytes: 1,
        sha256: sha256.map(str::to_owned),
        footer_sha256: None,
        etag: Some("\"v1\"".to_owned()),
        last_modified: None,
        given: false,
    };
    run.datasets[0].files = vec![file(None)];
    let side = |kind: &str, files| SideRecord {
        kind: kind.to_owned(),
        from: format!("from {kind}"),
        files,
        ..SideRecord::default()
    };
    let rows = FileDigest {
        given: true,
        ..FileDigest::whole("rows.csv".to_owned(), 1, "ef".to_owned())
    };
    let model = serde_json::json!({
        "name": "m", "paired": false, "attempt": 1, "alpha": 0.05, "spent": 0.05, "metrics": [],
        "candidate": side("endpoint", vec![rows, file(Some("ab"))]), "baseline": side("mlflow", vec![]),
    });
    run.models = vec![serde_json::from_value(model).unwrap()];
    let statement = run_statement(&Described {
        run: &run,
        bytes: b"run",
        file: "run.json",
        reports: &[],
        url: None,
        at: chrono::DateTime::UNIX_EPOCH,
    });
    let names: Vec<&str> = statement.subjects.iter().map(|s| s.name.as_str()).collect();
    assert!(
        names.contains(&"candidate:m:http://127.0.0.1:1/x"),
        "{names:?}"
    );
    let answers = statement
        .subjects
        .iter()
        .find(|s| s.has(statement::ANSWERS_SHA256, "ab"));
    assert_eq!(answers.unwrap().said("of"), "m");
    let mut rows = statement
        .subjects
        .iter()
        .filter(|s| s.said("path") == "rows.csv");
    assert!(
        rows.next().unwrap().has(statement::SHA256, "ef"),
        "rows that it was given are a file"
    );
    let read = tollgate::evidence::Statement::parse(statement.json().as_bytes());
    assert_eq!(read.as_ref(), Ok(&statement), "hostile ids read back");
    let Predicate::TestResult(said) = statement.predicate else {
        panic!("a run is a test result");
    };
    assert_eq!(said.result.word(), "FAILED");
    let facts = said.tollgate.unwrap();
    let ids = |wanted: &[Status]| -> Vec<String> {
        let found = run.outcomes.iter().filter(|o| wanted.contains(&o.status));
        found.map(|o| o.id.clone()).collect()
    };
    assert_eq!(said.passed_tests, ids(&[Status::Pass]));
    assert_eq!(said.warned_tests, ids(&[Status::Warn, Status::Waived]));
    assert_eq!(
        said.failed_tests,
        ids(&[Status::Fail, Status::Inconclusive, Status::Error])
    );
    assert_eq!(facts.skipped_tests, ids(&[Status::Skipped]));
    let lists = [
        &said.passed_tests,
        &said.warned_tests,
        &said.failed_tests,
        &facts.skipped_tests,
    ];
    let told: usize = lists.iter().map(|l| l.len()).sum();
    assert_eq!(told, run.outcomes.len());
    assert!(!facts.skipped_tests.is_empty() && !said.failed_tests.is_empty());
    let lacking: Vec<&str> = facts.not_covered.iter().map(|n| n.name.as_str()).collect();
    assert!(
        lacking.contains(&"dataset:orders:http://127.0.0.1:1/x"),
        "{lacking:?}"
    );
    assert!(lacking.contains(&"baseline:m:from mlflow"), "{lacking:?}");
}

/// Nothing that was undecided or not evaluated reads as passed, whatever the exit code.
#[test]
fn only_a_verdict_of_pass_reads_as_passed() {
    for (status, passed) in [
        (Status::Pass, "PASSED"),
        (Status::Waived, "WARNED"),
        (Status::Warn, "WARNED"),
        (Status::Skipped, "FAILED"),
        (Status::Inconclusive, "FAILED"),
        (Status::Error, "FAILED"),
        (Status::Fail, "FAILED"),
    ] {
        let outcome = crate::report_fixture::outcome("d.c", "c", status, "x");
        let mut run = crate::report_fixture::run(vec![outcome], Vec::new());
        assert_eq!(
            tollgate::evidence::run::result(&run).word(),
            passed,
            "{status:?}"
        );
        run.verdict.exit_code = 0;
        assert_eq!(
            tollgate::evidence::run::result(&run).word(),
            passed,
            "{status:?} with exit code 0"
        );
    }
}
