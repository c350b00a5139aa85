"""Starting and stopping the clocks. Whoever knows that something has ended calls this; retention knows none of them."""

from datetime import datetime
from typing import Final
from uuid import UUID

from law import clock as law_clock
from personal_data.errors import Destroyed
from personal_data.models import Subject
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from profiles.schema import RetentionRule
from retention import grounds, receipts, rules
from retention.facts import Fact
from retention.models import Clock
from retention.terms import term_of

#: `purpose` of a clock that ends everything that is held about a person.
WHOLE_PERSON: Final = ""
CONSENT_WITHDRAWN: Final = "consent_withdrawn"


class WhichConsent(TypeError):
    """A withdrawal without saying of what: one consent ends little, all of them end the person's data."""


def start_clock(
    *, subject_id: UUID, trigger: str, at: datetime, actor: Actor, purpose: str | None = None
) -> Clock | None:
    """Starts the term of the profile's rule for `trigger`, counted from `at`. A clock that runs already is left as it
    is, and returned.

    With the trigger `consent_withdrawn`, `purpose` must be said: the code of the consent, or WHOLE_PERSON where the
    person withdrew everything. Where other grounds cover all that a consent covered there is nothing to destroy: no
    clock starts, the log says so, and the answer is None.

    Raises rules.UnknownTrigger, rules.NotForThisKind, Destroyed, WhichConsent."""
    if purpose is None:
        if trigger == CONSENT_WITHDRAWN:
            raise WhichConsent("start_clock(trigger='consent_withdrawn') needs purpose=<code> or purpose=WHOLE_PERSON")
        purpose = WHOLE_PERSON
    rule = rules.rule_for(trigger)
    with processing("retention", actor=actor, reason=rule.code) as act:
        subject = lock_living(subject_id)
        rules.ensure_fits(rule, subject.kind)
        if purpose and not grounds.categories_without_ground(purpose, subject):
            act.record(Fact.KEPT_ON_ANOTHER_GROUND.value, subject=subject_id, reason=purpose)
            return None
        return _start(act, rule, subject_id, purpose, at)


def _start(act: Scope, rule: RetentionRule, subject_id: UUID, purpose: str, at: datetime) -> Clock:
    term = term_of(rule, at)
    clock, is_new = Clock.objects.get_or_create(
        subject_id=subject_id,
        trigger=rule.trigger,
        purpose=purpose,
        cancelled_at=None,
        defaults={
            "rule": rule.code,
            "started_at": at,
            "due_at": term.due_at,
            "late_at": term.late_at,
            "receipt_digest": receipts.digest(receipts.code_for(subject_id)),
        },
    )
    if is_new:
        act.record(Fact.CLOCK_STARTED.value, subject=subject_id, categories=sorted(rule.categories))
    return clock


def cancel_clock(
    *, subject_id: UUID, trigger: str, actor: Actor, at: datetime | None = None, purpose: str = WHOLE_PERSON
) -> bool:
    """Stops the clock (now, if `at` is not said): what had ended goes on. False when none runs, also because the
    person was just destroyed.

    Raises rules.UnknownTrigger."""
    rule = rules.rule_for(trigger)
    with processing("retention", actor=actor, reason=rule.code) as act:
        running = Clock.objects.running().filter(subject_id=subject_id, trigger=trigger, purpose=purpose)
        if not running.update(cancelled_at=at or law_clock.now()):
            return False
        act.record(Fact.CLOCK_CANCELLED.value, subject=subject_id)
        return True


def lock_living(subject_id: UUID) -> Subject:
    """Nothing starts for a person who is being destroyed in this moment. Raises Destroyed."""
    try:
        return Subject.objects.select_for_update(no_key=True).get(pk=subject_id, destroyed_at=None)
    except Subject.DoesNotExist:
        raise Destroyed(str(subject_id)) from None
