"""How one person stands to each consent today: in force, waiting for a mail, withdrawn with its terms, or not given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from consent import mailbox, selectors
from consent.models import Awaited, Term
from consent.selectors import ConsentOfPerson
from law.rules import RULES
from law.rules.shape import Words, cited
from personal_data.models import Subject
from profiles import current


@dataclass(frozen=True, kw_only=True)
class ShownTerm:
    """A term in words. `kept_for` names the purposes that still need the same data."""

    term: Term
    title: Words
    article: str
    kept_for: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Standing:
    own: ConsentOfPerson
    awaited: Awaited | None
    terms: Sequence[ShownTerm]


def standing_of(subject_id: UUID, language: str, *, at: datetime) -> list[Standing]:
    """Three queries, whatever the history."""
    own = selectors.consents_of(subject_id, language)
    waiting = {awaited.purpose: awaited for awaited in mailbox.all_open_for(subject_id, at)}
    running: dict[object, list[Term]] = {}
    for term in Term.objects.filter(subject_id=subject_id):
        running.setdefault(term.entry_id, []).append(term)
    subject = Subject.objects.get(pk=subject_id)
    return [
        Standing(
            own=one,
            awaited=waiting.get(one.shown.row.purpose) if one.may_be_given else None,
            terms=[
                shown_term(term, one.shown.row.purpose, subject, language)
                for term in running.get(one.history[-1].pk if one.history else None, ())
            ],
        )
        for one in own
    ]


def shown_term(term: Term, purpose: str, subject: Subject, language: str) -> ShownTerm:
    rule = RULES[term.rule]
    kept_for = _others(purpose, subject, language) if term.how == "kept" else []
    return ShownTerm(term=term, title=rule.title, article=cited(rule.article, language), kept_for=kept_for)


def _others(withdrawn: str, subject: Subject, language: str) -> list[str]:
    """The purposes of the operator's own choice that are in force and cover data of the withdrawn one."""
    profile = current()
    if withdrawn not in profile.purposes:
        return []
    data = profile.purposes[withdrawn].categories
    return [
        purpose.title.in_language(language)
        for purpose in profile.purposes.values()
        if purpose.clauses
        and purpose.code != withdrawn
        and subject.kind in purpose.subject_kinds
        and (not purpose.needs_consent or purpose.code in subject.open_purposes)
        and purpose.categories & data
    ]
