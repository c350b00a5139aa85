"""What a deadline rule is made of."""

from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

Words = str | Promise


class Unit(TextChoices):
    WORKING_DAYS = "wd", pgettext_lazy("deadline rule", "working days")
    CALENDAR_DAYS = "cd", pgettext_lazy("deadline rule", "calendar days")
    HOURS = "h", pgettext_lazy("deadline rule", "hours")
    MONTHS = "months", pgettext_lazy("deadline rule", "months")
    IMMEDIATE = "immediate", pgettext_lazy("deadline rule", "at once")
    BEFORE = "before", pgettext_lazy("deadline rule", "before the event")
    DAY_OF_NEXT_MONTH = "day_of_next_month", pgettext_lazy("deadline rule", "day of the next month")


class Kind(TextChoices):
    LATEST = "latest", pgettext_lazy("deadline rule", "must be done by")
    EARLIEST = "earliest", pgettext_lazy("deadline rule", "may be done from")
    KEEP = "keep", pgettext_lazy("deadline rule", "must be kept until")


class Addressee(TextChoices):
    SUBJECT = "subject", pgettext_lazy("deadline rule", "the person")
    REGULATOR = "regulator", pgettext_lazy("deadline rule", "Roskomnadzor")
    OPERATOR = "operator", pgettext_lazy("deadline rule", "the operator itself")


class Confidence(TextChoices):
    SURE = "sure", pgettext_lazy("deadline rule", "confirmed")
    LIKELY = "likely", pgettext_lazy("deadline rule", "likely")
    UNVERIFIED = "unverified", pgettext_lazy("deadline rule", "to be confirmed")


@dataclass(frozen=True, kw_only=True)
class Extension:
    """A second term, granted once, in the unit of the rule; it counts from the same moment, on top of the first."""

    amount: int
    condition: Words


@dataclass(frozen=True, kw_only=True)
class DeadlineRule:
    """One term of the law in one version. `effective_to` is the last day on which a clock may start by it.
    `open_question` says what nobody has confirmed yet although the rest is known."""

    id: str
    name: str
    title: Words
    trigger: Words
    unit: Unit
    amount: int = 0
    kind: Kind = Kind.LATEST
    extension: Extension | None = None
    addressee: Addressee
    produces: Words
    article: str
    effective_from: date
    effective_to: date | None = None
    confidence: Confidence = Confidence.SURE
    open_question: Words = ""
    note: Words = ""

    def __str__(self) -> str:
        return self.id

    def is_effective(self, on: date) -> bool:
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    @property
    def to_be_confirmed(self) -> bool:
        return self.confidence == Confidence.UNVERIFIED or bool(self.open_question)


def cited(article: str, language: str) -> str:
    """As laws are named in the language: 152-FZ is 152-ФЗ to a Russian reader."""
    return article.replace("FZ", "ФЗ") if language == "ru" else article
