"""A statement that is always the same, straight through libpq: what psycopg adds around it costs more than asking."""

from collections.abc import Sequence
from typing import Any, Final
from weakref import WeakSet

from django.db import OperationalError, connection
from psycopg import pq

_TUPLES: Final = pq.ExecStatus.TUPLES_OK
_DONE: Final = pq.ExecStatus.COMMAND_OK
_SQLSTATE: Final = pq.DiagnosticField.SQLSTATE
_FORGOTTEN: Final = b"26000"  # psycopg deallocates everything after a rollback of a connection that is shared with it


class Prepared:
    """Prepared once a connection. Parameters and answers are texts, as PostgreSQL writes them; None is NULL. Waits
    without holding other threads up. Raises OperationalError without a word: the server's would quote the values."""

    def __init__(self, name: str, statement: str) -> None:
        self.name = name.encode()
        self.statement = statement.encode()
        self._known: WeakSet[Any] = WeakSet()

    def first(self, params: Sequence[bytes]) -> list[str | None] | None:
        """The first row, if there is one."""
        connection.ensure_connection()
        psycopg_connection: Any = connection.connection
        server = psycopg_connection.pgconn
        if psycopg_connection not in self._known:
            self._prepare(server)
            self._known.add(psycopg_connection)
        answer = server.exec_prepared(self.name, params)
        if answer.status != _TUPLES and answer.error_field(_SQLSTATE) == _FORGOTTEN:
            self._prepare(server)
            answer = server.exec_prepared(self.name, params)
        _expect(answer, _TUPLES)
        if not answer.ntuples:
            return None
        row = [answer.get_value(0, column) for column in range(answer.nfields)]
        return [None if value is None else value.decode() for value in row]

    def _prepare(self, server: Any) -> None:
        _expect(server.prepare(self.name, self.statement), _DONE)


def _expect(answer: Any, status: Any) -> None:
    if answer.status != status:
        raise OperationalError(f"PostgreSQL answered {pq.ExecStatus(answer.status).name}")
