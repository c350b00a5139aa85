"""What may be done with personal data: the complete list of 152-FZ, article 3, item 3."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Operation(TextChoices):
    COLLECT = "collect", _("collection")
    RECORD = "record", _("recording")
    SYSTEMATISE = "systematise", _("systematisation")
    ACCUMULATE = "accumulate", _("accumulation")
    STORE = "store", _("storage")
    CLARIFY = "clarify", _("clarification")
    EXTRACT = "extract", _("extraction")
    USE = "use", _("use")
    TRANSFER = "transfer", _("transfer")
    DEPERSONALISE = "depersonalise", _("depersonalisation")
    BLOCK = "block", _("blocking")
    DELETE = "delete", _("deletion")
    DESTROY = "destroy", _("destruction")
