//! A folder with a model that is promoted, for tests of the command line.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};

/// A folder with two sets of predictions, of which the second is better, and a configuration.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

/// Clock of runs and promotions, where nothing else is said.
pub(crate) const NOW: &str = "2013-04-01T00:00:00Z";

impl Place {
    /// `rules` are lines of `promote`, six deep.
    pub(crate) fn new(rules: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Self { folder };
        for (name, every) in [("old", 3), ("new", 5), ("newer", 9)] {
            let mut text = "id,late,p\n".to_owned();
            for row in 0..600_u32 {
                let late = row % 2;
                let wrong = row % every == 0;
                let score = if (late == 1) == wrong { 0.2 } else { 0.8 };
                writeln!(text, "{row},{late},{score}").unwrap();
            }
            place.write(&format!("{name}.csv"), &text);
        }
        place.configure("new", rules);
        place
    }

    pub(crate) fn configure(&self, candidate: &str, rules: &str) {
        self.write(
            "tollgate.yaml",
            &format!(
                "version: 1\nmodels:\n  late:\n    candidate: {{predictions: {candidate}.csv, label: late, score: p, key: id}}\n    \
                 baseline: {{predictions: old.csv}}\n    metrics: {{roc_auc: {{at_least: 0.6, no_worse_by: 0.01}}}}\n    \
                 promote:\n      registry: here\n{rules}registries:\n  here: {{kind: directory, path: registry}}\n"
            ),
        );
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        command.args(words).current_dir(self.path());
        for name in [
            "GITHUB_ACTIONS",
            "GITHUB_ACTOR",
            "GITHUB_SHA",
            "TOLLGATE_SIGNING_KEY",
            "TOLLGATE_PUBLIC_KEY",
        ] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn tollgate(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// Exit code and everything that is said.
    pub(crate) fn said(&self, words: &[&str]) -> (i32, String) {
        said(&self.tollgate(words))
    }

    pub(crate) fn gate(&self) {
        let (code, text) = self.said(&["run", "--now", NOW]);
        assert_eq!(code, 0, "{text}");
    }

    pub(crate) fn promote(&self, more: &[&str]) -> (i32, String) {
        self.promote_at(NOW, more)
    }

    pub(crate) fn promote_at(&self, now: &str, more: &[&str]) -> (i32, String) {
        let words = ["promote", "tollgate-report/run.json", "--now", now];
        self.said(&[&words, more].concat())
    }

    pub(crate) fn champion(&self) -> Option<String> {
        let path = self.path().join("registry/late/aliases/champion.json");
        let text = std::fs::read_to_string(path).ok()?;
        let value: Value = serde_json::from_str(&text).unwrap();
        Some(value["to"].as_str().unwrap().to_owned())
    }
}

pub(crate) fn said(output: &Output) -> (i32, String) {
    let text = [&output.stdout[..], &output.stderr].concat();
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8(text).unwrap(),
    )
}

#[track_caller]
pub(crate) fn refused(found: (i32, String), words: &[&str]) {
    assert_eq!(found.0, 5, "{}", found.1);
    for word in words {
        assert!(found.1.contains(word), "no `{word}` in {}", found.1);
    }
}
