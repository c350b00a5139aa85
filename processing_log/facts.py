"""What the log says about itself."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Fact(TextChoices):
    LOG_READ = "log_read", _("The log was read")
    LOG_EXPORTED = "log_exported", _("The log was exported")
    LOG_END_LOST = "log_end_lost", _("A restore lost the end of the log: its last checkpoint is named")
    LOG_PAST_TERM = "log_past_term", _("A month of the log is past its term and is removed")


#: The purpose of looking at the log. No personal data is opened for it, so no profile declares it.
OVERSIGHT: Final = "oversight"
