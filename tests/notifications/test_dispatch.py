import smtplib
from datetime import timedelta
from smtplib import SMTPAuthenticationError

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.locmem import EmailBackend

from notifications import dispatch
from notifications.models import MailContent, MailState, OutgoingMail
from notifications.tasks import send_due_mail
from personal_data.models import Subject
from processing_log.models import Event
from tests.factories.notifications import AT, make_mail
from tests.factories.personal_data import make_subject

pytestmark = pytest.mark.django_db


def state_of(mail: OutgoingMail) -> tuple[str, str]:
    mail.refresh_from_db()
    return mail.state, mail.failure


def post(mail: OutgoingMail, book) -> None:
    book[mail.subject_id, mail.to_token] = "anna@example.org"
    dispatch.dispatch(mail.pk, at=AT)


# --- what leaves --------------------------------------------------------------------------------------------------


def test_mail_goes_to_the_address_held_at_the_moment_of_sending(book, mailoutbox):
    mail = make_mail()
    book[mail.subject_id, ""] = "anna@example.org"
    book[mail.subject_id, ""] = "anna.moved@example.org"

    assert dispatch.dispatch(mail.pk, at=AT) == MailState.SENT

    (letter,) = mailoutbox
    assert letter.to == ["anna.moved@example.org"]
    assert letter.cc == letter.bcc == []


def test_mail_goes_to_the_address_of_the_token(book, mailoutbox):
    mail = make_mail(to_token="abc@s.invalid")
    book[mail.subject_id, ""] = "anna@example.org"
    book[mail.subject_id, "abc@s.invalid"] = "new@example.org"

    dispatch.dispatch(mail.pk, at=AT)

    assert mailoutbox[0].to == ["new@example.org"]


def test_mail_to_an_address_that_is_being_forgotten_goes_there(book, mailoutbox):
    mail = make_mail(to_address="old@example.org")
    book[mail.subject_id, ""] = "new@example.org"

    dispatch.dispatch(mail.pk, at=AT)

    assert mailoutbox[0].to == ["old@example.org"]


def test_sent_mail_keeps_nothing_sealed(book, mailoutbox):
    mail = make_mail(template="new_password", context={}, details={"url": "http://testserver/secret-link"})

    post(mail, book)

    assert "secret-link" in mailoutbox[0].body
    assert state_of(mail) == ("sent", "")
    assert not MailContent.objects.exists()


def test_mail_is_text_and_html_with_style_in_the_elements(book, mailoutbox):
    mail = make_mail(language="en")

    post(mail, book)

    (html,) = [part for part, kind in mailoutbox[0].alternatives if kind == "text/html"]
    assert "The password of your account was changed." in html
    assert "The password of your account was changed." in mailoutbox[0].body
    assert 'class="button"' not in html or "style=" in html
    assert "src=" not in html


def test_mail_speaks_the_readers_language(book, mailoutbox):
    post(make_mail(language="ru"), book)
    post(make_mail(language="en"), book)

    assert mailoutbox[0].subject != mailoutbox[1].subject
    assert mailoutbox[1].subject == "The security of your account has changed"


def test_mail_is_named_after_its_row_and_says_nothing_of_machines(book, mailoutbox):
    mail = make_mail()

    post(mail, book)

    message = mailoutbox[0].message()
    assert message["Message-ID"] == f"<{mail.pk}@testserver>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert not {"X-Originating-IP", "User-Agent", "X-Mailer", "Received"} & set(message.keys())


def test_second_dispatch_of_a_mail_sends_nothing(book, mailoutbox):
    mail = make_mail()
    post(mail, book)

    assert dispatch.dispatch(mail.pk, at=AT) is None
    assert len(mailoutbox) == 1


def test_opening_the_address_is_an_event_of_the_portal(book):
    from accounts import border
    from notifications import addresses
    from tests.factories.accounts import make_user

    user = make_user()
    addresses._resolvers[:] = [border.address_of]
    mail = make_mail(subject_id=user.subject_id, purpose="security")
    before = set(Event.objects.values_list("pk", flat=True))

    dispatch.dispatch(mail.pk, at=AT)

    (event,) = Event.objects.exclude(pk__in=before)
    assert (event.actor_kind, event.actor_id, event.purpose) == ("system", "send_mail", "security")
    assert (event.operation, event.categories) == ("extract", ["email"])


# --- what does not leave ------------------------------------------------------------------------------------------


@pytest.fixture
def anna(book):
    """With a real address: the choke point stands before it."""
    from accounts import border
    from notifications import addresses
    from tests.factories.accounts import make_user

    addresses._resolvers[:] = [border.address_of]
    return make_user()


def test_mail_without_consent_to_its_purpose_does_not_leave(anna, mailoutbox):
    mail = make_mail(subject_id=anna.subject_id, template="portal_news", context={}, purpose="ads")

    dispatch.dispatch(mail.pk, at=AT)

    assert mailoutbox == []
    assert state_of(mail) == ("failed", "no_consent")
    assert Event.objects.filter(fact="refused_no_consent", subject=anna.subject_id).count() == 1


