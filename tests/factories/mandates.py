"""Invitations to audit, agreed to. By default to the whole log and for ever."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from processing_log.models import Mandate

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MUCH_LATER = datetime(2190, 1, 1, tzinfo=UTC)


def make_mandate(
    *,
    auditor: UUID,
    events_since: datetime = LONG_AGO,
    events_until: datetime | None = None,
    operations: tuple[str, ...] = (),
    purposes: tuple[str, ...] = (),
    categories: tuple[str, ...] = (),
    begins_at: datetime = LONG_AGO,
    ends_at: datetime = MUCH_LATER,
    is_agreed: bool = True,
) -> Mandate:
    mandate = Mandate.objects.create(
        auditor=auditor,
        events_since=events_since,
        events_until=events_until,
        operations=list(operations),
        purposes=list(purposes),
        categories=list(categories),
        begins_at=begins_at,
        ends_at=ends_at,
        proposed_by=uuid4(),
        proposed_at=begins_at,
    )
    if is_agreed:
        agreed_at = begins_at + timedelta(hours=1)
        Mandate.objects.filter(pk=mandate.pk).update(confirmed_by=uuid4(), confirmed_at=agreed_at)
        mandate.refresh_from_db()
    return mandate
