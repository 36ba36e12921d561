//! What a run says, as a statement: the subjects are the bytes that it read and wrote.

use super::statement::{
    ANSWERS_SHA256, FOLDER_SHA256, FOOTER_SHA256, NotCovered, Outcome, Predicate, REPORT, RUN_NAME,
    Resource, RunFacts, SHA256, Statement, TEXTS_SHA256, TestResult,
};
use crate::record::{DatasetRecord, FileDigest, ModelRecord, Run, SideRecord, Status};
use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest as _, Sha256};

/// A file that the run wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its path, from `from` on.
    pub path: String,
    /// Where the path starts.
    pub from: From,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// Where a path of a statement starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The folder of `run.json`.
    Run,
    /// The folder of the configuration.
    Configuration,
    /// The folder where the run was started; when it is verified, the one where that is done.
    Start,
}

impl From {
    /// The word in a statement.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Configuration => "configuration",
            Self::Start => "start",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Run, Self::Configuration, Self::Start]
            .into_iter()
            .find(|f| f.word() == word)
    }
}

/// A run with all that is signed of it.
#[derive(Debug, Clone, Copy)]
pub struct Described<'a> {
    /// The record.
    pub run: &'a Run,
    /// The bytes of its `run.json`.
    pub bytes: &'a [u8],
    /// The name of that file.
    pub file: &'a str,
    /// The reports that were written of it.
    pub reports: &'a [Written],
    /// The page of the run in the CI.
    pub url: Option<&'a str>,
    /// Clock of the signing.
    pub at: DateTime<Utc>,
}

/// The statement of a run: predicate `test-result/v0.1`.
///
/// Subjects: `run.json`, the reports, then by role the data and models of which a digest is recorded. The result is PASSED
/// for a verdict of `pass`, WARNED for one of `warn` that its `--fail-on` lets through and for a part of a run that would
/// pass, else FAILED: what is undecided, not evaluated or skipped is never PASSED, and `--fail-on never` makes nothing pass.
#[must_use]
pub fn run_statement(described: &Described) -> Statement {
    let run = described.run;
    let digest = crate::report::text::hex(&Sha256::digest(described.bytes));
    let mut found = Found::default();
    found.subjects.push(
        Resource::new(RUN_NAME, SHA256, &digest)
            .with("role", "run")
            .with("path", described.file)
            .with("from", From::Run.word()),
    );
    for report in described.reports {
        let subject = Resource::new(format!("{REPORT}{}", report.path), SHA256, &report.sha256);
        let subject = subject.with("role", "report").with("path", &report.path);
        found.add(subject.with("from", report.from.word()));
    }
    for dataset in &run.datasets {
        for file in &dataset.files {
            found.file("dataset", &dataset.name, file);
        }
        found.references(dataset);
    }
    for file in &run.provenance.values_files {
        found.file("values", "", file);
    }
    for model in &run.models {
        found.model(model);
    }
    let predicate = Predicate::TestResult(predicate(described, found.not_covered));
    Statement {
        subjects: found.subjects,
        predicate,
    }
}

/// Subjects so far, and what can be none.
#[derive(Default)]
struct Found {
    subjects: Vec<Resource>,
    not_covered: Vec<NotCovered>,
}

impl Found {
    /// Adds a subject, once. Files of one name in other places are subjects each.
    fn add(&mut self, subject: Resource) {
        if !self.subjects.contains(&subject) {
            self.subjects.push(subject);
        }
    }

    fn lacks(&mut self, name: String, why: &str) {
        if !self.not_covered.iter().any(|n| n.name == name) {
            let why = why.to_owned();
            self.not_covered.push(NotCovered { name, why });
        }
    }

    /// A file of a dataset or a model; `of` is empty where it is of the whole run.
    fn file(&mut self, role: &str, of: &str, file: &FileDigest) {
        let name = match of {
            "" => format!("{role}:{}", file.path),
            of => format!("{role}:{of}:{}", file.path),
        };
        let whole = file.sha256.as_ref().map(|d| (SHA256, d));
        let footer = file.footer_sha256.as_ref().map(|d| (FOOTER_SHA256, d));
        let Some((algorithm, digest)) = whole.or(footer) else {
            let why = "only parts of it were fetched, so that no digest is known";
            return self.lacks(name, why);
        };
        let subject = Resource::new(name, algorithm, digest).with("role", role);
        let subject = if of.is_empty() {
            subject
        } else {
            subject.with("of", of)
        };
        let from = From::Configuration.word();
        self.add(subject.with("path", &file.path).with("from", from));
    }

