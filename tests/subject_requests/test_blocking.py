"""Blocking takes effect with the commit that brings it: raced by writers and by a batch of mails to the same person,
and tried on every path that the code has."""

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from accounts.models import Profile
from law import clock
from notifications import dispatch
from notifications.models import MailState, OutgoingMail
from notifications.services import send
from personal_data.errors import Blocked
from personal_data.scope import processing
from processing_log.actors import Actor
from processing_log.models import Event
from subject_requests.kinds import RequestKind
from tests.factories.accounts import make_user
from tests.factories.subject_requests import make_request

#: Writers at once; the full number with DESK_WRITERS=50.
WRITERS = int(os.environ.get("DESK_WRITERS", "8"))
JOB = Actor.system("import")


def writes_until_refused(subject_id, stop: threading.Event) -> str:
    """Row after row under a purpose that does not work on blocked data."""
    number = 0
    try:
        while not stop.is_set():
            number += 1
            with processing("account", actor=JOB):
                profile = Profile.objects.get(subject_id=subject_id)
                profile.first_name = f"Имя {number}"
                profile.save()
    except Blocked:
        return "blocked"
    finally:
        connections.close_all()
    return "never"


def seen_of(subject_id) -> set[int]:
    """What writers and mailer did and opened, as far as it is committed; that they were refused is something else."""
    events = Event.objects.filter(subject=subject_id, actor_id__in=["import", "send_mail"])
    return set(events.exclude(fact__startswith="refused").values_list("id", flat=True))


def mails_until_the_end(mail_ids) -> list[MailState | None]:
    try:
        return [dispatch.dispatch(mail_id, at=clock.now()) for mail_id in mail_ids]
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_written_or_opened_after_a_block_is_committed():
    user = make_user(first_name="Имя")
    at = clock.now()
    letter: dict[str, Any] = {
        "template": "invitation",
        "context": {"role": "user"},
        "language": "ru",
        "at": at,
        "purpose": "account",
    }
    mails = [send(subject_id=user.subject_id, **letter).pk for _ in range(20)]
    stop = threading.Event()
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        writers = [pool.submit(writes_until_refused, user.subject_id, stop) for _ in range(WRITERS)]
        batch = pool.submit(mails_until_the_end, mails)
        while Event.objects.filter(subject=user.subject_id, actor_id="import").count() < WRITERS:
            pass
        make_request(subject_id=user.subject_id, kind=RequestKind.BLOCKING, received_at=at)
        done = seen_of(user.subject_id)
        sent = OutgoingMail.objects.filter(state=MailState.SENT).count()
        ends = [writer.result(timeout=60) for writer in writers]
        stop.set()
        batch.result(timeout=60)

    assert ends == ["blocked"] * WRITERS
    assert seen_of(user.subject_id) - done == set()
    states = list(OutgoingMail.objects.filter(pk__in=mails).values_list("state", "failure"))
    assert states.count(("sent", "")) <= sent + 1  # one may have been composed before
    assert set(states) <= {("sent", ""), ("failed", "blocked")}


@pytest.mark.django_db(transaction=True)
def test_block_waits_for_whoever_is_writing_or_composing_a_mail():
    """What was begun before is committed before; nobody commits afterwards what the block would have refused."""
    user = make_user(first_name="Имя")
    written, finish, order = threading.Event(), threading.Event(), list[str]()

    def write() -> None:
        with processing("account", actor=JOB):
            profile = Profile.objects.get(subject_id=user.subject_id)
            profile.first_name = "Другое"
            profile.save()
            written.set()
            finish.wait(timeout=30)
            order.append("written")
        connections.close_all()

    def block() -> None:
        make_request(subject_id=user.subject_id, kind=RequestKind.BLOCKING, received_at=clock.now())
        order.append("blocked")
        connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        writer = pool.submit(write)
        written.wait(timeout=30)
        blocker = pool.submit(block)
        blocker_waited = not _is_done(blocker, within=1.0)
        finish.set()
        writer.result(timeout=30)
        blocker.result(timeout=30)

    assert blocker_waited
    assert order == ["written", "blocked"]


def _is_done(future: Future[None], *, within: float) -> bool:
    try:
        future.result(timeout=within)
    except TimeoutError:
        return False
    return True
