"""Everything that is held about one person, by one statement that is generated from the data map.

PostgreSQL gives all rows as one JSON, sealed as they are, with the card of the subject; here they become instances
whose values open as any others do: through the scope that is declared, which decides and logs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models
from pydantic_core import from_json

from personal_data import data_map
from personal_data.data_map import Holding
from personal_data.fields import SealedMixin
from personal_data.models import PersonalModel, Subject
from personal_data.pages import LoadedState, Page
from personal_data.reading import fetch_prepared
from personal_data.scope import current_scope
from personal_data.subject_state import CARD

M = TypeVar("M", bound=models.Model)

#: What a plain column may be to tell a person something; and texts with words for their codes, and these two.
TELLING: Final = (models.DateField, models.BooleanField, models.IntegerField)
TELLING_NAMES: Final = frozenset({"number", "purpose"})
#: in the order of the model
_SUBJECT: Final = ("id", "kind", "open_purposes", "blocked_at", "destroyed_at", "created_at")


class LoggedEvent(NamedTuple):
    """What the processing log says of one act, in codes."""

    at: datetime
    actor_kind: str
    actor_id: str
    operation: str
    fact: str
    categories: Sequence[str]
    purpose: str
    reason: str


def codes_of(act: str) -> list[str]:
    """What `LoggedEvent` says, without the moment, in its order; the categories with commas between them."""
    return act.split(_APART, 6)


def _event(at: str, act: str) -> LoggedEvent:
    kind, actor, operation, fact, categories, purpose, reason = codes_of(act)
    listed = categories.split(",") if categories else ()
    return LoggedEvent(datetime.fromisoformat(at), kind, actor, operation, fact, listed, purpose, reason)


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """`rows` are grouped by table; of tables that have none of this person nothing is here. Rows hold their sealed
    columns, what `facts_of` names, and what their model names in GATHERED. `moments` (ISO, in UTC) and `acts` (their
    codes: `codes_of` reads them) are of the events, the newest first: a log is long, and repeats itself. `beside` is
    what the statement was asked to bring along."""

    subject: Subject
    rows: Sequence[tuple[Holding, Sequence[Any]]]
    moments: Sequence[str]
    acts: Sequence[str]
    beside: Any = None

    @property
    def events(self) -> list[LoggedEvent]:
        return list(map(_event, self.moments, self.acts))

    def of(self, model: type[M]) -> Sequence[M]:
        return next((rows for holding, rows in self.rows if holding.model is model), ())


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A question of somebody else's that is answered by the same statement: a subquery of one value as JSON, with
    `%(name)s` for its parameters."""

    sql: str
    params: Mapping[str, Any]


def gather(
    subject_id: UUID, *, events: bool = True, beside: Beside | None = None, using: str = DEFAULT_DB_ALIAS
) -> Gathered:
    """Inside of processing(), whose scope the rows belong to. Raises Subject.DoesNotExist."""
    scope = current_scope()
    asked = {"subject": subject_id, **(beside.params if beside else {})}
    sql = statement(with_events=events, beside=beside.sql if beside else "NULL")
    with scope.declaring.not_needed():
        found = fetch_prepared(sql, asked, using)
    if not found:
        raise Subject.DoesNotExist
    ((told, logged),) = found
    card, about, brought, *tables = from_json(told)
    scope.read_card(subject_id, bytes.fromhex(card))
    readers = _readers()
    rows = [
        (reader.holding, _made(reader, values, subject_id))
        for reader, values in zip(readers, tables, strict=True)
        if values
    ]
    for holding, made in rows:
        if holding.fields:
            scope.adopt(Page(made, None))
    moments, _, acts = logged.partition("\n\n") if logged else ("", "", "")
    return Gathered(
        subject=_subject(subject_id, about),
        rows=rows,
        moments=_iso(moments).split("\n") if logged else (),
        acts=acts.split("\n") if logged else (),
        beside=brought,
    )


@cache
def facts_of(model: type[models.Model]) -> tuple["models.Field[Any, Any]", ...]:
    """The plain columns that tell a person something: dates, numbers, yes and no, codes that have words. Keys,
    digests and machinery tell nothing."""
    return tuple(field for field in model._meta.concrete_fields if _tells(field))


def _tells(field: "models.Field[Any, Any]") -> bool:
    if isinstance(field, SealedMixin) or field.primary_key or field.remote_field:
        return False
    return isinstance(field, TELLING) or bool(field.choices) or field.name in TELLING_NAMES


# --- the statement, read off the models once a process -------------------------------------------------------------

_STATEMENT: Final = """SELECT
    json_build_array({card}, json_build_array({about}), ({beside}), {tables})::text, ({events})
FROM personal_data_subject s WHERE s.id = %(subject)s"""
# Rows are put in order before they are aggregated: an aggregate that sorts for itself costs three times as much, also
# where there is no row, and of most tables there is none.
_TABLE: Final = """(SELECT json_agg(r.told) FROM
    (SELECT json_build_array({columns}) AS told FROM {source} WHERE {where} ORDER BY {order}) r)"""
#: no code has it in it
_APART: Final = "|"
# One text beside the JSON, a line for each, first of all the moments, then of all the codes: an array of JSON for each
# would cost more than finding them.
_EVENTS: Final = f"""SELECT string_agg(l.moment, E'\n') || E'\n\n' || string_agg(l.act, E'\n') FROM (
    SELECT (e.at AT TIME ZONE 'UTC')::text AS moment, concat_ws('{_APART}', e.actor_kind, e.actor_id, e.operation,
        e.fact, array_to_string(e.categories, ','), e.purpose, e.reason) AS act
    FROM processing_log_event e WHERE e.subject = %(subject)s ORDER BY e.at DESC, e.id DESC) l"""  # noqa: S608


