"""A change of the retention rules: looked at, confirmed by a second person, carried out whole or not at all.

The rules in force are a row (standing.py). When the profile says something else, nothing follows from it until somebody
has seen who would go and who would stay, and another one has confirmed it. Then the clocks that run by a changed rule
are counted anew from their own beginnings. Who would go sooner gets two weeks, so that the warnings reach them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from law.deadlines import operator_zone
from personal_data.models import Subject
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from profiles.schema import RetentionRule
from retention import in_force
from retention.facts import Fact
from retention.models import Clock, RuleVersion
from retention.services import counted

ACTOR: Final = Actor.system("destroy_due")
NOTICE: Final = timedelta(days=14)
BATCH: Final = 500
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('retention_ruleversion'))"


class NothingChanged(LookupError):
    """The profile says what is in force."""


class OtherRulesNow(ValueError):
    """The profile has changed since the preview: it has to be looked at again."""


class SecondPersonNeeded(PermissionError):
    """Whoever looked first cannot confirm."""


class NoVersion(LookupError):
    """No such change waits."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a change does to one person. Where the day is the same, what is done then differs."""

    subject_id: UUID
    rule: str
    old_on: date
    new_on: date
    direction: str


def is_waiting() -> bool:
    """Whether the profile says something that is not in force."""
    version = in_force.current_version()
    return version is not None and version.sha256 != in_force.digest(in_force.wanted())


def adopt(at: datetime) -> None:
    """The first rules that a portal runs by are in force without a preview: nobody's term was counted by others."""
    if RuleVersion.objects.exists():
        return
    with processing("retention", actor=ACTOR, reason="rules") as act:
        _one_at_a_time()
        if not RuleVersion.objects.exists():
            _make(1, at, preview={}, in_force_at=at)
            act.record(Fact.RULES_CHANGED.value, reason="1")
    in_force.forget()


def preview(at: datetime) -> Iterator[Effect]:
    """Whom the change would reach, in the order of their days now."""
    changed = _changed_rules()
    for clock in _clocks_by(changed).iterator(chunk_size=BATCH):
        old, new = clock.destroy_on, _day(_recounted(clock, changed[clock.rule], at)["due_at"])
        yield Effect(
            subject_id=clock.subject_id, rule=clock.rule, old_on=old, new_on=new, direction=_direction(old, new)
        )
    for clock, rule in _kept_longer():
        new = _day(counted(rule, clock.started_at)["due_at"])
        yield Effect(
            subject_id=clock.subject_id, rule=rule.code, old_on=clock.destroy_on, new_on=new,
            direction=_direction(clock.destroy_on, new),
        )  # fmt: skip


def summary(at: datetime) -> dict[str, Any]:
    """Numbers only: by rule and direction, and the codes of the rules that differ."""
    counts = Counter((effect.rule, effect.direction) for effect in preview(at))
    by_rule: dict[str, dict[str, int]] = {}
    for (rule, direction), number in sorted(counts.items()):
        by_rule.setdefault(rule, {})[direction] = number
    return {
        "rules": by_rule,
        "people": sum(counts.values()),
        "of": Subject.objects.filter(destroyed_at=None).count(),
        "changed": sorted(_differing()),
    }


def look(*, actor: Actor, at: datetime) -> RuleVersion:
    """Keeps what was seen. Raises NothingChanged."""
    with processing("retention", actor=actor, reason="rules") as act:
        _one_at_a_time()
        if not is_waiting():
            raise NothingChanged
        number = (RuleVersion.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1
        version = _make(number, at, preview=summary(at), previewed_by=UUID(actor.id))
        act.record(Fact.RULES_PREVIEWED.value, reason=str(number))
    return version


def confirm(*, number: int, actor: Actor, at: datetime) -> RuleVersion:
    """The next run carries it out. Raises NoVersion, OtherRulesNow, SecondPersonNeeded."""
    with processing("retention", actor=actor, reason="rules") as act:
        _one_at_a_time()
        version = _waiting().filter(number=number, confirmed_at=None).first()
        if version is None:
            raise NoVersion(str(number))
        if version.sha256 != in_force.digest(in_force.wanted()):
            raise OtherRulesNow(str(number))
        if str(version.previewed_by) == actor.id:
            raise SecondPersonNeeded(str(number))
        version.confirmed_at, version.confirmed_by = at, UUID(actor.id)
        version.save(update_fields=["confirmed_at", "confirmed_by"])
        act.record(Fact.RULES_CONFIRMED.value, reason=str(number))
    return version


def take_effect(at: datetime) -> int:
    """Carries out the change that was confirmed, if there is one: how many clocks were counted anew. One transaction:
    killed, it has not happened. Beat calls it; can run twice at once."""
    recounted = 0
    if not _waiting().exclude(confirmed_at=None).exists():
        return recounted
    with processing("retention", actor=ACTOR, reason="rules") as act:
        _one_at_a_time()
        version = _waiting().exclude(confirmed_at=None).order_by("-number").first()
        if version and version.sha256 == in_force.digest(in_force.wanted()):
            recounted = _recount(act, at)
            version.in_force_at = at
            version.save(update_fields=["in_force_at"])
            act.record(Fact.RULES_CHANGED.value, reason=str(version.number))
    in_force.forget()
    return recounted


def _waiting() -> "QuerySet[RuleVersion]":
    """Later than what is in force."""
    current = in_force.current_version()
    return RuleVersion.objects.filter(in_force_at=None, number__gt=current.number if current else 0)


def _make(number: int, at: datetime, **more: Any) -> RuleVersion:
    wanted = in_force.wanted()
    return RuleVersion.objects.create(
        number=number, sha256=in_force.digest(wanted), rules=in_force.as_data(wanted), previewed_at=at, **more
    )


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)


