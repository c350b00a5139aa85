"""Putting right what a person says is wrong: the old value, the new one, the proof, and who else has to hear of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import NAMES, Profile
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from profiles import current
from profiles.schema import ProfileField
from subject_requests import thread
from subject_requests.facts import Fact
from subject_requests.models import Correction, RecipientNotice, Request
from subject_requests.thread import PURPOSE


class ProofMissing(Exception):
    """A field that needs proof is not changed before somebody has seen it."""


class AlreadyTold(Exception):
    """The recipient was told already."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Old and new beside each other. To be made inside of processing(): both are opened."""

    correction: Correction
    label: str
    old: str
    new: str

    @property
    def waits_for_proof(self) -> bool:
        return self.correction.needs_proof and self.correction.proof_seen_at is None


def correctable_fields() -> Sequence[ProfileField]:
    """What staff may change at a person's wish. An address is changed by its owner, who shows that it is theirs."""
    return [field for field in current().fields if field.code in NAMES]


def labels() -> dict[str, str]:
    return {field.code: thread.in_language(field.label) for field in current().fields}


def differences(request: Request) -> list[Difference]:
    profile = Profile.objects.filter(subject_id=request.person_id).first()
    return [_difference(correction, profile) for correction in request.corrections.order_by("field")]


def see_proof(*, correction_id: UUID, actor: Actor, at: datetime) -> None:
    correction = Correction.objects.select_related("request").get(pk=correction_id)
    with processing(PURPOSE, actor=actor, reason=correction.request.number):
        waiting = Correction.objects.filter(pk=correction_id, proof_seen_at=None, applied_at=None)
        waiting.update(proof_seen_at=at, proof_seen_by=actor.id)


def apply_all(act: Scope, request: Request, *, actor: Actor, at: datetime) -> None:
    """To be called inside of the act that grants the request. Raises ProofMissing."""
    waiting = list(request.corrections.filter(applied_at=None))
    if any(correction.needs_proof and correction.proof_seen_at is None for correction in waiting):
        raise ProofMissing(str(request.pk))
    changed = [correction for correction in waiting if correction.field in NAMES]
    if not changed:
        return
    profile, _ = Profile.objects.get_or_create(subject_id=request.person_id)
    for correction in changed:
        setattr(profile, correction.field, correction.value or None)
    profile.save(update_fields=[correction.field for correction in changed])
    Correction.objects.filter(pk__in=[correction.pk for correction in changed]).update(
        applied_at=at, applied_by=actor.id
    )
    thread.record(act, Fact.CORRECTION_APPLIED, request)
    owe_notices(request, {field.category for field in correctable_fields()}, at=at)


def owe_notices(request: Request, categories: set[str], *, at: datetime) -> None:
    """Everybody outside who gets such data has to be told (article 20, part 3)."""
    for recipient in current().recipients.values():
        if recipient.categories & categories:
            RecipientNotice.objects.get_or_create(
                request=request,
                recipient=recipient.code,
                defaults={"subject_id": request.subject_id, "owed_at": at},
            )


def note_told(*, notice_id: int, actor: Actor, at: datetime) -> None:
    """Raises AlreadyTold."""
    notice = RecipientNotice.objects.select_related("request").get(pk=notice_id)
    with processing(PURPOSE, actor=actor, reason=notice.request.number) as act:
        if not RecipientNotice.objects.filter(pk=notice_id, told_at=None).update(told_at=at, told_by=actor.id):
            raise AlreadyTold
        thread.record(act, Fact.RECIPIENT_TOLD, notice.request)


def _difference(correction: Correction, profile: Profile | None) -> Difference:
    return Difference(
        correction=correction,
        label=labels().get(correction.field, correction.field),
        old=(getattr(profile, correction.field, None) or "") if profile else "",
        new=correction.value,
    )
