"""The days of a subscription, by the operator's zone, and what its end starts."""

from datetime import date, datetime
from typing import Final

from django.utils import timezone

from law.deadlines import end_of_day, operator_zone

#: What the retention rule of the profile is called by.
TRIGGER: Final = "subscription_ended"


def today(at: datetime) -> date:
    return timezone.localtime(at, operator_zone()).date()


def moment_of_end(ends_on: date) -> datetime:
    """The last moment of the last day: a subscription that ends on the 20th ends on the 20th, at 24:00."""
    return end_of_day(ends_on, operator_zone())
