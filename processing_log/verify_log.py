#!/usr/bin/env python3
"""Verifies an export of a processing log. Believes nobody: neither the operator, nor their database, nor this export.

    python verify_log.py EXPORT.zip            or the folder it was unpacked into
    python verify_log.py EXPORT.zip --key VKEY --checkpoint KEPT

Needs Python 3.11 or newer and the package `cryptography`; no network. Exit status: 0 verified, 1 not verified (it says
where and how), 2 not readable.

What is in an export:

    entries.jsonl   the entries, one a line: the exact bytes that the log has hashed
    leaf_hashes     the hash of each of these entries, 32 bytes each, one after the other
    proof           the hashes of everything between them, that is not in this export
    checkpoint      size and root of the whole log, signed by the log and by witnesses
    consistency     an older checkpoint, and the proof that the log has only grown since (if there is one)
    sample          how the entries were drawn (if they are a sample)
    keys            the public keys of the log and of its witnesses
    SHA256SUMS      a digest of every other file

The log is a Merkle tree (RFC 9162): leaf = SHA-256(0x00 | entry), node = SHA-256(0x01 | left | right). Entries and the
hashes between them lead to one root; if it is the one that was signed, each entry stands in the log where it says, and
no byte of it can be another. Checkpoint and keys have the forms of C2SP (signed-note, checkpoint, cosignature).

What an export alone cannot tell: whether the same log was shown to others. Keep checkpoint and key of the first one,
and give them with --checkpoint and --key when you verify the next: then nothing can have been taken out, changed or
begun anew in between.
"""

import argparse
import base64
import binascii
import hashlib
import io
import json
import lzma
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ALWAYS = ("README.txt", "checkpoint", "entries.jsonl", "export.json", "keys", "leaf_hashes", "proof", "verify_log.py")
SOMETIMES = ("consistency", "sample")
SAMPLE_HEAD = "operator-portal/sample@v2"
PROOF_HEAD = b"operator-portal/proof-of-entries@v1\n"
SEAL = b"sha256:"
SEAL_LENGTH = len(SEAL) + 64
TOLD_AT_MOST = 20
KEYS_OF_AN_ENTRY = [
    "actor_id", "actor_kind", "at", "basis", "categories", "context", "db_role", "fact", "id", "operation", "purpose",
    "reason", "seq", "subject", "system", "v",
]  # fmt: skip
PAST_TERM = "log_past_term"
# whatever zipfile and what it unpacks with say of a ZIP that was damaged
BROKEN_ZIP = (
    OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, NotImplementedError, RuntimeError,
    LookupError, ValueError, OverflowError,
)  # fmt: skip
BATCH_LEVEL = 10

# Nearly every entry looks like this, and a match costs a quarter of reading the JSON. What does not match is read.
_WORD = rb'"[ !#-\[\]-~]*"'
_VALUES = {
    "categories": rb"\[(?:%b(?:,%b)*)?\]" % (_WORD, _WORD),
    "fact": rb'"([a-z_0-9]*)"',
    "seq": rb"(0|[1-9][0-9]*)",
}
_VALUES |= {"id": rb"[1-9][0-9]*", "subject": rb"(?:null|%b)" % _WORD, "v": rb"1"}
USUAL_FORM = re.compile(
    rb"\{" + b",".join(rb'"%b":%b' % (key.encode(), _VALUES.get(key, _WORD)) for key in KEYS_OF_AN_ENTRY) + rb"\}\n"
)


class NotReadable(Exception):
    """This is no export."""


class Wrong(Exception):
    """This file of the export cannot be what the log has given out."""


# --- the tree -----------------------------------------------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: list[bytes]) -> bytes:
    """Of a complete subtree, from the hashes of its leaves."""
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return hashes[0]


def as_signed(entries: list[bytes], given: bytes) -> list[bytes]:
    """The hashes of these lines, if they are those given and the last line, as those before it, is whole; or none."""
    hashes = [sha256(b"\x00" + entry[:-1]).digest() for entry in entries]
    return hashes if b"".join(hashes) == given and entries[-1][-1:] == b"\n" else []


