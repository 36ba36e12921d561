//! A part of a run: `--only`, `--dataset`, `--changed-since`, and what the record says of the rest.

use crate::contract::{tollgate, write};
use crate::harness::git;
use std::path::Path;
use tollgate::record::Run;

fn setup(folder: &Path) {
    write(folder, "a.csv", "id,x\n1,\n2,5\n");
    write(folder, "b.csv", "id\n1\n2\n");
    write(
        folder,
        "a.yaml",
        "version: 1\nuse: [sets.yaml]\nexpect:\n  - not_null: x\n  - between: {column: x, min: 0}\n  - foreign_key: {columns: id, dataset: b}\n",
    );
    write(
        folder,
        "b.yaml",
        "version: 1\nexpect:\n  - unique_key: id\n",
    );
    write(
        folder,
        "sets.yaml",
        "version: 1\nsets:\n  ids: {expect: [not_null: id]}\n",
    );
    let config = "version: 1\ndatasets:\n  a: {path: a.csv, contract: a.yaml}\n  b: {path: b.csv, contract: b.yaml}\n  c: {path: b.csv, expect: [not_null: id]}\n";
    write(folder, "tollgate.yaml", config);
}

fn run(folder: &Path, args: &[&str]) -> (i32, Run) {
    let all = [&["run", "--output", "report"], args].concat();
    let (code, stdout, stderr) = tollgate(folder, &all);
    let run = tollgate::report::read_run(&folder.join("report/run.json"));
    (
        code,
        run.unwrap_or_else(|e| panic!("{e}\n{stdout}{stderr}")),
    )
}

fn ids(run: &Run) -> Vec<&str> {
    run.outcomes.iter().map(|o| o.id.as_str()).collect()
}

#[test]
fn only_what_is_named_is_checked_and_the_record_says_what_is_not() {
    let folder = tempfile::tempdir().unwrap();
    setup(folder.path());
    for (args, expected, promises) in [
        (
            &["--only", "not_null"][..],
            &["a.not_null(id)", "a.not_null(x)", "c.not_null(id)"][..],
            6,
        ),
        (&["--only", "a.not_null(x)"], &["a.not_null(x)"], 8),
        (&["--only", "*/x/*"], &["a.not_null(x)", "a.between(x)"], 7),
        (&["--only", "b/unique_*"], &["b.unique_key(id)"], 8),
        (
            &["--only", "row_count", "--only", "a/id/not_null"],
            &[
                "a.row_count",
                "a.not_null(id)",
                "b.row_count",
                "c.row_count",
            ],
            5,
        ),
    ] {
        let (_, run) = run(folder.path(), args);
        assert_eq!(ids(&run), expected, "{args:?}");
        let left = run.left_out.clone().unwrap();
        assert_eq!(left.promises, promises, "{args:?}");
        assert!(
            run.verdict
                .sentence
                .starts_with("Only a part was checked (--only "),
            "{}",
            run.verdict.sentence
        );
    }
    let (code, whole) = run(folder.path(), &[]);
    assert_eq!((code, whole.left_out), (1, None));
}

