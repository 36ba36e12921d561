//! Evidence: what a run said of which bytes, signed, and read again by somebody who was not there.
//!
//! A run becomes a [`Statement`] (in-toto): its subjects are `run.json`, the reports, the data and the models, each by
//! digest; its predicate is what became of every promise. The statement is signed as it stands (DSSE, ed25519). Nothing
//! here decides: [`verify`] says whose words they are, [`examine`] whether the bytes are still the same.

pub mod dsse;
pub mod examine;
pub mod key;
pub mod named;
pub mod promotion;
pub mod run;
pub mod signed;
pub mod statement;

mod pem;
mod refusal;
mod strict;

pub use key::{PrivateKey, PublicKey};
pub use promotion::{Promoted, promotion_statement};
pub use refusal::Refusal;
pub use run::{Described, Written, run_statement};
pub use signed::{SignedRun, covers_run};
pub use statement::{Predicate, Resource, Statement};

/// A statement whose signature is one of a trusted key.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// What was signed.
    pub statement: Statement,
    /// Id of the trusted key that signed it, computed from the key and not taken from the envelope.
    pub key_id: String,
}

/// Reads an envelope and holds its signatures against the keys that are trusted; one that fits is enough.
///
/// The `keyid` of a signature is only told in refusals: every key is tried, because the envelope does not vouch for it.
/// Errors: a [`Refusal`] for bytes that are no envelope, for no signature of a trusted key, and for a payload that is no
/// statement that tollgate reads.
/// Source: DSSE, "Protocol", the steps to verify.
pub fn verify(envelope: &[u8], keys: &[PublicKey]) -> std::result::Result<Verified, Refusal> {
    let envelope = dsse::Envelope::parse(envelope)?;
    let key_id = envelope.signed_by(keys)?.id();
    let statement = stated(envelope)?;
    Ok(Verified { statement, key_id })
}

/// What an envelope says, whoever wrote it: it shows accidents, and is no evidence.
///
/// Errors: those of [`verify`] but for keys; one signature at least there must be.
pub fn unverified(envelope: &[u8]) -> std::result::Result<Statement, Refusal> {
    let envelope = dsse::Envelope::parse(envelope)?;
    if envelope.signatures.is_empty() {
        return Err(Refusal::NoSignatures);
    }
    stated(envelope)
}

fn stated(envelope: dsse::Envelope) -> std::result::Result<Statement, Refusal> {
    if !dsse::is_in_toto(&envelope.payload_type) {
        return Err(Refusal::OtherPayload(envelope.payload_type));
    }
    Statement::parse(&envelope.payload)
}

/// The statement in an envelope that `key` signed, as JSON text with a line break at its end.
///
/// Ed25519 draws nothing: the same statement and key give the same bytes.
#[must_use]
pub fn sign(statement: &Statement, key: &PrivateKey) -> String {
    dsse::Envelope::signed(statement.json().into_bytes(), key).json()
}

#[cfg(test)]
mod tests;
