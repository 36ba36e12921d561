//! Ed25519 keys: made, read from PEM, named by an id.

use super::pem;
use crate::report::text::hex;
use ring::rand::SecureRandom as _;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Bytes of a private key's seed and of a public key.
const KEY: usize = 32;

/// Everything of a `PrivateKeyInfo` of ed25519 before its 32 bytes.
///
/// Source: RFC 8410, section 7 and the example in 10.3; RFC 5958, version 1.
const PRIVATE_START: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// Everything of a `SubjectPublicKeyInfo` of ed25519 before its 32 bytes.
///
/// Source: RFC 8410, section 4 and the example in 10.1.
const PUBLIC_START: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// Why a text is not the key that is wanted. It never holds a part of the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyProblem(String);

/// A key that signs. Nothing of it is ever shown but the id of its public key.
pub struct PrivateKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.public.id())
    }
}

impl PrivateKey {
    /// A new key of the operating system's randomness, and its PEM text: PKCS#8, version 1, as OpenSSL writes it.
    ///
    /// Errors: a [`KeyProblem`] where the operating system has no randomness.
    pub fn generate() -> Result<(Self, String), KeyProblem> {
        let mut seed = [0; KEY];
        ring::rand::SystemRandom::new()
            .fill(&mut seed)
            .map_err(|_| KeyProblem("the operating system gives no randomness".to_owned()))?;
        let text = pem::write("PRIVATE KEY", &[&PRIVATE_START[..], &seed].concat());
        Ok((Self::of_seed(&seed), text))
    }

    /// The key of 32 secret bytes.
    ///
    /// Source: RFC 8032, section 5.1.5.
    #[must_use]
    pub fn of_seed(seed: &[u8; KEY]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("32 bytes are a seed");
        Self::of(pair)
    }

    fn of(pair: Ed25519KeyPair) -> Self {
        let mut bytes = [0; KEY];
        bytes.copy_from_slice(pair.public_key().as_ref());
        let public = PublicKey(bytes);
        Self { pair, public }
    }

    /// Reads the first key of a PEM text: PKCS#8, version 1 as OpenSSL writes it, or 2 with the public key, which must
    /// then fit.
    ///
    /// Errors: a [`KeyProblem`] that says what the text is instead, and how to get a key.
    /// Source: RFC 8410, section 7; RFC 5958, section 2.
    pub fn from_pem(text: &str) -> Result<Self, KeyProblem> {
        let block = one(text, "PRIVATE KEY")?;
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&block)
            .map(Self::of)
            .map_err(|e| {
                KeyProblem(format!(
                    "is no ed25519 key in PKCS#8 ({e}); `tollgate key new` or `openssl genpkey -algorithm ed25519` makes one"
                ))
            })
    }

    /// Its public key.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// The signature of a message, 64 bytes.
    ///
    /// Source: RFC 8032, section 5.1.6.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

/// A key that says whose signature it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; KEY]);

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.id())
    }
}

impl PublicKey {
    /// The key of 32 bytes.
    #[must_use]
    pub fn of_bytes(bytes: [u8; KEY]) -> Self {
        Self(bytes)
    }

    /// Reads every key of a PEM text: `SubjectPublicKeyInfo` of ed25519, several one after another.
    ///
    /// Errors: a [`KeyProblem`] that says what the text is instead; one for a text without a key too.
    /// Source: RFC 8410, section 4.
    pub fn from_pem(text: &str) -> Result<Vec<Self>, KeyProblem> {
        let blocks = several(text, "PUBLIC KEY")?;
        let keys = blocks.iter().map(|bytes| {
            let body = bytes.strip_prefix(&PUBLIC_START[..]);
            let body = body.and_then(|b| <[u8; KEY]>::try_from(b).ok());
            body.map(Self)
                .ok_or_else(|| KeyProblem("is a public key, and not one of ed25519".to_owned()))
        });
        keys.collect()
    }

    /// The key as PEM text.
    #[must_use]
    pub fn pem(&self) -> String {
        pem::write("PUBLIC KEY", &[&PUBLIC_START[..], &self.0].concat())
    }

    /// The id: SHA-256 over the key as canonical JSON, hexadecimal.
    ///
    /// It is the one that securesystemslib computes, so that its tools find the key without being told an id.
    /// Source: securesystemslib 1.6.0, `compute_default_keyid`: keytype, keyval and scheme in this order.
    #[must_use]
    pub fn id(&self) -> String {
        let public = hex(&self.0);
        let key = format!(
            r#"{{"keytype":"ed25519","keyval":{{"public":"{public}"}},"scheme":"ed25519"}}"#
        );
        hex(&Sha256::digest(key.as_bytes()))
    }

    /// Whether a signature of a message is this key's.
    ///
    /// Source: RFC 8032, section 5.1.7, without a cofactor.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, &self.0);
        key.verify(message, signature).is_ok()
    }
}

/// The bytes of the only block with a label.
fn one(text: &str, label: &str) -> Result<Vec<u8>, KeyProblem> {
    let mut found = several(text, label)?;
    if found.len() > 1 {
        return Err(KeyProblem(format!(
            "holds {} private keys; keep one in it",
            found.len()
        )));
    }
    Ok(found.remove(0))
}

/// The bytes of every block with a label; there is one at least.
fn several(text: &str, label: &str) -> Result<Vec<Vec<u8>>, KeyProblem> {
    let fail = |what: String| Err(KeyProblem(what));
    let blocks = pem::blocks(text);
    if blocks.is_empty() {
        return fail(format!(
            "holds no PEM text: expected `-----BEGIN {label}-----` and its end"
        ));
    }
    if let Some(other) = blocks.iter().find(|b| b.label != label) {
        return fail(instead(&other.label, label));
    }
    let bytes = blocks.into_iter().map(|b| b.bytes);
    let bytes: Option<Vec<Vec<u8>>> = bytes.collect();
    bytes.ok_or_else(|| KeyProblem("is no base64 between its two lines".to_owned()))
}

/// What a block is that is not the wanted one, and the way out.
fn instead(label: &str, wanted: &str) -> String {
    match (label, wanted) {
        ("PUBLIC KEY", _) => "is a public key; the private one signs".to_owned(),
        ("PRIVATE KEY", _) => {
            "is a private key, which only who signs should have; give its public one (`tollgate key show` prints it)"
                .to_owned()
        }
        ("ENCRYPTED PRIVATE KEY", _) => {
            "is encrypted; `openssl pkey -in FILE` takes the passphrase off".to_owned()
        }
        ("OPENSSH PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY", _) => {
            "is no PKCS#8; `tollgate key new` or `openssl genpkey -algorithm ed25519` makes a key".to_owned()
        }
        _ => format!("is no `{wanted}` in PEM"),
    }
}
