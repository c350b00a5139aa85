"""Starting and stopping the clocks. Whoever knows that something has ended calls this; retention knows none of them."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from law import clock as law_clock
from personal_data.errors import Destroyed
from personal_data.models import Subject
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from profiles.schema import RetentionRule
from retention import grounds, receipts, rules
from retention.facts import Fact
from retention.models import Action, Clock
from retention.terms import term_of, term_of_months

#: `purpose` of a clock that ends everything that is held about a person.
WHOLE_PERSON: Final = ""
CONSENT_WITHDRAWN: Final = "consent_withdrawn"


class WhichConsent(TypeError):
    """A withdrawal without saying of what: one consent ends little, all of them end the person's data."""


def start_clock(
    *, subject_id: UUID, trigger: str, at: datetime, actor: Actor, purpose: str | None = None
) -> Clock | None:
    """Starts the term of the rule in force for `trigger`, counted from `at`, and the terms of those that keep something
    for longer. A clock that runs already is left as it is, and returned.

    `purpose` is WHOLE_PERSON, or the code of the one purpose that has ended; with the trigger `consent_withdrawn` it
    must be said. Where other grounds cover all that a withdrawn consent covered there is nothing to destroy: no clock
    starts, the log says so, and the answer is None. A purpose without a consent is remembered as ended all the same.

    Raises rules.UnknownTrigger, rules.NotForThisKind, Destroyed, WhichConsent."""
    if purpose is None:
        if trigger == CONSENT_WITHDRAWN:
            raise WhichConsent("start_clock(trigger='consent_withdrawn') needs purpose=<code> or purpose=WHOLE_PERSON")
        purpose = WHOLE_PERSON
    rule = rules.rule_for(trigger)
    with processing("retention", actor=actor, reason=rule.code) as act:
        subject = lock_living(subject_id)
        rules.ensure_fits(rule, subject.kind)
        if purpose and trigger == CONSENT_WITHDRAWN and not _is_left_alone(purpose, subject):
            act.record(Fact.KEPT_ON_ANOTHER_GROUND.value, subject=subject_id, reason=purpose)
            return None
        for longer in () if purpose else rules.keeping_for(trigger, subject.kind):
            _start(act, longer, subject_id, purpose, at)
        return _start(act, rule, subject_id, purpose, at)


def _is_left_alone(purpose: str, subject: Subject) -> bool:
    """Whether something was held for this purpose that no other one needs."""
    ended = Clock.objects.filter(subject=subject, cancelled_at=None).exclude(purpose="")
    over = frozenset(ended.values_list("purpose", flat=True))
    return bool(grounds.categories_without_ground(purpose, subject, ended=over))


def _start(act: Scope, rule: RetentionRule, subject_id: UUID, purpose: str, at: datetime) -> Clock:
    clock, is_new = Clock.objects.running().get_or_create(
        subject_id=subject_id,
        trigger=rule.trigger,
        purpose=purpose,
        purposes=sorted(rule.purposes),
        cancelled_at=None,
        defaults={
            **counted(rule, at),
            "receipt_digest": receipts.digest(receipts.code_for(subject_id)),
        },
    )
    if is_new:
        act.record(Fact.CLOCK_STARTED.value, subject=subject_id, categories=sorted(rule.categories))
    return clock


def counted(rule: RetentionRule, at: datetime) -> dict[str, Any]:
    """The terms of a clock that starts at this moment by this rule."""
    term = term_of(rule, at)
    blocks = rule.action == Action.BLOCK.value
    end = term_of_months(rule.destroy_months, at) if blocks else term
    return {
        "rule": rule.code,
        "action": rule.action,
        "anonymisation": rule.method,
        "started_at": at,
        "block_at": term.due_at if blocks else None,
        "due_at": end.due_at,
        "late_at": end.late_at,
    }


def cancel_clock(
    *, subject_id: UUID, trigger: str, actor: Actor, at: datetime | None = None, purpose: str = WHOLE_PERSON
) -> bool:
    """Stops the clock (now, if `at` is not said) and those that it brought along: what had ended goes on. False when
    none runs, also because the person was just destroyed. What was carried out for one purpose stays so.

    Raises rules.UnknownTrigger."""
    rule = rules.rule_for(trigger)
    with processing("retention", actor=actor, reason=rule.code) as act:
        running = Clock.objects.running().filter(subject_id=subject_id, trigger=trigger, purpose=purpose)
        over = Clock.objects.filter(subject_id=subject_id, trigger=trigger, purpose=purpose, cancelled_at=None)
        was_running = running.exists()
        over.update(cancelled_at=at or law_clock.now())
        if was_running:
            act.record(Fact.CLOCK_CANCELLED.value, subject=subject_id)
        return was_running


def lock_living(subject_id: UUID) -> Subject:
    """Nothing starts for a person who is being destroyed in this moment. Raises Destroyed."""
    try:
        return Subject.objects.select_for_update(no_key=True).get(pk=subject_id, destroyed_at=None)
    except Subject.DoesNotExist:
        raise Destroyed(str(subject_id)) from None
