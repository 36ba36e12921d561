//! The git registry, with real git; and with GTO, where `TOLLGATE_GTO` names a Python that has it, as `.ci/run` does.

#![expect(clippy::print_stderr, reason = "a test says what it skips")]

use crate::registry_bench::{Bench, made, one_winner_each, promotion};
use std::path::{Path, PathBuf};
use std::process::Command;
use tollgate::promote::drive::Ended;
use tollgate::registry::git::GitTags;
use tollgate::registry::{MoveKind, Registry, Target, Trouble};

const DAY: &str = "2013-04-01T08:00:00Z";

fn git(folder: &Path, words: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "init.defaultBranch=main", "-C"])
        .arg(folder)
        .args(words)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {words:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A bare repository, and clones of it.
struct Remote {
    folder: tempfile::TempDir,
}

impl Remote {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet", "--bare", "remote"]);
        Self { folder }
    }

    fn bare(&self) -> PathBuf {
        self.folder.path().join("remote")
    }

    fn clone(&self, name: &str, more: &[&str]) -> PathBuf {
        let address = format!("file://{}", self.bare().display());
        let words = [&["clone", "--quiet"], more, &[&address, name]].concat();
        git(self.folder.path(), &words);
        let checkout = self.folder.path().join(name);
        git(&checkout, &["config", "user.name", "Ann"]);
        git(&checkout, &["config", "user.email", "ann@example.com"]);
        checkout
    }
}

/// A commit of all there is, pushed; its name.
fn commit(checkout: &Path, content: &str) -> String {
    std::fs::write(checkout.join("model.txt"), content).unwrap();
    git(checkout, &["add", "--all"]);
    git(checkout, &["commit", "--quiet", "--message", content]);
    git(checkout, &["push", "--quiet", "origin", "HEAD:main"]);
    git(checkout, &["rev-parse", "HEAD"])
}

fn tags(checkout: &Path) -> GitTags {
    let target = Target {
        model: "late".to_owned(),
        alias: "champion".to_owned(),
    };
    GitTags::new(checkout, "origin", target).unwrap()
}

/// A checkout with a configuration that is committed.
fn bench(remote: &Remote, name: &str, version: &str) -> (Bench, PathBuf) {
    let checkout = remote.clone(name, &[]);
    let promote = format!("{{registry: production, version: {version}}}");
    let bench = Bench::new(&checkout, "{kind: git}", &promote);
    std::fs::write(checkout.join(".gitignore"), "out\n").unwrap();
    commit(&checkout, "first");
    (bench, checkout)
}

#[test]
fn two_clones_race_and_one_wins_each_round() {
    let remote = Remote::new();
    let one = remote.clone("one", &[]);
    let commits: Vec<String> = (0..6).map(|n| commit(&one, &n.to_string())).collect();
    let two = remote.clone("two", &[]);
    let (first, second) = (tags(&one), tags(&two));
    for (place, name) in commits.iter().enumerate().take(4) {
        let tag = format!("late@v1.0.{place}");
        git(&one, &["tag", "-a", "-m", "by hand", &tag, name]);
    }
    git(&one, &["push", "--quiet", "origin", "--tags"]);
    // In the first round two versions that are registered with the move, then two that are there.
    one_winner_each([&first, &second], 50, |round| {
        let there = |n: usize| (format!("v1.0.{n}"), Some(commits[n].clone()));
        match round {
            0 => [
                ("v1.1.0".to_owned(), Some(commits[4].clone())),
                ("v1.2.0".to_owned(), Some(commits[5].clone())),
            ],
            odd if odd % 2 == 1 => [there(0), there(1)],
            _ => [there(2), there(3)],
        }
    });
}

