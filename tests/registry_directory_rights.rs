//! A registry in a folder that the user of the job may read only, or not even that. As root the binary runs as another user.
#![cfg(unix)]

use crate::registry_bench::{Bench, Told};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const DAY: &str = "2013-04-01T08:00:00Z";

/// Who has no right but those of everybody.
const NOBODY: u32 = 65534;

/// A bench whose binary, and what it writes, belong to a user without rights.
struct Unprivileged {
    bench: Bench,
    program: PathBuf,
    folder: tempfile::TempDir,
}

fn mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Whether the tests themselves have every right, whatever a mode says.
fn is_root(folder: &Path) -> bool {
    folder.metadata().unwrap().uid() == 0
}

impl Unprivileged {
    /// `promote` is a flow mapping; the registry is the folder `registry`.
    fn new(promote: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        mode(folder.path(), 0o755);
        let program = folder.path().join("tollgate");
        let built = env!("CARGO_BIN_EXE_tollgate");
        if std::fs::hard_link(built, &program).is_err() {
            std::fs::copy(built, &program).unwrap();
        }
        let bench = Bench::new(
            &folder.path().join("work"),
            "{kind: directory, path: registry}",
            promote,
        );
        if is_root(folder.path()) {
            let files = ["", "tollgate.yaml", "c.csv"];
            for file in files.map(|f| bench.folder.join(f)) {
                chown(file, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        Self {
            bench,
            program,
            folder,
        }
    }

    fn registry(&self) -> PathBuf {
        self.bench.folder.join("registry")
    }

    /// The registry and all in it gets a mode, and belongs to who runs the tests.
    fn closed(&self, to: u32) {
        let mut folders = vec![self.registry()];
        let mut all = Vec::new();
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(&next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                }
            }
            all.push(next);
        }
        // What is inside first: a folder that is closed leads nowhere.
        for path in all.iter().rev() {
            if is_root(self.folder.path()) {
                chown(path, Some(0), Some(0)).unwrap();
            }
            mode(path, to);
        }
    }

    /// The binary, by a user without rights.
    fn told(&self, args: &[&str]) -> Told {
        let mut command = Command::new(&self.program);
        command
            .args(args)
            .current_dir(&self.bench.folder)
            .env_clear();
        if is_root(self.folder.path()) {
            command.uid(NOBODY).gid(NOBODY);
        }
        let output = command.env("HOME", &self.bench.folder).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        Told {
            code: output.status.code().unwrap_or(-1),
            text: String::from_utf8(text).unwrap(),
        }
    }

    fn gate(&self) -> Told {
        self.told(&["run", "tollgate.yaml", "--output", "out", "--now", DAY])
    }

    fn promote(&self, more: &[&str]) -> Told {
        let args = ["promote", "out/run.json", "--now", DAY];
        self.told(&[&args[..], more].concat())
    }

    /// Another candidate, so that there is something to move.
    fn another(&self) {
        let path = self.bench.folder.join("c.csv");
        let rows = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, rows + "true,0.8\n").unwrap();
    }
}

impl Drop for Unprivileged {
    fn drop(&mut self) {
        // Who is not root cannot remove what is in a folder that is closed.
        if self.registry().exists() {
            mode(&self.registry(), 0o755);
            self.closed(0o755);
        }
    }
}

#[track_caller]
fn expect(told: &Told, code: i32, words: &[&str]) {
    assert_eq!(told.code, code, "{}", told.text);
    for word in words {
        assert!(told.text.contains(word), "no `{word}` in {}", told.text);
    }
}

const HELP: &str =
    "the user of the job that promotes must be able to write in the folder of the registry";

#[test]
fn a_registry_that_is_read_only_is_read_and_nothing_is_promoted() {
    let place = Unprivileged::new("{registry: production}");
    expect(&place.gate(), 0, &[]);
    expect(&place.promote(&[]), 0, &["promotion: moved"]);
    place.another();
    place.closed(0o555);
    // Reading is all that the gate needs, and a dry run.
    expect(&place.gate(), 0, &["verdict: pass"]);
    expect(&place.promote(&["--dry-run"]), 0, &["promotion: planned"]);
    let before = crate::harness::files(&place.registry());
    let told = place.promote(&[]);
    expect(&told, 5, &["Permission denied", "mode 0555", HELP]);
    expect(
        &place.told(&["rollback", "--to", "sha256-000000000000"]),
        5,
        &["there is no version"],
    );
    assert_eq!(crate::harness::files(&place.registry()), before);
    let record = std::fs::read_to_string(place.bench.folder.join("out/promotion.json")).unwrap();
    assert!(record.contains("\"ended\": \"refused\""), "{record}");
}

#[test]
fn a_folder_in_which_no_registry_can_be_made_is_refused() {
    let place = Unprivileged::new("{registry: production}");
    expect(&place.gate(), 0, &[]);
    std::fs::create_dir(place.registry()).unwrap();
    place.closed(0o555);
    expect(&place.promote(&[]), 5, &["cannot make", HELP]);
}

#[test]
fn a_registry_that_may_not_be_read_is_no_pass_for_a_promotion() {
    let place = Unprivileged::new("{registry: production}");
    expect(&place.gate(), 0, &[]);
    expect(&place.promote(&[]), 0, &["promotion: moved"]);
    place.another();
    place.closed(0o700);
    if !is_root(place.folder.path()) {
        place.closed(0o000);
    }
    // The verdict on the model stands, and is no evidence.
    expect(
        &place.gate(),
        0,
        &["was not read, so this run cannot promote"],
    );
    expect(&place.promote(&[]), 5, &["registry_read"]);
    for args in [
        &["rollback", "--now", DAY][..],
        &["history", "promotions"][..],
    ] {
        expect(&place.told(args), 5, &["Permission denied", HELP]);
    }
    let run = ["run", "--output", "out", "--now", DAY, "--promote"];
    expect(&place.told(&run), 3, &["Permission denied"]);
}

