"""The least that opening can cost in Python: rows in binary with their wrapped keys beside them, a cipher for each
person, and its call for each value. No instances of a model, nobody asks whether it may be read, nothing is noted."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection

from benchmarks.contestants import Contestant
from benchmarks.sealed.models import SealedPerson
from personal_data import keyring
from personal_data.sealing import MARK, NONCE_BYTES
from personal_data.subject_state import label

_FIRST: Final = 1 + NONCE_BYTES
_ROWS: Final = """
SELECT p.id, p.subject_id, (SELECT s.wrapped_key FROM vault.personal_data_subject s WHERE s.id = p.subject_id),
    {columns}
FROM sealed_sealedperson p WHERE p.number >= {first} AND p.number < {end} ORDER BY p.number
"""


class Opened:
    """A person with the values that were asked for, and nothing else."""

    email: str
    last_name: str
    first_name: str
    patronymic: str | None
    note: str


class BareLimit(Contestant):
    def page(self, first: int, count: int, names: Sequence[str]) -> Iterator[Opened]:
        fields: list[Any] = [SealedPerson._meta.get_field(name) for name in names]
        read = [(field.attname, field.column_place, field.from_plain) for field in fields]
        ring = keyring.current()
        unwrap, bound_to = ring.opener(ring.active_epoch), label(ring.active_epoch)
        for row_id, subject_id, wrapped, *sealed in _rows([field.column for field in fields], first, first + count):
            subject = subject_id.bytes
            decrypt = AESGCM(unwrap(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], bound_to + subject)).decrypt
            place_of_row, person = row_id.bytes + subject, Opened()
            values = person.__dict__
            for (name, place, from_plain), blob in zip(read, sealed, strict=True):
                if blob is not None:
                    padded = decrypt(blob[1:_FIRST], blob[_FIRST:], place + place_of_row)
                    values[name] = from_plain(padded[: padded.rindex(MARK)])
                else:
                    values[name] = None
            yield person


def _rows(columns: list[str], first: int, end: int) -> list[Any]:
    connection.ensure_connection()
    listed = ", ".join(f"p.{column}" for column in columns)
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(_ROWS.format(columns=listed, first=first, end=end), prepare=False, binary=True)
        return cursor.fetchall()