@cache
def statement(*, with_events: bool, beside: str = "NULL") -> str:
    about = ", ".join(f"s.{name}" for name in _SUBJECT[1:])
    return _STATEMENT.format(
        card=f"encode({CARD}, 'hex')",
        about=about,
        events=_EVENTS if with_events else "SELECT NULL",
        beside=beside,
        tables=", ".join(reader.sql for reader in _readers()),
    )


@dataclass(frozen=True, kw_only=True)
class _Reader:
    """How the rows of one table are asked for, and made of what comes. `reads` are the places in a row of what JSON has
    otherwise than the model."""

    holding: Holding
    keys: tuple[str, ...]
    reads: tuple[tuple[int, Callable[[Any], Any]], ...]
    sql: str


@cache
def _readers() -> tuple[_Reader, ...]:
    """A proxy is another name of a table that is listed anyway."""
    return tuple(_reader(holding) for holding in data_map.holdings() if not holding.model._meta.proxy)


def _reader(holding: Holding) -> _Reader:
    model: Any = holding.model
    named = [model._meta.get_field(name) for name in getattr(model, "GATHERED", ())]
    fields: list[Any] = [model._meta.pk, *holding.fields, *facts_of(model), *named]
    source, where = way_to_subject(holding)
    return _Reader(
        holding=holding,
        keys=tuple(_keys_of(model, [field.attname for field in fields])),
        reads=tuple((place, read) for place, field in enumerate(fields) if (read := _read_of(field))),
        sql=_TABLE.format(
            columns=", ".join(_column(field) for field in fields), order=_order(model), source=source, where=where
        ),
    )


def way_to_subject(holding: Holding) -> tuple[str, str]:
    """The tables from `t0`, the model's own, to the one that names the subject; and the condition."""
    model, source, conditions = holding.model, f"{_quoted(holding.model._meta.db_table)} t0", []
    names = holding.path.split("__")
    for number, name in enumerate(names[:-1]):
        key: Any = model._meta.get_field(name)
        model = key.related_model
        source += f", {_quoted(model._meta.db_table)} t{number + 1}"
        conditions.append(f"t{number}.{_quoted(key.column)} = t{number + 1}.{_quoted(key.target_field.column)}")
    last: Any = model._meta.get_field(names[-1])
    return source, " AND ".join([*conditions, f"t{len(names) - 1}.{_quoted(last.column)} = %(subject)s"])


def _column(field: Any) -> str:
    column = f"t0.{_quoted(field.column)}"
    return f"encode({column}, 'hex')" if isinstance(field, SealedMixin) else column


def _order(model: type[models.Model]) -> str:
    """As the model says; else by the first moment it knows; rows of the same moment by their key."""
    meta: Any = model._meta
    named = [str(name) for name in meta.ordering if str(name).lstrip("-") in {f.name for f in meta.concrete_fields}]
    moments = [field.name for field in meta.concrete_fields if isinstance(field, models.DateField)][:1]
    ordered = [*(named or moments), meta.pk.name]
    return ", ".join(_ordered_by(model, name) for name in dict.fromkeys(ordered))


def _ordered_by(model: type[models.Model], name: str) -> str:
    plain = model._meta.pk if name.lstrip("-") == "pk" else model._meta.get_field(name.lstrip("-"))
    column: str = attrgetter("column")(plain)
    return f"t0.{_quoted(column)}{' DESC' if name.startswith('-') else ''}"


def _quoted(name: str) -> str:
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(name)


# --- instances of what came ----------------------------------------------------------------------------------------


def _keys_of(model: type[models.Model], names: list[str]) -> list[str]:
    return model.keys_of(names) if issubclass(model, PersonalModel) else names


def _read_of(field: "models.Field[Any, Any]") -> Callable[[Any], Any] | None:
    """What makes a value of JSON the field's; None where it is already."""
    if isinstance(field, models.ForeignKey):
        return _read_of(field.target_field)
    if isinstance(field, SealedMixin):
        return bytes.fromhex
    if isinstance(field, models.UUIDField):
        return UUID
    if isinstance(field, models.DateTimeField):
        return datetime.fromisoformat
    return date.fromisoformat if isinstance(field, models.DateField) else None


def _made(reader: _Reader, rows: list[list[Any]], subject_id: UUID) -> list[Any]:
    model: Any = reader.holding.model
    make, keys, made = model.__new__, reader.keys, []
    beside = {"subject_id": subject_id} if reader.holding.fields else {}
    for values in rows:
        for place, read in reader.reads:
            if (value := values[place]) is not None:
                values[place] = read(value)
        row = make(model)
        row.__dict__ = {**dict(zip(keys, values, strict=True)), **beside, "_state": LoadedState()}
        made.append(row)
    return made


def _iso(moments: str) -> str:
    """As PostgreSQL writes moments of UTC, a line for each; it writes them as ISO does in three times the time."""
    return f"{moments}\n".replace(" ", "T").replace("\n", "+00:00\n")[:-1]


def _subject(subject_id: UUID, about: list[Any]) -> Subject:
    kind, open_purposes, *moments = about
    read = [moment and datetime.fromisoformat(moment) for moment in moments]
    return Subject.from_db(DEFAULT_DB_ALIAS, _SUBJECT, [subject_id, kind, open_purposes, *read])
