//! Runs and plans over an address: what they say equals what they say of the file, without what may be secret.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::harness::Gate;
use crate::range_server::{Server, answer};
use crate::sources_remote::file;

/// The record of a run without what names the file.
fn neutral(gate: &Gate) -> String {
    let mut run = gate.record();
    for dataset in &mut run.datasets {
        dataset.path.clear();
        dataset.files.clear();
    }
    run.provenance.config_sha256.clear();
    // that of the promise which every dataset has ends with the path
    run.outcomes[0].location = None;
    serde_json::to_string_pretty(&run).unwrap()
}

const EXPECT: &str = "    profile: false\n    expect:\n      - not_null: c\n      - between: {column: c, min: 0, max: 1000}\n";

#[test]
fn a_run_over_an_address_is_a_run_over_the_file() {
    let bytes = file(150_000);
    let server = Server::of(bytes.clone());
    let config = |path: &str| format!("version: 1\ndatasets:\n  d:\n    path: {path}\n{EXPECT}");
    let now = ["--now", "2026-01-01T00:00:00Z"];
    let local = Gate::run(
        &[
            ("d.parquet", &bytes),
            ("tollgate.yaml", config("d.parquet").as_bytes()),
        ],
        &now,
    );
    let path = format!("{}/d.parquet?signature=secret", server.address);
    let far = Gate::run(&[("tollgate.yaml", config(&path).as_bytes())], &now);
    assert_eq!(
        (local.code, far.code),
        (1, 1),
        "{}{}",
        far.stdout,
        far.stderr
    );
    assert_eq!(neutral(&far), neutral(&local));
    let record = far.record();
    let digest = &record.datasets[0].files[0];
    assert_eq!(
        (digest.etag.as_deref(), digest.bytes),
        (Some("\"v1\""), bytes.len() as u64)
    );
    assert!(!record.datasets[0].path.contains("secret") && !digest.path.contains("secret"));
    assert!(
        server.bytes() < bytes.len() as u64 / 2,
        "one of four columns"
    );
    let page = std::fs::read_to_string(far.folder.path().join("report/report.html")).unwrap();
    assert!(
        page.contains("ETag"),
        "the page says what the file is known by"
    );
}

#[test]
fn the_plan_says_what_it_fetched() {
    let bytes = file(150_000);
    let server = Server::of(bytes.clone());
    let folder = tempfile::tempdir().unwrap();
    let config = format!(
        "version: 1\ndatasets:\n  d:\n    path: {}/d.parquet\n{EXPECT}",
        server.address
    );
    std::fs::write(folder.path().join("tollgate.yaml"), config).unwrap();
    let plan = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tollgate"));
        let output = command
            .arg("plan")
            .args(args)
            .current_dir(folder.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let text = plan(&[]);
    assert!(text.contains("fetched 65536 bytes for this plan"), "{text}");
    let json: serde_json::Value = serde_json::from_str(&plan(&["--format", "json"])).unwrap();
    assert_eq!(json["datasets"][0]["fetched"], 65_536);
    assert!(json["datasets"][0]["bytes"].as_u64().unwrap() < bytes.len() as u64 / 3);
}

#[test]
fn a_file_is_as_old_as_its_server_says() {
    let bytes = file(100);
    let old = Server::of(bytes.clone());
    let silent = Server::new(bytes.len(), move |_, _| answer("200 OK", "", &bytes));
    for (server, expected) in [(old, "fail"), (silent, "error")] {
        let config = format!(
            "version: 1\ndatasets:\n  d:\n    path: {}/d.parquet\n    expect:\n      - file_fresh: {{max_age: 36h}}\n",
            server.address
        );
        let gate = Gate::run(
            &[("tollgate.yaml", config.as_bytes())],
            &["--now", "2026-01-01T00:00:00Z"],
        );
        let status = serde_json::to_value(gate.outcome("d.file_fresh").status).unwrap();
        assert_eq!(status, expected, "{}", gate.stdout);
    }
}

#[test]
fn what_may_be_secret_in_a_reference_is_not_recorded() {
    let server = Server::of(file(50_000));
    let host = server.address.strip_prefix("http://").unwrap();
    let config = format!(
        "version: 1\ndatasets:\n  d:\n    path: http://user:hidden@{host}/d.parquet?s=hidden\n    \
         reference: http://user:hidden@{host}/e.parquet?s=hidden#hidden\n"
    );
    let gate = Gate::run(&[("tollgate.yaml", config.as_bytes())], &[]);
    let record = gate.record();
    assert_eq!(
        record.datasets[0].reference.as_deref(),
        Some(&*format!("http://{host}/e.parquet"))
    );
    for name in crate::harness::files(&gate.folder.path().join("report")) {
        let text = std::fs::read_to_string(gate.folder.path().join("report").join(&name)).unwrap();
        assert!(
            !text.contains("hidden@") && !text.contains("=hidden"),
            "{name}"
        );
    }
}
