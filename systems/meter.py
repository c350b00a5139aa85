"""How much each system asks: the limit of a key, and the count that is kept.

Each process counts on its own and brings its counts to the database a second later, in a thread of its own, and learns
there what the others have counted. So nobody who asks waits for it, and a key may exceed its limit by what the
processes let through within that second.
"""

import logging
from collections import Counter
from datetime import datetime
from threading import Lock, Timer
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

SETTLE_SECONDS: Final = 1.0
_ADD: Final = """
INSERT INTO systems_askedminute AS m (key_id, minute, asked) VALUES (%s, %s, %s)
ON CONFLICT (key_id, minute) DO UPDATE SET asked = m.asked + excluded.asked RETURNING asked
"""

Place = tuple[UUID, datetime]  # a key and a minute


class Meter:
    def __init__(self) -> None:
        self._lock = Lock()
        self._owed: Counter[Place] = Counter()  # what the database has not been told
        self._settled: dict[Place, int] = {}  # what is counted there, of all processes
        self._timer: Timer | None = None

    def admit(self, key_id: UUID, per_minute: int, questions: int, at: datetime) -> bool:
        """Whether so many more may be asked in this minute; if so they are counted."""
        place = key_id, at.replace(second=0, microsecond=0)
        with self._lock:
            if self._settled.get(place, 0) + self._owed[place] + questions > per_minute:
                return False
            self._owed[place] += questions
            self._settle_soon()
        if not settings.QUESTIONS_SETTLE_LATER:
            self.settle()
        return True

    def _settle_soon(self) -> None:
        """The thread is no daemon: a process that ends waits for it, and no count is lost."""
        if self._timer is None and settings.QUESTIONS_SETTLE_LATER:
            self._timer = Timer(SETTLE_SECONDS, self._settle_in_thread)
            self._timer.start()

    def _settle_in_thread(self) -> None:
        try:
            self.settle()
        except DatabaseError:
            logger.warning("questions of other systems are not counted yet; the next one that is asked tries again")
        finally:
            connection.close()

    def settle(self) -> None:
        """Brings what is owed to the database; what does not get there stays owed."""
        with self._lock:
            self._timer = None
            owed, self._owed = self._owed, Counter()
            for place, asked in owed.items():
                self._settled[place] = self._settled.get(place, 0) + asked
        try:
            for place in list(owed):
                total = _add(*place, owed[place])
                self._settled[place] = max(total, self._settled[place])
                del owed[place]
        finally:
            with self._lock:
                self._take_back(owed)
                self._forget_all_but_newest()

    def _take_back(self, owed: Counter[Place]) -> None:
        for place, asked in owed.items():
            self._settled[place] -= asked
        self._owed.update(owed)

    def _forget_all_but_newest(self) -> None:
        newest = max((minute for _, minute in self._settled), default=None)
        self._settled = {place: total for place, total in self._settled.items() if place[1] == newest}

    def forget(self) -> None:
        with self._lock:
            self._owed.clear()
            self._settled.clear()


def _add(key_id: UUID, minute: datetime, asked: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [key_id, minute, asked])
        return int(cursor.fetchone()[0])


meter: Final = Meter()
