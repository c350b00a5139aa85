"""The facts of this room in the processing log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    SYSTEM_KEY_MADE = "system_key_made", _("A key was made for another system")
    SYSTEM_KEY_REVOKED = "system_key_revoked", _("The key of another system was revoked")