# --- counting anew ----------------------------------------------------------------------------------------------------


def _recount(act: Scope, at: datetime) -> int:
    changed, people = _changed_rules(), []
    clocks = _clocks_by(changed).select_for_update(of=("self",)).iterator(chunk_size=BATCH)
    while some := list(islice(clocks, BATCH)):
        people += [clock.subject_id for clock in some]
        _replace(some, [_like(clock, _recounted(clock, changed[clock.rule], at)) for clock in some], at)
    longer = [_like(clock, {**counted(rule, clock.started_at), "purposes": sorted(rule.purposes)})
              for clock, rule in _kept_longer()]  # fmt: skip
    Clock.objects.bulk_create(longer, batch_size=BATCH)
    people += [clock.subject_id for clock in longer]
    if people:
        act.record(Fact.TERM_RECOUNTED.value, subjects=sorted(set(people)))
    return len(people)


def _replace(old: Sequence[Clock], new: Sequence[Clock], at: datetime) -> None:
    for clock in old:
        Clock.objects.filter(pk=clock.pk).update(cancelled_at=max(at, clock.started_at))
    Clock.objects.bulk_create(new)


def _like(clock: Clock, terms: dict[str, Any]) -> Clock:
    return Clock(
        **{
            "subject_id": clock.subject_id, "trigger": clock.trigger, "purpose": clock.purpose,
            "purposes": clock.purposes, "receipt_digest": clock.receipt_digest, "blocked_at": clock.blocked_at,
            **terms,
        }
    )  # fmt: skip


def _recounted(clock: Clock, rule: RetentionRule, at: datetime) -> dict[str, Any]:
    """By the rule as it is to be; not sooner than in two weeks, or than it was due."""
    terms = counted(rule, clock.started_at)
    earliest = min(clock.due_at, _midnight(at + NOTICE + timedelta(days=1)))
    if terms["due_at"] < earliest:
        terms["due_at"] = earliest
        terms["late_at"] = _midnight(earliest + timedelta(days=1))
    if terms["block_at"]:
        terms["block_at"] = min(terms["block_at"], terms["due_at"])
    return terms


def _differing() -> set[str]:
    """Codes of the rules that are new, gone or changed."""
    old = {row["code"]: row for row in in_force.as_data(_old())}
    new = {row["code"]: row for row in in_force.as_data(in_force.wanted())}
    return {code for code in old.keys() | new.keys() if old.get(code) != new.get(code)}


def _changed_rules() -> dict[str, RetentionRule]:
    """Those by which running terms are counted anew. A rule that is gone leaves its clocks their term."""
    old, differing = {rule.code for rule in _old()}, _differing()
    return {rule.code: rule for rule in in_force.wanted() if rule.code in differing & old and rule.subject_kinds}


def _old() -> Sequence[RetentionRule]:
    """As they are in force in the database now, whatever this process remembers."""
    return in_force.stored()


def _clocks_by(changed: dict[str, RetentionRule]) -> Any:
    running = Clock.objects.running().filter(rule__in=list(changed), carried_at=None, subject__destroyed_at=None)
    return running.order_by("due_at", "id")


def _kept_longer() -> Iterator[tuple[Clock, RetentionRule]]:
    """People whose end has begun, and of whom a new rule keeps something for longer."""
    known = {rule.code for rule in _old()}
    for rule in (rule for rule in in_force.wanted() if rule.purposes and rule.code not in known):
        whole = Clock.objects.running().for_whole_person().filter(trigger=rule.trigger, carried_at=None)
        fitting = whole.filter(subject__destroyed_at=None, subject__kind__in=list(rule.subject_kinds))
        for clock in fitting.order_by("due_at", "id"):
            yield clock, rule


def _direction(old: date, new: date) -> str:
    return "sooner" if new < old else "later" if new > old else "same"


def _day(moment: datetime) -> date:
    return timezone.localtime(moment, operator_zone()).date()


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(_day(moment), time.min, tzinfo=operator_zone())
