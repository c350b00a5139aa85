"""A person's own bans and conditions with a consent to dissemination. Silence allows nothing."""

from collections.abc import Mapping
from uuid import UUID

from consent import reach, terms
from consent.dissemination import Condition, Decision, DisseminationChoice
from consent.models import LedgerEntry
from profiles import current


class NothingChosen(Exception):
    """Each category needs a decision of its own, and one at least has to be allowed: else there is no consent."""


class WrongChoice(ValueError):
    """A category or a condition that the purpose does not know."""


def check_choices(purpose: str, choices: Mapping[str, tuple[str, ...] | list[str]]) -> None:
    """`choices` by category: the decision, and the conditions behind it. Raises NothingChosen, WrongChoice."""
    categories = current().purpose(purpose).categories
    if set(choices) - categories:
        raise WrongChoice(purpose)
    decisions = {category: choice[0] if choice else "" for category, choice in choices.items()}
    if set(choices) != categories or not all(decisions.values()):
        raise NothingChosen(purpose)
    if set(decisions.values()) == {Decision.BANNED}:
        raise NothingChosen(purpose)
    for decision, *conditions in choices.values():
        needs = decision == Decision.CONDITIONS
        if decision not in Decision.values or needs != bool(conditions) or set(conditions) - set(Condition.values):
            raise WrongChoice(purpose)


def enter_choices(entry: LedgerEntry, choices: Mapping[str, tuple[str, ...] | list[str]]) -> None:
    """With the entry, in its transaction. Raises NothingChosen, WrongChoice."""
    check_choices(entry.purpose, choices)
    DisseminationChoice.objects.bulk_create(
        DisseminationChoice(
            entry=entry,
            subject_id=entry.subject_id,
            category=category,
            decision=choice[0],
            conditions=sorted(set(choice[1:])),
        )
        for category, choice in sorted(choices.items())
    )
    if any(choice[0] != Decision.ALLOWED for choice in choices.values()):
        terms.start_after_dissemination(entry)


def may_disseminate(subject_id: UUID, purpose: str, category: str) -> tuple[str, list[str]] | None:
    """The decision and its conditions, or None: not agreed, withdrawn, on hold, blocked, gone, or banned. Whoever shows
    something to everybody asks this first."""
    choice = (
        DisseminationChoice.objects.filter(
            entry__in=reach.open_entries(),
            subject_id=subject_id,
            subject__blocked_at=None,
            subject__destroyed_at=None,
            entry__purpose=purpose,
            category=category,
        )
        .exclude(decision=Decision.BANNED)
        .first()
    )
    return (choice.decision, choice.conditions) if choice else None
