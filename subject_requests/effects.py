"""What the system itself carries out for a kind of request. Always inside of the act that decides it, so that either
both have happened or nothing has."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from types import MappingProxyType
from typing import Final

from consent.ledger import Channel as ConsentChannel
from consent.selectors import purposes_in_force
from consent.services import NotInForce, withdraw_consent
from consent.suppressed import ALL_ADVERTISING, Suppression
from consent.suppression import digest_of
from consent.suppression import suppress as suppress_address
from notifications import addresses
from personal_data.models import Subject
from processing_log.actors import Actor
from profiles import current
from retention.selectors import next_destruction
from retention.services import start_clock
from subject_requests.kinds import OUTCOME_OF, Channel, Outcome, RequestKind
from subject_requests.models import Request
from subject_requests.thread import DESK_ACTORS

DESTRUCTION_TRIGGER: Final = "account_deleted"
#: Carried out when the request is received, with the rules that are met by it: not those by which others have to be
#: told too. Whoever asks must be who they say they are; to stop advertising its reader needs to prove nothing.
AT_ONCE: Final[Mapping[RequestKind, tuple[str, ...]]] = MappingProxyType(
    {
        RequestKind.BLOCKING: ("D06",),
        RequestKind.STOP_ADS: ("D17",),
        RequestKind.WITHDRAWAL: (),
        RequestKind.STOP_PROCESSING: (),
    }
)
NEEDS_NO_PROOF: Final = frozenset({RequestKind.STOP_ADS})
#: Nothing is left for staff to do once these are carried out.
ANSWERED_BY_THE_PORTAL: Final = frozenset({RequestKind.STOP_ADS})

_CONSENT_CHANNELS: Final = {Channel.POST: ConsentChannel.PAPER, Channel.TELEPHONE: ConsentChannel.TELEPHONE}


class WillBeDestroyed(Exception):
    """The block stands until the data is destroyed; that has been decided already."""


class NobodyToWriteTo(Exception):
    """No address is held that advertising could go to."""


def may_be_carried_out(request: Request, kind: RequestKind) -> bool:
    return request.may_disclose or kind in NEEDS_NO_PROOF


def carry_out(request: Request, kind: RequestKind, *, actor: Actor, at: datetime) -> Outcome:
    """Raises WillBeDestroyed, NobodyToWriteTo."""
    _EFFECTS.get(kind, _nothing)(request, actor, at)
    return OUTCOME_OF[kind]


def _nothing(request: Request, actor: Actor, at: datetime) -> None:
    """The answer itself is all there is to it."""


def _block(request: Request, actor: Actor, at: datetime) -> None:
    _person(request).block(at=at)


def _unblock(request: Request, actor: Actor, at: datetime) -> None:
    if next_destruction(request.person_id):
        raise WillBeDestroyed(str(request.pk))
    _person(request).unblock()


def _destroy(request: Request, actor: Actor, at: datetime) -> None:
    """The thirty days of article 21, part 5 run from the receipt of the request, not from our answer."""
    _person(request).block(at=at)
    start_clock(subject_id=request.person_id, trigger=DESTRUCTION_TRIGGER, at=request.received_at, actor=actor)


def _withdraw_all(request: Request, actor: Actor, at: datetime) -> None:
    for purpose in purposes_in_force(request.person_id):
        _withdraw(request, purpose, actor, at)


def _stop_processing(request: Request, actor: Actor, at: datetime) -> None:
    """What rests on consent; what rests on a contract or a law goes on (article 21, part 5.1)."""
    _withdraw_all(request, actor, at)
    with suppress(NobodyToWriteTo):
        _suppress(request, actor, at)


def _stop_ads(request: Request, actor: Actor, at: datetime) -> None:
    if request.may_disclose:
        for purpose in purposes_in_force(request.person_id):
            if current().purpose(purpose).advertising:
                _withdraw(request, purpose, actor, at)
    _suppress(request, actor, at)


def _withdraw(request: Request, purpose: str, actor: Actor, at: datetime) -> None:
    channel = _CONSENT_CHANNELS.get(Channel(request.channel), ConsentChannel.PORTAL)
    with suppress(NotInForce):
        withdraw_consent(subject_id=request.person_id, purpose=purpose, actor=actor, at=at, channel=channel)


def _suppress(request: Request, actor: Actor, at: datetime) -> None:
    address = addresses.address_of(request.person_id, "")
    if not address:
        raise NobodyToWriteTo(str(request.pk))
    suppress_address(
        digest_of(address),
        scope=ALL_ADVERTISING,
        reason=Suppression.Reason.OBJECTION,
        channel=Suppression.Channel.DESK if actor.kind in DESK_ACTORS else Suppression.Channel.PORTAL,
        actor=actor,
        at=at,
        subject_id=request.person_id,
    )


def _person(request: Request) -> Subject:
    return Subject.objects.get(pk=request.person_id)


_EFFECTS: Final[Mapping[RequestKind, Callable[[Request, Actor, datetime], None]]] = MappingProxyType(
    {
        RequestKind.BLOCKING: _block,
        RequestKind.UNBLOCKING: _unblock,
        RequestKind.DESTRUCTION: _destroy,
        RequestKind.WITHDRAWAL: _withdraw_all,
        RequestKind.STOP_PROCESSING: _stop_processing,
        RequestKind.STOP_ADS: _stop_ads,
    }
)
