"""The facts of this room in the processing log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    SUBSCRIPTION_OPENED = "subscription_opened", _("A subscription was opened")
    SUBSCRIPTION_MOVED = "subscription_moved", _("The last day of a subscription was changed")
    SUBSCRIPTION_ENDED = "subscription_ended", _("A subscription ended")
