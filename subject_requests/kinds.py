"""What people may ask for, and by which rule of the law each is answered."""

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RequestKind(TextChoices):
    ACCESS = "access", pgettext_lazy("request", "What is held about me")
    DESTRUCTION = "destruction", pgettext_lazy("request", "Destroy my data")

    @property
    def rule(self) -> str:
        """The id of the deadline rule in `law`."""
        return {RequestKind.ACCESS: "D01", RequestKind.DESTRUCTION: "D13"}[self]

    @property
    def short(self) -> str | Promise:
        """As staff call it, in a narrow column."""
        return {
            RequestKind.ACCESS: pgettext_lazy("request", "access"),
            RequestKind.DESTRUCTION: pgettext_lazy("request", "destruction"),
        }[self]


class Channel(TextChoices):
    PORTAL = "portal", pgettext_lazy("request", "on the portal")


class State(TextChoices):
    NEW = "new", pgettext_lazy("request", "received")
    TAKEN = "taken", pgettext_lazy("request", "in work")
    ANSWERED = "answered", pgettext_lazy("request", "answered")
    REFUSED = "refused", pgettext_lazy("request", "refused")


OPEN_STATES = (State.NEW, State.TAKEN)
CLOSED_STATES = (State.ANSWERED, State.REFUSED)


class Outcome(TextChoices):
    """What an answer brought about. One per kind so far."""

    INFORMED = "informed", _("the information was given")
    DESTRUCTION_STARTED = "destruction_started", _("the data is blocked and will be destroyed")


OUTCOME_OF = {
    RequestKind.ACCESS: Outcome.INFORMED,
    RequestKind.DESTRUCTION: Outcome.DESTRUCTION_STARTED,
}
