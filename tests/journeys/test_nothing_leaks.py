"""Whatever people enter, and wherever they come from: it stands nowhere in the clear. Asked of the running portal's
database, broker, files and logs by the command that operators have."""

import json
import os
import re
import socket
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

import psycopg
import pytest

from access.roles import Role
from accounts.models import User
from billing.days import today
from billing.services import open_subscription
from law import clock
from operator_portal.embedded.home import ROOT, SUPERUSER
from operator_portal.testing.databases import SlotDatabase
from operator_portal.testing.running import RunningPortal
from personal_data.models import Subject
from processing_log.actors import Actor
from retention.destruction import destroy_due
from subject_requests.kinds import State
from subject_requests.models import Request
from tests.factories.accounts import make_user
from tests.journeys.acts import PASSWORD
from tests.journeys.canaries import Canaries
from tests.journeys.post import Post
from tests.journeys.second_factor import App
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.django_db(transaction=True)

STAFF, AUDITOR = "staff@example.org", "auditor@example.org"
#: Everything that one running portal has for itself. What lies in the machine's /tmp belongs to others.
PLACES: Final = ("database", "database-files", "broker", "broker-files", "logs", "mail", "files", "home")

BROKEN: Final = (
    ("subject_requests_message", "INSERT"),
    ("accounts_profile", "INSERT OR UPDATE"),
    ("notifications_outgoingmail", "UPDATE"),
)


