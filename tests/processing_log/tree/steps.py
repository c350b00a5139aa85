"""Edits of a single byte, and for each file the one step of the verifier that reads the edited place.

A step answers whether the verifier goes on after it. It prepares once what edits have in common, so that there can be
512 edits of each byte: the lines of a file, or the digest of all before the edit. What is decided, a function of
verify_log.py decides."""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import accumulate
from typing import Final, Protocol

from processing_log import verify_log
from processing_log.verify_log import SEAL_LENGTH, Checkpoint, as_signed, is_listed, is_sealed, line_of
from tests.processing_log.tree.held import Held, Walker, passes

#: Where, how many bytes are taken out there, and what is put there.
Edit = tuple[int, int, bytes]

BYTES: Final = tuple(bytes([value]) for value in range(256))
PUT_IN: Final = (b"\x00", b"\n", b" ", b"0")


def edits(content: bytes, places: Iterable[int], *, every_value: bool) -> Iterator[Edit]:
    """At each place one byte less, another, or one more before it. `every_value`: all 255 others and all 256 more;
    otherwise each of the eight bits turned, and NUL, line feed, space, a zero or the byte itself. After the last byte
    there can only be more."""
    for at in places:
        here = content[at : at + 1]
        if here:
            yield at, 1, b""
            others = BYTES if every_value else [BYTES[here[0] ^ 1 << bit] for bit in range(8)]
            for other in others:
                if other != here:
                    yield at, 1, other
        for more in BYTES if every_value else sorted({*PUT_IN, here} - {b""}):
            yield at, 0, more


def carry_out(edit: Edit, content: bytes) -> bytes:
    at, cut, put = edit
    return content[:at] + put + content[at + cut :]


class Step(Protocol):
    def lets_pass(self, at: int, cut: int, put: bytes) -> bool: ...


class OfEntries:
    """Whether the line that is read in the place of the edited one has the hash that is given for it."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.lines = list(BytesIO(files["entries.jsonl"]))
        self.ends = list(accumulate(map(len, self.lines)))
        self.hashes = files["leaf_hashes"]
        self.at = -1

    def lets_pass(self, at: int, cut: int, put: bytes) -> bool:
        if at != self.at:
            if at == self.ends[-1]:
                return True  # after the last entry: the walk tells
            self._turn_to(at)
        line = self.head + put + (b"" if put == b"\n" else self.rest[cut])
        return bool(as_signed([line], self.given))

    def _turn_to(self, at: int) -> None:
        """The line before the place, and what follows there on it when nothing or a byte is taken out: the next line,
        when that byte is the line feed."""
        number = bisect_right(self.ends, at)
        line = self.lines[number]
        here = at - self.ends[number] + len(line)
        self.at, self.head = at, line[:here]
        self.rest = line[here:], line[here + 1 :] or b"".join(self.lines[number + 1 : number + 2])
        self.given = self.hashes[32 * number : 32 * number + 32]


class OfHashes:
    """Whether the hash that is read in the place of the edited one is that of the entry."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.lines, self.hashes = list(BytesIO(files["entries.jsonl"])), files["leaf_hashes"]

    def lets_pass(self, at: int, cut: int, put: bytes) -> bool:
        if at == len(self.hashes):
            return True  # after the last hash: the walk tells
        begin = at - at % 32
        given = self.hashes[begin:at] + put + self.hashes[at + cut : begin + 33]
        return bool(as_signed([self.lines[at // 32]], given[:32]))


class Digests:
    """Of a content with one edit: what is before the edit is digested once."""

    def __init__(self, content: bytes) -> None:
        self.content = memoryview(content)
        self.at, self.before = 0, hashlib.sha256()

    def of(self, at: int, cut: int, put: bytes) -> str:
        if at < self.at:
            self.at, self.before = 0, hashlib.sha256()
        if at > self.at:
            self.before.update(self.content[self.at : at])
            self.at = at
        digest = self.before.copy()
        digest.update(put)
        digest.update(self.content[at + cut :])
        return digest.hexdigest()


class Known(Held):
    """Its files are digested once."""

    def __init__(self, files: dict[str, bytes]) -> None:
        super().__init__(files)
        self.known = {name: Held.digest(self, name) for name in files}

    def digest(self, name: str) -> str:
        return self.known[name]


class OfDigests:
    """Whether the digest is in SHA256SUMS. Of README.txt and verify_log.py nothing else is asked."""

    def __init__(self, files: dict[str, bytes], name: str) -> None:
        self.name, self.list, self.digests = name, files["SHA256SUMS"], Digests(files[name])

    def lets_pass(self, at: int, cut: int, put: bytes) -> bool:
        return is_listed(line_of(self.name, self.digests.of(at, cut, put)), self.list)


class OfList:
    """Whether all digests are those in an edited SHA256SUMS."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.export, self.content = Known(files), files["SHA256SUMS"]

    def lets_pass(self, at: int, cut: int, put: bytes) -> bool:
        self.export.files = self.export.files | {"SHA256SUMS": carry_out((at, cut, put), self.content)}
        return passes(self.export.check_digests)


class OfSeal:
    """Whether a ZIP ends with the digest of all before: no ZIP is verified without."""

    def __init__(self, content: bytes) -> None:
        self.body, self.end = content[:-SEAL_LENGTH], content[-SEAL_LENGTH:]
        self.digests = Digests(self.body)

    def lets_pass(self, at: int, cut: int, put: bytes) -> bool:
        if at < len(self.body):
            return is_sealed(self.digests.of(at, cut, put), self.end)
        edited = carry_out((at, cut, put), self.body + self.end)
        return is_sealed(hashlib.sha256(edited[:-SEAL_LENGTH]).hexdigest(), edited[-SEAL_LENGTH:])


class OfNotes:
    """Whether keys, checkpoint and consistency are right: whichever of them is edited."""

    def __init__(self, files: dict[str, bytes], checkpoint: Checkpoint, name: str) -> None:
        self.files, self.checkpoint, self.name = files, checkpoint, name
        self.keys = verify_log.read_keys(files["keys"])

    def lets_pass(self, at: int, cut: int, put: bytes) -> bool:
        edited = carry_out((at, cut, put), self.files[self.name])
        return passes(lambda: self._ask(edited))

    def _ask(self, edited: bytes) -> object:
        match self.name:
            case "checkpoint":
                return verify_log.read_checkpoint(self.name, edited, self.keys)
            case "keys":
                keys = verify_log.read_keys(edited)
                return verify_log.read_checkpoint("checkpoint", self.files["checkpoint"], keys)
            case _:
                return verify_log.check_growth(edited, self.checkpoint, self.keys)


class OfProof:
    """Whether entries, their hashes and what is between them lead to the root that was signed."""

    def __init__(self, files: dict[str, bytes], walker: Walker) -> None:
        self.content, self.walker = files["proof"], walker

    def lets_pass(self, at: int, cut: int, put: bytes) -> bool:
        return self.walker.lets_pass("proof", at, carry_out((at, cut, put), self.content))


def step_of(name: str, files: dict[str, bytes], checkpoint: Checkpoint, walker: Walker) -> Step:
    match name:
        case "entries.jsonl":
            return OfEntries(files)
        case "leaf_hashes":
            return OfHashes(files)
        case "proof":
            return OfProof(files, walker)
        case "SHA256SUMS":
            return OfList(files)
        case "checkpoint" | "consistency" | "keys":
            return OfNotes(files, checkpoint, name)
        case _:
            return OfDigests(files, name)
