"""Deleting everything that reaches the people of a batch: one statement per table, read off the data map.

Rows that only name a person as a witness (staff who took somebody's request) stay and lose the name. Foreign keys are
checked at the end of the batch, not at its commit, so that a row that was forgotten stops the batch and says so.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from personal_data import data_map
from personal_data.data_map import Holding
from personal_data.models import PersonalModel
from retention import batch, stores
from retention.batch import array_of

Model = type[models.Model]


class LeftBehind(Exception):
    """Something still reaches people who should be gone: the batch is undone. Names the place, not the people."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of the data map, with the statements that count and delete the rows of people given as one array."""

    label: str
    count: str
    delete: str


def erase(subject_ids: Sequence[UUID], fact: str = "") -> Counter[str]:
    """Deletes all that `tables()` and the registered stores hold of the people of this batch, in the transaction that
    is open, and notes in the batch what each had; with this fact it goes into the log. Returns how much there was in
    all, by place."""
    batch.note_losses(fact)
    emptied: Counter[str] = +Counter({store.name: store.erase(subject_ids) for store in stores.registered()})
    ids = array_of(subject_ids)
    with connection.cursor() as cursor:
        for statement in witness_statements():
            cursor.execute(statement, [ids])
        for table in tables():
            cursor.execute(table.delete, [ids])
    return emptied + batch.total()


def erase_but(subject_id: UUID, labels: Collection[str]) -> Counter[str]:
    """As `erase`, of one person and without the tables that `labels` names: something of theirs stays."""
    batch.note_losses()
    emptied: Counter[str] = +Counter({store.name: store.erase([subject_id]) for store in stores.registered()})
    ids = array_of([subject_id])
    with connection.cursor() as cursor:
        for statement in witness_statements():
            cursor.execute(statement, [ids])
        for table in tables():
            if table.label not in labels:
                cursor.execute(table.delete, [ids])
    return emptied + batch.total()


def count(subject_ids: Sequence[UUID]) -> Counter[str]:
    """What `erase` would delete, by place."""
    found: Counter[str] = +Counter({store.name: store.count(subject_ids) for store in stores.registered()})
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(table.count, [array_of(subject_ids)])
            (number,) = cursor.fetchone() or (0,)
            if number:
                found[table.label] = number
    return found


def ensure_nothing_left(subject_ids: Sequence[UUID]) -> None:
    """Asks again, another way: every table whose rows name their subject, the foreign keys of rows that hang on those,
    and the stores themselves. Raises LeftBehind, or IntegrityError where a row points at one that is gone."""
    with connection.cursor() as cursor:
        cursor.execute(_anything_left(), {"ids": array_of(subject_ids)})
        left = [label for (label,) in cursor.fetchall()]
        left += [store.name for store in stores.registered() if store.count(subject_ids)]
        if left:
            raise LeftBehind(", ".join(left))
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


_LEFT: Final = "SELECT '{label}' WHERE EXISTS (SELECT FROM {table} WHERE {column} = ANY(%(ids)s::uuid[]))"


@cache
def _anything_left() -> str:
    direct = [(h.model._meta, *_keys_on_path(h.model, h.path)) for h in destroyed_holdings() if h.depth == 1]
    return " UNION ALL ".join(
        _LEFT.format(label=meta.label, table=_quote(meta.db_table), column=_quote(key.column)) for meta, key in direct
    )


# --- the statements, read off the models once a process ------------------------------------------------------------


@cache
def tables() -> tuple[Table, ...]:
    """In an order in which rows can be deleted: who points before who is pointed at."""
    return tuple(_table(holding) for holding in destroyed_holdings())


@cache
def destroyed_holdings() -> tuple[Holding, ...]:
    """Each table once: a proxy is another name of one that is listed anyway."""
    found = [holding for holding in data_map.holdings() if not holding.is_kept and not holding.model._meta.proxy]
    return tuple(found)


_COUNT: Final = "SELECT count(*) FROM {table} AS t0{joins} WHERE {where}"
_DELETE: Final = "DELETE FROM {table} AS t0{using} WHERE {where}"
_NOTED: Final = """
WITH gone AS ({delete} RETURNING {subject} AS subject_id)
INSERT INTO portal_loss (subject, place, rows, categories, files)
SELECT subject_id, '{label}', count(*), '{{}}', '{{}}' FROM gone GROUP BY subject_id
"""


def _table(holding: Holding) -> Table:
    """What people lose of a sealed table, its trigger notes; of another one, the statement."""
    meta = holding.model._meta
    joins, where, subject = _way_to_subject(holding)
    using = f" USING {joins.removeprefix(', ')}" if joins else ""
    delete = _DELETE.format(table=_quote(meta.db_table), using=using, where=where)
    if not issubclass(holding.model, PersonalModel):
        delete = _NOTED.format(delete=delete, subject=subject, label=meta.label)
    return Table(
        label=meta.label,
        count=_COUNT.format(table=_quote(meta.db_table), joins=joins, where=where),
        delete=delete,
    )


def _way_to_subject(holding: Holding) -> tuple[str, str, str]:
    """The joined tables, the condition, and the column that holds the subject's id."""
    keys = list(_keys_on_path(holding.model, holding.path))
    joins, conditions = "", []
    for number, key in enumerate(keys[:-1]):
        target: Model = key.related_model
        joins += f", {_quote(target._meta.db_table)} AS t{number + 1}"
        conditions.append(f"t{number}.{_quote(key.column)} = t{number + 1}.{_quote(key.target_field.column)}")
    subject = f"t{len(keys) - 1}.{_quote(keys[-1].column)}"
    return joins, " AND ".join([*conditions, f"{subject} = ANY(%s::uuid[])"]), subject


def _keys_on_path(model: Model, path: str) -> Iterator[Any]:
    for name in path.split("__"):
        key: Any = model._meta.get_field(name)
        yield key
        model = key.related_model


@cache
def witness_statements() -> tuple[str, ...]:
    """UPDATEs that take destroyed people's names out of rows that are about somebody else."""
    return tuple(_forget_witness(model, key, holding) for model, key, holding in witness_keys() if key.null)


@cache
def witness_keys() -> tuple[tuple[Model, Any, Holding], ...]:
    holdings = {holding.model: holding for holding in destroyed_holdings()}
    return tuple(
        (model, key, holdings[key.related_model])
        for model in apps.get_models(include_auto_created=True)
        for key in model._meta.concrete_fields
        if key.name in getattr(model, "WITNESSES", ()) and key.related_model in holdings and not model._meta.proxy
    )


_FORGET: Final = """
UPDATE {table} AS w SET {column} = NULL FROM {target} AS t0{joins} WHERE w.{column} = t0.{target_column} AND {where}
"""


def _forget_witness(model: Model, key: Any, holding: Holding) -> str:
    joins, where, _subject = _way_to_subject(holding)
    return _FORGET.format(
        table=_quote(model._meta.db_table),
        column=_quote(key.column),
        target=_quote(holding.model._meta.db_table),
        target_column=_quote(key.target_field.column),
        joins=joins,
        where=where,
    )


def _quote(name: str | None) -> str:
    assert name
    return connection.ops.quote_name(name)
