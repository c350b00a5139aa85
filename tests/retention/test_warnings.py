from datetime import timedelta

import pytest
from django.utils import translation

from accounts.farewell import warn_before_destruction
from notifications.models import OutgoingMail
from processing_log.actors import Actor, ActorKind
from profiles.loader import running_by
from retention.holds import place_hold
from retention.models import Ground
from retention.services import cancel_clock
from tests.factories.retention import DUE, ENDED, JOB, make_clock, make_modest_person
from tests.factories.rules import with_names_needed_for_longer

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
pytestmark = pytest.mark.django_db


def mails() -> list[int]:
    return [
        mail.context["number"] for mail in OutgoingMail.objects.filter(template="destruction_warning").order_by("pk")
    ]


def test_person_of_whom_something_stays_is_warned_of_what_goes_first() -> None:
    with running_by(with_names_needed_for_longer()):
        make_clock(subject_id=make_modest_person())

        assert [warn_before_destruction(DUE - days * DAY) for days in (14, 3, 1)] == [1, 1, 0]


def test_person_is_warned_two_weeks_and_three_days_before_once_each() -> None:
    make_clock(subject_id=make_modest_person())

    told = [
        warn_before_destruction(moment)
        for moment in (DUE - 14 * DAY - SECOND, DUE - 14 * DAY, DUE - 10 * DAY, DUE - 3 * DAY, DUE - DAY, DUE)
    ]

    assert told == [0, 1, 0, 1, 0, 0]
    assert sorted(mails()) == [3, 14]


def test_portal_that_stood_still_sends_the_later_warning_alone() -> None:
    make_clock(subject_id=make_modest_person())

    assert [warn_before_destruction(DUE - 2 * DAY), warn_before_destruction(DUE - DAY)] == [1, 0]
    assert mails() == [3]


def test_nobody_is_warned_who_stays() -> None:
    renewed, held = (make_clock(subject_id=make_modest_person()).subject_id for _ in range(2))
    cancel_clock(subject_id=renewed, trigger="subscription_ended", actor=JOB, at=ENDED + DAY)
    officer = Actor(kind=ActorKind.OFFICER, id="7f5b1f6e-0000-4000-8000-000000000001")
    place_hold(subject_id=held, ground=Ground.COURT, until=DUE + DAY, actor=officer, at=DUE - 2 * DAY)

    assert warn_before_destruction(DUE - 14 * DAY + 12 * DAY) == 0


def test_term_shorter_than_the_warning_warns_later_only() -> None:
    clock = make_clock(subject_id=make_modest_person(), trigger="never_confirmed")

    assert warn_before_destruction(clock.started_at + SECOND) == 0
    assert warn_before_destruction(clock.due_at - 3 * DAY) == 1


@pytest.mark.parametrize("language", ["ru", "en"])
def test_warning_is_a_mail_with_the_day(language: str) -> None:
    from django.template.loader import render_to_string

    with translation.override(language):
        text = render_to_string("mail/destruction_warning.txt", {"destroy_on": DUE.date(), "receipt": "https://r/"})

    assert "2026" in text
    assert "https://r/" in text
