"""The act behind the link of a mail: the address gets no more of this, and the consent it rested on is withdrawn."""

from contextlib import suppress
from datetime import datetime

from consent import suppression
from consent.facts import Fact
from consent.links import WayOut
from consent.services import Channel, NotInForce, withdraw_consent
from consent.suppressed import Suppression
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from profiles import current


def leave(
    way_out: WayOut,
    *,
    channel: Suppression.Channel,
    at: datetime,
    reason: Suppression.Reason = Suppression.Reason.UNSUBSCRIBED,
) -> bool:
    """One transaction for all of it. Works for whoever is blocked, destroyed, or not in this database at all. False
    when nothing was left to stop. The holder of the link acts: the portal does not know more of them."""
    actor = Actor.stranger()
    with processing(suppression.PURPOSE, actor=actor) as act:
        was_withdrawn = _withdraw(way_out, actor, at)
        was_suppressed = is_advertising(way_out.purpose) and suppression.suppress(
            way_out.digest,
            scope=way_out.purpose,
            reason=reason,
            channel=channel,
            actor=actor,
            at=at,
            subject_id=way_out.subject_id,
        )
        if was_withdrawn or was_suppressed:
            act.record(
                Fact.MAIL_UNSUBSCRIBED.value,
                subject=way_out.subject_id,
                reason=f"{reason.value} {channel.value} {way_out.purpose}",
            )
    return was_withdrawn or was_suppressed


def is_advertising(purpose: str) -> bool:
    """Of a purpose that the operator has dropped since, the worst is believed."""
    known = current().purposes.get(purpose)
    return known is None or known.advertising


def _withdraw(way_out: WayOut, actor: Actor, at: datetime) -> bool:
    with suppress(NotInForce, Subject.DoesNotExist):
        withdraw_consent(
            subject_id=way_out.subject_id, purpose=way_out.purpose, actor=actor, at=at, channel=Channel.MAIL_LINK
        )
        return True
    return False
