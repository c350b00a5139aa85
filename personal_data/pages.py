"""Values at rest and open inside instances, and the rows of one query, which open alike."""

from collections.abc import Callable, Collection
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.db.models.base import ModelState

from personal_data.sealing import MARK

if TYPE_CHECKING:
    from personal_data.fields import SealedMixin
    from personal_data.scope import Scope


class Sealed(bytes):
    """Ciphertext on its way into a column: nothing else gets there."""

    __slots__ = ()


class Column(NamedTuple):
    """What opening a value of a sealed field takes: where it lies at rest in an instance, the place it is bound to, and
    how its bytes are read."""

    name: str
    rest: str
    place: bytes
    read: Callable[[bytes], Any]
    category: str


class RowState(ModelState):
    """Of a row that has sealed values. `opened` has those that are open, by name: closing takes away these and leaves
    what was assigned since. `ahead` has what its page has opened of so many `columns`, and nobody has read yet."""

    opened: dict[str, Any] | None = None
    page: "Page | None" = None
    index = 0
    columns = 0
    ahead: dict[str, Any] | None = None


class LoadedState(RowState):
    """Of a row as the default database gave it."""

    adding = False
    db = "default"


def opened_of(row: Any) -> dict[str, Any]:
    """The values of the row that are open, to add to."""
    state = row._state
    opened: dict[str, Any] | None = getattr(state, "opened", None)
    if opened is None:
        opened = state.opened = {}
    return opened


def put_at_rest(row: Any, rest: str, blob: bytes | None) -> None:
    """A new sealed value. What the page has opened ahead is of the old one."""
    row.__dict__[rest] = blob
    if getattr(row._state, "ahead", None):
        row._state.ahead = None


def is_open(row: Any, name: str) -> bool:
    """Whether the attribute holds what a scope opened or sealed, and nothing newer."""
    opened = getattr(row._state, "opened", None)
    return opened is not None and name in opened and row.__dict__.get(name) is opened[name]


def close(row: Any) -> None:
    """Takes the open values away: the next reading asks the scope that is declared then."""
    opened, values = row._state.opened, row.__dict__
    if opened is not None:
        row._state.opened = None
        for name, value in opened.items():
            if values.get(name) is value:
                del values[name]


#: under which key a row of a page holds its subject's card, until the scope ends
CARD: Final = "card of the subject"
#: what is known of a subject is read anew after so many seconds: a withdrawal stops also the work that is running
KNOWN_SECONDS: Final = 20
#: how many rows open in one pass
AHEAD: Final = 64
_MARK: Final = MARK


class Page:
    """The rows of one query. A page belongs to the scope in which it was fetched or first read, and learns there which
    values are read. When one of them is read of the next row, it opens these of the rows that follow as well, in one
    pass: ciphers are fast while they are warm. Permission is asked for, and the log is told, row by row as they are
    read. In any other scope rows open value by value. Subjects come with the rows as cards, or with one query."""

    __slots__ = (
        "categories", "columns", "fetched_at", "has_cards", "known_as_of", "known_until", "loads_together", "names",
        "rows", "scope",
    )  # fmt: skip

    def __init__(self, rows: list[Any], scope: "Scope | None", *, has_cards: bool = False) -> None:
        self.rows = rows
        self.scope = scope
        self.has_cards = has_cards
        self.fetched_at = monotonic()
        self.loads_together = True
        self.names: set[str] = set()
        self.columns: list[Column] = []
        self.categories: frozenset[str] = frozenset()
        self.known_as_of, self.known_until = 0, 0.0
        for index, row in enumerate(rows):
            state = row._state
            state.page, state.index = self, index

    def subject_ids(self) -> list[UUID]:
        return [values["subject_id"] for row in self.rows if (values := row.__dict__).get("subject_id")]

    def learn(self, field: "SealedMixin") -> None:
        if field.opens_with_others and field.attname not in self.names:
            self.names.add(field.attname)
            self.columns.append(field.parts)
            self.categories |= {field.category}

    def open_row(self, row: Any, scope: "Scope") -> None:
        """Opens of a row what is read of the others. What does not open stays closed, and says why when it is read."""
        state = row._state
        if state.columns < len(self.columns):
            self._open_ahead(state.index, scope)
        opened, state.ahead = state.ahead, None
        if not opened:
            return
        is_known = self.known_as_of == scope.known_as_of and monotonic() < self.known_until
        if not (is_known or scope.reaches_now(row)):
            return
        values = row.__dict__
        if not values.keys().isdisjoint(opened):
            opened = {name: value for name, value in opened.items() if name not in values}
        values.update(opened)
        scope.note_open(row, state, opened, self)

    def _open_ahead(self, index: int, scope: "Scope") -> None:
        """`sealing.unseal()` written out: calls of our own would cost as much as the cipher."""
        columns, count = self.columns, len(self.columns)
        self.known_as_of, self.known_until = scope.known_as_of, monotonic() + KNOWN_SECONDS
        rows = self.rows[index : index + AHEAD]
        for row, subject in zip(rows, scope.states_of(rows, self), strict=True):
            values, state = row.__dict__, row._state
            state.columns = count
            decrypt = subject.decrypt
            if decrypt is None or not scope.reaches(subject):
                continue
            number = subject.standing.key_number
            place_of_row = values["id"].bytes + subject.id_bytes
            opened = state.ahead = {}
            try:
                for name, rest, place, read, _ in columns:
                    if (blob := values[rest]) is not None and blob[0] == number:
                        padded = decrypt(blob[1:13], blob[13:], place + place_of_row)
                        opened[name] = read(padded[: padded.rindex(_MARK)])
            except (InvalidTag, KeyError):
                continue

    def read_of(self, row: Any, opened: Collection[str], own: Collection[bytes]) -> Collection[str]:
        """The categories of what was opened of a row, except of what the scope itself has sealed."""
        values = row.__dict__
        return {column.category for column in self.columns if column.name in opened and values[column.rest] not in own}

    def clear(self) -> None:
        for row in self.rows:
            row._state.ahead = None
            row.__dict__.pop(CARD, None)
        self.rows.clear()
