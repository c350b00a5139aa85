"""A second implementation, written from the recursive definitions of RFC 6962, 2.1, and from the texts of C2SP, that
shares nothing with the portal's: what both say is what the standards say."""

import base64
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _k(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(leaves: list[bytes]) -> bytes:
    if not leaves:
        return digest(b"")
    if len(leaves) == 1:
        return digest(b"\x00" + leaves[0])
    k = _k(len(leaves))
    return digest(b"\x01" + mth(leaves[:k]) + mth(leaves[k:]))


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = _k(len(leaves))
    return [*path(m, leaves[:k]), mth(leaves[k:])] if m < k else [*path(m - k, leaves[k:]), mth(leaves[:k])]


def proof(m: int, leaves: list[bytes]) -> list[bytes]:
    return _subproof(m, leaves, True)


def _subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    n = len(leaves)
    if m == n:
        return [] if whole else [mth(leaves)]
    k = _k(n)
    if m <= k:
        return [*_subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*_subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def root_of_path(leaf: bytes, m: int, n: int, hashes: list[bytes]) -> bytes:
    """The root that the path claims, taken apart from its far end."""
    if n == 1:
        assert not hashes
        return digest(b"\x00" + leaf)
    k = _k(n)
    *inner, sibling = hashes
    if m < k:
        return digest(b"\x01" + root_of_path(leaf, m, k, inner) + sibling)
    return digest(b"\x01" + sibling + root_of_path(leaf, m - k, n - k, inner))


def roots_of_proof(m: int, n: int, old_root: bytes, hashes: list[bytes]) -> tuple[bytes, bytes]:
    """(the old root, the new root) that the proof claims."""
    return _roots(m, n, old_root, list(hashes), True)


def _roots(m: int, n: int, old_root: bytes, hashes: list[bytes], whole: bool) -> tuple[bytes, bytes]:
    if m == n:
        if whole:
            assert not hashes
            return old_root, old_root
        [only] = hashes
        return only, only
    k = _k(n)
    *inner, sibling = hashes
    if m <= k:
        old, new = _roots(m, k, old_root, inner, whole)
        return old, digest(b"\x01" + new + sibling)
    old, new = _roots(m - k, n - k, old_root, inner, False)
    return digest(b"\x01" + sibling + old), digest(b"\x01" + sibling + new)


def open_note(note: str, vkey: str) -> str:
    """The text of a C2SP signed note, if the key of `vkey` signed it."""
    name, key_id, material = vkey.split("+", 2)
    raw = base64.b64decode(material, validate=True)
    assert digest(name.encode() + b"\n" + raw)[:4].hex() == key_id
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        dash, who, blob = line.split(" ")
        content = base64.b64decode(blob, validate=True)
        if dash == "—" and who == name and content[:4].hex() == key_id:
            _verify(raw, content[4:], text)
            return text
    raise AssertionError("not signed by this key")


def _verify(raw: bytes, signature: bytes, text: str) -> None:
    key = Ed25519PublicKey.from_public_bytes(raw[1:])
    message = text.encode()
    if raw[0] == 4:
        seconds = int.from_bytes(signature[:8], "big")
        message, signature = f"cosignature/v1\ntime {seconds}\n{text}".encode(), signature[8:]
    try:
        key.verify(signature, message)
    except InvalidSignature as wrong:
        raise AssertionError("a broken signature") from wrong


def hashes_in(lines: list[str]) -> list[bytes]:
    return [base64.b64decode(line, validate=True) for line in lines]
