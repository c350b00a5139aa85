"""A witness of somebody else's log (C2SP tlog-witness): it cosigns a checkpoint if the log has only grown since the
last one, and remembers that in a folder. It needs no database and nothing else of the portal:

    python -m processing_log.witness_server --folder DIR --name auditor.example.ru/w1 --log VKEY --port 8099

Put a proxy with TLS in front of it. The folder is all it has: keep a copy of witness.key."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from processing_log import merkle, notes
from processing_log.notes import COSIGNATURE, Malformed, Note, NotSigned, PublicKey, TreeHead

LONGEST: Final = 64 * 1024
PROOF_LINES: Final = 63
TEXT: Final = "text/plain; charset=utf-8"
SIZE: Final = "text/x.tlog.size"


@dataclass(frozen=True)
class Refused(Exception):
    status: int
    body: str = ""
    kind: str = TEXT


@dataclass(frozen=True, kw_only=True)
class Submission:
    old: int
    proof: tuple[bytes, ...]
    note: Note
    head: TreeHead

    @classmethod
    def parse(cls, body: bytes) -> "Submission":
        try:
            first, gap, rest = body.decode().partition("\n\n")
            head, *lines = first.split("\n")
            word, _space, size = head.partition(" ")
            if not gap or word != "old" or not size.isdigit() or str(int(size)) != size or len(lines) > PROOF_LINES:
                raise Malformed("not what a witness is asked")
            note = Note.parse(rest)
            proof = tuple(map(notes.from_base64, lines))
            return cls(old=int(size), proof=proof, note=note, head=TreeHead.parse(note.text))
        except ValueError as wrong:
            raise Refused(400) from wrong


class Witness:
    def __init__(self, folder: Path, name: str, logs: Sequence[PublicKey]) -> None:
        self.folder, self.name, self.logs = folder, name, logs
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.key = self._key(folder / "witness.key")
        self.public = notes.public_key(name, self.key, COSIGNATURE)

    def cosign(self, body: bytes) -> str:
        """The line of the cosignature. Raises Refused."""
        asked = Submission.parse(body)
        keys = [key for key in self.logs if key.name == asked.head.origin]
        if not keys:
            raise Refused(404)
        try:
            if not asked.note.signed_by(keys):
                raise Refused(403)
        except NotSigned as broken:
            raise Refused(403) from broken
        self._only_grows(asked)
        self._keep(asked)
        return f"{notes.cosign(asked.note.text, self.name, self.key, seconds=int(time.time()))}\n"

    def _only_grows(self, asked: Submission) -> None:
        if asked.old > asked.head.size:
            raise Refused(400)
        last = self._last(asked.head.origin)
        if asked.old != last.size:
            raise Refused(409, f"{last.size}\n", SIZE)
        if not merkle.is_consistent(last.size, asked.head.size, last.root, asked.head.root, asked.proof):
            raise Refused(409 if asked.head.size == last.size else 422, f"{last.size}\n", SIZE)
        if asked.head.size == 0 and asked.head.root != merkle.EMPTY:
            raise Refused(422)

    def _last(self, origin: str) -> TreeHead:
        file = self._file(origin)
        if not file.exists():
            return TreeHead(origin=origin, size=0, root=merkle.EMPTY)
        return TreeHead.parse(Note.parse(file.read_text()).text)

    def _keep(self, asked: Submission) -> None:
        """On disk before anybody gets the cosignature."""
        _write(self._file(asked.head.origin), str(asked.note))

    def _file(self, origin: str) -> Path:
        return self.folder / f"{origin.encode().hex()}.checkpoint"

    @staticmethod
    def _key(file: Path) -> Ed25519PrivateKey:
        if not file.exists():
            _write(file, notes.to_base64(os.urandom(32)) + "\n")
        return Ed25519PrivateKey.from_private_bytes(notes.from_base64(file.read_text().strip()))


def server(witness: Witness, port: int, host: str = "127.0.0.1") -> HTTPServer:
    """One request after the other: two at once could both continue the same checkpoint."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self) -> None:
            try:
                if self.path != "/add-checkpoint":
                    raise Refused(404)
                length = self.headers.get("Content-Length", "")
                if not length.isdigit() or int(length) > LONGEST:
                    raise Refused(400)
                self._answer(200, witness.cosign(self.rfile.read(int(length))), TEXT)
            except Refused as refused:
                self._answer(refused.status, refused.body, refused.kind)

        def _answer(self, status: int, body: str, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is http.server's
            """Nothing about who asks."""

    return HTTPServer((host, port), Handler)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, required=True, help="where the key and the last checkpoints are kept")
    parser.add_argument("--name", required=True, help="of this witness, like auditor.example.ru/w1")
    parser.add_argument("--log", action="append", required=True, metavar="VKEY", help="public key of a log; repeatable")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8099)


def serve(options: argparse.Namespace) -> None:
    witness = Witness(options.folder, options.name, [PublicKey.parse(vkey) for vkey in options.log])
    print(f"Witness {witness.public}\nhttp://{options.host}:{options.port}/add-checkpoint", flush=True)
    server(witness, options.port, options.host).serve_forever()


def _write(file: Path, content: str) -> None:
    part = file.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments(parser)
    try:
        serve(parser.parse_args())
    except KeyboardInterrupt:
        sys.exit(0)
