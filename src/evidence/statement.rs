//! The in-toto Statement: which bytes, and what is said of them.

use super::refusal::Refusal;
use super::strict;
use crate::report::text::short;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The type of a statement.
///
/// Source: in-toto attestation, "Statement layer specification", v1.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// The predicate of a run.
///
/// Source: in-toto attestation, "Predicate type: Test Result", version 0.1.0.
pub const TEST_RESULT_TYPE: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// The predicate of a promotion.
///
/// Source: in-toto attestation, "Simple Verification Result", version 0.1 as read; its version 0.2 makes
/// `verifier.policies` a required list, which is known from producers and not from its text.
pub const VERIFICATION_TYPE: &str = "https://in-toto.io/attestation/svr/v0.2";

/// Name of the digest that every tool of in-toto reads.
pub const SHA256: &str = "sha256";

/// Name of the digest over the footer of a Parquet file, from its first byte to the end of the file.
pub const FOOTER_SHA256: &str = "tollgateFooterSha256";

/// Name of the digest over the paths and digests of all files of a model.
pub const FOLDER_SHA256: &str = "tollgateFolderSha256";

/// Name of the digest over the predictions of an endpoint.
pub const ANSWERS_SHA256: &str = "tollgateAnswersSha256";

/// Name of the digest over the texts of the configuration and of the files that it names, one after another.
pub const TEXTS_SHA256: &str = "tollgateTextsSha256";

/// How the names of subjects begin that are reports.
pub const REPORT: &str = "report:";

/// The name of the subject that is the record of a run.
pub const RUN_NAME: &str = "run.json";

/// Something that is spoken of: a file, a folder, a version of a model.
///
/// Source: in-toto attestation, `ResourceDescriptor`, v1; fields that are not written here are passed over.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// What it is, unique within the statement.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Digests by name, hexadecimal.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: BTreeMap<String, String>,
    /// Its bytes as base64, where they are short and nowhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// What tollgate says of it: `role`, `of`, `path`, `from`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub annotations: Map<String, Value>,
}

impl Resource {
    /// A resource with a name and one digest.
    #[must_use]
    pub fn new(name: impl Into<String>, algorithm: &str, digest: &str) -> Self {
        Self {
            name: name.into(),
            digest: BTreeMap::from([(algorithm.to_owned(), digest.to_owned())]),
            ..Self::default()
        }
    }

    /// With what tollgate says of it.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.annotations.insert(key.to_owned(), value.into());
        self
    }

    /// The text of an annotation; empty where there is none.
    #[must_use]
    pub fn said(&self, key: &str) -> &str {
        self.annotations
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Whether a digest of it is this one, in either case of letters.
    #[must_use]
    pub fn has(&self, algorithm: &str, digest: &str) -> bool {
        let found = self.digest.get(algorithm);
        found.is_some_and(|d| d.eq_ignore_ascii_case(digest))
    }
}

/// What is said, and of what.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it is about, each with at least one digest.
    pub subjects: Vec<Resource>,
    /// What is said.
    pub predicate: Predicate,
}

/// What a statement says.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// How a run ended.
    TestResult(TestResult),
    /// What was verified of a version of a model when it was promoted.
    Verification(Verification),
}

/// How a run ended, in the words of in-toto.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestResult {
    /// The result.
    pub result: Outcome,
    /// The configuration and the catalogue, by digest.
    pub configuration: Vec<Resource>,
    /// The page of the run in the CI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Ids of promises that hold.
    #[serde(default)]
    pub passed_tests: Vec<String>,
    /// Ids of promises that warn, or are broken and waived.
    #[serde(default)]
    pub warned_tests: Vec<String>,
    /// Ids of promises that are broken, undecided, or could not be evaluated.
    #[serde(default)]
    pub failed_tests: Vec<String>,
    /// What the words of in-toto have no place for; absent in statements of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tollgate: Option<RunFacts>,
}

/// The result of a run in three words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Outcome {
    /// All promises hold.
    Passed,
    /// Something warns, or only a part was looked at.
    Warned,
    /// Anything else.
    Failed,
}

