"""One work at the log, in a process of its own so that its memory is its own: says seconds and peak memory as JSON."""

import io
import json
import resource
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from processing_log import merkle, sequencer, signer  # noqa: E402
from processing_log.actors import Actor  # noqa: E402
from processing_log.export import Format  # noqa: E402
from processing_log.filters import LogFilter  # noqa: E402
from processing_log.services import export_to_file  # noqa: E402

SEED = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


def sequence(folder: Path) -> None:
    sequencer.sequence()


def sign(folder: Path) -> None:
    settings.LOG_SIGNING_KEY, settings.LOG_SIGNER_DIR = SEED, folder / "signer"
    signer.sign(at_once=True)


def copy_out(folder: Path) -> None:
    statement = "COPY (SELECT * FROM processing_log_event) TO STDOUT (FORMAT csv)"
    with (folder / "plain.csv").open("wb") as file, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            file.write(block)


def export(form: Format) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        export_to_file(
            wanted=LogFilter(), form=form, path=folder / f"log.{form.value}", actor=Actor.system("bench"),
            progress=lambda _: None,
        )  # fmt: skip

    return write


def verify(folder: Path) -> None:
    from processing_log import verify_log

    out = io.StringIO()
    if verify_log.report(folder / "log.zip", [], None, out):
        raise SystemExit(out.getvalue())


def leaves(folder: Path) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM processing_log_leaf ORDER BY index")
        return [bytes(data) for (data,) in cursor.fetchall()]


def hash_alone(entries: list[bytes]) -> None:
    """Every leaf and every node, and nothing else."""
    hashes = [sha256(b"\x00" + entry).digest() for entry in entries]
    while len(hashes) > 1:
        odd = hashes[len(hashes) & ~1 :]
        hashes = [sha256(b"\x01" + hashes[at] + hashes[at + 1]).digest() for at in range(0, len(hashes) & ~1, 2)] + odd
    assert hashes or merkle.EMPTY


WORKS: dict[str, Callable[[Path], None]] = {
    "sequence": sequence,
    "sign": sign,
    "copy": copy_out,
    "csv": export(Format.CSV),
    "jsonl": export(Format.JSON_LINES),
    "xlsx": export(Format.XLSX),
    "zip": export(Format.ZIP),
    "verify": verify,
}


def main(work: str, folder: Path) -> None:
    entries = leaves(folder) if work == "hash" else []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    if work == "hash":
        hash_alone(entries)
    else:
        WORKS[work](folder)
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"seconds": seconds, "memory": after / 1024, "own": (after - before) / 1024}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
