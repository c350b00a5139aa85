"""What the calendar and the rules ask for before they go stale. In real time: a decree is out or is not."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from django.core import checks
from django.core.checks import CheckMessage, register
from django.utils import timezone

from law.calendar_years import CONFIRMED
from law.rules import PENDING_AMENDMENTS, RULES

NEXT_CALENDAR_IS_OUT: Final = (11, 1)
AHEAD: Final = timedelta(days=90)


@register
def check_law_is_current(**kwargs: Any) -> list[CheckMessage]:
    today = timezone.localdate()
    return [*calendar_warnings(today), *rule_warnings(today)]


def calendar_warnings(today: date) -> Iterator[CheckMessage]:
    next_year_is_due = (today.month, today.day) >= NEXT_CALENDAR_IS_OUT
    for year in range(today.year, today.year + (2 if next_year_is_due else 1)):
        if year not in CONFIRMED:
            yield checks.Warning(
                f"the production calendar of {year} is not confirmed: due dates in it are provisional",
                hint="Compare the decree on the transfer of days off with the holidays library, "
                "then add the year to law/calendar_years.py; enter what differs as days of the calendar.",
                id="law.W001",
            )


def rule_warnings(today: date) -> Iterator[CheckMessage]:
    for amendment in PENDING_AMENDMENTS:
        if today >= amendment.effective_on - AHEAD:
            yield checks.Warning(
                f"{amendment.act} changes the law on {amendment.effective_on} and is not read into the deadline rules",
                hint="Read it, add the changed rules as new versions, remove it from PENDING_AMENDMENTS.",
                id="law.W002",
            )
    for rule in RULES.values():
        if rule.effective_to is not None and today >= rule.effective_to - AHEAD:
            yield checks.Warning(
                f"deadline rule {rule.id} ({rule.article}) ends on {rule.effective_to} and has no successor",
                hint="Add the next version of the rule in law/rules/.",
                id="law.W003",
            )