impl Outcome {
    /// The word of in-toto.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "PASSED",
            Self::Warned => "WARNED",
            Self::Failed => "FAILED",
        }
    }
}

/// What a run says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunFacts {
    /// Version of the program that ran.
    pub version: String,
    /// The verdict's word.
    pub verdict: String,
    /// The exit code of the run, by its `--fail-on`.
    pub exit_code: u8,
    /// Clock of the run, RFC 3339.
    pub now: String,
    /// Clock of the signing, RFC 3339.
    pub signed_at: String,
    /// Commit under test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Seed.
    pub seed: u64,
    /// Options that asked for a part of the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// Ids of promises that could not apply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped_tests: Vec<String>,
    /// What the run rests on of which no digest is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_covered: Vec<NotCovered>,
}

/// Something that the signature does not bind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotCovered {
    /// Its name, as a subject would have it.
    pub name: String,
    /// Why.
    pub why: String,
}

/// What was verified of a version of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// Who verified.
    pub verifier: Verifier,
    /// When, RFC 3339.
    pub time_created: String,
    /// What holds.
    pub properties: Vec<String>,
    /// What the words of in-toto have no place for; absent in statements of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tollgate: Option<PromotionFacts>,
}

/// Who verified.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verifier {
    /// A URI.
    pub id: String,
    /// By which policies; empty for none.
    #[serde(default)]
    pub policies: Vec<Resource>,
}

/// What a promotion moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PromotionFacts {
    /// Version of the program that promoted.
    pub version: String,
    /// The registry, without secrets.
    pub registry: String,
    /// The model's name there.
    pub model: String,
    /// The alias that moved.
    pub alias: String,
    /// The version that had it; absent where none had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The version that has it now.
    pub to: String,
    /// SHA-256 of the `run.json` that was the evidence; absent where there was none, as for a rollback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_sha256: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Resource>,
    predicate_type: String,
    #[serde(default)]
    predicate: Value,
}

impl Statement {
    /// The statement as JSON in one line; keys stand in the order of the specification.
    #[must_use]
    pub fn json(&self) -> String {
        let (predicate_type, predicate) = match &self.predicate {
            Predicate::TestResult(said) => (TEST_RESULT_TYPE, serde_json::to_value(said)),
            Predicate::Verification(said) => (VERIFICATION_TYPE, serde_json::to_value(said)),
        };
        let raw = Raw {
            kind: STATEMENT_TYPE.to_owned(),
            subject: self.subjects.clone(),
            predicate_type: predicate_type.to_owned(),
            predicate: predicate.expect("a predicate has text keys"),
        };
        serde_json::to_string(&raw).expect("a statement has text keys")
    }

    /// Reads the signed bytes. Fields that are not known are passed over, as the specification asks; keys that are there
    /// twice are refused.
    ///
    /// Errors: [`Refusal::NotAStatement`].
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        Self::read(bytes).map_err(Refusal::NotAStatement)
    }

    fn read(bytes: &[u8]) -> Result<Self, String> {
        let value = strict::parse(bytes)?;
        let said = |e: serde_json::Error| e.to_string();
        let raw: Raw = serde_json::from_value(value).map_err(said)?;
        if raw.kind != STATEMENT_TYPE {
            return Err(format!("its `_type` is `{}`", short(&raw.kind, 80)));
        }
        if raw.subject.is_empty() {
            return Err("it has no subject".to_owned());
        }
        if let Some(bare) = raw.subject.iter().find(|s| s.digest.is_empty()) {
            return Err(format!(
                "its subject `{}` has no digest",
                short(&bare.name, 80)
            ));
        }
        let predicate = match raw.predicate_type.as_str() {
            TEST_RESULT_TYPE => {
                Predicate::TestResult(serde_json::from_value(raw.predicate).map_err(said)?)
            }
            VERIFICATION_TYPE => {
                Predicate::Verification(serde_json::from_value(raw.predicate).map_err(said)?)
            }
            other => {
                return Err(format!(
                    "its predicate is `{}`, and known are {TEST_RESULT_TYPE} and {VERIFICATION_TYPE}",
                    short(other, 80)
                ));
            }
        };
        Ok(Self {
            subjects: raw.subject,
            predicate,
        })
    }
}
