"""What an auditor may see of the log, said twice: to the query, and to PostgreSQL, whose policies hold it for the role
`portal_auditor` whatever the query says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from psycopg.errors import QueryCanceled

from processing_log.models import Event

ROLE: Final = "portal_auditor"
#: No page of the desk holds the database longer.
PAGE_SECONDS: Final = 10


class TooMuch(Exception):
    """The database did not find an answer in the time of a page: a shorter period helps."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Of a mandate. What is empty is not limited."""

    mandate: UUID
    since: datetime
    until: datetime | None = None
    operations: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def narrow(self, events: QuerySet[Event]) -> QuerySet[Event]:
        events = events.filter(at__gte=self.since)
        if self.until:
            events = events.filter(at__lt=self.until)
        if self.operations:
            events = events.filter(operation__in=self.operations)
        if self.purposes:
            events = events.filter(purpose__in=self.purposes)
        if self.categories:
            events = events.filter(categories__overlap=list(self.categories))
        return events

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)

    def shows(self, event: Event) -> bool:
        """As `narrow`, of one that is at hand."""
        return (
            self.holds(event.at)
            and self.covers(purpose=event.purpose, operation=event.operation)
            and not (self.categories and not set(self.categories) & set(event.categories))
        )

    def covers(self, *, purpose: str = "", operation: str = "") -> bool:
        """Whether what is kept beside the events, a consent or an act, belongs to it."""
        return not (self.purposes and purpose not in self.purposes) and not (
            self.operations and operation not in self.operations
        )

    @property
    def is_narrow(self) -> bool:
        """Whether it has more limits than a period."""
        return bool(self.operations or self.purposes or self.categories)

    def in_codes(self) -> str:
        until = self.until.isoformat() if self.until else ""
        parts = {
            "since": self.since.isoformat(), "until": until, "operations": ",".join(self.operations),
            "purposes": ",".join(self.purposes), "categories": ",".join(self.categories),
        }  # fmt: skip
        return " ".join(f"{name}={codes}" for name, codes in parts.items() if codes)


@contextmanager
def eyes(scope: Scope | None, *, seconds: int = 0) -> Iterator[None]:
    """Events and leaves are read as the auditor: PostgreSQL shows none beyond the mandate, and none at all when it has
    ended. Without a scope nothing is limited: for the portal itself and for a person's own. Raises TooMuch after
    `seconds`, if any are named. Nothing can be written inside."""
    if scope is None:
        yield
        return
    with _for_a_while(str(scope.mandate), ROLE, str(seconds * 1000), "on"):
        yield


@contextmanager
def patience(seconds: int) -> Iterator[None]:
    """As the portal itself, by indexes and bitmaps of them alone, for as long. Raises TooMuch."""
    with _for_a_while("", "none", str(seconds * 1000), "off"):
        yield


@contextmanager
def _for_a_while(*settings: str) -> Iterator[None]:
    try:
        with transaction.atomic():
            timeout = _set(*settings)
            yield
            _set("", "none", timeout, "on")
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooMuch from error
        raise


def _set(mandate: str, role: str, timeout: str, other_scans: str) -> str:
    """For this transaction; an error takes it back with the savepoint. The time limit that was there before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'), set_config('portal.mandate', %s, true),"
            " set_config('role', %s, true), set_config('statement_timeout', %s, true),"
            " set_config('enable_seqscan', %s, true), set_config('enable_indexscan', %s, true)",
            [mandate, role, timeout, other_scans, other_scans],
        )
        row = cursor.fetchone()
    assert row
    return str(row[0])
