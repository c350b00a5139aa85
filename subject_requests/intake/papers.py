"""Letters and calls, put in by staff: the clocks run from the day they came, not from the day they were put in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.selectors import find_subject_by_email
from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests import services
from subject_requests.intake.attaching import Taken, attach
from subject_requests.intake.guests import Authorised, enter_representation
from subject_requests.intake.models import Correspondent, Representation, What
from subject_requests.kinds import Channel, Identity, RequestKind
from subject_requests.models import Request


class NotYetReceived(ValueError):
    """Nothing is received tomorrow."""


class NobodyWithThisAddress(LookupError):
    """The portal holds nobody with exactly this address."""


@dataclass(frozen=True, kw_only=True)
class Entering:
    """What staff have in hand. `person` is who they have found, `is_identified` that they have seen who it is."""

    channel: Channel
    received_at: datetime
    kinds: Sequence[RequestKind]
    text: str
    language: str
    consents: Sequence[str] | None = ()
    person: UUID | None = None
    name: str = ""
    address: str = ""
    postal_address: str = ""
    is_identified: bool = False
    paper: services.Paper | None = None
    scans: Sequence[Taken] = ()
    representing: Authorised | None = None


def enter(entering: Entering, *, actor: Actor, at: datetime) -> Request:
    """A letter that names an address is nobody's proof: it is joined to a person when staff have seen who wrote it.
    Raises NotYetReceived, services.AlreadyAsked."""
    if entering.received_at > at:
        raise NotYetReceived
    with processing(services.PURPOSE, actor=actor):
        subject_id = _whose(entering, actor=actor, at=at)
        filed = services.file_request(
            subject_id=subject_id,
            kinds=entering.kinds,
            consents=entering.consents,
            text=entering.text,
            language=entering.language,
            actor=actor,
            at=entering.received_at,
            entered_at=at,
            channel=entering.channel,
            identity=Identity.DOCUMENT if entering.is_identified else Identity.NONE,
            by_representative=entering.representing is not None,
            paper=entering.paper,
            acknowledged_by="request_received" if entering.address or entering.person else "",
        )
        if entering.name or entering.postal_address:
            _note_writer(subject_id, entering)
        attach(filed, entering.scans, at=entering.received_at, what=What.SCAN, message=filed.messages.first())
        if entering.representing:
            enter_representation(filed, entering.representing, at=entering.received_at)
    return filed


def recognise(*, request_id: UUID, address: str, actor: Actor, at: datetime) -> None:
    """Staff have seen a document. With an address the request is joined to the person who is held under it. Raises
    NobodyWithThisAddress, services.NotOpen."""
    about = find_subject_by_email(address) if address else None
    if address and about is None:
        raise NobodyWithThisAddress
    services.identify(request_id=request_id, identity=Identity.DOCUMENT, actor=actor, at=at, about_id=about)


def accept_authority(*, request_id: UUID, actor: Actor, at: datetime) -> None:
    """The document gives the right: from now on what is asked concerns the person it speaks for, if the portal holds
    one under the address that was named. Raises services.NotOpen."""
    with processing(services.PURPOSE, actor=actor):
        claimed = Representation.objects.filter(request_id=request_id).first()
        address = claimed.represented_address if claimed else None
        about = find_subject_by_email(address) if address else None
        services.check_authority(request_id=request_id, actor=actor, at=at)
        services.identify(request_id=request_id, identity=Identity.DOCUMENT, actor=actor, at=at, about_id=about)


def _whose(entering: Entering, *, actor: Actor, at: datetime) -> UUID:
    known = entering.person
    if not known and entering.is_identified and entering.address and entering.representing is None:
        known = find_subject_by_email(entering.address)
    if known:
        return known
    return services.subject_for_stranger(at=at, actor=actor, address=entering.address).pk


def _note_writer(subject_id: UUID, entering: Entering) -> None:
    """Of somebody with an account name and address are known by the account; where the letter goes is noted anew."""
    writer, _made = Correspondent.objects.get_or_create(subject_id=subject_id)
    writer.name = entering.name or None
    writer.postal_address = entering.postal_address or None
    writer.save()
