"""The end of the proof: records of destruction are kept for three years, and then destroyed themselves."""

from typing import Final

from django.db import connection

from personal_data.scope import processing
from processing_log.actors import Actor
from retention.facts import Fact

ACTOR: Final = Actor.system("forget_old_proof")
RULE: Final = "destruction_proof"
BATCH: Final = 1_000


def forget_old_proof() -> int:
    """How many records went. The database knows their age and the law's term; nobody tells it. Can run twice."""
    gone = 0
    while forgotten := _forget_some():
        gone += forgotten
    return gone


def _forget_some() -> int:
    with processing("retention", actor=ACTOR, reason=RULE) as act, connection.cursor() as cursor:
        cursor.execute("SELECT public.retention_forget_old_proof(%s)", [BATCH])
        (forgotten,) = cursor.fetchone() or (0,)
        if forgotten:
            act.record(Fact.PROOF_DESTROYED.value)
    return int(forgotten)
