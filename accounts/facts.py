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
    AUDIT_PROPOSED = "audit_proposed", _("An auditor was proposed")
    AUDIT_AGREED = "audit_agreed", _("A second person agreed to an auditor")
    AUDIT_ENDED = "audit_ended", _("The mandate of an auditor ended")
    CHECKPOINT_MAILED = "checkpoint_mailed", _("A checkpoint of the log was mailed to an auditor")
    FOUND_BY_ADDRESS = "found_by_address", _("Staff looked for an account by its exact address")
