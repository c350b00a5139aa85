"""A process with the portal's settings that destroys as many as it is told, one way, and says how long it took.

`python -m benchmarks.destruction.job`: a line of JSON in (way, first, last, due), a line out (seconds by the clock, and
of processors: of this process and of PostgreSQL's that serves it, which other work on the machine does not lengthen).
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final
from uuid import UUID

import django

from benchmarks.destruction import crowd

BATCH: Final = 1_000


def portal(people: Sequence[UUID], due: datetime) -> None:
    """The shipped job: rows, keys, records, clocks, events, what is owed to the ledger, and the second look."""
    from retention.destruction import destroy_due

    outcome = destroy_due(due)
    assert (outcome.destroyed, outcome.failed) == (len(people), 0), outcome


def plain(people: Sequence[UUID], _due: datetime) -> None:
    """DELETE of the same rows: a statement a table, as many people in a transaction as the portal takes."""
    from django.db import connection, transaction

    for first in range(0, len(people), BATCH):
        ids = "{" + ",".join(map(str, people[first : first + BATCH])) + "}"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM destruction_plainmark m USING destruction_plaincase c "
                "WHERE m.case_id = c.id AND c.subject_id = ANY(%s::uuid[])",
                [ids],
            )
            for table in ("letter", "case", "card"):
                cursor.execute(f"DELETE FROM destruction_plain{table} WHERE subject_id = ANY(%s::uuid[])", [ids])  # noqa: S608
            cursor.execute("DELETE FROM destruction_plainperson WHERE id = ANY(%s::uuid[])", [ids])
            assert cursor.rowcount == len(people[first : first + BATCH])


def django_delete(people: Sequence[UUID], _due: datetime) -> None:
    from django.db import transaction

    from benchmarks.destruction.models import PlainPerson

    for first in range(0, len(people), BATCH):
        with transaction.atomic():
            PlainPerson._default_manager.filter(pk__in=people[first : first + BATCH]).delete()


WAYS: Final[dict[str, Callable[[Sequence[UUID], datetime], Any]]] = {
    "portal": portal,
    "plain": plain,
    "django": django_delete,
}


def _worked() -> float:
    from django.db import connection

    connection.ensure_connection()
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    ticks = stat.read_text().rpartition(")")[2].split()[11:13] if stat.exists() else ()
    return process_time() + sum(int(each) for each in ticks) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    django.setup()
    for line in sys.stdin:
        order = json.loads(line)
        people = [crowd.person(number) for number in range(order["first"], order["last"] + 1)]
        began, worked = perf_counter(), _worked()
        WAYS[order["way"]](people, datetime.fromisoformat(order["due"]))
        print(json.dumps([perf_counter() - began, _worked() - worked]), flush=True)


if __name__ == "__main__":
    main()
