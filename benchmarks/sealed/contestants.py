"""Plain Django and the portal, in the portal's own environment."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection

from benchmarks import people
from benchmarks.contestants import Contestant, HandWrittenLog
from benchmarks.plain.models import PlainPerson
from benchmarks.sealed.limit import BareLimit
from benchmarks.sealed.models import SealedPerson, SilentPerson
from personal_data.models import Subject, SubjectKind
from personal_data.scope import processing
from processing_log.actors import Actor, ActorKind

STAFF: Final = Actor(kind=ActorKind.STAFF, id="11111111-1111-4111-8111-111111111111")
SINCE: Final = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)
BRING_BACK: Final = """
UPDATE {table} p SET patronymic = kept.patronymic
FROM unnest(%s::uuid[], %s::bytea[]) AS kept (id, patronymic) WHERE kept.id = p.id
"""


class Portal(Contestant):
    def act(self) -> AbstractContextManager[Any]:
        return processing("rights", actor=STAFF)

    reading = act

    def build(self, numbers: Iterable[int]) -> list[Any]:
        numbered = list(numbers)
        subjects = Subject.objects.create_many_for(kind=SubjectKind.USER, at=SINCE, count=len(numbered))
        return [
            self.model(subject=subject, number=number, **people.values(number))
            for subject, number in zip(subjects, numbered, strict=True)
        ]

    def keep_values(self, first: int, count: int) -> Any:
        return list(self.span(first, count).values_list("id", "patronymic"))

    def bring_back(self, kept: Any) -> None:
        with self.act(), connection.cursor() as cursor:
            cursor.execute(
                BRING_BACK.format(table=self.model._meta.db_table),
                [[row for row, _ in kept], [sealed for _, sealed in kept]],
            )


CONTESTANTS: Final = {
    "plain": Contestant(PlainPerson),
    "hand-written log": HandWrittenLog(PlainPerson),
    "portal": Portal(SealedPerson),
    "portal without its log": Portal(SilentPerson),
    "bare limit": BareLimit(SealedPerson),
}