class Tree:
    """A tree that grows to the right. It holds the roots of the complete subtrees it consists of, a few hashes."""

    def __init__(self, parts: list[tuple[int, bytes]] | None = None) -> None:
        self.parts = parts or []

    def append(self, level: int, root: bytes) -> None:
        """A complete subtree of 2 ** level leaves."""
        while self.parts and self.parts[-1][0] == level:
            root = node_hash(self.parts.pop()[1], root)
            level += 1
        self.parts.append((level, root))

    def copy(self) -> "Tree":
        return Tree(list(self.parts))

    def root(self) -> bytes:
        if not self.parts:
            return hashlib.sha256(b"").digest()
        (_level, root), *others = reversed(self.parts)
        for _level, left in others:
            root = node_hash(left, root)
        return root


def largest_block(start: int, end: int) -> int:
    """The level of the largest complete subtree that begins at leaf `start` and ends before leaf `end`."""
    level = (end - start).bit_length() - 1
    return min(level, (start & -start).bit_length() - 1) if start else level


def grows_from(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    """RFC 9162, 2.1.4.2: the tree of `new` leaves begins with the tree of `old` leaves."""
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else proof
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    of_old = of_new = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            of_old, of_new = node_hash(other, of_old), node_hash(other, of_new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            of_new = node_hash(of_new, other)
        place, last = place >> 1, last >> 1
    return last == 0 and (of_old, of_new) == (old_root, new_root)


# --- keys and checkpoints -----------------------------------------------------------------------------------------


def from_base64(text: str) -> bytes:
    """In the one way in which it is written: base64 knows several for the same bytes."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Wrong(f"{text[:40]!r} is not base64") from None
    if base64.b64encode(content).decode() != text:
        raise Wrong(f"{text[:40]!r} is not base64 as it is written")
    return content


class Key:
    """name+id+key; the first byte of the key says what it signs: 1 notes, 4 cosignatures."""

    def __init__(self, vkey: str) -> None:
        self.vkey = vkey
        if vkey.count("+") < 2:
            raise Wrong(f"{vkey[:60]!r} is not a public key")
        self.name, key_id, encoded = vkey.split("+", 2)
        content = from_base64(encoded)
        self.kind, self.raw = content[:1], content[1:]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + content).digest()[:4]
        if self.kind not in (b"\x01", b"\x04") or len(self.raw) != 32 or self.id.hex() != key_id:
            raise Wrong(f"the public key {vkey[:60]!r} does not fit its id")

    def verify(self, text: str, blob: bytes) -> bool:
        message, signature = text.encode(), blob[4:]
        if self.kind == b"\x04":
            seconds, signature = int.from_bytes(signature[:8], "big"), signature[8:]
            message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Checkpoint:
    """A signed note: origin, size and root, an empty line, signatures. Every one of them must be right."""

    def __init__(self, note: bytes, keys: list[Key]) -> None:
        try:
            self.text, gap, lines = note.decode().rpartition("\n\n")
        except UnicodeDecodeError:
            raise Wrong("is not UTF-8") from None
        self.text += "\n"
        head = self.text.split("\n")
        if not gap or not lines.endswith("\n") or len(head) != 4 or not re.fullmatch(r"0|[1-9][0-9]{0,18}", head[1]):
            raise Wrong("is not a checkpoint")
        self.origin, self.size, self.root = head[0], int(head[1]), from_base64(head[2])
        self.signers = [self._signer(line, keys) for line in lines[:-1].split("\n")]
        if not any(key.kind == b"\x01" and key.name == self.origin for key in self.signers):
            raise Wrong(f"is not signed by a key of the log {self.origin!r}")

    def _signer(self, line: str, keys: list[Key]) -> Key:
        found = re.fullmatch(r"— ([^\s+]+) (\S+)", line)
        if not found:
            raise Wrong(f"has a line that is no signature: {line[:60]!r}")
        blob = from_base64(found[2])
        for key in keys:
            if (key.name, key.id) == (found[1], blob[:4]):
                if not key.verify(self.text, blob):
                    raise Wrong(f"has a broken signature of {key.name}: its text or the signature was changed")
                return key
        raise Wrong(f"is signed by {found[1]} with a key ({blob[:4].hex()}) that is not among the known ones")


# --- what the export is made of -----------------------------------------------------------------------------------


class Digested(io.RawIOBase):
    """A file whose digest is taken while it is read: the long ones are read once."""

    def __init__(self, file: Any) -> None:
        self.file, self.digest, self.has_ended = file, sha256(), False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        number: int = self.file.readinto(buffer)
        self.digest.update(memoryview(buffer)[:number])
        self.has_ended = number == 0
        return number


class Hashes:
    """The given hashes, one after the other; what was read can be put back."""

    def __init__(self, file: Any) -> None:
        self.file, self.ahead = file, b""

    def read(self, size: int) -> bytes:
        if not self.ahead:
            content: bytes = self.file.read(size)
            return content
        content, self.ahead = self.ahead[:size], self.ahead[size:]
        return content if len(content) == size else content + self.read(size - len(content))

    def put_back(self, content: bytes) -> None:
        self.ahead = content + self.ahead


def is_sealed(digest: str, end: bytes) -> bool:
    """Of a ZIP: whether it ends with the digest of all before."""
    return end == SEAL + digest.encode()


def line_of(name: str, digest: str) -> bytes:
    return f"{digest}  {name}\n".encode()


def is_listed(line: bytes, kept: bytes) -> bool:
    """`kept`: SHA256SUMS."""
    return line in kept


class Export:
    """A ZIP or a folder. A ZIP ends with the digest of itself, so that not even its wrapping can be changed unseen."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self.path, self.zip = path, None
        self.readers: dict[str, Digested] = {}
        try:
            if path.is_dir():
                self.names = sorted(str(file.relative_to(path)) for file in path.rglob("*") if not file.is_dir())
            else:
                self.zip = stack.enter_context(zipfile.ZipFile(path))
                self.names = sorted(self.zip.namelist())
        except (OSError, zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError) as error:
            raise NotReadable(f"{path} is neither a folder nor a ZIP that can be opened: {error}") from None

    def open(self, name: str) -> Any:
        return self.zip.open(name) if self.zip else (self.path / name).open("rb")

    def read(self, name: str) -> bytes:
        with self.open(name) as file:
            content: bytes = file.read()
        return content

    def read_through(self, name: str, stack: ExitStack) -> io.BufferedReader:
        """To be read from the beginning to the end: its digest is known then."""
        self.readers[name] = Digested(stack.enter_context(self.open(name)))
        return io.BufferedReader(self.readers[name], 1 << 18)

    def digest(self, name: str) -> str:
        if (reader := self.readers.get(name)) and reader.has_ended:
            return reader.digest.hexdigest()
        with self.open(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def kept_from(self) -> tuple[int, bool]:
        """The entry before which all are past their term, and whether from there on each one must be in this export."""
        try:
            about = json.loads(self.read("export.json"))
            return int(about["from"]), about["filter"] == ""
        except (ValueError, KeyError, TypeError, OSError):
            raise Wrong("export.json was changed") from None

    def check_wrapping(self) -> None:
        if self.zip is None:
            return
        digest, left = hashlib.sha256(), self.path.stat().st_size - SEAL_LENGTH
        with self.path.open("rb") as file:
            while left > 0 and (block := file.read(min(left, 1 << 20))):
                digest.update(block)
                left -= len(block)
            if not is_sealed(digest.hexdigest(), file.read()):
                raise Wrong("the ZIP is not the one that was given out; if you packed it anew, verify the folder")

    def check_digests(self) -> None:
        listed = [name for name in self.names if name != "SHA256SUMS"]
        if sorted({*ALWAYS, *listed}) != listed or not {*listed} <= {*ALWAYS, *SOMETIMES}:
            odd = sorted(({*ALWAYS} - {*listed}) | ({*listed} - {*ALWAYS, *SOMETIMES}))
            raise Wrong("files are missing, twice or too many: " + ", ".join(odd or listed))
        kept = self.read("SHA256SUMS")
        lines = [line_of(name, self.digest(name)) for name in listed]
        for name, line in zip(listed, lines, strict=True):
            if not is_listed(line, kept):
                raise Wrong(f"{name} is not, byte for byte, the file that was given out")
        if b"".join(lines) != kept:
            raise Wrong("SHA256SUMS was changed")


# --- the entries ----------------------------------------------------------------------------------------------------


class Entries:
    """Walks through the entries and what is between them, from the first leaf of the log to the last. Keeps two trees
    from where they part: one of the entries as they are in this export, one of the hashes that came with them."""

    def __init__(self, export: Export, size: int, kept: int, stack: ExitStack) -> None:
        self.size, self.kept, self.kept_root = size, kept, b""
        self.kept_from, self.is_everything = export.kept_from()
        self.lines: Iterator[bytes] = export.read_through("entries.jsonl", stack)
        self.hashes = Hashes(export.read_through("leaf_hashes", stack))
        self.blocks = export.read_through("proof", stack)
        self.export = export
        self.of_hashes = self.of_entries = Tree()
        self.found: list[str] = []
        self.places: dict[bytes, int] = {}
        self.number = self.place = self.line = self.one_by_one = 0
        self.block = self.entry = b""
        self.gap = size
        self.announced: dict[str, str] = {}
        self.past_term = ""

    def complain(self, words: str) -> None:
        if len(self.found) < TOLD_AT_MOST:
            self.found.append(words)

    def walk(self) -> None:
        if self.blocks.readline() != PROOF_HEAD:
            raise Wrong("proof: this is not the head of a proof")
        self.next_block()
        self.next_line()
        self.go_on()

    def go_on(self) -> None:
        while self.place < self.size and len(self.found) < TOLD_AT_MOST:
            if self.place == self.kept:
                self.kept_root = self.of_hashes.root()
            if self.place == self.gap:
                self.between()
            elif self.place < self.one_by_one or not self.batch():
                self.one(self.hashes.read(32))
        while self.entry and len(self.found) < TOLD_AT_MOST:
            self.complain(f"line {self.line} of the entries is too much: the log has no entry for it")
            self.next_line()
        if len(self.found) < TOLD_AT_MOST and (self.block or self.hashes.read(1)):
            self.complain("proof or leaf_hashes: there is more in it than the log has entries")

    def between(self) -> None:
        """A complete subtree of entries that are not in this export."""
        found = re.fullmatch(rb"[0-9]+ (0|[1-9][0-9]?) ([A-Za-z0-9+/=]{44})\n", self.block)
        if not found:
            raise Wrong(f"proof: the line for entry {self.place} was changed")
        level, root = int(found[1]), from_base64(found[2].decode())
        if self.is_everything and self.place + (1 << level) > self.kept_from:
            missing = max(self.place, self.kept_from)
            self.complain(f"entry {missing} is missing: there is only its hash in an export of everything")
        if level > largest_block(self.place, self.size):
            raise Wrong(f"proof: no subtree of this size begins at entry {self.place}")
        self.of_hashes.append(level, root)
        if self.of_entries is not self.of_hashes:
            self.of_entries.append(level, root)
        self.place += 1 << level
        self.next_block()

    def batch(self) -> bool:
        """Many entries at once, a complete subtree, where all is right with them: the usual case. Where something is
        not, they are put back, to be looked at one by one."""
        end = min(self.size, self.gap, self.kept if self.place < self.kept else self.size)
        level = min(largest_block(self.place, end), BATCH_LEVEL)
        count = 1 << level
        entries, given = [self.entry, *islice(self.lines, count - 1)], self.hashes.read(32 * count)
        if len(entries) != count or not (hashes := as_signed(entries, given)):
            self.lines, self.one_by_one = chain(entries[1:], self.lines), self.place + count
            self.hashes.put_back(given)
            return False
        for place, entry in enumerate(entries, self.place):
            self.check_form(place, entry)
        root = root_of(hashes)
        if self.of_entries is not self.of_hashes:
            self.of_entries.append(level, root)
        self.of_hashes.append(level, root)
        self.place, self.number, self.line = self.place + count, self.number + count, self.line + count - 1
        self.next_line()
        return True

    def one(self, hash_: bytes) -> None:
        """The entry whose turn it is."""
        if not hash_:
            raise Wrong(f"entry {self.place} is missing: neither it nor its hash is in the export")
        if len(hash_) != 32:
            raise Wrong("leaf_hashes: the file is cut in the middle of a hash")
        if as_signed([self.entry], hash_):
            computed = hash_
            self.check_form(self.place, self.entry)
            self.next_line()
        else:
            computed = self.explain(hash_)
        if computed != hash_ and self.of_entries is self.of_hashes:
            self.of_entries = self.of_hashes.copy()
        if self.of_entries is not self.of_hashes:
            self.of_entries.append(0, computed)
        self.of_hashes.append(0, hash_)
        self.place, self.number = self.place + 1, self.number + 1

    def check_form(self, place: int, entry: bytes) -> None:
        """That the log itself wrote its entry as it promises: JSON with these keys in this order, and its own index.
        The bytes are right already: they have the hash that is in the tree."""
        usual = USUAL_FORM.fullmatch(entry)
        if usual and usual[2] == b"%d" % place and usual[1] != PAST_TERM.encode():
            return
        try:
            content = json.loads(entry)
        except ValueError:
            content = {}
        if not isinstance(content, dict) or list(content) != KEYS_OF_AN_ENTRY or content["seq"] != place:
            self.complain(f"entry {place} is in the log, but is not what an entry looks like")
        elif content["fact"] == PAST_TERM:
            self.announced[str(content["reason"])] = f"entry {place}, of {content['at']}"

    def explain(self, hash_: bytes) -> bytes:
        """What is the matter with the line at hand; answers the hash that the entries give for this place."""
        if not self.places:
            self.places = self.where_each_belongs()
        while (belongs := self.belongs()) is not None and belongs < self.number and len(self.found) < TOLD_AT_MOST:
            self.complain(f"line {self.line} repeats or moves an entry that belongs before entry {self.place}")
            self.next_line()
        if belongs is None and self.entry:
            return self.stranger(hash_)
        if not self.entry:
            self.complain(f"entry {self.place} is missing at the end")
        elif belongs != self.number:
            self.complain(f"entry {self.place} is missing: line {self.line} has a later one")
        else:
            if not self.entry.endswith(b"\n"):
                self.complain(f"entry {self.place}: the end of line {self.line} was changed")
            self.next_line()
        return hash_

    def belongs(self) -> int | None:
        """At which of the given hashes."""
        return self.places.get(leaf_hash(self.entry.rstrip(b"\n"))) if self.entry else None

    def stranger(self, hash_: bytes) -> bytes:
        """A line that was never in the log: changed, or put in before the right one."""
        computed, line = leaf_hash(self.entry[:-1]), self.line
        self.next_line()
        if self.entry and leaf_hash(self.entry[:-1]) == hash_:
            self.complain(f"line {line} was put in before entry {self.place}: the log has no such entry")
            self.next_line()
            return hash_
        self.complain(f"entry {self.place} (line {line}): its bytes are not those that were signed")
        return computed

    def where_each_belongs(self) -> dict[bytes, int]:
        content = self.export.read("leaf_hashes")
        return {content[at : at + 32]: at // 32 for at in range(0, len(content), 32)}

    def next_line(self) -> None:
        self.line, self.entry = self.line + 1, next(self.lines, b"")

    def next_block(self) -> None:
        self.block = self.blocks.readline()
        first = re.match(rb"(?:0|[1-9][0-9]{0,18})(?= )", self.block)
        self.gap = int(first[0]) if first and int(first[0]) >= self.place else self.size

    def what_is_past_term(self) -> str:
        """In words; nothing when the log is kept from its first entry on. An export of everything has an entry that
        says so, signed before those were removed."""
        if self.kept_from <= 0:
            return ""
        gone = f"entries before {self.kept_from} are past their term and are kept no longer, only their hashes"
        for reason, entry in reversed(self.announced.items()):
            month, _gap, before = reason.partition(" ")
            if before == str(self.kept_from):
                return f"{gone}: so says {entry}, of the months to {month}"
        if self.is_everything:
            self.complain(f"entries before {self.kept_from} are missing: no entry says that they are past their term")
        return f"{gone}: so says this export; take everything to see the entry that says so"


# --- the verdict ----------------------------------------------------------------------------------------------------


def read_keys(content: bytes) -> list[Key]:
    try:
        lines = content.decode().splitlines(keepends=True)
    except UnicodeDecodeError:
        raise Wrong("keys: is not UTF-8") from None
    if not all(re.fullmatch(r"(log|witness) \S+\n", line) for line in lines):
        raise Wrong("keys: a line is not a key of the log or of a witness")
    return [Key(line.split(" ")[1].strip()) for line in lines]


def named(file: str, words: Wrong) -> Wrong:
    return Wrong(f"{file}: {words}")


def read_checkpoint(file: str, content: bytes, keys: list[Key]) -> Checkpoint:
    try:
        return Checkpoint(content, keys)
    except Wrong as wrong:
        raise named(file, wrong) from None


def check_growth(content: bytes, new: Checkpoint, keys: list[Key]) -> Checkpoint:
    """`consistency`: "old SIZE", the hashes of the proof, an empty line, the older checkpoint."""
    head, gap, note = content.partition(b"\n\n")
    first, *lines = head.decode(errors="replace").split("\n")
    if not gap or not re.fullmatch(r"old (0|[1-9][0-9]*)", first):
        raise Wrong("consistency: is not a proof")
    old = read_checkpoint("consistency", note, keys)
    if first != f"old {old.size}" or old.origin != new.origin:
        raise Wrong("consistency: is the proof of something else")
    proof = [from_base64(line) for line in lines]
    if old.size > new.size or not grows_from(old.size, old.root, new.size, new.root, proof):
        raise Wrong(f"consistency: the log of {new.size} entries does not begin with the one of {old.size}")
    return old


def check_sample(content: bytes, entries: bytes, roots: dict[int, bytes]) -> str:
    """`sample`: its head, root and word of the auditor, size, then each entry with its turn, or "-" where the lowest
    ranks were taken. What it cannot show is that nothing of a lower rank, or an earlier turn, was left out."""
    found = re.fullmatch(r"([^\n]+)\n([^\n]+)\n([1-9][0-9]{0,18})\n((?:[^\n]+\n)*)", content.decode(errors="replace"))
    if not found or found[1] != SAMPLE_HEAD:
        raise Wrong("sample: is not what a sample looks like")
    head, seed, size, lines = found[1], found[2], found[3], found[4].split("\n")
    root, _gap, word = seed.partition(" ")
    if roots.get(int(size)) != from_base64(root):
        raise Wrong(f"sample: was drawn by a checkpoint of {size} entries that this export does not prove")
    turns: dict[int, str] = {}
    ranks: list[tuple[int, str]] = []
    for line in lines[:-1]:
        if not re.fullmatch(r"(0|[1-9][0-9]{0,18}) (-|0|[1-9][0-9]{0,18})", line):
            raise Wrong(f"sample: {line[:40]!r} is not an entry and its turn")
        index, turn = line.split(" ")
        turns[int(index)] = turn
        what = index if turn == "-" else f"draw {turn}"
        rank = sha256(f"{head}\n{seed}\n{what}\n".encode()).hexdigest()
        if int(index) >= int(size) or (turn != "-" and int(rank, 16) % int(size) != int(index)):
            raise Wrong(f"sample: turn {turn} does not lead to entry {index}")
        ranks.append((-1, rank) if turn == "-" else (int(turn), ""))
    if ranks != sorted(set(ranks)) or len(turns) != len(ranks) or len({turn == "-" for turn in turns.values()}) > 1:
        raise Wrong("sample: its entries are not in the order in which they are drawn")
    if sorted(turns) != [json.loads(line)["seq"] for line in entries.splitlines()]:
        raise Wrong("sample: names other entries than those in this export")
    way = "in turns" if "-" not in turns.values() else "by their ranks"
    return f"a sample of {len(turns)}, drawn {way} by the checkpoint of {size} entries and the word {word!r}"


def check_kept(kept: Checkpoint, new: Checkpoint, roots: dict[int, bytes]) -> None:
    """Against what you kept yourself. `roots`: those of older sizes that this export proves."""
    if kept.origin != new.origin:
        raise Wrong(f"this is another log: {new.origin!r}, and you kept a checkpoint of {kept.origin!r}")
    if kept.size > new.size:
        raise Wrong(f"the log was cut or rolled back: you kept a checkpoint of {kept.size} entries, it has {new.size}")
    if kept.size not in roots:
        raise Wrong(f"this export does not prove that it continues your checkpoint of {kept.size} entries: ask for one")
    if kept.root != roots[kept.size]:
        raise Wrong(f"the log was written anew: its first {kept.size} entries are not those you have seen")


def verify(path: Path, pinned: list[str], kept_file: Path | None) -> Iterator[str]:
    """Says what it has found right. Raises Wrong, NotReadable."""
    with ExitStack() as stack:
        export = Export(path, stack)
        if "checkpoint" not in export.names or "entries.jsonl" not in export.names:
            raise NotReadable(f"{path} is not an export of a processing log")
        keys = read_keys(export.read("keys")) if "keys" in export.names else []
        trusted = [Key(vkey) for vkey in pinned]
        new = read_checkpoint("checkpoint", export.read("checkpoint"), keys)
        if pinned and not {key.vkey for key in trusted} & {key.vkey for key in new.signers}:
            raise Wrong("checkpoint: none of the keys that you trust has signed it: it is signed with another key")
        yield f"checkpoint of {new.origin}: {new.size} entries, signed by {', '.join(key.name for key in new.signers)}"
        kept = read_checkpoint("the kept checkpoint", kept_file.read_bytes(), trusted + keys) if kept_file else None
        entries = check_entries(export, new, kept.size if kept else 0, stack)
        yield f"{entries.number} entries in this export, each as it was signed"
        if entries.past_term:
            yield entries.past_term
        roots = {new.size: new.root}
        if entries.kept_root and kept:
            roots[kept.size] = entries.kept_root
        if "consistency" in export.names:
            old = check_growth(export.read("consistency"), new, keys)
            roots[old.size] = old.root
            yield f"the log has only grown since it had {old.size} entries"
        if "sample" in export.names:
            yield check_sample(export.read("sample"), export.read("entries.jsonl"), roots)
        if kept:
            check_kept(kept, new, roots)
            yield f"it continues the checkpoint of {kept.size} entries that you kept"
        export.check_digests()
        export.check_wrapping()


def check_entries(export: Export, new: Checkpoint, kept: int, stack: ExitStack) -> Entries:
    entries = Entries(export, new.size, kept, stack)
    try:
        entries.walk()
        lead_to_root = len(entries.found) >= TOLD_AT_MOST or entries.of_hashes.root() == new.root
    except Wrong as wrong:
        entries.complain(str(wrong))
        lead_to_root = True
    if not lead_to_root and entries.found and entries.of_entries.root() == new.root:
        raise Wrong("leaf_hashes: was changed; the entries themselves are those that were signed")
    if not lead_to_root:
        entries.complain("entries, leaf_hashes and proof together do not lead to the root that was signed")
    if not entries.found:
        entries.past_term = entries.what_is_past_term()
    if entries.found:
        raise Wrong("\n".join(entries.found))
    return entries


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", type=Path, metavar="ZIP|FOLDER")
    parser.add_argument("--key", action="append", default=[], metavar="VKEY", help="a public key that you trust")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="an older checkpoint that you kept")
    options = parser.parse_args()
    return report(options.export, options.key, options.checkpoint)


def report(path: Path, pinned: list[str], kept: Path | None, out: Any = None) -> int:
    out = out or sys.stdout
    try:
        for words in verify(path, pinned, kept):
            print(f"  ok  {words}", file=out)
    except Wrong as wrong:
        for line in str(wrong).split("\n"):
            print(f"WRONG {line}", file=out)
        print("NOT VERIFIED", file=out)
        return 1
    except (NotReadable, *BROKEN_ZIP) as error:
        print(f"NOT READABLE {error}", file=out)
        return 2
    if not pinned:
        print("Compare the keys with those you kept: cat keys. An export cannot vouch for its own.", file=out)
    print("VERIFIED", file=out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
