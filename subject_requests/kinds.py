"""What people may ask for, by which rules of the law each is answered, and how a request may move."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RequestKind(TextChoices):
    ACCESS = "access", pgettext_lazy("request", "What is held about me")
    CLARIFICATION = "clarification", pgettext_lazy("request", "Correct my data")
    BLOCKING = "blocking", pgettext_lazy("request", "Block my data")
    UNBLOCKING = "unblocking", pgettext_lazy("request", "Lift the block")
    DESTRUCTION = "destruction", pgettext_lazy("request", "Destroy my data")
    UNNEEDED = "unneeded", pgettext_lazy("request", "Destroy what was obtained unlawfully or is not needed")
    WITHDRAWAL = "withdrawal", pgettext_lazy("request", "Withdraw my consents")
    STOP_PROCESSING = "stop_processing", pgettext_lazy("request", "Stop processing my data")
    STOP_ADS = "stop_ads", pgettext_lazy("request", "Stop the advertising")
    STOP_DISSEMINATION = "stop_dissemination", pgettext_lazy("request", "Stop making my data public")
    AUTO_DECISION = "auto_decision", pgettext_lazy("request", "Object to an automated decision")
    COMPLAINT = "complaint", pgettext_lazy("request", "Complain about the processing")

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the deadline rules in `law` whose clocks this kind starts."""
        return RULES_OF[self]

    @property
    def short(self) -> str | Promise:
        """As staff call it, in a narrow column."""
        return _SHORT[self]


#: A demand to destroy is also one to stop, and so is a withdrawal: stop by D14, destroy by D13.
RULES_OF: Final[Mapping[RequestKind, tuple[str, ...]]] = MappingProxyType(
    {
        RequestKind.ACCESS: ("D01",),
        RequestKind.CLARIFICATION: ("D04",),
        RequestKind.BLOCKING: ("D06", "D07"),
        RequestKind.UNBLOCKING: ("D07",),
        RequestKind.DESTRUCTION: ("D13", "D14"),
        RequestKind.UNNEEDED: ("D05", "D06"),
        RequestKind.WITHDRAWAL: ("D13", "D14"),
        RequestKind.STOP_PROCESSING: ("D14",),
        RequestKind.STOP_ADS: ("D17",),
        RequestKind.STOP_DISSEMINATION: ("D20", "D20H"),
        RequestKind.AUTO_DECISION: ("D18",),
        RequestKind.COMPLAINT: ("D31",),
    }
)

_SHORT: Final = {
    RequestKind.ACCESS: pgettext_lazy("request", "access"),
    RequestKind.CLARIFICATION: pgettext_lazy("request", "clarification"),
    RequestKind.BLOCKING: pgettext_lazy("request", "blocking"),
    RequestKind.UNBLOCKING: pgettext_lazy("request", "unblocking"),
    RequestKind.DESTRUCTION: pgettext_lazy("request", "destruction"),
    RequestKind.UNNEEDED: pgettext_lazy("request", "unlawful or not needed"),
    RequestKind.WITHDRAWAL: pgettext_lazy("request", "withdrawal of consent"),
    RequestKind.STOP_PROCESSING: pgettext_lazy("request", "stop processing"),
    RequestKind.STOP_ADS: pgettext_lazy("request", "stop advertising"),
    RequestKind.STOP_DISSEMINATION: pgettext_lazy("request", "stop dissemination"),
    RequestKind.AUTO_DECISION: pgettext_lazy("request", "automated decision"),
    RequestKind.COMPLAINT: pgettext_lazy("request", "complaint"),
}


def in_order(kinds: Iterable[str]) -> list[RequestKind]:
    """Each once, in the order in which they are declared."""
    wanted = {RequestKind(kind) for kind in kinds}
    return [kind for kind in RequestKind if kind in wanted]


class Channel(TextChoices):
    PORTAL = "portal", pgettext_lazy("request", "on the portal")
    GUEST = "guest", pgettext_lazy("request", "by the form without an account")
    MAIL = "mail", pgettext_lazy("request", "by e-mail")
    POST = "post", pgettext_lazy("request", "by post")
    TELEPHONE = "telephone", pgettext_lazy("request", "by telephone")
    API = "api", pgettext_lazy("request", "from another system")


class Identity(TextChoices):
    """How sure it is that whoever asks is the person. No clock waits for it."""

    NONE = "none", pgettext_lazy("request", "not established")
    CODE = "code", pgettext_lazy("request", "a code sent to the address that is held")
    SESSION = "session", pgettext_lazy("request", "signed in")
    DOCUMENT = "document", pgettext_lazy("request", "a document checked by staff")

    @property
    def is_established(self) -> bool:
        return self is not Identity.NONE


class State(TextChoices):
    NEW = "new", pgettext_lazy("request", "received")
    TAKEN = "taken", pgettext_lazy("request", "in work")
    WAITING = "waiting", pgettext_lazy("request", "waiting for the person")
    PROPOSED = "proposed", pgettext_lazy("request", "refusal waits for a second person")
    ANSWERED = "answered", pgettext_lazy("request", "answered")
    REFUSED = "refused", pgettext_lazy("request", "refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("request", "taken back by the person")


OPEN_STATES = (State.NEW, State.TAKEN, State.WAITING, State.PROPOSED)
#: Somebody has it in hand.
WORKED_STATES = (State.TAKEN, State.WAITING, State.PROPOSED)
CLOSED_STATES = (State.ANSWERED, State.REFUSED, State.WITHDRAWN)

#: Where a request may go from where it is. The database holds the same table; a test tries every pair.
TRANSITIONS: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        State.NEW: frozenset({State.TAKEN, State.ANSWERED, State.WITHDRAWN}),
        State.TAKEN: frozenset({State.NEW, State.WAITING, State.PROPOSED, State.ANSWERED, State.WITHDRAWN}),
        State.WAITING: frozenset({State.NEW, State.TAKEN, State.PROPOSED, State.ANSWERED, State.WITHDRAWN}),
        State.PROPOSED: frozenset({State.TAKEN, State.REFUSED, State.WITHDRAWN}),
        State.ANSWERED: frozenset(),
        State.REFUSED: frozenset(),
        State.WITHDRAWN: frozenset(),
    }
)


