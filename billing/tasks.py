from celery import shared_task

from billing.days import today
from billing.models import Subscription
from billing.services import end_subscription
from law import clock
from processing_log.actors import Actor


@shared_task
def end_subscriptions() -> int:
    """Finds its work in the database: can be lost, repeated, or run twice at once. One transaction a subscription."""
    at = clock.now()
    actor = Actor.system("end_subscriptions")
    over = Subscription.objects.to_be_ended(today(at)).order_by("ends_on", "pk").values_list("pk", flat=True)
    return sum(end_subscription(subscription_id=pk, actor=actor, at=at) for pk in over)
