"""DSSE by securesystemslib, statements by in-toto's own classes.

`check ENVELOPE PUBLIC PRIVATE` verifies ours, `make STATEMENT FOLDER` writes one.

What went well is printed as one JSON document; anything else is an exception.
"""

import copy
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0.test_result_pb2 import TestResult
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

TYPE = "application/vnd.in-toto+json"


def refused(envelope, key):
    try:
        envelope.verify([key], 1)
    except VerificationError:
        return True
    return False


def fits(payload):
    """Every field is one of in-toto's, but for the one that is named after the program."""
    parsed = json_format.Parse(payload, statement_pb2.Statement())
    statement = Statement.copy_from_pb(parsed)
    statement.validate()
    for subject in statement.pb.subject:
        ResourceDescriptor.copy_from_pb(subject).validate()
    if statement.pb.predicate_type.endswith("/test-result/v0.1"):
        predicate = json_format.MessageToDict(statement.pb.predicate)
        del predicate["tollgate"]
        result = json_format.ParseDict(predicate, TestResult())
        assert result.result == "PASSED" and result.passed_tests, result
        assert len(result.configuration) == 2, result


def check(envelope, public, private):
    written = json.loads(Path(envelope).read_text())
    key = SSlibKey.from_crypto(load_pem_public_key(Path(public).read_bytes()))
    signer = CryptoSigner(load_pem_private_key(Path(private).read_bytes(), None))
    assert signer.public_key.keyid == key.keyid, "both files are of one key"
    ours = Envelope.from_dict(copy.deepcopy(written))
    assert ours.payload_type == TYPE
    accepted = list(ours.verify([key], 1))
    fits(ours.payload)
    other = CryptoSigner.generate_ed25519().public_key
    assert refused(ours, other), "another key"
    for at in (0, len(ours.payload) // 2, len(ours.payload) - 1):
        changed = Envelope.from_dict(copy.deepcopy(written))
        payload = bytearray(changed.payload)
        payload[at] ^= 1
        changed.payload = bytes(payload)
        assert refused(changed, key), "a changed byte"
    # Ed25519 draws nothing: its signature of the same bytes is ours.
    again = Envelope(ours.payload, ours.payload_type, {})
    again.sign(signer)
    assert again.to_dict()["signatures"] == written["signatures"], "the same signature and id"
    print(json.dumps({"accepted": accepted, "statement": json.loads(ours.payload)}))


def make(statement, folder):
    folder = Path(folder)
    signers = [CryptoSigner.generate_ed25519() for _ in range(2)]
    envelope = Envelope(Path(statement).read_bytes(), TYPE, {})
    for number, signer in enumerate(signers):
        envelope.sign(signer)
        public = load_pem_private_key(signer.private_bytes, None).public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (folder / f"{number}.pub").write_bytes(pem)
        (folder / f"{number}.pem").write_bytes(signer.private_bytes)
    (folder / "made.intoto.json").write_text(json.dumps(envelope.to_dict()))
    print(json.dumps({"ids": [signer.public_key.keyid for signer in signers]}))


if __name__ == "__main__":
    {"check": check, "make": make}[sys.argv[1]](*sys.argv[2:])
