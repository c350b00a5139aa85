from contextlib import suppress
from datetime import timedelta

import pytest
from celery import current_app
from django.db import IntegrityError, connection, transaction
from django.template import TemplateDoesNotExist
from kombu.exceptions import OperationalError

from notifications.models import MailContent, MailState, OutgoingMail
from notifications.services import send
from personal_data.errors import Undeclared
from personal_data.scope import processing
from processing_log.models import Event
from tests.factories.notifications import AT, make_mail
from tests.factories.personal_data import make_subject, person

pytestmark = pytest.mark.django_db


def test_send_writes_a_row_and_no_event_where_nothing_is_sealed():
    before = Event.objects.count()

    mail = make_mail()

    assert (mail.state, mail.attempts, mail.due_at) == (MailState.QUEUED, 0, AT)
    assert not MailContent.objects.exists()
    assert Event.objects.count() == before


def test_send_seals_details_and_address():
    mail = make_mail(details={"url": "http://testserver/secret-link"}, to_address="old@example.org")

    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(details, 'escape') || encode(address, 'escape') FROM notifications_mailcontent")
        (sealed,) = cursor.fetchone()
    assert "secret-link" not in sealed
    assert "example.org" not in sealed
    with pytest.raises(Undeclared):
        _ = mail.content.details
    with processing("rights", actor=person(mail.subject_id)):
        assert mail.content.details == {"url": "http://testserver/secret-link"}


def test_send_refuses_an_address_in_what_lies_open():
    with pytest.raises(ValueError, match="looks like a mail address"):
        make_mail(context={"who": "anna@example.org"})


def test_send_refuses_a_template_that_does_not_exist():
    with pytest.raises(TemplateDoesNotExist):
        make_mail(template="no_such_letter")


def test_send_is_undone_with_the_act_that_failed():
    subject = make_subject()

    with suppress(RuntimeError), transaction.atomic():
        make_mail(subject_id=subject.pk)
        raise RuntimeError

    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_send_survives_a_dead_broker(monkeypatch):
    task = current_app.tasks["notifications.tasks.send_mail"]

    def refuse(*args, **options):
        raise OperationalError("no broker")

    monkeypatch.setattr(type(task), "apply_async", refuse)

    assert make_mail().state == MailState.QUEUED


@pytest.mark.django_db(transaction=True)
def test_send_tells_the_worker_an_id_and_nothing_else(monkeypatch):
    told = []
    task = current_app.tasks["notifications.tasks.send_mail"]
    monkeypatch.setattr(
        type(task), "apply_async", lambda self, args=(), kwargs=None, **options: told.append((args, kwargs))
    )

    mail = make_mail(details={"url": "http://testserver/secret-link"})

    assert told == [((str(mail.pk),), {})]


def test_send_in_a_third_language_falls_back_to_russian():
    assert make_mail(language="de").language == "ru"


def test_claim_gives_a_mail_to_one_of_two():
    mail = make_mail()

    assert OutgoingMail.objects.claim(mail.pk, at=AT) == mail
    assert OutgoingMail.objects.claim(mail.pk, at=AT) is None
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.claimed_at) == (MailState.SENDING, 1, AT)


def test_claim_leaves_alone_what_is_not_due():
    mail = make_mail()

    assert OutgoingMail.objects.claim(mail.pk, at=AT - timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "lost", "claimed_at": AT}, "outgoing_mail_state_is_known"),
        ({"state": "sent", "claimed_at": AT}, "outgoing_mail_sent_has_a_time"),
        ({"state": "queued", "sent_at": AT}, "outgoing_mail_sent_has_a_time"),
        ({"state": "sending"}, "outgoing_mail_is_claimed_before_it_is_sent"),
        ({"state": "sent", "sent_at": AT}, "outgoing_mail_is_claimed_before_it_is_sent"),
        ({"state": "ambiguous"}, "outgoing_mail_is_claimed_before_it_is_sent"),
        ({"state": "failed"}, "outgoing_mail_failed_says_why"),
    ],
)
def test_database_refuses_a_state_that_cannot_be(values, constraint):
    mail = make_mail()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        OutgoingMail.objects.filter(pk=mail.pk).update(**values)


def test_send_works_inside_of_an_act():
    subject = make_subject()

    with processing("rights", actor=person(subject.pk)):
        mail = send(
            subject_id=subject.pk,
            template="account_deleted",
            context={"destroy_on": AT.date()},
            details={"url": "http://testserver/receipts/x/"},
            language="ru",
            at=AT,
        )

    assert OutgoingMail.objects.get() == mail
