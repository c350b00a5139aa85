"""The facts of this room in the processing log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    #: written by PostgreSQL itself (triggers.py)
    SEALED_ANEW = "sealed_anew", _("What stays was sealed under a new key, and the old key was erased")
    KEY_EPOCH_OPENED = "key_epoch_opened", _("A new epoch of the keys was opened")
    KEY_EPOCH_DESTROYED = (
        "key_epoch_destroyed",
        _("The key-encryption key of an epoch was destroyed; nobody living depended on it"),
    )