def test_mail_for_an_ordinary_purpose_to_a_blocked_person_does_not_leave(anna, mailoutbox):
    Subject.objects.get(pk=anna.subject_id).block(at=AT)
    mail = make_mail(subject_id=anna.subject_id, purpose="subscription")

    dispatch.dispatch(mail.pk, at=AT)

    assert mailoutbox == []
    assert state_of(mail) == ("failed", "blocked")


def test_answer_to_a_blocked_person_leaves(anna, mailoutbox):
    Subject.objects.get(pk=anna.subject_id).block(at=AT)

    dispatch.dispatch(make_mail(subject_id=anna.subject_id, purpose="rights").pk, at=AT)

    assert len(mailoutbox) == 1


def test_mail_to_nobody_fails_and_says_so(book, mailoutbox):
    mail = make_mail(subject_id=make_subject().pk)

    dispatch.dispatch(mail.pk, at=AT)

    assert mailoutbox == []
    assert state_of(mail) == ("failed", "no_address")


@pytest.mark.parametrize("address", ["a@example.org\nBcc: b@example.org", "a@example.org\r\nSubject: x"])
def test_address_with_a_line_break_is_refused(book, mailoutbox, address):
    mail = make_mail()
    book[mail.subject_id, ""] = address

    dispatch.dispatch(mail.pk, at=AT)

    assert mailoutbox == []
    assert state_of(mail) == ("failed", "broken_address")


# --- a mail server in a bad mood ----------------------------------------------------------------------------------


@pytest.fixture
def server(monkeypatch):
    """Makes the mail server answer with an exception at one of its two steps."""

    def behave(step: str, error: Exception | None) -> None:
        def answer(self, *args):
            if error:
                raise error
            return 1

        monkeypatch.setattr(EmailBackend, step, answer)

    return behave


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError(), SMTPAuthenticationError(535, b"no")])
def test_server_that_cannot_be_reached_is_tried_again_later(book, server, error):
    server("open", error)
    mail = make_mail(details={"url": "http://testserver/x"}, template="new_password", context={})

    post(mail, book)

    assert state_of(mail) == ("queued", "")
    assert mail.due_at == AT + timedelta(minutes=1)
    assert MailContent.objects.filter(mail=mail).exists()


def test_pauses_grow_and_after_ten_attempts_the_mail_is_given_up(book, server):
    server("open", ConnectionRefusedError())
    mail = make_mail()
    book[mail.subject_id, ""] = "anna@example.org"
    pauses = []
    for _attempt in range(10):
        mail.refresh_from_db()
        due = mail.due_at
        dispatch.dispatch(mail.pk, at=due)
        mail.refresh_from_db()
        pauses.append((mail.due_at - due).total_seconds() / 60)

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 0]
    assert state_of(mail) == ("failed", "not_taken")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (smtplib.SMTPRecipientsRefused({"anna@example.org": (550, b"no such user")}), ("failed", "not_taken")),
        (smtplib.SMTPRecipientsRefused({"anna@example.org": (450, b"later")}), ("queued", "")),
        (smtplib.SMTPDataError(554, b"spam"), ("failed", "not_taken")),
        (smtplib.SMTPDataError(451, b"later"), ("queued", "")),
        (smtplib.SMTPSenderRefused(550, b"no", "portal@example.org"), ("failed", "not_taken")),
        (smtplib.SMTPServerDisconnected("gone"), ("ambiguous", "")),
        (TimeoutError(), ("ambiguous", "")),
        (ConnectionResetError(), ("ambiguous", "")),
    ],
)
def test_refusal_is_final_or_temporary_and_a_broken_connection_is_a_doubt(book, server, error, state):
    server("send_messages", error)
    mail = make_mail()

    post(mail, book)

    assert state_of(mail) == state


def test_worker_killed_while_sending_leaves_a_doubt_that_is_never_sent_again(book, mailoutbox):
    mail = make_mail(details={"url": "http://testserver/x"})
    book[mail.subject_id, ""] = "anna@example.org"
    OutgoingMail.objects.claim(mail.pk, at=AT)

    assert dispatch.flag_mail_in_doubt(at=AT + timedelta(minutes=14)) == 0
    assert dispatch.flag_mail_in_doubt(at=AT + timedelta(minutes=16)) == 1
    assert state_of(mail) == ("ambiguous", "")
    assert not MailContent.objects.exists()
    assert dispatch.dispatch_due(at=AT + timedelta(hours=1)) == 0
    assert mailoutbox == []


def test_failure_is_logged_by_id_alone(book, caplog):
    mail = make_mail()

    dispatch.dispatch(mail.pk, at=AT)

    assert caplog.messages == [f"mail {mail.pk}: failed no_address"]


def test_beat_sends_what_the_broker_did_not_bring(book, mailoutbox):
    for number in range(3):
        mail = make_mail()
        book[mail.subject_id, ""] = f"anna{number}@example.org"

    assert send_due_mail() == 3
    assert send_due_mail() == 0
    assert len(mailoutbox) == 3
    assert django_mail.outbox is mailoutbox
