"""Why staff may open what an account holds. The code goes into the log, and in words onto the person's own page."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RevealReason(TextChoices):
    ANSWER = "answer", _("to answer a request")
    IDENTIFY = "identify", _("to make sure who is asking")
    CONSENT = "consent", _("to check a consent")
    FAULT = "fault", _("to mend a fault")
    MISUSE = "misuse", _("to stop the misuse of an account")
    AUTHORITY = "authority", _("asked by a court or an authority")

    @property
    def purpose(self) -> str:
        return _PURPOSES.get(self, "rights")

    def for_log(self, request_number: str = "") -> str:
        return f"{self.value} {request_number}".strip()


_PURPOSES: Final = {RevealReason.FAULT: "administration", RevealReason.MISUSE: "security"}