    /// What a dataset was compared with.
    fn references(&mut self, dataset: &DatasetRecord) {
        for file in &dataset.reference_files {
            self.file("reference", &dataset.name, file);
        }
        for reference in dataset.reference.iter().chain(&dataset.references) {
            let why = match reference.as_str() {
                "history" => "past runs have no digest",
                _ if dataset.reference_files.is_empty() => "the record holds no digest of it",
                _ => continue,
            };
            self.lacks(format!("reference:{}:{reference}", dataset.name), why);
        }
    }

    fn model(&mut self, model: &ModelRecord) {
        let sides = [
            ("candidate", Some(&model.candidate)),
            ("baseline", model.baseline.as_ref()),
            ("anchor", model.anchor.as_ref()),
        ];
        for (role, side) in sides {
            if let Some(side) = side {
                self.side(role, &model.name, side);
            }
        }
        if let Some(files) = &model.artifact {
            let name = format!("model:{}:{}", model.name, files.path);
            let subject = Resource::new(name, FOLDER_SHA256, &files.sha256);
            let subject = subject.with("role", "model").with("of", &model.name);
            let from = From::Configuration.word();
            self.add(subject.with("path", &files.path).with("from", from));
        }
    }

    fn side(&mut self, role: &str, model: &str, side: &SideRecord) {
        if side.files.is_empty() {
            let why = "the record holds no digest of it";
            self.lacks(format!("{role}:{model}:{}", side.from), why);
        }
        for file in &side.files {
            // Beside the rows that it was given an endpoint's side has its answers, of which no file is left.
            match (&file.sha256, side.kind.as_str()) {
                (Some(digest), "endpoint") if !file.given => {
                    let name = format!("{role}:{model}:{}", file.path);
                    let subject = Resource::new(name, ANSWERS_SHA256, digest);
                    let subject = subject.with("role", role).with("of", model);
                    self.add(subject.with("path", &file.path));
                }
                _ => self.file(role, model, file),
            }
        }
    }
}

fn predicate(described: &Described, not_covered: Vec<NotCovered>) -> TestResult {
    let run = described.run;
    let ids = |wanted: &[Status]| {
        let found = run.outcomes.iter().filter(|o| wanted.contains(&o.status));
        found.map(|o| o.id.clone()).collect()
    };
    let provenance = &run.provenance;
    let configuration = Resource::new(
        format!("{} and the files it names", provenance.config),
        TEXTS_SHA256,
        &provenance.config_sha256,
    );
    let configuration = configuration
        .with("role", "configuration")
        .with("path", &provenance.config)
        .with("from", From::Start.word());
    let catalogue = format!("catalogue of tollgate {}", provenance.tollgate);
    let catalogue = Resource::new(catalogue, TEXTS_SHA256, &provenance.catalogue_sha256);
    let left_out = run.left_out.as_ref();
    TestResult {
        result: result(run),
        configuration: vec![configuration, catalogue.with("role", "catalogue")],
        url: described.url.map(str::to_owned),
        passed_tests: ids(&[Status::Pass]),
        warned_tests: ids(&[Status::Warn, Status::Waived]),
        failed_tests: ids(&[Status::Fail, Status::Inconclusive, Status::Error]),
        tollgate: Some(RunFacts {
            version: provenance.tollgate.clone(),
            verdict: run.verdict.status.word().to_owned(),
            exit_code: run.verdict.exit_code,
            now: provenance.now.clone(),
            signed_at: described.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            commit: provenance.commit.clone(),
            seed: provenance.seed,
            left_out: left_out.map(|l| l.asked.clone()).unwrap_or_default(),
            skipped_tests: ids(&[Status::Skipped]),
            not_covered,
        }),
    }
}

/// The verdict in the three words of in-toto.
#[must_use]
pub fn result(run: &Run) -> Outcome {
    match (run.verdict.status, run.verdict.exit_code) {
        (Status::Pass, 0) if run.left_out.is_none() => Outcome::Passed,
        (Status::Pass | Status::Warn, 0) => Outcome::Warned,
        _ => Outcome::Failed,
    }
}
