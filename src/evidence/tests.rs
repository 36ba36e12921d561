//! Keys, envelopes and statements against the texts of their standards, and against hostile ones.

use super::dsse::{self, Envelope, MOST_BYTES, MOST_SIGNATURES, Signature, pae};
use super::statement::{SHA256, STATEMENT_TYPE, TEST_RESULT_TYPE};
use super::*;
use crate::report::text::hex;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use serde_json::{Value, json};

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.map(byte).collect()
}

fn seed(hex: &str) -> [u8; 32] {
    bytes(hex).try_into().unwrap()
}

/// The first two keys of RFC 8032, section 7.1.
fn key() -> PrivateKey {
    PrivateKey::of_seed(&seed(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    ))
}

fn other() -> PrivateKey {
    PrivateKey::of_seed(&seed(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    ))
}

#[test]
fn signatures_are_those_of_rfc_8032() {
    for (key, public, message, signature) in [
        (
            key(),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            &b""[..],
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            other(),
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            b"\x72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ] {
        assert_eq!(key.public(), PublicKey::of_bytes(seed(public)));
        assert_eq!(hex(&key.sign(message)), signature);
        assert!(key.public().verifies(message, &bytes(signature)));
        assert!(!key.public().verifies(b"other", &bytes(signature)));
    }
}

/// Keys of RFC 8410, section 10: private in version 1, private in version 2 with attributes, public.
const V1: &str = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
const V2: &str = "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhCoB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
const PUBLIC: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

fn pem(label: &str, body: &str) -> String {
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

#[test]
fn keys_are_those_of_rfc_8410_and_named_as_securesystemslib_names_them() {
    let public = PublicKey::from_pem(&pem("PUBLIC KEY", PUBLIC)).unwrap();
    for body in [V1, V2] {
        let key = PrivateKey::from_pem(&pem("PRIVATE KEY", body)).unwrap();
        assert_eq!([key.public()][..], public);
        assert_eq!(key.public().pem(), pem("PUBLIC KEY", PUBLIC));
    }
    // Printed by securesystemslib 1.6.0 for these keys.
    for (key, id) in [
        (
            public[0],
            "946bbfb4fd58b1aeac3ddb00f68fd8c8dea7e9a84e6c149b1c10b36b707c38fd",
        ),
        (
            key().public(),
            "74c181c7ad8a0855d4b55e44d2ba87aabdddb196832571f15f92fece332e4916",
        ),
    ] {
        assert_eq!(key.id(), id);
    }
    // A variable that lost its line breaks, and a ring of two keys with words between.
    let line = pem("PRIVATE KEY", V1).replace('\n', " ");
    assert_eq!(PrivateKey::from_pem(&line).unwrap().public(), public[0]);
    let short = pem("PRIVATE KEY", &format!("{}\r\n{}", &V1[..20], &V1[20..]));
    assert_eq!(PrivateKey::from_pem(&short).unwrap().public(), public[0]);
    let ring = format!("old:\n{}new:\n{}", public[0].pem(), key().public().pem());
    assert_eq!(
        PublicKey::from_pem(&ring).unwrap(),
        [public[0], key().public()]
    );
}

#[test]
fn a_new_key_is_another_each_time_and_is_read_back() {
    let (one, text) = PrivateKey::generate().unwrap();
    let (two, _) = PrivateKey::generate().unwrap();
    assert_ne!(one.public(), two.public());
    assert_eq!(PrivateKey::from_pem(&text).unwrap().public(), one.public());
    assert_eq!(
        format!("{one:?}"),
        format!("PrivateKey({})", one.public().id())
    );
}

#[test]
fn what_is_no_key_says_what_it_is_instead_and_nothing_of_its_text() {
    let secret = "MC4CAQAwBQYDK2VwBCIEINTuctv5";
    for (text, said) in [
        ("", "holds no PEM text"),
        (secret, "holds no PEM text"),
        (
            &pem("PUBLIC KEY", PUBLIC),
            "is a public key; the private one signs",
        ),
        (&pem("ENCRYPTED PRIVATE KEY", V1), "is encrypted"),
        (&pem("RSA PRIVATE KEY", V1), "is no PKCS#8"),
        (&pem("CERTIFICATE", V1), "is no `PRIVATE KEY`"),
        (&pem("PRIVATE KEY", secret), "is no ed25519 key in PKCS#8"),
        (&pem("PRIVATE KEY", "€"), "is no base64"),
        (&pem("PRIVATE KEY", PUBLIC), "is no ed25519 key in PKCS#8"),
        (&pem("PRIVATE KEY", V1).repeat(2), "holds 2 private keys"),
        (
            &format!("-----BEGIN PRIVATE KEY-----{V1}"),
            "holds no PEM text",
        ),
    ] {
        let problem = PrivateKey::from_pem(text).unwrap_err().to_string();
        assert!(problem.starts_with(said), "{text}: {problem}");
        assert!(!problem.contains("MC4"), "{problem}");
    }
    let problem = PublicKey::from_pem(&pem("PRIVATE KEY", V1)).unwrap_err();
    assert!(
        problem.to_string().contains("give its public one"),
        "{problem}"
    );
    let problem = PublicKey::from_pem(&pem("PUBLIC KEY", V1)).unwrap_err();
    assert_eq!(
        problem.to_string(),
        "is a public key, and not one of ed25519"
    );
}

#[test]
fn the_signed_bytes_are_those_of_the_specification() {
    assert_eq!(
        pae("http://example.com/HelloWorld", b"hello world"),
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    );
    assert_eq!(pae("ä", b""), "DSSEv1 2 ä 0 ".as_bytes());
}

fn statement() -> Statement {
    let text = json!({
        "_type": STATEMENT_TYPE,
        "subject": [{"name": "run.json", "digest": {"sha256": signed::digest(b"run")}}],
        "predicateType": TEST_RESULT_TYPE,
        "predicate": {"result": "PASSED", "configuration": [], "unknown": [1]},
        "unknown": {},
    });
    Statement::parse(text.to_string().as_bytes()).unwrap()
}

#[test]
fn what_was_signed_is_verified_and_nothing_else() {
    let envelope = sign(&statement(), &key());
    let verified = verify(envelope.as_bytes(), &[other().public(), key().public()]).unwrap();
    assert_eq!(verified.statement, statement());
    assert_eq!(verified.key_id, key().public().id());
    assert_eq!(covers_run(&verified.statement, b"run"), Ok(()));
    let refusal = covers_run(&verified.statement, b"ruN")
        .unwrap_err()
        .to_string();
    assert!(refusal.contains(&signed::digest(b"ruN")), "{refusal}");
    let refusal = verify(envelope.as_bytes(), &[other().public()]).unwrap_err();
    assert_eq!(
        refusal,
        Refusal::OtherKey {
            signed: vec![key().public().id()],
            trusted: vec![other().public().id()]
        }
    );
    assert_eq!(verify(envelope.as_bytes(), &[]), Err(Refusal::NoKeys));
}

#[test]
fn no_changed_byte_of_an_envelope_makes_another_statement() {
    let envelope = sign(&statement(), &key()).into_bytes();
    let keys = [key().public()];
    let mut refused = 0;
    for at in 0..envelope.len() {
        for bit in [1, 2, 32] {
            let mut changed = envelope.clone();
            changed[at] ^= bit;
            match verify(&changed, &keys) {
                Ok(verified) => assert_eq!(verified.statement, statement(), "byte {at}"),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > envelope.len(), "{refused} of {}", envelope.len());
}

#[test]
fn a_changed_payload_or_signature_is_a_bad_signature() {
    let good = Envelope::parse(sign(&statement(), &key()).as_bytes()).unwrap();
    let bad = Err(Refusal::BadSignature(key().public().id()));
    for at in 0..good.payload.len() {
        let mut changed = good.clone();
        changed.payload[at] ^= 1;
        assert_eq!(verify(changed.json().as_bytes(), &[key().public()]), bad);
    }
    for at in 0..64 {
        let mut changed = good.clone();
        changed.signatures[0].bytes[at] ^= 1;
        assert_eq!(verify(changed.json().as_bytes(), &[key().public()]), bad);
    }
    for length in [0, 1, 63, 65, 1000] {
        let mut changed = good.clone();
        changed.signatures[0].bytes.resize(length, 0);
        assert_eq!(verify(changed.json().as_bytes(), &[key().public()]), bad);
    }
}

/// An envelope by `key()`, whatever its payload is.
fn signed_bytes(payload_type: &str, payload: &[u8]) -> Envelope {
    let bytes = key().sign(&pae(payload_type, payload));
    Envelope {
        payload_type: payload_type.to_owned(),
        payload: payload.to_vec(),
        signatures: vec![Signature {
            key_id: String::new(),
            bytes,
        }],
    }
}

#[test]
fn one_of_several_signatures_is_enough_and_ids_vouch_for_nothing() {
    let mut envelope = Envelope::parse(sign(&statement(), &key()).as_bytes()).unwrap();
    let junk = Signature {
        key_id: key().public().id(),
        bytes: vec![0; 64],
    };
    envelope.signatures[0].key_id = "another".to_owned();
    envelope.signatures.insert(0, junk.clone());
    let verified = verify(envelope.json().as_bytes(), &[key().public()]).unwrap();
    assert_eq!(verified.key_id, key().public().id());
    envelope.signatures = vec![junk; MOST_SIGNATURES + 1];
    let refusal = verify(envelope.json().as_bytes(), &[key().public()]).unwrap_err();
    assert!(
        refusal.to_string().contains("more than 64 signatures"),
        "{refusal}"
    );
    envelope.signatures.clear();
    let refusal = verify(envelope.json().as_bytes(), &[key().public()]);
    assert_eq!(refusal, Err(Refusal::NoSignatures));
}

#[test]
fn both_alphabets_of_base64_are_read_and_other_types_of_payload_refused() {
    let payload = r#"{"a":"???>>>~~~"}"#.as_bytes();
    let envelope = signed_bytes(dsse::PAYLOAD_TYPE, payload);
    let text = json!({
        "payload": URL_SAFE_NO_PAD.encode(payload),
        "payloadType": envelope.payload_type,
        "signatures": [{"sig": URL_SAFE_NO_PAD.encode(&envelope.signatures[0].bytes), "cert": 1}],
    });
    assert_eq!(Envelope::parse(text.to_string().as_bytes()), Ok(envelope));
    let keys = [key().public()];
    for (kind, read) in [
        ("application/vnd.in-toto+json", true),
        ("application/vnd.in-toto.test-result+json", true),
        ("application/vnd.in-toto+jsoN", false),
        ("application/json", false),
        ("", false),
    ] {
        let envelope = signed_bytes(kind, statement().json().as_bytes()).json();
        match verify(envelope.as_bytes(), &keys) {
            Ok(_) => assert!(read, "{kind}"),
            Err(refusal) => assert_eq!(
                (refusal, read),
                (Refusal::OtherPayload(kind.to_owned()), false)
            ),
        }
    }
    // The type is signed: one that is exchanged is a changed byte.
    let mut envelope = signed_bytes("application/json", statement().json().as_bytes());
    dsse::PAYLOAD_TYPE.clone_into(&mut envelope.payload_type);
    let refusal = verify(envelope.json().as_bytes(), &keys).unwrap_err();
    assert!(matches!(refusal, Refusal::OtherKey { .. }), "{refusal}");
}

#[test]
fn hostile_envelopes_are_refused_with_a_line() {
    let deep = "[".repeat(100_000);
    let huge = " ".repeat(usize::try_from(MOST_BYTES).unwrap() + 1);
    let fields = |payload: &str, kind: &str, signatures: &str| {
        format!(r#"{{"payload": {payload}, "payloadType": {kind}, "signatures": {signatures}}}"#)
    };
    for (text, said) in [
        ("", "EOF while parsing"),
        ("null", "no JSON object"),
        ("[]", "no JSON object"),
        ("{}", "it has no `payload`"),
        (&deep, "recursion limit"),
        (&huge, "more than 16777216 bytes"),
        ("{\"payload\": \"\u{0}\"}", "control character"),
        (&fields("1", "\"t\"", "[]"), "`payload` is no text"),
        (&fields("\"!!!!\"", "\"t\"", "[]"), "`payload` is no base64"),
        (&fields("\"A\"", "\"t\"", "[]"), "`payload` is no base64"),
        (&fields("\"\"", "null", "[]"), "`payloadType` is no text"),
        (&fields("\"\"", "\"t\"", "{}"), "`signatures` is no list"),
        (
            &fields("\"\"", "\"t\"", "[1]"),
            "a signature is no JSON object",
        ),
        (&fields("\"\"", "\"t\"", "[{}]"), "it has no `sig`"),
        (
            &fields("\"\"", "\"t\"", "[{\"sig\": \"\", \"keyid\": 1}]"),
            "`keyid` is no text",
        ),
        (
            &fields("\"\"", "\"t\"", "[{\"sig\": \"=\"}]"),
            "`sig` is no base64",
        ),
        (
            "{\"payload\": \"\", \"payload\": \"\"}",
            "the key `payload` is there twice",
        ),
        (
            "{\"payload\": {\"a\": 1, \"\\u0061\": 1}}",
            "the key `a` is there twice",
        ),
        ("{} {}", "trailing characters"),
        ("{\"payload\": \"\\ud800\"}", "hex escape"),
    ] {
        let refusal = verify(text.as_bytes(), &[key().public()]).unwrap_err();
        assert_eq!(refusal.exit_code(), 3, "{refusal}");
        let refusal = refusal.to_string();
        assert!(refusal.contains(said), "{said}: {refusal}");
        assert!(refusal.len() < 400 && !refusal.contains('\n'), "{refusal}");
    }
    assert!(verify(b"\xff\xfe{", &[key().public()]).is_err());
}

#[test]
fn signed_payloads_that_are_no_statement_are_refused() {
    let good: Value = serde_json::from_str(&statement().json()).unwrap();
    let changed = |at: &str, value: Value| {
        let mut text = good.clone();
        *text.pointer_mut(at).unwrap() = value;
        text.to_string()
    };
    for (payload, said) in [
        (String::new(), "EOF"),
        ("[]".to_owned(), "expected struct"),
        (
            changed("/_type", json!("https://in-toto.io/Statement/v0.1")),
            "its `_type` is `https",
        ),
        (changed("/subject", json!([])), "it has no subject"),
        (
            changed("/subject/0/digest", json!({})),
            "its subject `run.json` has no digest",
        ),
        (
            changed("/subject/0/digest", json!({"sha256": 1})),
            "invalid type",
        ),
        (
            changed("/predicateType", json!("x".repeat(10_000))),
            "and known are",
        ),
        (
            changed("/predicate/result", json!("passed")),
            "unknown variant",
        ),
        (changed("/predicate", Value::Null), "invalid type"),
        (
            r#"{"_type": "a", "_type": "b"}"#.to_owned(),
            "the key `_type` is there twice",
        ),
    ] {
        let envelope = signed_bytes(dsse::PAYLOAD_TYPE, payload.as_bytes()).json();
        let refusal = verify(envelope.as_bytes(), &[key().public()]).unwrap_err();
        assert_eq!(refusal.exit_code(), 5, "{refusal}");
        assert!(refusal.to_string().contains(said), "{payload}: {refusal}");
    }
}

/// A gate that signs every dataset it reads must not make a record of one.
#[test]
fn a_dataset_with_the_bytes_of_a_record_is_no_record() {
    let mut statement = statement();
    statement.subjects = vec![Resource::new(
        "dataset:d:run.json",
        SHA256,
        &signed::digest(b"run"),
    )];
    let verified = verify(sign(&statement, &key()).as_bytes(), &[key().public()]).unwrap();
    let refusal = covers_run(&verified.statement, b"run")
        .unwrap_err()
        .to_string();
    assert!(
        refusal.contains("it has no subject `run.json`"),
        "{refusal}"
    );
    // Nor do two subjects of that name of which one fits.
    statement.subjects = [&b"run"[..], b"other"]
        .map(|b| Resource::new("run.json", SHA256, &signed::digest(b)))
        .to_vec();
    let verified = verify(sign(&statement, &key()).as_bytes(), &[key().public()]).unwrap();
    assert!(covers_run(&verified.statement, b"run").is_err());
}

fn promoted(properties: &[String]) -> Promoted<'_> {
    Promoted {
        registry: "directory registry",
        model: "delay",
        alias: "champion",
        from: Some("6"),
        to: "7",
        run_sha256: Some("ab"),
        properties,
        policies: &[],
        at: chrono::DateTime::UNIX_EPOCH,
    }
}

#[test]
fn a_promotion_is_a_simple_verification_result() {
    let properties = ["TOLLGATE_VERDICT_PASS".to_owned()];
    let statement = promotion_statement(&promoted(&properties));
    let said: Value = serde_json::from_str(&statement.json()).unwrap();
    let identity = br#"["directory registry","delay","7"]"#;
    assert_eq!(
        said,
        json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{
                "name": "model:delay@7",
                "digest": {"sha256": signed::digest(identity)},
                "content": STANDARD.encode(identity),
                "annotations": {"role": "promoted", "of": "delay"},
            }],
            "predicateType": "https://in-toto.io/attestation/svr/v0.2",
            "predicate": {
                "verifier": {"id": "urn:tollgate:promotion:v1", "policies": []},
                "timeCreated": "1970-01-01T00:00:00Z",
                "properties": ["TOLLGATE_VERDICT_PASS"],
                "tollgate": {
                    "version": env!("CARGO_PKG_VERSION"), "registry": "directory registry", "model": "delay",
                    "alias": "champion", "from": "6", "to": "7", "runSha256": "ab",
                },
            },
        })
    );
    let verified = verify(sign(&statement, &key()).as_bytes(), &[key().public()]).unwrap();
    assert_eq!(verified.statement, statement);
    let refusal = covers_run(&verified.statement, b"run")
        .unwrap_err()
        .to_string();
    assert!(refusal.contains("one of a promotion"), "{refusal}");
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(verify(&bytes, &[key().public()]).is_err());
        prop_assert!(Statement::parse(&bytes).is_err());
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(PrivateKey::from_pem(&text).is_err() && PublicKey::from_pem(&text).is_err());
    }

    #[test]
    fn what_is_signed_reads_back(payload in prop::collection::vec(any::<u8>(), 0..300)) {
        let envelope = Envelope::signed(payload.clone(), &key());
        let read = Envelope::parse(envelope.json().as_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&envelope));
        let keys = [key().public()];
        prop_assert_eq!(envelope.signed_by(&keys), Ok(&keys[0]));
        prop_assert!(envelope.signed_by(&[other().public()]).is_err());
    }
}
