"""Which consents cover what is done today. One that was given to less than that stays in the ledger, and is on hold:
the choke point refuses its purpose until the person consents to the text that says so.

Who gives a consent calls `keep_still()` first (in `ledger.lock_to_give()`) and opens the purpose only if
`is_covered()`; who publishes calls `settle()`, which closes and opens for all people at once. `open_entries()` is what
`Subject.open_purposes` is made of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection
from django.db.models import F, Func, QuerySet, Value

from consent.facts import Fact
from consent.in_force import day_of
from consent.models import ConsentTextVersion, LedgerEntry, LedgerEntryQuerySet
from personal_data.models import Subject
from personal_data.scope import Scope
from profiles import current
from profiles.reach import Reach
from profiles.schema import Profile

#: An advisory lock of the database: many give consents at once, and nobody while a version is published.
_LOCK: Final = 0x72656163


@dataclass(frozen=True, kw_only=True)
class Settled:
    """Of one purpose: how many people's consents were put on hold, and how many came off it."""

    purpose: str
    held: int
    released: int


def keep_still() -> None:
    """Until the end of this transaction nobody publishes. Called before the newest text is looked up."""
    _lock("pg_advisory_xact_lock_shared")


def _stand_alone() -> None:
    _lock("pg_advisory_xact_lock")


def _lock(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_LOCK])


def today(purpose: str, profile: Profile | None = None) -> Reach | None:
    """How far the purpose reaches now. None when it rests on no consent."""
    found = (profile or current()).purposes.get(purpose)
    return Reach.of(found) if found and found.needs_consent else None


def is_covered(text: ConsentTextVersion, profile: Profile | None = None) -> bool:
    """Whether a consent to this text allows all that is done today."""
    reach = today(text.purpose, profile)
    return reach is not None and text.reaches.covers(reach)


def covering_texts(profile: Profile | None = None) -> list[int]:
    return [text.pk for text in ConsentTextVersion.objects.defer("content") if is_covered(text, profile)]


def open_entries(profile: Profile | None = None) -> LedgerEntryQuerySet:
    """The consents in force that cover what is done today: the rest of those in force is on hold."""
    return LedgerEntry.objects.in_force().filter(text_id__in=covering_texts(profile))


def on_hold(profile: Profile | None = None) -> LedgerEntryQuerySet:
    return LedgerEntry.objects.in_force().exclude(text_id__in=covering_texts(profile))


def uncovered_purposes(at: datetime, profile: Profile | None = None) -> list[str]:
    """Purposes that reach further than the text in use: nobody can consent to them until there is another."""
    texts = ConsentTextVersion.objects.filter(effective_on__lte=day_of(at)).defer("content").order_by("version")
    in_use = {text.purpose: text for text in texts}
    return [
        code
        for code, purpose in (profile or current()).purposes.items()
        if purpose.needs_consent and code in in_use and not is_covered(in_use[code], profile)
    ]


def settle(act: Scope, profile: Profile | None = None) -> tuple[Settled, ...]:
    """Makes the choke point agree with today's reach, for everybody: part of the transaction that publishes."""
    _stand_alone()
    profile = profile or current()
    settled = [_settle(act, code, profile) for code, purpose in profile.purposes.items() if purpose.needs_consent]
    return tuple(each for each in settled if each.held or each.released)


def _settle(act: Scope, purpose: str, profile: Profile) -> Settled:
    living = Subject.objects.filter(destroyed_at=None)
    narrower = living.filter(
        open_purposes__contains=[purpose], pk__in=_subjects(on_hold(profile).filter(purpose=purpose))
    )
    held = _change(act, Fact.CONSENT_ON_HOLD, purpose, narrower, "array_remove")
    covered = living.exclude(open_purposes__contains=[purpose]).filter(
        pk__in=_subjects(open_entries(profile).filter(purpose=purpose))
    )
    released = _change(act, Fact.CONSENT_OFF_HOLD, purpose, covered, "array_append")
    return Settled(purpose=purpose, held=held, released=released)


def _subjects(entries: QuerySet[LedgerEntry]) -> QuerySet[Any, Any]:
    return entries.order_by().values("subject_id")


def _change(act: Scope, fact: Fact, purpose: str, people: QuerySet[Subject], function: str) -> int:
    """All people in one statement; each has the event in their own log."""
    affected = list(people.values_list("pk", flat=True))
    if affected:
        people.update(open_purposes=Func(F("open_purposes"), Value(purpose), function=function))
        act.record(fact.value, subjects=affected, reason=purpose)
    return len(affected)
