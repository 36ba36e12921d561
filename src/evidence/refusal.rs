//! Why evidence is not accepted, in one line.

use crate::error::{EXIT_REFUSED, EXIT_UNREADABLE};
use crate::report::text::short;

/// Why evidence is not accepted: what is wrong, and what would satisfy it.
///
/// Texts that come from the evidence are shortened and are hostile: print them through [`crate::report::text::line()`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The bytes are no DSSE envelope.
    #[error("it is no signed envelope (DSSE): {0}; `tollgate sign` writes one")]
    NotAnEnvelope(String),
    /// No key is trusted, so that no signature can be.
    #[error(
        "no key is trusted; name the public key of who signs with --public-key FILE or TOLLGATE_PUBLIC_KEY"
    )]
    NoKeys,
    /// The envelope has no signature.
    #[error("it has no signature; sign the run again")]
    NoSignatures,
    /// A signature says that it is of a trusted key, and it does not fit.
    #[error(
        "the signature of key {0} does not fit: payload or signature were changed after signing, or another key wrote \
         its id; sign the run again"
    )]
    BadSignature(String),
    /// All signatures are of keys that are not trusted.
    #[error("it is signed by {}, and trusted is {}; name the key of who signed it, or let a trusted key sign", keys(.signed), keys(.trusted))]
    OtherKey {
        /// Key ids as the envelope says them; empty texts where it says none.
        signed: Vec<String>,
        /// Ids of the trusted keys.
        trusted: Vec<String>,
    },
    /// What is signed is of another type.
    #[error("its payload is of type `{}`, not application/vnd.in-toto+json; give an in-toto statement", short(.0, 80))]
    OtherPayload(String),
    /// The payload is signed, and is no statement that can be read.
    #[error("its payload is no in-toto Statement v1 that tollgate reads: {0}")]
    NotAStatement(String),
    /// There is no envelope.
    #[error("{0} is not signed: there is no {1}; `tollgate sign {0}` writes it")]
    Unsigned(String, String),
    /// The statement is about something else than the run of these bytes.
    #[error(
        "the signed statement does not cover this run.json: {0}; sign this run, or give the run.json that was signed"
    )]
    NotCovered(String),
}

impl Refusal {
    /// The exit code of a command that ends so: 3 for bytes that are no envelope, 5 for all others.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NotAnEnvelope(_) => EXIT_UNREADABLE,
            _ => EXIT_REFUSED,
        }
    }
}

/// `key 5d1e…` or `keys 5d1e…, a key without id`; of many, the first four.
fn keys(ids: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown = ids.iter().take(SHOWN).map(|id| match id.as_str() {
        "" => "without an id".to_owned(),
        id => short(id, 64),
    });
    let text = shown.collect::<Vec<_>>().join(", ");
    let word = if ids.len() == 1 { "key" } else { "keys" };
    match ids.len().saturating_sub(SHOWN) {
        0 => format!("{word} {text}"),
        n => format!("{word} {text} and {n} more"),
    }
}
