"""A process with one log, that opens the auditor's pages and a person's, and appends: told by lines of JSON on its
input, answering by lines of JSON."""

import gc
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Final
from uuid import uuid4

import django

django.setup()

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from access.roles import Role  # noqa: E402
from accounts.models import User  # noqa: E402
from accounts.services import create_user  # noqa: E402
from benchmarks.log import crowd, planting, telling  # noqa: E402
from benchmarks.log.clerk import SEED  # noqa: E402
from benchmarks.log.works import PAGES  # noqa: E402
from consent.publishing import publish_profile  # noqa: E402
from law import clock  # noqa: E402
from processing_log import events, mandates, sequencer, tally  # noqa: E402
from processing_log.actors import Actor, ActorKind  # noqa: E402
from processing_log.events import Declaration, Entry  # noqa: E402
from processing_log.models import Event, Mandate, TreeState  # noqa: E402
from profiles import current  # noqa: E402

APPENDED: Final = 50
TIMES: Final = 5
BY: Final = Actor.system("bench")
TABLES: Final = ("processing_log_event", "processing_log_leaf", "processing_log_tally", "processing_log_tile")


class Desk:
    def __init__(self) -> None:
        self.folder = Path(settings.PORTAL_HOME) / "signers" / str(connection.settings_dict["NAME"])
        settings.LOG_SIGNING_KEY, settings.LOG_SIGNER_DIR = SEED, self.folder
        self.clients: dict[str, Client] = {}
        self.values: dict[str, Any] = {}

    def prepare(self) -> str:
        """An auditor of everything and a person, without a log yet; the reference of the person."""
        shutil.rmtree(self.folder, ignore_errors=True)
        publish_profile(current(), actor=BY, at=clock.now())
        for name, role in (("auditor", Role.AUDITOR), ("person", Role.USER)):
            create_user(address=f"{name}@example.org", role=role, language="ru", at=clock.now(), by=BY)
        self._invite(self._user("auditor"))
        return str(self._user("person").subject_id)

    def _invite(self, auditor: User) -> None:
        long_ago, later = datetime(2000, 1, 1, tzinfo=UTC), datetime(2190, 1, 1, tzinfo=UTC)
        found = Mandate.objects.create(
            auditor=auditor.pk, events_since=long_ago, begins_at=long_ago, ends_at=later, proposed_by=auditor.pk,
            proposed_at=long_ago,
        )  # fmt: skip
        Mandate.objects.filter(pk=found.pk).update(confirmed_by=self._user("person").pk, confirmed_at=long_ago)
        assert mandates.of_auditor(str(auditor.pk), clock.now())

    def _user(self, name: str) -> User:
        return User.objects.get(role=Role.AUDITOR if name == "auditor" else Role.USER)

    def settle(self) -> int:
        """Into the tree, signed, counted. The entries."""
        planting.plant()
        append(1)
        assert sequencer.sequence() == 1
        planting.sign()
        assert tally.count() == 1
        return TreeState.objects.get().size

    def open(self) -> None:
        for name in ("auditor", "person"):
            client = self.clients[name] = Client(headers={"host": "localhost"})
            user = self._user(name)
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            session = client.session
            session[AUTHENTICATION_METHODS_SESSION_KEY] = [
                {"method": method, "at": time.time()} for method in ("password", "mfa")
            ]
            session["account_authentication_methods_user"] = str(user.pk)
            session.save()
        person = self._user("person").subject_id
        one = Event.objects.filter(subject=person).order_by("at")[crowd.PERSON_EVENTS // 2]
        moment = one.at.astimezone(UTC).isoformat().replace("+", "%2B")
        self.values = {"person": person, "event": one.pk, "before": f"{moment}~{one.pk}"}

    def time(self, work: str) -> float:
        """Seconds, of the best of a few times at once: what else the machine does is not asked about."""
        gc.collect()
        return min(self._once(work) for _ in range(TIMES))

    def _once(self, work: str) -> float:
        if work == "sequence fifty":
            append(APPENDED)
        began = perf_counter()
        self._do(work)
        return perf_counter() - began

    def _do(self, work: str) -> None:
        match work:
            case "append one and commit":
                append(1)
            case "append fifty in one act and commit":
                append(APPENDED)
            case "sequence fifty":
                assert sequencer.sequence()
            case _:
                whose, address = PAGES[work]
                response = self.clients[whose].get(address.format(**self.values))
                assert response.status_code in (200, 503), (work, response.status_code)  # 503: given up after 10 s

    def plans(self, work: str) -> list[str]:
        """How PostgreSQL finds what a page shows: of each of its questions to the log."""
        found: list[str] = []

        def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            if any(table in sql for table in TABLES) and sql.lstrip().startswith(("SELECT", "INSERT", "WITH")):
                analyze = "ANALYZE, BUFFERS" if sql.lstrip().startswith("SELECT") else "COSTS"
                with context["connection"].cursor() as cursor:
                    cursor.cursor.execute(f"EXPLAIN ({analyze}) {sql}", params)
                    lines = [line for (line,) in cursor.cursor.fetchall() if "never executed" not in line]
                found.append("\n".join([sql.strip()[:400], *lines]))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(explain):
            self._do(work)
        return found


def append(number: int) -> None:
    declaration = Declaration(
        actor=Actor(kind=ActorKind.STAFF, id=crowd.CLERK), purpose="rights", basis="6.1.2", system="bench",
        context=uuid4(),
    )  # fmt: skip
    with transaction.atomic():
        events.append(declaration, [Entry(operation="use", categories=("email",)) for _ in range(number)])


if __name__ == "__main__":
    telling.answer(Desk())
