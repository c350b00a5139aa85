"""The facts of this room in the processing log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    ACCOUNT_OPENED = "account_opened", _("An account was opened")
    ACCOUNT_DELETED = "account_deleted", _("The account was deleted by its owner")
    ACCOUNT_CLOSED = "account_closed", _("The account of a member of staff was closed")
    ADDRESS_CHANGED = "address_changed", _("The e-mail address was changed")
    COPY_TAKEN = "copy_taken", _("A copy of the data was taken")
    SIGNED_IN = "signed_in", _("Somebody of the staff signed in")
    FOUND_BY_ADDRESS = "found_by_address", _("Staff looked for an account by its exact address")
