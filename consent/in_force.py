"""Which version is in force on a day, by the operator's zone. A version is published first and in force later."""

from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from consent.models import ConsentTextVersion, PolicyVersion
from law.deadlines import operator_zone


def day_of(at: datetime) -> date:
    return timezone.localtime(at, operator_zone()).date()


def policy_on(day: date) -> PolicyVersion | None:
    return PolicyVersion.objects.filter(effective_on__lte=day).order_by("number").last()


def coming_policies(at: datetime) -> QuerySet[PolicyVersion]:
    """Published, and not in force yet; the next one first."""
    return PolicyVersion.objects.filter(effective_on__gt=day_of(at)).order_by("number")


def acknowledgeable_policies(at: datetime) -> list[PolicyVersion]:
    """What a person can confirm having read: the version in force, and those that come. The newest stands first: a
    translation may be the same in two of them."""
    in_force = policy_on(day_of(at))
    return [*reversed(coming_policies(at)), *([in_force] if in_force else [])]


def text_on(purpose: str, at: datetime) -> ConsentTextVersion | None:
    """The text by which people agree to the purpose at that moment."""
    texts = ConsentTextVersion.objects.filter(purpose=purpose, effective_on__lte=day_of(at))
    return texts.order_by("version").last()
