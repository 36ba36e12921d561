//! What a promotion says, as a statement: this version of this model has the alias, because of that run.

use super::statement::{
    Predicate, PromotionFacts, Resource, SHA256, Statement, Verification, Verifier,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest as _, Sha256};

/// Who verifies when tollgate promotes. Its last part changes when the meaning of the properties does.
pub const VERIFIER: &str = "urn:tollgate:promotion:v1";

/// A promotion that was done.
#[derive(Debug, Clone, Copy)]
pub struct Promoted<'a> {
    /// The registry as text, without secrets: `mlflow http://127.0.0.1:5000`.
    pub registry: &'a str,
    /// The model's name there.
    pub model: &'a str,
    /// The alias that moved.
    pub alias: &'a str,
    /// The version that had it; `None` where none had.
    pub from: Option<&'a str>,
    /// The version that has it now.
    pub to: &'a str,
    /// SHA-256 of the `run.json` that was the evidence; `None` where there was none, as for a rollback.
    pub run_sha256: Option<&'a str>,
    /// What holds, each in capitals and with a prefix: `TOLLGATE_VERDICT_PASS`.
    pub properties: &'a [String],
    /// Policies that were held to, each with a digest; empty for none.
    pub policies: &'a [Resource],
    /// When.
    pub at: DateTime<Utc>,
}

/// The statement of a promotion: predicate `svr/v0.2`.
///
/// The subject is the promoted version, named `model:NAME@VERSION`. Its digest is `sha256` of its identity, a JSON list of
/// registry, model and version, which is in `content` as well: of the model's files speaks the statement of the run.
/// Source: in-toto attestation, "Simple Verification Result": version 0.1 as read; of version 0.2 that `policies` is
/// required.
#[must_use]
pub fn promotion_statement(promoted: &Promoted) -> Statement {
    let name = format!("model:{}@{}", promoted.model, promoted.to);
    let identity = identity(promoted);
    let digest = crate::report::text::hex(&Sha256::digest(&identity));
    let subject = Resource {
        content: Some(STANDARD.encode(&identity)),
        ..Resource::new(name, SHA256, &digest)
    };
    let subject = subject.with("role", "promoted").with("of", promoted.model);
    Statement {
        subjects: vec![subject],
        predicate: Predicate::Verification(Verification {
            verifier: Verifier {
                id: VERIFIER.to_owned(),
                policies: promoted.policies.to_vec(),
            },
            time_created: promoted.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            properties: promoted.properties.to_vec(),
            tollgate: Some(PromotionFacts {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                registry: promoted.registry.to_owned(),
                model: promoted.model.to_owned(),
                alias: promoted.alias.to_owned(),
                from: promoted.from.map(str::to_owned),
                to: promoted.to.to_owned(),
                run_sha256: promoted.run_sha256.map(str::to_owned),
            }),
        }),
    }
}

/// Which version of which model, unambiguously: `["mlflow http://…","delay","7"]`.
fn identity(promoted: &Promoted) -> Vec<u8> {
    let parts = [promoted.registry, promoted.model, promoted.to];
    serde_json::to_vec(&parts).expect("texts are JSON")
}
