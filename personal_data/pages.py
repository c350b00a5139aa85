"""Values at rest inside instances, and the rows of one query, which open together."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cryptography.exceptions import InvalidTag

from personal_data.sealing import MARK, VERSION

if TYPE_CHECKING:
    from personal_data.fields import SealedMixin
    from personal_data.scope import Scope


#: of a row that the purpose reaches: its attributes, its subject, how to decrypt, and its part of the place
Openable = tuple[dict[str, Any], UUID, Callable[[bytes, bytes, bytes], bytes], bytes]


class Sealed:
    """A value at rest inside an instance. While `scope` lasts, which opened it, `value` is what it says."""

    __slots__ = ("blob", "scope", "value", "was_read")
    value: Any
    was_read: bool

    def __init__(self, blob: bytes) -> None:
        self.blob = blob
        self.scope: Scope | None = None

    def __repr__(self) -> str:
        return "<sealed>"

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy is closed."""
        return Sealed, (self.blob,)


class Page:
    """The rows of one query. They load their subjects with one query when the first value is read; the first value of
    a column opens alone, with the second the whole column opens in one pass. A page belongs to the scope in which it
    was fetched or first read: in any other one its rows open one by one."""

    __slots__ = ("_touched", "openable", "opens_in_columns", "rows", "scope")

    def __init__(self, rows: list[Any], scope: "Scope | None") -> None:
        self.rows = rows
        self.scope = scope
        self.opens_in_columns = True
        self._touched: set[str] = set()
        self.openable: list[Openable] | None = None
        for row in rows:
            row._state.page = self

    def subject_ids(self) -> set[UUID]:
        return {row.__dict__["subject_id"] for row in self.rows if row.__dict__.get("subject_id")}

    def opens_now(self, name: str) -> bool:
        """Whether this is the second value of the column that is read."""
        if name in self._touched:
            self._touched.discard(name)
            return self.opens_in_columns
        self._touched.add(name)
        return False

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy of a row is alone."""
        return Page, ([], None)

    def clear(self) -> None:
        self.rows.clear()
        self.openable = None


class Column:
    """A column of a page that was opened: which of its values are then read is what the log is told."""

    __slots__ = ("category", "subject_ids", "values")

    def __init__(self, category: str) -> None:
        self.category = category
        self.subject_ids: list[UUID] = []
        self.values: list[Sealed] = []

    def open(self, rows: list[Openable], field: "SealedMixin", scope: "Scope") -> None:
        """Opens what opens; the rest stays closed and says why when it is read. This is `sealing.unseal()` written out
        in one loop: calls of our own would cost as much as the cipher."""
        name, place, read = field.attname, field.column_place, field.from_plain
        version, mark = VERSION[0], MARK
        for values, subject_id, decrypt, row in rows:
            sealed = values.get(name)
            if type(sealed) is not Sealed or sealed.scope is not None:
                continue
            blob = sealed.blob
            try:
                padded = decrypt(blob[1:13], blob[13:], place + row)
            except InvalidTag:
                continue
            if blob[0] == version:
                sealed.value = read(padded[: padded.rindex(mark)])
                sealed.was_read = False
                sealed.scope = scope
                self.subject_ids.append(subject_id)
                self.values.append(sealed)

    def close(self) -> set[UUID]:
        """Whose values were read."""
        read = set()
        for subject_id, sealed in zip(self.subject_ids, self.values, strict=True):
            if sealed.was_read:
                read.add(subject_id)
            sealed.scope = sealed.value = None
        return read
