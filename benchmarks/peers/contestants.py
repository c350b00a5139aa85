"""Plain Django again, in the peers' environment, and each of them."""

import os
from typing import Any, Final

from django.db import connection, models

from benchmarks import people
from benchmarks.contestants import Contestant
from benchmarks.peers import models as peers
from benchmarks.plain.models import PlainPerson


class Peer(Contestant):
    def __init__(self, model: type[models.Model], *, copies_columns: bool = False) -> None:
        super().__init__(model)
        self.copies_columns = copies_columns

    def load(self, count: int) -> None:
        """A thousand the peer's own way; where its ciphertext is not bound to a row, the rest are copies of their
        columns, because encrypting 100,000 people is not what is measured."""
        if not self.copies_columns:
            return super().load(count)
        super().load(people_at_first := min(count, 1000))
        columns = ", ".join(people.FIELDS)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self.model._meta.db_table} (id, number, {columns}) "  # noqa: S608
                f"SELECT gen_random_uuid(), number + 1000 * batch, {columns} FROM {self.model._meta.db_table}, "
                f"generate_series(1, %s) batch",
                [count // people_at_first - 1],
            )
        return None


def _contestants() -> dict[str, Any]:
    plain = {"plain": Contestant(PlainPerson)}
    if "BENCH_PGCRYPTO" in os.environ:
        return {**plain, "pgcrypto": Peer(peers.PgcryptoPerson, copies_columns=True)}
    return {
        **plain,
        "fernet": Peer(peers.FernetPerson, copies_columns=True),
        "django-cryptography": Peer(peers.CryptographyPerson, copies_columns=True),
        "auditlog": Peer(peers.AuditlogPerson),
        "simple-history": Peer(peers.SimpleHistoryPerson),
        "pghistory": Peer(peers.PghistoryPerson),
    }


CONTESTANTS: Final = _contestants()