#[test]
fn a_dataset_alone_is_still_compared_with_the_others() {
    let folder = tempfile::tempdir().unwrap();
    setup(folder.path());
    std::fs::remove_file(folder.path().join("report/run.json")).ok();
    let (_, run) = run(folder.path(), &["--dataset", "a"]);
    assert_eq!(run.datasets.len(), 1);
    assert!(ids(&run).contains(&"a.foreign_key(id)"), "{:?}", ids(&run));
    assert_eq!(run.left_out.unwrap().datasets, ["b", "c"]);
    // What is left out is not even opened.
    std::fs::write(folder.path().join("b.csv"), "").unwrap();
    write(
        folder.path(),
        "a.yaml",
        "version: 1\nexpect: [not_null: id]\n",
    );
    let (code, stdout, stderr) = tollgate(folder.path(), &["run", "--dataset", "a"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
}

#[test]
fn a_name_that_nothing_has_is_refused_with_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    setup(folder.path());
    let (code, _, stderr) = tollgate(folder.path(), &["run", "--only", "not_nul"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("did you mean `not_null`?"), "{stderr}");
    let (code, _, stderr) = tollgate(folder.path(), &["run", "--dataset", "d"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("--dataset: no dataset `d`; datasets are a, b, c"),
        "{stderr}"
    );
}

#[test]
fn a_part_of_a_run_is_not_added_to_the_history() {
    let folder = tempfile::tempdir().unwrap();
    setup(folder.path());
    let config = std::fs::read_to_string(folder.path().join("tollgate.yaml")).unwrap();
    write(folder.path(), "tollgate.yaml", config + "history: nights\n");
    run(folder.path(), &["--dataset", "b"]);
    assert!(!folder.path().join("nights").exists());
    run(folder.path(), &[]);
    assert!(folder.path().join("nights").exists());
}

#[test]
fn only_datasets_that_a_change_touches() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    setup(at);
    write(at, ".gitignore", "report\n");
    if !(git(at, &["init", "-q", "-b", "main"])
        && git(at, &["add", "."])
        && git(at, &["commit", "-qm", "one"]))
    {
        eprintln!("skipped: no git");
        return;
    }
    let (code, run_) = run(at, &["--changed-since", "main"]);
    assert_eq!((code, run_.outcomes.len()), (4, 0));
    assert_eq!(run_.left_out.unwrap().datasets, ["a", "b", "c"]);
    write(
        at,
        "b.yaml",
        "version: 1\nexpect: [unique_key: id, not_null: id]\n",
    );
    let (_, run_) = run(at, &["--changed-since", "main"]);
    assert_eq!(run_.left_out.unwrap().datasets, ["a", "c"]);
    write(
        at,
        "sets.yaml",
        "version: 1\nsets:\n  ids: {expect: [not_null: id, unique_key: id]}\n",
    );
    let (_, run_) = run(at, &["--changed-since", "main"]);
    assert_eq!(run_.left_out.unwrap().datasets, ["c"]);
    assert!(git(at, &["commit", "-qam", "two"]));
    write(
        at,
        "tollgate.yaml",
        std::fs::read_to_string(at.join("tollgate.yaml")).unwrap() + "\n",
    );
    let (_, run_) = run(at, &["--changed-since", "HEAD"]);
    assert_eq!(run_.left_out.unwrap().datasets, [""; 0]);
    let (code, _, stderr) = tollgate(at, &["run", "--changed-since", "nowhere"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("git knows no revision of that name; name a branch"),
        "{stderr}"
    );
    let (code, _, stderr) = tollgate(at, &["run", "--changed-since", "--output=x"]);
    assert_eq!(code, 2, "{stderr}");
}

#[test]
fn a_shallow_clone_a_file_outside_and_no_repository_say_the_way_out() {
    let outer = tempfile::tempdir().unwrap();
    let at = outer.path().join("deep");
    std::fs::create_dir(&at).unwrap();
    setup(&at);
    let (code, _, stderr) = tollgate(&at, &["run", "--changed-since", "main"]);
    if !git(&at, &["init", "-q", "-b", "main"]) {
        eprintln!("skipped: no git");
        return;
    }
    assert_eq!(code, 2);
    assert!(stderr.contains("is in no git repository"), "{stderr}");
    assert!(git(&at, &["add", "."]) && git(&at, &["commit", "-qm", "one"]));
    assert!(git(&at, &["commit", "-qm", "two", "--allow-empty"]));
    let address = format!("file://{}", at.display());
    assert!(git(
        outer.path(),
        &["clone", "-q", "--depth", "1", &address, "shallow"]
    ));
    let (code, _, stderr) = tollgate(
        &outer.path().join("shallow"),
        &["run", "--changed-since", "HEAD~1"],
    );
    assert_eq!(code, 2);
    assert!(
        stderr.contains("the clone is shallow: fetch its history first"),
        "{stderr}"
    );
    std::fs::rename(at.join("b.yaml"), outer.path().join("b.yaml")).unwrap();
    let config = std::fs::read_to_string(at.join("tollgate.yaml")).unwrap();
    write(
        &at,
        "tollgate.yaml",
        config.replace("contract: b.yaml", "contract: ../b.yaml"),
    );
    assert!(git(&at, &["commit", "-qam", "three"]));
    let (code, _, stderr) = tollgate(&at, &["run", "--changed-since", "HEAD"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("b.yaml is outside the git repository"),
        "{stderr}"
    );
}
