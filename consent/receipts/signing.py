"""The operator's hand under receipts: an Ed25519 key that is derived from the keyring, so it is never in the database.

What signs other things (the checkpoints of the log) is derived under a label of its own, so that no signature can be
taken for one of another kind. The key outlives the keyring's epochs; only a keyring made anew changes it.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from consent.receipts.verify_receipt import SIGNED_BY, canonical, key_id, payload_of, signing_input, to_base64url
from personal_data import keyring

#: The newest signs; all of them are published, so that what an older one has signed can be verified for ever.
LABELS: Final = ("signature under receipts of consents",)


class Signer:
    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = key_id(self.public_key)
        self._header = to_base64url(canonical({"alg": SIGNED_BY, "kid": self.key_id}))

    def sign(self, receipt: Mapping[str, Any]) -> str:
        """Detached: the receipt itself stands where the signature is. Equal receipts have equal signatures."""
        signed = self._private.sign(signing_input(self._header, payload_of(receipt)))
        return f"{self._header}..{to_base64url(signed)}"


def current() -> Signer:
    return _signer(keyring.derived(LABELS[-1]))


def public_keys() -> dict[str, bytes]:
    """By their ids. They follow from the keyring alone: nobody can add one in the database."""
    signers = [_signer(keyring.derived(label)) for label in LABELS]
    return {signer.key_id: signer.public_key for signer in signers}


@lru_cache(maxsize=4)
def _signer(seed: bytes) -> Signer:
    return Signer(seed)


def as_jwk(public_key: bytes) -> dict[str, str]:
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": to_base64url(public_key),
        "kid": key_id(public_key),
        "use": "sig",
        "alg": SIGNED_BY,
    }
