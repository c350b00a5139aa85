"""The two servers of an embedded portal together."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from operator_portal.embedded.broker import Broker
from operator_portal.embedded.children import Leftovers
from operator_portal.embedded.cluster import (
    database_exists,
    drop_database,
    ensure_database,
    ensure_drill_database,
    ensure_keyring,
)
from operator_portal.embedded.home import Home
from operator_portal.embedded.postgres import Postgres
from operator_portal.embedded.wishes import Wishes


class Services:
    """Of the two, those that the environment does not already name."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.postgres = None if _named("DATABASE_URL") else Postgres(home)
        self.broker = None if _named("BROKER_URL") else Broker(home)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One at a time may start and stop things in a home; whoever is killed lets go."""
        self.home.prepare()
        with self.home.locked("supervisor", otherwise=self._busy()):
            yield

    def start(self) -> None:
        if self.postgres:
            ensure_keyring(self.postgres)
            self.postgres.start()
            if self.home.demo_broke_off:
                drop_database(self.postgres)
                self.home.forget_content()
            if not database_exists(self.postgres):
                self.home.awaits_demo.touch()
            ensure_database(self.postgres)
            ensure_drill_database(self.postgres)
        if self.broker:
            self.broker.start()
        if not self.home.env_file.exists():
            wishes = Wishes.of(known={}, given=os.environ, profile=None, port=8000, demo=None)
            self.home.write_environment(wishes.environment())

    def stop(self) -> None:
        """Also what a supervisor that was killed has left: web and worker first, they use the two."""
        Leftovers(self.home).stop()
        for server in (self.broker, self.postgres):
            if server:
                server.stop()

    def pids(self) -> dict[str, int | None]:
        return {server.name: server.pid() for server in (self.postgres, self.broker) if server}

    def _busy(self) -> str:
        address = self.home.known_environment().get("BASE_URL", "its address")
        return (
            f"A portal already runs on {self.home.path} at {address}. "
            "Stop it with Ctrl-C in its terminal, or set PORTAL_HOME (and PORT) to start another one."
        )


def _named(variable: str) -> bool:
    return bool(os.environ.get(variable) or os.environ.get(f"{variable}_FILE"))
