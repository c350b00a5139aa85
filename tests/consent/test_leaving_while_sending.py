"""Somebody stops the mail while it is being sent: from the moment in which they are answered nothing is written."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections

from consent.leaving import leave
from consent.suppressed import Suppression
from notifications import dispatch, rendering
from notifications.models import OutgoingMail
from personal_data.models import Subject
from tests.factories.accounts import make_user
from tests.factories.consent import make_consent, make_withdrawal, publish
from tests.factories.notifications import AT
from tests.factories.suppression import SUPPRESSED_AT, make_news, make_suppression, way_out

pytestmark = pytest.mark.django_db(transaction=True)

BATCH = 6
ACTS: dict[str, Callable[[Subject], object]] = {
    "the link of a mail": lambda subject: leave(
        way_out(subject_id=subject.pk), channel=Suppression.Channel.ONE_CLICK, at=SUPPRESSED_AT
    ),
    "staff": lambda _subject: make_suppression(),
    "the person's own page": lambda subject: make_withdrawal(subject_id=subject.pk),
    "blocking": lambda subject: subject.block(at=SUPPRESSED_AT),
}


class Act(threading.Thread):
    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self._act = act
        self.is_done = threading.Event()

    def run(self) -> None:
        try:
            self._act()
            self.is_done.set()
        finally:
            connections.close_all()


@pytest.fixture
def willing() -> Subject:
    publish()
    subject = make_user().subject
    make_consent(subject_id=subject.pk)
    return subject


@pytest.mark.parametrize("name", ACTS)
def test_no_mail_is_written_after_the_act_is_done(name, willing, mailoutbox, monkeypatch):
    """The act begins while the third mail is being written, and has to wait for it; the fourth finds it done."""
    act = Act(lambda: ACTS[name](willing))
    written: list[bool] = []
    render = rendering.render

    def slow_render(*args: Any, **kwargs: Any) -> Any:
        if len(written) == 2:
            act.start()
            act.is_done.wait(0.4)
        words = render(*args, **kwargs)
        written.append(act.is_done.is_set())
        return words

    monkeypatch.setattr(dispatch, "render", slow_render)
    mails = [make_news(subject_id=willing.pk) for _ in range(BATCH)]

    for mail in mails[:3]:
        dispatch.dispatch(mail.pk, at=AT)
    act.join()
    for mail in mails[3:]:
        dispatch.dispatch(mail.pk, at=AT)

    assert act.is_done.is_set()
    assert written == [False] * 3
    assert len(mailoutbox) == 3
    states = OutgoingMail.objects.filter(template="portal_news").values_list("state", flat=True)
    assert sorted(states) == ["failed"] * 3 + ["sent"] * 3


@pytest.fixture
def crowd() -> list[Subject]:
    publish()
    subjects = [make_user(address=f"person-{number}@example.org").subject for number in range(BATCH)]
    for subject in subjects:
        make_consent(subject_id=subject.pk)
    return subjects


def test_everybody_leaves_while_a_batch_goes_out_and_nobody_is_written_to_afterwards(crowd, mailoutbox):
    def leave_one(number: int, subject: Subject) -> None:
        way = way_out(subject_id=subject.pk, address=f"person-{number}@example.org")
        leave(way, channel=Suppression.Channel.ONE_CLICK, at=SUPPRESSED_AT)

    mails = [make_news(subject_id=subject.pk) for subject in crowd for _ in range(3)]
    leaving = [Act(lambda n=n, s=s: leave_one(n, s)) for n, s in enumerate(crowd)]  # type: ignore[misc]
    sending = [Act(lambda m=m: dispatch.dispatch(m.pk, at=AT)) for m in mails]  # type: ignore[misc]

    for thread in [*sending[:6], *leaving, *sending[6:]]:
        thread.start()
    for thread in [*sending, *leaving]:
        thread.join()

    assert all(thread.is_done.is_set() for thread in [*sending, *leaving]), "nobody stood in another's way"
    assert Suppression.objects.count() == BATCH
    assert set(OutgoingMail.objects.filter(template="portal_news").values_list("state", flat=True)) <= {
        "sent",
        "failed",
    }
    sent_before = len(mailoutbox)
    for subject in crowd:
        dispatch.dispatch(make_news(subject_id=subject.pk).pk, at=AT)
    assert len(mailoutbox) == sent_before


def test_two_who_stop_one_address_at_once_enter_one_row(willing):
    def stop() -> object:
        return leave(way_out(subject_id=willing.pk), channel=Suppression.Channel.ONE_CLICK, at=SUPPRESSED_AT)

    threads = [Act(stop) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(thread.is_done.is_set() for thread in threads)
    assert Suppression.objects.count() == 1