class Outcome(TextChoices):
    """What a request brought about. One that was of several kinds has several."""

    INFORMED = "informed", _("the information was given")
    CORRECTED = "corrected", _("the data was corrected")
    BLOCKED = "blocked", _("the data is blocked")
    UNBLOCKED = "unblocked", _("the block is lifted")
    DESTRUCTION_STARTED = "destruction_started", _("the data is blocked and will be destroyed")
    UNNEEDED_ENDS = "unneeded_ends", _("the data is blocked and will be destroyed as unlawful or not needed")
    PART_ENDS = "part_ends", _("the part that was unlawful or not needed goes, the rest stays")
    CONSENTS_WITHDRAWN = "consents_withdrawn", _("the consents are withdrawn")
    PROCESSING_STOPPED = "processing_stopped", _("the processing on consent has stopped")
    ADS_STOPPED = "ads_stopped", _("no more advertising is sent")
    DISSEMINATION_STOPPED = "dissemination_stopped", _("the data is made public no more")
    RECONSIDERED = "reconsidered", _("a person has looked at the decision")
    EXPLAINED = "explained", _("an explanation was given")


#: What needs nobody's identity or authority: nothing is told, and nothing of the person's is changed.
DISCLOSE_NOTHING: Final = (Outcome.ADS_STOPPED, Outcome.EXPLAINED)

OUTCOME_OF: Final[Mapping[RequestKind, Outcome]] = MappingProxyType(
    {
        RequestKind.ACCESS: Outcome.INFORMED,
        RequestKind.CLARIFICATION: Outcome.CORRECTED,
        RequestKind.BLOCKING: Outcome.BLOCKED,
        RequestKind.UNBLOCKING: Outcome.UNBLOCKED,
        RequestKind.DESTRUCTION: Outcome.DESTRUCTION_STARTED,
        RequestKind.UNNEEDED: Outcome.UNNEEDED_ENDS,
        RequestKind.WITHDRAWAL: Outcome.CONSENTS_WITHDRAWN,
        RequestKind.STOP_PROCESSING: Outcome.PROCESSING_STOPPED,
        RequestKind.STOP_ADS: Outcome.ADS_STOPPED,
        RequestKind.STOP_DISSEMINATION: Outcome.DISSEMINATION_STOPPED,
        RequestKind.AUTO_DECISION: Outcome.RECONSIDERED,
        RequestKind.COMPLAINT: Outcome.EXPLAINED,
    }
)


#: A kind has one outcome; where staff have chosen parts, this one instead.
OUTCOME_IN_PART: Final[Mapping[RequestKind, Outcome]] = MappingProxyType({RequestKind.UNNEEDED: Outcome.PART_ENDS})


class Met(TextChoices):
    """By what a clock was stopped."""

    AT_ONCE = "at_once", pgettext_lazy("clock of a request", "carried out at once")
    CARRIED_OUT = "carried_out", pgettext_lazy("clock of a request", "carried out")
    ANSWERED = "answered", pgettext_lazy("clock of a request", "answered")
    REFUSED = "refused", pgettext_lazy("clock of a request", "refused with reasons")
    WITHDRAWN = "withdrawn", pgettext_lazy("clock of a request", "taken back by the person")
    DROPPED = "dropped", pgettext_lazy("clock of a request", "dropped: not asked for")
    MADE_LAWFUL = "made_lawful", pgettext_lazy("clock of a request", "the processing was made lawful")


class Contest(TextChoices):
    """Why a part of the data goes. Each is a trigger of the retention rules."""

    UNNEEDED = "unneeded_proved", pgettext_lazy("contested part", "obtained unlawfully or not needed")
    UNLAWFUL = "unlawful_found", pgettext_lazy("contested part", "processed unlawfully")


class DropReason(TextChoices):
    """Why a kind that was read into a message is none of it."""

    NOT_ASKED = "not_asked", pgettext_lazy("kind dropped", "the message does not ask for it")
    SAID_SO = "said_so", pgettext_lazy("kind dropped", "the person says that it was not meant")
    ELSEWHERE = "elsewhere", pgettext_lazy("kind dropped", "it is asked for in another request that goes on")


class Author(TextChoices):
    PERSON = "person", pgettext_lazy("request", "the person")
    STAFF = "staff", pgettext_lazy("request", "staff")
    PORTAL = "portal", pgettext_lazy("request", "the portal")


class MessageKind(TextChoices):
    WORDS = "words", pgettext_lazy("request message", "message")
    NOTE = "note", pgettext_lazy("request message", "internal note")
    QUESTION = "question", pgettext_lazy("request message", "question to the person")
    EXTENSION = "extension", pgettext_lazy("request message", "notice of a longer term")
    ANSWER = "answer", pgettext_lazy("request message", "answer")
    REFUSAL = "refusal", pgettext_lazy("request message", "refusal")
