"""The clocks of the law behind an entry: stop by D14, destroy by D13, stop showing at once by D20, publish by D19."""

from datetime import datetime
from uuid import UUID

from consent.after_withdrawal import How, Term
from consent.facts import Fact
from consent.models import LedgerEntry
from law.deadlines import due
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from profiles import current

STOP = "D14"
DESTROY = "D13"
STOP_SHOWING = "D20"
PUBLISH_CONDITIONS = "D19"
#: Terms that staff say are met, and in which words.
MET_BY_STAFF = {STOP: How.TOLD, PUBLISH_CONDITIONS: How.PUBLISHED}


class NotRunning(Exception):
    """The term is met already, or is none that staff meet."""


def start_after_withdrawal(entry: LedgerEntry, *, is_gone: bool, destruction_runs: bool) -> None:
    """A withdrawal is also a demand to stop: both clocks run from its receipt. The purpose is closed in this very
    transaction, so the portal itself has met the first; whoever processes for the operator is told by staff."""
    told = bool(current().purposes[entry.purpose].recipients) if entry.purpose in current().purposes else False
    _start(entry, STOP, how=None if told and not is_gone else How.STOPPED)
    if is_gone:
        _start(entry, DESTROY, how=How.NOTHING_HELD)
    else:
        _start(entry, DESTROY, how=None if destruction_runs else How.KEPT)
    if entry.text.dissemination:
        _start(entry, STOP_SHOWING, how=How.STOPPED)


def start_after_dissemination(entry: LedgerEntry) -> None:
    """Bans and conditions have to be made public."""
    _start(entry, PUBLISH_CONDITIONS, how=None)


def end_with_new_consent(before: LedgerEntry, *, at: datetime) -> None:
    """What the withdrawal demanded, the person has taken back; or the consent is replaced with its conditions."""
    Term.objects.filter(entry=before, met_at=None).update(met_at=max(at, before.at), how=How.GIVEN_AGAIN)


def end_publication(given: LedgerEntry, *, at: datetime) -> None:
    """The consent is withdrawn before its conditions were published: nothing is shown any more."""
    Term.objects.filter(entry=given, met_at=None).update(met_at=max(at, given.at), how=How.STOPPED)


def meet(*, term_id: int, actor: Actor, at: datetime) -> None:
    """Staff say that those who process for the operator have stopped, or that the conditions are published. Raises
    NotRunning."""
    term = Term.objects.get(pk=term_id)
    with processing("rights", actor=actor, reason=term.rule) as act:
        running = Term.objects.filter(pk=term_id, met_at=None, rule__in=MET_BY_STAFF)
        how = MET_BY_STAFF.get(term.rule)
        if how is None or not running.update(met_at=at, how=how, met_by=UUID(actor.id)):
            raise NotRunning
        _record(act, Fact.TERM_MET, term)


def _record(act: Scope, fact: Fact, term: Term) -> None:
    act.record(fact.value, subject=term.subject_id, reason=term.rule)


def _start(entry: LedgerEntry, rule: str, *, how: How | None) -> None:
    term = due(rule, entry.at)
    Term.objects.create(
        entry=entry,
        subject_id=entry.subject_id,
        rule=term.rule.id,
        started_at=entry.at,
        due_on=term.due_on,
        due_at=term.due_at,
        target_on=term.target_on,
        counted_days=list(term.counted_days),
        provisional=term.provisional,
        met_at=entry.at if how else None,
        how=how or "",
    )
