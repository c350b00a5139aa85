"""How PostgreSQL is told who acts and why: transaction-local settings, which the triggers of sealed tables ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import connections

from processing_log.events import Declaration

#: an empty text, for a statement that brings the declaration along
DECLARE: Final = "public.portal_declare(%s, %s, %s, %s, %s, %s, %s, %s)"
#: and no bytes, for one that brings bytes
DECLARE_BEFORE_BYTES: Final = f"convert_to({DECLARE}, 'UTF8')"


class Declaring:
    """One scope's declaration. It is made before the first statement of the scope, or by it: whoever asks for a row to
    change it pays no round trip for having said why."""

    def __init__(self, declaration: Declaration, *, on_blocked: bool, using: str) -> None:
        self._connection = connections[using]
        self._said = declaration
        self._on_blocked = "yes" if on_blocked else ""
        self._lets_pass = False
        self.was_made = False

    @property
    def is_awaited(self) -> bool:
        return self._make_first in self._connection.execute_wrappers

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """Around the scope."""
        self._connection.execute_wrappers.append(self._make_first)
        try:
            yield
        finally:
            self._await_no_more()

    def values_if_awaited(self) -> list[str] | None:
        return self.values() if self.is_awaited else None

    @contextmanager
    def brought_along(self, declaration: list[str] | None) -> Iterator[None]:
        """Around a statement with DECLARE in it, if there is a declaration to bring. Tell what came of it by
        `arrived`."""
        self._lets_pass = declaration is not None
        try:
            yield
        finally:
            self._lets_pass = False

    def arrived(self, declaration: list[str] | None, rows: list[Any]) -> None:
        """DECLARE was executed if there was a row to execute it for."""
        if declaration is not None and rows:
            self._await_no_more()
            self.was_made = True

    @contextmanager
    def not_needed(self) -> Iterator[None]:
        """Around a statement that reads and does nothing else: only triggers of writes ask for it, and it costs 0.1 ms.
        The next statement is preceded by it as usual."""
        self._lets_pass = True
        try:
            yield
        finally:
            self._lets_pass = False

    def make(self) -> None:
        self._await_no_more()
        with self._connection.cursor() as cursor:
            cursor.execute(f"SELECT {DECLARE}", self.values())
        self.was_made = True

    def values(self) -> list[str]:
        """What DECLARE takes."""
        said, actor = self._said, self._said.actor
        context = str(said.context)
        return [
            actor.kind.value,
            actor.id,
            said.purpose,
            said.basis,
            said.system,
            said.reason,
            context,
            self._on_blocked,
        ]

    def take_away(self) -> None:
        """The settings end with their transaction. Where that goes on (a test rolls it back), they are emptied."""
        if self.was_made and self._connection.in_atomic_block and not self._connection.needs_rollback:
            with self._connection.cursor() as cursor:
                cursor.execute(f"SELECT {DECLARE}", [""] * 8)

    def _make_first(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not self._lets_pass:
            self.make()
        return execute(sql, params, many, context)

    def _await_no_more(self) -> None:
        if self.is_awaited:
            self._connection.execute_wrappers.remove(self._make_first)
