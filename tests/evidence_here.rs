//! Verified on another machine: what it lacks is not told as a change.

use crate::evidence::{CONFIG, Gate, RUN, VERIFY};

/// The first line of a list that names the configuration.
fn line(said: &str) -> &str {
    said.lines()
        .find(|l| l.contains("tollgate.yaml and the files it names  "))
        .or_else(|| said.lines().find(|l| l.ends_with("files it names")))
        .unwrap_or_default()
}

#[test]
fn a_variable_that_is_not_set_here_does_not_matter() {
    let gate = Gate::new();
    let own = "    promote: {registry: here, version: \"${MODEL_VERSION_OF_TEST}\"}\nregistries:\n  here: {kind: directory, path: registry}\n";
    let config = CONFIG.replace("reports:", &format!("{own}reports:"));
    gate.write("tollgate.yaml", &config);
    let mut run = gate.command(&["run", "--sign", "--key", "gate.pem"]);
    let run = run.env("MODEL_VERSION_OF_TEST", "v1").output();
    assert!(run.is_ok_and(|r| r.status.success()));
    let (code, said) = gate.said(&VERIFY);
    assert_eq!(code, Some(0), "{said}");
    assert!(line(&said).starts_with("ok"), "{said}");

    // A changed text is one all the same; that it cannot be loaded here is what is known of it.
    gate.write("tollgate.yaml", &config.replace("max: 9", "max: 8"));
    let (code, said) = gate.said(&VERIFY);
    assert_eq!(code, Some(3), "{said}");
    let why = "it cannot be loaded here: the variable `MODEL_VERSION_OF_TEST` of the environment is not set";
    assert!(
        line(&said).starts_with("unreadable") && said.contains(why),
        "{said}"
    );
}

#[test]
fn a_file_of_the_configuration_that_is_not_here_is_told_as_that() {
    let gate = Gate::new();
    let promises = "version: 1\nexpect: [not_null: a, between: {column: a, min: 0, max: 9}]\n";
    gate.write("promises.yaml", promises);
    let own = CONFIG.replace(
        "expect: [not_null: a, between: {column: a, min: 0, max: 9}]",
        "contract: promises.yaml",
    );
    assert_ne!(own, CONFIG);
    gate.write("tollgate.yaml", &own);
    gate.signed();
    assert_eq!(gate.said(&VERIFY).0, Some(0));
    gate.write("promises.yaml", &promises.replace("max: 9", "max: 8"));
    let (code, said) = gate.said(&VERIFY);
    assert!(
        code == Some(5) && line(&said).starts_with("changed"),
        "{said}"
    );
    let gone = std::fs::remove_file(gate.path("promises.yaml"));
    assert!(gone.is_ok());
    let (code, said) = gate.said(&VERIFY);
    assert_eq!(code, Some(3), "{RUN}: {said}");
    assert!(
        line(&said).starts_with("unreadable")
            && said.contains("it cannot be loaded here: cannot read"),
        "{said}"
    );
    assert!(said.contains("refused: cannot be read: "), "{said}");
}
