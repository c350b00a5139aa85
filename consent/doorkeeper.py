"""What the outbox asks this room before it writes to somebody who need not be written to."""

from uuid import UUID

from consent import links, suppression
from notifications.optional import Ways


class Doorkeeper:
    def is_suppressed(self, *, address: str, purpose: str) -> bool:
        return suppression.is_suppressed(address, purpose)

    def ways_out(self, *, subject_id: UUID, address: str, purpose: str) -> Ways:
        way = links.WayOut(subject_id=subject_id, digest=suppression.digest_of(address), purpose=purpose)
        return Ways(withdraw_url=way.withdraw_url, unsubscribe_url=way.unsubscribe_url)
