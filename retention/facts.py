"""The facts of this room in the processing log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    CLOCK_STARTED = "clock_started", _("The term until destruction started")
    CLOCK_CANCELLED = "clock_cancelled", _("The term until destruction was cancelled")
    KEPT_ON_ANOTHER_GROUND = (
        "kept_on_another_ground",
        _("Data stays: another ground than the consent allows keeping it"),
    )
    SUBJECT_DESTROYED = "subject_destroyed", _("The person’s data was destroyed")
    SUBJECT_DESTROYED_AGAIN = (
        "subject_destroyed_again",
        _("The person’s data came back with a backup and was destroyed again"),
    )
