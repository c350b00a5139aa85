"""The facts of this room in the processing log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    REQUEST_FILED = "request_filed", _("A request was received")
    REQUEST_TAKEN = "request_taken", _("A request was taken into work")
    REQUEST_ANSWERED = "request_answered", _("A request was answered")
    REQUEST_REFUSED = "request_refused", _("A request was refused")
