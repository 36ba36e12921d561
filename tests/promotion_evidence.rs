//! What a promotion rests on and keeps: a signature that is there is looked at, a report that was changed is not kept.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use crate::mlflow_real::{Promoter, Server, ok};
use crate::promotion_place::{NOW, Place, refused};
use serde_json::json;

/// A signed run, and its key in `key.pem`.
fn signed(rules: &str) -> Place {
    let place = Place::new(rules);
    assert_eq!(place.said(&["key", "new", "--output", "key.pem"]).0, 0);
    let (code, text) = place.said(&["run", "--now", NOW, "--sign", "--key", "key.pem"]);
    assert_eq!(code, 0, "{text}");
    place
}

#[test]
fn an_envelope_is_looked_at_though_no_key_is_named() {
    let place = signed("");
    let (code, text) = place.promote(&["--dry-run"]);
    assert_eq!(code, 0, "{text}");

    let run = place.read("tollgate-report/run.json");
    let changed = run.replacen("\"seed\": 0", "\"seed\": 1", 1);
    assert_ne!(run, changed);
    place.write("tollgate-report/run.json", &changed);
    refused(
        place.promote(&[]),
        &["signature: ", "which is not the signed one"],
    );
    place.write("tollgate-report/run.json", &run);

    let envelope = place.read("tollgate-report/run.intoto.json");
    let mut fields: serde_json::Value = serde_json::from_str(&envelope).unwrap();
    fields["signatures"] = json!([]);
    for (broken, word) in [
        ("mine".to_owned(), "it is no signed envelope"),
        (fields.to_string(), "it has no signature"),
        (
            envelope.replace("vnd.in-toto+json", "json"),
            "its payload is of type `application/json`",
        ),
    ] {
        place.write("tollgate-report/run.intoto.json", &broken);
        refused(place.promote(&[]), &["signature: ", word]);
    }
    assert_eq!(place.champion(), None);

    std::fs::remove_file(place.path().join("tollgate-report/run.intoto.json")).unwrap();
    let (code, text) = place.promote(&[]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn a_report_that_was_changed_is_not_kept_with_a_signed_run() {
    let place = signed("      require_signature: true\n");
    let key = ["--public-key", "key.pem.pub"];
    let (code, text) = place.promote(&[&key[..], &["--dry-run"]].concat());
    assert!(code == 0 && !text.contains("note:"), "{text}");

    let report = place.read("tollgate-report/report.html");
    let changed = format!("{report}<script>1</script>");
    place.write("tollgate-report/report.html", &changed);
    let (code, text) = place.promote(&key);
    assert_eq!(code, 0, "{text}");
    let note = "report.html is not kept with the promotion: no report of these bytes was signed";
    assert!(
        text.contains(note) && !text.contains("report.md is not"),
        "{text}"
    );
}

/// What is left on the run in a server: of a signed run the reports that were signed, and the envelope that was named.
pub(crate) fn in_a_server(server: &Server) {
    server.bare("sealed");
    let one = Promoter::new(&server.uri, "sealed", "3", "");
    let at = |name: &str| one.folder.path().join(name);
    let key = one.tollgate(&["key", "new", "--output", "key.pem"]);
    assert_eq!(key.code, 0, "{}", key.text);
    let run = one.tollgate(&["run", "--output", "report", "--sign", "--key", "key.pem"]);
    assert_eq!(run.code, 0, "{}", run.text);
    std::fs::rename(at("report/run.intoto.json"), at("envelope.json")).unwrap();
    std::fs::write(at("report/run.intoto.json"), "another").unwrap();
    std::fs::write(at("report/report.md"), "all is well").unwrap();
    let words = [
        "promote",
        "report/run.json",
        "--public-key",
        "key.pem.pub",
        "--envelope",
        "envelope.json",
    ];
    let told = one.tollgate(&words);
    assert_eq!(told.code, 0, "{}", told.text);
    let path = "model-versions/get?name=sealed&version=3";
    let found = ok(&server.uri, "GET", path, &json!({}));
    let left = json!({
        "key": "tollgate.attached",
        "value": "tags, run.json, report.html, no report.md: no report of these bytes was signed with the run, run.intoto.json",
    });
    let tags = found["model_version"]["tags"].as_array().unwrap();
    assert!(tags.contains(&left), "{tags:?}");
    let run = &server.runs[2];
    let path = format!("artifacts/list?run_id={run}&path=tollgate");
    let files = ok(&server.uri, "GET", &path, &json!({}));
    let size = std::fs::metadata(at("envelope.json")).unwrap().len();
    let envelope = json!({"path": "tollgate/run.intoto.json", "is_dir": false, "file_size": size});
    let files = files["files"].as_array().unwrap();
    assert!(files.contains(&envelope), "{files:?}");
    let changed = |file: &&serde_json::Value| file["file_size"] == "all is well".len();
    assert_eq!(files.iter().find(changed), None);
}