#[test]
fn a_promotion_registers_assigns_and_is_undone() {
    let remote = Remote::new();
    let (bench, checkout) = bench(&remote, "one", "v1.0.0");
    bench.gate(DAY);
    let dry = bench.promote(DAY, &["--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.text);
    assert!(
        dry.text.contains("git push --atomic origin"),
        "{}",
        dry.text
    );
    assert!(dry.text.contains("refs/tags/late@v1.0.0"), "{}", dry.text);
    assert_eq!(git(&remote.bare(), &["tag"]), "");
    let told = bench.promote(DAY, &["--by", "eve"]);
    assert_eq!(told.code, 0, "{}", told.text);
    assert_eq!(
        git(&remote.bare(), &["tag"]),
        "late#champion#1\nlate@v1.0.0"
    );
    assert_eq!(
        git(&checkout, &["tag"]),
        "",
        "nothing is left in the checkout"
    );
    let again = bench.promote(DAY, &[]);
    assert!(
        again.code == 0 && again.text.contains("already"),
        "{}",
        again.text
    );

    let second = promotion(
        Some("v1.0.0"),
        "v1.1.0",
        "eve",
        Some(&commit(&checkout, "second")),
    );
    assert_eq!(made(&tags(&checkout), &second), Ok(Ended::Moved));
    let back = bench.told(&["rollback", "late", "--now", "2013-04-02T08:00:00Z"]);
    assert_eq!(back.code, 0, "{}", back.text);
    let fresh = remote.clone("two", &["--no-tags"]);
    let past = tags(&fresh).past().unwrap();
    let steps: Vec<(MoveKind, &str)> = past.iter().map(|m| (m.kind, m.to.as_str())).collect();
    let expected = [
        (MoveKind::Promotion, "v1.0.0"),
        (MoveKind::Promotion, "v1.1.0"),
        (MoveKind::Rollback, "v1.0.0"),
    ];
    assert_eq!(steps, expected);
    assert_eq!(tags(&fresh).look().unwrap().version.unwrap(), "v1.0.0");
}

#[test]
fn what_the_run_is_about_must_be_the_version() {
    let remote = Remote::new();
    let (bench, checkout) = bench(&remote, "one", "v1.0.0");
    let first = git(&checkout, &["rev-parse", "HEAD"]);
    let other = commit(&checkout, "second");
    git(&checkout, &["tag", "-a", "-m", "x", "late@v1.0.0", &first]);
    git(&checkout, &["push", "--quiet", "origin", "late@v1.0.0"]);
    bench.gate(DAY);
    let told = bench.promote(DAY, &[]);
    assert_eq!(told.code, 5, "{}", told.text);
    let said = format!("v1.0.0 is registered at the commit {first}, and the run is about {other}");
    assert!(told.text.contains(&said), "{}", told.text);

    // Changes that are in no commit: no version is what was judged.
    std::fs::write(checkout.join("model.txt"), "changed").unwrap();
    bench.gate(DAY);
    let told = bench.promote(DAY, &[]);
    assert_eq!(told.code, 5, "{}", told.text);
    assert!(told.text.contains("changes that commit"), "{}", told.text);

    let registry = tags(&checkout);
    let refused =
        |to: &str, at: Option<&str>| match made(&registry, &promotion(None, to, "eve", at)) {
            Err(Trouble::Refused(reason)) => reason,
            other => panic!("{other:?}"),
        };
    assert!(refused("v2.0.0", Some(&first)).contains("is registered as v1.0.0 already"));
    assert!(refused("2.0.0", Some(&other)).contains("no version in a git registry"));
    assert!(refused("v2.0.0", None).contains("which commit"));
    assert!(refused("v2.0.0", Some(&"a".repeat(40))).contains("does not have the commit"));
    git(&checkout, &["tag", "-a", "-m", "x", "late@v1.0.0!", &first]);
    git(&checkout, &["push", "--quiet", "origin", "late@v1.0.0!"]);
    assert!(refused("v1.0.0", Some(&first)).contains("was deregistered"));
    assert_eq!(registry.find("v1.0.0").unwrap(), None);
}

#[test]
fn a_remote_that_refuses_or_is_gone_is_told_apart() {
    use std::os::unix::fs::PermissionsExt as _;
    let remote = Remote::new();
    let (bench, checkout) = bench(&remote, "one", "v1.0.0");
    bench.gate(DAY);
    let hook = remote.bare().join("hooks/pre-receive");
    std::fs::write(&hook, "#!/bin/sh\necho only the release team >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let told = bench.promote(DAY, &[]);
    assert_eq!(told.code, 5, "{}", told.text);
    assert!(told.text.contains("only the release team"), "{}", told.text);
    assert_eq!(git(&remote.bare(), &["tag"]), "");

    // The push comes through, and git dies before it says so.
    std::fs::remove_file(&hook).unwrap();
    let after = remote.bare().join("hooks/post-receive");
    std::fs::write(&after, "#!/bin/sh\nkill -9 $PPID\n").unwrap();
    std::fs::set_permissions(&after, std::fs::Permissions::from_mode(0o755)).unwrap();
    let told = bench.promote(DAY, &[]);
    assert_eq!(told.code, 0, "{}", told.text);
    assert!(
        told.text.contains("moved from none to v1.0.0"),
        "{}",
        told.text
    );

    git(
        &checkout,
        &[
            "remote",
            "set-url",
            "origin",
            "https://user:top-secret@127.0.0.1:1/gone.git",
        ],
    );
    let told = bench.promote(DAY, &[]);
    assert_eq!(told.code, 3, "{}", told.text);
    assert!(!told.text.contains("top-secret"), "{}", told.text);
    git(&checkout, &["remote", "remove", "origin"]);
    assert_eq!(bench.promote(DAY, &[]).code, 3);
}

#[test]
fn a_shallow_clone_promotes_and_goes_back() {
    let remote = Remote::new();
    let one = remote.clone("one", &[]);
    let first = commit(&one, "first");
    assert_eq!(
        made(&tags(&one), &promotion(None, "v1.0.0", "eve", Some(&first))),
        Ok(Ended::Moved)
    );
    let second = commit(&one, "second");
    let shallow = remote.clone("two", &["--depth", "1", "--no-tags"]);
    let registry = tags(&shallow);
    assert_eq!(registry.look().unwrap().by.unwrap().to, "v1.0.0");
    let change = promotion(Some("v1.0.0"), "v1.1.0", "eve", Some(&second));
    assert_eq!(made(&registry, &change), Ok(Ended::Moved));
    let mut back = promotion(Some("v1.1.0"), "v1.0.0", "eve", None);
    back.kind = MoveKind::Rollback;
    back.basis = None;
    assert_eq!(made(&registry, &back.identified()), Ok(Ended::Moved));
    assert_eq!(tags(&one).past().unwrap().len(), 3);
}

/// `gto` in a checkout; `None` without one.
fn gto(checkout: &Path, words: &[&str]) -> Option<String> {
    let Ok(python) = std::env::var("TOLLGATE_GTO") else {
        assert!(
            std::env::var("CI").is_err(),
            "CI names a Python in TOLLGATE_GTO"
        );
        eprintln!("skipped: TOLLGATE_GTO names no Python with tests/requirements-gto.txt");
        return None;
    };
    let output = Command::new(python)
        .args(["-m", "gto.cli"])
        .args(words)
        .current_dir(checkout)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "gto {words:?}: {said}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The version that GTO says has the alias.
fn champion(checkout: &Path) -> String {
    git(checkout, &["fetch", "--quiet", "--tags"]);
    let shown = gto(checkout, &["show", "late#champion", "--json"]).unwrap();
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown.as_array().map(Vec::len), Some(1), "{shown}");
    shown[0]["version"].as_str().unwrap().to_owned()
}

#[test]
fn gto_reads_what_is_written_and_what_gto_writes_is_read() {
    let remote = Remote::new();
    let one = remote.clone("one", &[]);
    if gto(&one, &["--help"]).is_none() {
        return;
    }
    let registry = tags(&one);
    let (first, second) = (commit(&one, "first"), commit(&one, "second"));
    let change = promotion(None, "v1.0.0", "eve", Some(&first));
    assert_eq!(made(&registry, &change), Ok(Ended::Moved));
    assert_eq!(champion(&one), "v1.0.0");

    // By its own clock, which is years after that of the promotion above.
    gto(&one, &["register", "late", &second, "--version", "v1.1.0"]);
    gto(
        &one,
        &[
            "assign",
            "late",
            "--version",
            "v1.1.0",
            "--stage",
            "champion",
        ],
    );
    git(&one, &["push", "--quiet", "origin", "--tags"]);
    let seen = registry.look().unwrap();
    assert_eq!(seen.version.as_deref(), Some("v1.1.0"));
    let by = seen.by.unwrap();
    assert_eq!((by.kind, by.by.as_deref()), (MoveKind::Other, Some("Ann")));

    let mut back = promotion(Some("v1.1.0"), "v1.0.0", "eve", None);
    back.kind = MoveKind::Rollback;
    back.basis = None;
    assert_eq!(made(&registry, &back.identified()), Ok(Ended::Moved));
    assert_eq!(
        champion(&one),
        "v1.0.0",
        "its tag is later than that of GTO"
    );
    let third = commit(&one, "third");
    let change = promotion(Some("v1.0.0"), "v1.2.0", "eve", Some(&third));
    assert_eq!(made(&registry, &change), Ok(Ended::Moved));
    assert_eq!(champion(&one), "v1.2.0");
    let history = gto(&one, &["history", "late", "--json"]).unwrap();
    assert_eq!(history.matches("\"champion\"").count(), 4, "{history}");

    // GTO takes the alias back: it leads to where it did before. The tags above are each a second later than the one
    // before, and so up to two seconds ahead of the clock that GTO goes by.
    std::thread::sleep(std::time::Duration::from_secs(3));
    gto(&one, &["deprecate", "late", "v1.2.0", "champion"]);
    git(&one, &["push", "--quiet", "origin", "--tags"]);
    let now = champion(&one);
    assert_eq!(registry.look().unwrap().version, Some(now.clone()));
    let past = registry.past().unwrap();
    assert_eq!(past.last().unwrap().to, now);
    assert_eq!(past.last().unwrap().kind, MoveKind::Other);
}
