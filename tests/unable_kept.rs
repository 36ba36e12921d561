//! A run that cannot be evaluated removes reports of earlier runs, and nothing else.

use std::path::Path;
use std::process::Command;

fn run(folder: &Path, args: &[&str]) -> i32 {
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .arg("run")
        .args(args)
        .current_dir(folder)
        .env("TOLLGATE_CI", "none")
        .output()
        .unwrap();
    output.status.code().unwrap()
}

#[test]
fn data_and_configurations_at_the_place_of_a_report_stay() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("p")).unwrap();
    let data = "note\nthe tollgate of the bridge\n";
    std::fs::write(at("p/a.csv"), data).unwrap();
    let config = "version: 1\n# tollgate\ndatasets:\n  p: {path: p}\n  q: {path: gone.csv}\n";
    std::fs::write(at("tollgate.yaml"), config).unwrap();
    for format in [
        "html",
        "markdown",
        "junit",
        "sarif",
        "ctrf",
        "jsonl",
        "openmetrics",
    ] {
        let place = format!("{format}=p/a.csv");
        assert_ne!(run(folder.path(), &["--output", &place]), 0);
        let kept = std::fs::read_to_string(at("p/a.csv")).unwrap();
        assert_eq!(kept, data, "{format}");
    }
    let broken = "version: 1\n# tollgate\ndatasets: [\n";
    std::fs::write(at("tollgate.yaml"), broken).unwrap();
    for format in ["html", "markdown", "json"] {
        let place = format!("{format}=tollgate.yaml");
        assert_eq!(run(folder.path(), &["--output", &place]), 2);
        let kept = std::fs::read_to_string(at("tollgate.yaml")).unwrap();
        assert_eq!(kept, broken, "{format}");
    }
}
