"""Requests that another system of the operator has taken in and hands over: a call centre, a shop, a form elsewhere."""

import hmac
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from personal_data import keyring
from personal_data.scope import processing
from processing_log.actors import Actor
from subject_requests import services, thread
from subject_requests.intake import passes
from subject_requests.intake.attaching import Taken, attach
from subject_requests.intake.models import Correspondent, FromSystem
from subject_requests.kinds import Channel, Identity
from subject_requests.models import Request
from systems.question import Caller


def file(
    values: dict[str, Any], files: Sequence[Taken], *, caller: Caller, again: str, at: datetime
) -> tuple[Request, bool]:
    """The request, and whether it is new: the same system with the same Idempotency-Key is answered the same. Who asks
    is what that system says; the person shows it by the mail they get."""
    actor = Actor.system(f"system {caller.key_id}")
    digest = _digest(caller, again) if again else None
    with processing(services.PURPOSE, actor=actor):
        if digest and (before := _before(digest)):
            return before, False
        received_at = values.get("received_at") or at
        subject = services.subject_for_stranger(at=at, actor=actor, address=values["address"])
        filed = services.file_request(
            subject_id=subject.pk,
            kinds=values["kinds"],
            text=values["text"],
            language=values.get("language") or "ru",
            actor=actor,
            at=received_at,
            entered_at=at,
            channel=Channel.API,
            identity=Identity.NONE,
            acknowledged_by="",
        )
        FromSystem.objects.create(request=filed, subject=subject, key=caller.key_id, idempotency=digest)
        if values["name"]:
            Correspondent.objects.create(subject=subject, name=values["name"])
        attach(filed, files, at=received_at, message=filed.messages.first())
        if passes.may_send(filed, address=values["address"], at=at):
            secret = passes.issue(filed, at=at)
            thread.tell(filed, "guest_request_received", at, code=secret.code, pass_url=secret.url)
    return filed, True


def _before(digest: bytes) -> Request | None:
    found = FromSystem.objects.filter(idempotency=digest).select_related("request").first()
    return found.request if found else None


def _digest(caller: Caller, again: str) -> bytes:
    words = f"{caller.key_id}|{again}".encode()
    return hmac.digest(keyring.derived("idempotency of requests"), words, "sha256")