#[test]
fn a_gate_that_asks_for_the_registry_is_not_evaluated_without_it() {
    let place = Unprivileged::new("{registry: production, on_unread: error}");
    std::fs::create_dir(place.registry()).unwrap();
    place.closed(0o700);
    if !is_root(place.folder.path()) {
        place.closed(0o000);
    }
    expect(
        &place.gate(),
        3,
        &["Permission denied", HELP, "verdict: error"],
    );
}

/// The folder of the moves may be written, and the one above it, where the pointer lies, may not.
#[test]
fn a_move_that_was_made_and_may_not_be_finished_is_no_refusal() {
    let place = Unprivileged::new("{registry: production}");
    let aliases = place.registry().join("late/aliases");
    let closed = |to: u32| {
        if is_root(place.folder.path()) {
            chown(&aliases, Some(0), Some(0)).unwrap();
        }
        mode(&aliases, to);
    };
    let read = |name: &str| std::fs::read_to_string(place.bench.folder.join(name)).unwrap();
    let version = |name: &str| {
        let record: serde_json::Value = serde_json::from_str(&read(name)).unwrap();
        assert_eq!(record["promotions"][0]["ended"], "error", "{record}");
        assert_eq!(record["promotions"][0]["step"], "written", "{record}");
        let to = record["promotions"][0]["move"]["to"].as_str();
        to.unwrap().to_owned()
    };
    let pointer = || read("registry/late/aliases/champion.json");
    expect(&place.gate(), 0, &[]);
    expect(&place.promote(&[]), 0, &["promotion: moved"]);
    let first = pointer();
    place.another();
    closed(0o555);
    expect(&place.gate(), 0, &[]);
    let lines = [
        "cannot finish the move in folder registry: `champion` of late leads to sha256-",
        "the move is not finished; the same promotion once more finishes it",
        "Permission denied",
    ];
    // The second time it leads there already, and nothing is finished still.
    for _ in 0..2 {
        expect(&place.promote(&[]), 3, &lines);
        let to = version("out/promotion.json");
        let report = ["report", "out/run.json", "--format", "markdown"];
        expect(
            &place.told(&report),
            0,
            &["The promotion is not finished: ", &to, "finishes it"],
        );
        expect(&place.told(&["history", "promotions"]), 0, &[&to]);
        assert_eq!(pointer(), first);
    }
    // So does the next night, whose move would be another one.
    let run = ["run", "--output", "out", "--now", DAY, "--promote"];
    expect(&place.told(&run), 3, &lines);
    assert!(version("out/promotion.json").starts_with("sha256-"));
    // Neither yes nor no is said to later steps of a job.
    let told = place.told(&[&run[..], &["--ci", "azure"]].concat());
    expect(&told, 3, &["TOLLGATE_VERDICT"]);
    assert!(!told.text.contains("TOLLGATE_PROMOTED"), "{}", told.text);
    closed(0o777);
    let told = place.told(&[&run[..], &["--ci", "azure"]].concat());
    expect(&told, 0, &["promotion: already", "TOLLGATE_PROMOTED"]);
    assert_ne!(pointer(), first);
    // The way back is another move, and no other.
    closed(0o555);
    expect(
        &place.told(&["rollback"]),
        3,
        &["leads to sha256-", "the same rollback with `--to sha256-"],
    );
    let to = version("rollback.json");
    closed(0o777);
    expect(
        &place.told(&["rollback", "--to", &to]),
        0,
        &["promotion: already"],
    );
    assert!(
        pointer().contains(&format!("\"to\":\"{to}\"")),
        "{}",
        pointer()
    );
}

/// A version of which something is known because its promotion was begun is none that was ever champion.
#[test]
fn nobody_goes_back_to_a_version_that_was_never_promoted() {
    let place = Unprivileged::new("{registry: production}");
    let moves = place.registry().join("late/aliases/champion");
    let closed = |to: u32| {
        if is_root(place.folder.path()) {
            chown(&moves, Some(0), Some(0)).unwrap();
        }
        mode(&moves, to);
    };
    expect(&place.gate(), 0, &[]);
    expect(&place.promote(&[]), 0, &["promotion: moved"]);
    place.another();
    expect(&place.gate(), 0, &[]);
    closed(0o555);
    expect(&place.promote(&[]), 5, &["Permission denied"]);
    closed(0o777);
    let record = std::fs::read_to_string(place.bench.folder.join("out/promotion.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    let change = &record["promotions"][0]["move"];
    let [from, to] = ["from", "to"].map(|key| change[key].as_str().unwrap().to_owned());
    let known = place.registry().join(format!("late/versions/{to}.json"));
    assert!(known.exists(), "its promotion was begun");
    for more in [&[][..], &["--dry-run"]] {
        let words = [&["rollback", "--to", &to], more].concat();
        expect(&place.told(&words), 5, &["never led to", &to]);
    }
    expect(&place.promote(&[]), 0, &["promotion: moved"]);
    expect(
        &place.told(&["rollback", "--to", &from, "--now", DAY]),
        0,
        &["promotion: moved"],
    );
    expect(
        &place.told(&["rollback", "--to", &to, "--now", DAY]),
        0,
        &["promotion: moved"],
    );
}
