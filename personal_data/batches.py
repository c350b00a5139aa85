"""Sealing many rows in one pass: calls of our own for each value would cost more than the cipher."""

import os
from typing import TYPE_CHECKING, Any, Final

from personal_data.pages import opened_of
from personal_data.sealing import NONCE_BYTES, pad
from processing_log.operations import Operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from personal_data.scope import Scope
    from personal_data.subject_state import SubjectState

RECORD: Final = Operation.RECORD.value


def seal_rows(rows: "Iterable[Any]", scope: "Scope") -> None:
    """Seals of new rows what `pre_save()` would; it then finds it sealed. Files and empty values are left to it."""
    of_somebody = [row for row in rows if row.subject_id]
    scope.meet({row.subject_id for row in of_somebody})
    asked: dict[tuple[Any, ...], frozenset[tuple[str, str]]] = {}
    for row in of_somebody:
        fields = tuple(_to_seal(row))
        if fields:
            if fields not in asked:
                asked[fields] = frozenset((field.category, RECORD) for field in fields)
            _seal_row(row, fields, scope.permit_all(row.subject_id, asked[fields]), scope)


def _to_seal(row: Any) -> "Iterator[Any]":
    values = row.__dict__
    for field in row.sealed_fields():
        if values.get(field.attname) not in (None, "") and field.opens_with_others and field.is_changed_on(row):
            yield field


def _seal_row(row: Any, fields: tuple[Any, ...], subject: "SubjectState", scope: "Scope") -> None:
    values, opened, own = row.__dict__, opened_of(row), []
    encrypt, row_place = subject.cipher.encrypt, row.id.bytes + row.subject_id.bytes
    key, nonces = subject.standing.key_byte, os.urandom(NONCE_BYTES * len(fields))
    for number, field in enumerate(fields):
        value = field.to_python(values[field.attname])
        nonce = nonces[NONCE_BYTES * number : NONCE_BYTES * (number + 1)]
        sealed = encrypt(nonce, pad(field.to_plain(value)), field.column_place + row_place)
        blob = values[field.rest] = key + nonce + sealed
        values[field.attname] = opened[field.attname] = value
        own.append(blob)
        for index in field.blind_indexes:
            values[index.attname] = index.digest(value)
    scope.note_own(row, own)
