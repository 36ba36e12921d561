//! `tollgate lint` names no mistake where there is none: whatever the tests import and the examples run is accepted.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use std::path::PathBuf;
use std::process::Command;

fn lint(files: &[PathBuf]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("lint")
        .args(files)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), said)
}

fn files(pattern: &str) -> Vec<PathBuf> {
    let pattern = format!("{}/{pattern}", env!("CARGO_MANIFEST_DIR"));
    let all = glob::glob(&pattern).unwrap().map(Result::unwrap);
    all.filter(|p| p.is_file()).collect()
}

#[test]
fn examples_and_contracts_in_every_form_have_no_mistake() {
    let mut all = files("examples/*/*.yaml");
    all.extend(files("examples/*/contracts/*.yaml"));
    all.extend(files("tests/imports/*"));
    assert!(all.len() > 15, "{}", all.len());
    assert_eq!(lint(&all), (Some(0), String::new()));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let (code, said) = lint(&[PathBuf::from("not-there.yaml")]);
    assert_eq!(code, Some(2));
    assert!(said.contains("not-there.yaml"), "{said}");
}
