"""Sealed files: content on disk in chunks under the subject's key, name and type in the row like any sealed value.

    FILES_DIR/<table>/<column>/<row id>/<file id>

A row's folder can be erased without any key. Chunk: nonce (12) | ciphertext of up to 64 KiB | tag (16); each is bound
to its place, its number and whether it is the last one, so chunks cannot be moved, dropped or cut off.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.files.base import File
from django.db import models

from personal_data.errors import Altered, Undeclared
from personal_data.sealing import NONCE_BYTES

CHUNK_BYTES: Final = 64 * 1024
_TAG_BYTES: Final = 16


@dataclass(frozen=True, kw_only=True)
class FileCard:
    """What the row keeps, sealed, about its file. `size` is in bytes."""

    file_id: UUID
    name: str
    content_type: str
    size: int


@dataclass(frozen=True, kw_only=True)
class SealedFile:
    """A file as code sees it inside a scope: its card, and its content in plain chunks."""

    card: FileCard
    path: Path
    place: bytes
    cipher: AESGCM
    may_open: Callable[[], bool]
    #: the same, as it stands now: another file may have taken its place
    again: "Callable[[], SealedFile | None]" = lambda: None

    @property
    def name(self) -> str:
        return self.card.name

    @property
    def size(self) -> int:
        return self.card.size

    def chunks(self) -> Iterator[bytes]:
        """Raises Undeclared after the scope has ended, Altered when the file is not what was written."""
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            now = self.again()
            if now is None or now.path == self.path or now.size != self.size:
                raise
            yield from now.chunks()
            return
        with file:
            last = max(1, -(-self.card.size // CHUNK_BYTES)) - 1
            for number in range(last + 1):
                if not self.may_open():
                    raise Undeclared("the scope that opened the file has ended")
                yield _open_chunk(self, file.read(NONCE_BYTES + CHUNK_BYTES + _TAG_BYTES), number, number == last)
            if file.read(1):
                raise Altered("a sealed file is longer than it was")

    def read(self) -> bytes:
        return b"".join(self.chunks())


def _open_chunk(file: SealedFile, chunk: bytes, number: int, is_last: bool) -> bytes:
    try:
        return file.cipher.decrypt(chunk[:NONCE_BYTES], chunk[NONCE_BYTES:], _bound(file.place, number, is_last))
    except (InvalidTag, ValueError):
        raise Altered("a sealed file does not open in its place") from None


def _bound(place: bytes, number: int, is_last: bool) -> bytes:
    return place + b"|%d|%d" % (number, is_last)


def write(content: File[bytes], folder: Path, place: bytes, cipher: AESGCM) -> FileCard:
    """Seals the content into a new file of the folder; the file is whole and on disk when this returns."""
    file_id, size = _write(_with_last(content), folder, place, cipher)
    content_type = getattr(content, "content_type", None) or "application/octet-stream"
    return FileCard(file_id=file_id, name=Path(content.name or "file").name, content_type=content_type, size=size)


def _write(chunks: Iterable[tuple[bytes, bool]], folder: Path, place: bytes, cipher: AESGCM) -> tuple[UUID, int]:
    """Each chunk comes with whether it is the last."""
    file_id = uuid4()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / file_id.hex
    part = target.with_suffix(".part")
    size = 0
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for number, (chunk, is_last) in enumerate(chunks):
            nonce = os.urandom(NONCE_BYTES)
            out.write(nonce + cipher.encrypt(nonce, chunk, _bound(place + file_id.bytes, number, is_last)))
            size += len(chunk)
        out.flush()
        os.fsync(out.fileno())
    part.rename(target)
    return file_id, size


def copy(card: FileCard, folder: Path, place: bytes, old: AESGCM, new: AESGCM) -> FileCard:
    """The same content in a new file of the folder, sealed under another key. Raises FileNotFoundError, Altered."""
    found = SealedFile(
        card=card, path=folder / card.file_id.hex, place=place + card.file_id.bytes, cipher=old, may_open=lambda: True
    )
    last = max(1, -(-card.size // CHUNK_BYTES)) - 1
    chunks = ((chunk, number == last) for number, chunk in enumerate(found.chunks()))
    with found.path.open("rb"):
        file_id, _size = _write(chunks, folder, place, new)
    return replace(card, file_id=file_id)


def _with_last(content: File[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Chunks of exactly CHUNK_BYTES but the last; an empty file is one empty chunk."""
    content.seek(0)
    chunk = content.read(CHUNK_BYTES)
    while True:
        following = content.read(CHUNK_BYTES) if len(chunk) == CHUNK_BYTES else b""
        yield chunk, not following
        if not following:
            return
        chunk = following


def folder_of(table: str, column: str, row_id: UUID) -> Path:
    return Path(settings.FILES_DIR) / table / column / row_id.hex


def erase_rows(model: type[models.Model], row_ids: Iterable[UUID]) -> int:
    """Removes the files of rows that are gone; needs no key. Returns how many folders went."""
    from personal_data.fields import SealedFileField

    gone = 0
    columns = [f.sealed_column for f in model._meta.concrete_fields if isinstance(f, SealedFileField)]
    for row_id in row_ids if columns else ():
        for column in columns:
            folder = folder_of(model._meta.db_table, column, row_id)
            if folder.exists():
                shutil.rmtree(folder)
                gone += 1
    return gone


def others(folder: Path, keep: UUID) -> list[str]:
    """Names of what lies beside the file; halves of files are swept away otherwise."""
    names = (path.name for path in folder.iterdir()) if folder.exists() else iter(())
    return sorted(name for name in names if name != keep.hex and not name.endswith(".part"))


def erase_one(model: type[models.Model], column: str, row_id: UUID, name: str) -> None:
    (folder_of(model._meta.db_table, column, row_id) / name).unlink(missing_ok=True)


def drop_others(folder: Path, keep: UUID | None) -> None:
    """After a commit: what the row's new file replaced."""
    for path in folder.iterdir() if folder.exists() else ():
        if keep is None or path.name != keep.hex:
            path.unlink(missing_ok=True)
