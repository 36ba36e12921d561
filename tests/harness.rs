//! Runs of the binary over small files, and what they leave behind.

#![expect(clippy::unwrap_used, reason = "a failing helper fails its test")]

use std::path::Path;
use std::process::Command;
use tollgate::record::{Outcome, Run};

/// One run of the binary over files in a folder of its own.
pub(crate) struct Gate {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Gate {
    /// Runs `tollgate run ARGS` where `files` are, with the report in `report`.
    pub(crate) fn run(files: &[(&str, &[u8])], args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        Self::again(folder, args)
    }

    /// Runs in a folder that is there.
    pub(crate) fn again(folder: tempfile::TempDir, args: &[&str]) -> Self {
        Self::within(folder, args, &[("TOLLGATE_CI", "none")])
    }

    /// Runs with these variables, and none of a CI system that the tests themselves run in.
    pub(crate) fn within(
        folder: tempfile::TempDir,
        args: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
        for (_, name) in tollgate::ci::System::ALL {
            command.env_remove(name);
        }
        for name in [
            "GITHUB_STEP_SUMMARY",
            "GITHUB_OUTPUT",
            "GITHUB_TOKEN",
            "TOLLGATE_CI",
        ] {
            command.env_remove(name);
        }
        let output = command
            .args(["run", "--output", "report"])
            .args(args)
            .envs(variables.iter().copied())
            .current_dir(folder.path())
            .output()
            .unwrap();
        Self {
            folder,
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs over one CSV called `d`; `dataset` is what else is said of it.
    pub(crate) fn csv(data: &str, dataset: &str) -> Self {
        let config = format!("version: 1\ndatasets:\n  d:\n    path: d.csv\n{dataset}");
        let files = [
            ("d.csv", data.as_bytes()),
            ("tollgate.yaml", config.as_bytes()),
        ];
        Self::run(&files, &[])
    }

    /// The record of the run.
    pub(crate) fn record(&self) -> Run {
        let path = self.folder.path().join("report/run.json");
        tollgate::report::read_run(&path)
            .unwrap_or_else(|e| panic!("{e}\n{}{}", self.stdout, self.stderr))
    }

    /// The outcome with this id.
    pub(crate) fn outcome(&self, id: &str) -> Outcome {
        let run = self.record();
        let ids: Vec<_> = run.outcomes.iter().map(|o| o.id.clone()).collect();
        run.outcomes
            .into_iter()
            .find(|o| o.id == id)
            .unwrap_or_else(|| panic!("{id} is not among {ids:?}"))
    }

    pub(crate) fn measured(&self, id: &str) -> String {
        self.outcome(id).measured[0].text.clone()
    }
}

/// Files below a folder, without the folder's own name, in order.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let path = path.strip_prefix(folder).unwrap();
                found.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Measures a dataset called `d` in this process and says how often its rows were read.
pub(crate) fn scans(folder: &Path, dataset: &str) -> u32 {
    use tollgate::engine::embedded::measure::{Surroundings, measure};
    let config = format!("version: 1\ndatasets:\n  d:\n{dataset}");
    let path = folder.join("tollgate.yaml");
    std::fs::write(&path, config).unwrap();
    let config = tollgate::config::load(&path).unwrap();
    let catalogue = tollgate::catalogue::load::load(&[]).unwrap();
    let inputs = tollgate::engine::embedded::inputs::open(&config, None).unwrap();
    let now = "2013-03-01T00:00:00Z".parse().unwrap();
    let plan = tollgate::plan::plan(&config, &catalogue, &inputs, now).unwrap();
    let around = Surroundings {
        now,
        progress: tollgate::context::Progress::Hidden,
        quarantine: None,
        store: None,
        seed: 0,
    };
    let measured = measure(
        &plan.datasets[0],
        &inputs.datasets["d"],
        &inputs.datasets,
        &around,
    )
    .unwrap();
    measured.scans
}

/// Whether git does this in a folder, as a user of its own; false where there is no git.
pub(crate) fn git(folder: &Path, args: &[&str]) -> bool {
    let identity = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@example.org",
        "-c",
        "commit.gpgsign=false",
    ];
    let output = Command::new("git")
        .args(identity)
        .args(args)
        .current_dir(folder)
        .output();
    output.is_ok_and(|o| o.status.success())
}
