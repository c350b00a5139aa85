"""Giving an answer: with the answer to its request, by a link that works once for its person and dies; and its end."""

from datetime import timedelta

import pytest
from django.conf import settings

from notifications.models import MailContent, OutgoingMail
from personal_data.files import folder_of
from processing_log.models import Event
from retention.expiring import count_expired, destroy_expired
from subject_requests.answers import giving
from subject_requests.course import NotInYourHands
from subject_requests.models import AnswerFile, AnswerLink, AnswerSet
from subject_requests.services import answer
from tests.factories.accounts import make_user
from tests.factories.answers import GIVEN, make_answer_set, make_given_answer, make_taken_request
from tests.factories.subject_requests import CLERK, COLLEAGUE

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def code_of(url):
    return url.removeprefix(f"{settings.BASE_URL}/me/requests/answer/").rstrip("/")


def link_for(made, user, at=GIVEN):
    return code_of(giving.issue_link(made, to=user.subject_id, at=at))


def test_answer_goes_out_with_the_answer_to_its_request():
    user = make_user()
    made = make_given_answer(subject_id=user.subject_id)

    assert made.given_at == GIVEN
    mail = OutgoingMail.objects.get(template="request_answered")
    assert set(mail.context) == {"number", "url", "due_on"}  # what lies open in the outbox says nothing
    assert MailContent.objects.filter(mail=mail, details__isnull=False).exists()
    assert AnswerLink.objects.get().subject_id == user.subject_id
    assert Event.objects.filter(fact="answer_set_attached", actor_id=CLERK.id).exists()


def test_answer_without_a_made_one_is_given_as_before():
    filed = make_taken_request()
    answer(request_id=filed.pk, text="Ответ.", actor=CLERK, at=GIVEN)

    assert not AnswerLink.objects.exists()


def test_the_newest_choice_counts_and_only_who_has_the_request_chooses():
    filed = make_taken_request()
    first, second = make_answer_set(request=filed), make_answer_set(request=filed)
    giving.attach(answer_id=first.pk, actor=CLERK, at=GIVEN)
    giving.attach(answer_id=second.pk, actor=CLERK, at=GIVEN)

    assert list(AnswerSet.objects.filter(attached_at__isnull=False)) == [second]
    with pytest.raises(NotInYourHands):
        giving.attach(answer_id=first.pk, actor=COLLEAGUE, at=GIVEN)
    giving.detach(answer_id=second.pk, actor=CLERK)
    assert not AnswerSet.objects.filter(attached_at__isnull=False).exists()


def test_link_gives_the_archive_once():
    user = make_user()
    made = make_given_answer(subject_id=user.subject_id)
    code = link_for(made, user)

    archive = giving.take(code, user=user, at=GIVEN + DAY)
    with pytest.raises(giving.LinkDead):
        giving.take(code, user=user, at=GIVEN + DAY)

    assert archive.name == f"answer-{made.request.number}.zip"
    assert archive.content.startswith(b"PK")
    (taken,) = Event.objects.filter(fact="answer_set_taken")
    assert (taken.subject, taken.actor_id, taken.reason) == (user.subject_id, str(user.pk), made.request.number)


def test_link_is_for_its_person_until_it_is_old_or_a_newer_one_is_made():
    user, other = make_user(), make_user(address="boris@example.org")
    made = make_given_answer(subject_id=user.subject_id)
    older, newer = link_for(made, user), link_for(made, user)

    for code, who, at in (
        (older, user, GIVEN + DAY),
        (newer, other, GIVEN + DAY),
        (newer, user, GIVEN + giving.LINK_GOOD_FOR),
        ("made-up", user, GIVEN),
    ):
        with pytest.raises(giving.LinkDead):
            giving.take(code, user=who, at=at)

    assert giving.take(newer, user=user, at=GIVEN + DAY)


def test_codes_are_not_kept():
    user = make_user()
    code = link_for(make_given_answer(subject_id=user.subject_id), user)

    assert all(code.encode() not in bytes(link.digest) for link in AnswerLink.objects.all())


def test_file_is_destroyed_after_its_term_and_the_record_stays():
    user = make_user()
    made = make_given_answer(subject_id=user.subject_id)
    file = AnswerFile.objects.get()
    folder = folder_of("subject_requests_answerfile", "archive", file.pk)
    code = link_for(made, user, at=file.expires_at - DAY)
    assert folder.exists()

    assert destroy_expired(file.expires_at - timedelta(seconds=1)).total() == 0
    assert count_expired(file.expires_at) == {"subject_requests.AnswerFile": 1}
    assert destroy_expired(file.expires_at) == {"subject_requests.AnswerFile": 1}

    assert not folder.exists()
    assert AnswerSet.objects.get() == made
    (event,) = Event.objects.filter(operation="destroy")
    assert (event.subject, event.purpose, event.reason) == (user.subject_id, "retention", "answer_file")
    with pytest.raises(giving.NotReady):
        giving.take(code, user=user, at=file.expires_at)


def test_file_goes_thirty_days_after_it_was_made():
    make_answer_set()

    assert AnswerFile.objects.get().expires_at.isoformat() == "2026-12-19T21:00:00+00:00"  # 20 December in Moscow
