//! DSSE: the envelope around signed bytes.

use super::key::{PrivateKey, PublicKey};
use super::refusal::Refusal;
use super::strict;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Value, json};

/// What is signed: JSON of in-toto.
///
/// Source: in-toto attestation, "Envelope layer", v1.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// Bytes of an envelope that is read: 16 MiB, some 80,000 promises.
pub const MOST_BYTES: u64 = 16 << 20;

/// Signatures of an envelope that are looked at: more are refused, because each costs a pass over the payload.
pub const MOST_SIGNATURES: usize = 64;

/// Reads base64 with or without its padding.
const LAX: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is signed in the place of a payload: its type and its bytes, each with its length.
///
/// Source: DSSE, "Protocol", PAE.
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let start = format!(
        "DSSEv1 {} {payload_type} {} ",
        payload_type.len(),
        payload.len()
    );
    [start.as_bytes(), payload].concat()
}

/// Whether a payload of this type holds a statement of in-toto.
///
/// Source: in-toto attestation, "Envelope layer", v1: the general type, or one that names a predicate, which is not
/// relied upon.
#[must_use]
pub fn is_in_toto(payload_type: &str) -> bool {
    let predicate = payload_type.strip_prefix("application/vnd.in-toto.");
    payload_type == PAYLOAD_TYPE || predicate.is_some_and(|p| p.ends_with("+json"))
}

/// Bytes, what they are, and signatures of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What the bytes are.
    pub payload_type: String,
    /// The signed bytes.
    pub payload: Vec<u8>,
    /// One or several.
    pub signatures: Vec<Signature>,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Which key it says it is of; empty where it says nothing. Nothing vouches for it.
    pub key_id: String,
    /// The signature.
    pub bytes: Vec<u8>,
}

impl Envelope {
    /// Reads the JSON form. Keys that are not known are passed over, keys that are there twice are refused, both alphabets
    /// of base64 are read.
    ///
    /// Errors: [`Refusal::NotAnEnvelope`].
    /// Source: DSSE, "Envelope".
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        Self::read(bytes).map_err(Refusal::NotAnEnvelope)
    }

    fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() as u64 > MOST_BYTES {
            return Err(format!("it has more than {MOST_BYTES} bytes"));
        }
        let value = strict::parse(bytes)?;
        let Value::Object(fields) = &value else {
            return Err("it is no JSON object".to_owned());
        };
        let payload = decoded(fields.get("payload"), "payload")?;
        let payload_type = text(fields.get("payloadType"), "payloadType")?;
        let Some(Value::Array(list)) = fields.get("signatures") else {
            return Err("`signatures` is no list".to_owned());
        };
        if list.len() > MOST_SIGNATURES {
            return Err(format!("it has more than {MOST_SIGNATURES} signatures"));
        }
        let signatures = list.iter().map(|one| {
            let Value::Object(fields) = one else {
                return Err("a signature is no JSON object".to_owned());
            };
            let key_id = match fields.get("keyid") {
                None | Some(Value::Null) => String::new(),
                id => text(id, "keyid")?,
            };
            let bytes = decoded(fields.get("sig"), "sig")?;
            Ok(Signature { key_id, bytes })
        });
        Ok(Self {
            payload_type,
            payload,
            signatures: signatures.collect::<Result<_, String>>()?,
        })
    }

    /// The trusted key that signed it: of the first signature that fits.
    ///
    /// Errors: [`Refusal::NoKeys`], [`Refusal::NoSignatures`]; [`Refusal::BadSignature`] where a signature says that it is
    /// of a trusted key and none fits, else [`Refusal::OtherKey`].
    pub fn signed_by<'k>(&self, trusted: &'k [PublicKey]) -> Result<&'k PublicKey, Refusal> {
        if trusted.is_empty() {
            return Err(Refusal::NoKeys);
        }
        if self.signatures.is_empty() {
            return Err(Refusal::NoSignatures);
        }
        let message = pae(&self.payload_type, &self.payload);
        for signature in &self.signatures {
            let fits = |key: &&PublicKey| key.verifies(&message, &signature.bytes);
            if let Some(key) = trusted.iter().find(fits) {
                return Ok(key);
            }
        }
        let trusted: Vec<String> = trusted.iter().map(PublicKey::id).collect();
        let signed = self.signatures.iter().map(|s| s.key_id.clone());
        let signed: Vec<String> = signed.collect();
        match signed.iter().find(|id| trusted.contains(id)) {
            Some(id) => Err(Refusal::BadSignature(id.clone())),
            None => Err(Refusal::OtherKey { signed, trusted }),
        }
    }

    /// A statement of in-toto in an envelope with one signature.
    #[must_use]
    pub fn signed(payload: Vec<u8>, key: &PrivateKey) -> Self {
        let bytes = key.sign(&pae(PAYLOAD_TYPE, &payload));
        Self {
            payload_type: PAYLOAD_TYPE.to_owned(),
            payload,
            signatures: vec![Signature {
                key_id: key.public().id(),
                bytes,
            }],
        }
    }

    /// The JSON form, with a line break at its end.
    ///
    /// Source: DSSE, "Envelope"; standard base64.
    #[must_use]
    pub fn json(&self) -> String {
        let signatures = self.signatures.iter();
        let signatures = signatures
            .map(|s| json!({"keyid": s.key_id, "sig": STANDARD.encode(&s.bytes)}))
            .collect::<Vec<_>>();
        let envelope = json!({
            "payload": STANDARD.encode(&self.payload),
            "payloadType": self.payload_type,
            "signatures": signatures,
        });
        format!("{envelope:#}\n")
    }
}

fn text(value: Option<&Value>, key: &str) -> Result<String, String> {
    match value {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(format!("`{key}` is no text")),
        None => Err(format!("it has no `{key}`")),
    }
}

/// Standard and URL-safe base64, with or without padding.
fn decoded(value: Option<&Value>, key: &str) -> Result<Vec<u8>, String> {
    let text = text(value, key)?.replace('-', "+").replace('_', "/");
    LAX.decode(text)
        .map_err(|_| format!("`{key}` is no base64"))
}
