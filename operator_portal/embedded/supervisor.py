"""`manage.py up`: everything from one terminal, in order, and down again in the other order."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import closing, suppress
from types import FrameType
from typing import Final

from operator_portal import catalogs
from operator_portal.embedded.announcement import announcement
from operator_portal.embedded.broker import Broker
from operator_portal.embedded.children import DEATHS_ALLOWED, Child, Leftovers, note_death, recipes
from operator_portal.embedded.errors import EmbeddedError
from operator_portal.embedded.home import ROOT, Home
from operator_portal.embedded.logs import turn_long_ones
from operator_portal.embedded.postgres import Postgres
from operator_portal.embedded.services import Services
from operator_portal.embedded.wishes import Wishes

LOOK_EVERY_SECONDS: Final = 0.2
LOOK_AT_LOGS_EVERY_SECONDS: Final = 60
WEB_SECONDS: Final = 60
STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
DECIDED_HERE: Final = ("PORTAL_HOME", "OPERATOR_PROFILE", "DEMO")
OWNER_VARIABLES: Final = ("DATABASE_OWNER_URL", "DATABASE_OWNER_URL_FILE")


class Supervisor:
    def __init__(self, home: Home, wishes: Wishes) -> None:
        self.home = home
        self.services = Services(home)
        self.wishes = wishes if self.services.postgres else wishes.without_demo()
        self.leftovers = Leftovers(home)
        self.children: tuple[Child, ...] = ()
        self.asked_to_stop = threading.Event()
        self.deaths: dict[str, deque[float]] = {}

    def run(self) -> None:
        """Returns when asked to stop; raises EmbeddedError, with everything stopped, when it cannot go on."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)
        with self.services.alone():
            self.leftovers.stop()
            self._refuse_taken_port()
            try:
                self._start()
                self._keep()
            finally:
                self._stop()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_stop.set()

    # --- up ----------------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        say(f"Starting in {self.home.path} …")
        catalogs.compile_stale()
        self.home.write_environment(self.wishes.environment())
        self.services.start()
        self._prepare()
        environment = {name: value for name, value in self._environment().items() if name not in OWNER_VARIABLES}
        self.children = tuple(Child(recipe=recipe, home=self.home, environment=environment) for recipe in recipes())
        for child in self.children:
            if not self.asked_to_stop.is_set():
                child.start()
                self._note_children()
        self._wait_for_web()
        if not self.asked_to_stop.is_set():
            say(announcement(self.home, self.wishes))

    def _refuse_taken_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.wishes.port))
            except OSError as error:
                raise EmbeddedError(
                    f"Port {self.wishes.port} cannot be used ({error.strerror}). Nothing was started. "
                    f"Choose another one: make run PORT={self.wishes.port + 1}"
                ) from error

    def _environment(self) -> dict[str, str]:
        """What is already set wins: it names services of someone else's, or a secret kept elsewhere."""
        own = {**self.home.environment(), **self.wishes.environment()}
        given = {name: value for name, value in os.environ.items() if value}
        taken = {name for name in own if name.removesuffix("_FILE") in given or f"{name}_FILE" in given}
        own = {name: value for name, value in own.items() if name not in taken or name in DECIDED_HERE}
        return {**given, **own, "PORT": str(self.wishes.port)}

    def _prepare(self) -> None:
        wants_demo = self.wishes.demo and self.home.awaits_demo.exists()
        if wants_demo:
            self.home.note_demo_begun()
        command = [sys.executable, str(ROOT / "manage.py"), "prepare", *(["--demo"] if wants_demo else [])]
        say("Preparing the database" + (" and the demo data …" if wants_demo else " …"))
        process = subprocess.Popen(
            command, env=self._environment(), cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.leftovers.note([process.pid])
        while process.poll() is None:
            if self.asked_to_stop.wait(LOOK_EVERY_SECONDS):
                process.terminate()
                process.wait()
                return
        if process.returncode:
            raise EmbeddedError("The database could not be prepared; the reason is above.")
        self.home.awaits_demo.unlink(missing_ok=True)  # from now on it may hold somebody's data

    def _wait_for_web(self) -> None:
        deadline = time.monotonic() + WEB_SECONDS
        while not self.asked_to_stop.wait(LOOK_EVERY_SECONDS):
            if self._web_answers():
                return
            self._restart_the_dead()
            if time.monotonic() > deadline:
                raise EmbeddedError(f"The web server does not answer; the reason is in {self.home.logs / 'web.log'}.")

    def _web_answers(self) -> bool:
        """With whatever: it is up when it speaks."""
        web = http.client.HTTPConnection("127.0.0.1", self.wishes.port, timeout=5)
        with closing(web), suppress(OSError, http.client.HTTPException):
            web.request("GET", "/healthz")
            return web.getresponse().status > 0
        return False

    # --- while it runs -----------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        logs_seen = 0.0
        while not self.asked_to_stop.wait(LOOK_EVERY_SECONDS):
            self._restart_the_dead()
            if time.monotonic() - logs_seen > LOOK_AT_LOGS_EVERY_SECONDS:
                turn_long_ones(self.home.logs)
                logs_seen = time.monotonic()

    def _restart_the_dead(self) -> None:
        for server in (self.services.postgres, self.services.broker):
            if server and not server.alive:
                self._restart_server(server)
        for child in self.children:
            if child.restart_if_dead():
                self._note_children()
                say(f"{child.recipe.name} died and was started again.")

    def _note_children(self) -> None:
        self.leftovers.note([child.process.pid for child in self.children if child.process])

    def _restart_server(self, server: Postgres | Broker) -> None:
        deaths = self.deaths.setdefault(server.name, deque(maxlen=DEATHS_ALLOWED))
        note_death(deaths, server.name, self.home)
        server.start()
        say(f"{server.name} died and was started again.")

    # --- down --------------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        for child in reversed(self.children):
            if child.process:
                say(f"Stopping {child.recipe.name} …")
                child.stop()
        self.services.stop()
        say("Stopped. The data stays in " + str(self.home.path))


def say(text: str) -> None:
    """The terminal may be gone already."""
    with suppress(OSError):
        print(text, flush=True)
