"""Events of the log, entered as the application enters them."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg

from processing_log import events
from processing_log.actors import Actor, ActorKind
from processing_log.events import Declaration, Entry
from processing_log.models import Event

STAFF = Actor(kind=ActorKind.STAFF, id="5b0e6c1a-0000-4000-8000-000000000001")


def make_event(
    *,
    actor: Actor = STAFF,
    operation: str = "extract",
    fact: str = "",
    subject: UUID | None = None,
    categories: tuple[str, ...] = (),
    purpose: str = "rights",
    basis: str = "6.1.2",
    system: str = "Portal",
    reason: str = "",
    context: UUID | None = None,
) -> Event:
    declaration = Declaration(actor=actor, purpose=purpose, basis=basis, system=system, context=context or uuid4())
    entry = Entry(operation=operation, fact=fact, subject=subject, categories=categories, reason=reason)
    events.append(declaration, [entry])
    return Event.objects.latest("id")


def make_past_event(superuser: psycopg.Connection[Any], *, at: datetime, fact: str = "signed_in") -> int:
    """When an event was, the application may not say."""
    superuser.execute("SELECT processing_log_make_partitions(%s, 0)", [at.date()])
    row = superuser.execute(
        "INSERT INTO processing_log_event (at, actor_kind, actor_id, operation, fact, categories, purpose, basis,"
        " system, reason, context) VALUES (%s, 'staff', 's-1', '', %s, '{}', 'staff', '6.1.5', 'Portal', '', %s)"
        " RETURNING id",
        [at, fact, uuid4()],
    ).fetchone()
    assert row is not None
    return int(row[0])
