"""Verifies the receipt of a consent without asking anybody: needs Python and the package "cryptography", nothing else.

    python verify_receipt.py RECEIPT.jsonld KEYS.json [--text TEXT.txt]

KEYS.json is the operator's public keys, from /.well-known/receipt-keys.json of the portal. TEXT.txt is the text that
was agreed to, from the address in the receipt. Exit status: 0 genuine, 1 not genuine (it says why), 2 not readable.

What it can't know is what happened after the receipt was given out: whether the consent was withdrawn since, and
whether the operator's ledger still has it. The operator's own page, /privacy/verify-receipt/, says that too.
"""

import argparse
import base64
import binascii
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LARGEST: Final = 64 * 1024
LARGEST_INTEGER: Final = 2**53 - 1
SIGNED_BY: Final = "EdDSA"


class NotReadable(ValueError):
    """Not JSON in which every value has one meaning."""


class NotAReceipt(ValueError):
    """JSON, but not the receipt of a consent with a signature."""


class UnknownKey(Exception):
    """Signed with a key that is not among the operator's."""


class Altered(Exception):
    """The signature does not fit: something was changed after signing."""


# --- JSON with one meaning, and its canonical form (RFC 8785) ---------------------------------------------------------


def read(data: bytes) -> dict[str, Any]:
    """Raises NotReadable: for bytes that are no JSON object, for names that stand twice, for numbers with a point."""
    if len(data) > LARGEST:
        raise NotReadable("larger than any receipt")
    try:
        value = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_without_doubles,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
        canonical(value)
    except (ValueError, RecursionError) as error:
        raise NotReadable(str(error) if isinstance(error, NotReadable) else "not JSON") from None
    if not isinstance(value, dict):
        raise NotReadable("not a JSON object")
    return value


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotReadable("a name stands twice in one object")
    return found


def _refuse_number(text: str) -> Any:
    raise NotReadable("a receipt has whole numbers only")


def canonical(value: Any) -> bytes:
    """RFC 8785 (JCS) of strings, whole numbers, true, false, null, arrays and objects. Raises ValueError for others."""
    try:
        return _canonical(value).encode()
    except UnicodeEncodeError:
        raise ValueError("half a character") from None


def _canonical(value: Any) -> str:
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise ValueError("a number that not every program reads alike")
        return str(value)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise ValueError("a name that is not a string")
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_canonical(name)}:{_canonical(value[name])}" for name in names) + "}"
    raise ValueError("a value that JSON of receipts has not")


# --- the signature: detached JWS, RFC 7515, appendix F; EdDSA, RFC 8037 -----------------------------------------------


def key_id(public_key: bytes) -> str:
    """The thumbprint of RFC 7638."""
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": to_base64url(public_key)}
    return to_base64url(hashlib.sha256(canonical(jwk)).digest())


def payload_of(receipt: Mapping[str, Any]) -> bytes:
    """What is signed: the canonical form of the receipt without its signature."""
    evidence = {name: value for name, value in receipt["ru:evidence"].items() if name != "signature"}
    return canonical({**receipt, "ru:evidence": evidence})


def signing_input(header: str, payload: bytes) -> bytes:
    return f"{header}.{to_base64url(payload)}".encode()


def verify(receipt: Mapping[str, Any], keys: Mapping[str, bytes]) -> str:
    """The id of the key that signed it. `keys` by id. Raises NotAReceipt, UnknownKey, Altered."""
    header, signature = _parts_of(receipt)
    signer = _signer(header)
    if signer not in keys:
        raise UnknownKey(signer)
    try:
        Ed25519PublicKey.from_public_bytes(keys[signer]).verify(
            from_base64url(signature), signing_input(header, payload_of(receipt))
        )
    except (InvalidSignature, ValueError):
        raise Altered from None
    return signer


def _parts_of(receipt: Mapping[str, Any]) -> tuple[str, str]:
    evidence = receipt.get("ru:evidence")
    if receipt.get("@type") != "dpv:ConsentReceipt" or not isinstance(evidence, dict):
        raise NotAReceipt("not the receipt of a consent")
    signature = evidence.get("signature")
    parts = signature.split(".") if isinstance(signature, str) else []
    if len(parts) != 3 or parts[1]:
        raise NotAReceipt("not signed")
    return parts[0], parts[2]


def _signer(header: str) -> str:
    try:
        said = json.loads(from_base64url(header))
    except (ValueError, RecursionError):
        raise NotAReceipt("not signed") from None
    if not isinstance(said, dict) or said.get("alg") != SIGNED_BY or not isinstance(said.get("kid"), str):
        raise NotAReceipt("not signed as receipts are")
    return str(said["kid"])


def keys_in(document: Mapping[str, Any]) -> dict[str, bytes]:
    """The keys of a JWK Set. Raises NotReadable."""
    try:
        keys = [from_base64url(key["x"]) for key in document["keys"] if key["crv"] == "Ed25519"]
    except (KeyError, TypeError, ValueError):
        raise NotReadable("not a set of public keys") from None
    return {key_id(key): key for key in keys}


def to_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_base64url(text: str) -> bytes:
    """Raises ValueError, also for another spelling of the same bytes."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("not base64url") from None
    if to_base64url(data) != text:
        raise ValueError("not base64url")
    return data


# --- on its own -------------------------------------------------------------------------------------------------------


def text_hashes_of(receipt: Mapping[str, Any]) -> list[Any]:
    records = receipt["dpv:hasRecordOfActivity"]
    return [notice["ru:textSha256"] for record in records for notice in record["dpv:hasNotice"]]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("receipt", type=Path, metavar="RECEIPT.jsonld")
    parser.add_argument("keys", type=Path, metavar="KEYS.json")
    parser.add_argument("--text", type=Path, metavar="TEXT.txt", help="the text that was agreed to")
    options = parser.parse_args(arguments)
    try:
        receipt = read(options.receipt.read_bytes())
        signer = verify(receipt, keys_in(read(options.keys.read_bytes())))
        text = options.text.read_bytes() if options.text else None
    except OSError as error:
        return _say(2, f"NOT READABLE: {error.filename}: {error.strerror}")
    except (NotReadable, NotAReceipt) as error:
        return _say(2, f"NOT READABLE: {error}")
    except UnknownKey as error:
        return _say(1, f"NOT GENUINE: signed with the key {error}, which is not among these keys")
    except Altered:
        return _say(1, "NOT GENUINE: something in the receipt was changed after it was signed")
    if text is not None and text_hashes_of(receipt) != [hashlib.sha256(text).hexdigest()]:
        return _say(1, "NOT GENUINE: the receipt is for another text than this one")
    return _say(0, f"GENUINE: signed with the key {signer}")


def _say(status: int, words: str) -> int:
    print(words, file=sys.stderr if status else sys.stdout)
    return status


if __name__ == "__main__":
    sys.exit(main())
