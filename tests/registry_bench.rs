//! What tests of registries share: a model that passes its gate, promoted by the binary; and two promoters that race.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Barrier;
use tollgate::promote::clock::System;
use tollgate::promote::drive::{Drive, Ended};
use tollgate::registry::{Answer, Basis, Move, MoveKind, Registry};

/// A folder with a configuration, and the variables that the binary gets.
pub(crate) struct Bench {
    pub(crate) folder: PathBuf,
    pub(crate) variables: Vec<(String, String)>,
}

/// What a call of the binary said.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: i32,
    pub(crate) text: String,
}

impl Bench {
    /// A model `late` with a metric that passes, promoted to `production`; `registry` and `promote` are flow mappings.
    pub(crate) fn new(folder: &Path, registry: &str, promote: &str) -> Self {
        let config = format!(
            "version: 1\nregistries: {{production: {registry}}}\nmodels:\n  late:\n    candidate: {{predictions: c.csv, label: late, score: p}}\n    \
             metrics: {{accuracy: {{at_least: 0.6}}}}\n    promote: {promote}\n"
        );
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("tollgate.yaml"), config).unwrap();
        let row = |n: usize| {
            if n.is_multiple_of(2) {
                "true,0.9\n"
            } else {
                "false,0.1\n"
            }
        };
        let rows: String = (0..300).map(row).collect();
        std::fs::write(folder.join("c.csv"), format!("late,p\n{rows}")).unwrap();
        Self {
            folder: folder.to_owned(),
            variables: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, variables: &[(&str, &str)]) -> Self {
        let all = variables.iter();
        self.variables
            .extend(all.map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        self
    }

    /// The binary, with these variables and no other that could matter.
    pub(crate) fn told(&self, args: &[&str]) -> Told {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        command.args(args).current_dir(&self.folder).env_clear();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let output: Output = command
            .env("PATH", path)
            .env("HOME", &self.folder)
            .env("NO_PROXY", "*")
            .envs(self.variables.iter().map(|(n, v)| (n, v)))
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Told {
            code: output.status.code().unwrap_or(-1),
            text: text(&output.stdout) + &text(&output.stderr),
        }
    }

    /// Runs the gate, which must pass, at this time.
    pub(crate) fn gate(&self, now: &str) {
        let told = self.told(&["run", "tollgate.yaml", "--output", "out", "--now", now]);
        assert_eq!(told.code, 0, "{}", told.text);
    }

    /// Promotes what the gate passed, at this time.
    pub(crate) fn promote(&self, now: &str, more: &[&str]) -> Told {
        let args = ["promote", "out/run.json", "--now", now];
        self.told(&[&args[..], more].concat())
    }
}

/// A promotion of `late` to `champion`, that rests on a run of a commit.
pub(crate) fn promotion(from: Option<&str>, to: &str, by: &str, commit: Option<&str>) -> Move {
    Move {
        id: String::new(),
        kind: MoveKind::Promotion,
        model: "late".to_owned(),
        alias: "champion".to_owned(),
        from: from.map(str::to_owned),
        to: to.to_owned(),
        at: "2013-04-01T00:00:00Z".to_owned(),
        by: Some(by.to_owned()),
        reason: None,
        basis: Some(Basis {
            run_sha256: "0".repeat(64),
            verdict: "pass".to_owned(),
            now: "2013-04-01T00:00:00Z".to_owned(),
            policy_sha256: "1".repeat(64),
            commit: commit.map(str::to_owned),
            url: None,
            key_id: None,
        }),
    }
    .identified()
}

/// Makes a move.
pub(crate) fn made(registry: &dyn Registry, change: &Move) -> Answer<Ended> {
    Drive {
        registry,
        change,
        attached: None,
        reached: &mut |_| Ok(()),
        clock: &System,
    }
    .make()
}

/// Two promoters that begin at once; how each ended.
pub(crate) fn raced<R: Registry + Sync>(
    registries: [&R; 2],
    changes: [&Move; 2],
) -> [Answer<Ended>; 2] {
    let together = Barrier::new(2);
    let one = |place: usize| {
        together.wait();
        made(registries[place], changes[place])
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| one(1));
        [one(0), other.join().unwrap()]
    })
}

/// Races promoters for rounds, each from where the round before ended; asserts that one wins each, and that the history is a
/// chain of the winners. Versions of round `n` are those that `versions` names.
pub(crate) fn one_winner_each<R: Registry + Sync>(
    registries: [&R; 2],
    rounds: usize,
    versions: impl Fn(usize) -> [(String, Option<String>); 2],
) {
    let mut champion: Option<String> = None;
    let mut winners = Vec::new();
    for round in 0..rounds {
        let [one, two] = versions(round);
        let change = |(to, commit): &(String, Option<String>), by: &str| {
            promotion(champion.as_deref(), to, by, commit.as_deref())
        };
        let changes = [change(&one, "one"), change(&two, "two")];
        let ended = raced(registries, [&changes[0], &changes[1]]);
        let won: Vec<usize> = (0..2).filter(|p| ended[*p] == Ok(Ended::Moved)).collect();
        assert_eq!(won.len(), 1, "round {round}: {ended:?}");
        let lost = &ended[1 - won[0]];
        let Ok(Ended::Lost(seen)) = lost else {
            panic!("round {round}: {lost:?}");
        };
        let winner = &changes[won[0]];
        assert_eq!(seen.by.as_ref().map(|m| &m.id), Some(&winner.id));
        champion = Some(winner.to.clone());
        winners.push(winner.clone());
    }
    assert_eq!(registries[0].past().unwrap(), winners);
    assert_eq!(registries[1].look().unwrap().version, champion);
}
