"""Who else has seen a checkpoint: organisations that cosign a log only as long as it grows (C2SP tlog-witness)."""

import http.client
import logging
import ssl
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.db import transaction

from processing_log import notes, tiles
from processing_log.models import Checkpoint, Cosignature, Witness
from processing_log.notes import COSIGNATURE, Malformed, Note, NotSigned, PublicKey, Signature

logger = logging.getLogger(__name__)

SECONDS: Final = 10
LONGEST: Final = 64 * 1024
SIZE: Final = "text/x.tlog.size"
OK: Final = "ok"
SEEN_MORE: Final = "has_seen_more"
REFUSES_GROWTH: Final = "refuses_growth"


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    body: str
    kind: str = ""


def add(vkey: str, url: str) -> Witness:
    """Raises Malformed."""
    if PublicKey.parse(vkey).kind != COSIGNATURE:
        raise Malformed("this key signs notes, not cosignatures")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise Malformed("the address of a witness begins with https://")
    witness, _made = Witness.objects.update_or_create(
        vkey=vkey, defaults={"url": url.rstrip("/"), "is_asked": True, "answer": ""}
    )
    return witness


def ask_all(at: datetime) -> None:
    newest = Checkpoint.objects.order_by("-size").first()
    for witness in Witness.objects.filter(is_asked=True) if newest else ():
        assert newest is not None
        if witness.answer != OK or witness.size < newest.size:
            ask(witness, newest, at)


def ask(witness: Witness, checkpoint: Checkpoint, at: datetime) -> str:
    """The code of the answer; a cosignature is kept only when it is right."""
    code = _ask(witness, checkpoint, at)
    witness.answer, witness.asked_at = code, at
    witness.save()
    if code != OK:
        logger.error("a witness of the log does not cosign: %s", code)
    return code


def _ask(witness: Witness, checkpoint: Checkpoint, at: datetime) -> str:
    answer = _submit(witness, checkpoint)
    if answer.status == http.client.CONFLICT and answer.kind == SIZE and answer.body.strip().isdigit():
        witness.size = int(answer.body)
        if witness.size > checkpoint.size:
            return SEEN_MORE
        answer = _submit(witness, checkpoint)
    if answer.status != http.client.OK:
        return REFUSES_GROWTH if answer.status == http.client.UNPROCESSABLE_ENTITY else f"status_{answer.status}"
    try:
        line = _cosignature(answer.body, witness, checkpoint)
    except (Malformed, NotSigned):
        return "wrong_signature"
    with transaction.atomic():
        Cosignature.objects.get_or_create(
            size=checkpoint.size, vkey=witness.vkey, defaults={"line": str(line), "given_at": at}
        )
        witness.size = checkpoint.size
    return OK


def _submit(witness: Witness, checkpoint: Checkpoint) -> Answer:
    proof = tiles.consistency(witness.size, checkpoint.size)
    hashes = "".join(f"{notes.to_base64(part)}\n" for part in proof)
    return _post(witness.url, f"old {witness.size}\n{hashes}\n{checkpoint.note}")


def _post(url: str, body: str) -> Answer:
    """Status 0 when nobody answers."""
    place = urlsplit(url)
    assert place.hostname is not None
    connection: http.client.HTTPConnection
    if place.scheme == "https":
        connection = http.client.HTTPSConnection(
            place.hostname, place.port, timeout=SECONDS, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=SECONDS)
    try:
        connection.request("POST", f"{place.path}/add-checkpoint", body.encode())
        response = connection.getresponse()
        content = response.read(LONGEST).decode(errors="replace")
        return Answer(status=response.status, body=content, kind=response.getheader("Content-Type", ""))
    except (OSError, http.client.HTTPException):
        return Answer(status=0, body="")
    finally:
        connection.close()


def _cosignature(body: str, witness: Witness, checkpoint: Checkpoint) -> Signature:
    """Of several lines the one that is this witness's. Raises Malformed, NotSigned."""
    key, text = PublicKey.parse(witness.vkey), Note.parse(checkpoint.note).text
    for signature in map(Signature.parse, body.splitlines()):
        if (signature.name, signature.blob[:4]) == (key.name, key.id) and key.has_signed(text, signature.blob):
            return signature
    raise NotSigned("not by this witness")


def with_cosignatures(checkpoint: Checkpoint) -> Note:
    note = Note.parse(checkpoint.note)
    lines = Cosignature.objects.filter(size=checkpoint.size).order_by("id").values_list("line", flat=True)
    return Note(text=note.text, signatures=(*note.signatures, *map(Signature.parse, lines)))


def public_keys() -> list[str]:
    return list(Witness.objects.order_by("vkey").values_list("vkey", flat=True))
