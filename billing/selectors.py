"""What the person sees of their subscription."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from billing.days import TRIGGER, moment_of_end, today
from billing.models import Subscription, SubscriptionState
from retention import receipts, rules
from retention.selectors import Due, due_dates
from retention.terms import term_of


@dataclass(frozen=True, kw_only=True)
class MySubscription:
    """`destroy_on` is the day on which the data goes: as it will be after the end of the subscription or, where a term
    runs that ends sooner for another reason, the day of that one, which then is `earlier`."""

    subject_id: UUID
    state: SubscriptionState
    starts_on: date
    ends_on: date
    days_left: int
    destroy_on: date
    norm: str
    earlier: Due | None

    @property
    def is_ended(self) -> bool:
        return self.state == SubscriptionState.ENDED

    @property
    def receipt_url(self) -> str:
        return receipts.url_for(self.subject_id)


def my_subscription(subject_id: UUID, at: datetime) -> MySubscription | None:
    subscription = Subscription.objects.filter(subject_id=subject_id).first()
    return subscription_of(subject_id, subscription, due_dates(subject_id), at) if subscription else None


def subscription_of(subject_id: UUID, subscription: Subscription, dues: Iterable[Due], at: datetime) -> MySubscription:
    """As `my_subscription`, of a row and of terms that are in hand."""
    rule = rules.rule_for(TRIGGER)
    term = term_of(rule, moment_of_end(subscription.ends_on))
    sooner = (due for due in dues if not due.purpose and due.destroy_on < term.destroy_on)
    earlier = next(sooner, None)
    return MySubscription(
        subject_id=subject_id,
        state=subscription.state(today(at)),
        starts_on=subscription.starts_on,
        ends_on=subscription.ends_on,
        days_left=max((subscription.ends_on - today(at)).days, 0),
        destroy_on=earlier.destroy_on if earlier else term.destroy_on,
        norm=earlier.norm if earlier else rules.words(rule.norm.model_dump()),
        earlier=earlier,
    )


def unended(at: datetime) -> int:
    """The monitor's figure, asked without the job's code: subscriptions over for a whole day without a clock."""
    yesterday = today(at) - timedelta(days=1)
    return Subscription.objects.filter(ends_on__lt=yesterday, ended_at__isnull=True).count()
