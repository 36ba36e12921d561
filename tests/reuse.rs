//! `sets` and `use`: expectations written once.

use crate::contract::tollgate;
use crate::harness::Gate;
use tollgate::record::Run;

const DATA: &str = "id,amount,note\n1,5,a\n2,-3,b\n";

fn run(config: &str, contract: &str, sets: &str) -> Gate {
    let config =
        format!("version: 1\n{config}\ndatasets:\n  d: {{path: d.csv, contract: c.yaml}}\n");
    let contract = format!("version: 1\n{contract}");
    let files = [
        ("d.csv", DATA.as_bytes()),
        ("c.yaml", contract.as_bytes()),
        ("sets.yaml", sets.as_bytes()),
        ("tollgate.yaml", config.as_bytes()),
    ];
    Gate::run(&files, &[])
}

fn shown(run: &Run) -> Vec<String> {
    let outcomes = run.outcomes.iter().skip(1);
    outcomes
        .map(|o| format!("{} {}", o.id, o.status.word()))
        .collect()
}

const MONEY: &str = "sets:\n  money:\n    parameters: {column: amount, least: 0, keep: null}\n    expect:\n      - between: {column: '${column}', min: '${least}', where: \"id <> ${keep}\"}\n      - not_null: '${column}'\n";

#[test]
fn a_set_of_the_configuration_is_filled_in_and_comes_first() {
    let gate = run(
        MONEY,
        "use: [{set: money, with: {least: -5, keep: 9}}]\nexpect: [not_null: id]\n",
        "",
    );
    assert_eq!(
        shown(&gate.record()),
        [
            "d.between(amount) pass",
            "d.not_null(amount) pass",
            "d.not_null(id) pass"
        ]
    );
    let gate = run(MONEY, "use: {set: money, with: {keep: 1}}\n", "");
    assert_eq!(shown(&gate.record())[0], "d.between(amount) fail");
    assert_eq!(gate.outcome("d.between(amount)").rows, Some(1));
}

#[test]
fn sets_of_files_take_each_other_and_hold_for_columns() {
    let sets = "version: 1\nsets:\n  keys: {use: [present], expect: [unique_key]}\n  present: {expect: [not_null]}\n";
    let gate = run(
        "",
        "columns:\n  - {name: id, use: 'sets.yaml#keys', expect: [between: {min: 1}]}\n",
        sets,
    );
    assert_eq!(
        shown(&gate.record())[1..],
        [
            "d.not_null(id) pass",
            "d.unique_key(id) pass",
            "d.between(id) pass"
        ]
    );
    let all = run("", "columns:\n  - {name: id, use: sets.yaml}\n", sets);
    assert_eq!(
        shown(&all.record())[1..],
        [
            "d.not_null(id) pass",
            "d.unique_key(id) pass",
            "d.not_null(id)#2 pass"
        ]
    );
    let place = gate.outcome("d.not_null(id)").location.unwrap();
    assert!(place.file.ends_with("sets.yaml"), "{place:?}");
}

#[test]
fn the_digest_of_the_configuration_knows_the_sets() {
    let of = |sets: &str| {
        run("", "use: sets.yaml\n", sets)
            .record()
            .provenance
            .config_sha256
    };
    let one = of("version: 1\nsets: {a: {expect: [not_null: id]}}\n");
    assert_ne!(
        one,
        of("version: 1\nsets: {a: {expect: [not_null: note]}}\n")
    );
}

#[test]
fn a_difference_between_contracts_sees_sets_of_files() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "sets.yaml",
        "version: 1\nsets: {a: {expect: [not_null: id]}}\n",
    );
    write(
        "old.yaml",
        "version: 1\nuse: sets.yaml\nexpect: [unique_key: id]\n",
    );
    write("new.yaml", "version: 1\nexpect: [unique_key: id]\n");
    let (_, stdout, stderr) = tollgate(folder.path(), &["diff", "old.yaml", "new.yaml"]);
    assert!(stdout.contains("not_null"), "{stdout}{stderr}");
    write(
        "old.yaml",
        "version: 1\nuse: money\nexpect: [unique_key: id]\n",
    );
    let (code, _, stderr) = tollgate(folder.path(), &["diff", "old.yaml", "new.yaml"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("sets of tollgate.yaml are not known here"),
        "{stderr}"
    );
}
