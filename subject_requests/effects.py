"""What the system itself carries out for a kind of request. Always inside of the act that decides it, so that either
both have happened or nothing has."""

from collections.abc import Callable, Collection, Mapping
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
from personal_data.models import Subject, SubjectKind
from processing_log.actors import Actor
from profiles import current
from retention.selectors import is_held_impossible, next_destruction
from retention.services import start_clock
from subject_requests import contested
from subject_requests.corrections import owe_notices
from subject_requests.kinds import OUTCOME_OF, Channel, Contest, Outcome, RequestKind, State
from subject_requests.models import Request
from subject_requests.thread import DESK_ACTORS

DESTRUCTION_TRIGGER: Final = "account_deleted"
#: Carried out when the request is received, with the rules that are met by it: not those by which others have to be
#: told too. Whoever asks must be who they say they are; to stop advertising its reader needs to prove nothing.
AT_ONCE: Final[Mapping[RequestKind, tuple[str, ...]]] = MappingProxyType(
    {
        RequestKind.BLOCKING: ("D06",),
        RequestKind.STOP_ADS: ("D17",),
        RequestKind.STOP_DISSEMINATION: ("D20",),
        RequestKind.WITHDRAWAL: (),
        RequestKind.STOP_PROCESSING: (),
    }
)
#: Blocked while somebody looks whether it is so (article 21, part 1), with the rule that is met by it.
CHECKED_UNDER_A_BLOCK: Final = MappingProxyType({RequestKind.UNNEEDED: ("D06",)})
NEEDS_NO_PROOF: Final = frozenset({RequestKind.STOP_ADS})
#: Nothing is left for staff to do once these are carried out.
ANSWERED_BY_THE_PORTAL: Final = frozenset({RequestKind.STOP_ADS})

_CONSENT_CHANNELS: Final = {Channel.POST: ConsentChannel.PAPER, Channel.TELEPHONE: ConsentChannel.TELEPHONE}


class WillBeDestroyed(Exception):
    """The block stands until the data is destroyed; that has been decided already."""


class NobodyToWriteTo(Exception):
    """No address is held that advertising could go to."""


def may_be_carried_out(request: Request, kind: RequestKind) -> bool:
    """Not before it is known who asks, and which consents are meant."""
    if kind == RequestKind.WITHDRAWAL and request.awaits_consents:
        return False
    return request.may_disclose or kind in NEEDS_NO_PROOF


def block_for_the_check(request: Request, *, at: datetime) -> None:
    _person(request).block(at=at)


def end_check(request: Request, kinds: Collection[RequestKind]) -> None:
    """What was blocked while these kinds were looked into is in use again, unless it, or a part of it, is yet to be
    destroyed or another check goes on."""
    if not any(request.asks(kind) for kind in kinds) or next_destruction(request.person_id):
        return
    if contested.waits_for(request.person_id) or is_held_impossible(request.person_id):
        return
    others = Request.objects.open().of(request.person_id).exclude(pk=request.pk)
    blocking = [RequestKind.BLOCKING, *CHECKED_UNDER_A_BLOCK]
    granted = Request.objects.of(request.person_id).filter(state=State.ANSWERED, outcomes__contains=[Outcome.BLOCKED])
    if others.filter(kinds__overlap=blocking).exists() or granted.exists():
        return
    _person(request).unblock()


def end_finding(request: Request) -> None:
    """Nothing unlawful is left, or it was made lawful. What the request itself has blocked for a check stays so."""
    is_checked = any(request.asks(kind) for kind in CHECKED_UNDER_A_BLOCK)
    if not (is_checked and Request.objects.open().filter(pk=request.pk).exists()):
        end_check(request, list(RequestKind))


def carry_out(request: Request, kind: RequestKind, *, actor: Actor, at: datetime) -> Outcome:
    """Raises WillBeDestroyed, NobodyToWriteTo, contested.WhichPart, retention.values.NotAlone,
    retention.ordering.NothingHeld."""
    if kind == RequestKind.UNNEEDED:
        return _end_unneeded(request, actor, at)
    _EFFECTS.get(kind, _nothing)(request, actor, at)
    return OUTCOME_OF[kind]


def _nothing(request: Request, actor: Actor, at: datetime) -> None:
    """The answer itself is all there is to it."""


def _block(request: Request, actor: Actor, at: datetime) -> None:
    _person(request).block(at=at)


def _unblock(request: Request, actor: Actor, at: datetime) -> None:
    if (
        next_destruction(request.person_id)
        or contested.waits_for(request.person_id)
        or is_held_impossible(request.person_id)
    ):
        raise WillBeDestroyed(str(request.pk))
    _person(request).unblock()


def _destroy(request: Request, actor: Actor, at: datetime) -> None:
    """The thirty days of article 21, part 5 run from the receipt of the request, not from our answer."""
    _end(request, DESTRUCTION_TRIGGER, actor, at)


def _end_unneeded(request: Request, actor: Actor, at: datetime) -> Outcome:
    """So do the seven working days of article 20, part 3: the proof came with the request, or after it. Parts go at
    once; whoever got them has to be told."""
    chosen = contested.of(request)
    if chosen is None:
        raise contested.WhichPart(str(request.pk))
    owe_notices(request, contested.affected(chosen), at=at)
    if chosen.everything:
        _end(request, Contest.UNNEEDED, actor, at)
        return Outcome.UNNEEDED_ENDS
    since = request.received_at
    contested.order(request, Contest.UNNEEDED, chosen, since=since, actor=actor, at=at, at_once=True)
    return Outcome.PART_ENDS


def _end(request: Request, trigger: str, actor: Actor, at: datetime) -> None:
    """A stranger's own words go by a rule of their own, thirty days after the answer."""
    person = _person(request)
    person.block(at=at)
    if person.kind != SubjectKind.GUEST:
        start_clock(subject_id=person.pk, trigger=trigger, at=request.received_at, actor=actor)


def _withdraw_chosen(request: Request, actor: Actor, at: datetime) -> None:
    for purpose in purposes_in_force(request.person_id):
        if request.consents is None or purpose in request.consents:
            _withdraw(request, purpose, actor, at)


def _withdraw_all(request: Request, actor: Actor, at: datetime) -> None:
    for purpose in purposes_in_force(request.person_id):
        _withdraw(request, purpose, actor, at)


def _stop_dissemination(request: Request, actor: Actor, at: datetime) -> None:
    """The consents to it end with the demand (article 10.1, part 12); who got the data that way has to be told."""
    public = {code: purpose for code, purpose in current().purposes.items() if purpose.dissemination}
    for purpose in purposes_in_force(request.person_id):
        if purpose in public:
            _withdraw(request, purpose, actor, at)
    owe_notices(request, {category for purpose in public.values() for category in purpose.categories}, at=at)


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
        RequestKind.WITHDRAWAL: _withdraw_chosen,
        RequestKind.STOP_PROCESSING: _stop_processing,
        RequestKind.STOP_ADS: _stop_ads,
        RequestKind.STOP_DISSEMINATION: _stop_dissemination,
    }
)
