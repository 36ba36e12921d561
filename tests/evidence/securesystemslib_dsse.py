"""DSSE by securesystemslib: `check ENVELOPE PUBLIC PRIVATE` verifies ours, `make STATEMENT FOLDER` writes its own.

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


def check(envelope, public, private):
    written = json.loads(Path(envelope).read_text())
    key = SSlibKey.from_crypto(load_pem_public_key(Path(public).read_bytes()))
    signer = CryptoSigner(load_pem_private_key(Path(private).read_bytes(), None))
    assert signer.public_key.keyid == key.keyid, "both files are of one key"
    ours = Envelope.from_dict(copy.deepcopy(written))
    assert ours.payload_type == TYPE
    accepted = list(ours.verify([key], 1))
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
