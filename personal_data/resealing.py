"""A person gets another key, and everything of theirs is sealed anew under it.

So a part of what is held about them can be destroyed in every copy: whatever an old backup holds is sealed under the
key before, and that is only left wrapped under a key-encryption key whose epoch ends. Nobody reads anything: values go
from one cipher into the other as bytes. In the log it is one entry, which PostgreSQL writes itself with the new key.

Nobody else's write gets lost, or is left under the old key: all rows are held first; who inserts meanwhile waits for
the person's row, and who changes one for that row; both are then refused by the number of their key (KeyChanged).
"""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection

from personal_data import data_map, files, keyring
from personal_data.errors import Altered, HeldElsewhere, WrongKey
from personal_data.fields import SealedFileField, SealedMixin
from personal_data.models import PersonalModel
from personal_data.reading import fetch_prepared
from personal_data.scope import forget_subject
from personal_data.sealing import key_after, seal, unseal
from personal_data.subject_state import label

logger = logging.getLogger(__name__)

_LOCK_NOT_AVAILABLE: Final = "55P03"
_REKEY: Final = """
UPDATE personal_data_subject SET wrapped_key = %s, epoch_id = %s, key_number = %s WHERE id = %s AND destroyed_at IS NULL
"""
#: the subject, then every row with a sealed column, also where all are empty: somebody might fill one
_HOLD: Final = """WITH
s AS (SELECT -1, id, ARRAY[wrapped_key], key_number::int, epoch_id::int FROM vault.personal_data_subject
      WHERE id = %(subject)s FOR UPDATE NOWAIT),
{rows}
SELECT * FROM s{all_rows}"""
_ROWS: Final = """r{place} AS (SELECT {place}, id, ARRAY[{columns}]::bytea[], 0, 0 FROM {table}
       WHERE subject_id = %(subject)s FOR UPDATE NOWAIT)"""
_Row = tuple[UUID, list[bytes | None]]


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """A sealed file that nothing leads to once the transaction commits."""

    model: str
    column: str
    row: UUID
    name: str


def hold(subject_id: UUID) -> None:
    """Nobody writes about the person from now on until the commit. Waits for nobody, because whoever writes may be
    waiting for the person's row. Raises HeldElsewhere."""
    _held(subject_id)


def reseal(subject_id: UUID) -> list[Replaced]:
    """The last thing that the transaction does with the person's values: what was taken away before is under the old
    key alone. What does not open stays as it is. Raises HeldElsewhere, WrongKey."""
    (wrapped, number, epoch), rows = _held(subject_id)
    change = _with_new_key(subject_id, wrapped, number, epoch)
    for model, mine in rows.items():
        _write(model, [(row_id, change.row(model, row_id, sealed)) for row_id, sealed in mine])
    forget_subject(subject_id)
    return change.replaced


def _held(subject_id: UUID) -> tuple[tuple[bytes, int, int], dict[type[PersonalModel], list[_Row]]]:
    """The wrapped key, its number and its epoch; and the rows by table."""
    models, rows = data_map.sealed_models(), dict[type[PersonalModel], list[_Row]]()
    try:
        (subject, *found) = fetch_prepared(_statement(), {"subject": subject_id}, DEFAULT_DB_ALIAS)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == _LOCK_NOT_AVAILABLE:
            raise HeldElsewhere(str(subject_id)) from error
        raise
    for place, row_id, sealed, _number, _epoch in found:
        rows.setdefault(models[place], []).append((row_id, sealed))
    _place, _id, (wrapped,), number, epoch = subject
    return (wrapped, number, epoch), rows


def _with_new_key(subject_id: UUID, wrapped: bytes, number: int, epoch: int) -> "_Change":
    (old,) = keyring.with_epoch(epoch).unwrap([(wrapped, label(epoch) + subject_id.bytes)], epoch)
    if old is None:
        raise WrongKey(str(subject_id))
    new = secrets.token_bytes(keyring.KEY_BYTES)
    into = max(epoch, keyring.current().active_epoch)  # somebody may have rotated before this process knows of it
    (wrapped,) = keyring.with_epoch(into).wrap([(new, label(into) + subject_id.bytes)], into)
    with connection.cursor() as cursor:
        cursor.execute(_REKEY, [wrapped, into, key_after(number), subject_id])
    return _Change(
        subject=subject_id, old=AESGCM(old), old_number=number, new=AESGCM(new), new_number=key_after(number)
    )


@cache
def _statement() -> str:
    quote = connection.ops.quote_name
    models = list(enumerate(data_map.sealed_models()))
    rows = (
        _ROWS.format(
            place=place,
            table=quote(model._meta.db_table),
            columns=", ".join(quote(column.sealed_column) for column in model.sealed_fields()),
        )
        for place, model in models
    )
    all_rows = "".join(f" UNION ALL SELECT * FROM r{place}" for place, _model in models)  # noqa: S608
    return _HOLD.format(rows=",\n".join(rows), all_rows=all_rows)


@dataclass(frozen=True, kw_only=True)
class _Change:
    """From the one key to the other. `replaced` are the files that are under the old one."""

    subject: UUID
    old: AESGCM
    old_number: int
    new: AESGCM
    new_number: int
    replaced: list[Replaced] = field(default_factory=list)

    def row(self, model: type[PersonalModel], row_id: UUID, sealed: Sequence[bytes | None]) -> list[bytes | None]:
        columns = zip(model.sealed_fields(), sealed, strict=True)
        return [None if blob is None else self._value(column, row_id, blob) for column, blob in columns]

    def _value(self, column: SealedMixin, row_id: UUID, blob: bytes) -> bytes:
        place = column.place(row_id, self.subject)
        try:
            plain = unseal(self.old, blob, place, self.old_number)
        except Altered:
            logger.warning("A value of %s in row %s does not open: it cannot be sealed anew", column, row_id)
            return blob
        if isinstance(column, SealedFileField):
            plain = self._file(column, row_id, plain, place)
        return seal(self.new, plain, place, self.new_number)

    def _file(self, column: SealedFileField, row_id: UUID, plain: bytes, place: bytes) -> bytes:
        """A file that is lost or was altered stays so."""
        model = column.model._meta
        folder = files.folder_of(model.db_table, column.sealed_column, row_id)
        try:
            card = files.copy(column.from_plain(plain), folder, place, self.old, self.new)
        except (FileNotFoundError, Altered):
            logger.warning("A file of %s in row %s does not open: it cannot be sealed anew", column, row_id)
            return plain
        for name in files.others(folder, card.file_id):
            self.replaced.append(Replaced(model=model.label, column=column.sealed_column, row=row_id, name=name))
        return column.to_plain(card)


def _write(model: type[PersonalModel], rows: Sequence[tuple[UUID, list[bytes | None]]]) -> None:
    quote = connection.ops.quote_name
    columns = [quote(column.sealed_column) for column in model.sealed_fields()]
    statement = (
        f"UPDATE {quote(model._meta.db_table)} t SET {', '.join(f'{name} = n.{name}' for name in columns)} "  # noqa: S608
        f"FROM unnest(%s::uuid[]{', %s::bytea[]' * len(columns)}) AS n (id, {', '.join(columns)}) WHERE t.id = n.id"
    )
    values: list[Any] = [[row_id for row_id, _sealed in rows]]
    values += [[sealed[number] for _row_id, sealed in rows] for number in range(len(columns))]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