@dataclass(frozen=True, kw_only=True)
class Scanner:
    portal: RunningPortal
    database: SlotDatabase

    def scan(self, needles: list[str], *arguments: str) -> dict[str, Any]:
        """The report of `manage.py scan_for`, with its exit status."""
        home = self.database.services.home
        done = subprocess.run(
            [sys.executable, ROOT / "manage.py", "scan_for", "--needles-from", "-", "--json", *arguments],
            input="\n".join(needles),
            env={**os.environ, "SCAN_DATABASE_URL": home.database_url(SUPERUSER, self.database.name)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stderr or done.stdout
        return {**json.loads(done.stdout), "status": done.returncode}

    def everywhere(self, needles: list[str]) -> dict[str, Any]:
        """In mail what is found is reported and does not count: letters are for those who may read them."""
        places = [word for place in PLACES for word in ("--place", place)]
        return self.scan(needles, *places, "--allow", "mail", "--path", str(self.database.services.home.logs))


@pytest.fixture
def scanner(portal: RunningPortal, slot_database: SlotDatabase) -> Scanner:
    return Scanner(portal=portal, database=slot_database)


@pytest.fixture
def canaries() -> Canaries:
    return Canaries()


def test_what_people_enter_stands_nowhere_in_the_clear_and_is_gone_in_the_end(
    portal, post, scanner, canaries, as_superuser
):
    headers = canaries.headers()
    person, stranger, staff, auditor = (Visitor(portal.url, headers) for _ in range(4))
    make_user(address=STAFF, role=Role.STAFF)
    make_user(address=AUDITOR, role=Role.AUDITOR)

    first = signs_up(person, post, canaries)
    edits(person, canaries)
    files_a_request(person, canaries)
    second, third = changes_the_address(person, post, canaries)
    stranger_tries_everything(stranger, canaries, known=second)
    enters_with_a_factor(staff, STAFF)
    staff_answers(staff, canaries)
    enters_with_a_factor(auditor, AUDITOR)
    auditor_asks(auditor, canaries)
    nothing_works(as_superuser, portal, person, stranger, canaries)
    somebody_speaks_no_http(portal, canaries)

    report = scanner.everywhere(canaries.released)
    assert [finding for finding in report["findings"] if not finding["allowed"]] == []
    assert report["unread"] == []
    assert in_mail(report, canaries) == {first, second, third}

    is_destroyed(Subject.objects.get(kind="user"))
    report = scanner.scan(canaries.released, "--place", "database", "--place", "database-files")
    assert report["findings"] == []


def test_what_is_planted_is_found(portal, scanner, canaries, as_superuser):
    """The same question, asked where there is something to find."""
    planted = {canaries.latin("planted"), canaries.cyrillic("planted")}
    with portal.log("web").open("a") as log:
        print(*planted, file=log)
    (portal.mail / "planted.eml").write_text(" ".join(planted))
    as_superuser.execute("CREATE TABLE planted AS SELECT unnest(%s::text[]) AS held", [list(planted)])

    report = scanner.everywhere(canaries.released)

    assert report["status"] == 1
    found = {(finding["place"], canaries.released[finding["needle"] - 1]) for finding in report["findings"]}
    assert found >= {(place, each) for place in ("database", "database-files", "home", "mail") for each in planted}


# --- a person --------------------------------------------------------------------------------------------------------


def signs_up(person: Visitor, post: Post, canaries: Canaries) -> str:
    address = canaries.address("first")
    answer = person.send(
        person.get("/accounts/signup/"),
        email=address,
        password1=canaries.latin("password"),
        last_name=canaries.latin("last"),
        first_name=canaries.cyrillic("first"),
        patronymic=canaries.both("patronymic"),
        policy_read="on",
    )
    assert answer.url.endswith("/accounts/confirm-email/")
    answer = person.send(person.get(post.next(address).link))
    assert answer.url.endswith("/me/consents/")
    return address


def edits(person: Visitor, canaries: Canaries) -> None:
    name = canaries.both("name")
    answer = person.send(person.get("/me/profile/"), first_name=name)
    assert name in answer.text
    assert "/receipts/" in person.send(person.get("/me/profile/last_name/remove/")).text


def files_a_request(person: Visitor, canaries: Canaries) -> None:
    question = canaries.both("question")
    answer = person.send(person.get("/me/requests/new/"), kinds="access", text=question)
    assert question in answer.text


def changes_the_address(person: Visitor, post: Post, canaries: Canaries) -> tuple[str, str]:
    """To another one, and then to a third one that is never confirmed."""
    second, third = canaries.address("second"), canaries.address("third")
    asked_again = person.send(person.get("/accounts/email/"), email=second, action_add="")
    password = next(each for each in canaries.released if "password" in each)
    page = person.send(asked_again, password=password)
    assert second in person.send(page, email=second, action_add="").text
    person.send(person.get(post.next(second).link))
    assert third in person.send(person.get("/accounts/email/"), email=third, action_add="").text
    post.next(third)
    return second, third


def is_destroyed(subject: Subject) -> None:
    ended_on = today(clock.now()) - timedelta(days=30)
    open_subscription(
        subject_id=subject.pk, starts_on=ended_on, ends_on=ended_on, actor=Actor.system("test"), at=clock.now()
    )
    assert destroy_due(clock.now()).destroyed == 1


# --- strangers -------------------------------------------------------------------------------------------------------


def stranger_tries_everything(stranger: Visitor, canaries: Canaries, *, known: str) -> None:
    _fails_to_sign_in(stranger, canaries, login=canaries.address("unknown"))
    _fails_to_sign_in(stranger, canaries, login=canaries.cyrillic("login"))
    _fails_to_sign_in(stranger, canaries, login=known)
    names = {"last_name": canaries.both("last"), "first_name": canaries.both("first")}
    page = stranger.get("/accounts/signup/")
    new = {"password1": canaries.both("password"), **names}
    assert stranger.send(page, email=canaries.address("unticked"), **new).status == 200
    assert stranger.send(page, email=canaries.address("unasked"), **new, phone=canaries.latin("phone")).status == 400
    assert stranger.send(page, email=known, **new, policy_read="on").url.endswith("/accounts/confirm-email/")
    page = stranger.get("/accounts/password/reset/")
    assert stranger.send(page, email=canaries.address("reset")).url.endswith("/accounts/password/reset/done/")
    assert stranger.send(page, email=canaries.cyrillic("reset")).status == 200
    assert stranger.post("/accounts/login/", {"login": canaries.address("forged")}).status == 403
    assert (
        stranger.get(f"/{canaries.latin('path')}/{canaries.address('path')}/?q={canaries.latin('query')}").status == 404
    )
    assert stranger.get(f"/receipts/{canaries.latin('code')}/").status == 404
    assert stranger.get(f"/accounts/login/?next=/{canaries.latin('next')}/").status == 200


def _fails_to_sign_in(stranger: Visitor, canaries: Canaries, *, login: str) -> None:
    page = stranger.get("/accounts/login/")
    assert stranger.send(page, login=login, password=canaries.both("guess")).status == 200


def somebody_speaks_no_http(portal: RunningPortal, canaries: Canaries) -> None:
    with socket.create_connection(("127.0.0.1", portal.port), timeout=10) as wire:
        wire.sendall(f"GET /{canaries.latin('raw')} HTTP/1.1\r\nbad header {canaries.latin('raw')}\r\n\r\n".encode())
        assert b" 400 " in wire.recv(1000)


# --- the operator's people -------------------------------------------------------------------------------------------


def enters_with_a_factor(somebody: Visitor, address: str) -> None:
    somebody.send(somebody.get("/accounts/login/"), login=address, password=PASSWORD)
    page = somebody.get("/accounts/2fa/totp/activate/")
    secret = re.search(r"<code[^>]*>(\w+)</code>", page.text)
    assert secret
    somebody.send(page, code=App(secret=secret[1]).code())


def staff_answers(staff: Visitor, canaries: Canaries) -> None:
    filed, user = Request.objects.get(), User.objects.get(role=Role.USER)
    at_desk = f"/admin/subject_requests/request/{filed.pk}/change/"
    opened = staff.send(staff.get(at_desk), "/open/", reason="answer")
    assert any(each in opened.text for each in canaries.released)
    staff.send(staff.get(at_desk), "/take/")
    staff.send(staff.get(at_desk), "/answer/", text=canaries.both("answer"))
    filed.refresh_from_db()
    assert filed.state == State.ANSWERED
    reveal = staff.get(f"/admin/accounts/user/{user.pk}/reveal/")
    assert any(each in staff.send(reveal, reason="identify").text for each in canaries.released)
    staff.send(reveal, reason="identify", request_number=canaries.latin("n")[:24])
    _staff_searches(staff, canaries)


def _staff_searches(staff: Visitor, canaries: Canaries) -> None:
    for address in (_second(canaries), canaries.address("search")):
        staff.send(staff.get("/admin/accounts/user/find/"), address=address)
        staff.send(staff.get("/admin/subject_requests/request/"), "/find/", needle=address)
    staff.send(staff.get("/admin/subject_requests/request/"), "/find/", needle=canaries.cyrillic("search"))
    for model in ("billing/subscription", "retention/clock", "retention/destruction"):
        staff.get(f"/admin/{model}/?q={canaries.latin('q')}")


def _second(canaries: Canaries) -> str:
    """The address that is in force."""
    return next(each for each in canaries.released if ".second." in each)


def auditor_asks(auditor: Visitor, canaries: Canaries) -> None:
    """What an auditor types is entered into the log only where it was met there."""
    typed = {"fact": canaries.latin("fact"), "actor_id": canaries.latin("actor"), "purpose": canaries.latin("purpose")}
    assert auditor.get(f"/audit/?{urlencode(typed)}").status == 200
    assert auditor.get(f"/audit/?{urlencode({'subject': canaries.cyrillic('subject')})}").status == 400
    page = auditor.get("/audit/")
    assert auditor.send(page, "/export/", form="csv", **typed).text.count("\n") <= 1


# --- faults ----------------------------------------------------------------------------------------------------------


def nothing_works(
    superuser: psycopg.Connection[Any], portal: RunningPortal, person: Visitor, stranger: Visitor, canaries: Canaries
) -> None:
    """The database fails in the middle of an act, in the web and in the worker: what do they write down?"""
    superuser.execute(
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN RAISE EXCEPTION 'broken by a test: %', NEW USING DETAIL = NEW::text; END$$"
    )
    for table, event in BROKEN:
        superuser.execute(f"CREATE TRIGGER broken BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION broken()")
    question = {"kinds": "access", "text": canaries.both("broken")}
    assert person.send(person.get("/me/requests/new/"), **question).status == 500
    assert person.send(person.get("/me/profile/"), first_name=canaries.both("broken")).status == 500
    answer = stranger.send(
        stranger.get("/accounts/signup/"),
        email=canaries.address("broken"),
        password1=canaries.both("broken"),
        first_name=canaries.both("broken"),
        policy_read="on",
    )
    assert answer.status == 500
    for route in ("/me/requests/new/", "/me/profile/", "/accounts/signup/"):
        assert portal.wait_for_log("web", f"500 for {route}"), "the fault was not even noticed"
    stranger.send(stranger.get("/accounts/password/reset/"), email=_second(canaries))
    assert portal.wait_for_log("worker", "RaiseException"), "the fault was not even noticed"
    for table, _event in BROKEN:
        superuser.execute(f"DROP TRIGGER broken ON {table}")


# --- letters ---------------------------------------------------------------------------------------------------------


def in_mail(report: dict[str, Any], canaries: Canaries) -> set[str]:
    """Which canaries stand in letters: the addresses they went to, and nothing else."""
    return {canaries.released[finding["needle"] - 1] for finding in report["findings"] if finding["place"] == "mail"}
