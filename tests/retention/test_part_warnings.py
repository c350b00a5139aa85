"""People are warned before a part of their data ends: two weeks and three days before, once for each part and day."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

import profiles
from accounts.farewell import warn_before_destruction
from notifications.models import MailContent, OutgoingMail
from notifications.rendering import render
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor, ActorKind
from processing_log.models import Event
from profiles.loader import running_by
from retention import part_warnings
from retention.destruction import destroy_due
from retention.holds import place_hold
from retention.models import Ground, PartWarning
from retention.services import cancel_clock, start_clock
from tests.factories.retention import DUE, ENDED, JOB, make_clock, make_full_person, make_modest_person
from tests.factories.rules import with_names_needed_for_longer, with_texts_for_consents_alone

pytestmark = pytest.mark.django_db

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
OFFICER = Actor(kind=ActorKind.OFFICER, id=str(uuid4()))


@pytest.fixture(autouse=True)
def texts_for_consents_alone() -> Any:
    with running_by(with_texts_for_consents_alone()):
        yield


def withdrawing(purpose: str = "surveys", at: datetime = ENDED, subject_id: UUID | None = None) -> UUID:
    subject_id = subject_id or make_full_person()
    Subject.objects.get(pk=subject_id).open_purpose(purpose)
    Subject.objects.get(pk=subject_id).close_purpose(purpose)
    start_clock(subject_id=subject_id, trigger="consent_withdrawn", purpose=purpose, at=at, actor=JOB)
    return subject_id


def mails(template: str = "part_warning") -> list[tuple[str, int]]:
    sent = OutgoingMail.objects.filter(template=template).order_by("created_at")
    return [(mail.context["destroy_on"], mail.context["number"]) for mail in sent]


def warned(*days: float) -> list[int]:
    return [warn_before_destruction(DUE - each * DAY) for each in days]


def test_person_is_warned_of_a_part_two_weeks_and_three_days_before_once_each() -> None:
    withdrawing()

    assert warned(14.01, 14, 14, 10, 3, 3, 1, 0, -1) == [0, 1, 0, 0, 1, 0, 0, 0, 0]
    assert mails() == [("2026-12-20", 14), ("2026-12-20", 3)]
    assert mails("destruction_warning") == []


def test_warning_names_the_part_and_not_what_stands_in_it() -> None:
    subject_id = withdrawing()
    warned(14)

    with processing("rights", actor=JOB):
        details = MailContent.objects.get(mail__template="part_warning").details
        assert details is not None
        assert details["what"] == profiles.current().categories["request"].title.ru
    assert "what" not in OutgoingMail.objects.get(template="part_warning").context
    event = Event.objects.get(fact="warned_of_destruction")
    assert (event.subject, event.categories, event.reason) == (subject_id, ["request"], "14d")


def test_portal_that_stood_still_sends_the_later_warning_alone() -> None:
    withdrawing()

    assert warned(2, 1) == [1, 0]
    assert mails() == [("2026-12-20", 3)]


def test_nobody_is_warned_of_what_stays() -> None:
    again = withdrawing()
    cancel_clock(subject_id=again, trigger="consent_withdrawn", purpose="surveys", actor=JOB, at=ENDED + DAY)
    needed = withdrawing()
    Subject.objects.get(pk=needed).open_purpose("site_improvement")
    held = withdrawing()
    place_hold(subject_id=held, ground=Ground.COURT, until=DUE + DAY, actor=OFFICER, at=DUE - 15 * DAY)
    withdrawing(subject_id=make_modest_person())  # nothing of what surveys alone needed is held

    assert warned(14, 13) == [0, 0]


def test_end_that_another_purpose_puts_off_is_warned_of_before_that_day() -> None:
    subject_id = withdrawing()
    Subject.objects.get(pk=subject_id).open_purpose("site_improvement")
    withdrawing("site_improvement", ENDED + 5 * DAY, subject_id)

    assert warned(14, 9, 3, -2) == [0, 1, 0, 1]
    assert mails() == [("2026-12-25", 14), ("2026-12-25", 3)]


def test_term_that_was_moved_is_warned_of_anew_and_one_that_came_back_to_its_day_is_not() -> None:
    subject_id = withdrawing()
    assert warned(14) == [1]
    cancel_clock(subject_id=subject_id, trigger="consent_withdrawn", purpose="surveys", actor=JOB, at=ENDED + 17 * DAY)
    withdrawing(at=ENDED + SECOND, subject_id=subject_id)
    assert warned(13) == [0]

    cancel_clock(subject_id=subject_id, trigger="consent_withdrawn", purpose="surveys", actor=JOB, at=ENDED + 18 * DAY)
    withdrawing(at=ENDED + 18 * DAY, subject_id=subject_id)
    assert warned(3, -3, -4, -15) == [0, 0, 1, 1]


def test_parts_that_end_on_one_day_are_named_in_one_mail() -> None:
    subject_id = make_full_person()
    for purpose in ("subscription", "administration", "account", "support"):
        start_clock(subject_id=subject_id, trigger="purpose_reached", purpose=purpose, at=ENDED, actor=JOB)
    PartWarning.objects.all().delete()

    warned(14)

    assert OutgoingMail.objects.filter(template__in=["part_warning", "destruction_warning"]).count() == 1
    assert PartWarning.objects.filter(subject_id=subject_id).count() >= 2


def test_end_of_what_an_account_cannot_be_without_is_warned_of_as_the_end_of_everything() -> None:
    subject_id = make_modest_person()
    for purpose in ("account", "subscription", "support", "administration"):
        start_clock(subject_id=subject_id, trigger="purpose_reached", purpose=purpose, at=ENDED, actor=JOB)

    assert warned(14, 3) == [1, 1]
    assert mails("destruction_warning") == [("2026-12-20", 14), ("2026-12-20", 3)]
    destroy_due(DUE)
    destroy_due(DUE + SECOND)
    assert Subject.objects.get(pk=subject_id).destroyed_at is not None


def test_end_of_the_person_swallows_that_of_a_part_which_comes_later() -> None:
    subject_id = withdrawing(at=ENDED + DAY)
    make_clock(subject_id=subject_id)

    assert warned(13, 2) == [1, 1]
    assert (len(mails()), len(mails("destruction_warning"))) == (0, 2)


def test_part_that_goes_before_the_person_is_warned_of_besides() -> None:
    subject_id = withdrawing()
    make_clock(subject_id=subject_id, started_at=ENDED + 5 * DAY)

    assert warned(14, 9) == [1, 1]
    assert (len(mails()), len(mails("destruction_warning"))) == (1, 1)


def test_database_refuses_to_warn_twice_and_two_runs_claim_once() -> None:
    subject_id = withdrawing()
    at = DUE - 14 * DAY

    with transaction.atomic():
        assert len(part_warnings.claim(subject_id, at)) == 1
        assert part_warnings.claim(subject_id, at) == []
    given = PartWarning.objects.filter(category="request")
    values = given.values("subject_id", "category", "destroy_on", "days", "warned_at").get()
    with pytest.raises(IntegrityError, match="part_warning_is_given_once"), transaction.atomic():
        PartWarning.objects.create(**values)


def test_warnings_cost_nothing_for_people_of_whom_nothing_ends(django_assert_num_queries: Any) -> None:
    make_clock(subject_id=make_modest_person(), started_at=ENDED + 40 * DAY)

    with django_assert_num_queries(1):
        assert part_warnings.people(DUE - 14 * DAY) == []


def test_warning_of_the_end_says_what_a_law_keeps() -> None:
    with running_by(with_names_needed_for_longer()):
        make_clock(subject_id=make_modest_person())
        warned(14)

    mail = OutgoingMail.objects.get(template="destruction_warning")
    assert mail.context["kept_on"] == "2027-11-20"
    for language, day in (("ru", "20 ноября 2027"), ("en", "20 November 2027")):
        rendered = render("destruction_warning", {**mail.context, "receipt": "https://r/"}, language=language)
        assert day in rendered.text
        assert day in rendered.html


@pytest.mark.parametrize(("language", "words"), [("ru", "часть ваших данных"), ("en", "a part of your data")])
def test_warning_is_a_mail_with_the_day_and_the_part(language: str, words: str) -> None:
    context = {"destroy_on": "2026-12-20", "number": 14, "may_take": True, "what": "Тексты", "url": "https://u/"}
    rendered = render("part_warning", context, language=language)

    for text in (rendered.text, rendered.html):
        assert "2026" in text
        assert "Тексты" in text
        assert "https://u/" in text
    assert words in rendered.text.lower()
